"""Checks of what it takes to speak: torch, CPU, GPU, espeak, the model's files, a sentence.

Knows which part of the program to ask for each, and makes no rules of its own. What is heavy or may be missing is
imported by the check that is about it. Fetches nothing and removes nothing.
"""

from __future__ import annotations

import dataclasses
import time
from array import array
from collections.abc import Callable
from pathlib import Path

from wyoming_kokoro.doctor.findings import Finding, broken, ok, skipped, warning
from wyoming_kokoro.doctor.machine import why_not_writable
from wyoming_kokoro.errors import DeviceError, KokoroError, StoreError
from wyoming_kokoro.precision import CpuFeatures
from wyoming_kokoro.settings import EngineSettings, Settings
from wyoming_kokoro.speech import SAMPLE_RATE_HZ, Synthesizer, Utterance

_REINSTALL = "Install it again: script/setup, or pip install --force-reinstall {0}."
_FETCH = "Fetch it now with python -m wyoming_kokoro.download, or let the first start do that."

_NVIDIA = Path("/proc/driver/nvidia/gpus")  # one folder for each GPU that the driver sees

# Digits are read in every language.
_SENTENCE = "1 2 3 4 5 6."
_SILENCE = 327  # 1 % of full scale


def check_torch() -> Finding:
    """Whether PyTorch can be loaded."""
    try:
        import torch
    except (ImportError, OSError) as error:  # the latter for a library that it needs and does not find
        return broken(f"PyTorch cannot be loaded: {error}", _REINSTALL.format("torch"))
    return ok(f"PyTorch {torch.__version__}")


def check_cpu(settings: Settings) -> Finding:
    """What the CPU can do, and the precision that the program takes for that."""
    from wyoming_kokoro.loading import choose_for_cpu

    try:
        choice = choose_for_cpu(settings.precision, CpuFeatures.detect())
    except DeviceError as error:
        return broken(str(error), "Leave --precision out.")
    if choice.backend.faults:
        return warning(
            f"{choice.reason}; left out: {'; '.join(choice.backend.faults)}.",
            "Speech works, only slower. " + _REINSTALL.format("numba torch"),
        )
    return ok(choice.reason)


def check_gpu(settings: Settings, nvidia: Path = _NVIDIA) -> Finding:
    """Whether the device that would be taken is there, and whether a GPU lies idle."""
    from wyoming_kokoro import device as devices

    try:
        device = devices.choose_device(settings.device)
    except DeviceError as error:
        return broken(str(error), "Leave --device out.")
    if device.type != "cpu":
        return ok(f"speaks on {devices.describe(device)}")
    if settings.device == "auto" and nvidia.is_dir() and any(nvidia.iterdir()):
        return warning(
            "There is an NVIDIA GPU, but this PyTorch does not see it, so the CPU speaks.",
            "Install a PyTorch with CUDA; a container also needs --gpus all.",
        )
    return ok("none is used; the CPU speaks")


def check_espeak(settings: Settings) -> Finding:
    """Whether espeak-ng reads a word."""
    if not settings.espeak:
        return ok("left out (--no-espeak): unknown words are spelled, and five languages are silent")
    try:
        from wyoming_kokoro.text.espeak import EspeakWords

        phonemes = EspeakWords(british=False).read("kokoro")
    except (
        ImportError,
        OSError,
        RuntimeError,
    ) as error:  # phonemizer raises the last where it finds no library
        return broken(
            f"espeak-ng cannot be used: {error}", _REINSTALL.format("espeakng-loader phonemizer-fork")
        )
    if not phonemes:
        return broken("espeak-ng says nothing.", _REINSTALL.format("espeakng-loader"))
    return ok(f'espeak-ng reads "kokoro" as {phonemes}')


def check_model(settings: Settings) -> Finding:
    """Whether the model is on disk and is the published one."""
    from huggingface_hub import constants

    from wyoming_kokoro.store import packages
    from wyoming_kokoro.store.hub import CONFIG_NAME, Hub
    from wyoming_kokoro.store.model_files import in_data_dirs

    hub = Hub(cache_dir=settings.download_dir, local_files_only=True)
    try:
        own = in_data_dirs(settings.data_dirs, hub.release.checkpoint_name)
    except StoreError as error:
        return broken(str(error), "Put that folder right, or leave --data-dir out.")
    if own is not None:
        return ok(f"{own.checkpoint}, your own")
    there = {name: path for name in hub.release.sha256 if (path := hub.on_disk(name)) is not None}
    if {hub.release.checkpoint_name, CONFIG_NAME} <= there.keys():
        return _hashed({path: hub.release.sha256[name] for name, path in there.items()})
    if packages.is_complete(packages.packages_dir()):
        return _packages_hashed(packages.packages_dir())
    may_fetch = not (settings.local_files_only or constants.HF_HUB_OFFLINE)
    return _no_model(hub.cache_dir, may_fetch=may_fetch)


def _no_model(folder: Path, *, may_fetch: bool) -> Finding:
    text = f"No model is in {folder} yet"
    if not may_fetch:
        return broken(
            f"{text}, and --local-files-only or HF_HUB_OFFLINE forbids to fetch it.",
            "Start once without them, or give a folder that holds the model with --data-dir.",
        )
    if (trouble := why_not_writable(folder)) is not None:
        return broken(
            f"{text}, and none can be put there: {trouble}.", "Choose another folder with --download-dir."
        )
    return warning(f"{text}; it has 330 MB.", _FETCH)


def _packages_hashed(folder: Path) -> Finding:
    from wyoming_kokoro.store.hub import CONFIG_NAME
    from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES as RELEASE

    expected = {folder / "voices" / f"{voice}.bin": sha256 for voice, sha256 in RELEASE.voice_sha256.items()}
    found = _hashed({folder / CONFIG_NAME: RELEASE.config_sha256, **expected})
    if found.remedy:
        return found
    return ok(f"{folder}, 8-bit weights out of package registries; {len(expected)} voices are as published")


def _hashed(expected: dict[Path, str]) -> Finding:
    """Whether files have their published SHA-256."""
    from wyoming_kokoro.store.disk import sha256_of

    for path, sha256 in expected.items():
        if (actual := sha256_of(path)) != sha256:
            return broken(
                f"{path} is damaged, or not the published file: its SHA-256 is {actual} instead of {sha256}.",
                f"Delete it (rm {path}); the next start fetches it again.",
            )
    return ok(f"{', '.join(map(str, expected))}: as published")


def check_sentence(settings: Settings, load: Callable[[EngineSettings], Synthesizer]) -> Finding:
    """Loads the model as the server would, and has it speak."""
    start = time.monotonic()
    try:
        synthesizer = load(dataclasses.replace(settings, local_files_only=True))
        voice = synthesizer.resolve_voice(None)
        loaded = time.monotonic()
        first: float | None = None
        speech = bytearray()
        for piece in synthesizer.stream(Utterance(_SENTENCE, voice, settings.speed)):
            first = first or time.monotonic()
            speech += piece
    except KokoroError as error:
        return broken(f"It does not speak: {error}", "Do as that says, or put right what is said above.")
    end = time.monotonic()
    samples = array("h", bytes(speech))
    if first is None or max(samples, default=0) < _SILENCE:
        return broken(f"{voice} made no sound.", "Look for what the log says with --debug, and report it.")
    audio_s = len(samples) / SAMPLE_RATE_HZ
    text = (
        f"{voice} spoke for {audio_s:.1f} s, which took {end - loaded:.2f} s, the first sound {first - loaded:.2f} s; "
        f"loading took {loaded - start:.1f} s"
    )
    if end - loaded > audio_s:
        return warning(
            f"{text}. That is slower than it plays, so long answers will have gaps.",
            "See whether other programs keep the CPU busy; docs/performance.md says what else helps.",
        )
    return ok(text)


def no_sentence(reason: str) -> Finding:
    """For when it is known before that it cannot speak."""
    return skipped(f"not tried: {reason}")
