"""Hindi words for figures, units and signs. num2words does not count in Hindi, whose numbers to a hundred are all irregular."""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.grammar import Grammar
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, rule
from wyoming_kokoro.text.spoken.tables import currencies, nouns

_TO_99 = [
    "शून्य",
    "एक",
    "दो",
    "तीन",
    "चार",
    "पाँच",
    "छह",
    "सात",
    "आठ",
    "नौ",
    "दस",
    "ग्यारह",
    "बारह",
    "तेरह",
    "चौदह",
    "पंद्रह",
    "सोलह",
    "सत्रह",
    "अठारह",
    "उन्नीस",
    "बीस",
    "इक्कीस",
    "बाईस",
    "तेईस",
    "चौबीस",
    "पच्चीस",
    "छब्बीस",
    "सत्ताईस",
    "अट्ठाईस",
    "उनतीस",
    "तीस",
    "इकतीस",
    "बत्तीस",
    "तैंतीस",
    "चौंतीस",
    "पैंतीस",
    "छत्तीस",
    "सैंतीस",
    "अड़तीस",
    "उनतालीस",
    "चालीस",
    "इकतालीस",
    "बयालीस",
    "तैंतालीस",
    "चौवालीस",
    "पैंतालीस",
    "छियालीस",
    "सैंतालीस",
    "अड़तालीस",
    "उनचास",
    "पचास",
    "इक्यावन",
    "बावन",
    "तिरपन",
    "चौवन",
    "पचपन",
    "छप्पन",
    "सत्तावन",
    "अट्ठावन",
    "उनसठ",
    "साठ",
    "इकसठ",
    "बासठ",
    "तिरसठ",
    "चौंसठ",
    "पैंसठ",
    "छियासठ",
    "सड़सठ",
    "अड़सठ",
    "उनहत्तर",
    "सत्तर",
    "इकहत्तर",
    "बहत्तर",
    "तिहत्तर",
    "चौहत्तर",
    "पचहत्तर",
    "छिहत्तर",
    "सतहत्तर",
    "अठहत्तर",
    "उनासी",
    "अस्सी",
    "इक्यासी",
    "बयासी",
    "तिरासी",
    "चौरासी",
    "पचासी",
    "छियासी",
    "सत्तासी",
    "अट्ठासी",
    "नवासी",
    "नब्बे",
    "इक्यानवे",
    "बानवे",
    "तिरानवे",
    "चौरानवे",
    "पचानवे",
    "छियानवे",
    "सत्तानवे",
    "अट्ठानवे",
    "निन्यानवे",
]
_GROUPS = ((10**11, "खरब"), (10**9, "अरब"), (10**7, "करोड़"), (10**5, "लाख"), (1_000, "हज़ार"), (100, "सौ"))
_MONTHS = (
    "जनवरी", "फ़रवरी", "मार्च", "अप्रैल", "मई", "जून", "जुलाई", "अगस्त", "सितंबर", "अक्टूबर", "नवंबर", "दिसंबर",
)  # fmt: skip
_ORDINALS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}
_ENDINGS = {
    "ला": "ा",
    "रा": "ा",
    "था": "ा",
    "ठा": "ा",
    "ली": "ी",
    "री": "ी",
    "थी": "ी",
    "ठी": "ी",
    "ले": "े",
    "रे": "े",
    "थे": "े",
    "ठे": "े",
}

_UNITS = nouns("""
    °C | डिग्री सेल्सियस | डिग्री सेल्सियस
    °F | डिग्री फ़ारेनहाइट | डिग्री फ़ारेनहाइट
    ° | डिग्री | डिग्री
    km | किलोमीटर | किलोमीटर
    किमी | किलोमीटर | किलोमीटर
    m | मीटर | मीटर
    cm | सेंटीमीटर | सेंटीमीटर
    mm | मिलीमीटर | मिलीमीटर
    km/h | किलोमीटर प्रति घंटा | किलोमीटर प्रति घंटा
    m/s | मीटर प्रति सेकंड | मीटर प्रति सेकंड
    m² | वर्ग मीटर | वर्ग मीटर
    m³ | घन मीटर | घन मीटर
    kg | किलो | किलो
    किग्रा | किलोग्राम | किलोग्राम
    g | ग्राम | ग्राम
    mg | मिलीग्राम | मिलीग्राम
    l | लीटर | लीटर
    L | लीटर | लीटर
    ml | मिलीलीटर | मिलीलीटर
    W | वाट | वाट
    kW | किलोवाट | किलोवाट
    Wh | वाट घंटे | वाट घंटे
    kWh | किलोवाट घंटा | किलोवाट घंटे
    V | वोल्ट | वोल्ट
    A | एम्पियर | एम्पियर
    Hz | हर्ट्ज़ | हर्ट्ज़
    GHz | गीगाहर्ट्ज़ | गीगाहर्ट्ज़
    hPa | हेक्टोपास्कल | हेक्टोपास्कल
    lx | लक्स | लक्स
    lm | लुमेन | लुमेन
    dB | डेसिबल | डेसिबल
    ppm | पीपीएम | पीपीएम
    µg/m³ | माइक्रोग्राम प्रति घन मीटर | माइक्रोग्राम प्रति घन मीटर
    MB | मेगाबाइट | मेगाबाइट
    GB | गीगाबाइट | गीगाबाइट
    TB | टेराबाइट | टेराबाइट
    Mbps | मेगाबिट प्रति सेकंड | मेगाबिट प्रति सेकंड
    s | सेकंड | सेकंड
    min | मिनट | मिनट
    h | घंटा | घंटे
""")
_CURRENCIES = currencies("""
    ₹ | रुपया | रुपये | पैसा | पैसे
    Rs. | रुपया | रुपये | पैसा | पैसे
    Rs | रुपया | रुपये | पैसा | पैसे
    रु. | रुपया | रुपये | पैसा | पैसे
    INR | रुपया | रुपये | पैसा | पैसे
    $ | डॉलर | डॉलर | सेंट | सेंट
    USD | डॉलर | डॉलर | सेंट | सेंट
    € | यूरो | यूरो | सेंट | सेंट
    £ | पाउंड | पाउंड | पेंस | पेंस
""")


# 1,00,000: the last three figures are a group, and then pairs.
_INDIAN_GROUPS = rule(
    r"(?<![\d,])\d{1,2}(?:,\d{2}){1,8},\d{3}(?![\d,])", lambda m: m.group().replace(",", ""), needs=","
)


def _count(value: int) -> str:
    """A number in words, with India's groups: हज़ार, लाख, करोड़."""
    if value < 100:
        return _TO_99[value]
    words = []
    for size, name in _GROUPS:
        n, value = divmod(value, size)
        if n:
            words += [_count(n), name]
    return " ".join([*words, _TO_99[value]] if value else words)


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = (
            "सुबह " if half == "am" else "दोपहर " if hour in (12, 1, 2, 3) else "शाम " if hour < 8 else "रात "
        )
    if minute == 0:
        return f"{part}{_count(hour)} बजे"
    return f"{part}{_count(hour)} बजकर {_count(minute)} मिनट"


def _year(year: int) -> str:
    """1999 is nineteen hundred ninety-nine, 2024 two thousand twenty-four."""
    if 1100 <= year < 2000:
        return f"{_count(year // 100)} सौ{f' {_count(year % 100)}' if year % 100 else ''}"
    return _count(year)


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{_count(day)} {_MONTHS[month - 1]}"
    return f"{words} {_year(year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    if rank in _ORDINALS:
        return _ORDINALS[rank] + (_ENDINGS.get(mark) or mark.removeprefix("व")[:1] or "ा")
    return _count(rank) + mark


def _fraction(a: int, b: int) -> str:
    if (a, b) == (1, 2):
        return "आधा"
    if b == 4:
        return "एक चौथाई" if a == 1 else f"{_count(a)} चौथाई"
    return (
        "एक तिहाई" if (a, b) == (1, 3) else "दो तिहाई" if (a, b) == (2, 3) else f"{_count(b)} में से {_count(a)}"
    )


def _oclock(match: re.Match[str]) -> str:
    """A time with "बजे" behind it: साढ़े छह बजे, सवा छह बजे, पौने सात बजे; else सात बजकर पाँच मिनट."""
    hour, minute = int(match["h"]), int(match["m"])
    if not minute or (minute in (15, 30, 45) and 1 <= hour <= 12):
        if minute == 30 and hour in (1, 2):
            return f"{'डेढ़' if hour == 1 else 'ढाई'} बजे"
        following = hour % 12 + 1
        part = {
            0: _count(hour),
            15: f"सवा {_count(hour)}",
            30: f"साढ़े {_count(hour)}",
            45: f"पौने {_count(following)}",
        }
        return f"{part[minute]} बजे"
    words = _time(hour, minute, "")
    return words if _GOES_ON_RE.match(match.string, match.end()) else f"{words} पर"


def _and_a_half(match: re.Match[str]) -> str:
    whole = int(match["whole"])
    return {1: "डेढ़", 2: "ढाई"}.get(whole) or f"साढ़े {_count(whole)}"


# Behind these a time needs no "at".
_GOES_ON_RE = re.compile(r"[ ]?(?:है|हैं|हुए|थे|के|का|की|से|तक|को|पर)(?![\u0900-\u097f])|\s*[।.,!?]|\s*$")


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    return (
        _INDIAN_GROUPS,
        rule(r"(?<![\d:.,/-])(?P<h>[01]?\d|2[0-4]):(?P<m>[0-5]\d)[ ]?बजे(?![\u0900-\u097f])", _oclock, needs=":"),
        rule(r"(?<![\w.,/])(?P<whole>[1-9]\d?)(?:[ ]1/2|[ ]?½)(?![\w/]|[.,]\d)", _and_a_half, needs="/½"),
        # the score of a match
        rule(r"(?<![\w.,/:-])(?P<a>\d{1,3})[-–](?P<b>\d{1,3})(?=[ ]से[ ](?:जीत|हार|बराबर|आगे|पीछे))", lambda m: f"{m['a']} {m['b']}", needs=DIGITS),
    )  # fmt: skip


HINDI = Grammar(
    count=_count,
    agree=lambda words, _: words,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} {cents}",
    thousands=r",(?=\d{3}(?!\d)|\d{2},)",
    decimal=r"[.]",
    ordinal_mark=r"(?:ला|ली|ले|रा|री|रे|था|थी|थे|ठा|ठी|ठे|वाँ|वां|वीं|वें)(?![\u0900-\u097f])",
    point="दशमलव",
    minus="ऋण",
    plus="धन",
    to="से",
    decimals_counted=False,
    own_rules=_own_rules,
    per=lambda words, noun: f"{words} प्रति {noun}",
    by="बाई",
    per_hundred=lambda words: f"{words} प्रतिशत",
    units=_UNITS,
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[ ]",
    signs={
        ".": "पॉइंट", "&": "और", "@": "ऐट", "+": "धन", "=": "बराबर", "×": "गुणा", "÷": "भाग", "±": "धन या ऋण", "≈": "लगभग", "→": "से",
        "#": "नंबर", "°": "डिग्री", "₹": "रुपये", "$": "डॉलर", "€": "यूरो", "%": "प्रतिशत", "<": "से कम", ">": "से ज़्यादा", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "डॉ.": "डॉक्टर", "श्री.": "श्री", "प्रो.": "प्रोफ़ेसर", "कि.मी.": "किलोमीटर", "नं.": "नंबर", "आदि.": "आदि", "उदा.": "उदाहरण",
    },
)  # fmt: skip
