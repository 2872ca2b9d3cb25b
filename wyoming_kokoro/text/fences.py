"""Takes the code out of fenced blocks while a text arrives. Knows Markdown's fences, nothing else of it.

Nobody wants to hear a program read aloud, and a sentence by itself does not tell that it is one: where a fence has
opened, only the stream knows. A block becomes one line with a bare fence, which `normalize` announces.

    state     at the end of a line                                       becomes
    text      it is an opening fence                                     code, with a bare fence for all of it
    text      it is anything else                                        text, with the line
    code      it is a fence of the same sign, as long, and nothing else  text
    code      it is anything else                                        code, with nothing

In text a line is let through as soon as it cannot become a fence: with its first letter.
"""

from __future__ import annotations

import re

BARE_FENCE = "\n\n```\n\n"

_MAX_FENCE_CHARS = 120  # what a line may have to be one: the fence, a language's name, some attributes
_LINE_RE = re.compile(r"[^\n]*\n|[^\n]+")
_OPENING_RE = re.compile(r"[ \t]{0,12}(?P<fence>`{3,}(?=[^`]*$)|~{3,})[^\n]*")
_MAYBE_OPENING_RE = re.compile(r"[ \t]{0,12}(?:`{0,2}|~{0,2}|`{3,}[^`\n]*|~{3,}[^\n]*)")


class FenceFilter:
    """Filters one stream. Made per stream, fed, flushed and dropped; however it is cut, the same comes out."""

    def __init__(self) -> None:
        self._held = ""  # the current line, as long as it may become a fence
        self._is_line_open = False  # whether the front of the current line has been let through
        self._fence = ""  # what has opened the block that is open

    def feed(self, text: str) -> str:
        """Takes the next piece of the stream, returns what of it is text and can be told to be."""
        return "".join(map(self._feed_line, _LINE_RE.findall(text)))

    def flush(self) -> str:
        """Ends the stream, returns what was held back."""
        held, self._held = self._held, ""
        if self._fence:
            return ""
        return BARE_FENCE if _OPENING_RE.fullmatch(held) else held

    def _feed_line(self, piece: str) -> str:
        """A line or a part of one."""
        ends = piece.endswith("\n")
        if self._fence:
            # No more of a line of code is kept than tells whether it is the closing fence.
            self._held = (self._held + piece)[: _MAX_FENCE_CHARS + len(self._fence)]
            if ends:
                if self._is_closing(self._held):
                    self._fence = ""
                self._held = ""
            return ""
        if self._is_line_open:
            self._is_line_open = not ends
            return piece
        line = self._held + piece
        bare = line.rstrip("\r\n")
        if ends and (opening := _OPENING_RE.fullmatch(bare)) and len(bare) <= _MAX_FENCE_CHARS:
            self._held, self._fence = "", opening["fence"]
            return BARE_FENCE
        if not ends and len(line) <= _MAX_FENCE_CHARS and _MAYBE_OPENING_RE.fullmatch(line):
            self._held = line
            return ""
        self._held, self._is_line_open = "", not ends
        return line

    def _is_closing(self, line: str) -> bool:
        bare = line.strip()
        return len(bare) >= len(self._fence) and not bare.strip(self._fence[0])
