"""Modules without numbers, made for their names and shapes; a checkpoint's tensors take their places."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from typing import Any

import torch
from torch.overrides import TorchFunctionMode


class _NotInitialised(TorchFunctionMode):
    """Leaves out whatever `torch.nn.init` would fill a parameter with."""

    def __torch_function__(
        self,
        function: Callable[..., Any],
        _types: object,
        arguments: tuple[Any, ...] = (),
        named: dict[str, Any] | None = None,
    ) -> Any:
        named = named or {}
        if getattr(function, "__module__", None) == "torch.nn.init":  # not all functions have one
            return arguments[0] if arguments else named["tensor"]
        return function(*arguments, **named)


@contextlib.contextmanager
def unfilled() -> Iterator[None]:
    """Modules made inside take neither memory nor time for numbers: they are on the meta device.

    There torch has its compiler at hand to "draw" random numbers, which takes a second or more to import and tens of
    megabytes that stay. So nothing is drawn.
    """
    with torch.device("meta"), _NotInitialised():
        yield
