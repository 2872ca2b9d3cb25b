"""Which arithmetic the model's heavy layers run in on a CPU, and why. Standard library only.

Knows what CPUs can do and how to say so; knows neither torch nor the model. Whether a precision works here, and
whether it pays, are two questions put to the caller, because instructions alone answer neither: kernels may be
missing, wrong or slow on a CPU that has every instruction they need.

GPUs have precisions of their own, which are not chosen here.

    x86      int8: AMX-INT8, AVX512-VNNI or AVX-VNNI     bf16: AMX-BF16 or AVX512-BF16     int16: AVX-512 or AVX2
    ARM      int8: DotProd, with I8MM twice as fast      bf16: BF16
    others, and systems that do not tell (Windows): fp32
"""

from __future__ import annotations

import ctypes
import enum
import platform
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.errors import DeviceError

AUTO = "auto"


class Precision(enum.Enum):
    """The operands of the heavy layers; sums are fp32 or exact in each. A value is what users write."""

    FP32 = "fp32"
    BF16 = "bf16"
    INT16 = "int16"
    INT8 = "int8"


@dataclass(frozen=True, kw_only=True)
class CpuFeatures:
    """The instructions of a CPU that decide between precisions."""

    architecture: str
    """`x86_64`, `aarch64`, or whatever else the system calls it."""

    is_known: bool = True
    """False: nobody could tell what the CPU has, so that nothing below is set."""

    avx512_vnni: bool = False
    """x86, dot products of bytes over 512 bits: Intel servers since 2019, AMD since Zen 4."""

    avx_vnni: bool = False
    """x86, the same over 256 bits, without AVX-512: Intel since Alder Lake, AMD since Zen 5."""

    amx_int8: bool = False
    """x86, tiles of bytes: Intel servers since Sapphire Rapids."""

    avx512bw: bool = False
    """x86, products of 16-bit integers over 512 bits: Intel servers since 2017, AMD since Zen 4."""

    avx2: bool = False
    """x86, the same over 256 bits: nearly every PC since 2013."""

    # Not AVX-NE-CONVERT, which only converts bfloat16: its products are fp32's.
    avx512_bf16: bool = False
    """x86, dot products of bfloat16: Cooper Lake, Sapphire Rapids, Zen 4 and their successors."""

    amx_bf16: bool = False
    """x86, tiles of bfloat16: Intel servers since Sapphire Rapids."""

    dot_product: bool = False
    """ARM, dot products of bytes: Cortex-A76 (Raspberry Pi 5) and its successors, every Apple M."""

    i8mm: bool = False
    """ARM, products of byte matrices: Graviton 3, Apple M2 and their successors."""

    arm_bf16: bool = False
    """ARM, dot and matrix products of bfloat16: Graviton 3, Apple M2 and their successors."""

    @classmethod
    def detect(
        cls,
        *,
        system: str | None = None,
        machine: str | None = None,
        cpuinfo: Path = Path("/proc/cpuinfo"),
        sysctl: Callable[[str], bool] | None = None,
    ) -> CpuFeatures:
        """What this machine's CPU has, in every one of its cores.

        The arguments stand in for `sys.platform`, `platform.machine()`, Linux' list of processors and macOS'
        answers by name.
        """
        system = system or sys.platform
        machine = machine or platform.machine()
        architecture = _ARCHITECTURES.get(machine.lower(), machine)
        if system == "linux" and architecture in _LINUX:
            line, flags = _LINUX[architecture]
            if (found := _common_flags(cpuinfo, line)) is not None:
                has = {field: flag in found for field, flag in flags.items()}
                return cls(architecture=architecture, **has)
        # Only Apple's own CPUs: torch has left Macs with Intel's behind (2.2 was the last for them).
        if system == "darwin" and architecture == "aarch64":
            ask = sysctl or _sysctl
            return cls(architecture=architecture, **{field: ask(name) for field, name in _APPLE.items()})
        return cls(architecture=architecture, is_known=False)

    def instructions_for(self, precision: Precision) -> str | None:
        """The name of the fastest instructions for a precision, None where the CPU has none.

        FP32 needs no special ones, and has none here.
        """
        named: Mapping[Precision, tuple[tuple[bool, str], ...]] = {
            Precision.FP32: (),
            Precision.BF16: (
                (self.amx_bf16, "AMX-BF16"),
                (self.avx512_bf16, "AVX512-BF16"),
                (self.arm_bf16, "ARM BF16"),
            ),
            Precision.INT16: ((self.avx512bw, "AVX-512"), (self.avx2, "AVX2")),
            Precision.INT8: (
                (self.amx_int8, "AMX-INT8"),
                (self.avx512_vnni, "AVX512-VNNI"),
                (self.avx_vnni, "AVX-VNNI"),
                (self.dot_product and self.i8mm, "ARM DotProd and I8MM"),
                (self.dot_product, "ARM DotProd"),
            ),
        }
        return next((name for is_there, name in named[precision] if is_there), None)


_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}

# Architecture → the line of /proc/cpuinfo that lists what a processor has, and our fields by the kernel's names
# (arch/x86/include/asm/cpufeatures.h, Documentation/arch/arm64/elf_hwcaps.rst).
_LINUX: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "x86_64": (
        "flags",
        {
            "avx512_vnni": "avx512_vnni",
            "avx_vnni": "avx_vnni",
            "amx_int8": "amx_int8",
            "avx512bw": "avx512bw",
            "avx2": "avx2",
            "avx512_bf16": "avx512_bf16",
            "amx_bf16": "amx_bf16",
        },
    ),
    "aarch64": ("Features", {"dot_product": "asimddp", "i8mm": "i8mm", "arm_bf16": "bf16"}),
}

# Our fields by macOS' names ("Determining instruction set characteristics" in Apple's documentation).
_APPLE = {
    "dot_product": "hw.optional.arm.FEAT_DotProd",
    "i8mm": "hw.optional.arm.FEAT_I8MM",
    "arm_bf16": "hw.optional.arm.FEAT_BF16",
}


def _common_flags(cpuinfo: Path, line: str) -> frozenset[str] | None:
    """What every processor has, since the system moves threads between big and little ones. None: not told."""
    try:
        text = cpuinfo.read_text(encoding="utf-8", errors="replace")  # a vendor may name a CPU as it likes
    except OSError:  # no /proc, as in some sandboxes
        return None
    processors = re.findall(rf"^{line}\s*:(.*)$", text, flags=re.MULTILINE)
    return frozenset.intersection(*(frozenset(flags.split()) for flags in processors)) if processors else None


def _sysctl(name: str) -> bool:
    """Whether macOS knows a characteristic by that name and says yes to it; it does not know what it lacks."""
    value, size = ctypes.c_int(0), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    failed: int = ctypes.CDLL(None).sysctlbyname(
        name.encode("ascii"), ctypes.byref(value), ctypes.byref(size), None, ctypes.c_size_t(0)
    )
    return not failed and value.value != 0


@dataclass(frozen=True)
class PrecisionChoice:
    """What was chosen, and why."""

    precision: Precision

    reason: str
    """One line for the log, beginning with the precision."""

    is_native: bool = True
    """False: it was asked for on a CPU without the instructions, and the line is worth a warning."""


def choose_precision(
    requested: str,
    features: CpuFeatures,
    *,
    usable: Callable[[Precision], str | None],
    worthwhile: Callable[[Precision], str | None],
) -> PrecisionChoice:
    """The precision on a CPU for `auto` or one by name.

    `usable` tells why a precision cannot be had here: a package that is missing, a kernel that fails, results
    that differ from the plain layers'. `worthwhile` tells why it would not pay, having measured it against others.
    None says that all is well. Neither is asked about fp32, which always works.

    `auto` takes the first of int8, bf16, int16, fp32 that has its instructions, works and pays. A precision asked for by
    name need only work: it is emulated where the instructions are missing. Raises `DeviceError` where it does not.

    Why `auto` wants instructions and measurements both: without VNNI, oneDNN adds pairs of u8·s8 products in
    16 bits, which saturate (its "Nuances of int8 Computations"), and a measurement on a machine that is busy just
    then may say anything. And instructions promise no kernel that uses them: oneDNN 3.7 had none for u8·s8 on ARM,
    where its linear layers took 95 times as long as with one (pytorch/pytorch#147337).
    """
    if requested != AUTO:
        return _as_asked(Precision(requested), features, usable)
    objections: dict[str, list[str]] = {}  # why not → which precisions
    for precision in (Precision.INT8, Precision.BF16, Precision.INT16):
        if (instructions := features.instructions_for(precision)) is not None:
            why_not = usable(precision) or worthwhile(precision)
            if why_not is None:
                better = _lacking(features) if precision is Precision.INT16 else None
                has = f"this CPU has {instructions}" + (f", but {better}" if better else "")
                reasons = [has, *_told(objections)]
                return PrecisionChoice(precision, f"{precision.value}: {'; '.join(reasons)}")
            objections.setdefault(why_not, []).append(precision.value)
    if features.is_known:
        lacks = _lacking(features)
        reasons = [f"this CPU has {lacks}"] if lacks else []
    else:
        reasons = [f"this system does not tell what its CPU ({features.architecture}) can do"]
    reasons += _told(objections)
    return PrecisionChoice(Precision.FP32, f"fp32: {'; '.join(reasons)}")


def _as_asked(
    precision: Precision, features: CpuFeatures, usable: Callable[[Precision], str | None]
) -> PrecisionChoice:
    if precision is Precision.FP32:
        return PrecisionChoice(precision, "fp32: as asked for")
    if (why_not := usable(precision)) is not None:
        raise DeviceError(f"--precision {precision.value}: {why_not}; use --precision auto")
    asked = f"{precision.value}: as asked for"
    if (instructions := features.instructions_for(precision)) is not None:
        return PrecisionChoice(precision, f"{asked}; this CPU has {instructions}")
    lacks = (
        f"has no {_kind(precision, features)} instructions" if features.is_known else "may lack what it takes"
    )
    return PrecisionChoice(
        precision, f"{asked}, but this CPU {lacks}, so it may be slower than fp32", is_native=False
    )


def _told(objections: Mapping[str, list[str]]) -> list[str]:
    return [f"not {' or '.join(precisions)}: {why_not}" for why_not, precisions in objections.items()]


def _lacking(features: CpuFeatures) -> str:
    """What the CPU has no instructions for, of what would be quicker still, as a phrase or nothing."""
    kinds = [
        _kind(precision, features)
        for precision in (Precision.INT8, Precision.BF16)
        if features.instructions_for(precision) is None
    ]
    if len(kinds) == 2:
        return f"neither {kinds[0]} nor {kinds[1]} instructions"
    return f"no {kinds[0]} instructions" if kinds else ""


def _kind(precision: Precision, features: CpuFeatures) -> str:
    """What the instructions for a precision are called, where the CPU has none."""
    if precision is Precision.BF16:
        return "bfloat16"
    if precision is Precision.INT16:
        return "16-bit integer"
    return "dot-product" if features.architecture == "aarch64" else "VNNI"
