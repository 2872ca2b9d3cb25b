"""French words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.rules import Rule, rule
from wyoming_kokoro.text.spoken.tables import counted, currencies, nouns, words_counted

_MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip
_FRACTIONS = {2: "demi", 3: "tiers", 4: "quart"}

_UNITS = nouns("""
    °C | degré Celsius | degrés Celsius
    °F | degré Fahrenheit | degrés Fahrenheit
    ° | degré | degrés
    km | kilomètre | kilomètres
    m | mètre | mètres
    cm | centimètre | centimètres
    mm | millimètre | millimètres
    km/h | kilomètre heure | kilomètres heure
    m/s | mètre par seconde | mètres par seconde
    m² | mètre carré | mètres carrés
    m³ | mètre cube | mètres cubes
    km² | kilomètre carré | kilomètres carrés
    kg | kilo | kilos
    g | gramme | grammes
    mg | milligramme | milligrammes
    t | tonne | tonnes | f
    l | litre | litres
    L | litre | litres
    ml | millilitre | millilitres
    mL | millilitre | millilitres
    cl | centilitre | centilitres
    W | watt | watts
    kW | kilowatt | kilowatts
    Wh | wattheure | wattheures
    kWh | kilowattheure | kilowattheures
    MWh | mégawattheure | mégawattheures
    V | volt | volts
    A | ampère | ampères
    mAh | milliampère heure | milliampères heure
    Hz | hertz | hertz
    GHz | gigahertz | gigahertz
    hPa | hectopascal | hectopascals
    mbar | millibar | millibars
    bar | bar | bars
    lx | lux | lux
    lm | lumen | lumens
    dB | décibel | décibels
    ppm | partie par million | parties par million | f
    µg/m³ | microgramme par mètre cube | microgrammes par mètre cube
    W/m² | watt par mètre carré | watts par mètre carré
    Ko | kilooctet | kilooctets
    Mo | mégaoctet | mégaoctets
    Go | gigaoctet | gigaoctets
    To | téraoctet | téraoctets
    GB | gigaoctet | gigaoctets
    Mbps | mégabit par seconde | mégabits par seconde
    Mbit/s | mégabit par seconde | mégabits par seconde
    ms | milliseconde | millisecondes | f
    s | seconde | secondes | f
    sec | seconde | secondes | f
    min | minute | minutes | f
    h | heure | heures | f
    j | jour | jours
""")
_CURRENCIES = currencies("""
    € | euro | euros | centime | centimes
    EUR | euro | euros | centime | centimes
    $ | dollar | dollars | cent | cents
    USD | dollar | dollars | cent | cents
    £ | livre | livres | f | penny | pence
    CHF | franc | francs | centime | centimes
    ¥ | yen | yens
""")

_NOUNS = words_counted(
    "jour jours, mois mois, an ans, degré degrés, euro euros, centime centimes, kilo kilos, gramme grammes, litre litres, mètre mètres, "
    "kilomètre kilomètres, point points, message messages, courriel courriels, appareil appareils, minuteur minuteurs, rappel rappels, "
    "œuf œufs, verre verres, pas pas, oignon oignons, invité invités, watt watts",
    "heure heures, minute minutes, seconde secondes, semaine semaines, année années, personne personnes, fois fois, lumière lumières, "
    "lampe lampes, porte portes, fenêtre fenêtres, alarme alarmes, tasse tasses, cuillère cuillères, cuillerée cuillerées, gousse gousses, "
    "pincée pincées, livre livres, page pages, nuit nuits, tâche tâches, notification notifications, chanson chansons, pièce pièces",
)


def _agree(words: str, noun: Noun) -> str:
    return f"{words}e" if noun.feminine and words.endswith("un") else words


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = " du matin" if half == "am" else " de l'après-midi" if hour < 6 or hour == 12 else " du soir"
    if minute == 0 and not half and hour in (0, 12, 24):
        return "midi" if hour == 12 else "minuit"
    hours = "heure" if hour in (0, 1) else "heures"
    words = f"{'une' if hour == 1 else counted('fr', hour).replace('vingt et un', 'vingt et une')} {hours}"
    minutes = counted("fr", minute).replace("et un", "et une") if minute > 1 else "une"
    return f"{words}{f' {minutes}' if minute else ''}{part}"


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{'premier' if day == 1 else counted('fr', day)} {_MONTHS[month - 1]}"
    return f"{words} {counted('fr', year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    if rank == 1:
        return "première" if mark.startswith(("re", "ère")) else "premier"
    words: str = num2words(rank, lang="fr", to="ordinal")
    return words


def _fraction(a: int, b: int) -> str:
    name = _FRACTIONS.get(b) or str(num2words(b, lang="fr", to="ordinal"))
    return f"{counted('fr', a)} {name}{'' if a == 1 or b == 3 else 's'}"


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    minutes = Noun("minute", "minutes", feminine=True)
    hours = Noun("heure", "heures", feminine=True)
    return (
        # "1 h 52 min" is no time of day, and its "min." no minimum.
        rule(
            r"(?<![\w.,/:])(?P<h>\d{1,3})[ ]?h[ ]?(?P<m>\d{1,2})[ ]?min\b(?:\.(?!\s*$))?",
            lambda m: f"{FRENCH.counted(m['h'], hours)} {FRENCH.counted(m['m'], minutes)}",
            needs="h",
        ),
    )


def _per(words: str, noun: str) -> str:
    """What is weighed or measured out has a price of its own: le kilo, but par mois."""
    if noun in ("kilo", "litre", "gramme", "mètre", "kilowattheure", "mètre carré"):
        return f"{words} le {noun}"
    return f"{words} par {noun}"


_HALVES = Halves(
    half=lambda noun: "demie" if noun.feminine else "demi",
    half_a=lambda noun, written: f"{'une' if noun.feminine else 'un'} demi-{written}",
    conjunction="et",
    of="de",
)

FRENCH = Grammar(
    count=lambda n: counted("fr", n),
    agree=_agree,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} {cents.rpartition(' ')[0]}" if whole.endswith(("euro", "euros")) else f"{whole} {cents}",
    thousands=r"[ .]",
    decimal=r",|[.](?!\d{3}(?!\d))",
    ordinal_mark=r"(?:ers?|res?|ère|[èe]mes?|es?|ᵉ|nde?)\b",
    point="virgule",
    minus="moins",
    plus="plus",
    to="à",
    clock_sign=r":|[ ]?h[ ]?",
    per_hundred=lambda words: f"{words} pour cent",
    per=_per,
    by="sur",
    halves=_HALVES,
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    days={
        "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi", "sam": "samedi", "dim": "dimanche",
    },
    compass={
        "N": "nord", "S": "sud", "E": "est", "O": "ouest", "NO": "nord-ouest", "NE": "nord-est", "SO": "sud-ouest", "SE": "sud-est",
    },
    wind=r"(?:[Vv]ents?|[Rr]afales?)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})(?:er)?[ ]",
    signs={
        ".": "point", "&": "et", "@": "arobase", "+": "plus", "=": "égale", "×": "fois", "÷": "divisé par", "±": "plus ou moins",
        "≈": "environ", "→": "à", "#": "numéro", "°": "degrés", "€": "euros", "$": "dollars", "£": "livres", "%": "pour cent",
        "<": "inférieur à", ">": "supérieur à", "≤": "inférieur ou égal à", "≥": "supérieur ou égal à", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "M.": "monsieur", "Mme": "madame", "Mlle": "mademoiselle", "MM.": "messieurs", "Dr": "docteur", "Dr.": "docteur", "Me": "maître",
        "etc.": "et cetera", "p. ex.": "par exemple", "env.": "environ", "n°": "numéro", "N°": "numéro", "nº": "numéro", "av.": "avenue",
        "bd": "boulevard", "Bd": "boulevard", "c.-à-d.": "c'est-à-dire", "max.": "maximum", "min.": "minimum", "tél.": "téléphone",
        "Tél.": "téléphone", "St": "saint", "Ste": "sainte",
    },
)  # fmt: skip
