"""English words that are spelled alike and said in two ways, where misaki's tag of speech does not tell which.

misaki goes by the part of speech, which is right for most: "I object", "an object". A few it has one sound for, or
tags wrongly; what stands beside those tells them apart. Knows nothing of tags.
"""

from __future__ import annotations

import re
from typing import NamedTuple

_METALS = "metal|element|poison|toxic|soft|heavy|dense"
_SMALL = (
    "adjustments?|amounts?|bubbles?|changes?|cracks?|crystals?|deviations?|details?|differences?|doses?|droplets?|errors?|flaws?|"
    "fluctuations?|fractions?|fragments?|grains?|holes?|movements?|organisms?|particles?|"
    "pieces?|portions?|quantit(?:y|ies)|scale|traces?|variations?"
)
# "two minute pieces" may be pieces of two minutes.
_NOT_COUNTED = "(?<!-)" + "".join(
    f"(?<!{number} )"
    for number in (
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "eight",
        "ten",
        "fifteen",
        "twenty",
        "thirty",
        "forty",
        "sixty",
    )
)
_PIECES = "bars?|bits?|blocks?|chunks?|concentrations?|kilos?|layers?|lumps?|ounces?|particles?|pieces?|presence|sheets?|slabs?|sources?"
_LEADED = "air|blood|dust|gasoline|glass|paint|petrol|pipes?|plumbing|soil|solder|toys?|walls?|water"
_IN_FRONT = "".join(
    f"(?<!{verb} the )" for verb in ("take", "takes", "took", "taken", "taking", "keep", "lost", "in")
)
_CLOCK = r"(?:at|around|by|from|until|early|late|soon|automatically|tomorrow|tonight|on \w+day)"
_THINGS = "blinds|banks|curtains|doors|gates|markets|offices|polls|pools|schools|shades|shops|shutters|stores|they|windows"


class _Rule(NamedTuple):
    """Where a word is said so."""

    where: re.Pattern[str]
    """Holds the word, as it is written there, in a group."""

    american: str
    british: str


def _where(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)


_RULES = (
    _Rule(
        _where(
            r"\b(?:made (?:out )?of|contain(?:s|ed|ing)?|exposure to|exposed to|traces of|levels of|free of|tons? of|"
            rf"grams? of|kilograms? of|pounds? of|test(?:ed|s|ing)?(?: positive| negative)? for|check(?:ed|s|ing)? for|(?:{_PIECES}) of|pencil|molten|mercury and|copper and) (?P<word>lead)\b(?! (?:singer|role|to)\b)"
        ),
        "lˈɛd",
        "lˈɛd",
    ),
    _Rule(
        _where(
            r"\b(?P<word>lead)(?=[ -](?:acid|aprons?|based|batter(?:y|ies)|bullets?|compounds?|crystal|exposure|foil|free|glass|mines?|oxide|paints?|pencils?|"
            r"pipes?|plumbing|poisoning|roofs?|roofing|shielding|shot|sinkers?|solder|weights?|"
            rf"content|contamination|levels?|dust|ore)\b| (?:is|was) (?:an? )?(?:very )?(?:{_METALS})\b)"
        ),
        "lˈɛd",
        "lˈɛd",
    ),
    _Rule(
        _where(
            rf"{_IN_FRONT}\b(?P<word>lead)(?= (?:in|from) (?:(?:the|my|your|our|this|that|old|tap|drinking) ){{0,3}}(?:{_LEADED})\b"
            r"| of (?:the|my|your|his|her|a) pencil\b)"
        ),
        "lˈɛd",
        "lˈɛd",
    ),
    _Rule(_where(rf"{_NOT_COUNTED}\b(?P<word>minute)(?= (?:{_SMALL})\b)"), "mInˈut", "mInjˈuːt"),
    _Rule(
        _where(r"\b(?:so|very|too|extremely|incredibly|rather) (?P<word>minute)(?! by\b)\b"),
        "mInˈut",
        "mInjˈuːt",
    ),
    _Rule(_where(r"\b(?P<word>minute)(?= hands?\b)"), "mˈɪnət", "mˈɪnɪt"),
    _Rule(_where(rf"\b(?:{_THINGS}) (?P<word>close)(?= {_CLOCK}\b(?! hand\b)|[.!?]?$)"), "klˈOz", "klˈQz"),
    _Rule(
        _where(
            r"\b(?:until|till|by|at|before) (?P<word>close)(?= of (?:business|play|trading)\b|[.,;!?)]|$)"
        ),
        "klˈOz",
        "klˈQz",
    ),
    _Rule(
        _where(
            r"\b(?P<word>tears?)(?= (?:in|on) (?:the|my|your|a|his|her|its|their|this|that) (?:\w+ )?"
            r"(?:bag|canvas|cover|curtain|fabric|filter|hose|jacket|jeans|ligament|material|membrane|muscle|net|page|paper|roof|"
            r"sail|screen|seat|shirt|sleeve|tendon|tent|tyre|upholstery|wallpaper)\b)"
        ),
        "tˈɛɹ{s}",
        "tˈɛː{s}",
    ),
    _Rule(
        _where(
            r"\b(?:I|you|we|they) (?P<word>read)(?= [^.!?]{1,60}\b(?:every (?:day|evening|morning|night|week|time)|all the time|most days)\b)"
        ),
        "ɹˈid",
        "ɹˈiːd",
    ),
)

_WORDS_RE = re.compile(r"lead|minute|close|tears?|read", re.IGNORECASE)

# Nothing follows that it could be the article of.
_LETTER_A_RE = re.compile(r"(?<![\w.'’\[-])A(?=[!?,;:]|\.?$|\.\s)")


def told_apart(text: str, language: str) -> str:
    """The text with phonemes for those words of two sounds whose neighbours tell which.

    language: "en-US" or "en-GB".
    """
    text = _LETTER_A_RE.sub("[A](/ˈA/)", text)
    if not _WORDS_RE.search(text):
        return text
    for rule in _RULES:
        sound = rule.british if language == "en-GB" else rule.american

        def marked(found: re.Match[str], sound: str = sound) -> str:
            word = found["word"]
            phonemes = sound.format(s="z" if word[-1] in "sS" else "")
            start = found.start("word") - found.start()
            return f"{found[0][:start]}[{word}](/{phonemes}/){found[0][start + len(word) :]}"

        text = rule.where.sub(marked, text)
    return text
