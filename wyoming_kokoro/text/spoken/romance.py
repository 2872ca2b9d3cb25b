"""What Spanish, French, Italian and Portuguese write alike beside figures, said from a table that each of them fills.

Addresses and telephone numbers, Roman numerals, months and days cut short, time that is left, millions of money, versions,
arithmetic, powers. Knows no word of the languages; figures themselves are read by `grammar`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from wyoming_kokoro.text.spoken.english.numbers import roman
from wyoming_kokoro.text.spoken.grammar import (
    SEPARATOR,
    Grammar,
    Noun,
    day_spans,
    number_pattern,
    written_durations,
)
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, alternatives, is_end, rule

# Names that are the front of an entity in Home Assistant: "light.kitchen".
_DOMAINS = (
    "alarm_control_panel|automation|binary_sensor|button|calendar|camera|climate|cover|device_tracker|event|fan|group|"
    "humidifier|image|input_boolean|input_button|input_datetime|input_number|input_select|input_text|lawn_mower|light|lock|"
    "media_player|notify|number|person|remote|scene|schedule|script|select|sensor|siren|sun|switch|timer|todo|tts|update|"
    "vacuum|valve|water_heater|weather|zone"
)
# Of hosts without a scheme only such as no sentence that lacks its space ends in: not "so", "se", "no".
_TLD = (
    "com|org|net|edu|gov|gob|gouv|io|ai|app|dev|tv|info|local|lan|eu|es|fr|it|br|pt|mx|ar|cl|be|ch|ca|uk|de"
)
_EXTENSION = (
    "py|js|json|yaml|yml|toml|ini|conf|txt|md|csv|xml|html|css|sh|zip|tar|gz|rar|iso|img|deb|apk|pdf|docx?|xlsx?|pptx?|odt|jpe?g|png|"
    "gif|svg|mp3|mp4|wav|flac|ogg|mkv|avi|log|db|sqlite|sql|exe|onnx"
)
_TAIL = r"[^\s<>\"'“”«»()\[\]{}|]"
_TAIL_END = r"(?<![.,;:!?])"  # a mark at the end belongs to the sentence
_ADDRESS_PARTS_RE = re.compile(r"[A-Za-zÀ-ÿ]+|\d+|.")

# What has versions, of which two numbers with a point are no decimal.
_VERSIONED = (
    r"[Vv]ersion[es]?|[Vv]ersión|[Vv]ersões|[Vv]ersão|[Rr]elease|[Ff]irmware|[Pp]ython|Android|iOS|iPadOS|macOS|Windows|Ubuntu|Debian|"
    r"[Aa]rt[ií]culo|[Aa]rticolo|[Aa]rticle|[Aa]rtigo|[Aa]partado|[Ss]ección|[Ss]ezione|[Ss]ection|[Ss]eção|[Pp]unto|[Pp]oint|[Pp]onto|[Cc]apítulo|[Cc]hapitre|[Cc]apitolo|"
    r"Assistant|HA|Core|Supervisor|ESPHome|HAOS|OS|USB|HDMI|Bluetooth|Zigbee|Matter|Node|CUDA|PyTorch|Kernel|kernel"
)

# What names a unit even without figures.
_BARE = frozenset(
    ["km/h", "m/s", "m²", "m³", "km²", "cm²", "µg/m³", "W/m²", "kWh", "MWh", "kW", "°C", "°F", "hPa", "Mbps", "Mbit/s", "Mb/s", "km", "kg", "cm", "mm", "dB", "ppm"]
)  # fmt: skip
_SEVERAL = "los|les|aos|às|nos|nas|as|os"  # of what follows there are many
_FIGURE_RE = re.compile(r"\d[ ]\Z")
_SCORER_RE = re.compile(r"\d[ ]?[-–xa][ ]?\d[^.!?]{1,80}[A-ZÀ-Þ][\w.'’-]{1,20},?[ ]\Z")  # "2-1 (Kane, 21'"
_LISTED_RE = re.compile(r"\d['′](?:,|[ ](?:y|e|et))[ ]\Z")
_DAYS_OR_WORDS = "mar|mer|jeu|ter|dom|ven|seg|qui|sam|dim"  # and the sea, to have, a game, seconds, …

_NUMERAL = r"(?P<n>[IVXLC]{1,9})(?![\w'’])"
# Kings by the names that they have at home, in every language.
_KINGS = "Charles|William|Willem|Philip|Philippe|Otto|George|Henry|James|Edward|Louis|Haakon|Olav|Frederik|Christian|Mohammed|Abdullah|Albert|Karl|Friedrich|Wilhelm|Ludwig|Rama"
_LAW_RE = re.compile(
    r"\b(?:ley|loi|legge|lei|decreto|décret|orden|ordre|directiva|directive|direttiva|diretiva|reglamento|règlement|regolamento|regulamento|"
    r"sentencia|resolución|resolução|delibera|portaria|expediente|processo|proceso|factura|fattura|fatura|facture|UE|CE|EU)\b[^.!?]{0,40}\Z"
    r"|(?:[Nn]\.?[º°]|[Nn]úm\.|[Nn]\.)[ ]?\Z",
    re.IGNORECASE,
)
_LIST = 60  # characters; more than days cut short take, that are named in a row
_MAX_NUMERAL = 60  # behind a name; centuries and kings do not go so far, and CC, LCD and the like begin
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


@dataclass(frozen=True)
class Numerals:
    """Which Roman numerals are said how."""

    ruler: Callable[[int, bool], str]
    """Behind the name of a king, queen or pope, and whether it is a woman's: "sexto", "segunda", "quatorze"."""

    kings: str
    queens: str
    """Patterns of their names, and of what has its rank behind it as they have: "canto quinto"."""

    rank: Callable[[int, bool, str], str]
    """Before a noun, from the number, whether it is feminine, and the mark behind the numeral, if any."""

    century: str
    """Pattern of what stands before a century."""

    said_century: Callable[[str], str]
    """What is said for that, from how it is written."""

    ranked_centuries: bool = False
    """Whether centuries are ranks, and not counted: "secolo ventesimo"."""

    heads: str = r"(?!)"
    """Pattern of words behind which even one letter is a number: "capítulo V"."""

    masculine_articles: str = r"(?!)"
    feminine_articles: str = r"(?!)"
    """Patterns of what stands before a numeral and its noun: "la II guerra"."""

    masculine_nouns: str = r"(?!)"
    feminine_nouns: str = r"(?!)"
    """Patterns of nouns that have a rank before them without an article."""

    mark: str = ""
    """Pattern of letters that make a numeral a rank by themselves: "XXe"."""


@dataclass(frozen=True)
class Magnitude:
    """Millions and their like, of money."""

    one: str
    many: str
    is_joined: bool = True
    """Whether a preposition follows: "millones de euros", but "mil euros"."""


@dataclass(frozen=True, eq=False)
class Romance:
    """What a Romance language fills in."""

    spelled: Mapping[str, str]
    """Words for signs in addresses."""

    hashtag: str
    version: str
    """The word for a v before figures."""

    phones: tuple[str, ...]
    """Patterns of telephone numbers without the code of a country."""

    numerals: Numerals
    abbreviations: Mapping[str, str]
    """Those that are read before figures are, as they are part of how these are read, or look like units."""

    closing: str
    """Which abbreviations sentences end with, so that a capital behind their stop begins another; with | between them."""

    before_names: Mapping[str, str]
    """Those that mean something only before a capital: "D. Juan", but vitamin D."""

    before_figures: Mapping[str, str]
    """Those that mean something only before figures: "p. 45"."""

    months: Mapping[str, int]
    """Months cut short, without their stops."""

    in_month: str
    """Pattern of what stands before such a month that has no figures beside it."""

    left: str
    """Pattern of words before time that is left or that something takes, 1:05 of which are a minute and five seconds."""

    timer: str
    """Pattern of words for a timer, that may have a name before such a time."""

    month_year: str
    """Between month and year."""

    day_lead: str
    """Pattern of what stands before a day whose month is in figures, as 24/12 without its year."""

    magnitudes: Mapping[str, Magnitude]
    of: Callable[[str], str]
    """The preposition with a currency: "de euros", "d'euros"."""

    square: str
    cube: str
    power: str
    """Behind what is raised, the last before the power."""

    divided: str
    times: str
    every: str
    """Before how long it is from one time to the next: "1 comp./12 h"."""

    over: str
    """Between two figures with a slash that are no fraction: "120/80"."""

    out_of: str
    """Between what somebody has reached and what there is to reach: "8/10"."""

    often: Noun
    """The word for how often: "3x al día"."""

    inch: Noun
    warm: str
    """Pattern of words for how warm it is, behind which 25º are degrees."""
    between: str
    """Pattern of what stands before the two ends of a range, between which is "and" then: "entre 5-10 minutos"."""

    fewer: str
    more: str
    """Before how many there are, for < and > behind a word: "niños < 12 años"."""

    and_centimetres: str
    """Between metres and what of the next is there: "un metro setenta"."""

    has: str = r"(?!)"
    """Pattern of what follows "ha" where it is no hectare, but what a thing with a number has or has done."""

    nth_minute: Callable[[int], str] | None = None
    """A minute of a match, where that is a rank: "al 21'"; None: as a number."""

    flight: str = r"(?!)"
    """Pattern of words before the number of a flight that is read figure by figure."""

    phone_group: Callable[[Grammar, str], str] = field(
        default=lambda grammar, figures: grammar.digits(figures)
    )
    """How figures that stand together in a telephone number are said."""

    phone_joint: str = ", "
    few_below_two: bool = False
    """Whether what is less than two is one: "1,5 milliard"."""

    clock_with_stop: str = r"(?!)"
    """Pattern of what stands before a time of day whose minutes follow a full stop: "ore 14.30"."""

    measures: str = r"(?!)"
    """Pattern of more units that have a stop of their own behind them: "cdas."."""


DOTTED_HOURS = rule(
    r"(?<![\w.,/-])(?P<h>[01]?\d|2[0-4])\.(?P<m>[0-5]\d)[ ]?[-–][ ]?(?P<h2>[01]?\d|2[0-4])\.(?P<m2>[0-5]\d)(?![\w%€]|[.,/-]\w|[ ](?!h\b|ore\b)[%€$£]|[ ](?:euro|k?g|mg|c?m|k?m|ml|l|L|kW|kWh|°C)\b)",
    lambda m: f"{m['h']}:{m['m']}-{m['h2']}:{m['m2']}",
    needs=".",
)  # fmt: skip
"""Opening hours with stops, where decimals follow a comma: 9.00-13.00."""


def both_cases(table: Mapping[str, str]) -> dict[str, str]:
    """Abbreviations, and how they are written where a sentence begins."""
    return {**{key[0].upper() + key[1:]: words for key, words in table.items()}, **table}


def first_rules(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    """What has to be read before figures are, in order."""
    return (
        rule(r"[₀-₉]+", lambda m: m.group().translate(_SUBSCRIPTS)),
        rule(r"(?:(?<=[°%])|(?<=°[CF]))/(?=[-−\w])", lambda _: ", ", needs="°%"),
        rule(
            r"[ ]?/[ ]?(?=\d{1,2}[ ]?h(?:s|oras?|ore|eures)?\b)(?<=[^\W\d_]/)(?<!\bh/)|(?<=[a-z]\.)/(?=\d{1,2}[ ]?h\b)",
            lambda _: f" {own.every} ",
            needs="/",
        ),
        SEPARATOR,
        *_addresses(grammar, own),
        *_phones(grammar, own),
        *_abbreviations(grammar, own),
        *_calendar(grammar, own),
        *_numerals(grammar, own),
        *_clock(grammar, own),
        *_marks(grammar, own),
        *_amounts(grammar, own),
        *_arithmetic(grammar, own),
    )


def last_rules(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    """Units that no figure stands before, and powers of what is no unit."""

    def bare(match: re.Match[str]) -> str:
        noun = grammar.units[match["unit"]]
        return f"{match['lead'] or ''}{noun.one if match['lead'] else noun.many}"

    return (
        rule(
            rf"(?<![\w/.-])(?P<lead>(?i:por|par|per|al|pro|cada|chaque|ogni|el|le|il|o|do|del|du|dal|nel|sul|au|no|ao)[ ])?(?P<unit>{alternatives(_BARE & grammar.units.keys())})(?![\w/²³])",
            bare,
        ),
        rule(r"[ ]?²", lambda _: f" {own.square}", needs="²"),
        rule(r"[ ]?³", lambda _: f" {own.cube}", needs="³"),
    )


def _addresses(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    def spelled(address: str) -> str:
        words = []
        for part in _ADDRESS_PARTS_RE.findall(address):
            if part.isdecimal():
                words.append(grammar.number(part) if len(part) <= 4 else grammar.digits(part))
            else:
                words.append(own.spelled.get(part, part))
        return " ".join(" ".join(words).split())

    def url(match: re.Match[str]) -> str:
        host, _, path = match["rest"].removeprefix("www.").partition("/")
        path = path.partition("?")[0].partition("#")[0].rstrip("/")
        return spelled(f"{host}/{path}" if path else host)

    name = r"[A-Za-z0-9][A-Za-z0-9-]{0,62}"
    return (
        rule(rf"\b(?:https?|ftp|rtsp|wss?)://(?P<rest>{_TAIL}{{1,400}}){_TAIL_END}", url, needs=":"),
        rule(r"(?<![\w.+-])(?:mailto:)?(?P<mail>[A-Za-z0-9._%+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8})(?![\w-])", lambda m: spelled(m["mail"]), needs="@"),
        rule(rf"(?<![\w@./-])(?P<rest>(?:www(?:\.{name}){{2,8}}|(?:{name}\.){{0,6}}(?=[a-z0-9-]{{0,60}}[a-z]{{2}})[a-z0-9-]{{2,63}}\.(?:{_TLD}))(?:/{_TAIL}{{0,300}})?){_TAIL_END}(?![\w@-])", url, needs="."),
        rule(rf"(?<![\w.])(?P<id>(?:{_DOMAINS})\.[a-z0-9_]{{2,100}})(?![\w(])", lambda m: spelled(re.sub(r"[._]+", " ", m["id"])), needs="."),
        rule(rf"(?<![\w/.])(?P<file>[A-Za-z0-9_][\w-]{{0,80}}(?:\.[\w-]{{1,40}}){{0,3}}\.(?:{_EXTENSION}))(?![\w/]|\.\w)", lambda m: spelled(m["file"].replace("_", " ").replace("-", " ")), needs="."),
        rule(r"(?<![\w/.])(?P<id>[A-Za-z][A-Za-z0-9]*(?:_[A-Za-z0-9]+){1,20})(?!\w)", lambda m: spelled(m["id"].replace("_", " ")), needs="_"),
        rule(r"(?<![\w&])\#(?P<tag>[^\W\d_]\w{1,60})", lambda m: f"{own.hashtag} {m['tag']}", needs="#"),
        rule(r"(?P<words>\b(?:UTC|GMT))[ ]?(?P<sign>[-−+])[ ]?(?=\d)", lambda m: f"{m['words']} {grammar.plus if m['sign'] == '+' else grammar.minus} "),
        # Of a time to the second, how far it is from that of Greenwich.
        rule(r"(?<=\d:\d\d:\d\d)(?P<sign>[-−+])(?P<h>\d\d):(?P<m>[0-5]\d)(?!\d)", lambda m: f", UTC {grammar.words(grammar.plus if m['sign'] == '+' else grammar.minus, grammar.count(int(m['h'])), grammar.count(int(m['m'])) if int(m['m']) else '')}", needs="-−+"),
        rule(r"(?<=[a-zà-ÿ])/(?=[A-Z]{2}(?!\w))", lambda _: ", ", needs="/"),  # São Paulo/SP
        rule(r"(?<=[A-Z])/(?=[A-Z]{2})", lambda _: " ", needs="/"),  # EUR/USD, TCP/IP
        rule(r"(?P<words>\b(?:[A-ZÀ-Þ]{1,5}|[A-Za-z]{1,4}\d{1,4}))-(?=\d)", lambda m: f"{m['words']} ", needs="-"),  # A-92, COVID-19
    )  # fmt: skip


def _phones(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    def groups(figures: str) -> list[str]:
        return [own.phone_group(grammar, group) for group in re.findall(r"\d+", figures)]

    def phone(match: re.Match[str]) -> str:
        return own.phone_joint.join(groups(match.group()))

    def abroad(match: re.Match[str]) -> str | None:
        if not 7 <= sum(char.isdigit() for char in match["rest"]) <= 13:
            return None
        code = grammar.words(grammar.plus, grammar.number(match["code"]))
        return own.phone_joint.join([code, *groups(match["rest"])])

    return (
        rule(r"(?<![\w+])(?:\+|\b00(?=[1-9]\d[ ]))(?P<code>[17]\b|\d{2,3}?)(?P<rest>(?:[ .-]?\(?\d{1,9}\)?){1,7})(?!\w|[.,]\d|[ ]?[%€°])", abroad, needs="+0"),
        *(rule(rf"(?<![\w.,+/-])(?:{pattern})(?![\w/-]|[.,]\d|[ ]?[%€$£])", phone, needs=DIGITS) for pattern in own.phones),
        rule(rf"(?P<lead>\b(?:{own.flight})[ ](?:[A-Z]{{2}}|[A-Z]\d)[ ]?)(?P<n>\d{{3,4}})(?!\w|[.,]\d)", lambda m: f"{m['lead'].rstrip()} {grammar.digits(m['n'])}", needs=DIGITS),
    )  # fmt: skip


def _abbreviations(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    known = {**both_cases(grammar.abbreviations), **own.abbreviations}
    closing = frozenset(own.closing.split("|"))

    def full(match: re.Match[str]) -> str | None:
        written = match["word"]
        before, after = (
            match.string[match.start() - 2 : match.start()],
            match.string[match.end() : match.end() + 2],
        )
        if written.removesuffix(".") in grammar.units and before[:1].isdigit() and before[1:] == " ":
            return None  # "52 min." is no minimum
        ends = is_end(match.string, match.end()) or (
            written in closing and after[:1] == " " and after[1:].isupper()
        )
        # Its stop is the sentence's too.
        return f"{known[written]}." if written.endswith(".") and ends else known[written]

    def numbered_word(match: re.Match[str]) -> str | None:
        is_unit = match["word"].removesuffix(".") in grammar.units
        if is_unit and _FIGURE_RE.search(match.string[max(0, match.start() - 2) : match.start()]):
            return None  # "24 min 30 s"
        return f"{own.before_figures[match['word']]} "

    # None of them is the front of one with a stop.
    whole = alternatives(word for word in known if word.endswith("."))
    open_ended = alternatives(word for word in known if not word.endswith("."))
    numbered = alternatives(own.before_figures)
    minute = grammar.units["min"].one
    units = rf"{own.measures}|{alternatives(unit for unit in grammar.units if unit.isalpha())}"
    return (
        # Of a match: "el min. 31", "la 31e min.", where nothing is the least.
        rule(
            r"(?P<lead>\b(?:el|al|del|il|nel|dal|le|au|du|no|do|ao)[ ])min\.?[ ](?=\d{1,3}(?!\w|[.,]\d|[ ]?[°%€$]|[ ](?!d[eiou](?:l|lla)?\b)[^\W\d_]))"
            r"|(?<=\d)(?P<mark>\.?er|e|ème|\.?[ºª])[ ]min(?!\w)(?P<stop>\.)?",
            lambda m: (
                f"{m['lead']}{minute} "
                if m["lead"]
                else f"{m['mark']} {minute}{'.' if m['stop'] and is_end(m.string, m.end()) else ''}"
            ),
            needs=("min",),
        ),
        # The stop of a unit ends no sentence that goes on.
        rule(rf"(?<=[\d½¼¾])(?P<unit>[ ]?(?:{units}))\.(?=[ ][a-zà-ÿ(]|[ ]?[,;)])", lambda m: m["unit"], needs="."),
        rule(rf"(?<![\w./])(?P<word>(?:{whole})(?![\w/])|(?:{open_ended})(?![\w.]\w|\w))", full),
        rule(rf"(?<![\w./])(?P<word>{numbered})[ ]?(?=\d|[IVXLC]+\b)", numbered_word),
        rule(rf"(?<![\w./'’])(?<!itamin[ae][ ])(?P<word>{alternatives(own.before_names)})(?=[ ](?:(?:d[aeo]s?|del|della|dei|degli|de[ ]la)[ ])?[A-ZÀ-Þ]|[ ](?:l['’ea]\b|et[ ](?:M|mad|mesd)))", lambda m: own.before_names[m["word"]]),
        rule(r"(?<!\w)['’](?=\d{2,3}(?!\w))", lambda _: "", needs="'’"),  # anni '60, nel '300
    )  # fmt: skip


def _calendar(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    """Months and days cut short, where figures or a stop tell that they are."""
    short = alternatives(own.months)
    days = alternatives(grammar.days)
    names = grammar.month_names
    several_re = re.compile(
        rf"\b(?:{_SEVERAL})[ ](?:(?:{days})[^\W\d_]{{0,8}}\.?(?:,|[ ](?:y|e|et))[ ]){{0,6}}\Z", re.IGNORECASE
    )

    def month(written: str) -> str:
        return names[own.months[written.lower()] - 1]

    def dated(match: re.Match[str]) -> str | None:
        day = int(match["d"])
        if not 1 <= day <= 31:
            return None
        end = "." if match["stop"] and is_end(match.string, match.end()) else ""
        return (
            grammar.date(day, own.months[match["m"].lower()], int(match["y"]) if match["y"] else None) + end
        )

    def numbered(match: re.Match[str]) -> str | None:
        day, at = int(match["d"]), int(match["m"])
        if not (1 <= at <= 12 and 1 <= day <= 31):
            return None
        return f"{match['lead']}{grammar.date(day, at, None)}"

    def weekday(match: re.Match[str]) -> str:
        end = "." if is_end(match.string, match.end()) and match.group().endswith(".") else ""
        name = grammar.days[match["day"].lower()]
        before = match.string[max(0, match.start() - _LIST) : match.start()]
        is_many = name[-1] != "s" and several_re.search(before) is not None
        return f"{name}{'s' if is_many else ''}{end}"

    full_days = alternatives(grammar.days.values())

    def shortened(match: re.Match[str]) -> str | None:
        day, at, year = int(match["d"]), int(match["m"]), match["y"]
        if not (1 <= at <= 12 and 1 <= day <= 31):
            return None
        return grammar.date(day, at, 2_000 + int(year) if year else None)

    def padded(match: re.Match[str]) -> str | None:
        return grammar.date(int(match["d"] or match["d2"]), int(match["m"] or match["m2"]), None)

    def month_of(match: re.Match[str]) -> str | None:
        """12/2027, but for laws, which have their number before the year."""
        before = match.string[max(0, match.start() - _LIST) : match.start()]
        if _LAW_RE.search(before):
            return None
        return f"{names[int(match['m']) - 1]}{own.month_year}{match['y']}"

    def first(match: re.Match[str]) -> str:
        return grammar.date(1, int(match["m"]), int(match["y"]) if match["y"] else None)

    years = r"(?P<y>(?:19|20)\d\d)(?![\d:]|[.,]\d)"
    return (
        day_spans(grammar),
        rule(rf"(?<![\w.])(?!(?:{_DAYS_OR_WORDS})\.(?!,|[ ]\d|[ ](?-i:[a-zà-ÿ])))(?P<day>{days})\.(?!\w)", weekday, needs=".", flags=re.IGNORECASE),
        # A day behind another: "mer. et ven."
        rule(rf"(?<![\w.])(?P<day>{days})\.(?!\w)", weekday, needs=".", flags=re.IGNORECASE, behind=rf"\b(?:{full_days})s?,?[ ](?:(?:y|e|et|ou|o|a|à|al|au)[ ])?"),
        rule(rf"(?<![\w.])(?P<day>{days})(?=[ ]\d{{1,2}}(?:/|[ ](?:de[ ])?(?:{alternatives(names)}|{short})\b))", weekday, needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?<![\w.,:/]){grammar.day_before_month}(?P<m>{short})(?!\w)(?P<stop>\.)?(?:[ ](?:de[ ]|del[ ])?{years})?", dated, needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?<![\w/-])(?P<m>{short})\.?(?:[ ](?:de[ ]|del[ ])?|[/-]){years}", lambda m: f"{month(m['m'])}{own.month_year}{m['y']}", needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?P<lead>\b(?:{own.in_month})[ ])(?P<m>{short})\.(?!\w)", lambda m: m["lead"] + month(m["m"]) + ("." if is_end(m.string, m.end()) else ""), needs=".", flags=re.IGNORECASE),
        rule(r"(?<![\w.,/-])(?P<d>\d{1,2})/(?P<m>\d{1,2})/(?P<y>[0-4]\d)(?![\w/]|[.,]\d)", shortened, needs="/"),
        rule(r"(?<![\w.,/-])(?:(?P<d>0[1-9])/(?P<m>0[1-9]|1[0-2])|(?P<d2>[12]\d|3[01])/(?P<m2>0[1-9]))(?![\w/%]|[.,]\d)", padded, needs="/"),
        rule(r"(?<![\w.,/-])1(?:\.?[º°]|er)/(?P<m>0?[1-9]|1[0-2])(?:/(?P<y>(?:19|20)\d\d))?(?![\w/])", first, needs=("1",)),
        rule(r"(?<![\w.,/-])(?P<m>0?[1-9]|1[0-2])/(?P<y>20\d\d)(?![\w/-]|[.,]\d)", month_of, needs="/"),
        # More than twelve cannot be a month, nor a part of less.
        rule(r"(?<![\w.,/-])(?P<d>1[3-9]|2\d|3[01])/(?P<m>0[1-9]|1[0-2])(?P<y>)(?![\w/%]|[.,]\d)", shortened, needs="/"),
        rule(rf"(?<![\w.])(?!(?:{_DAYS_OR_WORDS})\b)(?P<day>{days})(?=[ ]\d)", weekday, needs=DIGITS, flags=re.IGNORECASE),
        rule(rf"(?<![\w.])(?!ter\b)(?P<day>{days})(?=[ ]\d{{1,2}}(?![\w:%°]|[.,]\d))", weekday, needs=DIGITS, flags=re.IGNORECASE),
        # Behind a day there is another: "entre 28/11 e 1/12".
        rule(r"(?<![\w.,/-])(?P<d>\d{1,2})/(?P<m>\d{1,2})(?P<y>)(?![\w/%]|[.,]\d)", shortened, needs="/", behind=rf"\b(?:{alternatives(names)})(?:[ ][-–]|[ ](?:y|e|et|ed|a|al|au|à|o|ou|ao|até|hasta))[ ](?:(?:el|le|il|o)[ ])?"),
        rule(rf"(?P<lead>\b(?:{full_days}|{own.day_lead}),?[ ])(?P<d>\d{{1,2}})/(?P<m>\d{{1,2}})(?![\w/%]|[.,]\d|[ ](?:de|di|d')\b)", numbered, needs="/", flags=re.IGNORECASE),
    )  # fmt: skip


def _numerals(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    known = own.numerals

    def value(numeral: str) -> int | None:
        found = roman(numeral)
        is_name = numeral in ("XL", "XXX")  # a size, and no number
        return found if found is not None and found <= _MAX_NUMERAL and not is_name else None

    def century(match: re.Match[str]) -> str | None:
        said = []
        for numeral in filter(None, (match["n"], match["to"])):
            if (number := value(numeral)) is None:
                return None
            said.append(known.rank(number, False, "") if known.ranked_centuries else grammar.count(number))
        joint = match["joint"] or ""
        between = f" {grammar.to} " if joint.strip() in ("-", "–") else joint
        return f"{known.said_century(match['lead'])} {between.join(said)}"

    def ruler(match: re.Match[str]) -> str | None:
        number = value(match["n"])
        return (
            None if number is None else f"{match['name']} {known.ruler(number, match['queen'] is not None)}"
        )

    def ranked(is_feminine: bool) -> Callable[[re.Match[str]], str | None]:
        def read(match: re.Match[str]) -> str | None:
            number = value(match["n"])
            if number is None:
                return None
            space = " " if match.group().endswith(" ") else ""
            return f"{match['lead']}{known.rank(number, is_feminine, '')}{space}"

        return read

    def marked(match: re.Match[str]) -> str | None:
        number = value(match["n"])
        return None if number is None else known.rank(number, False, match["mark"])

    def counted(match: re.Match[str]) -> str | None:
        number = value(match["n"])
        return None if number is None or number >= 40 else f"{match['lead']}{grammar.count(number)}"

    made = [
        rule(rf"(?P<lead>(?<![\w.])(?:{known.century}))[ ]{_NUMERAL}(?:(?P<joint>[ ]?[-–][ ]?|[ ](?:y|e|et|al|a|o|ou|u)[ ](?:el[ ]|o[ ])?)(?P<to>[IVXLC]{{1,9}})(?!\w))?", century, needs="IVXLC"),
        rule(rf"(?P<name>\b(?:(?P<queen>{known.queens})|{known.kings}|{_KINGS}))[ ]{_NUMERAL}", ruler, needs="IVXLC"),
        rule(rf"(?P<lead>\b(?:{known.masculine_articles})[ ])(?P<n>[IVXLC]{{2,9}}|[IVX](?=[ ](?:{known.masculine_nouns})\b))[ ](?=[^\W\d_]{{3,}})", ranked(False), needs="IVXLC"),
        rule(rf"(?P<lead>\b(?:{known.feminine_articles})[ ])(?P<n>[IVXLC]{{2,9}}|[IVX](?=[ ](?:{known.feminine_nouns})\b))[ ](?=[^\W\d_]{{3,}})", ranked(True), needs="IVXLC"),
        rule(rf"(?P<lead>\b(?:{known.feminine_articles})[ ])(?P<n>[IVX]{{2,9}})(?!\w|[ ]\w)", ranked(True), needs="IVX"),
        rule(rf"(?P<lead>\b(?:{known.masculine_articles})[ ])(?P<n>[IVX]{{2,9}})(?!\w|[ ]\w)", ranked(False) if known.ranked_centuries else counted, needs="IVX"),
        rule(rf"(?P<lead>(?<!\w))(?P<n>[IVXLC]{{1,9}})[ ](?=(?:{known.masculine_nouns})\b)", ranked(False), needs="IVXLC"),
        rule(rf"(?P<lead>(?<!\w))(?P<n>[IVXLC]{{1,9}})[ ](?=(?:{known.feminine_nouns})\b)", ranked(True), needs="IVXLC"),
        rule(rf"(?P<lead>(?<!\w)(?:{known.heads})[ ]){_NUMERAL}", counted, needs="IVX"),
        rule(r"(?P<lead>\b[A-ZÀ-Þ][\w'’-]{1,40}[ ])(?P<n>[IVX]{2,6})(?![\w'’-])", counted, needs="IVX"),
        rule(rf"(?P<lead>(?<!\w))(?P<n>[IVX]{{1,6}})(?=[ ](?:{alternatives(grammar.month_names)})\b)", counted, needs="IVX"),
    ]  # fmt: skip
    if known.mark:
        made.insert(
            0,
            rule(
                rf"(?<![\w'’.-])(?P<n>[IVX][IVXLC]{{0,8}})(?P<mark>{known.mark})(?!\w)", marked, needs="IVX"
            ),
        )
    return tuple(made)


def _clock(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    """Time that is left, and times of day with a stop."""

    def left(match: re.Match[str]) -> str:
        figures = match["time"].split(":")
        if len(figures) == 2:
            figures = [*figures, "0"] if match["hours"] else ["0", *figures]
        hours, minutes, seconds = figures
        return f"{match['lead']}{grammar.lasting(hours, minutes, seconds)}"

    time = r"(?P<time>\d{1,3}:[0-5]\d(?::[0-5]\d)?)(?P<hours>[ ]?h(?:oras?|eures?)?\b)?(?![\d:])"
    not_at = r"(?:las|la|le|les|alle|dalle|às|as|à|ore|pour|para|per|até|hasta|a)\b"
    return (
        rule(rf"(?P<lead>\b(?:{own.left})(?:[ ](?:de|di|du|del|do|da|que|solo|sólo|ancora|encore|ainda|só|aún|es|è|é|est)){{0,2}}:?[ ]){time}", left, needs=":", flags=re.IGNORECASE),
        rule(rf"(?P<lead>\b(?:{own.timer})(?:[ ](?!{not_at})[^\W\d_]{{1,20}}){{0,3}}[ ]?:?[ ]){time}", left, needs=":", flags=re.IGNORECASE),
        # Of a recording: less than an hour in brackets.
        rule(r"(?<=\()(?P<h>0):(?P<m>[0-5]\d)(?=\))", lambda m: grammar.lasting(None, "0", m["m"]), needs=("(0:",)),
        *written_durations(grammar, "min|mn|m", "s(?:eg|ec)?"),
        rule(r"(?<![\w.,/:])(?P<min>\d{1,3}):(?P<s>[0-5]\d)[ ]?(?:min|mn)\b(?:\.(?=[ ][a-zà-ÿ]))?", lambda m: grammar.lasting(None, m["min"], m["s"]), needs=":"),
        # A lap: minutes, seconds and their parts.
        rule(r"(?<![\w.,/:])(?P<m>\d{1,2}):(?P<s>[0-5]\d)[.,](?P<part>\d{1,3})(?![\w:]|[.,]\d)", lambda m: f"{grammar.counted(m['m'], grammar.units['min'])} {grammar.count(int(m['s']))} {grammar.point} {grammar.digits(m['part'])}", needs=":"),
        rule(rf"(?P<lead>\b(?:{own.clock_with_stop})[ ])(?P<h>[01]?\d|2[0-4])\.(?P<m>[0-5]\d)(?!\d|[.,]\d|[ ]?[%€°])", lambda m: f"{m['lead']}{m['h']}:{m['m']}", needs="."),
    )  # fmt: skip


def _amounts(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    number = number_pattern(grammar)
    signs, names = alternatives(grammar.currencies), alternatives(own.magnitudes)

    def amount(match: re.Match[str]) -> str:
        size, currency = own.magnitudes[match["size"]], grammar.currencies[match["sign"]]
        written = match["n"]
        digits, decimals = grammar.parts(written.lstrip("-−+ "))
        is_one = (digits == "1" and not decimals) or (own.few_below_two and int(digits or "0") < 2)
        if not size.is_joined and not decimals and digits:
            return grammar.counted(f"{digits}000", currency.whole)
        if size.is_joined:
            words = grammar.number(written, Noun(size.one, size.many))
            return grammar.words(words, size.one if is_one else size.many, own.of(currency.whole.many))
        return grammar.words(grammar.number(written, currency.whole), size.many, currency.whole.many)

    def plain(match: re.Match[str]) -> str:
        size = own.magnitudes[match["size"]]
        digits, decimals = grammar.parts(match["n"])
        is_one = (digits == "1" and not decimals) or (own.few_below_two and int(digits or "0") < 2)
        return grammar.words(
            grammar.number(match["n"], Noun(size.one, size.many)), size.one if is_one else size.many
        )

    sizes = own.magnitudes.keys()
    counted_sizes = alternatives(sizes & {"M", "mi", "bi", "tri"})
    shortened = alternatives(sizes & {"mln", "Mln", "mld", "Mld", "mrd", "Md", "Mds", "Mrd"}) or r"(?!)"
    amounts = rf"(?P<n>(?:(?<![\w.)])[-−+])?{number})[ ]?(?P<size>{names})"
    return (
        rule(rf"(?<![\w.,])(?P<sign>{signs})[ ]?{amounts}(?!\w)(?:\.(?=[ ][a-z]))?", amount, needs=DIGITS),
        rule(rf"(?<![\w.,]){amounts}\.?[ ]?(?:(?:de[ ]|di[ ]|d['’][ ]?))?(?P<sign>{signs})(?!\w)", amount, needs=DIGITS),
        rule(rf"(?<![\w.,])(?P<n>{number})[ ]?(?P<size>(?:{counted_sizes})(?=[ ](?:de|di)[ ]|[ ]d['’])|{shortened})(?!\w)(?:\.(?=[ ][a-z]))?", plain, needs=DIGITS),
    )  # fmt: skip


def _arithmetic(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    number = number_pattern(grammar)
    operations = {
        "-": grammar.minus, "−": grammar.minus, "x": own.times, "X": own.times, "*": own.times, "·": own.times, "⋅": own.times,
        ":": own.divided, "/": own.divided, "^": own.power,
    }  # fmt: skip
    point = own.spelled["."]

    def version(match: re.Match[str]) -> str:
        groups = match.groupdict()
        figures = f" {point} ".join(
            grammar.number(part) for part in (match["figures"] or groups["more"]).split(".")
        )
        lead = match["lead"] or f"{own.version} "
        return f"{lead}{figures}"

    return (
        # where a radio is tuned to
        rule(r"(?<![\w.,])(?:(?<=FM[ ])|(?=\d{2,3}\.\d[ ]?FM\b))(?P<n>\d{2,3})\.(?P<d>\d)(?![\d.,]\d|\d)", lambda m: f"{grammar.number(m['n'])} {point} {grammar.number(m['d'])}", needs=("FM",)),
        rule(rf"(?P<lead>\b(?:{_VERSIONED})[ ])[vV]?(?P<figures>\d{{1,4}}(?:\.\d{{1,5}}){{1,4}})(?!\w|[.,]\d|[ ]?[%°€])", version, needs="."),
        rule(r"(?<![\w.])(?P<lead>)(?:v\.?(?P<figures>\d{1,4}(?:\.\d{1,5}){0,4})|V(?P<more>\d{1,4}(?:\.\d{1,5}){1,4}))(?!\w|[.,]\d)", version, needs="vV"),
        rule(rf"(?<=\d)[ ]?(?P<sign>[-−xX*·⋅:/])[ ]?(?={number}(?:[ ]?[-−xX*·⋅:/+×÷][ ]?{number}){{0,5}}[ ]?=)", lambda m: f" {operations[m['sign']]} ", needs="="),
        rule(r"(?<=[\wπ)])(?<!l)[·⋅](?=[\w(])", lambda _: f" {own.times} ", needs="·⋅"),
        rule(r"(?<=[²³)\dxyznab])[ ][-−][ ](?=[\w(][\w²³()+*/·×÷ −-]{0,40}=)", lambda _: f" {grammar.minus} ", needs="="),
        rule(r"(?<=[\w)])\^(?=-?\w)", lambda _: f" {own.power} ", needs="^"),
        rule(r"(?<=[\w)])(?P<to>⁻?[⁰⁴-⁹]|⁻?[⁰¹²³⁴-⁹]{2,3}|⁻[¹²³])", lambda m: f" {own.power} {m['to'].translate(_SUPERSCRIPTS)}"),
    )  # fmt: skip


def _marks(grammar: Grammar, own: Romance) -> tuple[Rule, ...]:
    """Inches, minutes, how often, what is out of what, and where in a menu."""
    minutes, seconds = grammar.units["min"], grammar.units["s"]
    nouns = alternatives(word for word, noun in grammar.counted_nouns.items() if word == noun.one)
    number = number_pattern(grammar)

    def closes(match: re.Match[str]) -> bool:
        """Whether a mark ends a quotation that begins a little before."""
        before = match.string[max(0, match.start() - 80) : match.start()]
        return (
            before.count('"') % 2 == 1
            if match["mark"] in '"”'
            else bool(re.search(r"(?:^|\s)['‘]\w", before))
        )

    def inches(match: re.Match[str]) -> str | None:
        return None if closes(match) else grammar.counted(match["n"], own.inch)

    def minute(match: re.Match[str]) -> str | None:
        if closes(match):
            return None
        more = f" {grammar.plus} {grammar.number(match['more'])}" if match["more"] else ""
        before = match.string[max(0, match.start() - 90) : match.start()]
        if match["at"] or _LISTED_RE.search(before) or _SCORER_RE.search(before):  # the minute of a match
            said = own.nth_minute(int(match["n"])) if own.nth_minute else grammar.number(match["n"])
            return f"{match['at'] or ''}{said}{more}"
        return f"{grammar.counted(match['n'], minutes)}{more}"

    def per(match: re.Match[str]) -> str:
        return grammar.per(match["lead"], match["per"]) if grammar.per else match.group()

    def over(match: re.Match[str]) -> str | None:
        a, b = int(match["a"]), int(match["b"])
        if a <= b and b in (10, 20, 100):
            return f"{grammar.count(a)} {own.out_of} {grammar.count(b)}"
        return None if a < b <= 100 else f"{grammar.count(a)} {own.over} {grammar.count(b)}"

    def rated(match: re.Match[str]) -> str:
        """7,9/10: no fraction has decimals above."""
        return f"{grammar.number(match['n'])} {own.out_of} {grammar.number(match['all'])}"

    def metres(match: re.Match[str]) -> str:
        """1,70 m, as people say how tall somebody is."""
        whole, hundredths = match["n"], match["d"].lstrip("0")
        if whole == "0":
            return grammar.counted(hundredths or "0", grammar.units["cm"])
        words = grammar.counted(whole, grammar.units["m"])
        return f"{words}{own.and_centimetres}{grammar.count(int(hundredths))}" if hundredths else words

    def between(match: re.Match[str]) -> str:
        conjunction = grammar.halves.conjunction if grammar.halves else grammar.to
        unit = match["unit"] if match["unit"] != match["same"] else None
        return f"{match['low']}{unit or ''} {conjunction} {match['article'] or ''}"

    signs, counted_nouns = alternatives(grammar.currencies), alternatives(grammar.counted_nouns)
    ways = alternatives(way for way in grammar.compass if len(way) == 2)
    return (
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,4}})[ ]ha[ ](?=(?:{own.has})(?!\w))", lambda m: f"{grammar.number(m['n'])} ha ", needs=(" ha ",)),
        rule(rf"(?P<low>\b(?:{own.between})[ ](?P<article>(?:el|il|los|o|os)[ ])?[-−]?{number})(?P<unit>[ ]?(?:°[CF]?|%|{signs}|h))?[ ]?[-–][ ]?(?=[-−]?{number}(?P<same>[ ]?(?:°[CF]?|%|{signs}|h))?)", between, needs="-–", flags=re.IGNORECASE),
        rule(rf"(?<!\w)(?:{ways})(?!\w)", lambda m: grammar.compass[m.group()], needs=tuple(way for way in grammar.compass if len(way) == 2), behind=rf"\b{grammar.wind}\b[^.;!?]{{0,60}}"),
        rule(r"(?<![\w.,/-])(?<!\d[ ][aàeyo][ ])(?<![x×][ ])(?P<n>\d{1,3}),(?P<d>\d\d)[ ]?m(?![\w²³/]|[.,]\d|[ ]?[x×])", metres, needs=","),
        rule(rf"(?<=[a-zà-ÿ]{{3}})[ ](?P<sign>[<>])[ ]?(?=\d{{1,4}}[ ](?:{counted_nouns})\b)", lambda m: f" {own.fewer if m['sign'] == '<' else own.more} ", needs="<>"),
        rule(r"(?<![\w/])24/7(?![\w/])", lambda _: f"{grammar.count(24)}, {grammar.count(7)}", needs="/"),
        rule(r"(?<=\d)(?<![.,]\d\d)/(?=[A-KM-Z](?!\w))", lambda _: ", ", needs="/"),  # number 5/A, but 5/L is of a litre
        # The sign of both ends is said once.
        rule(rf"(?<=\d)[ ]?(?P<sign>%|{signs})[ ]?[-–][ ]?(?={number}[ ]?(?P=sign))", lambda _: "-", needs="-–"),
        rule(rf"(?P<front>(?P<sign>{signs})[ ]?{number})[ ]?[-–][ ]?(?P=sign)[ ]?(?=\d)", lambda m: f"{m['front']}-", needs="-–"),
        # A degree typed as the mark of a rank; below zero there are no ranks.
        rule(r"(?<!\w)(?P<n>[-−]\d{1,2}(?:,\d)?)º(?!\w)", lambda m: f"{m['n']}°", needs="º"),
        rule(rf"(?P<lead>\b(?:{own.warm})\b[^.;:\d]{{0,25}}?|(?=\d{{1,2}},))(?P<n>[-−]?\d{{1,2}}(?:,\d)?)º(?!\w)", lambda m: f"{m['lead']}{m['n']}°", needs="º", flags=re.IGNORECASE),
        rule(r"(?<![\w.,/])(?P<m>\d{1,3})['′][ ]?(?P<s>[0-5]?\d)(?:[\"″]|'')", lambda m: f"{grammar.counted(m['m'], minutes)} {grammar.counted(m['s'], seconds)}", needs="'′"),
        rule(rf"(?<![\w.,/-])(?P<n>{number})[ ]?(?P<mark>[\"″”])(?![\w\"])", inches, needs='"″”'),
        rule(r"(?P<at>\b(?:el|al|del|il|nel|dal|le|au|du|à la|aos|no|do)[ ])?(?<![\w.,/-])(?P<n>\d{1,3})(?:\+(?P<more>\d{1,2}))?(?P<mark>['′])(?![\w'])".replace(" la", "[ ]la"), minute, needs="'′"),
        # So many times that long, as one trains; no size.
        rule(r"(?<![\w.,/-])(?P<n>\d{1,2})[ ]?[xX×][ ]?(?=\d{1,3}[ ]?(?:min|mn|s|seg|sec|h|min[uú]t[a-z]{1,3}|segund[a-z]{1,3}|second[a-z]{1,3}|horas?|heures?)\b)", lambda m: f"{m['n']} {own.times} ", needs="xX×"),
        rule(r"(?<![\w.,/-])(?P<n>\d{1,3})[xX](?=/[^\W\d_]|[ ][^\W\d_]{2,}|[),;])(?![ ]?[=+])", lambda m: grammar.counted(m["n"], own.often), needs="xX"),
        rule(rf"(?P<lead>(?:\d|[^\W\d_])[ ][^\W\d_]{{3,20}})/(?P<per>{nouns})(?!\w)", per, needs="/"),
        rule(r"(?<![\w.,/:-])(?P<a>\d{1,3})/(?P<b>\d{1,3})(?![\w/-]|[.,]\d)", over, needs="/"),
        rule(r"(?<![\w.,/:-])(?P<n>\d{1,2}[.,]\d{1,2})/(?P<all>\d{1,3})(?![\w/-]|[.,]\d)", rated, needs="/"),
        rule(r"(?<=[^\W\d_]{3})[\"»*]?[ ](?:>|›|→)[ ](?=[«\"A-ZÀ-Þ])", lambda _: ", ", needs=">›→"),
        rule(r"~[ ]?(?=\d)", lambda _: f"{grammar.signs['≈']} ", needs="~"),
        # As English writes them, where nothing else can be meant.
        rule(r"(?<![\w.,])(?P<n>\d{1,3}(?:,\d{3})+)\.(?P<d>\d{1,2})(?![\w.,]\d|\w)", lambda m: f"{m['n'].replace(',', '')},{m['d']}", needs=","),
        rule(r"(?<![\w.,])\d{1,3}(?:,\d{3}){2,}(?![\w,]|\.\d)", lambda m: m.group().replace(",", ""), needs=","),
        rule(r"(?<=\d)mil\b", lambda _: " mil", needs="m"),
    )  # fmt: skip


def by_endings(
    *, plural: str, feminine: str, feminine_words: str, masculine_words: str, others: str
) -> Callable[[str, bool], Noun | None]:
    """How words are known to be counted by how they end, for `Agreement`.

    plural, feminine: patterns that a word has to match as a whole. feminine_words, masculine_words: such as do not end as
    they should, with their plurals. others: words that are counted by nobody.
    """
    plural_re, feminine_re = re.compile(plural), re.compile(feminine)
    feminines, masculines = frozenset(feminine_words.split()), frozenset(masculine_words.split())
    uncounted = frozenset(others.split())

    def noun(word: str, is_one: bool) -> Noun | None:
        if word in uncounted or not word.islower() or not (is_one or plural_re.fullmatch(word)):
            return None
        is_feminine = word in feminines or (
            word not in masculines and feminine_re.fullmatch(word) is not None
        )
        return Noun(word, word, is_feminine)

    return noun
