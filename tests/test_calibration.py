"""What 8-bit weights are fitted to: every voice that can be had, and at the least the default one."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch
from torch import Tensor

from wyoming_kokoro import calibration
from wyoming_kokoro.calibration import calibration_speech
from wyoming_kokoro.errors import HubError, OfflineError
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.vocab import MAX_PHONEMES

WANTED = calibration._VOICES


class HubWith(Hub):
    """A hub that has some voices, in a folder, and no others."""

    def __init__(self, folder: Path, names: tuple[str, ...]) -> None:
        super().__init__(cache_dir=folder)
        for index, name in enumerate(names):
            random = torch.Generator().manual_seed(index)
            torch.save(torch.randn(510, 1, 256, generator=random), folder / f"{name}.pt")

    def voice(self, name: str) -> Path:
        path = self.cache_dir / f"{name}.pt"
        if not path.is_file():
            raise HubError(f"no {name} here")
        return path


def speech_with(
    folder: Path, *names: str, default: str = "af_heart"
) -> tuple[VoiceStore, list[tuple[str, Tensor]]]:
    voices = VoiceStore((), HubWith(folder, names), default_voice=default)
    return voices, list(calibration_speech(voices))


def speakers(voices: VoiceStore, speech: list[tuple[str, Tensor]], names: tuple[str, ...]) -> list[str]:
    """Whose style goes with each sentence."""
    return [
        next(name for name in names if torch.equal(style, voices.style(name, len(phonemes))))
        for phonemes, style in speech
    ]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_every_voice_speaks_and_as_often(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    voices, speech = speech_with(tmp_path, *WANTED)
    heard = speakers(voices, speech, WANTED)
    assert {heard.count(name) for name in WANTED} == {len(speech) // len(WANTED)}
    assert warnings_in(caplog) == []


def test_styles_are_those_of_the_sentences_lengths(tmp_path: Path) -> None:
    _, speech = speech_with(tmp_path, *WANTED)
    assert len({len(phonemes) for phonemes, _ in speech}) > 8
    assert all(style.shape == (1, 256) for _, style in speech)


@pytest.mark.parametrize("missing", [("zm_yunxi",), ("am_adam", "jf_alpha", "ef_dora")])
def test_what_cannot_be_had_is_left_out_with_one_warning(
    missing: tuple[str, ...], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = tuple(name for name in WANTED if name not in missing)
    voices, speech = speech_with(tmp_path, *there)
    assert set(speakers(voices, speech, there)) == set(there)
    (warning,) = warnings_in(caplog)
    assert warning.startswith(f"8-bit weights are fitted without {', '.join(missing)}, which cannot be had")


def test_the_default_voice_is_enough(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    voices, speech = speech_with(tmp_path, "af_heart")
    assert len(speech) >= 16
    assert set(speakers(voices, speech, ("af_heart",))) == {"af_heart"}
    assert len(warnings_in(caplog)) == 1


def test_a_default_voice_of_the_users_is_among_them(tmp_path: Path) -> None:
    voices, speech = speech_with(tmp_path, *WANTED, "bm_lewis", default="bm_lewis")
    heard = speakers(voices, speech, (*WANTED, "bm_lewis"))
    assert heard[0] == "bm_lewis"
    assert set(heard) == {*WANTED, "bm_lewis"}


def test_without_the_default_voice_there_is_nothing_to_fit(tmp_path: Path) -> None:
    with pytest.raises(HubError, match="no af_heart here"):
        speech_with(tmp_path, "am_adam")
    with pytest.raises(OfflineError, match="af_heart"):
        list(calibration_speech(VoiceStore((), None)))


@pytest.mark.weights
def test_the_model_has_a_sound_for_every_symbol(vocab: dict[str, int]) -> None:
    for phonemes in calibration._SENTENCES:
        assert 0 < len(phonemes) <= MAX_PHONEMES
        assert set(phonemes) <= vocab.keys()
