"""Pieces of a sentence are the sentence: with its own statistics, at any split, from any start to any end.

At toy size with random weights, in every precision, with the backend that was chosen for this machine and with
the plain one. Pieces may differ from the whole by rounding only, where a convolution of another length adds up
in another order. With the real weights, and with statistics that are predicted: `test_streaming_quality.py`.
"""

from __future__ import annotations

import gc
import random
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import cycle
from typing import Any

import pytest
import torch
from test_fast_kokoro import BACKENDS, error_share, pitch, settings_for
from torch import Tensor
from toy_model import CONFIG, made_up, style_row

from wyoming_kokoro.model import Kokoro, NoiseSource, Prosody, source_noise
from wyoming_kokoro.model.fast import Calibration, FastKokoro, GeneratorStream, calibrate, learn, prepare
from wyoming_kokoro.model.fast.blocks import SnakeConvolution
from wyoming_kokoro.model.fast.source import FastSource, SourceStream
from wyoming_kokoro.model.fast.streaming import _Line

N_FRAMES = 23
PRECISIONS = ("fp32", "bf16", "int8")


@pytest.fixture(scope="module")
def plain() -> Kokoro:
    return made_up()


@pytest.fixture(scope="module")
def calibration(plain: Kokoro) -> Calibration:
    return calibrate(plain, [(torch.randint(1, 20, (1, 30)), style_row(seed)) for seed in range(2)])


class Spoken:
    """One utterance, whole and in pieces with the whole's statistics."""

    def __init__(self, model: FastKokoro, n_frames: int = N_FRAMES) -> None:
        random = torch.Generator().manual_seed(n_frames)
        aligned = torch.randn(1, CONFIG.hidden_dim, n_frames, generator=random)
        self.prosody = Prosody(
            durations=torch.tensor([2, n_frames - 4, 2]),
            f0=pitch(2 * n_frames),
            energy=torch.randn(1, 2 * n_frames, generator=random),
            aligned=aligned,
        )
        self.generator = model._generator
        style = style_row()
        self.features = model.features(self.prosody, style)[0].t().contiguous()
        self.moments: list[Tensor] = []
        noise = source_noise(CONFIG, n_frames, 3)
        with torch.inference_mode():
            self.style = self.generator.style(style[0, : CONFIG.style_dim])
            self.whole = self.generator(
                self.features, self.prosody.f0[0], self.style, noise, self.moments.append
            )

    def stream(self, wanted: range | None = None) -> GeneratorStream:
        source = SourceStream(self.generator.source, self.prosody.f0[0], NoiseSource(CONFIG, 3))
        with torch.inference_mode():
            return GeneratorStream(self.generator, self.features, source, self.style, self.moments, wanted)

    def in_pieces(self, sizes: Iterable[int], wanted: range | None = None) -> Tensor:
        return torch.cat(list(pieces(self.stream(wanted), sizes)))


def pieces(stream: GeneratorStream, sizes: Iterable[int]) -> Iterator[Tensor]:
    for size in cycle(sizes):
        if stream.is_over:
            return
        yield stream.step(size)


def assert_same(precision: str, ours: Tensor, theirs: Tensor) -> None:
    assert ours.shape == theirs.shape
    assert ours.isfinite().all()
    if precision == "fp32":
        assert (ours - theirs).abs().max() <= 1e-4 * theirs.abs().max()
    else:  # the last bit of an fp32 sum decides between two steps of 8 or 16 bits, and random weights make much of it
        assert error_share(ours, theirs) < 1e-3


@pytest.fixture(scope="module")
def models(plain: Kokoro, calibration: Calibration) -> dict[tuple[str, str], FastKokoro]:
    return {
        (precision, backend): FastKokoro(
            CONFIG,
            prepare(plain.state_dict(), CONFIG, **settings_for(precision, calibration)),
            BACKENDS[backend],
        )
        for precision in PRECISIONS
        for backend in ("plain", "chosen")
    }


@pytest.fixture(scope="module")
def spoken(models: dict[tuple[str, str], FastKokoro]) -> dict[tuple[str, str], Spoken]:
    return {key: Spoken(model) for key, model in models.items()}


Case = dict[tuple[str, str], Spoken]


@pytest.mark.parametrize("sizes", [[1], [2], [3, 1], [7], [16, 9], [46], [54], [200]], ids=str)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_pieces_are_the_whole(precision: str, backend: str, sizes: list[int], spoken: Case) -> None:
    case = spoken[precision, backend]
    assert_same(precision, case.in_pieces(sizes), case.whole)


def test_pieces_are_the_whole_at_any_split(spoken: Case) -> None:
    case = spoken["int8", "chosen"]
    dice = random.Random(4)
    for _ in range(60):
        assert_same("int8", case.in_pieces([dice.randint(1, 20) for _ in range(30)]), case.whole)


@pytest.mark.parametrize(
    "wanted", [range(46), range(1), range(3, 40), range(12, 46), range(30, 31), range(45, 46), range(20, 44)]
)
@pytest.mark.parametrize("precision", PRECISIONS)
def test_a_part_is_that_part_of_the_whole(precision: str, wanted: range, spoken: Case) -> None:
    case = spoken[precision, "chosen"]
    per_row = len(case.whole) // 46
    expected = case.whole[wanted.start * per_row : wanted.stop * per_row]
    for sizes in ([4], [9, 2], [100]):
        assert_same(precision, case.in_pieces(sizes, wanted), expected)


def test_what_lies_before_a_part_is_not_computed(spoken: Case) -> None:
    stream = spoken["fp32", "chosen"].stream(range(30, 46))
    assert stream.n_rows_to_feed <= 46 - 30 + 20  # it, and what convolutions see on either side


@pytest.mark.parametrize("n_frames", [1, 2, 5])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_short_utterances(precision: str, n_frames: int, models: dict[tuple[str, str], FastKokoro]) -> None:
    case = Spoken(models[precision, "chosen"], n_frames)
    for sizes in ([1], [2, 5], [32]):
        assert_same(precision, case.in_pieces(sizes), case.whole)


def test_rows_to_feed_are_just_enough(spoken: Case) -> None:
    stream = spoken["fp32", "chosen"].stream()
    for _ in range(stream.n_rows_to_feed - 1):
        stream.step(1)
    assert not stream.is_over
    stream.step(1)
    assert stream.is_over
    assert len(stream.step(5)) == 0


def test_the_first_sound_does_not_wait_for_the_last(spoken: Case) -> None:
    stream = spoken["fp32", "chosen"].stream()
    assert len(stream.step(16)) > 0
    assert not stream.is_over


def test_streams_do_not_disturb_each_other(spoken: Case) -> None:
    case = spoken["int8", "chosen"]
    streams = [case.stream(), case.stream()]
    made: list[list[Tensor]] = [[], []]
    for _ in range(20):
        for stream, samples in zip(streams, made, strict=True):
            if not stream.is_over:
                samples.append(stream.step(5))
    for samples in made:
        assert_same("int8", torch.cat(samples), case.whole)


# Our own convolutions: any length for what it is --------------------------------------------------------------


@pytest.fixture(scope="module")
def own(plain: Kokoro) -> dict[str, Spoken]:
    """Models whose Snake convolutions are all our own code, few as the toy's channels are."""
    numba_convolution = pytest.importorskip("wyoming_kokoro.model.fast.numba_convolution")
    types = {torch.float32} | ({torch.int16} if numba_convolution.HAS_INT16 else set())
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(numba_convolution, "_FEW_IN", 1)
        patch.setattr(numba_convolution, "_FEW_OUT", 1)
        backend = replace(BACKENDS["chosen"], toom_cook=frozenset(types))
        for name, in_16_bits in (("fp32", False), ("int16", True)):
            if not in_16_bits or torch.int16 in types:
                prepared = prepare(plain.state_dict(), CONFIG, in_16_bits=in_16_bits)
                found[name] = Spoken(FastKokoro(CONFIG, prepared, backend))
    for spoken in found.values():
        blocks = [block for stage in spoken.generator.stages for block in (stage.source_block, *stage.blocks)]
        assert all(layer.is_fused for block in blocks for layer in block.layers)
    return found


@pytest.mark.parametrize(
    "wanted", [None, range(1), range(3, 40), range(12, 46), range(30, 31), range(45, 46)]
)
@pytest.mark.parametrize("sizes", [[1], [3, 1], [16, 9], [46], [200]], ids=str)
def test_pieces_of_our_own_are_the_whole(
    sizes: list[int], wanted: range | None, own: dict[str, Spoken]
) -> None:
    for precision, case in own.items():
        per_row = len(case.whole) // 46
        expected = (
            case.whole if wanted is None else case.whole[wanted.start * per_row : wanted.stop * per_row]
        )
        assert_same(precision, case.in_pieces(sizes, wanted), expected)


@pytest.mark.parametrize("precision", [*PRECISIONS, "own"])
def test_between_pieces_a_stream_holds_little(precision: str, spoken: Case, own: dict[str, Spoken]) -> None:
    """A hundred rows of features at full size would be 300 MB for each client that is spoken to."""

    def held(n_rows: int) -> int:
        stream = (own["fp32"] if precision == "own" else spoken[precision, "chosen"]).stream()
        stream.step(n_rows)
        gc.collect()
        return sum(line.rows.untyped_storage().nbytes() for line in _lines_of(stream))

    assert 0 < held(5) == held(40)


def _lines_of(thing: object) -> Iterator[_Line]:
    """All that are anywhere in a stream, but for the last columns, which are few."""
    for name, value in vars(thing).items():
        for each in value if isinstance(value, list | tuple) else [value]:
            for part in each if isinstance(each, tuple) else [each]:
                if isinstance(part, _Line) and name != "_columns":
                    yield part
                elif type(part).__module__ == _Line.__module__:
                    yield from _lines_of(part)


def test_our_own_make_no_rows_that_nobody_hears(
    own: dict[str, Spoken], monkeypatch: pytest.MonkeyPatch
) -> None:
    rows: list[int] = []
    run = SnakeConvolution.__call__

    def noting(self: SnakeConvolution, x: Tensor, *arguments: Any, **options: Any) -> Any:
        rows.append(len(x) - 2 * self.reach)
        return run(self, x, *arguments, **options)

    monkeypatch.setattr(SnakeConvolution, "__call__", noting)
    wanted = range(20, 26)
    stream = own["fp32"].stream(wanted)
    rows.clear()  # the source runs ahead
    stream.step(stream.n_rows_to_feed)
    assert stream.is_over
    made = sum(rows)
    rows.clear()
    whole = own["fp32"].stream()
    whole.step(whole.n_rows_to_feed)
    per_row = sum(rows) / 46
    assert len(wanted) * per_row < made < 0.8 * stream.n_rows_to_feed * per_row


# The model's streams ---------------------------------------------------------------------------------------


def an_utterance(n_frames: int = N_FRAMES) -> Prosody:
    random = torch.Generator().manual_seed(n_frames)
    return Prosody(
        durations=torch.tensor([2, n_frames - 4, 2]),
        f0=pitch(2 * n_frames),
        energy=torch.randn(1, 2 * n_frames, generator=random),
        aligned=torch.randn(1, CONFIG.hidden_dim, n_frames, generator=random),
    )


@pytest.mark.parametrize("wanted", [None, range(13, 40)])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_with_a_table_of_the_very_utterance_a_stream_is_near_the_whole(
    precision: str, wanted: range | None, models: dict[tuple[str, str], FastKokoro]
) -> None:
    model, prosody, style = models[precision, "chosen"], an_utterance(60), style_row()
    noises = [source_noise(CONFIG, prosody.n_frames, seed) for seed in range(4)]
    table = learn([model.example(prosody, style, noise, lambda: None) for noise in noises])
    (whole,) = model.decode(prosody, style, noises[0])
    per_row = len(whole) // 120
    expected = whole if wanted is None else whole[wanted.start * per_row : wanted.stop * per_row]
    for sizes in ([7], [32]):
        ours = torch.cat(
            list(pieces(model.stream(prosody, style, NoiseSource(CONFIG, 0), table, wanted), sizes))
        )
        assert error_share(ours, expected) < 0.02  # random weights make much of noise: 0.002, 0.008 in 8 bits
    other = model.stream(prosody, style, NoiseSource(CONFIG, 17), table, wanted)
    assert error_share(torch.cat(list(pieces(other, [32]))), expected) > 0.5, "noise makes no difference"


@pytest.mark.parametrize("n_rows", [32, 64])
@pytest.mark.parametrize("precision", PRECISIONS)
def test_what_has_been_rehearsed_holds_no_new_shapes(
    precision: str,
    n_rows: int,
    models: dict[tuple[str, str], FastKokoro],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shapes: set[tuple[int, ...]] = set()
    run = SnakeConvolution.__call__

    def noting(self: SnakeConvolution, x: Tensor, *arguments: Any, **options: Any) -> Any:
        shapes.add((self.reach, *x.shape))
        return run(self, x, *arguments, **options)

    monkeypatch.setattr(SnakeConvolution, "__call__", noting)
    model, prosody, style = models[precision, "chosen"], an_utterance(60), style_row()
    noise = source_noise(CONFIG, prosody.n_frames, 0)
    table = learn([model.example(prosody, style, noise, lambda: None)] * 2)
    shapes.clear()
    model.rehearse(n_rows)
    rehearsed = set(shapes)
    assert len(rehearsed) > 10
    for wanted in (None, range(1, 60), range(40, 110)):
        shapes.clear()
        stream = model.stream(prosody, style, NoiseSource(CONFIG, 0), table, wanted)
        assert len(torch.cat(list(pieces(stream, [n_rows])))) > 0
        assert shapes == rehearsed


@pytest.mark.parametrize("precision", ["fp32", "int16", "int8"])
def test_lengths_matter_where_onednn_has_a_part(
    precision: str, plain: Kokoro, calibration: Calibration
) -> None:
    how = {"in_16_bits": True} if precision == "int16" else settings_for(precision, calibration)
    prepared = prepare(plain.state_dict(), plain.config, **how)
    ours = {"fp32": {torch.float32}, "int16": {torch.float32, torch.int16}}
    for wanted in (set(), {torch.float32}, {torch.float32, torch.int16}):
        types = wanted & BACKENDS["chosen"].toom_cook  # of what works here
        backend = replace(BACKENDS["plain"], toom_cook=frozenset(types))
        model = FastKokoro(plain.config, dict(prepared), backend)
        assert model.makes_code_by_length == (precision not in ours or not ours[precision] <= types)


# The source -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("backend", ["plain", "chosen"])
@pytest.mark.parametrize(
    ("is_exact", "n_columns"), [(True, CONFIG.n_harmonics), (False, CONFIG.n_harmonics), (False, 1)]
)
@pytest.mark.parametrize("steps", [1, 7, 61, 2000])
def test_the_source_in_parts_is_the_whole(
    steps: int, is_exact: bool, n_columns: int, backend: str, plain: Kokoro
) -> None:
    weights = {
        f"generator.source.{name}": value for name, value in plain.generator.source.state_dict().items()
    }
    source = make_source(weights, backend, exact=is_exact)
    f0 = pitch(46)[0]
    whole = source(f0, source_noise(CONFIG, 23, 9, n_columns))
    stream = SourceStream(source, f0, NoiseSource(CONFIG, 9, n_columns))
    made = [stream.columns(start, start + steps) for start in range(0, len(whole), steps)]
    ours = torch.cat(made)[: len(whole)]
    magnitudes, phases = ours.chunk(2, dim=1)
    their_magnitudes, their_phases = whole.chunk(2, dim=1)
    torch.testing.assert_close(magnitudes, their_magnitudes, atol=1e-5, rtol=1e-4)
    loud = their_magnitudes > 1e-3  # the phase of nothing is anything
    turns = (phases - their_phases)[loud] / (2 * torch.pi)
    assert (turns - turns.round()).abs().max() < 1e-2


def make_source(weights: dict[str, Any], backend: str, *, exact: bool) -> FastSource:
    from wyoming_kokoro.model.fast.weights import Weights

    return FastSource(Weights(weights).below("generator.source"), CONFIG, BACKENDS[backend], exact=exact)


def test_one_number_of_noise_is_as_loud_as_one_for_each_harmonic(plain: Kokoro) -> None:
    weights = {
        f"generator.source.{name}": value for name, value in plain.generator.source.state_dict().items()
    }
    source = make_source(weights, "chosen", exact=False)
    f0 = torch.zeros(200)  # unvoiced: noise alone
    of_one, of_each = (
        source(f0, source_noise(CONFIG, 100, 1, n_columns)).chunk(2, dim=1)[0].square().mean(dim=0)
        for n_columns in (1, CONFIG.n_harmonics)
    )
    torch.testing.assert_close(of_one, of_each, rtol=0.1, atol=0)  # 1 % of 10,000 hops' own scatter, and more
    assert of_each.min() > 0


def test_there_is_nothing_outside_of_the_source(plain: Kokoro) -> None:
    weights = {
        f"generator.source.{name}": value for name, value in plain.generator.source.state_dict().items()
    }
    source = make_source(weights, "chosen", exact=False)
    stream = SourceStream(source, pitch(46)[0], NoiseSource(CONFIG, 9))
    n_columns = 46 * CONFIG.generator.samples_per_f0 // CONFIG.generator.hop_samples + 1
    around = stream.columns(-5, n_columns + 7)
    assert len(around) == n_columns + 12
    assert not around[:5].any()
    assert not around[-7:].any()
    assert around[5].any()
    assert around[-8].any()
    assert not stream.columns(-9, -2).any()
    assert not stream.columns(n_columns, n_columns + 3).any()
    assert stream.columns(-9, -2).shape == (7, around.shape[1])


def test_noise_by_and_by_is_the_noise() -> None:
    noise = source_noise(CONFIG, 7, 5)[0]
    source = NoiseSource(CONFIG, 5)
    per_four_steps = 4 * CONFIG.generator.samples_per_f0
    parts = [source.take(min(per_four_steps, len(noise) - at)) for at in range(0, len(noise), per_four_steps)]
    assert len(parts) == 4
    assert torch.equal(torch.cat(parts), noise)
