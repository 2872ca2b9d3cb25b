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
_HELD_RE = re.compile("[\ue000-\uf8ff]")  # private use, which no text has after `plain`
_MAX_HELD = 6_400


def normalize(text: str, language: str, *, say_emoji: bool = False) -> str:
    """The spoken form of a text, on one line.

    language: BCP-47. Phonemes given in the text, `[word](/wˈɜɹd/)`, stay for the phonemizer, in its alphabet; so does
    more or less stress, `[word](+1)`, but in Japanese and Mandarin. Every other link is only its text. say_emoji: name emoji instead of
    dropping them.
    """
    text = plain(without_html(text), language, say_emoji=say_emoji)
    held: list[str] = []
    if "](" in text:

        def hold(mark: re.Match[str]) -> str:
            if mark["stress"] and not has_stress(language):
                return mark["stress"][1:].partition("]")[0]
            if len(held) == _MAX_HELD:
                return mark["word"] or mark["stress"][1:].partition("]")[0]
            held.append(mark["stress"] or marked(mark["word"], phonemes_of(mark, language)))
            return chr(0xE000 + len(held) - 1)

        text = _MARK_RE.sub(hold, text)
    text = without_markdown(text, words_for_code(language))
    text = in_words(_WHITE_SPACE_RE.sub(" ", text).strip(), language)
    if held:
        text = _HELD_RE.sub(lambda char: held[ord(char.group()) - 0xE000], text)
    return fold(text)


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
