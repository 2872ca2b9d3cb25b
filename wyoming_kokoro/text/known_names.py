"""How some names are said that neither misaki's lexicons nor espeak get right.

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


@lru_cache(maxsize=1)
def known_names() -> Lexicon:
    """The names, in American and British English."""
    return parse(_ENTRIES)
