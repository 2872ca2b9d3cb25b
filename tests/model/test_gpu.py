"""The GPU path on a GPU: precisions against fp32, recorded against eager, together against alone."""

from __future__ import annotations

import copy

import pytest
import torch
from conftest import token_ids
from torch import Tensor

from dev.measures import log_mel_distance_db
from wyoming_kokoro.model import Kokoro, Prosody, source_noise
from wyoming_kokoro.model.cuda import CudaKokoro, CudaPrecision
from wyoming_kokoro.model.graphs import CudaCapture
from wyoming_kokoro.store.voices import VoiceStore

pytestmark = [
    pytest.mark.gpu,
    pytest.mark.weights,
    pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device"),
]

VOICE = "af_heart"
SENTENCES = (
    "ˌOkˈA.",
    "kæn ju hˈɪɹ mi nˈW?",
    "wˈɑʧ ˈWt!",
    "ðə bˈɛdɹˌum tˈɛmpəɹəʧəɹ ɪz nˌIntˈin dəɡɹˈiz.",
    "ðə wˈɛðəɹ tədˈA ɪz mˈOstli sˈʌni wɪð ɐ hˈI ʌv sˈɛvənti tˈu dəɡɹˈiz ænd ɐ lˈIt bɹˈiz.",
)


@pytest.fixture(scope="module")
def device() -> torch.device:
    return torch.device("cuda")


@pytest.fixture(scope="module")
def exact(kokoro: Kokoro, device: torch.device) -> CudaKokoro:
    return converted(kokoro, device, CudaPrecision.FP32)


def converted(
    kokoro: Kokoro, device: torch.device, precision: CudaPrecision, *, recorded: bool = False
) -> CudaKokoro:
    capture = CudaCapture(device) if recorded else None
    return CudaKokoro(copy.deepcopy(kokoro).to(device), precision, capture, pytest.fail)


@pytest.fixture(scope="module")
def spoken(
    voice_store: VoiceStore, vocab: dict[str, int], device: torch.device
) -> list[tuple[Tensor, Tensor]]:
    """Token ids and a style row of each sentence."""
    return [
        (token_ids(text, vocab).to(device), voice_store.style(VOICE, len(text)).to(device))
        for text in SENTENCES
    ]


def decode(model: CudaKokoro, prosody: Prosody, style: Tensor) -> Tensor:
    noise = source_noise(model.config, prosody.n_frames, 1).to(style.device)
    return torch.cat(list(model.decode(prosody, style, noise)))


def distance_db(a: Tensor, b: Tensor) -> float:
    return log_mel_distance_db(a.cpu(), b.cpu())


def test_durations_are_the_cpus_and_the_sound_is_near(
    kokoro: Kokoro, exact: CudaKokoro, spoken: list[tuple[Tensor, Tensor]]
) -> None:
    for ids, style in spoken:
        prosody, on_cpu = exact.predict(ids, style), kokoro.predict(ids.cpu(), style.cpu())
        assert prosody.durations.tolist() == on_cpu.durations.tolist()
        torch.testing.assert_close(prosody.f0.cpu(), on_cpu.f0, rtol=1e-3, atol=0.1)
        noise = source_noise(kokoro.config, on_cpu.n_frames, 1)
        expected = torch.cat(list(kokoro.decode(on_cpu, style.cpu(), noise)))
        # Phases are sums of up to 1e5 rad, added in another order here; another noise would make 0.4 dB.
        assert distance_db(expected, decode(exact, prosody, style)) < 0.2


@pytest.mark.parametrize(("precision", "gate_db"), [("tf32", 0.1), ("bf16", 0.3), ("fp16", 0.1)])
def test_a_precision_passes_its_gate(
    precision: str,
    gate_db: float,
    kokoro: Kokoro,
    device: torch.device,
    exact: CudaKokoro,
    spoken: list[tuple[Tensor, Tensor]],
) -> None:
    reduced = converted(kokoro, device, CudaPrecision(precision))
    for ids, style in spoken:
        prosody = reduced.predict(ids, style)
        assert torch.equal(prosody.durations, exact.predict(ids, style).durations)
        assert distance_db(decode(exact, prosody, style), decode(reduced, prosody, style)) < gate_db


@pytest.mark.parametrize("precision", list(CudaPrecision))
def test_recorded_is_eager(
    precision: CudaPrecision,
    kokoro: Kokoro,
    device: torch.device,
    spoken: list[tuple[Tensor, Tensor]],
) -> None:
    eager, recorded = (converted(kokoro, device, precision, recorded=recorded) for recorded in (False, True))
    prosodies = [(eager.predict(ids, style), style) for ids, style in spoken]
    expected = [decode(eager, *one) for one in prosodies]
    for _ in range(3):  # runs, records, replays
        samples = [decode(recorded, *one) for one in prosodies]
        # The padding alone reorders sums, which 16 bits make audible to the measure; nothing else may differ.
        worst = 0.05 if precision.weight_type == torch.float32 else 0.3
        assert max(distance_db(*pair) for pair in zip(expected, samples, strict=True)) < worst


def test_together_is_alone(exact: CudaKokoro, spoken: list[tuple[Tensor, Tensor]]) -> None:
    ids, styles = map(list, zip(*spoken, strict=True))
    together = exact.predict_batch(ids, styles, [1.0] * len(ids))
    alone = [exact.predict(*one) for one in spoken]
    assert [one.durations.tolist() for one in together] == [one.durations.tolist() for one in alone]
    noises = [source_noise(exact.config, one.n_frames, 1).to(exact.device) for one in alone]
    samples = exact.decode_batch(alone, styles, noises)
    for row, prosody, style in zip(samples, alone, styles, strict=True):
        assert distance_db(decode(exact, prosody, style), row) < 0.05
