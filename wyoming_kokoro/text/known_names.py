"""How some names are said that neither misaki's lexicons nor espeak get right, and words that their neighbours decide.

In the form of a user's lexicon, whose own entries go first.
"""

from __future__ import annotations

from functools import lru_cache

from wyoming_kokoro.text.lexicon import Lexicon, parse

_ENTRIES = """
[en] IKEA = /Ikˈiə/
[en] Xiaomi = /ʃˈWmi/
[en] Huawei = /wˈɑwA/
[en] Aqara = /əkˈɑɹə/
[en] Sonos = /sˈOnOs/
[en] Miele = /mˈilə/
[en] Porsche = /pˈɔɹʃə/
[en] Reolink = /ɹˈiOlɪŋk/
[en] Ubiquiti = /jubˈɪkwəTi/
[en] PostgreSQL = /pˈOstɡɹɛs kjˌu ˈɛl/
[en] SQLite = /ˌɛs kjˌu ˈɛl ˌIt/
[en] Nguyen = /wˈɪn/
[en] Niamh = /nˈiv/
[en] Siobhan = /ʃəvˈɔn/
[en] Joaquin = /wɑkˈin/
[en] Tchaikovsky = /ʧIkˈɔfski/
"""

# The metal, and the tiny: no part of speech tells them from a leader and from sixty seconds.
_OF_LEAD = "pipe pipes paint paints poisoning acid battery batteries pencil pencils crystal shielding solder free based levels content"
_TINY = "amount amounts quantity quantities particle particles trace traces detail details crack cracks difference differences fraction changes"


@lru_cache(maxsize=1)
def known_names() -> Lexicon:
    """The names, in American and British English."""
    entries = _ENTRIES.split("\n")
    for word in _OF_LEAD.split():
        entries += [
            f"[en] lead {word} = [lead](//lˈɛd//) {word}",
            f"[en] lead-{word} = [lead](//lˈɛd//) {word}",
        ]
    entries += [
        "[en] contains lead = contains [lead](//lˈɛd//)",
        "[en] contain lead = contain [lead](//lˈɛd//)",
        "[en] made of lead = made of [lead](//lˈɛd//)",
        "[en] molten lead = molten [lead](//lˈɛd//)",
    ]
    entries += [f"[en] minute {word} = [minute](//mInˈut//) {word}" for word in _TINY.split()]
    return parse("\n".join(entries))
