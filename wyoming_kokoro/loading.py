"""From settings to an engine that speaks: device, precision, files, prepared weights. Knows no sockets."""

from __future__ import annotations

import functools
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import torch
from torch import Tensor

from wyoming_kokoro import __version__, cores, memory, threads
from wyoming_kokoro import device as devices
from wyoming_kokoro.calibration import calibration_speech
from wyoming_kokoro.engine import KokoroEngine
from wyoming_kokoro.errors import DeviceError, DeviceLostError
from wyoming_kokoro.learning import VoiceLearner
from wyoming_kokoro.model import Kokoro, unfilled
from wyoming_kokoro.model.cuda import CudaKokoro, CudaPrecision
from wyoming_kokoro.model.fast import (
    PREPARED_FORMAT,
    Backend,
    FastKokoro,
    best_times_s,
    calibrate,
    choose_backend,
    lay_out,
    prepare,
    try_speed,
)
from wyoming_kokoro.phrase_cache import PhraseCache
from wyoming_kokoro.precision import AUTO, CpuFeatures, Precision, choose_precision
from wyoming_kokoro.store import checkpoint
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import ModelFiles, find_model_files
from wyoming_kokoro.store.packages import packages_dir
from wyoming_kokoro.store.prepared import PreparedWeights
from wyoming_kokoro.store.tables import TableFiles
from wyoming_kokoro.store.timings import KeptTimings
from wyoming_kokoro.store.voices import VoiceStore
from wyoming_kokoro.text.normalize import AS_USUAL
from wyoming_kokoro.text.phonemize import Phonemizers
from wyoming_kokoro.text.vocab import Vocab

_LOGGER = logging.getLogger(__name__)

# About 40 s of speech. More would keep other clients waiting for longer, and a large GPU has enough to do.
_UTTERANCES_TOGETHER_ON_CUDA = 8

# Choosing how to compute takes two seconds; where numba has kept nothing yet, its kernels are made for a minute.
_PATIENCE_S = 8.0
_CHOOSING = (
    "Still choosing how to compute on this CPU; the first start makes machine code for it, a minute's work"
)


def load_engine(
    *,
    data_dirs: Sequence[Path] = (),
    download_dir: Path | None = None,
    local_files_only: bool = False,
    voice: str = "af_heart",
    volume_db: float = 0.0,
    espeak: bool = True,
    device: str = "auto",
    precision: str = AUTO,
    cpu_threads: int | None = None,
    exact: bool = False,
    cache: PhraseCache | None = None,
    normalizer: Callable[[str, str], str] = AS_USUAL,
) -> KokoroEngine:
    """Finds the model, fetching it if need be, loads it and speaks once to warm it up.

    The arguments are the options of the same names. Raises `KokoroError`. A CUDA device that fails at the
    first sound is given up for the CPU, with a warning that says why.
    """
    threads.use_own_threads()
    memory.keep_small()
    torch.set_num_threads(cpu_threads or cores.physical_cores())
    chosen = devices.choose_device(device)
    hub = Hub(cache_dir=download_dir, local_files_only=local_files_only)
    files = find_model_files(data_dirs, hub, packages_dir())
    symbols = frozenset(checkpoint.read_config(files.config).vocab)
    voices = VoiceStore(files.voice_folders, hub, voice, files.preset_files, symbols)
    make_engine = functools.partial(
        KokoroEngine,
        voices=voices,
        phonemizers=Phonemizers(use_espeak=espeak),
        normalizer=normalizer,
        volume_db=volume_db,
        cache=cache,
    )
    if chosen.type != "cpu":
        try:
            return _on_gpu(files, chosen, precision, make_engine)
        except (RuntimeError, AssertionError, DeviceLostError) as error:  # the first two are torch's
            _LOGGER.warning("%s does not work, going on with the CPU: %s", chosen, error)
            chosen = torch.device("cpu")
    if threads.is_openmp_missing():
        _LOGGER.warning("%s %s", threads.WITHOUT_OPENMP, threads.GET_OPENMP)
    loaded = load_for_cpu(files, precision, voices)
    engine = make_engine(
        loaded.model,
        learner=None if exact else VoiceLearner(loaded.model, voices, TableFiles(loaded.key)),
        model_key=loaded.key,
        precision=loaded.precision.value,
        device=devices.describe(chosen),
    )
    memory.give_back()
    memory.expect_speech()
    engine.warm_up()
    _LOGGER.info("Speaking on %s", devices.describe(chosen))
    return engine


@contextmanager
def _said_if_slow(what: str) -> Iterator[None]:
    """Says what a user is waiting for, where it takes long. The thread that says so ends with it."""
    timer = threading.Timer(_PATIENCE_S, _LOGGER.info, (what,))
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()


def load_model(files: ModelFiles) -> Kokoro:
    """The plain model with its weights, on the CPU. Raises `CheckpointError`."""
    config = checkpoint.read_config(files.config)
    with unfilled():
        model = Kokoro(config)
    shapes = {name: parameter.shape for name, parameter in model.state_dict().items()}
    model.load_state_dict(checkpoint.read_state(files.checkpoint, config, shapes), assign=True)
    return model.eval()


@dataclass(frozen=True)
class Loaded:
    """The fast model, ready to speak."""

    model: FastKokoro
    precision: Precision

    key: str
    """Tells it from every other: other weights, another precision, another version of this program."""


def load_for_cpu(files: ModelFiles, precision: str, voices: VoiceStore) -> Loaded:
    """The fast model in a precision, which may be `auto`. Raises `KokoroError`.

    Prepared weights come from the disk if they have been prepared before; for 8 bits, preparing takes a while.
    """
    with memory.as_when_speaking(), _said_if_slow(_CHOOSING):
        chosen = choose_for_cpu(precision, CpuFeatures.detect())
    backend, choice, has_bf16 = chosen.backend, chosen.precision, chosen.has_bf16
    # In 8 bits, what is not worth quantising is computed in the next best.
    is_bf16 = choice is Precision.BF16 or (choice is Precision.INT8 and has_bf16)
    sound_dtype = torch.bfloat16 if is_bf16 else torch.float32
    variant = f"{choice.value}-{'bf16' if is_bf16 else 'fp32'}-{PREPARED_FORMAT}"

    def make() -> dict[str, Tensor]:
        model = load_model(files)
        if choice is not Precision.INT8:
            in_16_bits = choice is Precision.INT16
            return prepare(model.state_dict(), model.config, sound_dtype=sound_dtype, in_16_bits=in_16_bits)
        _LOGGER.info("Fitting the model to 8 bits, which takes some seconds, once")
        vocab = Vocab(model.config.vocab, model.config.max_phonemes)
        speech = calibration_speech(voices)
        utterances = ((torch.tensor([vocab.encode(phonemes)]), style) for phonemes, style in speech)
        calibration = calibrate(model, utterances)
        return prepare(model.state_dict(), model.config, sound_dtype=sound_dtype, calibration=calibration)

    config = checkpoint.read_config(files.config)
    kept = PreparedWeights()
    if choice is Precision.INT8:
        # Fitted in a minute and more, whatever the backend; and oneDNN, which lays out most of it, keeps nothing.
        prepared = kept.get(files, variant, make)
    else:
        prepared = kept.get(files, f"{variant}-{backend.layout}", lambda: lay_out(config, make(), backend))
    model = FastKokoro(config, prepared, backend)
    return Loaded(model, choice, kept.key(files, variant))


@dataclass(frozen=True)
class CpuChoice:
    """How this CPU computes the model."""

    backend: Backend
    precision: Precision

    has_bf16: bool
    """Whether it has instructions for brain floats."""

    reason: str
    """Why that precision, in a line that begins with it."""


@functools.cache
def choose_for_cpu(precision: str, features: CpuFeatures) -> CpuChoice:
    """The fast paths that work here, and a precision, which may be `auto`. Raises `DeviceError`.

    Some of it hangs on how long things take at the moment. So it is chosen once in a process: a model that leaves
    memory and comes back is to sound as it did.
    """
    has_bf16 = features.instructions_for(Precision.BF16) is not None
    wanted_types = {
        _WEIGHT_TYPES[each]
        for each in Precision
        if each is Precision.FP32 or each.value == precision or features.instructions_for(each) is not None
    }
    ask = KeptTimings(_machine(features)).ask
    backend = choose_backend(torch.bfloat16 if has_bf16 else torch.float32, wanted_types, ask)
    for fault in backend.faults:
        _LOGGER.warning("Left out: %s", fault)

    def usable(wanted: Precision) -> str | None:
        return None if backend.can_convolve(_WEIGHT_TYPES[wanted]) else _NO_CONVOLUTIONS.format(wanted.value)

    def worthwhile(wanted: Precision) -> str | None:
        # The first that is worthwhile is taken. 16 bits, and brain floats in tiles, are nearer to fp32 than 8, and no
        # length costs anything with them: what comes before them and is not has to be quicker, and by enough.
        needed = {Precision.FP32: 1.0}
        has_tiles = _WEIGHT_TYPES[Precision.BF16] in backend.tiles
        if wanted is not Precision.INT16 and usable(Precision.INT16) is None:
            is_better = wanted is Precision.BF16 and has_tiles
            needed[Precision.INT16] = _WORTH_OF_TILES if is_better else _WORTH_OF_16_BITS
        if wanted is Precision.INT8 and has_tiles:
            needed[Precision.BF16] = _WORTH_OF_16_BITS
        others = ", ".join(f"{needed[other]:g} of {other.value}" for other in needed)
        question = f"{wanted.value} too slow against {others}, {backend.layout}"
        return ask(question, lambda: _slower_than(backend, wanted, needed) or "") or None

    choice = choose_precision(precision, features, usable=usable, worthwhile=worthwhile)
    _LOGGER.log(logging.INFO if choice.is_native else logging.WARNING, "Precision %s", choice.reason)
    return CpuChoice(backend, choice.precision, has_bf16, choice.reason)


def _machine(features: CpuFeatures) -> str:
    """All that decides what is quicker here."""
    versions = f"{__version__}, torch {torch.__version__}, numba {_version_of('numba')}"
    sets = " in two sets" if threads.is_openmp_missing() else ""
    return f"{features}, {torch.get_num_threads()} threads{sets}, {versions}"


def _version_of(package: str) -> str:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return "none"


_WEIGHT_TYPES = {
    Precision.FP32: torch.float32,
    Precision.BF16: torch.bfloat16,
    Precision.INT16: torch.int16,
    Precision.INT8: torch.int8,
}


def unusable_precisions() -> dict[str, str]:
    """Those that this CPU cannot compute in at all, and why not."""
    backend = choose_backend()
    return {
        each.value: _NO_CONVOLUTIONS.format(each.value)
        for each, dtype in _WEIGHT_TYPES.items()
        if each is not Precision.FP32 and not backend.can_convolve(dtype)
    }


_NO_CONVOLUTIONS = "no {} convolutions work here"


# 16 bits of either kind are a fifth of 8 bits' distance from fp32, and no length of a sentence costs anything there.
_WORTH_OF_16_BITS = 0.85

# Brain floats in tiles are nearer still than 16-bit integers, 0.07 dB instead of 0.10.
_WORTH_OF_TILES = 1.05


def _slower_than(backend: Backend, wanted: Precision, needed: Mapping[Precision, float]) -> str | None:
    """Why a precision is not worth it here; None where a layer takes no more than `needed` of what others take."""
    tried = (wanted, *needed)
    ways = [try_speed(backend, _WEIGHT_TYPES[each]) for each in tried]
    best_s = dict(zip(tried, best_times_s(ways, n_rounds=5), strict=True))
    hardest = min(needed, key=lambda other: needed[other] * best_s[other])
    ratio = best_s[wanted] / best_s[hardest]
    if ratio < needed[hardest]:
        return None
    pays = f"less than {needed[hardest]:g} would pay"
    return f"a layer takes {ratio:.2f} times as long as in {hardest.value} here, {pays}"


def _on_gpu(
    files: ModelFiles,
    device: torch.device,
    precision: str,
    make_engine: Callable[..., KokoroEngine],
) -> KokoroEngine:
    """make_engine: a `KokoroEngine` with all that does not hang on the device. Raises `RuntimeError` or `AssertionError` where the device does not work."""
    model: Kokoro | CudaKokoro
    if device.type == "cuda":
        try:
            choice = CudaPrecision.choose(precision, torch.cuda.get_device_capability(device))
        except ValueError as error:
            raise DeviceError(f"--precision {precision}: {error}") from error
        _LOGGER.info("Convolutions in %s", choice.value)
        arithmetic = choice.value

        def on_failure(reason: str) -> None:
            _LOGGER.warning("CUDA graphs do not work here, short sentences take longer: %s", reason)

        model, batch_size = (
            CudaKokoro.on(device, load_model(files), choice, on_failure),
            _UTTERANCES_TOGETHER_ON_CUDA,
        )
    else:
        if precision not in {AUTO, Precision.FP32.value}:
            raise DeviceError(
                f"--precision {precision}: on {device} there is fp32 only; use --precision auto"
            )
        model, batch_size, arithmetic = load_model(files).to(device), 1, Precision.FP32.value
    engine = make_engine(
        model,
        batch_size=batch_size,
        model_key=PreparedWeights().key(files, device.type),
        precision=arithmetic,
        device=devices.describe(device),
    )
    engine.warm_up()
    if device.type == "cuda":
        engine.warm_up()  # a length is recorded when it comes again: if that fails here, it does so at the start
    _LOGGER.info("Speaking on %s", devices.describe(device))
    return engine
