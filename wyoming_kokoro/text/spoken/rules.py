"""A rule says how one class of written things is read. Knows no language.

A language is a list of rules, applied one after another to the whole text. What a rule leaves is words, and
no later rule looks at words that are in lower case, so that order is all there is to know about two rules.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Rule:
    """One pattern and how it is read. Patterns have to be linear: what repeats in them is bounded or unambiguous."""

    pattern: re.Pattern[str]

    read: Callable[[re.Match[str]], str | None]
    """The words for a match; None leaves it as it is written."""

    needs: re.Pattern[str] | None = None
    """Finds a character, or piece, that any match has: a text with none is not searched. None: always searched."""

    behind: re.Pattern[str] | None = None
    """What has to stand right before a match, however long it is: looked for only where there is one."""


def rule(
    pattern: str,
    read: Callable[[re.Match[str]], str | None],
    *,
    needs: str | tuple[str, ...] = "",
    behind: str = "",
    flags: int = 0,
) -> Rule:
    """A rule from verbose patterns, in which a space has to be written as `[ ]`.

    needs: characters, or pieces, one of which any match has. behind: in capitals or not.
    """
    needed = re.compile("|".join(map(re.escape, needs))) if needs else None
    before = re.compile(rf"(?:{behind})\Z", re.VERBOSE | re.IGNORECASE) if behind else None
    return Rule(re.compile(pattern, re.VERBOSE | flags), read, needed, before)


DIGITS = "0123456789"
LETTER = r"\w\u0900-\u0963\u0970-\u097f"  # in a class: `\w` is without Hindi's vowel signs, which stand within words

_MAX_BEHIND = 64  # longer than anything that is looked for there
_BLANK_END_RE = re.compile(r"\s*\Z")


def apply(rules: Iterable[Rule], text: str) -> str:
    """The text after all rules, in their order."""
    for each in rules:
        if each.needs is None or each.needs.search(text):
            text = each.pattern.sub(_reader(each), text)
    return text


def _reader(each: Rule) -> Callable[[re.Match[str]], str]:
    def read(match: re.Match[str]) -> str:
        start = match.start()
        if each.behind is not None and not each.behind.search(
            match.string[max(0, start - _MAX_BEHIND) : start]
        ):
            return match.group()
        words = each.read(match)
        return match.group() if words is None else words

    return read


def is_end(text: str, position: int) -> bool:
    """Whether nothing but white space follows, told without a copy of the rest."""
    return _BLANK_END_RE.match(text, position) is not None


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of these words, the longest first, to be used in a verbose pattern.

    Words with the same beginning stand together: where no word begins, a look at each beginning tells, not at each word.
    """
    rests: dict[str, list[str]] = {}
    for word in sorted(words, key=lambda word: (-len(word), word)):
        rests.setdefault(word[0], []).append(re.escape(word[1:]))
    return "|".join(
        re.escape(first) + (f"(?:{'|'.join(rest)})" if len(rest) > 1 else rest[0])
        for first, rest in rests.items()
    )
