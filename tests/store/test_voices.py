"""Which voices there are, which one a request means, and packs of every format, good and bad."""

from __future__ import annotations

import logging
import threading
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from wyoming_kokoro.errors import HubError, OfflineError, UnknownVoiceError, VoiceFileError
from wyoming_kokoro.speech import VoiceInfo
from wyoming_kokoro.store import voice_files, voices
from wyoming_kokoro.store.catalogue import LANGUAGES, OFFICIAL_VOICES, language_of
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.voice_files import VoiceFile, find_voices, read_pack
from wyoming_kokoro.store.voices import VoiceStore


def make_pack(seed: int = 1, rows: int = 510) -> Tensor:
    return torch.randn(rows, 1, 256, generator=torch.Generator().manual_seed(seed))


def save_bare(path: Path, pack: Tensor) -> None:
    path.write_bytes(pack.numpy().astype("<f4").tobytes())


def save_archive(path: Path, **packs: Tensor) -> None:
    with path.open("wb") as file:  # given a name, numpy would add a suffix to it
        np.savez(file, **{name: pack.numpy() for name, pack in packs.items()})


class FakeHub(Hub):
    """A hub that has its voices in a folder, and counts what is asked of it."""

    def __init__(self, folder: Path) -> None:
        super().__init__(cache_dir=folder)
        self.asked: list[str] = []

    def voice(self, name: str) -> Path:
        self.asked.append(name)
        path = self.cache_dir / f"{name}.pt"
        if not path.is_file():
            raise HubError(f"no {name} here")
        return path


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "voices"
    path.mkdir()
    return path


# --- The catalogue ---------------------------------------------------------------------------------------


def test_there_are_54_voices_in_nine_languages() -> None:
    assert len(set(OFFICIAL_VOICES)) == 54
    assert [language.tag for language in LANGUAGES] == [
        "en-US", "en-GB", "es-ES", "fr-FR", "hi-IN", "it-IT", "ja-JP", "pt-BR", "zh-CN",
    ]  # fmt: skip
    for language in LANGUAGES:
        assert language.default_voice in language.voices


@pytest.mark.parametrize(
    ("voice", "language"),
    [
        ("af_heart", "en-US"), ("bm_lewis", "en-GB"), ("em_santa", "es-ES"), ("ff_siwis", "fr-FR"),
        ("hm_psi", "hi-IN"), ("im_nicola", "it-IT"), ("jm_kumo", "ja-JP"), ("pf_dora", "pt-BR"),
        ("zm_yunxi", "zh-CN"), ("zf_mine", "zh-CN"), ("qf_mine", "de-DE"), ("mine", "de-DE"), ("a_b", "de-DE"),
    ],
)  # fmt: skip
def test_the_name_states_the_language(voice: str, language: str) -> None:
    assert language_of(voice, otherwise="de-DE") == language


# --- What is listed --------------------------------------------------------------------------------------


def test_all_official_voices_are_listed_fetched_or_not() -> None:
    listed = VoiceStore((), None).voices()
    assert {voice.name for voice in listed} == set(OFFICIAL_VOICES)
    assert listed[0] == VoiceInfo("af_heart", "(default) Heart (American English, female)", "en-US", True)
    assert VoiceInfo("bm_george", "George (British English, male)", "en-GB") in listed
    assert VoiceInfo("zf_xiaoxiao", "(default) Xiaoxiao (Mandarin Chinese, female)", "zh-CN", True) in listed


@pytest.mark.parametrize("default_voice", ["af_heart", "bm_lewis", "narrator", "am_0"])
@pytest.mark.parametrize("key", [str, str.lower, str.casefold], ids=["code point", "lower", "casefold"])
def test_a_languages_default_sorts_first_in_it(
    folder: Path, default_voice: str, key: Callable[[str], str]
) -> None:
    for name in ("af_0", "af_01st", "am_0", "af_Ähre", "af_AAA", "narrator", "0"):
        save_bare(folder / f"{name}.bin", make_pack())
    listed = VoiceStore((folder,), None, default_voice).voices()
    for language in LANGUAGES:
        ours = [voice for voice in listed if voice.language == language.tag]
        first = min(ours, key=lambda voice: key(voice.label))
        assert [voice for voice in ours if voice.is_language_default] == [first]
        expected = default_voice if language_of(default_voice) == language.tag else language.default_voice
        assert first.name == expected


def test_voices_of_ones_own_are_listed_with_their_language(folder: Path) -> None:
    for name in ("bf_my_voice", "narrator"):
        save_bare(folder / f"{name}.bin", make_pack())
    listed = VoiceStore((folder,), None, default_voice="ff_siwis").voices()
    assert VoiceInfo("bf_my_voice", "My Voice (British English, female)", "en-GB") in listed
    assert VoiceInfo("narrator", "Narrator (French)", "fr-FR") in listed  # the default voice's language
    assert len(listed) == 56


def test_an_unknown_default_voice_is_refused() -> None:
    with pytest.raises(UnknownVoiceError, match="af_hart") as caught:
        VoiceStore((), None, default_voice="af_hart")
    assert caught.value.did_you_mean[0] == "af_heart"


# --- What a request means --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "language", "voice"),
    [
        (None, None, "af_heart"),
        ("", None, "af_heart"),
        ("bm_lewis", None, "bm_lewis"),
        ("bm_lewis", "fr-FR", "bm_lewis"),  # the name says more
        (None, "en-GB", "bf_emma"),
        (None, "en_gb", "bf_emma"),
        (None, "EN-us", "af_heart"),
        (None, "en", "af_heart"),
        (None, "en-AU", "af_heart"),
        (None, "pt", "pf_dora"),
        (None, "pt_PT", "pf_dora"),
        (None, "zh-Hans-CN", "zf_xiaoxiao"),
        (None, "zh", "zf_xiaoxiao"),
        (None, "ja", "jf_alpha"),
        (None, "sv-SE", "af_heart"),
        (None, "e", "af_heart"),
        (None, "-", "af_heart"),
    ],
)
def test_which_voice_a_request_means(name: str | None, language: str | None, voice: str) -> None:
    assert VoiceStore((), None).resolve(name, language) == voice


@pytest.mark.parametrize(
    ("language", "voice"),
    [("en", "bm_lewis"), ("en-GB", "bm_lewis"), ("en-US", "af_heart"), (None, "bm_lewis")],
)
def test_a_default_voice_speaks_for_its_language(language: str | None, voice: str) -> None:
    assert VoiceStore((), None, default_voice="bm_lewis").resolve(None, language) == voice


@pytest.mark.parametrize(
    "name", ["af_hart", "AF_HEART", "af_heart ", "../af_heart", "voices/af_heart", "x" * 10_000]
)
def test_other_names_are_nobodys(name: str) -> None:
    store = VoiceStore((), None)
    with pytest.raises(UnknownVoiceError) as caught:
        store.resolve(name)
    assert len(str(caught.value)) < 300
    with pytest.raises(UnknownVoiceError):
        store.pack(name)


def test_an_unknown_language_is_told_once_each(caplog: pytest.LogCaptureFixture) -> None:
    store = VoiceStore((), None)
    with caplog.at_level(logging.INFO):
        for language in ("sv-SE", "sv_se", "nb-NO", *(f"x{number}" for number in range(500))):
            store.resolve(None, language)
    told = [record.getMessage() for record in caplog.records]
    assert sum("sv" in line for line in told) == 1
    assert sum("nb" in line for line in told) == 1
    assert len(told) < 100  # clients choose these words; they must not fill memory or logs


# --- Packs -----------------------------------------------------------------------------------------------

SAVERS: dict[str, Callable[[Path, Tensor], None]] = {
    "tensor.pt": lambda path, pack: torch.save(pack, path),
    "old.pt": lambda path, pack: torch.save(pack, path, _use_new_zipfile_serialization=False),
    "half.pt": lambda path, pack: torch.save(pack.half(), path),
    "double.pt": lambda path, pack: torch.save(pack.double(), path),
    "flat.pt": lambda path, pack: torch.save(pack[:, 0], path),
    "bare.bin": save_bare,
    "archive.bin": lambda path, pack: save_archive(path, arr_0=pack),
    "one.npz": lambda path, pack: save_archive(path, whatever=pack),
    "tensor.safetensors": lambda path, pack: save_file({"voice": pack}, path),
    "short.pt": lambda path, pack: torch.save(pack[:3].clone(), path),
}


@pytest.mark.parametrize("name", SAVERS)
def test_every_format_is_read(folder: Path, name: str) -> None:
    pack = make_pack()
    SAVERS[name](folder / name, pack)
    voice = name.partition(".")[0]
    read = VoiceStore((folder,), None).pack(voice)
    expected = pack.half().float() if voice == "half" else pack[: read.shape[0]]
    assert read.dtype is torch.float32
    assert read.shape == (3 if voice == "short" else 510, 1, 256)
    assert torch.equal(read, expected)


@pytest.mark.parametrize("name", ["voices.npz", "voices-v1.0.bin"])
def test_an_archive_holds_many_voices(folder: Path, name: str) -> None:
    save_archive(folder / name, af_heart=make_pack(1), bf_mine=make_pack(2))
    store = VoiceStore((folder,), None)
    assert torch.equal(store.pack("af_heart"), make_pack(1))
    assert torch.equal(store.pack("bf_mine"), make_pack(2))
    assert "bf_mine" in {voice.name for voice in store.voices()}


@pytest.mark.parametrize(
    ("n_phonemes", "row"), [(-1, 0), (0, 0), (1, 0), (2, 1), (257, 256), (510, 509), (511, 509), (9999, 509)]
)
def test_the_style_is_the_row_for_the_length(folder: Path, n_phonemes: int, row: int) -> None:
    save_bare(folder / "af_heart.bin", make_pack())
    style = VoiceStore((folder,), None).style("af_heart", n_phonemes)
    assert style.shape == (1, 256)
    assert torch.equal(style, make_pack()[row])


def test_a_short_packs_last_row_serves_longer_texts(folder: Path) -> None:
    save_bare(folder / "af_heart.bin", make_pack(rows=7))
    assert torch.equal(VoiceStore((folder,), None).style("af_heart", 100), make_pack(rows=7)[6])


def test_the_first_folder_comes_first_and_the_hub_last(tmp_path: Path) -> None:
    folders = [tmp_path / "one", tmp_path / "two", tmp_path / "hub"]
    names = ("af_heart", "af_bella", "af_sky")
    for seed, each in enumerate(folders):  # one has the first voice, two the first two, the hub all three
        each.mkdir()
        for name in names[: seed + 1]:
            torch.save(make_pack(seed), each / f"{name}.pt")
    hub = FakeHub(folders[2])
    store = VoiceStore(folders[:2], hub)
    for seed, name in enumerate(names):
        assert torch.equal(store.pack(name), make_pack(seed))
    assert hub.asked == ["af_sky"]


def test_the_hub_is_asked_once_when_a_voice_is_first_needed(tmp_path: Path) -> None:
    torch.save(make_pack(), tmp_path / "af_heart.pt")
    hub = FakeHub(tmp_path)
    store = VoiceStore((), hub)
    assert hub.asked == []
    store.style("af_heart", 10)
    store.style("af_heart", 20)
    assert hub.asked == ["af_heart"]
    with pytest.raises(HubError):
        store.pack("af_bella")


def test_without_a_hub_a_missing_voice_says_where_to_put_it() -> None:
    with pytest.raises(OfflineError, match=r"af_heart\.pt into voices/"):
        VoiceStore((), None).pack("af_heart")


def test_only_so_many_packs_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(voices, "_MAX_PACKS", 2)
    for name in ("af_heart", "af_bella", "af_sky"):
        torch.save(make_pack(), tmp_path / f"{name}.pt")
    hub = FakeHub(tmp_path)
    store = VoiceStore((), hub)
    for name in ("af_heart", "af_bella", "af_heart", "af_sky", "af_heart", "af_bella"):
        store.pack(name)
    assert hub.asked == ["af_heart", "af_bella", "af_sky", "af_bella"]  # the least recently used one went


def test_threads_that_want_the_same_pack_read_it_once(tmp_path: Path) -> None:
    torch.save(make_pack(), tmp_path / "af_heart.pt")
    hub = FakeHub(tmp_path)
    store = VoiceStore((), hub)
    start = threading.Barrier(8)
    packs: list[Tensor] = []

    def want() -> None:
        start.wait()
        packs.append(store.pack("af_heart"))

    threads = [threading.Thread(target=want) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(packs) == 8
    assert all(pack is packs[0] for pack in packs)
    assert hub.asked == ["af_heart"]


def test_a_pack_being_fetched_holds_up_no_other_voice(folder: Path, tmp_path: Path) -> None:
    save_bare(folder / "bf_emma.bin", make_pack())
    fetching, finish = threading.Event(), threading.Event()

    class SlowHub(FakeHub):
        def voice(self, name: str) -> Path:
            fetching.set()
            assert finish.wait(timeout=60)
            return super().voice(name)

    torch.save(make_pack(), tmp_path / "af_heart.pt")
    store = VoiceStore((folder,), SlowHub(tmp_path))
    store.pack("bf_emma")
    thread = threading.Thread(target=store.pack, args=("af_heart",))
    thread.start()
    try:
        assert fetching.wait(timeout=60)
        store.pack("bf_emma")  # would deadlock otherwise
    finally:
        finish.set()
        thread.join()


# --- Bad files -------------------------------------------------------------------------------------------


class Evil:
    """Runs code when it is unpickled."""

    def __init__(self, witness: Path) -> None:
        self._witness = witness

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return Path.touch, (self._witness,)


def with_nan(pack: Tensor) -> Tensor:
    pack[3, 0, 7] = float("nan")
    return pack


BAD_FILES: dict[str, tuple[Callable[[Path], object], str]] = {
    "empty.pt": (Path.touch, "Cannot read the voice"),
    "text.pt": (lambda path: path.write_text("a voice, honestly"), "Cannot read the voice"),
    "evil.pt": (lambda path: torch.save(Evil(path.with_name("witness")), path), "Cannot read the voice"),
    "dict.pt": (lambda path: torch.save({"voice": make_pack()}, path), "holds a dict, not a tensor"),
    "shape.pt": (lambda path: torch.save(torch.zeros(510, 256, 1), path), r"shape \[510, 256, 1\]"),
    "width.pt": (lambda path: torch.save(torch.zeros(510, 1, 128), path), r"shape \[510, 1, 128\]"),
    "none.pt": (lambda path: torch.save(torch.zeros(0, 1, 256), path), r"shape \[0, 1, 256\]"),
    "scalar.pt": (lambda path: torch.save(torch.tensor(1.0), path), r"shape \[\]"),
    "integer.pt": (lambda path: torch.save(torch.zeros(510, 1, 256, dtype=torch.int32), path), "torch.int32"),
    "nan.pt": (lambda path: torch.save(with_nan(make_pack()), path), "NaN or infinity"),
    "large.pt": (lambda path: torch.save(torch.zeros(9000, 1, 256), path), "more than the 8388608"),
    "cut.pt": (lambda path: cut(path, lambda: torch.save(make_pack(), path)), "Cannot read the voice"),
    "cut.bin": (
        lambda path: cut(path, lambda: save_bare(path, make_pack())),
        "no whole number of 1024-byte rows",
    ),
    "empty.bin": (Path.touch, r"shape \[0, 1, 256\]"),
    "cut.safetensors": (
        lambda path: cut(path, lambda: save_file({"v": make_pack()}, path)),
        "Cannot read the voice",
    ),
    "two.safetensors": (
        lambda path: save_file({"a": make_pack(), "b": make_pack()}, path),
        "2 tensors instead of one",
    ),
    "object.npz": (
        lambda path: np.savez(path, a=np.array([{}], dtype=object)),
        "Object arrays cannot be loaded",
    ),
    "complex.npz": (lambda path: np.savez(path, a=np.zeros((510, 1, 256), np.complex64)), "torch.complex64"),
    "strings.npz": (lambda path: np.savez(path, a=np.array(["a"])), "Cannot read the voice"),
    "header.npz": (
        lambda path: zip_of(path, "a.npy", b"\x93NUMPY\x01\x00\x0a\x00{rubbish}\n"),
        "Cannot read the voice",
    ),
    "bomb.npz": (lambda path: zip_of(path, "a.npy", bytes(64 << 20)), "67108864 bytes, more than"),
}


def cut(path: Path, save: Callable[[], None]) -> None:
    save()
    path.write_bytes(path.read_bytes()[:100_001])


def zip_of(path: Path, name: str, content: bytes) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)


@pytest.mark.parametrize("name", BAD_FILES)
def test_bad_files_are_named_with_reason_and_remedy(folder: Path, name: str) -> None:
    save, reason = BAD_FILES[name]
    save(folder / name)
    store = VoiceStore((folder,), None)  # a bad file does not keep a server from starting
    with pytest.raises(VoiceFileError, match=reason) as caught:
        store.pack(name.partition(".")[0])
    assert name in str(caught.value)
    assert "Fetch it again" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not (folder / "witness").exists()


def test_a_damaged_deflate_stream(folder: Path) -> None:
    path = folder / "voice.npz"
    np.savez_compressed(path, a=make_pack().numpy())
    content = bytearray(path.read_bytes())
    content[2000:2100] = bytes(100)
    path.write_bytes(content)
    with pytest.raises(VoiceFileError, match="Cannot read the voice"):
        VoiceStore((folder,), None).pack("voice")


def test_a_compressed_tensor_file_that_unpacks_to_too_much(folder: Path) -> None:
    zip_of(folder / "bomb.pt", "archive/data.pkl", bytes(64 << 20))
    with pytest.raises(VoiceFileError, match="67108864 bytes, more than"):
        VoiceStore((folder,), None).pack("bomb")


def test_an_archive_too_large_to_be_voices(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_archive(folder / "voice.npz", a=make_pack())
    monkeypatch.setattr(voice_files, "_MAX_ARCHIVE_BYTES", 1000)
    with pytest.raises(VoiceFileError, match="more than the 1000"):
        VoiceStore((folder,), None).pack("voice")


def test_an_archive_that_is_none_is_skipped_with_a_warning(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (folder / "voices.npz").write_bytes(b"nothing")
    assert find_voices(folder) == {}
    assert "voices.npz" in caplog.text


def test_a_file_that_went_away_is_named(folder: Path) -> None:
    with pytest.raises(VoiceFileError, match=r"gone\.pt: No such file"):
        read_pack(VoiceFile(folder / "gone.pt"))


def test_links_out_of_the_folder_are_not_followed(
    folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    outside, inside = tmp_path / "outside.pt", folder / "af_inside.pt"
    for path in (outside, inside):
        torch.save(make_pack(), path)
    (folder / "af_out.pt").symlink_to(outside)
    (folder / "af_in.pt").symlink_to(inside)
    assert find_voices(folder).keys() == {"af_inside", "af_in"}
    assert "af_out.pt is a link that leads out" in caplog.text


@pytest.mark.parametrize("name", ["../af_evil", "a/b", "..", "", "af_x(2)", "af_a+af_b", ".hidden", "a..b"])
def test_arrays_named_like_paths_are_no_voices(
    folder: Path, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    save_archive(folder / "voices.npz", af_good=make_pack(), **{name: make_pack()})
    assert find_voices(folder).keys() == {"af_good"}
    assert repr(name) in caplog.text


def test_other_files_and_folders_are_left_alone(folder: Path) -> None:
    (folder / "README.md").touch()
    (folder / "af_heart.pt").mkdir()
    assert find_voices(folder) == {}


def test_a_folder_that_is_none_is_told(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    assert find_voices(folder / "missing") == {}  # it may come later
    assert not caplog.records
    (folder / "file").touch()
    assert find_voices(folder / "file") == {}
    assert "Cannot look for voices" in caplog.text


@pytest.mark.weights
def test_the_real_voices_are_sound(voice_store: VoiceStore) -> None:
    for language in LANGUAGES:
        pack = voice_store.pack(language.default_voice)
        assert pack.shape == (510, 1, 256)
        assert 0.01 < float(pack.std()) < 1.0


# --- Looking anew ----------------------------------------------------------------------------------------


def test_voices_that_come_and_go_are_found_and_missed(folder: Path) -> None:
    save_bare(folder / "old.bin", make_pack(1))
    store = VoiceStore((folder,), None)
    assert store.resolve("old") == "old"
    (folder / "old.bin").unlink()
    save_bare(folder / "new.bin", make_pack(2))
    with pytest.raises(UnknownVoiceError):
        store.resolve("new")
    store.rescan()
    assert store.resolve("new") == "new"
    with pytest.raises(UnknownVoiceError):
        store.resolve("old")
    with pytest.raises(UnknownVoiceError):
        store.pack("old")
    assert {voice.name for voice in store.voices()} == {*OFFICIAL_VOICES, "new"}


def test_a_voice_whose_file_was_exchanged_is_read_anew(folder: Path) -> None:
    save_bare(folder / "mine.bin", make_pack(1))
    store = VoiceStore((folder,), None)
    before = store.fingerprint("mine")
    save_bare(folder / "mine.bin", make_pack(2))
    assert torch.equal(store.pack("mine"), make_pack(1))  # not before somebody says so
    store.rescan()
    assert torch.equal(store.pack("mine"), make_pack(2))
    assert store.fingerprint("mine") != before


def test_without_the_default_voice_all_stays_as_it_was(folder: Path) -> None:
    save_bare(folder / "mine.bin", make_pack(1))
    store = VoiceStore((folder,), None, default_voice="mine")
    (folder / "mine.bin").unlink()
    save_bare(folder / "other.bin", make_pack(1))
    with pytest.raises(UnknownVoiceError, match="mine"):
        store.rescan()
    assert store.resolve(None) == "mine"
    with pytest.raises(UnknownVoiceError):
        store.resolve("other")
