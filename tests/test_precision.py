"""Precisions: what CPUs of every kind are found to have, what is chosen on each, and what is said of it."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from wyoming_kokoro.errors import DeviceError
from wyoming_kokoro.precision import CpuFeatures, Precision, PrecisionChoice, choose_precision

# /proc/cpuinfo as Linux writes it, shortened: one processor, and of its flags those from AVX on.
IVY_BRIDGE = """\
processor	: 0
vendor_id	: GenuineIntel
model name	: Intel(R) Core(TM) i5-3470 CPU @ 3.20GHz
flags		: fpu sse4_1 sse4_2 popcnt aes xsave avx f16c rdrand lahf_lm
"""
HASWELL = """\
processor	: 0
vendor_id	: GenuineIntel
model name	: Intel(R) Core(TM) i5-4570 CPU @ 3.20GHz
flags		: fpu sse4_1 sse4_2 movbe popcnt aes xsave avx f16c rdrand lahf_lm abm fsgsbase bmi1 avx2 smep bmi2 erms
vmx flags	: vnmi preemption_timer invvpid ept_x_only flexpriority
bugs		: cpu_meltdown spectre_v1 spectre_v2
"""
SKYLAKE_SERVER = """\
processor	: 0
model name	: Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz
flags		: fpu fma avx f16c avx2 avx512f avx512dq rdseed adx smap clflushopt clwb avx512cd avx512bw avx512vl xsaveopt
"""
ALDER_LAKE_N = """\
processor	: 0
vendor_id	: GenuineIntel
cpu family	: 6
model		: 190
model name	: Intel(R) N100
flags		: fpu aes xsave avx f16c rdrand avx2 smep bmi2 sha_ni split_lock_detect user_shstk avx_vnni dtherm ida arat pln
vmx flags	: vnmi preemption_timer posted_intr invvpid ept_x_only
"""
CASCADE_LAKE = """\
processor	: 0
model name	: Intel(R) Xeon(R) Gold 6230 CPU @ 2.10GHz
flags		: fpu fma avx f16c avx2 avx512f avx512dq avx512cd avx512bw avx512vl dtherm ida arat pku ospke avx512_vnni md_clear
"""
SAPPHIRE_RAPIDS = """\
processor	: 0
model name	: Intel(R) Xeon(R) Platinum 8480+
flags		: fpu fma avx f16c avx2 avx512f avx512dq avx512bw avx512vl split_lock_detect avx_vnni avx512_bf16 wbnoinvd \
avx512vbmi avx512_vbmi2 gfni vaes avx512_vnni avx512_bitalg rdpid serialize amx_bf16 avx512_fp16 amx_tile amx_int8
"""
ZEN_4 = """\
processor	: 0
vendor_id	: AuthenticAMD
cpu family	: 25
model name	: AMD Ryzen 9 7950X 16-Core Processor
flags		: fpu fma avx f16c avx2 avx512f avx512dq avx512ifma avx512cd sha_ni avx512bw avx512vl avx512_bf16 clzero \
avx512vbmi umip pku avx512_vbmi2 gfni vaes vpclmulqdq avx512_vnni avx512_bitalg avx512_vpopcntdq rdpid
"""
ZEN_5 = """\
processor	: 0
vendor_id	: AuthenticAMD
cpu family	: 26
model name	: AMD EPYC
flags		: fpu fma avx f16c avx2 avx512f avx512dq avx512bw avx512vl xgetbv1 xsaves avx_vnni avx512_bf16 clzero \
avx512vbmi umip avx512_vbmi2 gfni vaes vpclmulqdq avx512_vnni avx512_bitalg rdpid fsrm avx512_vp2intersect
"""
RASPBERRY_PI_4 = """\
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd08
"""
RASPBERRY_PI_5 = """\
processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm lrcpc dcpop asimddp
CPU implementer	: 0x41
CPU architecture: 8
CPU part	: 0xd0b
"""
GRAVITON_3 = """\
processor	: 0
BogoMIPS	: 2100.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 \
sm3 sm4 asimddp sha512 sve asimdfhm dit uscat ilrcpc flagm ssbs paca pacg dcpodp svei8mm svebf16 i8mm bf16 dgh rng
CPU part	: 0xd40
"""
DOCKER_ON_AN_APPLE_M1 = """\
processor	: 0
BogoMIPS	: 48.00
Features	: fp asimd evtstrm aes pmull sha1 sha2 crc32 atomics fphp asimdhp cpuid asimdrdm jscvt fcma lrcpc dcpop sha3 \
asimddp sha512 asimdfhm dit uscat ilrcpc flagm sb paca pacg dcpodp flagm2 frint
CPU implementer	: 0x00
"""

X86 = CpuFeatures(architecture="x86_64")
AVX2 = CpuFeatures(architecture="x86_64", avx2=True)
AVX512 = CpuFeatures(architecture="x86_64", avx2=True, avx512bw=True)
ARM = CpuFeatures(architecture="aarch64")

FOUND = {
    "Ivy Bridge": (IVY_BRIDGE, X86),
    "Haswell": (HASWELL, AVX2),
    "Skylake server": (SKYLAKE_SERVER, AVX512),
    "Alder Lake-N": (ALDER_LAKE_N, replace(AVX2, avx_vnni=True)),
    "Cascade Lake": (CASCADE_LAKE, replace(AVX512, avx512_vnni=True)),
    "Sapphire Rapids": (
        SAPPHIRE_RAPIDS,
        replace(
            AVX512,
            avx512_vnni=True,
            avx_vnni=True,
            amx_int8=True,
            avx512_bf16=True,
            amx_bf16=True,
        ),
    ),
    "Zen 4": (ZEN_4, replace(AVX512, avx512_vnni=True, avx512_bf16=True)),
    "Zen 5": (ZEN_5, replace(AVX512, avx512_vnni=True, avx_vnni=True, avx512_bf16=True)),
    "Raspberry Pi 4": (RASPBERRY_PI_4, ARM),
    "Raspberry Pi 5": (RASPBERRY_PI_5, CpuFeatures(architecture="aarch64", dot_product=True)),
    "Graviton 3": (
        GRAVITON_3,
        CpuFeatures(architecture="aarch64", dot_product=True, i8mm=True, arm_bf16=True),
    ),
    "Docker on an Apple M1": (
        DOCKER_ON_AN_APPLE_M1,
        CpuFeatures(architecture="aarch64", dot_product=True),
    ),
}

# What macOS says yes to, of what is asked. An M1's does not know the other names.
APPLE_M1 = {"hw.optional.arm.FEAT_DotProd"}
APPLE_M2 = {*APPLE_M1, "hw.optional.arm.FEAT_BF16", "hw.optional.arm.FEAT_I8MM"}


def detect(folder: Path, cpuinfo: str, machine: str) -> CpuFeatures:
    file = folder / "cpuinfo"
    file.write_text(cpuinfo)
    return CpuFeatures.detect(system="linux", machine=machine, cpuinfo=file)


# What CPUs have ------------------------------------------------------------------------------------


@pytest.mark.parametrize("cpu", FOUND)
def test_linux_lists_what_a_cpu_has(cpu: str, tmp_path: Path) -> None:
    cpuinfo, features = FOUND[cpu]
    assert detect(tmp_path, cpuinfo, features.architecture) == features


def test_only_what_every_core_has_counts(tmp_path: Path) -> None:
    assert detect(tmp_path, f"{RASPBERRY_PI_5}\n{GRAVITON_3}\n{GRAVITON_3}", "aarch64") == CpuFeatures(
        architecture="aarch64", dot_product=True
    )
    assert detect(tmp_path, f"{GRAVITON_3}\n{RASPBERRY_PI_4}", "aarch64") == ARM


def test_another_architectures_list_says_nothing(tmp_path: Path) -> None:
    """An emulated container may see its host's."""
    assert detect(tmp_path, ZEN_4, "aarch64") == CpuFeatures(architecture="aarch64", is_known=False)


@pytest.mark.parametrize(("known", "has_bf16"), [(APPLE_M1, False), (APPLE_M2, True)])
def test_macos_is_asked_by_name(known: set[str], has_bf16: bool) -> None:
    assert CpuFeatures.detect(system="darwin", machine="arm64", sysctl=known.__contains__) == CpuFeatures(
        architecture="aarch64", dot_product=True, i8mm=has_bf16, arm_bf16=has_bf16
    )


@pytest.mark.parametrize(
    ("system", "machine", "architecture"),
    [
        ("win32", "AMD64", "x86_64"),
        ("win32", "ARM64", "aarch64"),
        ("darwin", "x86_64", "x86_64"),
        ("linux", "riscv64", "riscv64"),
        ("linux", "x86_64", "x86_64"),  # no /proc
    ],
)
def test_systems_that_do_not_tell(system: str, machine: str, architecture: str, tmp_path: Path) -> None:
    features = CpuFeatures.detect(system=system, machine=machine, cpuinfo=tmp_path / "cpuinfo")
    assert features == CpuFeatures(architecture=architecture, is_known=False)


@pytest.mark.skipif(sys.platform != "linux", reason="reads Linux' list")
@pytest.mark.skipif(platform.machine() not in {"x86_64", "aarch64"}, reason="knows two architectures")
def test_this_machine_is_known() -> None:
    features = CpuFeatures.detect()
    assert features.is_known
    assert features.architecture == platform.machine()


@pytest.mark.skipif(sys.platform != "darwin", reason="asks macOS")
def test_this_mac_has_what_every_apple_cpu_has() -> None:
    assert CpuFeatures.detect().dot_product


# What is chosen ------------------------------------------------------------------------------------


def always(_precision: Precision) -> str | None:
    return None


def never(_precision: Precision) -> str | None:
    pytest.fail("nobody needed to be asked")


def not_for(*refused: Precision, why: str) -> Callable[[Precision], str | None]:
    return lambda precision: why if precision in refused else None


def choose(
    cpu: str, requested: str = "auto", **answers: Callable[[Precision], str | None]
) -> PrecisionChoice:
    features = FOUND[cpu][1]
    return choose_precision(requested, features, **{"usable": always, "worthwhile": always, **answers})


@pytest.mark.parametrize(
    ("cpu", "precision", "reason"),
    [
        ("Ivy Bridge", Precision.FP32, "fp32: this CPU has neither VNNI nor bfloat16 instructions"),
        (
            "Haswell",
            Precision.INT16,
            "int16: this CPU has AVX2, but neither VNNI nor bfloat16 instructions",
        ),
        (
            "Skylake server",
            Precision.INT16,
            "int16: this CPU has AVX-512, but neither VNNI nor bfloat16 instructions",
        ),
        ("Alder Lake-N", Precision.INT8, "int8: this CPU has AVX-VNNI"),
        ("Cascade Lake", Precision.INT8, "int8: this CPU has AVX512-VNNI"),
        ("Sapphire Rapids", Precision.INT8, "int8: this CPU has AMX-INT8"),
        ("Zen 4", Precision.INT8, "int8: this CPU has AVX512-VNNI"),
        ("Zen 5", Precision.INT8, "int8: this CPU has AVX512-VNNI"),
        (
            "Raspberry Pi 4",
            Precision.FP32,
            "fp32: this CPU has neither dot-product nor bfloat16 instructions",
        ),
        ("Raspberry Pi 5", Precision.INT8, "int8: this CPU has ARM DotProd"),
        ("Graviton 3", Precision.INT8, "int8: this CPU has ARM DotProd and I8MM"),
    ],
)
def test_auto_where_everything_works(cpu: str, precision: Precision, reason: str) -> None:
    assert choose(cpu) == PrecisionChoice(precision, reason)


@pytest.mark.parametrize(
    ("cpu", "precision", "reason"),
    [
        (
            "Alder Lake-N",
            Precision.INT16,
            "int16: this CPU has AVX2, but no bfloat16 instructions; not int8: it is slow",
        ),
        ("Sapphire Rapids", Precision.BF16, "bf16: this CPU has AMX-BF16; not int8: it is slow"),
        ("Zen 4", Precision.BF16, "bf16: this CPU has AVX512-BF16; not int8: it is slow"),
        (
            "Raspberry Pi 5",
            Precision.FP32,
            "fp32: this CPU has no bfloat16 instructions; not int8: it is slow",
        ),
        ("Graviton 3", Precision.BF16, "bf16: this CPU has ARM BF16; not int8: it is slow"),
    ],
)
def test_auto_where_int8_does_not_work_or_does_not_pay(cpu: str, precision: Precision, reason: str) -> None:
    objection = not_for(Precision.INT8, why="it is slow")
    assert choose(cpu, usable=objection) == PrecisionChoice(precision, reason)
    assert choose(cpu, worthwhile=objection) == PrecisionChoice(precision, reason)


def test_auto_where_nothing_works() -> None:
    without_numba = not_for(*set(Precision) - {Precision.FP32}, why="numba is not installed")
    assert choose("Zen 4", usable=without_numba, worthwhile=never) == PrecisionChoice(
        Precision.FP32, "fp32: not int8 or bf16 or int16: numba is not installed"
    )
    assert choose(
        "Zen 4",
        usable=not_for(Precision.INT8, why="its sums overflow"),
        worthwhile=not_for(Precision.BF16, Precision.INT16, why="it is slow"),
    ) == PrecisionChoice(Precision.FP32, "fp32: not int8: its sums overflow; not bf16 or int16: it is slow")


def test_auto_asks_nothing_where_there_are_no_instructions() -> None:
    assert choose("Ivy Bridge", usable=never, worthwhile=never).precision is Precision.FP32
    unknown = CpuFeatures(architecture="riscv64", is_known=False)
    assert choose_precision("auto", unknown, usable=never, worthwhile=never) == PrecisionChoice(
        Precision.FP32, "fp32: this system does not tell what its CPU (riscv64) can do"
    )


# What is asked for by name ---------------------------------------------------------------------------


@pytest.mark.parametrize("cpu", FOUND)
def test_fp32_is_always_to_be_had(cpu: str) -> None:
    choice = choose(cpu, "fp32", usable=never, worthwhile=never)
    assert choice == PrecisionChoice(Precision.FP32, "fp32: as asked for")


def test_a_precision_asked_for_need_not_pay() -> None:
    assert choose("Zen 4", "bf16", worthwhile=never) == PrecisionChoice(
        Precision.BF16, "bf16: as asked for; this CPU has AVX512-BF16"
    )


@pytest.mark.parametrize(
    ("cpu", "requested", "lacks"),
    [
        ("Haswell", "int8", "has no VNNI instructions"),
        ("Ivy Bridge", "int16", "has no 16-bit integer instructions"),
        ("Haswell", "bf16", "has no bfloat16 instructions"),
        ("Raspberry Pi 4", "int8", "has no dot-product instructions"),
        ("Raspberry Pi 5", "bf16", "has no bfloat16 instructions"),
    ],
)
def test_a_precision_asked_for_is_emulated_with_a_warning(cpu: str, requested: str, lacks: str) -> None:
    choice = choose(cpu, requested, worthwhile=never)
    assert choice.precision.value == requested
    assert not choice.is_native
    assert choice.reason == f"{requested}: as asked for, but this CPU {lacks}, so it may be slower than fp32"


def test_a_precision_asked_for_on_a_cpu_nobody_knows() -> None:
    unknown = CpuFeatures(architecture="x86_64", is_known=False)
    choice = choose_precision("int8", unknown, usable=always, worthwhile=never)
    assert choice == PrecisionChoice(
        Precision.INT8,
        "int8: as asked for, but this CPU may lack what it takes, so it may be slower than fp32",
        is_native=False,
    )


@pytest.mark.parametrize("cpu", ["Haswell", "Zen 4"])
def test_a_precision_asked_for_that_does_not_work_is_an_error_with_a_remedy(cpu: str) -> None:
    refusal = r"--precision int8: numba is not installed; use --precision auto"
    with pytest.raises(DeviceError, match=refusal):
        choose(cpu, "int8", usable=not_for(Precision.INT8, why="numba is not installed"))
