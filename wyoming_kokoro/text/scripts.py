"""Which script a character belongs to, as far as phonemizers need to know."""

from __future__ import annotations

import unicodedata


def script_of(char: str) -> str:
    """The script of a letter, mark or digit, by the first word of its name: LATIN, CJK. Empty for all else."""
    if unicodedata.category(char)[0] not in "LMN":
        return ""
    return unicodedata.name(char, "UNNAMED").partition(" ")[0]


def has_ideographs(text: str) -> bool:
    """Whether a text holds Chinese characters, wherever they are used."""
    return any(script_of(char) == "CJK" for char in text)
