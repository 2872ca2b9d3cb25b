"""The benchmark and the profile: what they make of timings, and a small run of the whole."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import socket
import statistics
import threading
import xml.etree.ElementTree as ET
import zipfile
from collections import deque
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from clients import running
from fakes import FakeSynthesizer
from toy_config import CONFIG

from dev import calibration_text, profile
from dev.arguments import positive
from dev.bench import __main__ as bench
from dev.bench import (
    chart,
    client,
    figures,
    first_sound,
    in_process,
    our_server,
    over_tcp,
    peers,
    quality,
    report,
)
from dev.bench.client import Address, Heard, ServerError
from dev.bench.contestants import Onnx, Ours
from dev.bench.figures import Spread, Timing
from dev.bench.machine import Machine, Memory, features, memory_of, processor
from dev.bench.our_server import OurServer
from dev.bench.peers import MissingPeer
from dev.bench.reading import Reading, Run, Sentence
from dev.bench.results import (
    FirstSound,
    FirstSoundText,
    InProcess,
    Limit,
    OverTcp,
    OverTcpText,
    Quality,
    Results,
    Streamed,
    TwoClients,
)
from dev.bench.texts import FIRST_SOUND_TEXTS, OTHER_CLIENT, QUALITY_SENTENCES, STREAMED, TEXTS
from dev.bench.turns import in_turn
from dev.bench.worker import Worker, WorkerError
from dev.profile import Profile, Stage, StageClock
from wyoming_kokoro.model import Kokoro, ModelConfig, source_noise
from wyoming_kokoro.model.fast import Backend, FastKokoro, prepare
from wyoming_kokoro.model.fast.torch_kernels import TorchKernels
from wyoming_kokoro.store.package_release import KOKORO_V1_0_PACKAGES
from wyoming_kokoro.text.sentences import split_sentences

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


@pytest.mark.parametrize(
    ("chunks", "expected"),
    [
        ([], 0.0),
        ([(3.0, 1.0)], 0.0),
        ([(3.0, 1.0), (3.5, 1.0), (5.0, 1.0)], 0.0),  # just in time
        ([(3.0, 1.0), (4.5, 1.0), (5.2, 1.0)], 0.5),  # late once, and less late then
        ([(3.0, 1.0), (4.5, 1.0), (6.0, 1.0)], 1.0),  # a player that waited 0.5 s would wait again
    ],
)
def test_a_gap_is_what_a_player_should_have_waited(
    chunks: list[tuple[float, float]], expected: float
) -> None:
    assert figures.gap_s(chunks) == pytest.approx(expected)


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
        memory_loaded=Memory(600.0, 610.0, 300.0),
        memory_spoken=Memory(700.0, 710.0, 400.0),
    )


def waited(first_sound_ms: float, gap_ms: float = 0.0) -> FirstSoundText:
    wait_ms = Spread(first_sound_ms, first_sound_ms - 1, first_sound_ms + 1, 10)
    return FirstSoundText(wait_ms, Spread(17.0, 16.0, 18.0, 10), gap_ms, SPREAD, audio_s=2.0)


def first_sound_result() -> FirstSound:
    return FirstSound(
        voice="af_heart",
        n_requests=10,
        texts={"3 s": waited(61), "25 s": waited(72, gap_ms=33)},
        before_learning={"3 s": waited(151)},
        exact={"3 s": waited(251), "25 s": waited(1251)},
        worst_text="25 s",
        growth_ms=11.0,
        cache_hit=waited(2),
        rest_s=1.5,
        rested=waited(77),
        streamed=Streamed(15, Spread(82.0, 81.0, 83.0, 10), 44.0),
        two_clients=TwoClients(Spread(93.0, 92.0, 94.0, 20), (55.0, 66.0)),
        extra_work=Spread(1.07, 1.06, 1.08, 10),
        extra_work_by_text={"3 s": Spread(1.17, 1.16, 1.18, 10), "25 s": Spread(1.27, 1.26, 1.28, 10)},
    )


def results() -> Results:
    seen = OverTcpText(SPREAD, SPREAD, SPREAD, SPREAD, SPREAD, gap_s=1.23, rtf=SPREAD, audio_s=2.0)
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
                Memory(600, 610, 300),
                Memory(700, 710, 400),
                texts,
            ),
            OverTcp("other", "piper 1.6", None, None, SPREAD, 900.0, None, None, texts),
        ),
        first_sound=first_sound_result(),
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
        "1.23 | 0.090 (0.080–0.100) |",
        "First sound of af_heart over TCP, ms, 10 requests each",
        "61 (60–62) | 17 (16–18) |   0 |",
        "151 (150–152) |   0 |",
        "251 (250–252) |   0 | 1.17 (1.16–1.18) |",
        "worst text: 25 s",
        "+11",
        "5.5 s text after 1.5 s of rest",
        "77 (76–78)",
        "2 (1–3)",
        "82 (81–83) |        44 |",
        "93 (92–94) | 55 and 66 |",
        "1.07 (1.06–1.08)",
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
    waits = {
        line.split("|")[1].strip(): line.split("|")[2:-1] for line in section.splitlines() if "ms |" in line
    }
    assert [cell.strip() for cell in waits["learnt"]] == ["61 ms", "72 ms"]
    assert [cell.strip() for cell in waits["before it is learnt"]] == ["151 ms", "–"]
    assert [cell.strip() for cell in waits["decoded whole, `--exact`"]] == ["251 ms", "1251 ms"]
    assert "After 1.5 s of rest the text of 5.5 s is heard after 77 ms" in section
    assert "comes again after 2 ms" in section
    assert "82 ms after the end of its first clause" in section
    assert "once it had begun: 66 ms" in section
    assert "first sound of" not in report.readme_section(replace(results(), first_sound=None), None)
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
    assert (plan.n_first_sound_requests, plan.first_sound_texts) == (10, FIRST_SOUND_TEXTS)
    assert bench.main(["--quick", "--rounds", "1"]) == 0
    assert (plans[-1].n_rounds, list(plans[-1].texts), plans[-1].tcp_precisions) == (
        1,
        ["2 s", "5.5 s"],
        ("auto",),
    )
    assert plans[-1].n_first_sound_requests == 2
    assert {"3 s", "5.5 s", "25 s"} <= plans[-1].first_sound_texts.keys()


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


def test_silence_that_is_left_out_counts_as_decoded() -> None:
    asked: list[float] = []

    def predict(token_ids: torch.Tensor, style: torch.Tensor) -> SimpleNamespace:
        asked.append(float(style.sum()))
        return SimpleNamespace(n_frames=token_ids.shape[1])

    ours = Ours.__new__(Ours)
    ours._engine = SimpleNamespace(model=SimpleNamespace(predict=predict))  # type: ignore[assignment]
    ours._n_decoded = {}
    runs = Run("a", (0, 1, 0), (1.0,)), Run("ab", (0, 1, 2, 0), (2.0,))
    reading = Reading("x", "af_heart", (Sentence("A.", runs[:1]), Sentence("Ab.", runs[1:])))
    assert [ours.n_decoded(reading, 5), ours.n_decoded(reading, 5)] == [7 * 600, 7 * 600]
    assert asked == [1.0, 2.0]  # once
    assert Onnx.n_decoded(Onnx.__new__(Onnx), reading, 5) == 5


def test_peers_that_are_not_installed_are_skipped_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bench.importlib.util, "find_spec", lambda name: None)
    plan = bench._plan(bench._parser().parse_args([]))
    found = bench.Found(
        "readings.json",
        1,
        is_eight_bit=True,
        checkpoint="x.safetensors",
        config="config.json",
        precisions=("fp32",),
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
    assert client.first_audible(b"") is None
    assert client.first_audible((327).to_bytes(2, "little", signed=True) * 100) is None
    assert client.first_audible(bytes(100) + (-329).to_bytes(2, "little", signed=True) * 2) == 50
    assert client.first_audible((-32_768).to_bytes(2, "little", signed=True)) == 0


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
    assert 0 <= one.gap_s < one.total_s.high


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


def test_what_a_server_says_about_learning_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(our_server, "LEARNING_BEGINS_S", 0.01)
    monkeypatch.setattr(our_server, "LEARNING_S", 0.01)

    def told(*lines: str) -> OurServer:
        server = OurServer.__new__(OurServer)
        server._said = deque()
        server._is_learning, server._is_done_learning = threading.Event(), threading.Event()
        server.has_learnt = False
        for line in lines:
            server._note(line)
        return server

    begins = "Learning af_heart in idle time, so that its sentences can be heard sooner"
    assert told("Ready").wait_until_learnt()
    assert not told(begins).wait_until_learnt()
    assert not told(
        begins, "af_heart cannot be learnt, its sentences are decoded whole: x"
    ).wait_until_learnt()
    monkeypatch.setattr(our_server, "LEARNING_S", 30.0)
    learning = told(begins)
    threading.Timer(0.05, learning._note, ["Learnt af_heart from 60 sentences in 30 s of work"]).start()
    assert learning.wait_until_learnt()


# First sound -----------------------------------------------------------------------------------------


def heard(first_sound_s: float, total_s: float = 1.0) -> Heard:
    return Heard(first_sound_s, first_sound_s, 0.02, 0.0, total_s, audio_s=5.0)


def test_the_worst_text_and_the_growth_are_those_of_medians() -> None:
    texts = {
        "3 s": [heard(0.1), heard(0.2), heard(9.0)],
        "8 s": [heard(0.4), heard(0.5), heard(0.6)],
        "25 s": [heard(0.2), heard(0.3), heard(0.4)],
    }
    assert first_sound.worst(texts) == "8 s"
    assert first_sound.growth_ms(texts) == pytest.approx(100)
    assert first_sound.growth_ms({"3 s": texts["3 s"]}) is None


def test_extra_work_is_taken_within_a_round() -> None:
    streaming = {"3 s": [heard(0, 1.0), heard(0, 10.0)], "8 s": [heard(0, 2.0), heard(0, 20.0)]}
    whole = {"3 s": [heard(0, 1.0), heard(0, 10.0)], "8 s": [heard(0, 1.0), heard(0, 10.0)]}
    assert first_sound.extra_work(streaming, whole) == Spread(1.5, 1.5, 1.5, 2)


def test_only_what_was_learnt_is_left_out_of_the_cache(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, folder = tmp_path / "cache", tmp_path / "links"
    for name in ("huggingface", "wyoming-kokoro/prepared", "wyoming-kokoro/voices"):
        (cache / name).mkdir(parents=True)
        (cache / name / "file").write_text(name)
    folder.mkdir()
    monkeypatch.setenv("XDG_CACHE_HOME", str(cache))
    environment = first_sound.without_tables(folder)
    assert environment["XDG_CACHE_HOME"] == str(folder)
    assert (folder / "huggingface" / "file").read_text() == "huggingface"
    assert (folder / "wyoming-kokoro" / "prepared" / "file").read_text() == "wyoming-kokoro/prepared"
    assert not (folder / "wyoming-kokoro" / "voices").exists()


def fake_first_sound(*, has_learnt: bool = False) -> tuple[FirstSound, dict[str, str], FakeSynthesizer]:
    """Measures one server that plays all the parts."""
    synthesizer = FakeSynthesizer()
    texts = {"3 s": "Hello.", "5.5 s": "Hello there.", "25 s": "Hello there. And good bye."}

    async def test() -> tuple[FirstSound, dict[str, str]]:
        async with running(synthesizer) as port:
            server = SimpleNamespace(address=Address("fake", "127.0.0.1", port), has_learnt=has_learnt)
            other = SimpleNamespace(address=Address("other", "127.0.0.1", port), has_learnt=False)

            def start(kind: first_sound.Kind) -> contextlib.nullcontext[first_sound.Server]:
                return contextlib.nullcontext(other if kind is first_sound.Kind.EXACT else server)

            return await asyncio.to_thread(
                first_sound.measure, start, texts, "af_heart", 2, lambda _line: None
            )

    return *asyncio.run(test()), synthesizer


def test_first_sound_is_measured_in_every_situation() -> None:
    found, skipped, synthesizer = fake_first_sound()
    assert skipped == {}
    assert list(found.texts) == list(found.before_learning) == list(found.exact) == ["3 s", "5.5 s", "25 s"]
    short = found.texts["3 s"]
    assert (short.first_sound_ms.n, short.sound_at_ms.median) == (2, 0.0)
    assert short.audio_s == pytest.approx(2 * 480 / 48_000)
    assert found.growth_ms == pytest.approx(
        found.texts["25 s"].first_sound_ms.median - short.first_sound_ms.median
    )
    assert found.two_clients.first_sound_ms.n == 4
    assert found.cache_hit.first_sound_ms.n == found.rested.first_sound_ms.n == 2
    # Three times in each of four parts, and three times for two clients; once to warm up each time.
    assert synthesizer.texts.count("Hello.") == 3 * 3
    assert synthesizer.texts.count(OTHER_CLIENT) == 3


def test_before_learning_is_left_out_where_it_was_learnt_meanwhile() -> None:
    found, skipped, _ = fake_first_sound(has_learnt=True)
    assert found.before_learning == {}
    assert "learnt meanwhile" in skipped["first sound before learning"]


def test_the_wait_for_a_written_text_is_from_its_first_clause() -> None:
    async def test() -> tuple[float, Heard]:
        async with running(FakeSynthesizer()) as port:
            address = Address("fake", "127.0.0.1", port)
            return await first_sound.say_while_writing(address, "It is one. Two three four", "af_heart", 20)

    wait_s, seen = asyncio.run(test())
    # A full stop may be an abbreviation's until the next word comes, a twentieth of a second later.
    assert wait_s == pytest.approx(seen.first_sound_s - 2 / 20, abs=0.04)
    assert seen.total_s > 5 / 20


def test_first_sound_is_measured_with_texts_of_its_own() -> None:
    ours = [*FIRST_SOUND_TEXTS.values(), OTHER_CLIENT, STREAMED]
    sentences = {sentence for text in ours for sentence in split_sentences(text)}
    taken = {sentence for text in (*TEXTS.values(), *QUALITY_SENTENCES) for sentence in split_sentences(text)}
    taken |= {
        sentence for line in calibration_text._ENGLISH.splitlines() for sentence in split_sentences(line)
    }
    assert len(sentences) == 14
    assert sentences.isdisjoint(taken)


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
    monkeypatch.setattr(OurServer, "wait_until_learnt", lambda self: True)  # would take minutes
    plan = bench.Plan(
        is_quick=True,
        n_rounds=1,
        texts={"hello": "Hello."},
        voices=("af_heart",),
        tcp_precisions=("fp32",),
        servers=(),
        first_sound_texts={},
        n_first_sound_requests=1,
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
