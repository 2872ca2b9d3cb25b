"""Spares the process the parts of libraries that it never uses. Knows no library; standard library only.

A library's package imports all its parts, and their libraries, wherever one is wanted. What is named here is
taken for imported while that happens, and has nothing in it.
"""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from types import ModuleType


class LeftOut:
    """Stands for whatever was taken from a module that was left out."""

    def __init__(self, *_arguments: object, **_options: object) -> None:
        raise RuntimeError("This part of a library is left out to save memory: wyoming_kokoro.text.left_out")


@contextlib.contextmanager
def left_out(*modules: str) -> Iterator[None]:
    """Leaves modules out of what is imported inside; none that somebody has imported before.

    Imported later, they are real. Another thread that imports one meanwhile gets the empty one.
    """
    empty = {name: _empty(name) for name in modules if name not in sys.modules}
    sys.modules.update(empty)
    try:
        yield
    finally:
        for name, module in empty.items():
            if sys.modules.get(name) is module:
                del sys.modules[name]


def _empty(name: str) -> ModuleType:
    module = ModuleType(name, "Left out: see wyoming_kokoro.text.left_out.")

    def get(attribute: str) -> type[LeftOut]:
        if attribute.startswith("__"):  # those are asked of every module: `inspect` looks for its file
            raise AttributeError(attribute)
        return LeftOut

    module.__dict__["__getattr__"] = get
    return module
