"""English words for the numbers that no other class has claimed.

Phone numbers, codes, fractions, ordinals, ranges, Roman numerals, powers, formulas, names with figures in them, and
what is left. Knows no units, dates or money.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.english.abbreviations import ACRONYMS, STATES
from wyoming_kokoro.text.spoken.english.numbers import (
    FRACTION_SIGNS,
    NUMBER,
    Numbers,
    digits,
    plural,
    roman,
    sign_fraction,
)
from wyoming_kokoro.text.spoken.rules import DIGITS, Rule, alternatives, is_end, rule

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺ⁿ", "0123456789-+n")
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")

# What figures behind these words are: a name, to be read digit by digit.
_CODES = (
    r"code|codes|pin|passcode|password|serial|serial[ ]number|S/N|SN|order|order[ ]number|tracking[ ]number|account|account[ ]number|"
    r"zip[ ]code[ ]for[ ][A-Za-z ]{2,30}|invoice|invoice[ ]number|(?:number|no\.|card|account|phone|code)[ ][A-Za-z ]{0,12}ends[ ]in|reference|ref|ticket|case|confirmation|confirmation[ ]number|id|ID|IDs|extension|ext|ext\.|zip|zip[ ]code|postcode|"
    r"postal[ ]code|dial|call|text|otp|OTP|license|licence|card|policy|SKU|IMEI|ISBN|VIN|ending[ ]in"
)
_LABELS = (
    r"room|rooms|rm\.?|apartment|apt\.?|suite|flight|route|highway|hwy\.?|interstate|bus|channel|model|line|error|platform|gate|"
    r"train|hall|unit|port|ports|psalm|area|exit|locker|bay|building|block|house|seat|row|status|HTTP|RTX|GTX|GeForce|Radeon|Ryzen|"
    r"Boeing|Airbus|Amtrak|Pi|ISO|RFC|CVE|DIN|Peugeot|BMW|Porsche|Nokia|Form"
)
# What has channels, and no chapters.
_NETWORKS = "ABC|NBC|CBS|F[oO][xX]|PBS|CW|ESPN2?|HBO|TNT|TBS|CNN|MSNBC|BBC|ITV|HGTV|AMC|FX|TLC|[cC]able|DirecTV|DIRECTV|Comcast|Xfinity|Dish|TV"
# What two letters before figures are where nobody says "flight".
_AIRLINES = "LH|BA|UA|AA|DL|KL|LX|OS|SN|IB|TP|AZ|EK|QR|EY|SQ|CX|QF|NZ|WN|EI|SK|LO|TK|SU|NH|JL|OZ|MU|CZ|VS|VY|EW|DY|HV|FR"
_REGNAL = (
    r"Henry|Louis|George|Elizabeth|Charles|James|Edward|William|Richard|John|Paul|Pius|Benedict|Francis|Philip|Peter|Catherine|"
    r"Alexander|Frederick|Napoleon|Ivan|Leo|Gregory|Innocent|Clement|Urban|Nicholas|Wilhelm|Ferdinand|Felipe|Carlos|Ramses|Ramesses|"
    r"Ptolemy|Mary|Robert|Otto|Leopold|Gustav|Christian|Carl|Harald|Henri|Umberto|Emmanuel|Maximilian|Margrethe|Isabella|Alfonso|"
    r"Sixtus|Julius|Augustus|Constantine|Theodosius|Stephen|Edmund|Harold|Joseph|Rudolf|Sigismund|Thutmose|Amenhotep|Xerxes|"
    r"Darius|Cyrus|Philippe|Haakon|Olav|Abdullah|Mohammed|Hussein|Rama|Boniface|Celestine|Adrian|Hadrian|Eugene|Alfonso|Pedro|João|"
    r"Manuel|Mehmed|Selim|Murad|Süleyman|Suleiman|Ludwig|Seti|Sweyn|Sancho|Afonso|Fernando|Juan|Canute|Cnut|Eric|Erik|Magnus|Baldwin|Bohemond|"
    r"Theodore|Basil|Justinian|Justin|Tiberius|Valentinian|Lothair|Pepin|Conrad|Konrad|Friedrich|Casimir|Wladyslaw|Vladislaus|Andrew|Ladislaus|"
    r"Matthias|Amenemhat|Senusret|Mentuhotep|Psamtik|Antiochus|Seleucus|Mithridates|Tigranes|Shapur|Khosrow|Artaxerxes|Cambyses|Kenneth|"
    r"David|Faisal|Sebastian|Miguel|Albert|Willem|Ernst|August|Karl|Oscar|Gustaf|Gustavus|Frederik|Olaf|Boris|Simeon|Romulus|Ottokar|Wenceslaus|"
    r"Rameses|Nicephorus|Alexios|Heraclius|Callixtus|Honorius|Urban|Agapetus|Anastasius|Sylvester|Victor|Vittorio|Jigme|Tutmosis|Sargon|Hammurabi|Ordoño|Ramiro"
)
_NUMBERED = (
    r"World\sWar|Chapter|Part|Section|Volume|Vol\.|Book|Act|Scene|Phase|Type|Class|Level|Stage|Grade|Title|Article|Appendix|Figure|"
    r"Table|Super\sBowl|WrestleMania|Mark|Mk|Vatican|Apollo|Saturn|Rocky|Final\sFantasy|Star\sWars|Episode|Godfather|Schedule|Annex|"
    r"Tier|Group|Category|Unit|Step|Round|Division|Region|Windows|Age\sof\sEmpires|Civilization|Diablo|Dragon\sQuest|Symphony|Opus|Canto"
)
# What these letters nearly always are instead.
_NOT_ROMAN = frozenset({"I", "MIX", "DIM", "MD", "DC", "CD", "CC", "MM", "DI", "LI", "MC", "CV", "MI", "XL", "XX", "XXL", "XXX", "XI", "MCC", "CI", "CM", "DVI", "MDX", "CIV", "VI", "IV", "LCD", "DX", "MDI", "MV", "CCC", "DD", "ML"})  # fmt: skip


# Symbols of the elements that compounds are written with.
_ELEMENTS = "Al|Ag|As|Au|Ba|Be|Br|Ca|Cd|Cl|Co|Cr|Cs|Cu|Fe|Hg|He|Li|Mg|Mn|Na|Ni|Pb|Pt|Rb|Se|Si|Sn|Sr|Ti|Xe|Zn|Zr|H|B|C|N|O|F|P|S|K|I|U"
_SHORT_FORMULAS = frozenset(["HNO3", "H2O", "H2S", "N2O", "KNO3", "BF3", "PF5", "SF6", "UF6", "OF2"])
_SYMBOL_RE = re.compile(r"([A-Z][a-z]?)([₀₁₂₃₄₅₆₇₈₉\d]*)")


_ROYAL_RE = re.compile(
    r"\b(?:[kK]ings?|[qQ]ueens?|[eE]mperors?|[eE]mpress|[pP]opes?|[pP]haraohs?|[sS]ultans?|[tT]sars?|[cC]zars?|[dD]ukes?|reigned|ruled|crowned|throne|dynasty|caliph)\b"
)
_MINUTE_RE = re.compile(r"(\d{1,3})(?:(?:\+| plus )(\d{1,2}))?")
_CRICKET_RE = re.compile(
    r"\b(?:stumps|wickets?|overs|innings|Test|ODI|T20I?|IPL|batted|bowled|runs|cricket)\b"
)


# What is said of a factor, and is not so many of something: "3x faster", "10x zoom".
_NOT_COUNTED = (
    "gains?|returns?|profits?|earnings|sales|revenues?|speeds?|lens(?:es)?|zoom|magnification|optical|digital|playback|leverage|multipliers?|increase|improvement|growth|"
    "more|less|faster|slower|larger|smaller|bigger|higher|lower|better|longer|shorter|cheaper|greater|stronger|weaker|heavier|lighter|quicker|worse|as|the|that|this|these|per|"
    "a|an|each|every|daily|weekly|monthly|yearly|today|yesterday|and|or|to|is|was|has|does|are|were|plus|minus|equals|times|in|on|at|of|for|with|by|from|over|than|reps?|sets?|concentrations?|strengths?|dilutions?|coverage|objectives?|eyepieces?|scale|size|dose|profits?|cost|price|rate|power|performance|engineers?|squared|cubed"
)


class Figures:
    """Reads what is left of figures, as one of the two Englishes does."""

    def __init__(self, numbers: Numbers) -> None:
        self._numbers = numbers

    def early_rules(self) -> tuple[Rule, ...]:
        """What other classes would take apart: phone numbers and codes."""
        return (
            # a court's: "No. 22-451"; Nos. 22-25 are several
            rule(r"\bNo\.[ ](?P<a>\d{2})-(?P<b>\d{2,5})(?![\w-]|[.,]\d)", lambda m: f"Number {self._numbers.label(m['a'])} {self._numbers.label(m['b'])}", needs=("No. ",)),
            # "13st 4lb": no rank ends so
            rule(r"(?<![\w.,/-])(?P<n>\d{1,2})[ ]?st\b(?:[ ](?P<pounds>\d{1,2})[ ]?lbs?\b)?", self._stone, needs=("st",)),
            # "btw. 8–10": nothing is said by the way
            rule(r"\bbtw\.?[ ](?=[$€£]?\d[\d:.,]{0,5}(?:[ ]?[ap]\.?m\.?)?[ ]?(?:[-–]|and\b))", lambda _: "between ", needs=("btw",)),
            rule(r"\bS(?P<n>\d{1,2}),?[ ](?=[eE]p(?:\.|isode)?[ ]?\d)", lambda m: f"season {self._numbers.cardinal(m['n'])}, ", needs=(" ep", " Ep")),
            # blood pressures
            rule(r"(?<![\w.,/-])(?P<a>\d{2,3})[-–](?P<b>\d{2,3})/(?P<c>\d{2,3})[-–](?P<d>\d{2,3})(?![\w/-]|[.,]\d)", lambda m: f"{self._numbers.cardinal(m['a'])} to {self._numbers.cardinal(m['b'])} over {self._numbers.cardinal(m['c'])} to {self._numbers.cardinal(m['d'])}", needs="/"),
            # several of a kind: "omega-3s"
            rule(r"-(?<=[A-Za-z]-)(?<!\ds-)(?<!sub-)(?<!mid-)(?<!low-)(?<!under-)(?<!over-)(?P<n>\d{1,3})s\b", lambda m: f" {plural(self._numbers.label(m['n']))}", needs="-"),
            rule(r"(?<![\w.,$€£-])(?P<n>7[0-8]7)s\b", lambda m: plural(self._numbers.label(m["n"])), needs=("7s",)),
            # "stay on 287 N"
            rule(r"(?<=[ ])(?P<n>\d{2,3})[ ](?P<way>[NSEW])\b(?=[ ](?:for|to|toward|towards|until|and|exit|at|then)\b|[,;)]|\.?$|\.[ ][A-Z])", lambda m: f"{self._numbers.label(m['n'])} { {'N': 'north', 'S': 'south', 'E': 'east', 'W': 'west'}[m['way']] }", needs=(" N", " S", " E", " W"), behind=r"\b(?:onto|take|stay[ ]on|continue[ ]on|merge[ ]on|via|follow|keep[ ]on|get[ ]on)[ ]"),
            rule(r"\bFY[ ]?(?=['’]?\d\d)", lambda _: "FY ", needs="Y"),
            rule(r"\bCO[2₂](?:-?eq|e)\b", lambda _: "C O two equivalent", needs="C"),
            rule(r"\b(?P<what>[QH][1-4])['’](?P<y>\d\d)\b", lambda m: f"{m['what'][0]} {self._numbers.cardinal(m['what'][1])} {self._numbers.short_year(m['y'])}", needs="QH"),
            rule(r"\b(?P<n>[Nn])o\.[ ]?(?P<a>\d{4})-(?P<b>\d{1,4})\b(?![-.]\d)", lambda m: f"{m['n']}umber {self._numbers.label(m['a'])} {self._numbers.label(m['b'])}", needs=("o.",)),
            rule(r"\b(?P<n>[Nn])o\.(?=\d)", lambda m: f"{m['n']}umber ", needs=("o.",)),
            rule(r"\bT[ ]?(?P<sign>[-−+])[ ]?(?=\d)", lambda m: f"T {'plus' if m['sign'] == '+' else 'minus'} ", needs="T"),
            rule(r"(?<![\w:.])(?P<n>\d{1,4})ish\b", lambda m: f"{self._numbers.cardinal(m['n'])}-ish", needs=("ish",)),
            rule(r"\b(?P<a>[HhxX])\.?(?P<n>26[3-6])\b", lambda m: f"{m['a'].upper()} {self._numbers.label(m['n'])}", needs=("26",)),
            rule(r"\bM\.2\b", lambda _: "M dot two", needs="M"),
            # an engine and no version
            rule(r"\bV(?P<n>[4568]|1[0268])\b(?!\.\d)", lambda m: f"V {self._numbers.cardinal(m['n'])}", needs="V"),
            rule(r"(?<![\w.,/-])(?P<a>7[0-8]7)-(?P<b>\d{1,4})(?P<tail>[A-Z]{0,3})\b(?![-/.]\d)", lambda m: f"{self._numbers.label(m['a'])} {self._numbers.label(m['b'])} {' '.join(m['tail'])}".rstrip(), needs=("7-",)),
            rule(r"\((?P<n>i{1,3}|iv|vi{1,3}|ix)\)(?=[ ])", lambda m: f"({self._numbers.cardinal(str(roman(m['n'].upper())))})", needs="("),
            rule(r"\bCVE-(?P<a>\d{4})-(?P<b>\d{4,7})\b", lambda m: f"CVE {self._numbers.label(m['a'])}, {digits(m['b'])}", needs=("CVE-",)),
            rule(r"\b(?P<n>\d{1,2})[yY](?=[ ](?:gilt|bond|[tT]reasur|yield|note|[bB]und|rate|swap|fixed))", lambda m: f"{self._numbers.cardinal(m['n'])} year", needs="yY"),
            rule(r"(?<=\d(?:st|nd|rd|th))\s?[-–]\s?(?=\d{1,4}(?:st|nd|rd|th)\b)", lambda _: " to ", needs="-–"),
            rule(r"(?<=\d)[ ](?P<of>d|s)\.(?:p|f)\.(?=(?P<more>[ ][a-z]|[,;)])?)", lambda m: f" {'decimal places' if m['of'] == 'd' else 'significant figures'}{'' if m['more'] else '.'}", needs=("d.p.", "s.f.")),
            # paragraphs that are names: 401(k), 501(c)(3)
            rule(r"(?<![\w.,])(?P<n>\d{3,4})\((?P<letter>[a-z])\)(?:\((?P<m>\d)\))?", lambda m: f"{self._numbers.label(m['n'])} {m['letter'].upper()}{' ' + self._numbers.cardinal(m['m']) if m['m'] else ''}", needs="("),
            # born and died
            rule(r"(?P<lead>(?:[(;,]|\b(?:was|were|is|and))[ ]?)(?P<word>[bdr])\.[ ]?(?=in[ ]\d{3,4}\b|(?:c\.[ ]?|ca\.[ ]?)?\d|(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec))", lambda m: f"{m['lead']}{ {'b': 'born', 'd': 'died', 'r': 'reigned'}[m['word']] } ", needs=("b.", "d.", "r.")),
            rule(r"(?<![\w.])(?<!\d[ ])ca?\.[ ]?(?=\d)", lambda _: "circa ", needs=("c.", "ca.")),
            rule(r"(?<![\w.,])(?P<n>\d{3,5})(?=[ ]block[ ]of\b)", lambda m: self._numbers.label(m["n"]), needs=(" block of",)),
            rule(r"(?<![\w.,/])1/2[ -](?=marathon|price|dozen)", lambda _: "half ", needs=("1/2",)),
            # "1-in-4", "2-for-1"
            rule(r"(?<![\w.,-])(?P<a>\d{1,4})-(?P<word>in|to|for|of|on|by|out-of|and)-(?P<b>\d{1,4})(?P<s>s?)(?![\w-])", lambda m: f"{'oh' if m['a'] == '0' and m['word'] == 'for' else self._numbers.number(m['a'])} {m['word'].replace('-', ' ')} {plural(self._numbers.number(m['b'])) if m['s'] else self._numbers.number(m['b'])}", needs=("-in-", "-to-", "-for-", "-of-", "-on-", "-by-", "-out-of-", "-and-")),
            rule(r"(?<![\w.])(?P<n>\d{1,3})[ -]?yo\b(?!-)", lambda m: f"{self._numbers.cardinal(m['n'])} year old", needs="y"),
            # goals' minutes: "(Kane 86', 90+1')"
            rule(r"(?P<lead>[(;,][ ]?[A-Z][\w.'’ -]{0,30}[ ](?<!plus[ ])|\((?=\d{1,3}(?:(?:\+|[ ]plus[ ])\d\d?)?['’]\)))(?P<all>\d{1,3}(?:(?:\+|[ ]plus[ ])\d{1,2})?['’](?:,[ ]\d{1,3}(?:(?:\+|[ ]plus[ ])\d{1,2})?['’]){0,8})(?=[ ]?(?:[),;]|pen\b|og\b))", self._minutes, needs="'’"),
            # a talk of two, and no ratio
            rule(r"(?<![\w:.])1:1(?P<s>s?)(?=[ ](?:with\b|w/|meetings?\b|calls?\b|sessions?\b|chats?\b|coaching\b|training\b|lessons?\b|conversations?\b|check-?ins?\b|@|at\b)|(?<=s)\b)", lambda m: f"one {'to' if self._numbers.british else 'on'} one{m['s']}", needs=("1:1",)),
            rule(r"(?P<lead>\b[bB]etween[ ](?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6})[ ]?[-–—][ ]?(?=(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun))", lambda m: f"{m['lead']} and ", needs=("etween ",)),
            rule(r"(?<![\w.,'’])(?P<n>\d{1,3})[ ]plus[ ](?P<more>\d{1,2})['’](?!\w)", lambda m: f"{self._numbers.cardinal(m['n'])} plus {self._numbers.cardinal(m['more'])}", needs=(" plus ",)),
            rule(r"(?<![\w.,'’])(?P<n>\d{1,3})['’](?=[ ](?:goal|winner|equali[sz]er|penalty|strike|header|sub)\b)", lambda m: f"{self._numbers.ordinal(m['n'])} minute", needs=(" goal", " winner", " equal", " penalty", " strike", " header", " sub")),
            rule(r"(?<![\w.,'’])(?P<n>\d{1,3})['’](?=[.,;)]|$)", lambda m: f"{self._numbers.cardinal(m['n'])} minutes", needs=("after ", "until "), behind=r"\b(?:after|until)[ ](?:just[ ])?"),
            rule(r"\b(?P<lines>\d{3,4})(?P<how>[pi])(?P<rate>\d{2,3})\b", lambda m: f"{self._numbers.label(m['lines'])} {m['how'].upper()} {self._numbers.label(m['rate'])}", needs=("0p", "0i")),
            rule(r"\bOp\.[ ]?(?P<a>\d{1,3})/(?P<b>\d{1,2})\b", lambda m: f"Opus {self._numbers.cardinal(m['a'])}, Number {self._numbers.cardinal(m['b'])}", needs=("Op.",)),
            # what follows a slash has its own figure: "heat 70/cool 76"
            rule(r"/(?:(?<=[a-z]/)(?=\d{1,2}:\d\d)|(?<=[ ]\d\d/)(?=[a-z]{3,12}[ ]\d))", lambda _: ", ", needs="/"),
            rule(r"(?P<lead>\b(?:your|my|our|his|her|their|weekly|biweekly|monthly|next|last)[ ])1:1(?![ ](?:ratio|mix|scale|match|copy|map|odds|split)|[\w:])|(?P<lead2>\bthe[ ])1:1(?=[ ](?:to|on|is|was|has)[ ])", lambda m: f"{m['lead'] or m['lead2']}one {'to' if self._numbers.british else 'on'} one", needs=("1:1",)),
            # as banks tell cards apart
            rule(r"(?<=[ ])(?:[xX*]{1,4}|\.{3,4}|…)[- ]?(?P<n>\d{4})(?!\w)", lambda m: f"ending in {digits(m['n'])}", needs="xX*.…", behind=r"\b(?:card|visa|mastercard|amex|discover|debit|credit|account|acct\.?|checking|savings)[ ]"),
            # "1–1½ hours"
            rule(rf"(?<![\w.,/$€£-])(?P<a>\d{{1,3}})[ ]?[-–—][ ]?(?=\d{{1,3}}[ ]?[{FRACTION_SIGNS}]|\d{{1,2}}[ ]\d{{1,2}}/\d{{1,2}}(?![\w/]))", lambda m: f"{m['a']} to ", needs="-–—"),
            rule(r"(?<=\dth|\dst|\dnd|\drd)[ ]min\b(?P<stop>\.)?", lambda m: f" minute{'.' if m['stop'] and is_end(m.string, m.end()) else ''}", needs=(" min",)),
            rule(r"\b(?P<i>[iI])nv\.(?=[ ](?:[nN]o\.|[\#\d]))", lambda m: f"{m['i']}nvoice", needs=("nv.",)),
            rule(r"\b(?P<c>[cC])onf\.?[ ]?(?=\#|[nN]o\.|[cC]ode\b|[nN]umber\b)", lambda m: f"{m['c']}onfirmation ", needs=("onf",)),
            rule(r"(?<=[a-z][ ])\#(?=:)", lambda _: "number", needs=("#:",)),
            # golf: "T3 at -9"
            rule(r"\bT-?(?P<n>\d{1,2})(?=[ ](?:at|with)[ ](?:[-−+]\d|even|\w{1,10}[ -](?:under|over)\b))", lambda m: f"tied for {self._numbers.ordinal(m['n'])}", needs=("T1", "T2", "T3", "T4", "T5", "T6", "T7", "T8", "T9", "T-")),
            rule(r"(?P<n>(?<![\w.,])\d{1,3})[ ]HR(?:s\b|(?=(?:,|[ ]and)[ ]\d+[ ](?:RBI|R\b|H\b|BB\b)))", lambda m: f"{self._numbers.cardinal(m['n'])} home run{'' if m['n'] == '1' else 's'}", needs=(" HR",)),
            rule(r"(?P<n>\d)[- ]pk\b\.?(?=[ ][a-z])", lambda m: f"{m['n']}-pack", needs=("pk",)),
            rule(r"(?P<n>\d[- ])pks\b(?:\.(?=[ ][a-z]|[,;)]))?", lambda m: f"{m['n']}packs", needs=("pks",)),
            # bulbs and the like: "E26/A19"
            rule(r"/(?:(?<=\b[A-Z]\d/)|(?<=\b[A-Z]\d\d/))(?=[A-Z]\d)", lambda _: ", ", needs="/"),
            # half of something that is one
            rule(r"(?<![\w.,/½-])(?<!\d[ ])(?P<half>½|(?<!\b[oO]n[ ])(?<!\b[bB]y[ ])(?<!til[ ])(?<!ince[ ])(?<!rom[ ])(?<!fter[ ])(?<!fore[ ])1/2)(?=[ ](?:the|my|your|his|her|its|our|their|an?|off)\b)", lambda _: "half", needs=("½", "1/2")),
            rule(r"(?P<lead>\b[sS]ections?[ ])§{1,2}[ ]?(?=\d)", lambda m: m["lead"], needs="§"),
            # between two figures a dash is "and"
            rule(rf"(?P<lead>\bbetween[ ])(?P<sign>[$€£])?(?P<a>\d{{1,2}}(?::\d\d)?[ ]?[ap]\.?m\.?|\d{{1,2}}:\d\d|{NUMBER}[ ]?(?:[°º][CF]?|%)?)[ ]?[-–—][ ]?(?P<sign2>[$€£])?(?=\d)(?!\d[\d.,]{{0,12}}[-–—/]\d)", _between, needs=("etween ",), flags=re.IGNORECASE),
            rule(r"(?<![\w/])(?P<a>\d{3})/(?P<b>\d\d)[ ]?(?P<type>Z?R|B)[ ]?(?P<rim>\d\d)(?![\d.])(?P<load>[ ](?P<index>\d{2,3})(?P<speed>[A-Z])\b)?", self._tyre, needs="RB"),
            rule(r"\b(?P<lead>P\.?[ ]?O\.?[ ]Box[ ])(?P<n>\d{1,6})\b", lambda m: f"PO Box {self._numbers.label(m['n'])}", needs=(" Box ",)),
            rule(rf"(?P<state>\b(?:{alternatives(STATES)})[ ])(?P<zip>\d{{5}})(?:-(?P<more>\d{{4}}))?(?![\w-]|[.,]\d)", lambda m: f"{m['state']}{digits(m['zip'])}{' dash ' + digits(m['more']) if m['more'] else ''}", needs=DIGITS),
            rule(r"\bi(?P<line>[3579])-(?P<a>\d\d)(?P<b>\d{3})(?P<tail>[A-Z]{0,2})\b", self._processor, needs=("i3-", "i5-", "i7-", "i9-")),
            rule(r"\b(?P<n>\d{4})X3D\b", lambda m: f"{self._numbers.label(m['n'])} X three D", needs=("X3D",)),
            # the 49ers, a fiver
            rule(r"\b(?P<n>\d{1,3})er(?P<s>s?)\b", lambda m: f"{self._numbers.cardinal(m['n']).removesuffix('e')}er{m['s']}", needs=("er",)),
            rule(r"(?P<lead>\b[oO]n[ ])[cC]h\.[ ]?(?=\d)", lambda m: f"{m['lead']}channel ", needs=("ch.", "Ch.")),
            rule(rf"(?P<lead>\b(?:{_NETWORKS}|(?:[tT]un|[tT]urn|[sS]witch|[cC]hang)(?:e|ed|ing|es)?[ ](?:it[ ]|the[ ]TV[ ])?to),?[ ]\(?)[cC]h\.?[ ]?(?=\d{{1,4}}(?:\.\d)?(?![\w:]|[ ]of\b))", lambda m: f"{m['lead']}channel ", needs=("ch.", "ch ", "Ch.", "Ch ")),
            # no book has so many chapters
            rule(r"\b(?P<c>[cC])h\.[ ]?(?=(?:[2-9]\d\d|1\d{3})\b(?![\w:]|[ ]of\b))", lambda m: f"{m['c']}hannel ", needs=("ch.", "Ch.")),
            # "Ph. (206) 386-4636", and not the chemists'
            rule(r"\b(?P<p>[Pp])h(?:\.(?P<colon>:)?|(?P<colon2>:))[ ]?(?=\+?\d?[ -]?\(?\d{3}\)?[ .-]?\d{3})", lambda m: f"{m['p']}hone{':' if m['colon'] or m['colon2'] else ''} ", needs=("h.", "h:")),
            rule(r"\bSte\.?[ ](?=\#?\d)", lambda _: "Suite ", needs="S"),
            # as most of Europe writes it
            rule(r"(?<![\w.,])\d{1,3}(?:\.\d{3})+,\d\d(?![\w.,]\d|\d)", lambda m: m.group().replace(".", "").replace(",", "."), needs=","),
            rule(r"(?<![\w.,/-])(?:(?P<country>\+\d{1,3})[ .-]?)?(?:\((?P<area>\d{2,5})\)[ .-]?|(?<!\))(?P<area2>\d{3})[ .-])(?P<a>\d{3,4})[ .-](?P<b>\d{4})(?P<ext>,?[ ]?(?:x|ext\.?|extension)[ ]?\d{1,6})?(?!\w|[.,-]\d)", self._phone, needs=DIGITS),
            rule(r"(?<![\w.,/-])(?P<lead>1|0?800|0?808)-(?P<a>\d{3})-(?P<b>\d{3})-(?P<c>\d{4})(?!\w|[.-]\d)", lambda m: ", ".join(digits(m[each]) if m[each] != "800" else "eight hundred" for each in ("lead", "a", "b", "c")), needs="-"),
            rule(r"(?<![\w.,/-])(?P<all>\+\d{1,3}(?:[ .-]?\(?\d{1,5}\)?){2,6})(?!\w|[.-]\d)", self._international, needs="+"),
            rule(r"(?<![\w.,/-])(?P<a>\d{3})-(?P<b>\d{4})(?!\w|[.,]\d|-)", lambda m: f"{digits(m['a'])}, {digits(m['b'])}", needs="-"),
            rule(r"(?<![\w.,/-])(?P<all>0\d{2,4}[ -]\d{3,4}[ -]?\d{3,4}|0\d{4}[ ]\d{6})(?![\w]|[.,-]\d)", lambda m: digits(m["all"]), needs="0"),
            rule(r"(?<![\w.,/-])(?P<all>\d{4}(?:[ -]\d{4}){3}|\d{3}-\d{2}-\d{4})(?![\w-]|[.,]\d)", lambda m: digits(m["all"]), needs=DIGITS),
            rule(r"(?<=[ ])(?P<figures>\d{3}[ ]\d{3})(?![\w%°€£]|[ ]\d|[.,:/]\d)", lambda m: digits(m["figures"]), needs=DIGITS, behind=r"\b(?:code|passcode|PIN|OTP|password)(?:[ ]?:|[ ]is)?[ ]"),
            rule(r"(?<=[ ])\#?(?P<figures>\d{3,20}(?:-\d{1,10}){0,5})(?![\w%°€£]|[.,:/]\d|[ ](?:people|friends|times|of|or|more)\b|[ ]?-[ ]?\d)", lambda m: digits(m["figures"]), needs=DIGITS, behind=rf"\b(?:{_CODES})(?:[ ]?[:\#]|[ ]is|[ ]number|[ ]no\.)?[ ]"),
            rule(r"\b(?P<lead>I|US|SR|M|A|Route|Rte\.?|Rt\.|Hwy\.?|Highway|Interstate)(?:-|(?<=[yetSR.])[ ])(?P<figures>\d{1,3})(?P<tail>[A-Z]?)\b(?!-)(?:[ ](?P<way>[NSEW])\b(?=[ ](?:[a-z]|Exit\b|Ramp\b)|[,.;)]|$))?", self._road, needs=DIGITS),
            rule(r"(?<=[ ])(?P<figures>\d{3,5})(?P<tail>[A-Za-z]?)(?![\w%°€£:]|[.,/]\d|[ ]?-[ ]?\d)", self._label, needs=DIGITS, behind=rf"\b(?:{_LABELS})(?:[ ]number|[ ]no\.)?[ ]"),
            rule(rf"\b(?P<lead>[Ff]lights?[ ](?:number[ ])?(?:[A-Z]{{2}}|[A-Z]\d|\d[A-Z])|(?:{_AIRLINES}))(?P<gap>[ ])(?P<figures>\d{{2,4}})(?P<tail>[A-Z]?)(?![\w%°€£:]|[.,/]\d|[ ]?-[ ]?\d)", self._label, needs=DIGITS),
            rule(r"\b(?P<lead>[Ee]pisode[ ])?[Ss](?P<a>\d{1,2})[ :.]?[ ]?[Ee](?P<b>\d{1,3})\b", self._episode, needs="Ee"),
            rule(r"\b(?P<lead>(?:batting|hitting|slugging|batted|hit)[ ])\.(?P<n>\d{3})(?!\w|[.,]\d)", lambda m: f"{m['lead']}{self._numbers.label(m['n'])}", needs=(" .",), flags=re.IGNORECASE),
            rule(r"(?<![\w./])(?P<a>\d{1,2})/(?P<b>[248]|16)(?=[ -](?:time|beats?|bars?|meter|metre|measures?)\b)", lambda m: f"{self._numbers.cardinal(m['a'])} {self._numbers.cardinal(m['b'])}", needs="/"),
            rule(r"(?<![\w.,$€£#-])(?<!\b[nN]o\.[ ])(?P<n>\d{2,5})(?=[ ](?:(?:[NS][EW]?|[EW])\.?[ ])?(?:[A-Z][a-z]+\.?[ ]|\d{1,3}(?:st|nd|rd|th)[ ]){1,3}(?:St|Ave|Rd|Blvd|Dr|Ln|Street|Avenue|Road|Boulevard|Drive|Lane|Way|Court|Place)\b)", lambda m: self._numbers.label(m["n"]), needs=DIGITS),
            rule(r"(?<![\w.,])(?P<base>\d+(?:\.\d+)?)(?:(?P<sup>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|ⁿ)|\^\(?(?P<exp>-?\w{1,6})\)?)", self._power, needs="^⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻"),
            rule(r"(?<![\w.,])(?P<a>\d{1,3}),(?P<b>\d{1,2})(?=[ ]?(?:°|%|€|(?:kg|km|cm|mm|m|g|l|L|ml|kWh|kW|W|V|A|h|MB|GB|hPa|bar)\b))", lambda m: f"{m['a']}.{m['b']}", needs=","),
            rule(r"\b50[-–/]50\b", lambda _: "fifty-fifty", needs=("50",)),
            rule(r"\b(?P<n>10|100|1,?000)s(?=[ ]of\b)", lambda m: {"10": "tens", "100": "hundreds"}.get(m["n"], "thousands"), needs=("0s of",)),
            rule(r"(?P<book>\b(?:Psalms?|Genesis|Gen\.|Exodus|Matthew|Mark|Luke|John|Romans|Acts|Isaiah|Proverbs|Revelation|Corinthians|Hebrews|Surah|Quran)[ ])(?P<a>\d{1,3}):(?P<b>\d{1,3})", lambda m: f"{m['book']}{self._numbers.cardinal(m['a'])} {self._numbers.cardinal(m['b'])}", needs=":"),
            rule(r"\b24/7\b", lambda _: "twenty-four seven", needs="/"),
            rule(r"\b9/11\b(?!/)", lambda _: "nine eleven", needs="/"),
        )  # fmt: skip

    def rules(self) -> tuple[Rule, ...]:
        """In the order they have to be applied, behind all other classes."""
        number, ordinal, label = self._numbers.number, self._numbers.ordinal, self._numbers.label
        return (
            *self._roman_rules(),
            # fractions
            rule(rf"(?<![\w./])(?P<whole>\d+)[ ]?(?P<sign>[{FRACTION_SIGNS}])", lambda m: self._numbers.mixed(m["whole"], *sign_fraction(m["sign"])), needs=FRACTION_SIGNS),
            rule(r"(?<=\d\.\d)(?=FM\b)", lambda _: " ", needs=("FM",)),
            # a station beyond a hundred: "104.3 FM"
            rule(r"(?<![\w.,/$€£-])10(?P<mhz>[1-8])\.(?P<tenth>\d)(?=[ ](?:FM|MHz[ ]FM)\b)", lambda m: f"one oh {number(m['mhz'])} point {number(m['tenth'])}", needs=("FM",)),
            # what is told in three parts: "32/8/11"
            rule(r"(?<![\w.,/$€£-])(?P<all>\d{1,3}(?:/\d{1,3}){2,4})(?![\w/%]|[.,]\d)", lambda m: ", ".join(number(part) for part in m["all"].split("/")), needs="/"),
            rule(rf"(?P<sign>[{FRACTION_SIGNS}])", lambda m: self._numbers.fraction(*sign_fraction(m["sign"])), needs=FRACTION_SIGNS),
            rule(r"(?<![\w./])(?P<whole>\d+)[ -](?P<a>\d{1,2})[/⁄](?P<b>\d{1,3})(?![\w/%]|[.]\d)", self._mixed, needs="/⁄"),
            rule(rf"(?P<lead>\b(?:{_OF_SO_MANY}|[sS]core[ds]?|rated|rating(?:[ ]of|:)?|got|gave(?:[ ]it)?|give(?:[ ]it)?|is|passed:?)[ ])?(?<![\w./$€£-])(?P<minus>-)?(?P<a>\d{{1,4}})[/⁄](?P<b>\d{{1,4}})(?P<th>ths?|rds?)?(?![\w/%]|[.]\d)", self._fraction, needs="/⁄", flags=re.IGNORECASE),
            rule(r"(?<![\w/])(?P<a>\d{1,3}\.\d{1,2})/(?P<b>\d{1,3})(?![\w/]|[.]\d)", lambda m: f"{number(m['a'])} {'out of' if float(m['a']) <= int(m['b']) else 'over'} {number(m['b'])}", needs="/"),
            # ratios, scores, verses: "16:9" and "12:60"
            rule(r"(?<![\w:.])(?P<a>\d{1,4}):(?P<b>\d{1,4})(?![\w:])", lambda m: f"{label(m['a'])} to {label(m['b'])}" if len(m["a"] + m["b"]) > 4 and "," not in m.group() else self._two(m["a"], m["b"]), needs=":"),
            # ordinals
            rule(r"(?<![\w.])(?P<n>\d{1,3}(?:,\d{3})*|\d+)[ ]?(?:(?<=\d)|(?<=\d[ ]))(?:st|nd|rd|th|ST|ND|RD|TH|ᵗʰ|ˢᵗ|ⁿᵈ|ʳᵈ)(?![A-Za-z])", lambda m: ordinal(m["n"].replace(",", "")), needs=DIGITS),
            # powers and chemistry
            rule(r"(?P<base>[A-Za-z]|\d+(?:\.\d+)?|[)])(?:(?P<sup>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|ⁿ)|\^\(?(?P<exp>-?\w{1,6})\)?)", self._power, needs="^⁰¹²³⁴⁵⁶⁷⁸⁹ⁿ⁻"),
            rule(r"\b(?P<mantissa>\d+(?:\.\d+)?)[eE](?P<exp>[-+−]?\d{1,3})\b", lambda m: f"{number(m['mantissa'])} times ten to the {self._exponent(m['exp'].replace('−', '-'))}", needs="eE"),
            rule(rf"(?<![\w-])(?P<count>\d{{1,2}})?(?P<all>(?:(?:{_ELEMENTS})[₀₁₂₃₄₅₆₇₈₉\d]{{0,3}}){{2,8}})(?![\w-])", self._compound, needs=DIGITS + "₀₁₂₃₄₅₆₇₈₉"),
            rule(r"\b(?P<what>CO|PM|NO|SO|O|N|H|CH|NH|Li|SiO|TiO)[ ]?(?P<n>[₀₁₂₃₄₅₆₇₈₉]+|\d(?:\.\d|0)?)(?P<more>O|H|S|SO)?(?P<m>[₀₁₂₃₄₅₆₇₈₉]|\d)?(?![\w]|[.]\d)", self._formula, needs=DIGITS + "₀₁₂₃₄₅₆₇₈₉"),
            rule(r"(?P<n>[₀₁₂₃₄₅₆₇₈₉]+)", lambda m: f" {label(m['n'].translate(_SUBSCRIPTS))}{' ' if m.string[m.end() : m.end() + 1].isalnum() else ''}", needs="₀₁₂₃₄₅₆₇₈₉"),
            rule(r"(?<![\w&])\#(?P<n>\d{3,12})-(?P<end>[A-Z])\b", lambda m: f"number {digits(m['n'])} {m['end']}", needs="#"),
            rule(r"(?P<age>\b(?:[uU]nder|[oO]ver))-(?P<n>\d{1,2})s\b", lambda m: f"{m['age']}-{plural(number(m['n']))}", needs=("nder-", "ver-")),
            rule(rf"(?<![\w&])\#(?P<n>{NUMBER})(?!\w)", lambda m: f"number {number(m['n'])}", needs="#"),
            # numbers of files and resolutions: 2010-141-1323, 2017-004
            rule(r"(?<![\w.,/$€£–-])(?P<all>\d{1,6}(?:-\d{1,6}){2,5}|\d{2,4}-0\d{1,4})(?![\w/%°]|-\w|[.,:]\d)", lambda m: ", ".join(label(part) for part in m["all"].split("-")), needs="-"),
            # ranges and differences
            rule(rf"(?=[-−–.\d])(?<![\w.,/])(?P<minus>[-−]|(?<!\d)[–])?(?P<a>{NUMBER})(?:[–—]|-)(?P<b>{NUMBER})(?=-(?P<age>[A-Za-z]{{2,}})|(?![\w]|-|[.,]\d))", self._range, needs="-–—"),
            rule(rf"(?<![\w.,/])(?P<a>{NUMBER})[ ][–—][ ](?P<b>{NUMBER})(?![\w]|-|[.,]\d)", lambda m: f"{number(m['a'])} to {number(m['b'])}", needs="–—"),
            rule(r"(?<=[\d)])(?P<op>[ ]?−[ ]?|[ ]-[ ])(?=[-−]?[\d(])", lambda _: " minus ", needs="-−"),
            rule(r"(?<![\w.,])(?P<n>\d{1,2})x(?=[.,;!?)]|$)", lambda m: f"{number(m['n'])} times", needs="x", behind=r"\b(?:woke|rang|[a-z]{2,}ed)(?:[ ](?:up|out|in))?[ ]"),
            rule(r"(?<![\w.,])(?P<n>[123])x(?=[.,;)]|$|[ ]?/[ ]?(?:day|week|month|year)\b|[ ](?:today|yesterday|daily|weekly|monthly|yearly|a|per|each|every|at|since|in[ ]a[ ]row|(?:and|&)[ ](?!\d)[a-z]+|(?:this|last|next)[ ](?:week|month|year|morning|weekend|season))\b)(?P<per>[ ]?/[ ]?\w+)?", lambda m: f"{('once', 'twice', 'three times')[int(m['n']) - 1]}{' per ' + m['per'].strip(' /') if m['per'] else ''}" if m["n"] == "1" or m["per"] or m.string[m.end() : m.end() + 1] == " " else None, needs="x"),
            rule(r"(?<![\w.,])(?P<n>\d{1,2})[ ]?[x×][ ]?AA\b", lambda m: f"{number(m['n'])} double A", needs="x×"),
            # how many of something: "6x eggs", "4× AA"
            rule(rf"(?<![\w.,])(?P<n>\d{{1,3}})[x×][ ](?=(?!(?:{_NOT_COUNTED})\b)[a-z]{{3,}}|[A-Z][A-Za-z])", lambda m: f"{number(m['n'])} ", needs="x×"),
            rule(rf"(?<![\w.,$€£-])(?P<n>{NUMBER})(?P<scale>M|bn|mn)(?P<plus>\+)?(?=[),;]|[.]?$|[ ]\()", self._scaled, needs=("M", "bn", "mn")),
            # factors: "2x faster", "x2", "×10"
            rule(rf"(?<![\w.])(?P<n>{NUMBER})[x×](?![\w])", lambda m: f"{number(m['n'])} times" if re.match(r"[ ](?:as|faster|slower|more|less|larger|smaller|bigger|higher|lower|better|longer|the|a|per|daily|cheaper|today|yesterday|tonight|already|in[ ]the|since|within|this[ ](?:week|month|year))\b", m.string[m.end():m.end() + 12]) else f"{number(m['n'])} X", needs="x×"),
            rule(r"(?<![\w])[x×](?:(?<=[a-z][ ][x×])[ ])?(?P<n>\d+)\b", self._factor, needs="x×"),
            # thousands cut short
            rule(rf"(?<![\w.,$€£-])(?P<low>{NUMBER})(?:[ ]?[kK])?[-–](?P<n>{NUMBER})(?P<scale>[kKM]|bn|mn)(?P<plus>\+)?(?![\w-])", lambda m: f"{number(m['low'])} to {self._scaled(m)}", needs="kKMn"),
            rule(rf"(?=[.\d])(?<![\w.,-])(?P<n>{NUMBER})[ ]?(?<![48](?=K))(?P<scale>[kKM]|bn|mn)(?P<plus>\+)?(?=[ ](?:[a-z]+[ ])?(?!is\b|as\b|was\b|has\b|this\b)[a-z]{{2,}}s\b|[ ](?:w/o|without|people|more|or|a\s(?:year|month))\b|(?<=[kKM]\+))", self._scaled, needs="kKMn"),
            rule(rf"(?<![\w.,])(?P<n>{NUMBER})\+(?!\w)(?![ ]?\d)", lambda m: f"{number(m['n'])} plus", needs="+"),
            rule(r"(?P<n>\d{1,3}(?:,\d{3})+)-(?=[a-z]{2})", lambda m: f"{number(m['n'])}-", needs="-"),
            # figures within names: "MP3", "B12", "5G", "ESP32-C3", "i7-12700K"
            rule(r"(?<![\w.])(?P<name>(?=[\w-]*[A-Za-z])(?=[A-Za-z-]*\d)[A-Za-z\d]+(?:-[A-Za-z\d]+){0,6})(?![\w])", self._name, needs=DIGITS),
            # everything else
            rule(rf"(?<![\w.,])(?P<n>[-−+±](?:(?<![\w)%][ ][-+])[ ])?(?:{NUMBER}))(?!\w)", lambda m: number(m["n"]), needs="-−+±"),
            rule(rf"(?=[.\d])(?P<n>{NUMBER})", self._bare, needs=DIGITS),
        )  # fmt: skip

    def _roman_rules(self) -> tuple[Rule, ...]:
        ordinal, cardinal = self._numbers.ordinal, self._numbers.cardinal

        def regnal(match: re.Match[str]) -> str | None:
            value = roman(match["n"])
            return None if value is None else f"{match['lead']}the {ordinal(str(value))}"

        def numbered(match: re.Match[str]) -> str | None:
            value = roman(match["n"])
            return None if value is None or value > 100 else f"{match['lead']}{cardinal(str(value))}"

        def numbered_or_regnal(match: re.Match[str]) -> str | None:
            """Sweyn II is the second where the talk is of kings, Fallout II two."""
            value = roman(match["n"])
            if (match["n"] in _NOT_ROMAN and match["n"] != "IV") or value is None:
                return None
            around = match.string[max(0, match.start() - 60) : match.end() + 60]
            if value < 25 and _ROYAL_RE.search(around):
                return f"{match['lead']}the {ordinal(str(value))}"
            return numbered_if_sure(match)

        def century(match: re.Match[str]) -> str | None:
            value = roman(match["n"])
            return None if value is None else ordinal(str(value))

        def numbered_if_sure(match: re.Match[str]) -> str | None:
            return None if match["n"] in _NOT_ROMAN else numbered(match)

        def year(match: re.Match[str]) -> str | None:
            value = roman(match["n"])
            return None if value is None or not 1500 < value < 2100 else self._numbers.year(str(value))

        return (
            rule(r"\b(?P<lead>World[ ]War[ ])(?P<n>I{1,3})\b", numbered, needs=("World War",)),
            rule(rf"(?P<lead>\b(?:{_REGNAL})[ ])(?P<n>[IVX]{{2,6}}|V|X|I(?!['’]|[ ][a-z]))(?![\w'’])", regnal, needs=(" I", " V", " X")),
            rule(rf"(?P<lead>\b(?:{_NUMBERED})[ ])(?P<n>[IVXLC]{{2,8}}|V|X|I(?!['’]|[ ](?!of\b|is\b|was\b|and\b|to\b|in\b)[a-z]))(?![\w'’-])", numbered, needs=(" I", " V", " X", " L", " C")),
            rule(r"\b(?P<n>[IVX]{1,6})(?=[ ]centur(?:y|ies)\b)", century, needs=(" centur",)),
            rule(r"(?P<lead>\b[A-Z]\.[ ][A-Z][a-z]+[ ])(?P<n>II|III|IV)\b", regnal, needs=(" II", " IV")),
            rule(r"(?P<lead>\b[A-Z][a-z]+[ ])(?P<n>[IVX]{2,6})(?![\w'’-])", numbered_or_regnal, needs=(" II", " IV", " V", " XI", " XX", " XV", " IX")),
            rule(r"\b[tT]he[ ](?P<n>[IVX]{2,6})(?=[ ][A-Z][a-z])", lambda m: f"{m.group()[:4]}{ordinal(str(roman(m['n'])))}" if roman(m["n"]) else None, needs=("he I", "he V", "he X")),
            rule(r"(?P<lead>\b)(?P<n>I{2,3}|VII|VIII|XII|XIII|XIV|XV)(?![\w'’-])", numbered_if_sure, needs=("II", "XIV", "XV")),
            rule(r"\b(?P<n>M[MDCLXVI]{3,12})\b", year, needs="M"),
        )  # fmt: skip

    # Readers

    def _phone(self, match: re.Match[str]) -> str:
        parts = [match["area"] or match["area2"], match["a"], match["b"]]
        words = [f"plus {digits(match['country'])}"] if match["country"] else []
        words += ["eight hundred" if part == "800" else digits(part) for part in parts]
        if match["ext"]:
            words.append(f"extension {digits(match['ext'])}")
        return ", ".join(words)

    def _international(self, match: re.Match[str]) -> str | None:
        if sum(char.isdigit() for char in match["all"]) < 8:
            return None
        return f"plus {digits(match['all'])}"

    def _label(self, match: re.Match[str]) -> str:
        tail = f" {match['tail'].upper()}" if match["tail"] else ""
        groups = match.groupdict()
        return f"{groups.get('lead') or ''}{groups.get('gap') or ''}{self._numbers.label(match['figures'])}{tail}"

    def _episode(self, match: re.Match[str]) -> str:
        a, b = (self._numbers.cardinal(str(int(match[each]))) for each in "ab")
        return f"{'Season' if (match['lead'] or 'e')[0].isupper() else 'season'} {a}, episode {b}"

    def _stone(self, match: re.Match[str]) -> str | None:
        n, pounds = match["n"], match["pounds"]
        if pounds is None and n[-1] == "1" and n != "11":
            return None  # the 21st
        words = f"{self._numbers.cardinal(n)} stone"
        return (
            f"{words} {self._numbers.cardinal(pounds)} {'pound' if pounds == '1' else 'pounds'}"
            if pounds
            else words
        )

    def _road(self, match: re.Match[str]) -> str:
        ways = {"N": "north", "S": "south", "E": "east", "W": "west"}
        parts = [
            match["lead"],
            self._numbers.label(match["figures"]),
            match["tail"],
            ways.get(match["way"] or "", ""),
        ]
        return " ".join(part for part in parts if part)

    def _mixed(self, match: re.Match[str]) -> str | None:
        a, b = int(match["a"]), int(match["b"])
        return self._numbers.mixed(match["whole"], a, b) if 0 < a < b else None

    def _fraction(self, match: re.Match[str]) -> str | None:
        lead = match["lead"] or ""
        a, b = match["a"], match["b"]
        if a == b == "50":
            return f"{lead}fifty-fifty"
        joint = _slash(match)
        if joint in ("slash", "over") and len(a) == len(b) == 4:  # two of a kind, as scores or prices are
            return f"{lead}{self._numbers.label(a)}, {self._numbers.label(b)}"
        sign = "minus " if match["minus"] else ""
        words = (
            f"{self._numbers.number(a)} {joint} {self._numbers.number(b)}"
            if joint
            else self._numbers.fraction(int(a), int(b))
        )
        return f"{lead}{sign}{words}"

    def _two(self, a: str, b: str) -> str:
        """16:9 is sixteen to nine, 47:03 forty-seven oh three: what no clock shows ran for so long."""
        if b == "00" and int(a) > 24:
            return f"{self._numbers.number(a)} minutes"
        if len(b) == 2 and (int(b) >= 60 or int(a) > 24):
            return f"{self._numbers.number(a)} {'oh ' if b[0] == '0' else ''}{self._numbers.number(b.lstrip('0') or '0')}"
        return f"{self._numbers.number(a)} to {self._numbers.number(b)}"

    def _power(self, match: re.Match[str]) -> str | None:
        exponent = (match["sup"] or "").translate(_SUPERSCRIPTS) or match["exp"]
        base = match["base"]
        before = match.string[match.start() - 1 : match.start()]
        if before.isalpha() and base.isalpha():
            # Behind a word it is a footnote's mark; "mc²" is two quantities.
            word = re.search(r"[A-Za-z]*$", match.string[max(0, match.start() - 20) : match.start()])
            if match["sup"] and (word is None or len(word.group()) > 1):
                return base
        base_words = base if base == ")" or base.isalpha() else self._numbers.number(base)
        return f"{base_words} {self._exponent_words(exponent)}"

    def _exponent_words(self, exponent: str) -> str:
        if exponent in ("2", "3"):
            return "squared" if exponent == "2" else "cubed"
        return f"to the {self._exponent(exponent)}"

    def _exponent(self, exponent: str) -> str:
        """6 → "sixth", -3 → "minus three", n → "N"."""
        exponent = exponent.lstrip("+")
        if exponent.isdigit():
            return self._numbers.ordinal(str(int(exponent)))
        if exponent[:1] == "-" and exponent[1:].isdigit():
            return f"minus {self._numbers.cardinal(str(int(exponent[1:])))}"
        return exponent

    def _minutes(self, match: re.Match[str]) -> str:
        words = []
        for n, more in _MINUTE_RE.findall(match["all"]):
            if more:
                words.append(f"{self._numbers.cardinal(n)} plus {self._numbers.cardinal(more)}")
            else:
                words.append(f"{self._numbers.ordinal(n)} minute")
        return match["lead"] + ", ".join(words)

    def _factor(self, match: re.Match[str]) -> str:
        """Behind something x4 is four times that; in a sum it is a variable with an index."""
        before, after = (
            match.string[max(0, match.start() - 8) : match.start()],
            match.string[match.end() : match.end() + 8],
        )
        is_alone = before.endswith("(") and after.startswith(")")  # "batteries (x4)"
        is_variable = match.group()[0] == "x" and (
            (re.search(r"(?:minus|plus|equals|over|times|[-−+=*/(]) ?$", before) and not is_alone)
            or re.match(r" ?(?:minus|plus|equals|over|[-−+=*/])", after)
        )
        is_variable = is_variable or match.group() in ("x86", "x64")  # processors
        return f"{'X' if is_variable else 'times'} {self._numbers.number(match['n'])}"

    def _tyre(self, match: re.Match[str]) -> str:
        """205/55 R16 91V → two oh five fifty-five R sixteen ninety-one V."""
        label = self._numbers.label
        words = f"{label(match['a'])} {label(match['b'])} {' '.join(match['type'])} {label(match['rim'])}"
        return f"{words} {label(match['index'])} {match['speed']}" if match["load"] else words

    def _processor(self, match: re.Match[str]) -> str:
        """i7-12700K → I seven twelve seven hundred K."""
        label, tail = self._numbers.label, match["tail"]
        end = f"oh {label(match['b'][1:])}" if match["b"][0] == "0" else label(match["b"])
        words = f"I {label(match['line'])} {label(match['a'])} {end}"
        return f"{words} {' '.join(tail)}" if tail else words

    def _compound(self, match: re.Match[str]) -> str | None:
        """CaCO₃ letter by letter. A word in capitals with a figure behind is no formula, but for those we know."""
        written = match["all"]
        if (
            written.isascii()
            and re.fullmatch(r"[A-Z]+\d+|[A-Za-z]+|[A-Z]\d*[A-Z]", written)
            and written not in _SHORT_FORMULAS
        ):
            return None
        words = [self._numbers.cardinal(match["count"])] if match["count"] else []
        for symbol, count in _SYMBOL_RE.findall(written):
            words += symbol.upper()
            if count:
                words.append(self._numbers.cardinal(count.translate(_SUBSCRIPTS)))
        return " ".join(words)

    def _formula(self, match: re.Match[str]) -> str | None:
        what, n = match["what"], match["n"].translate(_SUBSCRIPTS)
        if what in ("O", "N") and match["n"] == n and n not in ("2", "3"):
            return None
        if what == "PM" and n not in ("1", "1.0", "2.5", "10"):
            return None
        letters = (
            what
            if what == "PM"
            else " ".join(what)
            if what.isupper()
            else " ".join(re.findall("[A-Z][a-z]?", what))
        )
        words = f"{letters} {self._numbers.number(n)}"
        if match["more"]:
            words += f" {' '.join(match['more'])}"
            if match["m"]:
                words += f" {self._numbers.number(match['m'].translate(_SUBSCRIPTS))}"
        elif match["m"]:
            return None
        return words

    def _range(self, match: re.Match[str]) -> str | None:
        a, b = match["a"], match["b"]
        words = f"{self._numbers.number(a)} to {self._numbers.number(b)}"
        return f"minus {words}" if match["minus"] else words

    def _scaled(self, match: re.Match[str]) -> str:
        scale = {"k": "thousand", "m": "million", "b": "billion"}[match["scale"][0].lower()]
        return f"{self._numbers.number(match['n'])} {scale}{' plus' if match['plus'] else ''}"

    def _name(self, match: re.Match[str]) -> str | None:
        """Letters and figures of a name apart: the letters as they are, the figures as a label."""
        name = match["name"]
        plain = re.fullmatch(r"(\d+)-([A-Za-z][a-z]+(?:-[a-z]+)*)", name)
        if plain:  # "10-minute", "24-hour", "3-year-old"
            return f"{self._numbers.cardinal(plain[1])}-{plain[2]}"
        ordinal = re.fullmatch(r"(\d+)(?:st|nd|rd|th)-([a-z-]+)", name)
        if ordinal:
            return f"{self._numbers.ordinal(ordinal[1])}-{ordinal[2]}"
        if re.fullmatch(r"\d{3,}[dsm]|\d+s", name):
            return f"{self._numbers.number(name[:-1])} {name[-1].upper()}"
        serial = (
            len(name) > 14
            or re.fullmatch(r"[A-Z]+-\d{3,}-[A-Z\d-]+", name) is not None
            or re.search(r"\d[A-Za-z]+\d", name) is not None
            or re.search(r"\d{5,}", name) is not None
        )
        words = []
        for part in re.findall(r"[A-Za-z]+|\d+|-", name):
            if part == "-":
                continue
            if part.isdigit():
                spelled = serial and len(part) > 2 and not part.endswith("00")
                words.append(digits(part) if spelled else self._numbers.label(part))
            elif serial and part.isupper() and len(part) < 4:
                words.append(" ".join(part))
            elif len(part) == 1 or (len(part) < 3 and part.islower() and part != "to" and name[0].isdigit()):
                words.append(" ".join(part.upper()))
            elif part == "to":
                words.append("to")
            else:
                words.append(ACRONYMS.get(part, part))
        return " ".join(words)

    def _bare(self, match: re.Match[str]) -> str:
        written, text = match["n"], match.string
        before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
        is_name = written.isdigit() and len(written) >= 10
        words = digits(written) if is_name else self._numbers.number(written)
        lead = " " if before.isalnum() else ""
        return f"{lead}{words}{' ' if after.isalnum() else ''}"


def _between(match: re.Match[str]) -> str:
    """Between $5-10 → between 5 and $10: the last one says what both are."""
    sign, sign2 = match["sign"] or "", match["sign2"] or ""
    first, last = ("", sign) if sign and not sign2 else (sign, sign2)
    return f"{match['lead']}{first}{match['a'].rstrip()} and {last}"


# Behind these a slash is "of": "page 3/5".
_OF_SO_MANY = "page|step|part|item|slide|track|question|episode|disc|disk|attempt|layer|frame|speed|gear|stage|lap|lesson"

# Of so many things some are as is said: "3/5 windows are closed". Of what is measured there are parts.
_HOW_MANY_RE = re.compile(
    r"(?: [a-z-]+)?"
    r" (?!cups|hours|miles|inches|pounds|ounces|gallons|pints|quarts|votes|acres|liters|teaspoons|tablespoons)[a-z-]{2,}s"
    r",? (?:are|were|have|closed|open|on|off|done|complete|completed|finished|online|offline|locked|unlocked|charged|ready|"
    r"active|available|connected|passed|failed)\b"
)


def _slash(match: re.Match[str]) -> str:
    """What the slash of 3/4 is said as, empty where it makes a fraction."""
    a, b, lead = int(match["a"]), int(match["b"]), (match["lead"] or "").lower()
    text = match.string
    is_starred = a <= b and b in (5, 10) and text.startswith((" star", "-star"), match.end())
    is_rated = (
        is_starred
        or re.match(r"score|rat|got|g[ai]ve|passed", lead) is not None
        or (
            a <= b
            and b in (5, 10, 11, 15, 20, 25, 30, 40, 50, 60, 100)
            and re.search(
                r"\b(?:score|grade|mark|quiz|test|exam|rating|index)s?\b[^.!?]{0,20}\Z",
                text[max(0, match.start() - 30) : match.start()],
            )
            is not None
        )
    )
    if re.match(_OF_SO_MANY, lead):
        joint = "of"
    elif a > 20 and b < 10 and _CRICKET_RE.search(text[max(0, match.start() - 80) : match.end() + 80]):
        joint = "for"
    elif b > 20 and re.match(
        r"[ -](?:minute|hour|day|week|month|mile|second)", text[match.end() : match.end() + 8]
    ):
        joint = "slash"
    elif 80 <= a <= 220 and 40 <= b <= 130 and 20 <= a - b <= 110 and not match["th"]:
        joint = "over"  # a blood pressure
    elif (
        a <= b == 10
        and re.search(
            r"\b(?:[vV]ol(?:ume|\.)?|[lL]evel|[bB]rightness|[pP]ain|[dD]ifficulty|set|up|down|turned)[ ](?:is[ ]|set[ ]|at[ ]|to[ ]){0,2}\Z",
            text[max(0, match.start() - 24) : match.start()],
        )
        and not text.startswith(" of ", match.end())
    ):
        joint = "out of"  # of a scale
    elif is_rated or a == b or (b == 10 and lead == "is ") or (b == 100 and a > 1):
        joint = "out of"
    elif a <= b <= 20 and not match["th"] and _HOW_MANY_RE.match(text, match.end()):
        joint = "of"
    elif match["th"] or (b > 1 and (a < b or b <= 16) and (b <= 20 or b in (32, 64, 100, 1000)) and a > 0):
        joint = ""
    elif 0 < a < b and re.match(r" (?:[a-z]+ )?[a-z]{3,}s\b", text[match.end() : match.end() + 24]):
        joint = "out of"  # "14/22 lifts"
    else:
        joint = "over" if a and b > 20 and a < b else "slash"
    return joint
