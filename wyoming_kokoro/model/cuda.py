"""The model on a CUDA GPU: a reduced precision for the heavy convolutions, recorded work, several at a time.

`CudaKokoro` does what `Kokoro` does, with the same arguments. On a CPU it gives the same sound in the same
precision, TF32 aside, which is how most of it is tested; nothing makes it quick there.

What runs in which type:

    predict (text to durations, F0, energy)                     fp32 always: durations are compared exactly
    source, both Fourier transforms, exp, sin                   fp32 always
    statistics, affine and activation between convolutions      fp32 always
    convolutions of the residual blocks and the upsampling      the precision: 99 % of decoding
    other convolutions of decoder and generator                 fp32, or TF32 with the rest

The other convolutions touch F0 or a spectrum. In bf16 they alone would raise the distance from fp32 from 0.1
dB log-mel to 0.7.
"""

from __future__ import annotations

import contextlib
import enum
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import torch
from torch import Tensor, nn

from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.decoder import GeneratorStage
from wyoming_kokoro.model.graphs import Capture, CudaCapture, Graphs, bucket
from wyoming_kokoro.model.kokoro import BodyInputs, Kokoro, Prosody
from wyoming_kokoro.model.layers import SnakeResidualBlock, StyleResidualBlock

AUTO = "auto"
MAX_RECORDED_FRAMES = 512  # 12.8 s; the longer the utterance, the less does starting kernels matter
MAX_BATCH_FRAMES = 4096  # padding included; at half a megabyte per alignment frame, 2 GB


class CudaPrecision(enum.Enum):
    """The operands of the heavy convolutions; sums are fp32 in each. A value is what users write."""

    FP32 = "fp32"
    TF32 = "tf32"
    """fp32 in memory, its last 13 bits ignored."""

    BF16 = "bf16"
    FP16 = "fp16"

    @classmethod
    def choose(cls, requested: str, capability: tuple[int, int]) -> CudaPrecision:
        """The precision for a value or `auto`, on a GPU of this compute capability.

        `auto` is TF32 where the GPU has it, since 8.0: it keeps the range of fp32 and its weights, and its
        distance from fp32 is nearest to none. Else fp32. Raises `ValueError` with the remedy.
        """
        has_ampere = capability >= (8, 0)
        if requested == AUTO:
            return cls.TF32 if has_ampere else cls.FP32
        try:
            precision = cls(requested)
        except ValueError:
            values = ", ".join(each.value for each in cls)
            raise ValueError(f"{requested} is no precision of CUDA GPUs; give auto, {values}") from None
        if precision in {cls.TF32, cls.BF16} and not has_ampere:
            major, minor = capability
            raise ValueError(
                f"{requested} needs a GPU of compute capability 8.0, this one has {major}.{minor}; "
                "give auto, fp32 or fp16"
            )
        return precision

    @property
    def weight_type(self) -> torch.dtype:
        """What the heavy convolutions' weights are kept in."""
        types = {CudaPrecision.BF16: torch.bfloat16, CudaPrecision.FP16: torch.float16}
        return types.get(self, torch.float32)


class CudaKokoro:
    """Speaks with a `Kokoro` whose body it has converted. Belongs to one thread at a time."""

    def __init__(
        self,
        model: Kokoro,
        precision: CudaPrecision,
        capture: Capture | None,
        on_failure: Callable[[str], None],
    ) -> None:
        """Converts the model in place, where it is. capture: None records nothing; on_failure: see `Graphs`."""
        self.config: ModelConfig = model.config
        self.precision = precision
        self._model = model
        convert_body(model, precision.weight_type)
        self._graphs = (
            None if capture is None else Graphs(self._body, capture, on_failure, max_graphs=_MAX_GRAPHS)
        )

    @classmethod
    def on(
        cls, device: torch.device, model: Kokoro, precision: CudaPrecision, on_failure: Callable[[str], None]
    ) -> CudaKokoro:
        """Moves the model to a CUDA device and records there."""
        return cls(model.to(device), precision, CudaCapture(device), on_failure)

    @property
    def device(self) -> torch.device:
        """Where arguments are wanted and results are."""
        return self._model.device

    @property
    def noise_columns(self) -> int:
        """As `Kokoro.noise_columns`."""
        return self._model.noise_columns

    def predict(self, token_ids: Tensor, style: Tensor, speed: float = 1.0) -> Prosody:
        """As `Kokoro.predict`."""
        with tensor_float_32(allowed=False):
            return self._model.predict(token_ids, style, speed)

    def predict_batch(
        self, token_ids: Sequence[Tensor], styles: Sequence[Tensor], speeds: Sequence[float]
    ) -> list[Prosody]:
        """As `Kokoro.predict_batch`."""
        with tensor_float_32(allowed=False):
            return self._model.predict_batch(token_ids, styles, speeds)

    def decode(self, prosody: Prosody, style: Tensor, noise: Tensor) -> Iterator[Tensor]:
        """As `Kokoro.decode`, in one piece."""
        with torch.inference_mode(), self._body_precision():
            n_frames = prosody.n_frames
            if self._graphs is None or self._graphs.has_failed or n_frames > MAX_RECORDED_FRAMES:
                samples = torch.cat(list(self._model.decode(prosody, style, noise)))
            else:
                inputs = self._model.body_inputs([prosody], [style], [noise], bucket(n_frames))
                (samples,) = self._model.body_samples(self._graphs(*inputs), [n_frames])
        yield samples

    def decode_batch(
        self, prosodies: Sequence[Prosody], styles: Sequence[Tensor], noises: Sequence[Tensor]
    ) -> list[Tensor]:
        """As `Kokoro.decode_batch`, in groups of like length that fit into memory.

        Nothing is recorded: with several utterances at a time, the GPU is slower than Python.
        """
        samples: dict[int, Tensor] = {}
        with torch.inference_mode(), self._body_precision():
            for group in groups_of_like_length([prosody.n_frames for prosody in prosodies]):
                decoded = self._model.decode_batch(
                    [prosodies[i] for i in group], [styles[i] for i in group], [noises[i] for i in group]
                )
                samples.update(zip(group, decoded, strict=True))
        return [samples[index] for index in range(len(prosodies))]

    def _body(self, *inputs: Tensor) -> Tensor:
        return self._model.body(BodyInputs(*inputs))

    def _body_precision(self) -> contextlib.AbstractContextManager[None]:
        return tensor_float_32(allowed=self.precision is CudaPrecision.TF32)


_MAX_GRAPHS = 24  # of the 32 buckets up to MAX_RECORDED_FRAMES


def groups_of_like_length(n_frames: Sequence[int], max_frames: int = MAX_BATCH_FRAMES) -> list[list[int]]:
    """Indices into n_frames, grouped for decoding together.

    None is longer than twice another of its group, so less than half of the work is for padding. A group padded
    to its longest has at most max_frames, unless it is one utterance.
    """
    groups: list[list[int]] = []
    for index in sorted(range(len(n_frames)), key=lambda index: -n_frames[index]):
        if groups:
            longest = n_frames[groups[-1][0]]
            if longest <= 2 * n_frames[index] and (len(groups[-1]) + 1) * longest <= max_frames:
                groups[-1].append(index)
                continue
        groups.append([index])
    return groups


def convert_body(model: Kokoro, weight_type: torch.dtype) -> None:
    """Gives the heavy convolutions weights of another type, in place; see the table above."""
    for module in (*model.decoder.modules(), *model.generator.modules()):
        if isinstance(module, StyleResidualBlock | SnakeResidualBlock):
            for conv in module.modules():
                if isinstance(conv, nn.Conv1d | nn.ConvTranspose1d):
                    conv.to(weight_type)
        elif isinstance(module, GeneratorStage):
            module.upsample.to(weight_type)


@contextlib.contextmanager
def tensor_float_32(*, allowed: bool) -> Iterator[None]:
    """Whether convolutions and LSTMs may use TF32 on CUDA meanwhile, which by default they may.

    PyTorch has one switch for the whole process. Matrix products never may.
    """
    cudnn, matmul = torch.backends.cudnn, torch.backends.cuda.matmul
    name: str
    on: object
    off: object
    switches: list[Any]
    if hasattr(cudnn, "conv"):  # since PyTorch 2.9
        # Both of cuDNN's, since reading the older switch fails as long as they differ.
        name, on, off, switches = "fp32_precision", "tf32", "ieee", [cudnn.conv, cudnn.rnn, matmul]
    else:
        name, on, off, switches = "allow_tf32", True, False, [cudnn, matmul]
    before = [getattr(switch, name) for switch in switches]
    try:
        for switch in switches:
            setattr(switch, name, on if allowed and switch is not matmul else off)
        yield
    finally:
        for switch, value in zip(switches, before, strict=True):
            setattr(switch, name, value)
