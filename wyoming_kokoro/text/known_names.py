"""How names and words are said that neither misaki's lexicons nor espeak get right.

They stand in `known_names.txt`, in the form of a user's lexicon, whose own entries go first. What is given for `[en]` is
American; British is made of it by rules, unless it is given too.
"""

from __future__ import annotations

import importlib.resources
import re
from dataclasses import replace
from functools import lru_cache

from wyoming_kokoro.text.lexicon import Entry, Lexicon, parse

_VOWELS = "AIOWYaeiuæɑɔəɛɜɪʊʌᵻ"
_BEFORE_VOWEL = f"(?=[ˈˌ]?[{_VOWELS}])"

# In order: American vowels have no length and keep their r everywhere.
_TO_BRITISH = tuple(
    (re.compile(pattern), british)
    for pattern, british in (
        ("[Tɾ]", "t"),
        ("ᵻ", "ɪ"),
        (f"(?<=[ˈˌ])iɹ{_BEFORE_VOWEL}", "ɪəɹ"),
        (f"ʊɹ{_BEFORE_VOWEL}", "ʊəɹ"),
        (f"([ɑɔɜ])ɹ{_BEFORE_VOWEL}", r"\1ːɹ"),
        (f"([ɑɔɜɛ])ɹ(?!{_BEFORE_VOWEL})", r"\1ː"),
        (f"([iɪʊIW])ɹ(?!{_BEFORE_VOWEL})", r"\1ə"),
        (f"əɹ(?!{_BEFORE_VOWEL})", "ə"),
        ("iə(?=$|[^ɹ])(?<![ˈˌ]iə)", "ɪə"),
        (f"(?<![ˈˌ])i(?=[ˈˌ]?[{_VOWELS}])", "ɪ"),
        ("(?<![ˈˌ])i(?=$| )", "ĭ"),  # as in "happy", which stays short
        ("i(?!ː)", "iː"),
        ("ĭ", "i"),
        ("([uɑɔ])(?!ː)", r"\1ː"),
        ("æ", "a"),
        ("O", "Q"),
    )
)


@lru_cache(maxsize=1)
def known_names() -> Lexicon:
    """The names, in American and British English."""
    file = importlib.resources.files("wyoming_kokoro.text") / "known_names.txt"
    entries = parse(file.read_text(encoding="utf-8")).entries
    given = {entry.word for entry in entries if entry.language == "en-GB"}
    return Lexicon((*entries, *(_in_british(entry) for entry in entries if _needs_british(entry, given))))


def _needs_british(entry: Entry, given: set[str]) -> bool:
    return entry.is_ipa and entry.language == "en" and entry.word not in given


def _in_british(entry: Entry) -> Entry:
    return replace(entry, said=in_british(entry.said), language="en-GB")


def in_british(american: str) -> str:
    """American phonemes as a Briton says them, as far as rules can tell; both in the model's alphabet."""
    for pattern, british in _TO_BRITISH:
        american = pattern.sub(british, american)
    return american
