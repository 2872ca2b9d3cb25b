"""What voices are calibrated with: it is what the written text gives, the model can say it, and nothing is measured
with it.
"""

from __future__ import annotations

import ast
import re
from collections import Counter
from pathlib import Path

import pytest

from dev.bench.texts import QUALITY_SENTENCES, TEXTS
from dev.calibration_text import TARGET, WRITTEN, phonemize, render
from wyoming_kokoro.calibration_sentences import SENTENCES
from wyoming_kokoro.errors import TextError
from wyoming_kokoro.text.phonemize import LANGUAGES, Phonemizers
from wyoming_kokoro.text.vocab import MAX_PHONEMES

QUALITY_TEST = Path(__file__).parent / "model" / "fast" / "test_quality.py"

# The phonemes, marks and tones that a language's sentences must hold, in the alphabets of misaki and espeak. Left out is
# what espeak gives only now and then, like `ɪ` in Spanish.
INVENTORY = {
    "en-US": "AIOTWYbdfhijklmnpstuvwzæðŋɐɑɔəɛɜɡɪɹʃʊʌʒʤʧθᵊᵻˈˌ.,?!",
    "en-GB": "AIQWYabdfhijklmnpstuvwzðŋɐɑɒɔəɛɜɡɪɹʃʊʌʒʤʧθᵊːˈˌ.,?!",
    "es-ES": "AIWabdefijklmnoprstuwxðŋɛɡɣɲɾʎʝʧβθˈˌ.,?!",
    "fr-FR": "abdefijklmnopstuvwyzøœɑɔəɛɡɲʁʃʒ\u0303ˈˌ.,?!",
    "hi-IN": "abcdefhijklmnopqrstuxzŋɔəɖɛɟɡɣɪɳɾʃʂʈʊʋʌʰ\u0303ːˈˌ.,?!",
    "it-IT": "Sabdefijklmnoprstuvwzŋɔɛɡɪɲɾʃʊʎʣʤʦʧːˈˌ.,?!",
    "pt-BR": "AIWabdefijklmnoprstuvwxyzæŋɐɔəɛɡɪɲɾʃʊʒʤʧ\u0303ˈˌ.,?!",
    "ja-JP": "abdehijkmnopstzçŋɕɡɨɯɲɴɸɾʔʣʥʦʨʲβː.,?!",
    "zh-CN": "aefijklmnopstuwxyŋɕɚɛɤɥɨəɻʂʊʦʨꭧʰ→↗↓↘.,?!",
}


@pytest.fixture(scope="module")
def phonemizers() -> Phonemizers:
    return Phonemizers()


def words_of(text: str) -> str:
    return " ".join(re.findall(r"[\w']+", text.lower()))


def measured_with() -> set[str]:
    """Every string of the quality test, read without running it, and what the bench speaks."""
    strings = {
        node.value
        for node in ast.walk(ast.parse(QUALITY_TEST.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    return {words_of(text) for text in (*strings, *QUALITY_SENTENCES, *TEXTS.values())} - {""}


def stretches(words: str, n_words: int) -> set[str]:
    split = words.split()
    return {" ".join(split[start : start + n_words]) for start in range(len(split) - n_words + 1)}


def test_every_language_has_its_sentences() -> None:
    assert set(SENTENCES) == set(WRITTEN) == set(LANGUAGES)
    for language, lines in SENTENCES.items():
        assert len(lines) >= (140 if language.startswith("en") else 60), language


def test_the_file_is_as_the_command_writes_it() -> None:
    assert TARGET.read_text(encoding="utf-8") == render(SENTENCES)


@pytest.mark.parametrize("language", SENTENCES)
def test_the_phonemes_are_those_of_the_text(language: str, phonemizers: Phonemizers) -> None:
    try:
        made = phonemize(language, phonemizers)
    except TextError as error:
        pytest.skip(str(error))
    assert SENTENCES[language] == made, "python -m dev.calibration_text makes them anew"


@pytest.mark.parametrize("language", SENTENCES)
def test_no_sentence_comes_twice(language: str) -> None:
    assert [line for line, n in Counter(SENTENCES[language]).items() if n > 1] == []


@pytest.mark.parametrize("language", SENTENCES)
def test_every_sound_of_a_language_comes_at_least_three_times(language: str) -> None:
    heard = Counter("".join(SENTENCES[language]))
    assert {symbol: heard[symbol] for symbol in INVENTORY[language] if heard[symbol] < 3} == {}


@pytest.mark.parametrize("language", SENTENCES)
def test_sentences_are_short_and_long(language: str) -> None:
    lengths = sorted(map(len, SENTENCES[language]))
    assert 0 < lengths[0] <= 12
    assert 70 <= lengths[-1] <= MAX_PHONEMES


def test_nothing_is_measured_with_them() -> None:
    measured = measured_with()
    assert len(measured) > len(QUALITY_SENTENCES) + 24
    assert "yes" in measured
    written = {words_of(line) for lines in WRITTEN.values() for line in lines}
    assert written & measured == set()


def test_not_even_with_a_part_of_them() -> None:
    written = [words_of(line) for line in WRITTEN["en-US"]]
    for text in measured_with():
        parts = stretches(text, 5)
        assert [line for line in written if stretches(line, 5) & parts] == [], text


@pytest.mark.weights
@pytest.mark.parametrize("language", SENTENCES)
def test_the_model_has_a_symbol_for_all_of_it(language: str, vocab: dict[str, int]) -> None:
    assert set("".join(SENTENCES[language])) <= vocab.keys()
