"""English words for sums of money: $3.50, €1,000, £2.5m, 20 USD, $5–10, 30 ¢/kWh. Knows no exchange rates."""

from __future__ import annotations

import re
from typing import NamedTuple

from wyoming_kokoro.text.spoken.english.numbers import NUMBER, Numbers
from wyoming_kokoro.text.spoken.english.units import Units
from wyoming_kokoro.text.spoken.rules import Rule, alternatives, is_end, rule


class Currency(NamedTuple):
    """What one and several are called, and their hundredths where there are any."""

    one: str
    many: str
    cent: str = ""
    cents: str = ""


_DOLLAR = Currency("dollar", "dollars", "cent", "cents")
_EURO = Currency("euro", "euros", "cent", "cents")
_POUND = Currency("pound", "pounds", "penny", "pence")
_YEN = Currency("yen", "yen")
_RUPEE = Currency("rupee", "rupees", "paisa", "paise")
_CURRENCIES = {
    "$": _DOLLAR,
    "€": _EURO,
    "£": _POUND,
    "¥": _YEN,
    "₹": _RUPEE,
    "₩": Currency("won", "won"),
    "₽": Currency("ruble", "rubles"),
    "₺": Currency("lira", "lira"),
    "₿": Currency("bitcoin", "bitcoin"),
    "₫": Currency("dong", "dong"),
    "₪": Currency("shekel", "shekels"),
    "฿": Currency("baht", "baht"),
    "₴": Currency("hryvnia", "hryvnias"),
    **{
        f"{country}$": Currency(f"{name} dollar", f"{name} dollars", "cent", "cents")
        for country, name in {
            "US": "US", "A": "Australian", "AU": "Australian", "C": "Canadian", "CA": "Canadian", "NZ": "New Zealand",
            "HK": "Hong Kong", "S": "Singapore",
        }.items()
    },
    "R$": Currency("real", "reais", "centavo", "centavos"),
}  # fmt: skip
_CODES = {
    "USD": Currency("US dollar", "US dollars", "cent", "cents"), "EUR": _EURO, "GBP": _POUND, "JPY": _YEN,
    "CHF": Currency("Swiss franc", "Swiss francs"), "CAD": _CURRENCIES["CA$"], "AUD": _CURRENCIES["AU$"],
    "NZD": _CURRENCIES["NZ$"], "INR": _RUPEE, "CNY": Currency("yuan", "yuan"), "RMB": Currency("yuan", "yuan"),
    "SEK": Currency("Swedish krona", "Swedish kronor"), "NOK": Currency("Norwegian krone", "Norwegian kroner"),
    "DKK": Currency("Danish krone", "Danish kroner"), "PLN": Currency("zloty", "zlotys"),
    "CZK": Currency("Czech koruna", "Czech korunas"), "BRL": _CURRENCIES["R$"],
    "MXN": Currency("Mexican peso", "Mexican pesos"), "KRW": _CURRENCIES["₩"], "BTC": _CURRENCIES["₿"],
    "ZAR": Currency("rand", "rand"), "SGD": _CURRENCIES["S$"], "HKD": _CURRENCIES["HK$"], "kr": Currency("krona", "kronor"),
}  # fmt: skip
_SCALES = {
    "k": "thousand", "K": "thousand", "m": "million", "M": "million", "mn": "million", "mm": "million", "MM": "million",
    "b": "billion", "B": "billion", "bn": "billion", "bln": "billion", "t": "trillion", "T": "trillion", "tn": "trillion",
    "thousand": "thousand", "million": "million", "billion": "billion", "trillion": "trillion",
    "mil": "million", "hundred": "hundred",
}  # fmt: skip
_PER = {
    "mo": "month", "month": "month", "yr": "year", "y": "year", "year": "year", "wk": "week", "week": "week",
    "day": "day", "d": "day", "night": "night", "hr": "hour", "h": "hour", "hour": "hour", "person": "person",
    "pp": "person", "ea": "each", "each": "each", "unit": "unit", "user": "user", "item": "item", "seat": "seat",
    "kWh": "kilowatt hour", "MWh": "megawatt hour", "kg": "kilogram", "lb": "pound", "g": "gram", "l": "liter", "L": "liter",
    "gal": "gallon", "gallon": "gallon", "m²": "square meter", "m2": "square meter", "sq ft": "square foot",
    "sqft": "square foot", "GB": "gigabyte", "min": "minute", "mile": "mile", "mi": "mile", "km": "kilometer", "oz": "ounce", "fl oz": "fluid ounce", "fl. oz": "fluid ounce",
    "bbl": "barrel", "doz": "dozen", "qtr": "quarter", "t": "ton", "MMBtu": "million BTU", "wks": "week", "pc": "piece", "sh": "share", "qt": "quart", "ft": "foot", "in": "inch",
}  # fmt: skip

_PAIRED = {
    **{code: currency.one for code, currency in _CODES.items() if code.isupper()},
    "TRY": "Turkish lira", "HUF": "forint", "THB": "baht", "ILS": "shekel", "RUB": "ruble", "UAH": "hryvnia", "ETH": "ether",
}  # fmt: skip
"""What codes are called where two of them stand together; some of these are words alone."""
_OF_EACH = {
    "pp": "per person", "pppn": "per person per night", "pcm": "per calendar month", "pw": "per week", "p.a.": "per annum",
    "ea": "each", "ea.": "each",
}  # fmt: skip

_SIGN = alternatives(_CURRENCIES)
_CODE = alternatives(_CODES)
_SCALE = rf"(?:[ ]?(?P<scale>{alternatives(_SCALES)})(?!\w|/(?!yr|year|mo|month|day|hr|hour|wk|week|person|unit|user|seat|share)|[ ]?²))"
_RATE = (
    rf"(?:\s?/\s?(?P<per>{alternatives(_PER)}|(?<=/)[a-z]{{3,12}}(?!/))(?![\w²])(?:\.(?=[,;)]|[ ][a-z(]))?)?"
)
_SPAN = r"\s?[-–—]\s?"
_EACH = rf"(?:[ ]?(?P<each>{alternatives(_OF_EACH)})(?!\w))?"
_MINUS = r"(?P<minus>(?<![\w.)])[-−+][ ]?)?"


class Money:
    """Reads sums as one of the two Englishes does."""

    def __init__(self, numbers: Numbers, units: Units) -> None:
        self._numbers, self._units = numbers, units

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied."""
        signs = "".join({char for sign in _CURRENCIES for char in sign if not char.isalpha()})
        return (
            # dollars of the US, unless they are spent there
            rule(r"(?<!\bthe[ ])(?<!\bThe[ ])(?<!\bin[ ])\bUS[ ](?=\$\d)", lambda _: "US", needs=("US $",)),
            rule(r"(?<![\w.,/$€£])(?P<n>\d{1,2})/(?=[$€£]\d)", lambda m: f"{self._numbers.cardinal(m['n'])} for ", needs=("/$", "/€", "/£")),
            rule(rf"\b(?P<a>{alternatives(_PAIRED)})/(?P<b>{alternatives(_PAIRED)})\b", self._pair, needs="/"),
            rule(
                rf"{_MINUS}(?<![A-Za-z])(?P<sign>{_SIGN})\s?(?P<low>[-−]?(?:{NUMBER}))(?:{_SPAN}(?:{_SIGN})?\s?(?P<high>{NUMBER}))?{_SCALE}?(?P<plus>\+(?!\w))?{_RATE}{_EACH}(?:[ ](?P<code>USD|CAD|AUD|NZD)\b)?",
                self._sum,
                needs=signs,
            ),
            rule(
                rf"(?=[-−+.\d]){_MINUS}(?<![\w.,])(?P<low>{NUMBER})(?:{_SPAN}(?P<high>{NUMBER}))?{_SCALE}?[ ]?(?P<sign>[€£¥₹₽₺₩₫₪฿]|\$(?!\d)){_RATE}",
                self._sum,
                needs=signs,
            ),
            rule(
                rf"(?=[-−+.\d]){_MINUS}(?<![\w.,])(?P<low>{NUMBER})(?:{_SPAN}(?P<high>{NUMBER}))?{_SCALE}?[ ]?(?P<sign>{_CODE})\b{_RATE}",
                self._sum,
                needs=tuple(_CODES),
            ),
            rule(
                rf"{_MINUS}\b(?P<sign>{_CODE})[ ]?(?P<low>{NUMBER})(?:{_SPAN}(?P<high>{NUMBER}))?{_SCALE}?{_RATE}",
                self._sum,
                needs=tuple(_CODES),
            ),
            rule(
                rf"(?<![\w.,])(?P<low>{NUMBER})(?:{_SPAN}(?P<high>{NUMBER}))?[ ]?(?P<coin>¢|ct(?=/)|c(?=/kWh)|(?<!240)(?<!360)(?<!480)(?<!720)(?<!1080)(?<!1440)(?<!2160)p(?=\b(?!\.[ ]?m)))(?![\w.]\w){_RATE}",
                self._coins,
                needs="¢cp",
            ),
            rule(rf"(?P<sign>[€£$])/(?P<per>{alternatives(_PER)})\b", lambda m: f"{_CURRENCIES[m['sign']].many} per {self._per(m['per'])}", needs="€£$"),
        )  # fmt: skip

    def _pair(self, match: re.Match[str]) -> str:
        """EUR/USD → euro dollar; which dollar is said only beside another one."""
        a, b = _PAIRED[match["a"]], _PAIRED[match["b"]]
        if not (a.endswith(" dollar") and b.endswith(" dollar")):
            a, b = (name.removeprefix("US ") for name in (a, b))
        return f"{a} {b}"

    def _sum(self, match: re.Match[str]) -> str | None:
        groups = match.groupdict()
        currency = _CURRENCIES.get(match["sign"]) or _CODES[match["sign"]]
        if groups.get("code"):
            currency = _CODES[match["code"]]
        low, high, scale = match["low"], match["high"], match["scale"]
        sign = "plus " if (match["minus"] or "").startswith("+") else "minus " if match["minus"] else ""
        if low[0] in "-−":
            sign, low = "minus ", low[1:]
        if high:
            last = self._numbers.number(high)
            is_adjective = _has_article(match) or _names_paper(match)
            words = f"{self._numbers.number(low)} to {last} {f'{_SCALES[scale]} ' if scale else ''}{currency.one if is_adjective else currency.many}"
        elif scale:
            words = f"{self._numbers.number(low)} {_SCALES[scale]} {currency.many}"
            if _has_article(match) or re.match(
                r"[ ](?:[a-z]+-)?(?:deal|lawsuit|house|home|project|investment|contract|fund|company|grant|fine|budget|bill|package|plan|program|verdict|settlement|deficit|surplus|merger|takeover|acquisition|bid|stimulus|bailout|industry|market|jackpot|bond|campaign|facility|plant|factory|stadium|estate|bonus|penalty|business|mansion|prize|loan)\b",
                match.string[match.end() : match.end() + 30],
            ):
                words = f"{self._numbers.number(low)} {_SCALES[scale]} {currency.one}"
        else:
            words = self._exact(low, currency)
            if (_has_article(match) or _names_paper(match)) and "." not in low.removesuffix(".00"):
                words = f"{self._numbers.number(low.removesuffix('.00'))} {currency.one}"
            elif (
                _has_article(match)
                and currency.cent
                and re.match(r"[ ][a-z]", match.string[match.end() : match.end() + 2])
            ):
                words = words.replace(currency.many, currency.one).replace(currency.cents, currency.cent)
        if groups.get("plus"):
            words += " plus"
        if match["per"]:
            words += " each" if match["per"] in ("ea", "each") else f" per {self._per(match['per'])}"
        if groups.get("each"):
            words += f" {_OF_EACH[match['each']]}"
            if match["each"].endswith("ea.") and is_end(match.string, match.end()):
                words += "."
        return sign + words

    def _exact(self, written: str, currency: Currency) -> str:
        """3.50 → three dollars and fifty cents; 0.305 has no cents."""
        whole, point, cents = written.replace(",", "").partition(".")
        whole = whole or "0"
        if point and (not currency.cent or len(cents) != 2):
            return f"{self._numbers.number(written)} {currency.many}"
        n_whole, n_cents = int(whole), int(cents or 0)
        parts = []
        if n_whole or not n_cents:
            parts.append(
                f"{self._numbers.cardinal(str(n_whole))} {currency.one if n_whole == 1 else currency.many}"
            )
        if n_cents:
            parts.append(
                f"{self._numbers.cardinal(str(n_cents))} {currency.cent if n_cents == 1 else currency.cents}"
            )
        return " and ".join(parts)

    def _coins(self, match: re.Match[str]) -> str:
        low, high = match["low"], match["high"]
        one = low == "1" and not high
        name = ("penny" if one else "pence") if match["coin"] == "p" else ("cent" if one else "cents")
        words = self._numbers.number(low)
        if high:
            words += f" to {self._numbers.number(high)}"
        words += f" {name}"
        return f"{words} per {self._per(match['per'])}" if match["per"] else words

    def _per(self, symbol: str) -> str:
        words = _PER.get(symbol, symbol)
        return words.replace("meter", "metre").replace("liter", "litre") if self._numbers.british else words


def _has_article(match: re.Match[str]) -> bool:
    """Whether a sum says what something else is: "a $5 bill", "a $40M valuation"."""
    before = match.string[max(0, match.start() - 4) : match.start()]
    return re.search(r"(?:^|\W)an? $", before, re.IGNORECASE) is not None


_PAPER_RE = re.compile(r" (?:dollar )?(?:bills?|banknotes?|gift cards?|vouchers?|coupons?)\b")


# "the $15 fee", and not "the $15 you owe".
_OWN_RE = re.compile(r"\b(?:the|this|that|its|his|her|their|my|our|your|each|any|no|every) \Z", re.IGNORECASE)
_PAID_RE = re.compile(
    r" (?:[a-z]+ly |annual |one-time |late |entry |entrance |flat |gift )?(?:fee|charge|tip|deposit|tickets?|discount|coupon|credit|refund|gift|price|plan|subscription|toll|co-?pay|fine|limit|cap|minimum|maximum|budget|bonus|prize|reward|rebate|"
    r"surcharge|donation|pledge|membership|pass|meal|note|card|option|version|model|bet|target|threshold|mark|investment|loan|raise|increase)s?\b"
)


def _names_paper(match: re.Match[str]) -> bool:
    """Whether a sum says what a piece of paper is worth: "$20 bills", and not "the $20 bill is due" of a phone."""
    if _PAPER_RE.match(match.string, match.end()):
        return True
    before = match.string[max(0, match.start() - 8) : match.start()]
    return _OWN_RE.search(before) is not None and _PAID_RE.match(match.string, match.end()) is not None
