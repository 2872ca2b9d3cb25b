"""What languages other than English need to say figures in words: one set of rules, filled by each language's own table.

A `Grammar` is what a language file holds. The rules read numbers, decimals, ordinals, fractions, ranges, times, dates,
money, percentages and measured values. Knows no language.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from wyoming_kokoro.text.spoken.rules import DIGITS, LETTER, Rule, alternatives, apply, is_end, rule

_MAX_COUNTED_DIGITS = 15
VULGAR = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻−", "0123456789--")
_CLOSING = tuple(".,;:!?)…")  # no space stands before them
_LOOK_BACK = 20  # characters; longer than any of the words that are looked for
_LONG_FIGURES_RE = re.compile(r"[\d.,]{40,}")


class Noun(NamedTuple):
    """What is counted."""

    one: str
    many: str
    feminine: bool = False


class Currency(NamedTuple):
    """A currency and its hundredths, None where there are none."""

    whole: Noun
    cent: Noun | None = None


class Agreement(NamedTuple):
    """How words that are in no table are known to be counted."""

    noun: Callable[[str, bool], Noun | None]
    """What a word is that follows a number, and whether the number is one; None: nothing that is known to be counted."""

    one: str
    """Pattern of words behind which "1" is a count: "con 1 taza", but not the label in "sensor 1 activado"."""

    labels: str
    """Pattern of words that have a number as a name: any other in lower case, but for what follows, has things behind it."""

    state: str
    """Pattern of the ends of words that tell how a thing is, behind its number: "persiana 1 cerrada"."""

    thousand: str = r"(?!)"
    """Pattern of what may stand between, and agrees with the same noun: "200 mil personas"."""


class Halves(NamedTuple):
    """How parts of what is counted are said."""

    half: Callable[[Noun], str]
    """Behind "and": "tres horas y media"."""

    half_a: Callable[[Noun, str], str]
    """One half, from the noun and how it is written: "media taza"."""

    conjunction: str
    of: str
    """Between a fraction and its noun: "tres cuartos de taza"."""


@dataclass(frozen=True, eq=False)  # one object a language, told apart by being one
class Grammar:
    """How one language says figures."""

    count: Callable[[int], str]
    """A whole number in words, masculine, as in counting."""

    agree: Callable[[str, Noun], str]
    """A number in words before a noun: "uno" → "un", "una". The noun decides, not the number."""

    time: Callable[[int, int, str], str]
    """Hour, minute and "am", "pm" or "": a time of day."""

    date: Callable[[int, int, int | None], str]
    """Day, month, and the year if there is one."""

    ordinal: Callable[[int, str], str]
    """A rank, and the mark behind the figures, which may tell the gender."""

    fraction: Callable[[int, int], str]
    """Numerator and denominator."""

    money: Callable[[str, str], str]
    """How the words for a sum and for its hundredths are joined."""

    thousands: str
    """Pattern of what may stand between groups of three digits."""

    decimal: str
    """Pattern of what stands before decimals."""

    ordinal_mark: str
    """Pattern of what stands behind the figures of a rank."""

    point: str
    minus: str
    plus: str
    to: str
    """Between the ends of a range."""

    dash: str = ""
    """Between the ends of a range of what is measured or counted, where these stand beside each other without a word: "cinque-dieci minuti"."""

    joints: str = r"(?!)"
    """Pattern of words between two numbers of the same things: "1 o 2 horas"."""

    agreement: Agreement | None = None
    """How numbers agree with words in no table; None: they are as in counting."""

    date_signs: str = "-/."
    """What may stand between year, month and day, in this order."""

    half_day: str = r"(?P<half>[ap])\.?[ ]?m\b(?:\.(?!\s*$))?"
    """Pattern of what tells the halves of the day apart, with a group `half`."""

    clock_sign: str = ":"
    """Pattern of what stands between hours and minutes."""

    space: str = " "
    """Between words."""

    decimals_counted: bool = True
    """Whether two decimals are read as a number, 3,14 as "three comma fourteen", and not digit by digit."""

    per_hundred: Callable[[str], str] = field(default=lambda words: words)
    """A percentage, from the words for its number."""

    per: Callable[[str, str], str] | None = None
    """What is said of each of something else, from what it is and of what: "dos euros", "kilo"."""

    by: str = ""
    """Between the sides of a size, as in 30 x 40 cm."""

    ratio: str = ""
    """Between the two figures of 2:1; empty: as of a range."""

    magnitudes: str = ""
    """Pattern of the words that stand between a sum and its currency, whose sign is before both: "₹85 लाख"."""

    rates: Mapping[str, str] = field(default_factory=dict)
    """What else stands behind a slash, and what is said for it: "元/天"."""

    before_unit: str = ""
    """Pattern of what stands before the sign of a unit where there are no figures: "几km"."""

    power: Callable[[int], str] | None = None
    """What is said for an exponent, which may be below zero, behind its base; None leaves it as it is written."""

    root: str = ""
    """Before what √ stands at."""

    score: str | None = None
    """Between two figures that fall, as those of a range do not, and whose sign is a hyphen; None: as of a range."""

    after_span: frozenset[str] = frozenset()
    """What tells behind such figures that they are a range all the same, as of hours over midnight."""

    of_millions: Callable[[str], str] = field(default=lambda noun: noun)
    """What is counted behind full millions, which are nouns themselves: "un milione di euro"."""

    halves: Halves | None = None
    """How halves and other parts of what is counted are said; None: as the figures alone are."""

    units: Mapping[str, Noun] = field(default_factory=dict)
    counted_nouns: Mapping[str, Noun] = field(default_factory=dict)
    """Words that numbers agree with, in both their forms."""

    currencies: Mapping[str, Currency] = field(default_factory=dict)
    signs: Mapping[str, str] = field(default_factory=dict)
    """What is said for a sign wherever it stands, behind everything else."""

    abbreviations: Mapping[str, str] = field(default_factory=dict)
    days: Mapping[str, str] = field(default_factory=dict)
    """Names of days, cut short, where two of them stand together: "lun-vie"."""

    day_span: Callable[[str, str], str] | None = None
    """From one day to another: "du lundi au vendredi"; None: as of other ranges."""

    compass: Mapping[str, str] = field(default_factory=dict)
    wind: str = ""
    """Pattern of what stands before the letters of a direction."""

    month_names: tuple[str, ...] = ()
    """Beside which a number is a day, where a date is written in words; empty where the language's own marks tell."""

    day_before_month: str = r"(?P<d>\d{1,2})(?:[ ](?:de[ ])?)"
    """Pattern of the day in such a date, with a group `d`."""

    own_rules: Callable[[Grammar], tuple[Rule, ...]] = field(default=lambda _: ())
    """Rules of the language's own, before all others."""

    last_rules: Callable[[], tuple[Rule, ...]] = field(default=lambda: ())
    """And behind them."""

    digit_words: Callable[[str], str] | None = None
    """Figures one by one, where that is not the numbers up to nine."""

    def words(self, *parts: str) -> str:
        """Words in a row."""
        return self.space.join(part for part in parts if part)

    def digits(self, figures: str) -> str:
        """Digit by digit."""
        if self.digit_words is not None:
            return self.digit_words(figures)
        return self.words(*(self.count(int(digit)) for digit in figures if digit.isdigit()))

    def number(self, written: str, noun: Noun | None = None) -> str:
        """A number in figures, with its sign; before a noun it agrees with it."""
        sign = {"-": self.minus, "−": self.minus, "+": self.plus}.get(written[0], "")
        figures = written.lstrip("-−+ ")
        whole, decimals = self.parts(figures)
        if len(whole) > _MAX_COUNTED_DIGITS or (len(whole) > 1 and whole[0] == "0" and not decimals):
            return self.words(sign, self.digits(whole))
        words = self.count(int(whole or "0"))
        if decimals:
            counted = self.decimals_counted and len(decimals) <= 2 and decimals[0] != "0"
            said = self.count(int(decimals)) if counted else self.digits(decimals)
            if counted and noun and not noun.feminine:
                said = self.agree(said, noun)  # "cero coma treinta y un metros"
            return self.words(sign, words, self.point, said)
        return self.words(sign, self.agree(words, noun) if noun else words)

    def parts(self, figures: str) -> tuple[str, str]:
        """Whole figures and decimals of a number without its sign."""
        found = re.fullmatch(
            rf"(?P<whole>\d*(?:(?:{self.thousands})\d{{3}})*)(?:(?:{self.decimal})(?P<decimals>\d+))?",
            figures,
        )
        assert found is not None, figures
        return re.sub(r"\D", "", found["whole"]), found["decimals"] or ""

    def first_of(self, written: str, noun: Noun) -> str:
        """The lower end of a range, whose noun comes later: "de veintiuno a treinta grados", "de una a dos horas"."""
        return self.number(written, noun if noun.feminine else None)

    def span(self, low: str, high: str, joint: str | None = None) -> str:
        """A range of what is measured or counted, from the words for its ends and what is written between them."""
        if joint is None and self.dash and not high.startswith(self.minus):
            return f"{low}{self.dash}{high}"
        return self.words(low, joint or self.to, high)

    def counted(self, written: str, noun: Noun) -> str:
        """A number and what it counts."""
        one = written.lstrip("-−+ ") == "1"
        name = noun.one if one else self.of_millions(noun.many) if self.is_millions(written) else noun.many
        return self.words(self.number(written, noun), name)

    def is_millions(self, written: str) -> bool:
        """Whether a number ends with the word for millions, or for more."""
        whole, decimals = self.parts(written.lstrip("-−+ "))
        return (
            not decimals and whole.endswith("000000") and len(whole) <= _MAX_COUNTED_DIGITS and int(whole) > 0
        )

    def lasting(self, hours: str | None, minutes: str | None, seconds: str | None) -> str:
        """How long something takes, without what of it is nothing: "dos horas y cinco minutos"."""
        parts = [
            self.counted(str(int(value)), self.units[sign])
            for sign, value in (("h", hours), ("min", minutes), ("s", seconds))
            if value and int(value)
        ]
        if not parts:
            return self.counted("0", self.units["s"])
        if self.halves is None:
            return self.words(*parts)
        return f" {self.halves.conjunction} ".join(filter(None, (", ".join(parts[:-1]), parts[-1])))


SEPARATOR = rule(
    r"(?:(?<=[^\W\d_]{2})|(?<=[%°]))[ ]·[ ]|[ ]·[ ](?=[^\W\d_]{2})(?!(?:sin|cos|tan|sen|log|ln)\b)|[ ][•|][ ]",
    lambda _: ", ",
    needs="·•|",
)
"""Between the parts of a line, for languages with spaces; a point between figures or letters multiplies."""


def spoken(grammar: Grammar, text: str) -> str:
    """Text on one line with its figures in words; pure, and linear in its length."""
    text = _LONG_FIGURES_RE.sub(lambda figures: " ".join(figures.group()), text)
    return apply(rules(grammar), text)


@lru_cache
def rules(grammar: Grammar) -> tuple[Rule, ...]:
    """The rules of a language, in the order they have to be applied."""
    return (
        *grammar.own_rules(grammar),
        *_times(grammar),
        *_parts(grammar),
        *_sums(grammar),
        *_plain(grammar),
        *grammar.last_rules(),
    )


def written_durations(grammar: Grammar, minutes: str = r"m(?:in)?", seconds: str = "s") -> tuple[Rule, ...]:
    """`1h 30m` and `5m 20s`, whose m is no metre; for languages that have h, min and s among their units.

    minutes, seconds: patterns of how these are written.
    """
    before = r"(?<![\w.,/:])" if grammar.space else r"(?<![A-Za-z\d.,/:])"
    # The stop of what is cut short ends no sentence that goes on.
    after = r"(?![\w²³/])(?:\.(?=[ ][a-zà-ÿ]))?" if grammar.space else r"(?![A-Za-z\d²³/])"
    return (
        rule(
            rf"{before}(?P<h>\d{{1,3}})[ ]?h[ ]?(?P<min>\d{{1,2}})[ ]?(?:{minutes})(?:[ ]?(?P<s>\d{{1,2}})[ ]?(?:{seconds}))?{after}",
            lambda m: grammar.lasting(m["h"], m["min"], m["s"]),
            needs="h",
        ),
        rule(
            rf"{before}(?P<min>\d{{1,3}})[ ]?(?:{minutes})[ ]?(?P<s>\d{{1,2}})[ ]?(?:{seconds}){after}",
            lambda m: grammar.lasting(None, m["min"], m["s"]),
            needs="m",
        ),
    )


def durations(grammar: Grammar, lead: str) -> tuple[Rule, ...]:
    """Those in letters, and 0:12:30.

    lead: pattern of what stands before figures that are no time of day, but how long something takes.
    """

    def clock(match: re.Match[str]) -> str | None:
        hours, minutes, seconds = match["h"], match["min"], match["s"]
        if match["lead"] is None and (hours is None or int(hours)):
            is_exact = hours is not None and int(hours) <= 24 and int(minutes) < 60 and int(seconds)
            return (
                grammar.words(
                    grammar.time(int(hours or "0"), int(minutes), ""), grammar.lasting(None, None, seconds)
                )
                if is_exact
                else None
            )
        return (
            f"{match['lead'] or ''}{grammar.lasting(hours, minutes, seconds)}"
            if int(minutes + seconds)
            else None
        )

    return (
        *written_durations(grammar),
        rule(
            rf"(?P<lead>(?:{lead})[ ]?[:：]?[ ]?)?(?<![\d:.,/])(?:(?P<h>\d{{1,3}}):)?(?P<min>\d{{1,2}}):(?P<s>[0-5]\d)(?![\d:]|[.,]\d|[ ]?[-–—~〜～])",
            clock,
            needs=":",
        ),
        rule(
            r"(?<![\d:.,/])(?P<min>\d{1,2}):(?P<s>[0-5]\d\.\d{1,3})(?![\d:]|[.,]\d)",
            lambda m: grammar.words(
                grammar.counted(m["min"], grammar.units["min"]),
                grammar.counted(m["s"].removeprefix("0"), grammar.units["s"]),
            ),
            needs=":",
        ),
    )


def month_and_day(grammar: Grammar, makes_fraction: re.Pattern[str]) -> Callable[[re.Match[str]], str | None]:
    """Reads 11/26 where the month stands first: a day, unless it may be a fraction and nothing tells that it is a day.

    makes_fraction: what tells, behind figures, that they are a fraction. A match has groups `mon`, `d`, and `tail`, which
    is None where nothing behind the figures tells.
    """

    def read(match: re.Match[str]) -> str | None:
        month, day = int(match["mon"]), int(match["d"])
        is_fraction = makes_fraction.match(match.string, match.end()) is not None
        if match["tail"] is None and (is_fraction or not (day > 12 or month > day)):
            return None
        return grammar.date(day, month, None)

    return read


def span_of_days(grammar: Grammar) -> Rule:
    """12/1-12/7 where the month stands first."""

    def said(match: re.Match[str]) -> str:
        first, last = (
            grammar.date(int(match[day]), int(match[month]), None)
            for day, month in (("d", "mon"), ("d2", "mon2"))
        )
        return grammar.words(first, grammar.to, last)

    month, day = r"1[0-2]|0?[1-9]", r"3[01]|[12]\d|0?[1-9]"
    return rule(
        rf"(?<![\d./-])(?P<mon>{month})/(?P<d>{day})[ ]?[-–—~〜～][ ]?(?P<mon2>{month})/(?P<d2>{day})(?![\d/]|\.\d)",
        said,
        needs="/",
    )


ROMAN = "ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ"
_ROMAN_LETTERS = ("I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")


def roman(before: str) -> Rule:
    """Roman numerals as figures: Ⅱ, and II before what tells that it is one."""

    def figures(match: re.Match[str]) -> str:
        sign = match["sign"]
        return str((ROMAN.index(sign) if sign else _ROMAN_LETTERS.index(match["letters"])) + 1)

    return rule(
        rf"(?P<sign>[{ROMAN}])|(?<![A-Za-z])(?P<letters>{alternatives(_ROMAN_LETTERS)})(?=[ ]?(?:{before}))",
        figures,
        needs=f"IVX{ROMAN}",
    )


def number_pattern(grammar: Grammar) -> str:
    """A number in figures, with its thousands apart and its decimals, without a sign."""
    return rf"(?:\d{{1,3}}(?:(?:{grammar.thousands})\d{{3}})+(?!\d)(?:(?:{grammar.decimal})\d+)?|\d+(?:(?:{grammar.decimal})\d+)?)"


def _times(grammar: Grammar) -> tuple[Rule, ...]:
    clock = rf"(?P<h>[01]?\d|2[0-4])(?:{grammar.clock_sign})(?P<m>[0-5]\d)"

    def time(match: re.Match[str]) -> str:
        groups = match.groupdict()
        half = groups.get("half") or ""
        return grammar.time(
            int(match["h"]), int(groups.get("m") or 0), f"{half[:1].lower()}m" if half else ""
        )

    def span(match: re.Match[str]) -> str:
        first = grammar.time(int(match["h"]), int(match["m"]), "")
        return grammar.words(first, grammar.to, grammar.time(int(match["h2"]), int(match["m2"]), ""))

    def date(match: re.Match[str]) -> str | None:
        day, month = int(match["d"]), int(match["mon"])
        if not (1 <= month <= 12 and 1 <= day <= 31):
            return None
        words = grammar.date(day, month, int(match["y"]))
        return words + grammar.space if match.groupdict().get("time") else words

    def named(match: re.Match[str]) -> str | None:
        day = int(match["d"])
        if not 1 <= day <= 31:
            return None
        month = [name.lower() for name in grammar.month_names].index(match["month"].lower()) + 1
        return grammar.date(day, month, int(match["y"]) if match["y"] else None)

    days: tuple[Rule, ...] = (
        rule(
            rf"(?<![\d./-])(?P<y>\d{{4}})[{grammar.date_signs}](?P<mon>\d{{1,2}})[{grammar.date_signs}](?P<d>\d{{1,2}})(?:(?P<time>T)(?=\d)|(?![\d/]|[.-]\d))",
            date,
            needs=DIGITS,
        ),
        rule(
            r"(?<![\d./-])(?P<d>\d{1,2})(?P<sign>[./-])(?P<mon>\d{1,2})(?P=sign)(?P<y>\d{4})(?![\d/]|[.-]\d)",
            date,
            needs=DIGITS,
        ),
    )
    if grammar.month_names:
        months = alternatives(grammar.month_names)
        days = (
            *days,
            rule(rf"(?<![\w.,:/]){grammar.day_before_month}(?P<month>{months})(?!\w)(?:,?[ ](?:de[ ]|del[ ])?(?P<y>1\d{{3}}|20\d\d)(?![\d:]|[.,]\d))?", named, needs=DIGITS, flags=re.IGNORECASE),
        )  # fmt: skip
    # Without a space behind it, as "营业时间:9:00", it is no part of the time.
    glued = rule(r"(?<=[^\W\d_A-Za-z]):(?=[01]?\d:[0-5]\d|2[0-4]:[0-5]\d)", lambda _: "：", needs=":")
    return (
        *days,
        *(() if grammar.space else (glued,)),
        rule(rf"(?<![\d:.,/-]){clock}[ ]?[-–—~〜～][ ]?(?P<h2>[01]?\d|2[0-4])(?:{grammar.clock_sign})(?P<m2>[0-5]\d)(?![\d:])", span, needs=DIGITS),
        rule(rf"(?<![\w:.,/-]){clock}(?::[0-5]\d)?[ ]?(?:{grammar.half_day})", time, needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?<![\w:.,/-])(?P<h>1?\d)[ ]?(?:{grammar.half_day})", time, needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?<![\w:.,/-]){clock}(?::[0-5]\d)?(?:[ ]?hs?\b\.?(?!\s*$)|[ ]?hs?\b)?(?!\d|[.,:]\d)(?!\w)" if grammar.space else rf"(?<![\d:.,/-]){clock}(?::[0-5]\d)?(?![\d:]|[.,]\d)", time, needs=DIGITS),
    )  # fmt: skip


def _parts(grammar: Grammar) -> tuple[Rule, ...]:
    """Halves and quarters of what is counted, and sizes."""
    made: list[Rule] = []
    if (halves := grammar.halves) is not None:
        nouns = {
            **grammar.counted_nouns,
            **{symbol: noun for symbol, noun in grammar.units.items() if "°" not in symbol},
        }

        def part(match: re.Match[str]) -> str | None:
            a, b = VULGAR[match["sign"]] if match["sign"] else (int(match["a"]), int(match["b"]))
            if not 0 < a < b <= 100:
                return None
            whole, written = match["whole"], match["noun"]
            noun = nouns[written]
            if whole:
                name = noun.one if whole == "1" else noun.many
                rest = halves.half(noun) if (a, b) == (1, 2) else grammar.fraction(a, b)
                return grammar.words(grammar.number(whole, noun), name, halves.conjunction, rest)
            name = written if written in grammar.counted_nouns else noun.one
            if (a, b) == (1, 2):
                return halves.half_a(noun, name)
            return grammar.words(grammar.fraction(a, b), halves.of, name)

        def mixed(match: re.Match[str]) -> str | None:
            a, b = VULGAR[match["sign"]] if match["sign"] else (int(match["a"]), int(match["b"]))
            if not 0 < a < b <= 100:
                return None
            rest = halves.half(Noun("", "")) if (a, b) == (1, 2) else grammar.fraction(a, b)
            return grammar.words(grammar.number(match["whole"]), halves.conjunction, rest)

        def and_a_half(match: re.Match[str]) -> str:
            return grammar.words(match["noun"], halves.conjunction, halves.half(nouns[match["noun"]]))

        def half(match: re.Match[str]) -> str | None:
            """½ of what is in no table."""
            written, whole = match["noun"], match["whole"]
            noun = grammar.agreement.noun(written, not whole) if grammar.agreement else None
            if noun is None:
                return None
            if whole:
                return grammar.words(
                    grammar.number(whole, noun), written, halves.conjunction, halves.half(noun)
                )
            return halves.half_a(noun, written)

        fraction = rf"(?:(?P<a>\d{{1,2}})/(?P<b>\d{{1,2}})|(?P<sign>[{''.join(VULGAR)}]))"
        needs = f"/{''.join(VULGAR)}"
        made += [
            rule(rf"(?<=\d[ ])(?P<noun>{alternatives(nouns)})[ ](?:{halves.conjunction}[ ])?(?:½|1/2)(?![\w/]|[.,]\d)", and_a_half, needs="½/"),
            rule(rf"(?<![\w.,/])(?:(?P<whole>\d{{1,3}})[ ])?{fraction}[ ](?:{halves.of}[ ])?(?P<noun>{alternatives(nouns)})(?!\w)", part, needs=needs),
            rule(r"(?<![\w.,/])(?:(?P<whole>\d{1,3})[ ])?(?:1/2|½)[ ](?P<noun>[^\W\d_]{3,30})(?![\w'’])", half, needs="½/"),
            rule(rf"(?<![\w.,/])(?P<whole>\d{{1,3}})[ ]?(?:(?<=[ ])|(?=[{''.join(VULGAR)}])){fraction}(?![\w/]|[.,]\d)", mixed, needs=needs),
        ]  # fmt: skip
    if grammar.by:
        number, units = number_pattern(grammar), alternatives(grammar.units)

        def side(match: re.Match[str]) -> str:
            unit = match["unit"]
            words = grammar.counted(match["n"], grammar.units[unit]) if unit else grammar.number(match["n"])
            return f"{words}{grammar.space}{grammar.by}{grammar.space}"

        unit_end = r"(?!\w)" if grammar.space else r"(?![A-Za-z0-9])"
        ahead = rf"(?=[ ]?{number}(?:[ ]?[x×][ ]?{number})?[ ]?(?:{units}){unit_end})"
        made.append(
            rule(rf"(?<![\d.,/])(?:(?<![A-Za-z])|(?<=\d[xX]))(?P<n>{number})(?:[ ]?(?P<unit>{units}))?[ ]?(?:[xX]|×{ahead})[ ]?(?=\d)", side, needs="xX×")
        )  # fmt: skip
    return tuple(made)


def _sums(grammar: Grammar) -> tuple[Rule, ...]:
    number = number_pattern(grammar)
    edge = r"(?<![\w.,])" if grammar.space else r"(?<![\d.,A-Za-z])"
    signs, units = alternatives(grammar.currencies), alternatives(grammar.units)
    # Words for currencies stand behind the sum: 二单元 is no money.
    signs_before = alternatives(sign for sign in grammar.currencies if sign.isascii() or not sign.isalpha())
    sign = r"(?:(?<![\w.)])[-+−][ ]?)?" if grammar.space else r"(?:(?<![\d.)])[-+−][ ]?)?"
    # Behind a unit's letters no other may follow; scripts without spaces go on at once.
    end = r"(?![\w²³/°'])" if grammar.space else r"(?![A-Za-z0-9²³/°])"

    nouns_per = {
        **{word: noun.one for word, noun in grammar.counted_nouns.items() if word == noun.one},
        **{symbol: noun.one for symbol, noun in grammar.units.items()},
        **grammar.rates,
    }
    rate_end = r"(?![\w²³])" if grammar.space else r"(?![A-Za-z0-9²³])"
    rate = rf"(?:[ ]?/[ ]?(?P<per>{alternatives(nouns_per)}){rate_end})?" if grammar.per else "(?P<per>(?!))?"

    def with_rate(read: Callable[[re.Match[str]], str]) -> Callable[[re.Match[str]], str]:
        def said(match: re.Match[str]) -> str:
            words = read(match)
            return grammar.per(words, nouns_per[match["per"]]) if grammar.per and match["per"] else words

        return said

    def money(match: re.Match[str]) -> str:
        currency = grammar.currencies[match["sign"]]
        written = match["n"]
        minus = grammar.minus if match["minus"] else ""
        whole, decimals = grammar.parts(written)
        if size := match.groupdict().get("size"):
            span = (grammar.to, grammar.number(match["high"])) if match["high"] else ()
            return grammar.words(minus, grammar.number(written), *span, size, currency.whole.many)
        if match["high"]:
            low, high = (
                grammar.number(written, currency.whole),
                grammar.counted(match["high"], currency.whole),
            )
            return grammar.words(minus, grammar.span(low, high))
        if currency.cent is None or len(decimals) != 2:
            return grammar.words(minus, grammar.counted(written, currency.whole))
        hundredths = grammar.counted(decimals.lstrip("0") or "0", currency.cent)
        if not int(decimals):
            return grammar.words(minus, grammar.counted(whole, currency.whole))
        if not int(whole or "0"):
            return grammar.words(minus, hundredths)
        return grammar.words(minus, grammar.money(grammar.counted(whole, currency.whole), hundredths))

    def money_at_end(match: re.Match[str]) -> str:
        ends = match["sign"].endswith(".") and is_end(match.string, match.end())
        return f"{money(match)}{'.' if ends else ''}"

    def share(match: re.Match[str]) -> str:
        if match["high"]:
            return grammar.per_hundred(
                grammar.span(grammar.number(match["n"]), grammar.number(match["high"]))
            )
        return grammar.per_hundred(grammar.number(match["n"]))

    def measure(match: re.Match[str]) -> str:
        noun = grammar.units[match["unit"]]
        if size := match.groupdict().get("size"):
            span = (grammar.to, grammar.number(match["high"])) if match["high"] else ()
            return grammar.words(grammar.number(match["n"]), *span, size, noun.many)
        if match["unit"].endswith(".") and is_end(match.string, match.end()):
            return f"{grammar.counted(match['n'], noun)}."
        if match["low"] and match["low"] != match["unit"]:
            low = grammar.counted(match["n"], grammar.units[match["low"]])
            return grammar.words(low, grammar.to, grammar.counted(match["high"], noun))
        if match["high"]:
            return grammar.span(
                grammar.first_of(match["n"], noun), grammar.counted(match["high"], noun), match["joint"]
            )
        return grammar.counted(match["n"], noun)

    inside = r"(?<![\w.,])(?<!\w-)" if grammar.space else r"(?<![\d.,])"  # no unit within a code: 4F7K
    span = rf"(?:[ ]?[-–—~〜～][ ]?(?P<high>{number}))?"
    signed = r"[-−]?"  # of the upper end
    size = rf"(?:[ ]?(?P<size>{grammar.magnitudes}))?" if grammar.magnitudes else ""
    return (
        rule(rf"(?P<minus>(?<![\w.)])[-−][ ]?)?(?P<sign>{signs_before})[ ]?(?P<n>{number}){span}{size}{rate}", with_rate(money), needs=DIGITS),
        rule(rf"(?=[-−\d])(?P<minus>(?<![\w.)])[-−][ ]?)?{edge}(?P<n>{number}){span}[ ]?(?P<sign>{signs})(?![A-Za-z]){rate}", with_rate(money_at_end), needs=DIGITS),
        rule(rf"(?=[-+−\d])(?P<n>{sign}{number})(?:[ ]?%?[ ]?[-–—~〜～][ ]?(?P<high>{signed}{number}))?[ ]?%", share, needs="%"),
        rule(rf"(?=[-+−\d])(?P<n>{sign}{inside}{number})(?:(?:(?:[ ]?(?P<low>{units}))?[ ]?[-–—~〜～][ ]?|[ ](?P<joint>{grammar.joints})[ ])(?P<high>{signed}{number}))?{size}[ ]?(?P<unit>{units}){rate}{end}", with_rate(measure), needs=DIGITS),
        *_counted(grammar),
    )  # fmt: skip


def _counted(grammar: Grammar) -> tuple[Rule, ...]:
    """Numbers before words that they agree with."""
    if not grammar.counted_nouns:
        return ()
    number = number_pattern(grammar)

    def said(match: re.Match[str], noun: Noun) -> str | None:
        if not match["high"]:
            if match["noun"] == noun.one != noun.many and grammar.parts(match["n"])[0] not in ("0", "1", ""):
                return None  # no noun: "le TGV 6621 part"
            if grammar.is_millions(match["n"]):
                return f"{grammar.number(match['n'], noun)} {grammar.of_millions(match['noun'])}"
            return f"{grammar.number(match['n'], noun)} {match['noun']}"
        first = grammar.first_of(match["n"], noun)
        words = grammar.span(first, grammar.number(match["high"], noun), match["joint"])
        return f"{words} {match['noun']}"

    nouns = grammar.counted_nouns
    numbers = rf"(?<![\w.,/:-])(?P<n>{number})(?:(?:[ ]?[-–—][ ]?|[ ](?P<joint>{grammar.joints})[ ])(?P<high>{number}))?[ ]"
    listed = rule(
        rf"{numbers}(?P<noun>{alternatives(nouns)})(?!\w)", lambda m: said(m, nouns[m["noun"]]), needs=DIGITS
    )
    if (agreement := grammar.agreement) is None:
        return (listed,)
    counts_re = re.compile(rf"(?:^|[^\w\s]|\b(?:{agreement.one}))\s*\Z", re.IGNORECASE)
    # A word with a capital is a name, unless a sentence begins with it: "Sube 1 persiana".
    labels_re = re.compile(rf"(?:(?<=[^\s.!?:;«\"(][ ])[A-ZÀ-Þ]\S*|\d\S*|\b(?i:{agreement.labels}))\s*\Z")
    state_re = re.compile(rf"(?:{agreement.state})\Z")

    def is_count(match: re.Match[str]) -> bool:
        """Whether "1" before a word is how many there are, and not the name of what is before."""
        text, start = match.string, max(0, match.start() - _LOOK_BACK)
        if counts_re.search(text, start, match.start()):
            return True
        return not (labels_re.search(text, start, match.start()) or state_re.search(match["noun"]))

    def guessed(match: re.Match[str]) -> str | None:
        is_one = (match["high"] or match["n"]) == "1"
        if is_one and match["high"]:
            return None  # a result, as 2-1
        noun = agreement.noun(match["noun"].rpartition(" ")[2], is_one)
        if noun is None or (is_one and not is_count(match)):
            return None
        return said(match, noun)

    return (
        rule(rf"{numbers}(?P<noun>{agreement.thousand}[ ][^\W\d_]{{3,30}})(?![\w'’])", guessed, needs=DIGITS),
        listed,
        rule(rf"{numbers}(?P<noun>[^\W\d_]{{3,30}})(?![\w'’]|[ ]\d)", guessed, needs=DIGITS),
    )


def _bare_units(grammar: Grammar) -> tuple[Rule, ...]:
    """The signs of units behind a number in words."""
    if not grammar.before_unit:
        return ()
    units = {sign: noun for sign, noun in grammar.units.items() if len(sign) > 1 and sign[0].isascii()}
    return (
        rule(
            rf"(?:{grammar.before_unit})[ ]?(?P<unit>{alternatives(units)})(?![A-Za-z0-9²³/])",
            lambda m: f"{m.group().removesuffix(m['unit']).rstrip()}{grammar.space}{units[m['unit']].many}",
        ),
    )


def _powers(grammar: Grammar) -> tuple[Rule, ...]:
    """Exponents and roots."""
    power = grammar.power
    if power is None:
        return ()
    pad = grammar.space

    def raised(match: re.Match[str]) -> str:
        exponent = int(match["exp"].translate(_SUPERSCRIPTS).removeprefix("^"))
        after = match.string[match.end() : match.end() + 1]
        unit = f"{pad}{grammar.units[match['unit']].many}" if match["unit"] else ""
        return f"{pad}{power(exponent)}{unit}{pad if after.isalnum() else ''}"

    return (
        rule(rf"(?<=[\dA-Za-z)])(?P<exp>⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}}|\^[-−]?\d{{1,3}}(?!\d))(?:[ ]?(?P<unit>{alternatives(grammar.units)})(?![A-Za-z0-9²³/]))?", raised, needs="^⁻⁰¹²³⁴⁵⁶⁷⁸⁹"),
        rule(r"√[ ]?", lambda _: f"{grammar.root}{pad}", needs="√"),
    )  # fmt: skip


def _plain(grammar: Grammar) -> tuple[Rule, ...]:
    number = number_pattern(grammar)
    edge = r"(?<![\w.,/])" if grammar.space else r"(?<![\d.,/])"

    def fraction(match: re.Match[str]) -> str | None:
        a, b = int(match["a"]), int(match["b"])
        return grammar.fraction(a, b) if 0 < a < b <= 100 else None

    def span(match: re.Match[str]) -> str:
        a, b = match["a"], match["b"]
        is_score = (
            grammar.score is not None
            and f"{a}-{b}" == match.group()
            and f"{a}{b}".isdecimal()
            and len(a) < 4
            and int(a) > int(b)
            and match.string[match.end() : match.end() + 1] not in grammar.after_span
        )
        between = grammar.score if is_score and grammar.score is not None else grammar.to
        return grammar.words(grammar.number(a), between, grammar.number(b))

    def vulgar(match: re.Match[str]) -> str:
        return grammar.fraction(*VULGAR[match.group()])

    def version(match: re.Match[str]) -> str:
        words = grammar.signs.get(".", grammar.point)
        return f"{grammar.space}{words}{grammar.space}".join(
            grammar.number(part) for part in match.group().split(".")
        )

    def abbreviation(match: re.Match[str]) -> str:
        words = grammar.abbreviations[match["word"]]
        # Its stop is the sentence's too.
        return f"{words}." if match["word"].endswith(".") and is_end(match.string, match.end()) else words

    def spaced(match: re.Match[str]) -> str:
        words = grammar.number(match["n"])
        if not grammar.space:
            return words
        text = match.string
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        return f"{' ' if before.isalnum() else ''}{words}{' ' if after.isalnum() else ''}"

    part = rf"\d{{1,4}}(?:(?:{grammar.decimal})\d{{1,3}})?"  # of a ratio

    def sign(match: re.Match[str]) -> str:
        words = grammar.signs[match["sign"]]
        before = "" if match.string[match.start() - 1 : match.start()] in "([«" else pad
        after = "" if match.string.startswith(_CLOSING, match.end()) else pad
        return f"{before}{words}{after}" if words else after

    signs = alternatives(sign for sign in grammar.signs if sign != ".")
    pad = grammar.space
    made = [
        *_powers(grammar),
        *_bare_units(grammar),
        rule(r"(?<![\d.,])(?!\d{1,3}(?:\.\d{3})+(?![.\d]*\d))\d{1,4}(?:\.\d{1,4}){2,5}(?![\d,])", version, needs="."),
        # letters behind a space are a word: "el enchufe 4 va bien"
        rule(rf"{edge}(?P<n>\d{{1,4}})(?:[ ](?![a-zà-ÿ]))?(?P<mark>{grammar.ordinal_mark})", lambda m: grammar.ordinal(int(m["n"]), m["mark"]), needs=DIGITS),
        rule(rf"{edge}(?P<a>\d{{1,2}})/(?P<b>\d{{1,3}})(?![\w/]|[.,]\d)" if grammar.space else rf"{edge}(?P<a>\d{{1,2}})/(?P<b>\d{{1,3}})(?![\d/])", fraction, needs="/"),
        rule(f"[{''.join(VULGAR)}]", vulgar, needs="".join(VULGAR)),
        rule(rf"{edge}(?P<a>{number})(?:[ ]?[–—〜～~][ ]?|-)(?P<b>{number})(?![\w-]|[.,]\d)" if grammar.space else rf"{edge}(?P<a>{number})[ ]?[-–—〜～~][ ]?(?P<b>{number})(?![\d-]|[.,]\d)", span, needs="-–—〜～~"),
        rule(r"(?:(?<=\d)|(?<=\d[ ]))[-−](?=[ ]?\d)", lambda _: f"{pad}{grammar.minus}{pad}", needs="-−"),
        rule(rf"(?<![\w.,])(?P<n>[-−+]{number})" if grammar.space else rf"(?<![\d.,])(?P<n>[-−+]{number})", spaced, needs="-−+"),
        rule(rf"(?<![\w:.,])(?P<a>{part}):(?P<b>{part})(?![\w:])" if grammar.space else rf"(?<![\d:.,])(?P<a>{part}):(?P<b>{part})(?![\d:])", lambda m: grammar.words(grammar.number(m["a"]), grammar.ratio or grammar.to, grammar.number(m["b"])), needs=":"),
        rule(rf"(?P<n>{number})", spaced, needs=DIGITS),
        rule(r"[ ]?[–—][ ]?", lambda _: f"{pad}—{pad}", needs="–—"),
    ]  # fmt: skip
    if grammar.abbreviations:
        words = alternatives(grammar.abbreviations)
        made.insert(0, rule(rf"(?<![{LETTER}.])(?P<word>{words})(?![{LETTER}])", abbreviation))
    if grammar.days:
        made.insert(0, day_spans(grammar))
    if grammar.compass:
        made.insert(
            0,
            rule(
                rf"(?P<lead>\b{grammar.wind}[ ](?:d[aeiou]l?l?[ ]|d['’])?)(?P<way>{alternatives(grammar.compass)})(?!\w)",
                lambda m: m["lead"] + grammar.compass[m["way"]],
            ),
        )
    if signs:
        made.append(
            rule(
                rf"[ ]?(?P<sign>{signs})[ ]?",
                sign,
            )
        )
    return tuple(made)


def day_spans(grammar: Grammar) -> Rule:
    """From one day to another, both cut short: "lun-vie", "lun. a vie."."""
    day = alternatives(grammar.days)

    def said(match: re.Match[str]) -> str:
        first, last = grammar.days[match["a"].lower()], grammar.days[match["b"].lower()]
        lead, joint = match["lead"] or "", match["joint"]
        if joint or grammar.day_span is None:
            return f"{lead}{first} {joint or grammar.to} {last}"
        words = grammar.day_span(first, last)
        return words[0].upper() + words[1:] if lead[:1].isupper() else words

    return rule(
        rf"(?<!\w)(?P<lead>d[aeu]l?l?a?[ ])?(?P<a>{day})\.?(?:[ ]?[-–—][ ]?|[ ](?P<joint>a|al|à|au)[ ])(?P<b>{day})(?!\w)(?:\.(?=[ ]?(?-i:[a-zà-ÿ0-9,;)])))?",
        said,
        flags=re.IGNORECASE,
    )
