"""French words for figures, units and signs. Data and agreement; the rules are in `grammar`."""

from __future__ import annotations

from num2words import num2words

from wyoming_kokoro.text.spoken.grammar import Agreement, Grammar, Halves, Noun, written_durations
from wyoming_kokoro.text.spoken.romance import (
    Magnitude,
    Numerals,
    Romance,
    both_cases,
    by_endings,
    first_rules,
    last_rules,
)
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
    dl | décilitre | décilitres
    dL | décilitre | décilitres
    cL | centilitre | centilitres
    cm² | centimètre carré | centimètres carrés
    cm³ | centimètre cube | centimètres cubes
    ha | hectare | hectares
    l/m² | litre par mètre carré | litres par mètre carré
    L/m² | litre par mètre carré | litres par mètre carré
    l/min | litre par minute | litres par minute
    m³/h | mètre cube par heure | mètres cubes par heure
    l/100 km | litre aux cent kilomètres | litres aux cent kilomètres
    L/100 km | litre aux cent kilomètres | litres aux cent kilomètres
    mm/h | millimètre par heure | millimètres par heure
    g/l | gramme par litre | grammes par litre
    g/L | gramme par litre | grammes par litre
    mg/dl | milligramme par décilitre | milligrammes par décilitre
    mg/dL | milligramme par décilitre | milligrammes par décilitre
    mg/l | milligramme par litre | milligrammes par litre
    mmHg | millimètre de mercure | millimètres de mercure
    cp | comprimé | comprimés
    cps | comprimé | comprimés
    gél. | gélule | gélules | f
    lb | livre | livres | f
    lbs | livre | livres | f
    oz | once | onces | f
    ft | pied | pieds
    psi | livre par pouce carré | livres par pouce carré | f
    mph | mille à l'heure | milles à l'heure
    nm | nanomètre | nanomètres
    µm | micromètre | micromètres
    mmol/L | millimole par litre | millimoles par litre | f
    mmol/l | millimole par litre | millimoles par litre | f
    mg/kg | milligramme par kilo | milligrammes par kilo
    g/km | gramme par kilomètre | grammes par kilomètre
    bpm | battement par minute | battements par minute
    rpm | tour par minute | tours par minute
    tr/min | tour par minute | tours par minute
    µg | microgramme | microgrammes
    mcg | microgramme | microgrammes
    UI | unité internationale | unités internationales | f
    kcal | kilocalorie | kilocalories | f
    kJ | kilojoule | kilojoules
    MW | mégawatt | mégawatts
    GW | gigawatt | gigawatts
    GWh | gigawattheure | gigawattheures
    TWh | térawattheure | térawattheures
    kWc | kilowatt-crête | kilowatts-crête
    ch | cheval | chevaux
    VA | voltampère | voltampères
    kVA | kilovoltampère | kilovoltampères
    mA | milliampère | milliampères
    Ah | ampère heure | ampères heure
    mV | millivolt | millivolts
    kHz | kilohertz | kilohertz
    MHz | mégahertz | mégahertz
    Pa | pascal | pascals
    kPa | kilopascal | kilopascals
    dBA | décibel A | décibels A
    dB(A) | décibel A | décibels A
    dBm | décibel milliwatt | décibels milliwatt
    ppb | partie par milliard | parties par milliard | f
    mg/m³ | milligramme par mètre cube | milligrammes par mètre cube
    ko | kilooctet | kilooctets
    kbit/s | kilobit par seconde | kilobits par seconde
    Mb/s | mégabit par seconde | mégabits par seconde
    Gbps | gigabit par seconde | gigabits par seconde
    Gb/s | gigabit par seconde | gigabits par seconde
    Gbit/s | gigabit par seconde | gigabits par seconde
    Mo/s | mégaoctet par seconde | mégaoctets par seconde
    Go/s | gigaoctet par seconde | gigaoctets par seconde
    MB | mégaoctet | mégaoctets
    TB | téraoctet | téraoctets
    Mpx | mégapixel | mégapixels
    MP | mégapixel | mégapixels
    px | pixel | pixels
    mn | minute | minutes | f
    hab./km² | habitant au kilomètre carré | habitants au kilomètre carré
    c. à s. | cuillère à soupe | cuillères à soupe | f
    c. à c. | cuillère à café | cuillères à café | f
    c.à.s. | cuillère à soupe | cuillères à soupe | f
    c.à.c. | cuillère à café | cuillères à café | f
    c.à.s | cuillère à soupe | cuillères à soupe | f
    c.à.c | cuillère à café | cuillères à café | f
    càs | cuillère à soupe | cuillères à soupe | f
    càc | cuillère à café | cuillères à café | f
    CàS | cuillère à soupe | cuillères à soupe | f
    CàC | cuillère à café | cuillères à café | f
    pts | point | points
    pt | point | points
    pb | point de base | points de base
    pdb | point de base | points de base
    pers. | personne | personnes | f
    pers | personne | personnes | f
    gr | gramme | grammes
    kms | kilomètre | kilomètres
    cc | centimètre cube | centimètres cubes
    cv | cheval | chevaux
    sdb | salle de bains | salles de bains | f
    hab/km² | habitant au kilomètre carré | habitants au kilomètre carré
    c. à soupe | cuillère à soupe | cuillères à soupe | f
    c. à café | cuillère à café | cuillères à café | f
""")
_CURRENCIES = currencies("""
    € | euro | euros | centime | centimes
    EUR | euro | euros | centime | centimes
    $ | dollar | dollars | cent | cents
    USD | dollar | dollars | cent | cents
    £ | livre | livres | f | penny | pence
    GBP | livre | livres | f | penny | pence
    CHF | franc | francs | centime | centimes
    cts | centime | centimes
    ¥ | yen | yens
""")

_NOUNS = words_counted(
    "jour jours, mois mois, an ans, degré degrés, euro euros, centime centimes, kilo kilos, gramme grammes, litre litres, mètre mètres, "
    "kilomètre kilomètres, point points, message messages, courriel courriels, appareil appareils, minuteur minuteurs, rappel rappels, "
    "œuf œufs, verre verres, pas pas, oignon oignons, invité invités, watt watts, habitant habitants, million millions, milliard milliards, baril barils, paquet paquets, hectare hectares, demi demis",
    "heure heures, minute minutes, seconde secondes, semaine semaines, année années, personne personnes, fois fois, lumière lumières, "
    "lampe lampes, porte portes, fenêtre fenêtres, alarme alarmes, tasse tasses, cuillère cuillères, cuillerée cuillerées, gousse gousses, "
    "pincée pincées, livre livres, page pages, nuit nuits, tâche tâches, notification notifications, chanson chansons, pièce pièces, bouteille bouteilles, part parts, tonne tonnes, unité unités, place places",
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
    if rank == 2 and mark.startswith("nd"):
        return "seconde" if mark.endswith("e") else "second"
    words: str = num2words(rank, lang="fr", to="ordinal")
    return words


def _fraction(a: int, b: int) -> str:
    name = _FRACTIONS.get(b) or str(num2words(b, lang="fr", to="ordinal"))
    return f"{counted('fr', a)} {name}{'' if a == 1 or b == 3 else 's'}"


def _own_rules(grammar: Grammar) -> tuple[Rule, ...]:
    return (
        # "1 h 52 min" is no time of day, and its "min." no minimum.
        *written_durations(grammar, "min|mn", "s(?:ec)?"),
        rule(r"(?<![\w.,])(?P<n>\d)[ ]ch\.(?=[ ]|,)", lambda m: f"{m['n']} {'chambre' if m['n'] == '1' else 'chambres'}", needs="ch."),
        rule(r"\b(?P<n>\d{1,3})[ ]?(?P<unit>h|j)/(?P<m>\d{1,2})(?:[ ]?(?P=unit))?(?!\w)", lambda m: f"{FRENCH.counted(m['n'], _UNITS[m['unit']])} sur {counted('fr', int(m['m']))}", needs="/"),
        rule(r"(?P<lead>\b(?:[IVX]{1,6}|\d{1,2})(?:er|e|ème))[ ]s\.(?!\w)", lambda m: f"{m['lead']} siècle", needs="s"),
        rule(r"(?P<lead>\b[Aa]nnées[ ])(?P<n>[2-9]0)(?!\w|[.,]\d)", lambda m: f"{m['lead']}{counted('fr', int(m['n'])).removesuffix('s')}", needs="A a"),
        rule(r"\b(?:[Tt][1-4]|[1-4]T)(?=[ ]20\d\d)", lambda m: f"{_ordinal(int(m.group().strip('Tt')), 'er')} trimestre", needs="Tt"),
        # Short numbers that are called, in pairs: le 39 39.
        rule(r"(?<![\w.,])(?P<a>[13]\d)(?P<b>\d\d)(?!\w|[.,]\d|[ ](?:\d|[€%°]))", lambda m: f"{counted('fr', int(m['a']))} {'zéro ' if m['b'][0] == '0' else ''}{counted('fr', int(m['b']))}", needs="13", behind=r"\b(?:appel|compos|téléphon|contact|joign)[^.!?]{0,40}\b(?:le|au)[ ]"),
        rule(r"\bet/ou\b", lambda _: "et ou", needs="/"),
        *first_rules(grammar, _WRITTEN),
    )  # fmt: skip


def _last_rules() -> tuple[Rule, ...]:
    return (
        # "d'une heure", "qu'un degré", but "de un à dix", "de un virgule huit".
        rule(r"\b(?P<word>[dD]|(?:[qQ]|[jJ]usq|[lL]orsq|[pP]uisq)u)e[ ](?=une?[ ](?!(?:virgule|à|pour|sur|point|contre|moins|plus|fois)\b)[a-zà-ÿ])", lambda m: f"{m['word']}'", needs=("e un",)),
        *last_rules(FRENCH, _WRITTEN),
    )  # fmt: skip


def _per(words: str, noun: str) -> str:
    """What is weighed or measured out has a price of its own: le kilo, but par mois, and a dose par kilo."""
    if not words.endswith(("litre", "litres", "gramme", "grammes", "internationales")) and noun in (
        "kilo",
        "litre",
        "gramme",
        "mètre",
        "kilowattheure",
        "mètre carré",
    ):
        return f"{words} le {noun}"
    return f"{words} par {noun}"


def _of(noun: str) -> str:
    is_elided = noun[0].lower() in "aâeéèêiîoœuyh" and not noun.startswith(
        ("yen", "haricot", "hasard", "hausse", "huit")
    )
    return f"d'{noun}" if is_elided else f"de {noun}"


_HALVES = Halves(
    half=lambda noun: "demie" if noun.feminine else "demi",
    half_a=lambda noun, written: f"{'une' if noun.feminine else 'un'} demi-{written}",
    conjunction="et",
    of="de",
)


def _rank(number: int, feminine: bool, mark: str) -> str:
    """IIIe, Ier, Ire; without letters a rank is not written, but "II" may be."""
    return _ordinal(number, "re" if feminine or mark.startswith(("re", "ère")) else "er")


_AGREEMENT = Agreement(
    by_endings(
        plural=r".{2,}[sx]",
        feminine=r".*(?:[ts]ions?|[^cmt]ités?|tés|ettes?|elles?|esses?|ances?|ences?|ures?|ées?|ises?|ines?|illes?|euses?|rices?|udes?|asses?|onnes?|erres?|ières?|oires?|ies?|iques?|aines?|aisons?|ouilles?|ottes?|ades?|ouches?|iches?)",
        feminine_words="visite visites limite limites suite suites fuite fuites réussite réussites personne personnes fourmi fourmis forêt forêts eau eaux jument "
        "bouche bouches douche douches cloche cloches roche roches vague vagues bague bagues planche planches manche manches robe robes jupe jupes veste vestes "
        "botte bottes carafe cafetière cafetières hausse hausses baisse baisses note notes vidéo vidéos radio radios musique musiques mise mises fraise fraises "
        "framboise olive olives amande amandes gare fois maison maisons chambre chambres carte cartes route routes table tables place places ligne lignes main mains fin nuit nuits part parts "
        "clé clés photo photos moto motos étoile étoiles équipe équipes défaite défaites page pages image images plage plages femme femmes mère mères tranche "
        "tranches branche branches boîte boîtes tasse tasses pomme pommes carotte carottes tomate tomates poire poires cerise cerises gousse gousses noix échalote "
        "échalotes orange oranges banane bananes goutte gouttes dose doses ampoule ampoules prise prises caméra caméras alarme alarmes porte portes zone zones "
        "scène scènes lampe lampes liste listes tâche tâches règle règles chose choses erreur erreurs couleur couleurs valeur valeurs fleur fleurs date dates vis "
        "sorte sortes marche marches tâche tâches rue rues gare gares chaise chaises école écoles ville villes vache vaches tête têtes case cases base bases phase phases "
        "tuile tuiles salle salles feuille feuilles langue langues piste pistes chute chutes chanson chansons leçon leçons façon façons voix croix tour mi-temps étape étapes "
        "course courses coupe coupes médaille médailles aide aides adresse adresses demi-heure tente tentes plante plantes lettre lettres fenêtre fenêtres montre montres "
        "poule poules enceinte enceintes gélule gélules pilule pilules capsule capsules cellule cellules formule formules molécule molécules particule particules virgule virgules commande commandes alerte alertes commune communes consigne consignes panne pannes antenne antennes vanne vannes sirène sirènes "
        "plainte plaintes enquête enquêtes fête fêtes bête bêtes tempête tempêtes recherche recherches preuve preuves épreuve épreuves œuvre œuvres "
        "campagne campagnes montagne montagnes grève grèves bataille batailles taille tailles paire paires affaire affaires barre barres pierre pierres guerre guerres terre terres "
        "pile piles île îles toile toiles voile voiles soupe soupes nappe nappes grappe grappes enveloppe enveloppes loi lois région régions religion religions opinion opinions "
        "réunion réunions union unions demande demandes bande bandes viande viandes amende amendes vue vues revue revues avenue avenues statue statues roue roues annonce annonces "
        "race races trace traces glace glaces source sources puce puces sauce sauces horloge horloges cage cages charge charges éponge éponges marque marques banque banques "
        "plaque plaques attaque attaques époque époques chèvre chèvres fièvre fièvres lèvre lèvres ombre ombres rencontre rencontres vitre vitres huître huîtres",
        masculine_words="capitaine capitaines musée musées lycée lycées trophée trophées silence silences incendie incendies génie génies magazine magazines domaine domaines stade stades "
        "grade grades verre verres mètre mètres côté côtés été étés comité comités traité traités arrêté arrêtés pâté pâtés député députés comté comtés verres parapluie "
        "parapluies foie foies kilomètre kilomètres centimètre litre murmure avantage territoire territoires laboratoire laboratoires répertoire répertoires mémoire accessoire "
        "accessoires cimetière cimetières derrière repères interrupteurs moteurs capteurs lieu million millions scooters adversaires exemplaires graphique graphiques "
        "moustique moustiques cirque cirques pique diagnostique couvercle pétales tonnerre bouquet verre équilibre modèle modèles vaccine cinq décibels pixels octet apprenti",
        others="est et ou dans pour par sur avec sans sous que qui les des aux ces ses mes tes nos vos leurs plus moins puis dans vers chez dès deux trois six dix "
        "fait sera était sont ont pas très trop mais donc car ni or de du la le au un une en il elle on y a à se ce après avant depuis jusque lorsque quand si lundis "
        "suis avez avons mars janvier mai juin bis ter",
    ),
    labels=r"france|antenne|radio|europe|formule|série|ligue|tv|apollo|artemis|course|manche|tour|capteur|zone|canal|chaîne|porte|chambre|option|étape|phase|niveau|étage|ligne|vol|train|numéro|chapitre|page|groupe|équipe|joueur|lumière|lampe|caméra|interrupteur|prise|thermostat|"
    r"salon|cuisine|bus|route|salle|terminal|quai|voie|partie|saison|épisode|jour|semaine|type|catégorie|version|tâche|volet|fenêtre|alarme|minuteur|scène|appareil|bouton|relais|piste|classe|"
    r"question|réponse|exercice|figure|tableau|mode|profil|tarif|radiateur|entrée|sortie|le|la|les|du|au|aux|des|un|une|est|mille",
    state=r"[éi]e?|erte?|inte?|ante?|ente?|able|ible|ive",
    one=r"a|ai|as|avez|avons|avec|de|par|pour|en|et|ou|à|prenez|prends|prendre|ajoutez|ajouter|ajoute|il[ ]y[ ]a|reste|mettez|plus|moins|dans|soit|chaque|que|manque|compte|comptez|"
    r"ni|sur|est|font|fait|achète|achetez|environ|reçu|contre|trouvé",
)
_WRITTEN = Romance(
    spelled={
        ".": "point",
        "@": "arobase",
        "/": "barre oblique",
        "-": "tiret",
        "_": "tiret bas",
        ":": "deux-points",
        "~": "tilde",
        "+": "plus",
        "?": "point d'interrogation",
        "=": "égale",
        "&": "et",
        "%": "pour cent",
        "#": "dièse",
    },
    hashtag="hashtag",
    version="version",
    phones=(r"0\d(?:[ .-]?\d{2}){4}|0[ ]?8\d{2}(?:[ .]\d{3}){2}|0[ ]?8\d{2}(?:[ .]\d{2}){3}",),
    phone_group=lambda grammar, figures: (
        grammar.number(figures)
        if len(figures) <= 3
        else grammar.words(*(grammar.number(figures[at : at + 2]) for at in range(0, len(figures), 2)))
    ),
    phone_joint=" ",
    numerals=Numerals(
        ruler=lambda number, feminine: (
            _ordinal(1, "re" if feminine else "er") if number == 1 else counted("fr", number)
        ),
        kings=r"Vatican|Louis|Charles|Henri|François|Philippe|Napoléon|Jean|Jean-Paul|Pie|Benoît|Léon|Grégoire|Clément|Innocent|Paul|Guillaume|Édouard|Edouard|George|Georges|Jacques|Richard|Philippe|Alphonse|Frédéric|Ferdinand|Albert|Baudouin|Léopold|Nicolas|Alexandre|Ramsès|Felipe|Carlos|Juan|Mohammed|Hassan|Urbain|Sixte|Jules|Pierre|Gustave|Harald|Charles-Gustave|Clovis|Thoutmôsis|Ptolémée|Rainier|Toutânkhamon|Ivan|Robert|Hugues",
        queens=r"Élisabeth|Elisabeth|Elizabeth|Catherine|Marie|Margrethe|Isabelle|Anne|Victoria|Christine|Jeanne|Béatrice|Cléopâtre",
        rank=_rank,
        century=r"(?!)",
        said_century=lambda lead: lead,
        heads=r"[Cc]hapitre|[Tt]ome|[Pp]artie|[Aa]cte|[Tt]ype|[Pp]hase|[Tt]itre|[Ll]ivre|[Vv]olume|[Nn]iveau|[Gg]roupe|[Aa]nnexe|[Cc]lasse|[Ss]cène|[Ee]scena|[Bb]loc|[Aa]rticle",
        mark=r"(?<=\bI)(?:ers?|re|ère)|es?|ᵉ|èmes?|nde?",
    ),
    abbreviations={
        **both_cases(
            {
                "par sem.": "par semaine",
                "dte": "droite",
                "gche": "gauche",
                "art.": "article",
                "cf.": "confer",
                "chap.": "chapitre",
                "et suiv.": "et suivantes",
                "ex.": "exemple",
                "av. J.-C.": "avant Jésus-Christ",
                "apr. J.-C.": "après Jésus-Christ",
                "ap. J.-C.": "après Jésus-Christ",
                "bld": "boulevard",
                "boul.": "boulevard",
                "pl.": "place",
                "all.": "allée",
                "rte": "route",
                "imp.": "impasse",
                "apt.": "appartement",
                "appt": "appartement",
                "bât.": "bâtiment",
                "ét.": "étage",
                "qté": "quantité",
                "qqch.": "quelque chose",
                "p.-ê.": "peut-être",
                "tél": "téléphone",
                "hab.": "habitants",
                "temp.": "température",
                "int.": "intérieur",
                "ext.": "extérieur",
                "env.": "environ",
                "réf.": "référence",
                "qté.": "quantité",
                "dest.": "destinataire",
                "lat.": "latitude",
                "ann.": "annexe",
                "min.": "minimum",
                "max.": "maximum",
                "suppl.": "supplément",
                "sér.": "série",
                "n.c.": "non communiqué",
                "adr.": "adresse",
                "arr.": "arrondissement",
                "mens.": "mensuel",
                "hebd.": "hebdomadaire",
                "prov.": "province",
                "dép.": "département",
                "vol.": "volume",
                "éd.": "édition",
                "fig.": "figure",
                "rdv": "rendez-vous",
                "svp": "s'il vous plaît",
                "càd": "c'est-à-dire",
                "c.-à-d.": "c'est-à-dire",
                "resp.": "respectivement",
                "approx.": "approximativement",
                "vs": "contre",
                "vs.": "contre",
                "p.c.": "pour cent",
                "apr.": "après",
                "incl.": "inclus",
            }
        ),
        "max": "maximum",
        "RDV": "rendez-vous",
        "SVP": "s'il vous plaît",
        "Mmes": "mesdames",
        "Mlles": "mesdemoiselles",
        "Mgr": "monseigneur",
        "Sté": "société",
        "Cie": "compagnie",
        "Drs": "docteurs",
        "Vve": "veuve",
        "N°": "numéro",
        "nᵒ": "numéro",
        "J.-C.": "Jésus-Christ",
        "R.-V.": "rendez-vous",
    },
    before_names={"M.": "monsieur", "Me": "maître", "Pr": "professeur", "Pr.": "professeur"},
    closing="etc.|et suiv.|J.-C.|av. J.-C.|apr. J.-C.|ap. J.-C.|hab.|incl.",
    before_figures={
        "n°": "numéro",
        "N°": "numéro",
        "nº": "numéro",
        "Nº": "numéro",
        "p.": "page",
        "P.": "Page",
        "pp.": "pages",
        "th.": "thermostat",
        "sc.": "scène",
        "vv.": "vers",
        "sect.": "section",
        "Th.": "Thermostat",
        "No": "numéro",
        "no": "numéro",
        "Nos": "numéros",
        "n°s": "numéros",
        "t.": "tome",
        "tab.": "tableau",
        "nᵒ": "numéro",
        "num.": "numéro",
        "ch.": "chapitre",
        "min": "minimum",
        "Min": "minimum",
        "Min.": "minimum",
        "Max": "maximum",
    },
    months={
        "janv": 1,
        "jan": 1,
        "févr": 2,
        "fév": 2,
        "avr": 4,
        "juin": 6,
        "juil": 7,
        "sept": 9,
        "oct": 10,
        "nov": 11,
        "déc": 12,
    },
    in_month=r"en|de|depuis|fin|début|à|mi|dès|pour|et",
    month_year=" ",
    day_lead=r"[Ll]e|[Dd]u|[Aa]u",
    left=r"reste|restent|restant|restants?|restantes?|durée",
    timer=r"minuteurs?|minuterie|chronomètre|compte[ ]à[ ]rebours|durée|temps[ ]restant|timer",
    magnitudes={
        "M": Magnitude("million", "millions"),
        "Md": Magnitude("milliard", "milliards"),
        "Mds": Magnitude("milliard", "milliards"),
        "Mrd": Magnitude("milliard", "milliards"),
        "million": Magnitude("million", "millions"),
        "millions": Magnitude("million", "millions"),
        "milliard": Magnitude("milliard", "milliards"),
        "milliards": Magnitude("milliard", "milliards"),
        "k": Magnitude("mille", "mille", is_joined=False),
        "K": Magnitude("mille", "mille", is_joined=False),
        "mille": Magnitude("mille", "mille", is_joined=False),
    },
    of=_of,
    few_below_two=True,
    square="au carré",
    cube="au cube",
    power="puissance",
    divided="divisé par",
    times="fois",
    warm=r"température|thermostat",
    fewer="moins de",
    more="plus de",
    and_centimetres=" ",
    between="entre",
    nth_minute=lambda minute: f"{_ordinal(minute, 'e')} minute",
    every="toutes les",
    over="sur",
    out_of="sur",
    often=Noun("fois", "fois", feminine=True),
    inch=Noun("pouce", "pouces"),
    measures=r"mn|sec|hrs?",
)

FRENCH: Grammar = Grammar(
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
    of_millions=_of,
    units=_UNITS,
    counted_nouns=_NOUNS,
    own_rules=_own_rules,
    last_rules=_last_rules,
    agreement=_AGREEMENT,
    joints="ou|à",
    date_signs="-/",
    days={
        "lun": "lundi", "mar": "mardi", "mer": "mercredi", "jeu": "jeudi", "ven": "vendredi", "sam": "samedi", "dim": "dimanche",
    },
    compass={
        "N": "nord", "S": "sud", "E": "est", "O": "ouest", "NO": "nord-ouest", "NE": "nord-est", "SO": "sud-ouest", "SE": "sud-est",
    },
    day_span=lambda first, last: f"du {first} au {last}",
    wind=r"(?:[Vv]ents?|[Rr]afales?)",
    currencies=_CURRENCIES,
    month_names=_MONTHS,
    day_before_month=r"(?P<d>\d{1,2})(?:er)?[ ]",
    signs={
        ".": "point", "&": "et", "@": "arobase", "+": "plus", "=": "égale", "×": "fois", "÷": "divisé par", "±": "plus ou moins",
        "≈": "environ", "→": "à", "#": "numéro", "°": "degrés", "€": "euros", "$": "dollars", "£": "livres", "%": "pour cent",
        "<": "inférieur à", ">": "supérieur à", "≤": "inférieur ou égal à", "≥": "supérieur ou égal à", "≠": "différent de", "√": "racine de", "π": "pi",
        "§": "paragraphe", "Ω": "ohms", "∞": "infini", "©": "", "®": "", "™": "",
    },
    abbreviations={
        "Mme": "madame", "Mlle": "mademoiselle", "MM.": "messieurs", "Dr": "docteur", "Dr.": "docteur",
        "etc.": "et cetera", "p. ex.": "par exemple", "env.": "environ", "n°": "numéro", "N°": "numéro", "nº": "numéro", "av.": "avenue",
        "bd": "boulevard", "Bd": "boulevard", "c.-à-d.": "c'est-à-dire", "max.": "maximum", "min.": "minimum", "tél.": "téléphone",
        "Tél.": "téléphone", "St": "saint", "Ste": "sainte",
    },
)  # fmt: skip
