"""Italian words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

import re

from num2words import num2words

from wyoming_kokoro.text.spoken.english.numbers import roman
from wyoming_kokoro.text.spoken.grammar import Agreement, Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.romance import (
    DOTTED_HOURS,
    Magnitude,
    Numerals,
    Romance,
    both_cases,
    by_endings,
    first_rules,
    last_rules,
)
from wyoming_kokoro.text.spoken.rules import Rule, alternatives, rule
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
    cl | centilitro | centilitri
    dl | decilitro | decilitri
    hg | etto | etti
    cm² | centimetro quadrato | centimetri quadrati
    cm³ | centimetro cubo | centimetri cubi
    mc | metro cubo | metri cubi
    kmq | chilometro quadrato | chilometri quadrati
    ha | ettaro | ettari
    l/m² | litro al metro quadrato | litri al metro quadrato
    l/min | litro al minuto | litri al minuto
    m³/h | metro cubo all'ora | metri cubi all'ora
    l/100 km | litro ogni cento chilometri | litri ogni cento chilometri
    mm/h | millimetro all'ora | millimetri all'ora
    mg/dl | milligrammo per decilitro | milligrammi per decilitro
    mg/dL | milligrammo per decilitro | milligrammi per decilitro
    mg/l | milligrammo per litro | milligrammi per litro
    mmHg | millimetro di mercurio | millimetri di mercurio
    cpr | compressa | compresse | f
    cps | capsula | capsule | f
    lb | libbra | libbre | f
    lbs | libbra | libbre | f
    oz | oncia | once | f
    ft | piede | piedi
    psi | libbra per pollice quadrato | libbre per pollice quadrato | f
    mph | miglio orario | miglia orarie
    nm | nanometro | nanometri
    µm | micrometro | micrometri
    g/l | grammo per litro | grammi per litro
    g/km | grammo al chilometro | grammi al chilometro
    mg/kg | milligrammo per chilo | milligrammi per chilo
    q | quintale | quintali
    bpm | battito al minuto | battiti al minuto
    rpm | giro al minuto | giri al minuto
    giri/min | giro al minuto | giri al minuto
    µg | microgrammo | microgrammi
    mcg | microgrammo | microgrammi
    UI | unità internazionale | unità internazionali | f
    kcal | chilocaloria | chilocalorie | f
    kJ | chilojoule | chilojoule
    MW | megawatt | megawatt
    GW | gigawatt | gigawatt
    GWh | gigawattora | gigawattora
    TWh | terawattora | terawattora
    kWp | chilowatt di picco | chilowatt di picco
    CV | cavallo | cavalli
    VA | voltampere | voltampere
    mA | milliampere | milliampere
    Ah | amperora | amperora
    mV | millivolt | millivolt
    kHz | chilohertz | chilohertz
    MHz | megahertz | megahertz
    Pa | pascal | pascal
    kPa | chilopascal | chilopascal
    dBA | decibel A | decibel A
    dB(A) | decibel A | decibel A
    dBm | decibel milliwatt | decibel milliwatt
    ppb | parte per miliardo | parti per miliardo | f
    mg/m³ | milligrammo per metro cubo | milligrammi per metro cubo
    kB | kilobyte | kilobyte
    kbit/s | kilobit al secondo | kilobit al secondo
    Mb/s | megabit al secondo | megabit al secondo
    Mbit/s | megabit al secondo | megabit al secondo
    Gbps | gigabit al secondo | gigabit al secondo
    Gb/s | gigabit al secondo | gigabit al secondo
    Gbit/s | gigabit al secondo | gigabit al secondo
    MB/s | megabyte al secondo | megabyte al secondo
    GB/s | gigabyte al secondo | gigabyte al secondo
    MP | megapixel | megapixel
    Mpx | megapixel | megapixel
    p.p. | punto percentuale | punti percentuali
    pp | punto percentuale | punti percentuali
    px | pixel | pixel
    gg | giorno | giorni
    pz | pezzo | pezzi
    pz. | pezzo | pezzi
    cucch. | cucchiaio | cucchiai
    pt | punto | punti
    pti | punto | punti
    pb | punto base | punti base
    pers. | persona | persone | f
    pers | persona | persone | f
    gr | grammo | grammi
    lt | litro | litri
    mt | metro | metri
    cc | centimetro cubo | centimetri cubi
    ab./km² | abitante per chilometro quadrato | abitanti per chilometro quadrato
""")
_CURRENCIES = currencies("""
    € | euro | euro | centesimo | centesimi
    EUR | euro | euro | centesimo | centesimi
    $ | dollaro | dollari | centesimo | centesimi
    USD | dollaro | dollari | centesimo | centesimi
    £ | sterlina | sterline | f | penny | pence
    GBP | sterlina | sterline | f | penny | pence
    CHF | franco svizzero | franchi svizzeri | centesimo | centesimi
    ¥ | yen | yen
""")

_NOUNS = words_counted(
    "minuto minuti, secondo secondi, giorno giorni, mese mesi, anno anni, grado gradi, centesimo centesimi, dollaro dollari, chilo chili, "
    "grammo grammi, litro litri, metro metri, chilometro chilometri, punto punti, messaggio messaggi, dispositivo dispositivi, "
    "promemoria promemoria, evento eventi, passo passi, uovo uova, cucchiaio cucchiai, cucchiaino cucchiaini, bicchiere bicchieri, etto etti, abitante abitanti, milione milioni, miliardo miliardi, barile barili, pezzo pezzi, litro litri, pacchetto pacchetti, spicchio spicchi",
    "ora ore, settimana settimane, persona persone, volta volte, luce luci, lampada lampade, porta porte, finestra finestre, sveglia sveglie, "
    "tazza tazze, cipolla cipolle, sterlina sterline, pagina pagine, notte notti, notifica notifiche, chiamata chiamate, canzone canzoni, "
    "stanza stanze, presa prese, tonnellata tonnellate, bottiglia bottiglie, unità unità, compressa compresse",
)
_RANKED = r"piano|pezzo|figlio|atto|classificato|gruppo|incontro|messaggio|lotto|binario|mese|trimestre|semestre|municipio|tentativo|gol|posto|giorno|capitolo|secolo|anno|turno|set|tempo|round|compleanno|anniversario|concorrente|livello|passo|episodio|minuto|premio"
_LONG_ARTICLE_RE = re.compile(r"s[bcdfglmnpqrtv]|z|gn|ps|pn|x|y")
# The article is written for the figure: "l'1/1" is "il primo gennaio".
_BEFORE_FIRST = {"l": "il", "dell": "del", "dall": "dal", "all": "al", "nell": "nel", "sull": "sul"}
_VOWELS = "aeiouàèéìòù"


def _agree(words: str, noun: Noun) -> str:
    """Uno before a noun: un grado, uno spicchio, una tazza; un'ora is for the last rules."""
    if words != "uno":
        return words
    if noun.feminine:
        return "un'" if noun.one[:1] in _VOWELS and noun.one else "una"
    return "uno" if _LONG_ARTICLE_RE.match(noun.one) else "un"


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = " del mattino" if half == "am" else " del pomeriggio" if hour < 6 or hour == 12 else " di sera"
    if minute == 0 and not half and hour in (0, 24):
        return "mezzanotte"
    words = "una" if hour == 1 else counted("it", hour)
    if minute == 0:
        return f"{words}{part}" if part else f"{words} in punto"
    return f"{words} e {_minutes(minute)}{part}"


def _minutes(minute: int) -> str:
    return f"zero {counted('it', minute)}" if minute < 10 else counted("it", minute)


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{'primo' if day == 1 else counted('it', day)} {_MONTHS[month - 1]}"
    return f"{words} {counted('it', year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    words: str = num2words(rank, lang="it", to="ordinal")
    return f"{words[:-1]}a" if "ª" in mark or mark == "a" else words


def _fraction(a: int, b: int) -> str:
    name = "mezzo" if b == 2 else str(num2words(b, lang="it", to="ordinal"))
    return f"un {name}" if a == 1 else f"{counted('it', a)} {name[:-1]}i"


def _hours(match: re.Match[str]) -> str:
    """From one time of day to another: "dalle otto alle dieci e trenta"."""
    hour, minute, last, minutes = (int(match[part]) for part in ("h", "m", "h2", "m2"))
    words = f"{_from_hour(hour, minute, 'd')} {_from_hour(last, minutes, '')}"
    return words[0].upper() + words[1:] if (match["lead"] or "")[:1] == "D" else words


def _full_hour(match: re.Match[str]) -> str:
    lead, hour = match["lead"] or "", int(match["h"] or match["h2"])
    if hour == 1:
        return f"{lead.removesuffix('e ')}'una" if lead.endswith("le ") else f"{lead}una"
    return f"{lead}{counted('it', hour)}"


def _from_hour(hour: int, minute: int, d: str) -> str:
    if hour in (0, 24) and not minute:
        return f"{d}a mezzanotte"
    words = f"{counted('it', hour)}{f' e {_minutes(minute)}' if minute else ''}"
    return f"{d}all'una{words.removeprefix('uno')}" if hour == 1 else f"{d}alle {words}"


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    hour = r"(?:[01]?\d|2[0-4])"
    return (
        DOTTED_HOURS,
        rule(r"(?<!\d)(?<!\d[ ])\b[hH]\.?[ ](?=\d{1,2}(?:[:.]\d\d)?(?![\w%]|[.,]\d))", lambda _: "ore ", needs="hH"),
        rule(rf"(?P<lead>\b[oO]re[ ])(?P<h>{hour})\.(?P<m>[0-5]\d)[ ]?[-–][ ]?(?P<h2>{hour})\.(?P<m2>[0-5]\d)(?!\d)", _hours, needs="."),
        rule(rf"(?P<lead>\b(?:[dD]alle(?:[ ]ore)?|[oO]re)[ ])?(?<![\w:.,/-])(?P<h>{hour}):(?P<m>[0-5]\d)[ ]?[-–][ ]?(?P<h2>{hour}):(?P<m2>[0-5]\d)(?![\d:])", _hours, needs=":"),
        # Behind what tells that it is a time of day, a full hour needs nothing more.
        rule(r"\b(?P<lead>[aA]|[dD]a)lle[ ](?:00?|24):00(?![\d:])", lambda m: f"{m['lead']} mezzanotte", needs=":"),
        rule(rf"(?P<lead>\b(?:[lL]e|[aA]lle|[dD]alle|[dD]elle|[oO]re)[ ])(?P<h>{hour}):00(?![\d:])|(?<![\d:])(?P<h2>{hour}):00(?=[ ]in[ ]punto)", _full_hour, needs=":"),
        rule(r"(?P<lead>\b(?:[aA]l|[dD]al|[dD]el|[nN]el)?[lL]['’])0?1:00(?![\d:])", lambda m: f"{m['lead']}una", needs=":"),
        rule(r"(?P<lead>\b(?:[lL]a|[dD]ella|[aA]lla|[nN]ella|[iI]n|[cC]lasse)[ ])(?P<n>I{1,3}|IV|V)(?=[ ][A-H](?!\w))", lambda m: f"{m['lead']}{_ordinal(roman(m['n']) or 0, 'ª')}", needs="IV"),
        rule(r"\b(?P<article>[ldnas][a-z]{0,3})'(?P<d>1|8|11)/(?P<m>1[0-2]|0?[1-9])(?![\w/]|[.,]\d|[ ]di\b)", lambda m: f"{m['article']}'{_date(int(m['d']), int(m['m']), None)}", needs="/", flags=re.IGNORECASE),
        rule(rf"\b(?P<d>[dD])all['’]1(?=[ ]al(?:l['’]|[ ])\d{{1,2}}[ ](?:{alternatives(_MONTHS)})\b)", lambda m: f"{m['d']}al primo", needs="1"),
        rule(r"(?P<lead>\d[ ]?(?:[mµ]?g|ml|[Ll]|U\.?I\.?|cpr|compress[ae]))/die\b", lambda m: f"{m['lead']} al giorno", needs="/"),
        rule(r"\be/o\b", lambda _: "e o", needs="/"),
        rule(r"(?<![\w.])[nN](?:[°º]|\.[°º]|r\.|um\.)[ ]?(?=\d|[a-z])", lambda _: "numero ", needs="nN"),
        rule(r"º(?=[ ]?[CF]\b)", lambda _: "°", needs="º"),
        rule(r"(?P<lead>\b[IVX]{1,6}[ ])sec\.(?!\w)", lambda m: f"{m['lead']}secolo", needs="s"),
        rule(r"(?<![\w.,])(?P<n>\d{1,3})[ ]?mila\b", lambda m: counted("it", int(m["n"]) * 1_000), needs="m"),
        *first_rules(grammar, _WRITTEN),
        # "3° piano" is no temperature, nor is "al 3° tentativo": of degrees there are many.
        rule(r"(?P<lead>\b(?:il|del|al|nel|dal|sul|un|ogni)[ ]|\b(?:part(?:e|ito|ita|irà)|arriv(?:a|ato|ata|erà)|chiude|chiuso|finisce|termina|classificat[oa]|piazzat[oa])[ ])(?P<n>\d{1,2})°(?![ ]?[CF]\b|\w)", lambda m: f"{m['lead']}{_ordinal(int(m['n']), 'º')}", needs="°", flags=re.IGNORECASE),
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,3}})[º°][ ](?=(?:{_RANKED})\b)", lambda m: f"{_ordinal(int(m['n']), 'º')} ", needs="º°"),
    )  # fmt: skip


def _last_rules() -> tuple[Rule, ...]:
    return (
        # "una ora" and "un' ora" are one; "una o due ore" are not.
        rule(r"\bun'(?:[ ](?P<joint>[oae][ ])?|(?P<dash>-))", lambda m: f"una {m['joint']}" if m["joint"] else "una-" if m["dash"] else "un'", needs="'"),
        rule(r"\b(?P<article>[ldnas][a-z]{0,3})'primo\b", lambda m: f"{_BEFORE_FIRST.get(m['article'], m['article'])} primo", needs="'"),
        rule(r"\b(?P<article>una|[mM]ezza)[ ](?=ora\b)", lambda m: f"{m['article'][:-1]}'", needs=("a ora",)),
        *last_rules(ITALIAN, _WRITTEN),
    )  # fmt: skip


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


def _rank(number: int, feminine: bool, _: str = "") -> str:
    return _ordinal(number, "ª" if feminine else "º")


_AGREEMENT = Agreement(
    by_endings(
        plural=r"(?!)",  # only one agrees
        feminine=r".*(?:a|zione|sione|gione|stione|unione|inione|trice|tudine|tà|tù|igine|agine)",
        feminine_words="notte luce voce chiave parte classe canzone stazione nave rete fase base frase carne gente mente neve corte mano foto moto auto radio "
        "lente patente corrente sorgente estate valle febbre tosse ape siepe moglie madre cornice radice vernice forbice superficie specie lavastoviglie "
        "email e-mail app noce vite arte morte legge croce pace torre pelle capitale chat polvere colazione serie crisi analisi ipotesi tesi password mail tab",
        masculine_words="problema sistema programma tema clima schema diploma poema pianeta poeta cinema panorama dramma fantasma aroma enigma sofà papà gorilla vaglia delta",
        others="al ai agli ad che con per tra fra del della dei delle dal dalla nel nella sul sulla più meno una uno sono era ha hanno non alla alle allo agli come quando dove "
        "ma anche poi già contro ogni dopo prima sopra sotto senza di da in su a e o va fa sta gennaio febbraio marzo aprile maggio giugno luglio agosto "
        "settembre ottobre novembre dicembre",
    ),
    labels=r"rai|italia|rete|radio|formula|serie|tv|apollo|artemis|tappa|gara|turno|round|sensore|zona|canale|porta|camera|opzione|passo|fase|livello|piano|linea|volo|treno|numero|capitolo|pagina|gruppo|squadra|giocatore|luce|lampada|telecamera|interruttore|presa|termostato|"
    r"salotto|soggiorno|cucina|bagno|bus|autobus|strada|sala|terminal|binario|via|parte|stagione|episodio|giorno|settimana|tipo|categoria|versione|attività|tapparella|finestra|sveglia|timer|scena|"
    r"dispositivo|pulsante|relè|traccia|classe|domanda|risposta|esercizio|figura|tabella|modo|profilo|tariffa|termosifone|ingresso|uscita|il|lo|la|i|gli|le|del|dello|della|al|alla|nel|nella|dal|dalla|un|una|uno|mille|è",
    state=r"[aiu]t[oa]|ert[oa]|es[oa]|us[oa]|iv[oa]|ent[eo]|abile|ibile",
    one=r"sono|con|di|per|in|e|o|c'è|ho|hai|ha|abbiamo|aggiungi|aggiungere|prenda|prendi|prendere|usa|solo|serve|servono|ogni|manca|resta|metti|circa|almeno|da|compra|ne|"
    r"più|meno|tra|fra|trovato|ricevuto",
)
_WRITTEN = Romance(
    spelled={
        ".": "punto",
        "@": "chiocciola",
        "/": "barra",
        "-": "trattino",
        "_": "trattino basso",
        ":": "due punti",
        "~": "tilde",
        "+": "più",
        "?": "punto interrogativo",
        "=": "uguale",
        "&": "e",
        "%": "per cento",
        "#": "cancelletto",
    },
    hashtag="hashtag",
    version="versione",
    phones=(
        r"0\d{1,3}[ ./-]\d{3,4}[ .]?\d{2,4}(?:[ .]\d{2,4})?|0\d{8,10}|3\d{2}[ ./-]?\d{3}[ .-]?\d{3,4}|3\d{2}[ ]\d{2}[ ]\d{2}[ ]\d{3}|3\d{2}[ ./-]\d{6,7}|800[ .-]?\d{3}[ .-]?\d{3}|800[ ]\d{2}[ ]\d{2}[ ]\d{2}",
    ),
    numerals=Numerals(
        ruler=_rank,
        kings=r"[Cc]anto|[Aa]tto|[Ll]ibro|[Tt]itolo|Vaticano|Pio|Giovanni|Giovanni[ ]Paolo|Paolo|Benedetto|Leone|Gregorio|Clemente|Innocenzo|Vittorio[ ]Emanuele|Vittorio[ ]Amedeo|Carlo|Carlo[ ]Alberto|Umberto|Luigi|Enrico|Filippo|Federico|Ferdinando|Francesco|Giorgio|Edoardo|Guglielmo|Napoleone|Alessandro|Giulio|Urbano|Sisto|Bonifacio|Celestino|Cosimo|Alfonso|Amedeo|Re[ ]Carlo|Ramses|Ramesse|Nicola|Riccardo|Ottone|Giacomo|Emanuele|Felipe|Juan[ ]Carlos|Alberto|Leopoldo|Baldovino|Ivan|Gustavo|Martino|Adriano|Callisto|Nicolò|Ranieri",
        queens=r"[Ss]ezione|[Ss]cena|Elisabetta|Caterina|Margherita|Maria|Vittoria|Anna|Isabella|Cristina|Giovanna|Beatrice|Cleopatra",
        rank=_rank,
        century=r"[sS]ecolo|[sS]ecc?\.",
        said_century=lambda lead: {"sec.": "secolo", "Sec.": "Secolo", "secc.": "secoli"}.get(lead, lead),
        ranked_centuries=True,
        heads=r"[Cc]apitolo|[Tt]omo|[Pp]arte|[Aa]tto|[Tt]ipo|[Ff]ase|[Tt]itolo|[Ll]ibro|[Vv]olume|[Ll]ivello|[Gg]ruppo|[Aa]llegato|[Gg]rado|[Cc]lasse|[Ss]cena|[Aa]rticolo|[Ll]otto",
        masculine_articles=r"[Ii]l|[Dd]el|[Nn]el|[Aa]l|[Dd]al|[Ss]ul|[Uu]n",
        feminine_articles=r"[Ll]a|[Dd]ella|[Nn]ella|[Aa]lla|[Dd]alla|[Ss]ulla|[Uu]na",
        masculine_nouns=r"[Ss]ecolo|[Cc]ongresso|[Cc]entenario|[Ii]ncontro|[Cc]oncorso|[Pp]iano|[Pp]remio|[Tt]orneo|[Rr]eich|[Ii]mpero|[Tt]rimestre|[Aa]nniversario|[Cc]ampionato|[Mm]illennio|[Mm]unicipio|[Ss]emestre|[Ss]ec\.",
        feminine_nouns=r"[Gg]uerra|[Rr]epubblica|[Ee]dizione|[Cc]onferenza|[Ff]iera|[Gg]iornata|[Cc]oppa|[Ss]ettimana|[Mm]ostra|[Ll]egislatura|[Oo]limpiade|[Dd]inastia|[Aa]ssemblea|[Dd]omenica|[Cc]rociata",
    ),
    abbreviations={
        **both_cases(
            {
                "v.le": "viale",
                "c.so": "corso",
                "p.le": "piazzale",
                "l.go": "largo",
                "p.tta": "piazzetta",
                "str.": "strada",
                "segg.": "seguenti",
                "ss.": "seguenti",
                "art.": "articolo",
                "artt.": "articoli",
                "cost.": "Costituzione",
                "c.c.": "codice civile",
                "c.p.": "codice penale",
                "incl.": "inclusa",
                "escl.": "esclusa",
                "a.C.": "avanti Cristo",
                "d.C.": "dopo Cristo",
                "a. C.": "avanti Cristo",
                "d. C.": "dopo Cristo",
                "prof.ssa": "professoressa",
                "prof.": "professor",
                "ing.": "ingegner",
                "avv.": "avvocato",
                "arch.": "architetto",
                "geom.": "geometra",
                "rag.": "ragionier",
                "sen.": "senatore",
                "sigg.": "signori",
                "sig.na": "signorina",
                "dr.": "dottor",
                "dr.ssa": "dottoressa",
                "dott.ssa": "dottoressa",
                "dott.ri": "dottori",
                "mons.": "monsignor",
                "cap.": "capitolo",
                "cell.": "cellulare",
                "est.": "esterno",
                "int.": "interno",
                "tot.": "totale",
                "quant.": "quantità",
                "rif.": "riferimento",
                "doc.": "documento",
                "cod.": "codice",
                "ed.": "edizione",
                "bibl.": "biblioteca",
                "minist.": "ministero",
                "reg.": "regione",
                "prov.": "provincia",
                "lat.": "latitudine",
                "vol.": "volume",
                "fig.": "figura",
                "pagg.": "pagine",
                "pp.": "pagine",
                "q.b.": "quanto basta",
                "s.l.m.": "sul livello del mare",
                "tel": "telefono",
                "temp.": "temperatura",
                "ab.": "abitanti",
                "vs": "contro",
                "vs.": "contro",
                "ad es.": "ad esempio",
                "dx": "destra",
                "dx.": "destra",
                "sx": "sinistra",
                "sx.": "sinistra",
                "p. es.": "per esempio",
                "p.es.": "per esempio",
                "cfr.": "confronta",
                "c.a.": "corrente anno",
                "c.m.": "corrente mese",
                "u.s.": "ultimo scorso",
                "all.": "allegato",
                "spett.le": "spettabile",
                "gent.le": "gentile",
                "gent.ma": "gentilissima",
                "egr.": "egregio",
                "s.p.a.": "S p A",
                "s.r.l.": "S R L",
                "ver.": "versione",
                "appr.": "approssimativamente",
                "approx.": "circa",
                "f.lli": "fratelli",
                "min.": "minimo",
                "max.": "massimo",
                "s.n.c.": "S N C",
                "ten.": "tenente",
                "col.": "colonnello",
                "on.le": "onorevole",
                "n.d.r.": "nota del redattore",
                "ndr": "nota del redattore",
            }
        ),
        "max": "massimo",
        "S.p.A.": "S p A",
        "SpA": "S p A",
        "S.r.l.": "S R L",
        "Srl": "S R L",
        "SS.": "santi",
        "P.S.": "post scriptum",
        "S.S.": "Sua Santità",
    },
    before_names={"gen.": "generale", "Gen.": "generale", "On.": "onorevole", "S.": "San"},
    closing="ecc.|segg.|ss.|a.C.|d.C.|a. C.|d. C.|q.b.|ca.|incl.|escl.|ab.|c.a.|Cost.|c.c.|c.p.",
    before_figures={
        "min": "minimo",
        "Min": "minimo",
        "Max": "massimo",
        "p.": "pagina",
        "vv.": "versi",
        "v.": "verso",
        "c.": "comma",
        "sez.": "sezione",
        "Sez.": "Sezione",
        "par.": "paragrafo",
        "P.": "Pagina",
        "n°": "numero",
        "N°": "numero",
        "nº": "numero",
        "N.": "numero",
        "nn.": "numeri",
        "nr.": "numero",
        "Nr.": "numero",
        "t.": "tomo",
        "tab.": "tabella",
        "No.": "numero",
        "Pag.": "Pagina",
        "CAP": "codice di avviamento postale",
    },
    months={
        "gen": 1,
        "genn": 1,
        "feb": 2,
        "febbr": 2,
        "mar": 3,
        "apr": 4,
        "mag": 5,
        "giu": 6,
        "lug": 7,
        "ago": 8,
        "set": 9,
        "sett": 9,
        "ott": 10,
        "nov": 11,
        "dic": 12,
    },
    in_month=r"in|da|dal|di|a|fino[ ]a|entro|fine|inizio|metà",
    month_year=" ",
    day_lead=r"[Ii]l|[Dd]el|[Dd]al|[Aa]l|giorno",
    left=r"mancano|manca|restano|resta|rimangono|rimane|rimanenti|durata",
    timer=r"timer|cronometro|conto[ ]alla[ ]rovescia|durata|tempo[ ]rimanente|tempo[ ]residuo",
    magnitudes={
        "mln": Magnitude("milione", "milioni"),
        "Mln": Magnitude("milione", "milioni"),
        "M": Magnitude("milione", "milioni"),
        "mio": Magnitude("milione", "milioni"),
        "mld": Magnitude("miliardo", "miliardi"),
        "Mld": Magnitude("miliardo", "miliardi"),
        "mrd": Magnitude("miliardo", "miliardi"),
        "milione": Magnitude("milione", "milioni"),
        "milioni": Magnitude("milione", "milioni"),
        "miliardo": Magnitude("miliardo", "miliardi"),
        "miliardi": Magnitude("miliardo", "miliardi"),
        "mila": Magnitude("mila", "mila", is_joined=False),
        "k": Magnitude("mila", "mila", is_joined=False),
        "K": Magnitude("mila", "mila", is_joined=False),
    },
    of=lambda noun: f"di {noun}",
    square="al quadrato",
    cube="al cubo",
    power="alla",
    divided="diviso",
    times="per",
    warm=r"temperatur[ae]|massim[ae]|minim[ae]|termostato|fa|segna",
    fewer="meno di",
    more="più di",
    and_centimetres=" e ",
    between="tra|fra",
    nth_minute=lambda minute: _ordinal(minute, "º"),
    every="ogni",
    has=r"un[ao]?|il|lo|la|gli|già|appena|ancora|bisogno|(?:[^\W\d_]{1,20}(?:[aiu]to|tto|sto|rto|lto|nto|[aeiou]so|[lr]so|sso))",
    over="su",
    out_of="su",
    often=Noun("volta", "volte", feminine=True),
    inch=Noun("pollice", "pollici"),
    flight=r"[Vv]ol[oi]",
    clock_with_stop=r"[Oo]re|[Aa]lle|[Dd]alle|[Dd]elle|[Ll]e|[Aa]ll'|verso[ ]le|ed?[ ]alle",
    measures=r"cucch|pz|sec|gg|hg",
)

ITALIAN: Grammar = Grammar(
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
    of_millions=lambda noun: f"di {noun}",
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    last_rules=_last_rules,
    agreement=_AGREEMENT,
    joints="o|a",
    dash="-",
    date_signs="-/",
    days={
        "lun": "lunedì", "mar": "martedì", "mer": "mercoledì", "gio": "giovedì", "ven": "venerdì", "sab": "sabato", "dom": "domenica",
    },
    compass={
        "N": "nord", "S": "sud", "E": "est", "O": "ovest", "NO": "nord-ovest", "NE": "nord-est", "SO": "sud-ovest", "SE": "sud-est",
    },
    day_span=lambda first, last: f"{'dalla' if first == 'domenica' else 'dal'} {first} {'alla' if last == 'domenica' else 'al'} {last}",
    wind=r"(?:[Vv]ent[oi]|[Rr]affiche)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[º°]?[ ]",
    signs={
        ".": "punto", "&": "e", "@": "chiocciola", "+": "più", "=": "uguale", "×": "per", "÷": "diviso", "±": "più o meno",
        "≈": "circa", "→": "a", "#": "numero", "°": "gradi", "€": "euro", "$": "dollari", "£": "sterline", "%": "per cento", "<": "minore di",
        ">": "maggiore di", "≤": "minore o uguale a", "≥": "maggiore o uguale a", "≠": "diverso da", "√": "radice di", "π": "pi greco",
        "§": "paragrafo", "Ω": "ohm", "∞": "infinito", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sig.": "signor", "sig.": "signor", "Sig.ra": "signora", "sig.ra": "signora", "Dott.": "dottor", "dott.": "dottor",
        "Dott.ssa": "dottoressa", "Ing.": "ingegner", "Avv.": "avvocato", "Prof.": "professor", "ecc.": "eccetera", "es.": "esempio",
        "ca.": "circa", "n.": "numero", "p.zza": "piazza", "P.zza": "piazza", "max.": "massimo", "min.": "minimo", "tel.": "telefono",
        "Tel.": "telefono", "pag.": "pagina",
    },
)  # fmt: skip
