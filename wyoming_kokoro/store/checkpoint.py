"""Checkpoint files to the tensors the model wants: formats, names and weight norm end here.

Accepts the published `.pth` (a dict of five state dicts), flat `.pth` and `.safetensors` files with the
same names, weight norm in either spelling or already folded, and InstanceNorm affines if a fine-tune has
them. Nothing is unpickled that could run code. Knows nothing of hubs.
"""

from __future__ import annotations

import json
import logging
import pickle
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from wyoming_kokoro.errors import CheckpointError
from wyoming_kokoro.model.config import ModelConfig

_LOGGER = logging.getLogger(__name__)

State = dict[str, Tensor]

_NOT_NEEDED = re.compile(
    r"^bert\.pooler\.|^bert\.embeddings\.position_ids$"  # unused by the model; some exports carry them
)
_REMEDY = "Fetch it again, or point --data-dir at a folder with a Kokoro-82M checkpoint and its config.json"


def read_config(path: Path) -> ModelConfig:
    """The model's dimensions. Raises `CheckpointError` that names the file and what is wrong in it."""
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return ModelConfig.from_dict(raw if isinstance(raw, dict) else {})
    except OSError as error:
        raise CheckpointError(f"Cannot read {path}: {error.strerror}. {_REMEDY}") from error
    except ValueError as error:
        raise CheckpointError(f"{path} is no config.json of a Kokoro model: {error}. {_REMEDY}") from error


def read_state(path: Path, config: ModelConfig, shapes: Mapping[str, torch.Size]) -> State:
    """The tensors of a checkpoint under the model's own names, fp32, weight norm folded.

    `shapes` is what the model expects; the file has to hold exactly that. Raises `CheckpointError` that
    names the file and the first of the missing, unknown or misfit keys.
    """
    state = translate(_read_flat(path), config)
    _check(path, state, shapes)
    return state


def translate(state: Mapping[str, Tensor], config: ModelConfig) -> State:
    """Tensors under the reference's names to the model's own names, fp32, with norms folded."""
    folded = _fold_instance_norm(_fold_weight_norm(state))
    return {name: tensor.float().contiguous() for name, tensor in _rename(folded, config).items()}


def _read_flat(path: Path) -> State:
    """All tensors of a file under the reference's names: `decoder.generator.ups.0.weight_v`."""
    try:
        content = load_file(path) if path.suffix == ".safetensors" else _torch_load(path)
    except OSError as error:
        raise CheckpointError(f"Cannot read {path}: {error.strerror or error}. {_REMEDY}") from error
    except (SafetensorError, pickle.UnpicklingError, RuntimeError, EOFError, ValueError, KeyError) as error:
        # torch and safetensors say with these that a file is cut short or of another kind.
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(f"{path} is damaged or no checkpoint ({reason}). {_REMEDY}") from error
    if not isinstance(content, dict):
        raise CheckpointError(f"{path} holds a {type(content).__name__}, not a checkpoint. {_REMEDY}")
    flat = {_without_wrapper(name): tensor for name, tensor in _flatten(content)}
    if not flat:
        raise CheckpointError(f"{path} holds no tensors. {_REMEDY}")
    return {name: tensor for name, tensor in flat.items() if not _NOT_NEEDED.match(name)}


def _torch_load(path: Path) -> object:
    return torch.load(path, map_location="cpu", weights_only=True)


def _flatten(content: Mapping[object, object], prefix: str = "") -> Iterator[tuple[str, Tensor]]:
    for key, value in content.items():
        name = f"{prefix}{key}"
        if isinstance(value, Tensor):
            yield name, value
        elif isinstance(value, Mapping):
            yield from _flatten(value, f"{name}.")


def _without_wrapper(name: str) -> str:
    """Drops the `module.` that data-parallel training left in `decoder.module.encode…`."""
    return re.sub(r"^(\w+\.)?module\.", lambda match: match[1] or "", name)


def _fold_weight_norm(state: Mapping[str, Tensor]) -> State:
    """Weight norm to plain weights: v · g / ‖v‖, the norm taken over all dimensions but the first.

    Salimans and Kingma 2016. Takes both of PyTorch's spellings. A channel whose v is zero stays zero,
    where the formula has 0/0.
    """
    folded: State = {}
    for name, tensor in state.items():
        if name.endswith((".weight_v", ".parametrizations.weight.original1")):
            continue
        if name.endswith(".weight_g"):
            module, direction = name.removesuffix(".weight_g"), ".weight_v"
        elif name.endswith(".parametrizations.weight.original0"):
            module = name.removesuffix(".parametrizations.weight.original0")
            direction = ".parametrizations.weight.original1"
        else:
            folded[name] = tensor
            continue
        if (v := state.get(module + direction)) is None:
            folded[name] = tensor  # reported as an unknown key
            continue
        # PyTorch's own kernel, so that the weights are to the last bit those that training saw.
        weight = torch._weight_norm(v.float(), tensor.float(), 0)
        silent = (v == 0).flatten(1).all(dim=1)
        folded[f"{module}.weight"] = weight.masked_fill(silent.view(-1, *[1] * (v.dim() - 1)), 0.0)
    return folded


def _fold_instance_norm(state: Mapping[str, Tensor]) -> State:
    """Folds an affine InstanceNorm inside AdaIN into the style projection beside it.

    The published weights have none, fine-tunes saved from the reference package do: there AdaIN is
    (1 + γ)(w·n + b) + β, which is (1 + γ')·n + β' with γ' = w(1 + γ) − 1 and β' = β + b(1 + γ), both
    linear in the style.
    """
    folded = dict(state)
    for name in [name for name in state if re.search(r"(norm|adain)\d(\.\d+)?\.norm\.weight$", name)]:
        module = name.removesuffix(".norm.weight")
        w, b = folded.pop(name).float(), folded.pop(f"{module}.norm.bias").float()
        gain, offset = folded[f"{module}.fc.weight"].float().chunk(2)
        gain_bias, offset_bias = folded[f"{module}.fc.bias"].float().chunk(2)
        folded[f"{module}.fc.weight"] = torch.cat([w.unsqueeze(1) * gain, offset + b.unsqueeze(1) * gain])
        folded[f"{module}.fc.bias"] = torch.cat([w * (1 + gain_bias) - 1, offset_bias + b * (1 + gain_bias)])
    return folded


# The reference's names and ours; the only place that knows the former. Applied to a name in this order,
# each pattern where it matches. The generator's blocks are numbered through all stages there.
_RENAMES: tuple[tuple[str, str], ...] = (
    (r"^bert\.embeddings\.(word|position|token_type)_embeddings\.", r"albert.\1_embedding."),
    (r"^bert\.embeddings\.LayerNorm\.", r"albert.embedding_norm."),
    (r"^bert\.encoder\.embedding_hidden_mapping_in\.", r"albert.embedding_projection."),
    (r"^bert\.encoder\.albert_layer_groups\.0\.albert_layers\.0\.", r"albert.layer."),
    (r"^albert\.layer\.attention\.(query|key|value)\.", r"albert.layer.\1."),
    (r"^albert\.layer\.attention\.dense\.", r"albert.layer.attention_out."),
    (r"^albert\.layer\.attention\.LayerNorm\.", r"albert.layer.attention_norm."),
    (r"^albert\.layer\.ffn\.", r"albert.layer.feed_forward_in."),
    (r"^albert\.layer\.ffn_output\.", r"albert.layer.feed_forward_out."),
    (r"^albert\.layer\.full_layer_layer_norm\.", r"albert.layer.output_norm."),
    (r"^bert_encoder\.", r"albert_projection."),
    (r"^predictor\.text_encoder\.lstms\.(\d+)\.fc\.", r"prosody.duration_encoder.norms.{half:\1}.fc."),
    (r"^predictor\.text_encoder\.lstms\.(\d+)\.", r"prosody.duration_encoder.lstms.{half:\1}."),
    (r"^predictor\.lstm\.", r"prosody.duration_lstm."),
    (r"^predictor\.duration_proj\.linear_layer\.", r"prosody.duration_projection."),
    (r"^predictor\.shared\.", r"prosody.curve_lstm."),
    (r"^predictor\.F0\.", r"prosody.f0.blocks."),
    (r"^predictor\.N\.", r"prosody.energy.blocks."),
    (r"^predictor\.F0_proj\.", r"prosody.f0.projection."),
    (r"^predictor\.N_proj\.", r"prosody.energy.projection."),
    (r"^text_encoder\.cnn\.(\d+)\.0\.", r"text_encoder.convs.\1."),
    (r"^text_encoder\.cnn\.(\d+)\.1\.gamma$", r"text_encoder.norms.\1.weight"),
    (r"^text_encoder\.cnn\.(\d+)\.1\.beta$", r"text_encoder.norms.\1.bias"),
    (r"^decoder\.generator\.m_source\.l_linear\.", r"generator.source.mix."),
    (r"^decoder\.generator\.noise_convs\.(\d+)\.", r"generator.stages.\1.source_conv."),
    (r"^decoder\.generator\.noise_res\.(\d+)\.", r"generator.stages.\1.source_block."),
    (r"^decoder\.generator\.ups\.(\d+)\.", r"generator.stages.\1.upsample."),
    (r"^decoder\.generator\.resblocks\.(\d+)\.", r"generator.stages.{stage:\1}.blocks.{block:\1}."),
    (r"^decoder\.generator\.conv_post\.", r"generator.output_conv."),
    (r"^decoder\.decode\.", r"decoder.blocks."),
    (r"^decoder\.F0_conv\.", r"decoder.f0_conv."),
    (r"^decoder\.N_conv\.", r"decoder.energy_conv."),
    (r"^decoder\.asr_res\.0\.", r"decoder.aligned_conv."),
    (r"\.conv1x1\.", r".shortcut."),
    (r"\.pool\.", r".upsample."),
    (r"\.adain([12])\.", r".norms\1."),
    (r"\.alpha([12])\.", r".alphas\1."),
)


def _rename(state: State, config: ModelConfig) -> State:
    n_blocks = len(config.generator.kernel_sizes)
    computed: dict[str, Callable[[int], int]] = {
        "half": lambda index: index // 2,  # LSTMs and their norms alternate in one list
        "stage": lambda index: index // n_blocks,
        "block": lambda index: index % n_blocks,
    }

    def ours(name: str) -> str:
        for pattern, replacement in _RENAMES:
            name = re.sub(pattern, replacement, name)
        return re.sub(r"\{(\w+):(\d+)\}", lambda match: str(computed[match[1]](int(match[2]))), name)

    return {ours(name): tensor for name, tensor in state.items()}


def _check(path: Path, state: State, shapes: Mapping[str, torch.Size]) -> None:
    faults = [
        f"{_some(names)} {what}"
        for what, names in (
            ("missing", sorted(shapes.keys() - state.keys())),
            ("not part of the model", sorted(state.keys() - shapes.keys())),
            (
                "of another shape than config.json says",
                sorted(name for name in shapes.keys() & state.keys() if shapes[name] != state[name].shape),
            ),
            (
                "not finite",
                sorted(name for name, tensor in state.items() if not torch.isfinite(tensor).all()),
            ),
        )
        if names
    ]
    if faults:
        raise CheckpointError(f"{path} does not fit the model: {'; '.join(faults)}. {_REMEDY}")


def _some(names: list[str]) -> str:
    """The first few names, and how many there are."""
    shown = ", ".join(names[:3])
    return shown if len(names) <= 3 else f"{shown} and {len(names) - 3} more"
