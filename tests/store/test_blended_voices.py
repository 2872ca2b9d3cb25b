"""Voices mixed of others: what is in them, what they speak, what they cost, and what strangers cannot do with them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor

from wyoming_kokoro.errors import BlendError, KokoroError, UnknownVoiceError, VoiceFileError
from wyoming_kokoro.speech import Manner
from wyoming_kokoro.store import voices
from wyoming_kokoro.store.catalogue import OFFICIAL_VOICES
from wyoming_kokoro.store.voices import VoiceStore

NAMES = ("af_bella", "af_sky", "bm_george", "narrator")


def pack(seed: int, rows: int = 510) -> Tensor:
    return torch.randn(rows, 1, 256, generator=torch.Generator().manual_seed(seed))


PACKS = {name: pack(seed) for seed, name in enumerate(NAMES)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "voices"
    path.mkdir()
    for name, styles in PACKS.items():
        torch.save(styles, path / f"{name}.pt")
    return path


@pytest.fixture
def store(folder: Path) -> VoiceStore:
    return VoiceStore((folder,), None)


@pytest.mark.parametrize(
    ("name", "shares"),
    [
        ("af_bella(2)+af_sky(1)", {"af_bella": 2 / 3, "af_sky": 1 / 3}),
        ("af_bella:60,af_sky:40", {"af_bella": 0.6, "af_sky": 0.4}),
        ("af_bella(2)-af_sky(0.5)", {"af_bella": 4 / 3, "af_sky": -1 / 3}),
        ("af_bella(-3)", {"af_bella": 1}),
        ("af_bella+af_bella+af_sky+narrator", {"af_bella": 0.5, "af_sky": 0.25, "narrator": 0.25}),
    ],
)
def test_shares_are_the_weights_over_their_sum(
    store: VoiceStore, name: str, shares: dict[str, float]
) -> None:
    assert store.resolve(name) == name
    expected = sum((share * PACKS[voice] for voice, share in shares.items()), torch.zeros(510, 1, 256))
    torch.testing.assert_close(store.pack(name), expected)
    assert store.style(name, 7).shape == (1, 256)


def test_timbre_of_one_and_manner_of_another(store: VoiceStore) -> None:
    mixed = store.pack("af_bella(3)+af_sky(1)|bm_george")
    torch.testing.assert_close(
        mixed[..., :128], (0.75 * PACKS["af_bella"] + 0.25 * PACKS["af_sky"])[..., :128]
    )
    assert torch.equal(mixed[..., 128:], PACKS["bm_george"][..., 128:])


def test_a_blend_of_one_voice_has_its_very_styles(store: VoiceStore) -> None:
    for name in ("af_bella@1.2", "af_bella(7)", "af_bella|af_bella"):
        assert store.fingerprint(name) == store.fingerprint("af_bella")
        assert store.learnable(name) == "af_bella"


def test_a_short_voices_last_row_is_mixed_into_longer_ones(folder: Path) -> None:
    torch.save(pack(9, rows=3), folder / "short.pt")
    mixed = VoiceStore((folder,), None).pack("short+af_sky")
    torch.testing.assert_close(mixed[:3], (pack(9, rows=3) + PACKS["af_sky"][:3]) / 2)
    torch.testing.assert_close(mixed[3:], (pack(9, rows=3)[2:] + PACKS["af_sky"][3:]) / 2)


@pytest.mark.parametrize(
    ("name", "language", "speed"),
    [
        ("af_bella+bm_george", "en-US", 1),
        ("bm_george+af_bella", "en-GB", 1),
        ("af_bella|bm_george@1.2", "en-GB", 1.2),
        ("ff_siwis(0.2)+af_bella(0.8)@0.5", "fr-FR", 0.5),
        ("narrator@2", "en-US", 2),
    ],
)
def test_a_blend_speaks_the_language_of_its_manners_first_voice(
    store: VoiceStore, name: str, language: str, speed: float
) -> None:
    assert store.language(name) == language
    assert store.manner(name) == Manner(speed=speed)


def test_an_unknown_voice_is_named_with_its_place_and_near_ones(store: VoiceStore) -> None:
    with pytest.raises(
        UnknownVoiceError, match=r"'af_skye' \(character 13 of 'af_bella\(2\)\+af_skye'\)"
    ) as caught:
        store.resolve("af_bella(2)+af_skye")
    assert caught.value.did_you_mean[0] == "af_sky"
    with pytest.raises(UnknownVoiceError):
        store.pack("af_bella(2)+af_skye")
    for name in ("af_bella+..", "af_bella+../af_sky"):
        with pytest.raises(KokoroError):
            store.resolve(name)


@pytest.mark.parametrize("name", ["af_bella+", "af_bella(1)-af_sky(1)", "af_bella@9", "a+" * 1000, "|"])
def test_what_cannot_be_read_is_refused(store: VoiceStore, name: str) -> None:
    with pytest.raises(BlendError) as caught:
        store.resolve(name)
    assert len(str(caught.value)) < 500


def test_a_voice_that_cannot_be_had_is_told_by_its_file(folder: Path) -> None:
    (folder / "af_sky.pt").write_bytes(b"nothing")
    with pytest.raises(VoiceFileError, match=r"af_sky\.pt"):
        VoiceStore((folder,), None).pack("af_bella+af_sky")


def test_a_blend_is_not_listed_unless_it_is_the_default_voice(folder: Path) -> None:
    store = VoiceStore((folder,), None, "af_bella(2)+af_sky(1)")
    assert store.resolve(None) == store.resolve(None, "en") == "af_bella(2)+af_sky(1)"
    assert store.learnable("af_bella(2)+af_sky(1)") is not None
    (first, *_) = store.voices()
    assert first.name == "af_bella(2)+af_sky(1)"
    assert first.label == min(each.label for each in store.voices() if each.language == "en-US")
    torch.testing.assert_close(
        store.pack("af_bella(2)+af_sky(1)"), 2 / 3 * PACKS["af_bella"] + 1 / 3 * PACKS["af_sky"]
    )
    assert (
        VoiceStore((folder,), None, "bm_george+af_bella@1.2").resolve(None, "en") == "bm_george+af_bella@1.2"
    )
    store.resolve("af_bella+af_sky")
    assert "af_bella+af_sky" not in {each.name for each in store.voices()}


@pytest.mark.parametrize("default", ["af_bella+", "af_bella+nobody", "af_bella(1)-af_sky(1)"])
def test_a_default_blend_that_is_none_is_refused(folder: Path, default: str) -> None:
    with pytest.raises(KokoroError, match="af_bella"):
        VoiceStore((folder,), None, default)


def test_blends_without_end_are_not_remembered(store: VoiceStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "_MAX_FINGERPRINTS", 20)
    for number in range(100):
        name = f"af_bella:{number},af_sky:1"
        store.fingerprint(name)
        assert store.learnable(name) is None  # a stranger's blend is no work for the hours of rest
    assert len(store._packs) == 8
    assert len(store._fingerprints) == 20
    assert len(store.voices()) == len(OFFICIAL_VOICES) + 1  # the narrator


def test_a_changed_voice_changes_its_blends(store: VoiceStore, folder: Path) -> None:
    before = store.fingerprint("af_bella+af_sky")
    torch.save(pack(77), folder / "new.pt")
    (folder / "new.pt").replace(folder / "af_sky.pt")
    assert store.has_changed()
    store.rescan()
    assert not store.has_changed()
    assert store.fingerprint("af_bella+af_sky") != before
    torch.testing.assert_close(store.pack("af_bella+af_sky"), (PACKS["af_bella"] + pack(77)) / 2)
