"""Mandarin phonemes through misaki's first Chinese G2P, the one that model v1.0 was trained with.

Importing this module loads the libraries, jieba's dictionary included. Nothing here downloads
anything, and nothing is left in or read from the system's temporary folder.
"""

from __future__ import annotations

import functools
import logging
import re
import tempfile
import threading
import unicodedata
from collections.abc import Callable

import jieba  # type: ignore[import-untyped]  # jieba has no types
from misaki.zh import ZHG2P

from wyoming_kokoro.text.scripts import has_ideographs
from wyoming_kokoro.text.unreadable import Unreadable

LANGUAGE = "zh-CN"

_HAN = "\u4e00-\u9fff"  # what misaki takes for Chinese; everything else it passes on as it stands
_HAN_RE = re.compile(f"[{_HAN}]")
_FOREIGN_WORD_RE = re.compile(rf"[^\W\d_{_HAN}]+(?:['-][^\W\d_{_HAN}]+)*")
_DIGIT_RE = re.compile(r"\d")
_LONG_NUMBER_RE = re.compile(r"\d{17,}")  # cn2an leaves them as they are: they are read digit by digit
_FULL_WIDTH_RE = re.compile(r"[Ａ-Ｚａ-ｚ％＋－＝]+")
_SPACE_BEFORE_MARK_RE = re.compile(r"\s+(?=[,.!?:;])")


class MandarinPhonemizer:
    """Reads Mandarin. Safe to use from several threads, which take turns."""

    def __init__(self, read_word: Callable[[str], str] | None) -> None:
        """read_word: reads words in other scripts; None leaves Latin letters as they are."""
        _load_dictionary()
        self._g2p = ZHG2P()
        self._read_word = read_word
        self._unreadable = Unreadable(LANGUAGE)
        self._lock = threading.Lock()

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        text = _FULL_WIDTH_RE.sub(lambda run: unicodedata.normalize("NFKC", run.group()), text)
        text = _DIGIT_RE.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)
        text = text.replace("〇", "零")  # the zero of years, which misaki does not take for Chinese
        text = _LONG_NUMBER_RE.sub(lambda number: " ".join(number.group()), text)
        with self._lock:
            text = _HAN_RE.sub(self._unless_nameless, text)
            text = _FOREIGN_WORD_RE.sub(self._foreign_phonemes, text)
            phonemes, _ = self._g2p(text)
        return " ".join(_SPACE_BEFORE_MARK_RE.sub("", phonemes).split())

    def _unless_nameless(self, char: re.Match[str]) -> str:
        if _has_pinyin(char.group()):
            return char.group()
        self._unreadable.report(char.group())
        return ""

    def _foreign_phonemes(self, word: re.Match[str]) -> str:
        """A word in another script as phonemes, which misaki lets pass."""
        written = word.group()
        if self._read_word is None and written.isascii():
            return f" {written.lower()} "
        phonemes = self._read_word(written) if self._read_word and not has_ideographs(written) else ""
        if not phonemes:
            self._unreadable.report(written)
        return f" {phonemes} "


@functools.lru_cache(maxsize=8_192)
def _has_pinyin(char: str) -> bool:
    """Whether misaki can read a character. Some dozens have no pinyin, and one fails the whole text."""
    try:
        ZHG2P.word2ipa(char)
    except ValueError:
        return False
    return True


def _load_dictionary() -> None:
    """Loads jieba's dictionary without its cache, which any user of the machine could have put there."""
    jieba.setLogLevel(logging.WARNING)
    with tempfile.TemporaryDirectory() as private:
        jieba.dt.tmp_dir = private
        jieba.initialize()
