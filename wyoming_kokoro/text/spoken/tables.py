"""Reads the small tables that language files are made of, and counts with num2words. Knows no language."""

from __future__ import annotations

from functools import lru_cache

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Currency, Noun


def nouns(table: str) -> dict[str, Noun]:
    """`symbol | one | many | f` a line, the last where the noun is feminine; µ in its three spellings."""
    units: dict[str, Noun] = {}
    for line in table.strip().splitlines():
        symbol, one, many, *gender = (part.strip() for part in line.split("|"))
        noun = Noun(one, many, bool(gender))
        for spelling in _spellings(symbol):
            units[spelling] = noun
    return units


def currencies(table: str) -> dict[str, Currency]:
    """`sign | one | many`, `| f` where it is feminine, then `| one | many` of its hundredths."""
    found: dict[str, Currency] = {}
    for line in table.strip().splitlines():
        sign, one, many, *rest = (part.strip() for part in line.split("|"))
        feminine = rest[:1] == ["f"]
        cents = rest[1:] if feminine else rest
        found[sign] = Currency(Noun(one, many, feminine), Noun(cents[0], cents[1]) if cents else None)
    return found


def words_counted(masculine: str, feminine: str) -> dict[str, Noun]:
    """Words that numbers agree with, by both forms: "minuto minutos, …"."""
    found: dict[str, Noun] = {}
    for table, is_feminine in ((masculine, False), (feminine, True)):
        for pair in table.split(","):
            one, many = pair.split()
            found[one] = found[many] = Noun(one, many, is_feminine)
    return found


@lru_cache(maxsize=4_096)
def counted(language: str, value: int) -> str:
    """A whole number as num2words counts in a language, without the commas it may put in."""
    words: str = num2words(value, lang=language)
    return words.replace(",", "")


def _spellings(symbol: str) -> tuple[str, ...]:
    forms = [symbol]
    if "²" in symbol or "³" in symbol:
        forms.append(symbol.replace("²", "2").replace("³", "3"))
    return tuple(form.replace("µ", micro) for form in forms for micro in "µμ")
