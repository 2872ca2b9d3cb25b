"""Checkpoints in every layout they come in, and everything that can be wrong with one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from toy_config import CONFIG

from dev.official_layout import official_layout
from wyoming_kokoro.errors import CheckpointError
from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.store.checkpoint import read_config, read_state, translate

# A piece of a model under the reference's names: one of everything that is folded or renamed.
FLAT = {
    "bert.embeddings.LayerNorm.weight": (4,),
    "predictor.text_encoder.lstms.3.fc.weight": (8, 4),
    "predictor.F0.1.pool.weight": (6, 1, 3),
    "predictor.F0_proj.weight": (1, 4, 1),
    "text_encoder.cnn.1.0.weight": (4, 4, 5),
    "text_encoder.cnn.1.1.gamma": (4,),
    "decoder.generator.resblocks.4.adain2.1.fc.weight": (8, 4),
    "decoder.generator.resblocks.4.alpha1.2": (1, 4, 1),
    "decoder.generator.noise_convs.0.weight": (4, 6, 12),
    "decoder.decode.3.conv1x1.weight": (4, 6, 1),
}
OURS = {
    "albert.embedding_norm.weight",
    "prosody.duration_encoder.norms.1.fc.weight",
    "prosody.f0.blocks.1.upsample.weight",
    "prosody.f0.projection.weight",
    "text_encoder.convs.1.weight",
    "text_encoder.norms.1.weight",
    "generator.stages.1.blocks.1.norms2.1.fc.weight",
    "generator.stages.1.blocks.1.alphas1.2",
    "generator.stages.0.source_conv.weight",
    "decoder.blocks.3.shortcut.weight",
}


@pytest.fixture
def config() -> ModelConfig:
    return ModelConfig.from_dict(CONFIG)


@pytest.fixture
def flat() -> dict[str, Tensor]:
    torch.manual_seed(3)
    return {name: torch.randn(shape) for name, shape in FLAT.items()}


def shapes_of(state: dict[str, Tensor]) -> dict[str, torch.Size]:
    return {name: tensor.shape for name, tensor in state.items()}


def test_every_layout_gives_the_same_tensors(
    flat: dict[str, Tensor], config: ModelConfig, tmp_path: Path
) -> None:
    expected = translate(flat, config)
    assert set(expected) == OURS
    save_file(flat, tmp_path / "flat.safetensors")
    torch.save(flat, tmp_path / "flat.pth")
    torch.save(official_layout(flat), tmp_path / "official.pth")
    torch.save(official_layout(flat, parametrised=True), tmp_path / "newer.pth")
    halved = {name: tensor.half() for name, tensor in flat.items()}
    torch.save(halved, tmp_path / "half.pth")
    for name in ("flat.safetensors", "flat.pth", "official.pth", "newer.pth", "half.pth"):
        state = read_state(tmp_path / name, config, shapes_of(expected))
        tolerance = 1e-3 if name == "half.pth" else 1e-6
        for key, tensor in state.items():
            assert tensor.dtype == torch.float32
            torch.testing.assert_close(tensor, expected[key], rtol=tolerance, atol=tolerance)


def test_weight_norm_is_pytorchs_own(config: ModelConfig) -> None:
    conv = nn.utils.parametrizations.weight_norm(nn.Conv1d(4, 4, 5))
    conv.parametrizations.weight.original0.data *= 3
    named = {f"text_encoder.cnn.1.0.{name}": tensor for name, tensor in conv.state_dict().items()}
    assert torch.equal(translate(named, config)["text_encoder.convs.1.weight"], conv.weight)


def test_a_channel_of_zeros_stays_zero(config: ModelConfig) -> None:
    named = {
        "decoder.F0_conv.weight_g": torch.ones(2, 1, 1),
        "decoder.F0_conv.weight_v": torch.zeros(2, 1, 3),
    }
    named["decoder.F0_conv.weight_v"][1] = 2.0
    weight = translate(named, config)["decoder.f0_conv.weight"]
    assert weight[0].abs().max() == 0
    torch.testing.assert_close(weight[1].norm(), torch.tensor(1.0))


def test_what_the_model_does_not_use_is_passed_over(
    flat: dict[str, Tensor], config: ModelConfig, tmp_path: Path
) -> None:
    unused = {"bert.pooler.weight": torch.ones(2, 2), "bert.embeddings.position_ids": torch.arange(3)}
    torch.save({**flat, **unused}, tmp_path / "more.pth")
    assert set(read_state(tmp_path / "more.pth", config, shapes_of(translate(flat, config)))) == OURS


def test_a_misfit_names_the_file_and_the_keys(
    flat: dict[str, Tensor], config: ModelConfig, tmp_path: Path
) -> None:
    shapes = shapes_of(translate(flat, config))
    path = tmp_path / "misfit.pth"

    def complaint(state: dict[str, Tensor]) -> str:
        torch.save(state, path)
        with pytest.raises(CheckpointError) as caught:
            read_state(path, config, shapes)
        assert str(path) in str(caught.value)
        assert "--data-dir" in str(caught.value)
        return str(caught.value)

    without = {name: tensor for name, tensor in flat.items() if "pool" not in name}
    assert "prosody.f0.blocks.1.upsample.weight missing" in complaint(without)
    assert "extra.weight not part of the model" in complaint({**flat, "extra.weight": torch.ones(1)})
    assert "albert.embedding_norm.weight of another shape" in complaint(
        {**flat, "bert.embeddings.LayerNorm.weight": torch.ones(5)}
    )
    poisoned = flat["predictor.F0_proj.weight"].clone()
    poisoned[0] = float("nan")
    assert "prosody.f0.projection.weight not finite" in complaint(
        {**flat, "predictor.F0_proj.weight": poisoned}
    )
    assert "and 7 more missing" in complaint({"extra.weight": torch.ones(1)})
    lone = {"decoder.F0_conv.weight_g": torch.ones(1, 1, 1)}
    assert "decoder.f0_conv.weight_g not part of the model" in complaint({**flat, **lone})


class Malicious:
    def __reduce__(self) -> tuple[Any, ...]:
        return (Path("pwned").touch, ())


def test_what_is_no_checkpoint_is_an_error_and_runs_nothing(
    config: ModelConfig, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    torch.save({"weight": torch.ones(1000)}, tmp_path / "whole.pth")
    whole = (tmp_path / "whole.pth").read_bytes()
    save_file({"weight": torch.ones(1000)}, tmp_path / "whole.safetensors")
    (tmp_path / "cut.safetensors").write_bytes((tmp_path / "whole.safetensors").read_bytes()[:-100])
    (tmp_path / "cut.pth").write_bytes(whole[: len(whole) // 2])
    (tmp_path / "empty.pth").write_bytes(b"")
    (tmp_path / "page.pth").write_bytes(b"<!DOCTYPE html><html></html>")
    torch.save(torch.ones(3), tmp_path / "tensor.pth")
    torch.save({"epoch": 3}, tmp_path / "other.pth")
    torch.save({"weight": Malicious()}, tmp_path / "code.pth")
    (tmp_path / "folder.pth").mkdir()
    names = (
        "cut.safetensors",
        "cut.pth",
        "empty.pth",
        "page.pth",
        "tensor.pth",
        "other.pth",
        "code.pth",
        "folder.pth",
    )
    for name in (*names, "absent.pth", "absent.safetensors"):
        with pytest.raises(CheckpointError, match=name):
            read_state(tmp_path / name, config, {})
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"n_token": None}, "n_token"),
        ({"style_dim": "128"}, "style_dim"),
        ({"plbert": 3}, "plbert"),
        ({"vocab": {"a": 20}}, "vocab holds ids outside"),
        ({"plbert": {**CONFIG["plbert"], "num_attention_heads": 5}}, "num_attention_heads"),
        ({"istftnet": {**CONFIG["istftnet"], "upsample_rates": [10]}}, "upsample_rates"),
        ({"istftnet": {**CONFIG["istftnet"], "upsample_rates": [10, "6"]}}, "upsample_rates"),
        ({"istftnet": {**CONFIG["istftnet"], "resblock_kernel_sizes": [3]}}, "resblock_kernel_sizes"),
    ],
)
def test_a_config_that_does_not_fit_says_where(
    change: dict[str, Any], complaint: str, tmp_path: Path
) -> None:
    path = tmp_path / "config.json"
    path.write_text(json.dumps({**CONFIG, **change}))
    with pytest.raises(CheckpointError, match=complaint) as caught:
        read_config(path)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("content", ["", "[]", "{", '"text"', "{}"])
def test_a_config_that_is_none_is_an_error(content: str, tmp_path: Path) -> None:
    path = tmp_path / "config.json"
    path.write_text(content)
    with pytest.raises(CheckpointError, match=r"config\.json"):
        read_config(path)
    with pytest.raises(CheckpointError, match="Cannot read"):
        read_config(tmp_path / "absent.json")


def test_derived_numbers(config: ModelConfig) -> None:
    assert config.max_phonemes == 62
    assert config.generator.samples_per_f0 == 300
    assert config.samples_per_frame == 600
    assert config.generator.n_bins == 11
