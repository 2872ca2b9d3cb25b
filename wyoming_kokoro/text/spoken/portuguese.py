"""Brazilian Portuguese words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.rules import Rule, rule
from wyoming_kokoro.text.spoken.tables import counted, currencies, nouns, words_counted

_MONTHS = (
    "janeiro", "fevereiro", "março", "abril", "maio", "junho", "julho", "agosto", "setembro", "outubro", "novembro", "dezembro",
)  # fmt: skip
_FRACTIONS = {
    2: "meio",
    3: "terço",
    4: "quarto",
    5: "quinto",
    6: "sexto",
    7: "sétimo",
    8: "oitavo",
    9: "nono",
    10: "décimo",
}

_UNITS = nouns("""
    °C | grau Celsius | graus Celsius
    °F | grau Fahrenheit | graus Fahrenheit
    ° | grau | graus
    km | quilômetro | quilômetros
    m | metro | metros
    cm | centímetro | centímetros
    mm | milímetro | milímetros
    km/h | quilômetro por hora | quilômetros por hora
    m/s | metro por segundo | metros por segundo
    m² | metro quadrado | metros quadrados
    m³ | metro cúbico | metros cúbicos
    km² | quilômetro quadrado | quilômetros quadrados
    kg | quilo | quilos
    g | grama | gramas
    mg | miligrama | miligramas
    t | tonelada | toneladas | f
    l | litro | litros
    L | litro | litros
    ml | mililitro | mililitros
    W | watt | watts
    kW | quilowatt | quilowatts
    Wh | watt-hora | watts-hora
    kWh | quilowatt-hora | quilowatts-hora
    MWh | megawatt-hora | megawatts-hora
    V | volt | volts
    A | ampere | amperes
    mAh | miliampere-hora | miliamperes-hora
    Hz | hertz | hertz
    GHz | giga-hertz | giga-hertz
    hPa | hectopascal | hectopascais
    mbar | milibar | milibares
    bar | bar | bares
    lx | lux | lux
    lm | lúmen | lúmens
    dB | decibel | decibéis
    ppm | parte por milhão | partes por milhão | f
    µg/m³ | micrograma por metro cúbico | microgramas por metro cúbico
    W/m² | watt por metro quadrado | watts por metro quadrado
    KB | quilobyte | quilobytes
    MB | megabyte | megabytes
    GB | gigabyte | gigabytes
    TB | terabyte | terabytes
    Mbps | megabit por segundo | megabits por segundo
    ms | milissegundo | milissegundos
    s | segundo | segundos
    seg | segundo | segundos
    min | minuto | minutos
    h | hora | horas | f
    d | dia | dias
""")
_CURRENCIES = currencies("""
    R$ | real | reais | centavo | centavos
    BRL | real | reais | centavo | centavos
    US$ | dólar | dólares | centavo | centavos
    $ | dólar | dólares | centavo | centavos
    USD | dólar | dólares | centavo | centavos
    € | euro | euros | centavo | centavos
    EUR | euro | euros | centavo | centavos
    £ | libra | libras | f | centavo | centavos
    ¥ | iene | ienes
""")

_NOUNS = words_counted(
    "minuto minutos, segundo segundos, dia dias, mês meses, ano anos, grau graus, euro euros, centavo centavos, dólar dólares, real reais, "
    "quilo quilos, grama gramas, litro litros, metro metros, quilômetro quilômetros, ponto pontos, recado recados, dispositivo dispositivos, "
    "lembrete lembretes, evento eventos, passo passos, ovo ovos, copo copos, dente dentes",
    "hora horas, semana semanas, pessoa pessoas, vez vezes, luz luzes, lâmpada lâmpadas, porta portas, janela janelas, xícara xícaras, "
    "colher colheres, cebola cebolas, libra libras, página páginas, noite noites, tarefa tarefas, mensagem mensagens, notificação notificações, "
    "chamada chamadas, música músicas, parcela parcelas, tomada tomadas, milha milhas",
)
_RANKED = r"andar|lugar|dia|capítulo|ano|turno|tempo|aniversário|prêmio|episódio|minuto|século|passo|mês|bimestre|semestre"


def _agree(words: str, noun: Noun) -> str:
    """Um and dois, and the hundreds: uma hora, vinte e duas horas, duzentas horas."""
    if not noun.feminine:
        return words
    words = words.replace("entos", "entas")
    if words == "um" or words.endswith(" um"):
        return f"{words}a"
    return f"{words[:-4]}duas" if words.endswith("dois") else words


def _time(hour: int, minute: int, half: str) -> str:
    part = ""
    if half:
        part = " da manhã" if half == "am" else " da tarde" if hour < 6 or hour == 12 else " da noite"
    if minute == 0 and not half and hour in (0, 24):
        return "meia-noite"
    words = _agree(counted("pt_BR", hour), Noun("hora", "horas", feminine=True))
    if minute == 0:
        return f"{words}{part}" if part else f"{words} {'hora' if hour == 1 else 'horas'}"
    return f"{words} e {counted('pt_BR', minute)}{part}"


def _date(day: int, month: int, year: int | None) -> str:
    words = f"{'primeiro' if day == 1 else counted('pt_BR', day)} de {_MONTHS[month - 1]}"
    return f"{words} de {counted('pt_BR', year)}" if year else words


def _ordinal(rank: int, mark: str) -> str:
    words: str = num2words(rank, lang="pt_BR", to="ordinal")
    if "ª" in mark or mark == "a":
        return " ".join(f"{word[:-1]}a" for word in words.split())
    return words


def _fraction(a: int, b: int) -> str:
    name = _FRACTIONS.get(b) or f"{counted('pt_BR', b)} avos"
    return f"{counted('pt_BR', a)} {name if a == 1 or name.endswith('avos') else f'{name}s'}"


def _own_rules(_: Grammar) -> tuple[Rule, ...]:
    return (
        # "3° andar" is no temperature.
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,3}})[º°][ ](?=(?:{_RANKED})\b)", lambda m: f"{_ordinal(int(m['n']), 'º')} ", needs="º°"),
        rule(r"(?<![\w.,/])(?P<n>\d{1,3})x(?=[ ](?:de|sem|no|por)\b)", lambda m: f"{m['n']} {'vez' if m['n'] == '1' else 'vezes'}", needs="x"),
        # A match that ended 2x1; what has a unit behind it is a size.
        rule(r"(?<![\w.,/])(?!4x4)(?P<a>\d)x(?P<b>\d)(?!\w|[.,x]\d|[ ]?(?:mm|cm|km|m)\b)", lambda m: f"{m['a']} a {m['b']}", needs="x"),
    )  # fmt: skip


_HALVES = Halves(
    half=lambda noun: "meia" if noun.feminine else "meio",
    half_a=lambda noun, written: f"{'meia' if noun.feminine else 'meio'} {written}",
    conjunction="e",
    of="de",
)

PORTUGUESE = Grammar(
    count=lambda n: counted("pt_BR", n),
    agree=_agree,
    time=_time,
    date=_date,
    ordinal=_ordinal,
    fraction=_fraction,
    money=lambda whole, cents: f"{whole} e {cents}",
    thousands=r"[.]",
    decimal=r",|[.](?!\d{3}(?!\d))",
    ordinal_mark=r"[º°ª](?!\w|[ ]?[CF]\b)",
    point="vírgula",
    minus="menos",
    plus="mais",
    to="a",
    clock_sign=r":|h(?=\d)",
    per_hundred=lambda words: f"{words} por cento",
    per=lambda words, noun: f"{words} por {noun}",
    by="por",
    halves=_HALVES,
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    days={
        "seg": "segunda", "ter": "terça", "qua": "quarta", "qui": "quinta", "sex": "sexta", "sáb": "sábado", "dom": "domingo",
    },
    compass={
        "N": "norte", "S": "sul", "L": "leste", "E": "leste", "O": "oeste", "NO": "noroeste", "NE": "nordeste", "SO": "sudoeste",
        "SE": "sudeste",
    },
    wind=r"(?:[Vv]entos?|[Rr]ajadas?)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})[º°]?[ ](?:de[ ])?",
    signs={
        ".": "ponto", "&": "e", "@": "arroba", "+": "mais", "=": "igual a", "×": "vezes", "÷": "dividido por", "±": "mais ou menos",
        "≈": "aproximadamente", "→": "para", "#": "número", "°": "graus", "€": "euros", "$": "dólares", "£": "libras", "%": "por cento",
        "<": "menor que", ">": "maior que", "≤": "menor ou igual a", "≥": "maior ou igual a", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sr.": "senhor", "Sra.": "senhora", "Dr.": "doutor", "Dra.": "doutora", "Prof.": "professor", "Profa.": "professora",
        "etc.": "etcétera", "p. ex.": "por exemplo", "p.ex.": "por exemplo", "ex.": "exemplo", "aprox.": "aproximadamente", "nº": "número",
        "n.º": "número", "Av.": "avenida", "R.": "rua", "pág.": "página", "máx.": "máximo", "mín.": "mínimo", "tel.": "telefone", "Tel.": "telefone",
        "vc": "você",
    },
)  # fmt: skip
