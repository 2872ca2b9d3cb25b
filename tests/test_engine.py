"""The engine's own decisions: what is spoken together, in what pieces, what is kept, what is never spoken."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch

from dev.measures import log_mel_distance_db
from wyoming_kokoro import learning, threads
from wyoming_kokoro.calibration_sentences import SENTENCES
from wyoming_kokoro.engine import KokoroEngine, _Piece
from wyoming_kokoro.errors import DeviceLostError
from wyoming_kokoro.learning import VoiceLearner
from wyoming_kokoro.loading import Loaded, load_engine, load_for_cpu
from wyoming_kokoro.model import ModelConfig
from wyoming_kokoro.pcm import silence
from wyoming_kokoro.phrase_cache import PhraseCache
from wyoming_kokoro.speech import SAMPLE_RATE_HZ, Manner, Utterance
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.lexicon import Lexicon, parse
from wyoming_kokoro.text.normalize import Normalizer
from wyoming_kokoro.text.phonemize import Phonemizers


@pytest.mark.weights
def test_utterances_spoken_together_are_those_spoken_alone() -> None:
    loaded = load_engine(local_files_only=True, cpu_threads=2, exact=True)
    utterances = [
        Utterance("Hello.", "af_heart"),
        Utterance("...", "af_heart"),
        Utterance("The blinds are closed.", "bf_emma", speed=1.2, seed=3),
    ]
    together = loaded.speak_together(utterances)
    alone = [b"".join(loaded.stream(utterance)) for utterance in utterances]
    assert [len(speech) for speech in together] == [len(speech) for speech in alone]
    assert together[1] == b""
    for ours, theirs in zip(together, alone, strict=True):
        if theirs:
            assert log_mel_distance_db(samples_of(theirs), samples_of(ours)) < 0.05
    assert loaded.speak_together(utterances[1:2]) == [b""]


class Failing:
    """A model on a device that is there no more."""

    device = torch.device("meta")

    def __init__(self, config: ModelConfig) -> None:
        self.config = config

    def predict(self, *_arguments: object) -> None:
        raise RuntimeError("CUDA error: unspecified launch failure")

    predict_batch = predict


@pytest.mark.weights
def test_a_device_that_is_lost_in_a_step_of_the_model_is_told_apart(
    model_config: ModelConfig, voice_store: VoiceStore
) -> None:
    engine = KokoroEngine(Failing(model_config), voice_store, Phonemizers(use_espeak=False))  # type: ignore[arg-type]
    hello = Utterance("Hello.", "af_heart")
    with pytest.raises(DeviceLostError, match="unspecified launch failure"):
        next(engine.stream(hello))
    with pytest.raises(DeviceLostError, match="unspecified launch failure"):
        engine.speak_together([hello, hello])


def samples_of(speech: bytes) -> torch.Tensor:
    return torch.frombuffer(bytearray(speech), dtype=torch.int16).float() / 32768


# Pieces, and what is kept ----------------------------------------------------------------------------------

LONG = "The weather today is mostly sunny with a high of seventy two degrees and a light breeze."
WITH_PAUSES = "The back door is locked, the kettle is off, and the car is charged to eighty percent by now."


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("tables")


@pytest.fixture
def engine(
    loaded: Loaded, voice_store: VoiceStore, files: Path, monkeypatch: pytest.MonkeyPatch
) -> KokoroEngine:
    """One that learns a voice from three sentences, so badly, but soon."""
    few = {"en-US": SENTENCES["en-US"][20:23]}
    monkeypatch.setattr(learning, "SENTENCES", few)
    learner = VoiceLearner(loaded.model, voice_store, TableFiles("of three sentences", files))
    return KokoroEngine(
        loaded.model, voice_store, Phonemizers(), learner=learner, cache=PhraseCache(1 << 20), model_key="it"
    )


@pytest.fixture(scope="module")
def loaded(model_files: ModelFiles, voice_store: VoiceStore) -> Loaded:
    return load_for_cpu(model_files, "auto", voice_store)


def pieces_of(engine: KokoroEngine, text: str) -> list[bytes]:
    return list(engine.stream(Utterance(text, "af_heart")))


def learn_all(engine: KokoroEngine) -> None:
    while engine.prepare(lambda: False):
        pass


def uncached(engine: KokoroEngine) -> None:
    engine._cache = PhraseCache(0)


@pytest.mark.weights
def test_a_voice_is_learnt_after_it_has_spoken_and_then_speaks_in_pieces(engine: KokoroEngine) -> None:
    uncached(engine)
    assert not engine.prepare(lambda: False)  # nobody has asked for a voice yet
    (whole,) = pieces_of(engine, LONG)  # there is no pause in it
    learn_all(engine)
    pieces = pieces_of(engine, LONG)
    assert len(pieces) > 2
    assert len(pieces[0]) < SAMPLE_RATE_HZ  # half a second of 16 bits
    assert len(b"".join(pieces)) == len(whole)


@pytest.mark.weights
def test_until_then_a_sentence_comes_from_pause_to_pause(engine: KokoroEngine, files: Path) -> None:
    for file in files.glob("*.safetensors"):
        file.unlink()
    uncached(engine)
    in_clauses = pieces_of(engine, WITH_PAUSES)
    assert len(in_clauses) > 1
    learn_all(engine)
    assert len(b"".join(pieces_of(engine, WITH_PAUSES))) == len(b"".join(in_clauses))


@pytest.mark.weights
def test_how_soon_it_is_heard_is_told_when_it_is_ready_and_when_the_voice_is_learnt(
    engine: KokoroEngine, files: Path, caplog: pytest.LogCaptureFixture
) -> None:
    for file in files.glob("*.safetensors"):
        file.unlink()
    engine.warm_up()

    def told() -> list[str]:
        return [record.message for record in caplog.records if record.name == "wyoming_kokoro.engine"]

    with caplog.at_level(logging.INFO, logger="wyoming_kokoro.engine"):
        assert engine.prepare(lambda: True)  # somebody wants to be spoken to: later
        assert not told()
        assert engine.prepare(lambda: False)
        (before,) = told()
        learn_all(engine)
    assert re.match(
        r"Measured on this machine: af_heart is heard \d+\.\d\d s after .* once the voice has been", before
    )
    (_, after) = told()
    assert re.fullmatch(
        r"Measured on this machine: af_heart is heard \d+\.\d\d s after it is asked to speak", after
    )
    assert engine.first_sound_s("af_heart") > 0


@pytest.mark.weights
def test_threads_are_spread_out_until_the_first_sound_is_made_and_no_longer(
    engine: KokoroEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    is_spread = []

    @contextmanager
    def spread_out(n_threads: int) -> Iterator[None]:
        assert n_threads == torch.get_num_threads()
        is_spread.append(True)
        yield
        is_spread[-1] = False

    monkeypatch.setattr(threads, "spread_out", spread_out)
    speak = engine._speak
    while_made = []

    def watched(phonemes: str, utterance: Utterance) -> Iterator[_Piece]:
        for piece in speak(phonemes, utterance):
            while_made.append(is_spread[-1])
            yield piece

    monkeypatch.setattr(engine, "_speak", watched)
    pieces = engine.stream(Utterance("One, two, and then the last of them.", "af_heart"))
    next(pieces)
    assert is_spread == [False]
    assert list(pieces)
    assert while_made[0]
    assert not any(while_made[1:])
    assert is_spread == [False]


@pytest.mark.weights
def test_what_was_said_before_comes_at_once_and_is_the_same(engine: KokoroEngine) -> None:
    first = pieces_of(engine, "The door is open.")
    engine.model = None  # type: ignore[assignment]  # whoever needs it now fails
    assert pieces_of(engine, "The  door is open.") == [b"".join(first)]  # normalised, it is the same text


@pytest.mark.weights
def test_what_was_not_said_to_its_end_is_not_kept(engine: KokoroEngine) -> None:
    speech = engine.stream(Utterance(WITH_PAUSES, "af_heart"))
    next(speech)
    speech.close()
    assert engine._cache.n_bytes == 0
    assert len(pieces_of(engine, WITH_PAUSES)) > 1
    assert engine._cache.n_bytes > 0


@pytest.mark.weights
def test_exact_sentences_come_whole(loaded: Loaded, voice_store: VoiceStore) -> None:
    exact = KokoroEngine(loaded.model, voice_store, Phonemizers())
    assert not exact.prepare(lambda: False)
    assert [len(pieces_of(exact, text)) for text in (LONG, WITH_PAUSES)] == [1, 1]


@pytest.mark.weights
def test_the_first_sound_is_near_the_beginning_and_nothing_of_it_is_cut_off(
    loaded: Loaded, voice_store: VoiceStore
) -> None:
    """Plosives, vowels, /h/: the near-silence goes, the sound stays."""
    exact = KokoroEngine(loaded.model, voice_store, Phonemizers())
    for word in ("Peter", "Apples", "Happy", "Tea", "Each", "Light"):
        text = f"{word} is here now."
        samples = samples_of(b"".join(pieces_of(exact, text)))
        loud = (samples.abs() > 0.01).nonzero()[0].item() / SAMPLE_RATE_HZ
        assert loud < 0.15, word
        assert samples[:24].abs().max() < 0.005, word  # it begins with quiet: nothing was cut in two
        assert samples[-24:].abs().max() < 0.005, word


# What is said of a text, without a model ---------------------------------------------------------------------


class TextOnly(KokoroEngine):
    """Notes the phonemes and the loudness it is to say, and says a sample."""

    def _speak(self, phonemes: str, utterance: Utterance) -> Iterator[_Piece]:
        self.made.append((phonemes, utterance.gain_db))
        yield _Piece(torch.tensor([0.5]).numpy(), is_last=True)

    made: list[tuple[str, float]]


class AsWritten:
    """Reads every language as it is written, with its name before it."""

    key = "as written"

    def for_language(self, language: str) -> AsWritten:
        made = AsWritten()
        made.language = language
        return made

    def phonemize(self, text: str) -> str:
        return f"{self.language}: {text}"

    language = ""


def text_only(normalizer: Normalizer | None = None) -> TextOnly:
    config = SimpleNamespace(vocab={"a": 1}, max_phonemes=510)
    voices = SimpleNamespace(
        language=lambda _voice: "en-US",
        fingerprint=lambda _voice: "it",
        manner=lambda _voice: Manner(),
        lexicon=lambda _voice: Lexicon(),
    )
    model = SimpleNamespace(config=config, device=torch.device("cpu"))
    engine = TextOnly(
        model,  # type: ignore[arg-type]
        voices,  # type: ignore[arg-type]
        AsWritten(),  # type: ignore[arg-type]
        normalizer=normalizer or Normalizer(),
        cache=PhraseCache(1 << 20),
    )
    engine.made = []
    return engine


def test_nothing_that_was_said_before_a_lexicon_changed_is_said_again() -> None:
    file = SimpleNamespace(content="")
    engine = text_only(Normalizer(lexicon=lambda: parse(file.content)))
    known = "en-US: Ask [Nguyen](//wˈɪn//)."
    for lexicon, wanted in (
        ("", known),
        ("Nguyen = win", "en-US: Ask win."),
        ("Nguyen = noo yen", "en-US: Ask noo yen."),
        ("Nguyen = /ŋwɪn/", "en-US: Ask [Nguyen](//ŋwˈɪn//)."),
    ):
        file.content = lexicon
        engine.made.clear()
        for _ in range(2):  # the second time it is what was kept
            assert len(b"".join(engine.stream(Utterance("Ask Nguyen.", "af_heart")))) == 2
        assert engine.made == [(wanted, 0.0)]


def test_language_gain_and_pause_are_the_utterances_own() -> None:
    engine = text_only()
    for utterance, wanted in (
        (Utterance("Oui.", "af_heart", language="fr-FR", gain_db=-6), ("fr-FR: Oui.", -6)),
        (Utterance("Oui.", "af_heart", language="fr-FR"), ("fr-FR: Oui.", 0)),
        (Utterance("Oui.", "af_heart"), ("en-US: Oui.", 0)),  # and not what is kept of the others
    ):
        list(engine.stream(utterance))
        assert engine.made[-1] == wanted
    after_a_pause, at_once = (
        b"".join(engine.stream(Utterance("Oui.", "af_heart", pause_before_s=pause_s))) for pause_s in (0.5, 0)
    )
    assert after_a_pause == silence(0.5) + at_once
    nothing = Utterance("", "af_heart", pause_before_s=0.5)
    assert list(engine.stream(nothing)) == engine.speak_together([nothing]) == [silence(0.5)]
