"""Imports run one way, as the table says. Reads every file's imports, and watches what a few of them load."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = "wyoming_kokoro"

# Part of the package → what it may import of ours, besides itself and the version in `wyoming_kokoro`.
# A name stands for the module or package and everything in it.
ALLOWED = {
    "": set(),
    "errors": set(),
    "speech": set(),
    "pcm": {"speech"},
    "limiter": {"speech"},
    "precision": {"errors"},
    "logs": set(),
    "settings": {"errors", "logs", "precision"},
    "model": set(),
    "text": {"errors"},
    "reading": {"speech", "text"},
    "store": {"errors", "speech", "model.config", "text.lexicon"},
    "cores": set(),
    "device": {"cores", "errors"},
    "memory": set(),
    "threads": {"cores"},
    "cutting": set(),
    "pacing": set(),
    "phrase_cache": set(),
    "calibration_sentences": set(),
    "learning": {"calibration_sentences", "errors", "model", "store", "text"},
    "engine": {
        "device",
        "cutting",
        "learning",
        "limiter",
        "memory",
        "model",
        "pacing",
        "pcm",
        "phrase_cache",
        "speech",
        "store",
        "text",
        "threads",
    },
    "calibration": {"errors", "store"},
    "loading": {
        "errors",
        "memory",
        "model",
        "text",
        "store",
        "cores",
        "device",
        "precision",
        "calibration",
        "engine",
        "learning",
        "phrase_cache",
        "threads",
    },
    "server": {
        "errors",
        "speech",
        "settings",
        "logs",
        "pcm",
        "reading",
        "text.sentences",
        "text.ssml",
        "threads",
    },
    "unloading": {"errors", "memory", "speech"},
    "download": {"errors", "store"},
    "wav": {"errors", "speech"},
    "voice_list": {"errors", "store"},
    "voice_samples": {"errors", "pcm", "speech", "wav"},
    "health_check": {"errors", "settings"},
    "doctor": {
        "device",
        "errors",
        "health_check",
        "loading",
        "precision",
        "server",
        "settings",
        "speech",
        "store",
        "text",
        "threads",
    },
}
ALLOWED["__main__"] = set(ALLOWED)

# Part of the package → the only libraries it may import. The longest name that fits a module is its row.
ALLOWED_LIBRARIES = {
    "": set(),
    "errors": set(),
    "speech": set(),
    "pcm": {"numpy"},
    "limiter": {"numpy"},
    "precision": set(),
    "settings": set(),
    "logs": set(),
    "memory": set(),
    "threads": set(),
    "device": {"torch"},
    "model": {"torch", "numpy"},
    # Those that are imported where numba is there, and nowhere else: speech goes on without.
    "model.fast.convolution_code": {"numpy", "numba", "llvmlite"},
    "model.fast.numba_code": {"numpy", "numba", "llvmlite"},
    "model.fast.numba_kernels": {"torch", "numpy", "numba"},
    "model.fast.numba_threads": {"torch", "numba"},
    "model.fast.tile_code": {"numba", "llvmlite"},
    "model.fast.tile_convolution_code": {"numpy", "numba", "llvmlite"},
    "model.fast.vector_code": {"numba", "llvmlite"},
    "store.prepared": {"torch"},
    "store.tables": {"torch"},
    "store.tensor_files": {"torch", "safetensors"},
    "cutting": set(),
    "pacing": set(),
    "phrase_cache": set(),
    "calibration_sentences": set(),
    "reading": set(),
    "learning": {"torch"},
    "engine": {"torch"},
    "calibration": {"torch"},
    "loading": {"torch"},
    "unloading": set(),
    "wav": set(),
    "voice_list": set(),
    "voice_samples": set(),
}

# Part of the package → what it must not import, of the standard library or others.
FORBIDDEN = {
    "model": {"asyncio", "logging", "os", "pathlib", "io"},  # no files, no clock, nothing to say
    "text": {"torch", "asyncio", "wyoming"},
    "store": {"asyncio", "wyoming"},
    "engine": {"asyncio", "wyoming"},
    "calibration": {"asyncio", "wyoming"},
    "learning": {"asyncio", "wyoming"},
    "loading": {"asyncio", "wyoming"},
    "server": {"torch"},
}


def modules() -> list[str]:
    """Every module of the package, dotted, without the package's own name: `model.config`, `` for itself."""
    names = []
    for path in sorted((ROOT / PACKAGE).rglob("*.py")):
        parts = path.relative_to(ROOT / PACKAGE).with_suffix("").parts
        names.append(".".join(parts[:-1] if parts[-1] == "__init__" else parts))
    return names


MODULES = modules()


def path_of(module: str) -> Path:
    base = ROOT.joinpath(PACKAGE, *module.split(".")) if module else ROOT / PACKAGE
    return base / "__init__.py" if base.is_dir() else base.with_suffix(".py")


def part_of(module: str) -> str:
    return module.partition(".")[0]


def imports_in(source: str, module: str = "", *, is_package: bool = False) -> Iterator[str]:
    """The full dotted name of everything a file imports, wherever in the file that stands."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                parents = [PACKAGE, *(module.split(".") if module else [])]
                parents = parents[: len(parents) - node.level + is_package]
                base = ".".join([*parents, *([base] if base else [])])
            yield from (f"{base}.{alias.name}" for alias in node.names)


def imports_of(module: str) -> list[str]:
    path = path_of(module)
    return list(imports_in(path.read_text(encoding="utf-8"), module, is_package=path.name == "__init__.py"))


def is_within(name: str, wanted: str) -> bool:
    return name == wanted or name.startswith(f"{wanted}.")


def libraries_row(module: str) -> set[str] | None:
    """What a module may import of libraries; None where no row says."""
    rows = [part for part in ALLOWED_LIBRARIES if is_within(module, part)]
    return ALLOWED_LIBRARIES[max(rows, key=len)] if rows else None


def libraries_of(imports: list[str]) -> set[str]:
    tops = {name.partition(".")[0] for name in imports}
    return tops - {PACKAGE, "__future__"} - sys.stdlib_module_names


def breaches(module: str, imports: list[str]) -> list[str]:
    """Those of a module's imports from our own package that the table does not allow."""
    allowed = {part_of(module), *ALLOWED[part_of(module)]}
    ours = [name.removeprefix(f"{PACKAGE}.") for name in imports if name.startswith(f"{PACKAGE}.")]
    return [
        name
        for name in ours
        if name != "__version__" and not any(is_within(name, part) for part in allowed if part)
    ]


def test_every_part_has_its_row() -> None:
    assert {part_of(module) for module in MODULES} <= ALLOWED.keys()


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module or PACKAGE)
def test_imports_only_what_the_table_allows(module: str) -> None:
    assert breaches(module, imports_of(module)) == []


@pytest.mark.parametrize("module", [m for m in MODULES if libraries_row(m) is not None], ids=str)
def test_imports_only_its_libraries(module: str) -> None:
    row = libraries_row(module)
    assert row is not None
    assert libraries_of(imports_of(module)) <= row


@pytest.mark.parametrize(
    ("module", "row"),
    [
        ("", set()),
        ("model.layers", {"torch", "numpy"}),
        ("model.fast.blocks", {"torch", "numpy"}),
        ("model.fast.numba_code", {"numpy", "numba", "llvmlite"}),
        ("store.tensor_files", {"torch", "safetensors"}),
        ("store.hub", None),
    ],
)
def test_the_row_of_a_module_is_the_longest_that_fits(module: str, row: set[str] | None) -> None:
    assert libraries_row(module) == row


@pytest.mark.parametrize("module", [m for m in MODULES if part_of(m) in FORBIDDEN], ids=str)
def test_imports_nothing_forbidden(module: str) -> None:
    tops = {name.partition(".")[0] for name in imports_of(module)}
    assert tops & FORBIDDEN[part_of(module)] == set()


@pytest.mark.parametrize(
    ("module", "line", "found"),
    [
        ("server.session", "from wyoming_kokoro.text.sentences import SentenceSplitter", []),
        ("server.session", "from wyoming_kokoro.text import phonemize", ["text.phonemize"]),
        ("server.session", "from wyoming_kokoro import engine", ["engine"]),
        ("server.session", "from ..engine import KokoroEngine", ["engine.KokoroEngine"]),
        ("server.session", "from .info import build_info", []),
        ("store.voices", "import wyoming_kokoro.model.kokoro", ["model.kokoro"]),
        ("store.voices", "from wyoming_kokoro.model.config import ModelConfig", []),
        ("model.fast.backend", "from wyoming_kokoro.precision import Precision", ["precision.Precision"]),
        ("store.prepared", "from wyoming_kokoro.model.fast import prepare", ["model.fast.prepare"]),
        ("engine", "from wyoming_kokoro.loading import load_engine", ["loading.load_engine"]),
        ("loading", "from wyoming_kokoro.engine import KokoroEngine", []),
        ("model.layers", "def f():\n    from wyoming_kokoro import errors", ["errors"]),
        ("engine", "from wyoming_kokoro import __version__", []),
    ],
)
def test_the_reader_sees_every_form_of_import(module: str, line: str, found: list[str]) -> None:
    assert breaches(module, list(imports_in(line, module))) == found


def loaded_by(statement: str, *, after: str = "") -> set[str]:
    """The modules that a statement loads in a fresh interpreter, beyond what is there after another one."""
    program = (
        f"import sys\n{after}\nbefore = set(sys.modules)\n{statement}\nprint(*set(sys.modules) - before)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, timeout=120, check=True
    )
    return set(answer.stdout.split())


@pytest.mark.parametrize(
    "module", ["server.serve", "settings", "health_check", "download", "doctor.examination"]
)
def test_is_loaded_without_torch(module: str) -> None:
    loaded = loaded_by(f"import {PACKAGE}.{module}")
    assert f"{PACKAGE}.{module}" in loaded
    assert "torch" not in loaded


def test_the_page_is_not_loaded_before_it_is_wanted() -> None:
    assert "aiohttp" not in loaded_by(f"import {PACKAGE}.server.serve")


def test_the_model_loads_neither_asyncio_nor_wyoming() -> None:
    loaded = loaded_by(f"import {PACKAGE}.model", after="import numpy, torch")  # torch brings its own asyncio
    assert f"{PACKAGE}.model.kokoro" in loaded
    assert {"asyncio", "wyoming", "logging"} & loaded == set()
    assert "numba" not in loaded
    assert parts_in(loaded) == {"", "model"}


def test_numba_is_not_loaded_before_kernels_are_chosen() -> None:
    before = f"import {PACKAGE}.loading, {PACKAGE}.model.fast as fast"
    assert f"{PACKAGE}.model.fast.backend" in loaded_by(before)
    assert "numba" not in loaded_by(before)
    pytest.importorskip("numba")
    assert "numba" in loaded_by("fast.choose_backend()", after=before)


@pytest.mark.parametrize("module", ["store.prepared", "calibration"])
def test_is_loaded_without_the_model(module: str) -> None:
    parts = parts_in(loaded_by(f"import {PACKAGE}.{module}", after="import torch"))
    assert part_of(module) in parts
    assert "model" not in parts


def parts_in(loaded: set[str]) -> set[str]:
    """The parts of ours among the modules that were loaded."""
    ours = {name for name in loaded if is_within(name, PACKAGE)}
    return {part_of(name.removeprefix(PACKAGE).removeprefix(".")) for name in ours}
