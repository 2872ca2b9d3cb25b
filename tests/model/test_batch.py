"""Utterances of different lengths together come to what each of them is alone, layer by layer and whole."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

import pytest
import torch
import toy_config
from conftest import token_ids
from torch import Tensor, nn

from dev.measures import log_mel_distance_db
from wyoming_kokoro.model import Kokoro, ModelConfig, source_noise
from wyoming_kokoro.model.layers import AdaIN, SnakeResidualBlock, StyleResidualBlock
from wyoming_kokoro.model.lengths import Lengths, run_lstm, zero_padding
from wyoming_kokoro.store.voices import VoiceStore

CONFIG = dataclasses.replace(ModelConfig.from_dict(toy_config.CONFIG), decoder_dim=12, aligned_dim=4)
CHANNELS, STYLE = CONFIG.hidden_dim, CONFIG.style_dim

# Steps of the items, and of the padded batch where that is longer than the longest.
MIXES = [((7,), 7), ((7,), 12), ((5, 5), 5), ((9, 2), 9), ((2, 9, 4), 9), ((3, 3, 8, 5), 16), ((11, 10), 40)]
mixes = pytest.mark.parametrize(("steps", "longest"), MIXES)


@pytest.fixture(autouse=True)
def _seeded() -> None:
    torch.manual_seed(5)


@pytest.fixture(scope="module")
def model() -> Kokoro:
    with torch.random.fork_rng():
        torch.manual_seed(1)
        return Kokoro(CONFIG).eval()


def items(steps: Sequence[int], channels: int, *, rate: int = 1) -> list[Tensor]:
    return [torch.randn(1, channels, n * rate) for n in steps]


def padded(xs: Sequence[Tensor], longest: int, filling: float) -> Tensor:
    return torch.cat([nn.functional.pad(x, (0, longest - x.shape[-1]), value=filling) for x in xs])


def styles(steps: Sequence[int], width: int = STYLE) -> list[Tensor]:
    return list(torch.randn(len(steps), 1, width))


def lengths_of(steps: Sequence[int], longest: int) -> Lengths:
    return Lengths(torch.tensor(steps), longest)


def assert_items_equal(together: Tensor, alone: Sequence[Tensor]) -> None:
    """together: (batch, channels, padded time), alone: (1, channels, time) each."""
    for row, expected in zip(together, alone, strict=True):
        torch.testing.assert_close(row[:, : expected.shape[-1]], expected[0], rtol=1e-4, atol=1e-5)


@mixes
@pytest.mark.parametrize(
    ("make", "rate"),
    [
        (lambda: AdaIN(STYLE, CHANNELS), 1),
        (lambda: StyleResidualBlock(CHANNELS, CHANNELS, STYLE), 1),
        (lambda: StyleResidualBlock(CHANNELS, 12, STYLE, upsample=True), 2),
        (lambda: SnakeResidualBlock(CHANNELS, 11, (1, 3, 5), STYLE), 1),
    ],
    ids=["AdaIN", "style block", "upsampling style block", "snake block"],
)
@torch.inference_mode()
def test_blocks_do_not_hear_the_padding(
    make: Callable[[], nn.Module], rate: int, steps: tuple[int, ...], longest: int
) -> None:
    module = make()
    xs, ss = items(steps, CHANNELS), styles(steps)
    # Not a number in the padding: wherever it leaks into a sum, it shows.
    together = module(padded(xs, longest, torch.nan), torch.cat(ss), lengths_of(steps, longest))
    assert together.shape[-1] == longest * rate
    assert_items_equal(together, [module(x, s) for x, s in zip(xs, ss, strict=True)])


@mixes
@torch.inference_mode()
def test_adain_leaves_zeros_for_the_convolution_after_it(steps: tuple[int, ...], longest: int) -> None:
    together = AdaIN(STYLE, CHANNELS)(
        padded(items(steps, CHANNELS), longest, torch.nan),
        torch.cat(styles(steps)),
        lengths_of(steps, longest),
    )
    assert all(not row[:, n:].any() for row, n in zip(together, steps, strict=True))


@mixes
@torch.inference_mode()
def test_text_encoder_and_albert(model: Kokoro, steps: tuple[int, ...], longest: int) -> None:
    ids = [torch.randint(0, CONFIG.n_tokens, (1, n)) for n in steps]
    together = torch.cat([nn.functional.pad(row, (0, longest - row.shape[1]), value=3) for row in ids])
    lengths = lengths_of(steps, longest)
    assert_items_equal(model.text_encoder(together, lengths), [model.text_encoder(row) for row in ids])
    assert_items_equal(
        model.albert(together, lengths).transpose(1, 2), [model.albert(row).transpose(1, 2) for row in ids]
    )


@mixes
@torch.inference_mode()
def test_prosody(model: Kokoro, steps: tuple[int, ...], longest: int) -> None:
    xs, ss = items(steps, CHANNELS), styles(steps)
    lengths, style = lengths_of(steps, longest), torch.cat(ss)
    together = model.prosody.duration_encoder(padded(xs, longest, 5.0).transpose(1, 2), style, lengths)
    encoded = [model.prosody.duration_encoder(x.transpose(1, 2), s) for x, s in zip(xs, ss, strict=True)]
    assert_items_equal(together.transpose(1, 2), [row.transpose(1, 2) for row in encoded])

    speeds = [0.8 + 0.3 * index for index in range(len(steps))]
    durations = model.prosody.durations(together, torch.tensor(speeds).unsqueeze(1), lengths)
    for row, one, speed in zip(durations, encoded, speeds, strict=True):
        assert row[: one.shape[1]].tolist() == model.prosody.durations(one, speed)[0].tolist()

    curves = model.prosody.curves(together, style, lengths)
    alone = [model.prosody.curves(one, s) for one, s in zip(encoded, ss, strict=True)]
    for index in (0, 1):  # F0, energy
        assert_items_equal(curves[index].unsqueeze(1), [pair[index].unsqueeze(1) for pair in alone])


@mixes
@torch.inference_mode()
def test_decoder_and_the_generators_body(model: Kokoro, steps: tuple[int, ...], longest: int) -> None:
    aligned, ss = items(steps, CHANNELS), styles(steps)
    f0s, energies = ([torch.rand(1, 2 * n) for n in steps] for _ in range(2))
    lengths, style = lengths_of(steps, longest), torch.cat(ss)
    features = model.decoder(
        padded(aligned, longest, torch.nan),
        padded(f0s, 2 * longest, torch.nan),
        padded(energies, 2 * longest, torch.nan),
        style,
        lengths,
    )
    alone = [model.decoder(*one) for one in zip(aligned, f0s, energies, ss, strict=True)]
    assert_items_equal(features, alone)

    features = padded([row[None, :, : 2 * n] for row, n in zip(features, steps, strict=True)], 2 * longest, 0)
    features = features.masked_fill(lengths.times(2).is_padding.unsqueeze(1), torch.nan)
    spectra = [torch.randn(1, 22, 120 * n + 1) for n in steps]
    together = model.generator.body(
        features, padded(spectra, 120 * longest + 1, 0.0), style, lengths.times(2)
    )
    assert together.shape == (len(steps), 22, 120 * longest + 1)
    assert_items_equal(together, [model.generator.body(*one) for one in zip(alone, spectra, ss, strict=True)])


@torch.inference_mode()
def test_lengths() -> None:
    lengths = lengths_of((1, 3), 4)
    assert lengths.is_padding.tolist() == [[False, True, True, True], [False, False, False, True]]
    later = lengths.times(10, extra=1)
    assert (later.steps.tolist(), later.longest) == ([11, 31], 41)
    x = torch.full((2, 5, 4), torch.inf)
    assert zero_padding(x, None) is x
    assert zero_padding(x, lengths).isfinite().sum() == 5 * (3 + 1)
    lstm = nn.LSTM(5, 2, batch_first=True, bidirectional=True)
    assert run_lstm(lstm, x.transpose(1, 2), lengths).shape == (2, 4, 4)


def utterances(
    n_tokens: Sequence[int],
) -> tuple[list[Tensor], list[Tensor], list[float]]:
    ids = [
        torch.cat([torch.zeros(1), torch.randint(1, 20, (n,)), torch.zeros(1)]).long()[None] for n in n_tokens
    ]
    return ids, styles(n_tokens, 2 * STYLE), [1.0 + 0.25 * (index % 3) for index in range(len(n_tokens))]


@pytest.mark.parametrize("n_tokens", [(4,), (3, 3), (1, 9), (6, 2, 4), (2, 12, 1, 5, 3)])
def test_utterances_together_are_what_each_is_alone(model: Kokoro, n_tokens: tuple[int, ...]) -> None:
    spoken = utterances(n_tokens)
    together = model.predict_batch(*spoken)
    alone = [model.predict(*one) for one in zip(*spoken, strict=True)]
    for one, expected in zip(together, alone, strict=True):
        assert one.durations.tolist() == expected.durations.tolist()
        for name in ("f0", "energy", "aligned"):
            torch.testing.assert_close(getattr(one, name), getattr(expected, name), rtol=1e-4, atol=1e-5)

    noises = [source_noise(CONFIG, prosody.n_frames, index) for index, prosody in enumerate(alone)]
    voices = spoken[1]
    samples = model.decode_batch(alone, voices, noises)
    for row, *one in zip(samples, alone, voices, noises, strict=True):
        torch.testing.assert_close(row, torch.cat(list(model.decode(*one))), rtol=1e-4, atol=1e-4)


def test_padding_further_than_the_longest_changes_nothing(model: Kokoro) -> None:
    ids, voices, speeds = utterances((3, 5))
    prosodies = model.predict_batch(ids, voices, speeds)
    n_frames = [prosody.n_frames for prosody in prosodies]
    noises = [source_noise(CONFIG, n, 0) for n in n_frames]
    inputs = model.body_inputs(prosodies, voices, noises, padded_frames=max(n_frames) + 17)
    assert inputs.aligned.shape[-1] == max(n_frames) + 17
    longer = model.body_samples(model.body(inputs), n_frames)
    for row, expected in zip(longer, model.decode_batch(prosodies, voices, noises), strict=True):
        torch.testing.assert_close(row, expected, rtol=1e-4, atol=1e-4)


def test_the_order_of_a_batch_means_nothing(model: Kokoro) -> None:
    ids, voices, speeds = utterances((2, 7, 4))
    forth = model.predict_batch(ids, voices, speeds)
    back = model.predict_batch(ids[::-1], voices[::-1], speeds[::-1])
    for one, other in zip(forth, back[::-1], strict=True):
        torch.testing.assert_close(one.f0, other.f0, rtol=1e-4, atol=1e-5)


@pytest.mark.weights
def test_sentences_together_sound_as_they_do_alone(
    kokoro: Kokoro, voice_store: VoiceStore, vocab: dict[str, int]
) -> None:
    sentences = [
        ("af_heart", 1.0, "ˌOkˈA."),
        ("am_michael", 1.3, "kæn ju hˈɪɹ mi nˈW?"),
        ("bf_emma", 1.0, "wˈɑʧ ˈWt!"),
        ("af_heart", 0.9, "ðə bˈɛdɹˌum tˈɛmpəɹəʧəɹ ɪz nˌIntˈin dəɡɹˈiz."),
    ]
    ids = [token_ids(phonemes, vocab) for _, _, phonemes in sentences]
    voices = [voice_store.style(voice, len(phonemes)) for voice, _, phonemes in sentences]
    speeds = [speed for _, speed, _ in sentences]
    alone = [kokoro.predict(*one) for one in zip(ids, voices, speeds, strict=True)]
    together = kokoro.predict_batch(ids, voices, speeds)
    assert [one.durations.tolist() for one in together] == [one.durations.tolist() for one in alone]
    noises = [source_noise(kokoro.config, prosody.n_frames, 1) for prosody in alone]
    expected = [torch.cat(list(kokoro.decode(*one))) for one in zip(alone, voices, noises, strict=True)]

    def distances(samples: list[Tensor]) -> list[float]:
        return [log_mel_distance_db(*pair) for pair in zip(expected, samples, strict=True)]

    assert max(distances(kokoro.decode_batch(alone, voices, noises))) < 0.001
    # F0 that differs in the last bits has phases that differ by a tenth of a radian after some seconds.
    assert max(distances(kokoro.decode_batch(together, voices, noises))) < 0.05
