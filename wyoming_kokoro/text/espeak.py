"""Phonemes from espeak-ng, in the model's alphabet, through misaki and phonemizer.

Importing this module loads the libraries. Each reader has its own copy of the espeak library, since
espeak keeps its state in globals, and serves one thread at a time.
"""

from __future__ import annotations

import logging
import re
import threading
from types import SimpleNamespace

from wyoming_kokoro.text.left_out import left_out
from wyoming_kokoro.text.scripts import script_of
from wyoming_kokoro.text.unreadable import Unreadable

# What another of phonemizer's back ends needs, down to a list of all the web's languages, and what runs
# several at once: 19 MB.
with left_out("segments", "joblib"):
    from misaki.espeak import EspeakFallback, EspeakG2P
    from phonemizer.backend import EspeakBackend

_OWN_SCRIPTS = {
    "hi-IN": ("DEVANAGARI", "LATIN"),
    "el-GR": ("GREEK", "LATIN"),
    "ru-RU": ("CYRILLIC", "LATIN"),
    "uk-UA": ("CYRILLIC", "LATIN"),
}  # the other languages of espeak are written in Latin
_LATIN = ("LATIN",)

# A word with characters beyond Latin, punctuation and symbols.
_WORD_OF_OTHER_SCRIPT_RE = re.compile(r"\S*[^\s\u0000-\u024f\u2000-\u2bff]\S*")


class EspeakPhonemizer:
    """Reads whole sentences of a language that the model knows only from espeak."""

    def __init__(self, language: str, voice: str) -> None:
        """language: BCP-47. voice: espeak's name for it, the one the model was trained with."""
        self._g2p = EspeakG2P(language=voice)
        _silence_phonemizer()
        self._scripts = _OWN_SCRIPTS.get(language, _LATIN)
        self._unreadable = Unreadable(language)
        self._lock = threading.Lock()

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        with self._lock:
            phonemes, _ = self._g2p(separate_scripts(text, self._scripts))
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
        phonemes, _ = self(SimpleNamespace(text=separate_scripts(word, _LATIN)))
        return phonemes or ""


def separate_scripts(text: str, own_scripts: tuple[str, ...]) -> str:
    """A text in which no word mixes scripts, or has a hyphen beside another script than its own.

    On some such words espeak 1.52 crashes, and the process with it: "३-বব", "Ꮃe世", and in Hindi ">-世".
    """
    return _WORD_OF_OTHER_SCRIPT_RE.sub(lambda word: _separated(word.group(), own_scripts), text)


def _separated(word: str, own_scripts: tuple[str, ...]) -> str:
    scripts = ["", *map(script_of, word), ""]
    separated = last = ""
    for index, char in enumerate(word):
        before, script, after = scripts[index : index + 3]
        if char == "-" and not (before == after and before in own_scripts):
            separated += " "
            continue
        if script:
            separated += " " if last not in ("", script) else ""
            last = script
        separated += char
    return separated


def _silence_phonemizer() -> None:
    """Takes back what every new backend does: a handler on stderr, for warnings nobody can act on.

    They say that espeak joined two words or changed language.
    """
    logger = logging.getLogger("phonemizer")
    logger.handlers.clear()
    logger.setLevel(logging.ERROR)
