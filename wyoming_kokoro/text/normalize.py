"""Turns written text into what is to be read aloud. Pure functions, linear in the text's length.

Knows nothing of phonemes. It takes away what would be misread or lost further on: markup, invisible
characters, typographic apostrophes. What a pattern here repeats ends at the character the pattern
begins with, so that no long hostile text makes it start over at every place.
"""

from __future__ import annotations

import html
import re
import unicodedata

# The HTML and SSML that language models and integrations write. Any other angle bracket is text:
# "if a <b and c> d", "List<String>".
_INLINE_TAGS = "a|abbr|b|cite|code|del|em|emphasis|font|i|ins|kbd|mark|phoneme|q|s|samp|say-as|small|span|strike|strong|sub|sup|tt|u|var|voice"
_BLOCK_TAGS = "article|audio|blockquote|body|break|br|center|dd|details|div|dl|dt|footer|h[1-6]|head|header|hr|html|img|lang|li|main|nav|ol|p|paragraph|pre|prosody|section|sentence|speak|summary|table|tbody|td|tfoot|th|thead|title|tr|ul"
_ATTRIBUTE = r"""\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)"""
_INLINE_TAG_RE = re.compile(rf"</?(?:{_INLINE_TAGS})(?:{_ATTRIBUTE})*\s*/?>|<!--[^<>]*-->", re.IGNORECASE)
_BLOCK_TAG_RE = re.compile(rf"</?(?:{_BLOCK_TAGS})(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE)
# Only with a semicolon, else "this&not that" would lose its "not".
_ENTITY_RE = re.compile(r"&(?:#\d{1,7}|#[xX][\dA-Fa-f]{1,6}|[A-Za-z]\w{1,31});", re.ASCII)

_RULE_RE = re.compile(r"(?m)^ ?(?:[-=_*] ?){3,}$")
_LINE_MARK_RE = re.compile(r"(?m)^ ?(?:> ?)*(?:#{1,6} |[-*+•‣◦] (?=\S))?")
_LINK_RE = re.compile(r"!?\[(?P<text>[^\[\]\n]*)\]\((?P<target>[^()\n]*)\)")
_EMPHASIS_RE = re.compile(r"\*+|_+|~~+|[`´]+")
_BLANKS_RE = re.compile(r"[^\S\n]+")
_WHITE_SPACE_RE = re.compile(r"\s+")

_PLAIN_MARKS = str.maketrans(
    {
        **dict.fromkeys("’‘ʼ＇", "'"),  # misaki reads a curly "can’t" as "can"
        **dict.fromkeys("।॥", "."),  # no phonemizer here knows a danda as the end of a sentence
        "؟": "?",
        "،": ",",
    }
)

# Controls, formatting (zero width, bidi, soft hyphen), private use, unassigned.
_INVISIBLE_CATEGORIES = frozenset({"Cc", "Cf", "Co", "Cn"})
_VARIATION_SELECTORS = "".join(map(chr, range(0xFE00, 0xFE10)))
_INVISIBLE = frozenset(_VARIATION_SELECTORS + "\u20e3" + "\ufffd")  # a key's outline; a character lost before

_SPOKEN_SYMBOLS = frozenset("%&+=@°×÷")  # have a reading even where they stand alone


def normalize(text: str, language: str) -> str:
    """The spoken form of a text, on one line.

    language: BCP-47. In English, phonemes given in the text, `[word](/wˈɜɹd/)`, stay for the
    phonemizer; elsewhere every link is only its text.
    """
    plain = _without_markup(text, keep_phonemes=language.startswith("en"))
    return _WHITE_SPACE_RE.sub(" ", plain).strip()


def is_speakable(text: str) -> bool:
    """Whether a text holds anything to be heard: not so "...", "🎉", "**" and "<b></b>"."""
    return any(char.isalnum() or char in _SPOKEN_SYMBOLS for char in _without_markup(text))


def _without_markup(text: str, *, keep_phonemes: bool = False) -> str:
    """The text without HTML, Markdown and characters that nobody sees. Lines stay lines."""
    # Half an emoji can come as a JSON string of its own: halves are joined, single ones dropped.
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _BLOCK_TAG_RE.sub(" ", _INLINE_TAG_RE.sub("", text))
    text = _ENTITY_RE.sub(lambda entity: html.unescape(entity.group()), text)
    text = unicodedata.normalize("NFC", text).translate(_PLAIN_MARKS)
    text = "".join(char for char in text if char.isspace() or _is_visible(char))
    text = _BLANKS_RE.sub(" ", text)
    text = _LINE_MARK_RE.sub("", _RULE_RE.sub("", text))
    text = _LINK_RE.sub(_phonemes_or_text if keep_phonemes else r"\g<text>", text)
    return _EMPHASIS_RE.sub(_unless_written, text)


def _is_visible(char: str) -> bool:
    return char not in _INVISIBLE and unicodedata.category(char) not in _INVISIBLE_CATEGORIES


def _phonemes_or_text(link: re.Match[str]) -> str:
    """A link's text, or the whole of it where the target is phonemes and not a path: they have IPA."""
    target = link["target"]
    is_phonemes = len(target) > 2 and target[0] == target[-1] == "/" and not target.isascii()
    return link.group() if is_phonemes else link["text"]


def _unless_written(marks: re.Match[str]) -> str:
    """Nothing for marks of emphasis or code; those that the writer meant stay: "2*3", "a * b", "snake_case"."""
    text, start, end = marks.string, marks.start(), marks.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    match marks.group()[0]:
        case "*":
            is_written = (before.isdigit() and after.isdigit()) or before == after == " "
        case "_":
            is_written = before.isalnum() and after.isalnum()
        case "`" | "´":  # an apostrophe's poor relations: "can`t"
            return "'" if before.isalpha() and after.isalpha() else ""
        case _:
            is_written = False
    return marks.group() if is_written else ""
