"""English words for numbers: cardinal, ordinal, digit by digit, as a year, as a fraction. Knows no units.

`num2words` counts; what Americans leave out ("and") and people say otherwise (years, digits) is here.
"""

from __future__ import annotations

import re
from functools import lru_cache

from num2words import num2words

NUMBER = r"(?:(?:\d{1,3}(?:,\d{3})+(?!\d)|\d{1,2}(?:,\d{2})+,\d{3}(?!\d)|\d+)(?:\.\d+)?|(?<![\w.])\.\d+)"
"""A number as English writes it, without a sign: 1,234.5, .5 and India's 1,00,000."""

_MAX_COUNTED_DIGITS = 15  # nobody follows a number beyond trillions; its digits can be written down
_WORDS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_DENOMINATORS = {2: ("half", "halves"), 4: ("quarter", "quarters")}
_FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5), "⅗": (3, 5),
    "⅘": (4, 5), "⅙": (1, 6), "⅚": (5, 6), "⅐": (1, 7), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
    "⅑": (1, 9), "⅒": (1, 10),
}  # fmt: skip
FRACTION_SIGNS = "".join(_FRACTIONS)
_SIGNS = {"-": "minus ", "−": "minus ", "–": "minus ", "+": "plus ", "±": "plus or minus "}


class Numbers:
    """Reads numbers as one of the two Englishes does."""

    def __init__(self, *, british: bool) -> None:
        self.british = british

    def number(self, written: str) -> str:
        """A number in figures, with or without sign, separators, decimals: "-1,234.50"."""
        sign = _SIGNS.get(written[:1], "")
        figures = written[1:].lstrip() if sign else written
        whole, point, decimals = figures.replace(",", "").partition(".")
        words = self.cardinal(whole or "0")
        if point and decimals:
            words += f" point {digits(decimals)}"
        return sign + words

    def cardinal(self, whole: str) -> str:
        """A whole number, counted, or digit by digit where it is too long or begins with a zero."""
        if len(whole) > _MAX_COUNTED_DIGITS or (len(whole) > 1 and whole[0] == "0"):
            return digits(whole)
        return self._plain(num2words_cached(int(whole), "cardinal"))

    def ordinal(self, whole: str) -> str:
        """24 → "twenty-fourth"."""
        if len(whole) > _MAX_COUNTED_DIGITS:
            return digits(whole)
        return self._plain(num2words_cached(int(whole), "ordinal"))

    def year(self, written: str) -> str:
        """A year of three or four digits: "nineteen oh five", "two thousand six", "twenty twenty-six"."""
        value = int(written)
        century, rest = divmod(value, 100)
        if len(written) != 4 or written[0] == "0" or (century % 10 == 0 and rest < 10):
            return self.cardinal(str(value))
        if rest == 0:
            return f"{self.cardinal(str(century))} hundred"
        end = f"oh {_WORDS[rest]}" if rest < 10 else self.cardinal(str(rest))
        return f"{self.cardinal(str(century))} {end}"

    def year_of_an_era(self, written: str) -> str:
        """AD 476 → "four seventy-six", as a year that is known to be one; AD 900 → "nine hundred"."""
        hundreds, rest = divmod(int(written), 100)
        if len(written) != 3 or not hundreds or not rest:
            return self.year(written)
        return f"{_WORDS[hundreds]} {f'oh {_WORDS[rest]}' if rest < 10 else self.cardinal(str(rest))}"

    def short_year(self, written: str) -> str:
        """'08 → "oh eight", '69 → "sixty-nine"."""
        return f"oh {_WORDS[int(written)]}" if written[0] == "0" else self.label(written)

    def metric(self, name: str) -> str:
        """The name of a metric unit: "kilometer" or "kilometre"."""
        return name.replace("meter", "metre").replace("liter", "litre") if self.british else name

    def decade(self, written: str) -> str:
        """1990 → "nineteen nineties", 2000 → "two thousands", 80 → "eighties"."""
        return plural(self.year(written) if len(written) == 4 else self.cardinal(written))

    def fraction(self, numerator: int, denominator: int) -> str:
        """3, 4 → "three quarters"."""
        if denominator == 1 or is_over(numerator, denominator):
            return f"{self.cardinal(str(numerator))} over {self.cardinal(str(denominator))}"
        one, many = _DENOMINATORS.get(denominator) or (
            name := self.ordinal(str(denominator)).removeprefix("one "),
            f"{name}s",
        )
        return f"{self.cardinal(str(numerator))} {one if numerator == 1 else many}"

    def mixed(self, whole: str, numerator: int, denominator: int) -> str:
        """2, 1, 2 → "two and a half"."""
        fraction = self.fraction(numerator, denominator)
        if numerator == 1:
            fraction = fraction.replace("one ", "an " if denominator == 8 else "a ", 1)
        return f"{self.number(whole)} and {fraction}"

    def label(self, figures: str) -> str:
        """Figures that name rather than count: 1408 → "fourteen oh eight", 507 → "five oh seven", 32 → "thirty-two"."""
        if figures[0] == "0" or len(figures) > 4:
            return digits(figures)
        if len(figures) < 3 or figures.endswith("000") or (len(figures) == 3 and figures.endswith("00")):
            return self.cardinal(figures)
        head, rest = self.cardinal(figures[:-2]), figures[-2:]
        if rest == "00":
            return f"{head} hundred"
        return f"{head} {f'oh {_WORDS[int(rest)]}' if rest[0] == '0' else self.cardinal(rest)}"

    def _plain(self, words: str) -> str:
        words = words.replace(",", "")
        return words if self.british else words.replace(" and ", " ")


@lru_cache(maxsize=4_096)
def num2words_cached(value: int, kind: str) -> str:
    """What num2words says; it takes 30 µs, and homes say the same few numbers."""
    words: str = num2words(value, lang="en", to=kind)
    return words


def digits(figures: str) -> str:
    """Digit by digit: "007" → "zero zero seven". Anything else in between is a pause."""
    groups = re.findall(r"\d+", figures)
    return ", ".join(" ".join(_WORDS[int(digit)] for digit in group) for group in groups)


def sign_fraction(sign: str) -> tuple[int, int]:
    """½ → (1, 2)."""
    return _FRACTIONS[sign]


def is_one(written: str) -> bool:
    """Whether a written number takes the singular: 1, -1 and 1.0 do not all: "one point zero degrees"."""
    return written.lstrip("-−–+± ") == "1"


def is_over(numerator: int, denominator: int) -> bool:
    """Whether two figures with a slash are said with "over": 3/47, and a blood pressure of 120/80."""
    return denominator > 20 and (denominator not in (32, 64, 100, 1000) or numerator > denominator)


def plural(words: str) -> str:
    """The plural of a number word: "nineties", "sixes", "twenties", "hundreds"."""
    if words.endswith("y"):
        return f"{words[:-1]}ies"
    return f"{words}es" if words.endswith(("x", "s")) else f"{words}s"


def roman(numeral: str) -> int | None:
    """The value of a Roman numeral in its usual form, None for anything else: IV is 4, IIII none."""
    if not _ROMAN_RE.fullmatch(numeral):
        return None
    value = 0
    for char, following in zip(numeral, f"{numeral[1:]} ", strict=True):
        this = _ROMAN[char]
        value += -this if _ROMAN.get(following, 0) > this else this
    return value


_ROMAN = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100, "D": 500, "M": 1000}
_ROMAN_RE = re.compile(r"(?=.)M{0,3}(?:CM|CD|D?C{0,3})(?:XC|XL|L?X{0,3})(?:IX|IV|V?I{0,3})")
