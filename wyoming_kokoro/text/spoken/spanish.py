"""Spanish words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

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
from wyoming_kokoro.text.spoken.rules import Rule, is_end, rule
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

_LETTERED_DAYS = {
    "L": "lunes", "M": "martes", "X": "miércoles", "J": "jueves", "V": "viernes", "S": "sábado", "D": "domingo",
}  # fmt: skip
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
    cl | centilitro | centilitros
    dl | decilitro | decilitros
    cm² | centímetro cuadrado | centímetros cuadrados
    cm³ | centímetro cúbico | centímetros cúbicos
    ha | hectárea | hectáreas | f
    l/m² | litro por metro cuadrado | litros por metro cuadrado
    L/m² | litro por metro cuadrado | litros por metro cuadrado
    l/min | litro por minuto | litros por minuto
    m³/h | metro cúbico por hora | metros cúbicos por hora
    l/100 km | litro cada cien kilómetros | litros cada cien kilómetros
    mm/h | milímetro por hora | milímetros por hora
    mg/dl | miligramo por decilitro | miligramos por decilitro
    mg/dL | miligramo por decilitro | miligramos por decilitro
    mg/l | miligramo por litro | miligramos por litro
    mmHg | milímetro de mercurio | milímetros de mercurio
    lpm | latido por minuto | latidos por minuto
    lb | libra | libras | f
    lbs | libra | libras | f
    oz | onza | onzas | f
    ft | pie | pies
    yd | yarda | yardas | f
    psi | libra por pulgada cuadrada | libras por pulgada cuadrada | f
    gal | galón | galones
    nm | nanómetro | nanómetros
    µm | micrómetro | micrómetros
    mmol/l | milimol por litro | milimoles por litro
    g/l | gramo por litro | gramos por litro
    mg/kg | miligramo por kilo | miligramos por kilo
    °/h | grado por hora | grados por hora
    rpm | revolución por minuto | revoluciones por minuto | f
    µg | microgramo | microgramos
    mcg | microgramo | microgramos
    UI | unidad internacional | unidades internacionales | f
    kcal | kilocaloría | kilocalorías | f
    kJ | kilojulio | kilojulios
    MW | megavatio | megavatios
    GW | gigavatio | gigavatios
    GWh | gigavatio hora | gigavatios hora
    TWh | teravatio hora | teravatios hora
    CV | caballo | caballos
    VA | voltamperio | voltamperios
    mA | miliamperio | miliamperios
    Ah | amperio hora | amperios hora
    mV | milivoltio | milivoltios
    kHz | kilohercio | kilohercios
    MHz | megahercio | megahercios
    Pa | pascal | pascales
    kPa | kilopascal | kilopascales
    dBA | decibelio A | decibelios A
    dBm | decibelio milivatio | decibelios milivatio
    ppb | parte por mil millones | partes por mil millones | f
    mg/m³ | miligramo por metro cúbico | miligramos por metro cúbico
    kB | kilobyte | kilobytes
    kbps | kilobit por segundo | kilobits por segundo
    kbit/s | kilobit por segundo | kilobits por segundo
    Mb/s | megabit por segundo | megabits por segundo
    Mbit/s | megabit por segundo | megabits por segundo
    Gbps | gigabit por segundo | gigabits por segundo
    Gb/s | gigabit por segundo | gigabits por segundo
    Gbit/s | gigabit por segundo | gigabits por segundo
    MB/s | megabyte por segundo | megabytes por segundo
    GB/s | gigabyte por segundo | gigabytes por segundo
    MP | megapíxel | megapíxeles
    Mpx | megapíxel | megapíxeles
    px | píxel | píxeles
    fps | fotograma por segundo | fotogramas por segundo
    mph | milla por hora | millas por hora | f
    hrs | hora | horas | f
    uds | unidad | unidades | f
    ud | unidad | unidades | f
    cda | cucharada | cucharadas | f
    cdas | cucharada | cucharadas | f
    cdta | cucharadita | cucharaditas | f
    cdtas | cucharadita | cucharaditas | f
    pts | punto | puntos
    pts. | punto | puntos
    ptos. | punto | puntos
    pb | punto básico | puntos básicos
    p. b. | punto básico | puntos básicos
    p. p. | punto porcentual | puntos porcentuales
    pers. | persona | personas | f
    kgs | kilo | kilos
    gr | gramo | gramos
    grs | gramo | gramos
    mts | metro | metros
    kms | kilómetro | kilómetros
    cc | centímetro cúbico | centímetros cúbicos
    hab./km² | habitante por kilómetro cuadrado | habitantes por kilómetro cuadrado
    km/l | kilómetro por litro | kilómetros por litro
    msnm | metro sobre el nivel del mar | metros sobre el nivel del mar
    comp. | comprimido | comprimidos
    cáps. | cápsula | cápsulas | f
    sem. | semana | semanas | f
""")  # fmt: skip
_CURRENCIES = currencies("""
    € | euro | euros | céntimo | céntimos
    EUR | euro | euros | céntimo | céntimos
    $ | dólar | dólares | centavo | centavos
    US$ | dólar | dólares | centavo | centavos
    USD | dólar | dólares | centavo | centavos
    £ | libra | libras | f | penique | peniques
    GBP | libra | libras | f | penique | peniques
    CHF | franco suizo | francos suizos | céntimo | céntimos
    MXN | peso mexicano | pesos mexicanos | centavo | centavos
    cts. | céntimo | céntimos
    ¥ | yen | yenes
""")

_NOUNS = words_counted(
    "minuto minutos, segundo segundos, día días, mes meses, año años, grado grados, euro euros, céntimo céntimos, dólar dólares, kilo kilos, "
    "gramo gramos, litro litros, metro metros, kilómetro kilómetros, punto puntos, mensaje mensajes, correo correos, dispositivo dispositivos, "
    "temporizador temporizadores, recordatorio recordatorios, evento eventos, paso pasos, huevo huevos, vaso vasos, diente dientes, "
    "invitado invitados, intento intentos, lugar lugares, vatio vatios, habitante habitantes, paquete paquetes, barril barriles, millón millones, kilovatio kilovatios",
    "hora horas, semana semanas, persona personas, vez veces, luz luces, puerta puertas, ventana ventanas, alarma alarmas, taza tazas, "
    "cucharada cucharadas, cucharadita cucharaditas, cebolla cebollas, libra libras, página páginas, noche noches, tarea tareas, "
    "notificación notificaciones, llamada llamadas, canción canciones, habitación habitaciones, milla millas, pizca pizcas, unidad unidades, tonelada toneladas, hectárea hectáreas, botella botellas, entrada entradas",
)
_RANKED = r"piso|puesto|lugar|día|capítulo|aniversario|premio|curso|cumpleaños|intento|tiempo|set|minuto|episodio|mes|año|siglo|turno"


def _count(number: int) -> str:
    """As num2words counts, but for "uno" before mil and millones: treinta y un mil."""
    words = counted("es", number)
    if number < 21_000:
        return words
    return re.sub(
        r"(?:(veinti)uno|uno)(?= (?:mil|millones|millón)\b)", lambda m: f"{m[1]}ún" if m[1] else "un", words
    )


def _agree(words: str, noun: Noun) -> str:
    """Uno before a noun: un grado, una hora, veintiún grados, doscientas horas."""
    if noun.feminine:
        words = words.replace("ientos", "ientas")
        return f"{words[:-1]}a" if words.endswith("uno") else words
    if words.endswith("veintiuno"):
        return f"{words[:-3]}ún"
    return words[:-1] if words.endswith("uno") else words


def _hour(hour: int) -> str:
    """Hours are feminine: "la una", "las veintiuna"."""
    return "una" if hour == 1 else counted("es", hour).replace("veintiuno", "veintiuna")


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = (
            " de la mañana" if half == "am" else " de la tarde" if hour < 8 or hour == 12 else " de la noche"
        )
    if (hour, minute, half) == (0, 0, ""):
        return "medianoche"
    words = _hour(hour)
    if minute == 0:
        return f"{words}{part}" if part else f"{words} {'horas' if hour > 12 else 'en punto'}"
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


def _hours(match: re.Match[str]) -> str | None:
    """From one time of day to another, full hours without "en punto": "de nueve a catorce horas"."""
    (hour, minute), (last, minutes) = (map(int, match[end].split(":")) for end in ("a", "b"))
    if minute and minutes:
        return None
    first = match["a"] if minute else _hour(hour)
    joint = " a " if match["joint"].strip() in ("-", "–") else match["joint"]
    if minutes:
        return f"{first}{joint}{match['b']}"
    return f"{first}{joint}{_hour(last)}{' horas' if last > 12 else ''}"


def _part(match: re.Match[str]) -> str | None:
    """3/4 partes → tres cuartas partes."""
    a, b = int(match["a"]), int(match["b"])
    if not (0 < a < b and 3 <= b <= 10):
        return None
    rank = _ordinal(b, "ª")
    return f"una {rank} parte" if a == 1 else f"{counted('es', a)} {rank}s partes"


def _letters(match: re.Match[str]) -> str | None:
    """From one day to a later one; letters that do not follow each other name something else."""
    order = "LMXJVSD"
    first, last = order.index(match["a"]), order.index(match["b"])
    names = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
    return f"{names[first]} a {names[last]}" if first < last else None


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    hour, end = r"(?:[01]?\d|2[0-4]):[0-5]\d", r"(?:[ ]?h\b(?:\.(?=[ ][a-z]))?)?"
    return (
        DOTTED_HOURS,
        rule(rf"(?<![\w:.,/-])(?P<a>{hour}){end}(?P<joint>[ ]?[-–][ ]?|[ ](?:a|y|hasta)[ ](?:las?[ ])?)(?P<b>{hour}){end}(?!\w|[.,:]\d)", _hours, needs=":"),
        # Days by their letters: "L-V", "de L a D".
        rule(r"(?<![\w.&/-])(?P<a>[LMXJV])(?P<joint>[ ]?[-–][ ]?|[ ]a[ ])(?P<b>[JVSD])(?![\w&/-]|[.]\w)", _letters, needs="JVSD"),
        rule(r"(?<![\w:.,/-])(?P<h>[01]?\d|2[0-4]):00(?=[ ]en[ ]punto)", lambda m: _hour(int(m["h"])), needs=":"),
        rule(r"(?<![\w.,/])(?P<a>\d{1,2})/(?P<b>\d{1,2})[ ]partes?\b", _part, needs="/"),
        rule(r"(?<![\w.,])(?P<n>\d)[ ]hab\.(?!/)", lambda m: f"{m['n']} {'habitación' if m['n'] == '1' else 'habitaciones'}{'.' if is_end(m.string, m.end()) else ''}", needs="hab."),
        rule(r"(?<![\w-])(?P<day>[LMXJVSD])(?=[ ]\d{1,2}(?::\d\d)?[ ]?[-–][ ]?\d{1,2}(?::\d\d)?[ ]?h)", lambda m: _LETTERED_DAYS[m["day"]], needs="LMXJVSD"),
        rule(r"\b[cC]/[ ]?(?=\d)", lambda _: "cada ", needs="/"),
        rule(r"\b[cC]/[ ]?(?=[A-ZÁÉÍÓÚÑ])", lambda _: "calle ", needs="/"),
        rule(r"(?<![\w.,/])(?P<n>[1-4])[ºo.]?[ ]?(?:T|[Tt]rim\b(?:\.(?=[ ]))?)(?=[ ](?:de[ ]|del[ ])?20\d\d|[,.;)]|$)", lambda m: f"{_ordinal(int(m['n']), 'er')} trimestre", needs="Tt"),
        rule(r"(?<=\d)(?P<space>[ ]?%[ ]?)(?:HR|H\.R\.)(?!\w)", lambda m: f"{m['space'].rstrip()} de humedad relativa", needs="H"),
        rule(r"\by/o\b", lambda _: "y o", needs="/"),
        rule(r"º(?=[ ]?[CF]\b)", lambda _: "°", needs="º"),
        rule(r"\b(?P<road>N)-(?P<n>I{1,3}|IV|VI?)(?!\w)", lambda m: f"{m['road']} {counted('es', roman(m['n']) or 0)}", needs="N"),
        rule(r"(?<![\w-])L[ ]?-[ ]?(?P<day>[JVSD])(?![\w-])", lambda m: f"lunes a {_LETTERED_DAYS[m['day']]}", needs="L"),
        *first_rules(grammar, _WRITTEN),
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


def _ruler(number: int, feminine: bool) -> str:
    """Felipe segundo, Alfonso décimo, but Alfonso trece."""
    return _ordinal(number, "ª" if feminine else "º") if number <= 10 else counted("es", number)


_AGREEMENT = Agreement(
    by_endings(
        plural=r".{2,}s(?<!amos)(?<!emos)(?<!imos)|.*(?:gramos|tramos|ramos|extremos|máximos|mínimos|próximos|últimos)",
        feminine=r".*(?:as?|ciones|ción|siones|sión|dades|dad|tades|tad|tudes|tud|umbres?|triz|trices)",
        feminine_words="vez veces luz luces noche noches tarde tardes clase clases llave llaves parte partes calle calles flor flores ley leyes mujer "
        "mujeres voz voces pared paredes red redes serie series frase frases base bases fase fases torre torres nube nubes clave claves "
        "nuez nueces raíz raíces imagen imágenes sede sedes nave naves mano manos foto fotos moto motos muerte muertes orden órdenes señal señales "
        "mil sal cruz cruces muestra central centrales razón razones región regiones",
        masculine_words="día días mapa mapas problema problemas sistema sistemas programa programas tema temas clima climas idioma idiomas planeta planetas "
        "poema poemas cometa tranvía tranvías sofá sofás gramas diagrama diagramas dilema dilemas guardia pijama pijamas panorama esquema esquemas "
        "aroma aromas síntoma síntomas fantasma fantasmas drama dramas",
        others="más menos es los las tras sus mis tus pues entonces después antes además mientras dos tres seis nos les os jamás quizás través que con por "
        "para del una uno unos unas sin fue era hay está desde hasta entre ante como pero cuando donde según vs cada muy también sólo solo ya "
        "lunes martes miércoles jueves viernes veces? están pulgadas? mayo junio julio agosto son ha han se va lo la el al esa esta estas esas nueva",
    ),
    thousand="mil",
    labels=r"antena|radio|tve|fórmula|serie|liga|tv|apolo|artemis|etapa|carrera|turno|ronda|sensor|zona|canal|puerta|habitación|opción|paso|fase|nivel|planta|línea|vuelo|tren|número|capítulo|página|grupo|equipo|jugador|luz|lámpara|cámara|interruptor|enchufe|termostato|"
    r"salón|cocina|baño|dormitorio|bus|autobús|ruta|sala|terminal|andén|vía|parte|temporada|episodio|día|semana|tipo|categoría|versión|tarea|persiana|ventana|alarma|temporizador|escena|"
    r"dispositivo|botón|relé|pista|clase|curso|división|pregunta|respuesta|ejercicio|figura|tabla|modo|perfil|tarifa|foco|radiador|estante|entrada|salida|el|la|los|las|del|al|un|una|mil|es",
    state=r"[aeiu]d[oa]|iert[oa]|uest[oa]|tiv[oa]|ent[eo]|able|ible",
    one=r"hay|con|de|por|en|y|o|tome|toma|toman|añade|añada|añadir|agrega|agregue|usa|use|pon|tengo|tiene|tienes|tenemos|queda|falta|cada|solo|sólo|necesitas|necesito|"
    r"hace|ni|compra|lleva|son|encontré|encontrado|más|menos|recibido|incluye",
)
_WRITTEN = Romance(
    spelled={
        ".": "punto",
        "@": "arroba",
        "/": "barra",
        "-": "guion",
        "_": "guion bajo",
        ":": "dos puntos",
        "~": "virgulilla",
        "+": "más",
        "?": "interrogación",
        "=": "igual",
        "&": "y",
        "%": "por ciento",
        "#": "almohadilla",
    },
    hashtag="hashtag",
    version="versión",
    phones=(
        r"[6-9]\d{2}(?:[ -]\d{3}){2}(?![ ](?:de|euros|personas|habitantes)\b)|[6-9]\d{2}(?:[ .-]\d{2}){3}|[89]\d[ ]\d{3}(?:[ ]\d{2}){2}",
        r"(?<=tel\.[ ])\d{9}|(?<=móvil[ ])\d{9}|(?<=llama[ ]al[ ])\d{9}|(?<=teléfono[ ])\d{9}",
    ),
    numerals=Numerals(
        ruler=_ruler,
        kings=r"Vaticano|Felipe|Carlos|Alfonso|Fernando|Juan|Pablo|Juan[ ]Pablo|Pío|Benedicto|León|Gregorio|Clemente|Inocencio|Luis|Enrique|Jorge|Eduardo|Jaime|Pedro|Sancho|Ramiro|Guillermo|Federico|Francisco|Napoleón|Leopoldo|Alberto|Balduino|Harald|Gustavo|Nicolás|Alejandro|Ramsés|Ricardo|José|Amadeo|Iván|Urbano|Sixto|Julio|Mohamed|Hasán|Abdalá|Tutmosis|Ptolomeo|Rainiero",
        queens=r"Isabel|Juana|Catalina|Margarita|María|Cristina|Sofía|Beatriz|Ana|Victoria|Cleopatra",
        rank=lambda number, feminine, _: f"{_ordinal(number, 'ª' if feminine else 'er')}",
        century=r"[sS]iglos?|[sS]s?\.",
        said_century=lambda lead: {"s.": "siglo", "S.": "Siglo", "ss.": "siglos"}.get(lead, lead),
        heads=r"[Cc]apítulo|[Tt]omo|[Pp]arte|[Aa]cto|[Tt]ipo|[Ff]ase|[Tt]ítulo|[Ll]ibro|[Vv]olumen|[Nn]ivel|[Gg]rupo|[Aa]nexo|[Gg]rado|[Cc]lase|[Ee]scena|[Bb]loque|[Aa]rtículo",
        masculine_articles=r"[Ee]l|[Dd]el|[Aa]l|[Uu]n|[Ee]ste|[Nn]uestro",
        feminine_articles=r"[Ll]a|[Uu]na|[Ee]sta|[Nn]uestra",
        masculine_nouns=r"[Cc]ongreso|[Cc]entenario|[Ff]estival|[Ee]ncuentro|[Cc]oncurso|[Pp]lan|[Pp]remio|[Tt]orneo|[Rr]eich|[Ii]mperio|[Ff]oro|[Tt]rimestre|[Aa]niversario|[Cc]ampeonato|[Cc]ertamen|[Tt]rofeo|[Mm]aratón|[Ss]imposio|[Cc]onvenio",
        feminine_nouns=r"[Gg]uerra|[Rr]epública|[Ee]dición|[Cc]umbre|[Ff]eria|[Jj]ornadas?|[Cc]opa|[Cc]arrera|[Ss]emana|[Mm]uestra|[Gg]ala|[Ll]egislatura|[Oo]limpiada|[Dd]inastía|[Cc]onferencia|[Aa]samblea",
    ),
    abbreviations=both_cases(
        {
            "cap.": "capítulo",
            "art.": "artículo",
            "arts.": "artículos",
            "págs.": "páginas",
            "y ss.": "y siguientes",
            "avda.": "avenida",
            "ctra.": "carretera",
            "pza.": "plaza",
            "pl.": "plaza",
            "izda.": "izquierda",
            "izq.": "izquierda",
            "dcha.": "derecha",
            "incl.": "incluido",
            "a. C.": "antes de Cristo",
            "a.C.": "antes de Cristo",
            "d. C.": "después de Cristo",
            "d.C.": "después de Cristo",
            "prof.": "profesor",
            "profa.": "profesora",
            "dpto.": "departamento",
            "tfno.": "teléfono",
            "tfn.": "teléfono",
            "ej.": "ejemplo",
            "máx": "máximo",
            "mín": "mínimo",
            "sra.": "señora",
            "sr.": "señor",
            "dr.": "doctor",
            "dra.": "doctora",
            "sres.": "señores",
            "excmo.": "excelentísimo",
            "hnos.": "hermanos",
            "admón.": "administración",
            "gral.": "general",
            "temp.": "temperatura",
            "ext.": "extensión",
            "tlf.": "teléfono",
            "F. C.": "Fútbol Club",
            "F.C.": "Fútbol Club",
            "C. F.": "Club de Fútbol",
            "C.F.": "Club de Fútbol",
            "prov.": "provincia",
            "ref.": "referencia",
            "obs.": "observaciones",
            "cód.": "código",
            "urb.": "urbanización",
            "esq.": "esquina",
            "entlo.": "entresuelo",
            "pta.": "puerta",
            "bco.": "banco",
            "adm.": "administración",
            "cant.": "cantidad",
            "hab.": "habitantes",
            "cía.": "compañía",
            "n.os": "números",
            "vol.": "volumen",
            "q.e.p.d.": "que en paz descanse",
            "JJ. OO.": "Juegos Olímpicos",
            "JJ.OO.": "Juegos Olímpicos",
            "RR. HH.": "Recursos Humanos",
            "RR.HH.": "Recursos Humanos",
            "FF. AA.": "Fuerzas Armadas",
            "CC. AA.": "comunidades autónomas",
            "CC.AA.": "comunidades autónomas",
            "EEUU": "Estados Unidos",
            "S. A.": "S A",
            "vs.": "contra",
            "vs": "contra",
            "por sem.": "por semana",
            "s/n": "sin número",
        }
    ),
    before_names={
        "D.": "don",
        "Dª": "doña",
        "D.ª": "doña",
        "Dña.": "doña",
        "S.": "san",
        "Sto.": "santo",
        "Sta.": "santa",
        "Mons.": "monseñor",
        "Ing.": "ingeniero",
        "Lic.": "licenciado",
        "Arq.": "arquitecto",
    },
    closing="etc.|aprox.|izda.|izq.|dcha.|incl.|a. C.|a.C.|d. C.|d.C.|hab.|y ss.|EE. UU.|EE.UU.",
    before_figures={
        "p.": "página",
        "pp.": "páginas",
        "Fig.": "Figura",
        "fig.": "figura",
        "Vol.": "volumen",
        "núm.": "número",
        "Núm.": "Número",
        "No.": "número",
        "N.º": "número",
        "Nº": "número",
        "N°": "número",
        "n°": "número",
        "t.": "tomo",
        "tab.": "tabla",
        "C.P.": "código postal",
        "CP": "código postal",
    },
    months={
        "ene": 1,
        "feb": 2,
        "mar": 3,
        "abr": 4,
        "may": 5,
        "jun": 6,
        "jul": 7,
        "ago": 8,
        "sep": 9,
        "sept": 9,
        "set": 9,
        "oct": 10,
        "nov": 11,
        "dic": 12,
    },
    in_month=r"en|de|desde|hasta|a|para|por",
    month_year=" de ",
    day_lead=r"[Ee]l|[Dd]el|[Aa]l|día",
    left=r"quedan?|faltan?|restan?|restantes?|duración",
    timer=r"temporizador|cronómetro|cuenta[ ]atrás|duración|tiempo[ ]restante|timer",
    magnitudes={
        "M": Magnitude("millón", "millones"),
        "mill.": Magnitude("millón", "millones"),
        "MM": Magnitude("millón", "millones"),
        "millón": Magnitude("millón", "millones"),
        "millones": Magnitude("millón", "millones"),
        "mil M": Magnitude("mil millones", "mil millones"),
        "mil millones": Magnitude("mil millones", "mil millones"),
        "billones": Magnitude("billón", "billones"),
        "mil": Magnitude("mil", "mil", is_joined=False),
        "k": Magnitude("mil", "mil", is_joined=False),
        "K": Magnitude("mil", "mil", is_joined=False),
    },
    of=lambda noun: f"de {noun}",
    square="al cuadrado",
    cube="al cubo",
    power="elevado a",
    divided="entre",
    times="por",
    warm=r"temperaturas?|máximas?|mínimas?|termostato|hacen?|hará|marcan?",
    fewer="menos de",
    more="más de",
    and_centimetres=" ",
    between="entre",
    every="cada",
    has=r"(?:vuelto[ ]a|ido|(?!(?:lado|prado)\b)[^\W\d_]{1,20}(?:[aií]do|cho|sto|rto|lto|ito))",
    over="sobre",
    out_of="sobre",
    often=Noun("vez", "veces", feminine=True),
    inch=Noun("pulgada", "pulgadas", feminine=True),
    flight=r"[Vv]uelos?",
    clock_with_stop=r"(?:[Aa]|[Dd]e|[Dd]esde|[Hh]asta|[Yy]|[Ss]on|[Ss]obre|[Pp]ara)[ ]las?",
    measures=r"cdt?as?|uds?|hrs?|seg",
)

SPANISH: Grammar = Grammar(
    count=_count,
    agree=_agree,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} con {cents}",
    thousands=r"[.]|[ ](?=\d{3}(?!\d))",
    decimal=r",|[.](?!\d{3}(?!\d))",
    ordinal_mark=r"\.?(?:[ºª]|er\b|ero\b|era\b|[rdtmvn][oa]\b)",
    point="coma",
    minus="menos",
    plus="más",
    to="a",
    per_hundred=lambda words: f"{words} por ciento",
    per=lambda words, noun: f"{words} por {noun}",
    by="por",
    halves=_HALVES,
    of_millions=lambda noun: f"de {noun}",
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    last_rules=lambda: last_rules(SPANISH, _WRITTEN),
    agreement=_AGREEMENT,
    joints=r"o|u|ó|a|de|de[ ]cada",
    date_signs="-/",
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
        ">": "mayor que", "≤": "menor o igual que", "≥": "mayor o igual que", "≠": "distinto de", "√": "raíz de", "π": "pi",
        "§": "párrafo", "Ω": "ohmios", "∞": "infinito", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sr.": "señor", "Sra.": "señora", "Srta.": "señorita", "Dr.": "doctor", "Dra.": "doctora", "Ud.": "usted",
        "Uds.": "ustedes", "p. ej.": "por ejemplo", "p.ej.": "por ejemplo", "etc.": "etcétera", "aprox.": "aproximadamente", "núm.": "número",
        "nº": "número", "n.º": "número", "av.": "avenida", "Av.": "avenida", "Avda.": "avenida", "c/": "calle", "pág.": "página",
        "EE. UU.": "Estados Unidos", "EE.UU.": "Estados Unidos", "máx.": "máximo", "mín.": "mínimo", "tel.": "teléfono",
    },
)  # fmt: skip
