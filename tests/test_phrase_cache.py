"""The phrase cache: what is found again, what is forgotten, and that no disk can do harm.

Most of it with a bound of 1 MB, which eight phrases of 120 kB fill; one more and the folder forgets two.
"""

from __future__ import annotations

import errno
import logging
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from pathlib import Path

import pytest

from wyoming_kokoro import phrase_cache
from wyoming_kokoro.phrase_cache import PhraseCache, PhraseKey

ROOT = Path(__file__).parents[1]
MEGABYTE = 1_000_000
SAID = "The front door is open."

KEY = PhraseKey(
    text=SAID,
    voice="af_heart 12ab",
    speed=1.0,
    model="34cd",
    precision="int8",
    seed=0,
    gain_db=1.0,
    exact=False,
)


def key(number: int) -> PhraseKey:
    return replace(KEY, text=f"Phrase {number}.")


def pcm(number: int, n_bytes: int = 120_000) -> bytes:
    return random.Random(number).randbytes(n_bytes)


def kept_in(cache: PhraseCache, numbers: range) -> list[int]:
    """Which phrases are in the cache; asks for each, the first first."""
    return [number for number in numbers if cache.get(key(number)) is not None]


def warnings_in(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


# Memory ----------------------------------------------------------------------------------------------------


def test_a_phrase_is_found_by_an_equal_key_as_the_bytes_it_was() -> None:
    cache = PhraseCache(MEGABYTE)
    assert cache.get(KEY) is None
    cache.put(KEY, pcm(1))
    assert cache.get(replace(KEY)) == pcm(1)
    cache.put(KEY, pcm(2))
    assert cache.get(KEY) == pcm(2)


def test_a_phrase_with_nothing_to_say_is_found_too() -> None:
    cache = PhraseCache(MEGABYTE)
    cache.put(KEY, b"")
    assert cache.get(KEY) == b""


OTHERS = {
    "text": "The front door is open",
    "voice": "af_heart 12ac",
    "speed": 1.0000000000000002,
    "model": "34ce",
    "precision": "fp32",
    "seed": 1,
    "gain_db": 0.99,
    "exact": True,
}


def test_every_field_is_another_phrase(tmp_path: Path) -> None:
    assert set(OTHERS) == {field.name for field in fields(PhraseKey)}
    for cache in (PhraseCache(MEGABYTE), PhraseCache(MEGABYTE, tmp_path)):
        cache.put(KEY, b"ours")
        for name, other in OTHERS.items():
            assert cache.get(replace(KEY, **{name: other})) is None, name


def test_fields_do_not_run_into_each_other() -> None:
    cache = PhraseCache(MEGABYTE)
    cache.put(replace(KEY, text='a", "voice": "b', voice="c"), b"ours")
    assert cache.get(replace(KEY, text="a", voice='b", "voice": "c')) is None


def test_a_speed_that_came_as_a_whole_number_is_the_same() -> None:
    cache = PhraseCache(MEGABYTE)
    cache.put(replace(KEY, speed=1, gain_db=1), b"ours")
    assert cache.get(KEY) == b"ours"


def test_any_text_will_do() -> None:
    cache = PhraseCache(MEGABYTE)
    for text in ("", "\0", "\ud800", "日本語", "🏠" * 5000):
        cache.put(replace(KEY, text=text), text.encode("utf-8", "replace"))
        assert cache.get(replace(KEY, text=text)) == text.encode("utf-8", "replace")


def test_what_was_asked_for_longest_ago_is_forgotten_first() -> None:
    cache = PhraseCache(MEGABYTE)
    for number in range(8):
        cache.put(key(number), pcm(number))
    assert cache.get(key(0)) is not None
    cache.put(key(1), pcm(1))
    cache.put(key(8), pcm(8))
    cache.put(key(9), pcm(9))
    assert kept_in(cache, range(10)) == [0, 1, 4, 5, 6, 7, 8, 9]


def test_it_never_holds_more_than_it_may() -> None:
    cache = PhraseCache(MEGABYTE)
    chance = random.Random(0)
    for number in range(300):
        cache.put(key(number % 90), bytes(chance.randrange(200_000)))
        assert cache.n_bytes <= MEGABYTE
    assert cache.n_bytes > MEGABYTE // 2


def test_phrases_without_sound_take_room_too() -> None:
    cache = PhraseCache(MEGABYTE)
    for number in range(10_000):
        cache.put(key(number), b"")
    assert 1000 < len(kept_in(cache, range(10_000))) < 10_000


def test_what_is_replaced_is_not_counted_twice() -> None:
    cache = PhraseCache(MEGABYTE)
    cache.put(key(0), pcm(0))
    for number in range(20):
        cache.put(key(1), pcm(number))
    assert kept_in(cache, range(2)) == [0, 1]
    assert cache.n_bytes < 250_000


@pytest.mark.parametrize("has_folder", [False, True])
def test_a_quarter_of_it_is_the_most_for_one_phrase(has_folder: bool, tmp_path: Path) -> None:
    cache = PhraseCache(MEGABYTE, tmp_path if has_folder else None)
    cache.put(key(0), bytes(249_000))
    cache.put(key(1), bytes(250_000))
    assert kept_in(cache, range(2)) == [0]


def test_nothing_is_kept_where_nothing_may_be(tmp_path: Path) -> None:
    cache = PhraseCache(0, tmp_path / "phrases")
    cache.put(KEY, b"")
    cache.put(KEY, pcm(0))
    assert cache.get(KEY) is None
    assert cache.n_bytes == 0
    assert list(tmp_path.iterdir()) == []


def test_a_bound_too_small_for_anything_keeps_nothing(tmp_path: Path) -> None:
    cache = PhraseCache(100, tmp_path)
    cache.put(KEY, b"")
    assert cache.get(KEY) is None


@pytest.fixture
def _hasty_threads() -> Iterator[None]:
    """Threads that take turns within a few instructions."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("_hasty_threads")
@pytest.mark.parametrize("has_folder", [False, True])
def test_threads_may_share_it(has_folder: bool, tmp_path: Path) -> None:
    max_bytes = 100_000
    cache = PhraseCache(max_bytes, tmp_path if has_folder else None)
    failures: list[BaseException | str] = []
    n_rounds = 300 if has_folder else 3000

    def work(seed: int) -> None:
        chance = random.Random(seed)
        try:
            for _ in range(n_rounds):
                number = chance.randrange(30)
                speech = bytes([number]) * (number * 500)
                if (found := cache.get(key(number))) is None:
                    cache.put(key(number), speech)
                elif found != speech:
                    failures.append(f"{number} was another's")
                if cache.n_bytes > max_bytes:
                    failures.append("too much")
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    for number in range(30, 60):  # all of the others are forgotten, and so is what they took
        cache.put(key(number), bytes(20_000))
    assert cache.n_bytes == 4 * (20_000 + phrase_cache._ENTRY_BYTES)


# A folder --------------------------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "there" / "cache"


def files_in(folder: Path) -> list[Path]:
    """The phrases' files, oldest first."""
    return sorted((folder / "phrases").iterdir(), key=lambda path: path.stat().st_mtime_ns)


def taken_in(folder: Path) -> int:
    """What a file system with blocks of 4096 bytes gives the phrases."""
    return sum(-(-path.stat().st_size // 4096) * 4096 for path in files_in(folder))


def age(folder: Path) -> None:
    """Makes all files older by a minute, so that the clock's ticks do not matter."""
    for path in files_in(folder):
        facts = path.stat()
        os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns - 60 * 10**9))


def put_aged(cache: PhraseCache, folder: Path, numbers: range) -> None:
    for number in numbers:
        cache.put(key(number), pcm(number))
        age(folder)


def test_a_restart_forgets_nothing(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    for number in range(5):
        cache.put(key(number), pcm(number))
    cache.put(key(5), b"")
    again = PhraseCache(MEGABYTE, folder)
    assert again.n_bytes == 0  # what nobody asks for takes no memory
    for number in range(5):
        assert again.get(key(number)) == pcm(number)
    assert again.get(key(5)) == b""
    assert warnings_in(caplog) == []


def test_what_was_read_once_stays_in_memory(folder: Path) -> None:
    PhraseCache(MEGABYTE, folder).put(KEY, pcm(0))
    again = PhraseCache(MEGABYTE, folder)
    again.get(KEY)
    shutil.rmtree(folder)
    assert again.get(KEY) == pcm(0)


def test_another_version_of_the_package_may_sound_different(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PhraseCache(MEGABYTE, folder).put(KEY, pcm(0))
    monkeypatch.setattr(phrase_cache, "__version__", "99.0.0")
    assert PhraseCache(MEGABYTE, folder).get(KEY) is None


def test_the_folder_never_holds_more_than_it_may(folder: Path) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    chance = random.Random(0)
    for number in range(150):
        cache.put(key(number), bytes(chance.randrange(240_000)))
        assert taken_in(folder) <= MEGABYTE
    assert taken_in(folder) > MEGABYTE // 2


def test_phrases_without_sound_do_not_fill_the_folder(folder: Path) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    for number in range(400):
        cache.put(key(number), b"")
    assert 100 < len(files_in(folder)) <= MEGABYTE / 4096


def test_the_folder_forgets_what_was_put_first(folder: Path) -> None:
    put_aged(PhraseCache(MEGABYTE, folder), folder, range(10))
    assert kept_in(PhraseCache(MEGABYTE, folder), range(10)) == [2, 3, 4, 5, 6, 7, 8, 9]


@pytest.mark.parametrize("was_restarted", [False, True])
def test_the_folder_keeps_what_is_asked_for(was_restarted: bool, folder: Path) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    put_aged(cache, folder, range(8))
    if was_restarted:
        cache = PhraseCache(MEGABYTE, folder)
    assert cache.get(key(0)) is not None
    age(folder)
    put_aged(cache, folder, range(8, 10))
    assert kept_in(PhraseCache(MEGABYTE, folder), range(10)) == [0, 3, 4, 5, 6, 7, 8, 9]


def test_a_smaller_bound_is_kept_from_the_start(folder: Path) -> None:
    put_aged(PhraseCache(MEGABYTE, folder), folder, range(8))
    PhraseCache(500_000, folder)
    assert taken_in(folder) <= 500_000
    assert kept_in(PhraseCache(MEGABYTE, folder), range(8)) == [5, 6, 7]


def test_only_its_owner_can_read_them(folder: Path) -> None:
    before = os.umask(0)
    try:
        PhraseCache(MEGABYTE, folder).put(KEY, pcm(0))
    finally:
        os.umask(before)
    (path,) = files_in(folder)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_folder_that_others_may_read_is_closed_to_them_and_the_one_above_is_left_alone(
    tmp_path: Path,
) -> None:
    phrases = tmp_path / "phrases"
    phrases.mkdir()
    for path in (tmp_path, phrases):
        path.chmod(0o755)
    PhraseCache(MEGABYTE, tmp_path)
    assert stat.S_IMODE(phrases.stat().st_mode) == 0o700
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_files_of_others_are_left_alone(folder: Path) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    note = folder / "phrases" / "note.txt"
    note.write_bytes(bytes(2 * MEGABYTE))
    os.utime(note, (0, 0))
    for number in range(10):
        cache.put(key(number), pcm(number))
    assert note.exists()
    assert len(files_in(folder)) > 5


def test_neither_names_nor_files_nor_logs_hold_the_text(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    cache = PhraseCache(MEGABYTE, folder)
    cache.put(KEY, pcm(0))
    (path,) = files_in(folder)
    path.write_bytes(b"damaged")
    PhraseCache(MEGABYTE, folder).get(KEY)
    shutil.rmtree(folder)
    folder.write_text("not a folder")
    cache.put(KEY, pcm(0))
    assert len(warnings_in(caplog)) == 2
    for word in (SAID, "front", "door"):
        assert word not in caplog.text
        assert word not in path.name
        assert word not in repr(vars(cache))


# Damage ----------------------------------------------------------------------------------------------------


def flipped(content: bytes, position: int) -> bytes:
    changed = bytearray(content)
    changed[position] ^= 1
    return bytes(changed)


DAMAGES: dict[str, Callable[[bytes], bytes]] = {
    "a bit of the sound": lambda content: flipped(content, 5000),
    "a bit of the hash": lambda content: flipped(content, 0),
    "the last sample lost": lambda content: content[:-2],
    "half of it lost": lambda content: content[: len(content) // 2],
    "the hash alone": lambda content: content[:32],
    "half of the hash": lambda content: content[:16],
    "nothing left": lambda _content: b"",
    "zeros, as after a power cut": lambda content: bytes(len(content)),
    "more than was written": lambda content: content + b"more",
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_what_is_damaged_is_made_again(damage: str, folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    PhraseCache(MEGABYTE, folder).put(KEY, pcm(0))
    (path,) = files_in(folder)
    path.write_bytes(DAMAGES[damage](path.read_bytes()))
    cache = PhraseCache(MEGABYTE, folder)
    assert cache.get(KEY) is None
    assert files_in(folder) == []
    assert warnings_in(caplog) == [f"A phrase in {folder}/phrases is damaged and is made again"]
    cache.put(KEY, pcm(0))
    assert PhraseCache(MEGABYTE, folder).get(KEY) == pcm(0)


def test_damage_is_said_once(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    put_aged(PhraseCache(MEGABYTE, folder), folder, range(3))
    for path in files_in(folder):
        path.write_bytes(b"damaged")
    cache = PhraseCache(MEGABYTE, folder)
    assert kept_in(cache, range(3)) == []
    assert len(warnings_in(caplog)) == 1


def test_a_file_is_not_believed_under_anothers_name(folder: Path) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    put_aged(cache, folder, range(2))
    first, second = files_in(folder)
    shutil.copyfile(first, second)
    assert kept_in(PhraseCache(MEGABYTE, folder), range(2)) == [0]


# Disks that do not do as asked -----------------------------------------------------------------------------


def assert_memory_goes_on(cache: PhraseCache) -> None:
    for number in range(3):
        cache.put(key(number), pcm(number))
    assert [cache.get(key(number)) for number in range(3)] == [pcm(number) for number in range(3)]
    assert cache.get(key(3)) is None


def test_a_file_in_place_of_the_folder(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    (tmp_path / "phrases").write_text("not a folder")
    cache = PhraseCache(MEGABYTE, tmp_path)
    assert_memory_goes_on(cache)
    assert f"Phrases cannot be kept in {tmp_path}/phrases, only in memory: File exists" in warnings_in(caplog)
    assert len(warnings_in(caplog)) == 2  # of writing and of reading


def test_a_folder_in_place_of_a_file(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    PhraseCache(MEGABYTE, folder).put(key(0), pcm(0))
    (path,) = files_in(folder)
    path.unlink()
    (path / "in the way").mkdir(parents=True)
    cache = PhraseCache(MEGABYTE, folder)
    assert cache.get(key(0)) is None
    assert_memory_goes_on(cache)
    assert warnings_in(caplog) == [
        f"Phrases in {folder}/phrases cannot be read and are made again: Is a directory",
        f"Phrases cannot be kept in {folder}/phrases, only in memory: Is a directory",
    ]
    assert len(files_in(folder)) == 3  # and no half ones


def test_a_folder_that_was_taken_away_is_made_again(folder: Path, caplog: pytest.LogCaptureFixture) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    cache.put(key(0), pcm(0))
    shutil.rmtree(folder)
    cache.put(key(1), pcm(1))
    assert kept_in(PhraseCache(MEGABYTE, folder), range(2)) == [1]
    assert warnings_in(caplog) == []


def test_a_disk_that_fills_up_keeps_no_part_and_is_used_again_when_there_is_room(
    folder: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = PhraseCache(MEGABYTE, folder)
    cache.put(key(9), pcm(9))

    def full(_path: Path, _target: Path) -> Path:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        assert_memory_goes_on(cache)
    assert len(files_in(folder)) == 1
    assert warnings_in(caplog) == [
        f"Phrases cannot be kept in {folder}/phrases, only in memory: No space left on device"
    ]
    cache.put(key(4), pcm(4))
    assert kept_in(PhraseCache(MEGABYTE, folder), range(10)) == [4, 9]


PROGRAM = """
import logging, os, random, signal, sys
from pathlib import Path
from dataclasses import replace
from test_phrase_cache import MEGABYTE, key, pcm
from wyoming_kokoro.phrase_cache import PhraseCache

logging.basicConfig(format="%(message)s", level=logging.INFO)
folder, doing = Path(sys.argv[1]), sys.argv[2]
cache = PhraseCache(MEGABYTE, folder)
if doing == "die":
    Path.replace = lambda path, target: os.kill(os.getpid(), signal.SIGKILL)
    cache.put(key(0), pcm(0))
elif doing == "work":
    chance = random.Random(sys.argv[3])
    for _ in range(200):
        number = chance.randrange(20)
        if (found := cache.get(key(number))) is None:
            cache.put(key(number), pcm(number))
        else:
            assert found == pcm(number)
elif doing == "find":
    assert cache.get(key(9)) == pcm(9)
for number in range(3):
    cache.put(key(number), pcm(number))
    assert cache.get(key(number)) == pcm(number)
print("good")
"""


def command(folder: Path, doing: str, *more: str) -> list[str]:
    """Another process that keeps its phrases there."""
    return [sys.executable, "-c", PROGRAM, str(folder), doing, *more]


def start(arguments: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        arguments,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'tests'}"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def with_a_mount(script: str, arguments: list[str]) -> tuple[int, str, str]:
    """Runs a program after a script that mounts something, which only that process sees: exit code and outputs."""
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "sh", "-c", script], check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount")
    process = start([*unshare, "sh", "-c", f'{script} && exec "$@"', "sh", *arguments])
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def test_a_disk_that_is_too_small(folder: Path) -> None:
    folder.mkdir(parents=True)
    ended = with_a_mount(f"mount -t tmpfs -o size=200k none {folder}", command(folder, "nothing"))
    warning = f"Phrases cannot be kept in {folder}/phrases, only in memory: No space left on device\n"
    assert ended == (0, "good\n", warning)


def test_what_was_kept_is_found_in_a_folder_that_may_not_be_written(folder: Path) -> None:
    PhraseCache(MEGABYTE, folder).put(key(9), pcm(9))
    read_only = f"mount --bind {folder} {folder} && mount -o remount,ro,bind {folder}"
    warning = f"Phrases cannot be kept in {folder}/phrases, only in memory: Read-only file system\n"
    assert with_a_mount(read_only, command(folder, "find")) == (0, "good\n", warning)


def test_what_a_killed_process_left_is_removed_when_it_is_old(folder: Path) -> None:
    process = start(command(folder, "die"))
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    (partial,) = files_in(folder)
    assert partial.suffix != ".pcm"
    cache = PhraseCache(MEGABYTE, folder)
    assert partial.exists()  # it might still be written
    assert cache.get(key(0)) is None
    os.utime(partial, times=(time.time() - 7200,) * 2)
    PhraseCache(MEGABYTE, folder)
    assert files_in(folder) == []


# Several on one folder -------------------------------------------------------------------------------------


def test_one_finds_what_another_keeps(folder: Path) -> None:
    first, second = PhraseCache(MEGABYTE, folder), PhraseCache(MEGABYTE, folder)
    assert second.get(KEY) is None
    first.put(KEY, pcm(0))
    assert second.get(KEY) == pcm(0)


def test_together_they_keep_no_more_than_one_may(folder: Path) -> None:
    caches = [PhraseCache(MEGABYTE, folder) for _ in range(3)]
    for number in range(24):
        caches[number % 3].put(key(number), pcm(number))
        time.sleep(0.02)  # some ticks of the file system's clock
        assert taken_in(folder) <= MEGABYTE


def test_processes_may_share_a_folder(folder: Path) -> None:
    processes = [start(command(folder, "work", str(seed))) for seed in range(3)]
    outputs = [process.communicate(timeout=120) for process in processes]
    assert outputs == [("good\n", "")] * 3
    cache = PhraseCache(MEGABYTE, folder)
    assert taken_in(folder) <= MEGABYTE
    assert len(files_in(folder)) > 3
    for number in kept_in(cache, range(20)):
        assert cache.get(key(number)) == pcm(number)
