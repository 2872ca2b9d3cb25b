"""Weights → prepared weights: laid out for the fast model, in the precision it computes with.

`prepare` maps a state dict to another, which can be kept on disk and gives the same model every time.
`calibrate` finds out, for 8 bits, how far each channel's values reach. Neither knows files or text.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.fast.blocks import leaky_relu_range, snake_range
from wyoming_kokoro.model.fast.toom_cook import in_16_bits as points_in_16_bits
from wyoming_kokoro.model.fast.toom_cook import transform_kernel
from wyoming_kokoro.model.kokoro import Kokoro, source_noise
from wyoming_kokoro.model.layers import NORM_EPS, AdaIN

State = dict[str, Tensor]

FORMAT = 8
"""Of what `prepare` makes; to be raised with every change of it, or what is kept on disk would be of the old kind."""

SOUND = ("decoder.", "generator.")  # the rest is the text side

# Of the values of a sentence this share lies beyond a channel's range at either end, and is clipped.
_OUTLIERS = 1e-3

# The scale of an input channel is range^p / weight^(1 - p), as in SmoothQuant (Xiao et al. 2023): 1 would give
# every channel of the activation its full 8 bits, 0 every channel of the weights. Measured, see dev/LOG.md.
_RANGE_POWER = 0.85


# Where 16 bits end, in standard deviations of a channel; what is beyond is clipped.
_REACH = 8.0

# The convolutions behind an AdaIN, but for those that have a depthwise one before them.
_IN_16_BITS = re.compile(
    r"generator\.stages\.\d+\.(source_block|blocks\.\d+)\.convs\d\.\d+\.weight"
    r"|decoder\.(encode\.conv[12]|blocks\.[012]\.conv[12]|blocks\.3\.conv2)\.weight"
    r"|prosody\.energy\.blocks\.([02]\.conv[12]|1\.conv2)\.weight"
)

# And those whose inputs are of no known range, which is looked up each time.
_IN_16_BITS_OF_ANY_RANGE = re.compile(
    r"generator\.stages\.\d+\.upsample\.weight|decoder\.(encode|blocks\.\d)\.shortcut\.weight"
    r"|prosody\.energy\.blocks\.1\.shortcut\.weight"
)


@dataclass(frozen=True)
class Calibration:
    """What 8 bits are cut to fit."""

    ranges: Mapping[str, Tensor]
    """For each convolution behind an AdaIN of decoder and generator, by its name: the low and high end of the
    norm's channels in standard deviations from the mean, (2, channels), before style and activation."""

    timbres: Tensor
    """(voices, style_dim): the first halves of the style rows that ranges were taken with."""


def calibrate(model: Kokoro, utterances: Iterable[tuple[Tensor, Tensor]]) -> Calibration:
    """Speaks and watches. utterances: token ids, (1, tokens), and style rows, (1, 2 * style_dim).

    Several voices are needed: what a style does to the channels' proportions is what the scales must fit.
    """
    ranges: dict[str, Tensor] = {}
    timbres = []

    def watch(name: str) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
        def hook(_module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
            x = inputs[0][0]
            variance, mean = torch.var_mean(x, dim=1, correction=0, keepdim=True)
            normalized = (x - mean) * torch.rsqrt(variance + NORM_EPS)
            n_beyond = max(1, round(x.shape[1] * _OUTLIERS))
            low = -(-normalized).topk(n_beyond, dim=1).values[:, -1]
            high = normalized.topk(n_beyond, dim=1).values[:, -1]
            if name in ranges:
                low, high = torch.minimum(low, ranges[name][0]), torch.maximum(high, ranges[name][1])
            ranges[name] = torch.stack([low, high])

        return hook

    handles = []
    for name, module in model.named_modules():
        if isinstance(module, AdaIN) and (convolution := _convolution_in_8_bits(name)):
            handles.append(module.register_forward_pre_hook(watch(convolution)))
    try:
        for token_ids, style in utterances:
            prosody = model.predict(token_ids, style)
            for _samples in model.decode(prosody, style, source_noise(model.config, prosody.n_frames, 0)):
                pass
            timbres.append(style[:, : model.config.style_dim])
    finally:
        for handle in handles:
            handle.remove()
    return Calibration(ranges, torch.cat(timbres))


def _convolution_in_8_bits(norm: str) -> str | None:
    """The convolution behind an AdaIN of decoder or generator; None where it is to keep its precision."""
    if found := re.fullmatch(r"(generator\..*)\.norms(\d)\.(\d+)", norm):
        return f"{found[1]}.convs{found[2]}.{found[3]}"
    # Not the first block, which costs half as much quality as all of the generator, nor the last, which is small.
    if found := re.fullmatch(r"(decoder\.blocks\.[012])\.norm(\d)", norm):
        return f"{found[1]}.conv{found[2]}"
    return None


@torch.no_grad()
def prepare(
    state: Mapping[str, Tensor],
    config: ModelConfig,
    *,
    sound_dtype: torch.dtype = torch.float32,
    calibration: Calibration | None = None,
    in_16_bits: bool = False,
) -> State:
    """state: that of `Kokoro`. What is only heard, energy, text encoder, decoder and generator, convolves in `sound_dtype`.

    That is fp32 or bf16. With a calibration, the residual blocks of the latter two convolve in 8 bits, else `in_16_bits` if asked to. In fp32
    throughout, the text side is left as it is, for the plain modules to compute bit for bit what the reference
    computes.
    """
    prepared = {name: tensor.detach() for name, tensor in state.items()}
    text: State = {}
    if sound_dtype == torch.float32 and calibration is None and not in_16_bits:
        text = {name: prepared.pop(name) for name in list(prepared) if not name.startswith(SOUND)}
    else:
        _fuse_attention(prepared)
        _stack_lstms(prepared)
    _fold_half_power(prepared)
    for name in [name for name in prepared if re.search(r"^generator\.stages\.\d+\.upsample\.weight$", name)]:
        stage = int(name.split(".")[2])
        _make_plain(prepared, name.removesuffix(".weight"), config.generator.upsample_rates[stage])
    for name, weight in prepared.items():
        if name.endswith(".weight") and weight.dim() == 2 and _is_linear(name):
            prepared[name] = weight.unsqueeze(2)
    if calibration is not None:
        for name, normalized in calibration.ranges.items():
            prepared.update(_eight_bit(prepared, name, normalized, calibration.timbres))
    if in_16_bits:
        for name in [name for name in prepared if _IN_16_BITS.fullmatch(name)]:
            prepared.update(_sixteen_bit(prepared, name.removesuffix(".weight")))
        for name in [name for name in prepared if _IN_16_BITS_OF_ANY_RANGE.fullmatch(name)]:
            prepared.update(_points_in_16_bits(prepared, name.removesuffix(".weight")))
    for name, weight in prepared.items():
        if _is_body(name) and weight.dtype == torch.float32:
            prepared[name] = weight.to(sound_dtype)
    return {name: tensor.contiguous() for name, tensor in (prepared | text).items()}


def has_plain_text_side(prepared: Mapping[str, Tensor]) -> bool:
    """Whether `prepare` has left the text side as it was."""
    return "albert.layer.query.weight" in prepared


def _is_linear(name: str) -> bool:
    """Whether a matrix is applied to a sequence; those of styles and embeddings are not."""
    return not re.search(r"(\.fc|embedding|mix)\.weight$", name)


def _is_body(name: str) -> bool:
    """Whether a tensor is the weight of a heavy convolution that only what is heard hangs on, not when or how high."""
    return bool(
        re.search(r"^text_encoder\.convs\.\d+\.weight$", name)
        or re.search(r"^prosody\.energy\.blocks\.\d+\.(conv\d|shortcut)\.weight$", name)
        or re.search(r"^decoder\.(encode|blocks\.\d+)\.(conv\d|shortcut)\.weight$", name)
        or re.search(
            r"^generator\.stages\.\d+\.(upsample|(source_block|blocks\.\d+)\.convs\d\.\d+)\.weight$", name
        )
    )


def _fuse_attention(state: State) -> None:
    """One matrix for queries, keys and values."""
    for kind in ("weight", "bias"):
        parts = [state.pop(f"albert.layer.{part}.{kind}") for part in ("query", "key", "value")]
        state[f"albert.layer.query_key_value.{kind}"] = torch.cat(parts)


def _stack_lstms(state: State) -> None:
    """Both directions' input weights as one matrix, the biases summed, the recurrent weights transposed."""
    for name in [name for name in state if name.endswith(".weight_ih_l0")]:
        lstm = name.removesuffix("weight_ih_l0")
        both = {
            kind: [state.pop(f"{lstm}{kind}_l0{direction}") for direction in ("", "_reverse")]
            for kind in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        }
        state[f"{lstm}projection.weight"] = torch.cat(both["weight_ih"])
        state[f"{lstm}projection.bias"] = torch.cat(both["bias_ih"]) + torch.cat(both["bias_hh"])
        state[f"{lstm}recurrent"] = torch.stack([weight.t() for weight in both["weight_hh"]])


def _fold_half_power(state: State) -> None:
    """The √½ behind the sum of a style block goes into both summands."""
    for name in [name for name in state if re.search(r"\.norm2\.fc\.weight$", name)]:
        block = name.removesuffix("norm2.fc.weight")
        for part in ("conv2.weight", "conv2.bias", "shortcut.weight"):
            if block + part in state:
                state[block + part] = state[block + part] * math.sqrt(0.5)


def _make_plain(state: State, name: str, rate: int) -> None:
    """A transposed convolution as a plain one: `rate` steps of output side by side, each from few of input.

    Step u·rate + r of the untrimmed output is Σ x[u − j]·w[r + j·rate].
    """
    weight = state[f"{name}.weight"]
    in_channels, out_channels, kernel_size = weight.shape
    assert kernel_size == 2 * rate, "every step of output hangs on two of input"
    taps = weight.view(in_channels, out_channels, 2, rate).flip(2)
    state[f"{name}.weight"] = taps.permute(3, 1, 0, 2).reshape(rate * out_channels, in_channels, -1)
    state[f"{name}.bias"] = state[f"{name}.bias"].repeat(rate)


def _sixteen_bit(state: State, name: str) -> State:
    """A convolution in 16 bits, which have room for values of every size: nothing is fitted to a voice."""
    in_channels = state[f"{name}.weight"].shape[1]
    return {
        **_points_in_16_bits(state, name),
        f"{name}.channel_scale": torch.ones(in_channels),
        f"{name}.input_range": torch.tensor([[-_REACH], [_REACH]]).repeat(1, in_channels),
    }


def _points_in_16_bits(state: State, name: str) -> State:
    weight = state[f"{name}.weight"]
    points, scale = points_in_16_bits(transform_kernel(weight, is_short=not name.startswith("generator.")))
    return {
        f"{name}.weight": points,
        f"{name}.weight_scale": scale,
        f"{name}.kernel_size": torch.tensor(weight.shape[2]),
    }


def _eight_bit(state: State, name: str, normalized: Tensor, timbres: Tensor) -> State:
    """A convolution in 8 bits: symmetric weights with a scale for each output channel."""
    norm = re.sub(r"conv(s?\d)", r"norm\1", name)
    weight = state[f"{name}.weight"]
    reach = torch.zeros(weight.shape[1])
    for timbre in timbres:
        gains = torch.addmv(state[f"{norm}.fc.bias"], state[f"{norm}.fc.weight"], timbre).view(2, -1).unbind()
        if name.startswith("generator."):
            alpha = state[re.sub(r"convs(\d)", r"alphas\1", name)].flatten()
            ends = snake_range(normalized, gains, alpha)
        else:
            ends = leaky_relu_range(normalized, gains)
        reach = torch.maximum(reach, ends.abs().amax(dim=0))
    largest = weight.abs().amax(dim=(0, 2)).clamp(min=1e-6)
    channel_scale = reach.clamp(min=1e-4) ** _RANGE_POWER / largest ** (1 - _RANGE_POWER)
    scaled = weight * channel_scale.view(1, -1, 1)
    weight_scale = scaled.abs().amax(dim=(1, 2)).clamp(min=1e-9) / 127
    return {
        f"{name}.weight": (scaled / weight_scale.view(-1, 1, 1)).round().to(torch.int8),
        f"{name}.weight_scale": weight_scale,
        f"{name}.channel_scale": channel_scale,
        f"{name}.input_range": normalized,
    }
