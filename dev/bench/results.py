"""What a run of the bench found, as dataclasses; `Results` as JSON is the bench's last line. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from dev.bench.figures import Spread
from dev.bench.machine import Machine, Memory

SCHEMA = 1  # goes up when a field changes its meaning or goes away


@dataclass(frozen=True)
class InProcess:
    """One contestant, without a server."""

    name: str

    precision: str | None
    """Of ours; None for others."""

    version: str

    rtf: Spread
    """Warm, over all texts, voices and rounds."""

    rtf_by_text: Mapping[str, Spread]

    rtf_first_time: Spread
    """Of texts it had never spoken before."""

    times_onnx_int8: Spread | None
    """How many times as fast as ONNX Runtime with the int8 export, in the same round."""

    share_of_limit: Spread | None
    """Of the arithmetic this machine gives in this precision; 1 is all of it."""

    text_side_ms: Spread | None
    """All of the model but the generator, for the 5.5 s text."""

    memory_loaded: Memory | None
    memory_spoken: Memory | None
    """After all rounds."""


@dataclass(frozen=True)
class OverTcp:
    """One server."""

    name: str

    version: str
    """As it describes itself."""

    voice: str | None
    """None where it has not the bench's voice and spoke with its own."""

    ready_s: float | None
    """From command to first connection; None for a server that was running already."""

    describe_speaking_ms: Spread | None
    describe_speaking_p99_ms: float | None
    """`describe` on a second connection while the first one is spoken to."""

    memory_ready: Memory | None
    memory_spoken: Memory | None

    texts: Mapping[str, OverTcpText]


@dataclass(frozen=True)
class OverTcpText:
    """One text, in several rounds, each on a connection of its own."""

    connect_ms: Spread
    describe_ms: Spread

    first_chunk_s: Spread
    """From the request's last byte sent."""

    first_sound_s: Spread
    """To the first chunk with a sample above 1 % of full scale."""

    total_s: Spread

    gap_s: float
    """See `figures.gap_s`; the worst of all rounds."""

    rtf: Spread
    """Per second of what was sent, which is without the silence around a sentence if the server leaves that out."""

    audio_s: float


@dataclass(frozen=True)
class FirstSound:
    """How long our server lets a listener wait, in its best precision."""

    voice: str

    n_requests: int
    """For each text; two of them are spoken at once as often, and so on."""

    texts: Mapping[str, FirstSoundText]
    """Of a voice that has been learnt."""

    before_learning: Mapping[str, FirstSoundText]
    """The same voice where nothing is known of it; empty where that could not be measured."""

    exact: Mapping[str, FirstSoundText]
    """Decoded whole, with `--exact`."""

    worst_text: str
    """Which of `texts` has to wait longest."""

    growth_ms: float | None
    """From the 3 s text to the 25 s text; None where they were not measured."""

    cache_hit: FirstSoundText
    """Of a text that has just been spoken."""

    rest_s: float
    rested: FirstSoundText
    """Of one text, when nothing has been said for so long."""

    streamed: Streamed
    two_clients: TwoClients

    extra_work: Spread
    """Seconds for all texts, by those with `--exact` in the same round."""

    extra_work_by_text: Mapping[str, Spread]


@dataclass(frozen=True)
class FirstSoundText:
    """One text, in several requests, each on a connection of its own."""

    first_sound_ms: Spread
    """From the request's last byte sent to the first chunk with a sample above 1 % of full scale."""

    sound_at_ms: Spread
    """Where in the audio that sample lies."""

    gap_ms: float
    """See `figures.gap_s`; the worst of all requests."""

    total_s: Spread
    audio_s: float


@dataclass(frozen=True)
class Streamed:
    """A text that is sent while it is being written."""

    words_per_s: float

    first_sound_ms: Spread
    """From the end of the first clause sent."""

    gap_ms: float


@dataclass(frozen=True)
class TwoClients:
    """Two requests of some 5.5 s at once."""

    first_sound_ms: Spread
    """Of both."""

    gaps_ms: tuple[float, float]
    """Of either; the worst of all rounds."""


@dataclass(frozen=True)
class Quality:
    """One precision against our own fp32, with the same noise."""

    precision: str

    n: int
    """Sentences, in all voices."""

    n_other_durations: int
    """Of those, with another duration of a phoneme; they are not compared further."""

    log_mel_db: float | None
    """None where all durations differ."""

    log_mel_worst_db: float | None

    pesq_wb: float | None
    """None where the package is missing."""

    pesq_wb_worst: float | None

    n_without_pesq: int
    """Compared, but too short for PESQ."""


@dataclass(frozen=True)
class Limit:
    """What a convolution of the model's largest kind reaches alone."""

    gflops: Spread | None
    reason: str = ""
    """Why there is none."""


@dataclass(frozen=True)
class Results:
    """All of a run."""

    date: str
    """ISO 8601, the day."""

    version: str
    """Ours."""

    is_quick: bool
    machine: Machine
    weights: str
    n_rounds: int
    voices: tuple[str, ...]
    limits: Mapping[str, Limit]
    in_process: tuple[InProcess, ...] = ()
    over_tcp: tuple[OverTcp, ...] = ()
    first_sound: FirstSound | None = None
    quality: tuple[Quality, ...] = ()

    skipped: Mapping[str, str] | None = None
    """What was not measured, and why."""

    def to_json(self) -> str:
        """One line."""
        return json.dumps({"schema": SCHEMA, **asdict(self)}, ensure_ascii=False)
