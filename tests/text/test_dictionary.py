"""The dictionaries in their files give what misaki's give from memory, for words they have and have not."""

from __future__ import annotations

import importlib.resources
import json
import random
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from wyoming_kokoro.text import dictionary
from wyoming_kokoro.text.dictionary import GrownDictionary, Pronunciation, SortedJson, open_dictionary

FILES = ["us_gold.json", "us_silver.json", "gb_gold.json", "gb_silver.json"]

WORDS: dict[str, Pronunciation] = {
    "'n'": "ən",
    "A": "ˈA",
    "Ab": "ˈæb",
    "B-flat": "bˈiflˌæt",
    "McCoy": "məkˈY",
    "abs": {"DEFAULT": "ˈæbz", "NOUN": None},
    "polish": {"DEFAULT": "pˈɑlɪʃ", "ADJ": "pˈOlɪʃ"},
    "zoo": "zˈu",
    "æon": "ˈiən",
}

# What no dictionary has, or only after growing; parts of the files' own writing among it.
ODD_WORDS = [
    *["", "a", "A", "é", "ß", "SS", "ﬁ", "ſo", "ŉ", "ǆ", "İ", "i̇", "\x00", "\ud800", "９", "K"],
    *['"', "\\", "{", "}", "\n", "DEFAULT", '    "DEFAULT', '"DEFAULT', 'Ab": "ˈæb', 'A": "ˈA",\n  "Ab'],
]


def parse(name: str) -> dict[str, Pronunciation]:
    text = importlib.resources.files("misaki.data").joinpath(name).read_text(encoding="utf-8")
    words: dict[str, Pronunciation] = json.loads(text)
    return words


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def words_path(tmp_path: Path) -> Path:
    return write(tmp_path / "words.json", json.dumps(WORDS, ensure_ascii=False, indent=2))


@pytest.mark.parametrize("name", FILES)
def test_has_all_that_misaki_has_and_nothing_else(name: str) -> None:
    from misaki import en

    ours, theirs = open_dictionary(name), en.Lexicon.grow_dictionary(parse(name))
    assert [word for word in theirs if ours.get(word) != theirs[word]] == []
    probes = set(ODD_WORDS)
    for word in random.Random(name).sample([*theirs], 5_000):
        probes |= {word.upper(), word.swapcase(), word.title(), word[:-1], word[1:], f"{word}s", f" {word}"}
        probes |= {f"{word}\n", f'{word}": ', word.replace("s", "ſ"), word.replace("k", "K")}
    assert len(probes - theirs.keys()) > 20_000
    assert [word for word in probes if (word in ours) != (word in theirs)] == []
    assert [word for word in probes if ours.get(word) != theirs.get(word)] == []


@pytest.mark.parametrize("name", FILES)
def test_misakis_files_are_written_as_expected(name: str) -> None:
    with importlib.resources.as_file(importlib.resources.files("misaki.data") / name) as path:
        assert SortedJson(path).find("zebu") == parse(name).get("zebu")


@pytest.mark.parametrize("page_bytes", [1, 40, 1000])
def test_pages_of_any_size(words_path: Path, monkeypatch: pytest.MonkeyPatch, page_bytes: int) -> None:
    monkeypatch.setattr(dictionary, "_PAGE_BYTES", page_bytes)
    words = SortedJson(words_path)
    assert {word: words.find(word) for word in WORDS} == WORDS
    assert [word for word in ODD_WORDS if words.find(word) != WORDS.get(word)] == []
    assert words.find("zzz") is None


def test_is_asked_as_a_dictionary(words_path: Path) -> None:
    words = GrownDictionary(SortedJson(words_path).find)
    assert words["Zoo"] == words["zoo"] == words.get("zoo") == "zˈu"
    assert words["polish"] == words["Polish"] == WORDS["polish"]
    assert "ab" in words
    assert "b-flat" in words
    assert "mccoy" not in words  # `capitalize` would not give "McCoy" back
    assert "ZOO" not in words
    assert "a" not in words
    with pytest.raises(KeyError, match="zebu"):
        words["zebu"]


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(WORDS, ensure_ascii=False),
        json.dumps(WORDS, indent=2),
        json.dumps(WORDS, ensure_ascii=False, indent=4),
        json.dumps({**WORDS, "zebra": "zˈibɹə"}, ensure_ascii=False, indent=2),
        json.dumps({**WORDS, "ø": 'say "o"'}, ensure_ascii=False, indent=2),
        json.dumps({**WORDS, "ø": ["ˈO"]}, ensure_ascii=False, indent=2),
        "{}",
        "[]",
    ],
    ids=["one line", "escapes", "indented", "unsorted", "quotes", "lists", "empty", "no object"],
)
def test_another_way_of_writing_is_noticed(tmp_path: Path, text: str) -> None:
    path = write(tmp_path / "words.json", text)
    if text == "{}":
        assert SortedJson(path).find("zoo") is None
        return
    with pytest.raises(ValueError, match="Not one sorted entry a line"):
        SortedJson(path)
    if text != "[]":
        assert dictionary._find_in(path)("zoo") == "zˈu"


def test_an_empty_file_is_no_dictionary(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="empty"):
        SortedJson(write(tmp_path / "words.json", ""))


def test_threads_share_a_dictionary() -> None:
    theirs, ours = parse("us_gold.json"), open_dictionary("us_gold.json")
    words = random.Random(0).sample([*theirs], 3_000)
    with ThreadPoolExecutor(8) as pool:
        for found in pool.map(lambda _: [ours.get(word) for word in words], range(8)):
            assert found == [theirs[word] for word in words]
