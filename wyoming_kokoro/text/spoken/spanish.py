"""Spanish words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

import re

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.rules import Rule, rule
from wyoming_kokoro.text.spoken.tables import counted, currencies, nouns, words_counted

_MONTHS = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio", "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip
_FRACTIONS = {
    2: "medio",
    3: "tercio",
    4: "cuarto",
    5: "quinto",
    6: "sexto",
    7: "séptimo",
    8: "octavo",
    9: "noveno",
    10: "décimo",
}

_MAX_ORDINAL = 999  # nobody follows them beyond

_UNITS = nouns("""
    °C | grado Celsius | grados Celsius
    °F | grado Fahrenheit | grados Fahrenheit
    ° | grado | grados
    km | kilómetro | kilómetros
    m | metro | metros
    cm | centímetro | centímetros
    mm | milímetro | milímetros
    km/h | kilómetro por hora | kilómetros por hora
    m/s | metro por segundo | metros por segundo
    m² | metro cuadrado | metros cuadrados
    m³ | metro cúbico | metros cúbicos
    km² | kilómetro cuadrado | kilómetros cuadrados
    kg | kilo | kilos
    g | gramo | gramos
    mg | miligramo | miligramos
    t | tonelada | toneladas | f
    l | litro | litros
    L | litro | litros
    ml | mililitro | mililitros
    W | vatio | vatios
    kW | kilovatio | kilovatios
    Wh | vatio hora | vatios hora
    kWh | kilovatio hora | kilovatios hora
    MWh | megavatio hora | megavatios hora
    V | voltio | voltios
    A | amperio | amperios
    mAh | miliamperio hora | miliamperios hora
    Hz | hercio | hercios
    GHz | gigahercio | gigahercios
    hPa | hectopascal | hectopascales
    mbar | milibar | milibares
    bar | bar | bares
    lx | lux | lux
    lm | lumen | lúmenes
    dB | decibelio | decibelios
    ppm | parte por millón | partes por millón | f
    µg/m³ | microgramo por metro cúbico | microgramos por metro cúbico
    W/m² | vatio por metro cuadrado | vatios por metro cuadrado
    KB | kilobyte | kilobytes
    MB | megabyte | megabytes
    GB | gigabyte | gigabytes
    TB | terabyte | terabytes
    Mbps | megabit por segundo | megabits por segundo
    ms | milisegundo | milisegundos
    s | segundo | segundos
    seg | segundo | segundos
    min | minuto | minutos
    h | hora | horas | f
    d | día | días
""")  # fmt: skip
_CURRENCIES = currencies("""
    € | euro | euros | céntimo | céntimos
    EUR | euro | euros | céntimo | céntimos
    $ | dólar | dólares | centavo | centavos
    USD | dólar | dólares | centavo | centavos
    £ | libra | libras | f | penique | peniques
    ¥ | yen | yenes
""")

_NOUNS = words_counted(
    "minuto minutos, segundo segundos, día días, mes meses, año años, grado grados, euro euros, céntimo céntimos, dólar dólares, kilo kilos, "
    "gramo gramos, litro litros, metro metros, kilómetro kilómetros, punto puntos, mensaje mensajes, correo correos, dispositivo dispositivos, "
    "temporizador temporizadores, recordatorio recordatorios, evento eventos, paso pasos, huevo huevos, vaso vasos, diente dientes, "
    "invitado invitados, intento intentos, lugar lugares, vatio vatios",
    "hora horas, semana semanas, persona personas, vez veces, luz luces, puerta puertas, ventana ventanas, alarma alarmas, taza tazas, "
    "cucharada cucharadas, cucharadita cucharaditas, cebolla cebollas, libra libras, página páginas, noche noches, tarea tareas, "
    "notificación notificaciones, llamada llamadas, canción canciones, habitación habitaciones, milla millas, pizca pizcas",
)
_RANKED = r"piso|puesto|lugar|día|capítulo|aniversario|premio|curso|cumpleaños|intento|tiempo|set|minuto|episodio|mes|año|siglo|turno"


def _agree(words: str, noun: Noun) -> str:
    """Uno before a noun: un grado, una hora, veintiún grados, doscientas horas."""
    if noun.feminine:
        words = words.replace("cientos", "cientas")
        return f"{words[:-1]}a" if words.endswith("uno") else words
    if words.endswith("veintiuno"):
        return f"{words[:-3]}ún"
    return words[:-1] if words.endswith("uno") else words


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = (
            " de la mañana" if half == "am" else " de la tarde" if hour < 8 or hour == 12 else " de la noche"
        )
    if (hour, minute, half) == (0, 0, ""):
        return "medianoche"
    words = "una" if hour == 1 else counted("es", hour).replace("veintiuno", "veintiuna")
    if minute == 0:
        return f"{words}{part}" if part else f"{words} en punto"
    minutes = f"cero {counted('es', minute)}" if minute < 10 else counted("es", minute)
    return f"{words} {minutes}{part}"


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{'primero' if day == 1 else counted('es', day)} de {_MONTHS[month - 1]}"
    return f"{words} de {counted('es', year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    if rank > _MAX_ORDINAL:
        return counted("es", rank)
    words: str = num2words(rank, lang="es", to="ordinal").replace("quadra", "cuadra")
    if mark in ("er", ".er"):
        return words.removesuffix("o") if words.endswith(("primero", "tercero")) else words
    # each word of it: "vigésima primera"
    return re.sub(r"o\b", "a", words) if "ª" in mark or mark.endswith("a") else words


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    return (
        # "3° piso" is no temperature, and "tercero" loses its end before a noun.
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,3}})\.?[º°][ ](?=(?:{_RANKED})\b)", lambda m: f"{_ordinal(int(m['n']), 'er')} ", needs="º°"),
    )  # fmt: skip


def _fraction(a: int, b: int) -> str:
    name = _FRACTIONS.get(b) or f"{counted('es', b)}avo"
    return f"un {name}" if a == 1 else f"{counted('es', a)} {name}s"


_HALVES = Halves(
    half=lambda noun: "media" if noun.feminine else "medio",
    half_a=lambda noun, written: f"{'media' if noun.feminine else 'medio'} {written}",
    conjunction="y",
    of="de",
)

SPANISH = Grammar(
    count=lambda n: counted("es", n),
    agree=_agree,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} con {cents}",
    thousands=r"[.]|[ ](?=\d{3}(?!\d))",
    decimal=r",|[.](?!\d{3}(?!\d))",
    ordinal_mark=r"\.?(?:[ºª]|er\b|ero\b|era\b)",
    point="coma",
    minus="menos",
    plus="más",
    to="a",
    per_hundred=lambda words: f"{words} por ciento",
    per=lambda words, noun: f"{words} por {noun}",
    by="por",
    halves=_HALVES,
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    days={
        "lun": "lunes", "mar": "martes", "mié": "miércoles", "jue": "jueves", "vie": "viernes", "sáb": "sábado", "dom": "domingo",
    },
    compass={
        "N": "norte", "S": "sur", "E": "este", "O": "oeste", "NO": "noroeste", "NE": "noreste", "SO": "suroeste", "SE": "sureste",
    },
    wind=r"(?:[Vv]ientos?|[Rr]achas?)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[º°]?[ ](?:de[ ])?",
    signs={
        ".": "punto", "&": "y", "@": "arroba", "+": "más", "=": "igual a", "×": "por", "÷": "entre", "±": "más menos", "≈": "aproximadamente",
        "→": "a", "#": "número", "°": "grados", "€": "euros", "$": "dólares", "£": "libras", "%": "por ciento", "<": "menor que",
        ">": "mayor que", "≤": "menor o igual que", "≥": "mayor o igual que", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora", "D.": "don", "Ud.": "usted",
        "Uds.": "ustedes", "p. ej.": "por ejemplo", "p.ej.": "por ejemplo", "etc.": "etcétera", "aprox.": "aproximadamente", "núm.": "número",
        "nº": "número", "n.º": "número", "av.": "avenida", "Av.": "avenida", "Avda.": "avenida", "c/": "calle", "pág.": "página",
        "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "máx.": "máximo", "mín.": "mínimo", "tel.": "teléfono",
    },
)  # fmt: skip
