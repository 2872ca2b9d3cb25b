"""SSML to a flat row of pieces: text with how it is to be said, and the pauses between. Knows no voices and no audio.

Of the W3C's language: break, p, s, prosody (rate, volume), say-as, phoneme, sub, emphasis, lang, voice. What is inside
other elements is read. A document is read as it comes, without a tree, so that its size and depth cost nothing but its
text; one that declares entities or a type of its own is refused before either is looked at.
"""

from __future__ import annotations

import html
import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from xml.etree.ElementTree import ParseError
from xml.parsers.expat import ErrorString

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from wyoming_kokoro.text.ipa import has_stress, marked, with_stress
from wyoming_kokoro.text.phonemize import LANGUAGES
from wyoming_kokoro.text.say_as import say_as

_LOGGER = logging.getLogger(__name__)

MAX_PAUSE_S = 10.0  # of one break, or several in a row
MAX_PAUSES_S = 120.0  # of a document: pauses cost a writer nothing and hold up everybody behind
_MAX_DEPTH = 64
_PARAGRAPH_S = 0.5

_BEGINNING_RE = re.compile(r"\s*(?:<\?xml[^<>]{0,200}\?>\s*)?<speak(?=[\s/>])")
_MAYBE_BEGINNING_RE = re.compile(
    r"\s*(?:<(?:\?(?:xml?[^<>]{0,200}(?:>\s*)?)?)?|(?:<\?xml[^<>]{0,200}\?>\s*)?<s?p?e?a?k?)?"
)
_PREFIX_RE = re.compile(r"(</?)[A-Za-z_][\w.-]{0,40}:(?=[A-Za-z_])")

_NAMED_RE = re.compile(r"&(?!(?:amp|lt|gt|quot|apos);)[A-Za-z]\w{1,31};", re.ASCII)
_BARE_AMPERSAND_RE = re.compile(r"&(?![A-Za-z]\w{1,31};|#\d{1,7};|#x[\dA-Fa-f]{1,6};)", re.ASCII)

_STRENGTHS_S = {"none": 0.0, "x-weak": 0.1, "weak": 0.2, "medium": 0.4, "strong": 0.7, "x-strong": 1.2}
_RATES = {"x-slow": 0.5, "slow": 0.75, "medium": 1.0, "default": 1.0, "fast": 1.25, "x-fast": 1.6}
_VOLUMES = {
    "silent": 0.0,
    "x-soft": 0.25,
    "soft": 0.5,
    "medium": 1.0,
    "default": 1.0,
    "loud": 1.4,
    "x-loud": 2.0,
}
_MAX_GAIN = 4.0
_STRESSES = {"strong": "+2", "moderate": "+1", "": "+1", "reduced": "-1"}
# Where there are no marks of stress: pace and loudness, as factors.
_EMPHASES = {"strong": (0.8, 1.4), "moderate": (0.9, 1.2), "": (0.9, 1.2), "reduced": (1.1, 0.8)}
_NUMBER = r"\d{1,6}(?:\.\d{1,6})?"
_TIME_RE = re.compile(rf"\+?(?P<number>{_NUMBER})(?P<unit>ms|s)")
_RATE_RE = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})(?P<unit>%?)")
_VOLUME_RE = re.compile(rf"(?P<sign>[+-]?)(?P<number>{_NUMBER})(?P<unit>dB|%?)", re.IGNORECASE)
_WORD_RE = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_SENTENCE_END_RE = re.compile(r"[.!?…。！？][\"'”’)\]]*\s*$")


def _reason(error: Exception) -> str:
    """What is wrong with a document, without a word of it: it may be somebody's letter."""
    if not isinstance(error, ParseError):
        return type(error).__name__
    line, column = error.position
    return f"{ErrorString(error.code)}, line {line}, column {column + 1}"


class SsmlError(ValueError):
    """A text that is no SSML; says why."""


@dataclass(frozen=True)
class Manner:
    """How something is said."""

    voice: str = ""
    """As the document names it; empty: the request's."""

    voice_language: str = ""
    """BCP-47; a voice that speaks it is asked for."""

    language: str = ""
    """BCP-47, of the text, whatever the voice's own."""

    speed: float = 1.0
    """Factor on top of the request's."""

    gain: float = 1.0
    """Factor on top of the volume that is set."""


@dataclass(frozen=True)
class Piece:
    """A stretch of text that is said in one manner, or a pause."""

    text: str
    """Plain; phonemes stand in it as `[word](//ipa//)`, stress as `[word](+1)`. Empty: only the pause."""

    manner: Manner = Manner()

    pause_s: float = 0.0
    """Silence before it."""

    goes_on: bool = False
    """Its sentence goes on in the next piece."""


def begins_document(text: str) -> bool | None:
    """Whether a text that has come so far is a `<speak>` document; None: what follows will tell."""
    if _BEGINNING_RE.match(text):
        return True
    return None if _MAYBE_BEGINNING_RE.fullmatch(text) else False


def parse(text: str, language: str) -> tuple[Piece, ...]:
    """Reads SSML, with or without its `<speak>`. language: BCP-47, of the voice. Raises `SsmlError`."""
    text = _PREFIX_RE.sub(r"\1", text)  # amazon:effect and the like, whose names nobody declares
    # Entities of HTML, and an ampersand that is none, as in "Q&A": XML would take neither.
    text = _NAMED_RE.sub(lambda name: html.escape(html.unescape(name.group())), text)
    text = _BARE_AMPERSAND_RE.sub("&amp;", text)
    if not _BEGINNING_RE.match(text):
        text = f"<speak>{text}</speak>"
    reader = _Reader(language)
    parser = DefusedXMLParser(target=reader, forbid_dtd=True)
    try:
        parser.feed(text)
        parser.close()
    except (ParseError, DefusedXmlException, UnicodeEncodeError) as error:
        raise SsmlError(_reason(error)) from error
    return reader.pieces()


@dataclass
class _Capture:
    """An element whose text is changed as a whole when it ends."""

    tag: str
    attributes: Mapping[str, str]
    depth: int
    text: str = ""


class _Reader:
    """What the parser tells of a document, element by element, becomes pieces."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._manners = [Manner()]  # one for each element that is open
        self._tags: list[str] = []
        self._captures: list[_Capture] = []
        self._text = ""
        self._pause_s = 0.0
        self._pauses_left_s = MAX_PAUSES_S
        self._pieces: list[Piece] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """An element opens."""
        if len(self._tags) >= _MAX_DEPTH:
            raise SsmlError(f"more than {_MAX_DEPTH} elements stand inside each other")
        tag = name.rpartition("}")[2].lower()
        given = {key.rpartition("}")[2].lower(): value.strip() for key, value in attributes.items()}
        manner = self._manners[-1]
        has_marks = has_stress(self._text_language())
        if tag in ("say-as", "sub", "phoneme") or (tag == "emphasis" and has_marks):
            self._captures.append(_Capture(tag, given, len(self._tags)))
        elif self._captures:
            self._captures[-1].text += " " if tag in ("break", "p", "s") else ""
        elif tag == "break":
            self._end_piece(goes_on=True)
            self._pause(_break_s(given))
        elif tag in ("p", "s"):
            self._end_piece()
        else:
            manner = _changed(manner, tag, given)
            if manner != self._manners[-1]:
                self._end_piece(goes_on=True)
        self._tags.append(tag)
        self._manners.append(manner)

    def data(self, text: str) -> None:
        """Text comes, whole or in parts."""
        if self._captures:
            self._captures[-1].text += text
        else:
            self._text += text

    def end(self, _name: str) -> None:
        """The element that was opened last closes."""
        tag = self._tags.pop()
        if self._captures and self._captures[-1].depth == len(self._tags):
            self.data(self._said(self._captures.pop()))
        elif not self._captures:
            if tag in ("p", "s"):
                self._end_piece()
                self._pause(_PARAGRAPH_S if tag == "p" else 0.0)
            elif self._manners[-1] != self._manners[-2]:
                self._end_piece(goes_on=True)
        self._manners.pop()

    def close(self) -> None:
        """The document has ended."""
        self._end_piece()

    def pieces(self) -> tuple[Piece, ...]:
        """All of it, in order. A pause behind the last text is a piece of its own, but for a paragraph's."""
        if self._pause_s and self._pause_s != _PARAGRAPH_S:
            return (*self._pieces, Piece("", pause_s=self._pause_s))
        return tuple(self._pieces)

    def _pause(self, seconds: float) -> None:
        wanted_s = min(self._pause_s + seconds, MAX_PAUSE_S) - self._pause_s
        added_s = min(wanted_s, self._pauses_left_s)
        self._pauses_left_s -= added_s
        self._pause_s += added_s

    def _end_piece(self, *, goes_on: bool = False) -> None:
        text, self._text = " ".join(self._text.split()), ""
        if text:
            goes_on = goes_on and not _SENTENCE_END_RE.search(text)
            self._pieces.append(Piece(text, self._manners[-1], self._pause_s, goes_on=goes_on))
            self._pause_s = 0.0
        elif not goes_on and self._pieces:
            self._pieces[-1] = replace(self._pieces[-1], goes_on=False)

    def _said(self, capture: _Capture) -> str:
        """What stands for an element in the text."""
        text, given = " ".join(capture.text.split()), capture.attributes
        # Spaces around a word are between it and its neighbours.
        before = " " if capture.text[:1].isspace() else ""
        after = " " if capture.text[-1:].isspace() else ""
        match capture.tag:
            case "sub":
                text = given.get("alias") or text
            case "say-as":
                text = say_as(
                    text, given.get("interpret-as", ""), given.get("format", ""), self._text_language()
                )
            case "emphasis":
                text = _stressed(text, given.get("level", ""))
            case "phoneme":
                text = self._with_phonemes(text, given)
        return before + text + after

    def _with_phonemes(self, text: str, given: Mapping[str, str]) -> str:
        phonemes = re.sub(r"[/()\n]", "", given.get("ph", "")).strip()
        if given.get("alphabet", "ipa").lower() != "ipa" or not 0 < len(phonemes) <= 400:
            _LOGGER.debug("Not read: a phoneme element without IPA of up to 400 characters")
            return text
        word = re.sub(r"[\[\]]", "", text)[:200] or "x"
        return marked(word, with_stress(phonemes, self._text_language()))

    def _text_language(self) -> str:
        """BCP-47, of the text that comes."""
        return self._manners[-1].language or self._language


def _changed(manner: Manner, tag: str, given: Mapping[str, str]) -> Manner:
    """The manner inside an element."""
    match tag:
        case "prosody":
            return replace(
                manner,
                speed=manner.speed * _factor(given.get("rate", ""), _RATES, _RATE_RE),
                gain=min(manner.gain * _factor(given.get("volume", ""), _VOLUMES, _VOLUME_RE), _MAX_GAIN),
            )
        case "emphasis" if level := _EMPHASES.get(given.get("level", "")):
            speed, gain = level
            return replace(manner, speed=manner.speed * speed, gain=min(manner.gain * gain, _MAX_GAIN))
        case "voice":
            name, language = given.get("name", ""), _language(given.get("lang") or given.get("language", ""))
            return (
                replace(manner, voice=name, voice_language="" if name else language)
                if name or language
                else manner
            )
        case "lang" | "speak" if language := _language(given.get("lang", "")):
            return replace(manner, language=language)
    return manner


def _language(tag: str) -> str:
    """The language that phonemizers know by a tag, `fr-CA` or `fr`: the same, else its nearest; empty: none."""
    wanted = tag.replace("_", "-").lower()
    exact = [each for each in LANGUAGES if each.lower() == wanted]
    near = [each for each in LANGUAGES if wanted and each[:2] == wanted.partition("-")[0]]
    return (exact or near or [""])[0]


def _factor(value: str, names: Mapping[str, float], form: re.Pattern[str]) -> float:
    """A rate or a volume: by name, in percent, in dB, as a factor; 1 for what is none of these."""
    if value.lower() in names:
        return names[value.lower()]
    match = form.fullmatch(value)
    if match is None:
        if value:
            _LOGGER.debug("Not read: a rate or volume of %r", value)
        return 1.0
    number, sign, unit = float(match["number"]), match["sign"], match["unit"].lower()
    signed = -number if sign == "-" else number
    if unit == "db":
        return float(min(10 ** (signed / 20), _MAX_GAIN))
    if form is _VOLUME_RE and not unit:
        unit = "%"  # from 0 to 100
    if unit == "%":
        number, signed = number / 100, signed / 100
    return max(1 + signed, 0.0) if sign else number


def _break_s(given: Mapping[str, str]) -> float:
    match = _TIME_RE.fullmatch(given.get("time", ""))
    if match is None:
        return _STRENGTHS_S.get(given.get("strength", "medium"), _STRENGTHS_S["medium"])
    return min(float(match["number"]) / (1000 if match["unit"] == "ms" else 1), MAX_PAUSE_S)


def _stressed(text: str, level: str) -> str:
    stress = _STRESSES.get(level)
    if stress is None or "](" in text:
        return text
    return _WORD_RE.sub(lambda word: f"[{word.group()}]({stress})", text)
