"""How texts are read: phonemes, token ids and style rows, worked out once and handed to every contestant.

The same reading for all keeps phonemizers out of the comparison. Written as JSON, so that a contestant that
needs no torch loads none.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:  # contestants load readings too, and are not to carry what only making them needs
    from wyoming_kokoro.store.model_files import ModelFiles


@dataclass(frozen=True)
class Run:
    """What the model takes at once."""

    phonemes: str
    token_ids: tuple[int, ...]
    """With the boundary at both ends."""

    style: tuple[float, ...]
    """A row of the voice's pack, 256 numbers."""


@dataclass(frozen=True)
class Sentence:
    """A sentence as it is written, and as the model gets it."""

    text: str
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Reading:
    """One text in one voice."""

    text: str
    """The text's name in the bench, or the text itself where it has none."""

    voice: str
    sentences: tuple[Sentence, ...]


def read(texts: Mapping[str, str], voices: Iterable[str]) -> list[Reading]:
    """Every text in every voice; texts: by name. Raises `KokoroError`."""
    from wyoming_kokoro.store import checkpoint
    from wyoming_kokoro.store.hub import Hub
    from wyoming_kokoro.store.voices import VoiceStore
    from wyoming_kokoro.text.normalize import normalize
    from wyoming_kokoro.text.phonemize import Phonemizers
    from wyoming_kokoro.text.sentences import split_sentences
    from wyoming_kokoro.text.vocab import Vocab, split_phonemes

    files = local_model()
    config = checkpoint.read_config(files.config)
    store = VoiceStore(files.voice_folders, Hub(local_files_only=True))
    phonemizers = Phonemizers(use_espeak=True)
    vocab = Vocab(config.vocab, config.max_phonemes)

    def runs(sentence: str, voice: str) -> tuple[Run, ...]:
        language = store.language(voice)
        phonemes = phonemizers.for_language(language).phonemize(normalize(sentence, language))
        return tuple(
            Run(part, tuple(vocab.encode(part)), tuple(store.style(voice, len(part))[0].tolist()))
            for part in split_phonemes(phonemes, config.max_phonemes)
        )

    return [
        Reading(name, voice, tuple(Sentence(part, runs(part, voice)) for part in split_sentences(text)))
        for voice in voices
        for name, text in texts.items()
    ]


def local_model() -> ModelFiles:
    """The model that the server on this machine would load. Raises `StoreError` where there is none."""
    from wyoming_kokoro.store.hub import Hub
    from wyoming_kokoro.store.model_files import find_model_files
    from wyoming_kokoro.store.packages import packages_dir

    return find_model_files((), Hub(local_files_only=True), packages_dir())


def save(readings: Iterable[Reading], path: Path) -> None:
    """Writes readings to a file that `load` takes."""
    path.write_text(json.dumps([asdict(reading) for reading in readings]), encoding="utf-8")


def load(path: Path) -> dict[tuple[str, str], Reading]:
    """The readings of a file by text and voice."""
    readings = [_reading(fields) for fields in json.loads(path.read_text(encoding="utf-8"))]
    return {(reading.text, reading.voice): reading for reading in readings}


def _reading(fields: dict[str, Any]) -> Reading:
    return Reading(
        fields["text"],
        fields["voice"],
        tuple(
            Sentence(
                sentence["text"],
                tuple(
                    Run(run["phonemes"], tuple(run["token_ids"]), tuple(run["style"]))
                    for run in sentence["runs"]
                ),
            )
            for sentence in fields["sentences"]
        ),
    )
