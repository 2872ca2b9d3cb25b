"""English words for signs: & @ # + = × ÷ ± ≈ → ° ‰ and the like, quotes and apostrophes, slashes, dashes, pauses.

What is left of punctuation is what the model was trained on: ; : , . ! ? — … ( ) and quotes.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.rules import Rule, alternatives, is_end, rule

# Said wherever they stand.
_NAMES = {
    "&": "and", "@": "at", "=": "equals", "×": "times", "÷": "divided by", "±": "plus or minus", "−": "minus", "≈": "is about", "≅": "is about",
    "≠": "is not equal to", "≤": "is less than or equal to", "≥": "is greater than or equal to", "→": "to", "⇒": "implies", "⟶": "to",
    "←": "from", "↔": "to and from", "↑": "up", "↓": "down", "°": "degrees", "‰": "per mille", "%": "percent", "§": "section", "¶": "paragraph",
    "√": "square root of", "∫": "integral of", "∂": "partial", "∇": "del", "∀": "for all", "∃": "there is", "∞": "infinity", "∑": "sum of", "∆": "delta", "∈": "in", "∩": "and", "∪": "or", "∝": "is proportional to",
    "©": "copyright", "®": "", "™": "", "℠": "", "†": "", "‡": "", "¢": "cents", "$": "dollars", "€": "euros", "£": "pounds", "¥": "yen",
    "₹": "rupees", "¬": "not", "∧": "and", "∨": "or", "∴": "therefore", "∵": "because", "⌀": "diameter", "℉": "degrees Fahrenheit",
    "℃": "degrees Celsius", "№": "number", "✓": "", "✔": "", "✗": "", "✘": "", "★": "star", "☆": "", "♥": "", "•": ",", "·": ",", "‣": ",", "●": ",",
    "■": ",", "◦": ",", "▪": ",", "∙": ",", "|": ",", "¦": ",", "\\": "backslash", "^": "", "~": "", "`": "", "_": " ", "{": "", "}": "", "[": "(", "]": ")",
    "º": "degrees", "ª": "",
}  # fmt: skip

# Letters, said where they stand alone: the rest are words, for the phonemizer.
_LETTERS = {
    "Σ": "sigma", "π": "pi", "Δ": "delta", "α": "alpha", "β": "beta", "γ": "gamma", "λ": "lambda", "μ": "mu", "µ": "micro", "Ω": "ohms",
    "σ": "sigma", "θ": "theta", "ε": "epsilon", "φ": "phi", "ω": "omega", "τ": "tau", "ρ": "rho", "δ": "delta", "ø": "diameter",
}  # fmt: skip


_ROOMS = r"(?:kitchen|living|dining|diner|bed|bath|laundry|utility|office|study|den|hall|hallway|entry|lounge|garage|guest|family|play|mud|attic|basement|workshop|pantry|gym)(?:[ ]?rooms?)?\b"
# What a price or a rate is of, where no figure stands before it: "Cost/TB".
_EACH = {
    "TB": "terabyte", "GB": "gigabyte", "MB": "megabyte", "kg": "kilogram", "lb": "pound", "kWh": "kilowatt hour", "mi": "mile", "km": "kilometer", "L": "liter", "l": "liter",
    "oz": "ounce", "g": "gram",
}  # fmt: skip
_BOX = {"H": "height", "W": "width", "D": "depth", "L": "length"}
_SPANS = {"s": "second", "h": "hour", "hr": "hour", "min": "minute", "d": "day", "yr": "year"}
_RAISED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
_ELEMENTS = {
    "C": "carbon", "H": "hydrogen", "He": "helium", "O": "oxygen", "N": "nitrogen", "U": "uranium", "Pu": "plutonium", "Cs": "caesium", "Sr": "strontium", "I": "iodine",
    "K": "potassium", "Co": "cobalt", "Th": "thorium", "Ra": "radium", "Rn": "radon", "Tc": "technetium", "Li": "lithium", "P": "phosphorus",
}  # fmt: skip
_ACCIDENTALS = {"♯": "sharp", "♭": "flat", "♮": "natural"}
_FUNCTIONS = {
    "sin": "sine",
    "cos": "cosine",
    "tan": "tangent",
    "ln": "natural log",
    **{f"{name}'": f"{name} prime" for name in "fgh"},
    **{f"{name}''": f"{name} double prime" for name in "fgh"},
    "log10": "log base ten",
    "log2": "log base two",
    "log₂": "log base two",
    "log₁₀": "log base ten",
    "sqrt": "square root",
}


def early_rules() -> tuple[Rule, ...]:
    """What has to be read before figures and abbreviations are."""
    return (
        # apostrophes: what misaki would take for quotes
        rule(r"(?<!\w)'(?=(?:tis|twas|twere|em|til|bout|cause|round)\b)", lambda _: "", needs="'", flags=re.IGNORECASE),
        rule(r"(?<=\w)[ ]?'n'[ ]?(?=\w)", lambda _: " 'n' ", needs="'"),
        rule(r"[«»„]", lambda m: "”" if m.group() == "»" else "“", needs="«»„"),
        # signs that are spoken of, and not between two things
        rule(r"(?P<sign>&&|\|\|)(?=[.,;!?)]|$|[ ](?:or|and|is|means|operators?|signs?)\b)", lambda m: f"double {'ampersand' if m['sign'] == '&&' else 'pipe'}", needs=("&&", "||")),
        rule(r"(?<=[ ])(?P<sign>===?)(?=[ ](?:to|means|checks|compares|tests|operators?|signs?)\b)", lambda m: f"{'double' if len(m['sign']) == 2 else 'triple'} equals", needs=("==",)),
        rule(r"[ ]?&&[ ]?", lambda _: " and ", needs="&"),
        rule(r"[ ]?\|\|[ ]?", lambda _: " or ", needs="|"),
        # sums: "10/2 = 5", "7-3=4", "-b", "b²-4ac"
        rule(r"(?<=\d)(?P<op>[-−/])(?=[\d.]{1,12}(?:[ ]?[-−+*/×÷][ ]?[\d.]{1,12}){0,6}[ ]?(?:=(?!=)|≈))", _in_sum, needs="=≈"),
        rule(r"(?<=[²³)])[-−](?=[\da-z(])|(?:(?<=[²³])|(?<=\b\d[a-z]))[ ][-−–][ ](?=\d|[a-z]\b|\()|(?<=[(=+*±])(?P<gap>[ ]?)[-−](?=[a-z]\b(?![-'_]))", lambda _: " minus ", needs="-−–"),
        rule(r"(?P<a>\((?:[A-Za-z]|[\d.,]{1,9}))[ ][-–−][ ](?=(?:[A-Za-z]|[\d.,]{1,9}|[a-z]{2,9})\)[ ]?[×x*/÷+^²³=])", lambda m: f"{m['a']} minus ", needs="-–−"),
        rule(r"(?<=\w)[ ]/[ ](?=\w{1,20}\)[ ]?[×x*÷+^=])", lambda _: " divided by ", needs="/"),
        rule(r"(?<![\w*])\*(?=\d{2,3}\b(?!\.\d))", lambda _: "star ", needs="*"),
        rule(r"(?<![\w.,-])(?P<a>\d{1,4}(?:\.\d)?)[-–](?P<b>\d{1,4}(?:\.\d)?)[x×](?=[.,;:!?)](?!\w)|$)", lambda m: f"{m['a']} to {m['b']} times", needs="x×"),
        # addresses in a row
        rule(r"(?P<ip>(?<![\w.])\d{1,3}(?:\.\d{1,3}){3})[ ]?[-–][ ]?(?=\d{1,3}(?:\.\d{1,3}){3}(?!\w)|\d{1,3}(?!\w|\.\d))", lambda m: f"{m['ip']} to ", needs="."),
        # the two figures of computers, where they are no count
        rule(r"(?<![\w/.,])(?P<a>[01])/(?P<b>[01])(?=[.,;:!?)]?(?:$|[ ](?:and|or|values?|flags?|bits?|switch)\b)|[;!?)])", lambda m: f"{m['a']} or {m['b']}" if m["a"] != m["b"] else None, needs=("0/1", "1/0")),
        rule(r"(?<=\d)[ ]?GbE\b", lambda _: " gigabit Ethernet", needs=("GbE",)),
        # sides of a box
        rule(r"\b(?P<a>[HWDL])[ ]?[x×][ ]?(?P<b>[HWDL])(?:[ ]?[x×][ ]?(?P<c>[HWDL]))?\b", lambda m: " by ".join(_BOX[each] for each in m.groups() if each), needs="x×"),
        # codes of a kind
        rule(r"\b(?P<a>(?P<kind>[A-Z])\.?\d{1,4})/(?=(?P=kind)\.?\d{1,4}\b)", lambda m: f"{m['a']} or ", needs="/"),
        rule(r"\b(?P<a>(?P<kind>[A-Z])\d{1,3})[-–](?=(?P=kind)\d{1,3}\b)", lambda m: f"{m['a']} to ", needs="-–"),
        rule(r"\b(?P<a>[48]K|1080p|2160p|720p|1440p)/(?=(?:24|25|30|50|60|90|100|120|144|240)\b)", lambda m: f"{m['a']} ", needs="/"),
        rule(r"\b(?P<os>Windows|iOS|Android|macOS|Ubuntu|Debian|Java|PHP|Python|Office|RAID)[ ](?P<a>\d{1,4}(?:\.\d{1,2})?)/(?=\d{1,4}(?:\.\d{1,2})?(?![\w/]|\.\d))", lambda m: f"{m['os']} {m['a']} or ", needs="/"),
        rule(r"\b(?P<what>[gG]ates?|[pP]latforms?|[tT]erminals?|[eE]xits?|[aA]isles?|[gG]rades?)[ ](?P<a>\d{1,2})/(?P<b>\d{1,2})(?![\w/]|[.]\d)", lambda m: f"{m['what']} {m['a']} or {m['b']}" if int(m["b"]) == int(m["a"]) + 1 else None, needs="/"),
        rule(r"(?P<way>\b(?:turn|bear|veer|keep|go|then|hang[ ]an?|make[ ]an?)[ ])(?P<side>[LR])(?=[.,;!]?(?:[ ](?:at|on|onto|and|then|in(?![ ]mind)|after|when|into)\b|$)|[.,;!])", lambda m: m["way"] + ("left" if m["side"] == "L" else "right"), needs="LR", flags=re.IGNORECASE),
        rule(r"(?P<unit>\b(?:million|billion|thousand|trillion)[ ]k?m[²³])/(?P<per>s|h|hr|min|d|yr)\b", lambda m: f"{m['unit']} per {_SPANS[m['per']]}", needs="²³"),
        rule(r"(?<![\w/.])(?P<a>\d{2,3})/(?=\d{2,3}[ ]?(?:fps|FPS)\b)", lambda m: f"{m['a']} or ", needs="/"),
        rule(r"(?P<lead>\b[sS]izes?[ ])(?P<a>\d{1,2})/(?=\d{1,2}(?![\w/]|[.]\d))", lambda m: f"{m['lead']}{m['a']} ", needs=("ize",)),
        rule(r"(?P<lead>\d[ ]?(?:min|hr|sec))\.(?=/[a-z])", lambda m: m["lead"], needs=("./",)),
        # highs and lows: "Mon 5/-1°", where 1/2° is a half
        rule(r"(?<![\w./°$€£])(?<![gG]as[ ])(?!(?:1/[234]|2/3|3/4)[ ]?°)(?P<high>[-−]?\d{1,3})/(?=[-−]?\d{1,3}[ ]?°)", lambda m: f"{m['high']}°, ", needs="°"),
        # so many times another's
        rule(r"(?<=\d)[ ]?×(?=[ ](?:the|that|those|its|his|her|their|our|more|[A-Z][a-z]{1,20}['’]s)\b)", lambda _: " times", needs="×"),
        rule(r"(?P<word>\b[A-Za-z]{3,})-(?=\d{1,3}\.\d{1,2}(?!\w|[.]\d))", lambda m: f"{m['word']} ", needs="-"),
        # isotopes
        rule(rf"(?<!\w)(?P<mass>[⁰¹²³⁴⁵⁶⁷⁸⁹]{{1,3}})(?P<of>{alternatives(_ELEMENTS)})(?![\w₀-₉])", lambda m: f"{_ELEMENTS[m['of']]} {m['mass'].translate(_RAISED)}", needs="⁰¹²³⁴⁵⁶⁷⁸⁹"),
        rule(r"(?<=\d)/(?P<what>tcp|udp|TCP|UDP)\b", lambda m: f" {m['what'].upper()}", needs=("/tcp", "/udp", "/TCP", "/UDP")),
        rule(r"(?<=[\w)])\*\*(?=[\w(])", lambda _: " to the power of ", needs=("**",)),
        rule(r"(?<!\w)[fƒ]/(?=\d{1,2}(?:\.\d)?\b(?!/))", lambda _: "F ", needs=("f/", "ƒ/")),
        # British newspapers' percent, and not six pieces
        rule(r"(?<=\d)[ ]?pc\b(?![-'’/]|[ ](?:set|pack|box|puzzle))", lambda _: "%", needs=("pc",), behind=r"(?:\b(?:rose|fell|up|down|by|grew|rise[ ]of|fall[ ]of|inflation[ ]at|from)[ ](?:\d{1,3}\.)?|(?<!\w)\d{1,3}\.)\d{1,3}"),
        # stars of five
        rule(r"(?P<full>★{1,10})(?P<empty>☆{0,10})", _stars, needs="★"),
        rule(r"(?<!\w)[Øø][ ]?(?=\d)", lambda _: "diameter ", needs="Øø"),
        rule(r"\b(?P<way>[HL]):[ ]?(?=[-−]?\d{1,3}[ ]?°)", lambda m: "High " if m["way"] == "H" else "low ", needs=":"),
        # music, functions, factorials
        rule(r"\b(?P<key>[A-G])(?P<sign>[♯♭♮])(?P<minor>m\b)?", lambda m: f"{m['key']} {_ACCIDENTALS[m['sign']]}{' minor' if m['minor'] else ''}", needs="♯♭♮"),
        rule(r"\b(?P<key>[A-G])b(?=[ ](?:major|minor|clarinet|trumpet)\b)", lambda m: f"{m['key']} flat", needs=("b major", "b minor", "b clarinet", "b trumpet")),
        rule(r"\b(?P<key>[A-G])\#m\b", lambda m: f"{m['key']} sharp minor", needs="#"),
        rule(r"(?<![\w.])(?P<name>[fghPO]|[fgh]'{1,2}|sin|cos|tan|log(?:10|2|₂|₁₀)?|ln|exp|sqrt)\((?P<of>[^()\s,]{1,12}|n[ ]log[ ]n)\)", lambda m: f"{_FUNCTIONS.get(m['name'], m['name'])} of {m['of'].replace('|', ' given ')}", needs="("),
        rule(r"(?<![\w.,])(?P<n>\d{1,3}|n)!(?=[ ]?[=+×*/÷]|[ ]is\b)", lambda m: f"{m['n']} factorial", needs="!"),
        rule(r"(?<=[²³⁴ⁿ)])/(?=[\w(])|(?<=\b[a-z])/(?=\d\b)|(?<=[\d)²³]\b)/(?=[a-z]\b(?!['/]))(?=[xyzn]\b)", lambda _: " over ", needs="/"),
        rule(r"(?<![^\W_])[Δ∆δ](?=[A-Za-z]\b|[A-Z][a-z]?\d)", lambda _: "delta ", needs="Δ∆δ"),
        rule(r"(?<=[\wπ)])·(?=[\w(π])|(?<=\b[\da-z])[ ]·[ ](?=[\da-z]\b)", lambda _: " times ", needs="·"),
        rule(r"\bd(?P<a>[a-z])/d(?P<b>[a-z])\b", lambda m: f"D {m['a'].upper()} by D {m['b'].upper()}", needs="/"),
        rule(r"π(?=·|[A-Za-z](?:[²³^]|\b)|\()", lambda _: " pi ", needs="π"),
        # comparisons, where a figure follows
        rule(r"(?<![\w<])(?:<=|≤|≦|=<)\s?(?=[-+$€£]?\d)", lambda _: "at most ", needs="<≤≦"),
        rule(r"(?<![\w>])(?:>=|≥|≧)\s?(?=[-+$€£]?\d)", lambda _: "at least ", needs=">≥≧"),
        rule(r"(?<=\w)\s?(?:<=|≤)\s?(?=[\w-])", lambda _: " is at most ", needs="<≤"),
        rule(r"(?<=\w)\s?(?:>=|≥)\s?(?=[\w-])", lambda _: " is at least ", needs=">≥"),
        rule(r"(?P<left>(?:\w{1,40}|[)%])[ ])?(?P<sign>[<>])[ ]?(?=[-+$€£]?\d)", _compared, needs="<>"),
        rule(r"(?<=[\w)%])[ ]<[ ](?=[\w(])", lambda _: " is less than ", needs="<"),
        # the way through a menu: "Settings > Devices"
        rule(r"(?<=[a-z])[ ][>›»][ ](?=[A-Z][a-z])", lambda _: ", ", needs=">›»"),
        # an option of a command
        rule(r"(?<=[ ])--?(?=[A-Za-z][\w-]*(?:[ =.,]|$))", lambda _: "dash ", needs="-"),
        rule(r"(?<=[\w)%])[ ]>[ ](?=[\w(])", lambda _: " is greater than ", needs=">"),
        rule(r"(?P<left>(?:\w{1,40}|[)%])[ ]?)?(?:≈|≃)[ ]?(?=[-$€£]?[\w])", _about, needs="≈≃"),
        # how dear a restaurant is
        rule(r"(?<!\S)(?:\${2,4}|€{2,4}|£{2,4})(?=[\s,.;)]|$)", lambda _: "", needs=("$$", "€€", "££")),
        rule(r"(?:^|(?<=[\s(]))(?:~|∼)\s?(?=[-$€£]?[\d½⅓⅔¼¾⅛⅜⅝⅞])", lambda _: "about ", needs="~∼"),
        rule(r"\s?(?:!=|≠)\s?", lambda _: " is not equal to ", needs="!≠"),
        rule(r"\s?(?:==)\s?", lambda _: " equals ", needs="="),
        rule(r"\s?(?:<->|<-->|↔|⇔|<=>)\s?", lambda _: " to and from ", needs="<↔⇔"),
        rule(r"[ ](?:→|->|➜|➔|⟶|⇒|=>)[ ](?=[A-Z][a-z])", lambda _: ", ", needs="→>➜➔⟶⇒", behind=r"(?:\b(?:settings|preferences|options|tools|menu|file|edit|view|system|panel|devices)\b[^.!?\d]{0,40}|\b(?:go[ ]to|open|under|navigate[ ]to|select|click|tap|choose|via)[ ][^.!?\d]{1,50})"),
        # a conclusion: "1,150 ppm → please open a window"
        rule(r"[ ](?:→|->|➜|➔|⟶|⇒|=>)[ ](?=(?:please|so|then|try|consider|don't|do[ ]not|you|it|this|that|time[ ]to|no[ ]need)[ ])", lambda _: ", ", needs="→>➜➔⟶⇒", flags=re.IGNORECASE),
        # a reaction
        rule(r"(?<=[₂₃₄₅₆₇₈₉])\s?(?:->|→|⟶)\s?(?=\d{0,2}(?:[A-Z][a-z]?[₂₃₄₅₆₇₈₉]?){1,6}(?![\w₂-₉]))", lambda _: " yields ", needs="→>⟶"),
        rule(r"\s?(?:-->|->|=>|→|➜|➔|⟶|➡|⇒)\s?", lambda _: " to ", needs=">→➜➔⟶➡⇒"),
        rule(r"\s?(?:<--|<-|←|⟵|⬅)\s?(?!\d)", lambda _: " from ", needs="<←⟵⬅"),
        rule(r"\+/-|\+-|∓", lambda _: "±", needs="+∓"),
        # a question's verb is there already: "Is 1/2 cup = 4 oz?"
        rule(r"[ ]?=[ ]?(?=[\w($€£½⅓¼-][^.!?=]{0,60}\?)", lambda _: " equal to ", needs="=", behind=r"(?:\A|[.!?][ ])(?:is|are|was|isn't)[ ][^.!?=]{1,50}"),
        rule(r"[ ]?=[ ]?(?=[\w($€£½⅓¼-][^.!?=]{0,60}\?)", lambda _: " equal ", needs="=", behind=r"\bdo(?:es|n't|esn't)?[ ][^.!?=]{1,50}"),
        rule(r"√\s?(?=[\w(])", lambda _: "square root of ", needs="√"),
        rule(r"(?<=[\w)])[ ]?÷[ ]?(?=[\w(-])", lambda _: " divided by ", needs="÷"),
        rule(r"(?<=[\d)])[ ]/[ ](?=[\d(])", lambda _: " divided by ", needs="/"),
        rule(r"(?<=[\w)])(?P<sign>[ ]?=[ ]?)(?=[\w($€£-])", lambda _: " equals ", needs="="),
        rule(r"(?<=\d)[ ]?\+[ ]?(?=\d(?!\d:\d\d))|(?<=[\w)])[ ]\+[ ](?=[\w(])", lambda _: " plus ", needs="+"),
        rule(r"\bC\+\+", lambda _: "C plus plus", needs="+"),
        rule(r"\b(?P<key>C|F|G|A|D)\#(?!\w)", lambda m: f"{m['key']} sharp", needs="#"),
        rule(r"\b(?P<grade>[A-DF])(?P<sign>[+-])(?=[\s,.;!?)]|$)", lambda m: f"{m['grade']} {'plus' if m['sign'] == '+' else 'minus'}" if _is_grade(m) else None, needs="+-"),
        rule(r"\.NET\b", lambda _: "dot net", needs="."),
    )  # fmt: skip


def pair_rules() -> tuple[Rule, ...]:
    """Two words with a slash that are known, before all others with one."""
    return (
        rule(r"\b(?P<a>either)/or\b", lambda m: f"{m['a']} or", needs="/", flags=re.IGNORECASE),
        rule(r"\b(?P<a>off|on)/(?P<b>on|off)(?=[ ]again\b)", lambda m: f"{m['a']} and {m['b']}", needs="/", flags=re.IGNORECASE),
        rule(r"\b(?P<a>on|off|start|stop|play|open|up|in)/(?P<b>off|on|stop|start|pause|closed?|down|out)\b(?P<as>[ -][a-z]+)?", _opposites, needs="/", flags=re.IGNORECASE),
        rule(r"\b(?P<a>and|he|his|him|his|s|yes|true|pass)/(?P<b>or|she|hers|her|they|no|false|fail)\b", _either, needs="/", flags=re.IGNORECASE),
        rule(r"(?P<of>\b(?:[Pp]rice|[Cc]ost|[Ff]ee|[Rr]ate|[Cc]alories|[Ss]peed|[Ee]nergy|price|cost|fee|rate|salary|pay|wage|calories|kcal|users|visits|requests|hours|miles|steps|energy|speed|power|fuel)[ ]?)/[ ]?(?P<per>TB|GB|MB|kg|lb|kWh|mi|km|L|l|oz|g)\b", lambda m: f"{m['of'].rstrip()} per {_EACH[m['per']]}", needs="/"),
        # one room that is two
        rule(rf"\b(?P<a>{_ROOMS})/(?={_ROOMS})", lambda m: f"{m['a']} ", needs="/", flags=re.IGNORECASE),
    )  # fmt: skip


def rules() -> tuple[Rule, ...]:
    """What is left when all figures are words."""
    names = re.escape("".join(_NAMES))
    return (
        rule(r"(?<=[A-Za-z])[ ]/[ ](?=[A-Za-z])", lambda _: ", ", needs="/"),
        rule(r"(?<=[\w)])/(?=[\w(])", lambda _: " slash ", needs="/"),
        rule(r"(?<![/\w])/(?![/\w])|/", lambda _: " slash ", needs="/"),
        rule(r"(?P<whose>\b(?:my|your|his|her|our|their|the|phone|cell|account|order|tracking|room|case|ref|invoice|ticket|confirmation|model|serial|part|flight|what)[ ])\#(?=[ ]?(?:is|was|for|of|on|to)\b|[?.,:)]|$)", lambda m: f"{m['whose']}number", needs="#", flags=re.IGNORECASE),
        rule(r"\#(?=\s|$)|\#{1,20}", lambda m: " number " if re.match(r"\s*[a-z]", m.string[m.end() : m.end() + 2]) and m.group() == "#" and m.string[m.end() : m.end() + 1] != " " else " hash " if len(m.group()) == 1 else " ", needs="#"),
        rule(r"(?<=\w)\*(?=\w)", lambda _: " times ", needs="*"),
        rule(r"(?<=[A-Z]{2})[ ]\*[ ](?=[A-Z]{2})", lambda _: " star ", needs="*"),
        rule(r"(?<=[\w)])[ ]\*[ ](?=[\w(])", lambda _: " times ", needs="*"),
        rule(r"\*{1,200}", lambda _: "", needs="*"),
        rule(r"(?<=\w)\+(?=\W|$)|\+", lambda _: " plus ", needs="+"),
        rule(r"[<>]{1,100}", lambda _: " ", needs="<>"),
        rule(rf"(?<![^\W\d_])[{''.join(_LETTERS)}](?![^\W\d_])", lambda m: _LETTERS[m.group()], needs="".join(_LETTERS)),
        rule(rf"[{names}]", lambda m: f" {_NAMES[m.group()]} " if _NAMES[m.group()] not in (",", "(", ")", "") else _NAMES[m.group()] or " "),
        # dashes: between words a pause, within a word nothing
        rule(r"[ ]?(?:—|–|―|⸺)[ ]?|[ ]--?-?[ ]|(?<=\w)---?(?=\w)", _dash, needs="—–―⸺-"),
        rule(r"(?<!\w)-(?=\w)|(?<=\w)-(?!\w)", lambda _: " ", needs="-"),
        rule(r"(?<=[ ])-{1,40}(?=[ ]|$)|^-{1,40}(?=[ ])", lambda _: "—", needs="-"),
        # marks that are repeated, or were left without anything between them
        rule(r"(?P<mark>[!?])[!?]{1,200}", lambda m: "?" if "?" in m.group() else "!", needs="!?"),
        rule(r"\.{4,400}|…{2,200}|(?:\.[ ]){2,200}\.", lambda _: "…", needs=".…"),
        rule(r"\([\s,;]{0,40}\)", lambda _: "", needs="("),
        rule(r"[ ]{1,40}(?=[,;:.!?)](?:[\s\"”')]|$)|\)[.,;:!?])", lambda _: "", needs=" "),
        rule(r"(?P<mark>[,;:])(?:[ ]?,){1,200}", lambda m: m["mark"], needs=","),
        rule(r"(?P<mark>[.!?…]),(?=\s|$)|^[ ]?,[ ]?", lambda m: m["mark"] or "", needs=","),
        rule(r"(?<=[(“])[ ]{1,40}", lambda _: "", needs="(“"),
        rule(r"(?<=[a-z]),(?=[a-z])", lambda _: ", ", needs=","),
    )  # fmt: skip


def _compared(match: re.Match[str]) -> str:
    """x > 5 → "x is greater than five", but "it is < 5" has its verb."""
    left = match["left"] or ""
    age = re.match(
        r"\d{1,4}[ -]?(?:years?|yrs?|y/?o|months?|mos?|weeks?|wks?|days?|hours?|hrs?|min)\b",
        match.string[match.end() : match.end() + 14],
    )
    than = "less than " if match["sign"] == "<" else "more than "
    is_told = re.search(
        r"\b(?:keep|make|set|get|want|need)s? \Z",
        match.string[max(0, match.start() - 7) : match.start()],
        re.IGNORECASE,
    )
    if age or is_told or _has_verb(match, left):
        return left + than
    if re.search(r"\b[Ii]s $", match.string[max(0, match.start() - 4) : match.start()]):
        return f"{left}{'less' if match['sign'] == '<' else 'greater'} than "
    return f"{left}is {'less' if match['sign'] == '<' else 'greater'} than "


def _about(match: re.Match[str]) -> str:
    left = match["left"] or ""
    return f"{left}about " if _has_verb(match, left) else f"{left.rstrip()} is about "


def _in_sum(match: re.Match[str]) -> str | None:
    """What stands between two figures of a sum; a proper fraction is left to be one: "2/3 + 1/6 = 5/6"."""
    if match["op"] != "/":
        return " minus "
    text = match.string
    a = re.search(r"(?<![\w.,/])\d{1,3}\Z", text[max(0, match.start() - 4) : match.start()])
    b = re.match(r"\d{1,3}(?![\w.,/])", text[match.end() : match.end() + 4])
    if (
        a
        and b
        and 0 < int(a.group()) < int(b.group())
        and (int(b.group()) <= 20 or b.group() in ("32", "64", "100"))
    ):
        return None
    return " divided by "


def _opposites(match: re.Match[str]) -> str:
    """Is it on or off? An on off switch."""
    a, b, of = match["a"], match["b"], match["as"] or ""
    is_name = re.search(r"switch|button|control|toggle|timer|command|cycle|signal|sensor|key|state|ratio", of)
    return f"{a} {'' if is_name else 'or '}{b}{of}"


def _stars(match: re.Match[str]) -> str:
    """★★★★☆ → four out of five stars; behind a figure a star counts it."""
    full, empty = len(match["full"]), len(match["empty"])
    if re.search(r"\d ?$", match.string[max(0, match.start() - 2) : match.start()]):
        is_adjective = re.match(
            r" (?:review|rating|hotel|resort|restaurant|general|product|seller|place|service)",
            match.string[match.end() : match.end() + 12],
        )
        return " star" if is_adjective else " stars"
    counted = f"{full} out of {full + empty}" if empty else str(full)
    return f" {counted} star{'' if full == 1 and not empty else 's'} "


def _has_verb(match: re.Match[str], left: str) -> bool:
    """Whether a comparison stands alone or behind a verb, be it only the "s" of "it's"."""
    return (
        not left or left.strip().lower() in _VERBS or match.string[match.start() - 1 : match.start()] == "'"
    )


# Behind these a comparison needs no verb of its own.
_VERBS = frozenset(
    [
        "a",
        "about",
        "above",
        "add",
        "added",
        "adds",
        "adults",
        "after",
        "age",
        "aged",
        "ages",
        "all",
        "almost",
        "always",
        "and",
        "are",
        "around",
        "at",
        "be",
        "been",
        "before",
        "being",
        "below",
        "burn",
        "burned",
        "burns",
        "but",
        "by",
        "charged",
        "children",
        "consume",
        "consumed",
        "consumes",
        "cost",
        "costing",
        "costs",
        "covers",
        "draw",
        "drawing",
        "draws",
        "drew",
        "drive",
        "drop",
        "dropped",
        "drops",
        "drove",
        "earn",
        "earned",
        "earns",
        "every",
        "expect",
        "expected",
        "expects",
        "exported",
        "fall",
        "falls",
        "fell",
        "for",
        "from",
        "gain",
        "gained",
        "generate",
        "generated",
        "generates",
        "get",
        "gets",
        "got",
        "had",
        "has",
        "have",
        "held",
        "hit",
        "hits",
        "hold",
        "holds",
        "if",
        "imported",
        "in",
        "into",
        "is",
        "just",
        "keep",
        "last",
        "lasted",
        "lasts",
        "level",
        "lose",
        "lost",
        "made",
        "make",
        "makes",
        "measure",
        "measured",
        "measures",
        "nearly",
        "need",
        "needed",
        "needs",
        "not",
        "now",
        "of",
        "often",
        "on",
        "only",
        "or",
        "over",
        "paid",
        "pay",
        "pays",
        "produce",
        "produced",
        "produces",
        "ran",
        "range",
        "reach",
        "reached",
        "reaches",
        "reads",
        "remain",
        "remains",
        "require",
        "requires",
        "rise",
        "rose",
        "roughly",
        "run",
        "runs",
        "save",
        "saved",
        "saves",
        "score",
        "scored",
        "scores",
        "set",
        "show",
        "shows",
        "since",
        "spend",
        "spends",
        "spent",
        "stay",
        "stays",
        "still",
        "store",
        "stored",
        "stores",
        "take",
        "takes",
        "taking",
        "than",
        "the",
        "then",
        "to",
        "took",
        "totaling",
        "typically",
        "under",
        "until",
        "use",
        "used",
        "uses",
        "using",
        "usually",
        "wait",
        "waited",
        "waits",
        "walk",
        "walked",
        "want",
        "was",
        "weigh",
        "weighed",
        "weighs",
        "were",
        "when",
        "while",
        "with",
        "within",
        "yet",
    ]
)


def _is_grade(match: re.Match[str]) -> bool:
    before = match.string[max(0, match.start() - 16) : match.start()].lower()
    return (
        match["sign"] == "+"
        or re.search(r"(?:an?|grade|graded|rated|rating|got|with)[ :]+$", before) is not None
    )


def _either(match: re.Match[str]) -> str:
    a, b = match["a"], match["b"]
    if a.lower() == "and":
        return f"{a} {b}"
    return "he or she" if a.lower() == "s" else f"{a} or {b}"


def _dash(match: re.Match[str]) -> str:
    text = match.string
    if match.start() == 0:
        return " "
    if is_end(text, match.end()):
        return " —"  # a stream's clause ends here, and its sentence goes on
    return " — " if " " in match.group() else "—"
