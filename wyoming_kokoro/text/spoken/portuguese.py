"""Brazilian Portuguese words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

import re

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Agreement, Grammar, Halves, Noun
from wyoming_kokoro.text.spoken.romance import (
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
    cl | centilitro | centilitros
    dl | decilitro | decilitros
    mL | mililitro | mililitros
    cm² | centímetro quadrado | centímetros quadrados
    cm³ | centímetro cúbico | centímetros cúbicos
    ha | hectare | hectares
    l/m² | litro por metro quadrado | litros por metro quadrado
    l/min | litro por minuto | litros por minuto
    m³/h | metro cúbico por hora | metros cúbicos por hora
    km/l | quilômetro por litro | quilômetros por litro
    km/L | quilômetro por litro | quilômetros por litro
    mm/h | milímetro por hora | milímetros por hora
    mg/dl | miligrama por decilitro | miligramas por decilitro
    mg/dL | miligrama por decilitro | miligramas por decilitro
    mg/l | miligrama por litro | miligramas por litro
    mg/L | miligrama por litro | miligramas por litro
    mg/kg | miligrama por quilo | miligramas por quilo
    mmHg | milímetro de mercúrio | milímetros de mercúrio
    comp. | comprimido | comprimidos
    cp. | comprimido | comprimidos
    cáps. | cápsula | cápsulas | f
    lb | libra | libras | f
    lbs | libra | libras | f
    oz | onça | onças | f
    ft | pé | pés
    psi | libra por polegada quadrada | libras por polegada quadrada | f
    mph | milha por hora | milhas por hora | f
    nm | nanômetro | nanômetros
    µm | micrômetro | micrômetros
    g/l | grama por litro | gramas por litro
    g/km | grama por quilômetro | gramas por quilômetro
    bpm | batimento por minuto | batimentos por minuto
    rpm | rotação por minuto | rotações por minuto | f
    µg | micrograma | microgramas
    mcg | micrograma | microgramas
    UI | unidade internacional | unidades internacionais | f
    kcal | quilocaloria | quilocalorias | f
    kJ | quilojoule | quilojoules
    MW | megawatt | megawatts
    GW | gigawatt | gigawatts
    GWh | gigawatt-hora | gigawatts-hora
    TWh | terawatt-hora | terawatts-hora
    kWp | quilowatt-pico | quilowatts-pico
    cv | cavalo | cavalos
    CV | cavalo | cavalos
    BTU/h | B T U por hora | B T Us por hora
    VA | volt-ampere | volt-amperes
    mA | miliampere | miliamperes
    Ah | ampere-hora | amperes-hora
    mV | milivolt | milivolts
    kHz | quilo-hertz | quilo-hertz
    MHz | mega-hertz | mega-hertz
    Pa | pascal | pascais
    kPa | quilopascal | quilopascais
    dBA | decibel A | decibéis A
    dB(A) | decibel A | decibéis A
    dBm | decibel miliwatt | decibéis miliwatt
    ppb | parte por bilhão | partes por bilhão | f
    mg/m³ | miligrama por metro cúbico | miligramas por metro cúbico
    kB | quilobyte | quilobytes
    kbps | quilobit por segundo | quilobits por segundo
    Mb/s | megabit por segundo | megabits por segundo
    Mbit/s | megabit por segundo | megabits por segundo
    Gbps | gigabit por segundo | gigabits por segundo
    Gb/s | gigabit por segundo | gigabits por segundo
    Gbit/s | gigabit por segundo | gigabits por segundo
    MB/s | megabyte por segundo | megabytes por segundo
    GB/s | gigabyte por segundo | gigabytes por segundo
    MP | megapixel | megapixels
    px | pixel | pixels
    fps | quadro por segundo | quadros por segundo
    un | unidade | unidades | f
    un. | unidade | unidades | f
    c. de sopa | colher de sopa | colheres de sopa | f
    c. de chá | colher de chá | colheres de chá | f
    c. (sopa) | colher de sopa | colheres de sopa | f
    c. (chá) | colher de chá | colheres de chá | f
    col. (sopa) | colher de sopa | colheres de sopa | f
    col. (chá) | colher de chá | colheres de chá | f
    col. de sopa | colher de sopa | colheres de sopa | f
    xíc. | xícara | xícaras | f
    xíc. (chá) | xícara de chá | xícaras de chá | f
    xíc. de chá | xícara de chá | xícaras de chá | f
    col. de chá | colher de chá | colheres de chá | f
    pts | ponto | pontos
    pts. | ponto | pontos
    p.p. | ponto percentual | pontos percentuais
    pp | ponto percentual | pontos percentuais
    pess. | pessoa | pessoas | f
    kgs | quilo | quilos
    gr | grama | gramas
    mts | metro | metros
    cc | centímetro cúbico | centímetros cúbicos
    hab./km² | habitante por quilômetro quadrado | habitantes por quilômetro quadrado
    hab/km² | habitante por quilômetro quadrado | habitantes por quilômetro quadrado
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
    GBP | libra | libras | f | centavo | centavos
    ¥ | iene | ienes
""")

_NOUNS = words_counted(
    "minuto minutos, segundo segundos, dia dias, mês meses, ano anos, grau graus, euro euros, centavo centavos, dólar dólares, real reais, "
    "quilo quilos, grama gramas, litro litros, metro metros, quilômetro quilômetros, ponto pontos, recado recados, dispositivo dispositivos, "
    "lembrete lembretes, evento eventos, passo passos, ovo ovos, copo copos, dente dentes, habitante habitantes, milhão milhões, bilhão bilhões, trilhão trilhões, barril barris, pacote pacotes, hectare hectares",
    "hora horas, semana semanas, pessoa pessoas, vez vezes, luz luzes, lâmpada lâmpadas, porta portas, janela janelas, xícara xícaras, "
    "colher colheres, cebola cebolas, libra libras, página páginas, noite noites, tarefa tarefas, mensagem mensagens, notificação notificações, "
    "chamada chamadas, música músicas, parcela parcelas, tomada tomadas, milha milhas, unidade unidades, tonelada toneladas, garrafa garrafas, diária diárias",
)
_RANKED = r"andar|lugar|dia|capítulo|ano|turno|tempo|aniversário|prêmio|episódio|minuto|século|passo|mês|bimestre|semestre"


def _agree(words: str, noun: Noun) -> str:
    """Um and dois, and the hundreds: uma hora, vinte e duas horas, duzentas horas."""
    if not noun.feminine:
        return words
    words = re.sub(
        r"\b(?:um|dois)(?= mil\b)",
        lambda m: "duas" if m.group() == "dois" else "uma",
        words.replace("entos", "entas"),
    )
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


def _part(match: re.Match[str]) -> str | None:
    """3/4 partes → três quartas partes."""
    a, b = int(match["a"]), int(match["b"])
    if not (0 < a < b and 3 <= b <= 10):
        return None
    rank = "terça" if b == 3 else _ordinal(b, "ª")
    return f"uma {rank} parte" if a == 1 else f"{PORTUGUESE.number(str(a), _PART)} {rank}s partes"


def _hours(match: re.Match[str]) -> str:
    """1h30 that something takes: uma hora e trinta."""
    hours = PORTUGUESE.counted(str(int(match["h"])), _UNITS["h"])
    minutes = f" e {counted('pt_BR', int(match['m']))}" if int(match["m"]) else ""
    return f"{match['lead']}{hours}{minutes}"


_PART = Noun("parte", "partes", feminine=True)
# What 1h30 stands behind where it is no time of day.
_LASTS = (
    r"em|por|durante|dura[mr]?|durou|durar|leva[mr]?|levou|há|faltam?|cerca[ ]de|mais[ ]de|menos[ ]de|quase|timer[ ]de|temporizador[ ]de|"
    r"dormi[ru]?|dormiram|trabalhou|trabalhei|correu|esperou|descansou|duração[ ]de|tempo[ ]de|total[ ]de|viagem[ ]de|filme[ ]de|atraso[ ]de|daqui[ ]a|após"
)


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    return (
        rule(r"(?<![\w.,/])(?P<a>\d{1,2})/(?P<b>\d{1,2})[ ]partes?\b", _part, needs="/"),
        rule(rf"(?P<lead>\b(?:{_LASTS})[ ])(?P<h>\d{{1,2}})h(?P<m>[0-5]\d)(?![\w:])", _hours, needs="h", flags=re.IGNORECASE),
        rule(r"(?P<lead>\b(?:de|para|desde)[ ])(?P<d>3[01]|[12]\d|0?[1-9])/(?P<m>0[1-9]|1[12])(?![\w/%]|[.,]\d|[ ]d[aeo]s?\b|[ ]?h)", lambda m: f"{m['lead']}{_date(int(m['d']), int(m['m']), None)}", needs="/"),
        rule(r"\b(?P<sign>[cCsSpP])/[ ]?(?=[a-zà-ÿ]{2})", lambda m: {"c": "com ", "s": "sem ", "p": "para "}[m["sign"].lower()], needs="/"),
        rule(r"(?<![\w.,/])(?P<n>[1-4])[ºo.°]?[ ]?(?:T|[Tt]rim?\b(?:\.(?=[ ]))?)(?=[ ](?:de[ ])?20\d\d|[,.;)]|$)", lambda m: f"{_ordinal(int(m['n']), 'º')} trimestre", needs="Tt"),
        rule(r"(?<![\w.,/])(?P<a>\d{1,2})[ ]x[ ](?P<b>\d{1,2})(?!\w|[.,x]\d|[ ]?(?:x|mm|cm|km|m|min|h|s|seg|minutos?|segundos?|horas?|=)\b|[ ]?=)(?![ ]x[ ])", lambda m: f"{m['a']} a {m['b']}", needs="x"),
        rule(r"(?<=%)[ ](?:a\.a\.|a\.[ ]a\.)", lambda m: " ao ano." if is_end(m.string, m.end()) else " ao ano", needs="%"),
        rule(r"(?<=%)[ ](?:a\.m\.|a\.[ ]m\.)", lambda m: " ao mês." if is_end(m.string, m.end()) else " ao mês", needs="%"),
        rule(r"\bD\.(?=[ ](?:Maria|Isabel|Leopoldina|Teresa|Carlota|Amélia|Ana|Joana|Catarina|Beatriz|Francisca|Lúcia|Rosa|Helena)\b)", lambda _: "dona", needs="D"),
        rule(r"(?:de[ ])?(?<![\w.,/])(?P<n>\d{1,2})/(?P=n)[ ]?(?=h(?:oras?|s)?\b)", lambda m: f"de {m['n']} em {m['n']} ", needs="/"),
        rule(r"\b(?P<lead>[nN]a|toda|à|próxima)[ ](?P<day>seg|ter|qua|qui|sex)\.", lambda m: f"{m['lead']} {PORTUGUESE.days[m['day']]}", needs="."),
        rule(r"(?<![\w.,])(?P<n>\d{1,3})(?P<mark>a(?=[ -](?:vez|via|feira|série|parte|fase|rodada|edição|classe|turma)\b)|o(?=[ ](?:lugar|andar|dia|turno|tempo|ano|lote|grau|mês)\b))", lambda m: _ordinal(int(m["n"]), m["mark"]), needs="ao"),
        rule(r"\be/ou\b", lambda _: "e ou", needs="/"),
        rule(r"\b[aA]rts?\.[ ](?P<n>[1-9])[º°o](?!\w)", lambda m: f"artigo {_ordinal(int(m['n']), 'º')}", needs="º°o"),
        rule(r"º(?=[ ]?[CF]\b)", lambda _: "°", needs="º"),
        rule(r"(?<![\w.,/-])(?P<code>(?:CEP|cep):?[ ])(?P<a>\d{5})-(?P<b>\d{3})(?!\w)", lambda m: f"{m['code']}{grammar.digits(m['a'])}, {grammar.digits(m['b'])}", needs="-"),
        *first_rules(grammar, _WRITTEN),
        # "3° andar" is no temperature.
        rule(rf"(?<![\w.,/])(?P<n>\d{{1,3}})[º°][ ](?=(?:{_RANKED})\b)", lambda m: f"{_ordinal(int(m['n']), 'º')} ", needs="º°"),
        rule(r"(?<![\w.,/])(?P<n>\d{1,3})x(?=[ ](?:de|sem|no|por)\b)", lambda m: f"{m['n']} {'vez' if m['n'] == '1' else 'vezes'}", needs="x"),
        # A match that ended 2x1; what has a unit behind it is a size.
        rule(r"(?<![\w.,/])(?!4x4)(?P<a>\d)x(?P<b>\d)(?!\w|[.,x]\d|[ ]?(?:mm|cm|km|m|min|h|s|seg|minutos?|segundos?|horas?)\b)", lambda m: f"{m['a']} a {m['b']}", needs="x"),
    )  # fmt: skip


_HALVES = Halves(
    half=lambda noun: "meia" if noun.feminine else "meio",
    half_a=lambda noun, written: f"{'meia' if noun.feminine else 'meio'} {written}",
    conjunction="e",
    of="de",
)


def _ruler(number: int, feminine: bool) -> str:
    """Pedro segundo, Pio décimo, but Bento dezesseis."""
    return _ordinal(number, "ª" if feminine else "º") if number <= 10 else counted("pt_BR", number)


_AGREEMENT = Agreement(
    by_endings(
        plural=r".{2,}s(?<!amos)(?<!emos)(?<!imos)|.*(?:gramas|tramos|ramos|extremos|máximos|mínimos|próximos|últimos)",
        feminine=r".*(?:as?|ções|ção|sões|são|dades|dade|gens|gem|tudes|tude|trizes|triz)",
        feminine_words="vez vezes luz luzes noite noites tarde tardes parte partes flor flores mulher mulheres chave chaves rede redes classe classes mãe mãos mão mães fase fases "
        "alface alfaces couve couves série séries base bases torre torres voz vozes lei leis ponte pontes frase frases fonte fontes nave naves foto fotos moto motos tribo pá maçã maçãs irmã irmãs manhã "
        "manhãs sede sedes greve greves morte mortes cor cores dor dores paz cruz cruzes raiz raízes colher colheres estações cidades equipe equipes árvore árvores nuvem nuvens ordem ordens "
        "sessão sessões questão questões região regiões opinião opiniões reunião reuniões União mil",
        masculine_words="dia dias mapa mapas problema problemas sistema sistemas programa programas tema temas clima climas idioma idiomas planeta planetas poema poemas cometa sofá sofás grama "
        "gramas quilograma diagrama diagramas dilema dilemas pijama pijamas panorama esquema esquemas aroma aromas sintoma sintomas fantasma fantasmas drama dramas telefonema telefonemas "
        "coração corações avião aviões pão limão limões botão botões cartão cartões melão mamão caminhão caminhões portão portões cinema cinemas",
        others="disso isso disto pela pelo pelas pelos mais menos as os nas nos das dos às aos pelas pelos mas antes depois apenas três seis dois duas após atrás uns umas seus suas meus nossas é foi era há está são tem têm "
        "que com por para pra uma sem desde até entre sobre como quando onde cada muito já na no da do ao em de ou e a o vai faz janeiro fevereiro março abril maio junho julho agosto "
        "setembro outubro novembro dezembro segundas terças quartas quintas sextas entrega ligada desligada ligado aberta fechada",
    ),
    thousand="mil",
    labels=r"rede|rádio|rtp|fórmula|liga|tv|apollo|artemis|etapa|prova|turno|rodada|sensor|zona|canal|porta|quarto|opção|passo|fase|nível|andar|linha|voo|trem|número|capítulo|página|grupo|time|jogador|luz|lâmpada|câmera|interruptor|tomada|termostato|"
    r"sala|cozinha|banheiro|ônibus|rota|terminal|plataforma|via|parte|temporada|episódio|dia|semana|tipo|categoria|versão|tarefa|persiana|cortina|janela|alarme|temporizador|timer|cena|"
    r"dispositivo|botão|relé|faixa|classe|turma|pergunta|resposta|exercício|figura|tabela|modo|perfil|tarifa|bandeira|portão|entrada|saída|série|o|a|os|as|do|da|ao|à|no|na|um|uma|mil|é|às|aos",
    state=r"[aeiu]d[oa]|ert[oa]|st[oa]|ent[eo]|es[oa]|tiv[oa]|ável|ível|s[oa]|gue[sm]?|em",
    one=r"há|com|de|por|em|e|ou|tome|tomar|tomei|adicione|acrescente|use|tenho|tem|temos|falta|cada|só|apenas|preciso|precisa|faz|mais|menos|comprei|leva|são|recebi|recebeu|inclui|a|coloque|misture",
)
_WRITTEN = Romance(
    spelled={
        ".": "ponto",
        "@": "arroba",
        "/": "barra",
        "-": "hífen",
        "_": "sublinhado",
        ":": "dois pontos",
        "~": "til",
        "+": "mais",
        "?": "interrogação",
        "=": "igual",
        "&": "e",
        "%": "por cento",
        "#": "cerquilha",
    },
    hashtag="hashtag",
    version="versão",
    phones=(
        r"\(\d{2}\)[ ]?9?\d{4}[- ]?\d{4}|\d{2}[ ]9\d{4}-?\d{4}|0800[ -]\d{3}[ -]?\d{4}|(?<=tel\.[ ])9?\d{4}-\d{4}|(?<=telefone[ ])9?\d{4}-\d{4}|9\d{4}-\d{4}",
    ),
    phone_group=lambda grammar, figures: (
        grammar.number(figures) if len(figures) == 2 else grammar.digits(figures)
    ),
    numerals=Numerals(
        ruler=_ruler,
        kings=r"Vaticano|João|João[ ]Paulo|Pedro|Dom[ ]Pedro|Dom[ ]João|Manuel|Afonso|Sebastião|Filipe|Felipe|Henrique|Luís|Carlos|Paulo|Pio|Bento|Leão|Gregório|Clemente|Inocêncio|Jorge|Eduardo|Guilherme|Napoleão|Frederico|Francisco|Nicolau|Alexandre|Ramsés|Ricardo|José|Miguel|Dinis|Juan[ ]Carlos|Fernando|Luiz|Urbano|Sisto|Júlio|Alberto|Leopoldo|Ivan|Duarte|Sancho|Gustavo|Haroldo",
        queens=r"Isabel|Elizabeth|Maria|Catarina|Margarida|Joana|Ana|Vitória|Cristina|Beatriz|Cleópatra",
        rank=lambda number, feminine, _: _ordinal(number, "ª" if feminine else "º"),
        century=r"[sS]éculos?|[sS]écs?\.",
        said_century=lambda lead: {"séc.": "século", "Séc.": "Século", "sécs.": "séculos"}.get(lead, lead),
        heads=r"[Cc]apítulo|[Tt]omo|[Pp]arte|[Aa]to|[Tt]ipo|[Ff]ase|[Tt]ítulo|[Ll]ivro|[Vv]olume|[Nn]ível|[Gg]rupo|[Aa]nexo|[Gg]rau|[Cc]lasse|[Cc]ena|[Bb]loco|[Ii]nciso",
        masculine_articles=r"[Oo]|[Dd]o|[Nn]o|[Aa]o|[Pp]elo|[Uu]m",
        feminine_articles=r"[Aa]|[Dd]a|[Nn]a|[Àà]|[Pp]ela|[Uu]ma",
        masculine_nouns=r"[Cc]ongresso|[Cc]entenário|[Ff]estival|[Ee]ncontro|[Cc]oncurso|[Pp]lano|[Pp]rêmio|[Tt]orneio|[Rr]eich|[Ii]mpério|[Ff]órum|[Tt]rimestre|[Aa]niversário|[Cc]ampeonato|[Cc]oncílio|[Ss]eminário|[Ss]imposio",
        feminine_nouns=r"[Gg]uerra|[Rr]epública|[Ee]dição|[Cc]úpula|[Ff]eira|[Jj]ornada|[Cc]opa|[Cc]orrida|[Ss]emana|[Mm]ostra|[Oo]limpíada|[Dd]inastia|[Cc]onferência|[Bb]ienal",
    ),
    abbreviations={
        **both_cases(
            {
                "art.": "artigo",
                "arts.": "artigos",
                "segs.": "seguintes",
                "ss.": "seguintes",
                "cap.": "capítulo",
                "vol.": "volume",
                "fig.": "figura",
                "págs.": "páginas",
                "pp.": "páginas",
                "incl.": "incluído",
                "a.C.": "antes de Cristo",
                "d.C.": "depois de Cristo",
                "a. C.": "antes de Cristo",
                "d. C.": "depois de Cristo",
                "sr.": "senhor",
                "sra.": "senhora",
                "srs.": "senhores",
                "srta.": "senhorita",
                "dr.": "doutor",
                "dra.": "doutora",
                "prof.": "professor",
                "profa.": "professora",
                "profª": "professora",
                "eng.": "engenheiro",
                "av.": "avenida",
                "rod.": "rodovia",
                "pça.": "praça",
                "trav.": "travessa",
                "apto.": "apartamento",
                "ap.": "apartamento",
                "bl.": "bloco",
                "qtd.": "quantidade",
                "qtde.": "quantidade",
                "cel.": "celular",
                "temp.": "temperatura",
                "obs.": "observação",
                "máx": "máximo",
                "mín": "mínimo",
                "hab.": "habitantes",
                "vs": "contra",
                "vs.": "contra",
                "ltda.": "limitada",
                "cia.": "companhia",
                "gov.": "governador",
                "pres.": "presidente",
                "min.": "mínimo",
                "tb": "também",
                "tbm": "também",
                "pq": "porque",
                "depto.": "departamento",
                "dept.": "departamento",
                "p. ex.": "por exemplo",
                "p.ex.": "por exemplo",
                "n.os": "números",
                "aprox.": "aproximadamente",
                "gen.": "general",
                "sto.": "santo",
                "sta.": "santa",
                "jd.": "jardim",
                "vl.": "vila",
                "pq.": "parque",
                "hs": "horas",
                "pgto.": "pagamento",
                "cj.": "conjunto",
                "conj.": "conjunto",
                "sl.": "sala",
                "edif.": "edifício",
                "and.": "andar",
                "qd.": "quadra",
                "lt.": "lote",
                "cód.": "código",
                "mín.": "mínimo",
                "máx.": "máximo",
                "tels.": "telefones",
                "end.": "endereço",
                "venc.": "vencimento",
                "parc.": "parcela",
                "jr.": "júnior",
                "núm.": "número",
                "por sem.": "por semana",
                "s/n": "sem número",
                "à dir.": "à direita",
                "à esq.": "à esquerda",
                "esq.": "esquina",
                "ref.": "referência",
                "res.": "resolução",
                "tel": "telefone",
            }
        ),
        "S.A.": "S A",
        "V. Exa.": "vossa excelência",
        "EUA": "Estados Unidos",
    },
    before_names={
        "D.": "dom",
        "Da.": "dona",
        "Dª": "dona",
        "R.": "rua",
        "S.": "são",
        "Al.": "alameda",
        "Ed.": "edifício",
    },
    closing="etc.|segs.|ss.|a.C.|d.C.|a. C.|d. C.|incl.|aprox.|hab.|Ltda.|ltda.",
    before_figures={
        "p.": "página",
        "P.": "Página",
        "n°": "número",
        "N°": "número",
        "Nº": "número",
        "N.º": "número",
        "nº": "número",
        "n.": "número",
        "No.": "número",
        "num.": "número",
        "núm.": "número",
        "t.": "tomo",
        "tab.": "tabela",
        "c.": "cerca de",
    },
    months={
        "jan": 1,
        "fev": 2,
        "mar": 3,
        "abr": 4,
        "mai": 5,
        "jun": 6,
        "jul": 7,
        "ago": 8,
        "set": 9,
        "out": 10,
        "nov": 11,
        "dez": 12,
    },
    in_month=r"em|de|desde|até|a|para|por|fim[ ]de|início[ ]de",
    month_year=" de ",
    day_lead=r"[Dd]ia|[Ee]m|[Aa]té",
    left=r"faltam?|restam?|restantes?|duração",
    timer=r"timer|temporizador|cronômetro|contagem[ ]regressiva|duração|tempo[ ]restante",
    magnitudes={
        "mi": Magnitude("milhão", "milhões"),
        "M": Magnitude("milhão", "milhões"),
        "milhão": Magnitude("milhão", "milhões"),
        "milhões": Magnitude("milhão", "milhões"),
        "bi": Magnitude("bilhão", "bilhões"),
        "B": Magnitude("bilhão", "bilhões"),
        "bilhão": Magnitude("bilhão", "bilhões"),
        "bilhões": Magnitude("bilhão", "bilhões"),
        "tri": Magnitude("trilhão", "trilhões"),
        "trilhão": Magnitude("trilhão", "trilhões"),
        "trilhões": Magnitude("trilhão", "trilhões"),
        "mil": Magnitude("mil", "mil", is_joined=False),
        "k": Magnitude("mil", "mil", is_joined=False),
        "K": Magnitude("mil", "mil", is_joined=False),
    },
    of=lambda noun: f"de {noun}",
    few_below_two=True,
    square="ao quadrado",
    cube="ao cubo",
    power="elevado a",
    divided="dividido por",
    times="vezes",
    warm=r"temperaturas?|máximas?|mínimas?|termostato|faz|fará|marcam?",
    fewer="menos de",
    more="mais de",
    and_centimetres=" e ",
    between="entre",
    every="a cada",
    over="por",
    out_of="de",
    often=Noun("vez", "vezes", feminine=True),
    inch=Noun("polegada", "polegadas", feminine=True),
    flight=r"[Vv]oos?",
    measures=r"seg|hrs?|hs|un",
)

PORTUGUESE: Grammar = Grammar(
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
    of_millions=lambda noun: f"de {noun}",
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    last_rules=lambda: last_rules(PORTUGUESE, _WRITTEN),
    agreement=_AGREEMENT,
    joints=r"ou|a|de|em[ ]cada|de[ ]cada",
    date_signs="-/",
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
        "<": "menor que", ">": "maior que", "≤": "menor ou igual a", "≥": "maior ou igual a", "≠": "diferente de", "√": "raiz de", "π": "pi",
        "§§": "parágrafos",
        "§": "parágrafo", "Ω": "ohms", "∞": "infinito", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Sr.": "senhor", "Sra.": "senhora", "Dr.": "doutor", "Dra.": "doutora", "Prof.": "professor", "Profa.": "professora",
        "etc.": "etcétera", "p. ex.": "por exemplo", "p.ex.": "por exemplo", "ex.": "exemplo", "aprox.": "aproximadamente", "nº": "número",
        "n.º": "número", "Av.": "avenida", "pág.": "página", "máx.": "máximo", "mín.": "mínimo", "tel.": "telefone", "Tel.": "telefone",
        "vc": "você",
    },
)  # fmt: skip
