"""What is left out is empty while a library is imported, and real before and after."""

from __future__ import annotations

import importlib
import inspect
import sys
from pathlib import Path

import pytest

from wyoming_kokoro.text.left_out import LeftOut, left_out


@pytest.fixture
def library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`spare_library`, whose package imports a costly part of its own."""
    (tmp_path / "spare_library").mkdir()
    (tmp_path / "spare_library" / "costly.py").write_text("class Machine: ...\n", encoding="utf-8")
    (tmp_path / "spare_library" / "__init__.py").write_text(
        "from .costly import Machine\ndef make() -> Machine: return Machine()\n", encoding="utf-8"
    )
    monkeypatch.syspath_prepend(tmp_path)
    for name in ("spare_library", "spare_library.costly"):
        monkeypatch.setitem(sys.modules, name, sys)  # so that what the test imports is taken back
        del sys.modules[name]


@pytest.mark.usefixtures("library")
def test_is_empty_meanwhile_and_real_afterwards() -> None:
    with left_out("spare_library.costly"):
        spare_library = importlib.import_module("spare_library")
        assert inspect.getmodule(type(spare_library)) is not None  # it looks at every module's file
    with pytest.raises(RuntimeError, match="left out to save memory"):
        spare_library.make()
    assert importlib.import_module("spare_library.costly").Machine is not LeftOut


@pytest.mark.usefixtures("library")
def test_what_is_there_stays() -> None:
    costly = importlib.import_module("spare_library.costly")
    with left_out("spare_library.costly"):
        assert importlib.import_module("spare_library.costly") is costly
    assert sys.modules["spare_library.costly"] is costly


@pytest.mark.usefixtures("library")
def test_is_taken_back_after_a_failure() -> None:
    with pytest.raises(ImportError), left_out("spare_library.costly"):
        raise ImportError
    assert "spare_library.costly" not in sys.modules


def test_has_no_name_that_every_module_may_have() -> None:
    with left_out("spare_module"):
        module = importlib.import_module("spare_module")
        assert not hasattr(module, "__file__")
        assert module.anything is LeftOut
