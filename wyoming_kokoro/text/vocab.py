"""Phonemes to token ids, within the model's context length. Knows nothing of languages.

A phoneme string is as long as its characters; that length, symbols without an id included, is also
what picks the row of a voice's style.
"""

from __future__ import annotations

import logging
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping

_LOGGER = logging.getLogger(__name__)

MAX_PHONEMES = 510  # the model has 512 positions, and the boundary stands at both ends
BOUNDARY_ID = 0  # before the first phoneme and after the last

# Where a string may be cut, best first. Every pattern matches what stays on the left.
_CUT_RES = (
    re.compile(r"[.!?…]+[\"”»)]*(?=\s)"),  # sentence
    re.compile(r"[,;:—]+[\"”»)]*(?=\s)"),  # clause
    re.compile(r"\S(?=\s)"),  # word
    re.compile(r"[^\sˈˌ](?=[ˈˌ])"),  # stressed syllable; marks of stress stand before it
    re.compile(r"[^ˈˌ](?![ːʰʲ\u0303.,;:!?…—\"”»)])"),  # anywhere between two sounds
)
# Pieces this much shorter than the limit leave room to move a cut to a good place.
_TARGET_SHARE = 0.85
# How far from an even split a good place may be, as a share of the even length.
_REACH = 0.4

_FEW_PHONEMES = 8  # a syllable or two: nothing longer was found to be clipped

# Symbols that are silent; at the first ones a breath can be drawn.
_PAUSES = ".,!?;:—…"
_SILENT = _PAUSES + ' "“”()'


class Vocab:
    """The model's symbols and their ids. Safe to use from several threads."""

    def __init__(self, symbols: Mapping[str, int], max_phonemes: int = MAX_PHONEMES) -> None:
        self._ids = dict(symbols)
        self._max_phonemes = max_phonemes
        self._reported: set[str] = set()
        self.symbols = frozenset(symbols)
        """All of them."""

        self.pause_ids = frozenset(symbols[symbol] for symbol in _PAUSES if symbol in symbols)
        """Of the symbols that stand for a pause."""

        self.silent_ids = frozenset(symbols[symbol] for symbol in _SILENT if symbol in symbols) | {
            BOUNDARY_ID
        }
        """Of all that make no sound, the boundary too."""

    def encode(self, phonemes: str) -> list[int]:
        """Token ids with the boundary at both ends; at most `max_phonemes + 2`.

        Symbols without an id are left out, each logged once. Raises `ValueError` for more than
        `max_phonemes` symbols: `split_phonemes` comes first.
        """
        if len(phonemes) > self._max_phonemes:
            raise ValueError(f"{len(phonemes)} phonemes are more than the model's {self._max_phonemes}")
        ids = [self._ids[symbol] for symbol in phonemes if symbol in self._ids]
        if len(ids) < len(phonemes):
            self._report(set(phonemes).difference(self._ids))
        return [BOUNDARY_ID, *ids, BOUNDARY_ID]

    def _report(self, unknown: set[str]) -> None:
        for symbol in sorted(unknown - self._reported):
            self._reported.add(symbol)
            _LOGGER.warning("The model has no sound for %r (%s); it is left out", symbol, _name(symbol))


def ended(phonemes: str) -> str:
    """The phonemes of a few sounds, with a stop where nothing ends them: without one the model clips a single sound.

    "A" lasts 0.25 s without a stop, 0.45 s with one, and between 0.33 and 0.50 s in a sentence (dev/LOG.md).
    """
    if 0 < len(phonemes) <= _FEW_PHONEMES and phonemes[-1] not in _SILENT:
        return f"{phonemes}."
    return phonemes


def split_phonemes(phonemes: str, limit: int = MAX_PHONEMES) -> list[str]:
    """Splits a phoneme string into pieces the model can take, about equally long; nothing is lost.

    It is cut near the even place at the end of a sentence, else of a clause, else of a word, else
    before a stressed syllable, else anywhere. The pieces have no white space around them. A string
    within the limit is one piece, an empty one none.
    """
    assert limit >= 1, limit
    return list(_pieces(phonemes.strip(), limit))


def _pieces(rest: str, limit: int) -> Iterator[str]:
    while len(rest) > limit:
        n_pieces = max(2, math.ceil(len(rest) / (limit * _TARGET_SHARE)))
        cut = _best_cut(rest, len(rest) / n_pieces, limit)
        yield rest[:cut].rstrip()
        rest = rest[cut:].lstrip()
    if rest:
        yield rest


def _best_cut(text: str, even: float, limit: int) -> int:
    """The length of the first piece: from 1 to the limit, near `even`."""
    first = max(1, math.floor(even * (1 - _REACH)))
    last = min(limit, math.ceil(even * (1 + _REACH)))
    for cut_re in _CUT_RES:
        # What a cut looks at beyond its end is one character.
        ends = [cut.end() for cut in cut_re.finditer(text, 0, last + 1) if first <= cut.end() <= last]
        if ends:
            return min(ends, key=lambda end: abs(end - even))
    return min(limit, max(1, round(even)))


def _name(symbol: str) -> str:
    return unicodedata.name(symbol, "no name")
