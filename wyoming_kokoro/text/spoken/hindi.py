"""Hindi words for figures, units and signs. num2words does not count in Hindi, whose numbers to a hundred are all irregular."""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.addresses import AddressWords, address_rules
from wyoming_kokoro.text.spoken.grammar import SEPARATOR, Grammar, durations, roman
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, alternatives, rule
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
_SHORT_MONTHS = {
    "जन": 1, "फ़र": 2, "फर": 2, "अप्रै": 4, "अग": 8, "सित": 9, "सितं": 9, "अक्टू": 10, "नव": 11, "नवं": 11, "दिस": 12, "दिसं": 12,
}  # fmt: skip
_ORDINALS = {1: "पहल", 2: "दूसर", 3: "तीसर", 4: "चौथ", 6: "छठ"}
_ENDINGS = {
    "st": "ा",
    "nd": "ा",
    "rd": "ा",
    "th": "वाँ",
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
    µm | माइक्रोमीटर | माइक्रोमीटर
    सेमी | सेंटीमीटर | सेंटीमीटर
    मिमी | मिलीमीटर | मिलीमीटर
    किमी/घंटा | किलोमीटर प्रति घंटा | किलोमीटर प्रति घंटा
    mph | मील प्रति घंटा | मील प्रति घंटा
    ft | फ़ुट | फ़ुट
    sq ft | वर्ग फ़ुट | वर्ग फ़ुट
    sq. ft. | वर्ग फ़ुट | वर्ग फ़ुट
    sqft | वर्ग फ़ुट | वर्ग फ़ुट
    km² | वर्ग किलोमीटर | वर्ग किलोमीटर
    ha | हेक्टेयर | हेक्टेयर
    cm² | वर्ग सेंटीमीटर | वर्ग सेंटीमीटर
    cm³ | घन सेंटीमीटर | घन सेंटीमीटर
    mm² | वर्ग मिलीमीटर | वर्ग मिलीमीटर
    km/s | किलोमीटर प्रति सेकंड | किलोमीटर प्रति सेकंड
    km/h | किलोमीटर प्रति घंटा | किलोमीटर प्रति घंटा
    m/s | मीटर प्रति सेकंड | मीटर प्रति सेकंड
    m² | वर्ग मीटर | वर्ग मीटर
    m/s² | मीटर प्रति वर्ग सेकंड | मीटर प्रति वर्ग सेकंड
    m³ | घन मीटर | घन मीटर
    kg | किलो | किलो
    किग्रा | किलोग्राम | किलोग्राम
    g | ग्राम | ग्राम
    mg | मिलीग्राम | मिलीग्राम
    µg | माइक्रोग्राम | माइक्रोग्राम
    mg/dL | मिलीग्राम प्रति डेसीलीटर | मिलीग्राम प्रति डेसीलीटर
    kcal | किलोकैलोरी | किलोकैलोरी
    cal | कैलोरी | कैलोरी
    mmHg | मिलीमीटर पारा | मिलीमीटर पारा
    मिली | मिलीलीटर | मिलीलीटर
    मिग्रा | मिलीग्राम | मिलीग्राम
    mL | मिलीलीटर | मिलीलीटर
    l | लीटर | लीटर
    L | लीटर | लीटर
    ml | मिलीलीटर | मिलीलीटर
    W | वाट | वाट
    kW | किलोवाट | किलोवाट
    Wh | वाट घंटे | वाट घंटे
    kWh | किलोवाट घंटा | किलोवाट घंटे
    MW | मेगावाट | मेगावाट
    MWh | मेगावाट घंटा | मेगावाट घंटे
    mA | मिलीएम्पियर | मिलीएम्पियर
    mAh | मिलीएम्पियर आवर | मिलीएम्पियर आवर
    V | वोल्ट | वोल्ट
    A | एम्पियर | एम्पियर
    Hz | हर्ट्ज़ | हर्ट्ज़
    kHz | किलोहर्ट्ज़ | किलोहर्ट्ज़
    MHz | मेगाहर्ट्ज़ | मेगाहर्ट्ज़
    GHz | गीगाहर्ट्ज़ | गीगाहर्ट्ज़
    kPa | किलोपास्कल | किलोपास्कल
    Pa | पास्कल | पास्कल
    hPa | हेक्टोपास्कल | हेक्टोपास्कल
    lx | लक्स | लक्स
    lm | लुमेन | लुमेन
    dB | डेसिबल | डेसिबल
    dBm | डीबीएम | डीबीएम
    bpm | बीपीएम | बीपीएम
    px | पिक्सेल | पिक्सेल
    L/min | लीटर प्रति मिनट | लीटर प्रति मिनट
    L/h | लीटर प्रति घंटा | लीटर प्रति घंटा
    m³/h | घन मीटर प्रति घंटा | घन मीटर प्रति घंटा
    kg/m² | किलोग्राम प्रति वर्ग मीटर | किलोग्राम प्रति वर्ग मीटर
    Ah | एम्पियर आवर | एम्पियर आवर
    GW | गीगावाट | गीगावाट
    rpm | आरपीएम | आरपीएम
    mm/h | मिलीमीटर प्रति घंटा | मिलीमीटर प्रति घंटा
    ppm | पीपीएम | पीपीएम
    µg/m³ | माइक्रोग्राम प्रति घन मीटर | माइक्रोग्राम प्रति घन मीटर
    KB | किलोबाइट | किलोबाइट
    MB | मेगाबाइट | मेगाबाइट
    GB | गीगाबाइट | गीगाबाइट
    TB | टेराबाइट | टेराबाइट
    Mbps | मेगाबिट प्रति सेकंड | मेगाबिट प्रति सेकंड
    Gbps | गीगाबिट प्रति सेकंड | गीगाबिट प्रति सेकंड
    MB/s | मेगाबाइट प्रति सेकंड | मेगाबाइट प्रति सेकंड
    ms | मिलीसेकंड | मिलीसेकंड
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
    US$ | डॉलर | डॉलर | सेंट | सेंट
    € | यूरो | यूरो | सेंट | सेंट
    ¥ | येन | येन
    ₩ | वॉन | वॉन
    ₽ | रूबल | रूबल
    A$ | ऑस्ट्रेलियाई डॉलर | ऑस्ट्रेलियाई डॉलर
    C$ | कनाडाई डॉलर | कनाडाई डॉलर
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
            ("रात " if hour in (12, 1, 2, 3) else "सुबह ")
            if half == "am"
            else "दोपहर "
            if hour in (12, 1, 2, 3)
            else "शाम "
            if hour < 8
            else "रात "
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
    if rank in _ORDINALS and mark != "th":
        return _ORDINALS[rank] + (_ENDINGS.get(mark) or mark.removeprefix("व")[:1] or "ा")
    return _count(rank) + ("वाँ" if mark in _ENDINGS else mark)


def _fraction(a: int, b: int) -> str:
    if (a, b) == (1, 2):
        return "आधा"
    if b == 4:
        return "एक चौथाई" if a == 1 else f"{_count(a)} चौथाई"
    return (
        "एक तिहाई" if (a, b) == (1, 3) else "दो तिहाई" if (a, b) == (2, 3) else f"{_count(a)} बटा {_count(b)}"
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


def _halves(whole: int) -> str:
    return {0: "आधा", 1: "डेढ़", 2: "ढाई"}.get(whole) or f"साढ़े {_count(whole)}"


def _quarters(whole: int, *, more: bool) -> str:
    """A quarter more than a number, or a quarter less than the next."""
    if more:
        return "सवा" if whole == 1 else f"सवा {_count(whole)}"
    return f"पौने {_count(whole + 1)}"


def _digits(figures: str) -> str:
    return " ".join(_TO_99[int(digit)] for digit in figures)


def _phone(match: re.Match[str]) -> str:
    """Figure by figure, its groups a pause apart."""
    plus = "प्लस " if match[0].startswith("+") else ""
    return plus + ", ".join(_digits(group) for group in match.groups() if group)


def _power(exponent: int) -> str:
    return {2: "का वर्ग", 3: "का घन"}.get(
        exponent
    ) or f"की घात {'माइनस ' if exponent < 0 else ''}{_count(abs(exponent))}"


# Behind these a time needs no "at".
_GOES_ON_RE = re.compile(r"[ ]?(?:है|हैं|हुए|थे|के|का|की|से|तक|को|पर)(?![\u0900-\u097f])|\s*[।.,!?]|\s*$")


_ADDRESSES = AddressWords(
    digits=_digits,
    number=lambda figures: _count(int(figures)) if figures[0] != "0" else _digits(figures),
    dot="डॉट", slash="स्लैश", at="ऐट", dash="डैश", colon="कोलन", equals="बराबर", question="प्रश्न चिह्न", port="पोर्ट", point="पॉइंट",
    space=" ", version_words="वर्ज़न|वर्जन|संस्करण|अपडेट|फ़र्मवेयर|फर्मवेयर|रिलीज़",
)  # fmt: skip
_WEEKDAYS = (
    "सोमवार",
    "मंगलवार",
    "बुधवार",
    "गुरुवार",
    "शुक्रवार",
    "शनिवार",
    "रविवार",
    "सोम",
    "मंगल",
    "बुध",
    "गुरु",
    "शुक्र",
    "शनि",
    "रवि",
)
_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_SIZES = "million|billion|trillion|crore|lakh|लाख[ ]करोड़|लाख|करोड़|हज़ार|हजार|अरब|खरब|मिलियन|बिलियन|ट्रिलियन"
_RATES = {
    "दिन": "दिन", "माह": "माह", "महीना": "महीना", "महीने": "महीना", "वर्ष": "वर्ष", "साल": "साल", "व्यक्ति": "व्यक्ति", "लीटर": "लीटर", "किलो": "किलो",
    "घंटा": "घंटा", "घंटे": "घंटा", "रात": "रात", "यूनिट": "यूनिट", "मिनट": "मिनट", "सेकंड": "सेकंड", "हफ़्ता": "हफ़्ता", "किमी": "किलोमीटर", "बार": "बार",
    "टैबलेट": "टैबलेट", "गोली": "गोली", "डोज़": "डोज़", "खुराक": "खुराक", "ओवर": "ओवर", "सिलेंडर": "सिलेंडर", "टन": "टन", "ग्राम": "ग्राम",
    "पैक": "पैक", "पैकेट": "पैकेट", "बोतल": "बोतल", "सेट": "सेट", "टिकट": "टिकट", "यात्री": "यात्री", "छात्र": "छात्र", "बोरी": "बोरी", "गज": "गज", "मीटर": "मीटर",
    "शेयर": "शेयर", "क्विंटल": "क्विंटल", "बैरल": "बैरल", "दर्जन": "दर्जन", "पीस": "पीस",
}  # fmt: skip
_WON = "से[ ](?:जीत|हार|हरा|बराबर|आगे|पीछे|मात|शिकस्त|बढ़त|अपने|ड्रॉ|पराजित|पछाड़)|की[ ](?:जीत|बढ़त|हार|अजेय)"


# What is counted by halves: ढाई किलो.
_HALVED = "टन|क्विंटल|तोला|तोले|घण्टे|घण्टा|गुना|गुणा|घंटे|घंटा|चम्मच|कप|किलो|लीटर|किलोमीटर|किमी|मीटर|दिन|साल|महीने|इंच|फ़ुट|फ़ीट|फुट|फीट|गिलास|एकड़"
_COMPASS = {
    "N": "उत्तर", "S": "दक्षिण", "E": "पूर्व", "W": "पश्चिम", "NE": "उत्तर-पूर्व", "NW": "उत्तर-पश्चिम", "SE": "दक्षिण-पूर्व", "SW": "दक्षिण-पश्चिम",
}  # fmt: skip
_SIZES_RE = re.compile(_SIZES)


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    def half(match: re.Match[str]) -> str | None:
        size = match["size"]
        is_sum = _SIZES_RE.fullmatch(size) is not None
        if match["sign"] and not is_sum:
            return None  # ₹35.50 a kilo
        return f"{_halves(int(match['n']))} {_RATES.get(size, size) if size == 'किमी' else size}{' रुपये' if match['sign'] else ''}"

    def day(match: re.Match[str]) -> str | None:
        """26/11, told from a fraction by its size or by what follows."""
        if int(match["d"]) <= 12 and match["tail"] is None:
            return None
        return _date(int(match["d"]), int(match["mon"]), None)

    def days(match: re.Match[str]) -> str:
        return f"{_count(int(match['a']))} से {match['b']} {match['month']}"

    def lasting(match: re.Match[str]) -> str:
        """1:30 घंटे as 1.5 घंटे, which has a word of its own."""
        whole, rest = int(match["n"]), int(match["m"])
        if match["h"] and whole and rest == 30:
            return f"{whole}.5 {match['h']}"
        first, second = ("घंटे", "मिनट") if match["h"] else ("मिनट", "सेकंड")
        return " ".join(f"{n} {unit}" for n, unit in ((whole, first), (rest, second)) if n) or f"0 {first}"

    end = r"(?![\u0900-\u097f])"
    return (
        SEPARATOR,
        *address_rules(_ADDRESSES),
        rule(rf"(?P<part>(?:सुबह|शाम|रात|दोपहर)[ ](?:के[ ])?)(?P<time>\d{{1,2}}(?::[0-5]\d)?)[ ]?[AaPp]\.?[Mm]\b\.?(?:[ ]?बजे{end})?", lambda m: f"{m['part']}{m['time']} बजे", needs="mM"),
        rule(rf"(?<![\d:.,/-])(?P<a>\d{{1,2}}(?::[0-5]\d)?)[ ]?[-–][ ]?(?P<b>\d{{1,2}}(?::[0-5]\d)?)[ ]?बजे{end}", lambda m: f"{m['a']} बजे से {m['b']} बजे" if ":" in m.group() else None, needs=":"),
        rule(rf"(?<![\d:.,/-])(?P<h>[01]?\d|2[0-4])[:.](?P<m>[0-5]\d)(?::[0-5]\d)?[ ]?बजे{end}", _oclock, needs=":."),
        # over noon or midnight too, where figures that fall are no score
        rule(rf"(?<![\d:.,/-])(?P<a>\d{{1,2}})[ ]?[-–][ ]?(?=\d{{1,2}}[ ]?बजे{end})", lambda m: f"{m['a']} से ", needs="-–"),
        rule(rf"(?<=\d[ ])(?P<month>{alternatives(_SHORT_MONTHS)})\.", lambda m: _MONTHS[_SHORT_MONTHS[m["month"]] - 1], needs="."),
        roman("विश्व|श्रेणी|टाइप"),
        rule(r"(?:^|(?<=[\s（(，,。：:、]))[~～〜][ ]?(?=\d)", lambda _: "लगभग ", needs="~～〜"),
        # several scores in a row
        rule(r"(?<![\d.,/:-])\d{1,3}[-–]\d{1,3}(?:(?:[,][ ]?|[ ]और[ ])\d{1,3}[-–]\d{1,3}){1,8}(?![\d.%/-]|[ ]?[°℃])", lambda m: re.sub("[-–]", " ", m.group()), needs="-–"),
        rule(r"(?<=\d[VAW])/(?=\d)", lambda _: ", ", needs="/"),
        rule(r"(?<![\w:.,/-])0(?=[1-9][ ](?:बजे|मिनट|घंटे|घंटा|दिन|सेकंड)(?![\u0900-\u097f]))", lambda _: "", needs="0"),
        # How long, in hours or minutes, and no time of day.
        rule(rf"(?<![\w:.,/-])(?P<n>\d{{1,2}}):(?P<m>[0-5]\d)[ ]?(?:(?P<h>घंटे|घंटा|घण्टे|घण्टा)|मिनट){end}", lasting, needs=("घ", "म")),
        *durations(grammar, "शेष|बाकी|बचे|बचा|समय|अवधि|कुल[ ]समय|टाइमर"),
        _INDIAN_GROUPS,
        # telephones, trains and codes, figure by figure
        rule(r"(?<![\w.,-])\+(\d{1,3})[- ]?(\d{5})[- ]?(\d{5})(?![\w-]|[.,]\d)", _phone, needs="+"),
        rule(r"(?<![\w.,+-])(0?[6-9]\d{4})[- ]?(\d{5})(?![\w-]|[.,]\d)", _phone, needs=DIGITS),
        rule(r"(?<![\w.,+-])(0\d{2,4})[- ](\d{3,4})[- ]?(\d{3,4})(?![\w-]|[.,]\d)", _phone, needs="0"),
        rule(r"(?<![\w.,+-])(18[06]0)[- ](\d{2,4})[- ]?(\d{3,4})(?:[- ](\d{3,4}))?(?![\w-]|[.,]\d)", _phone, needs="1"),
        rule(r"(?P<lead>(?:एक्सप्रेस|शताब्दी|राजधानी|मेल|भारत)[ ]\(?)(?P<n>\d{5})(?!\w)", lambda m: m["lead"] + _digits(m["n"]), needs=DIGITS),
        rule(r"(?P<lead>(?:ट्रेन|गाड़ी|हेल्पलाइन|ओटीपी|OTP|PNR|पीएनआर|आधार|पिन|PIN|पिनकोड|कोड|खाता)[ ](?:(?:नंबर|संख्या|नं\.|सं\.|कोड|है:?)[ ])?)(?P<n>\d{4,12})(?![\w]|[.,]\d)", lambda m: m["lead"] + _digits(m["n"]), needs=DIGITS),
        rule(rf"(?<![\w.,/-])(?P<n>\d{{3,6}})(?=[ ](?:पर[ ](?:कॉल|फ़ोन|फोन|संपर्क|सम्पर्क|डायल|SMS|एसएमएस)|डायल|हेल्पलाइन){end})", lambda m: _digits(m["n"]), needs=DIGITS),
        rule(r"(?<![A-Za-z\d])(?P<a>[A-Z]{2}|\d[A-Z]|[A-Z]\d)-(?P<n>\d{2,4})(?![\w.,-])", lambda m: f"{m['a']} {m['n']}" if len(m["n"]) < 3 else f"{' '.join(m['a'])} {_digits(m['n'])}", needs="-"),
        rule(r"(?P<lead>(?:उड़ान|फ़्लाइट|फ्लाइट|विमान)[ ](?:(?:नंबर|संख्या|सं\.)[ ])?)(?P<a>[A-Z]{2}|\d[A-Z])[ ]?(?P<n>\d{2,4})(?!\w)", lambda m: f"{m['lead']}{' '.join(m['a'])} {_digits(m['n'])}", needs=DIGITS),
        rule(r"(?<![A-Za-z\d])(?P<a>6E|AI|UK|SG|QP|IX)[ ](?P<n>\d{3,4})(?!\w|[.,]\d)", lambda m: f"{' '.join(m['a'])} {_digits(m['n'])}", needs="6AUSQI"),
        rule(r"(?P<lead>(?:सीट|गेट)[ ](?:नंबर[ ])?)(?P<n>\d{1,3})(?P<a>[A-K])(?![A-Za-z])", lambda m: f"{m['lead']}{_count(int(m['n']))} {m['a']}", needs="ABCDEFGHIJK"),
        rule(r"(?<!\w)(?P<n>\d{3,4})[pP](?!\w)", lambda m: f"{m['n']} P", needs="pP"),
        rule(rf"(?<![\u0900-\u097f])रु\.?(?=[ ]?\d)|(?<=\d)[ ]?रु\.?{end}", lambda m: "₹" if m.group()[0] == "र" else " ₹", needs="र"),
        rule(rf"(?<![\w.,/-])(?P<d>\d{{1,2}})(?:st|nd|rd|th)?[ ](?P<month>{'|'.join(_ENGLISH_MONTHS)})(?:[a-z]{{0,6}})\b\.?(?:,?[ ](?P<y>\d{{4}}))?", lambda m: _date(int(m["d"]), _ENGLISH_MONTHS.index(m["month"]) + 1, int(m["y"]) if m["y"] else None), needs="JFMASOND"),
        rule(rf"(?P<month>{alternatives(_MONTHS)})[ ]?[-–][ ]?(?=\d{{1,2}}[ ](?:{alternatives(_MONTHS)}))|(?P<clock>बजे)[ ]?[-–][ ]?", lambda m: f"{m['month'] or m['clock']} से ", needs="-–"),
        rule(rf"(?<=[\u0900-\u097f])/(?=(?:{alternatives(_RATES)}){end})", lambda _: " प्रति ", needs="/"),
        rule(r"(?<=\d)[ ]?\*[ ]?(?=\d)", lambda _: " गुणा ", needs="*"),
        rule(r"(?<![\w./])(?P<a>\d+)/(?P<b>\d+)(?=[ ]?=)", lambda m: f"{m['a']} भाग {m['b']}" if int(m["a"]) >= int(m["b"]) else None, needs="/"),
        rule(r"(?<=\d)‰", lambda _: " प्रति हज़ार", needs="‰"),
        rule(r"(?<=°)[ ]?(?P<way>[NSEW])(?![A-Za-z])(?P<adjective>(?=[ ](?:अक्षांश|देशांतर)))?", lambda m: f" {_COMPASS[m['way']]}{'' if m['adjective'] is None else 'ी'}", needs="°"),
        rule(rf"(?<![A-Za-z])(?:{alternatives(_COMPASS)})(?![A-Za-z])", lambda m: _COMPASS[m.group()], needs="NSEW", behind=r"(?:हवा|पवन|दिशा)[^।.;]{0,50}[ ]"),
        rule(r"(?<=[ ])[vV][sS]\.?(?=[ ])", lambda _: "बनाम", needs=("vs", "VS", "Vs")),
        rule(rf"(?<![\w:.,])(?P<a>\d{{1,3}}):(?P<b>\d{{1,3}})(?=[ ](?:के[ ]|का[ ]|में[ ])?अनुपात{end})", lambda m: f"{m['a']} और {m['b']}", needs=":"),
        rule(r"(?<=\))/(?=\d)", lambda _: " बटा ", needs="/"),
        rule(r"(?<!\w)[Nn]o\.[ ]?(?=\d)", lambda _: "नंबर ", needs="."),
        rule(r"(?<=[Xx*])[ -]?(?P<n>\d{4})(?!\d)", lambda m: f" {_digits(m['n'])}", needs="Xx*"),
        rule(r"(?<![\w/.-])(?P<d>0[1-9]|[12]\d|3[01])(?P<sign>[/.-])(?P<mon>0[1-9]|1[0-2])(?P=sign)(?P<y>[0-4]\d)(?![\w/]|[.-]\d)", lambda m: _date(int(m["d"]), int(m["mon"]), 2000 + int(m["y"])), needs="/.-"),
        rule(r"(?<!\w)Q(?P<n>[1-4])(?!\w)", lambda m: f"{('पहली', 'दूसरी', 'तीसरी', 'चौथी')[int(m['n']) - 1]} तिमाही", needs="Q"),
        rule(r"(?P<lead>नंबर[ ])(?P<a>[A-Z]{0,3})(?P<n>\d{5,20})(?![\w]|[.,]\d)", lambda m: f"{m['lead']}{' '.join(m['a'])} {_digits(m['n'])}", needs=DIGITS),
        rule(r"(?<![\w./-])(?P<mon>0[1-9]|1[0-2])/(?P<y>20\d\d)(?![\w/])", lambda m: f"{_MONTHS[int(m['mon']) - 1]} {m['y']}", needs="/"),
        rule(rf"(?<![\w.,])(?P<n>[1-3])A(?=[ ](?:का|की|के|में|कोच|क्लास|श्रेणी){end})", lambda m: f"{_count(int(m['n']))} A", needs="A"),
        rule(r"(?<![\w.,/])(?P<a>\d+(?:\.\d+)?)[ ]?/[ ]?(?P<b>\d+(?:\.\d+)?)[ ]?(?P<unit>[KMGT]B)(?!\w)", lambda m: f"{m['b']} {m['unit']} में से {m['a']} {m['unit']}", needs="/"),
        rule(r"नं\.[ ]?(?=\d)", lambda _: "नंबर ", needs="."),
        rule(r"(?<![\w.,/-])(?P<n>\d{1,3})-(?P=n)(?=[ ][\u0900-\u097f])", lambda m: f"{_count(int(m['n']))}-{_count(int(m['n']))}", needs="-"),
        rule(rf"(?P<a>{alternatives((*_MONTHS, *_WEEKDAYS))})[ ]?[-–][ ]?(?=(?:{alternatives((*_MONTHS, *_WEEKDAYS))}){end})", lambda m: f"{m['a']} से ", needs="-–"),
        rule(r"(?<=\d)[ ]?(?:[Cc]r(?:ores?)?|(?P<lakh>[Ll]akhs?))\b\.?", lambda m: " लाख" if m["lakh"] else " करोड़", needs="crl"),
        rule(r"(?<=[A-Za-z]\d)-(?=\d)", lambda _: " ", needs="-"),
        # ₹500/-
        rule(r"(?<=\d)/-(?!\d)", lambda _: "", needs="/"),
        # years by their hundreds
        rule(r"(?<![\w.,₹$/-])(?P<a>1[1-9]\d\d|20\d\d)[ ]से[ ](?P<b>1[1-9]\d\d|20\d\d)(?=[ ](?:तक|के[ ]बीच))", lambda m: f"{_year(int(m['a']))} से {_year(int(m['b']))}", needs="1"),
        rule(r"(?<![\w.,₹$/-])(?P<a>1[1-9]\d\d|20\d\d)[ ]?[-–][ ]?(?P<b>1[1-9]\d\d|20\d\d)(?![\w/-]|[.,]\d)", lambda m: f"{_year(int(m['a']))} से {_year(int(m['b']))}", needs="-–"),
        rule(r"(?<![\w.,₹$/-])(?P<lead>(?:सन्?|वर्ष|साल)[ ])(?P<y>1[1-9]\d\d)(?![\w,.]\d|\d)", lambda m: m["lead"] + _year(int(m["y"])), needs="1"),
        rule(r"(?<![\w.,₹$/-])(?<!₹[ ])(?P<y>1[1-9]\d\d)(?=[ ](?:में(?![ ]से|\w)|के[ ](?:दशक|बाद|दौरान|आम|चुनाव|युद्ध|ओलंपिक|विश्व|संविधान)|की[ ](?:क्रांति|लड़ाई)|का[ ](?:युद्ध|विद्रोह|दशक)|ई\.|ईस्वी|ईसवी))", lambda m: _year(int(m["y"])), needs="1"),
        rule(r"(?<![\w.,/-])(?P<a>20\d\d)[-–](?P<b>\d\d)(?![\w/-]|[.,]\d)", lambda m: f"{_count(int(m['a']))} {_count(int(m['b']))}" if int(m["b"]) == (int(m["a"]) + 1) % 100 else None, needs="-–"),
        rule(r"(?<![\w.,/])(?P<ft>\d)['′][ ]?(?P<inch>\d{1,2})[\"″”]", lambda m: f"{m['ft']} फ़ुट {m['inch']} इंच", needs="'′"),
        # ढाई लाख, डेढ़ कप
        rule(rf"(?<![\w.,/$€£])(?<![$€£][ ])(?P<sign>(?:₹|रु\.?|Rs\.?)[ ]?)?(?P<n>\d{{1,2}})\.50?[ ](?P<size>{_SIZES}|{_HALVED}){end}", half, needs="."),
        rule(r"(?<![\w.,/])(?P<n>[1-9]\d?)(?:[ ](?P<a>[13])/4|[ ]?(?P<sign>[¼¾]))(?![\w/]|[.,]\d)", lambda m: _quarters(int(m["n"]), more=m["a"] == "1" or m["sign"] == "¼"), needs="/¼¾"),
        rule(r"(?<![\w.,/])(?P<whole>[1-9]\d?)(?:[ ]1/2|[ ]?½)(?![\w/]|[.,]\d)", lambda m: _halves(int(m["whole"])), needs="/½"),
        # 26/11 को, 26-28 नवंबर
        rule(r"(?<![\w./-])(?P<d>3[01]|[12]\d|0?[1-9])/(?P<mon>1[0-2]|0?[1-9])(?![\w/]|\.\d|[ ](?:के[ ])?हमल)(?P<tail>(?=[ ](?:को|तक|के[ ]बीच|के[ ]दिन|की[ ](?:शाम|सुबह|रात|मीटिंग|बैठक|अपॉइंटमेंट|फ़्लाइट|उड़ान|ट्रेन|टिकट|छुट्टी|पार्टी|शादी))))?", day, needs="/"),
        rule(rf"(?<![\w./:-])(?P<a>\d{{1,2}})[ ]?[-–][ ]?(?P<b>\d{{1,2}})[ ](?P<month>{alternatives(_MONTHS)}){end}", days, needs="-–"),
        # scores, of matches and of innings, and blood pressure
        rule(rf"(?<![\w.,/:-])(?P<a>\d{{1,3}})[-–](?P<b>\d{{1,3}})(?=[ ](?:{_WON}))", lambda m: f"{m['a']} {m['b']}", needs="-–"),
        rule(r"(?<![\w.,/-])(?P<a>[7-9]\d|1\d\d|2[0-4]\d)/(?P<b>[4-9]\d|1[0-4]\d)(?![\w/])", lambda m: f"{m['a']} बटा {m['b']}", needs="/"),
        rule(r"(?<![\w.,/-])(?P<a>10|[1-9])/(?P<b>\d{2,3})(?=[ ](?:का[ ]प्रदर्शन|के[ ]आँकड़|के[ ]आंकड़|का[ ]स्पेल|की[ ](?:शानदार[ ]|बेहतरीन[ ])?गेंदबाज|लेकर|लिए[ ]और|झटके|चटकाए))", lambda m: f"{m['b']} रन पर {m['a']} विकेट", needs="/"),
        rule(r"(?P<lead>(?:नंबर|नं\.|मकान|प्लॉट|फ़्लैट|फ्लैट|धारा|खसरा|संख्या)[ ])(?P<a>\d{1,4})/(?P<b>\d{1,4})(?![\w/])", lambda m: f"{m['lead']}{m['a']} बटा {m['b']}", needs="/"),
        rule(r"(?<![\w.,/-])24[x/×]7(?!\w)", lambda _: "चौबीसों घंटे सातों दिन", needs="7"),
        rule(r"(?P<lead>(?:रेटिंग|अंक|स्कोर)[ ](?:[^\d., ]{1,8}[ ]){0,2})?(?<![\w.,/-])(?P<a>\d{1,3}(?:\.\d)?)/(?P<b>5|10|100)(?![\w/]|\.\d)(?P<tail>(?=[ ](?:अंक|नंबर|स्टार|रेटिंग|लोग)))?", lambda m: f"{m['lead'] or ''}{m['b']} में से {m['a']}" if m["lead"] or "." in m["a"] or m["tail"] is not None or m["b"] == "100" else None, needs="/"),
        rule(r"(?<![\w.,/-])(?P<a>\d{2,3})/(?P<b>10|\d)(?![\w/])", lambda m: f"{m['a']} पर {m['b']}" if int(m["a"]) > 12 else None, needs="/"),
        # the sides of a size
        rule(rf"(?<=\d)[ ]?[x×][ ]?(?=\d+(?:\.\d+)?(?:[ ]?[x×][ ]?\d+(?:\.\d+)?)?[ ]?(?:फ़ीट|फीट|फ़ुट|फुट|इंच|मीटर|सेमी|सेंटीमीटर|पिक्सेल|मिमी|गज){end})", lambda _: " बाई ", needs="x×"),
        # what is taken from what, in a sum that says what it makes
        rule(r"(?<=[\dA-Za-z)²³⁴])[ ]?[-−–][ ]?(?=[\dA-Za-z(][^.,=]{0,40}=)", lambda _: " माइनस ", needs="-−–"),
        rule(r"(?:(?<=\d[A-Za-z²³)])|(?<=[²³)]))[ ]?[-−–][ ]?(?=[\dA-Za-z(])|(?P<lead>=[ ]?[\dA-Za-z.]{1,8})[ ]?[-−–][ ]?(?=[\dA-Za-z(])", lambda m: f"{m['lead'] or ''} माइनस ", needs="-−–"),
        rule(r"(?<![\w.,/-])(?P<a>\d{1,3})/(?P<b>\d{1,3})(?![\w/]|[.,]\d)", lambda m: f"{m['a']} बटा {m['b']}" if int(m["a"]) >= int(m["b"]) else None, needs="/"),
        rule(r"√[ ]?(?P<n>\d+(?:\.\d+)?)", lambda m: f"{m['n']} का वर्गमूल", needs="√"),
        rule(r"(?:^|(?<=[\s(]))\.(?=\d)", lambda _: "0.", needs="."),
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
    ordinal_mark=r"(?:ला|ली|ले|रा|री|रे|था|थी|थे|ठा|ठी|ठे|वाँ|वां|वीं|वें)(?![\u0900-\u097f])|(?:st|nd|rd|th)(?![A-Za-z])",
    point="दशमलव",
    minus="माइनस",
    plus="प्लस",
    to="से",
    decimals_counted=False,
    own_rules=_own_rules,
    per=lambda words, noun: f"{words} प्रति {noun}",
    by="बाई",
    ratio="अनुपात",
    score="",
    magnitudes=_SIZES,
    rates=_RATES,
    before_unit="(?<=प्रति )|(?<=कई )|(?<=कुछ )|(?<=हर )|(?<=लाख )|(?<=करोड़ )|(?<=हज़ार )",
    power=_power,
    root="वर्गमूल",
    per_hundred=lambda words: f"{words} प्रतिशत",
    units=_UNITS,
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[ ]",
    signs={
        ".": "पॉइंट", "&": "और", "@": "ऐट", "+": "प्लस", "=": "बराबर", "×": "गुणा", "÷": "भाग", "±": "प्लस माइनस", "≈": "लगभग", "→": "से",
        "#": "नंबर", "°": "डिग्री", "₹": "रुपये", "$": "डॉलर", "€": "यूरो", "%": "प्रतिशत", "≥": "से अधिक या बराबर", "≤": "से कम या बराबर", "≠": "बराबर नहीं", "∞": "अनंत", "Ω": "ओम", "<": "से कम", ">": "से ज़्यादा", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "T20": "टी ट्वेंटी", "T20I": "टी ट्वेंटी इंटरनेशनल", "डॉ.": "डॉक्टर", "पृ.": "पृष्ठ", "मो.": "मोबाइल", "ई.पू.": "ईसा पूर्व", "ई.": "ईस्वी", "क्र.": "क्रमांक", "मि.": "मिनट", "घं.": "घंटे", "मि.मी.": "मिलीमीटर", "से.मी.": "सेंटीमीटर", "कि.ग्रा.": "किलोग्राम", "श्री.": "श्री", "प्रो.": "प्रोफ़ेसर", "कि.मी.": "किलोमीटर", "नं.": "नंबर", "आदि.": "आदि", "उदा.": "उदाहरण",
    },
)  # fmt: skip
