"""Our own server as a process, started and ended by the bench, and what it says about learning a voice."""

from __future__ import annotations

import re
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Mapping
from types import TracebackType

from dev.bench.client import Address, ServerError
from dev.bench.machine import Memory, memory_of
from dev.bench.worker import ROOT

LEARNING_BEGINS_S = 3.0  # it begins after a second of quiet
LEARNING_S = 900.0
_END_S = 30.0
_TAIL_LINES = 15


class OurServer:
    """The program as a process, on a free loopback port."""

    def __init__(
        self,
        name: str,
        precision: str,
        *,
        cache_mb: int = 0,
        exact: bool = False,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Waits until it listens. Raises `ServerError`.

        cache_mb: for finished phrases. exact: without streaming inside a sentence. environment: None is ours.
        """
        self._said: deque[str] = deque(maxlen=_TAIL_LINES)
        self._is_learning, self._is_done_learning = threading.Event(), threading.Event()
        self.has_learnt = False
        """Whether it has said that it has learnt a voice."""

        # What it goes on to say has to be read, or it would wait for that one day.
        self._listener = threading.Thread(target=self._listen, daemon=True)
        start_s = time.perf_counter()
        options = [
            "--uri",
            "tcp://127.0.0.1:0",
            "--local-files-only",
            "--device",
            "cpu",
            "--precision",
            precision,
            "--cache-size",
            str(cache_mb),
            *(["--exact"] if exact else []),
        ]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "wyoming_kokoro", *options],
            cwd=ROOT,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=environment,
        )
        try:
            self.address = Address(name, "127.0.0.1", self._wait_for_port())
        except BaseException:
            self.close()
            raise
        self.ready_s = time.perf_counter() - start_s
        self.memory_ready = self.memory()
        self._listener.start()

    def __enter__(self) -> OurServer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def wait_until_learnt(self) -> bool:
        """Waits while it is learning its voice, if it begins to soon after its start.

        Returns whether the voice is known now: False where learning failed or took too long.
        """
        if not self._is_learning.wait(LEARNING_BEGINS_S):
            return True  # from what an earlier server has left on the disk
        self._is_done_learning.wait(LEARNING_S)
        return self.has_learnt

    def memory(self) -> Memory | None:
        """What it holds now."""
        return memory_of(self._process.pid)

    def close(self) -> None:
        """Ends it: by telling it first, then by force."""
        self._process.terminate()
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._listener.ident is not None:  # it was started
            self._listener.join()
        assert self._process.stderr is not None
        self._process.stderr.close()

    def _wait_for_port(self) -> int:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._note(line)
            if match := re.search(r"host 127\.0\.0\.1 port (\d+)", line):
                return int(match[1])
        raise ServerError("our server did not start:\n" + "".join(self._said))

    def _listen(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._note(line)
        self._is_done_learning.set()  # nor will it ever be

    def _note(self, line: str) -> None:
        self._said.append(line)
        if re.search(r"Learning \S+ in idle time", line):
            self._is_learning.set()
        elif re.search(r"Learnt \S+ from", line):
            self.has_learnt = True
            self._is_done_learning.set()
        elif "cannot be learnt" in line:
            self._is_done_learning.set()
