"""Phonemes from espeak-ng, in the model's alphabet, through misaki and phonemizer.

Importing this module loads the libraries. Each reader has its own copy of the espeak library, since
espeak keeps its state in globals, and serves one thread at a time.
"""

from __future__ import annotations

import logging
import threading
from types import SimpleNamespace

from misaki.espeak import EspeakFallback, EspeakG2P
from phonemizer.backend import EspeakBackend

from wyoming_kokoro.text.unreadable import Unreadable


class EspeakPhonemizer:
    """Reads whole sentences of a language that the model knows only from espeak."""

    def __init__(self, language: str, voice: str) -> None:
        """language: BCP-47. voice: espeak's name for it, the one the model was trained with."""
        self._g2p = EspeakG2P(language=voice)
        _silence_phonemizer()
        self._unreadable = Unreadable(language)
        self._lock = threading.Lock()

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        with self._lock:
            phonemes, _ = self._g2p(text)
        if not any(symbol.isalpha() for symbol in phonemes):
            self._unreadable.report(text)
        return " ".join(phonemes.split())


class EspeakWords(EspeakFallback):  # type: ignore[misc]  # misaki has no types
    """Reads single words in misaki's English alphabet. Not thread-safe.

    misaki's own constructor lets espeak mark where it changes language, "(ru)", and would have the
    marks spoken, so it is not called.
    """

    def __init__(self, *, british: bool) -> None:
        self.british = british
        self.version = None
        self.backend = EspeakBackend(
            "en-gb" if british else "en-us",
            preserve_punctuation=True,
            with_stress=True,
            tie="^",
            language_switch="remove-flags",
        )
        _silence_phonemizer()

    def read(self, word: str) -> str:
        """The word's phonemes; empty if espeak has nothing to say."""
        phonemes, _ = self(SimpleNamespace(text=word))
        return phonemes or ""


def _silence_phonemizer() -> None:
    """Takes back what every new backend does: a handler on stderr, for warnings nobody can act on.

    They say that espeak joined two words or changed language.
    """
    logger = logging.getLogger("phonemizer")
    logger.handlers.clear()
    logger.setLevel(logging.ERROR)
