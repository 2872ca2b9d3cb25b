"""The model's dimensions, read from config.json, and the rates that follow from them. No torch.

Rates, for the published config at 24 kHz. Never say just "frame": one *alignment frame* is one unit of
duration, 25 ms or 600 samples. F0 and energy have two values in each (80 Hz); the generator's stages
run at 800 Hz and 4,800 Hz; its spectrogram hops 5 samples.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

SAMPLE_RATE_HZ = 24_000

_T = TypeVar("_T")


@dataclass(frozen=True)
class AlbertConfig:
    """Dimensions of the phoneme-level ALBERT (`plbert` in config.json)."""

    hidden_dim: int
    n_heads: int
    feed_forward_dim: int
    n_positions: int
    """The longest input, the two boundary tokens included."""

    n_layers: int
    """How often the one shared layer is applied."""

    embedding_dim: int = 128
    n_token_types: int = 2
    norm_eps: float = 1e-12


@dataclass(frozen=True)
class GeneratorConfig:
    """Dimensions of the iSTFTNet generator (`istftnet` in config.json)."""

    upsample_rates: tuple[int, ...]
    upsample_kernel_sizes: tuple[int, ...]
    initial_channels: int
    """Channels of the decoder's features; each upsampling halves them."""

    kernel_sizes: tuple[int, ...]
    """One residual block per kernel size runs side by side in each stage."""

    dilations: tuple[tuple[int, ...], ...]
    """For each kernel size, the dilations of its block's convolutions, in order."""

    n_fft: int
    hop_samples: int
    source_kernel_sizes: tuple[int, int] = (7, 11)
    """Kernels of the blocks that work on the source: all stages but the last, the last."""

    source_dilations: tuple[int, ...] = (1, 3, 5)

    @property
    def n_bins(self) -> int:
        """Frequency bins of the one-sided spectrum."""
        return self.n_fft // 2 + 1

    def source_stride(self, stage: int) -> int:
        """Steps of the source's spectrum, which comes at the last stage's rate, for one of this stage's output."""
        return math.prod(self.upsample_rates[stage + 1 :])

    @property
    def samples_per_f0(self) -> int:
        """Samples made from one step of the generator's input, which runs at the rate of F0."""
        return math.prod(self.upsample_rates) * self.hop_samples


@dataclass(frozen=True)
class ModelConfig:
    """Everything the model's shapes depend on."""

    n_tokens: int
    hidden_dim: int
    style_dim: int
    """Half the width of a voice's style row: one half is timbre, the other manner."""

    n_layers: int
    max_duration: int
    """Longest duration of a phoneme at speed 1, in alignment frames."""

    text_kernel_size: int
    albert: AlbertConfig
    generator: GeneratorConfig
    vocab: Mapping[str, int]
    """Phoneme symbol to token id; id 0 stands at both ends of every input."""

    decoder_dim: int = 1024
    aligned_dim: int = 64
    """Channels of the text features that are fed to every block of the decoder again."""

    n_harmonics: int = 9
    """Sines in the source: the fundamental and its overtones."""

    @property
    def max_phonemes(self) -> int:
        """Longest phoneme input: the positions less the two boundary tokens."""
        return self.albert.n_positions - 2

    @property
    def samples_per_frame(self) -> int:
        """Samples in one alignment frame, the unit of durations."""
        return 2 * self.generator.samples_per_f0

    @classmethod
    def from_dict(cls, raw: Mapping[str, Any]) -> ModelConfig:
        """Reads the parsed config.json.

        Raises `ValueError` that names what is missing or does not fit.
        """
        albert = _get(raw, "plbert", dict)
        generator = _get(raw, "istftnet", dict)
        vocab = _get(raw, "vocab", dict)
        config = cls(
            n_tokens=_get(raw, "n_token", int),
            hidden_dim=_get(raw, "hidden_dim", int),
            style_dim=_get(raw, "style_dim", int),
            n_layers=_get(raw, "n_layer", int),
            max_duration=_get(raw, "max_dur", int),
            text_kernel_size=_get(raw, "text_encoder_kernel_size", int),
            albert=AlbertConfig(
                hidden_dim=_get(albert, "hidden_size", int),
                n_heads=_get(albert, "num_attention_heads", int),
                feed_forward_dim=_get(albert, "intermediate_size", int),
                n_positions=_get(albert, "max_position_embeddings", int),
                n_layers=_get(albert, "num_hidden_layers", int),
            ),
            generator=GeneratorConfig(
                upsample_rates=_ints(generator, "upsample_rates"),
                upsample_kernel_sizes=_ints(generator, "upsample_kernel_sizes"),
                initial_channels=_get(generator, "upsample_initial_channel", int),
                kernel_sizes=_ints(generator, "resblock_kernel_sizes"),
                dilations=tuple(tuple(row) for row in _get(generator, "resblock_dilation_sizes", list)),
                n_fft=_get(generator, "gen_istft_n_fft", int),
                hop_samples=_get(generator, "gen_istft_hop_size", int),
            ),
            vocab=dict(vocab),
        )
        config._check()
        return config

    def _check(self) -> None:
        generator = self.generator
        if len(generator.upsample_rates) != len(generator.upsample_kernel_sizes):
            raise ValueError("istftnet.upsample_rates and istftnet.upsample_kernel_sizes differ in length")
        if len(generator.kernel_sizes) != len(generator.dilations):
            raise ValueError(
                "istftnet.resblock_kernel_sizes and istftnet.resblock_dilation_sizes differ in length"
            )
        if self.albert.hidden_dim % self.albert.n_heads:
            raise ValueError("plbert.hidden_size is no multiple of plbert.num_attention_heads")
        beyond = sorted(symbol for symbol, token in self.vocab.items() if not 0 < token < self.n_tokens)
        if beyond:
            raise ValueError(f"vocab holds ids outside 1…{self.n_tokens - 1}: {' '.join(beyond)}")


def _get(raw: Mapping[str, Any], key: str, kind: type[_T]) -> _T:
    if key not in raw:
        raise ValueError(f"{key} is missing")
    value = raw[key]
    if not isinstance(value, kind) or isinstance(value, bool):
        raise ValueError(f"{key} is {value!r}, which is no {kind.__name__}")
    return value


def _ints(raw: Mapping[str, Any], key: str) -> tuple[int, ...]:
    values = tuple(_get(raw, key, list))
    if not all(isinstance(value, int) for value in values):
        raise ValueError(f"{key} is {values!r}, which are not all whole numbers")
    return values
