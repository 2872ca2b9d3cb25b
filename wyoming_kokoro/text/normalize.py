"""Turns written text into what is to be read aloud. Pure functions, linear in the text's length.

Knows nothing of phonemes. Three steps: characters become plain, markup goes, and the language says in words what
is written in figures, signs and abbreviations. The steps are in `spoken`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from wyoming_kokoro.text.spoken.characters import plain
from wyoming_kokoro.text.spoken.languages import in_words, words_for_code
from wyoming_kokoro.text.spoken.markup import without_html, without_markdown

_WHITE_SPACE_RE = re.compile(r"\s+")
_SPOKEN_SYMBOLS = frozenset("%&+=@°×÷")  # have a reading even where they stand alone

# Phonemes given in the text, which have IPA in them: a link's target may also be a path.
_PHONEMES_RE = re.compile(
    r"\[(?P<word>[^\[\]\n]{1,200})\]\((?P<phonemes>/[^()\n/]{0,200}[^\x00-\x7f][^()\n/]{0,200}/)\)"
)
_HELD_RE = re.compile("[\ue000-\uf8ff]")  # private use, which no text has after `plain`
_MAX_HELD = 6_400


def normalize(text: str, language: str, *, say_emoji: bool = False) -> str:
    """The spoken form of a text, on one line.

    language: BCP-47. In English, phonemes given in the text, `[word](/wˈɜɹd/)`, stay for the
    phonemizer; elsewhere every link is only its text. say_emoji: name emoji instead of dropping them.
    """
    text = plain(without_html(text), language, say_emoji=say_emoji)
    held: list[str] = []
    if language.startswith("en") and "](/" in text:

        def hold(link: re.Match[str]) -> str:
            if len(held) == _MAX_HELD:
                return link["word"]
            held.append(link.group())
            return chr(0xE000 + len(held) - 1)

        text = _PHONEMES_RE.sub(hold, text)
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

    def __call__(self, text: str, language: str) -> str:
        """The spoken form of a text, on one line. language: BCP-47."""
        return normalize(text, language, say_emoji=self.say_emoji) if self.in_words else fold(text)


def fold(text: str) -> str:
    """The text on one line, its words a space apart."""
    return _WHITE_SPACE_RE.sub(" ", text).strip()


def is_speakable(text: str) -> bool:
    """Whether a text holds anything to be heard: not so "...", "🎉", "**" and "<b></b>"."""
    said = without_markdown(plain(without_html(text), "en"), "code")
    return any(char.isalnum() or char in _SPOKEN_SYMBOLS for char in said)
