"""SSML's `say-as`: writes a text so that `normalize` says it as it was asked to be. Knows no XML."""

from __future__ import annotations

import re

_GROUP_RE = re.compile(r"\+|\d+|[^\W\d_]+")
_DATE_RE = re.compile(r"\s*(\d{1,4})[-/. ](\d{1,2})[-/. ](\d{1,4})\s*")
_WHOLE_RE = re.compile(r"(?P<sign>[-−]?)(?P<figures>\d[\d,.' ]{0,30})")
_DECIMALS_RE = re.compile(r"[.,]\d{1,2}\s*$")
_MAX_FIGURES = 15


def say_as(text: str, kind: str, form: str, language: str) -> str:
    """The text, written so that it is read as a `kind`: characters, digits, date, time, telephone, ordinal, cardinal.

    form: of a date, `mdy`, `dmy` or `ymd`. language: BCP-47. What is no such thing stays as it is.
    """
    match kind:
        case "characters" | "spell-out" | "verbatim":
            return ", ".join(char.upper() for char in text if not char.isspace())
        case "digits":
            return " ".join(char for char in text if char.isalnum())
        case "telephone":
            return ", ".join(" ".join(group) for group in _GROUP_RE.findall(text)).replace("+, ", "+")
        case "date":
            return _date(text, form or ("mdy" if language == "en-US" else "dmy"))
        case "ordinal" | "cardinal":
            return _number(text, kind, language)
    return text


def _number(text: str, kind: str, language: str) -> str:
    match = _WHOLE_RE.fullmatch(text.strip())
    if match is None or _DECIMALS_RE.search(text):
        return text
    figures = re.sub(r"\D", "", match["figures"])
    if len(figures) > _MAX_FIGURES:
        return text
    if kind == "ordinal":
        return _ordinal(int(figures), language)
    # With its commas it is no year.
    number = f"{int(figures):,}" if language.startswith("en") else str(int(figures))
    return f"-{number}" if match["sign"] else number


def _date(text: str, form: str) -> str:
    """A date as ISO 8601 has it, which every language here reads."""
    match = _DATE_RE.fullmatch(text)
    if match is None or sorted(form) != ["d", "m", "y"]:
        return text
    order = "ymd" if len(match[1]) == 4 else form
    parts = dict(zip(order, map(int, match.groups()), strict=True))
    year, month, day = parts["y"], parts["m"], parts["d"]
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return text
    return f"{year if year > 99 else 2000 + year:04}-{month:02}-{day:02}"


def _ordinal(number: int, language: str) -> str:
    match language[:2]:
        case "en":
            teens = number % 100 in (11, 12, 13)
            return f"{number}{'th' if teens else {1: 'st', 2: 'nd', 3: 'rd'}.get(number % 10, 'th')}"
        case "fr":
            return "1er" if number == 1 else f"{number}e"
        case "es" | "it" | "pt":
            return f"{number}º"
        case "ja" | "zh":
            return f"第{number}"
        case "hi":
            return f"{number}वाँ"
    return str(number)
