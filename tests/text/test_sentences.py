"""Sentences from a stream: where they end, and that the cuts between chunks never matter."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from wyoming_kokoro.text.sentences import MAX_SENTENCE_CHARS, SentenceSplitter

# What cuts could get wrong, each with the sentences a listener expects.
SENTENCES = {
    "Hello there. How are you? Fine!": ["Hello there.", "How are you?", "Fine!"],
    "It costs 3.50 today. That is 3.5 % more.": ["It costs 3.50 today.", "That is 3.5 % more."],
    "Dr. Smith of the U.S. Army came. He left.": ["Dr. Smith of the U.S. Army came.", "He left."],
    "Use fruit, e.g. Apples. Prof. Hill agrees.": ["Use fruit, e.g. Apples.", "Prof. Hill agrees."],
    "Wait... what? Well... Then go.": ["Wait... what?", "Well...", "Then go."],
    "Well… Maybe.": ["Well…", "Maybe."],
    'She said "Go home." Then she left.': ['She said "Go home."', "Then she left."],
    'It rained. "Come in," he said. (Nobody came.) Later': [
        "It rained.",
        '"Come in," he said.',
        "(Nobody came.)",
        "Later",
    ],
    "Hola. ¿Qué tal? ¡Muy bien!": ["Hola.", "¿Qué tal?", "¡Muy bien!"],
    "Weather\r\n\r\nSunny\r\n \r\nand warm": ["Weather", "Sunny", "and warm"],
    "# Weather\nsunny and warm\n## Later\nRain": ["# Weather", "sunny and warm", "## Later", "Rain"],
    "Buy:\n- milk\n- brown bread\n* eggs\nThanks": ["Buy:", "- milk", "- brown bread", "* eggs", "Thanks"],
    "Steps:\n1. Unplug it\n2. Wait\n10) Plug it in. Done.": [
        "Steps:",
        "1. Unplug it",
        "2. Wait",
        "10) Plug it in.",
        "Done.",
    ],
    "Kitchen: on\nBedroom: off": ["Kitchen: on", "Bedroom: off"],
    "A line that somebody wrapped by hand in New\nYork, which goes on for quite a while, and\nthen ends.": [
        "A line that somebody wrapped by hand in New\nYork, which goes on for quite a while, and\nthen ends."
    ],
    "**Careful.** The door is *open.* _Really._ Yes": [
        "**Careful.**",
        "The door is *open.*",
        "_Really._",
        "Yes",
    ],
    "That is **two words**. And 2*3*4 is 24.": ["That is **two words**.", "And 2*3*4 is 24."],
    "I switched off the light.Done now.": ["I switched off the light.", "Done now."],
    "Node.js, U.S.A, e.g.This, example.com and v1.B stay.": [
        "Node.js, U.S.A, e.g.This, example.com and v1.B stay."
    ],
    "你好。“再见！”他说。真的？": ["你好。", "“再见！”", "他说。", "真的？"],
    "こんにちは。元気ですか？はい!では": ["こんにちは。", "元気ですか？", "はい!", "では"],
    "यह ठीक है। आप कैसे हैं? ठीक।अब": ["यह ठीक है।", "आप कैसे हैं?", "ठीक।", "अब"],
    "Done! 🎉 The light is on. 🏳️‍🌈 Bye": ["Done! 🎉 The light is on. 🏳️‍🌈 Bye"],
    "half an emoji \ud83c. Then \udf89 the rest": ["half an emoji \ud83c.", "Then \udf89 the rest"],
    "...": ["..."],
    " \n\r\n\t ": [],
    "": [],
}

FRAGMENTS = [
    *"aAbB .,!?…\n*_-\"'”)(।。！？「」（1350#~`;:",
    *[
        "\r\n",
        "\n\n",
        "  ",
        "Dr.",
        "U.S.",
        "e.g.",
        "Prof.",
        "light.",
        "Done",
        "The",
        "3.5",
        "2.",
        "10)",
        "- ",
        "* ",
    ],
    *[
        "**",
        "...",
        "¿Qué",
        "é",
        "是",
        "です",
        "है",
        "🎉",
        "\ud83c",
        "\udf89",
        "\u200d",
        "\u2028",
        "Node.js",
        "\ufdd1",
    ],
    "word " * 30,
    "w" * 300,
]


def split(*chunks: str) -> list[str]:
    splitter = SentenceSplitter()
    return [sentence for chunk in chunks for sentence in splitter.feed(chunk)] + splitter.flush()


def visible(text: str) -> str:
    return "".join(text.split())


def random_text(rng: random.Random, n_fragments: int) -> str:
    return "".join(rng.choice(FRAGMENTS) for _ in range(n_fragments))


@pytest.mark.parametrize(("text", "sentences"), SENTENCES.items(), ids=lambda value: ascii(value)[:40])
def test_sentences(text: str, sentences: list[str]) -> None:
    assert split(text) == sentences


def test_every_two_way_split_gives_the_same_sentences() -> None:
    for text in [*SENTENCES, " ".join(SENTENCES), "\n".join(SENTENCES)]:
        whole = split(text)
        for cut in range(len(text) + 1):
            assert split(text[:cut], text[cut:]) == whole, (text, cut)


def test_any_split_of_any_text_gives_the_same_sentences() -> None:
    rng = random.Random(20_240)
    for _ in range(1_500):
        text = random_text(rng, rng.randint(1, 60))
        whole = split(text)
        assert split(*text) == whole, text
        cuts = sorted(rng.choices(range(len(text) + 1), k=rng.randint(1, 12)))
        assert split(*(text[start:end] for start, end in pairwise([0, *cuts, len(text)]))) == whole, (
            text,
            cuts,
        )


def test_nothing_is_lost_and_no_sentence_is_blank_or_endless() -> None:
    rng = random.Random(7)
    for _ in range(500):
        text = random_text(rng, rng.randint(1, 200))
        sentences = split(text)
        assert visible("".join(sentences)) == visible(text), text
        assert all(sentence and sentence == sentence.strip() for sentence in sentences)
        # One that waited for its successor may go before it.
        assert all(len(sentence) <= 2 * MAX_SENTENCE_CHARS for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("The light is on. N", "The light is on."),
        ("The light is on.N", "The light is on."),
        ('"The light is on." N', '"The light is on."'),
        ("**The light is on.** N", "**The light is on.**"),
        ("The light is on. (N", "The light is on."),
        ("灯开了。现", "灯开了。"),
        ("बत्ती जल गई। अ", "बत्ती जल गई।"),
        ("- The light\n-", "- The light"),
        ("The light\n\ni", "The light"),
    ],
)
def test_a_sentence_comes_out_with_the_character_that_ends_it(text: str, sentence: str) -> None:
    splitter = SentenceSplitter()
    for char in text[:-1]:
        assert splitter.feed(char) == []
    assert splitter.feed(text[-1]) == [sentence]


def test_sentences_without_an_end_are_cut_between_clauses_or_words() -> None:
    clauses = split("and on it goes, " * 400)
    assert len(clauses) > 4
    assert all(sentence.endswith("goes,") for sentence in clauses)
    assert all(MAX_SENTENCE_CHARS // 2 <= len(sentence) <= MAX_SENTENCE_CHARS for sentence in clauses[:-1])
    words = split("and on it goes " * 400)
    assert all(sentence.split()[-1] in {"and", "on", "it", "goes"} for sentence in words)
    assert [len(sentence) for sentence in split("a" * 2_500)] == [1_000, 1_000, 500]


@pytest.mark.timeout(60)  # each takes a fraction of a second; searching anew with every chunk takes hours
@pytest.mark.parametrize(
    "pattern",
    [
        "word ",
        "a",
        ".",
        ". ",
        "!!! ",
        "a. b ",
        "A. ",
        ".A",
        "1. ",
        '"',
        '." ',
        "*",
        "\n",
        " ",
        ".          ",
        "你好。",
    ],
)
def test_long_hostile_texts_take_linear_time(pattern: str) -> None:
    text = pattern * (100_000 // len(pattern))
    assert split(*text) == split(text)


@pytest.mark.timeout(60)
def test_a_book_is_split_at_once() -> None:
    paragraph = '"It rains," said Mr. Smith. The U.S. were 3.5 hours away! Who would go... by boat?\n\n'
    sentences = split(paragraph * 1_200)
    assert len(sentences) == 3 * 1_200
