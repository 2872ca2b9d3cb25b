"""The fast model is the plain one: durations equal, sound equal in fp32 and close in fewer bits.

At toy size with random weights, with the backend that was chosen for this machine and with the plain one. Then
each of its parts against the module it stands for. How close is close enough to the ear, `test_quality.py` says.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from toy_model import CONFIG, made_up, style_row

from wyoming_kokoro.model import Kokoro, source_noise
from wyoming_kokoro.model.fast import (
    Backend,
    Calibration,
    FastKokoro,
    calibrate,
    choose_backend,
    lay_out,
    prepare,
    try_speed,
)
from wyoming_kokoro.model.fast.blocks import StyleBlock
from wyoming_kokoro.model.fast.sound import FastDecoder
from wyoming_kokoro.model.fast.source import FastSource
from wyoming_kokoro.model.fast.text import FastAlbert, FastProsody, FastText, FastTextEncoder
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.model.fast.weights import Weights

UTTERANCES = {
    "one phoneme": torch.tensor([[0, 3, 0]]),
    "a word": torch.tensor([[0, 3, 4, 5, 0]]),
    "as long as can be": torch.randint(1, 20, (1, 64), generator=torch.Generator().manual_seed(5)),
}
BACKENDS = {"plain": Backend(TorchKernels()), "chosen": choose_backend()}
BACKENDS["chosen, 8 bits to brain floats"] = choose_backend(torch.bfloat16)


@pytest.fixture(scope="module")
def plain() -> Kokoro:
    return made_up()


@pytest.fixture(scope="module")
def calibration(plain: Kokoro) -> Calibration:
    return calibrate(plain, [(ids, style_row(seed)) for seed, ids in enumerate(UTTERANCES.values())])


def fast_model(plain: Kokoro, backend: str = "chosen", **how: Any) -> FastKokoro:
    return FastKokoro(plain.config, prepare(plain.state_dict(), plain.config, **how), BACKENDS[backend])


def speak(
    model: Kokoro | FastKokoro, token_ids: Tensor, style: Tensor, *, speed: float = 1.0
) -> tuple[list[int], Tensor]:
    """Durations and samples."""
    prosody = model.predict(token_ids, style, speed)
    pieces = list(model.decode(prosody, style, source_noise(model.config, prosody.n_frames, 0)))
    return prosody.durations.tolist(), torch.cat(pieces)


def assert_equal(ours: Tensor, theirs: Tensor, tolerance: float = 1e-4) -> None:
    """Equal but for rounding, in units of the largest number."""
    assert ours.shape == theirs.shape
    assert ours.isfinite().all()
    assert (ours - theirs).abs().max() <= tolerance * theirs.abs().max()


def error_share(ours: Tensor, theirs: Tensor) -> float:
    """The energy of the difference as a share of the whole."""
    assert ours.shape == theirs.shape
    return float((ours - theirs).square().sum() / theirs.square().sum())


# The whole ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("speed", [0.8, 1.0, 1.7])
@pytest.mark.parametrize("name", UTTERANCES)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
def test_in_fp32_it_is_the_plain_model(backend: str, name: str, speed: float, plain: Kokoro) -> None:
    fast, style = fast_model(plain, backend), style_row()
    prosody, expected = (model.predict(UTTERANCES[name], style, speed) for model in (fast, plain))
    for field in dataclasses.fields(expected):  # the same modules
        assert torch.equal(getattr(prosody, field.name), getattr(expected, field.name))
    assert (prosody.f0 > 10).any(), "nothing voiced"
    assert (prosody.f0 < 10).any(), "nothing unvoiced"
    assert_equal(fast.features(prosody, style), plain.features(expected, style))
    samples, theirs = (speak(model, UTTERANCES[name], style, speed=speed)[1] for model in (fast, plain))
    assert_equal(samples, theirs)


# The type that decoder and generator compute with, and of how many bits their blocks are, if others than it has.
TYPES = {
    "bf16": (torch.bfloat16, None),
    "int16": (torch.float32, 16),
    "int8": (torch.float32, 8),
    "both": (torch.bfloat16, 8),
}


def prepared_in(types: str, plain: Kokoro, calibration: Calibration) -> dict[str, Tensor]:
    sound_dtype, n_bits = TYPES[types]
    return prepare(
        plain.state_dict(),
        CONFIG,
        sound_dtype=sound_dtype,
        calibration=calibration if n_bits == 8 else None,
        in_16_bits=n_bits == 16,
    )


@pytest.mark.parametrize("name", UTTERANCES)
@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("types", TYPES)
def test_in_fewer_bits_it_sounds_close(
    types: str, backend: str, name: str, plain: Kokoro, calibration: Calibration
) -> None:
    prepared = prepared_in(types, plain, calibration)
    # The source's phases are input to the model, and flip from -π to π by the last bit; random weights make much
    # of that. So all have the reference's own arithmetic here, and sources are compared below.
    fast = FastKokoro(CONFIG, prepared, BACKENDS[backend])
    fast._generator.source.is_exact = True
    style = style_row()
    prosody = plain.predict(UTTERANCES[name], style)
    prosody = dataclasses.replace(prosody, f0=pitch(prosody.f0.shape[1]))
    noise = source_noise(CONFIG, prosody.n_frames, 0)
    samples, theirs = (torch.cat(list(model.decode(prosody, style, noise))) for model in (fast, plain))
    assert 0 < error_share(samples, theirs) < 0.03


def pitch(n_steps: int) -> Tensor:
    """Glides up and down, (1, steps) in Hz; every fourth stretch of five steps is unvoiced."""
    step = torch.arange(n_steps)
    return torch.where(step // 5 % 4 == 1, 0.0, 180 + 60 * torch.sin(step / 9)).unsqueeze(0)


@pytest.mark.parametrize("speed", [0.8, 1.7])
@pytest.mark.parametrize("name", UTTERANCES)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
def test_in_fewer_bits_the_prosody_is_the_same(backend: str, name: str, speed: float, plain: Kokoro) -> None:
    fast = fast_model(plain, backend, sound_dtype=torch.bfloat16)
    ours, theirs = (model.predict(UTTERANCES[name], style_row(), speed) for model in (fast, plain))
    assert ours.durations.tolist() == theirs.durations.tolist()
    assert_equal(ours.f0, theirs.f0)
    for field in ("energy", "aligned"):  # heard, but neither when nor how high, so in brain floats as well
        assert_equal(getattr(ours, field), getattr(theirs, field), 0.05)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_batches_are_spoken_one_by_one(precision: str, plain: Kokoro, calibration: Calibration) -> None:
    fast = fast_model(plain, **settings_for(precision, calibration))
    token_ids, styles, speeds = (
        list(UTTERANCES.values()),
        [style_row(seed) for seed in range(3)],
        [1.0, 0.7, 2.0],
    )
    prosodies = fast.predict_batch(token_ids, styles, speeds)
    noises = [source_noise(CONFIG, prosody.n_frames, 0) for prosody in prosodies]
    together = fast.decode_batch(prosodies, styles, noises)
    assert len(together) == 3
    for samples, prosody, ids, style, speed in zip(
        together, prosodies, token_ids, styles, speeds, strict=True
    ):
        durations, alone = speak(fast, ids, style, speed=speed)
        assert prosody.durations.tolist() == durations
        assert torch.equal(samples, alone)


def settings_for(precision: str, calibration: Calibration) -> dict[str, Any]:
    return {
        "sound_dtype": torch.float32 if precision == "fp32" else torch.bfloat16,
        "calibration": calibration if precision == "int8" else None,
    }


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_two_threads_share_a_model_without_noticing(
    precision: str, plain: Kokoro, calibration: Calibration
) -> None:
    fast = fast_model(plain, **settings_for(precision, calibration))
    jobs = [(UTTERANCES["a word"], style_row(seed)) for seed in range(2)]
    alone = [speak(fast, *job)[1] for job in jobs]
    assert not torch.equal(*alone) or alone[0].shape != alone[1].shape
    spoken: dict[int, list[Tensor]] = {0: [], 1: []}
    start = threading.Barrier(2)

    def client(index: int) -> None:
        start.wait()
        for _ in range(5):
            spoken[index].append(speak(fast, *jobs[index])[1])

    threads = [threading.Thread(target=client, args=(index,)) for index in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for index, expected in enumerate(alone):
        assert len(spoken[index]) == 5
        assert all(torch.equal(samples, expected) for samples in spoken[index])


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_more_tokens_than_positions_are_the_callers_mistake(
    precision: str, plain: Kokoro, calibration: Calibration
) -> None:
    fast = fast_model(plain, **settings_for(precision, calibration))
    with pytest.raises(AssertionError, match="splits"):
        fast.predict(torch.zeros(1, 65, dtype=torch.long), style_row())


# Weights -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_nothing_is_taken_from_the_plain_model(precision: str, calibration: Calibration) -> None:
    plain = made_up()
    state = plain.state_dict()
    before = {name: tensor.clone() for name, tensor in state.items()}
    fast = fast_model(plain, **settings_for(precision, calibration))
    speak(fast, UTTERANCES["a word"], style_row())
    assert state.keys() == before.keys()
    assert all(torch.equal(tensor, before[name]) for name, tensor in state.items())
    assert all(torch.equal(tensor, before[name]) for name, tensor in plain.state_dict().items())


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_what_is_laid_out_anew_is_not_kept_as_well(
    precision: str, plain: Kokoro, calibration: Calibration
) -> None:
    """Left are what is used as it is: embeddings, styles, biases, and kernels of a channel each."""
    prepared = prepare(plain.state_dict(), plain.config, **settings_for(precision, calibration))
    heavy = {name for name, tensor in prepared.items() if tensor.dim() == 3 and min(tensor.shape[:2]) > 1}
    assert len(heavy) > 40
    FastKokoro(plain.config, prepared, BACKENDS["chosen"])
    left = {name for name in heavy & prepared.keys() if not name.endswith(".recurrent")}
    assert {name for name in left if not prepared[name].is_meta} == set()


@pytest.mark.parametrize("precision", ["fp32", "bf16", "int8"])
def test_prepared_weights_that_were_kept_on_disk_speak_the_same(
    precision: str, plain: Kokoro, calibration: Calibration, tmp_path: Path
) -> None:
    prepared = prepare(plain.state_dict(), plain.config, **settings_for(precision, calibration))
    save_file(prepared, tmp_path / "prepared.safetensors")
    kept = {name: tensor.clone() for name, tensor in load_file(tmp_path / "prepared.safetensors").items()}
    fresh, again = (
        speak(FastKokoro(CONFIG, state, BACKENDS["chosen"]), UTTERANCES["a word"], style_row())[1]
        for state in (prepared, kept)
    )
    assert torch.equal(fresh, again)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("types", TYPES)
def test_weights_that_were_laid_out_before_are_read_where_they_lie_and_speak_the_same(
    types: str, backend: str, plain: Kokoro, calibration: Calibration
) -> None:
    prepared = prepared_in(types, plain, calibration)
    before = dict(prepared)
    kept = lay_out(CONFIG, prepared, BACKENDS[backend])
    assert prepared.keys() == before.keys()  # nothing has been taken out of it
    assert all(tensor is before[name] for name, tensor in prepared.items())
    laid_out = {name: tensor for name, tensor in kept.items() if name not in prepared}
    chosen = BACKENDS[backend]
    assert bool(laid_out) == (chosen.has_own_linear or chosen.has_tile_linear)
    assert all(kept[name.removesuffix(" laid out")].is_meta for name in laid_out)
    fresh, again = (
        speak(FastKokoro(CONFIG, dict(state), BACKENDS[backend]), UTTERANCES["a word"], style_row())[1]
        for state in (prepared, kept)
    )
    assert torch.equal(fresh, again)


def test_backends_say_whose_order_weights_are_in() -> None:
    chosen = BACKENDS["chosen"]
    others = [
        dataclasses.replace(chosen, toom_cook=frozenset()),
        dataclasses.replace(chosen, has_own_linear=not chosen.has_own_linear),
        dataclasses.replace(chosen, has_tile_linear=not chosen.has_tile_linear),
        dataclasses.replace(chosen, tiles=chosen.tiles ^ {torch.bfloat16}),
        dataclasses.replace(chosen, toom_cook=chosen.toom_cook ^ {torch.int16}),
        BACKENDS["plain"],
    ]
    assert chosen.layout not in {other.layout for other in others}
    assert (
        dataclasses.replace(chosen, onednn=frozenset()).layout == chosen.layout
    )  # which keeps nothing of its own


def test_the_operands_are_of_the_type_asked_for(plain: Kokoro, calibration: Calibration) -> None:
    heavy = "generator.stages.1.blocks.2.convs1.0.weight"
    types = {
        precision: prepare(plain.state_dict(), CONFIG, **settings_for(precision, calibration))[heavy].dtype
        for precision in ("fp32", "bf16", "int8")
    }
    assert types == {"fp32": torch.float32, "bf16": torch.bfloat16, "int8": torch.int8}


# Calibration -----------------------------------------------------------------------------------------------


def test_calibration_watches_every_block_of_the_generator(plain: Kokoro, calibration: Calibration) -> None:
    convolutions = {
        name
        for name, module in plain.named_modules()
        if isinstance(module, nn.Conv1d) and ".convs" in name and name.startswith("generator.")
    }
    assert len(convolutions) == 2 * 4 * 6
    assert convolutions <= calibration.ranges.keys()
    for low, high in calibration.ranges.values():
        assert (low < 0).all()
        assert (high > 0).all()
    assert calibration.timbres.shape == (len(UTTERANCES), CONFIG.style_dim)


def test_ranges_cover_every_utterance(plain: Kokoro) -> None:
    speech = [(ids, style_row(seed)) for seed, ids in enumerate(UTTERANCES.values())]
    together = calibrate(plain, speech).ranges
    for one in speech:
        for name, (low, high) in calibrate(plain, [one]).ranges.items():
            assert (together[name][0] <= low).all()
            assert (together[name][1] >= high).all()


def test_calibration_leaves_the_model_as_it_was_even_when_it_fails(plain: Kokoro) -> None:
    def speech() -> Any:
        yield UTTERANCES["a word"], style_row()
        raise LookupError("no such voice")

    def hooks() -> int:
        return sum(len(module._forward_pre_hooks) for module in plain.modules())

    before = speak(plain, UTTERANCES["a word"], style_row())[1]
    with pytest.raises(LookupError):
        calibrate(plain, speech())
    assert hooks() == 0
    calibrate(plain, [(UTTERANCES["a word"], style_row())])
    assert hooks() == 0
    assert torch.equal(speak(plain, UTTERANCES["a word"], style_row())[1], before)


# The parts -------------------------------------------------------------------------------------------------

STEPS, TOKENS = 23, UTTERANCES["as long as can be"]


def prepared_for_text(plain: Kokoro) -> Weights:
    """The text side laid out for the fast way, which it goes in other precisions than fp32, and yet in fp32."""
    prepared = prepare(plain.state_dict(), CONFIG, sound_dtype=torch.float64)
    return Weights(
        {name: tensor.float() if tensor.is_floating_point() else tensor for name, tensor in prepared.items()}
    )


def signal(n_steps: int, channels: int, seed: int = 0) -> Tensor:
    return torch.randn(n_steps, channels, generator=torch.Generator().manual_seed(seed))


def albert(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastAlbert(weights.below("albert"), CONFIG.albert, backend)
    return fast(TOKENS[0]), plain.albert(TOKENS)[0]


def text_encoder(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastTextEncoder(weights.below("text_encoder"), CONFIG, backend)
    return fast(TOKENS[0]), plain.text_encoder(TOKENS)[0].t()


def duration_encoder(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastProsody(weights.below("prosody"), CONFIG, backend)
    x, manner = signal(STEPS, CONFIG.hidden_dim), signal(1, CONFIG.style_dim, seed=1)
    return fast.encode(x, manner[0]), plain.prosody.duration_encoder(x.unsqueeze(0), manner)[0]


def durations(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastProsody(weights.below("prosody"), CONFIG, backend)
    encoded = signal(STEPS, CONFIG.hidden_dim + CONFIG.style_dim)
    return fast.durations(encoded, 0.7), plain.prosody.durations(encoded.unsqueeze(0), 0.7)[0]


def curves(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastProsody(weights.below("prosody"), CONFIG, backend)
    aligned, manner = signal(STEPS, CONFIG.hidden_dim + CONFIG.style_dim), signal(1, CONFIG.style_dim, seed=1)
    return torch.stack(fast.curves(aligned, manner[0])), torch.cat(
        plain.prosody.curves(aligned.unsqueeze(0), manner)
    )


def f0(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    ours, theirs = curves(plain, weights, backend)
    return ours[0], theirs[0]


def energy(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    ours, theirs = curves(plain, weights, backend)
    return ours[1], theirs[1]


def aligned_text(plain: Kokoro, weights: Weights, backend: Backend) -> tuple[Tensor, Tensor]:
    fast = FastText(weights, CONFIG, backend)
    style = style_row()
    ours, theirs = fast.predict(TOKENS, style, 1.3), plain.predict(TOKENS, style, 1.3)
    assert ours.durations.tolist() == theirs.durations.tolist()
    return ours.aligned, theirs.aligned


TEXT_PARTS = [albert, text_encoder, duration_encoder, durations, f0, energy, aligned_text]


@pytest.mark.parametrize("part", TEXT_PARTS, ids=lambda part: part.__name__)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
@torch.inference_mode()
def test_parts_of_the_text_side(
    backend: str, part: Callable[[Kokoro, Weights, Backend], tuple[Tensor, Tensor]], plain: Kokoro
) -> None:
    assert_equal(*part(plain, prepared_for_text(plain), BACKENDS[backend]))


# The block, whether it upsamples, and whether its shortcut has weights.
STYLE_BLOCKS = [
    ("prosody.f0.blocks.0", False, False),
    ("prosody.f0.blocks.1", True, True),
    ("prosody.energy.blocks.2", False, False),
    ("decoder.encode", False, True),
    ("decoder.blocks.2", False, True),
    ("decoder.blocks.3", True, True),
]


@pytest.mark.parametrize("n_steps", [2, 3, 23, 600])
@pytest.mark.parametrize(("name", "upsample", "has_shortcut"), STYLE_BLOCKS)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
@torch.inference_mode()
def test_style_blocks(
    backend: str, name: str, upsample: bool, has_shortcut: bool, n_steps: int, plain: Kokoro
) -> None:
    block = plain.get_submodule(name)
    assert (block.shortcut is not None) == has_shortcut
    fast = StyleBlock(prepared_for_text(plain).below(name), BACKENDS[backend], upsample=upsample)
    x = signal(n_steps, block.conv1.weight.shape[1])
    if upsample:
        assert block.upsample is not None
    timbre = signal(1, CONFIG.style_dim, seed=1)
    ours = fast(x, BACKENDS[backend].kernels.moments(x), timbre[0])
    assert_equal(ours, block(x.t().unsqueeze(0), timbre)[0].t())


@pytest.mark.parametrize("backend", ["plain", "chosen"])
@torch.inference_mode()
def test_the_decoder(backend: str, plain: Kokoro) -> None:
    fast = FastDecoder(Weights(prepare(plain.state_dict(), CONFIG)).below("decoder"), BACKENDS[backend])
    aligned, timbre = signal(STEPS, CONFIG.hidden_dim), signal(1, CONFIG.style_dim, seed=1)
    f0, energy = 100 + signal(1, 2 * STEPS, seed=2), signal(1, 2 * STEPS, seed=3)
    expected = plain.decoder(aligned.t().unsqueeze(0), f0, energy, timbre)[0].t()
    assert_equal(fast(aligned, f0[0], energy[0], timbre[0]), expected)


@pytest.mark.parametrize("exact", [True, False])
@pytest.mark.parametrize("backend", ["plain", "chosen"])
@torch.inference_mode()
def test_the_source(backend: str, exact: bool, plain: Kokoro) -> None:
    weights = Weights(prepare(plain.state_dict(), CONFIG)).below("generator.source")
    f0 = pitch(120)
    noise = source_noise(CONFIG, 60, 0)
    spectrum = FastSource(weights, CONFIG, BACKENDS[backend], exact=exact)(f0[0], noise).t()
    expected = plain.generator.source_spectrum(f0, noise)[0]
    if exact:
        assert torch.equal(spectrum, expected)
    # An angle may be π or -π, and that of next to nothing is anything.
    ours, theirs = (torch.view_as_real(torch.polar(*each.chunk(2))) for each in (spectrum, expected))
    assert_equal(ours, theirs, 1e-3)


# Rates, kernels of the upsampling, kernels and dilations of the blocks.
GENERATORS = {
    "one stage": {"upsample_rates": (60,), "upsample_kernel_sizes": (120,)},
    "three stages": {"upsample_rates": (2, 6, 10), "upsample_kernel_sizes": (4, 12, 20)},
    "one block a stage": {"kernel_sizes": (5,), "dilations": ((1, 2),)},
    "blocks of other depths": {"kernel_sizes": (3, 9), "dilations": ((1, 6), (2, 4, 3))},
}


@pytest.mark.parametrize("name", GENERATORS)
@pytest.mark.parametrize("backend", ["plain", "chosen"])
def test_generators_of_other_shapes(backend: str, name: str) -> None:
    generator = dataclasses.replace(CONFIG.generator, **GENERATORS[name])
    plain = made_up(dataclasses.replace(CONFIG, generator=generator))
    samples, theirs = (
        speak(model, UTTERANCES["a word"], style_row())[1] for model in (fast_model(plain, backend), plain)
    )
    assert_equal(samples, theirs)


# Trials ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.int8], ids=str)
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_layer_to_be_timed_gives_numbers(backend: str, dtype: torch.dtype) -> None:
    result = try_speed(BACKENDS[backend], dtype)()
    assert isinstance(result, Tensor)
    assert result.isfinite().all()
    assert result.std() > 0
