"""SSML to pieces: each element, what is broken, what is hostile; and what clients get of it."""

from __future__ import annotations

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from wyoming_kokoro.text import ssml
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.say_as import say_as
from wyoming_kokoro.text.ssml import (
    MAX_PAUSE_S,
    MAX_PAUSES_S,
    Manner,
    Piece,
    SsmlError,
    begins_document,
    parse,
)

PAUSE = Piece("a", goes_on=True)


def manner(text: str, **options: object) -> Piece:
    return Piece(text, Manner(**options))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("body", "pieces"),
    [
        ("Hello  there.\n", (Piece("Hello there."),)),
        ("", ()),
        ('a<break time="1.5s"/>b', (PAUSE, Piece("b", pause_s=1.5))),
        ('a<break time="250ms"/>b', (PAUSE, Piece("b", pause_s=0.25))),
        ("a<break/>b", (PAUSE, Piece("b", pause_s=0.4))),
        ('a<break strength="x-strong"/>b', (PAUSE, Piece("b", pause_s=1.2))),
        ('a<break strength="none"/>b', (PAUSE, Piece("b"))),
        ('a.<break time="9s"/><break time="9s"/>b', (Piece("a."), Piece("b", pause_s=MAX_PAUSE_S))),
        ('<break time="2s"/>', (Piece("", pause_s=2.0),)),
        ("<p><s>One</s><s>Two</s></p><p>Three</p>", (Piece("One"), Piece("Two"), Piece("Three", pause_s=0.5))),
        ('<prosody rate="slow">a</prosody>', (manner("a", speed=0.75),)),
        ('<prosody rate="120%">a</prosody>', (manner("a", speed=1.2),)),
        ('<prosody rate="-20%">a</prosody>', (manner("a", speed=0.8),)),
        ('<prosody rate="1.5">a</prosody>', (manner("a", speed=1.5),)),
        ('<prosody rate="fast"><prosody rate="200%">a</prosody></prosody>', (manner("a", speed=2.5),)),
        ('<prosody rate="quick" pitch="high">a</prosody>', (Piece("a"),)),
        ('<prosody volume="loud">a</prosody>', (manner("a", gain=1.4),)),
        ('<prosody volume="silent">a</prosody>', (manner("a", gain=0.0),)),
        ('<prosody volume="50">a</prosody>', (manner("a", gain=0.5),)),
        ('<prosody volume="+20dB">a</prosody>', (manner("a", gain=4.0),)),
        ('<prosody volume="-20dB">a</prosody>', (manner("a", gain=0.1),)),
        ('a <prosody rate="slow">b</prosody> c.', (PAUSE, Piece("b", Manner(speed=0.75), goes_on=True), Piece("c."))),
        ('<voice name="bm_george">a</voice>', (manner("a", voice="bm_george"),)),
        ('<voice xml:lang="fr-CA">a</voice>', (manner("a", voice_language="fr-FR"),)),
        ('<voice gender="male">a</voice>', (Piece("a"),)),
        ('<lang xml:lang="fr-FR">Bonjour</lang>', (manner("Bonjour", language="fr-FR"),)),
        ('<lang xml:lang="tlh">Qapla</lang>', (Piece("Qapla"),)),
        ('a <sub alias="World Wide Web">WWW</sub>!', (Piece("a World Wide Web!"),)),
        ('<sub>WWW</sub>', (Piece("WWW"),)),
        ('<phoneme alphabet="ipa" ph="pɪˈkɑːn">pecan</phoneme> pie', (Piece("[pecan](//pɪˈkɑːn//) pie"),)),
        ('<phoneme ph="win">Nguyen</phoneme>', (Piece("[Nguyen](//wˈin//)"),)),
        ('<phoneme alphabet="x-sampa" ph="win">Nguyen</phoneme>', (Piece("Nguyen"),)),
        ('<phoneme ph="a)[b](/c/">[x]</phoneme>', (Piece("[x](//ˈa[b]c//)"),)),
        ('I <emphasis level="strong">do not</emphasis> know', (Piece("I [do](+2) [not](+2) know"),)),
        ('<emphasis>now</emphasis>', (Piece("[now](+1)"),)),
        ('<emphasis level="none">now</emphasis>', (Piece("now"),)),
        (
            '<lang xml:lang="ja-JP"><emphasis level="strong">今</emphasis></lang>',
            (Piece("今", Manner(language="ja-JP", speed=0.8, gain=1.4)),),
        ),
        (
            '<lang xml:lang="es-ES">es <emphasis>muy</emphasis> bueno</lang>',
            (Piece("es [muy](+1) bueno", Manner(language="es-ES")),),
        ),
        ('<say-as interpret-as="characters">abc</say-as>', (Piece("A, B, C"),)),
        ('<say-as interpret-as="magic">abc</say-as>', (Piece("abc"),)),
        ('<say-as interpret-as="date" format="dmy">3/4/2024</say-as>', (Piece("2024-04-03"),)),
        ('a<say-as interpret-as="ordinal"> 3 </say-as>b', (Piece("a 3rd b"),)),
        ('<audio src="x">Ding</audio> <amazon:effect name="whispered">psst</amazon:effect>', (Piece("Ding psst"),)),
        ("Q&A in the caf&eacute;, R & D &b;", (Piece("Q&A in the café, R & D &b;"),)),
        ("5 &lt; 6 &amp; 7<!-- not this --><![CDATA[ <b>]]>", (Piece("5 < 6 & 7 <b>"),)),
    ],
)  # fmt: skip
def test_elements(body: str, pieces: tuple[Piece, ...]) -> None:
    rounded = pytest.approx
    for text in (f"<speak>{body}</speak>", f'<?xml version="1.0"?>\n<speak version="1.1">{body}</speak>'):
        read = parse(text, "en-US")
        assert [each.text for each in read] == [each.text for each in pieces]
        assert [each.goes_on for each in read] == [each.goes_on for each in pieces]
        assert [each.pause_s for each in read] == rounded([each.pause_s for each in pieces])
        assert [each.manner.gain for each in read] == rounded([each.manner.gain for each in pieces])
        assert [each.manner.speed for each in read] == rounded([each.manner.speed for each in pieces])
        for ours, wanted in zip(read, pieces, strict=True):
            wanted_names = (wanted.manner.voice, wanted.manner.voice_language, wanted.manner.language)
            assert (ours.manner.voice, ours.manner.voice_language, ours.manner.language) == wanted_names
    assert parse(body, "en-US") == read  # the root may be missing where the client says that it is SSML


@pytest.mark.parametrize(
    ("text", "kind", "language", "spoken"),
    [
        ("abc", "characters", "en-US", "A, B, C"),
        ("2042", "digits", "en-US", "two zero four two"),
        ("2042", "cardinal", "en-US", "two thousand forty-two"),
        ("3", "ordinal", "en-US", "third"),
        ("112", "ordinal", "en-GB", "hundred and twelfth"),
        ("3", "ordinal", "es-ES", "tercero"),
        ("21", "ordinal", "es-ES", "vigésimo primero"),
        ("145", "ordinal", "es-ES", "centésimo cuadragésimo quinto"),
        ("3", "ordinal", "fr-FR", "troisième"),
        ("3/4/2024", "date", "en-US", "March"),
        ("3/4/2024", "date", "en-GB", "April"),
        ("3/4/2024", "date", "fr-FR", "avril"),
        ("7:05pm", "time", "en-US", "seven oh five"),
        ("+1 555-0123", "telephone", "en-US", "five five five, zero one two three"),
    ],
)
def test_say_as_is_said_as_asked(text: str, kind: str, language: str, spoken: str) -> None:
    assert spoken in normalize(say_as(text, kind, "", language), language)


BOMB = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]>'


@pytest.mark.parametrize(
    "text",
    [
        "<speak>Hello",
        "<speak><p>a</speak></p>",
        "<speak/><speak/>",
        f"<?xml version='1.0'?>{BOMB}<speak>&b;</speak>",
        f"<speak>{BOMB}</speak>",
        f"<speak>{'<p>' * 1000}a{'</p>' * 1000}</speak>",
        "<speak>\ud83d</speak>",
        "<speak>\x00</speak>",
    ],
    ids=ascii,
)
def test_what_is_broken_or_hostile_is_refused(text: str) -> None:
    with pytest.raises(SsmlError):
        parse(text, "en-US")


def test_a_document_of_pauses_has_an_end() -> None:
    pieces = parse("<speak>" + 'a<break time="10s"/>' * 5000 + "</speak>", "en-US")
    assert sum(piece.pause_s for piece in pieces) == MAX_PAUSES_S


@pytest.mark.parametrize(
    ("text", "begins"),
    [
        ("", None), ("  \n", None), ("<", None), ("<spea", None), ("<speak", None), ("<speak>", True),
        ('<speak version="1"', True), ("<speaker>", False), ("Hello <speak>", False), ("<b>", False),
        ("<?xml", None), ('<?xml version="1.0"?>', None), ('<?xml version="1.0"?> <sp', None),
        ('<?xml version="1.0"?><speak>', True), ('<?xml version="1.0"?><svg>', False),
    ],
)  # fmt: skip
def test_documents_are_known_by_their_beginning(text: str, begins: bool | None) -> None:
    assert begins_document(text) is begins


TAGS = ["p", "s", "break", "prosody", "say-as", "sub", "phoneme", "emphasis", "lang", "voice", "audio", "x:y"]
ATTRIBUTES = [
    "time",
    "strength",
    "rate",
    "volume",
    "interpret-as",
    "format",
    "ph",
    "alias",
    "level",
    "xml:lang",
    "name",
]
VALUES = st.one_of(
    st.sampled_from(
        ["slow", "+6dB", "1s", "50%", "-200%", "date", "dmy", "telephone", "fr", "1e9s", "99999s"]
    ),
    st.text("0123456789.%+-dB/()[]ˈɪ", max_size=8),
)
XML = st.recursive(
    st.text("ab 12.,:/-+[]()*#", max_size=12),
    lambda inner: st.builds(
        lambda tag, name, value, inside: f'<{tag} {name}="{value}">{"".join(inside)}</{tag}>',
        st.sampled_from(TAGS),
        st.sampled_from(ATTRIBUTES),
        VALUES,
        st.lists(inner, max_size=4),
    ),
    max_leaves=12,
)


@seed(20261125)
@settings(max_examples=150, deadline=None, database=None)
@given(body=XML, chance=st.integers(0, 400), cut=st.booleans())
def test_whatever_comes_gives_pieces_within_bounds_or_is_refused(body: str, chance: int, cut: bool) -> None:
    text = f"<speak>{body}</speak>"
    try:
        pieces = parse(text[: chance % len(text)] if cut else text, "en-US")
    except SsmlError:
        assert cut
        return
    assert sum(piece.pause_s for piece in pieces) <= MAX_PAUSES_S + 1e-6
    for piece in pieces:
        assert piece.text or piece.pause_s
        assert 0 <= piece.pause_s <= MAX_PAUSE_S
        assert 0 <= piece.manner.gain <= ssml._MAX_GAIN
        assert piece.manner.speed >= 0
        normalize(piece.text, "en-US")
