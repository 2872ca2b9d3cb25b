"""The whole model in two steps: `predict` decides how an utterance is spoken, `decode` speaks it.

StyleTTS2 family (Li et al. 2023) with an iSTFTNet generator. One utterance at a time; shapes keep a batch
dimension of one, as the layers expect. The model holds weights and no state.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from wyoming_kokoro.model.albert import Albert
from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.decoder import Decoder, Generator
from wyoming_kokoro.model.prosody import ProsodyPredictor
from wyoming_kokoro.model.text_encoder import TextEncoder


@dataclass(frozen=True)
class Prosody:
    """How an utterance is to be spoken; everything that `decode` needs but the timbre and the noise."""

    durations: Tensor
    """(tokens,) in alignment frames, the boundary tokens included."""

    f0: Tensor
    """(1, 2 * frames) in Hz; near zero where unvoiced."""

    energy: Tensor
    """(1, 2 * frames), log-scaled as the model learnt it."""

    aligned: Tensor
    """(1, hidden_dim, frames): text features, each phoneme's repeated for as long as it lasts."""

    @property
    def n_frames(self) -> int:
        """Length in alignment frames."""
        return self.aligned.shape[-1]


class Kokoro(nn.Module):
    """Phoneme ids and a style row in, samples out."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        self.albert = Albert(config.albert, config.n_tokens)
        self.albert_projection = nn.Linear(config.albert.hidden_dim, config.hidden_dim)
        self.prosody = ProsodyPredictor(config)
        self.text_encoder = TextEncoder(
            config.n_tokens, config.hidden_dim, config.text_kernel_size, config.n_layers
        )
        self.decoder = Decoder(config)
        self.generator = Generator(config.generator, config.style_dim, config.n_harmonics)

    @torch.inference_mode()
    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """Durations, pitch and energy of an utterance.

        token_ids: (1, tokens) with id 0 at both ends, style: (1, 2 * style_dim), a row of a voice pack.
        Speed divides the durations and touches nothing else.
        """
        _, n_tokens = token_ids.shape
        assert n_tokens <= self.config.albert.n_positions, "the caller splits what is too long"
        manner = style[:, self.config.style_dim :]
        contextual = self.albert_projection(self.albert(token_ids))
        encoded = self.prosody.duration_encoder(contextual, manner)
        durations = self.prosody.durations(encoded, speed)[0]
        f0, energy = self.prosody.curves(encoded.repeat_interleave(durations, dim=1), manner)
        aligned = self.text_encoder(token_ids).repeat_interleave(durations, dim=2)
        return Prosody(durations, f0, energy, aligned)

    @torch.inference_mode()
    def features(self, prosody: Prosody, style: Tensor) -> Tensor:
        """The generator's input: (1, initial_channels, 2 * frames). The cheap half of decoding."""
        timbre = style[:, : self.config.style_dim]
        return self.decoder(prosody.aligned, prosody.f0, prosody.energy, timbre)

    def decode(self, prosody: Prosody, style: Tensor, noise: Tensor) -> Iterator[Tensor]:
        """Yields the samples of an utterance, (samples,) each; joined they are n_frames * samples_per_frame.

        style: as for `predict`; noise: from `source_noise`.
        """
        timbre = style[:, : self.config.style_dim]
        with torch.inference_mode():
            samples = self.generator(self.features(prosody, style), prosody.f0, timbre, noise)[0]
        yield samples


def source_noise(config: ModelConfig, n_frames: int, seed: int) -> Tensor:
    """Standard normal noise for an utterance of so many alignment frames, always made on the CPU.

    Returns (1, n_frames * samples_per_frame, n_harmonics). Equal seeds give equal noise on every device.
    """
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, n_frames * config.samples_per_frame, config.n_harmonics, generator=generator)
