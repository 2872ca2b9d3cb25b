"""Makes Unicode plain: one form for what looks alike, nothing that nobody sees, emoji dropped or by name.

Knows no language but the one it names emoji in.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import emoji

# misaki reads a curly "can’t" as "can". In Spanish and the like "´" before a letter is a lost accent, not a quote.
_PLAIN_MARKS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ＇‛", "'"),
        **dict.fromkeys("।॥", "."),  # no phonemizer here knows a danda as the end of a sentence
        **dict.fromkeys("‐‑⁃﹣－", "-"),
        "؟": "?",
        "،": ",",
        "⁄": "/",
        "ǃ": "!",
    }
)
_POOR_APOSTROPHE_RE = re.compile(r"(?<=[^\W\d_])[`´](?=[^\W\d_])")  # "can`t"

# The one sign that is a verb, where somebody does it: "I ❤️ NY".
_LOVE_RE = re.compile(r"(?P<who>\bI|(?:^|(?<=[.!?] ))We)[ ]?[❤♥♡]\ufe0f?[ ]?(?=[^\W\d_])")

# Controls, formatting (zero width, bidi, soft hyphen), private use, unassigned.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn"})
_VARIATION_SELECTORS = "".join(map(chr, range(0xFE00, 0xFE10)))
_INVISIBLE = frozenset(_VARIATION_SELECTORS + "\u20e3" + "\ufffd")  # a key's outline; a character lost before

_KEY_RE = re.compile(r"(?<=[\d#*])\ufe0f?\u20e3")

# What these tell of a character is more than its plain form says: m², ½, ª, ™, ….
_TELLING = frozenset({"<super>", "<sub>", "<fraction>"})
_OWN_FORM = frozenset("…‥™℠℃℉ℓ№Ωµ′″‴ⅠⅡⅢⅣⅤⅥⅦⅧⅨⅩ½¼¾")
_SQUARED = {
    "㎡": "m²",
    "㎢": "km²",
    "㎠": "cm²",
    "㎟": "mm²",
    "㎥": "m³",
    "㎤": "cm³",
    "㎦": "km³",
    "㎣": "mm³",
}
# Full-width marks are how Chinese and Japanese are written, and what their phonemizers know.
_WIDE_MARKS_KEPT = frozenset("！，．：；？（）［］｛｝～")

# Characters that are listed as emoji and that people write as signs.
_SIGNS = frozenset("©®™↔↕↖↗↘↙▪▫▶◀#*0123456789✓✔✗✘➡⬅⬆⬇〰‼⁉ℹ♀♂")
_EMOJI_LANGUAGES = {"en": "en", "es": "es", "fr": "fr", "it": "it", "ja": "ja", "pt": "pt", "zh": "zh"}
_EMOJI = "\u203c\u2049\u2122\u2139\u2190-\u21ff\u2300-\u23ff\u24c2\u25a0-\u27bf\u2900-\u2bff\u3030-\u3299\U0001f000-\U0001faff"
# Emoji with what joins and colours them. A run is bounded, since the library takes longer than in proportion.
_MARKS = frozenset(',.;:!?)…"”')
_EMOJI_RE = re.compile(f" ?[{_EMOJI}][{_EMOJI}\u200d\ufe0e\ufe0f\U000e0020-\U000e007f]{{0,63}}")
# A heart is no bound: "<3.5", "<3 kg". Eyes of an 8 need a nose: 83 is a number, and 8) the end of "(5 to 8)".
_EMOTICON_RE = re.compile(
    r"(?:[ ]|(?<=\s)|^)(?:[:;][-'^]?[)(DPpOo3/|]|=[-'^]?[)(DPp/|]|8[-'^][)(D]|<3(?![.,]\d|[ ]?(?:%|°|(?:[kmcµ]?[gmlLWVA]|kWh?|min|h|hrs?|hours|days|weeks|months|years|times|people|stars)\b))|:'\(|\^_?\^|xD|XD)(?=[\s.,!?\"”]|$)"
)


def plain(text: str, language: str, *, say_emoji: bool = False) -> str:
    """The text in characters that are heard. Lines stay lines.

    language: BCP-47. say_emoji: name them where the language has names for them, else they are dropped.
    """
    # Half an emoji can come as a JSON string of its own: halves are joined, single ones dropped.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").replace("\r\n", "\n")
    if text.isascii() and text.isprintable():
        return _POOR_APOSTROPHE_RE.sub("'", _EMOTICON_RE.sub("", text))
    if language.startswith("en"):
        text = _LOVE_RE.sub(r"\g<who> love ", text)
    text = _without_emoji(_KEY_RE.sub("", text), _EMOJI_LANGUAGES.get(language[:2]) if say_emoji else None)
    text = _POOR_APOSTROPHE_RE.sub("'", unicodedata.normalize("NFC", text).translate(_PLAIN_MARKS))
    keep_wide = language[:2] in ("ja", "zh")
    text = "".join(
        char if char.isascii() and char.isprintable() else _plain_char(char, keep_wide=keep_wide)
        for char in text
    )
    return _EMOTICON_RE.sub("", text)


def is_visible(char: str) -> bool:
    """Whether anybody sees a character: not so controls, joiners, directional marks."""
    return char not in _INVISIBLE and unicodedata.category(char) not in _INVISIBLE_CATEGORIES


@lru_cache(maxsize=8_192)
def _plain_char(char: str, *, keep_wide: bool) -> str:
    if char.isspace():
        return char if char in "\n\t " else "\n" if char in "\r\x0b\x0c\x85\u2028\u2029" else " "
    if not is_visible(char):
        return ""
    if char.isdecimal():
        return str(unicodedata.decimal(char))
    kind = unicodedata.decomposition(char).partition(" ")[0]
    is_kept = not kind.startswith("<") or kind in _TELLING or char in _OWN_FORM
    if is_kept or (keep_wide and (char in _WIDE_MARKS_KEPT or kind == "<vertical>")):
        return char
    return _SQUARED.get(char) or unicodedata.normalize("NFKC", char)


def _without_emoji(text: str, language: str | None) -> str:
    def name(chars: str, _: object) -> str:
        if chars[0] in _SIGNS:
            return chars
        if language is None:
            return " "
        words = emoji.demojize(chars, language=language, delimiters=("", "")).replace("_", " ")
        return f" {words.replace('-', ' ')} "

    def said(run: re.Match[str]) -> str:
        words = emoji.replace_emoji(run.group(), name)
        # No space before the mark that follows.
        return words.rstrip() if run.string[run.end() : run.end() + 1] in _MARKS else words

    return _EMOJI_RE.sub(said, text)
