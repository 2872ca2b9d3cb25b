"""English words for what is written to friends: omw, c u, gr8, b-day; and for names with figures or signs for letters.

It comes before all that would take such words apart. Knows no abbreviations that are written to anybody else.
"""

from __future__ import annotations

import re

from wyoming_kokoro.text.spoken.rules import Rule, alternatives, rule

_CHAT = {
    "omw": "on my way", "otw": "on the way", "brt": "be right there", "brb": "be right back", "gtg": "got to go", "g2g": "got to go",
    "ttyl": "talk to you later", "lmk": "let me know", "hmu": "hit me up", "idk": "I don't know", "idc": "I don't care", "ikr": "I know, right", "nvm": "never mind", "omg": "oh my god",
    "afaik": "as far as I know", "iirc": "if I remember correctly", "fwiw": "for what it's worth", "ngl": "not going to lie", "tbf": "to be fair", "irl": "in real life",
    "hbu": "how about you", "wbu": "what about you", "wyd": "what are you doing", "ily": "I love you", "tysm": "thank you so much", "ty": "thank you",
    "np": "no problem", "yw": "you're welcome", "dw": "don't worry", "rn": "right now", "atm": "at the moment", "jk": "just kidding", "hbd": "happy birthday",
    "gr8": "great", "m8": "mate", "l8r": "later", "l8": "late", "w8": "wait", "b4": "before", "str8": "straight", "2nite": "tonight", "2day": "today", "2moro": "tomorrow",
    "2morrow": "tomorrow", "2mrw": "tomorrow", "tmr": "tomorrow", "4ever": "forever", "ur": "your", "msg": "message", "msgs": "messages", "sry": "sorry",
    "srsly": "seriously", "cuz": "because", "coz": "because", "abt": "about", "wknd": "weekend", "b-day": "birthday", "bdays": "birthdays", "c u": "see you", "r u": "are you", "r we": "are we", "r they": "are they",
    "thx 4": "thanks for", "thanks 4": "thanks for", "ty 4": "thank you for",
}  # fmt: skip
# What nothing else is called that is written in capitals.
_ALSO_CAPITALS = frozenset(
    ["omw", "brb", "ttyl", "lmk", "idk", "idc", "ikr", "nvm", "afaik", "iirc", "fwiw", "ngl", "tysm", "ily", "hbd", "gtg", "hbu"]
)  # fmt: skip
# Films, bands and the like.
_STYLED = {
    "Se7en": "Seven", "Thir13en": "Thirteen", "Numb3rs": "Numbers", "S1m0ne": "Simone", "M3GAN": "Megan", "Scre4m": "Scream", "deadmau5": "dead mouse", "Deadmau5": "Dead mouse",
    "2Pac": "Tupac", "6ix9ine": "six nine", "P!nk": "Pink", "Ke$ha": "Kesha", "A$AP": "A sap", "blink-182": "blink one eighty-two", "Blink-182": "Blink one eighty-two",
    "C-3PO": "C three P O", "R2-D2": "R two D two",
}  # fmt: skip
# Two letters are many things where they do not stand among words in lower case.
_SHORT = {word: said for word, said in _CHAT.items() if len(word) == 2}
_FORMS = {
    form: said
    for word, said in _CHAT.items()
    if word not in _SHORT
    for form in (word, word[0].upper() + word[1:], *([word.upper()] if word in _ALSO_CAPITALS else []))
}
_WITHIN_WORDS = frozenset(["ily", "coz", "irl", "ngl"])  # daily, cozy, girl, single
# "u" is a variable and a vowel too: it is somebody only among words.
_NO_ONE = r"(?<!\bletter[ ]u)(?<!\bvowel[ ]u)(?<!\bas[ ]u)"


def rules() -> tuple[Rule, ...]:
    """In the order they have to be applied, before all others."""
    return (
        rule(rf"(?<![\w'’.$-])(?P<word>{alternatives(_STYLED)})(?!\w)", lambda m: _STYLED[m["word"]], needs=tuple(_STYLED)),
        rule(rf"(?<![\w'’./@#\\=-])(?<!\d[ ])(?P<word>{alternatives(_FORMS)})(?![\w'’/@=(-]|[.]\w)", _in_full, needs=tuple(f" {form}" if form in _WITHIN_WORDS else form for form in _FORMS)),
        rule(r"\A(?P<word>np|ty|yw)(?=[,.!](?!\w)|$)", lambda m: _SHORT[m["word"].lower()].capitalize(), needs=("np", "ty", "yw", "NP", "TY", "YW", "Np", "Ty", "Yw"), flags=re.IGNORECASE),
        rule(rf"(?:(?<=[a-z,!?][ ])|(?<=[\"“])|\A)(?<!\bas[ ])(?P<word>(?!np[ ]){alternatives(_SHORT)})(?![\w'’/@=(-]|[.]\w)", lambda m: _SHORT[m["word"]], needs=tuple(_SHORT)),
        rule(rf"u(?<=[a-z,.][ ]u){_NO_ONE}(?=[ ][a-z]{{2}}|[ ]?[.,!?;\"”)](?!\w)|$)|U(?<!\wU)(?=[ ](?:there|ok|okay|up|coming|ready|home|free|guys|want|need|got|are|can|should|know)\b)", lambda m: "you" if m.group() == "u" else "You", needs="uU"),
        # figures for words: "nice 2 meet u", "still on 4 tmrw"
        rule(r"(?P<lead>\b(?:still[ ]on|ready|waiting|plans|gift|present|perfect|free|good|home)[ ])4(?=[ ](?:tmrw|tmw|tomorrow|tonight|2nite|u|ur|you|me|the|my|dinner|lunch|breakfast|pickup|delivery|tea)\b)", lambda m: f"{m['lead']}for", needs=(" 4 ",)),
        rule(r"(?P<lead>\b(?:going|want|need|got|love|happy|ready|able|try|trying|nice|good|like|coming|come|go|back|talk|talking|listening|welcome|off|over)[ ])2(?=[ ](?:the|be|get|see|go|do|my|meet|know|hear|come|you|talk)\b)", lambda m: f"{m['lead']}to", needs=(" 2 ",)),
    )  # fmt: skip


def _in_full(match: re.Match[str]) -> str | None:
    """What is meant, with a capital where the abbreviation has one for beginning a sentence."""
    word, text = match["word"], match.string
    said = _FORMS[word]
    if not word[0].isupper():
        return said
    begins = re.search(r"(?:^|[.!?:\"“][ ]?)\Z", text[max(0, match.start() - 2) : match.start()]) is not None
    if not word.isupper() and not begins:
        return None  # a name
    return said[0].upper() + said[1:] if begins else said
