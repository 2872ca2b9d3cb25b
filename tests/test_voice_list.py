"""`wyoming-kokoro voices`: what is listed, what is told to be broken, and samples to compare by ear."""

from __future__ import annotations

import json
import wave
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

import pytest
import torch
from fakes import VOICES, FakeSynthesizer

from wyoming_kokoro import __main__ as program
from wyoming_kokoro.errors import SettingsError, SynthesisError, UnknownVoiceError
from wyoming_kokoro.settings import parse_voices
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.store.catalogue import LANGUAGES, OFFICIAL_VOICES
from wyoming_kokoro.voice_list import Entry, as_table, entries, find_store
from wyoming_kokoro.voice_samples import SENTENCES, write_samples


@pytest.fixture
def data_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with a voice of its own, a preset and a broken file; nothing else is on disk."""
    monkeypatch.setattr("wyoming_kokoro.voice_list.packages_dir", lambda: tmp_path / "none")
    folder = tmp_path / "data" / "voices"
    folder.mkdir(parents=True)
    for name in ("bf_mine", "af_heart"):
        torch.save(torch.randn(510, 1, 256), folder / f"{name}.pt")
    (folder / "af_bad.pt").write_bytes(b"no voice")
    (folder.parent / "voices.toml").write_text(
        '[calm]\nblend = "af_heart(2)+bf_mine"\nspeed = 0.9\nvolume = -3\npause = 0.5\n'
    )
    return folder.parent


def listed(data_dir: Path, *names: str) -> dict[str, Entry]:
    store = find_store([data_dir], data_dir.parent / "hub", "af_heart")
    return {each.name: each for each in entries(store, names)}


def test_all_voices_are_listed_with_what_is_known_of_them(data_dir: Path) -> None:
    found = listed(data_dir)
    assert found.keys() == {*OFFICIAL_VOICES, "bf_mine", "calm", "af_bad"}
    heart, george, mine, calm, bad = (
        found[name] for name in ("af_heart", "bm_george", "bf_mine", "calm", "af_bad")
    )
    assert (heart.language, heart.gender, heart.grade, heart.is_default) == ("en-US", "female", "A", True)
    assert heart.is_on_disk
    assert heart.bytes_on_disk == (data_dir / "voices" / "af_heart.pt").stat().st_size
    assert (george.gender, george.grade, george.is_on_disk, george.bytes_on_disk) == (
        "male",
        "C",
        False,
        None,
    )
    assert (mine.language, mine.grade, mine.is_own, mine.fault) == ("en-GB", None, True, None)
    assert (calm.blend, calm.is_on_disk, calm.gender) == ("af_heart(2)+bf_mine", True, None)
    assert (calm.speed, calm.gain_db, calm.pause_s) == (0.9, -3, 0.5)
    assert bad.fault is not None
    assert "af_bad.pt" in bad.fault


def test_named_ones_and_blends_can_be_asked_for(data_dir: Path) -> None:
    found = listed(data_dir, "af_heart|bm_george", "calm@1.1", "af_heart")
    assert list(found) == ["af_heart|bm_george", "calm@1.1", "af_heart"]
    assert not found["af_heart|bm_george"].is_on_disk  # half of it is not
    assert found["calm@1.1"].is_on_disk
    assert found["calm@1.1"].speed == pytest.approx(0.99)
    with pytest.raises(UnknownVoiceError, match="af_hart"):
        listed(data_dir, "af_hart")


def test_the_table_has_a_line_for_each_in_columns(data_dir: Path) -> None:
    title, *lines = as_table(list(listed(data_dir).values())).splitlines()
    assert len(lines) == len(OFFICIAL_VOICES) + 3
    column = title.index("WHAT")
    [calm] = [line for line in lines if line.startswith("calm ")]
    assert calm[column:] == "af_heart(2)+bf_mine, speed 0.9, -3 dB, pause 0.5 s"
    [bad] = [line for line in lines if line.startswith("af_bad ")]
    assert bad[title.index("ON DISK") :].startswith("broken")
    assert not any(line.endswith(" ") for line in lines)


def test_the_command_prints_json_and_says_what_is_broken(
    data_dir: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ["--data-dir", str(data_dir), "--download-dir", str(data_dir.parent / "hub")]
    assert program.main(["voices", "--json", *options]) == 1
    shown = capsys.readouterr()
    assert {each["name"] for each in json.loads(shown.out)} >= {"af_heart", "calm", "af_bad"}
    assert "wyoming-kokoro: Cannot read the voice" in shown.err
    assert program.main(["voices", *options, "calm", "af_heart"]) == 0
    assert capsys.readouterr().out.splitlines()[1].startswith("calm ")
    assert program.main(["voices", *options, "af_hart"]) == 1
    assert "Did you mean af_heart" in capsys.readouterr().err


def test_options_of_the_command() -> None:
    chosen = parse_voices(["--sample", "out", "--speed", "1.2", "af_heart", "calm"], {})
    assert (chosen.names, chosen.sample_dir, chosen.speed) == (("af_heart", "calm"), Path("out"), 1.2)
    with pytest.raises(SettingsError, match="not allowed with"):
        parse_voices(["--sample", "out", "--json"], {})


# Samples ---------------------------------------------------------------------------------------------------------


class Speaker(FakeSynthesizer):
    """One whose second voice cannot speak, and who knows a blend."""

    def resolve_voice(self, name: str | None, language: str | None = None) -> str:
        return name if name and "+" in name else super().resolve_voice(name, language)

    def language(self, voice: str) -> str:
        return "en-GB"

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        if utterance.voice == "am_adam":
            raise SynthesisError("it has a cold")
        return super().stream(utterance)


class Reader(HTMLParser):
    """What a page refers to, and what can be reached on it."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.sounds: list[str] = []
        self.addresses: list[str] = []
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "button" and (sound := found.get("data-sound")):
            self.sounds.append(unquote(sound))
        self.addresses += [value for key, value in attrs if key in {"src", "href"} and value]
        if tag not in {"meta", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def test_each_voice_speaks_its_own_language_and_the_page_has_them_all(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "samples"
    speaker = Speaker()
    faults = write_samples(speaker, (), folder)
    assert faults == ["am_adam: it has a cold"]
    assert [each.text for each in speaker.spoken] == [SENTENCES["en"], SENTENCES["fr"]]
    page = (folder / "index.html").read_text(encoding="utf-8")
    reader = Reader(page)
    assert reader.open == []
    assert reader.sounds == ["af_heart.wav", "ff_siwis.wav"]
    assert reader.addresses == []  # it needs nothing from elsewhere
    assert "prefers-color-scheme: dark" in page
    assert "2 voices" in page
    for sound in reader.sounds:
        with wave.open(str(folder / sound)) as wav:
            assert wav.getnframes() > 0


def test_blends_get_file_names_that_nobody_minds(tmp_path: Path) -> None:
    write_samples(Speaker(), ("af_heart(2)+am_adam", "af_heart|2+am_adam", "af_heart"), tmp_path)
    assert Reader((tmp_path / "index.html").read_text()).sounds == [
        "af_heart_2_am_adam.wav", "af_heart_2_am_adam-2.wav", "af_heart.wav",
    ]  # fmt: skip
    assert len(list(tmp_path.glob("*.wav"))) == 3


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsError, match="Cannot make the folder"):
        write_samples(Speaker(), (), tmp_path / "file" / "samples")


def test_every_language_has_a_sentence() -> None:
    assert {language.tag.partition("-")[0] for language in LANGUAGES} == SENTENCES.keys()
    assert {voice.language.partition("-")[0] for voice in VOICES} <= SENTENCES.keys()
