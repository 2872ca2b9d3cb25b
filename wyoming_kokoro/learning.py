"""Learns voices while nobody speaks, so that their sentences can be heard before they have been decoded whole.

For each voice in use: sentences in its language are decoded and watched, one at a time, and what follows from
them is kept on disk. Runs on the thread that speaks, which needs the model anyway, and makes way within
milliseconds for whoever wants to be spoken to.
"""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable

import torch

from wyoming_kokoro.calibration_sentences import SENTENCES
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.model import source_noise
from wyoming_kokoro.model.fast import Example, FastKokoro, StatisticsTable, learn
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.vocab import Vocab

_LOGGER = logging.getLogger(__name__)

_MAX_TABLES = 8  # of some 4 MB in memory; a home uses one or two
_FALLBACK_LANGUAGE = (
    "en-US"  # the averages that are learnt are those of sounds, so another language's sentences do
)

# The pace of what is learnt from. Mostly the usual one, but faster and slower speech is asked for, too.
_SPEEDS = (1.0, 1.0, 0.85, 1.0, 1.2)


class _SpeechWantedError(Exception):
    """Somebody wants speech."""


class VoiceLearner:
    """Tables of voices: looked up when one speaks, made when there is time.

    `make_some` belongs to the thread that speaks, and so does `table`.
    """

    def __init__(self, model: FastKokoro, voices: VoiceStore, files: TableFiles) -> None:
        self._model, self._voices, self._files = model, voices, files
        self._vocab = Vocab(model.config.vocab, model.config.max_phonemes)
        # By the voice's fingerprint, since its file may be exchanged; the least recently used first.
        self._tables: OrderedDict[str, StatisticsTable] = OrderedDict()
        self._wanted: OrderedDict[str, None] = OrderedDict()  # voices that have spoken and have no table
        self._examples: list[Example] = []  # of the first of them, in the styles with this fingerprint
        self._learning = ""
        self._hopeless: dict[str, int] = {}  # and after which look at the voices, since the next may mend it
        self._spent_s = 0.0

    def table(self, voice: str) -> StatisticsTable | None:
        """What is known of a voice; where that is nothing, it will be learnt. Raises what `VoiceStore.pack` raises.

        Only voices that are listed are learnt: a blend that somebody asks for is one of endlessly many.
        """
        fingerprint = self._voices.fingerprint(voice)
        if fingerprint in self._tables:
            self._tables.move_to_end(fingerprint)
            return self._tables[fingerprint]
        learnable = self._voices.learnable(voice)
        if learnable in self._wanted or (learnable and self._hopeless.get(learnable) == self._voices.n_scans):
            return None
        state = self._files.read(fingerprint)
        if state is None:
            if learnable is not None:
                self._wanted[learnable] = None
            return None
        return self._keep(fingerprint, StatisticsTable.from_state(state))

    def make_some(self, is_wanted: Callable[[], bool]) -> bool:
        """Learns from one more sentence, or from none where speech `is_wanted`; returns whether more is to be done."""
        if not self._wanted:
            return False
        voice = next(iter(self._wanted))
        if not self._spent_s:
            _LOGGER.info("Learning %s in idle time, so that its sentences can be heard sooner", voice)
        start = time.monotonic()
        sentences = SENTENCES.get(self._voices.language(voice), SENTENCES[_FALLBACK_LANGUAGE])
        is_learnt = False
        try:
            if self._learning != (fingerprint := self._voices.fingerprint(voice)):
                self._learning, self._examples = fingerprint, []
            self._examples.append(self._example(voice, len(self._examples), sentences, is_wanted))
            is_over = is_learnt = len(self._examples) == len(sentences)
            if is_over:
                self._finish(voice, fingerprint)
        except _SpeechWantedError:
            is_over = False
        except KokoroError as error:
            _LOGGER.warning("%s cannot be learnt, its sentences are decoded whole: %s", voice, error)
            self._hopeless[voice] = self._voices.n_scans
            is_over = True
        self._spent_s += time.monotonic() - start
        if is_over:
            if is_learnt:
                n, spent_s = len(self._examples), self._spent_s
                _LOGGER.info("Learnt %s from %d sentences in %.0f s of work", voice, n, spent_s)
            del self._wanted[voice]
            self._examples, self._spent_s = [], 0.0
        return bool(self._wanted)

    def _finish(self, voice: str, fingerprint: str) -> None:
        table = learn(self._examples)
        self._files.write(voice, fingerprint, table.state())
        self._keep(fingerprint, table)

    def _example(
        self, voice: str, index: int, sentences: tuple[str, ...], is_wanted: Callable[[], bool]
    ) -> Example:
        def make_way() -> None:
            if is_wanted():
                raise _SpeechWantedError

        make_way()
        phonemes = sentences[index]
        style = self._voices.style(voice, len(phonemes))
        token_ids = torch.tensor([self._vocab.encode(phonemes)])
        prosody = self._model.predict(token_ids, style, _SPEEDS[index % len(_SPEEDS)])
        make_way()
        noise = source_noise(self._model.config, prosody.n_frames, index, self._model.noise_columns)
        return self._model.example(prosody, style, noise, make_way)

    def _keep(self, fingerprint: str, table: StatisticsTable) -> StatisticsTable:
        self._tables[fingerprint] = table
        while len(self._tables) > _MAX_TABLES:
            self._tables.popitem(last=False)
        return table
