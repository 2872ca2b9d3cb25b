"""What several tests share: the real model's files, loaded once."""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor

from dev.official_layout import write_official
from wyoming_kokoro.loading import load_model
from wyoming_kokoro.model import Kokoro, ModelConfig
from wyoming_kokoro.store import checkpoint
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.model_files import ModelFiles, find_model_files
from wyoming_kokoro.store.packages import packages_dir
from wyoming_kokoro.store.voices import VoiceStore

# Files of minutes go first: two workers are given one file after the other, and one that is begun last is waited for.
_LONGEST = (
    "test_quality.py",
    "test_streaming_quality.py",
    "test_parity.py",
    "test_scripts.py",
    "test_end_to_end.py",
    "test_scaling.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Orders the files; within one, tests stay in order."""
    items.sort(
        key=lambda item: _LONGEST.index(item.path.name) if item.path.name in _LONGEST else len(_LONGEST)
    )


@pytest.fixture(autouse=True)
def _threads() -> Iterator[None]:
    """Whatever a test sets: results in fp32 hang on it to the last bit, and other threads begin with what is here."""
    n_threads = int(os.environ.get("OMP_NUM_THREADS", "2"))
    torch.set_num_threads(n_threads)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(autouse=True)
def _log_levels() -> Iterator[None]:
    """What a test that runs a whole command tells to be logged: others look at all that is logged in their time."""
    loggers = [logging.getLogger(name) for name in (None, "wyoming_kokoro")]
    levels = [logger.level for logger in loggers]
    yield
    for logger, level in zip(loggers, levels, strict=True):
        logger.setLevel(level)


@pytest.fixture(scope="session")
def model_files() -> ModelFiles:
    """The model that `python -m wyoming_kokoro.download` fetched."""
    return find_model_files((), Hub(local_files_only=True), packages_dir())


@pytest.fixture(scope="session")
def model_config(model_files: ModelFiles) -> ModelConfig:
    return checkpoint.read_config(model_files.config)


@pytest.fixture(scope="session")
def kokoro(model_files: ModelFiles) -> Kokoro:
    return load_model(model_files)


@pytest.fixture(scope="session")
def voice_store(model_files: ModelFiles) -> VoiceStore:
    return VoiceStore(model_files.voice_folders, Hub(local_files_only=True))


@pytest.fixture(scope="session")
def official_checkpoint(model_files: ModelFiles, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The model's weights in the published layout; the published file itself where that is what we have."""
    if model_files.checkpoint.suffix == ".pth":
        yield model_files.checkpoint
        return
    path = tmp_path_factory.mktemp("official") / "kokoro-v1_0.pth"
    yield write_official(load_file(model_files.checkpoint), path)
    path.unlink()  # a third of a gigabyte


@pytest.fixture(scope="session")
def vocab(model_files: ModelFiles) -> dict[str, int]:
    symbols: dict[str, int] = json.loads(model_files.config.read_text(encoding="utf-8"))["vocab"]
    return symbols


def token_ids(phonemes: str, vocab: dict[str, int]) -> Tensor:
    return torch.tensor([[0, *(vocab[symbol] for symbol in phonemes if symbol in vocab), 0]])
