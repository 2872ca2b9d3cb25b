"""How long our own server lets a listener wait: by length of text, before it knows a voice, and in other situations.

    phase       server                                      what is asked of it
    ---------   -----------------------------------------   ----------------------------------------------------
    unlearnt    with no table of any voice                  every text
    learnt      that has learnt the voice                   every text, by turns with the next; then a text that is
                                                            still being written, and two texts at once; and one after
                                                            rests, as a home speaks
    exact       that decodes sentences whole                every text
    cached      that keeps finished phrases                 one text, again and again

Every other server keeps no phrases. Knows servers by their address; `started` is the one part that starts any.
"""

from __future__ import annotations

import asyncio
import contextlib
import enum
import os
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

from dev.bench import figures
from dev.bench.client import Address, Connection, Heard, hear, request, speak
from dev.bench.our_server import LEARNING_S, OurServer
from dev.bench.results import FirstSound, FirstSoundText, Streamed, TwoClients
from dev.bench.texts import CACHED, CLAUSE_ENDS, GROWTH, OTHER_CLIENT, RESTED, STREAMED, TWO_CLIENTS
from dev.bench.turns import in_turn
from wyoming_kokoro.store.disk import cache_home

WORDS_PER_S = 15  # as a language model on a home's machine writes, or a quick one
_CACHE_MB = 64
REST_S = 1.0  # by then the processor and the system have gone to sleep


class Kind(enum.Enum):
    """Which server; see the table above."""

    UNLEARNT = "before learning"
    LEARNT = "learnt"
    EXACT = "--exact"
    CACHED = "with its cache"


class Server(Protocol):
    """One that runs."""

    address: Address
    has_learnt: bool


Start = Callable[[Kind], AbstractContextManager[Server]]
Say = Callable[[str], None]


class NotLearntError(Exception):
    """A server that has not learnt its voice, or has where it should not."""


def measure(
    start: Start, texts: Mapping[str, str], voice: str, n_requests: int, say: Say
) -> tuple[FirstSound, dict[str, str]]:
    """Asks for everything `n_requests` times, after once to warm up, and says what had to be left out, and why.

    texts: by name; among them has to be the one of `TWO_CLIENTS`. Raises `ServerError` and `NotLearntError`.
    """
    skipped = {}
    say("first sound, before the voice is learnt")
    with start(Kind.UNLEARNT) as server:
        before = asyncio.run(_all_texts([server.address], texts, voice, n_requests))[0]
        if server.has_learnt:
            skipped["first sound before learning"] = "the voice was learnt meanwhile"
            before = {}
    say("first sound, of a voice that is learnt")
    with start(Kind.LEARNT) as server, start(Kind.EXACT) as exact:
        learnt, whole = asyncio.run(_all_texts([server.address, exact.address], texts, voice, n_requests))
        say("first sound, of a text that is being written and of two at once")
        streamed = asyncio.run(_while_writing(server.address, voice, n_requests))
        two = asyncio.run(_two_at_once(server.address, texts, voice, n_requests))
        say("first sound, after rests")
        rested = asyncio.run(_after_rests(server.address, texts[RESTED], voice, n_requests))
    say("first sound, out of the cache")
    with start(Kind.CACHED) as server:
        cached = asyncio.run(_all_texts([server.address], {CACHED: texts[CACHED]}, voice, n_requests))[0]
    return (
        FirstSound(
            voice=voice,
            n_requests=n_requests,
            texts=_rows(learnt),
            before_learning=_rows(before),
            exact=_rows(whole),
            worst_text=worst(learnt),
            growth_ms=growth_ms(learnt),
            cache_hit=_rows(cached)[CACHED],
            rest_s=REST_S,
            rested=_rows({RESTED: rested})[RESTED],
            streamed=streamed,
            two_clients=two,
            extra_work=extra_work(learnt, whole),
            extra_work_by_text={
                name: extra_work({name: learnt[name]}, {name: whole[name]}) for name in learnt
            },
        ),
        skipped,
    )


@contextlib.contextmanager
def started(kind: Kind) -> Iterator[OurServer]:
    """Our server in its best precision. Raises `ServerError`, and `NotLearntError` if it cannot learn its voice."""
    with contextlib.ExitStack() as stack:
        environment = None
        if kind is Kind.UNLEARNT:
            environment = without_tables(Path(stack.enter_context(tempfile.TemporaryDirectory())))
        server = stack.enter_context(
            OurServer(
                f"this, {kind.value}",
                "auto",
                cache_mb=_CACHE_MB if kind is Kind.CACHED else 0,
                exact=kind is Kind.EXACT,
                environment=environment,
            )
        )
        if kind in (Kind.LEARNT, Kind.CACHED) and not server.wait_until_learnt():
            raise NotLearntError(f"the voice was not learnt within {LEARNING_S:.0f} s")
        yield server


def without_tables(folder: Path) -> dict[str, str]:
    """An environment in which nothing has been learnt of any voice, and all else that is cached is where it was.

    folder: an empty one, which is filled with links.
    """
    ours = cache_home()
    (folder / ours.name).mkdir()
    for each in ours.parent.iterdir() if ours.parent.is_dir() else ():
        if each != ours:
            (folder / each.name).symlink_to(each)
    for each in ours.iterdir() if ours.is_dir() else ():
        if each.name != "voices":
            (folder / ours.name / each.name).symlink_to(each)
    return {**os.environ, "XDG_CACHE_HOME": str(folder)}


# What was heard, and what follows from it ------------------------------------------------------------


def worst(heard: Mapping[str, Sequence[Heard]]) -> str:
    """The text whose first sound comes last, in the median."""
    return max(heard, key=lambda name: _first_sound_ms(heard[name]).median)


def growth_ms(heard: Mapping[str, Sequence[Heard]]) -> float | None:
    """By how much later the first sound of a long text comes than that of a short one; None without these texts."""
    if any(name not in heard for name in GROWTH):
        return None
    short, long = (_first_sound_ms(heard[name]).median for name in GROWTH)
    return long - short


def extra_work(
    streaming: Mapping[str, Sequence[Heard]], whole: Mapping[str, Sequence[Heard]]
) -> figures.Spread:
    """Seconds over all texts, streaming by whole, each round by itself.

    Not by second of audio: both leave out the same silence, but need not do so of equal lengths.
    """
    rounds = [
        [sum(heard.total_s for heard in one) for one in zip(*texts.values(), strict=True)]
        for texts in (streaming, whole)
    ]
    return figures.spread(ours / theirs for ours, theirs in zip(*rounds, strict=True))


def _rows(heard: Mapping[str, Sequence[Heard]]) -> dict[str, FirstSoundText]:
    return {
        name: FirstSoundText(
            first_sound_ms=_first_sound_ms(each),
            sound_at_ms=figures.spread(one.sound_at_s * 1e3 for one in each),
            gap_ms=max(one.gap_s for one in each) * 1e3,
            total_s=figures.spread(one.total_s for one in each),
            audio_s=figures.spread(one.audio_s for one in each).median,
        )
        for name, each in heard.items()
    }


def _first_sound_ms(heard: Sequence[Heard]) -> figures.Spread:
    return figures.spread(one.first_sound_s * 1e3 for one in heard)


# Asking ----------------------------------------------------------------------------------------------


async def _all_texts(
    addresses: Sequence[Address], texts: Mapping[str, str], voice: str, n_requests: int
) -> list[dict[str, list[Heard]]]:
    """For each server what was heard of each text. No pause between requests: in a second of quiet it would learn."""
    heard: dict[Address, dict[str, list[Heard]]] = {
        address: {name: [] for name in texts} for address in addresses
    }
    for number in range(n_requests + 1):
        for name, text in texts.items():
            for address in in_turn(addresses, number):
                spoken = await speak(address, text, voice)
                if number > 0:
                    heard[address][name].append(spoken.heard)
    return list(heard.values())


async def _while_writing(address: Address, voice: str, n_requests: int) -> Streamed:
    await speak(address, STREAMED, voice)
    waits_s, gaps_s = [], []
    for _ in range(n_requests):
        wait_s, heard = await say_while_writing(address, STREAMED, voice)
        waits_s.append(wait_s)
        gaps_s.append(heard.gap_s)
    return Streamed(WORDS_PER_S, figures.spread(wait_s * 1e3 for wait_s in waits_s), max(gaps_s) * 1e3)


async def say_while_writing(
    address: Address, text: str, voice: str, words_per_s: float = WORDS_PER_S
) -> tuple[float, Heard]:
    """Sends a text word by word, and returns the seconds from its first clause's end to the first sound, too.

    They are negative where that comes sooner. Raises `ServerError`.
    """
    words = text.split(" ")
    clause = next(index for index, word in enumerate(words) if word.endswith(CLAUSE_ENDS))
    async with Connection(address) as connection:
        start_s = time.perf_counter()
        await connection.send("synthesize-start", request(voice))
        listening = asyncio.create_task(hear(connection, start_s, "synthesize-stopped"))
        try:
            clause_s = 0.0
            for index, word in enumerate(words):
                await asyncio.sleep(start_s + index / words_per_s - time.perf_counter())
                is_last = index == len(words) - 1
                await connection.send("synthesize-chunk", {"text": word if is_last else f"{word} "})
                if index == clause:
                    clause_s = time.perf_counter() - start_s
            await connection.send("synthesize-stop")
            heard = await listening
        finally:
            listening.cancel()  # does nothing to one that is done
            await asyncio.gather(listening, return_exceptions=True)
    return heard.first_sound_s - clause_s, heard


async def _after_rests(address: Address, text: str, voice: str, n_requests: int) -> list[Heard]:
    heard = []
    for _ in range(n_requests):
        await asyncio.sleep(REST_S)
        heard.append((await speak(address, text, voice)).heard)
    return heard


async def _two_at_once(address: Address, texts: Mapping[str, str], voice: str, n_requests: int) -> TwoClients:
    both = texts[TWO_CLIENTS], OTHER_CLIENT
    for text in both:
        await speak(address, text, voice)
    heard: list[tuple[Heard, Heard]] = []
    for _ in range(n_requests):
        one, other = await asyncio.gather(*(speak(address, text, voice) for text in both))
        heard.append((one.heard, other.heard))
    ones, others = zip(*heard, strict=True)
    return TwoClients(
        first_sound_ms=_first_sound_ms([*ones, *others]),
        gaps_ms=(max(one.gap_s for one in ones) * 1e3, max(other.gap_s for other in others) * 1e3),
    )
