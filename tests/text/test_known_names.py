"""Names, brands and technical words: what lexicons and espeak get right by rules, and what a table has to say."""

from __future__ import annotations

import time

import pytest

from wyoming_kokoro.text.known_names import in_british, known_names
from wyoming_kokoro.text.normalize import AS_USUAL
from wyoming_kokoro.text.phonemize import Phonemizers

# Written, American, British.
NAMES = """
IKEA        Ikˈiə            Ikˈiːə
ikea's      Ikˈiəz           Ikˈiːəz
XIAOMI      ʃˈWmi            ʃˈWmi
SONY        sˈOni            sˈQni
Renault     ɹənˈO            ɹˈɛnQ
Citroën     sˈɪtɹOən         sˈɪtɹQən
Citroën's   sˈɪtɹOənz        sˈɪtɹQənz
Peugeots    puʒˈOz           pˈɜːʒQz
Hermès      ɛɹmˈɛz           ɛːmˈɛz
Nestlé      nˈɛslA           nˈɛslA
OLEDs       ˈOlˌɛdz          ˈQlˌɛdz
LEDs        ˌɛlˌidˈiz        ˌɛlˌiːdˈiːz
Jupyter     ʤˈupəTəɹ         ʤˈuːpətə
CUDA        kˈudə            kˈuːdə
QANTAS      kwˈɑntəs         kwˈɒntəs
Saoirse     sˈɜɹʃə           sˈɜːʃə
Tadhg's     tˈIɡz            tˈIɡz
Nguyễn's    wˈɪnz            wˈɪnz
Joaquín     wɑkˈin           wɑːkˈiːn
Łukasz      wˈukɑʃ           wˈuːkɑːʃ
Giuseppe    ʤəsˈɛpi          ʤəsˈɛpi
Zhang       ʤˈɑŋ             ʤˈaŋ
Beauchamp   bˈiʧəm           bˈiːʧəm
Marylebone  mˈɑɹləbən        mˈɑːləbən
Milngavie   mʌlɡˈI           mʌlɡˈI
Łódź        wˈuʤ             wˈuːʤ
Zürich      zˈʊɹɪk           zjˈʊəɹɪk
jalapeños   hˌɑləpˈAnjOz     hˌaləpˈAnjQz
rosé        ɹOzˈA            ɹˈQzA
résumés     ɹˈɛzəmˌAz        ɹˈɛzjuːmAz
Chopin's    ʃOpˈænz          ʃˈQpanz
Nabokov     nəbˈɔkəf         nəbˈQkɒf
Ozempic     Ozˈɛmpək         Qzˈɛmpək
""".strip().splitlines()

# No table has these: capitals, letters with marks, espeak's sounds in misaki's alphabet.
BY_RULE = """
ROBOROCK    ɹˈObɔɹˌɑk        ɹˈQbɔːɹˌɒk
ROBOROCK'S  ɹˈObɔɹˌɑks       ɹˈQbɔːɹˌɒks
NETGEAR     nˈɛtɡɪɹ          nˈɛtɡɪə
HDMI        ˌAʧdˌiˌɛmˈI      ˌAʧdˌiːˌɛmˈI
HTTPS       ˌAʧtˌitˌipˌiˈɛs  ˌAʧtˌiːtˌiːpˌiːˈɛs
Québec      kwəbˈɛk          kwɪbˈɛk
façade      fəsˈɑd           fəsˈɑːd
café        kæfˈA            kˈafA
cafés       kæfˈAz           kˈafAz
passé       pæsˈA            pasˈA
Đặng        dˈæŋ             dˈaŋ
Trần        tɹˈæn            tɹˈan
Søren       sˈɜɹən           sˈɜːɹən
Bjørn       bjˈɜɹn           bjˈɜːn
Ferrari     fəɹˈɑɹi          fəɹˈɑːɹi
Celeste     səlˈɛst          sɪlˈɛst
Cloudflare  klˈWdflɛɹ        klˈWdflɛː
Debian      dˈɛbiən          dˈɛbɪən
Puccini     puʧˈini          puːʧˈiːni
""".strip().splitlines()


@pytest.fixture(scope="module")
def phonemizers() -> Phonemizers:
    return Phonemizers()


@pytest.mark.parametrize("row", NAMES + BY_RULE)
def test_names(phonemizers: Phonemizers, row: str) -> None:
    written, american, british = row.split()
    for language, wanted in (("en-US", american), ("en-GB", british)):
        said = phonemizers.for_language(language).phonemize(AS_USUAL(f"Is it {written}?", language))
        assert said.removesuffix("?").split()[2:] == [wanted], language


@pytest.mark.parametrize(
    ("american", "british"),
    [
        ("kˈɑɹ", "kˈɑː"),  # no r but before vowels
        ("fəɹˈɑɹi", "fəɹˈɑːɹi"),
        ("bˈɛɹɪk", "bˈɛɹɪk"),
        ("nˈɛtɡɪɹ", "nˈɛtɡɪə"),
        ("dˈɪnəɹ", "dˈɪnə"),
        ("mˈɜɹsi", "mˈɜːsi"),
        ("ˈɑɹmi", "ˈɑːmi"),
        ("sˈi", "sˈiː"),  # long vowels, but at the end of "happy"
        ("hˈæpi", "hˈapi"),
        ("dˈɛbiən", "dˈɛbɪən"),
        ("Ikˈiə", "Ikˈiːə"),
        ("bˈɑTᵊl", "bˈɑːtᵊl"),
        ("hˌOm ɡˈO", "hˌQm ɡˈQ"),
    ],
)
def test_british_of_american(american: str, british: str) -> None:
    assert in_british(american) == british


def test_the_table_is_quick_to_read() -> None:
    known_names.cache_clear()
    start = time.process_time()
    names = known_names()
    assert time.process_time() - start < 0.5
    assert len(names.entries) > 1_000
