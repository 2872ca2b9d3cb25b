"""`FastKokoro`: the whole model on a CPU, with the interface of `Kokoro`. Holds prepared weights and no state."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping, Sequence
from typing import Protocol

import torch
from torch import Tensor

from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.fast.backend import Backend
from wyoming_kokoro.model.fast.prepare import SOUND, has_plain_text_side
from wyoming_kokoro.model.fast.sound import FastDecoder, FastGenerator
from wyoming_kokoro.model.fast.source import SourceStream
from wyoming_kokoro.model.fast.statistics import Example, StatisticsTable
from wyoming_kokoro.model.fast.streaming import GeneratorStream
from wyoming_kokoro.model.fast.text import FastText
from wyoming_kokoro.model.fast.weights import Weights
from wyoming_kokoro.model.kokoro import Kokoro, NoiseSource, Prosody
from wyoming_kokoro.model.unfilled import unfilled


class _TextSide(Protocol):
    """What decides how an utterance is spoken."""

    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """See `Kokoro.predict`."""


class FastKokoro:
    """Phoneme ids and a style row in, samples out."""

    device = torch.device("cpu")

    def __init__(self, config: ModelConfig, prepared: MutableMapping[str, Tensor], backend: Backend) -> None:
        """prepared: from `prepare`, or `lay_out`. What is laid out anew is taken out of it, so that nothing is held twice."""
        self.config = config
        convolved = {
            tensor.dtype
            for name, tensor in prepared.items()
            if name.startswith("generator.stages.") and name.endswith(".weight")
        }
        self.makes_code_by_length = not convolved <= backend.of_any_length
        """Whether a new length of speech costs time, since oneDNN makes code for it; see `rehearse`."""

        weights = Weights(prepared)
        exact = has_plain_text_side(prepared)
        self._text: _TextSide = (
            _plain_text_side(config, prepared) if exact else FastText(weights, config, backend)
        )
        self.noise_columns = config.n_harmonics if exact else 1
        """A sum of so many normal numbers is one, too: the harmonics' noise costs a ninth as much that way."""
        self._decoder = FastDecoder(weights.below("decoder"), backend)
        self._generator = FastGenerator(weights.below("generator"), config, backend, exact=exact)

    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """Durations, pitch and energy of an utterance; see `Kokoro.predict`."""
        return self._text.predict(token_ids, style, speed)

    @torch.inference_mode()
    def features(self, prosody: Prosody, style: Tensor) -> Tensor:
        """The generator's input: (1, initial_channels, 2 * frames)."""
        return self._features(prosody, style).t().unsqueeze(0)

    def decode(self, prosody: Prosody, style: Tensor, noise: Tensor) -> Iterator[Tensor]:
        """Yields the samples of an utterance; see `Kokoro.decode`."""
        with torch.inference_mode():
            timbre = style[0, : self.config.style_dim]
            features = self._features(prosody, style)
            samples = self._generator(features, prosody.f0[0], self._generator.style(timbre), noise)
        yield samples

    def example(self, prosody: Prosody, style: Tensor, noise: Tensor, on_step: Callable[[], None]) -> Example:
        """Decodes an utterance whole, to learn from it. `on_step` is called every few milliseconds, and may raise."""
        moments: list[Tensor] = []

        def watch(each: Tensor) -> None:
            moments.append(each)
            on_step()

        with torch.inference_mode():
            timbre = style[0, : self.config.style_dim]
            features = self._features(prosody, style)
            on_step()
            self._generator(features, prosody.f0[0], self._generator.style(timbre), noise, watch)
            return Example.of(features, prosody, moments)

    @torch.inference_mode()
    def rehearse(self, n_rows: int) -> None:
        """Meets the shapes of a piece of so many rows, so that no listener waits for oneDNN to make code for them."""
        generator, config = self._generator, self.config
        features = torch.zeros(n_rows, config.generator.initial_channels)
        source = SourceStream(generator.source, torch.zeros(n_rows), NoiseSource(config, 0))
        moments = [torch.stack([torch.zeros(width), torch.ones(width)]) for width in generator.widths]
        style = generator.style(torch.zeros(config.style_dim))
        GeneratorStream(generator, features, source, style, moments).step(n_rows)

    @torch.inference_mode()
    def stream(
        self,
        prosody: Prosody,
        style: Tensor,
        noise: NoiseSource,
        table: StatisticsTable,
        wanted: range | None = None,
    ) -> GeneratorStream:
        """`decode` in pieces, with statistics that a table of the voice predicts.

        wanted: the part to be heard, in half alignment frames, by default all.
        """
        features = self._features(prosody, style)
        style_of_generator = self._generator.style(style[0, : self.config.style_dim])
        moments = table.predict(features, prosody, self._generator.widths)
        source = SourceStream(self._generator.source, prosody.f0[0], noise)
        return GeneratorStream(self._generator, features, source, style_of_generator, moments, wanted)

    def predict_batch(
        self, token_ids: Sequence[Tensor], styles: Sequence[Tensor], speeds: Sequence[float]
    ) -> list[Prosody]:
        """One after the other: a CPU that is busy with one gains nothing by several."""
        return [self.predict(*arguments) for arguments in zip(token_ids, styles, speeds, strict=True)]

    def decode_batch(
        self, prosodies: Sequence[Prosody], styles: Sequence[Tensor], noises: Sequence[Tensor]
    ) -> list[Tensor]:
        """One after the other, as above."""
        return [
            torch.cat(list(self.decode(*arguments)))
            for arguments in zip(prosodies, styles, noises, strict=True)
        ]

    def _features(self, prosody: Prosody, style: Tensor) -> Tensor:
        timbre = style[0, : self.config.style_dim]
        return self._decoder(prosody.aligned[0].t().contiguous(), prosody.f0[0], prosody.energy[0], timbre)


def lay_out(
    config: ModelConfig, prepared: Mapping[str, Tensor], backend: Backend
) -> MutableMapping[str, Tensor]:
    """Prepared weights in the order in which a backend reads them: other weights of the same model.

    Laying out takes a second or two, and what has been kept on disk so can be read where it lies.
    """
    complete = _Complete(prepared)
    FastKokoro(config, complete, backend)
    return complete


class _Complete(dict[str, Tensor]):
    """Weights that stay when they are taken."""

    def pop(self, name: str, *_default: object) -> Tensor:
        return self[name]


def _plain_text_side(config: ModelConfig, prepared: MutableMapping[str, Tensor]) -> Kokoro:
    """A `Kokoro` whose sound half stays without memory, on the meta device."""
    with unfilled():
        model = Kokoro(config)
    names = {name for name in model.state_dict() if not name.startswith(SOUND)}
    model.load_state_dict({name: prepared.pop(name) for name in names}, assign=True, strict=False)
    return model.eval().requires_grad_(False)
