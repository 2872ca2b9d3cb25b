"""What is heard of an utterance is all of its sound; what is decoded by itself is cut in pauses and loses nothing."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate, pairwise

import pytest

from wyoming_kokoro.cutting import ROWS_PER_FRAME, ROWS_PER_S, clauses, heard
from wyoming_kokoro.text.vocab import Vocab

LOW, HIGH = -5.0, 1.0  # energies of nothing and of something
N_TRIALS = 3_000
SHORTEST = round(0.8 * ROWS_PER_S)
SYMBOLS = {symbol: index for index, symbol in enumerate(' .,!?“”"()abc', 1)}


def rows_of(durations: Sequence[int]) -> int:
    return ROWS_PER_FRAME * sum(durations)


def quiet(durations: Sequence[int]) -> list[float]:
    return [LOW] * rows_of(durations)


# What is heard -------------------------------------------------------------------------------------------------


def test_the_silence_around_it_is_left_out_but_for_margins() -> None:
    durations, is_silent = [20, 5, 4, 6, 15, 30], [True, False, False, False, True, True]
    assert heard(durations, is_silent, quiet(durations)) == range(40 - 3, 70 + 1)


@pytest.mark.parametrize(
    ("row", "start"),
    [
        (39, 36),  # just before the first phoneme
        (30, 27),
        (20, 17),  # 250 ms before it, which is as far back as it is looked
        (19, 37),
        (0, 37),
        (40, 37),  # in the phoneme itself, which is heard anyway
        (60, 37),
    ],
)
def test_a_sound_that_rises_before_its_phoneme_is_heard_from_its_beginning(row: int, start: int) -> None:
    durations, is_silent = [20, 15, 10], [True, False, True]
    energy = quiet(durations)
    energy[row] = HIGH
    assert heard(durations, is_silent, energy) == range(start, 71)


def test_the_first_rise_counts() -> None:
    durations = [20, 15, 10]
    energy = quiet(durations)
    energy[25:40] = [HIGH, LOW] * 7 + [HIGH]
    assert heard(durations, [True, False, True], energy).start == 22


def test_there_is_nothing_before_the_beginning_and_after_the_end() -> None:
    assert heard([3], [False], [HIGH] * 6) == range(6)
    assert heard([1, 3, 1], [True, False, True], [HIGH] * 10) == range(9)
    assert heard([1, 3], [True, False], [LOW] * 8) == range(8)


def test_silence_alone_stays_whole() -> None:
    assert heard([10, 4, 12], [True] * 3, [LOW] * 52) == range(52)
    assert heard([10, 4, 12], [True] * 3, [HIGH] * 52) == range(52)
    assert heard([], [], []) == range(0)


def test_silence_inside_stays() -> None:
    durations = [10, 5, 40, 50, 5, 10]
    assert heard(durations, [True, False, True, True, False, True], quiet(durations)) == range(17, 221)


@pytest.mark.parametrize(
    ("phonemes", "first", "last"),
    [
        ("abc", 1, 3),
        ("“abc.”", 2, 4),
        ('("abc")', 3, 5),
        ("... abc?!", 5, 7),
        (" a, b! ", 2, 5),
    ],
)
def test_quotes_and_punctuation_at_either_end_are_silence(phonemes: str, first: int, last: int) -> None:
    vocab = Vocab(SYMBOLS)
    ids = vocab.encode(phonemes)
    durations = [30] * len(ids)
    rows = heard(durations, [each in vocab.silent_ids for each in ids], quiet(durations))
    assert rows == range(60 * first - 3, 60 * (last + 1) + 1)


def test_no_sound_is_ever_cut_into() -> None:
    dice = random.Random(1)
    for _ in range(N_TRIALS):
        n_tokens = dice.randint(1, 12)
        durations = [dice.randint(1, 30) for _ in range(n_tokens)]
        is_silent = [dice.random() < 0.6 for _ in range(n_tokens)]
        energy = [dice.uniform(-4, dice.choice([-2, 3])) for _ in range(rows_of(durations))]
        rows = heard(durations, is_silent, energy)
        assert rows.step == 1
        assert 0 <= rows.start < rows.stop <= len(energy)
        sounds = [index for index, silent in enumerate(is_silent) if not silent]
        if not sounds:
            assert rows == range(len(energy))
            continue
        begins, ends = rows_of(durations[: sounds[0]]), rows_of(durations[: sounds[-1] + 1])
        assert rows.stop == min(ends + 1, len(energy))
        assert max(0, begins - 20 - 3) <= rows.start <= max(0, begins - 3)
        if rows.start > 0:  # what is left out has not risen
            assert all(each <= -2 for each in energy[max(0, begins - 20) : rows.start + 3])


# What is decoded by itself -----------------------------------------------------------------------------------


def cut(durations: Sequence[int], pauses: Sequence[int]) -> list[list[int]]:
    """The clauses as tokens. pauses: the tokens at which a breath can be drawn."""
    return [list(each) for each in clauses(durations, [index in pauses for index in range(len(durations))])]


def test_without_a_pause_it_is_one() -> None:
    assert cut([100] * 9, ()) == [list(range(9))]
    assert cut([100], ()) == [[0]]
    assert cut([1, 1, 1], (1,)) == [[0, 1, 2]]


def test_a_pause_goes_with_what_is_before_it() -> None:
    assert cut([40, 40, 40, 40], (1,)) == [[0, 1], [2, 3]]


def test_the_last_token_is_no_place_to_cut() -> None:
    assert cut([100, 100], (1,)) == [[0, 1]]


@pytest.mark.parametrize(("n_frames", "n_clauses"), [(31, 1), (32, 2)])  # 25 ms each
def test_the_first_is_at_least_800_ms(n_frames: int, n_clauses: int) -> None:
    assert len(cut([n_frames, 100], (0,))) == n_clauses


def test_a_first_that_is_too_short_goes_on_to_the_next_pause() -> None:
    assert cut([20, 20, 20, 100], (0, 1, 2)) == [[0, 1], [2, 3]]


@pytest.mark.parametrize(("n_frames", "n_clauses"), [(31, 1), (32, 2)])
def test_no_tiny_rest_is_left(n_frames: int, n_clauses: int) -> None:
    assert len(cut([100, n_frames], (0,))) == n_clauses


def test_each_is_at_most_four_times_as_long_as_the_one_before() -> None:
    assert cut([40] * 10, range(10)) == [[0], [1, 2, 3, 4], [5, 6, 7, 8, 9]]
    assert [len(each) for each in cut([40] * 60, range(60))] == [1, 4, 16, 39]


def test_a_pause_that_comes_too_late_is_better_than_none() -> None:
    assert cut([40, 500, 500], (0, 1)) == [[0], [1], [2]]


def random_sentence(dice: random.Random) -> tuple[list[int], list[bool]]:
    n_tokens = dice.randint(1, 60)
    longest = dice.choice([3, 10, 50])
    share = dice.choice([0.02, 0.1, 0.5, 1])
    durations = [dice.randint(1, longest) for _ in range(n_tokens)]
    return durations, [dice.random() < share for _ in range(n_tokens)]


def test_nothing_is_lost_or_moved_and_cuts_are_in_pauses() -> None:
    dice = random.Random(2)
    n_parts = 0
    for _ in range(N_TRIALS):
        durations, is_pause = random_sentence(dice)
        parts = clauses(durations, is_pause)
        assert [token for part in parts for token in part] == list(range(len(durations)))
        assert all(part.step == 1 and len(part) for part in parts)
        assert all(is_pause[part[-1]] for part in parts[:-1])
        n_parts += len(parts)
    assert n_parts > 1.3 * N_TRIALS


def test_lengths_are_bounded_wherever_there_are_pauses_for_it() -> None:
    dice = random.Random(3)
    n_long = 0
    for _ in range(N_TRIALS):
        durations, is_pause = random_sentence(dice)
        parts = clauses(durations, is_pause)
        ends = list(accumulate(durations, initial=0))

        def lengths_to_pauses(
            part: range, ends: list[int] = ends, pauses: list[bool] = is_pause
        ) -> list[int]:
            return [
                ROWS_PER_FRAME * (ends[token + 1] - ends[part.start]) for token in part[:-1] if pauses[token]
            ]

        lengths = [rows_of(durations[part.start : part.stop]) for part in parts]
        total = rows_of(durations)
        if len(parts) == 1:
            assert all(each < SHORTEST or total - each < SHORTEST for each in lengths_to_pauses(parts[0]))
            continue
        assert min(lengths) >= SHORTEST
        assert all(each < SHORTEST for each in lengths_to_pauses(parts[0])), "it could have been shorter"
        for (before, after), part in zip(pairwise(lengths), parts[1:], strict=True):
            if after > 4 * before:
                n_long += 1
                possible = [each for each in lengths_to_pauses(part) if SHORTEST <= each <= 4 * before]
                # A cut would leave a tiny rest, or there is none.
                assert not possible or after - possible[-1] < SHORTEST
    assert n_long > 0
