"""What was found to be quicker than what on this machine, kept for a week, so that a start need not try it again.

A machine may be busy when something is tried; so nothing is believed for longer. Knows no models.
"""

from __future__ import annotations

import json
import logging
import time
from collections.abc import Callable
from pathlib import Path

from wyoming_kokoro.store.disk import cache_home, write_whole

_LOGGER = logging.getLogger(__name__)

_KEPT_S = 7 * 24 * 3600.0


class KeptTimings:
    """Answers of one machine in one state to questions of what is quicker."""

    def __init__(self, machine: str, path: Path | None = None) -> None:
        """machine: everything that answers hang on; those of another are forgotten."""
        self._machine = machine
        self._path = path or cache_home() / "timings.json"
        self._answers = self._read()

    def ask(self, question: str, measure: Callable[[], str]) -> str:
        """The answer that is known, or a new one, which is kept. Where that cannot be, the next start measures anew."""
        if (known := self._answers.get(question)) is not None:
            return known
        answer = self._answers[question] = measure()
        content = {"machine": self._machine, "answers": self._answers}
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(self._path, json.dumps(content, indent=1).encode())
        except OSError as error:
            _LOGGER.debug("%s cannot be written: %s", self._path, error)
        return answer

    def _read(self) -> dict[str, str]:
        try:
            age_s = time.time() - self._path.stat().st_mtime
            content = json.loads(self._path.read_bytes())
            if content["machine"] != self._machine or not 0 <= age_s < _KEPT_S:
                return {}
            return {str(question): str(answer) for question, answer in content["answers"].items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            _LOGGER.warning("%s cannot be read and is made again: %s", self._path, error)
            return {}
