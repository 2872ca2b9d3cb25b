"""How lines of the log look: with the number of the utterance they are about, as text or as JSON. Standard library only.

Knows nothing of what is logged.
"""

from __future__ import annotations

import contextlib
import json
import logging
import traceback
from collections.abc import Iterator
from contextvars import ContextVar
from datetime import datetime, timezone

JSON = "json"

_UTTERANCE: ContextVar[int | None] = ContextVar("utterance", default=None)


@contextlib.contextmanager
def about(utterance: int) -> Iterator[None]:
    """What is logged inside, on this thread, is about this utterance."""
    before = _UTTERANCE.set(utterance)
    try:
        yield
    finally:
        _UTTERANCE.reset(before)


class MarkUtterances(logging.Filter):
    """Lets every record pass, with the fields `utterance`, a number or None, and `about`, for formats."""

    def filter(self, record: logging.LogRecord) -> bool:
        """See the class."""
        number = _UTTERANCE.get()
        record.__dict__.update(utterance=number, about="" if number is None else f"#{number} ")
        return True


class JsonFormatter(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and where there are any utterance and exception."""

    def format(self, record: logging.LogRecord) -> str:
        """See the class."""
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, timezone.utc).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if (utterance := getattr(record, "utterance", None)) is not None:
            line["utterance"] = utterance
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


def formatter(log_format: str) -> logging.Formatter:
    """The formatter for a `--log-format`."""
    return JsonFormatter() if log_format == JSON else logging.Formatter(log_format)


def where(error: BaseException) -> str:
    """An error's kind and the lines of code it came through, without what it says."""
    return f"{type(error).__name__}\n{''.join(traceback.format_tb(error.__traceback__)).rstrip()}"
