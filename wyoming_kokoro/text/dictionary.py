"""misaki's English dictionaries, looked up in the files they come in. Knows how those are written, nothing else.

misaki parses its two files a language into Python's dictionaries, 365,000 words of American English: 54 MB and
0.25 s. The files are sorted and have an entry a line, so a word is found in them as on paper: by the first word
of each page, then on its page. That takes 0.5 MB and 0.06 s, and what is read of a file is the system's to keep
or to drop.
"""

from __future__ import annotations

import importlib.resources
import json
import mmap
import re
from bisect import bisect_right
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

Pronunciation: TypeAlias = "str | dict[str, str | None]"  # phonemes, or phonemes by part of speech
FindWord: TypeAlias = Callable[[str], "Pronunciation | None"]

_ENTRY_RE = re.compile(rb'\n  "([^"\\]+)": (?:"[^"\\]*"|\{[^{}\\]*\}),?')
_DECODER = json.JSONDecoder()

# A word takes 2.7 µs to find and 1.4 to miss, a quarter less with pages of 256 and twice as long with 4,096;
# there are some 3,000 first words to keep.
_PAGE_BYTES = 1024

# misaki asks for a word some six times while it reads it, and most texts are made of the same few hundred.
_WORDS_REMEMBERED = 2048


class GrownDictionary:
    """What misaki asks of a dictionary it has grown: "abbey" is there for "Abbey" as well, and back.

    Safe to use from several threads where `find` is.
    """

    def __init__(self, find: FindWord) -> None:
        """find: looks up a word as it is written, and nothing else."""
        self._find = lru_cache(_WORDS_REMEMBERED)(lambda word: _find_grown(find, word))

    def get(self, word: str) -> Pronunciation | None:
        """The pronunciation of a word, None if there is none. Not to be changed."""
        return self._find(word)

    def __contains__(self, word: str) -> bool:
        return self._find(word) is not None

    def __getitem__(self, word: str) -> Pronunciation:
        pronunciation = self._find(word)
        if pronunciation is None:
            raise KeyError(word)
        return pronunciation


class SortedJson:
    """A JSON object in a file with an entry a line, sorted by key. Safe to use from several threads."""

    def __init__(self, path: Path) -> None:
        """Raises ValueError for a file that is written in another way."""
        with path.open("rb") as file:
            self._text = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._first_keys: list[bytes] = []
        self._starts: list[int] = []  # bytes into the file, of each page and behind the last
        self._turn_pages()
        if hasattr(mmap, "MADV_DONTNEED"):
            self._text.madvise(mmap.MADV_DONTNEED)  # all was read once; most will not be again

    def find(self, key: str) -> Pronunciation | None:
        """The value of a key, None if there is none."""
        encoded = key.encode("utf-8", "surrogatepass")
        page = bisect_right(self._first_keys, encoded)
        if page == 0 or b'"' in encoded:
            return None
        text = self._text[self._starts[page - 1] : self._starts[page]]
        _, found, after = text.partition(b'\n  "%b": ' % encoded)
        if not found:
            return None
        value: Pronunciation
        value, _ = _DECODER.raw_decode(after.decode("utf-8"))
        return value

    def _turn_pages(self) -> None:
        """Notes where pages begin, and makes sure that the file is nothing but entries in order."""
        end, last_key = len(b"{"), b""
        for entry in _ENTRY_RE.finditer(self._text, end):
            key = entry[1]
            if entry.start() != end or key <= last_key:
                break
            if not self._starts or end - self._starts[-1] >= _PAGE_BYTES:
                self._first_keys.append(key)
                self._starts.append(end)
            end, last_key = entry.end(), key
        self._starts.append(end)
        if self._text[:1] + self._text[end:].strip() != b"{}":
            raise ValueError(f"Not one sorted entry a line from byte {end} on.")


def open_dictionary(name: str) -> GrownDictionary:
    """One of misaki's files: "us_gold.json". Written in another way some day, it is read into memory."""
    with importlib.resources.as_file(importlib.resources.files("misaki.data") / name) as path:
        return GrownDictionary(_find_in(path))


def _find_in(path: Path) -> FindWord:
    try:
        return SortedJson(path).find
    except ValueError:
        words: dict[str, Pronunciation] = json.loads(path.read_text(encoding="utf-8"))
        return words.get


def _find_grown(find: FindWord, word: str) -> Pronunciation | None:
    """A word, else its other form, as misaki's `grow_dictionary` adds them: the word itself goes first."""
    pronunciation = find(word)
    if pronunciation is not None or len(word) < 2:
        return pronunciation
    lower = word.lower()
    capitalised = lower.capitalize()
    if word == capitalised != lower:
        return find(lower)
    # Not "ſaarland": "Saarland" does not become that in lower case.
    if word == capitalised.lower() != capitalised:
        return find(capitalised)
    return None
