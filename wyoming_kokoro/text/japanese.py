"""Japanese phonemes through misaki's cutlet, with the dictionary that unidic-lite brings along.

Importing this module loads the libraries. Nothing here downloads anything. misaki's `JAG2P` would do
no more than call the same class, and would want pyopenjtalk installed for it.
"""

from __future__ import annotations

import dataclasses
import itertools
import re
import threading
import unicodedata
from collections.abc import Callable

import unidic_lite  # noqa: F401 - the tagger looks for it, and says nothing useful where it is missing
from misaki.cutlet import Cutlet, Token, Word

from wyoming_kokoro.text.japanese_counts import readings
from wyoming_kokoro.text.scripts import has_ideographs
from wyoming_kokoro.text.unreadable import Unreadable

LANGUAGE = "ja-JP"

# misaki counts up to 999,999,999 and fails above: what is longer is read digit by digit.
_LONG_NUMBER_RE = re.compile(r"\d{10,}")
_DIGIT_RE = re.compile(r"\d")
# Names of numbers that the dictionary takes for those before what it does not know as a counter: 七試合, 四から六.
_NUMERALS = {
    ("三", "み"): "さん", ("三", "みっ"): "さん", ("四", "し"): "よん", ("五", "いつ"): "ご", ("六", "む"): "ろく", ("六", "むい"): "ろく",
    ("七", "しち"): "なな", ("十", "とお"): "じゅー", ("十", "とー"): "じゅー", ("十", "と"): "じゅー", ("八", "や"): "はち", ("八", "よー"): "はち", ("九", "く"): "きゅー",
}  # fmt: skip
_KATAKANA_RE = re.compile("[ァ-ヺ]")
_FULL_SIZE_KANA = str.maketrans("ぁぃぅぇぉゃゅょ", "あいうえおやゆよ")


class JapanesePhonemizer:
    """Reads Japanese. Safe to use from several threads, which take turns."""

    def __init__(self, read_word: Callable[[str], str] | None) -> None:
        """read_word: reads words in other scripts; None leaves Latin letters as they are."""
        self._cutlet = _Cutlet(read_word)
        self._lock = threading.Lock()

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        text = _DIGIT_RE.sub(lambda digit: str(unicodedata.decimal(digit.group())), text)
        text = _LONG_NUMBER_RE.sub(lambda number: " ".join(number.group()), text)
        with self._lock:
            phonemes, _ = self._cutlet(text)
        return " ".join(phonemes.split())


class _Cutlet(Cutlet):  # type: ignore[misc]  # misaki has no types
    """misaki's cutlet, which leaves out or spells as they stand all words that are not Japanese.

    And which reads numbers and what they count one by one.
    """

    def __init__(self, read_word: Callable[[str], str] | None) -> None:
        super().__init__()
        self._read_word = read_word
        self._unreadable = Unreadable(LANGUAGE)

    def _romaji_tokens(self, words: list[Word]) -> list[Token]:
        tokens: list[Token] = super()._romaji_tokens(_with_counts(words))
        return tokens

    def _romaji_word(self, word: Word) -> str:
        surface: str = word.surface
        if self._read_word and surface.isascii() and surface.isalpha():
            return self._read_word(surface)
        try:
            phonemes: str = super()._romaji_word(word)
        except KeyError:  # "゛んゃ": a small kana after one that cannot carry it
            phonemes = super()._romaji_word(
                dataclasses.replace(word, hira=word.hira.translate(_FULL_SIZE_KANA))
            )
        if phonemes or not any(char.isalpha() for char in surface):
            return phonemes
        return self._read_unknown(surface)

    def _read_unknown(self, surface: str) -> str:
        """A word that the dictionary lacks: a rare name by its kanji, other scripts by another reader."""
        phonemes = ""
        if not has_ideographs(surface):
            phonemes = self._read_word(surface) if self._read_word else ""
        elif len(surface) > 1:
            phonemes = "".join(self(char)[0] for char in surface)
        if not phonemes:
            self._unreadable.report(surface)
        return phonemes


def _with_counts(words: list[Word]) -> list[Word]:
    """The words of a text, each number and what it counts as one word with the reading that both have together."""
    ends = [0, *itertools.accumulate(len(word.surface) for word in words)]
    at = {end: index for index, end in enumerate(ends)}
    found, index = [], 0
    for reading in readings("".join(word.surface for word in words)):
        first, last = at.get(reading.start), at.get(reading.end)
        if first is not None and last is not None:  # the tagger sees the same words
            surface = "".join(word.surface for word in words[first:last])
            found += [*words[index:first], Word(surface, reading.kana, words[first].char_type)]
            index = last
    found += words[index:]
    return [_named(word, after) for word, after in itertools.zip_longest(found, found[1:])]


def _named(word: Word, after: Word | None) -> Word:
    """A word as it is read before another: numbers by their Chinese names, unless a Japanese counter follows."""
    kana = _NUMERALS.get((word.surface, word.hira))
    if kana is None and after is not None and _KATAKANA_RE.match(after.surface):
        kana = {("一", "ひと"): "いち", ("二", "ふた"): "に"}.get((word.surface, word.hira))
    return Word(word.surface, kana, word.char_type) if kana else word
