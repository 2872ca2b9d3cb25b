"""English, American and British. `spoken_english` applies the classes of things that the files here read, in this order:

informal          chat, names with figures for letters
games             scores, moves in chess
symbols, early    what binds figures together: ≤, ->, +/-, =
figures, early    phone numbers and codes
addresses         URLs, paths, entity ids, versions: nothing in them is a number, a date or an abbreviation
times             dates, clocks, durations, years
money, units      what a figure is of
abbreviations     titles, streets, acronyms
figures           everything else that has a figure in it
slashes           two words with one between them
symbols           everything else that is no word
"""

from __future__ import annotations

import re
from functools import lru_cache

from wyoming_kokoro.text.spoken.english import abbreviations, informal, slashes, symbols
from wyoming_kokoro.text.spoken.english.addresses import Addresses
from wyoming_kokoro.text.spoken.english.figures import Figures
from wyoming_kokoro.text.spoken.english.games import Games
from wyoming_kokoro.text.spoken.english.money import Money
from wyoming_kokoro.text.spoken.english.numbers import Numbers
from wyoming_kokoro.text.spoken.english.times import Times
from wyoming_kokoro.text.spoken.english.units import Units
from wyoming_kokoro.text.spoken.rules import Rule, apply

# Longer ones are keys and noise. Rules that do not cross white space take at most so long at each of its places.
_MAX_WORD_CHARS = 400
_LONG_WORD_RE = re.compile(rf"\S{{{_MAX_WORD_CHARS}}}")
_LONG_FIGURES_RE = re.compile(r"[\d.,]{40,}")


def spoken_english(text: str, *, british: bool) -> str:
    """English text, one line, in words. Linear in its length."""
    text = _LONG_WORD_RE.sub(lambda word: f"{word.group()} ", text)
    text = _LONG_FIGURES_RE.sub(lambda figures: " ".join(figures.group()), text)
    return apply(_rules(british=british), text)


@lru_cache(maxsize=2)
def _rules(*, british: bool) -> tuple[Rule, ...]:
    numbers = Numbers(british=british)
    units = Units(numbers)
    figures = Figures(numbers)
    return (
        *informal.rules(),
        *Games(numbers).rules(),
        *symbols.early_rules(),
        *figures.early_rules(),
        *Addresses(numbers).rules(),
        *Times(numbers).rules(),
        *Money(numbers, units).rules(),
        *units.rules(),
        *abbreviations.rules(),
        *figures.rules(),
        *symbols.pair_rules(),
        *slashes.rules(),
        *symbols.rules(),
    )
