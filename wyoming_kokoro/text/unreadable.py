"""Says what a phonemizer had to leave out: once for each script, and never with a user's words."""

from __future__ import annotations

import logging

from wyoming_kokoro.text.scripts import script_of

_LOGGER = logging.getLogger(__name__)


class Unreadable:
    """Reports text that one language's phonemizer cannot read. Safe to use from several threads."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._reported: set[str] = set()

    def report(self, text: str) -> None:
        """Logs the scripts of the letters and digits in `text` that were not reported before."""
        scripts = {script_of(char) for char in text if char.isalnum()}
        for script in sorted(scripts - self._reported):
            self._reported.add(script)
            _LOGGER.warning("%s: some %s text cannot be read and is left out", self._language, script)
