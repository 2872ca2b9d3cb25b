"""Blocks of code in a stream: one bare fence each, however the stream is cut, and nothing else is touched."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from wyoming_kokoro.text.fences import BARE_FENCE, FenceFilter
from wyoming_kokoro.text.normalize import normalize
from wyoming_kokoro.text.sentences import split_sentences

FILTERED = {
    "Run this:\n```python\nprint(1)\n```\nDone.": f"Run this:\n{BARE_FENCE}Done.",
    "~~~\na\n```\nb\n~~~\nDone.": f"{BARE_FENCE}Done.",
    "````\n```\nx\n```\n````\nDone.": f"{BARE_FENCE}Done.",
    "  ```yaml title='a'\n  - x: 1\n  ```\nDone.": f"{BARE_FENCE}Done.",
    "```\nnever closed\nat all": BARE_FENCE,
    "```": BARE_FENCE,
    "```\r\na\r\n```\r\nDone.": f"{BARE_FENCE}Done.",
    # no fences
    "Use ```x``` or `y`.": "Use ```x``` or `y`.",
    "```x``` is code.": "```x``` is code.",
    "``a``\n~~gone~~\n~ 5": "``a``\n~~gone~~\n~ 5",
    "": "",
    "``": "``",
    "`" * 3 + "a" * 200: "`" * 3 + "a" * 200,
}


def filtered(*chunks: str) -> str:
    fences = FenceFilter()
    return "".join(map(fences.feed, chunks)) + fences.flush()


@pytest.mark.parametrize(("text", "passed"), FILTERED.items(), ids=lambda value: ascii(value)[:40])
def test_code_is_taken_out(text: str, passed: str) -> None:
    if len(text) < 200:
        assert filtered(text) == passed
    for cut in range(len(text) + 1):
        whole = filtered(text)
        assert filtered(text[:cut], text[cut:]) == whole, cut
    assert filtered(*text) == filtered(text)


def test_any_split_gives_the_same() -> None:
    rng = random.Random(5)
    pieces = ["```", "``", "`", "~~~", "\n", "\n", "\r\n", "\r", "  ", "py", "word", "x" * 60]
    for _ in range(2_000):
        text = "".join(rng.choice(pieces) for _ in range(rng.randint(1, 30)))
        cuts = sorted(rng.choices(range(len(text) + 1), k=rng.randint(0, 8)))
        assert filtered(*(text[start:end] for start, end in pairwise([0, *cuts, len(text)]))) == filtered(
            text
        ), text


def test_a_block_is_announced_once_and_not_read() -> None:
    text = "Run this:\n\n```python\nimport os. Then\n\nprint('Hello. World!')\n```\n\nThat is all."
    spoken = [normalize(sentence, "en-US") for sentence in split_sentences(text)]
    assert spoken == ["Run this:", "Code block.", "That is all."]


def test_a_letter_passes_at_once() -> None:
    fences = FenceFilter()
    assert fences.feed("a") == "a"
    assert fences.feed("`") == "`"
    assert fences.feed("\n") == "\n"
    assert fences.feed("`") == ""
    assert fences.feed("x") == "`x"
