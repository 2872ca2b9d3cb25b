"""Italian words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.rules import Rule, rule
from wyoming_kokoro.text.spoken.tables import counted, currencies, nouns, words_counted

_MONTHS = (
    "gennaio", "febbraio", "marzo", "aprile", "maggio", "giugno", "luglio", "agosto", "settembre", "ottobre", "novembre", "dicembre",
)  # fmt: skip

_UNITS = nouns("""
    °C | grado Celsius | gradi Celsius
    °F | grado Fahrenheit | gradi Fahrenheit
    ° | grado | gradi
    km | chilometro | chilometri
    m | metro | metri
    cm | centimetro | centimetri
    mm | millimetro | millimetri
    km/h | chilometro orario | chilometri orari
    m/s | metro al secondo | metri al secondo
    m² | metro quadrato | metri quadrati
    mq | metro quadrato | metri quadrati
    m³ | metro cubo | metri cubi
    km² | chilometro quadrato | chilometri quadrati
    kg | chilo | chili
    g | grammo | grammi
    mg | milligrammo | milligrammi
    t | tonnellata | tonnellate | f
    l | litro | litri
    L | litro | litri
    ml | millilitro | millilitri
    W | watt | watt
    kW | chilowatt | chilowatt
    Wh | wattora | wattora
    kWh | chilowattora | chilowattora
    MWh | megawattora | megawattora
    V | volt | volt
    A | ampere | ampere
    mAh | milliampereora | milliampereora
    Hz | hertz | hertz
    GHz | gigahertz | gigahertz
    hPa | ettopascal | ettopascal
    mbar | millibar | millibar
    bar | bar | bar
    lx | lux | lux
    lm | lumen | lumen
    dB | decibel | decibel
    ppm | parte per milione | parti per milione | f
    µg/m³ | microgrammo per metro cubo | microgrammi per metro cubo
    W/m² | watt per metro quadrato | watt per metro quadrato
    KB | kilobyte | kilobyte
    MB | megabyte | megabyte
    GB | gigabyte | gigabyte
    TB | terabyte | terabyte
    Mbps | megabit al secondo | megabit al secondo
    ms | millisecondo | millisecondi
    s | secondo | secondi
    sec | secondo | secondi
    min | minuto | minuti
    h | ora | ore | f
    d | giorno | giorni
""")
_CURRENCIES = currencies("""
    € | euro | euro | centesimo | centesimi
    EUR | euro | euro | centesimo | centesimi
    $ | dollaro | dollari | centesimo | centesimi
    USD | dollaro | dollari | centesimo | centesimi
    £ | sterlina | sterline | f | penny | pence
    ¥ | yen | yen
""")

_NOUNS = words_counted(
    "minuto minuti, secondo secondi, giorno giorni, mese mesi, anno anni, grado gradi, centesimo centesimi, dollaro dollari, chilo chili, "
    "grammo grammi, litro litri, metro metri, chilometro chilometri, punto punti, messaggio messaggi, dispositivo dispositivi, "
    "promemoria promemoria, evento eventi, passo passi, uovo uova, cucchiaio cucchiai, cucchiaino cucchiaini, bicchiere bicchieri, etto etti",
    "ora ore, settimana settimane, persona persone, volta volte, luce luci, lampada lampade, porta porte, finestra finestre, sveglia sveglie, "
    "tazza tazze, cipolla cipolle, sterlina sterline, pagina pagine, notte notti, notifica notifiche, chiamata chiamate, canzone canzoni, "
    "stanza stanze, presa prese",
)
_RANKED = r"piano|posto|giorno|capitolo|secolo|anno|turno|set|tempo|round|compleanno|anniversario|concorrente|livello|passo|episodio|minuto|premio"
_VOWELS = "aeiouàèéìòù"


def _agree(words: str, noun: Noun) -> str:
    if words == "uno":
        return "una" if noun.feminine else "un"
    return words


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = " del mattino" if half == "am" else " del pomeriggio" if hour < 6 or hour == 12 else " di sera"
    if minute == 0 and not half and hour in (0, 24):
        return "mezzanotte"
    words = "una" if hour == 1 else counted("it", hour)
    if minute == 0:
        return f"{words}{part}" if part else f"{words} in punto"
    minutes = f"zero {counted('it', minute)}" if minute < 10 else counted("it", minute)
    return f"{words} e {minutes}{part}"


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{'primo' if day == 1 else counted('it', day)} {_MONTHS[month - 1]}"
    return f"{words} {counted('it', year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    words: str = num2words(rank, lang="it", to="ordinal")
    return f"{words[:-1]}a" if "ª" in mark or mark == "a" else words


def _fraction(a: int, b: int) -> str:
    name = "mezzo" if b == 2 else str(num2words(b, lang="it", to="ordinal"))
    return f"un {name}" if a == 1 else f"{counted('it', a)} {name[:-1]}i"


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    return (
        # "3° piano" is no temperature.
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,3}})[º°][ ](?=(?:{_RANKED})\b)", lambda m: f"{_ordinal(int(m['n']), 'º')} ", needs="º°"),
    )  # fmt: skip


def _last_rules() -> tuple[Rule, ...]:
    return (rule(r"\buna[ ](?=ora\b)", lambda _: "un'"),)


def _per(words: str, noun: str) -> str:
    is_feminine = noun in ("tonnellata", "parte per milione") or (noun in _NOUNS and _NOUNS[noun].feminine)
    article = "all'" if noun[0] in _VOWELS else "alla " if is_feminine else "al "
    return f"{words} {article}{noun}"


_HALVES = Halves(
    half=lambda noun: "mezza" if noun.feminine else "mezzo",
    half_a=lambda noun, written: f"{'mezza' if noun.feminine else 'mezzo'} {written}",
    conjunction="e",
    of="di",
)

ITALIAN = Grammar(
    count=lambda n: counted("it", n),
    agree=_agree,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} e {cents}",
    thousands=r"[.]",
    decimal=r",|[.](?!\d{3}(?!\d))",
    ordinal_mark=r"[º°ª](?!\w|[ ]?[CF]\b)",
    point="virgola",
    minus="meno",
    plus="più",
    to="a",
    per_hundred=lambda words: f"{words} per cento",
    per=_per,
    by="per",
    halves=_HALVES,
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    last_rules=_last_rules,
    days={
        "lun": "lunedì", "mar": "martedì", "mer": "mercoledì", "gio": "giovedì", "ven": "venerdì", "sab": "sabato", "dom": "domenica",
    },
    compass={
        "N": "nord", "S": "sud", "E": "est", "O": "ovest", "NO": "nord-ovest", "NE": "nord-est", "SO": "sud-ovest", "SE": "sud-est",
    },
    wind=r"(?:[Vv]ent[oi]|[Rr]affiche)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[º°]?[ ]",
    signs={
        ".": "punto", "&": "e", "@": "chiocciola", "+": "più", "=": "uguale", "×": "per", "÷": "diviso", "±": "più o meno",
        "≈": "circa", "→": "a", "#": "numero", "°": "gradi", "€": "euro", "$": "dollari", "£": "sterline", "%": "per cento", "<": "minore di",
        ">": "maggiore di", "≤": "minore o uguale a", "≥": "maggiore o uguale a", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sig.": "signor", "sig.": "signor", "Sig.ra": "signora", "sig.ra": "signora", "Dott.": "dottor", "dott.": "dottor",
        "Dott.ssa": "dottoressa", "Ing.": "ingegner", "Avv.": "avvocato", "Prof.": "professor", "ecc.": "eccetera", "es.": "esempio",
        "ca.": "circa", "n.": "numero", "p.zza": "piazza", "P.zza": "piazza", "max.": "massimo", "min.": "minimo", "tel.": "telefono",
        "Tel.": "telefono", "pag.": "pagina", "S.": "San",
    },
)  # fmt: skip
