"""`voices.toml`: presets are voices like others, and what is wrong is told by preset and key."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
import torch

from wyoming_kokoro.errors import PresetError, UnknownVoiceError
from wyoming_kokoro.speech import Manner, VoiceInfo
from wyoming_kokoro.store.catalogue import LANGUAGE_LABELS, OFFICIAL_VOICES
from wyoming_kokoro.store.presets import read_presets
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text import phonemize

CALM = """
[calm]
blend = "af_bella(2)+af_sky(1)@0.8"
speed = 0.9
volume = -3
pause = 0.4
language = "en_gb"
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "voices.toml"


def store_with(path: Path, text: str, default: str = "af_heart") -> VoiceStore:
    path.write_text(text, encoding="utf-8")
    return VoiceStore((path.parent / "voices",), None, default, (path,))


def names(store: VoiceStore) -> set[str]:
    return {voice.name for voice in store.voices()}


def add_voices(path: Path, *voices: str) -> None:
    folder = path.parent / "voices"
    folder.mkdir(exist_ok=True)
    for seed, voice in enumerate(voices):
        torch.save(
            torch.randn(510, 1, 256, generator=torch.Generator().manual_seed(seed)), folder / f"{voice}.pt"
        )


def test_a_preset_is_a_voice_with_a_manner_of_its_own(path: Path) -> None:
    store = store_with(path, CALM)
    assert VoiceInfo("calm", "Calm (British English)", "en-GB") in store.voices()
    assert store.resolve("calm") == "calm"
    assert store.language("calm") == "en-GB"
    assert store.manner("calm") == Manner(speed=0.9 * 0.8, gain_db=-3, pause_s=0.4)
    assert store.learnable("calm") == "calm"


def test_it_sounds_as_its_blend(path: Path) -> None:
    add_voices(path, "af_bella", "af_sky", "bm_george")
    store = store_with(path, CALM)
    assert torch.equal(store.pack("calm"), store.pack("af_bella(2)+af_sky(1)"))
    assert store.fingerprint("calm") == store.fingerprint("af_bella(2)+af_sky(1)")


def test_a_preset_can_be_blended_and_hurried(path: Path) -> None:
    add_voices(path, "af_bella", "af_sky", "bm_george")
    store = store_with(path, CALM)
    assert store.manner("calm@1.5").speed == pytest.approx(0.9 * 0.8 * 1.5)
    assert store.manner("calm@1.5").pause_s == 0.4
    assert store.manner("calm+bm_george") == Manner()
    torch.testing.assert_close(
        store.pack("calm+bm_george"), (store.pack("calm") + store.pack("bm_george")) / 2
    )
    assert store.language("calm+bm_george") == "en-GB"


def test_a_voice_of_ones_own_is_told_its_language_and_manner(path: Path) -> None:
    add_voices(path, "narrator")
    store = store_with(path, '[narrator]\nlanguage = "it-IT"\nspeed = 1.1\n[af_heart]\nvolume = 2\n')
    assert VoiceInfo("narrator", "Narrator (Italian)", "it-IT") in store.voices()
    assert store.language("narrator") == store.language("narrator@1.2") == "it-IT"
    assert store.manner("narrator") == Manner(speed=1.1)
    assert store.manner("af_heart") == Manner(gain_db=2)
    assert store.language("af_heart") == "en-US"


def test_a_fine_tunes_voice_is_told_a_language_that_the_model_has_not(path: Path) -> None:
    add_voices(path, "anna", "hans")
    store = store_with(path, '[anna]\nlanguage = "de-DE"\n[hans]\nlanguage = "de_de"\n')
    assert VoiceInfo("anna", "(default) Anna (German)", "de-DE", True) in store.voices()
    assert VoiceInfo("hans", "Hans (German)", "de-DE") in store.voices()
    assert store.resolve(None, "de") == store.resolve(None, "de_AT") == "anna"
    assert store.language("hans|anna") == "de-DE"


def test_what_a_voice_may_speak_is_read() -> None:
    assert set(LANGUAGE_LABELS) == {*phonemize.LANGUAGES, *phonemize.FURTHER_LANGUAGES}


def test_a_preset_may_be_the_default_voice(path: Path) -> None:
    store = store_with(path, CALM, default="calm")
    assert store.resolve(None) == "calm"
    assert store.resolve(None, "en") == "calm"  # it is British
    assert VoiceInfo("calm", "(default) Calm (British English)", "en-GB", True) in store.voices()


def test_the_first_file_wins(tmp_path: Path) -> None:
    paths = [tmp_path / "one.toml", tmp_path / "two.toml"]
    for path, voice in zip(paths, ("af_sky", "bf_emma"), strict=True):
        path.write_text(f'[mine]\nblend = "{voice}"\n')
    assert VoiceStore((), None, preset_files=paths).language("mine") == "en-US"
    assert VoiceStore((), None, preset_files=paths[::-1]).language("mine") == "en-GB"


@pytest.mark.parametrize(
    ("table", "message"),
    [
        ('[x]\nblend = "af_belle"', "preset x: blend: There is no voice 'af_belle' (character 1). Did you mean af_bella"),
        ('[x]\nblend = "af_bella(2"', "preset x: blend: The voice 'af_bella(2' cannot be read at character 11"),
        ('[x]\nblend = "af_sky(1)-af_bella(1)"', "preset x: blend: The voice 'af_sky(1)-af_bella(1)' cannot be read"),
        ("[x]\nblend = 3", "preset x: blend: 3 is no text"),
        ("[x]\nspeed = 1", "preset x: blend: it is missing"),
        ("[af_hart]\nspeed = 1", "Did you mean af_heart"),
        ('[af_heart]\nblend = "af_sky"', "preset af_heart: blend: there is a voice of this name already"),
        ('[x]\nblend = "good"', "preset x: blend: good is a preset itself"),
        ('[x]\nblend = "af_sky"\nspeed = 3', "preset x: speed: 3 will not do; give a number from 0.5 to 2"),
        ('[x]\nblend = "af_sky"\nspeed = true', "preset x: speed: True will not do"),
        ('[x]\nblend = "af_sky"\nspeed = "1"', "preset x: speed: '1' will not do"),
        ('[x]\nblend = "af_sky"\nspeed = nan', "preset x: speed: nan will not do"),
        ('[x]\nblend = "af_sky"\nvolume = 30', "preset x: volume: 30 will not do; give a number from -40 to 20"),
        ('[x]\nblend = "af_sky"\npause = -1', "preset x: pause: -1 will not do; give a number from 0 to 60"),
        ('[x]\nblend = "af_sky"\nlanguage = "tlh"', "preset x: language: 'tlh' is no language of a voice; there are en-US,"),
        ('[x]\nblend = "af_sky"\nlexicon = 3', "preset x: lexicon: 3 is no name of a file"),
        ('[x]\nblend = "af_sky"\nlexicon = "no.txt"', "preset x: lexicon: there is no file "),
        ('[x]\nblend = "af_sky"\nlexicon = "voices.toml"', "voices.toml: line 1: '[x]' is no entry"),
        ('[x]\nblend = "af_sky"\nspead = 1', "preset x: spead: there is no such key; did you mean speed?"),
        ('[x]\nblend = "af_sky"\nzzz = 1', "preset x: zzz: there is no such key; there are blend, speed,"),
        ('["a b"]\nblend = "af_sky"', "there can be no preset 'a b': a name is made of letters"),
        ('["a+b"]\nblend = "af_sky"', "there can be no preset 'a+b'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_and_the_rest_speaks(
    path: Path, caplog: pytest.LogCaptureFixture, table: str, message: str
) -> None:
    store = store_with(path, f'{table}\n[good]\nblend = "af_sky"\n')
    assert names(store) == {*OFFICIAL_VOICES, "good"}
    [warning] = [record.getMessage() for record in caplog.records]
    assert message in warning
    assert str(path) in warning


def test_all_that_is_wrong_with_a_preset_is_told_at_once(path: Path) -> None:
    path.write_text('[x]\nblend = ""\nspeed = 0\nvoice = 1\n')
    found = read_presets(path)
    assert found.presets == {}
    assert [str(fault).split(": ")[2] for fault in found.faults] == ["blend", "speed", "voice"]


def test_what_is_no_table_is_told(path: Path) -> None:
    path.write_text('speed = 1\n[good]\nblend = "af_sky"\n')
    found = read_presets(path)
    assert list(found.presets) == ["good"]
    assert "speed = 1 is no preset; a preset begins with its name, as in [calm]" in str(found.faults[0])


@pytest.mark.parametrize("content", [b"[calm\n", b"\xff\xfe", b"[a]\n[a]\n"])
def test_a_file_that_is_no_toml_is_told(path: Path, content: bytes, caplog: pytest.LogCaptureFixture) -> None:
    path.write_bytes(content)
    with pytest.raises(PresetError, match=r"voices\.toml"):
        read_presets(path)
    store = VoiceStore((), None, preset_files=(path,))  # a slip keeps no server from starting
    assert names(store) == set(OFFICIAL_VOICES)
    assert "voices.toml" in caplog.text


# Words of its own -----------------------------------------------------------------------------------------------

WITH_WORDS = '[calm]\nblend = "af_sky"\nlexicon = "words/calm.txt"\n'


@pytest.fixture
def words(path: Path) -> Path:
    (path.parent / "words").mkdir()
    return path.parent / "words" / "calm.txt"


def said(store: VoiceStore, voice: str, text: str = "Nguyen") -> str:
    return store.lexicon(voice).apply(text, store.language(voice))


def test_a_preset_has_words_of_its_own(path: Path, words: Path) -> None:
    words.write_text("Nguyen = win\n[fr] a = b\n")
    store = store_with(path, WITH_WORDS)
    assert said(store, "calm") == said(store, "calm@1.2") == "win"
    assert said(store, "calm", "a") == "a"
    assert (
        said(store, "af_sky") == said(store, "calm+af_sky") == "Nguyen"
    )  # a blend has no manner of its own either


def test_its_words_are_read_anew_and_a_slip_leaves_those_there_were(
    path: Path, words: Path, caplog: pytest.LogCaptureFixture
) -> None:
    words.write_text("Nguyen = win")
    store = store_with(path, WITH_WORDS)
    assert not store.has_changed()
    words.write_text("Nguyen = noo yen")
    assert store.has_changed()
    store.rescan()
    assert not store.has_changed()
    assert said(store, "calm") == "noo yen"
    words.write_text("Nguyen = win\nSiobhan")
    store.rescan()
    assert f"preset calm: lexicon: {words}: line 2: 'Siobhan' is no entry" in caplog.text
    assert said(store, "calm") == "noo yen"
    assert not store.has_changed()  # which is told once, not at every look
    words.unlink()
    assert store.has_changed()
    store.rescan()
    assert f"there is no file {words}" in caplog.text
    assert said(store, "calm") == "noo yen"


def test_a_file_of_words_that_comes_later_brings_its_preset(path: Path, words: Path) -> None:
    store = store_with(path, WITH_WORDS)
    assert "calm" not in names(store)
    words.write_text("Nguyen = win")
    assert store.has_changed()
    store.rescan()
    assert said(store, "calm") == "win"


def test_words_with_sounds_that_the_model_lacks_are_told(
    path: Path, words: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path.write_text(WITH_WORDS)
    words.write_text("a = b\nc = /ʕ/")
    store = VoiceStore((), None, preset_files=(path,), symbols=frozenset("abc"))
    assert "line 2: the voices have no sound for ʕ" in caplog.text
    assert names(store) == set(OFFICIAL_VOICES)


# Looking anew --------------------------------------------------------------------------------------------------


def test_presets_come_change_and_go(path: Path) -> None:
    add_voices(path, "af_bella", "af_sky")
    store = VoiceStore((path.parent / "voices",), None, preset_files=(path,))
    assert not store.has_changed()
    path.write_text('[mine]\nblend = "af_bella"\nspeed = 1.5\n')
    assert store.has_changed()
    store.rescan()
    assert not store.has_changed()
    before = store.fingerprint("mine")
    path.write_text('[mine]\nblend = "af_sky"\n')
    assert store.has_changed()
    store.rescan()
    assert store.fingerprint("mine") == store.fingerprint("af_sky") != before
    assert store.manner("mine") == Manner()
    path.unlink()
    assert store.has_changed()
    store.rescan()
    assert names(store) == set(OFFICIAL_VOICES)
    with pytest.raises(UnknownVoiceError):
        store.resolve("mine")


def test_a_slip_leaves_the_presets_as_they_were(path: Path) -> None:
    store = store_with(path, CALM)
    path.write_text(CALM + "[oops")
    assert store.has_changed()
    with pytest.raises(PresetError, match="no TOML"):
        store.rescan()
    assert "calm" in names(store)
    assert not store.has_changed()  # which is told once, not at every look


@pytest.mark.parametrize("change", ["add", "exchange", "remove", "new folder"])
def test_every_change_of_a_voices_file_is_noticed(path: Path, change: str) -> None:
    add_voices(path, "one", "two")
    folder = path.parent / "voices"
    later = path.parent / "later"
    store = VoiceStore((folder, later), None)
    (folder / "notes.txt").write_text("no voice")
    assert not store.has_changed()
    if change == "add":
        (folder / "three.bin").write_bytes(bytes(1024))
    elif change == "exchange":
        (folder / "two.pt").replace(folder / "one.pt")
    elif change == "remove":
        (folder / "one.pt").unlink()
    else:
        later.mkdir()
        (later / "three.bin").write_bytes(bytes(1024))
    assert store.has_changed()
    store.rescan()
    assert ("three" in names(store)) == (change in {"add", "new folder"})
    assert not store.has_changed()


def test_a_name_that_asks_for_another_region_is_told_once(caplog: pytest.LogCaptureFixture) -> None:
    store = VoiceStore((), None)
    with caplog.at_level(logging.INFO):
        for language in ("pt-PT", "pt_pt", "pt", "en", "en-GB", "pt-PT"):
            store.resolve(None, language)
    assert [record.getMessage() for record in caplog.records] == [
        "No voice speaks 'pt-PT'; pf_dora (pt-BR) speaks instead"
    ]
