"""Names of blends: every way of writing one, every way of getting it wrong, and bounds on what strangers send."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wyoming_kokoro.errors import BlendError
from wyoming_kokoro.store.blends import MAX_CHARS, MAX_PARTS, Side, is_blend, parse_blend


def weights(side: Side) -> dict[str, float]:
    return {part.voice: part.weight for part in side}


@pytest.mark.parametrize(
    ("text", "timbre", "manner", "speed"),
    [
        ("af_bella(2)+af_sky(1)", {"af_bella": 2, "af_sky": 1}, None, 1),
        ("af_bella:60,af_sky:40", {"af_bella": 60, "af_sky": 40}, None, 1),
        ("af_bella+af_sky", {"af_bella": 1, "af_sky": 1}, None, 1),
        ("af_bella, af_sky", {"af_bella": 1, "af_sky": 1}, None, 1),
        (" af_bella ( 2 ) + af_sky : 0.5 ", {"af_bella": 2, "af_sky": 0.5}, None, 1),
        ("af_bella(2)-af_sky(0.5)", {"af_bella": 2, "af_sky": -0.5}, None, 1),
        ("af_bella(2)+af_sky(-0.5)", {"af_bella": 2, "af_sky": -0.5}, None, 1),
        ("af_bella:2,af_sky:-.5", {"af_bella": 2, "af_sky": -0.5}, None, 1),
        ("af_bella:2-af_sky", {"af_bella": 2, "af_sky": -1}, None, 1),
        ("af_bella(2)-af_sky(-1)", {"af_bella": 2, "af_sky": 1}, None, 1),
        ("my-voice.v2:60,other-1:40", {"my-voice.v2": 60, "other-1": 40}, None, 1),
        ("af_heart|bm_george", {"af_heart": 1}, {"bm_george": 1}, 1),
        ("af_heart(3)+af_sky|bm_george:1,bm_lewis:2", {"af_heart": 3, "af_sky": 1}, {"bm_george": 1, "bm_lewis": 2}, 1),
        ("af_heart@1.2", {"af_heart": 1}, None, 1.2),
        ("af_heart|bm_george@0.5", {"af_heart": 1}, {"bm_george": 1}, 0.5),
        ("af_bella(2)+af_sky@2", {"af_bella": 2, "af_sky": 1}, None, 2),
        ("af_heart", {"af_heart": 1}, None, 1),
    ],
)  # fmt: skip
def test_what_a_blend_says(
    text: str, timbre: dict[str, float], manner: dict[str, float] | None, speed: float
) -> None:
    blend = parse_blend(text)
    assert weights(blend.timbre) == timbre
    assert weights(blend.manner) == (timbre if manner is None else manner)
    assert blend.speed == speed


def test_parts_know_their_places() -> None:
    blend = parse_blend("af_heart(2) + af_sky|bm_george")
    assert [(part.voice, part.position) for part in blend.parts] == [
        ("af_heart", 1),
        ("af_sky", 15),
        ("bm_george", 22),
    ]


@pytest.mark.parametrize(
    ("text", "only"), [("a", "a"), ("a@1.2", "a"), ("a(3)|a", "a"), ("a+b", None), ("a|b", None)]
)
def test_a_blend_of_one_voice_is_that_voice(text: str, only: str | None) -> None:
    assert parse_blend(text).only_voice == only


@pytest.mark.parametrize(
    ("text", "position", "reason"),
    [
        ("", 1, "a voice's name is missing"),
        ("af_bella+", 10, "a voice's name is missing"),
        ("+af_bella", 1, "a voice's name is missing"),
        ("af_bella++af_sky", 10, "a voice's name is missing"),
        ("|af_sky", 1, "a voice's name is missing"),
        ("af_bella|", 10, "a voice's name is missing"),
        ("af_bella(2", 11, "the parenthesis is not closed"),
        ("af_bella(2+af_sky", 11, "the parenthesis is not closed"),
        ("af_bella()", 10, "a weight is a number up to 1000"),
        ("af_bella(two)", 10, "a weight is a number up to 1000"),
        ("af_bella(nan)", 10, "a weight is a number up to 1000"),
        ("af_bella(1e9)", 11, "the parenthesis is not closed"),
        ("af_bella:1001", 10, "a weight is a number up to 1000"),
        ("af_bella:٣", 10, "a weight is a number up to 1000"),
        ("af_bella:", 10, "a weight is a number up to 1000"),
        ("af_bella)", 9, "')' is not expected"),
        ("af_bella af_sky", 10, "'a' is not expected"),
        ("a|b|c", 4, "'|' is not expected"),
        ("af_heart@", 10, "a speed is a number from 0.5 to 2"),
        ("af_heart@3", 10, "a speed is a number from 0.5 to 2"),
        ("af_heart@0.4", 10, "a speed is a number from 0.5 to 2"),
        ("af_heart@-1", 10, "a speed is a number from 0.5 to 2"),
        ("af_heart@1.2+af_sky", 13, "'+' is not expected"),
        ("af_heart@1.2@1.2", 13, "'@' is not expected"),
        ("a(1)-b(1)", 1, "the weights add up to 0, too near zero to be shared out"),
        ("a(1)-b(0.99)", 1, "the weights add up to 0.01, too near zero"),
        ("a(0)", 1, "the weights add up to 0, too near zero"),
        ("a|b(1)+c(-1)", 3, "the weights add up to 0, too near zero"),
        ("+".join("a" * (MAX_PARTS + 1)), 2 * MAX_PARTS + 1, "more than 8 voices"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_with_its_place(text: str, position: int, reason: str) -> None:
    with pytest.raises(BlendError) as caught:
        parse_blend(text)
    assert caught.value.position == position
    assert f"at character {position}: " in str(caught.value)
    assert reason in str(caught.value)
    assert "af_bella(2)+af_sky(1)" in str(caught.value)


def test_what_is_too_long_is_not_even_read() -> None:
    with pytest.raises(BlendError, match=r"it has 100001 characters; a blend has at most 200") as caught:
        parse_blend("a+" * 50_000 + "a")
    assert len(str(caught.value)) < MAX_CHARS + 300


@given(st.text(alphabet=[*string.ascii_lowercase[:3], *"_0129.+-,:()|@ \n"], max_size=40))
def test_whatever_comes_is_read_or_refused(text: str) -> None:
    try:
        blend = parse_blend(text)
    except BlendError:
        return
    for side in (blend.timbre, blend.manner):
        assert 1 <= len(side) <= MAX_PARTS
        assert abs(sum(part.weight for part in side)) > 0
    for part in blend.parts:
        assert text[part.position - 1 :].startswith(part.voice)


@pytest.mark.parametrize("name", ["af_heart", "my-voice.v2", "AF_HEART", "../a", "a b", ""])
def test_plain_names_are_no_blends(name: str) -> None:
    assert not is_blend(name)
