"""Which machine this is, by its type, and how much memory a process holds. Reads Linux's /proc; else says less."""

from __future__ import annotations

import os
import platform
import re
from dataclasses import dataclass
from pathlib import Path

_FLAGS = {
    "avx2": "AVX2",
    "avx512f": "AVX-512",
    "avx512_vnni": "VNNI",
    "avx_vnni": "AVX-VNNI",
    "avx512_bf16": "BF16",
    "amx_bf16": "AMX",
    "asimd": "NEON",
    "i8mm": "I8MM",
    "bf16": "BF16",
}
# AMD's own names by CPU family; hypervisors tell the family where they hide the model's name.
_AMD_FAMILIES = {23: "Zen to Zen 2", 25: "Zen 3 or 4", 26: "Zen 5"}


@dataclass(frozen=True)
class Machine:
    """What a reader needs to know to place the figures."""

    processor: str
    """`AMD EPYC, Zen 5`; the type, nothing that tells one machine from its likes."""

    n_threads: int
    """What every contestant gets: the physical cores this process may use."""

    features: tuple[str, ...]
    """Of the instruction set, those that matter here."""

    memory_gb: float | None
    system: str
    python: str

    load: float | None
    """Processes that were running as the bench began, a mean over a minute; above 0.3 something else is at work."""

    def __str__(self) -> str:
        memory = f", {self.memory_gb:.0f} GB" if self.memory_gb is not None else ""
        cores = f"{self.n_threads} core{'s' if self.n_threads > 1 else ''}"
        features = f" ({', '.join(self.features)})" if self.features else ""
        return f"{cores} of {self.processor}{features}{memory}, {self.system}, Python {self.python}"


@dataclass(frozen=True)
class Memory:
    """What a process holds, in MB of 1,000,000 bytes."""

    resident_mb: float
    peak_mb: float

    own_mb: float
    """Of what is resident. The rest are files on disk, read where they lie: the system may drop and share that."""


def this_machine(n_threads: int) -> Machine:
    """The machine this runs on."""
    cpu_info = _read("/proc/cpuinfo")
    return Machine(
        processor=processor(cpu_info) or platform.processor() or platform.machine(),
        n_threads=n_threads,
        features=features(cpu_info),
        memory_gb=_memory_gb(_read("/proc/meminfo")),
        system=f"{platform.system()} {platform.machine()}",
        python=platform.python_version(),
        load=os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
    )


def processor(cpu_info: str) -> str:
    """The processor's type from the text of /proc/cpuinfo; empty where that does not tell."""
    name = _field(cpu_info, "model name")
    family = _field(cpu_info, "cpu family")
    generation = (
        _AMD_FAMILIES.get(int(family), "")
        if _field(cpu_info, "vendor_id") == "AuthenticAMD" and family
        else ""
    )
    return f"{name}, {generation}" if generation else name


def features(cpu_info: str) -> tuple[str, ...]:
    """Those instruction sets of /proc/cpuinfo that matter here."""
    flags = set((_field(cpu_info, "flags") or _field(cpu_info, "Features")).split())
    return tuple(dict.fromkeys(name for flag, name in _FLAGS.items() if flag in flags))


def memory_of(pid: int | str = "self") -> Memory | None:
    """What a process holds now and held at most; None where the system does not tell."""
    status = _read(f"/proc/{pid}/status")
    resident, peak, files = (_field(status, name) for name in ("VmRSS", "VmHWM", "RssFile"))
    if not resident or not peak or not files:
        return None
    return Memory(_kib_to_mb(resident), _kib_to_mb(peak), _kib_to_mb(resident) - _kib_to_mb(files))


def _kib_to_mb(field: str) -> float:
    return int(field.split(maxsplit=1)[0]) * 1024 / 1e6


def _memory_gb(mem_info: str) -> float | None:
    total = _field(mem_info, "MemTotal")
    return _kib_to_mb(total) / 1e3 if total else None


def _field(text: str, name: str) -> str:
    found = re.search(rf"^{re.escape(name)}\s*:\s*(.*)$", text, flags=re.MULTILINE)
    return found[1].strip() if found else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:  # no Linux, or a process that has just ended
        return ""
