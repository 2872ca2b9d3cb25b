"""What is foreseen of a sentence's statistics: near where it has been learnt, finite whatever is asked.

At toy size with made-up prosody, which differs from one utterance to the next in what real ones differ in. With
the real weights: `test_streaming_quality.py`.
"""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from test_fast_kokoro import BACKENDS
from torch import Tensor
from toy_model import CONFIG, made_up, style_row

from wyoming_kokoro.model import Prosody, source_noise
from wyoming_kokoro.model.fast import Example, FastKokoro, StatisticsTable, learn, prepare
from wyoming_kokoro.model.fast.statistics import describe

CHANNELS = 16
N_DESCRIPTIONS = 4 * CHANNELS + 37


@pytest.fixture(scope="module")
def model() -> FastKokoro:
    return FastKokoro(CONFIG, prepare(made_up().state_dict(), CONFIG), BACKENDS["chosen"])


def a_prosody(seed: int) -> Prosody:
    """Of some length, pitch, loudness and mixture of sounds."""
    random = torch.Generator().manual_seed(seed)
    n_frames = int(torch.randint(15, 50, (1,), generator=random))
    voiced_share, height, loudness, mixture = torch.rand(4, generator=random).tolist()
    voiced = torch.rand(1, 2 * n_frames, generator=random) < 0.2 + 0.8 * voiced_share
    aligned = torch.randn(1, CONFIG.hidden_dim, n_frames, generator=random)
    aligned[:, ::2] *= 0.3 + 2 * mixture
    return Prosody(
        durations=torch.tensor([3, n_frames - 5, 2]),
        f0=voiced * (120 + 150 * height) * torch.ones(1, 2 * n_frames),
        energy=2 * loudness + torch.randn(1, 2 * n_frames, generator=random) / 2,
        aligned=aligned,
    )


def an_example(model: FastKokoro, seed: int) -> Example:
    prosody = a_prosody(seed)
    noise = source_noise(CONFIG, prosody.n_frames, seed)
    return model.example(prosody, style_row(), noise, lambda: None)


@pytest.fixture(scope="module")
def examples(model: FastKokoro) -> list[Example]:
    return [an_example(model, seed) for seed in range(70)]


def features_of(model: FastKokoro, prosody: Prosody) -> Tensor:
    return model.features(prosody, style_row())[0].t().contiguous()


def flat(moments: list[Tensor]) -> Tensor:
    return torch.cat([torch.cat([mean, torch.log(variance)]) for mean, variance in moments])


def error(ours: Tensor, theirs: Tensor) -> float:
    return float((ours - theirs).square().mean())


# Descriptions ----------------------------------------------------------------------------------------------------


def with_f0(prosody: Prosody, f0: float) -> Prosody:
    return dataclasses.replace(prosody, f0=torch.full_like(prosody.f0, f0))


NORMAL = a_prosody(0)
SHORTEST = Prosody(
    durations=torch.ones(3, dtype=torch.long),
    f0=torch.tensor([[0.0, 0, 210, 220, 0, 0]]),
    energy=torch.randn(1, 6, generator=torch.Generator().manual_seed(1)),
    aligned=torch.randn(1, CONFIG.hidden_dim, 3, generator=torch.Generator().manual_seed(2)),
)
ODD = {
    "all unvoiced": with_f0(NORMAL, 0.0),
    "all voiced": with_f0(NORMAL, 200.0),
    "higher than any voice": with_f0(NORMAL, 4000.0),
    "a pitch below zero": with_f0(NORMAL, -3.0),
    "three tokens of a frame": SHORTEST,
    "three unvoiced tokens": with_f0(SHORTEST, 0.0),
    "constant energy": dataclasses.replace(NORMAL, energy=torch.full_like(NORMAL.energy, 0.7)),
    "very loud": dataclasses.replace(NORMAL, energy=NORMAL.energy + 100),
}


@pytest.mark.parametrize("name", ODD)
def test_a_description_is_finite(name: str, model: FastKokoro) -> None:
    of_features, of_prosody = describe(features_of(model, ODD[name]), ODD[name])
    assert of_features.shape == (4 * CHANNELS,)
    assert of_prosody.shape == (N_DESCRIPTIONS - 4 * CHANNELS,)
    assert of_features.isfinite().all()
    assert of_prosody.isfinite().all()


def test_a_channel_without_variance_has_a_finite_description() -> None:
    features = torch.randn(2 * NORMAL.n_frames, CHANNELS)
    features[:, 3] = 0.5
    assert torch.cat(describe(features, NORMAL)).isfinite().all()


@pytest.mark.parametrize("name", ODD)
def test_what_is_foreseen_of_odd_utterances_can_be_computed_with(
    name: str, model: FastKokoro, examples: list[Example]
) -> None:
    widths = model._generator.widths
    moments = learn(examples).predict(features_of(model, ODD[name]), ODD[name], widths)
    assert [each.shape for each in moments] == [(2, width) for width in widths]
    for mean, variance in moments:
        assert mean.isfinite().all()
        assert variance.isfinite().all()
        assert (variance > 0).all()


def test_a_description_is_an_average_over_rows() -> None:
    """Said twice, it differs in what is about its length only."""
    features = torch.randn(2 * NORMAL.n_frames, CHANNELS, generator=torch.Generator().manual_seed(1))
    twice = Prosody(
        *(torch.cat([each, each], dim=-1) for each in (NORMAL.durations, NORMAL.f0, NORMAL.energy)),
        torch.cat([NORMAL.aligned, NORMAL.aligned], dim=-1),
    )
    once_features, once = describe(features, NORMAL)
    twice_features, again = describe(torch.cat([features, features]), twice)
    torch.testing.assert_close(once_features, twice_features, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(once[3:9], again[3:9], atol=1e-4, rtol=1e-4)  # pitch, share voiced, energy
    torch.testing.assert_close(once[14:], again[14:], atol=1e-4, rtol=1e-4)  # the histograms
    assert again[2] > once[2]  # the length


# Learning --------------------------------------------------------------------------------------------------------


def test_a_linear_relation_is_recovered() -> None:
    random = torch.Generator().manual_seed(3)
    mixing = torch.randn(5, 4 * CHANNELS, generator=random), torch.randn(5, 30, generator=random)
    relation = torch.randn(5, 40, generator=random)

    def example() -> Example:
        hidden = torch.randn(5, generator=random)
        return Example(3 + hidden @ mixing[0], hidden @ mixing[1] - 2, 1 + hidden @ relation)

    table = learn([example() for _ in range(200)])
    for _ in range(20):
        unseen = example()
        description = torch.cat([unseen.of_features, unseen.of_prosody])
        foreseen = table.average + (description - table.center) @ table.directions @ table.slopes.float()
        assert error(foreseen, unseen.statistics) < 0.01 * error(table.average, unseen.statistics)


def test_descriptions_that_tell_nothing_change_nothing() -> None:
    random = torch.Generator().manual_seed(3)
    statistics = torch.randn(10, generator=random)
    examples = [
        Example(torch.randn(8, generator=random), torch.randn(5, generator=random), statistics)
        for _ in range(50)
    ]
    table = learn(examples)
    torch.testing.assert_close(table.average, statistics)
    assert not table.slopes.any()


def test_what_is_foreseen_of_unseen_utterances_is_nearer_than_their_average(
    model: FastKokoro, examples: list[Example]
) -> None:
    table = learn(examples)
    n_better, ours, theirs = 0, 0.0, 0.0
    for seed in range(1000, 1020):
        prosody = a_prosody(seed)
        exact = an_example(model, seed).statistics
        moments = table.predict(features_of(model, prosody), prosody, model._generator.widths)
        foreseen = error(flat(list(moments)), exact)
        average = error(table.average, exact)
        n_better += foreseen < average
        ours, theirs = ours + foreseen, theirs + average
    assert n_better >= 16
    assert ours < 0.5 * theirs


def test_means_and_variances_are_where_the_generator_looks_for_them(model: FastKokoro) -> None:
    """Of a sentence that has been learnt, what comes out is what the generator has seen, layer by layer."""
    prosody, seen = a_prosody(5), list[Tensor]()
    features, noise = features_of(model, prosody), source_noise(CONFIG, prosody.n_frames, 0)
    generator = model._generator
    with torch.inference_mode():
        style = generator.style(style_row()[0, : CONFIG.style_dim])
        generator(features, prosody.f0[0], style, noise, seen.append)
    example = Example.of(features, prosody, seen)
    moments = learn([example, example]).predict(features, prosody, generator.widths)
    for ours, theirs in zip(moments, seen, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-6, rtol=1e-3)


def test_sentences_that_are_described_alike_teach_their_average() -> None:
    examples = [Example(torch.ones(8), torch.ones(5), torch.full((6,), float(each))) for each in range(3)]
    table = learn(examples)
    assert all(tensor.isfinite().all() for tensor in table.state().values())
    foreseen = (
        table.average + (torch.full((13,), 4.0) - table.center) @ table.directions @ table.slopes.float()
    )
    torch.testing.assert_close(foreseen, torch.ones(6))


def test_a_table_is_small(examples: list[Example]) -> None:
    table = learn(examples * 2)
    assert table.directions.shape == (N_DESCRIPTIONS, 96)
    assert table.slopes.shape == (96, len(examples[0].statistics))
    assert table.slopes.dtype == torch.float16
    assert learn(examples[:5]).directions.shape == (N_DESCRIPTIONS, 4)


# Keeping ---------------------------------------------------------------------------------------------------------


def test_a_table_survives_being_kept(model: FastKokoro, examples: list[Example], tmp_path: Path) -> None:
    table = learn(examples)
    save_file(table.state(), tmp_path / "table.safetensors")
    kept = StatisticsTable.from_state(load_file(tmp_path / "table.safetensors"))
    for field in dataclasses.fields(table):
        assert torch.equal(getattr(kept, field.name), getattr(table, field.name))
        assert getattr(kept, field.name).dtype == getattr(table, field.name).dtype
    features, widths = features_of(model, NORMAL), model._generator.widths
    for ours, theirs in zip(
        kept.predict(features, NORMAL, widths), table.predict(features, NORMAL, widths), strict=True
    ):
        assert torch.equal(ours, theirs)


def test_a_state_with_something_missing_is_none(examples: list[Example]) -> None:
    state = learn(examples).state()
    del state["slopes"]
    with pytest.raises(KeyError, match="slopes"):
        StatisticsTable.from_state(state)
