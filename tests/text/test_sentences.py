"""Sentences from a stream: where they end, and that the cuts between chunks never matter."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from wyoming_kokoro.text.sentences import MAX_SENTENCE_CHARS, SentenceSplitter, split_sentences

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


# What has come of a sentence, cut by "|" where a clause may be taken.
CLAUSES = [
    "When the sun is down, |t",
    "When the sun is down and the moon is up, the shutters close, |the",
    "I looked at all the rooms: |the",
    "The kitchen light is on; |the",
    "The kitchen light is on – |the",
    "The kitchen light is on — |the",
    "The light (that in the kitchen) |is",
    'It said "come in, all of you," |and',
    "It said “come in, all of you,” |and",
    "The dogs' bowls, which aren't full, |are",
    "**The light, here in the kitchen,** |is",
    "It costs 1,000 euros at 10:30 in the morning, |and",
    "Dr. Smith of the U.S. Army came, |and",
    "1. Unplug the thing from its socket, |then",
    "At half past six, in the evening, |M",
    "We have found apples, pears, plums and nuts, |a",
    "The switch is on the left :) |a",
    "Der Wagen »mit, ja, vier Rädern« steht hier, |und",
    "Il a dit « oui, bien sûr » et puis il est parti, |mais",
    "今天的天气非常好，|我",
    "昨日は雨が降りましたが、|今",
    # Not yet: what follows could still belong to it.
    "When the sun is down,",
    "When the sun is down, ",
    "今天的天气非常好，",
    "It costs more than 1,000",
    "It begins this evening at 10:30",
    # Too short, and lists of single words.
    "Yes, t",
    "Yes, of course, t",
    "Yes, Mary, it",
    "Ladies and gentlemen, welcome",
    "We have found apples, pears, p",
    "你好，我",
    "苹果、梨、桃、枣、杏、李、瓜、我",
    # Within quotes, brackets, emphasis and numbers.
    'She said to us all: "come in, if you like, and',
    "She said to us all (in a low voice, in the dark",
    "She told us **the kitchen light, and the other",
    "She told us 'the kitchen light, and the other",
    "Il nous a dit à tous « oui, bien",
    "The kitchen numbers were 1, 2, 3",
    "It is open from Monday 10 – 12",
    "The very first thing is a) t",
    # The sentence may have ended: the next character tells.
    "When the sun is down, the shutters close.",
    "When the sun is down, the shutters close\n",
    "When the sun is down, it is now. 1",
    "When the sun is down, it is now. 1) unplug it, and",
    "",
]


def pieces_said(text: str) -> tuple[SentenceSplitter, list[str]]:
    splitter = SentenceSplitter()
    assert splitter.feed(text) == []
    clause = splitter.take_clause()
    return splitter, [] if clause is None else [clause]


@pytest.mark.parametrize("marked", CLAUSES, ids=lambda value: ascii(value)[:40])
def test_a_clause_is_taken_where_a_cut_reads_well(marked: str) -> None:
    clause, cut, rest = marked.rpartition("|")
    splitter, said = pieces_said(clause + rest)
    assert said == ([clause.strip()] if cut else [])
    assert splitter.take_clause() is None
    assert visible("".join(said + splitter.flush())) == visible(clause + rest)


def test_the_rest_of_a_sentence_comes_out_with_its_end() -> None:
    splitter, said = pieces_said("When the sun is down, the shutters")
    assert said == ["When the sun is down,"]
    assert splitter.feed(" close. Then") == ["the shutters close."]
    assert splitter.take_clause() is None
    assert splitter.flush() == ["Then"]


def test_a_number_at_the_end_of_a_begun_sentence_is_no_list_item() -> None:
    splitter, said = pieces_said("The number of that door must be, 3")
    assert said == ["The number of that door must be,"]
    assert splitter.feed(". The door") == ["3."]


def test_clauses_taken_at_any_time_change_nothing_but_where_speech_begins() -> None:
    rng = random.Random(4)
    fragments = [
        *FRAGMENTS[:-2],
        *', ;: — –、，()"“”' * 2,
        *[", ", ": ", "some more of it", "今天的天气非常好"] * 12,
    ]
    n_clauses = 0
    for _ in range(2_000):
        text = "".join(rng.choice(fragments) for _ in range(rng.randint(1, 60)))[: MAX_SENTENCE_CHARS - 1]
        splitter = SentenceSplitter()
        sentences, begun = [], ""
        cuts = sorted(rng.choices(range(len(text) + 1), k=rng.randint(0, 40)))
        for start, end in pairwise([0, *cuts, len(text)]):
            for sentence in splitter.feed(text[start:end]):
                sentences.append(begun + sentence)
                begun = ""
            if rng.random() < 0.7 and (clause := splitter.take_clause()) is not None:
                assert clause == clause.strip()
                begun += clause
                n_clauses += 1
        for sentence in splitter.flush():
            sentences.append(begun + sentence)
            begun = ""
        assert not begun, text  # a clause is never the last of its sentence
        assert [visible(each) for each in sentences] == [visible(each) for each in split(text)], text
    assert n_clauses > 500


@pytest.mark.timeout(60)  # see below
@pytest.mark.parametrize(
    "pattern", ["a, ", "(", "(a), ", "((a ", ". 1", "，", ", " * 10, '"a', "*a ", "a" * 999 + ", "]
)
def test_clauses_of_hostile_texts_are_found_at_once(pattern: str) -> None:
    splitter = SentenceSplitter()
    splitter.feed((pattern * MAX_SENTENCE_CHARS)[: MAX_SENTENCE_CHARS - 1])
    for _ in range(100):
        splitter.take_clause()


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


def test_a_mark_that_is_cut_over_chunks_stays_a_mark() -> None:
    mark = "[Dr. Nguyen](/wˈɪn, dˈɑktəɹ/)"
    text = f"Please tell my good friend {mark}, who is late, that [no](+1) light is on. Then ask {mark}. Bye."
    whole = split_sentences(text)
    assert "".join(whole).count(mark) == 2
    for cut in range(len(text)):
        splitter = SentenceSplitter()
        said = splitter.feed(text[:cut])
        clause = splitter.take_clause()
        said += [clause] if clause else []
        said += splitter.feed(text[cut:]) + splitter.flush()
        assert "".join(said).count(mark) == 2, (cut, said)
        assert "".join(said).count("[no](+1)") == 1
