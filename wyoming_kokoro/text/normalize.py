"""Turns written text into what is to be read aloud. Pure functions, linear in the text's length.

Knows nothing of phonemes. Three steps: characters become plain, markup goes, and the language says in words what
is written in figures, signs and abbreviations. The steps are in `spoken`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from wyoming_kokoro.text.ipa import MARK, STRESS_MARK, has_stress, marked, phonemes_of
from wyoming_kokoro.text.known_names import known_names
from wyoming_kokoro.text.lexicon import Lexicon
from wyoming_kokoro.text.spoken.characters import plain
from wyoming_kokoro.text.spoken.languages import in_words, words_for_code
from wyoming_kokoro.text.spoken.markup import without_html, without_markdown

_WHITE_SPACE_RE = re.compile(r"\s+")
_SPOKEN_SYMBOLS = frozenset("%&+=@°×÷")  # have a reading even where they stand alone

_MARK_RE = re.compile(f"{MARK}|(?P<stress>{STRESS_MARK})")

_OTHER_LETTERS = ("hi", "ja", "zh")  # languages not written in Latin ones
_MAX_HELD = 6_400  # as many characters of private use as there are, which no text has after `plain`
_SYLLABLES = [consonant + vowel for consonant in "bdfgklmnpr" for vowel in "aeiou"]
_AS_WORD_RE = re.compile("[Zz]alop((?:[bdfgklmnpr][aeiou]){3})")
_AS_CHARACTER_RE = re.compile("([\ue000-\uf8ff])")


def normalize(text: str, language: str, *, say_emoji: bool = False) -> str:
    """The spoken form of a text, on one line.

    language: BCP-47. Phonemes given in the text, `[word](/wˈɜɹd/)`, stay for the phonemizer, in its alphabet; so does
    more or less stress, `[word](+1)`, but in Japanese and Mandarin. Every other link is only its text. say_emoji: name emoji instead of
    dropping them.
    """
    text = plain(without_html(text), language, say_emoji=say_emoji)
    held = _Held(text, language)
    if "](" in text:
        text = _MARK_RE.sub(held.hold, text)
    text = without_markdown(text, words_for_code(language))
    text = in_words(_WHITE_SPACE_RE.sub(" ", text).strip(), language)
    return fold(held.put_back(text))


class _Held:
    """Marked words of a text, and what stands in their places meanwhile.

    That is a word which no language has, so that a name is one for whatever looks at words: "Dr. Nguyen", "a 5 km
    Boston run". Or, where words are not written in Latin letters or a text has that word, a character.
    """

    def __init__(self, text: str, language: str) -> None:
        self._language = language
        self._marks: list[str] = []
        is_word = not language.startswith(_OTHER_LETTERS) and not _AS_WORD_RE.search(text)
        self._stand_in_re = _AS_WORD_RE if is_word else _AS_CHARACTER_RE

    def hold(self, mark: re.Match[str]) -> str:
        """What stands for a mark from now on."""
        language = self._language
        word = mark["word"] or mark["stress"][1:].partition("]")[0]
        if len(self._marks) == _MAX_HELD or (mark["stress"] and not has_stress(language)):
            return word
        self._marks.append(mark["stress"] or marked(mark["word"], phonemes_of(mark, language)))
        index, base = len(self._marks) - 1, len(_SYLLABLES)
        if self._stand_in_re is _AS_CHARACTER_RE:
            return chr(0xE000 + index)
        syllables = (_SYLLABLES[index // base**place % base] for place in (2, 1, 0))
        return f"{'Z' if word[:1].isupper() else 'z'}alop{''.join(syllables)}"

    def put_back(self, text: str) -> str:
        """The text with its marks again."""
        return self._stand_in_re.sub(self._mark, text) if self._marks else text

    def _mark(self, stand_in: re.Match[str]) -> str:
        written = stand_in[1]
        if len(written) == 1:
            return self._marks[ord(written) - 0xE000]
        index = 0
        for start in range(0, len(written), 2):
            index = index * len(_SYLLABLES) + _SYLLABLES.index(written[start : start + 2])
        return self._marks[index]


@dataclass(frozen=True)
class Normalizer:
    """`normalize` as the user wants it."""

    in_words: bool = True
    """False leaves the text as it is written, for those who write for the phonemizer."""

    say_emoji: bool = False
    """Name emoji instead of dropping them."""

    lexicon: Callable[[], Lexicon] = Lexicon
    """Gives the user's own words, which go before all else; asked for each text, since they may change."""

    def __call__(self, text: str, language: str) -> str:
        """The spoken form of a text, on one line. language: BCP-47."""
        text = known_names().apply(self.lexicon().apply(text, language), language)
        return normalize(text, language, say_emoji=self.say_emoji) if self.in_words else fold(text)


AS_USUAL = Normalizer()
"""For those who have said nothing of it."""


def fold(text: str) -> str:
    """The text on one line, its words a space apart."""
    return _WHITE_SPACE_RE.sub(" ", text).strip()


def is_speakable(text: str) -> bool:
    """Whether a text holds anything to be heard: not so "...", "🎉", "**" and "<b></b>"."""
    said = without_markdown(plain(without_html(text), "en"), "code")
    return any(char.isalnum() or char in _SPOKEN_SYMBOLS for char in said)
