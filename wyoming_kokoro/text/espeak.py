"""Phonemes from espeak-ng, in the model's alphabet, through misaki and phonemizer.

Importing this module loads the libraries. Each voice has its own copy of the espeak library, since espeak keeps its
state in globals, and serves one thread at a time. A copy can never be unloaded (2 MB would stay behind of each),
so there is one for a voice and a process, whoever reads with it.
"""

from __future__ import annotations

import functools
import logging
import re
import threading
import unicodedata
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
# The same sound in a spelling that espeak reads: with the moon's dot of जाएँ and सेवाएँ it says "aːj".
_RESPELLED = {"hi-IN": (("एँ", "एं"),)}

# A word with characters beyond Latin, punctuation and symbols.
_WORD_OF_OTHER_SCRIPT_RE = re.compile(r"\S*[^\s\u0000-\u024f\u2000-\u2bff]\S*")

_FIRST_UNKNOWN_LETTER = 0x1E00  # of those with two marks, as Vietnamese has them
_UNKNOWN_LETTERS = str.maketrans("øØđĐơƠưƯêÊîÎûÛôÔâÂ", "öÖdDoOuUèÈiIuUoOaA")
# Of these it loses the r: "Jürgen".
_UMLAUT_R = {"är": "air", "ür": "ur"}
_UMLAUT_R_RE = re.compile("(?:är|ür)(?![aeiou])", re.IGNORECASE)

# What espeak's British English puts between two vowels of a word without an r: "Chloé", "Eoin".
_LINKING_R_RE = re.compile(r"əɹ(?=[ˈˌ]?[AIQWYaiuɑɒɔəɛɜɪʊʌ])")
# "Puccini" ends as "happy" does, which misaki writes with an i.
_FINAL_I_RE = re.compile(r"(?<=[^\sˈˌAIQWYaiuɑɒɔəɛɜʊʌː])ɪ(?=$|\s)")


class EspeakPhonemizer:
    """Reads whole sentences of a language that the model knows only from espeak."""

    def __init__(self, language: str, voice: str) -> None:
        """language: BCP-47. voice: espeak's name for it, the one the model was trained with."""
        self._g2p, self._lock = _sentence_reader(voice)
        _silence_phonemizer()
        self._scripts = _OWN_SCRIPTS.get(language, _LATIN)
        self._respelled = _RESPELLED.get(language, ())
        self._unreadable = Unreadable(language)

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        for written, read in self._respelled:
            text = text.replace(written, read)
        with self._lock:
            phonemes, _ = self._g2p(separate_scripts(text, self._scripts))
        if not any(symbol.isalpha() for symbol in phonemes):
            self._unreadable.report(text)
        return " ".join(phonemes.split())


@functools.cache
def _sentence_reader(voice: str) -> tuple[EspeakG2P, threading.Lock]:
    """What reads with a voice, and what has to be held meanwhile."""
    return EspeakG2P(language=voice), threading.Lock()


def word_reader(*, british: bool) -> EspeakWords:
    """The one for an accent."""
    reader = _word_reader(british)
    _silence_phonemizer()
    return reader


@functools.cache
def _word_reader(british: bool) -> EspeakWords:
    return EspeakWords(british=british)


class EspeakWords(EspeakFallback):  # type: ignore[misc]  # misaki has no types
    """Reads single words in misaki's English alphabet. Safe to use from any thread; see `word_reader`.

    misaki's own constructor lets espeak mark where it changes language, "(ru)", and would have the
    marks spoken, so it is not called.
    """

    # misaki knows neither the ties of en-gb's "air" and "ear", whose "e" it makes an "A" first, nor that espeak's American
    # r-coloured vowels have an r of their own where another follows: "Ferrari" had four.
    E2M = sorted(
        [*EspeakFallback.E2M, ("e^ə", "ɛː"), ("i^ə", "ɪə"), ("ɚɹ", "əɹ"), ("ɹɹ", "ɹ")],
        key=lambda pair: -len(pair[0]),
    )

    def __init__(self, *, british: bool) -> None:
        self.british = british
        self.version = None
        self._lock = threading.Lock()
        self.backend = EspeakBackend(
            "en-gb" if british else "en-us",
            preserve_punctuation=True,
            with_stress=True,
            tie="^",
            language_switch="remove-flags",
        )

    def read(self, word: str) -> str:
        """The word's phonemes; empty if espeak has nothing to say."""
        word = latin_for_espeak(word)
        with self._lock:
            phonemes, _ = self(SimpleNamespace(text=separate_scripts(word, _LATIN)))
        if not phonemes or not self.british:
            return phonemes or ""
        if word.isalpha() and "r" not in word.lower():
            phonemes = _LINKING_R_RE.sub("ə", phonemes)
        return _FINAL_I_RE.sub("i", phonemes)


def latin_for_espeak(word: str) -> str:
    """A word without the letters that English espeak spells by their codes, or calls "diameter"."""
    if word.isascii():
        return word
    word = unicodedata.normalize("NFC", word).translate(_UNKNOWN_LETTERS)
    word = _UMLAUT_R_RE.sub(lambda letters: _UMLAUT_R[letters.group().lower()], word)
    return "".join(
        char
        if ord(char) < _FIRST_UNKNOWN_LETTER
        else unicodedata.normalize("NFD", char)[0]
        if "LATIN" in unicodedata.name(char, "")
        else char
        for char in word
        if not unicodedata.combining(char)
    )


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
