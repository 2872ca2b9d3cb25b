"""Phonemes as people write them, in the International Phonetic Alphabet, and as the model's alphabet has them.

Knows the marks by which a text carries them, `[word](/ipa/)`, and no library. Pure functions.
"""

from __future__ import annotations

import re

# What a writer means is not told by its letters: `[docs](/docs/)` is a link. So phonemes have a letter or mark beyond
# ASCII in them; where this package itself writes them, they stand between two slashes on either side.
MARK = (
    r"\[(?P<word>[^\[\]\n]{1,200})\]\("
    r"(?:/(?P<phonemes>[^()\n/]{0,200}[^\x00-\x7f()\n/][^()\n/]{0,200})/|//(?P<sure>[^()\n/]{1,400})//)\)"
)
MARK_RE = re.compile(MARK)
STRESS_MARK = r"\[[^\[\]\n]{1,200}\]\([+-](?:0\.5|1|2)\)"
"""misaki's: more stress on a word, `[not](+1)`, or less."""
STRESS_MARK_RE = re.compile(r"\[(?P<word>[^\[\]\n]{1,200})\]\((?P<level>[+-](?:0\.5|1|2))\)")

_COMMON = {
    "tʃ": "ʧ", "dʒ": "ʤ", "eɪ": "A", "aɪ": "I", "aʊ": "W", "ɔɪ": "Y", "oʊ": "O", "əʊ": "Q",
    "g": "ɡ", "\u0361": "", "\u035c": "", ".": "", "‿": "",
}  # fmt: skip
_ENGLISH = {
    "n\u0329": "ᵊn", "l\u0329": "ᵊl", "m\u0329": "ᵊm", "ɚ": "əɹ", "ɝ": "ɜɹ", "ɫ": "l", "r": "ɹ", "e": "ɛ", "o": "ɔ",
}  # fmt: skip
_AMERICAN = {"Q": "O", "ɾ": "T", "ɒ": "ɑ", "a": "æ", "ɜːɹ": "ɜɹ", "ɜː": "ɜɹ", "ː": ""}
_BRITISH = {"O": "Q", "ɜɹ": "ɜː"}
_SPLIT = {"ts": "ʦ", "dz": "ʣ"}  # one sound in the languages that the model knows from espeak, two in English

_STRESSES = "ˈˌ"
_VOWELS = "AIOQWYaeiouyæœøɐɑɒɔəɛɜɤɨɪɯʊʌʏᵊᵻ"
_VOWEL_RE = re.compile(f"[{_VOWELS}]")
# IPA has the mark before a syllable, the model before its vowel.
_STRESSED_SYLLABLE_RE = re.compile(rf"([{_STRESSES}])([^{_VOWELS}{_STRESSES}\s]+)(?=[{_VOWELS}])")
_UNSTRESSED = ("ja", "zh")  # have no marks of stress


def has_stress(language: str) -> bool:
    """Whether a language's phonemes have marks of stress. language: BCP-47."""
    return language[:2] not in _UNSTRESSED


def to_model(ipa: str, language: str) -> str:
    """IPA in the model's alphabet; what is in it already stays. language: BCP-47."""
    tables: tuple[dict[str, str], ...]
    if language.startswith("en"):
        tables = (_COMMON, _ENGLISH, _BRITISH if language == "en-GB" else _AMERICAN)
    else:
        tables = (_COMMON, _SPLIT)
    for table in tables:
        for symbol, ours in table.items():
            ipa = ipa.replace(symbol, ours)
    return " ".join(_STRESSED_SYLLABLE_RE.sub(r"\2\1", ipa).split())


def with_stress(phonemes: str, language: str) -> str:
    """Phonemes with a stress, before their first vowel if they came without: a dictionary's /wɪn/ is no weak word."""
    if not has_stress(language) or any(mark in phonemes for mark in _STRESSES):
        return phonemes
    return _VOWEL_RE.sub(lambda vowel: f"ˈ{vowel.group()}", phonemes, count=1)


def emphasized(phonemes: str, language: str) -> str:
    """A word's phonemes with more stress: a main one, marked twice, which the model says a tenth to a quarter longer."""
    if "ˈ" not in phonemes and "ˌ" in phonemes:
        phonemes = phonemes.replace("ˌ", "ˈ", 1)
    return with_stress(phonemes, language).replace("ˈ", "ˈˈ")


def weakened(phonemes: str) -> str:
    """Phonemes with their main stresses as minor ones."""
    return phonemes.replace("ˈ", "ˌ")


def unknown_symbols(ipa: str, symbols: frozenset[str]) -> tuple[str, ...]:
    """Those of the IPA's symbols that a model with these symbols has no sound for, each once, in order."""
    return tuple(
        dict.fromkeys(char for char in to_model(ipa, "en-US") if not char.isspace() and char not in symbols)
    )


def marked(word: str, phonemes: str) -> str:
    """A word with its phonemes, as the text carries them: `[word](//phonemes//)`."""
    return f"[{word}](//{phonemes}//)"


def phonemes_of(mark: re.Match[str], language: str) -> str:
    """The phonemes that a match of `MARK_RE` gives, in the model's alphabet."""
    return to_model(mark["phonemes"] or mark["sure"], language)
