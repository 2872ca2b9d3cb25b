"""Words that are spelled alike and said in two ways: a sentence for each way, judged on phonemes."""

from __future__ import annotations

import pytest

from wyoming_kokoro.text.homographs import told_apart
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.phonemize import Phonemizers

# The word's American phonemes, its British ones, and sentences with it.
SOUNDS = {
    ("ˈA", "ˈA"): ("A", "A.", "Yes, plan A.", "It is A, not B."),
    ("ɐ", "ɐ"): ("A car.", "Have a look."),
    ("ɹˈid", "ɹˈiːd"): (
        "I like to read.",
        "Read the label, please.",
        "Did you read it?",
        "I read the news every morning.",
    ),
    ("ɹˈɛd", "ɹˈɛd"): ("I have read the book.", "She read it yesterday.", "The book was read aloud."),
    ("lˈɪv", "lˈɪv"): ("We live in Berlin.", "Do you live alone?"),
    ("lˈIv", "lˈIv"): (
        "The concert is live tonight.",
        "Here is the live camera feed.",
        "The broadcast will be live at nine.",
    ),
    ("lˈid", "lˈiːd"): (
        "Lead me to the door.",
        "She took the lead.",
        "The lead singer is here.",
        "Follow the lead of your friend.",
        "She took the lead in the water.",
    ),
    ("lˈɛd", "lˈɛd"): (
        "The pipe is made of lead.",
        "Old paint may contain lead.",
        "Replace the lead pipes.",
        "Lead is a heavy metal.",
        "It needs a lead-acid battery.",
        "There is a piece of lead on the roof.",
        "There is lead in the drinking water.",
        "Was the paint tested for lead?",
        "Wear a lead apron.",
        "The lead of the pencil broke.",
    ),
    ("wˈɪnd", "wˈɪnd"): ("The wind is strong.", "Wind speed is ten knots."),
    ("wˈInd", "wˈInd"): ("Remember to wind the clock.", "Wind the clock, please."),
    ("wˈund", "wˈuːnd"): ("Clean the wound.", "The wound is healing."),
    ("wˈWnd", "wˈWnd"): ("She wound the clock.", "He wound up in hospital."),
    ("klˈOz", "klˈQz"): ("Please close the blinds.", "Close the door.", "The blinds close at nine.", "Did the shops close?", "It is open until close."),
    ("klˈOs", "klˈQs"): ("The shop is close to here.", "A close friend came.", "It was close."),
    ("tˈɪɹ", "tˈɪə"): ("A tear ran down her cheek.", "There was a tear in her eye."),
    ("tˈɛɹ", "tˈɛː"): ("Do not tear it.", "Tear the paper in half.", "There is a tear in the fabric."),
    ("mˈɪnət", "mˈɪnɪt"): ("Wait a minute.", "It was a minute late.", "The minute hand is stuck.", "Two minute pieces follow."),
    ("mInˈut", "mInjˈuːt"): ("Add a minute amount of salt.", "The difference is minute.", "Minute differences matter.", "It is so minute that nobody sees it."),
    ("ˈɑbʤəkt", "ˈɒbʤɛkt"): ("The object is on the table.",),
    ("əbʤˈɛkt", "əbʤˈɛkt"): ("I object to that.",),
    ("ɹˈɛkəɹd", "ɹˈɛkɔːd"): ("The record was broken.", "That is a new record high."),
    ("ɹəkˈɔɹd", "ɹɪkˈɔːd"): ("Record the show.", "I will record the meeting."),
    ("pɹˈɛzᵊnt", "pɹˈɛzᵊnt"): ("The present is wrapped.", "No motion present.", "At present nobody is home."),
    ("pɹizˈɛnt", "pɹɪzˈɛnt"): ("Please present your card.", "I will present the results."),
}  # fmt: skip


@pytest.fixture(scope="module")
def phonemizers() -> Phonemizers:
    return Phonemizers()


@pytest.mark.parametrize("language", ["en-US", "en-GB"])
@pytest.mark.parametrize("sounds", SOUNDS, ids=lambda sounds: sounds[0])
def test_each_way(phonemizers: Phonemizers, sounds: tuple[str, str], language: str) -> None:
    sound = sounds[language == "en-GB"]
    read = phonemizers.for_language(language).phonemize
    said = {sentence: read(normalize(sentence, language)) for sentence in SOUNDS[sounds]}
    assert {sentence: phonemes for sentence, phonemes in said.items() if sound not in phonemes} == {}


@pytest.mark.parametrize(
    "text",
    [
        "They close at hand.",
        "The lead to follow.",
        "It contains lead singer stories.",
        "A minute later.",
        "[lead](/lˈid/) pipes",
        "Tears in her eyes.",
        "I read it. Every morning is new.",
        "misread lead",
        "The U.S.A. won.",
        "A-minor",
    ],
)
def test_what_neighbours_do_not_tell_is_left_to_the_tag(text: str) -> None:
    assert told_apart(text, "en-US") == text


def test_a_long_text_takes_no_longer_than_in_proportion() -> None:
    for part in ("I read ", "lead ", "they close at ", "a minute ", "tear in the "):
        told_apart(part * (100_000 // len(part)), "en-US")
