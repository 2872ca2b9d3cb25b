"""The hub, through the hub's own client, against a loopback server that speaks its HTTP.

Each fetch runs in a process of its own: the client reads `HF_ENDPOINT` and its kin when it is imported,
and what matters here is what one process leaves behind for the next.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import pty
import random
import shutil
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import huggingface_hub
import pytest
from hub_server import Fault, HubServer, serve
from huggingface_hub import scan_cache_dir

from wyoming_kokoro.errors import StorageError
from wyoming_kokoro.store import hub as hub_module
from wyoming_kokoro.store.disk import sha256_of
from wyoming_kokoro.store.hub import KOKORO_V1_0, Hub, ModelRelease

REPO_ID = "someone/some-model"
REVISION = "0123456789abcdef0123456789abcdef01234567"
CHECKPOINT = "model.pth"
VOICE = "voices/af_heart.pt"
# The client hands content on in pieces of 10 MiB, so only a larger file can be cut half way.
CHUNK_BYTES = 10 << 20
CONTENT = random.Random(1).randbytes(24 << 20)

FETCH = """
import json, logging, sys
from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.store import hub as hub_module
from wyoming_kokoro.store.hub import Hub, ModelRelease

logging.basicConfig(format="%(message)s")
logging.getLogger("wyoming_kokoro").setLevel(logging.INFO)
facts = json.loads(sys.argv[1])
hub = Hub(ModelRelease(**facts["release"]), local_files_only=facts["local"], retry_delays_s=(0.01, 0.02, 0.03))
exec(facts["before"])
try:
    print(json.dumps({"path": str(hub.fetch(facts["filename"]))}))
except KokoroError as error:
    print(json.dumps({"error": type(error).__name__, "message": str(error)}))
"""


@dataclass(frozen=True)
class Outcome:
    """What a fetching process printed: a path or an error, and its log."""

    path: Path | None
    error: str | None
    message: str
    log: str


@dataclass(frozen=True)
class Client:
    """Starts processes that fetch from one server into one cache."""

    hub: HubServer
    home: Path

    @property
    def folder(self) -> Path:
        return self.home / "hub" / "models--someone--some-model"

    def environment(self, extra: Mapping[str, str]) -> dict[str, str]:
        ours = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "XDG_"))}
        return ours | {"HF_HOME": str(self.home), "HF_ENDPOINT": self.hub.endpoint} | extra

    def command(self, filename: str, *, local: bool = False, before: str = "") -> list[str]:
        published = {CHECKPOINT: hashlib.sha256(CONTENT).hexdigest()}
        release = {
            "repo_id": REPO_ID,
            "revision": REVISION,
            "checkpoint_name": CHECKPOINT,
            "sha256": published,
        }
        facts = {"release": release, "filename": filename, "local": local, "before": before}
        return [sys.executable, "-W", "error", "-c", FETCH, json.dumps(facts)]

    def fetch(
        self, filename: str = CHECKPOINT, *, local: bool = False, before: str = "", **environment: str
    ) -> Outcome:
        return self.outcome(self.start(filename, local=local, before=before, **environment))

    def start(
        self, filename: str = CHECKPOINT, *, local: bool = False, before: str = "", **environment: str
    ) -> subprocess.Popen[str]:
        return subprocess.Popen(
            self.command(filename, local=local, before=before),
            env=self.environment(environment),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    @staticmethod
    def outcome(process: subprocess.Popen[str]) -> Outcome:
        printed, log = process.communicate(timeout=120)
        assert process.returncode == 0, log
        answer = json.loads(printed)
        path = Path(answer["path"]) if "path" in answer else None
        return Outcome(path, answer.get("error"), answer.get("message", ""), log)


@pytest.fixture
def client(tmp_path: Path) -> Iterator[Client]:
    files = {CHECKPOINT: CONTENT, "config.json": b'{"n_token": 178}', VOICE: bytes(1024)}
    with serve(HubServer(REPO_ID, REVISION, files)) as hub:
        yield Client(hub, tmp_path / "home")


def left_over(client: Client) -> list[str]:
    """Unfinished files of ours or of the library's."""
    return [str(path) for path in client.folder.rglob("*") if path.suffix in (".partial", ".incomplete")]


def assert_whole(client: Client, outcome: Outcome) -> None:
    assert outcome.path is not None, outcome
    assert outcome.path.read_bytes() == CONTENT
    assert not left_over(client)


def test_first_fetch_is_checked_and_kept(client: Client) -> None:
    outcome = client.fetch()
    assert_whole(client, outcome)
    assert outcome.path == client.folder / "snapshots" / REVISION / CHECKPOINT
    assert [request.range for request in client.hub.content_requests(CHECKPOINT)] == [None]


def test_second_fetch_asks_for_nothing_and_reads_nothing(client: Client) -> None:
    client.fetch()
    n_requests = len(client.hub.requests)
    outcome = client.fetch(before="hub_module.sha256_of = None  # a call would raise")
    assert_whole(client, outcome)
    assert len(client.hub.requests) == n_requests


def test_the_library_knows_the_cache_as_its_own(client: Client) -> None:
    client.fetch()
    client.fetch(VOICE)
    found = scan_cache_dir(client.home / "hub")
    assert not found.warnings
    (repository,) = found.repos
    (revision,) = repository.revisions
    assert (repository.repo_id, revision.commit_hash) == (REPO_ID, REVISION)
    assert {file.file_name for file in revision.files} == {CHECKPOINT, "af_heart.pt"}


def test_what_another_program_fetched_is_used(client: Client) -> None:
    theirs = (
        "from huggingface_hub import hf_hub_download;"
        f"hf_hub_download({REPO_ID!r}, {CHECKPOINT!r}, revision={REVISION!r})"
    )
    subprocess.run(
        [sys.executable, "-c", theirs],
        env=client.environment({"HF_HUB_DISABLE_XET": "1"}),
        check=True,
        timeout=120,
    )
    n_requests = len(client.hub.requests)
    assert_whole(client, client.fetch())
    assert len(client.hub.requests) == n_requests


def test_small_files_come_without_a_redirect(client: Client) -> None:
    outcome = client.fetch("config.json")
    assert outcome.path is not None
    assert outcome.path.read_bytes() == client.hub.files["config.json"]


@pytest.mark.skipif(huggingface_hub.__version__ < "2", reason="older ones refuse such a file themselves")
def test_a_file_whose_size_the_hub_does_not_state(client: Client) -> None:
    client.hub.without_size.add("config.json")
    outcome = client.fetch("config.json")
    assert outcome.path is not None
    assert outcome.path.read_bytes() == client.hub.files["config.json"]


def test_cache_folders_of_the_environment_are_honoured(client: Client, tmp_path: Path) -> None:
    outcome = client.fetch(HF_HUB_CACHE=str(tmp_path / "elsewhere"))
    assert outcome.path is not None
    assert outcome.path.is_relative_to(tmp_path / "elsewhere")
    assert not client.home.exists()


def test_nothing_is_told_about_this_machine_and_nothing_else_asked(client: Client) -> None:
    client.fetch()
    assert client.hub.other_paths == []
    assert not any("torch" in request.user_agent for request in client.hub.requests)


@pytest.mark.parametrize("reset", [False, True], ids=["closed", "reset"])
def test_a_connection_cut_half_way_is_resumed(client: Client, reset: bool) -> None:
    cut = Fault(cut_after_bytes=CHUNK_BYTES + CHUNK_BYTES // 2, reset=reset)
    client.hub.content_faults[CHECKPOINT].append(cut)
    assert_whole(client, client.fetch())
    first, second = client.hub.content_requests(CHECKPOINT)
    assert first.range is None
    assert second.range == f"bytes={CHUNK_BYTES}-"


def test_what_a_killed_process_got_is_resumed_by_the_next(client: Client) -> None:
    client.hub.content_faults[CHECKPOINT].append(Fault(cut_after_bytes=CHUNK_BYTES + 5, hang=True))
    process = client.start()
    assert client.hub.hanging.wait(timeout=60)
    (partial,) = client.folder.glob(".wyoming-kokoro/*.partial")
    while partial.stat().st_size < CHUNK_BYTES:  # what was sent may still be on its way
        assert process.poll() is None
        time.sleep(0.01)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    outcome = client.fetch()
    assert_whole(client, outcome)
    assert "resuming at 10.5 MB" in outcome.log
    assert [request.range for request in client.hub.content_requests(CHECKPOINT)] == [
        None,
        f"bytes={CHUNK_BYTES}-",
    ]


def test_a_server_that_ignores_the_range_is_survived(client: Client) -> None:
    faults = client.hub.content_faults[CHECKPOINT]
    faults.append(Fault(cut_after_bytes=CHUNK_BYTES, reset=True))
    faults.append(Fault(ignore_range=True))
    assert_whole(client, client.fetch())


@pytest.mark.parametrize("n_bytes", [len(CONTENT), len(CONTENT) + 1, 5_000_000], ids=["full", "over", "part"])
def test_rubbish_where_a_part_should_be_is_never_used(client: Client, n_bytes: int) -> None:
    partial = client.folder / ".wyoming-kokoro" / f"{REVISION[:12]}-{CHECKPOINT}.partial"
    partial.parent.mkdir(parents=True)
    partial.write_bytes(bytes(n_bytes))
    outcome = client.fetch()
    if n_bytes <= len(CONTENT):
        assert outcome.error == "HashMismatchError"
        assert not left_over(client)
        outcome = client.fetch()
    assert_whole(client, outcome)


def test_404_names_file_and_revision_and_is_not_asked_twice(client: Client) -> None:
    outcome = client.fetch("voices/af_nobody.pt")
    assert outcome.error == "HubError"
    assert "voices/af_nobody.pt" in outcome.message
    assert REVISION in outcome.message
    assert len(client.hub.requests) == 1


def test_an_unauthorised_answer_is_not_asked_twice(client: Client) -> None:
    client.hub.head_faults[CHECKPOINT] = deque([Fault(status=403)])
    outcome = client.fetch()
    assert outcome.error == "HubError"
    assert "HTTP 403" in outcome.message
    assert len(client.hub.requests) == 1


@pytest.mark.parametrize("where", ["head_faults", "content_faults"])
def test_trouble_that_passes_is_waited_for(client: Client, where: str) -> None:
    getattr(client.hub, where)[CHECKPOINT].extend([Fault(status=500), Fault(status=503)])
    assert_whole(client, client.fetch())


def test_trouble_that_stays_is_reported(client: Client) -> None:
    client.hub.head_faults[CHECKPOINT].extend([Fault(status=500)] * 9)
    outcome = client.fetch()
    assert outcome.error == "HubError"
    assert "HTTP 500" in outcome.message
    assert "--source packages" in outcome.message
    assert len(client.hub.requests) == 4  # one try and three more
    client.hub.head_faults[CHECKPOINT].clear()
    assert_whole(client, client.fetch())


def test_wrong_content_is_thrown_away(client: Client) -> None:
    client.hub.files[CHECKPOINT] = CONTENT[:-1] + b"?"
    outcome = client.fetch()
    assert outcome.error == "HashMismatchError"
    assert hashlib.sha256(CONTENT).hexdigest() in outcome.message
    assert not left_over(client)
    assert not list(client.folder.glob("blobs/*"))
    client.hub.files[CHECKPOINT] = CONTENT
    assert_whole(client, client.fetch())


def test_files_without_a_published_hash_are_held_against_the_hubs(client: Client) -> None:
    client.hub.etags[VOICE] = hashlib.sha256(b"another voice").hexdigest()
    assert client.fetch(VOICE).error == "HashMismatchError"
    del client.hub.etags[VOICE]
    assert client.fetch(VOICE).path is not None


def test_a_cached_file_changed_in_place_is_noticed_and_replaced(client: Client) -> None:
    path = client.fetch().path
    assert path is not None
    tamper(path)
    outcome = client.fetch()
    assert_whole(client, outcome)
    assert "SHA-256" in outcome.log
    assert len(client.hub.content_requests(CHECKPOINT)) == 2


def test_a_changed_file_is_not_used_where_nothing_can_be_fetched(client: Client) -> None:
    path = client.fetch().path
    assert path is not None
    tamper(path)
    outcome = client.fetch(local=True)
    assert outcome.error == "OfflineError"
    assert "damaged" in outcome.log
    assert not path.exists()
    assert_whole(client, client.fetch())


def test_a_bad_blob_without_its_link_is_noticed(client: Client) -> None:
    blob = client.folder / "blobs" / hashlib.sha256(CONTENT).hexdigest()
    blob.parent.mkdir(parents=True)
    blob.write_bytes(bytes(len(CONTENT)))
    assert_whole(client, client.fetch())


@pytest.mark.parametrize("how", ["environment", "option"])
def test_offline_uses_the_cache_and_nothing_else(client: Client, how: str) -> None:
    environment = {"HF_HUB_OFFLINE": "1"} if how == "environment" else {}
    local = how == "option"
    outcome = client.fetch(local=local, **environment)
    assert outcome.error == "OfflineError"
    assert CHECKPOINT in outcome.message
    assert client.hub.requests == []
    client.fetch()
    assert_whole(client, client.fetch(local=local, **environment))


def test_a_hub_that_is_not_there_is_reported_at_once(client: Client) -> None:
    with socket.socket() as taken:  # bound, not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        outcome = client.fetch(HF_ENDPOINT=f"http://127.0.0.1:{taken.getsockname()[1]}")
    assert outcome.error == "HubError"
    assert "Cannot reach http://127.0.0.1" in outcome.message
    assert "--data-dir" in outcome.message
    assert "trying again" not in outcome.log


def test_a_hub_that_never_answers_is_given_up(client: Client) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        endpoint = f"http://127.0.0.1:{silent.getsockname()[1]}"
        outcome = client.fetch(HF_ENDPOINT=endpoint, HF_HUB_ETAG_TIMEOUT="1")
    assert outcome.error == "HubError"
    assert "Cannot reach" in outcome.message


def test_a_login_page_is_not_taken_for_the_hub(client: Client) -> None:
    client.hub.head_faults[CHECKPOINT].append(Fault(status=200))
    outcome = client.fetch()
    assert outcome.error == "HubError"
    assert "not as a hub does" in outcome.message


def test_two_processes_at_once_transfer_a_file_once(client: Client) -> None:
    client.hub.content_faults[CHECKPOINT].append(Fault(cut_after_bytes=CHUNK_BYTES, hang=True))
    doomed = client.start()
    assert client.hub.hanging.wait(timeout=60)
    waiting = [client.start(), client.start()]
    for process in waiting:  # they found the lock taken
        assert process.stderr is not None
        assert "Another process is fetching" in process.stderr.readline()
    doomed.kill()  # and its end frees it, whatever state it left
    doomed.communicate(timeout=60)
    for process in waiting:
        assert_whole(client, client.outcome(process))
    assert len(client.hub.content_requests(CHECKPOINT)) == 2  # the doomed one's, and one for both others


def test_a_file_in_place_of_the_folder(client: Client) -> None:
    client.home.mkdir()
    (client.home / "hub").write_text("not a folder")
    outcome = client.fetch()
    assert outcome.error == "StorageError"
    assert str(client.home / "hub") in outcome.message
    assert "--download-dir" in outcome.message


def test_a_read_only_folder(client: Client) -> None:
    client.home.mkdir()
    outcome = on_a_small_disk(client, f"mount -o remount,ro,bind {client.home}")
    assert outcome.error == "StorageError"
    assert "Read-only" in outcome.message


def test_a_good_file_on_a_read_only_disk_is_used(client: Client) -> None:
    client.fetch()
    for note in client.folder.glob(".wyoming-kokoro/*"):
        note.unlink()
    kept = client.home.with_name("kept")
    client.home.rename(kept)
    client.home.mkdir()
    n_requests = len(client.hub.requests)
    readonly = f"mount --bind {kept} {client.home} && mount -o remount,ro,bind {client.home}"
    assert on_a_small_disk(client, readonly).path is not None
    assert len(client.hub.requests) == n_requests


def test_too_small_a_disk_is_said_beforehand(client: Client) -> None:
    client.home.mkdir()
    outcome = on_a_small_disk(client, "true")
    assert outcome.error == "StorageError"
    assert "25 MB more" in outcome.message
    assert client.hub.content_requests(CHECKPOINT) == []


def test_a_disk_that_fills_up_half_way(client: Client) -> None:
    client.home.mkdir()
    pretend = "import shutil; shutil.disk_usage = lambda path: shutil._ntuple_diskusage(1 << 40, 0, 1 << 40)"
    say_what_stayed = "import atexit, os; atexit.register(os.system, 'find $HF_HOME -name *.partial >&2')"
    outcome = on_a_small_disk(client, "true", before=f"{pretend}\n{say_what_stayed}")
    assert outcome.error == "StorageError"
    assert "disk is full" in outcome.message
    assert ".partial" not in outcome.log.replace(outcome.message, "")


def test_progress_in_plain_lines_without_a_terminal(client: Client) -> None:
    log = client.fetch().log
    assert "Fetching model.pth (25.2 MB)" in log
    assert "model.pth: 41 %" in log
    assert "Fetched model.pth in" in log


def test_progress_as_a_bar_on_a_terminal(client: Client) -> None:
    ours, theirs = pty.openpty()
    fcntl.ioctl(
        theirs, termios.TIOCSWINSZ, struct.pack("4H", 24, 100, 0, 0)
    )  # a bar has no width on a terminal without one
    process = subprocess.Popen(
        client.command(CHECKPOINT), env=client.environment({}), stdout=subprocess.DEVNULL, stderr=theirs
    )
    os.close(theirs)
    shown = b""
    try:
        while block := os.read(ours, 4096):
            shown += block
    except OSError:  # Linux: EIO once the other side is closed
        pass
    finally:
        os.close(ours)
    assert process.wait(timeout=60) == 0
    assert b"model.pth: 100%|" in shown
    assert b"41 %" not in shown


@pytest.fixture
def cached_file(tmp_path: Path) -> Path:
    """A file in a hub's cache, linked as the library links it, that is not the published one."""
    folder = tmp_path / "models--someone--some-model"
    blob = folder / "blobs" / "abc"
    path = folder / "snapshots" / REVISION / CHECKPOINT
    for each in (blob, path):
        each.parent.mkdir(parents=True)
    blob.write_bytes(b"damaged")
    path.symlink_to(Path("..", "..", "blobs", "abc"))
    return path


def hub_with(content: bytes, cache_dir: Path) -> Hub:
    published = {CHECKPOINT: hashlib.sha256(content).hexdigest()}
    return Hub(ModelRelease(REPO_ID, REVISION, CHECKPOINT, published), cache_dir=cache_dir)


def test_a_damaged_file_is_removed_with_its_links(cached_file: Path, tmp_path: Path) -> None:
    assert hub_with(b"whole", tmp_path).cached(CHECKPOINT) is None
    assert not cached_file.is_symlink()
    assert not list(tmp_path.rglob("blobs/*"))


def test_a_good_file_that_another_process_put_there_meanwhile_stays(
    cached_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def replaced_while_being_read(path: Path) -> str:
        digest = sha256_of(path)
        (tmp_path / "new").write_bytes(b"whole")
        (tmp_path / "new").replace(path.resolve())
        return digest

    hub = hub_with(b"whole", tmp_path)
    monkeypatch.setattr(hub_module, "sha256_of", replaced_while_being_read)
    assert hub.cached(CHECKPOINT) is None
    monkeypatch.undo()
    assert hub.cached(CHECKPOINT) == cached_file
    assert cached_file.read_bytes() == b"whole"


def test_a_file_that_cannot_be_read_is_named(
    cached_file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(path: Path) -> str:
        raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))

    monkeypatch.setattr(hub_module, "sha256_of", fail)
    with pytest.raises(StorageError, match=r"model\.pth: Input/output error"):
        hub_with(b"whole", tmp_path).cached(CHECKPOINT)


def test_the_pinned_release() -> None:
    assert len(KOKORO_V1_0.revision) == 40
    assert set(KOKORO_V1_0.sha256) == {"kokoro-v1_0.pth", "config.json", "voices/af_heart.pt"}
    assert all(len(digest) == 64 for digest in KOKORO_V1_0.sha256.values())


def tamper(path: Path) -> None:
    """Changes one byte of a file behind its links, keeping size and mtime."""
    facts = path.stat()
    with path.open("r+b") as file:
        file.write(b"?")
    os.utime(path, ns=(facts.st_atime_ns, facts.st_mtime_ns))


def on_a_small_disk(client: Client, preparation: str, before: str = "") -> Outcome:
    """A fetch into a disk of 16 MB of its own, in a mount namespace only that process sees."""
    unshare = ["unshare", "--mount", *([] if os.getuid() == 0 else ["--map-root-user"])]
    mount = f"mount -t tmpfs -o size=16m none {client.home}"
    if (
        shutil.which("unshare") is None
        or subprocess.run([*unshare, "sh", "-c", mount], check=False).returncode
    ):
        pytest.skip("this machine lets nobody mount")
    script = f'{mount} && {preparation} && exec "$@"'
    process = subprocess.Popen(
        [*unshare, "sh", "-c", script, "sh", *client.command(CHECKPOINT, before=before)],
        env=client.environment({}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    return client.outcome(process)
