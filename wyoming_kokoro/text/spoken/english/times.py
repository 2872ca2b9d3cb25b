"""English words for dates, times of day, durations, years and decades. Knows no other numbers."""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.english.numbers import Numbers, digits
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, is_end, rule

_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
_MONTH_OF = {
    **{name.lower(): name for name in _MONTHS},
    **{name[:3].lower(): name for name in _MONTHS},
    "sept": "September",
}
# "may" and "mar" are words, "May" is one too, but not beside a number that can be a day.
_MONTH = rf"(?:(?:{'|'.join(_MONTHS)}|{'|'.join(name.upper() for name in _MONTHS)})\b|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_DAYS = {
    "mon": "Monday", "tue": "Tuesday", "tues": "Tuesday", "wed": "Wednesday", "weds": "Wednesday", "thu": "Thursday",
    "thur": "Thursday", "thurs": "Thursday", "fri": "Friday", "sat": "Saturday", "sun": "Sunday",
}  # fmt: skip
_DAY_NAME = r"(?:Mon|Tues?|Weds?|Thu(?:rs?)?|Fri|Sat|Sun)"
_LETTER_DAYS = {
    "M": "Monday", "T": "Tuesday", "Tu": "Tuesday", "W": "Wednesday", "Th": "Thursday", "F": "Friday", "Sa": "Saturday", "Su": "Sunday",
}  # fmt: skip
_WEEK = tuple(dict.fromkeys(_LETTER_DAYS.values()))
_LETTER_DAY = "Th|Tu|Sa|Su|M|T|W|F"
_DASHED_DAYS = tuple(f"{dash}{space}{day[0]}" for dash in "-–" for space in ("", " ") for day in _LETTER_DAYS)
# M-F is male to female, too, where no hours follow.
_BEFORE_HOURS = r"(?=(?:[:,]|[ ]at|[ ]from|[ ]only|[ ]between)?[ ]\(?(?:\d{1,2}(?::[0-5]\d)?[ ]?(?:[-–—]|to[ ]|until|till|[ap]\.?m\b|[AP]\.?M\b|(?=[.,;)]|$))|noon|after|before|only|mornings?|afternoons?|evenings?|nights?|during[ ]business))"
_FULL_DAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)days?"
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:1[0-9]|20|21)\d\d"
_AFTER_HALF = (
    r" (?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|Jan|Feb|Apr|Jun|Jul|Aug|Sep|Oct|Nov|Dec|East|Paci|Cent|Moun|Gree)"
)
_HALF = r"(?P<half>[ap])\.?[ ]?m\b\.?"
_CLOCK = r"(?:[01]?\d|2[0-4])"

# Words before which four figures are a year and not a count, and words behind.
_BEFORE_YEAR = (
    r"in|between|since|until|till|by|before|after|during|from|year|circa|c\.|ca\.|around|of|late|early|mid|spring|summer|"
    r"born|died|founded|established|built|dated|published|released|autumn|fall|winter|copyright|©|model|class\sof|back\sin|to|through|and|election|season|vintage"
)
# A unit behind four figures: they are no year then.
_UNIT_AHEAD = r"(?![ ]?(?:[kKMGmµ]?[WVAgmJLl]|[kMG]?Wh|[KMGT]i?B|hPa|k?cal|ft|lbs?|m?Ah|rpm|[kMG]?Hz|lm|lx|lux|ppm|mg|ml|mL|mm|cm|km|dpi|°[CF])\b)"
# What is counted rather than dated: "in 1500 homes". Verbs in -s are few after a year.
_COUNTED = r"(?:people|men|women|children|or\smore|more|times|(?!was\b|is\b|has\b|does\b|thus\b|perhaps\b|us\b|as\b|this\b|its\b|plus\b|minus\b|sales\b|elections\b|seems\b|brings\b|marks\b)[a-z]{3,}(?<![sui])s)\b"


# What fractions are of: 3/4 is one even behind "the", 3/14 is a day.
_DENOMINATORS = frozenset((2, 3, 4, 5, 6, 8, 10, 12, 16))
_RARER_DENOMINATORS = frozenset((7, 9, 11, 13, 15, 20))
_MOST_SAID_OF = 20  # 12/25 is no fraction
_DATE_LEAD_RE = re.compile(
    rf"\b(?:on|by|due|until|till|since|from|before|after|starting|(?:as|week|night|morning|evening|letter|message|e-?mail|note|memo|invoice|statement|minutes) of|the|opens?|starts?|begins?|ends?|theaters|theatres|releases?|premieres?|launch(?:es)?|closes|through|ETA:?|ETD:?|COB|EOD|EOB|w/c|week commencing|deadline:?|expir(?:es|y):?|exp\.?:?|deliver(?:y|ed|s):?|arriv(?:es|ing|al):?|ships?|shipped|date:?|{_DAY_NAME}\.?,?|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day,?|this date:?) $",
    re.IGNORECASE,
)
# What a day that something happens on is followed by, and no fraction of what it stands on.
_ENDS_DATE_RE = re.compile(r"[.,;!?)]|$|[ ](?:at|from|until|I|we|you|they|he|she|it|the)\b")
_HOLIDAY_RE = re.compile(r"(?:[dD]ay|Eve|anniversary|holiday|weekend|wedding|party) \(\Z")
_IN_BRACKETS_RE = re.compile(r"\(\d\d?/\d\d?\)")  # 12/8, alone, is no fraction
_ONLY_DAYS = frozenset(
    (
        "opens",
        "starts",
        "begins",
        "ends",
        "theaters",
        "theatres",
        "premieres",
        "launches",
        "closes",
        "eta",
        "etd",
        "deadline",
        "expires",
        "arrives",
        "arriving",
        "due",
        "cob",
        "eod",
        "eob",
        "w/c",
        "week commencing",
        "until",
        "till",
        "since",
        "starting",
    )
)
_BEFORE_EITHER = frozenset(("the", "by", "from", "before", "after"))
# "step 01/10" is no day.
_COUNTS_RE = re.compile(
    r"(?:page|step|part|item|slide|track|disc|disk|episode|score|(?:multipl(?:y|ied)|divided?|scaled?) by) $",
    re.IGNORECASE,
)

_ERAS = ("BC", "CE", "AD", "bc", "B.C", "C.E", "A.D")
# What a text with a month, or a day of the week, has to hold.
_MONTH_BEGINNINGS = tuple(case(name[:3]) for name in _MONTHS for case in (str, str.upper))
_DAY_BEGINNINGS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")

# Words before which 3:45:12 is how long something took.
# What lasts as long as is said before it, "a 1h 15m timer".
_LASTS_RE = re.compile(
    r"[ ]?(?:timer|countdown|alarm|reminder|drive|walk|hike|flight|ride|trip|commute|meeting|call|delay|nap|movie|film|video|episode|podcast|song|workout|session|cycle|window|wait|break)\b"
)

_IS_LENGTH_RE = re.compile(
    r"\b(?:in|for|of|took|takes|lasts|lasted|length|duration|runtime|remaining|elapsed|uptime|left|time):?[ ]$",
    re.IGNORECASE,
)


# Behind these, 5m is a time: "remind me in 5m".
_AWAITED = (
    r"remind|timers?|alarms?|snooze|wait|pause|start(?:s|ing)?|begin(?:s|ning)?|back|ready|done|finish(?:es|ed)?|end(?:s|ing)?|leaves?|leaving|"
    r"arriv(?:es?|ing)|due|again|turn(?:s|ed)?|switch(?:es|ed)?|shut(?:s|ting)?|boil|cook|bake|simmer|rest|steep|countdown|delay|check"
)

# What runs for minutes: 0:45 left of it are seconds.
_SHORT_RE = re.compile(
    r"\b(?:timer|song|track|clip|video|countdown|call|round|quarter|qtr|Q[1-4]|OT|overtime|inning|period|half|game|match|egg|tea|podcast|music|playing|kettle|shot|microwave|toaster)s?\b",
    re.IGNORECASE,
)


class Times:
    """Reads dates and times as one of the two Englishes does: March third in one, the third of March in the other."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied."""
        return (
            *self._dates(),
            *self._clock(),
            *self._durations(),
            *self._years(),
        )

    def _dates(self) -> tuple[Rule, ...]:
        return (
            rule(
                r"\b(?P<y>\d{4})-(?P<m>\d\d)-(?P<d>\d\d)(?:T|[ ](?=\d\d?:\d\d))(?P<time>\d\d:\d\d)(?::(?P<s>\d\d)(?:\.\d+)?)?(?P<zone>Z|[ ]?[+-]\d\d:?\d\d)?(?![\w:])",
                self._iso_time,
                needs=DIGITS,
            ),
            rule(r"(?P<a>(?<![\w/.-])\d\d?/\d\d?/(?:\d{4}|\d\d))[ ]?[-–—][ ]?(?=\d\d?/\d\d?/\d\d)", lambda m: f"{m['a']} to ", needs="/"),
            rule(r"(?<![\d/.-])(?P<y>\d{4})[-/.](?P<m>\d\d?)[-/.](?P<d>\d\d?)(?![\d/]|[.-]\w)", self._numeric, needs=DIGITS),
            rule(r"(?<![\d/.-])(?P<a>\d\d?)(?P<sign>[/.-])(?P<b>\d\d?)(?P=sign)(?P<y>\d{4}|\d\d)(?![\d/]|[.-]\w)", self._slashed, needs=DIGITS),
            # several days
            rule(
                r"(?<![\w/.,$€£-])(?P<days>\d\d?/\d\d?(?:,[ ]\d\d?/\d\d?){0,8},?[ ](?:and|or|&)[ ]\d\d?/\d\d?)(?![\w/%\"″⁄-]|[.,:]\d|[ ](?:of|cups?|inch|in)\b)",
                self._several_days,
                needs="/",
                behind=r"\b(?:on|dates?:?|availab(?:le|ility)(?:[ ]on)?|meetings?|due|off)[ ]",
            ),
            rule(
                r"(?P<lead>\b(?:between|from)[ ])(?P<a>\d\d?)/(?P<b>\d\d?)(?P<to>[ ](?:and|to|through|until|till)[ ])(?P<c>\d\d?)/(?P<d>\d\d?)(?![\w/%]|[.,:]\d)",
                self._two_days_of_months,
                needs="/",
                flags=re.IGNORECASE,
            ),
            rule(
                r"(?<![\w/.,$€£-])(?P<a>\d\d?)/(?P<b>\d\d?)[ ]?[-–—][ ]?(?P<c>\d\d?)/(?P<d>\d\d?)(?![\w/%\"″⁄-]|[.,:]\d)",
                self._two_days_of_months,
                needs="/",
            ),
            rule(
                r"(?<![\w/.,$€£-])(?P<a>\d\d?)/(?P<b>\d\d?)(?![\w/%\"″⁄-]|[.,:]\d|[ ](?:of|scale|cups?|time|teaspoons?|tablespoons?|tsp|tbsp|in|inch|inches|miles?)\b)",
                self._day_of_month,
                needs="/",
            ),
            # Monday-Friday, Jan–Mar, from one date to another
            rule(rf"\b(?P<a>{_FULL_DAY})[ ]?[-–—][ ]?(?={_FULL_DAY}\b)", lambda m: f"{m['a']} to ", needs=_DAY_BEGINNINGS),
            rule(rf"\b(?P<a>{_MONTH})[ ]?[-–—][ ]?(?={_MONTH}(?![ ]\d\d?(?!\d)))", lambda m: f"{_month(m['a'])} to ", needs=_MONTH_BEGINNINGS),
            rule(rf"\b(?P<a>{_MONTH}[ ]{_DAY}(?:st|nd|rd|th)?(?:,[ ]{_YEAR})?|{_DAY}(?:st|nd|rd|th)?[ ]{_MONTH}(?:[ ]{_YEAR})?)[ ]?[-–—][ ]?(?={_MONTH}[ ]\d|{_DAY}(?:st|nd|rd|th)?[ ]{_MONTH})", lambda m: f"{m['a']} to ", needs=_MONTH_BEGINNINGS),
            # 3–5 March, March 3-5, 2024
            rule(
                rf"\b(?P<month>{_MONTH})[ ](?P<d>{_DAY})(?:st|nd|rd|th)?\s?[-–—]\s?(?P<to>{_DAY})(?:st|nd|rd|th)?\b(?:,?[ ](?P<y>{_YEAR})\b)?",
                lambda m: self._spelled(m, american=True),
                needs=_MONTH_BEGINNINGS,
            ),
            rule(
                rf"\b(?:the[ ])?(?P<d>{_DAY})(?:st|nd|rd|th)?\s?[-–—]\s?(?P<to>{_DAY})(?:st|nd|rd|th)?[ ](?P<month>{_MONTH})(?:,?[ ](?P<y>{_YEAR})\b)?",
                lambda m: self._spelled(m, american=False),
                needs=_MONTH_BEGINNINGS,
            ),
            rule(
                rf"\b(?P<month>{_MONTH})[ ](?P<d>{_DAY})(?:st|nd|rd|th)?(?![\w/%°€$£]|[.,:]\d|[ ]?(?:am|pm|a\.m|p\.m)\b)(?:,?[ ](?P<y>{_YEAR})\b(?!:))?",
                lambda m: self._spelled(m, american=True),
                needs=_MONTH_BEGINNINGS,
            ),
            rule(
                rf"(?<![\d.,:/-])\b(?:the[ ])?(?P<d>{_DAY})(?:st|nd|rd|th)?(?:[ ]of)?[ -](?P<month>{_MONTH})(?:(?:,?[ ]|-)(?P<y>{_YEAR})\b(?!:))?",
                lambda m: self._spelled(m, american=False),
                needs=_MONTH_BEGINNINGS,
            ),
            rule(rf"\b(?P<month>{_MONTH}),?[ ](?P<y>{_YEAR})\b(?!:)", lambda m: f"{_month(m['month'])} {self._numbers.year(m['y'])}", needs=_MONTH_BEGINNINGS),
            rule(r"(?<!\w)['’](?P<y>\d\d)(?=[ .,;!?)]|$)", lambda m: self._numbers.short_year(m["y"]), needs="'’"),
            rule(rf"\b{_DAY_NAME}(?:/{_DAY_NAME}){{2,6}}\b", _days_in_a_row, needs=_DAY_BEGINNINGS),
            rule(r"(?<![\w/-])(?:(?P<a>M|Tu?|W|Th|F)[-–](?P<b>Th|Sa|Su)|(?P<a2>Tu|Th)[-–](?P<b2>W|F)|(?P<a3>M)[-–](?P<b3>W))(?![\w/-])", lambda m: f"{_LETTER_DAYS[m['a'] or m['a2'] or m['a3']]} to {_LETTER_DAYS[m['b'] or m['b2'] or m['b3']]}", needs=("-F", "–F", "-T", "–T", "-S", "–S", "-W", "–W")),
            rule(r"(?<![\w/.])(?:M|Tu?|W)(?:/(?:Tu?|W|Th|F|Sa|Su)){1,6}(?![\w/])", _letters_of_days, needs=("M/", "T/", "Tu/", "W/")),
            rule(rf"(?P<lead>\b(?:[Oo]n|[Bb]y|[Uu]ntil|[Tt]his|[Nn]ext|[Ll]ast|[Ee]very)[ ])(?P<day>{_DAY_NAME})(?P<stop>\.)?(?![\w-])", _day_after, needs=_DAY_BEGINNINGS),
            rule(rf"(?<![\w./-])(?P<day>{_LETTER_DAY})(?=[: ][ ]?-?\d{{1,3}}(?![\w:%]))", lambda m: _LETTER_DAYS[m["day"]], needs=("M", "T", "W", "F", "S"), behind=r"(?i:\b(?:forecast|highs|lows|temps|temperatures)\b)[^.!?]{0,80}"),
            # letters for days, where hours or the end follow: "open M-F 8-5", "M/W/F at 9", "TTh 1-2:30"
            rule(rf"(?<![\w./-])(?P<a>{_LETTER_DAY})[ ]?[-–][ ]?(?P<b>{_LETTER_DAY}){_BEFORE_HOURS}", lambda m: f"{_LETTER_DAYS[m['a']]} to {_LETTER_DAYS[m['b']]}", needs=_DASHED_DAYS),
            rule(rf"(?<![\w./-])(?P<a>{_LETTER_DAY})[ ]?[-–][ ]?(?P<b>{_LETTER_DAY})(?![\w-]|[.]\w)(?!'s)", lambda m: f"{_LETTER_DAYS[m['a']]} to {_LETTER_DAYS[m['b']]}", needs=_DASHED_DAYS, behind=r"\b(?:open|closed|OOO|out|away|free|hours:?|runs?|works?|working|every[ ]week|weekly)[ ]"),
            rule(rf"(?<![\w./-])(?P<days>M/?W/?F|M/?W|T/?Th|Tu/?Th|M/T/W/Th/F|M/?T(?:u)?/?W/?Th){_BEFORE_HOURS}", lambda m: _listed([_LETTER_DAYS[day] for day in re.findall("T[uh]|[MTWF]", m["days"])]), needs=("MW", "M/W", "TTh", "T/Th", "TuTh", "Tu/Th", "MT", "M/T")),
            rule(rf"(?<=[,;][ ])(?P<day>{_LETTER_DAY})(?=:?[ ]\d{{1,2}}(?::\d\d)?(?:[ ]?[ap]\.?m\.?)?[ ]?[-–])", lambda m: _LETTER_DAYS[m["day"]], needs=tuple(f"{mark} {day[0]}" for mark in ",;" for day in _LETTER_DAYS), behind=r"day:?[ ][^.!?]{1,40}"),
            rule(rf"\b(?P<a>{_DAY_NAME})\b\.?[ ](?P<to>to|through|thru)[ ](?P<b>{_DAY_NAME})\b", lambda m: f"{_DAYS[m['a'].lower()]} {m['to']} {_DAYS[m['b'].lower()]}", needs=_DAY_BEGINNINGS),
            # Names that are cut short, where nothing else is meant by them.
            rule(rf"\b(?P<a>{_DAY_NAME})\.?\s?[-–—/]\s?(?P<b>{_DAY_NAME})\b(?:\.(?=[ ](?-i:[a-z\d&(@])|[,;:)])|(?=[\s,;:.)]|$))", self._days, needs=tuple(case(day) for day in _DAY_BEGINNINGS for case in (str, str.upper, str.lower)), flags=re.IGNORECASE),
            rule(rf"\b(?P<day>{_DAY_NAME})\b(?:\.(?=[ ]?[,;)?!]|[ ][a-z\d@&]|[ ](?:January|February|March|April|May|June|July|August|September|October|November|December)\b)|(?=,[ ]|[ ]\d|:|[ ]the[ ][a-z]+(?:-[a-z]+)?[ ]of[ ]|[ ](?:January|February|March|April|May|June|July|August|September|October|November|December)\b))", _day, needs=_DAY_BEGINNINGS),
            rule(r"\b(?P<day>Tues?|Weds|Thu(?:rs?)?|Fri)\b(?!['-])", _day, needs=_DAY_BEGINNINGS),
            rule(r"(?:(?<=[a-z,&/][ ])|(?<=[AP]M[ ])|(?<=[ECMP][DS]T[ ])|(?<=[ap]\.m\.[ ]))(?<!\b[tT]he[ ])(?P<day>Mon|Wed|Sat|Sun)\b(?=[ ]?(?:[,;)!?]|&|and\b|or\b|at\b|@|from\b|morning|afternoon|evening|night|noon|[.!?]?$))", _day, needs=_DAY_BEGINNINGS),
            rule(r"\b(?P<month>Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec)\b(?:\.(?=[ ,]|$)|(?=[ ]?[-–/][ ]?(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)\b|[ ]['’]\d\d\b|[ ](?:oh[ ]|twenty|nineteen)))", lambda m: _MONTH_OF[m["month"].lower()] + ("." if m.group().endswith(".") and is_end(m.string, m.end()) else ""), needs=_MONTH_BEGINNINGS),
            rule(r"(?P<lead>\b(?:[Ii]n|[Ss]ince|[Uu]ntil|[Ll]ast|[Nn]ext|[Ee]arly|[Ll]ate|[Mm]id)[ ])(?P<month>Jan|Feb|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)(?=[ ,;:!?)]|$)(?![ ]\d)", lambda m: m["lead"] + _MONTH_OF[m["month"].lower()], needs=_MONTH_BEGINNINGS),
            # "on Mon 31", where it is no hour
            rule(rf"(?P<day>\b(?:{_DAY_NAME}|{_FULL_DAY}))[ ](?P<n>1[3-9]|2\d|3[01])(?=[.,;)]?(?:[ ](?:at|from|and|or|to|until|is|we|I)\b|$)|[,;)])(?![,.]\d)", lambda m: f"{_DAYS[m['day'][:3].lower()]} the {self._numbers.ordinal(m['n'])}", needs=_DAY_BEGINNINGS, behind=r"\b(?:on|by|until|from|before|after|till|for)[ ]"),
            # the high and the low: no month has 48 days
            rule(r"(?<=[ ])(?P<a>\d\d)/(?P<b>\d\d)(?![\w/%]|[.]\d)", lambda m: f"{self._numbers.cardinal(m['a'])}, {self._numbers.cardinal(m['b'])}" if int(m["b"]) > 31 and m["b"][0] != "0" else None, needs="/", behind=rf"\b(?:{_DAY_NAME}|{_FULL_DAY}|today|tonight|tomorrow)\.?:?[ ]"),
        )  # fmt: skip

    def _clock(self) -> tuple[Rule, ...]:
        span = r"\s?(?:[-–—]|to|until)\s?"
        return (
            rule(r"\b(?P<sun>sunset|sunrise)[ ]?[-–−][ ]?(?=\d{1,3}[ ]?(?:m|min|mins|minutes|h|hr|hrs|hours?)\b)", lambda m: f"{m['sun']} minus ", needs=("sunset", "sunrise", "Sunset", "Sunrise"), flags=re.IGNORECASE),
            rule(r"(?<![\w:.,$€£/-])(?P<a>1?\d)[ ]?[-–][ ]?(?=1?\d:[0-5]\d(?![\d:]))", lambda m: f"{m['a']} to ", needs=":"),
            rule(r"(?<![\w:.,$€£/-])(?P<a>1?\d:[0-5]\d)[-–](?=(?:1[0-2]|[1-9])(?![\w:%]|[-–.,/]\d))", lambda m: f"{m['a']} to ", needs=":"),
            # hours with a stop, as the British write them: "open 9–5.30"
            rule(r"(?<![\w:.,$€£/-])(?P<a>1?\d)(?:\.(?P<am>[0-5]\d))?[-–](?P<b>1?\d)\.(?P<bm>[0-5]\d)(?![\w:%]|\.\d|[ ]?(?:[ap]\.?m\b|km|kg|m\b|°))", lambda m: f"{m['a']}{':' + m['am'] if m['am'] else ''} to {m['b']}:{m['bm']}", needs="-–", behind=r"\b(?:open|opens|hours:?)[ ]"),
            rule(r"(?<![\d:.,$€£/-])(?P<a>1?\d(?::[0-5]\d)?)(?P<half>[ap])?[ ]?[-–—][ ]?(?=(?:noon|midnight)\b)", lambda m: f"{m['a']}{' ' + m['half'].upper() + 'M' if m['half'] else ''} to ", needs=("-noon", "–noon", "- noon", "– noon", "—noon", "-midnight", "–midnight", "- midnight", "– midnight")),
            rule(r"(?<![\w-])(?P<a>noon|midnight|sunrise|sunset|dawn|dusk)[ ]?[-–—][ ]?(?=\d|(?:noon|midnight|sunrise|sunset|dawn|dusk|close)\b)", lambda m: f"{m['a']} to ", needs=tuple(f"{word}{dash}" for word in ("oon", "ight", "rise", "set", "awn", "usk") for dash in ("-", "–", "—", " -", " –", " —")), flags=re.IGNORECASE),
            # one time in two zones: "11 ET/8 PT"
            rule(r"/(?:(?<=\d[ ][ECMP]T/)|(?<=\d[ ][ECMP][SD]T/)|(?<=[ap]m/)|(?<=[AP]M/)|(?<=M[ ][ECMP]T/)|(?<=M[ ][ECMP][SD]T/))(?=\d{1,2}(?::\d\d)?[ ]?(?:[ECMP][SD]?T|[ap]\.?m|[AP]M)\b)", lambda _: ", ", needs=("T/", "m/", "M/")),
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)(?=[ ]timer\b)", lambda m: self._long(m["a"], m["b"], ("minute", "second"), adjective=True), needs=(" timer",)),
            # a lap, a race
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)\.(?P<c>\d{1,3})(?![\w:]|\.\d|[ ]?[ap]\.?m)", lambda m: f"{self._numbers.cardinal(m['a'])} {self._minutes(m['b'])} point {digits(m['c'])}", needs=":"),
            # 7a–3p, 6:05a
            rule(r"(?<![\w:.,/$€£-])(?P<h>1?\d)(?::(?P<m>[0-5]\d))?(?P<half>[ap])?\s?[-–]\s?(?P<h2>1?\d)(?::(?P<m2>[0-5]\d))?(?P<half2>[ap])(?![\w:])", self._short_halves, needs="ap"),
            rule(r"(?<![\w:.,/$€£-])(?P<h>1?\d):(?P<m>[0-5]\d)[ ]?(?P<half>[ap])(?![\w:]|\.[ ]?m)", lambda m: f"{self._hour_minute(m['h'], m['m'])} {m['half'].upper()}M", needs=":"),
            # "5m ago" is no way, nor is "remind me in 5m"
            rule(
                r"(?<![\w.,])(?P<n>\d{1,3})m(?=[.,!?;]|[ ](?:and|or|then|from|please)\b|$)",
                lambda m: self._counted(int(m["n"]), "minute"),
                needs="m",
                behind=rf"\b(?:{_AWAITED})\b[^.!?\d]{{0,40}}[ ](?:in|for|of|to|another|every)[ ]",
            ),
            rule(r"(?<![\w.,])(?P<n>\d{1,3})m(?=[ ](?:ago|left|remaining)\b)", lambda m: self._counted(int(m["n"]), "minute"), needs=("m ago", "m left", "m remaining")),
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)[ ]?(?P<unit>h|hrs?|hours)(?=[ ](?:left|remaining|to[ ]go)\b)", self._length, needs=":"),
            # how long, not when: what is left of something, a pace, "in 0:52 h"
            rule(r"(?P<lead>\b(?:in|for|took|takes|lasts|lasted)[ ])(?P<a>\d{1,2}):(?P<b>[0-5]\d)[ ]?(?P<unit>h|hrs?|hours|min|mins|minutes)\b", self._length, needs=":"),
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)(?![\w:]|\.\d|[ ]?[ap]\.?m\b|[ ]?[AP]M\b)", lambda m: self._long(m["a"], m["b"], ("minute", "second")), needs=("imer",), behind=r"\btimers?\b[^.!?@]{0,50}(?<!\bat)(?<!\bby)(?<!until)(?<!from)(?<!\bto)(?<!\bthe)(?<!\byour)(?<!started)[ ]"),
            rule(r"(?<![\w:.,/-])(?P<a>0):(?P<b>[0-5]\d)(?![\w:]|\.\d|[ ]?[ap]\.?m\b|[ ]?[AP]M\b)", lambda m: self._long(m["a"], m["b"], ("minute", "second")), needs=("0:",), behind=r"\b(?:voicemail|message|recording|clip|video|song|track|intro|ad)\b[^!?]{0,55}|[AP]M,[ ]"),
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)(?=[ ](?:left|remaining|to[ ]go|remain)\b)", self._rest, needs=":"),
            rule(r"(?P<lead>\b(?:[Rr]emaining|[Rr]emaining[ ]time|[Tt]ime[ ]remaining|[Tt]ime[ ]left|[Dd]uration|[Rr]untime|[Ll]ength)(?::|[ ]is)?[ ])(?P<a>\d{1,2}):(?P<b>[0-5]\d)(?![\w:]|\.\d)", self._rest, needs=":"),
            rule(r"(?<![\w:.,/-])(?P<a>\d{1,2}):(?P<b>[0-5]\d)[ ]?(?:min)?/(?P<per>km|mi|mile|kilometer|kilometre)\b", lambda m: f"{self._numbers.cardinal(m['a'])} {self._minutes(m['b']) if m['b'] != '00' else 'minutes'} per {'mile' if m['per'][:2] == 'mi' else self._numbers.metric('kilometer')}", needs="/"),
            rule(r"\b(?P<zone>UTC|GMT)[ ]?(?P<sign>[-+−])(?P<h>\d\d?)(?::?(?P<m>[0-5]\d))?(?![\w:])", self._zone, needs=("UTC", "GMT")),
            rule(r"\b(?P<a>1?\d)(?::(?P<am>[0-5]\d))?/(?P<b>1?\d)(?::(?P<bm>[0-5]\d))?c\b", lambda m: f"{self._hour_minute(m['a'], m['am'])}, {self._hour_minute(m['b'], m['bm'])} Central", needs="/"),
            rule(rf"(?<![\w:./])(?P<t>{_CLOCK}:[0-5]\d)[ -]?ish\b", lambda m: f"{self._time(m['t'])}-ish", needs=":"),
            rule(rf"(?<![\d:.,])(?P<a>1?\d)(?::(?P<am>[0-5]\d))?{span}(?P<b>1?\d)(?::(?P<bm>[0-5]\d))?\s?{_HALF}", self._half_day_span, needs=DIGITS, flags=re.IGNORECASE),
            rule(rf"(?<![\d:.,$€£])(?P<h>0?\d|1\d|2[0-3])(?:[:.](?P<m>[0-5]\d)(?::(?P<s>[0-5]\d))?)?\s?{_HALF}(?P<to>\s?[-–—]\s?(?=\d|(?:noon|midnight|close|closing|late|sunset|sunrise|dawn|dusk)\b))?", self._half_day, needs=DIGITS, flags=re.IGNORECASE),
            rule(rf"(?<![\w:.,/-])(?P<a>{_CLOCK}:[0-5]\d)\s?[-–—]\s?(?P<b>{_CLOCK}:[0-5]\d)(?![\w:])", lambda m: f"{self._time(m['a'])} to {self._time(m['b'])}", needs=":"),
            # "4-5:30", "6:30–9"
            rule(r"(?<![\w:.,/$€£-])(?P<a>1?\d)(?::(?P<am>[0-5]\d))?[ ]?[-–—][ ]?(?P<b>1?\d)(?::(?P<bm>[0-5]\d))?(?![\w:%°$/-]|[.,]\d)", self._bare_span, needs=":"),
            rule(r"(?<![\w:.])(?P<h>\d{1,3}):(?P<m>[0-5]\d):(?P<s>[0-5]\d)(?:\.\d+)?(?![\w:])", self._long_time, needs=":"),
            rule(rf"(?<![\w:./])(?P<t>{_CLOCK}:[0-5]\d)(?P<exact>[ ]o'clock)?(?P<h>[ ]?(?:h|hrs|hours)\b)?(?![\w:]|[.]\d)(?=\W|$)", lambda m: self._time(m["t"]), needs=":"),
            rule(r"(?<![\w:.,])(?P<h>[01]?\d|2[0-3])h(?P<m>[0-5]\d)(?!\w|[ ]?min|[ ]?\d)", self._hours_minutes, needs="h"),
            rule(r"\b(?P<t>(?:[01]\d|2[0-3])[0-5]\d)[ ]?(?:hrs|hours|h)\b(?=[ ,.;]|$)", self._military, needs="h"),
        )  # fmt: skip

    def _durations(self) -> tuple[Rule, ...]:
        return (
            rule(
                r"(?=\d)(?<![\w.])(?P<w>\d+[ ]?w(?:ks?|eeks?)?(?:\.(?=[ ]\d))?[ ,]*)?(?P<d>\d+[ ]?d(?:ays?)?[ ,]*)?(?P<h>\d+[ ]?h(?:rs?|ours?)?(?:\.(?=[ ]\d))?[ ,]*)?(?P<m>\d+[ ]?m(?:ins?|inutes?)?\b(?:\.(?=[ ]\d))?[ ,]*)?(?P<s>\d+(?:\.\d+)?[ ]?s(?:ecs?|econds?)?)?(?!\w)(?:(?<=[nscr])\.(?=[,;)]|[ ][a-z]))?",
                self._compound,
                needs=DIGITS,
            ),
            rule(r"\bPT?(?=\d)(?:(?P<d>\d+)D)?T?(?:(?P<h>\d+)H)?(?:(?P<m>\d+)M)?(?:(?P<s>\d+)S)?\b", self._iso_duration, needs="P"),
        )  # fmt: skip

    def _years(self) -> tuple[Rule, ...]:
        year = self._numbers.year
        return (
            rule(rf"(?<![\w.,$€£/-])(?P<from>1[0-9]\d\d|20\d\d)[ ][-–—][ ](?P<to>1[0-9]\d\d|20\d\d)(?![\d.,]*\d|s\b|\w|[-/]){_UNIT_AHEAD}", self._spaced_years, needs="-–—"),
            rule(r"(?<![\d.,$€£/-])(?P<from>1[6-9]\d\d|20\d\d)(?:/|[-–](?=\d{2,4}[ ](?:season|school|academic|campaign|term|fiscal|financial|tax|winter)))(?P<to>(?:1[6-9]|20)?\d\d)(?![\d.,/-]*\d|\w)", self._season, needs=("/", " season", " school", " academic", " campaign", " term", " fiscal", " financial", " tax", " winter")),
            rule(r"(?<![\d.,$€£/-])(?P<from>1[0-9]\d\d|20\d\d)[-–—](?P<to>\d\d|1[0-9]\d\d|20\d\d)(?![\d.,]*\d|s\b|\w|[-/])", self._year_span, needs="-–—"),
            rule(r"(?<![\w.,$€£])(?P<from>(?:1[0-9]|20)\d0|['’]?\d0)s?[-–—/](?P<y>(?:1[0-9]|20)\d0|['’]?\d0)['’]?s\b(?=\W|$)", self._decades, needs=("0s", "0's", "0’s")),
            rule(r"(?<![\w.,$€£])(?P<y>(?:1[0-9]|20)\d0|['’]?(?P<short>\d0))['’]?s\b(?=\W|$)", self._decade, needs=("0s", "0's", "0’s")),
            rule(r"(?<![\w.,/-])(?P<from>\d{1,4})\s?[-–—]\s?(?=\d{1,4}[ ]?(?:BCE?|bce?|CE|AD|B\.C\.|A\.D\.|C\.E\.)(?!\w))", lambda m: f"{year(m['from'])} to ", needs=_ERAS),
            rule(r"(?<![\d.,])(?P<y>\d{1,4})[ ]?(?P<era>BCE|BC|CE|AD|bce|bc|B\.C\.E?\.?|A\.D\.|C\.E\.)(?!\w)", lambda m: f"{year(m['y'])} {m['era'].replace('.', '').upper()}{'.' if m['era'].endswith('.') and is_end(m.string, m.end()) else ''}", needs=_ERAS),
            rule(r"\b(?P<era>AD|A\.D\.)[ ](?P<y>\d{1,4})\b", lambda m: f"AD {self._numbers.year_of_an_era(m['y'])}", needs=("AD ", "A.D. ")),
            rule(r"(?P<lead>\bclass[ ]of[ ])(?P<y>\d{4})\b", lambda m: m["lead"] + year(m["y"]), needs=("lass of", "LASS OF"), flags=re.IGNORECASE),
            rule(r"(?P<lead>\b[tT]he[ ])(?P<y>1[1-8]\d\d)(?=[ ][A-Z][a-z]{3,}|[ ](?:war|act|treaty|revolution|census|fire|earthquake|election|edition|census|novel|painting|painter)\b)", lambda m: m["lead"] + year(m["y"]), needs=DIGITS),
            rule(rf"(?<!\w)(?P<y>1[0-9]\d\d|20\d\d)(?![\d:%°]|[.,/]\d|[-–]\d|[ ]?[x×*][ ]?\d|[ ]{_COUNTED}){_UNIT_AHEAD}(?=[\W]|$)", lambda m: year(m["y"]), needs=DIGITS, behind=rf"\b(?:{_BEFORE_YEAR})[ ]|^|[(]"),
            rule(rf"(?<![\w.,$€£#:/+*=×÷-])(?P<y>(?:19|20)\d\d)(?![\d:%°\w]|[.,/]\d|[-–]\w|[ ]?[*×÷+=-]|[ ]{_COUNTED}){_UNIT_AHEAD}", self._bare_year, needs=DIGITS),
        )  # fmt: skip

    # Readers, in the order of their rules

    def _iso_time(self, match: re.Match[str]) -> str | None:
        date = self._date(match["y"], match["m"], match["d"])
        if date is None:
            return None
        zone = (match["zone"] or "").strip()
        if zone and zone != "Z":
            hours = self._numbers.cardinal(str(int(zone[1:3])))
            minutes = int(zone[-2:])
            offset = f" {'plus' if zone[0] == '+' else 'minus'} {hours}" + (
                f" {self._numbers.cardinal(str(minutes))}" if minutes else ""
            )
            zone = f" UTC{'' if zone[1:] in ('0000', '00:00') else offset}"
        elif zone:
            zone = " UTC"
        return f"{date} at {self._time(match['time'])}{zone}"

    def _numeric(self, match: re.Match[str]) -> str | None:
        return self._date(match["y"], match["m"], match["d"])

    def _slashed(self, match: re.Match[str]) -> str | None:
        """3/4/2024: American readers put the month first; what cannot be a month is the day for everyone."""
        a, b, year = match["a"], match["b"], match["y"]
        month, day = (a, b) if not self._numbers.british and match["sign"] == "/" else (b, a)
        if int(month) > 12:
            month, day = day, month
        if len(year) == 2:
            if match["sign"] == "-":
                return None
            year = ("20" if int(year) < 50 else "19") + year
        return self._date(year, month, day)

    def _day_of_month(self, match: re.Match[str]) -> str | None:
        """12/01 and, behind what a date stands behind, 3/14; else it is a fraction or a score."""
        a, b = match["a"], match["b"]
        before = _DATE_LEAD_RE.search(match.string[max(0, match.start() - 24) : match.start()])
        lead = before.group() if before else ""
        month, day = map(int, (b, a) if self._numbers.british else (a, b))
        if not (1 <= month <= 12 and 1 <= day <= 31) or _COUNTS_RE.search(
            match.string[max(0, match.start() - 16) : match.start()]
        ):
            return None
        word = lead.strip(" .,:").lower()
        has_zero = (len(a) == 2 and a[0] == "0") or (len(b) == 2 and b[0] == "0")
        if has_zero or day > _MOST_SAID_OF or word.endswith("day") or word[:3] in _DAYS or word in _ONLY_DAYS:
            return self._day_and_month(month, day)
        denominators = _DENOMINATORS | _RARER_DENOMINATORS if word in _BEFORE_EITHER else _DENOMINATORS
        is_holiday = _HOLIDAY_RE.search(match.string[max(0, match.start() - 12) : match.start()]) is not None
        if (int(a) > int(b) or is_holiday) and _IN_BRACKETS_RE.match(match.string, match.start() - 1):
            return self._day_and_month(month, day)
        if word == "on" and _ENDS_DATE_RE.match(match.string, match.end()):
            return self._day_and_month(month, day)
        if not lead or (int(a) < int(b) and int(b) in denominators):
            return None
        return self._day_and_month(month, day)

    def _several_days(self, match: re.Match[str]) -> str | None:
        """On 4/8, 4/9 or 4/10: days, if all can be."""
        pairs = [(int(a), int(b)) for a, b in re.findall(r"(\d+)/(\d+)", match["days"])]
        days = [(b, a) if self._numbers.british else (a, b) for a, b in pairs]
        if not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in days):
            return None
        said = iter(self._day_and_month(month, day) for month, day in days)
        return re.sub(r"\d+/\d+", lambda _: next(said), match["days"])

    def _two_days_of_months(self, match: re.Match[str]) -> str | None:
        """Between 12/1 and 12/3: days, unless both are what people say as fractions."""
        pairs = [(int(match[a]), int(match[b])) for a, b in ("ab", "cd")]
        if all(a < b and b in _DENOMINATORS | _RARER_DENOMINATORS for a, b in pairs):
            if "lead" in match.groupdict():
                return None
            return f"{match['a']}/{match['b']} to {match['c']}/{match['d']}"
        days = [(b, a) if self._numbers.british else (a, b) for a, b in pairs]
        if not all(1 <= month <= 12 and 1 <= day <= 31 for month, day in days):
            return None
        first, second = (self._day_and_month(month, day) for month, day in days)
        if "lead" not in match.groupdict():
            return f"{first} to {second}"
        return f"{match['lead']}{first}{match['to']}{second}"

    def _spelled(self, match: re.Match[str], *, american: bool) -> str | None:
        month = _month(match["month"])
        groups = match.groupdict()
        day, to = int(match["d"]), groups.get("to")
        ordinal = self._numbers.ordinal(str(day))
        if to:
            ordinal += f" to {'' if american else 'the '}{self._numbers.ordinal(to.lstrip('0'))}"
        words = f"{month} {ordinal}" if american else f"the {ordinal} of {month}"
        if american and match["month"].lower().startswith("ma") and match["month"].islower():
            return None  # "you may 5 times": the verb; "march 5 miles"
        if match["y"]:
            return f"{words}, {self._numbers.year(match['y'])}"
        return f"{words}." if match.group().endswith(".") and is_end(match.string, match.end()) else words

    def _days(self, match: re.Match[str]) -> str | None:
        if match["a"].islower() and match["a"] in ("sun", "sat", "wed", "mon"):
            return None
        joint = " and " if "/" in match.group() else " to "
        return _DAYS[match["a"].lower()] + joint + _DAYS[match["b"].lower()]

    def _half_day_span(self, match: re.Match[str]) -> str | None:
        if int(match["a"]) > 12 or int(match["b"]) > 12:
            return None
        first = self._hour_minute(match["a"], match["am"])
        second = self._hour_minute(match["b"], match["bm"])
        return f"{first} to {second} {match['half'].upper()}M{_kept_stop(match)}"

    def _bare_span(self, match: re.Match[str]) -> str | None:
        """Hours of which one has minutes."""
        if (match["am"] is None) == (match["bm"] is None) or not all(
            0 < int(match[hour]) <= 12 for hour in "ab"
        ):
            return None
        return f"{self._hour_minute(match['a'], match['am'])} to {self._hour_minute(match['b'], match['bm'])}"

    def _half_day(self, match: re.Match[str]) -> str:
        words = self._hour_minute(match["h"], match["m"])
        if match["s"] and match["s"] != "00":
            words += f" and {self._numbers.cardinal(str(int(match['s'])))} seconds"
        if int(match["h"]) <= 12:  # of 15:43 PM nobody says the PM
            words += f" {match['half'].upper()}M"
        return f"{words} to " if match["to"] else words + _kept_stop(match)

    def _long_time(self, match: re.Match[str]) -> str | None:
        hours, minutes, seconds = (int(match[each]) for each in "hms")
        before = match.string[max(0, match.start() - 12) : match.start()]
        after = match.string[match.end() : match.end() + 11]
        is_rest = re.match(r" (?:remaining|left|to go|elapsed|ago)\b", after) is not None
        if (
            hours > 24
            or hours == 0
            or is_rest
            or _IS_LENGTH_RE.search(before)
            or before.lower().endswith(("timer: ", "timer set: ", "timer for "))
        ):
            parts = ((hours, "hour"), (minutes, "minute"), (seconds, "second"))
            return _joined([self._counted(n, name) for n, name in parts if n] or ["zero seconds"])
        words = self._time(f"{hours}:{match['m']}")
        return words if seconds == 0 else f"{words} and {self._counted(seconds, 'second')}"

    def _short_halves(self, match: re.Match[str]) -> str | None:
        if int(match["h"]) > 12 or int(match["h2"]) > 12 or (match["half"] is None and match["m2"] is None):
            return None
        first = self._hour_minute(match["h"], match["m"]) + (
            f" {match['half'].upper()}M" if match["half"] else ""
        )
        return f"{first} to {self._hour_minute(match['h2'], match['m2'])} {match['half2'].upper()}M"

    def _length(self, match: re.Match[str]) -> str:
        names = ("hour", "minute") if match["unit"].startswith("h") else ("minute", "second")
        return (match.groupdict().get("lead") or "") + self._long(match["a"], match["b"], names)

    def _rest(self, match: re.Match[str]) -> str:
        """1:05 left of a washing machine's cycle are hours and minutes, of an egg timer minutes and seconds."""
        text = match.string
        around = text[max(0, match.start() - 80) : match.start()] + text[match.end() : match.end() + 40]
        names = ("minute", "second") if _SHORT_RE.search(around) else ("hour", "minute")
        return (match.groupdict().get("lead") or "") + self._long(match["a"], match["b"], names)

    def _long(self, large: str, small: str, names: tuple[str, str], *, adjective: bool = False) -> str:
        counts = list(zip((int(large), int(small)), names, strict=True))
        if adjective:
            return _joined([f"{self._numbers.cardinal(str(n))} {name}" for n, name in counts if n])
        return _joined([self._counted(n, name) for n, name in counts if n] or [f"zero {names[1]}s"])

    def _hours_minutes(self, match: re.Match[str]) -> str:
        if _IS_LENGTH_RE.search(match.string[max(0, match.start() - 12) : match.start()]):
            return self._long(match["h"], match["m"], ("hour", "minute"))
        return self._time(f"{match['h']}:{match['m']}")

    def _military(self, match: re.Match[str]) -> str:
        time = match["t"]
        hours = (
            f"zero {self._numbers.cardinal(time[1])}" if time[0] == "0" else self._numbers.cardinal(time[:2])
        )
        if time.startswith("00"):
            hours = "zero zero"
        minutes = "hundred" if time.endswith("00") else self._minutes(time[2:])
        return f"{hours} {minutes} hours"

    def _compound(self, match: re.Match[str]) -> str | None:
        """1h 30m, 2d 4h: at least two parts, or else "5 m" would be minutes."""
        names = {"w": "week", "d": "day", "h": "hour", "m": "minute", "s": "second"}
        parts = [(match[key], name) for key, name in names.items() if match[key]]
        if len(parts) < 2:
            return None
        end = "".join(re.findall(r"[ ,]*$", match.group())[:1])
        is_adjective = _LASTS_RE.match(match.string, match.end()) is not None
        words = []
        for written, name in parts:
            figures = re.match(r"[\d.]+", written)
            assert figures is not None, written
            one = is_adjective or figures.group() == "1"
            count = self._numbers.number(re.sub(r"^0+(?=\d)", "", figures.group()))
            words.append(f"{count} {name}{'' if one else 's'}")
        return " ".join(words) + end

    def _iso_duration(self, match: re.Match[str]) -> str | None:
        names = {"d": "day", "h": "hour", "m": "minute", "s": "second"}
        parts = [self._counted(int(match[key]), name) for key, name in names.items() if match[key]]
        return _joined(parts) if parts else None

    def _year_span(self, match: re.Match[str]) -> str | None:
        first, last = match["from"], match["to"]
        if len(last) == 2:
            if int(last) <= int(first[2:]):
                return None
            return f"{self._numbers.year(first)} to {self._numbers.short_year(last)}"
        return f"{self._numbers.year(first)} to {self._numbers.year(last)}"

    def _decade(self, match: re.Match[str]) -> str | None:
        before = match.string[max(0, match.start() - 7) : match.start()].lower()
        if match["short"]:
            is_quoted = match["y"][0] in "'’"
            noun = r" (?:kids?|music|movies?|films?|rock|pop|style|hits?|fashion|era|songs?|shows?|vibes?|nostalgia|classics?)\b"
            is_era = re.match(noun, match.string[match.end() : match.end() + 12], re.IGNORECASE) is not None
            if (
                not is_quoted
                and not is_era
                and not re.search(
                    r"(?:the|his|her|their|my|your|our|mid|late|early|upper|lower|low|high)[ -]$|\ds (?:and|or|to) $",
                    before,
                )
            ):
                return None
            return self._short_decade(match["y"])
        return self._numbers.decade(match["y"])

    def _short_decade(self, written: str) -> str:
        """'60s → "sixties"; of this century the teens need it: "twenty tens"."""
        short = written.lstrip("'’")
        if short == "00":
            return "two thousands"
        return "twenty tens" if short == "10" and short != written else self._numbers.decade(short)

    def _spaced_years(self, match: re.Match[str]) -> str | None:
        """1825 – 1848, which is no difference: that would be written behind or before an equals sign."""
        first, last = match["from"], match["to"]
        around = (
            match.string[max(0, match.start() - 8) : match.start()]
            + match.string[match.end() : match.end() + 8]
        )
        if not int(first) < int(last) < int(first) + 150 or "equals" in around:
            return None
        return f"{self._numbers.year(first)} to {self._numbers.year(last)}"

    def _season(self, match: re.Match[str]) -> str | None:
        """2023/24, from one year into the next."""
        first, last = match["from"], match["to"]
        if (int(first) + 1) % 10 ** len(last) != int(last):
            return None
        end = self._numbers.year(last) if len(last) == 4 else self._numbers.short_year(last)
        return f"{self._numbers.year(first)} {end}"

    def _decades(self, match: re.Match[str]) -> str | None:
        """1840s–50s. Two short ones need a mark or an "s" with them: "20-30s" are seconds."""
        first, last = match["from"].lstrip("'’"), match["y"].lstrip("'’")
        is_quoted = match.group()[0] in "'’"
        if len(first) == len(last) == 2 and not re.search(r"['’]\d|\ds.", match.group()):
            return None
        joint = " and " if "/" in match.group() else " to "
        return joint.join(
            self._short_decade(f"'{each}" if is_quoted and len(each) == 2 else each) for each in (first, last)
        )

    def _bare_year(self, match: re.Match[str]) -> str | None:
        before = match.string[max(0, match.start() - 12) : match.start()].lower()
        if re.search(
            r"(?:room|code|pin|number|no\.|route|flight|model|channel|port|extension|ext\.?|error|line|page|id)[ :]+$",
            before,
        ):
            return None
        return self._numbers.year(match["y"])

    # Parts

    def _date(self, year: str, month: str, day: str) -> str | None:
        if not (1 <= int(month) <= 12 and 1 <= int(day) <= 31):
            return None
        return f"{self._day_and_month(int(month), int(day))}, {self._numbers.year(year)}"

    def _day_and_month(self, month: int, day: int) -> str:
        name, ordinal = _MONTHS[month - 1], self._numbers.ordinal(str(day))
        return f"the {ordinal} of {name}" if self._numbers.british else f"{name} {ordinal}"

    def _zone(self, match: re.Match[str]) -> str:
        words = f"{match['zone']} {'plus' if match['sign'] == '+' else 'minus'} {self._numbers.cardinal(str(int(match['h'])))}"
        return f"{words} {self._minutes(match['m'])}" if match["m"] and match["m"] != "00" else words

    def _time(self, clock: str) -> str:
        """24-hour time as it is read off a clock: 19:30, 07:05, 0:15."""
        hours, minutes = clock.split(":")
        if int(hours) in (0, 24) and minutes == "00":
            return "midnight"
        if minutes == "00":
            if int(hours) <= 12:
                return f"{self._numbers.cardinal(str(int(hours)))} o'clock"
            return f"{self._numbers.cardinal(hours)} hundred"
        return f"{self._numbers.cardinal(str(int(hours)))} {self._minutes(minutes)}"

    def _hour_minute(self, hour: str, minutes: str | None) -> str:
        words = self._numbers.cardinal(str(int(hour)))
        return words if minutes in (None, "00") else f"{words} {self._minutes(minutes or '')}"

    def _minutes(self, minutes: str) -> str:
        if minutes[0] == "0":
            return f"oh {self._numbers.cardinal(minutes[1])}"
        return self._numbers.cardinal(minutes)

    def _counted(self, n: int, name: str) -> str:
        return f"{self._numbers.cardinal(str(n))} {name}{'' if n == 1 else 's'}"


def _listed(words: list[str]) -> str:
    """Monday, Wednesday and Friday."""
    return " and ".join([", ".join(words[:-1]), words[-1]])


def _month(written: str) -> str:
    return _MONTH_OF[written.rstrip(".").lower()]


def _day(match: re.Match[str]) -> str | None:
    name = match["day"]
    if name == "Sun" and match.string[max(0, match.start() - 4) : match.start()].lower() == "the ":
        return None
    return _DAYS[name.lower()] if name[0].isupper() else None


def _days_in_a_row(match: re.Match[str]) -> str:
    """Mon/Wed/Fri"""
    return _listed([_DAYS[name.lower()] for name in match.group().split("/")])


def _letters_of_days(match: re.Match[str]) -> str | None:
    """M/W/F and T/Th; two letters alone may be men and women, or true and false."""
    letters = match.group().split("/")
    is_sure = len(letters) > 2 or any(len(letter) > 1 for letter in letters) or letters == ["M", "W"]
    days = [_LETTER_DAYS[letter] for letter in letters]
    return _listed(days) if is_sure and days == [day for day in _WEEK if day in days] else None


def _day_after(match: re.Match[str]) -> str:
    """A day behind "on" and the like; its stop stays where it ends the sentence too."""
    text = match.string
    ends = is_end(text, match.end()) or text[match.end() : match.end() + 2].strip().isupper()
    ends = ends and not re.match(
        rf" (?:{'|'.join(_MONTHS)}) [a-z-]{{1,16}}(?:st|nd|rd|th)\b", text[match.end() : match.end() + 30]
    )
    return f"{match['lead']}{_DAYS[match['day'].lower()]}{'.' if match['stop'] and ends else ''}"


def _kept_stop(match: re.Match[str]) -> str:
    """The stop of "p.m." where it also ends the sentence."""
    after = match.string[match.end() : match.end() + 5]
    if re.match(_AFTER_HALF, after):
        return ""  # "at 5 p.m. Tuesday"
    return (
        "."
        if match.group().endswith(".") and (not after.strip(' "”)') or re.match(r"\s+[A-Z](?![A-Z])", after))
        else ""
    )


def _joined(parts: list[str]) -> str:
    return " ".join(parts)
