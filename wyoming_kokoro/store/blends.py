"""Reads the names of blends: what is mixed from which voices, how much of each, and how quickly it speaks.

    af_bella(2)+af_sky(1)        two parts of one voice, one of another; a weight left out is 1
    af_bella:60,af_sky:40        the same in percent; both ways of writing may be mixed
    af_heart(2)-af_nicole(0.5)   away from a voice; a minus needs a weight before it, since names may have one
    af_heart|bm_george           the timbre of what is on the left, the manner of what is on the right: melody and pace
    af_heart@1.2                 a voice that speaks 1.2 times as fast; stands at the end, and after all else

Names come from the network, so how long one may be and how many voices it may name is bounded. Knows no files
and not which voices there are.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from wyoming_kokoro.errors import BlendError
from wyoming_kokoro.speech import MAX_SPEED, MIN_SPEED

MAX_CHARS = 200
MAX_PARTS = 8  # of each side
MAX_WEIGHT = 1000.0

# Weights that add up to less than this share of their sizes leave mostly noise when they are scaled to add up to one.
_MIN_SHARE = 0.1

_MARKS = frozenset("+,:()|@")  # no voice's name has one of them
_NAME = re.compile(r"[\w.-]+")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)", re.ASCII)
_SPACE = re.compile(r"\s*")


@dataclass(frozen=True)
class Part:
    """One voice of a blend."""

    voice: str

    weight: float
    """As it was written; negative: away from this voice."""

    position: int
    """Where its name stands in the blend's, from 1."""


Side = tuple[Part, ...]


@dataclass(frozen=True)
class Blend:
    """What a name asks for."""

    timbre: Side
    """Of these the decoder's half of the style: how the voice sounds."""

    manner: Side
    """Of these the half of pitch, pace and energy; the same as the timbre's where one blend is for both."""

    speed: float = 1.0

    text: str = ""
    """As it was written."""

    @property
    def parts(self) -> Side:
        """Each part once, in the order in which they stand."""
        return self.timbre if self.timbre == self.manner else self.timbre + self.manner

    @property
    def only_voice(self) -> str | None:
        """The one voice that this is, perhaps at a speed; None for a mixture."""
        names = {part.voice for part in self.parts}
        return next(iter(names)) if len(names) == 1 else None


def is_blend(name: str) -> bool:
    """Whether a name can only be a blend's, well or badly written."""
    return not _MARKS.isdisjoint(name)


@lru_cache(
    maxsize=64
)  # each sentence asks; clients choose these words, so what is remembered of them is bounded
def parse_blend(text: str) -> Blend:
    """Reads a blend's name, or a plain voice's. Raises `BlendError` with the place and the remedy."""
    if len(text) > MAX_CHARS:
        raise BlendError(text[:MAX_CHARS], f"it has {len(text)} characters; a blend has at most {MAX_CHARS}")
    return _Reader(text).blend()


class _Reader:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0

    def blend(self) -> Blend:
        timbre = manner = self._side()
        if self._take("|"):
            manner = self._side()
        speed = self._speed() if self._take("@") else 1.0
        if self._at < len(self._text):
            raise self._error(f"{self._text[self._at]!r} is not expected")
        return Blend(timbre, manner, speed, self._text)

    def _side(self) -> Side:
        """Voices and their weights, up to a bar, a speed or the end."""
        start = self._at
        parts = [self._part(1)]
        while sign := self._sign():
            if len(parts) == MAX_PARTS:
                raise self._error(f"it names more than {MAX_PARTS} voices")
            parts.append(self._part(sign))
        total, size = sum(part.weight for part in parts), sum(abs(part.weight) for part in parts)
        if abs(total) < _MIN_SHARE * size or not size:
            self._at = start
            raise self._error(
                f"the weights add up to {total:.3g}, too near zero to be shared out; make one of them larger"
            )
        return tuple(parts)

    def _sign(self) -> int:
        """1 or -1 where another part follows, and its sign is read; else 0."""
        if self._take("+") or self._take(","):
            return 1
        return -1 if self._take("-") else 0

    def _part(self, sign: int) -> Part:
        self._skip_space()
        position = self._at + 1
        if (name := _NAME.match(self._text, self._at)) is None:
            raise self._error("a voice's name is missing")
        self._at = name.end()
        weight = 1.0
        if self._take("("):
            weight = self._number("weight", lambda number: abs(number) <= MAX_WEIGHT, f"up to {MAX_WEIGHT:g}")
            if not self._take(")"):
                raise self._error("the parenthesis is not closed")
        elif self._take(":"):
            weight = self._number("weight", lambda number: abs(number) <= MAX_WEIGHT, f"up to {MAX_WEIGHT:g}")
        return Part(name[0], sign * weight, position)

    def _speed(self) -> float:
        return self._number(
            "speed",
            lambda number: MIN_SPEED <= number <= MAX_SPEED,
            f"from {MIN_SPEED:g} to {MAX_SPEED:g}",
        )

    def _number(self, what: str, is_right: Callable[[float], bool], allowed: str) -> float:
        self._skip_space()
        start = self._at
        if (found := _NUMBER.match(self._text, start)) is not None:
            self._at = found.end()
            if is_right(number := float(found[0])):
                return number
        self._at = start
        raise self._error(f"a {what} is a number {allowed}")

    def _take(self, mark: str) -> bool:
        """Reads past a mark, if it comes next."""
        self._skip_space()
        if not self._text.startswith(mark, self._at):
            return False
        self._at += 1
        self._skip_space()
        return True

    def _skip_space(self) -> None:
        found = _SPACE.match(self._text, self._at)
        assert found is not None
        self._at = found.end()

    def _error(self, reason: str) -> BlendError:
        return BlendError(self._text, reason, self._at + 1)
