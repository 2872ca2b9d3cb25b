"""From written to spoken form: markup goes, words stay, and no text takes long."""

from __future__ import annotations

import re
import time

import pytest

from wyoming_kokoro.text.normalize import is_speakable, normalize

SPOKEN = {
    # marks that look alike, and characters that nobody sees
    "I can’t, you don‘t, it´s": "I can't, you don't, it's",
    "can`t": "can't",
    "cafe\u0301": "café",
    "co\u00adop, zero\u200bwidth, \u202ebidi\u202c, \ufeffmark, nul\x00": "coop, zerowidth, bidi, mark, nul",
    "key 1\ufe0f\u20e3 and a \ufffd": "key one and a",
    "a party \ud83c\udf89 and half \ud83c one": "a party and half one",
    " white \t space\r\n\u00a0\u2028 folds\u3000": "white space. folds",
    # HTML
    "<b>bold</b>ly <i class='x'>it</i> <br/>goes": "boldly it goes",
    "one<br>two<p>three": "one two three",
    '<speak>Say <break time="1s"/>it</speak><!-- quietly -->': "Say it",
    "H<sub>2</sub>O": "H two O",
    "if a <b and c> d, List<String>, 5 < 6": "if a b and c d, List String, five is less than six",
    "Tom &amp; Jerry&nbsp;&lt;3 &#39;x&#x27;": "Tom and Jerry 'x'",
    "AT&T, this&not that, &unknown;": "AT and T, this and not that, and unknown;",
    # Markdown
    "**Bold**, *it*, _em_, __strong__, ~~gone~~ and `code`": "Bold, it, em, strong, gone and code",
    "## Heading": "Heading",
    "- item": "item",
    "* item": "item",
    "• item": "item",
    "> > quoted": "quoted",
    "above\n---\nbelow": "above. below",
    "1. first": "one. first",
    "[the door](https://example.com/a_b) ![a cat](cat.png)": "the door a cat",
    "un**believ**able": "unbelievable",
    # what only looks like markup
    "2*3*4, 5 * 6, snake_case, ~100, #tag, -5 °C": "two times three times four, five times six, snake case, about one hundred, hashtag tag, minus five degrees Celsius",
    # other scripts
    "यह ठीक है।": "यह ठीक है.",
    "你好，世界。": "你好,世界。",
}

SILENT = [
    "",
    " \n",
    "...",
    "?!",
    "**",
    "🎉",
    "<b></b>",
    "&nbsp;",
    "\u200b",
    "- ",
    "---",
    "—",
    "(…)",
    "_",
    "\ud83c",
    "![](x)",
]
SPEAKABLE = ["A", "ok", "5", "½", "१", "你", "あ", "م", "%", "+", "&amp;", "<b>x</b>", "…yes", "٣"]


@pytest.mark.parametrize(("written", "spoken"), SPOKEN.items(), ids=ascii)
def test_spoken_form(written: str, spoken: str) -> None:
    assert normalize(written, "en-US") == spoken


@pytest.mark.parametrize("written", SPOKEN, ids=ascii)
def test_a_spoken_form_stays_as_it_is(written: str) -> None:
    # Not so where an entity stood for markup: "&amp;lt;" becomes "&lt;" and then "<".
    spoken = normalize(written, "en-US")
    assert normalize(spoken, "en-US") == spoken


@pytest.mark.parametrize(
    ("written", "language", "spoken"),
    [
        ("Say [tomato](/təmˈɑːtQ/), see [docs](/docs/)", "en-GB", "Say [tomato](//təmˈɑːtQ//), see docs"),
        ("Say [tomato](/təˈmeɪtoʊ/)", "en-US", "Say [tomato](//təmˈAtO//)"),  # as a dictionary has it
        ("Dites [tomate](/tɔmat/ɔ/), [docs](/docs/)", "fr-FR", "Dites tomate, docs"),  # one slash too many
        ("Dites [tomate](/tɔmˈat/)", "fr-FR", "Dites [tomate](//tɔmˈat//)"),
        ("[win](//win//) [no](+1) [or](-0.5) [x](+3)", "en-US", "[win](//win//) [no](+1) [or](-0.5) x"),
        ("[no](+1)", "es-ES", "[no](+1)"),
        ("[今](+1)です", "ja-JP", "今です"),  # has no stress
    ],
)
def test_phonemes_and_stress_in_a_link_are_kept(written: str, language: str, spoken: str) -> None:
    assert normalize(written, language) == spoken


@pytest.mark.parametrize(
    ("written", "language", "spoken"),
    [
        ("Mr. NAME and Gen. NAME", "en-US", "Mister NAME and General NAME"),
        ("a 5 km NAME run", "en-US", "a five kilometer NAME run"),
        ("A NAME Inc. speaker", "en-US", "A NAME Incorporated speaker"),
        ("**NAME**, NAME's and (NAME)", "en-US", "NAME, NAME's and (NAME)"),
        ("El Sr. NAME, 5 km", "es-ES", "El señor NAME, cinco kilómetros"),
        ("NAMEとNAME", "ja-JP", "NAMEとNAME"),
    ],
)
def test_a_name_with_phonemes_is_a_word_for_all_rules(written: str, language: str, spoken: str) -> None:
    said = normalize(written.replace("NAME", "[Quimby](/kwˈɪmbi/)"), language)
    assert re.sub(r"\[Quimby\]\(//[^/]+//\)", "NAME", said) == spoken


def test_words_that_stand_in_for_others_do_not_stay() -> None:
    names = [f"[w{number}](/wˈɜɹd/)" for number in range(7_000)]
    said = normalize(" ".join(names), "en-US").split(" ")
    assert said[:6_400] == [f"[w{number}](//wˈɜɹd//)" for number in range(6_400)]
    assert normalize("Zalopbababa and [Ah](/ˈɑ/)", "en-US") == "Zalopbababa and [Ah](//ˈɑ//)"


@pytest.mark.parametrize("text", SILENT, ids=ascii)
def test_nothing_to_say(text: str) -> None:
    assert not is_speakable(text)


@pytest.mark.parametrize("text", SPEAKABLE, ids=ascii)
def test_something_to_say(text: str) -> None:
    assert is_speakable(text)


HOSTILE = [
    *[
        "[",
        "(",
        "](",
        "[a](",
        "![",
        "<",
        "<b ",
        "<b a=",
        "<b a='",
        "<b a=b ",
        "</",
        "<!--",
        "&",
        "&#",
        "&#9",
        "&amp",
    ],
    *[
        "*",
        "_",
        "`",
        "~~",
        "a*",
        "*a",
        "#",
        "> ",
        "- ",
        "-=",
        " ",
        "\n",
        "\n ",
        "\ud83c",
        "e\u0301",
        "\u200b",
        "’",
        "|",
    ],
    *[
        "9",
        "1,",
        "1.",
        "1/",
        "1-",
        "1 ",
        "a.",
        "a/",
        "a_",
        "A ",
        "Aa ",
        "St. ",
        "Dr. ",
        "$1",
        "1:",
        "www.",
        "http://",
        "a@",
    ],
    *[
        "1x",
        "½",
        "1°",
        "5'",
        "IV ",
        "M",
        "1e",
        "x²",
        "+1-",
        ", ",
        "1h ",
        "1d,",
        "ab:",
        "a:",
        "PT1",
        "May 1 ",
        "12:30-",
        "--",
    ],
    *[
        " —",
        "a-",
        "a-1",
        "!?",
        "...",
        ". ",
        "\\",
        "C:\\a",
        "/a",
        "a/b ",
        "😀",
        "~1",
        "1-2 kg ",
        "v1.",
        "e.g.",
        "U.S.",
        "1. ",
    ],
]


@pytest.mark.parametrize("language", ["en-US", "fr-FR"])
@pytest.mark.parametrize("pattern", HOSTILE, ids=ascii)
def test_long_hostile_texts_take_no_time(pattern: str, language: str) -> None:
    """Eight times the text takes eight times as long, with as much again for noise; a square would be 64 times."""

    def once(n_chars: int) -> float:
        repeated = pattern * (n_chars // len(pattern))
        start = time.thread_time()
        for text in (f"a {repeated} b", f"<b {repeated}", f"[{repeated}"):
            normalize(text, language)
            is_speakable(text)
        return time.thread_time() - start

    def seconds(n_chars: int) -> float:
        return min(once(n_chars) for _ in range(3))  # beside a busy neighbour even a thread's own time grows

    once(100)  # what is remembered of numbers
    assert seconds(4_800) < 16 * max(seconds(600), 0.003)


@pytest.mark.parametrize("number", ["83", "8", "80", "88"])
def test_no_number_is_taken_for_a_face(number: str) -> None:
    assert normalize(f"It is {number}.", "en-US") != "It is."
    assert normalize(f"{number} people", "en-US") != "people"


@pytest.mark.parametrize(
    "language", ["en-US", "en-GB", "es-ES", "fr-FR", "hi-IN", "it-IT", "ja-JP", "pt-BR", "zh-CN"]
)
def test_a_raised_figure_in_an_address(language: str) -> None:
    """It is a digit to Python, and no number."""
    assert "²" not in normalize("See https://example.com/m²/a³.", language)
