"""The results for people: what was measured, tables, the README's section, the chart. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from dev.bench import chart
from dev.bench.figures import GFLOP_PER_AUDIO_S, Spread
from dev.bench.machine import Memory
from dev.bench.results import FirstSound, FirstSoundText, InProcess, OverTcp, Quality, Results
from dev.bench.texts import RESTED, TEXT_SIDE

_NOTHING = "–"
START, END = "<!-- bench:start -->", "<!-- bench:end -->"

MEASURES = f"""\
RTF is seconds of work per second of speech, less is better; median (quartiles), warm, without any cache. The
  contestants speak by turns, each in a process of its own, all with as many threads.
In one process ours decodes sentences whole, and the silence around them counts as speech, as it does with others.
Ours goes from written text to PCM; the others get phonemes, token ids and style rows ready-made.
First time: texts never spoken before by that process, so that shapes are new to it.
× ONNX int8: how many times as fast, medians of the ratios within a round.
Limit: {GFLOP_PER_AUDIO_S} GFLOP per second of speech, held against what a 128-channel, kernel-11 convolution reaches
  on this machine in the same round and precision.
Text side: durations, pitch, energy and decoder features, for the {TEXT_SIDE} text.
Memory: resident, in MB of 1,000,000 bytes; as loaded → after all rounds (peak); of its own: without files that are
  read where they lie, code and weights, which the system may drop, and share between processes.
Over TCP: each request on a connection of its own; first sound is the first chunk with a sample above 1 % of full
  scale; `describe` while speaking comes over a second connection. RTF is per second of what was sent.
Gap: the longest that a player had nothing to play which began with the first chunk; the worst of all rounds.
Our servers have learnt their voice before, and keep no phrases, but where it says so.
First sound: from the request's last byte; “lies at” is where in the audio it lies. Before learning: the same voice,
  of which nothing is known. Work: seconds for the text, by those with --exact in the same round."""


def text_report(results: Results) -> str:
    """Everything, as the bench prints it before its last line."""
    parts = [
        f"wyoming_kokoro {results.version}, {results.date}{', quick' if results.is_quick else ''}",
        f"Machine: {results.machine}",
        f"Load before the run: {_load(results)}",
        f"Weights: {results.weights}. Voices: {', '.join(results.voices)}. Rounds: {results.n_rounds}",
        "",
        MEASURES,
    ]
    parts += ["", "What this machine's arithmetic gives, in GFLOP/s", "", limit_table(results)]
    if results.in_process:
        parts += ["", "In one process", "", in_process_table(results.in_process)]
        parts += ["", cost_table(results.in_process)]
    if results.over_tcp:
        parts += [
            "",
            "Over TCP",
            "",
            tcp_text_table(results.over_tcp),
            "",
            tcp_server_table(results.over_tcp),
        ]
    if (first_sound := results.first_sound) is not None:
        title = f"First sound of {first_sound.voice} over TCP, ms, {first_sound.n_requests} requests each"
        parts += ["", title, "", first_sound_table(first_sound), "", situation_table(first_sound)]
    if results.quality:
        parts += ["", "Quality, against our own fp32 with the same noise", "", quality_table(results.quality)]
    if results.skipped:
        parts += ["", *(f"Skipped: {name}: {reason}" for name, reason in results.skipped.items())]
    return "\n".join(parts)


def table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose columns line up in plain text too; all but the first are set to the right."""
    lines = [list(header), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]

    def row(cells: Sequence[str]) -> str:
        padded = [
            cell.rjust(width) if column else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(cells, widths, strict=True))
        ]
        return f"| {' | '.join(padded)} |"

    rule = [("-" * width) if column == 0 else "-" * (width - 1) + ":" for column, width in enumerate(widths)]
    return "\n".join([row(lines[0]), row(rule), *map(row, lines[1:])])


def limit_table(results: Results) -> str:
    """What the arithmetic gives, by precision."""
    return table(
        ["precision", "GFLOP/s", "RTF if nothing else took time"],
        [
            [
                precision,
                limit.reason if limit.gflops is None else _spread(limit.gflops, "{:.0f}"),
                _NOTHING if limit.gflops is None else f"{GFLOP_PER_AUDIO_S / limit.gflops.median:.3f}",
            ]
            for precision, limit in results.limits.items()
        ],
    )


def in_process_table(rows: Sequence[InProcess]) -> str:
    """RTF and what it is held against."""
    texts = list(rows[0].rtf_by_text)
    return table(
        ["RTF", *texts, "all", "first time", "× ONNX int8", "of the limit"],
        [
            [
                label(row),
                *(_spread(row.rtf_by_text[text], "{:.3f}") for text in texts),
                _spread(row.rtf, "{:.3f}"),
                f"{row.rtf_first_time.median:.3f}",
                _optional(row.times_onnx_int8, "{:.2f}"),
                _optional(row.share_of_limit, "{:.0%}"),
            ]
            for row in rows
        ],
    )


def cost_table(rows: Sequence[InProcess]) -> str:
    """Memory and the text side."""
    return table(
        ["", "memory in MB", "text side in ms"],
        [
            [
                label(row),
                _memory(row.memory_loaded, row.memory_spoken),
                _optional(row.text_side_ms, "{:.0f}"),
            ]
            for row in rows
        ],
    )


def tcp_text_table(servers: Sequence[OverTcp]) -> str:
    """What a client waits for, text by text."""
    return table(
        [
            "server",
            "text",
            "connect ms",
            "describe ms",
            "first chunk s",
            "first sound s",
            "total s",
            "gap s",
            "RTF",
        ],
        [
            [
                server.name,
                text,
                _spread(seen.connect_ms, "{:.1f}"),
                _spread(seen.describe_ms, "{:.1f}"),
                _spread(seen.first_chunk_s, "{:.2f}"),
                _spread(seen.first_sound_s, "{:.2f}"),
                _spread(seen.total_s, "{:.2f}"),
                f"{seen.gap_s:.2f}",
                _spread(seen.rtf, "{:.3f}"),
            ]
            for server in servers
            for text, seen in server.texts.items()
        ],
    )


def tcp_server_table(servers: Sequence[OverTcp]) -> str:
    """What the servers cost, and how quick they are meanwhile."""
    return table(
        ["server", "voice", "ready in s", "memory in MB", "describe while speaking, ms", "p99"],
        [
            [
                f"{server.name} ({server.version})",
                server.voice or "its own",
                _NOTHING if server.ready_s is None else f"{server.ready_s:.1f}",
                _memory(server.memory_ready, server.memory_spoken),
                _optional(server.describe_speaking_ms, "{:.1f}"),
                _NOTHING
                if server.describe_speaking_p99_ms is None
                else f"{server.describe_speaking_p99_ms:.1f}",
            ]
            for server in servers
        ],
    )


def first_sound_table(found: FirstSound) -> str:
    """The wait for the first sound, text by text."""

    def cells(seen: FirstSoundText | None) -> list[str]:
        return [_NOTHING] * 2 if seen is None else _first_sound(seen)

    return table(
        [
            "text",
            "audio s",
            "first sound",
            "lies at",
            "gap",
            "before learning",
            "gap",
            "--exact",
            "gap",
            "work",
        ],
        [
            [
                text,
                f"{seen.audio_s:.1f}",
                _spread(seen.first_sound_ms, "{:.0f}"),
                _spread(seen.sound_at_ms, "{:.0f}"),
                f"{seen.gap_ms:.0f}",
                *cells(found.before_learning.get(text)),
                *cells(found.exact.get(text)),
                _spread(found.extra_work_by_text[text], "{:.2f}"),
            ]
            for text, seen in found.texts.items()
        ],
    )


def situation_table(found: FirstSound) -> str:
    """The wait for the first sound when something is different, and what it costs."""
    streamed, two = found.streamed, found.two_clients
    return table(
        ["", "first sound", "gap"],
        [
            [f"worst text: {found.worst_text}", *_first_sound(found.texts[found.worst_text])],
            [
                "growth, 3 s to 25 s",
                _NOTHING if found.growth_ms is None else f"{found.growth_ms:+.0f}",
                _NOTHING,
            ],
            ["cache hit", *_first_sound(found.cache_hit)],
            [f"{RESTED} text after {found.rest_s:g} s of rest", *_first_sound(found.rested)],
            [
                f"written at {streamed.words_per_s:g} words a second, from its first clause's end",
                _spread(streamed.first_sound_ms, "{:.0f}"),
                f"{streamed.gap_ms:.0f}",
            ],
            [
                "two clients at once",
                _spread(two.first_sound_ms, "{:.0f}"),
                " and ".join(f"{gap_ms:.0f}" for gap_ms in two.gaps_ms),
            ],
            ["work of all texts, times that of --exact", _spread(found.extra_work, "{:.2f}"), _NOTHING],
        ],
    )


def _first_sound(seen: FirstSoundText) -> list[str]:
    return [_spread(seen.first_sound_ms, "{:.0f}"), f"{seen.gap_ms:.0f}"]


def quality_table(rows: Sequence[Quality]) -> str:
    """Distances and scores."""
    return table(
        [
            "precision",
            "sentences",
            "other durations",
            "log-mel dB (worst)",
            "PESQ-WB (worst)",
            "too short for it",
        ],
        [
            [
                row.precision,
                str(row.n),
                str(row.n_other_durations),
                _mean_and_worst(row.log_mel_db, row.log_mel_worst_db),
                _mean_and_worst(row.pesq_wb, row.pesq_wb_worst),
                str(row.n_without_pesq) if row.pesq_wb is not None else _NOTHING,
            ]
            for row in rows
        ],
    )


def label(row: InProcess) -> str:
    """A contestant's name with its version, ours with its precision."""
    return row.name if row.precision is not None else f"{row.name} ({row.version})"


def chart_of(results: Results) -> str:
    """RTF of everybody who was measured in one process, as SVG."""
    bars = [
        chart.Bar(label(row), row.rtf.median, row.rtf.low, row.rtf.high, row.precision is not None)
        for row in results.in_process
    ]
    return chart.svg(
        "Seconds of work per second of speech (RTF), less is better",
        f"{results.date}, {results.machine.n_threads} cores of {results.machine.processor}; medians and quartiles",
        bars,
    )


# The README's section --------------------------------------------------------------------------------


def readme_section(results: Results, chart_path: str | None) -> str:
    """The comparison as the README has it; chart_path is relative to the README."""
    lines = [
        (
            f"Measured on {results.date} by `script/bench` on {results.machine}, with {results.weights}; voices "
            f"{', '.join(f'`{voice}`' for voice in results.voices)}. RTF is seconds of work per second of speech, so less "
            "is better: medians, quartiles in brackets."
        )
    ]
    if chart_path is not None:
        lines += ["", f"![RTF of each contestant]({chart_path})"]
    if results.in_process:
        texts = list(results.in_process[0].rtf_by_text)
        rows = [
            [
                label(row),
                *(f"{row.rtf_by_text[text].median:.3f}" for text in texts),
                _spread(row.rtf, "{:.3f}"),
                _median(row.times_onnx_int8, "{:.2f}"),
                _median(row.share_of_limit, "{:.0%}"),
                _NOTHING if (held := row.memory_spoken) is None else f"{held.resident_mb:.0f} MB",
                _NOTHING if held is None else f"{held.own_mb:.0f} MB",
            ]
            for row in results.in_process
        ]
        header = ["RTF in one process", *texts, "all", "× ONNX int8", "of the limit", "memory", "its own"]
        lines += ["", table(header, rows)]
    if results.over_tcp:
        rows = [
            [f"{server.name}: {name}", *_tcp_cells(server, value)]
            for server in results.over_tcp
            for name, value in _TCP_ROWS
        ]
        lines += ["", table(["over TCP", *results.over_tcp[0].texts], rows)]
        lines += ["", *_tcp_sentences(results.over_tcp)]
    if results.first_sound is not None:
        lines += ["", *_first_sound_lines(results.first_sound)]
    lines += [
        "",
        (
            f"The limit is arithmetic: {GFLOP_PER_AUDIO_S} GFLOP per second of speech at the rate that this machine's best "
            "convolution reached in the same run. `script/bench` measures all this anew on yours."
        ),
    ]
    return "\n".join(lines)


def with_section(readme: str, section: str) -> str:
    """The README with this section between its marks. Raises `ValueError` where these are not there once."""
    pattern = re.compile(rf"({re.escape(START)}\n).*?({re.escape(END)})", re.DOTALL)
    made, n_places = pattern.subn(lambda found: f"{found[1]}{section}\n{found[2]}", readme)
    if n_places != 1:
        raise ValueError(f"the README has {n_places} places between {START} and {END} instead of one")
    return made


_TCP_ROWS: tuple[tuple[str, Callable[[OverTcp, str], str]], ...] = (
    ("RTF", lambda server, text: f"{server.texts[text].rtf.median:.3f}"),
    ("first sound after", lambda server, text: f"{server.texts[text].first_sound_s.median:.2f} s"),
)


def _tcp_cells(server: OverTcp, value: Callable[[OverTcp, str], str]) -> list[str]:
    return [value(server, text) for text in server.texts]


def _tcp_sentences(servers: Sequence[OverTcp]) -> list[str]:
    """One sentence a server that we started; of the others neither start nor memory is known."""
    return [
        f"`{server.name}` is ready after {server.ready_s:.1f} s, holds {server.memory_ready.resident_mb:.0f} MB then and "
        f"{server.memory_spoken.resident_mb:.0f} MB in the end, {server.memory_spoken.own_mb:.0f} MB of them its own (the rest "
        "are files on disk, read where they lie), and answers `describe` within "
        f"{server.describe_speaking_p99_ms:.0f} ms (p99) while another client is spoken to."
        for server in servers
        if server.ready_s is not None
        and server.memory_ready is not None
        and server.memory_spoken is not None
        and server.describe_speaking_p99_ms is not None
    ]


def _first_sound_lines(found: FirstSound) -> list[str]:
    """A table, text by text, and a sentence on the rest."""

    def cells(rows: Mapping[str, FirstSoundText]) -> list[str]:
        return [
            f"{rows[text].first_sound_ms.median:.0f} ms" if text in rows else _NOTHING for text in found.texts
        ]

    streamed, two = found.streamed, found.two_clients
    gap_ms = max(streamed.gap_ms, *two.gaps_ms, *(seen.gap_ms for seen in found.texts.values()))
    return [
        table(
            [f"first sound of `{found.voice}` after", *found.texts],
            [
                ["learnt", *cells(found.texts)],
                ["before it is learnt", *cells(found.before_learning)],
                ["decoded whole, `--exact`", *cells(found.exact)],
            ],
        ),
        "",
        (
            f"After {found.rest_s:g} s of rest the text of {RESTED} is heard after {found.rested.first_sound_ms.median:.0f} ms. "
            f"What has just been said comes again after {found.cache_hit.first_sound_ms.median:.0f} ms; a text written at "
            f"{streamed.words_per_s:g} words a second is heard {streamed.first_sound_ms.median:.0f} ms after the end of its "
            f"first clause, and two clients at once after {two.first_sound_ms.median:.0f} ms. The longest that a player had "
            f"to wait in all this, once it had begun: {gap_ms:.0f} ms. Speaking from the middle of a sentence takes "
            f"{found.extra_work.median:.2f} times the work of decoding it whole."
        ),
    ]


# Cells -----------------------------------------------------------------------------------------------


def _spread(spread: Spread, form: str) -> str:
    return f"{form.format(spread.median)} ({form.format(spread.low)}–{form.format(spread.high)})"


def _optional(spread: Spread | None, form: str) -> str:
    return _NOTHING if spread is None else _spread(spread, form)


def _median(spread: Spread | None, form: str) -> str:
    return _NOTHING if spread is None else form.format(spread.median)


def _memory(first: Memory | None, last: Memory | None) -> str:
    if first is None or last is None:
        return _NOTHING
    return f"{first.resident_mb:.0f} → {last.resident_mb:.0f} ({last.peak_mb:.0f}), its own {last.own_mb:.0f}"


def _mean_and_worst(mean: float | None, worst: float | None) -> str:
    return _NOTHING if mean is None else f"{mean:.2f} ({worst:.2f})"


def _load(results: Results) -> str:
    load = results.machine.load
    if load is None:
        return "not known"
    return f"{load:.2f}" + ("; something else is at work, times are worth less" if load > 0.3 else "")
