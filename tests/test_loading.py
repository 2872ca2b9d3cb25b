"""From settings to an engine: what fails at start, what is left out and said, what is chosen and why.

Devices, CPUs and faults are put in the place of this machine's own.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
import re
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from captures import Rerun
from torch import Tensor

from wyoming_kokoro import loading, threads
from wyoming_kokoro.errors import CheckpointError, DeviceError, StoreError, UnknownVoiceError
from wyoming_kokoro.loading import load_engine, load_for_cpu
from wyoming_kokoro.model.cuda import CudaKokoro
from wyoming_kokoro.model.fast import PREPARED_FORMAT, Backend, FastKokoro
from wyoming_kokoro.model.fast.choosing import Ask
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.precision import CpuFeatures, Precision
from wyoming_kokoro.speech import Utterance
from wyoming_kokoro.store.model_files import ModelFiles
from wyoming_kokoro.store.timings import KeptTimings
from wyoming_kokoro.store.voices import VoiceStore

pytestmark = pytest.mark.weights

# The start ---------------------------------------------------------------------------------------------


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a CUDA device that does not work")
def test_a_device_that_fails_at_start_is_given_up_for_the_cpu(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    loaded = load_engine(local_files_only=True, device="auto", cpu_threads=2)
    assert b"".join(loaded.stream(Utterance("Hello.", "af_heart")))
    (warning,) = [record.message for record in caplog.records if "does not work" in record.message]
    assert warning.startswith("cuda does not work, going on with the CPU: ")


def test_a_system_whose_threads_are_in_each_others_way_is_told_of(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def enough(*_arguments: object) -> None:
        raise StoreError("what comes next does not matter here")

    monkeypatch.setattr(loading, "load_for_cpu", enough)
    for is_missing in (False, True):
        monkeypatch.setattr(threads, "is_openmp_missing", lambda is_missing=is_missing: is_missing)
        caplog.clear()
        with pytest.raises(StoreError):
            load_engine(local_files_only=True, device="cpu")
        assert ("apt-get install libgomp1" in caplog.text) == is_missing


def test_a_default_voice_nobody_has_is_found_out_at_start() -> None:
    with pytest.raises(UnknownVoiceError, match="af_heart"):
        load_engine(local_files_only=True, voice="af_hart", cpu_threads=2)


def test_a_checkpoint_that_does_not_fit_its_config_is_an_error(
    model_files: ModelFiles, tmp_path: Path
) -> None:
    config = tmp_path / "config.json"
    config.write_text(model_files.config.read_text().replace('"hidden_dim": 512', '"hidden_dim": 256'))
    with pytest.raises(CheckpointError, match="does not fit"):
        loading.load_model(ModelFiles(model_files.checkpoint, config, "test"))


@pytest.mark.skipif(torch.cuda.is_available(), reason="puts a CPU in the place of a CUDA device")
@pytest.mark.parametrize("records", [True, False])
def test_a_cuda_device_gets_its_own_precision_graphs_and_batches(
    records: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def failing(_run: object) -> Any:
        raise RuntimeError("too old a driver")

    capture = Rerun() if records else failing

    def on(_device: torch.device, *arguments: Any) -> CudaKokoro:
        *model_and_precision, on_failure = arguments
        return CudaKokoro(*model_and_precision, capture, on_failure)

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: (9, 0))
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda _device: "a GPU")
    monkeypatch.setattr(CudaKokoro, "on", on)
    with caplog.at_level("INFO"):
        loaded = load_engine(local_files_only=True, device="auto", cpu_threads=2)
    assert loaded.batch_size > 1
    assert "Convolutions in tf32" in caplog.text
    assert ("CUDA graphs do not work here" in caplog.text) == (not records)
    assert ("too old a driver" in caplog.text) == (not records)
    assert not isinstance(capture, Rerun) or capture.n_recorded == 1


@pytest.mark.skipif(torch.cuda.is_available(), reason="puts a CPU in the place of a CUDA device")
@pytest.mark.parametrize(("precision", "said"), [("int8", "int8"), ("bf16", "fp32 or fp16")])
def test_a_precision_that_a_gpu_lacks_is_an_error_and_not_the_cpus(
    precision: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda _device: (7, 5))
    with pytest.raises(DeviceError, match=rf"--precision {precision}: .*{said}"):
        load_engine(local_files_only=True, device="auto", precision=precision, cpu_threads=2)


@pytest.mark.skipif(torch.backends.mps.is_available(), reason="puts a CPU in the place of Apple's GPU")
@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_apples_gpu_speaks_in_fp32_only(precision: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: True)
    with pytest.raises(DeviceError, match=f"--precision {precision}: on mps there is fp32 only; use"):
        load_engine(local_files_only=True, device="mps", precision=precision, cpu_threads=2)


# Precisions on a CPU -----------------------------------------------------------------------------------

WITH_EVERYTHING = CpuFeatures(
    architecture="x86_64", avx512_vnni=True, avx512_bf16=True, avx512bw=True, avx2=True
)
WITH_NOTHING = CpuFeatures(architecture="x86_64")


class Made:
    """In the place of `PreparedWeights`, `prepare` and `FastKokoro`: what would have been loaded."""

    variant: str
    layout: str
    sound_dtype: torch.dtype
    n_bits: int | None
    backend: Backend


class Forgetful:
    """In the place of `KeptTimings`."""

    def __init__(self, machine: str) -> None:
        self.machine = machine

    def ask(self, _question: str, measure: Callable[[], str]) -> str:
        return measure()


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Made:
    """Loads nothing and notes everything, on a CPU that has everything, where everything works and pays."""
    made = Made()

    class Prepared:
        def get(self, files: ModelFiles, variant: str, make: Callable[[], Mapping[str, Tensor]]) -> Any:
            made.variant, found, made.layout = variant.partition(f"-{PREPARED_FORMAT}")
            assert found, "weights prepared in another way must not be found"
            return make()

        def key(self, _files: ModelFiles, variant: str) -> str:
            return variant

    class Plain:
        config: Any = None

        def state_dict(self) -> dict[str, Tensor]:
            return {}

    def prepare(
        _state: object,
        _config: object,
        *,
        sound_dtype: torch.dtype,
        calibration: Any = None,
        in_16_bits: bool = False,
    ) -> Any:
        made.sound_dtype = sound_dtype
        made.n_bits = 8 if calibration is not None else 16 if in_16_bits else None
        return {}

    def fast(_config: object, _prepared: object, backend: Backend) -> Made:
        made.backend = backend
        return made

    def plain(_files: ModelFiles) -> Plain:
        model = Plain()
        model.config = loading.checkpoint.read_config(_files.config)
        return model

    monkeypatch.setattr(loading, "choose_for_cpu", loading.choose_for_cpu.__wrapped__)  # each test anew
    monkeypatch.setattr(loading, "PreparedWeights", Prepared)
    monkeypatch.setattr(loading, "KeptTimings", Forgetful)
    monkeypatch.setattr(loading, "load_model", plain)
    monkeypatch.setattr(loading, "prepare", prepare)
    monkeypatch.setattr(loading, "calibrate", lambda _model, utterances: list(utterances))
    monkeypatch.setattr(loading, "FastKokoro", fast)
    monkeypatch.setattr(loading, "lay_out", lambda _config, prepared, _backend: prepared)
    a_cpu(monkeypatch, WITH_EVERYTHING)
    a_backend(monkeypatch)
    monkeypatch.setattr(loading, "_slower_than", lambda *_: None)
    return made


def a_cpu(monkeypatch: pytest.MonkeyPatch, features: CpuFeatures) -> None:
    monkeypatch.setattr(CpuFeatures, "detect", staticmethod(lambda: features))


def a_backend(
    monkeypatch: pytest.MonkeyPatch,
    *types: torch.dtype,
    faults: tuple[str, ...] = (),
    tiles: frozenset[torch.dtype] = frozenset(),
) -> None:
    """One whose oneDNN works for some types of weights; all of them if none is named."""
    works = frozenset(types or (torch.float32, torch.bfloat16, torch.int8, torch.int16))
    ours = works & {torch.int16}

    def choose(int8_output: torch.dtype, wanted: Collection[torch.dtype], _ask: Ask) -> Backend:
        return Backend(
            TorchKernels(),
            (works - ours) & set(wanted),
            ours,
            tiles=tiles,
            int8_output=int8_output,
            faults=faults,
        )

    monkeypatch.setattr(loading, "choose_backend", choose)


def said_of_precision(caplog: pytest.LogCaptureFixture) -> tuple[int, str]:
    (record,) = [each for each in caplog.records if each.getMessage().startswith("Precision ")]
    return record.levelno, record.getMessage().removeprefix("Precision ")


@pytest.mark.parametrize(
    ("features", "precision", "variant", "sound_dtype", "n_bits", "said"),
    [
        (WITH_EVERYTHING, "auto", "int8-bf16", torch.bfloat16, 8, "int8: this CPU has AVX512-VNNI"),
        (
            WITH_EVERYTHING,
            "int8",
            "int8-bf16",
            torch.bfloat16,
            8,
            "int8: as asked for; this CPU has AVX512-VNNI",
        ),
        (
            WITH_EVERYTHING,
            "bf16",
            "bf16-bf16",
            torch.bfloat16,
            None,
            "bf16: as asked for; this CPU has AVX512-BF16",
        ),
        (WITH_EVERYTHING, "fp32", "fp32-fp32", torch.float32, None, "fp32: as asked for"),
        (
            dataclasses.replace(WITH_EVERYTHING, avx512_bf16=False),
            "auto",
            "int8-fp32",
            torch.float32,
            8,
            "int8: this CPU has AVX512-VNNI",
        ),
        (
            dataclasses.replace(WITH_NOTHING, avx2=True),
            "auto",
            "int16-fp32",
            torch.float32,
            16,
            "int16: this CPU has AVX2, but neither VNNI nor bfloat16 instructions",
        ),
        (
            WITH_NOTHING,
            "auto",
            "fp32-fp32",
            torch.float32,
            None,
            "fp32: this CPU has neither VNNI nor bfloat16 instructions",
        ),
    ],
)
def test_the_precision_that_is_chosen_is_made_and_said_in_one_line(
    features: CpuFeatures,
    precision: str,
    variant: str,
    sound_dtype: torch.dtype,
    n_bits: int | None,
    said: str,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    a_cpu(monkeypatch, features)
    with caplog.at_level("INFO"):
        load_for_cpu(model_files, precision, voice_store)
    assert (made.variant, made.sound_dtype, made.n_bits) == (variant, sound_dtype, n_bits)
    assert said_of_precision(caplog) == (logging.INFO, said)


@pytest.mark.parametrize(("has_bf16", "int8_output"), [(True, torch.bfloat16), (False, torch.float32)])
def test_bytes_come_out_as_what_the_cpu_has(
    has_bf16: bool,
    int8_output: torch.dtype,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_cpu(monkeypatch, dataclasses.replace(WITH_EVERYTHING, avx512_bf16=has_bf16))
    load_for_cpu(model_files, "int8", voice_store)
    assert made.backend.int8_output == int8_output


@pytest.mark.parametrize("precision", ["int8", "bf16"])
def test_what_a_cpu_only_emulates_is_a_warning(
    precision: str,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    a_cpu(monkeypatch, WITH_NOTHING)
    load_for_cpu(model_files, precision, voice_store)
    level, said = said_of_precision(caplog)
    assert level == logging.WARNING
    assert said.startswith(f"{precision}: as asked for, but this CPU has no ")


@pytest.mark.parametrize(
    ("works", "variant", "said"),
    [
        (
            (torch.float32, torch.bfloat16),
            "bf16-bf16",
            "bf16: this CPU has AVX512-BF16; not int8: no int8 convolutions work here",
        ),
        (
            (torch.float32,),
            "fp32-fp32",
            f"fp32: {'; '.join(f'not {name}: no {name} convolutions work here' for name in ('int8', 'bf16', 'int16'))}",
        ),
    ],
)
def test_where_a_type_fails_its_check_auto_takes_the_next_and_says_why(
    works: tuple[torch.dtype, ...],
    variant: str,
    said: str,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    a_backend(monkeypatch, *works, faults=("no int8 convolutions by oneDNN: ArithmeticError: off by 1",))
    with caplog.at_level("INFO"):
        load_for_cpu(model_files, "auto", voice_store)
    assert made.variant == variant
    assert said_of_precision(caplog) == (logging.INFO, said)
    assert "Left out: no int8 convolutions by oneDNN: ArithmeticError: off by 1" in caplog.messages


@pytest.mark.parametrize(("precision", "works"), [("int8", torch.bfloat16), ("bf16", torch.int8)])
def test_a_type_that_fails_its_check_is_an_error_where_it_was_asked_for(
    precision: str,
    works: torch.dtype,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    a_backend(monkeypatch, torch.float32, works)
    refusal = f"--precision {precision}: no {precision} convolutions work here; use --precision auto"
    with pytest.raises(DeviceError, match=refusal):
        load_for_cpu(model_files, precision, voice_store)


def test_what_does_not_pay_is_not_chosen(
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(loading, "_slower_than", lambda *_: "it is slow")
    with caplog.at_level("INFO"):
        load_for_cpu(model_files, "auto", voice_store)
    assert made.variant == "fp32-fp32"
    assert said_of_precision(caplog) == (logging.INFO, "fp32: not int8 or bf16 or int16: it is slow")


# Time that a layer takes, and others with it → what is said of int8.
SPEEDS = [
    ({"int8": 0.5, "int16": 0.6}, None),
    ({"int8": 1.5}, "a layer takes 1.50 times as long as in fp32 here, less than 1 would pay"),
    (
        {"int8": 0.75, "int16": 0.5},
        "a layer takes 1.50 times as long as in int16 here, less than 0.85 would pay",
    ),
    (
        {"int8": 0.5, "int16": 0.55},
        "a layer takes 0.91 times as long as in int16 here, less than 0.85 would pay",
    ),
]


@pytest.mark.parametrize(("taken_s", "said"), SPEEDS)
def test_whether_a_type_pays_is_measured(
    taken_s: dict[str, float], said: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 0.0
    of_type = {loading._WEIGHT_TYPES[Precision(name)]: taken for name, taken in taken_s.items()}

    def try_speed(_backend: Backend, dtype: torch.dtype) -> Callable[[], None]:
        def run() -> None:
            nonlocal now_s
            now_s += of_type.get(dtype, 1.0)

        return run

    monkeypatch.setattr(loading, "try_speed", try_speed)
    monkeypatch.setattr(time, "perf_counter", lambda: now_s)
    needed = {Precision.FP32: 1.0}
    if "int16" in taken_s:
        needed[Precision.INT16] = 0.85
    assert loading._slower_than(Backend(TorchKernels()), Precision.INT8, needed) == said


def test_what_was_measured_is_not_measured_at_the_next_start(
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    n_measured = 0

    def slower_than(_backend: Backend, wanted: Precision, _needed: dict[Precision, float]) -> str | None:
        nonlocal n_measured
        n_measured += 1
        return None if wanted is Precision.INT16 else "it is slow"

    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(loading, "KeptTimings", KeptTimings)
    monkeypatch.setattr(loading, "_slower_than", slower_than)
    for _ in range(2):
        caplog.clear()
        with caplog.at_level("INFO"):
            load_for_cpu(model_files, "auto", voice_store)
        assert made.variant == "int16-fp32"
        said = "int16: this CPU has AVX-512; not int8 or bf16: it is slow"
        assert said_of_precision(caplog) == (logging.INFO, said)
    assert n_measured == 3
    a_backend(monkeypatch, torch.float32, torch.int8)  # something has ceased to work
    load_for_cpu(model_files, "auto", voice_store)
    assert n_measured == 4
    assert made.variant == "fp32-fp32"


def test_8_bits_are_held_against_16_where_those_work(
    made: Made, model_files: ModelFiles, voice_store: VoiceStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared = []

    def slower_than(_backend: Backend, wanted: Precision, needed: dict[Precision, float]) -> str:
        compared.append((wanted, *needed))
        return "it is slow"

    monkeypatch.setattr(loading, "_slower_than", slower_than)
    load_for_cpu(model_files, "auto", voice_store)
    assert compared == [
        (Precision.INT8, Precision.FP32, Precision.INT16),
        (Precision.BF16, Precision.FP32, Precision.INT16),
        (Precision.INT16, Precision.FP32),
    ]
    compared.clear()
    a_backend(monkeypatch, torch.float32, torch.int8)
    load_for_cpu(model_files, "auto", voice_store)
    assert compared == [(Precision.INT8, Precision.FP32)]


# Time that a layer takes in fp32 and in … → what is taken, without tiles and with brain floats in tiles.
CHOICES = [
    ({"int8": 0.5, "bf16": 0.6, "int16": 0.7}, "int8", "int8"),
    ({"int8": 0.5, "bf16": 0.5, "int16": 0.5}, "int16", "bf16"),
    ({"int8": 0.5, "bf16": 0.5, "int16": 0.7}, "int8", "bf16"),
    ({"int8": 0.5, "bf16": 0.58, "int16": 0.54}, "int16", "int16"),
    ({"int8": 0.96, "bf16": 0.9, "int16": 0.95}, "int16", "bf16"),
    ({"int8": 3.0, "bf16": 2.0, "int16": 0.9}, "int16", "int16"),
    ({"int8": 3.0, "bf16": 2.0, "int16": 1.1}, "fp32", "fp32"),
]


@pytest.mark.parametrize("has_tiles", [False, True])
@pytest.mark.parametrize(("taken_s", "without", "with_tiles"), CHOICES)
def test_what_is_about_as_quick_goes_to_what_is_nearer_to_fp32_and_fp32_only_where_nothing_is_quicker(
    taken_s: dict[str, float],
    without: str,
    with_tiles: str,
    has_tiles: bool,
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def slower_than(_backend: Backend, wanted: Precision, needed: dict[Precision, float]) -> str | None:
        times_s = {"fp32": 1.0, **taken_s}
        is_slow = any(
            times_s[wanted.value] >= share * times_s[other.value] for other, share in needed.items()
        )
        return "it is slow" if is_slow else None

    monkeypatch.setattr(loading, "_slower_than", slower_than)
    a_backend(monkeypatch, tiles=frozenset({torch.bfloat16} if has_tiles else ()))
    loaded = load_for_cpu(model_files, "auto", voice_store)
    assert loaded.precision.value == (with_tiles if has_tiles else without)


def test_weights_are_kept_in_the_order_of_the_backend_unless_they_take_long_to_fit(
    made: Made, model_files: ModelFiles, voice_store: VoiceStore
) -> None:
    load_for_cpu(model_files, "bf16", voice_store)
    assert made.layout == f"-{made.backend.layout}"
    load_for_cpu(model_files, "int8", voice_store)  # another order would take a minute
    assert made.layout == ""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_weights_are_read_where_they_lie(model_files: ModelFiles, voice_store: VoiceStore) -> None:
    backend = loading.choose_for_cpu("int16", CpuFeatures.detect()).backend
    if torch.int16 not in backend.toom_cook or not (backend.has_own_linear or backend.has_tile_linear):
        pytest.skip("other weights are laid out by oneDNN")
    load_for_cpu(model_files, "int16", voice_store)  # makes them, if nobody has yet
    before = resident_mb()
    loaded = load_for_cpu(model_files, "int16", voice_store)
    after = resident_mb()
    assert loaded.precision is Precision.INT16
    assert after["RssFile"] - before["RssFile"] > 200
    assert after["RssAnon"] - before["RssAnon"] < 40


def resident_mb() -> dict[str, float]:
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return {kind: int(size) / 1000 for kind, size in re.findall(r"(Rss\w+):\s*(\d+) kB", status)}


def test_what_was_chosen_stays_chosen_whatever_is_quick_later(
    made: Made,
    model_files: ModelFiles,
    voice_store: VoiceStore,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(loading, "choose_for_cpu", functools.cache(loading.choose_for_cpu))
    with caplog.at_level("INFO"):
        load_for_cpu(model_files, "auto", voice_store)
        first = (made.variant, made.backend)
        monkeypatch.setattr(loading, "_slower_than", lambda *_: "it is slow")
        a_backend(monkeypatch, torch.float32)
        load_for_cpu(model_files, "auto", voice_store)
    assert (made.variant, made.backend) == first
    assert said_of_precision(caplog)[0] == logging.INFO  # once
    load_for_cpu(model_files, "fp32", voice_store)  # another wish is another choice
    assert made.variant == "fp32-fp32"


# Without what makes it quick ---------------------------------------------------------------------------


def test_without_numba_it_still_speaks_and_says_so(
    model_files: ModelFiles, voice_store: VoiceStore, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.MonkeyPatch.context() as patch:
        for name in (
            "numba",
            *(f"wyoming_kokoro.model.fast.numba_{part}" for part in ("kernels", "threads")),
        ):
            patch.delitem(sys.modules, name, raising=False)
        patch.setitem(sys.modules, "numba", None)
        patch.setattr(loading, "choose_for_cpu", loading.choose_for_cpu.__wrapped__)
        loaded = load_engine(local_files_only=True, device="cpu", precision="fp32", cpu_threads=2)
    (warning,) = [message for message in caplog.messages if message.startswith("Left out: ")]
    assert warning.startswith("Left out: no fused kernels, numba cannot be imported: ")
    assert isinstance(loaded.model, FastKokoro)
    assert len(b"".join(loaded.stream(Utterance("Yes.", "af_heart")))) > 10_000


@pytest.mark.parametrize(("patience_s", "is_said"), [(0.01, True), (60.0, False)])
def test_what_takes_long_is_said(
    patience_s: float, is_said: bool, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(loading, "_PATIENCE_S", patience_s)
    n_threads = threading.active_count()
    with caplog.at_level("INFO"), loading._said_if_slow("Making machine code"):
        deadline = time.monotonic() + (10 if is_said else 0.1)
        while not caplog.messages and time.monotonic() < deadline:
            time.sleep(0.01)
    assert caplog.messages == (["Making machine code"] if is_said else [])
    assert threading.active_count() == n_threads
