"""Written and spoken pairs, by class and language: `spoken/<language>/<class>.tsv`, a pair a line with a tab between.

The expectations say how a person would read the text. A pair that the code should not be able to pass does not
belong into the tables, and none of the tables is made by the code.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

import pytest

from wyoming_kokoro.text.normalize import Normalizer, normalize
from wyoming_kokoro.text.phonemize import LANGUAGES, Phonemizers

TABLES = Path(__file__).parent / "spoken"
FOLDERS = {"en-US": "en", **{language: language for language in LANGUAGES if language != "en-US"}}
MINIMUM = {"en-US": 500, "en-GB": 10}  # pairs; 40 for every other language
MINIMUM_ADVERSARIAL = 60


@lru_cache
def pairs(language: str) -> list[tuple[str, str, str]]:
    """Class, written, spoken."""
    return [
        (path.stem, *line.split("\t"))  # type: ignore[misc]
        for path in sorted((TABLES / FOLDERS[language]).glob("*.tsv"))
        for line in path.read_text(encoding="utf-8").split("\n")
        if line
    ]


# A test a table, not a pair: of four thousand tests of a millisecond each, pytest would take ten times as long.
TABLES_BY_CLASS = sorted({(language, group) for language in LANGUAGES for group, _, _ in pairs(language)})


@pytest.fixture(scope="module")
def phonemizers() -> Phonemizers:
    return Phonemizers()


@pytest.mark.parametrize(("language", "group"), TABLES_BY_CLASS)
def test_as_a_person_would_say_it(language: str, group: str) -> None:
    expected = {written: spoken for its_group, written, spoken in pairs(language) if its_group == group}
    said = {written: normalize(written, language) for written in expected}
    assert said == expected


@pytest.mark.parametrize("language", LANGUAGES)
def test_there_are_enough_of_each(language: str) -> None:
    assert len({written for _, written, _ in pairs(language)}) >= MINIMUM.get(language, 40)
    if language == "en-US":
        assert sum(group == "adversarial" for group, _, _ in pairs(language)) >= MINIMUM_ADVERSARIAL


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_not_read_twice(language: str) -> None:
    """What is in words stays: so a text that is normalised on its way to us is not harmed here."""
    changed = {
        spoken: again for _, _, spoken in pairs(language) if (again := normalize(spoken, language)) != spoken
    }
    assert changed == {}


@pytest.mark.parametrize("language", ["en-US", "en-GB"])
def test_phonemes_are_those_of_the_spoken_form(phonemizers: Phonemizers, language: str) -> None:
    """The phonemizer neither undoes nor repeats what was done: it finds words only, and says what it would for them."""
    phonemizer = phonemizers.for_language(language)
    for _, written, spoken in pairs(language):
        said = phonemizer.phonemize(normalize(written, language))
        assert said == phonemizer.phonemize(spoken), written
        assert said, written


def test_figures_never_reach_the_phonemizer_in_english() -> None:
    for group, written, _ in pairs("en-US"):
        said = normalize(written, "en-US")
        assert not any(char.isdigit() for char in said), (group, said)


def test_negation_is_never_lost(phonemizers: Phonemizers) -> None:
    phonemizer = phonemizers.for_language("en-US")
    for stem in ("can", "don", "isn", "won", "haven", "couldn", "mustn", "aren", "didn", "wouldn"):
        plain = phonemizer.phonemize(f"They {stem}'t.")
        for sign in "’‘ʼ＇`´":
            assert phonemizer.phonemize(normalize(f"They {stem}{sign}t.", "en-US")) == plain, (stem, sign)


def test_without_normalizing_text_stays_as_it_is_written() -> None:
    assert Normalizer(in_words=False)("It's  **21 °C**\n🎉", "en-US") == "It's **21 °C** 🎉"
    assert Normalizer()("It's  **21 °C**\n🎉", "en-US") == "It's twenty-one degrees Celsius"


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en-US", "Done party popper thumbs up medium skin tone, family man woman girl!"),
        ("es-ES", "Done cañón de confeti pulgar hacia arriba tono de piel medio, familia hombre mujer niña!"),
        ("hi-IN", "Done,!"),  # the library has no Hindi names
    ],
)
def test_emoji_by_name(language: str, said: str) -> None:
    assert Normalizer(say_emoji=True)("Done 🎉👍🏽, 👨‍👩‍👧!", language) == said


def seconds(work: Callable[[], object]) -> float:
    """The quickest of a few runs, in time of this thread alone."""
    times = []
    for _ in range(3):
        start = time.thread_time()
        work()
        times.append(time.thread_time() - start)
    return min(times)


@pytest.mark.parametrize("language", LANGUAGES)
def test_time_grows_as_the_text_does(language: str) -> None:
    text = (" ".join(written for _, written, _ in pairs(language)) * 20)[:4_000]
    short = seconds(lambda: normalize(text, language))
    long = seconds(lambda: normalize(text * 4, language))
    assert long < 4 * 2 * short


def test_a_line_of_100_000_characters() -> None:
    text = " ".join(written for _, written, _ in pairs("en-US"))
    line = (text * (100_000 // len(text) + 1))[:100_000]
    assert len(normalize(line, "en-US")) > 100_000
