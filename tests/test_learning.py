"""Voices are learnt a sentence at a time, kept, and never at the cost of somebody who waits for speech.

With a toy model and four sentences.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from toy_model import CONFIG, made_up, style_row

from wyoming_kokoro import learning
from wyoming_kokoro.errors import HubError
from wyoming_kokoro.learning import VoiceLearner
from wyoming_kokoro.model.fast import Backend, FastKokoro, StatisticsTable, prepare
from wyoming_kokoro.model.fast.blocks import SnakeConvolution
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.voices import VoiceStore

SENTENCES = {"en-US": ("ab", "abba", "babab", "aabb"), "fr-FR": ("a", "b", "aba")}
N_SENTENCES = 4


class Voices(VoiceStore):
    """Any voice there is a name for; those that begin with an f are French, with an x nobody's."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, int]] = []
        self.fail: set[str] = set()
        self._n_scans = 1

    def learnable(self, name: str) -> str | None:
        return None if "+" in name else name.partition("@")[0]

    def language(self, name: str) -> str:
        return {"f": "fr-FR", "x": "tlh"}.get(name[0], "en-US")

    def fingerprint(self, name: str) -> str:
        return f"styles of {name.partition('@')[0]}"

    def style(self, name: str, n_phonemes: int) -> Tensor:
        if name in self.fail:
            raise HubError(f"no {name} here")
        self.asked.append((name, n_phonemes))
        return style_row(seed=sum(name.encode()))


@pytest.fixture(scope="module")
def model() -> FastKokoro:
    return FastKokoro(CONFIG, prepare(made_up().state_dict(), CONFIG), Backend(TorchKernels()))


@pytest.fixture(autouse=True)
def _sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(learning, "SENTENCES", SENTENCES)


@pytest.fixture
def voices() -> Voices:
    return Voices()


@pytest.fixture
def files(tmp_path: Path) -> TableFiles:
    return TableFiles("a toy", tmp_path / "voices")


@pytest.fixture
def learner(model: FastKokoro, voices: Voices, files: TableFiles) -> VoiceLearner:
    return VoiceLearner(model, voices, files)


def nobody() -> bool:
    return False


def somebody() -> bool:
    return True


def learn_all(learner: VoiceLearner) -> int:
    """Returns how many calls it took."""
    for n_calls in range(1, 200):
        if not learner.make_some(nobody):
            return n_calls
    raise AssertionError("it never ends")


def assert_same(ours: StatisticsTable | None, theirs: StatisticsTable | None) -> None:
    assert ours is not None
    assert theirs is not None
    for name, tensor in theirs.state().items():
        assert torch.equal(ours.state()[name], tensor)


class Impatient:
    """Wants speech once it has been asked so many times; counts the layers that are run all the while."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, n_patient: int | None = None) -> None:
        self.n_asked = 0
        self.layers_between = [0]
        self._n_patient = n_patient
        run = SnakeConvolution.__call__

        def counted(layer: SnakeConvolution, *arguments: Any, **options: Any) -> Any:
            self.layers_between[-1] += 1
            return run(layer, *arguments, **options)

        monkeypatch.setattr(SnakeConvolution, "__call__", counted)

    def __call__(self) -> bool:
        self.n_asked += 1
        self.layers_between.append(0)
        return self._n_patient is not None and self.n_asked > self._n_patient


# Learning ------------------------------------------------------------------------------------------------------


def test_a_voice_is_learnt_once_it_has_been_asked_for(
    learner: VoiceLearner, caplog: pytest.LogCaptureFixture
) -> None:
    assert not learner.make_some(nobody)
    assert learner.table("heart") is None
    with caplog.at_level(logging.INFO):
        for _ in range(N_SENTENCES - 1):
            assert learner.make_some(nobody)
            assert learner.table("heart") is None
        assert not learner.make_some(nobody)
    table = learner.table("heart")
    assert table is not None
    assert all(tensor.isfinite().all() for tensor in table.state().values())
    assert not learner.make_some(nobody)
    first, last = caplog.messages
    assert first.startswith("Learning heart in idle time")
    assert last.startswith("Learnt heart from 4 sentences in ")


def test_each_sentence_is_spoken_in_the_voices_style_for_it(learner: VoiceLearner, voices: Voices) -> None:
    learner.table("heart")
    learn_all(learner)
    assert voices.asked == [("heart", len(sentence)) for sentence in SENTENCES["en-US"]]


@pytest.mark.parametrize(("voice", "language"), [("french", "fr-FR"), ("x-ray", "en-US")])
def test_sentences_are_in_the_voices_language_or_in_english(
    voice: str, language: str, learner: VoiceLearner, voices: Voices
) -> None:
    learner.table(voice)
    assert learn_all(learner) == len(SENTENCES[language])
    assert voices.asked == [(voice, len(sentence)) for sentence in SENTENCES[language]]


def test_what_was_learnt_foresees_what_is_spoken(learner: VoiceLearner, model: FastKokoro) -> None:
    learner.table("heart")
    learn_all(learner)
    table = learner.table("heart")
    assert table is not None
    assert len(table.average) == 2 * sum(model._generator.widths)
    assert table.average.std() > 0


def test_voices_are_learnt_one_after_the_other(learner: VoiceLearner, voices: Voices) -> None:
    assert learner.table("heart") is None
    assert learner.table("french") is None
    learner.make_some(nobody)
    assert learner.table("heart") is None
    assert learn_all(learner) == 3 + 3
    assert [name for name, _ in voices.asked] == ["heart"] * 4 + ["french"] * 3
    heart, french = learner.table("heart"), learner.table("french")
    assert heart is not None
    assert french is not None
    assert not torch.equal(heart.average, french.average)


def test_a_voice_is_learnt_the_same_whoever_came_before(
    learner: VoiceLearner, model: FastKokoro, files: TableFiles, tmp_path: Path
) -> None:
    for voice in ("french", "heart"):
        learner.table(voice)
    learn_all(learner)
    alone = VoiceLearner(model, Voices(), TableFiles("a toy", tmp_path / "elsewhere"))
    alone.table("heart")
    learn_all(alone)
    assert_same(learner.table("heart"), alone.table("heart"))


def test_a_blend_that_somebody_asks_for_is_never_learnt(learner: VoiceLearner, voices: Voices) -> None:
    for number in range(50):
        assert learner.table(f"heart({number})+french") is None
    assert not learner.make_some(nobody)
    assert voices.asked == []


def test_a_voice_at_another_speed_is_learnt_as_the_voice(learner: VoiceLearner) -> None:
    assert learner.table("heart@1.2") is None
    assert learner.table("heart@0.9") is None
    assert learn_all(learner) == N_SENTENCES
    assert learner.table("heart@1.2") is learner.table("heart") is not None


def test_a_blend_uses_what_is_known_of_its_styles(
    learner: VoiceLearner, files: TableFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.table("heart")
    learn_all(learner)
    monkeypatch.setattr(Voices, "fingerprint", lambda self, name: "styles of heart")
    assert learner.table("heart(2)+french(0)") is learner.table("heart")


# Keeping -------------------------------------------------------------------------------------------------------


def test_what_was_learnt_is_found_by_the_next_process(
    learner: VoiceLearner, model: FastKokoro, tmp_path: Path
) -> None:
    learner.table("heart")
    learn_all(learner)
    voices = Voices()
    other = VoiceLearner(model, voices, TableFiles("a toy", tmp_path / "voices"))
    assert_same(other.table("heart"), learner.table("heart"))
    assert not other.make_some(nobody)
    assert voices.asked == []
    assert other.table("french") is None


def test_another_model_learns_anew(learner: VoiceLearner, model: FastKokoro, tmp_path: Path) -> None:
    learner.table("heart")
    learn_all(learner)
    other = VoiceLearner(model, Voices(), TableFiles("another toy", tmp_path / "voices"))
    assert other.table("heart") is None
    assert learn_all(other) == N_SENTENCES


def test_what_cannot_be_kept_serves_this_process(
    model: FastKokoro, voices: Voices, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "voices").write_text("not a folder")
    learner = VoiceLearner(model, voices, TableFiles("a toy", tmp_path / "voices"))
    learner.table("heart")
    learn_all(learner)
    assert learner.table("heart") is not None
    assert any("What was learnt of heart cannot be kept" in message for message in caplog.messages)


def test_a_few_tables_are_in_memory_the_rest_on_disk(
    learner: VoiceLearner, model: FastKokoro, files: TableFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"voice{number}" for number in range(10)]
    learner.table(names[0])
    learn_all(learner)
    table = learner.table(names[0])
    assert table is not None
    for name in names[1:]:
        files.write(name, f"styles of {name}", table.state())
    read: list[str] = []
    find = files.read

    def noting(fingerprint: str) -> dict[str, Tensor] | None:
        read.append(fingerprint.rsplit(maxsplit=1)[-1])
        return find(fingerprint)

    monkeypatch.setattr(files, "read", noting)
    for name in names[:8]:
        assert learner.table(name) is not None
    assert read == names[1:8]
    learner.table(names[0])  # and so is used last
    learner.table(names[8])
    assert len(learner._tables) == 8
    read.clear()
    for name in (names[0], *names[2:9]):
        assert learner.table(name) is not None
    assert read == []
    assert learner.table(names[1]) is not None
    assert read == [names[1]]
    assert not learner.make_some(nobody)


# Making way ------------------------------------------------------------------------------------------------------


def test_whoever_wants_speech_is_let_go_first(learner: VoiceLearner, voices: Voices) -> None:
    learner.table("heart")
    for _ in range(5):
        assert learner.make_some(somebody)
    assert voices.asked == []
    assert learn_all(learner) == N_SENTENCES


def test_an_interruption_loses_no_sentence_that_is_done(
    learner: VoiceLearner, model: FastKokoro, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    learner.table("heart")
    learner.make_some(nobody)
    learner.make_some(nobody)
    for n_patient in (0, 1, 2, 10, 30):
        with monkeypatch.context() as patch:
            assert learner.make_some(Impatient(patch, n_patient))
        assert learner.table("heart") is None
    assert learn_all(learner) == N_SENTENCES - 2
    undisturbed = VoiceLearner(model, Voices(), TableFiles("a toy", tmp_path / "elsewhere"))
    undisturbed.table("heart")
    learn_all(undisturbed)
    assert_same(learner.table("heart"), undisturbed.table("heart"))


def test_it_asks_every_few_layers(
    learner: VoiceLearner, model: FastKokoro, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.table("heart")
    patient = Impatient(monkeypatch)
    learner.make_some(patient)
    assert sum(patient.layers_between) == len(model._generator.widths)
    assert max(patient.layers_between) <= 2
    assert patient.n_asked > len(model._generator.widths)


@pytest.mark.parametrize("n_patient", [0, 1, 2, 3, 20, 47])
def test_once_speech_is_wanted_nothing_more_is_computed(
    n_patient: int, learner: VoiceLearner, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner.table("heart")
    impatient = Impatient(monkeypatch, n_patient)
    assert learner.make_some(impatient)
    assert impatient.n_asked == n_patient + 1
    assert impatient.layers_between[-1] == 0


# What cannot be learnt -----------------------------------------------------------------------------------------


def test_a_voice_that_cannot_be_had_is_given_up_with_one_warning(
    learner: VoiceLearner, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    voices.fail.add("broken")
    assert learner.table("broken") is None
    assert learner.table("heart") is None
    assert learn_all(learner) == 1 + N_SENTENCES
    for _ in range(3):
        assert learner.table("broken") is None
        assert not learner.make_some(nobody)
    warnings = [each.getMessage() for each in caplog.records if each.levelno >= logging.WARNING]
    assert warnings == ["broken cannot be learnt, its sentences are decoded whole: no broken here"]
    assert learner.table("heart") is not None


def test_a_voice_that_was_mended_is_tried_again(
    learner: VoiceLearner, voices: Voices, caplog: pytest.LogCaptureFixture
) -> None:
    voices.fail.add("broken")
    learner.table("broken")
    learn_all(learner)
    voices.fail.clear()
    assert learner.table("broken") is None
    assert not learner.make_some(nobody)
    voices._n_scans += 1
    learner.table("broken")
    assert learn_all(learner) == N_SENTENCES
    assert learner.table("broken") is not None


def test_a_voice_that_is_lost_half_way_leaves_nothing_to_the_next(
    learner: VoiceLearner, voices: Voices, model: FastKokoro, tmp_path: Path
) -> None:
    learner.table("broken")
    learner.table("heart")
    learner.make_some(nobody)
    voices.fail.add("broken")
    assert learn_all(learner) == 1 + N_SENTENCES
    alone = VoiceLearner(model, Voices(), TableFiles("a toy", tmp_path / "elsewhere"))
    alone.table("heart")
    learn_all(alone)
    assert_same(learner.table("heart"), alone.table("heart"))


def test_a_voice_whose_file_was_exchanged_is_learnt_anew(
    model: FastKokoro, voices: Voices, files: TableFiles, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = VoiceLearner(model, voices, files)
    assert learner.table("af_heart") is None
    learn_all(learner)
    assert learner.table("af_heart") is not None
    monkeypatch.setattr(voices, "fingerprint", lambda name: f"{name}, another")
    assert learner.table("af_heart") is None
    assert learner.make_some(nobody)
