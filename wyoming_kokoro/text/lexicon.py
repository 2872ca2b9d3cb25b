"""A user's lexicon: words, and how they are to be said. Knows its file's form and nothing of phonemizers.

    # a comment
    Nguyen = win                 in other words, read as any text
    Siobhan = /ʃɪˈvɔːn/          in IPA, or in the model's own alphabet
    [fr] Home Assistant = homme assistante
    [en-GB] garage = /ˈɡæɹɪdʒ/

A language in brackets keeps an entry to it: `en` is every English. A word in lower case is found whatever its case; one
with a capital letter only as it is written, so that "polish" and "Polish" may differ. Words are found whole, of two
entries the longer one; in English with 's, and from three letters on in the plural too.
"""

from __future__ import annotations

import logging
import os
import re
import threading
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.text.ipa import MARK, marked, to_model, unknown_symbols, with_stress

_LOGGER = logging.getLogger(__name__)

_MAX_FILE_BYTES = 4_000_000
_MAX_WORD_CHARS = 200  # what a mark with phonemes may hold
_MIN_PLURAL_CHARS = 3  # "a" is not to be found in "as"

_LINE_RE = re.compile(r"(?:\[(?P<language>[^\]]*)\])?\s*(?P<word>[^=]*?)\s*=\s*(?P<said>.*)")
_LANGUAGE_RE = re.compile(r"[A-Za-z]{2}(?:-[A-Za-z]{2})?")
_COMMENT_RE = re.compile(r"(?:^|\s)#(?:\s.*)?$|^#.*$")
_ALIKE = {"'": "['’]", "’": "['’]", "-": "[-‐‑]", " ": r"\s+"}

_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"  # kana and Chinese characters, which no space divides
_MARKS = "\u0300-\u036f\u0900-\u097f"  # of which a word may consist beside letters
_WORD_RE = re.compile(
    rf"(?P<kept>{MARK}|(?<=\])\([^()\n]{{0,500}}\))|[{_UNSPACED}]|[^\W_{_UNSPACED}](?:(?![{_UNSPACED}])[\w{_MARKS}])*"
)
# What is part of an address, a path or an entity's id is no word.
_BEFORE = rf"(?<![\w{_MARKS}@/\\.])"
_AFTER = rf"(?![\w{_MARKS}@\\]|\.\w|:/)"
_POSSESSIVE = r"(?P<suffix>['’]s)?"
_ENDINGS = r"(?P<suffix>['’]s|e?s['’]?|['’](?!\w))?"


class LexiconError(ValueError):
    """A line that is no entry: its number and what is wrong with it."""

    def __init__(self, line: int, reason: str) -> None:
        self.line = line
        super().__init__(f"line {line}: {reason}")


@dataclass(frozen=True)
class Entry:
    """One word and how it is said."""

    word: str
    """Or several, with spaces between them."""

    said: str
    """Text, or IPA."""

    is_ipa: bool = False

    language: str = ""
    """The beginning of a BCP-47 tag; empty: every language."""

    def is_for(self, language: str) -> bool:
        """Whether a text of this language is to be looked through for it."""
        return not self.language or f"{language}-".lower().startswith(f"{self.language}-".lower())


class Lexicon:
    """Entries that a text is looked through for. A value: never changes, may be used from any thread."""

    def __init__(self, entries: Iterable[Entry] = ()) -> None:
        self.entries = tuple(entries)
        self._by_first: dict[str, list[Entry]] = {}
        # Of one word, the entry that is for one language alone goes first.
        for entry in sorted(self.entries, key=lambda each: (-len(each.word), -len(each.language))):
            first = _WORD_RE.match(entry.word)
            assert first is not None, entry
            self._by_first.setdefault(first.group().casefold(), []).append(entry)

    def apply(self, text: str, language: str) -> str:
        """The written text with its entries' words said as they are to be; IPA becomes `[word](//phonemes//)`."""
        if not self._by_first:
            return text
        text = unicodedata.normalize("NFC", text)
        parts, copied, at = [], 0, 0
        while found := _WORD_RE.search(text, at):
            at = found.end()
            if found["kept"] is None and (said := self._said(text, found, language)) is not None:
                words, end = said
                parts += [text[copied : found.start()], words]
                copied = at = end
        return "".join([*parts, text[copied:]])

    def _said(self, text: str, found: re.Match[str], language: str) -> tuple[str, int] | None:
        """What is said from a word on, and where that ends in the text."""
        word = found.group().casefold()
        for first in dict.fromkeys((word, word.removesuffix("s"), word.removesuffix("es"))):
            for entry in self._by_first.get(first, ()):
                if entry.is_for(language) and (match := _pattern(entry).match(text, found.start())):
                    suffix = match["suffix"] or ""
                    if not suffix or language.startswith("en"):
                        return _as_said(entry, match.group(), suffix, language), match.end()
        return None


@lru_cache(maxsize=2_048)  # most entries of a long lexicon are in no text
def _pattern(entry: Entry) -> re.Pattern[str]:
    word = "".join(_ALIKE.get(char) or re.escape(char) for char in entry.word)
    if re.match(f"[{_UNSPACED}]", entry.word):
        return re.compile(f"{word}(?P<suffix>)")
    suffix = _ENDINGS if len(entry.word) >= _MIN_PLURAL_CHARS and entry.word[-1].isalpha() else _POSSESSIVE
    return re.compile(_BEFORE + word + suffix + _AFTER, re.IGNORECASE if entry.word.islower() else 0)


def _as_said(entry: Entry, written: str, suffix: str, language: str) -> str:
    if not entry.is_ipa:
        return entry.said + suffix
    phonemes = with_stress(to_model(entry.said, language), language)
    if "s" in suffix:
        phonemes += _s(phonemes, british=language == "en-GB")
    return marked(written, phonemes)


def _s(phonemes: str, *, british: bool) -> str:
    """How an s sounds behind a word."""
    last = phonemes[-1:]
    if last in "szʃʒʧʤ":
        return "ɪz" if british else "ᵻz"
    return "s" if last in "ptkfθ" else "z"


def parse(text: str, symbols: frozenset[str] | None = None) -> Lexicon:
    """Reads a lexicon. symbols: of the model; None leaves IPA unchecked. Raises `LexiconError`."""
    entries: list[Entry] = []
    seen: dict[tuple[str, str], int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        content = _COMMENT_RE.sub("", line).strip()
        if not content:
            continue
        entry = _entry(unicodedata.normalize("NFC", content), number, symbols)
        key = (entry.language.lower(), entry.word)
        if key in seen:
            raise LexiconError(
                number, f"{entry.word!r} is in line {seen[key]} already; leave one of them out"
            )
        seen[key] = number
        entries.append(entry)
    return Lexicon(entries)


def _entry(content: str, number: int, symbols: frozenset[str] | None) -> Entry:
    match = _LINE_RE.fullmatch(content)
    if match is None:
        raise LexiconError(number, f"{content!r} is no entry; give word = how it is said, or word = /IPA/")
    language, word, said = match["language"], " ".join(match["word"].split()), match["said"].strip()
    if language is not None and not _LANGUAGE_RE.fullmatch(language):
        raise LexiconError(number, f"{language!r} is no language; give one as in [en], [en-GB] or [fr]")
    if not _WORD_RE.match(word) or any(char in word for char in "[]()"):
        raise LexiconError(
            number, f"{word!r} will not do as a word; begin with a letter or a figure, without brackets"
        )
    if len(word) > _MAX_WORD_CHARS:
        raise LexiconError(number, f"the word has {len(word)} characters; {_MAX_WORD_CHARS} are the most")
    if not said:
        raise LexiconError(number, f"{word!r} has nothing behind its =; give how it is said")
    if not said.startswith("/"):
        return Entry(word, said, language=language or "")
    ipa = said[1:-1].strip()
    if len(said) < 3 or not said.endswith("/") or not ipa or any(char in ipa for char in "/()"):
        raise LexiconError(number, f"{said!r} is no IPA between two slashes, as in /wɪn/")
    if symbols is not None and (unknown := unknown_symbols(ipa, symbols)):
        shown = ", ".join(f"{char} ({unicodedata.name(char, 'no name')})" for char in unknown)
        raise LexiconError(number, f"the voices have no sound for {shown} in {said}")
    return Entry(word, ipa, is_ipa=True, language=language or "")


def read_lexicon(path: Path, symbols: frozenset[str] | None = None) -> Lexicon:
    """Reads a lexicon's file, as `parse` does. Raises `OSError` or `ValueError`, a `LexiconError` where a line is wrong."""
    content = path.read_bytes()
    if len(content) > _MAX_FILE_BYTES:
        raise ValueError(f"it has {len(content)} bytes; {_MAX_FILE_BYTES} are the most")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise LexiconError(line, "it is not in UTF-8; save the file as UTF-8") from error
    return parse(text, symbols)


class LexiconFile:
    """A lexicon in a file, read anew when the file changes. May be used from any thread."""

    def __init__(self, path: Path) -> None:
        """Raises `SettingsError` for a file that cannot be read, with the line that is wrong."""
        self._path = path
        self._symbols: frozenset[str] | None = None
        self._lock = threading.Lock()
        self._seen: tuple[int, ...] | str | None = None
        self._lexicon = Lexicon()
        self._load_or_refuse()

    def check(self, symbols: frozenset[str]) -> None:
        """Checks IPA against the symbols of the model, now if they are new and from now on. Raises `SettingsError`."""
        if symbols != self._symbols:
            self._symbols = symbols
            self._load_or_refuse()

    def current(self) -> Lexicon:
        """The lexicon as the file has it. While the file is wrong, which is logged once, as it last was right."""
        with self._lock:
            seen = self._look()
            if seen != self._seen:
                self._seen = seen
                try:
                    self._lexicon = read_lexicon(self._path, self._symbols)
                    _LOGGER.info("Read %d entries anew from %s", len(self._lexicon.entries), self._path)
                except (OSError, ValueError) as error:
                    _LOGGER.warning(
                        "%s is not as it should be, so the lexicon stays as it was: %s",
                        self._path,
                        _reason(error),
                    )
            return self._lexicon

    def _load_or_refuse(self) -> None:
        try:
            self._seen = self._look()
            self._lexicon = read_lexicon(self._path, self._symbols)
        except (OSError, ValueError) as error:
            raise SettingsError(f"--lexicon {self._path}: {_reason(error)}") from error

    def _look(self) -> tuple[int, ...] | str:
        """What changes when the file does."""
        try:
            facts = os.stat(self._path)  # noqa: PTH116 - at every utterance, and quicker
        except OSError as error:
            return _reason(error)
        return facts.st_mtime_ns, facts.st_size, facts.st_ino


def _reason(error: Exception) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
