"""Takes HTML and Markdown away and leaves what a reader would say of them. Knows no language.

Markdown is read by a parser. What it cannot know is what a stream cuts: a sentence may hold only one half of a
pair of asterisks, or one row of a table. So marks that are left over go as well, unless somebody meant them.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence

from markdown_it import MarkdownIt
from markdown_it.token import Token

# The HTML and SSML that language models and integrations write. Any other angle bracket is text:
# "if a <b and c> d", "List<String>".
_INLINE_TAGS = "a|abbr|b|cite|code|del|em|emphasis|font|i|ins|kbd|mark|phoneme|q|s|samp|say-as|small|span|strike|strong|sub|sup|tt|u|var|voice"
_BLOCK_TAGS = "article|audio|blockquote|body|break|br|center|dd|details|div|dl|dt|footer|h[1-6]|head|header|hr|html|img|lang|li|main|nav|ol|p|paragraph|pre|prosody|section|sentence|speak|summary|table|tbody|td|tfoot|th|thead|title|tr|ul"
_ATTRIBUTE = r"""\s+[\w:-]+\s*=\s*(?:"[^"<>]*"|'[^'<>]*'|[^\s"'<>]+)"""
_INLINE_TAG_RE = re.compile(rf"</?(?:{_INLINE_TAGS})(?:{_ATTRIBUTE})*\s*/?>|<!--[^<>]*-->", re.IGNORECASE)
_BLOCK_TAG_RE = re.compile(rf"</?(?:{_BLOCK_TAGS})(?:{_ATTRIBUTE})*\s*/?>", re.IGNORECASE)
_SUPERSCRIPT_RE = re.compile(r"<sup>(?P<figures>-?\d{1,4})</sup>", re.IGNORECASE)
_SUPERSCRIPTS = str.maketrans("0123456789-", "⁰¹²³⁴⁵⁶⁷⁸⁹⁻")
# Only with a semicolon, else "this&not that" would lose its "not".
_ENTITY_RE = re.compile(r"&(?:#\d{1,7}|#[xX][\dA-Fa-f]{1,6}|[A-Za-z]\w{1,31});", re.ASCII)

# [^1], [1] and 【4†source】 behind a word, and the lines that explain them. Not "a[0] = 1".
_FOOTNOTE_RE = re.compile(
    r"\[\^[\w-]{1,32}\](?!:)|(?<=[\w.,!?)\"”])(?:\[\d{1,3}(?:[,–-] ?\d{1,3}){0,8}\]){1,8}(?=[\s.,;:!?)]|$)|【[^】\n]{1,80}】"
)
_REFERENCE_RE = re.compile(
    r"(?m)^ {0,3}\[(?:[^\[\]\n]{1,99})\]:[ \t]*<?(?:https?://|www\.|/|#)\S*.*$|^ {0,3}\[\^[\w-]{1,32}\]:[ \t]*"
)
_TASK_RE = re.compile(r"^\[[ xX]\]\s+")
_FIGURES_ASTERISK_RE = re.compile(r"(?<=\d)\*(?=\d)")
_DASHED_RULE_RE = re.compile(r"(?m)^ ?(?:[-=_*] ?){3,}$")
_BULLETS_RE = re.compile(r"(?m)^[ \t]{0,40}[•‣◦▪●○■□∙·–—]\s+(?=\S)")
_TABLE_RULE_RE = re.compile(r"\|?[ ]?:?-{1,200}:?[ ]?(?:\|[ ]?:?-{1,200}:?[ ]?){0,100}\|?")

CODE_END = "\u2060"
"""Behind words with a slash in code, and a slash at its end, so that a language can tell them from two words of prose. No text has it after `plain`."""

_PATH_RE = re.compile(r"(?<![\w/.@-])[A-Za-z]{1,40}(?:/[A-Za-z]{1,40}){1,8}(?![\w/.@-])|(?<= )/\Z")

# Half a link and half an emphasis, from a sentence that a stream has cut off.
_LINK_END_RE = re.compile(r"\]\((?:https?://|www\.|/|\#|mailto:)[^()\s]{0,500}\)?")
_EMPHASIS_RE = re.compile(r"\*+|_+|~~+|`+")

# What a text has to hold to be worth parsing.
_MAYBE_MARKUP_RE = re.compile(r"[*_`~\[\]|#>\\<\n]|^\s{0,3}(?:[-+]\s|\d{1,9}[.)]\s)")

_MAX_PARSED_CHARS = 4_000  # the parser is not linear in all it is given; a sentence is never as long

_ENDS = frozenset(".!?…:;,。！？，、；：।—")

_PARSER = MarkdownIt("commonmark", {"html": False}).enable(["table", "strikethrough"])
_PARSER.disable(["code", "html_block", "html_inline", "reference", "lheading"])


def without_html(text: str) -> str:
    """The text without tags, and with what entities stand for."""
    text = _SUPERSCRIPT_RE.sub(lambda sup: sup["figures"].translate(_SUPERSCRIPTS), text)
    text = _BLOCK_TAG_RE.sub(" ", _INLINE_TAG_RE.sub("", text))
    return _ENTITY_RE.sub(lambda entity: html.unescape(entity.group()), text)


def without_markdown(text: str, code: str = "") -> str:
    """What is to be read of a text with Markdown, its blocks with a stop between them.

    code: what to say for a block of code.
    """
    if not _MAYBE_MARKUP_RE.search(text) and not _BULLETS_RE.match(text):
        return text
    text = _FOOTNOTE_RE.sub("", _REFERENCE_RE.sub("", text))
    text = _DASHED_RULE_RE.sub("", _BULLETS_RE.sub("- ", text))
    text = _FIGURES_ASTERISK_RE.sub(r"\\*", text)
    blocks = [block for part in _parts(text) for block in _blocks(_PARSER.parse(part), code)]
    return _joined(blocks)


def _parts(text: str) -> list[str]:
    """The text in parts that the parser may be given, cut between lines or words where there are any."""
    parts = []
    while len(text) > _MAX_PARSED_CHARS:
        end = max(text.rfind("\n", 0, _MAX_PARSED_CHARS), text.rfind(" ", 0, _MAX_PARSED_CHARS)) + 1
        end = end or _MAX_PARSED_CHARS
        parts.append(text[:end])
        text = text[end:]
    return [*parts, text]


def _blocks(tokens: Sequence[Token], code: str) -> list[str]:
    """The text of each block: paragraphs, headings, items with their numbers, rows of tables."""
    blocks: list[str] = []
    row: list[str] | None = None
    number = ""
    numbers: list[int | None] = []
    for token in tokens:
        match token.type:
            case "ordered_list_open":
                numbers.append(int(token.attrs.get("start", 1)))
            case "bullet_list_open":
                numbers.append(None)
            case "ordered_list_close" | "bullet_list_close":
                numbers.pop()
            case "list_item_open" if (value := numbers[-1]) is not None:
                number = f"{value}. "
                numbers[-1] = value + 1
            case "tr_open":
                row = []
            case "tr_close" if row is not None:
                blocks.append(", ".join(filter(None, row)))
                row = None
            case "fence":
                blocks.append(code)
            case "inline" if row is not None:
                row.append(_inline(token.children or []))
            case "inline":
                said = _inline(token.children or [])
                blocks.extend(_paragraph(number + _TASK_RE.sub("", said) if numbers else said))
                number = ""
            case "list_item_close" if number:
                blocks.append(number.strip())
                number = ""
    return [block for block in blocks if block.strip()]


def _paragraph(text: str) -> list[str]:
    """A paragraph; where it is a row of a table that came without its table, its cells."""
    if not text.lstrip().startswith("|"):
        return [text]
    rows = []
    for line in text.split("\n"):
        if _TABLE_RULE_RE.fullmatch("".join(line.split())):
            continue
        rows.append(", ".join(cell.strip() for cell in line.strip().strip("|").split("|") if cell.strip()))
    return rows


def _inline(tokens: Sequence[Token]) -> str:
    parts = []
    for token in tokens:
        match token.type:
            case "text" | "text_special":
                parts.append(_without_halves(token.content))
            case "code_inline":
                parts.append(_PATH_RE.sub(rf"\g<0>{CODE_END}", token.content))
            case "softbreak" | "hardbreak":
                parts.append("\n")
            case "image":
                parts.append(_inline(token.children or []))
    return "".join(parts)


def _without_halves(text: str) -> str:
    return _EMPHASIS_RE.sub(_unless_written, _LINK_END_RE.sub("", text))


def _unless_written(marks: re.Match[str]) -> str:
    """Nothing for marks of emphasis or code; those that the writer meant stay: "2*3", "a * b", "snake_case"."""
    text, start, end = marks.string, marks.start(), marks.end()
    before, after = text[max(0, start - 1) : start], text[end : end + 1]
    match marks.group()[0]:
        case "*":
            is_written = (before in " 0123456789" and after.isdigit()) or before == after == " "
        case "_":
            is_written = before.isalnum() and after.isalnum()
        case _:
            is_written = False
    return marks.group() if is_written else ""


def _joined(blocks: Sequence[str]) -> str:
    """Blocks in a line each, all but the last with a mark at which a voice pauses."""
    ended = [
        block if block.rstrip().rstrip("\"'”’)»")[-1:] in _ENDS else f"{block.rstrip()}."
        for block in blocks[:-1]
    ]
    return "\n".join([*ended, *blocks[-1:]])
