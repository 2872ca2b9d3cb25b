"""The whole model in two steps: `predict` decides how an utterance is spoken, `decode` speaks it.

StyleTTS2 family (Li et al. 2023) with an iSTFTNet generator. One utterance at a time, or several of any
lengths together, which comes to the same sound; an utterance's own shapes keep a batch dimension of one, as
the layers expect. The model holds weights and no state.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pad_sequence

from wyoming_kokoro.model.albert import Albert
from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.decoder import Decoder, Generator
from wyoming_kokoro.model.lengths import Lengths
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

    def part(self, tokens: range) -> Prosody:
        """That of some of the tokens, as if nothing came before and after them."""
        start = int(self.durations[: tokens.start].sum())
        end = start + int(self.durations[tokens.start : tokens.stop].sum())
        return Prosody(
            self.durations[tokens.start : tokens.stop],
            self.f0[:, 2 * start : 2 * end],
            self.energy[:, 2 * start : 2 * end],
            self.aligned[:, :, start:end],
        )


class SpeechModel(Protocol):
    """What speaks: `Kokoro` itself, or one of the forms made of it for a kind of processor."""

    @property
    def config(self) -> ModelConfig:
        """Its dimensions."""
        ...

    @property
    def device(self) -> torch.device:
        """Where token ids, styles and noise have to be."""
        ...

    @property
    def noise_columns(self) -> int:
        """How many numbers a sample's noise has: one for each harmonic, or one that stands for their sum."""
        ...

    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """See `Kokoro.predict`."""
        ...

    def decode(self, prosody: Prosody, style: Tensor, noise: Tensor) -> Iterator[Tensor]:
        """See `Kokoro.decode`."""
        ...

    def predict_batch(
        self, token_ids: Sequence[Tensor], styles: Sequence[Tensor], speeds: Sequence[float]
    ) -> list[Prosody]:
        """See `Kokoro.predict_batch`."""
        ...

    def decode_batch(
        self, prosodies: Sequence[Prosody], styles: Sequence[Tensor], noises: Sequence[Tensor]
    ) -> list[Tensor]:
        """See `Kokoro.decode_batch`."""
        ...


class BodyInputs(NamedTuple):
    """What `Kokoro.body` takes: utterances padded with zeros to one length. All tensors, so it can be kept."""

    aligned: Tensor
    """(batch, hidden_dim, frames)"""

    f0: Tensor
    """(batch, 2 * frames) in Hz"""

    energy: Tensor
    """(batch, 2 * frames)"""

    timbre: Tensor
    """(batch, style_dim): the first half of the style rows."""

    source_spectrum: Tensor
    """(batch, 2 * bins, hops + 1)"""

    n_frames: Tensor
    """(batch,): the utterances' own lengths in alignment frames."""


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

    @property
    def device(self) -> torch.device:
        """Where arguments are wanted and results are."""
        return next(self.parameters()).device

    @property
    def noise_columns(self) -> int:
        """One for each harmonic, as the reference has it."""
        return self.config.n_harmonics

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
    def predict_batch(
        self, token_ids: Sequence[Tensor], styles: Sequence[Tensor], speeds: Sequence[float]
    ) -> list[Prosody]:
        """`predict` for several utterances together; the arguments hold one of its arguments each.

        An utterance gets what it gets alone but for the order of sums, so a duration on the brink between
        two frames may fall to the other side.
        """
        device = token_ids[0].device
        assert max(ids.shape[1] for ids in token_ids) <= self.config.albert.n_positions
        padded = pad_sequence([ids[0] for ids in token_ids], batch_first=True)
        lengths = Lengths(torch.tensor([ids.shape[1] for ids in token_ids], device=device), padded.shape[1])
        manner = torch.cat(list(styles))[:, self.config.style_dim :]
        contextual = self.albert_projection(self.albert(padded, lengths))
        encoded = self.prosody.duration_encoder(contextual, manner, lengths)
        speed = torch.tensor(speeds, device=device).unsqueeze(1)
        durations = [
            row[: ids.shape[1]]
            for row, ids in zip(self.prosody.durations(encoded, speed, lengths), token_ids, strict=True)
        ]

        def spread(by_token: Tensor) -> list[Tensor]:
            """(batch, tokens, channels) → (frames, channels) each, every token's for its duration."""
            return [
                row[: len(held)].repeat_interleave(held, dim=0)
                for row, held in zip(by_token, durations, strict=True)
            ]

        spread_out = spread(encoded)
        n_frames = [len(rows) for rows in spread_out]
        frame_lengths = Lengths(torch.tensor(n_frames, device=device), max(n_frames))
        f0, energy = self.prosody.curves(pad_sequence(spread_out, batch_first=True), manner, frame_lengths)
        aligned = spread(self.text_encoder(padded, lengths).transpose(1, 2))
        return [
            Prosody(held, f0[index, None, : 2 * n], energy[index, None, : 2 * n], rows.transpose(0, 1)[None])
            for index, (held, n, rows) in enumerate(zip(durations, n_frames, aligned, strict=True))
        ]

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

    @torch.inference_mode()
    def decode_batch(
        self, prosodies: Sequence[Prosody], styles: Sequence[Tensor], noises: Sequence[Tensor]
    ) -> list[Tensor]:
        """`decode` for several utterances together; the arguments hold one of its arguments each.

        Returns each utterance's samples whole, (samples,); they are those it gets alone but for the order of
        sums. The work is that of as many utterances of the longest one's length.
        """
        inputs = self.body_inputs(prosodies, styles, noises)
        return self.body_samples(self.body(inputs), [prosody.n_frames for prosody in prosodies])

    @torch.inference_mode()
    def body_inputs(
        self,
        prosodies: Sequence[Prosody],
        styles: Sequence[Tensor],
        noises: Sequence[Tensor],
        padded_frames: int | None = None,
    ) -> BodyInputs:
        """The first step of `decode_batch`: pads to the longest utterance, or to `padded_frames`."""
        n_frames = [prosody.n_frames for prosody in prosodies]
        longest = max(n_frames) if padded_frames is None else padded_frames
        assert longest >= max(n_frames)
        hops_per_frame = self.config.samples_per_frame // self.config.generator.hop_samples

        def padded(items: Sequence[Tensor], length: int) -> Tensor:
            return torch.cat([F.pad(item, (0, length - item.shape[-1])) for item in items])

        spectra = [
            self.generator.source_spectrum(prosody.f0, noise)
            for prosody, noise in zip(prosodies, noises, strict=True)
        ]
        return BodyInputs(
            aligned=padded([prosody.aligned for prosody in prosodies], longest),
            f0=padded([prosody.f0 for prosody in prosodies], 2 * longest),
            energy=padded([prosody.energy for prosody in prosodies], 2 * longest),
            timbre=torch.cat(list(styles))[:, : self.config.style_dim],
            source_spectrum=padded(spectra, longest * hops_per_frame + 1),
            n_frames=torch.tensor(n_frames, device=prosodies[0].f0.device),
        )

    @torch.inference_mode()
    def body(self, inputs: BodyInputs) -> Tensor:
        """The second step, nearly all the work: decoder and generator between the two Fourier transforms.

        Returns what `body_samples` takes, (batch, 2 * bins, hops + 1). Its shapes depend on its arguments'
        shapes alone, and nothing in it waits for the device.
        """
        lengths = Lengths(inputs.n_frames, inputs.aligned.shape[-1])
        features = self.decoder(inputs.aligned, inputs.f0, inputs.energy, inputs.timbre, lengths)
        return self.generator.body(features, inputs.source_spectrum, inputs.timbre, lengths.times(2))

    @torch.inference_mode()
    def body_samples(self, spectra: Tensor, n_frames: Sequence[int]) -> list[Tensor]:
        """The third step: each utterance's samples, (samples,). n_frames: the utterances' own lengths."""
        hops_per_frame = self.config.samples_per_frame // self.config.generator.hop_samples
        return [
            self.generator.samples(spectra[index, None, :, : n * hops_per_frame + 1])[0]
            for index, n in enumerate(n_frames)
        ]


def source_noise(config: ModelConfig, n_frames: int, seed: int, n_columns: int | None = None) -> Tensor:
    """Standard normal noise for an utterance of so many alignment frames, always made on the CPU.

    n_columns: a model's `noise_columns`, by default n_harmonics, which every model takes.

    Returns (1, n_frames * samples_per_frame, n_columns). Equal seeds give equal noise on every device.
    """
    return NoiseSource(config, seed, n_columns).take(n_frames * config.samples_per_frame).unsqueeze(0)


class NoiseSource:
    """Where `source_noise` is from, for those who need it bit by bit."""

    def __init__(self, config: ModelConfig, seed: int, n_columns: int | None = None) -> None:
        self._n_columns = config.n_harmonics if n_columns is None else n_columns
        self._generator = torch.Generator().manual_seed(seed)

    def take(self, n_samples: int) -> Tensor:
        """The next samples: (n_samples, n_columns).

        Joined they are those of `source_noise`, if all but the last are a multiple of 16 numbers: PyTorch makes
        so many together.
        """
        return torch.randn(n_samples, self._n_columns, generator=self._generator)
