"""Which language file says what is written in words. Knows their names, not what they do."""

from __future__ import annotations

from wyoming_kokoro.text.spoken.english import spoken_english
from wyoming_kokoro.text.spoken.french import FRENCH
from wyoming_kokoro.text.spoken.grammar import spoken
from wyoming_kokoro.text.spoken.hindi import HINDI
from wyoming_kokoro.text.spoken.italian import ITALIAN
from wyoming_kokoro.text.spoken.japanese import JAPANESE
from wyoming_kokoro.text.spoken.mandarin import MANDARIN
from wyoming_kokoro.text.spoken.markup import CODE_END
from wyoming_kokoro.text.spoken.portuguese import PORTUGUESE
from wyoming_kokoro.text.spoken.spanish import SPANISH

_GRAMMARS = {
    "es": SPANISH,
    "fr": FRENCH,
    "hi": HINDI,
    "it": ITALIAN,
    "ja": JAPANESE,
    "pt": PORTUGUESE,
    "zh": MANDARIN,
}
_CODE = {
    "en": "Code block.",
    "es": "Bloque de código.",
    "fr": "Bloc de code.",
    "hi": "कोड ब्लॉक.",
    "it": "Blocco di codice.",
    "ja": "コードブロック。",
    "pt": "Bloco de código.",
    "zh": "代码块。",
}


def in_words(text: str, language: str) -> str:
    """Text on one line with its figures, signs and abbreviations in words. language: BCP-47."""
    if language.startswith("en"):
        return spoken_english(text, british=language == "en-GB")
    text = text.replace(CODE_END, "")  # only English tells a path from two words
    grammar = _GRAMMARS.get(language[:2])
    return spoken(grammar, text) if grammar else text


def words_for_code(language: str) -> str:
    """What is said in the place of a block of code, in a BCP-47 language; nothing in one without such words."""
    return _CODE.get(language[:2], "")
