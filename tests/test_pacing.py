"""Pieces are as large as there is time for: no listener waits for a large one, and none is left without sound."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from wyoming_kokoro.pacing import SIZES, Pace, Speed

ROW_S = 1 / 80
RESERVE = 0.4
SMALL, MIDDLE, LARGE, LARGEST = SIZES
LAG = 17  # rows: what the real model is fed before the first that is heard


class Clock:
    """Goes on when told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def playing(for_s: float, s_per_row: float, clock: Clock | None = None) -> Pace:
    """In the middle of an utterance: so much has been made and not been played, on a machine of that speed."""
    pace = Pace(Speed(s_per_row), ROW_S, clock or Clock())
    n_rows = 100
    pace.made(n_rows, n_rows * s_per_row, n_heard=round(for_s / ROW_S))
    return pace


# One size ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("s_per_row", [1e-6, 0.002, 1.0])
@pytest.mark.parametrize("n_left", [1, SMALL, SMALL + 1, 1000])
def test_the_first_piece_is_small(n_left: int, s_per_row: float) -> None:
    assert Pace(Speed(s_per_row), ROW_S, Clock()).next_size(n_left) == SMALL


def test_pieces_stay_small_until_something_is_heard() -> None:
    pace = Pace(Speed(1e-6), ROW_S, Clock())
    for _ in range(3):
        pace.made(SMALL, SMALL * 1e-6, n_heard=0)
        assert pace.next_size(1000) == SMALL
    pace.made(SMALL, SMALL * 1e-6, n_heard=1)
    assert pace.next_size(1000) == LARGEST


@pytest.mark.parametrize("size", SIZES[1:])
def test_the_more_still_plays_the_larger(size: int) -> None:
    enough_s = size * 0.002 / (1 - RESERVE)
    for for_s, expected in ((enough_s - 0.001, SIZES[SIZES.index(size) - 1]), (enough_s + 0.001, size)):
        clock = Clock()
        pace = playing(10, 0.002, clock)
        clock.now_s += 10 - for_s
        assert pace.next_size(1000) == expected


@pytest.mark.parametrize("for_s", [-3.0, 0.0, 0.1])
def test_where_hardly_anything_plays_it_is_the_smallest(for_s: float) -> None:
    clock = Clock()
    pace = playing(10, 0.002, clock)
    clock.now_s += 10 - for_s
    assert pace.next_size(1000) == SMALL


def test_what_has_been_made_adds_up() -> None:
    pace = Pace(Speed(0.002), ROW_S, Clock())
    n_rows = -(-LARGEST * 0.002 / (1 - RESERVE) // ROW_S)  # of sound, in whose time the largest is made
    for expected in (LARGE, LARGEST):
        pace.made(100, 0.2, n_heard=round(0.5 * n_rows) + 9)
        assert pace.next_size(1000) == expected


def test_what_has_been_played_to_the_end_leaves_no_time() -> None:
    clock = Clock()
    pace = playing(1.0, 0.001, clock)
    assert pace.next_size(1000) == LARGEST
    clock.now_s += 30
    assert pace.next_size(1000) == SMALL


@pytest.mark.parametrize(
    ("n_left", "size"),
    [
        (1, SMALL),
        *((size, size) for size in SIZES),
        *((less + 1, size) for less, size in pairwise(SIZES)),
        (LARGEST + 1, LARGEST),
    ],
)
def test_the_last_piece_is_the_smallest_that_suffices(n_left: int, size: int) -> None:
    assert playing(60.0, 0.002).next_size(n_left) == size


def test_no_piece_takes_longer_than_what_plays_unless_it_is_the_smallest() -> None:
    dice = random.Random(1)
    seen = set()
    for _ in range(5_000):
        for_s, s_per_row, n_left = dice.uniform(0, 3), 10 ** dice.uniform(-4, -2), dice.randint(1, 500)
        size = playing(for_s, s_per_row).next_size(n_left)
        seen.add(size)
        assert size in SIZES
        assert size == SIZES[0] or size * s_per_row <= (for_s + ROW_S) * (1 - RESERVE)
        assert size == SIZES[0] or n_left > SIZES[SIZES.index(size) - 1], "a smaller one would do"
    assert seen == set(SIZES)


def test_the_slower_the_machine_the_smaller_the_piece() -> None:
    sizes = [playing(0.8, s_per_row).next_size(1000) for s_per_row in (0.001, 0.003, 0.005, 0.02)]
    assert sizes == [LARGEST, LARGE, MIDDLE, SMALL]


# The speed -----------------------------------------------------------------------------------------------------


def test_the_speed_is_learnt_in_a_few_pieces_but_not_from_one() -> None:
    speed = Speed(0.002)
    speed.learn(64, 64 * 0.01)
    assert 0.003 < speed.s_per_row < 0.006
    for _ in range(10):
        speed.learn(64, 64 * 0.01)
    assert speed.s_per_row == pytest.approx(0.01, rel=0.03)


def test_utterances_share_what_was_learnt() -> None:
    speed, clock = Speed(0.0001), Clock()
    first, second = (Pace(speed, ROW_S, clock) for _ in range(2))
    second.made(SMALL, SMALL * 0.0001, n_heard=60)
    assert second.next_size(1000) == LARGEST
    for _ in range(10):
        first.made(SMALL, SMALL * 0.02, n_heard=SMALL)
    assert second.next_size(1000) == SMALL


# The whole -----------------------------------------------------------------------------------------------------


def spoken(row_took_s: float, n_heard: int, speed: Speed, n_lag: int) -> tuple[list[int], float]:
    """The pieces of an utterance, and for how long its player had nothing to play once it had begun."""
    clock = Clock()
    pace = Pace(speed, ROW_S, clock)
    n_left, n_fed, n_played = n_heard + n_lag, 0, 0
    plays_until_s: float | None = None
    starved_s = 0.0
    sizes: list[int] = []
    while n_played < n_heard:
        size = pace.next_size(n_left)
        clock.now_s += size * row_took_s
        n_fed, n_left = n_fed + size, n_left - size
        n_new = max(0, min(n_fed - n_lag, n_heard) - n_played)
        pace.made(size, size * row_took_s, n_new)
        if n_new:
            if plays_until_s is not None:
                starved_s += max(0.0, clock.now_s - plays_until_s)
            plays_until_s = max(clock.now_s, plays_until_s or 0.0) + n_new * ROW_S
        n_played += n_new
        sizes.append(size)
    assert sum(sizes[:-1]) < n_heard + n_lag, "made for nothing"
    return sizes, starved_s


@pytest.mark.parametrize("n_lag", [0, 8, LAG])
def test_no_player_starves_where_rows_take_up_to_a_third_of_what_they_sound(n_lag: int) -> None:
    dice = random.Random(n_lag)
    for trial in range(500):
        row_took_s = ROW_S / 3 if trial % 5 == 0 else ROW_S * dice.uniform(0.001, 1 / 3)
        speed = Speed()  # that of a machine not yet known
        for _ in range(3):
            sizes, starved_s = spoken(row_took_s, dice.randint(1, 2000), speed, n_lag)
            assert starved_s == 0, (row_took_s, sizes)
            assert sizes[0] == SMALL
            assert set(sizes) <= set(SIZES)


def test_a_machine_slower_than_its_speech_starves_the_player() -> None:
    """So the test above can fail."""
    assert spoken(1.2 * ROW_S, 1000, Speed(), LAG)[1] > 1


def test_a_quick_machine_soon_makes_large_pieces() -> None:
    sizes, _ = spoken(ROW_S / 20, 1000, Speed(ROW_S / 20), LAG)
    assert sizes[0] == SMALL
    assert sizes[2] == LARGEST
