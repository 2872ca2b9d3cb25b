"""English words for measured things: 21.5 °C, 40–60 %, 5 kWh, 12 mph, 3 x 4 m, 5'10", 12 µg/m³.

The table says what a symbol is called; the rest of the file says where a symbol is one. Knows nothing of money,
dates or times of day.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.english.numbers import (
    FRACTION_SIGNS,
    NUMBER,
    Numbers,
    is_one,
    is_over,
    sign_fraction,
)
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, alternatives, is_end, rule

# "~" is an "s" where there are several; "one|many" where that does not do. What is "per" something else is made
# of two of these.
_BASE = {
    # temperature, angle
    "°C": "degree~ Celsius", "° C": "degree~ Celsius", "ºC": "degree~ Celsius", "deg C": "degree~ Celsius",
    "degC": "degree~ Celsius", "C": "degree~ Celsius", "°F": "degree~ Fahrenheit", "° F": "degree~ Fahrenheit",
    "ºF": "degree~ Fahrenheit", "deg F": "degree~ Fahrenheit", "degF": "degree~ Fahrenheit",
    "F": "degree~ Fahrenheit", "°K": "kelvin", "K": "kelvin", "°": "degree~", "º": "degree~", "deg": "degree~",
    "rad": "radian~",
    # shares
    "%": "percent", "%RH": "percent relative humidity", "% RH": "percent relative humidity", "‰": "per mille",
    "ppm": "part~ per million", "ppb": "part~ per billion",
    # length
    "mi": "mile~", "ft": "foot|feet", "yd": "yard~", "yds": "yard~", "in": "inch|inches", "ly": "light year~",
    "nmi": "nautical mile~", "px": "pixel~", "Mpx": "megapixel~", "MP": "megapixel~",
    # area, volume
    "ha": "hectare~", "sq ft": "square foot|square feet", "sq. ft.": "square foot|square feet",
    "sqft": "square foot|square feet", "sq m": "square meter~", "sqm": "square meter~",
    "sq. m": "square meter~", "sq. mi": "square mile~", "sq. km": "square kilometer~", "sq. in": "square inch|square inches",
    "sq. yd": "square yard~", "sq yd": "square yard~", "sq. ft": "square foot|square feet",
    "sq mi": "square mile~", "sq km": "square kilometer~", "sq in": "square inch|square inches",
    "cu. ft.": "cubic foot|cubic feet", "cu ft": "cubic foot|cubic feet", "cu m": "cubic meter~", "cu in": "cubic inch|cubic inches",
    "gal": "gallon~", "gals": "gallon~", "qt": "quart~", "qts": "quart~", "pt": "pint~", "pts": "point~",
    "fl oz": "fluid ounce~", "fl. oz.": "fluid ounce~", "tbsp": "tablespoon~", "tbsps": "tablespoon~",
    "Tbsp": "tablespoon~", "Bft": "Beaufort", "tsp": "teaspoon~", "tsps": "teaspoon~", "cc": "cubic centimeter~",
    # weight
    "lb": "pound~", "lbs": "pound~", "oz": "ounce~", "ozs": "ounce~", "t": "ton~", "ct": "carat~",
    # time
    "sec": "second~", "secs": "second~", "min": "minute~", "mins": "minute~", "h": "hour~", "hr": "hour~",
    "hrs": "hour~", "d": "day~", "wk": "week~", "wks": "week~", "mo": "month~", "mos": "month~", "yr": "year~",
    "yrs": "year~",
    # speed, frequency, data
    "mph": "mile~ per hour", "MPH": "mile~ per hour", "kph": "kilometer~ per hour", "kmh": "kilometer~ per hour",
    "kn": "knot~", "kt": "knot~", "kts": "knot~", "fps": "frame~ per second", "rpm": "revolution~ per minute",
    "RPM": "revolution~ per minute", "bpm": "beat~ per minute", "BPM": "beat~ per minute",
    "bps": "bit~ per second", "kbps": "kilobit~ per second", "Kbps": "kilobit~ per second",
    "Mbps": "megabit~ per second", "Gbps": "gigabit~ per second", "Mbit": "megabit~", "Gbit": "gigabit~",
    "kbit": "kilobit~", "Mb": "megabit~", "Gb": "gigabit~", "Kb": "kilobit~", "lb-ft": "pound-foot|pound-feet", "ft-lb": "foot-pound~", "KB": "kilobyte~", "KiB": "kibibyte~", "MiB": "mebibyte~", "GiB": "gibibyte~",
    "TiB": "tebibyte~", "dpi": "dot~ per inch", "ppi": "pixel~ per inch",
    # power, energy, pressure, flow
    "hp": "horsepower", "HP": "horsepower", "BTU": "BTU~", "Btu": "BTU~", "VA": "volt-ampere~", "kVA": "kilovolt-ampere~",
    "var": "var~", "kvar": "kilovar~", "Ah": "amp hour~", "mAh": "milliamp hour~", "cal": "calorie~",
    "kcal": "kilocalorie~", "kWp": "kilowatt~ peak", "Wp": "watt~ peak", "bar": "bar~", "mbar": "millibar~",
    "mb": "millibar~", "psi": "pound~ per square inch", "PSI": "pound~ per square inch", "atm": "atmosphere~",
    "mmHg": "millimeter~ of mercury", "mm Hg": "millimeter~ of mercury", "inHg": "inch|inches of mercury",
    "in Hg": "inch|inches of mercury", "in. Hg": "inch|inches of mercury", "CFM": "cubic foot|cubic feet per minute",
    "cfm": "cubic foot|cubic feet per minute", "gpm": "gallon~ per minute", "mpg": "mile~ per gallon",
    "MPG": "mile~ per gallon",
    # light, sound
    "lx": "lux", "lux": "lux", "lm": "lumen~", "cd": "candela~", "nt": "nit~", "nits": "nits", "dB": "decibel~", "db": "decibel~",
    "dBA": "decibel~ A", "dB(A)": "decibel~ A", "dBm": "decibel-milliwatt~", "dBi": "decibel~ isotropic",
    # chemistry
    "mol": "mole~", "mmol": "millimole~", "KG": "kilogram~", "Kg": "kilogram~", "kgs": "kilogram~", "Kgs": "kilogram~", "KGS": "kilogram~", "Km": "kilometer~",
    "KM": "kilometer~", "kms": "kilometer~", "cms": "centimeter~", "CM": "centimeter~", "ML": "milliliter~", "KWH": "kilowatt hour~", "Kwh": "kilowatt hour~",
    "kwh": "kilowatt hour~", "KWh": "kilowatt hour~", "Kw": "kilowatt~", "kw": "kilowatt~", "KW": "kilowatt~", "KHz": "kilohertz", "Khz": "kilohertz", "khz": "kilohertz",
    "Mhz": "megahertz", "mhz": "megahertz", "Ghz": "gigahertz", "ghz": "gigahertz", "gb": "gigabyte~", "tb": "terabyte~", "LB": "pound~", "LBS": "pound~",
    "Lbs": "pound~", "Oz": "ounce~", "OZ": "ounce~", "Hrs": "hour~", "Mins": "minute~", "gm": "gram~", "gms": "gram~", "ltr": "liter~", "ltrs": "liter~", "mcg": "microgram~", "bbl": "barrel~", "bbls": "barrel~", "doz": "dozen", "ppg": "point~ per game", "rpg": "rebound~ per game", "apg": "assist~ per game", "pkg": "package~", "pkgs": "package~",
    "pc": "piece~", "pcs": "piece~", "IU": "international unit~", "pCi": "picocurie~",
}  # fmt: skip

_PREFIXES = {
    "T": "tera", "G": "giga", "M": "mega", "k": "kilo", "h": "hecto", "d": "deci", "c": "centi", "m": "milli",
    "µ": "micro", "n": "nano", "p": "pico",
}  # fmt: skip
# Units with the prefixes that people put before them.
_PREFIXED = {
    "m": ("meter~", "kdcmµn"), "g": ("gram~", "kmµn"), "L": ("liter~", "hdcmµ"), "l": ("liter~", "hdcmµ"),
    "W": ("watt~", "TGMkmµ"), "Wh": ("watt hour~", "TGMkm"), "Pa": ("pascal~", "MkhmG"), "Hz": ("hertz", "TGMkm"),
    "V": ("volt~", "Mkmµ"), "A": ("amp~", "kmµ"), "Ω": ("ohm~", "GMkm"), "J": ("joule~", "TGMkm"), "s": ("second~", "mµn"),
    "B": ("byte~", "TGMk"), "N": ("newton~", "Mkm"), "F": ("farad~", "mµnp"), "Sv": ("sievert~", "mµn"),
    "S": ("siemens", "mµ"), "Bq": ("becquerel~", "Mk"), "eV": ("electron volt~", "TGMkm"), "T": ("tesla~", "mµ"),
}  # fmt: skip
_BARE = frozenset(
    ["m", "g", "L", "l", "W", "Wh", "Pa", "Hz", "V", "A", "Ω", "J", "s", "Bq", "Sv", "eV", "N"]
)  # "5 B" and "5 S" are names
_AREAS = {"": "meter~", "k": "kilometer~", "c": "centimeter~", "m": "millimeter~", "d": "decimeter~"}
_POWERS = {"square": ("²", "2", "^2"), "cubic": ("³", "3", "^3")}

# What something can be per, beyond the units themselves.
_PER = {
    "s": "second", "sec": "second", "min": "minute", "h": "hour", "hr": "hour", "hour": "hour", "d": "day",
    "day": "day", "night": "night", "wk": "week", "week": "week", "mo": "month", "month": "month", "yr": "year",
    "y": "year", "year": "year", "ch": "channel", "side": "side", "serving": "serving", "load": "load", "cycle": "cycle", "page": "page", "session": "session", "person": "person", "piece": "piece", "user": "user", "100km": "hundred kilometers",
    "100 km": "hundred kilometers", "100 g": "hundred grams", "100g": "hundred grams", "unit": "unit",
    "gal": "gallon", "lb": "pound", "oz": "ounce", "in": "inch", "ft": "foot", "doz": "dozen", "dozen": "dozen", "s²": "second squared", "s2": "second squared", "s^2": "second squared",
}  # fmt: skip

_LENGTHS = frozenset(["m", "cm", "mm", "km", "ft", "in", "yd", "mi", "px"])
# What something can be per so much of.
_SO_MUCH = frozenset(
    ["s", "sec", "min", "h", "hr", "hrs", "d", "wk", "mo", "yr", "g", "kg", "mg", "mL", "ml", "dL", "L", "l", "cm", "m", "km", "m²", "m2", "mi", "oz", "lb", "ft"]
)  # fmt: skip
# What measures the same in two systems.
_ALIKE = (
    frozenset(["kg", "g", "lb", "lbs", "oz"]), frozenset(["mm", "cm", "m", "km", "in", "ft", "yd", "mi"]),
    frozenset(["mL", "ml", "L", "l", "oz", "fl oz", "gal", "qt", "pt"]), frozenset(["km/h", "kph", "mph"]),
)  # fmt: skip
# After these a letter behind a number is part of a name: "Room 12 A", "Flight 20 C".
_NAMES = (
    "room|rm|apt|apartment|seat|flight|gate|section|figure|fig|unit|suite|class|group|terminal|exit|table|page|"
    "route|bus|line|platform|grade|chapter|appendix|type|option|model|version|building|block|unit|part|plan|number|no"
)
# Words before which a unit is not an adjective: "a 5 kg and a 10 kg bag", "a 3 m by 4 m room".
_NO_NOUN = (
    "and|or|of|in|on|at|to|for|is|are|was|were|by|from|with|per|than|as|but|if|when|each|away|ago|later|more|less|"
    "above|below|before|after|over|under|the|a|an|you|we|they|he|she|it|i|that|which|who|can|could|will|would|should|may|might|must|"
    "has|have|had|do|does|did|so|also|only|just|not|now|then|today|here|there|this|these|total|left|remaining|because|until|while|ending|ended|starting|beginning|since|between|during|through"
)
_ARTICLE_RE = re.compile(
    r"(?:^|\W)(?:an?|the|this|that|your|my|our|their|its|his|her|each|every|another|one) $"
)
_ONE_RE = re.compile(r"(?:^|\W)an? $|(?:^|[.!?] )An? $")  # "Zone A 10 min" has no article
_CLAUSE_END_RE = re.compile(r"[.,;!?)]?(?:$|\s(?:and|or)\s(?:an?|the)\b|(?<=[.,;!?)])\s)")
_QUOTE_RE = re.compile('"')
_NOUN_RE = re.compile(rf"[ -](?!(?:{_NO_NOUN}|AM|PM)\b)[A-Za-z]")
# What has a size without an article too: "8 min drive", "27 in monitor". Flour and milk are not among them.
_SIZED_RE = re.compile(
    rf"[ -](?:(?!(?:{_NO_NOUN})\b)[A-Za-z]+[ ])?(?:node|process|chip|caplets?|tablets?|capsules?|pills?|walk|drive|ride|commute|flight|hike|jog|run|swim|range|batter(?:y|ies)|charger|adapter|suppl(?:y|ies)|bag|bottle|box|pack|monitor|screen|display|TV|timer|"
    r"delay|break|nap|meeting|call|session|workout|interval|window|limit|cable|hose|pipe|radius|lens|engine|motor|bulb|disk|disc|SSD|HDD|module|stick|card|tank|jar|"
    r"bar|pan|tin|episode|video|film|clip|song|warning|notice|wait|layover|ferry|warranty|guarantee|contract|sentence|streak|old|roll|resistor|capacitor|PSU|panel|"
    r"inverter|wallbox|heater|kettle|lamp|stream|camera|recording|turbo|supercharged|turbodiesel|V-?\d|I-?\d|inline|diesel|petrol|hybrid|DI|TDI|TSI|TFSI|Hemi|EcoBoost|twin|boxer|bottles?|winds?|gusts?|forecast|plan|subscription|lease|mortgage|loan|bond|yield|commitment|shift)(?:e?s)?\b"
)
_JEWEL_RE = re.compile(
    r"\b(?:gold|diamonds?|rings?|stones?|gems?|sapphires?|rub(?:y|ies)|emeralds?|jewel\w*|white|rose|yellow|solitaires?|earrings?|pendants?|"
    r"necklaces?|carats?)\b",
    re.IGNORECASE,
)
# What is sold by the size in brackets before it.
_PACKED_RE = re.compile(
    r"\.?\) (?:pkgs?|packages?|packets?|packs?|cans?|jars?|bottles?|box(?:es)?|bags?|cartons?|containers?|tubs?|blocks?|sticks?|tubes?|"
    r"envelopes?|loaf|loaves|slabs?|fillets?|filets?|steaks?|roasts?|chicken|salmon|tins?|pouch(?:es)?)\b"
)
# "the 1,000 ppm limit" is one of parts, not of a part.
_NEVER_ADJECTIVES = frozenset(["ppm", "ppb", "bpm", "BPM", "fps", "rpm", "RPM"])
# What fills up: 3.1/4 GB are in use.
_FILLED = frozenset(["KB", "MB", "GB", "TB", "MiB", "GiB", "TiB"])
_COMPASS = {"N": "north", "S": "south", "E": "east", "W": "west"}


def _with_prefixes() -> dict[str, str]:
    table = dict(_BASE)
    for symbol, (name, prefixes) in _PREFIXED.items():
        if symbol in _BARE:
            table.setdefault(symbol, name)
        for prefix in prefixes:
            table.setdefault(prefix + symbol, _PREFIXES[prefix] + name)
    for prefix, name in _AREAS.items():
        for power, marks in _POWERS.items():
            for mark in marks:
                table[f"{prefix}m{mark}"] = f"{power} {name}"
    for symbol, name in (("ft", "foot|feet"), ("in", "inch|inches"), ("mi", "mile~"), ("yd", "yard~")):
        for power, marks in _POWERS.items():
            for mark in marks:
                table[symbol + mark] = "|".join(f"{power} {form}" for form in name.split("|"))
    # Three ways to write micro; the letter is what keyboards have.
    for symbol in [symbol for symbol in table if symbol.startswith("µ")]:
        table["μ" + symbol[1:]] = table["u" + symbol[1:]] = table[symbol]
    return table


UNITS = _with_prefixes()
_SYMBOL = alternatives(UNITS)
_PER_SYMBOL = alternatives({*_PER, *UNITS})
_UNIT = rf"(?:{_SYMBOL})(?:/(?:{_PER_SYMBOL}))?"
_END = r"(?![\w²³°]|/(?!\d|[a-z]{3})|['’][a-z])"
# "18 mi. SW of Reno" is one sentence.
_WAY_AHEAD = r"(?:[NS][EW]?|[EW]|NN[EW]|SS[EW]|E[NS]E|W[NS]W)(?:[ ](?:of|on|from|to|and)\b|[.,;)]|$)"
_FRACTION = rf"\d+[ ]\d+/\d+|\d+/\d+|\d*[ ]?[{FRACTION_SIGNS}]"
_VALUE = rf"(?:{_FRACTION}|{NUMBER})"
# At most places of a text no value begins: one look tells.
_AHEAD = rf"(?=[-+±−.\d{FRACTION_SIGNS}])"
_SIGN = r"(?:(?<![\w.)\]])[-+±−][ ]?)?"


class Units:
    """Reads measured values as one of the two Englishes does."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied."""
        return (
            # cooks' letters: c. for cups, T. for tablespoons, t. for teaspoons
            rule(r"(?<![\w.,/])(?P<n>(?:\d{1,2}[ ])?\d{1,2}/\d{1,2}|(?:\d{1,2}[ ]?)?[½⅓⅔¼¾]|\d{1,2})[ ](?P<what>[cTt]|(?<!\d\d[ ])C)\.(?=[ ](?!(?:and|or|is|was|in|on|at|but|inside|outside|today|tonight|now)\b)[a-z])", self._spoonful, needs=(" c.", " C.", " t.", " T.")),
            # "15 min./cook 40 min."
            rule(r"(?P<unit>\d[ ]?(?:mins?|hrs?|hours?|minutes?))\.?/(?=[A-Za-z]{3,9}:?[ ]\d)", lambda m: f"{m['unit']}, ", needs=("./", "n/", "r/", "s/")),
            # of games, and no pints: "3-pt. favorites"
            rule(r"(?<![\w.,])(?P<n>\d{1,3}(?:\.5)?)[- ]pts?\b\.?(?=[ ](?:shot|line|fav|underdog|lead|play|range|attempt|spread|win|loss|deficit|margin|game|night|percentage|scale|inspection|shooter|shooting|contest|bucket|font|type|difference)\w{0,6}\b)", lambda m: f"{self.value(m['n'])} point", needs=("pt ", "pt.", "pts")),
            # "6 lb. 4 oz."
            rule(r"(?P<unit>\d[ ]?(?:lbs?|ft))\.(?=[ ]\d{1,2}(?:\.\d)?[ ]?(?:oz|ounces?|in|inch|inches)\b)", lambda m: m["unit"], needs=("lb. ", "lbs. ", "ft. ")),
            # "150 min./wk.": the stop is none
            rule(r"(?P<unit>\d[ -]?(?:mins?|hrs?|ft|mi|lbs?|oz|gal|qt|in|yd|cal|tsp|tbsp|sec|wk|mo|yr))\.(?=/(?:[a-z]{1,5}\b|\d))", lambda m: m["unit"], needs="./"),
            rule(r"(?<=/)(?P<per>wk|yr|hr|min|mo|sec|lb|oz|gal)\.(?=[ ][a-z(]|[,;)])", lambda m: m["per"], needs=("/wk.", "/yr.", "/hr.", "/min.", "/mo.", "/sec.", "/lb.", "/oz.", "/gal.")),
            # the day's high and low: "H 61, L 44", "H: 61° L: 44°"
            rule(r"\bH:?[ ]?(?P<high>[-−]?\d{1,3}°?[FC]?)(?P<joint>[ ]?[,;/|][ ]?|[ ])L:?[ ]?(?=[-−]?\d{1,3}(?!\d|\.\d))", lambda m: f"high {m['high']}{', ' if m['joint'].strip() in ('/', '|', '') else m['joint']}low ", needs=("H ", "H:", "H1", "H2", "H3", "H4", "H5", "H6", "H7", "H8", "H9", "H-")),
            # of what is counted, and is no jewel: "eggs (18 ct.)"
            rule(r"(?<![\w.,/$€£])(?P<n>\d{1,4})[- ]?ct\b(?!/)(?:\.(?=[ ][a-z(]|[,;)]))?", self._count_of, needs="ct"),
            # an earthquake, before its number is said
            rule(r"(?<=\d)[- ]mag\b\.?(?=[ ](?:quake|earthquake|tremor|temblor|aftershock|star)s?\b)", lambda _: " magnitude", needs=("mag",)),
            # "in ¾ mile", and not "a ¾ mile walk"
            rule(r"(?<![\w.,/])(?<!\d[ ])(?<!\ba[ ])(?<!\b[tT]he[ ])(?P<n>¾|⅔|3/4|2/3|[1-9]/10)[ ]?mi(?:les?|\b(?:\.(?=[ ][a-z]|[,;)]))?)(?![\w/]|\.?[ ](?:walk|run|drive|loop|race|trail|hike)s?\b)", lambda m: f"{self.value(m['n'])} of a mile", needs=("¾", "⅔", "3/4", "2/3", "/10")),
            # of medicine
            rule(r"(?P<n>(?<![\w.,/])(?:\d{1,2}|½|1/2)[ ])(?P<what>tab|cap)(?P<s>s?)\.(?=[ ](?:[a-z\d]|[Ee]very\b)|[,;)]|$)", _of_medicine, needs=("tab", "cap")),
            # "60W-equiv."
            rule(rf"(?<![\w.,])(?P<value>{NUMBER})[ -]?W[ -]equiv(?:alent\b|\.|\b)", lambda m: f"{self.value(m['value'])} watt equivalent", needs=("equiv",)),
            # "the 12' x 14' room"
            rule(r"(?P<lead>\b(?:an?|the|your|my|our|this)[ ])(?P<a>\d{1,3})[ ]?(?P<sign>['′\"″])[ ]?(?:[x×]|by[ ])[ ]?(?P<b>\d{1,3})[ ]?(?P=sign)(?=[ ](?!(?:and|or|of|in|on|at|to|for|is|was|by|from|with|tall|wide|long|deep|high)\b)[a-z])", lambda m: f"{m['lead']}{self.value(m['a'])} by {self.value(m['b'])} {'foot' if m['sign'] in '′' + chr(39) else 'inch'}", needs=("' by ", '" by ', "′ by ", "″ by ", "' x", "'x", '" x', '"x', "′ x", "″ x", "' ×", '" ×', "′ ×", "″ ×", "'×", '"×')),
            # "31k mi."
            rule(rf"(?<![\w.,$€£-])(?P<n>{NUMBER})[kK][ ]?(?P<unit>mi|miles|km|ft|lbs|steps|sq[ ]ft)\b(?:\.(?=[ ][a-z]|[,;)]))?", lambda m: f"{self.value(m['n'])} thousand {m['unit'] if m['unit'] in ('miles', 'steps') else self.name(m['unit'], one=False)}", needs=("k mi", "k km", "k ft", "k lb", "k st", "k sq", "kmi", "K mi", "K ft", "K lb", "K st", "K sq")),
            # "214 gCO2/kWh"
            rule(rf"(?<![\w.,])(?P<n>{NUMBER})[ ]?(?P<unit>kg|g|t)[ ]?(?:of[ ])?CO[2₂](?P<equivalent>-?eq?\b)?/(?P<per>{_PER_SYMBOL}){_END}", lambda m: f"{self.value(m['n'])} {self.name(m['unit'], one=_is_singular(m['n']))} C O two {'equivalent ' if m['equivalent'] else ''}per {self._per(m['per'])}", needs=("CO2/", "CO₂/", "CO2e", "CO₂e", "CO2-", "CO₂-")),
            # percentage points and not pages, points and not pints: "up 0.05 pp", "up 0.1 pt."
            rule(rf"(?<![\w.,$€£])(?P<value>{_SIGN}{NUMBER})[ ]?pt\b(?:\.(?=[ ][a-z]|[,;)]))?", lambda m: f"{self.value(m['value'])} point{'' if is_one(m['value']) else 's'}", needs=(" pt", "0pt", "5pt"), behind=r"\b(?:up|down|by|rose|fell|gained|lost)[ ](?:about[ ]|around[ ])?"),
            rule(rf"(?<![\w.,$€£])(?P<value>{_SIGN}{NUMBER})[ ]?pp\b(?![ ]?\d)", lambda m: f"{self.value(m['value'])} percentage point{'' if is_one(m['value']) else 's'}", needs=("pp",), behind=r"\b(?:up|down|by|rose|fell|gained|lost|from|of|change|to)[ ](?:about[ ]|around[ ])?"),
            # jeans
            rule(r"(?<![\w.])(?P<waist>\d\d)W[ ]?[x×/][ ]?(?P<length>\d\d)L\b", lambda m: f"{self.value(m['waist'])} waist, {self.value(m['length'])} length", needs="W"),
            # mol⁻¹, m s⁻²
            rule(rf"[ ·]?(?<![A-Za-z])(?P<unit>{alternatives(symbol for symbol in UNITS if symbol.isalpha())})⁻(?P<power>[¹²³])(?!\w)", lambda m: f" per {self.name(m['unit'], one=True)}{dict(zip('¹²³', ('', ' squared', ' cubed'), strict=True))[m['power']]}", needs="⁻"),
            # every so often
            rule(r"\b[qQ](?P<low>\d{1,2})(?:[-–](?P<high>\d{1,2}))?(?P<unit>h|d|hr|hrs|wk|min)\b", lambda m: f"every {self.value(m['low'])} {'to ' + self.value(m['high']) + ' ' if m['high'] else ''}{self.name(m['unit'], one=m['low'] == '1' and not m['high'])}", needs="qQ"),
            rule(r"(?<=\d)[ ]?◦(?=[ ]?[CF]?\b)", lambda _: "°", needs="◦"),
            rule(r"(?<=\bdegrees[ ])(?P<scale>[CF])\b(?!['-])", lambda m: "Celsius" if m["scale"] == "C" else "Fahrenheit", needs=("degrees C", "degrees F")),
            rule(r"(?P<symbol>[½⅓⅔¼¾⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])(?=[A-Za-z])", lambda m: f"{m['symbol']} ", needs=FRACTION_SIGNS),
            rule(
                r"(?P<deg>\d+)°\s?(?P<min>\d+)['′](?:\s?(?P<sec>[\d.]+)(?:\"|″|''))?\s?(?P<to>[NSEW])?(?!\w)",
                self._angle,
                needs="°",
            ),
            rule(rf"(?P<value>{NUMBER})\s?[°º]\s?(?P<to>[NSEW])\b", self._compass, needs="°º"),
            # 1.5″ × 3.5″, 1,800 mm wide × 1,200 mm deep
            rule(r"(?P<first>[\d½⅓⅔¼¾⅛⅜⅝⅞][\"″'′]|\b(?:wide|long|deep|high|tall|thick|rows|columns|pixels))\s?[x×]\s?(?=\d)", lambda m: f"{m['first']} by ", needs="x×"),
            rule(
                r"""(?<![\w'"])(?P<feet>\d{1,2})\s?['′]\s?(?:(?P<inches>\d{1,2}(?:\.\d)?|\d?[ ]?[½¼¾])\s?(?:"|″|'')|(?<=\b[4-7]['′])(?P<bare>\d|1[01])(?=[,;.)]|\s|$)|(?=\s(?:tall|wide|long|high|deep|by|x|of)\b|[.,;]?(?:\s|$)))""",
                self._feet,
                needs="'′",
            ),
            rule(rf"""(?<![\w'"])(?:(?P<low>{_VALUE})\s?["″]?\s?[-–]\s?)?(?P<value>{_VALUE})\s?["″](?!\w)""", self._inches, needs='"″'),
            rule(
                r"(?<=[ ])(?P<value>\d+)[ ]?(?P<letter>[A-Z])\b(?![/°])",
                lambda m: f"{self._numbers.label(m['value'])} {m['letter']}",
                needs=DIGITS,
                behind=rf"\b(?:{_NAMES})\.?[ ]",
            ),
            rule(
                # a screw's thread
                r"\bM(?P<n>\d{1,2}(?:\.\d)?)[ ]?[x×][ ]?(?P<length>\d{1,3}(?:\.\d{1,2})?)(?P<unit>[ ]?mm)?(?!\w|\.\d)",
                lambda m: f"M {self.value(m['n'])} by {self.value(m['length'])}{' ' + self.name('mm', one=re.match('[ ][a-z]', m.string[m.end() : m.end() + 2]) is not None) if m['unit'] else ''}",
                needs="M",
            ),
            rule(
                rf"(?=[.\d])(?<![A-Za-z])(?P<values>{NUMBER}(?:\s?(?:{_SYMBOL})?\s?[x×*]\s?(?:{NUMBER})){{1,3}})(?P<unit>(?:\s?|-){_UNIT}{_END}(?:\.(?=[ ][a-z(]|[),;]))?)?(?![\w%])",
                self._sizes,
                needs="x×*",
            ),
            rule(
                rf"{_AHEAD}(?<!\w)(?P<low>{_SIGN}{_VALUE})(?:\s?(?P<lowunit>{_UNIT}))?(?:\s?[–—~]\s?|-|[ ]-[ ])(?P<high>[-−+]?{_VALUE})\s?-?(?P<unit>{_UNIT}){_END}(?:\.(?=[ ][a-z(]|[),;]))?",
                self._range,
                needs="-–—~",
            ),
            # "412 Mbps down/23 Mbps up"
            rule(r"/(?:(?<=[ ]down/)|(?<=[ ]up/)|(?<=[ ]high/)|(?<=[ ]low/)|(?<=[ ]on/)|(?<=[ ]off/))(?=\d)", lambda _: ", ", needs=("n/", "p/", "h/", "w/", "f/")),
            # "12GB/256GB"
            rule(r"(?<=[kMGT]B)/(?=\d{1,4}(?:\.\d)?[ ]?[kMGT]B\b)", lambda _: ", ", needs=("B/",)),
            rule(r"/(?<=[gG]as[ ]\d/)(?=\d{2,3}[ ]?°)", lambda _: ", ", needs=("as ",)),
            # two values with one unit and no fraction: 110/220 V, 2.4/5 GHz
            rule(rf"(?<![\w.,/])(?P<a>\d{{1,5}}(?:\.\d{{1,2}})?)/(?P<b>\d{{1,5}}(?:\.\d{{1,2}})?)(?=[ ]?(?!mm[ ]?Hg)(?P<unit>{_SYMBOL}){_END})", self._either, needs="/"),
            # of interest, unless it is the speed of an old modem
            rule(r"(?<![\w.,-])(?P<value>[-+−]?(?:\d{1,3}[-–])?\d{1,3})[ -]?bps?\b(?!/)(?![ ](?:fragment|DNA|long|primer|insert|read)s?\b)", self._basis_points, needs=("bp",)),
            # "30 days/720 hrs", "3-year/36,000-mile"
            rule(r"/(?:(?<=days/)|(?<=hours/)|(?<=weeks/)|(?<=months/)|(?<=years/)|(?<=miles/)|(?<=hrs/)|(?<=wks/)|(?<=mos/)|(?<=yrs/)|(?<=year/)|(?<=month/)|(?<=yr/))(?=\d)", lambda _: ", ", needs=("s/", "r/", "h/")),
            rule(r"(?<=[a-z])(?<!lbs)(?<!lb)/(?=\d{1,3}[ ]?(?:h|hr|hrs|hours|d|days|min|kg|mL|ml)\b)", lambda _: " per ", needs="/"),
            rule(r"(?:(?<=th)|(?<=ed))/(?P<per>L|mL|l|ml|kg|g|mol|m|s)(?!\w)", lambda m: f" per {self._per(m['per'])}", needs="/"),
            # "180 °C/160 °C fan", "4 g/24 h"
            rule(r"(?<=[°º])[ ]?/[ ]?(?=[-−]?\d)|(?<=[°º][CF])[ ]?/[ ]?(?=[-−]?\d|fan\b|gas\b)|(?<=fan)[ ]?/[ ]?(?=gas\b)", lambda _: ", ", needs="/"),
            rule(rf"{_AHEAD}(?<!\w)(?P<value>{_VALUE})[ ]?(?P<unit>{_SYMBOL})[ ]?/[ ]?(?P<n>\d{{1,4}}(?:\.\d{{1,3}})?)[ ]?(?P<per>{_SYMBOL}){_END}", self._in_so_much, needs="/"),
            rule(rf"{_AHEAD}(?<!\w)(?<!\w-)(?P<value>{_SIGN}{_VALUE})(?P<more>\+)?(?P<gap>[ ]?|-)(?P<unit>{_UNIT}){_END}(?:\.(?=[ ][a-z(=]|[),;]|[ ]{_WAY_AHEAD})|(?<=-(?:in|ft|lb|oz|mi|yr|hr|wk))\.(?=[ ][A-Z\d]))?", self._measure, needs=DIGITS + FRACTION_SIGNS),
            rule(rf"(?<![\w.,/])(?P<value>{NUMBER})[ ]?/[ ]?(?P<per>{alternatives([*_PER, 'km²', 'km2', 'm²', 'mi²'])}){_END}", lambda m: f"{self.value(m['value'])} per {self._per(m['per'])}", needs="/"),
            rule(rf"(?<=[a-z])(?<!\bday)(?<!\bDay)(?<!\bweek)(?<!\bmonth)[ ]?/[ ]?(?P<per>{alternatives(per for per in _PER if len(per) > 1 and per.isalpha() and per not in ('in', 'unit', 'person', 'piece', 'user'))}|side|load|cycle|trip|household|capita|dose|serving|batch|tray|session|lap|round|guest|request|room|zone)(?!\w)", lambda m: f" per {self._per(m['per'])}", needs="/"),
            rule(r"(?<=illion[ ])(?P<unit>mi|ly|gal|ha|bbl|sq\.?[ ]ft|sq\.?[ ]mi|sq\.?[ ]km|km²|m²|m³|mL|L)(?![\w²³/])(?:\.(?=[ ][a-z(]|[,;)]))?", lambda m: self.name(m["unit"], one=False), needs=("illion",)),
            rule(r"(?<=[a-z])[ ](?P<unit>J|N|W|V|Pa|Hz|eV|g|mol|K|C|m|s|L|Ω)(?![\w/'’]|[ ][A-Z])", lambda m: f" {self.name(m['unit'], one=False)}", needs=("to the",), behind=r"ten[ ]to[ ]the[ ][a-z -]{3,40}"),
            # A unit that stands for itself: "in °C", "the kWh price", "µg/m³".
            rule(rf"(?<![\w°/$€£])(?P<unit>°[CF]|[µμ]g/m[³3]|km/h|m/s|kWh|MWh|kW|hPa|mbar|m[²³]|km²|kWh/\w+|mg/dL|mmol/L|mL/min|ml/min|mg/kg|m/s[²2]|mg/mL|mg/ml|oz|lbs?|kg|km|cm|mph|kph|GHz|MHz|kcal|mL|[tT]bsps?|tsps?|psi|kbps|Gbps|fl[ ]oz|mg/mL|mg/ml|g/L|kg/m[²³]|L/min|W/m[²2]|dB|Mbps|Mbit/s|MB/s){_END}", self._bare),
        )  # fmt: skip

    def name(self, symbol: str, *, one: bool) -> str:
        """What a unit is called, with what it is per: "km/h" → "kilometers per hour"."""
        head, slash, per = symbol.partition("/")
        # A unit with a slash of its own, should there be one, is in the table as it stands.
        words = _form(UNITS[head], one=one)
        if slash:
            words += f" per {self._per(per)}"
        return words.replace("meter", "metre").replace("liter", "litre") if self._numbers.british else words

    def value(self, written: str) -> str:
        """A number, fraction or mixed number in words."""
        sign = ""
        if written[0] in "-+±−–":
            sign, written = self._numbers.number(f"{written[0]}0").removesuffix("zero"), written[1:].lstrip()
        if written[-1] in FRACTION_SIGNS:
            numerator, denominator = sign_fraction(written[-1])
            whole = written[:-1].strip()
        elif "/" in written:
            *wholes, fraction = written.split(" ")
            whole = wholes[0] if wholes else ""
            numerator, denominator = map(int, fraction.split("/"))
        else:
            return sign + self._numbers.number(written)
        if whole:
            return sign + self._numbers.mixed(whole, numerator, denominator)
        return sign + self._numbers.fraction(numerator, denominator)

    def _per(self, symbol: str) -> str:
        return _PER.get(symbol) or (
            self.name(symbol, one=True) if symbol.partition("/")[0] in UNITS else symbol
        )

    def _measure(self, match: re.Match[str]) -> str | None:
        value, unit = match["value"], match["unit"]
        if not _is_unit_here(match):
            return None
        one = _is_singular(value)
        is_adjective = match["gap"] == "-" or (unit not in _NEVER_ADJECTIVES and _is_adjective(match))
        words = self.name(unit, one=one or is_adjective)
        if unit in ("°F", "°C", "°") and match["gap"] == "-":
            words = self.name(unit, one=False)
        return f"{self.value(value)} {'plus ' if match['more'] else ''}{words}"

    def _either(self, match: re.Match[str]) -> str | None:
        a, b = match["a"], match["b"]
        if match["unit"] in _FILLED and a != "1" and float(a) < float(b):
            return f"{self.value(a)} of {b}"  # so much of a disk
        if match["unit"] in ("mpg", "MPG"):
            return f"{self.value(a)}, {b}"  # in town and outside
        if a == "1" or ("." not in a + b and (int(b) <= 16 or (int(b) in (32, 64) and int(a) < int(b)))):
            return None
        return f"{self.value(a)} slash {b}"

    def _spoonful(self, match: re.Match[str]) -> str:
        n = match["n"].strip()
        name = {"c": "cup", "C": "cup", "T": "tablespoon", "t": "teaspoon"}[match["what"]]
        return f"{self.value(n)} {name}{'' if _is_singular(n) else 's'}"

    def _count_of(self, match: re.Match[str]) -> str | None:
        text = match.string
        around = text[max(0, match.start() - 40) : match.start()] + text[match.end() : match.end() + 40]
        return None if _JEWEL_RE.search(around) else f"{self.value(match['n'])} count"

    def _basis_points(self, match: re.Match[str]) -> str | None:
        low, dash, high = match["value"].partition("-" if match["value"][0] != "-" else "–")
        if "–" in match["value"]:
            low, dash, high = match["value"].partition("–")
        if match["value"] in ("110", "300"):
            return None
        words = f"{self.value(low)} to {self.value(high)}" if dash else self.value(low)
        one = is_one(match["value"]) or _is_adjective(match) or "-bp" in match.group()
        return f"{words} basis point{'' if one else 's'}"

    def _in_so_much(self, match: re.Match[str]) -> str | None:
        if (
            match["unit"] in ("K", "C", "F") and match["unit"] != match["per"]
        ) or f"{match['n']} {match['per']}" in _PER:
            return None  # "per hundred grams" has a name
        is_adjective = _is_adjective(match)
        first = f"{self.value(match['value'])} {self.name(match['unit'], one=is_adjective or _is_singular(match['value']))}"
        # 4 g/24 h, but 220 V/50 Hz; and 23 kg/50 lb and 5 m/10 m are two
        is_twice = match["unit"] == match["per"] or any(
            {match["unit"], match["per"]} <= alike for alike in _ALIKE
        )
        joint = " per" if match["per"] in _SO_MUCH and not is_twice else ","
        return f"{first}{joint} {self.value(match['n'])} {self.name(match['per'], one=is_adjective or is_one(match['n']))}"

    def _range(self, match: re.Match[str]) -> str | None:
        low_unit, unit = match["lowunit"], match["unit"]
        if not _is_unit_here(match):
            return None
        low, high = self.value(match["low"]), self.value(match["high"])
        joint = "to"
        if match.string.startswith(" equals", match.end()) or (low_unit == unit and " - " in match.group()):
            joint = "minus"
            if low_unit:
                low += f" {self.name(low_unit, one=_is_singular(match['low']))}"
                low_unit = None
        if low_unit and low_unit != unit and not unit.endswith(low_unit):
            low += f" {self.name(low_unit, one=_is_singular(match['low']))}"
        return (
            f"{low} {joint} {high} {self.name(unit, one=_is_singular(match['high']) or _is_adjective(match))}"
        )

    def _sizes(self, match: re.Match[str]) -> str:
        unit = (match["unit"] or "").strip(" -")
        unit = unit if unit in UNITS else unit.removesuffix(".")
        spaced = re.search(r"\s[×*x]\s", match["values"]) is not None
        is_size = (
            unit in _LENGTHS
            or (not spaced and "x" in match["values"])
            or (not spaced and re.fullmatch(r"\d{3,}×\d{3,}", match["values"]) is not None)
        )
        text = match.string
        is_product = re.match(r" equals| is \d| reps?\b", text[match.end() : match.end() + 7]) or text[
            max(0, match.start() - 7) : match.start()
        ].endswith("equals ")
        if (
            not is_product
            and not unit
            and (
                (not spaced and "*" not in match["values"])
                or "x" in match["values"]
                or re.fullmatch(r"[\d,]{3,} ?[×*] ?[\d,]{3,}", match["values"])
            )
        ):
            is_size = True  # "1,920 x 1,080", "a 10 x 10 grid"
        joint = "by" if is_size else "times"
        parts = re.split(r"\s?[x×*]\s?", match["values"])
        # a screen's pixels are no count: "nineteen twenty by ten eighty"
        is_of_pixels = (
            joint == "by" and len(parts) == 2 and all(re.fullmatch(r"\d{3,4}", part) for part in parts)
        )
        words = f" {joint} ".join(self._size(part, unit, is_of_pixels=is_of_pixels) for part in parts)
        if unit:
            words += f" {self.name(unit, one=(match['unit'] or '').startswith('-') or _is_adjective(match))}"
        return words

    def _size(self, part: str, unit: str, *, is_of_pixels: bool) -> str:
        found = re.fullmatch(rf"({NUMBER})\s?({_SYMBOL})?", part, re.VERBOSE)
        assert found is not None, part
        is_label = unit in ("", "px") and is_of_pixels
        words = self._numbers.label(found[1]) if is_label else self._numbers.number(found[1])
        if found[2] and found[2] != unit:
            words += f" {self.name(found[2], one=False)}"
        return words

    def _feet(self, match: re.Match[str]) -> str | None:
        if (
            not match["inches"]
            and not match["bare"]
            and re.search(r"(?:^|[\s(])'\w[^']*$", match.string[max(0, match.start() - 80) : match.start()])
        ):
            return None  # the end of a quotation: 'the answer is 42'
        is_adjective = not match["inches"] and not match["bare"] and _is_adjective(match)
        one = match["feet"] == "1" or is_adjective  # "a 6' ladder"
        words = f"{self.value(match['feet'])} {'foot' if one else 'feet'}"
        if match["inches"] or match["bare"]:
            inches = (match["inches"] or match["bare"]).strip()
            words += f" {self.value(inches)} {'inch' if inches == '1' else 'inches'}"
        return words

    def _inches(self, match: re.Match[str]) -> str | None:
        text = match.string
        sign = text[match.end() - 1]
        # A quotation that was opened before closes here: 'He said "give me 24"'. Whoever opens one keeps it short.
        if sign == '"' and _in_quotation(text, match.start()):
            return None
        adjective = re.match(
            rf"\s(?!(?:{_NO_NOUN}|tall|wide|long|deep|high|thick|possible|likely|downtown|uptown|inland|upstate|north|south|east|west|tonight|tomorrow|today|overnight|around|along|near|across|[a-z]+ed)\b)(?:[48]K\b|\d{{2,3}}[ ]?Hz|[A-Za-z])",
            text[match.end() : match.end() + 16],
        )
        words = f"{self.value(match['value'])} {'inch' if adjective or _is_singular(match['value']) else 'inches'}"
        return f"{self.value(match['low'])} to {words}" if match["low"] else words

    def _angle(self, match: re.Match[str]) -> str:
        words = f"{self.value(match['deg'])} degrees {self.value(match['min'])} minutes"
        if match["sec"]:
            words += f" {self.value(match['sec'].rstrip('.'))} seconds"
        return f"{words} {_COMPASS[match['to']]}" if match["to"] else words

    def _compass(self, match: re.Match[str]) -> str:
        return f"{self.value(match['value'])} degrees {_COMPASS[match['to']]}"

    def _bare(self, match: re.Match[str]) -> str | None:
        unit = match["unit"]
        head, slash, per = unit.partition("/")
        if head not in UNITS or (slash and per not in _PER and per not in UNITS):
            return None
        return self.name(
            unit,
            one=re.search(r"\b(?:per|a|each|one) $", match.string[max(0, match.start() - 6) : match.start()])
            is not None,
        )


def _form(name: str, *, one: bool) -> str:
    """One of the two forms of a name in the table; what follows a "|" pair belongs to both."""
    if "|" in name:
        singular, plural = name.split("|")
        tail = plural.partition(" of ")[1:] if " of " in plural else plural.partition(" per ")[1:]
        return singular + "".join(tail) if one else plural
    return name.replace("~", "" if one else "s")


def _in_quotation(text: str, position: int) -> bool:
    """Whether a quotation is open there. A mark behind a figure closes one, or else it is an inch."""
    is_open = False
    for quote in _QUOTE_RE.finditer(text, max(0, position - 200), position):
        is_open = (
            not is_open if is_open or not text[quote.start() - 1 : quote.start()].isnumeric() else is_open
        )
    return is_open


def _is_adjective(match: re.Match[str]) -> bool:
    """Whether a measure stands between an article and what it says something of: "a 5 kg bag"."""
    text = match.string
    before, after = (
        text[max(0, match.start() - 9) : match.start()].lower(),
        text[match.end() : match.end() + 24],
    )
    if match.groupdict().get("unit") in ("oz", "fl oz", "g", "ml") and re.match(
        r"\.? cans? (?:[a-z]+ )?[a-z]", after
    ):
        return True
    if _is_plain_unit(match) and _SIZED_RE.match(after):
        return True
    if before.endswith("(") and _PACKED_RE.match(after):
        return True  # "1 (8 oz.) package"
    if (
        _ONE_RE.search(text[max(0, match.start() - 9) : match.start()])
        and _is_plain_unit(match)
        and _CLAUSE_END_RE.match(after)
    ):
        return True  # "you need a 9V."
    return _ARTICLE_RE.search(before) is not None and _NOUN_RE.match(after) is not None


def _of_medicine(match: re.Match[str]) -> str:
    name = "tablet" if match["what"] == "tab" else "capsule"
    is_one_of = match["n"].strip() in ("1", "½", "1/2")
    return f"{match['n']}{name}{'' if is_one_of else 's'}{'.' if is_end(match.string, match.end()) else ''}"


def _is_plain_unit(match: re.Match[str]) -> bool:
    """Whether a unit is a word of its own, as minutes are, and not degrees or a share: "3 °C high"."""
    return (match.groupdict().get("unit") or "").strip().rstrip(".").isascii()


def _is_singular(value: str) -> bool:
    return (
        is_one(value)
        or ("/" in value and " " not in value and not is_over(*map(int, value.split("/"))))
        or (len(value) == 1 and value in FRACTION_SIGNS)
    )


def _is_unit_here(match: re.Match[str]) -> bool:
    """Whether a symbol that is also a word or a name is a unit behind this number."""
    unit, text = match["unit"], match.string
    value = match.groupdict().get("value") or match["high"]
    glued = text[match.start("unit") - 1].isdigit()
    after = text[match.end() : match.end() + 12]
    match unit:
        case "in":
            return (
                glued
                or match.groupdict().get("gap") == "-"
                or match.group().endswith(".")
                or re.match(
                    r"\.?(?:$|[,;)?!]|\s(?:x|by|tall|wide|long|deep|high|thick|of\s(?:rain|snow)|tonight|tomorrow|today|overnight|screen|monitor|TV|in\s)|\.\s[a-z])",
                    after,
                )
                is not None
            )
        case "HP":
            return not re.match(r"\s(?:printer|laptop|computer|PC|server|desktop|monitor|ink|point)", after)
        case "K":
            return len(value) > 3 or not glued
        case "s":
            # "the 80s", "in the 1990s"
            return not (
                glued
                and value.endswith("0")
                and len(value) in (2, 4)
                and re.search(
                    r"(?:the|his|her|their|my|your|our|early|mid|late|mid-|late-|early-|upper|lower|low|high)[ ]?$",
                    text[max(0, match.start() - 8) : match.start()],
                    re.IGNORECASE,
                )
            )
        case "A" | "C" | "F" | "V" | "N" | "J" | "T":
            # "5 A students" is rare, "Vitamin 5 A." rarer; but an article has no number before it: "at 5 A man"
            # nor is it one end of a cable: "2 F-F cables"
            return (glued or not (unit == "A" and re.match(r"\s[a-z]", after))) and not re.match(
                "[-–][A-Z]", after
            )
        case _:
            return True
