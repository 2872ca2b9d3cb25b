"""Modules that are made for their names and shapes alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch
import toy_config

from wyoming_kokoro.model import Kokoro, ModelConfig, unfilled

CONFIG = ModelConfig.from_dict(toy_config.CONFIG)
PROGRAM = """
import sys
import torch, toy_config
from wyoming_kokoro.model import Kokoro, ModelConfig, unfilled
before = set(sys.modules)
with unfilled():
    Kokoro(ModelConfig.from_dict(toy_config.CONFIG))
print(*sorted(name for name in set(sys.modules) - before if "." not in name.removeprefix("torch.")))
"""


def test_it_has_names_and_shapes_and_takes_a_checkpoint() -> None:
    with unfilled():
        model = Kokoro(CONFIG)
    assert all(tensor.is_meta for tensor in model.state_dict().values())
    filled = Kokoro(CONFIG).state_dict()
    assert {name: tensor.shape for name, tensor in model.state_dict().items()} == {
        name: tensor.shape for name, tensor in filled.items()
    }
    model.load_state_dict(filled, assign=True)
    assert all(torch.equal(tensor, filled[name]) for name, tensor in model.state_dict().items())


def test_afterwards_modules_are_filled_again() -> None:
    with unfilled():
        pass
    assert torch.nn.Linear(4, 4).weight.abs().sum() > 0


def test_torchs_compiler_is_not_imported_for_it() -> None:
    root = Path(__file__).parents[2]
    answer = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        cwd=root,
        env={"PYTHONPATH": f"{root / 'tests'}:{root}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    assert {"torch._dynamo", "sympy"} & set(answer.stdout.split()) == set()
