"""English in little memory: the same words, tags and phonemes as with all that misaki and spaCy would load."""

from __future__ import annotations

import importlib
import random
import subprocess
import sys
import textwrap
import warnings
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import pytest

from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.phonemize import Phonemizers

if TYPE_CHECKING:
    from misaki import en

    from wyoming_kokoro.text.english import EnglishPhonemizer, TaggedWord

LANGUAGES = ["en-US", "en-GB"]
PARTS_OF_SPEECH = ["NN", "NNS", "NNP", "VB", "VBD", "VBG", "JJ", "RB", "IN", "DT", "TO", "CD", "ADD", "PRP"]

SENTENCES = """
Hello. | OK | A | I | Yes! | The end. | Why not? | It's 7:05 pm, and all's well… | Turn the lights off in the hall.
I have read it, and I will read it again. | They live near a live wire. | She wound the bandage round the wound.
The abs of an ab-user, to be used to it; we used a ruler. | Am I? I am. At 9 AM I'm in. IN the IN box, by and by.
I can't, won't, shouldn't've, y'all'd've, gonna, wanna, gotta, lemme, ain't, 'em, 'cause, o'clock, rock 'n' roll.
Dr. Smith's, Mrs. Jones' and St. James's dogs' bowls. | The U.S.A., the U.K., N.Y.C., e.g. this, i.e. that, etc.
NASA, HVAC, LED, TV, USB-C, ESPHome, McDonald's, iPhone, eBay, YouTube, GitHub and WiFi. | ALL CAPS IS SHOUTING!
It costs $3.50, £20, €1,000 or 5 cents. | In 1999 the 3rd of 21 came 1st; 0.5 of 100,000 is 50%. | -5 and 1/2 °C
Call 555-0123 or 1-800-FLOWERS at 10:30. | Version 2026.11.0 vs. v1.2 | Room 101, 2nd floor, 42nd St. | 007 | 1.5x
Zigbee2MQTT and qwrtz, Zürich, jalapeño, Müller and Dvořák's. | “Quoted”, 'single' — (both).
Mother-in-law, well-being, T-shirt, x-ray, re-enter, 21-year-old, state-of-the-art, A/C, and/or, he/she, 24/7.
The polish on the Polish desk will affect the object; I object to the content of the contents, content as I am.
Record the record, present the present, desert the desert; lead the lead, tear a tear, bow with a bow, close by.
A [tomato](/təmˈɑːtO/) is [not](+1) a [potato](-1). | :) ;-) <3 @home #hashtag foo@bar.com https://example.com/a?b=1
Smoke detected upstairs!!! Leave now?! | Hmm… uh, er, oops; shh! | emoji🎉inside | Привет, мир. | π ≈ 3.14
It is twenty-one point five degrees outside, with a light breeze from the north-east and no rain until Tuesday.
Running, stopped, begging, panicked, tries, watches, boxes, buses, judged, needed, wanted, hated, making, lying, dyed.
""".replace("\n", " | ").split(" | ")[1:-1]

FRAMES = """
The {} {} was {}ed by a {}. | I {} the {}s, but you {}ing it is {}! | To {} or not to {}: that's {}'s {}.
{}, {} and {}; {}? | Who {} the {} in {}’s {}? | A very {} {} {}ly {}s. | {} {} {} {} | “{}-{},” said {}, “{}.”
""".replace("\n", " | ").split(" | ")[1:-1]


class Readers(NamedTuple):
    """Ours, and the same with everything loaded that misaki and spaCy would load by themselves."""

    ours: EnglishPhonemizer
    theirs: EnglishPhonemizer


@cache
def readers(language: str) -> Readers:
    phonemizers = Phonemizers()
    ours = phonemizers.for_language(language)
    from misaki import en

    from wyoming_kokoro.text import english

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        tagger = english.Tagger()
        pipeline = next(name for name in english._PIPELINES if english.spacy.util.is_package(name))
        tagger._pipeline = importlib.import_module(pipeline).load(enable=["tok2vec", "tagger"])
        lexicon = en.Lexicon(language == "en-GB")
    theirs = english.EnglishPhonemizer(
        language, tagger, phonemizers._word_reader(british=language == "en-GB")
    )
    assert theirs._g2p.fallback is not None
    theirs._g2p.lexicon = theirs._g2p.fallback._lexicon = lexicon
    assert isinstance(ours, english.EnglishPhonemizer)
    return Readers(ours, theirs)


def some_words(language: str, n_words: int) -> list[str]:
    lexicon = readers(language).theirs._g2p.lexicon
    return random.Random(language).sample([*lexicon.golds, *lexicon.silvers], n_words)


def forms(word: str) -> list[str]:
    """As misaki reads them: not those in capitals that it would spell, nor those with marks, which it lacks."""
    from wyoming_kokoro.text import english

    return [form for form in _all_forms(word) if form.isascii() and not english._is_shouted(form)] or ["word"]


def _all_forms(word: str) -> list[str]:
    return [
        *[word, word.lower(), word.capitalize(), word.upper(), word.swapcase()],
        *[f"{word}{ending}" for ending in ("'s", "s", "'", "s'", "es", "ed", "d", "ing", "'d", "ly")],
        *[word[:-1] + ending for ending in ("ies", "ing", "ed")],
        *[f"{word}{word[-1]}ing", f"{word.upper()}S", f"{word.capitalize()}'s"],
    ]


def made_up_sentences(language: str) -> list[str]:
    chance = random.Random(language)
    words = [
        chance.choice(forms(word)) if chance.random() < 0.4 else word for word in some_words(language, 2000)
    ]
    return [chance.choice(FRAMES).format(*words[at : at + 4]) for at in range(0, len(words), 4)]


def token(word: str, tag: str) -> en.MToken:
    from misaki import en

    underscore = en.MToken.Underscore(is_head=True, num_flags="", prespace=False)
    return en.MToken(text=word, tag=tag, whitespace="", _=underscore)


def tagged(reader: EnglishPhonemizer, text: str) -> list[TaggedWord]:
    words: list[TaggedWord] = reader._g2p.nlp(text)
    return words


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_in_all_their_forms_are_as_in_misakis_lexicon(language: str) -> None:
    from misaki import en

    ours, theirs = (reader._g2p.lexicon for reader in readers(language))
    assert vars(ours).keys() == vars(theirs).keys()
    assert (ours.british, ours.cap_stresses) == (theirs.british, theirs.cap_stresses)
    chance = random.Random(language)
    context = en.TokenContext()
    n_known = 0
    for word in some_words(language, 5000):
        for form in forms(word):
            asked = token(form, chance.choice(PARTS_OF_SPEECH))
            context = replace(context, future_vowel=chance.choice([None, True, False]))
            said = ours(asked, context)
            assert said == theirs(asked, context), (asked, context)
            n_known += said[0] is not None
    assert n_known > 40_000


@pytest.mark.parametrize("language", LANGUAGES)
def test_sentences_are_as_with_all_of_misaki_and_spacy(language: str) -> None:
    ours, theirs = readers(language)
    sentences = SENTENCES + [normalize(text, language) for text in SENTENCES] + made_up_sentences(language)
    assert len(sentences) > 500
    for text in sentences:
        assert tagged(ours, text) == tagged(theirs, text)
        assert ours.phonemize(text) == theirs.phonemize(text)


def test_nothing_is_loaded_that_is_not_used() -> None:
    said = run_python(
        """
        from wyoming_kokoro.text.phonemize import Phonemizers
        print(Phonemizers().for_language("en-US").phonemize("Hello qwrtz."))
        import sys
        unused = "spacy.cli", "typer", "weasel", "segments", "csvw", "language_tags", "joblib"
        print({*unused, "spacy_curated_transformers", "transformers"} & set(sys.modules))
        import spacy.cli
        print(spacy.cli.__file__ is not None)
        """
    )
    assert said.splitlines()[1:] == ["set()", "True"]


@pytest.mark.skipif(
    not Path("/proc/self/status").exists(), reason="Linux says what is resident, others do not"
)
def test_english_takes_little_memory() -> None:
    """42 MB beside torch, of them 19 spaCy, 13 its model, 4 misaki and 4 espeak; 145 if all were loaded."""
    said = run_python(
        """
        import ctypes, re
        import torch, numpy

        def anonymous_mb():
            if hasattr(libc := ctypes.CDLL(None), "malloc_trim"):
                libc.malloc_trim(0)
            status = open("/proc/self/status", encoding="ascii").read()
            return int(re.search(r"RssAnon:\\s+(\\d+) kB", status)[1]) / 1000

        before = anonymous_mb()
        from wyoming_kokoro.text.phonemize import Phonemizers
        Phonemizers().for_language("en-US").phonemize("Hello qwrtz, how are you?")
        print(anonymous_mb() - before)
        """
    )
    assert 10 < float(said) < 65


def run_python(code: str) -> str:
    """What a program prints, in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", textwrap.dedent(code)],
        capture_output=True,
        check=False,
        encoding="utf-8",
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
