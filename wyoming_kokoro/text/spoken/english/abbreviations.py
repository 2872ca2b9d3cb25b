"""English words for abbreviations and titles, by what stands around them; acronyms that would be misread; capitals.

A stop that belongs to an abbreviation goes with it, unless it also ends the sentence. Knows no figures.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.rules import Rule, alternatives, is_end, rule

# Before a name.
_TITLES = {
    "Mr": "Mister", "Mrs": "Missus", "Ms": "Miz", "Prof": "Professor", "Rev": "Reverend", "Gen": "General", "Col": "Colonel",
    "Capt": "Captain", "Lt": "Lieutenant", "Sgt": "Sergeant", "Cpl": "Corporal", "Cmdr": "Commander", "Adm": "Admiral",
    "Maj": "Major", "Gov": "Governor", "Sen": "Senator", "Rep": "Representative", "Pres": "President", "Hon": "Honorable",
    "Messrs": "Messieurs", "Fr": "Father", "Supt": "Superintendent", "Insp": "Inspector", "Det": "Detective", "Pvt": "Private",
    "Amb": "Ambassador", "Sr": "Senior", "Mt": "Mount", "Ft": "Fort",
}  # fmt: skip
# Behind a name or a number.
_STREETS = {
    "Ave": "Avenue", "Av": "Avenue", "Blvd": "Boulevard", "Rd": "Road", "Ln": "Lane", "Ct": "Court", "Pl": "Place", "Hwy": "Highway",
    "Pkwy": "Parkway", "Sq": "Square", "Ter": "Terrace", "Cir": "Circle", "Expy": "Expressway", "Jr": "Junior", "Sr": "Senior",
    "Inc": "Incorporated", "Ltd": "Limited", "Corp": "Corporation", "Co": "Company", "Bros": "Brothers", "Mtn": "Mountain",
    "Mts": "Mountains", "Sta": "Station", "Ste": "Suite",
}  # fmt: skip
# Anywhere; with a stop.
_WORDS = {
    "etc": "et cetera", "vs": "versus", "approx": "approximately", "est": "estimated", "min": "minimum", "max": "maximum",
    "avg": "average", "dept": "department", "Dept": "Department", "tel": "telephone", "Tel": "Telephone", "ext": "extension",
    "fig": "figure", "Fig": "Figure", "vol": "volume", "Vol": "Volume", "ed": "edition", "eds": "editors", "misc": "miscellaneous",
    "temp": "temperature", "Temp": "Temperature", "apt": "apartment", "Apt": "Apartment", "Ste": "Suite", "bldg": "building", "appt": "appointment", "Appt": "Appointment", "qtr": "quarter",
    "Bldg": "Building", "Univ": "University", "govt": "government", "Govt": "Government", "intl": "international",
    "hrs": "hours", "mins": "minutes", "secs": "seconds", "tbsp": "tablespoon", "tsp": "teaspoon", "oz": "ounces", "lbs": "pounds",
    "no": "number", "No": "Number", "NO": "number", "nos": "numbers", "Nos": "Numbers", "pp": "pages", "figs": "figures", "Figs": "Figures", "vols": "volumes", "Vols": "Volumes", "chs": "chapters", "paras": "paragraphs", "ch": "chapter", "Ch": "Chapter", "sec": "section",
    "Sec": "Section", "Art": "Article", "para": "paragraph", "incl": "including", "excl": "excluding", "resp": "respectively",
    "cf": "compare", "viz": "namely", "ca": "circa", "qty": "quantity", "Qty": "Quantity", "rec": "recommended", "orig": "originally",
    "Assoc": "Associate", "Asst": "Assistant", "assoc": "associate", "asst": "assistant", "mgr": "manager", "mfg": "manufacturing",
    "ref": "reference", "Ref": "Reference", "eps": "episodes", "Pts": "Parts", "Eq": "Equation", "eq": "equation", "Rte": "Route", "Rt": "Route", "Cat": "Category", "Pt": "Part", "hr": "hour", "Op": "Opus", "op": "opus", "Ep": "Episode", "ep": "episode", "mtg": "meeting",
    "yr": "year", "Yr": "Year", "yrs": "years", "wk": "week", "wks": "weeks", "equiv": "equivalent", "bday": "birthday", "sq": "square", "wt": "weight", "gal": "gallon", "tmrw": "tomorrow", "tmw": "tomorrow",
    "pk": "pack", "reg": "regularly", "Hosp": "Hospital", "Ctr": "Center", "Natl": "National", "Assn": "Association", "Dist": "District",
    "Div": "Division", "Elem": "Elementary", "Jct": "Junction", "Twp": "Township", "dist": "distance", "conf": "confidence", "ver": "version", "Ver": "Version", "rev": "revision", "avail": "available", "Avail": "Available", "gen": "generation", "Hwy": "Highway", "hwy": "highway", "Blvd": "Boulevard", "Pkwy": "Parkway", "Utd": "United", "feat": "featuring", "sz": "size", "Sz": "Size", "Attn": "Attention", "attn": "attention",
    "arr": "arriving", "dep": "departing", "Arr": "Arriving", "Dep": "Departing", "pkg": "package", "doz": "dozen", "tsps": "teaspoons", "tbsps": "tablespoons", "Mgr": "Manager",
    "Bldgs": "Buildings", "Bk": "Book", "bk": "book", "wkly": "weekly", "mo": "month", "mos": "months", "cert": "certificate", "cont": "continued", "Cont": "Continued",
    "bt": "beat", "elev": "elevation", "Elev": "Elevation", "pop": "population", "Pop": "Population", "illus": "illustrated", "abbr": "abbreviation", "anniv": "anniversary", "Anniv": "Anniversary", "concs": "concessions", "Prop": "Proposition", "temps": "temperatures", "Temps": "Temperatures", "wkts": "wickets", "wkt": "wicket", "mkt": "market", "rebs": "rebounds",
    "pron": "pronounced", "esp": "especially", "usu": "usually", "incr": "increase", "decr": "decrease", "prev": "previous", "Prev": "Previous", "dia": "diameter", "diam": "diameter", "circ": "circumference",
    "lat": "latitude", "pls": "please", "plz": "please", "pkt": "packet", "precip": "precipitation", "tbd": "TBD", "Esq": "Esquire", "addr": "address", "Addr": "Address", "amt": "amount", "Amt": "Amount", "bal": "balance", "Bal": "Balance", "acct": "account", "Acct": "Account", "rm": "room", "shs": "shares", "choc": "chocolate", "vis": "visibility", "elec": "electric", "Amend": "Amendment", "Rm": "Room", "pg": "page",
}  # fmt: skip
_ONLY_BEFORE_FIGURES = frozenset({
    "no", "No", "nos", "Nos", "fig", "Fig", "vol", "Vol", "pp", "ch", "Ch", "sec", "Sec", "Art", "ed", "ca", "Eq", "eq", "Rte", "Rt", "Cat", "Pt", "Pts",
    "para", "ref", "Ref", "Ste", "ext", "oz", "lbs", "hr", "Rm", "pg", "Op", "op", "Ep", "ep", "sz", "Sz", "conf", "ver", "Ver", "rev", "Rev", "Bk", "bk", "elev", "Elev", "pop", "Pop", "lat", "bal", "bt", "vis",
})  # fmt: skip
# "Approx." and "Max." at a sentence's beginning; not what is a name or a title there.
_WORDS |= {
    word.capitalize(): said[0].upper() + said[1:]
    for word, said in _WORDS.items()
    if word.islower()
    and word
    not in (
        "no",
        "nos",
        "ed",
        "eds",
        "gen",
        "mo",
        "mos",
        "sec",
        "art",
        "ca",
        "mfg",
        "bal",
        "rec",
        "ref",
        "ext",
    )
} | _WORDS
_ONLY_BEFORE_FIGURES |= {"NO", "Prop", "figs", "vols", "chs", "paras"}
_ONLY_BEFORE_FIGURES |= {word.capitalize() for word in _ONLY_BEFORE_FIGURES}
_NOT_BEFORE_CAPITAL = frozenset(
    {
        "min",
        "max",
        "rec",
        "temp",
        "Temp",
        "est",
        "avg",
        "approx",
        "rm",
        "sq",
        "yr",
        "yrs",
        "wk",
        "wks",
        "mo",
        "mos",
        "arr",
        "dep",
        "Arr",
        "Dep",
        "gen",
    }
)
_NOT_BEFORE_CAPITAL |= {"reg", "temps", "wkts", "wkt"}
_NOT_BEFORE_CAPITAL |= {word.capitalize() for word in _NOT_BEFORE_CAPITAL}
# What needs no stop to be read there: "Rm 4B", "Apt 12".
_BARE_BEFORE_FIGURES = (
    "Rm",
    "Apt",
    "Bldg",
    "Vol",
    "Yr",
    "Fig",
    "Ep",
    "Rte",
    "Hwy",
    "Qty",
    "Ste",
    "rm",
    "apt",
    "bldg",
    "vol",
    "qty",
)
_LETTERS = {
    "e.g.": "for example", "eg.": "for example", "i.e.": "that is", "ie.": "that is", "a.k.a.": "also known as", "aka": "also known as",
    "A.K.A.": "also known as", "AKA": "also known as", "et al.": "and others", "et al": "and others", "N.B.": "note well",
    "P.S.": "PS", "p.s.": "PS", "w/o": "without", "w/": "with ", "b/c": "because", "b/t": "between", "n/a": "not applicable", "N/A": "not applicable",
    "Ph.D.": "PhD", "Ph.D": "PhD", "PhD": "PhD", "a.s.a.p.": "as soon as possible", "r.s.v.p.": "RSVP",
    "E.g.": "For example", "I.e.": "That is", "approx": "approximately", "vs": "versus", "etc": "et cetera",
    "WiFi": "Wi-Fi", "wifi": "Wi-Fi", "Wifi": "Wi-Fi", "WIFI": "Wi-Fi", "btw": "by the way", "BTW": "by the way", "fyi": "FYI",
    "imo": "in my opinion", "IMO": "in my opinion", "IMHO": "in my humble opinion", "tbh": "to be honest", "ppl": "people",
    "TL;DR": "TLDR", "F/OT": "final, overtime", "O/U": "over under", "t-storms": "thunderstorms", "T-storms": "Thunderstorms", "t-storm": "thunderstorm", "T-storm": "Thunderstorm", "tstorms": "thunderstorms",
    "pls": "please", "Pls": "Please", "plz": "please", "Plz": "Please", "thx": "thanks", "Thx": "Thanks", "Btw": "By the way",
    "Approx": "Approximately", "thru": "through", "&c.": "et cetera", "YoY": "year over year", "y/y": "year over year", "QoQ": "quarter over quarter",
    "q/q": "quarter over quarter", "MoM": "month over month", "m/m": "month over month", "b.i.d.": "twice daily", "t.i.d.": "three times daily", "q.i.d.": "four times daily",
    "p.r.n.": "as needed", "p.o.": "by mouth", "s.c.": "subcutaneously", "i.v.": "IV", "i.m.": "IM", "mtg": "meeting", "lvl": "level", "Utd": "United", "Hwy": "Highway", "Blvd": "Boulevard", "Pkwy": "Parkway", "Ctrl": "Control", "Cmd": "Command", "Esc": "Escape", "PgUp": "Page Up", "PgDn": "Page Down",
    "y/o": "year old", "prn": "as needed", "w/in": "within", "btwn": "between", "b/w": "between", "bday": "birthday", "wknd": "weekend", "wknds": "weekends", "acct": "account", "a/k/a": "also known as", "d/b/a": "doing business as", "wrt": "with respect to", "w.r.t.": "with respect to",
    "qty": "quantity", "Qty": "Quantity", "govt": "government", "Govt": "Government", "hrs": "hours", "mins": "minutes", "req'd": "required", "rec'd": "received", "cont'd": "continued", "gov't": "government", "dep't": "department", "int'l": "international", "nat'l": "national",
    "Int'l": "International", "Nat'l": "National", "Gov't": "Government", "tmrw": "tomorrow", "tmw": "tomorrow", "pkgs": "packages", "pkg": "package", "e.g": "for example", "i.e": "that is", "Rx": "prescription", "apt#": "apartment", "yrs": "years", "wks": "weeks",
}  # fmt: skip
# What misaki would not read as people do, and what it would spell that is a word.
ACRONYMS = {
    "WWI": "World War One", "WWII": "World War Two", "WW1": "World War One", "WW2": "World War Two", "WW3": "World War Three", "WWIII": "World War Three",
    "HVAC": "H vack", "SpO2": "S P O two", "SpO₂": "S P O two", "JSON": "Jason", "YAML": "yammel", "LiDAR": "lidar", "LIDAR": "lidar", "ASAP": "as soon as possible",
    "NVMe": "NVM E", "IoT": "I.O.T.", "OLED": "O LED", "AMOLED": "am O LED", "RGBW": "RGB W", "PoE": "P.O.E.", "GUI": "gooey",
    "SaaS": "sass", "CAPTCHA": "captcha", "WYSIWYG": "wizzy wig", "BIOS": "bye oss", "ESPHome": "ESP Home",
    "eMMC": "E.M.M.C.", "mDNS": "M DNS", "IPv4": "IP version four", "IPv6": "IP version six",
    "HomeKit": "Home Kit", "SmartThings": "Smart Things", "YouTube": "You Tube", "GitHub": "Git Hub", "OpenAI": "Open AI",
    "ChatGPT": "Chat GPT", "PyTorch": "Pie Torch", "JavaScript": "Java Script", "TypeScript": "Type Script", "macOS": "mac OS",
    "iOS": "I OS", "iPadOS": "I Pad OS", "LaTeX": "lay tech", "PostgreSQL": "Postgres Q L", "LinkedIn": "Linked In",
    "WhatsApp": "Whats App", "AirPlay": "Air Play", "PayPal": "Pay Pal", "NaN": "not a number", "nginx": "engine X",
}  # fmt: skip
STATES = {
    "AL": "Alabama", "AK": "Alaska", "AZ": "Arizona", "AR": "Arkansas", "CA": "California", "CO": "Colorado", "CT": "Connecticut",
    "DE": "Delaware", "FL": "Florida", "GA": "Georgia", "ID": "Idaho", "IL": "Illinois", "IN": "Indiana", "IA": "Iowa", "KS": "Kansas",
    "KY": "Kentucky", "LA": "Louisiana", "ME": "Maine", "MD": "Maryland", "MA": "Massachusetts", "MI": "Michigan", "MN": "Minnesota",
    "MS": "Mississippi", "MO": "Missouri", "MT": "Montana", "NE": "Nebraska", "NV": "Nevada", "NH": "New Hampshire", "NJ": "New Jersey",
    "NM": "New Mexico", "NY": "New York", "NC": "North Carolina", "ND": "North Dakota", "OH": "Ohio", "OK": "Oklahoma", "OR": "Oregon",
    "PA": "Pennsylvania", "RI": "Rhode Island", "SC": "South Carolina", "SD": "South Dakota", "TN": "Tennessee", "TX": "Texas",
    "UT": "Utah", "VT": "Vermont", "VA": "Virginia", "WA": "Washington", "WV": "West Virginia", "WI": "Wisconsin", "WY": "Wyoming",
    "DC": "DC",
}  # fmt: skip
# As newspapers cut them, behind a town.
_STATES_IN_NEWS = {
    "Ala": "Alabama", "Ariz": "Arizona", "Ark": "Arkansas", "Calif": "California", "Colo": "Colorado", "Conn": "Connecticut", "Del": "Delaware",
    "Fla": "Florida", "Ga": "Georgia", "Ill": "Illinois", "Ind": "Indiana", "Kan": "Kansas", "Ky": "Kentucky", "La": "Louisiana", "Md": "Maryland",
    "Mass": "Massachusetts", "Mich": "Michigan", "Minn": "Minnesota", "Miss": "Mississippi", "Mo": "Missouri", "Mont": "Montana", "Neb": "Nebraska",
    "Nev": "Nevada", "Okla": "Oklahoma", "Ore": "Oregon", "Pa": "Pennsylvania", "Tenn": "Tennessee", "Tex": "Texas", "Vt": "Vermont", "Va": "Virginia",
    "Wash": "Washington", "Wis": "Wisconsin", "Wyo": "Wyoming", "N.Y": "New York", "N.J": "New Jersey", "N.H": "New Hampshire", "N.C": "North Carolina",
    "S.C": "South Carolina", "N.M": "New Mexico", "R.I": "Rhode Island", "W.Va": "West Virginia", "N.D": "North Dakota", "S.D": "South Dakota",
    "Ont": "Ontario", "Que": "Quebec", "B.C": "British Columbia", "Alta": "Alberta",
}  # fmt: skip
_STATE_TEAMS = (
    "Ohio|Michigan|Penn|Florida|Iowa|Kansas|Oklahoma|Oregon|Arizona|Washington|Mississippi|Colorado|Diego|Boise|Fresno|Utah|Texas|Kent|Ball|Jose|"
    "Arkansas|Georgia|Appalachian|App|Missouri|Montana|Dakota|Illinois|Indiana|Wichita|Mexico|Tennessee|Alabama|Idaho|Portland|Cleveland|Sacramento"
)
_PARTIES = {"D": "Democrat", "R": "Republican", "I": "Independent"}
_COMPASS = {
    "NNE": "north-northeast", "ENE": "east-northeast", "ESE": "east-southeast", "SSE": "south-southeast", "SSW": "south-southwest",
    "WSW": "west-southwest", "WNW": "west-northwest", "NNW": "north-northwest", "NE": "northeast", "SE": "southeast", "SW": "southwest",
    "NW": "northwest",
}  # fmt: skip

_WAYS = {"N": "North", "S": "South", "E": "East", "W": "West"}

# "Fort St. John": places in which a capitalised word stands before a saint.
_BEFORE_SAINT = r"Fort|Mount|Mt\.?|Lake|Port|Point|Cape|Bay|Sault|East|West|North|South|The|In|At|To|From|Near|Of|And|Visit|On|By|For|See|Is|With|Old|New|Saint|Rue"
# Whom a street is not followed by: "Anna St. John" has no street.
_SAINT_RE = re.compile(
    r" (?:John|James|Paul|Peter|Mary|Louis|George|Patrick|Andrews?|Thomas|Clair|Laurent|Vincent|Francis|Joseph|Helena?|Lucia|"
    r"Petersburg|Moritz|Albans|Ives|Bernard|Nicholas|Augustine|Michael|David|Anne|Catherine|Catharines|Gallen|Tropez|Pancras|"
    r"Germain|Martin|Cloud|Kitts|Pierre|Elmo|Barts|Maarten|Stephen|Mark|Luke|Matthew|Jude|Barnabas|Bartholomew)\b"
)
# A figure, or the words for one that an earlier class has read.
_FIGURE_RE = re.compile(
    r" ?(?:[\d#~½⅓⅔¼¾.]|(?:about|circa|minus|number|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:thir|four|fif|six|seven|eigh|nine)teen|(?:twen|thir|for|fif|six|seven|eigh|nine)ty)\b)"
)
_END = r"(?=[\s,;:!?)\"”’]|$)"


def rules() -> tuple[Rule, ...]:
    """In the order they have to be applied."""
    return (
        # teams of universities, before what teams do
        rule(r"(?<=[a-z.][ ])St\.(?=[ ](?:beats?|lost|won|plays?|leads?|led|fell|upset|tops|topped|hosts?|hosted|football|basketball|fans)\b)", lambda _: "State", needs=("St. ",), behind=rf"(?-i:\b(?:{_STATE_TEAMS}))[ ]"),
        # Saints and streets, doctors and drives
        rule(r"\b(?P<way>[NSEW])\.?[ ](?=\d{1,3}(?:st|nd|rd|th)[ ])|\b(?P<way2>[NSEW])\.[ ](?=[A-Z][a-z]+[ ](?:St|Ave|Blvd|Rd|Dr|Ln)\b)", lambda m: f"{_WAYS[m['way'] or m['way2']]} ", needs="NSEW"),
        rule(r"(?P<before>\b(?P<word>[A-Z][\w'’]*|\d+(?:st|nd|rd|th))[ ])?\bSt\.(?=(?P<after>[ ][A-Z])?)", _saint_or_street, needs=("St.",)),
        rule(r"(?P<before>\b(?P<word>[A-Z][\w'’]*)[ ])?\bSt\b(?=[ ]*(?:[,;]|$|and\b|in\b|at\b|is\b)|[.]?$)", lambda m: f"{m['before']}Street" if m["before"] else None, needs=("St",)),
        rule(r"\bSt[ ](?=[A-Z][a-z])", _saint_without_stop, needs=("St ",)),
        rule(r"\b(?P<title>Mr|Dr)\.[ ](?=(?:and|&)[ ](?:Mrs|Ms|Mr|Dr)\b)", lambda m: "Mister " if m["title"] == "Mr" else "Doctor ", needs=("Mr.", "Dr.")),
        rule(r"(?P<before>\b(?P<word>[A-Z][\w'’]*|\d+(?:st|nd|rd|th))[ ])?\bDrs?\b(?P<stop>\.)?(?=(?P<after>[ ][A-Z])?)", _doctor_or_drive, needs=("Dr",)),
        rule(rf"\b(?P<title>{alternatives(_TITLES)})\.[ ](?=[A-Z])", lambda m: f"{_TITLES[m['title']]} ", needs="."),
        rule(r"\b(?P<title>Mr|Mrs|Ms|Prof|Mt)[ ](?=[A-Z])", lambda m: f"{_TITLES[m['title']]} ", needs=("Mr", "Ms", "Prof", "Mt")),
        # a county, where there is a storm or a sheriff
        rule(r"(?<=[a-z][ ])Co\.(?=[ ](?:until|through|till|and|from)\b|,)", lambda _: "County", needs=(" Co.",), behind=r"\b(?:watch|warning|advisory|storms?|floods?|flooding|wildfire|tornado|sheriff)\b[^.!?]{0,40}"),
        rule(rf"(?P<before>(?:[A-Z][\w'’]*|\d+(?:st|nd|rd|th)),?[ ])(?P<word>{alternatives(_STREETS)})\b(?P<stop>\.)?(?=(?P<after>[ ][A-Z])?)", _street, needs="ABCEHIJLMPRST"),
        # letters with stops and slashes; what they begin is set off
        rule(r"(?<=\w)[ ](?=(?:i\.e|e\.g)\.[ ,])", lambda _: ", ", needs=("i.e", "e.g")),
        rule(rf"(?<![\w.])(?P<word>{alternatives(_WORDS)})\.{_END}(?=(?P<after>[ ]?[\S])?)", _word, needs="."),
        rule(rf"(?<![\w./])(?P<word>{alternatives(_LETTERS)})(?![\w/])(?P<comma>,)?", _letters),
        rule(r"\b[Nn]os?\.(?=[ ]of[ ])", lambda m: f"{m.group()[0]}umber{'s' if 's' in m.group() else ''}", needs=("o. of", "os. of")),
        rule(r"\b(?:Fwd|FWD):", lambda _: "Forward:", needs=":"),
        # said like "tree" and not like the note
        rule(r"\b(?P<re>R[eE]|re):(?=[ ])", lambda m: "regarding" if m["re"] == "re" else "Ree:", needs=("RE:", "Re:", "re:")),
        rule(r"\b(?P<blind>[Bb])?[Cc]c(?=:)", lambda m: "BCC" if m["blind"] else "CC", needs=("cc:", "Cc:")),
        rule(r"(?<=%[ ])WoW\b|(?<=percent[ ])WoW\b", lambda _: "week over week", needs=("WoW",)),
        rule(r"(?P<lead>\b(?:\d{1,2}|one|two|three|four|five|six|an?|[½¼])[ ])(?:(?P<size>sm|lg)\.?|(?P<size2>med)\.)(?=[ ][a-z])", lambda m: m["lead"] + {"sm": "small", "med": "medium", "lg": "large"}[m["size"] or m["size2"]], needs=(" sm", " med", " lg")),
        rule(r"\bConf\.[ ](?=Rm\b|Room\b|Ctr\b|Center\b|[cC]alls?\b)", lambda _: "Conference ", needs=("Conf.",)),
        rule(r"\bRm\.?(?=[ ][A-Z]\b)", lambda _: "Room", needs=("Rm",)),
        # cooks' salt and pepper, and no index
        rule(r"(?<=with[ ])S&P\b(?![ ]?500)|\bS&P(?=[ ]to[ ]taste)", lambda _: "salt and pepper", needs=("S&P",)),
        rule(r"\b(?P<a>city|hwy|highway)/(?:city|hwy|highway)\b", lambda m: "city highway" if m["a"] == "city" else "highway city", needs=("/city", "/hwy", "/highway")),
        rule(r"\bMk\.?[ ]?(?=[IVX]{1,4}\b|\d)", lambda _: "Mark ", needs=("Mk",)),
        rule(rf"\((?P<party>[DRI])-(?P<state>{alternatives({*_STATES_IN_NEWS, *STATES, *STATES.values()})})\.?\)", lambda m: f"({_PARTIES[m['party']]}, {_STATES_IN_NEWS.get(m['state']) or STATES.get(m['state'], m['state'])})", needs=("(D-", "(R-", "(I-")),
        rule(r"(?<![\w/])c/o(?=[ ][A-Z])", lambda _: "care of", needs="/"),
        rule(r"(?<![\w/])c/o(?!\w)", lambda _: "check-out", needs="/"),
        rule(r"(?<=[a-z][ ])def\.[ ](?=[A-Z])", lambda _: "defeated ", needs=("def.",)),
        rule(r"(?<=percent[ ])vol\b\.?", lambda m: f"volume{'.' if m.group().endswith('.') and is_end(m.string, m.end()) else ''}", needs=("vol",)),
        rule(r"\b(?P<a>X{0,3}[SL]|M|\dXL)[-–](?P<b>X{0,3}[SL]|M|\dXL)\b", lambda m: f"{m['a']} to {m['b']}", needs=("S-", "S–", "M-", "M–", "L-", "L–")),
        # without a stop, before figures
        rule(rf"\b(?P<word>{alternatives(_BARE_BEFORE_FIGURES)})[ ](?=\#?\d|[A-Z]\d|(?:zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[a-z]+teen|[a-z]+ty)\b)", lambda m: f"{_WORDS[m['word']]} ", needs=_BARE_BEFORE_FIGURES),
        # songs
        rule(r"(?<=[A-Za-z)\"”][ ])[fF]t\.?[ ](?=[A-Z])", lambda _: "featuring ", needs=("ft", "Ft")),
        rule(r"(?<![\w.])p\.[ ]?(?=\d)", lambda _: "page ", needs=("p.",)),
        # of a poem, a play, a scripture; leaves of a letter
        rule(r"(?<![\w.])(?P<what>ll?|vv)\.[ ]?(?=\d)", lambda m: {"l": "line ", "ll": "lines ", "vv": "verses "}[m["what"]], needs=("l.", "vv.")),
        rule(r"(?P<n>(?<![\w.,$€£])(?:\d{1,4}|\d,\d{3})[ ])pp\b(?:\.(?=[)\],;]|[ ][a-z]))?", lambda m: f"{m['n']}page{'' if m['n'] == '1 ' else 's'}", needs=(" pp",)),
        rule(r"(?P<n>\b(?:\d{1,2}(?:st|nd|rd|th)|[rR]ev\.|[rR]evised|[eE]xpanded)[ ])[eE]d\b(?:\.(?=[ ,;)]|$))?", lambda m: f"{'revised ' if m['n'].startswith(('rev.', 'Rev.')) else m['n']}edition{_stop_left(m)}", needs=("ed", "Ed")),
        rule(r"(?P<n>(?<![\w.,])\d{1,3}[ ])vols\b(?:\.(?=[ ][a-z]|[,;)]|$))?", lambda m: f"{m['n']}volumes{_stop_left(m)}", needs=(" vols",)),
        rule(r"(?<![\w.])(?P<what>cls?|arts?|Arts)\.[ ](?=\d)(?<!\d[ ]cl\.[ ])", lambda m: {"cl": "clause ", "cls": "clauses ", "art": "article ", "arts": "articles ", "Arts": "Articles "}[m["what"]], needs=("cl.", "cls.", "rt.", "rts.")),
        rule(r"(?<=\bby[ ])(?P<what>vol|wt)\b(?:\.(?=[ ][a-z]|[,;)]|$))?", lambda m: f"{'volume' if m['what'] == 'vol' else 'weight'}{_stop_left(m)}", needs=("by vol", "by wt")),
        rule(r"(?<=\b[oO]n[ ])avg\b\.?", lambda m: f"average{_stop_left(m)}", needs=("n avg",)),
        rule(r"\bPop\.(?=[ ]\((?:[12]|nineteen|twenty)|,[ ][A-Z])", lambda _: "Population", needs=("Pop.",)),
        rule(r"(?P<of>(?:\b(?:percent[ ]of|total|annual|net|gross|quarterly|monthly|Total|Annual|Net|Gross|Q[1-4])[ ]|%[ ]of[ ]))(?P<what>[rR]ev)\b\.?(?=$|[ ](?:was|is|of|rose|fell|grew|up|down|by|for)\b|:)", lambda m: f"{m['of']}revenue{_stop_left(m)}", needs=("rev", "Rev")),
        rule(r"(?<![\w/])[wW]/c[ ](?=\d|the\b|[A-Z][a-z]{2})", lambda m: f"{m.group()[0]}eek commencing ", needs=("/c ",)),
        rule(r"(?<![\w/.])(?P<way>N/S|E/W|NE/SW|NW/SE)(?![\w/])", lambda m: "-".join({"N": "north", "S": "south", "E": "east", "W": "west", **_COMPASS}[each] for each in m["way"].split("/")), needs=("N/S", "E/W", "E/SW", "W/SE")),
        rule(r"(?<![\w.])c\.[ ]?(?=\d{3,4}\b)", lambda _: "circa ", needs=("c.",)),
        rule(r"(?<![\w.])(?P<letters>(?:[A-Z]\.){2,6})(?=[A-Z][a-z])", lambda m: m["letters"].replace(".", "") + " ", needs="."),
        rule(r"(?<![\w.])(?P<letters>(?:[A-Z]\.){2,6})(?P<end>(?=\s+[A-Z][a-z]|\s*$)?)", _initials, needs="."),
        rule(r"\b(?P<lead>(?:phone|serial|model|account|order|ticket|part|room|tracking|confirmation|reference|invoice|flight|gate|licen[sc]e|policy|case|[Mm]odel|[Ss]erial|[Pp]art|[Oo]rder|[Pp]hone)[ ][Nn])os?\.(?=[ ][A-Za-z])", lambda m: f"{m['lead']}umber", needs=("no.", "No.", "nos.", "Nos.")),
        rule(r"(?P<n>\b\d{1,3}(?:st|nd|rd|th)[ ])[Ff]lr?\b\.?", lambda m: f"{m['n']}floor{'.' if m.group().endswith('.') and is_end(m.string, m.end()) else ''}", needs=("fl", "Fl")),
        rule(r"(?P<n>\b\d{1,2}(?:st|nd|rd|th)[ ])[cC]\.(?=[ ,;)]|$)", lambda m: f"{m['n']}century{'.' if is_end(m.string, m.end()) else ''}", needs=("c.", "C.")),
        rule(r"(?<=[a-z\d])[ ]vs?\.?[ ](?=[A-Z]|\d{1,3}(?:st|nd|rd|th)\b)", lambda _: " versus ", needs=(" v ", " v. ", " vs ", " vs. ")),
        rule(r"(?P<lead>\b(?:an?|per|each|every|this|next|last)[ ])(?P<word>yr|wk|hr|mo)\b\.?", lambda m: f"{m['lead']}{_WORDS[m['word']]}{'.' if m.group().endswith('.') and is_end(m.string, m.end()) else ''}", needs=("yr", "wk", "hr", " mo.", " mo ")),
        rule(r"(?P<lead>\b(?:\d{1,2}(?:st|nd|rd|th)|[Vv]ice|[tT]he|former|U\.?S\.?)[ ])pres\.", lambda m: f"{m['lead']}president{'.' if is_end(m.string, m.end()) else ''}", needs=("pres.",)),
        rule(r"(?<![\w.,])(?P<n>\d{1,2})[ ](?P<what>reb|ast|stl|blk)s?\b\.?", lambda m: f"{m['n']} { {'reb': 'rebound', 'ast': 'assist', 'stl': 'steal', 'blk': 'block'}[m['what']] }{'' if m['n'] == '1' else 's'}{'.' if m.group().endswith('.') and is_end(m.string, m.end()) else ''}", needs=(" reb", " ast", " stl", " blk")),
        # "200 yds. on your R"
        rule(r"(?<=[ ])(?P<side>[LR])(?=[,;)]|\.?$|\.[ ][A-Z]|[ ]side\b)", lambda m: {"L": "left", "R": "right"}[m["side"]], needs=(" L", " R"), behind=r"\bon[ ](?:the|your)[ ]"),
        # "the NYC–London flight"
        rule(r"(?<=[A-Za-z])–(?=[A-Z][A-Za-z]+[ ](?:flight|route|train|line|highway|corridor|ferry|service|bus|road|trip|drive)s?\b)", lambda _: " to ", needs="–"),
        rule(r"\b(?P<m>[mM])ed(?:\.|(?=-(?:high|low)\b))(?=-(?:high|low|rare|well|sized?)\b|[ ](?:heat|high|low|flame|setting|speed|rare)\b)", lambda m: f"{m['m']}edium", needs=("ed.", "ed-")),
        rule(r"(?P<lead>\b(?:above|below|than|to|near|the|on|an|over|under|of|season|league|yearly|annual|daily|monthly|weekly|national|state)[ ])avg\b(?P<stop>\.)?(?=(?P<after>[ ][A-Z])?)", lambda m: f"{m['lead']}average{'.' if m['stop'] and (m['after'] or is_end(m.string, m.end())) else ''}", needs=("avg",)),
        rule(r"\b[mM]ag\.(?=[ ](?:\d|[a-z]+[ ]point[ ]))", lambda m: f"{m.group()[0]}agnitude", needs=("ag.",)),
        rule(r"[ ]ea\b(?P<stop>\.)?", lambda m: f" each{'.' if m['stop'] and is_end(m.string, m.end()) else ''}", needs=(" ea",), behind=r"\b(?:cent|dollar|pound|euro)s?"),
        rule(r"\b(?P<v>[vV])is\.(?=[ ](?:below|under|above|near|less|about|around|is)\b)", lambda m: f"{m['v']}isibility", needs=("vis.", "Vis.")),
        # passports and milk: "exp. on 5/19", "exp. date"
        rule(r"\b(?P<e>[eE])xp\.?(?P<date>[ ]date\b)|\b(?P<e2>[eE])xp\.(?=[ ](?:on|in|at)\b|[ ]?(?:January|February|March|April|May|June|July|August|September|October|November|December|\d))", lambda m: f"{m['e']}xpiration date" if m["date"] else f"{m['e2']}xpires", needs=("xp",)),
        rule(r"(?<=[ ])rd\.[ ](?=(?:\d{1,2}|one|two|three|four|five|six|seven)\b)", lambda _: "round ", needs=(" rd. ",), behind=r"\b(?:in|the|for|after|of|through|during|from|and)[ ]"),
        rule(r"(?P<lead>\b(?:(?:Sp)?O[2₂]|[oO]xygen|[bB]lood)[ ])sat\b\.?(?=[ ]|[,;:)]|$)", lambda m: f"{m['lead']}saturation{'.' if is_end(m.string, m.end()) and m.group().endswith('.') else ''}", needs=(" sat",)),
        # of music and films, and no book: "vol. at 35%"
        rule(r"\b(?P<v>[Vv])ol\b\.?(?=[ ](?:at|to|up|down|is|set|was)\b)", lambda m: f"{m['v']}olume", needs=("vol", "Vol")),
        # "turn R on 85th St."
        rule(r"(?P<lead>\b(?:[Tt]urn(?:ing)?|[Bb]ear|[Kk]eep|[Vv]eer|[Mm]ake[ ]an?|[Tt]ake[ ]an?|[Tt]hen|[gG]o)[ ])(?P<side>[LR])(?=[ ](?:on|onto|at|to|toward|towards|after|before|when|and|then|past|turn|in[ ]\d)\b|[,;)]|\.?$|\.[ ][A-Z])", lambda m: m["lead"] + {"L": "left", "R": "right"}[m["side"]], needs=(" L", " R")),
        # places
        rule(rf"(?<=,[ ])(?P<state>{alternatives(_STATES_IN_NEWS)})\.(?=[,;)]|[ ][a-z\d(—–|-]|$)(?P<comma>,?)", lambda m: f"{_STATES_IN_NEWS[m['state']]}{m['comma']}", needs=","),
        rule(rf"(?P<town>\b[A-Z][a-z]+),[ ](?P<state>{alternatives(STATES)})\b(?=[ ]\d{{5}}|[.,;!?)]|$|[ ][a-z])", lambda m: f"{m['town']}, {STATES[m['state']]}", needs=","),
        rule(r"(?P<lead>\b(?:[Ww]inds?|[Gg]usts|heading|moving|blowing|facing|from\sthe|to\sthe|bearing|mph|km/h|hour|miles?|blocks?|kilomet(?:er|re)s?|feet|yards|just|[Hh]ead|[Gg]o|[Dd]rive|[Ww]alk|[Cc]ontinue|[Tt]ravel)[ ](?:is[ ]|are[ ]|will[ ]be[ ]|were[ ]|was[ ]|becoming[ ]|(?:out[ ]of|from)[ ](?:the[ ])?)?|\bout[ ]of[ ]the[ ])(?P<d>NNE|ENE|ESE|SSE|SSW|WSW|WNW|NNW|NE|SE|SW|NW|N|S|E|W)\b(?![.'’/]\w)", _wind, needs="NESW"),
        rule(r"\b(?P<d>NNE|ENE|ESE|SSE|SSW|WSW|WNW|NNW)\b", lambda m: _COMPASS[m["d"]], needs=("NNE", "ENE", "ESE", "SSE", "SSW", "WSW", "WNW", "NNW")),
        rule(r"(?<=\b(?:to|or)[ ])(?P<d>NE|SE|SW|NW)\b(?=[ ](?:at|of|and|by|winds?|in)\b|[.,;)]|$)|(?<=from[ ])(?P<d2>NE|SE|SW|NW)\b(?=[ ]to\b)", lambda m: _COMPASS[m["d"] or m["d2"]], needs=("NE", "SE", "SW", "NW")),
        rule(r"\b(?P<d>NE|SE|SW|NW)(?=[ ](?:breeze|winds?|gales?|gusts?|swell|flow|corner|quadrant)\b)", lambda m: _COMPASS[m["d"]], needs=("NE", "SE", "SW", "NW")),
        # acronyms and capitals
        rule(rf"(?<![\w])(?P<word>{alternatives(ACRONYMS)})(?![\w])", lambda m: ACRONYMS[m["word"]]),
        rule(r"\bAAA\b|\bAA\b(?=[ -](?:[a-z]+[ ])?(?:batter|cell))", lambda m: "triple A" if m.group() == "AAA" else "double A", needs=("AA",)),
        rule(r"\bUSB-(?P<c>[ABC])\b", lambda m: f"USB {m['c']}", needs="U"),
        rule(r"(?P<of>\b(?:not|answers?|options?|either|choose|grades?|sections?|parts?|types?|hepatitis|vitamins?|groups?)[ ])(?P<a>[A-F])/(?P<b>[A-F])\b(?!/)", lambda m: f"{m['of']}{m['a']} or {m['b']}", needs="/"),
        rule(r"\bS/N\b(?![/'’]|[ ]ratio)", lambda _: "serial number", needs=("S/N",)),
        rule(r"(?<![\w/])(?P<a>X{0,3}S|M|X{0,3}L)/(?P<b>X{0,3}L|M)(?![\w/])", lambda m: f"{m['a']} {m['b']}", needs=("S/", "M/", "L/")),
        rule(r"\bM/F(?=[ ](?:participants?|patients?|voters?|adults?|students?|subjects?|respondents?|applicants?)\b)", lambda _: "male or female", needs=("M/F",)),
        rule(r"\b(?!M/F\b)(?P<a>TCP|AC|CD|DVD|HTTP|AM|PM|I|R|Q|SSL|A|P|S|B|M|USB|Wi-Fi|OSI|CI)(?P<sign>[/&])(?P<b>IP|DC|DVD|FM|PM|O|D|A|C|TLS|B|L|E|F|V|BT|Bluetooth|CD)\b", _pair, needs="/&"),
    )  # fmt: skip


def _saint_or_street(match: re.Match[str]) -> str:
    before, word, after = match["before"] or "", match["word"] or "", match["after"]
    text = match.string
    ends = is_end(text, match.end())
    if word and not re.fullmatch(_BEFORE_SAINT, word) and not _SAINT_RE.match(text, match.end()):
        # "Oak St. Turn left" and "St. James St."
        return f"{before}Street{'.' if ends or after else ''}"
    return f"{before}Saint" if after else f"{before}Street{'.' if ends else ''}"


def _saint_without_stop(match: re.Match[str]) -> str | None:
    before = re.search(r"([A-Z][\w'’]*) $", match.string[max(0, match.start() - 30) : match.start()])
    return "Saint " if before is None or re.fullmatch(_BEFORE_SAINT, before[1]) else None


def _doctor_or_drive(match: re.Match[str]) -> str | None:
    before, word, after, stop = match["before"] or "", match["word"] or "", match["after"], match["stop"]
    text = match.string
    several = match.group().rstrip(".").endswith("Drs")
    ends = is_end(text, match.end())
    if after and not (word and _is_name(word)):
        return f"{before}{'Doctors' if several else 'Doctor'}"
    if word and _is_name(word):
        return f"{before}Drive{'.' if stop and (ends or after) else ''}"
    return f"{before}doctor{'.' if stop and ends else ''}" if stop else None


def _is_name(word: str) -> bool:
    """Whether a capitalised word is more than the first of a sentence: "Ask Dr. Jones" and "Oak Dr."."""
    return word.lower() not in _OPENERS


_OPENERS = frozenset(
    ["the", "a", "an", "ask", "call", "see", "and", "but", "or", "is", "was", "then", "when", "with", "to", "from", "for", "by", "at", "in", "on", "of", "my", "your", "his", "her", "our", "their", "dear", "hello", "hi", "hey", "thanks", "thank", "yes", "no", "please", "tell", "will", "did", "does", "do", "can", "could", "should", "would", "if", "while", "since", "because", "as", "that", "this", "meet", "visit", "contact", "email", "text", "remind", "after", "before", "today", "tomorrow", "yesterday", "so", "i", "we", "he", "she", "they", "it", "appointment", "schedule", "though", "although", "both", "neither", "either", "also"]
)  # fmt: skip


def _street(match: re.Match[str]) -> str | None:
    word, stop = match["word"], match["stop"]
    if not stop and word in (
        "Co",
        "Av",
        "Pl",
        "Ct",
        "Ter",
        "Cir",
        "Sq",
        "Mts",
        "Ste",
        "Corp",
        "Sr",
        "Bros",
        "Ln",
    ):
        return None
    text = match.string
    ends = is_end(text, match.end()) or (
        match["after"]
        and word not in ("Jr", "Sr", "Ste", "Hwy", "Co", "Inc", "Corp", "Ltd", "Bros", "Mtn", "Mts")
    )
    return f"{match['before']}{_STREETS[word]}{'.' if stop and ends else ''}"


def _letters(match: re.Match[str]) -> str:
    said = _LETTERS[match["word"]]
    stop = "." if match["word"].endswith(".") and is_end(match.string, match.end()) else ""
    if said.strip() in ("for example", "that is", "For example", "That is"):
        return f"{said},"
    return said + stop + (match["comma"] or "")


def _word(match: re.Match[str]) -> str | None:
    word, after = match["word"], match["after"] or ""
    following = after.strip()
    is_roman = word.lower() in ("vol", "ch", "pt") and following in ("I", "V", "X")
    if word in _ONLY_BEFORE_FIGURES and not (is_roman or _FIGURE_RE.match(match.string, match.end())):
        return None
    is_noun = re.search(r"\b[tT]he \Z", match.string[max(0, match.start() - 5) : match.start()])
    if word in _NOT_BEFORE_CAPITAL and (not following or following.isupper()) and not is_noun:
        return None  # "It takes a min. Then"
    if word.lower() == "ch" and re.search(
        r"\b(?:TV:?|[Ww]atch(?:ing)?|on)[ ]\Z",
        match.string[max(0, match.start() - 30) : match.start()],
    ):
        return "channel" if word == "ch" else "Channel"
    if word == "incl" and (not following or following in ",;)"):
        return "included" if following else "included."
    if word.lower() == "est" and match.string.startswith(" of", match.end()):
        return "estimate" if word == "est" else "Estimate"
    ends = not following or (following.isupper() and (word in ("etc", "resp") or word in _NOT_BEFORE_CAPITAL))
    return f"{_WORDS[word]}{'.' if ends else ''}"


def _stop_left(match: re.Match[str]) -> str:
    """The stop of an abbreviation that ends its sentence, too."""
    return "." if match.group().endswith(".") and is_end(match.string, match.end()) else ""


def _initials(match: re.Match[str]) -> str | None:
    """U.S. and N.A.S.A. without their stops; where one ends the sentence, it stays."""
    text = match.string
    if match["letters"] == "M.D.":
        return "M D"  # and not Maryland
    if is_end(text, match.end()):
        return match["letters"].replace(".", "") + "."
    if (
        len(match["letters"]) == 4
        and re.match(r" [A-Z][a-z]", text[match.end() : match.end() + 3])
        and match["letters"] not in ("U.S.", "U.K.", "U.N.", "E.U.", "D.C.", "L.A.")
    ):
        return None  # J.R. Tolkien
    return match["letters"].replace(".", "")


def _wind(match: re.Match[str]) -> str | None:
    direction = match["d"]
    names = {"N": "north", "S": "south", "E": "east", "W": "west", **_COMPASS}
    return match["lead"] + names[direction]


def _pair(match: re.Match[str]) -> str:
    if match["sign"] == "&":
        return f"{match['a']} and {match['b']}"
    if len(match["a"]) == len(match["b"]) == 1:
        letters = match["a"] + match["b"]
        return letters if letters in ("AC", "AV") else f"{match['a']}.{match['b']}."
    return f"{match['a']} {match['b']}"
