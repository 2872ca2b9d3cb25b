"""Whose turn it is: who runs dry first, with what takes long begun in time and at nobody's cost."""

from __future__ import annotations

import pytest

from wyoming_kokoro.server.turns import PATIENCE_S, BeginningTime, Turn, choose

BEGINS = 100
"""Characters, at 3 ms each: 0.3 s."""


def after(n_characters: int) -> float:
    return 0.003 * n_characters


@pytest.mark.parametrize(
    ("turns", "index"),
    [
        pytest.param([Turn(0.5), Turn(0.2), Turn(0.2)], 1, id="who runs dry first, the first in line"),
        pytest.param([Turn(0.0), Turn(3.0, is_instant=True)], 1, id="what takes no time"),
        pytest.param([Turn(2.0), Turn(0.0, BEGINS)], 1, id="who waits for a first sound"),
        pytest.param([Turn(0.6), Turn(0.8, BEGINS)], 1, id="a beginning before it is due"),
        pytest.param([Turn(0.2), Turn(0.0, BEGINS)], 0, id="who would be dry before that has begun"),
        pytest.param([Turn(0.2), Turn(0.1), Turn(0.0, BEGINS)], 1, id="the one that is sooner"),
        pytest.param([Turn(0.2), Turn(0.0, BEGINS, PATIENCE_S)], 1, id="but for no longer than this"),
        pytest.param([Turn(0.1, BEGINS), Turn(0.0, BEGINS)], 1, id="two beginnings"),
    ],
)
def test_the_turn_is_that_of(turns: list[Turn], index: int) -> None:
    assert choose(turns, after) == index


def test_how_long_beginnings_take_is_learnt() -> None:
    time = BeginningTime()
    assert time.expect(100) == 0.0
    time.learn(70, 0.2)
    assert time.expect(70) == pytest.approx(0.2)
    assert time.expect(170) == pytest.approx(0.4)
    time.learn(70, 0.3)
    assert 0.2 < time.expect(70) < 0.3


def test_what_came_from_a_cache_is_not_learnt_from() -> None:
    time = BeginningTime()
    time.learn(70, 0.2)
    time.learn(70, 0.001)
    assert time.expect(70) == pytest.approx(0.2)


def test_two_who_come_at_once_are_both_heard_without_a_gap() -> None:
    # By pieces of 70 ms that play for 0.4 s, as on two cores of 2021; the first of an utterance plays for half of that.
    now_s, n_pieces = 0.0, [0, 0]
    plays_until_s: list[float | None] = [None, None]
    gaps_s = [0.0, 0.0]
    first_sound_s = [0.0, 0.0]
    while min(n_pieces) < 12:
        turns = [
            Turn(
                left_s=max(0.0, (until_s or 0.0) - now_s),
                n_characters=0 if n else BEGINS,
                waited_s=0.0 if n else now_s,
            )
            for until_s, n in zip(plays_until_s, n_pieces, strict=True)
        ]
        chosen = choose(turns, after)
        now_s += 0.07 if n_pieces[chosen] else 0.3
        until_s = plays_until_s[chosen]
        if until_s is None:
            first_sound_s[chosen] = now_s
        else:
            gaps_s[chosen] = max(gaps_s[chosen], now_s - until_s)
        plays_until_s[chosen] = max(until_s or 0.0, now_s) + (0.4 if n_pieces[chosen] else 0.2)
        n_pieces[chosen] += 1
    assert gaps_s == [0.0, 0.0]
    assert max(first_sound_s) < 1.0
