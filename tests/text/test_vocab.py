"""Token ids, and splitting what is longer than the model's context."""

from __future__ import annotations

import logging
import random

import pytest

from wyoming_kokoro.text.vocab import BOUNDARY_ID, MAX_PHONEMES, Vocab, ended, split_phonemes

SYMBOLS = {" ": 16, "a": 43, "b": 44, "ˈ": 156, ".": 4}


def squeezed(text: str) -> str:
    return "".join(text.split())


def test_ids_have_the_boundary_at_both_ends() -> None:
    assert Vocab(SYMBOLS).encode("ˈab a.") == [0, 156, 43, 44, 16, 43, 4, 0]
    assert Vocab(SYMBOLS).encode("") == [0, 0]


def test_unknown_symbols_are_left_out_and_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    vocab = Vocab(SYMBOLS)
    with caplog.at_level(logging.WARNING):
        assert vocab.encode("a¿b❓a¿") == [0, 43, 44, 43, 0]
        vocab.encode("¿❓¿")
    assert [record.getMessage().split(";")[0] for record in caplog.records] == [
        "The model has no sound for '¿' (INVERTED QUESTION MARK)",
        "The model has no sound for '❓' (BLACK QUESTION MARK ORNAMENT)",
    ]


@pytest.mark.parametrize(
    ("phonemes", "expected"),
    [
        ("ˈA", "ˈA."),
        ("jˈɛs", "jˈɛs."),
        ("jˈɛs?", "jˈɛs?"),
        ("(ˈA)", "(ˈA)"),
        ("", ""),
        ("ɡˈʊd mˈɔɹnɪŋ", "ɡˈʊd mˈɔɹnɪŋ"),
    ],
)
def test_a_few_sounds_end_with_a_stop(phonemes: str, expected: str) -> None:
    assert ended(phonemes) == expected


def test_the_limit_counts_unknown_symbols_too() -> None:
    vocab = Vocab(SYMBOLS, max_phonemes=4)
    assert vocab.encode("a¿b.") == [0, 43, 44, 4, 0]
    with pytest.raises(ValueError, match="5 phonemes are more than the model's 4"):
        vocab.encode("a¿b¿.")
    assert len(Vocab(SYMBOLS).encode("a" * MAX_PHONEMES)) == 512


def test_pauses_and_silent_symbols() -> None:
    symbols = {symbol: index for index, symbol in enumerate(' .,!?;:—…"“”()abˈː', 1)}
    vocab = Vocab(symbols)
    assert {symbol for symbol, number in symbols.items() if number in vocab.pause_ids} == set(".,!?;:—…")
    assert {symbol for symbol, number in symbols.items() if number in vocab.silent_ids} == set(
        ' .,!?;:—…"“”()'
    )
    assert BOUNDARY_ID in vocab.silent_ids
    assert BOUNDARY_ID not in vocab.pause_ids


def test_symbols_a_model_does_not_have_are_no_pauses() -> None:
    vocab = Vocab(SYMBOLS)
    assert vocab.pause_ids == {4}
    assert vocab.silent_ids == {BOUNDARY_ID, 4, 16}


@pytest.mark.weights
def test_the_models_own_symbols(vocab: dict[str, int]) -> None:
    """What is spoken is silent in none, and every mark is known."""
    ours = Vocab(vocab)
    assert len(ours.pause_ids) == 8
    assert not any(ours.silent_ids & {vocab[symbol] for symbol in "həlˈOwɜɹdæː"})


def test_what_fits_is_one_piece() -> None:
    assert split_phonemes("") == []
    assert split_phonemes("  ") == []
    assert split_phonemes("  həlˈO.  ") == ["həlˈO."]
    assert split_phonemes("a" * 510) == ["a" * 510]


@pytest.mark.parametrize(
    ("phonemes", "pieces"),
    [
        # a sentence's end before a nearer clause's, a clause's before a nearer word's
        ("aa. bb, cc dd", ["aa.", "bb, cc dd"]),
        ("aa bb, cc dd ee", ["aa bb,", "cc dd ee"]),
        ("aaa bbb ccc ddd", ["aaa bbb", "ccc ddd"]),
        ("aaaa.” bbbbb c", ["aaaa.”", "bbbbb c"]),
        ("bˈabˈabˈabˈabˈa", ["bˈabˈab", "ˈabˈabˈa"]),
        ("aaaaaaaaaaaaaa", ["aaaaaaa", "aaaaaaa"]),
        # a number's point ends nothing
        ("aaaa.aaaa bb.bb", ["aaaa.aaaa", "bb.bb"]),
    ],
)
def test_the_best_place_near_the_middle(phonemes: str, pieces: list[str]) -> None:
    assert split_phonemes(phonemes, 10) == pieces


@pytest.mark.parametrize("n_phonemes", [511, 520, 765, 1_020, 1_021, 5_000])
def test_pieces_are_about_equally_long(n_phonemes: int) -> None:
    for text in ("həlˈO wˈɜɹld ænd ", "a"):
        lengths = [len(piece) for piece in split_phonemes((text * n_phonemes)[:n_phonemes])]
        assert max(lengths) <= MAX_PHONEMES
        assert min(lengths) > 0.9 * max(lengths)


def test_nothing_is_lost_and_no_piece_is_too_long() -> None:
    rng = random.Random(3)
    for _ in range(4_000):
        phonemes = "".join(rng.choice('abcˈˌːʰ   .,;:!?…—"”)') for _ in range(rng.randint(0, 90)))
        limit = rng.choice([1, 2, 3, 5, 8, 13, 40])
        pieces = split_phonemes(phonemes, limit)
        assert squeezed("".join(pieces)) == squeezed(phonemes), (phonemes, limit)
        assert all(0 < len(piece) <= limit and piece == piece.strip() for piece in pieces), (phonemes, limit)


def test_pieces_of_speech_are_never_punctuation_alone() -> None:
    rng = random.Random(4)
    for _ in range(500):
        words = ("".join(rng.choice("abcˈ") for _ in range(rng.randint(1, 9))) + "a" for _ in range(60))
        phonemes = "".join(
            word + rng.choice([" ", " ", " ", ", ", ". ", "… ", " — ", "?” "]) for word in words
        )
        assert all(any(symbol.isalpha() for symbol in piece) for piece in split_phonemes(phonemes, 60)), (
            phonemes
        )
