"""Coverage-guided fuzzing of what comes over the wire: the checks of tests/server/test_fuzz.py, inputs by libFuzzer.

    python -m dev.fuzz --inputs 1000000          all kinds, one after the other
    python -m dev.fuzz --inputs 1000 voices      one of them

It takes the extra `fuzz` (atheris). What was found to reach new code is kept in a folder outside the repository and
is where the next run begins; an input that fails is left there, too, and makes the exit code 1.
"""

from __future__ import annotations

import argparse
import importlib
import json
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from dev.arguments import positive
from wyoming_kokoro.store.disk import cache_home

_ROOT = Path(__file__).parent.parent
_KINDS = ("framing", "sessions", "text", "voices")
_MAX_BYTES = 1_000  # of one input; every limit that the checks set is below it
_TEXT_LIMIT = 200
_EVENTS: Sequence[tuple[str, dict[str, Any]]] = (
    ("describe", {}),
    ("synthesize", {"text": "Hello.", "voice": {"name": "af_heart"}}),
    ("synthesize-chunk", {"text": "grüß \U0001f600"}),
)


def main(argv: Sequence[str] | None = None) -> int:
    """The command: runs each kind in a process of its own, since libFuzzer ends the one it is in."""
    parser = argparse.ArgumentParser(prog="dev.fuzz", description="Fuzz by coverage.")
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(_KINDS)} (default: all)")
    parser.add_argument("--inputs", type=positive, default=1_000_000, help="in all (default: a million)")
    parser.add_argument(
        "--corpus", type=Path, default=cache_home() / "fuzz", help="where to begin, and to keep"
    )
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args(argv)
    kinds: Sequence[str] = arguments.kinds or _KINDS
    if unknown := set(kinds) - set(_KINDS):
        parser.error(f"no such kind: {', '.join(sorted(unknown))}; there are {', '.join(_KINDS)}")
    n_each = -(-arguments.inputs // len(kinds))
    if arguments.here:
        _fuzz(kinds[0], n_each, arguments.corpus)
    counts = {}
    for kind in kinds:
        folder = arguments.corpus / kind
        folder.mkdir(parents=True, exist_ok=True)
        command = [
            sys.executable,
            "-m",
            "dev.fuzz",
            kind,
            "--here",
            "--inputs",
            str(n_each),
            "--corpus",
            str(folder),
        ]
        start_s = time.monotonic()
        code = subprocess.run(command, cwd=_ROOT, check=False).returncode
        n_kept = sum(1 for _ in folder.iterdir())
        counts[kind] = {
            "inputs": n_each if code == 0 else None,  # of one that ended early, libFuzzer knows
            "kept": n_kept,
            "s": round(time.monotonic() - start_s),
            "failed": code != 0,
        }
        if code:
            break
    print(json.dumps(counts))
    return 1 if any(count["failed"] for count in counts.values()) else 0


def _fuzz(kind: str, n_inputs: int, folder: Path) -> None:
    """Never returns."""
    import atheris

    with atheris.instrument_imports(
        include=["wyoming_kokoro.server", "wyoming_kokoro.text", "wyoming_kokoro.store"]
    ):
        sys.path[:0] = [str(_ROOT / "tests" / "server"), str(_ROOT / "tests")]
        checks = importlib.import_module("test_fuzz")
    if kind == "framing":  # chance makes no header in a million years
        for number, (name, data) in enumerate(_EVENTS):
            (folder / f"event-{number}").write_bytes(
                checks.to_bytes(checks.Event(name, data, payload=b"xyz"))
            )
    check = _checks(checks, atheris.FuzzedDataProvider)[kind]
    flags = [
        f"-runs={n_inputs}",
        f"-max_len={_MAX_BYTES}",
        f"-artifact_prefix={folder}/",
        "-print_final_stats=1",
        "-len_control=0",
    ]
    atheris.Setup([sys.argv[0], *flags, "-verbosity=0", str(folder)], check)
    atheris.Fuzz()


def _checks(checks: Any, read: Callable[[bytes], Any]) -> dict[str, Callable[[bytes], None]]:
    """Each check with bytes in the place of what it is given."""

    def text_of(source: Any) -> str:
        text: str = source.ConsumeUnicodeNoSurrogates(source.ConsumeIntInRange(0, _TEXT_LIMIT))
        return text

    def sessions(raw: bytes) -> None:
        source = read(raw)
        streaming = source.ConsumeBool()
        events: list[Any] = []
        while source.remaining_bytes() and len(events) < 40:
            kind = source.PickValueInList([*checks.EVENT_TYPES, "unknown"])
            data: dict[str, Any] = {}
            if source.ConsumeBool():
                data["text"] = text_of(source)
            if source.ConsumeBool():
                name = source.PickValueInList(["af_heart", "am_adam", "", None, 3, text_of(source)])
                data["voice"] = {"name": name, "language": source.PickValueInList(["en-US", "xx", None])}
            events.append(checks.writable(checks.Event(kind, data)))
        checks.sessions(events, streaming)

    def text(raw: bytes) -> None:
        source = read(raw)
        chunks: list[str] = []
        while source.remaining_bytes() and len(chunks) < 20:
            chunks.append(text_of(source))
        checks.text_in_pieces(chunks)

    def voices(raw: bytes) -> None:
        source = read(raw)
        checks.voice_names(text_of(source), source.PickValueInList([None, "en-US", text_of(source)]))

    return {"framing": checks.framing, "sessions": sessions, "text": text, "voices": voices}


if __name__ == "__main__":
    sys.exit(main())
