"""What a lexicon may hold, where its words are found in a text, and what becomes of a file that changes."""

from __future__ import annotations

import logging
import os
from pathlib import Path

import pytest

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.text.lexicon import LexiconError, LexiconFile, parse

SYMBOLS = frozenset(" AIOQWYbdfhijklmnpstuvwzæðŋɑɔəɛɜɡɪɹɾʃʊʌʒʤʧˈˌːθᵊᵻ")
WORDS = """\ufeff# names
Nguyen = win
Siobhan = /ʃɪˈvɔːn/   # in IPA
Chad = /tʃæd/
polish = shine
C++ = see plus plus
Home Assistant = the house
Home = residence
it = that
[fr] garage = parking
[en-GB] garage = /ˈɡæɹɪdʒ/
東京 = トウキョウ
O'Neil = oh neel
"""


@pytest.mark.parametrize(
    ("text", "language", "said"),
    [
        ("Nguyen and Nguyen's dog.", "en-US", "win and win's dog."),
        ("Two Nguyens, the Nguyens' dog", "en-US", "Two wins, the wins' dog"),
        ("nguyen, NGUYEN, Nguyenish", "en-US", "nguyen, NGUYEN, Nguyenish"),  # only as it is written
        ("Polish POLISH polishes", "en-US", "shine shine shinees"),
        ("**Nguyen**, (Nguyen) “Nguyen”", "en-US", "**win**, (win) “win”"),
        (
            "nguyen.com x@Nguyen sensor.Nguyen /home/Nguyen",
            "en-US",
            "nguyen.com x@Nguyen sensor.Nguyen /home/Nguyen",
        ),
        ("[Nguyen](https://Nguyen) [Nguyen](/ŋwɪn/)", "en-US", "[win](https://Nguyen) [Nguyen](/ŋwɪn/)"),
        ("Siobhan’s", "en-US", "[Siobhan’s](//ʃɪvˈɔnz//)"),
        ("Siobhan", "en-GB", "[Siobhan](//ʃɪvˈɔːn//)"),
        (
            "Chad and Chads",
            "en-GB",
            "[Chad](//ʧˈæd//) and [Chads](//ʧˈædz//)",
        ),  # a stress where none was given
        ("Home  Assistant at Home", "en-US", "the house at residence"),
        ("its it", "en-US", "its that"),
        ("C++.", "en-US", "see plus plus."),
        ("Le garage", "fr-FR", "Le parking"),
        ("The garages", "en-GB", "The [garages](//ɡˈæɹɪʤɪz//)"),
        ("The garage", "en-US", "The garage"),
        ("東京は", "ja-JP", "トウキョウは"),
        ("O’Neil", "en-US", "oh neel"),
        ("nothing here", "en-US", "nothing here"),
    ],
)
def test_words_are_said_as_the_lexicon_has_them(text: str, language: str, said: str) -> None:
    assert parse(WORDS.removeprefix("\ufeff"), SYMBOLS).apply(text, language) == said


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Nguyen", "line 2: 'Nguyen' is no entry"),
        ("Nguyen =", "nothing behind its ="),
        ("= win", "'' will not do as a word"),
        ("+a = win", "'+a' will not do as a word"),
        ("a[b] = win", "'a[b]' will not do as a word"),
        ("[german] Haus = house", "'german' is no language"),
        ("Nguyen = /wɪn", "'/wɪn' is no IPA between two slashes"),
        ("Nguyen = //", "is no IPA"),
        ("Nguyen = /wɪn♥ŋ/", "no sound for ♥ (BLACK HEART SUIT)"),
        ("first = again", "'first' is in line 1 already"),
        (f"{'a' * 201} = b", "the word has 201 characters; 200 are the most"),
    ],
)
def test_what_is_wrong_is_told_with_its_line(line: str, reason: str) -> None:
    with pytest.raises(LexiconError) as raised:
        parse(f"first = one\n{line}\n", SYMBOLS)
    assert raised.value.line == 2
    assert reason in str(raised.value)


def test_a_long_lexicon_and_a_long_text_take_no_time() -> None:
    lexicon = parse("\n".join(f"Word{n} other{n} = said" for n in range(10_000)))
    for text in ("Word1 " * 20_000, "a" * 100_000, "[" * 50_000, "['" * 50_000, "Word1 other1 " * 10_000):
        lexicon.apply(text, "en-US")


def write(path: Path, content: str | bytes, *, mtime_ns: int) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    os.utime(path, ns=(mtime_ns, mtime_ns))


def test_a_file_is_read_anew_when_it_changes(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "names.txt"
    write(path, WORDS, mtime_ns=1)
    lexicon = LexiconFile(path)
    lexicon.check(SYMBOLS)
    first = lexicon.current()
    assert first.apply("Nguyen", "en-US") == "win"
    assert lexicon.current() is first
    write(path, "Nguyen = noo yen", mtime_ns=2)
    assert lexicon.current().apply("Nguyen", "en-US") == "noo yen"
    with caplog.at_level(logging.WARNING):
        write(path, "Nguyen = win\nSiobhan = /ʃ♥/", mtime_ns=3)
        for _ in range(3):  # the last good one, and one line in the log
            assert lexicon.current().apply("Nguyen", "en-US") == "noo yen"
        path.unlink()
        for _ in range(3):
            assert lexicon.current().apply("Nguyen", "en-US") == "noo yen"
    assert [("line 2" in text, "No such file" in text) for text in caplog.messages] == [
        (True, False),
        (False, True),
    ]
    write(path, "", mtime_ns=4)
    assert lexicon.current().apply("Nguyen", "en-US") == "Nguyen"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a = b\nc\n", "line 2: 'c' is no entry"),
        (b"a = b\n\xff = c", "line 2: it is not in UTF-8"),
        (None, "No such file"),
    ],
)
def test_a_wrong_file_is_refused_at_the_start(
    tmp_path: Path, content: str | bytes | None, reason: str
) -> None:
    path = tmp_path / "names.txt"
    if content is not None:
        write(path, content, mtime_ns=1)
    with pytest.raises(SettingsError, match=r"--lexicon .*names\.txt: ") as raised:
        LexiconFile(path)
    assert reason in str(raised.value)


def test_symbols_that_the_voices_lack_are_refused_when_these_are_known(tmp_path: Path) -> None:
    path = tmp_path / "names.txt"
    write(path, "a = /ʕ/", mtime_ns=1)
    lexicon = LexiconFile(path)
    with pytest.raises(SettingsError, match=r"line 1: the voices have no sound for ʕ \(LATIN LETTER"):
        lexicon.check(SYMBOLS)
