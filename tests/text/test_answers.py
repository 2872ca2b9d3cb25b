"""Answers as assistants write them, as a stream gives them: `spoken/answers/*.md`, and what is to be heard in `*.txt`.

A line of the latter is a sentence, for those who read it; where the stream cuts is for `test_sentences`.
"""

from __future__ import annotations

import random
from itertools import pairwise
from pathlib import Path

import pytest

from wyoming_kokoro.text.normalize import is_speakable, normalize
from wyoming_kokoro.text.sentences import SentenceSplitter

ANSWERS = sorted((Path(__file__).parent / "spoken" / "answers").glob("*.md"))


def spoken(*chunks: str) -> list[str]:
    """What is said of a text that comes in these chunks."""
    splitter = SentenceSplitter()
    sentences = [sentence for chunk in chunks for sentence in splitter.feed(chunk)] + splitter.flush()
    said = [normalize(sentence, "en-US") for sentence in sentences]
    return [sentence for sentence in said if is_speakable(sentence)]


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_is_said_as_a_person_would(path: Path) -> None:
    expected = path.with_suffix(".txt").read_text(encoding="utf-8").split()
    assert " ".join(spoken(path.read_text(encoding="utf-8"))).split() == expected


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_it_does_not_depend_on_the_cuts(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    whole = spoken(text)
    assert spoken(*text) == whole
    rng = random.Random(len(text))
    for _ in range(20):
        cuts = sorted(rng.choices(range(len(text) + 1), k=rng.randint(1, 30)))
        assert spoken(*(text[start:end] for start, end in pairwise([0, *cuts, len(text)]))) == whole, cuts


def test_a_mark_that_is_cut_in_two_is_still_a_mark() -> None:
    text = (
        "Say **it *is* done**, `x_y` and [here](https://example.com/a_b), ~~not~~ &amp; **now. And** then.\n"
    )
    whole = ["Say it is done, X Y and here, not and now.", "And then."]
    for cut in range(len(text) + 1):
        assert spoken(text[:cut], text[cut:]) == whole, cut


def test_there_are_enough() -> None:
    assert len(ANSWERS) >= 10
