"""The speaking thread: order, turns, bounds, failures, and what becomes of those who leave."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from typing import Any

import pytest
from clients import eventually
from fakes import FakeSynthesizer, piece_of

from wyoming_kokoro import pcm
from wyoming_kokoro.errors import SynthesisError
from wyoming_kokoro.server import idleness
from wyoming_kokoro.server import worker as workers
from wyoming_kokoro.server.worker import SpeechStream, SynthesisWorker
from wyoming_kokoro.speech import SpokenForm, Utterance
from wyoming_kokoro.threads import SPEECH_THREAD_NAME


def run(test: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(test, 60), debug=True)


def say(text: str) -> Utterance:
    return Utterance(text, "af_heart")


async def all_of(stream: SpeechStream) -> bytes:
    return b"".join([piece async for piece in stream.pieces()])


def test_utterances_come_out_in_order_with_a_pause_between() -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer(2)) as worker, worker.open(pause=b"__") as stream:
            for text in ("one", "...", "two"):
                await stream.say(say(text))
            stream.finish()
            # What says nothing gets no pause either.
            assert await all_of(stream) == piece_of("one") * 2 + b"__" + piece_of("two") * 2

    run(test())


def clause(text: str) -> Utterance:
    return Utterance(text, "af_heart", is_clause=True)


def test_a_third_of_the_pause_follows_a_clause() -> None:
    async def test() -> None:
        async with (
            SynthesisWorker(FakeSynthesizer(1)) as worker,
            worker.open(pause=b"".join(bytes([n, 0]) for n in range(7))) as stream,
        ):
            # The "..." say nothing: as a clause they change nothing, as a sentence they end the one before.
            for each in (clause("a"), say("b"), clause("..."), clause("c"), clause("...")):
                await stream.say(each)
            for each in (say("d"), clause("e"), say("..."), say("f")):
                await stream.say(each)
            stream.finish()
            short, whole = bytes([0, 0, 1, 0]), bytes([0, 0, 1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0])
            gaps = [b"", short, whole, short, whole, whole]
            assert await all_of(stream) == b"".join(
                gap + piece_of(text) for gap, text in zip(gaps, "abcdef", strict=True)
            )

    run(test())


def test_an_utterance_brings_its_own_pause() -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer(1)) as worker, worker.open(pause=b"__") as stream:
            long, short = pcm.silence(0.25), pcm.silence(0.25 / 3)
            for text, pause_s, is_clause in (
                ("a", 0.25, False), ("...", None, False), ("b", 0.25, True), ("c", 0.0, False), ("d", None, False), ("e", 9.0, False),
            ):  # fmt: skip
                await stream.say(Utterance(text, "af_heart", is_clause=is_clause, pause_s=pause_s))
            stream.finish()
            gaps = [b"", long, short, b"", b"__"]
            expected = b"".join(gap + piece_of(text) for gap, text in zip(gaps, "abcde", strict=True))
            assert await all_of(stream) == expected

    run(test())


def test_a_stream_runs_dry_when_all_is_said_and_nearly_played() -> None:
    async def test() -> None:
        clock = Clock()
        voice = FakeSynthesizer(1, ONE_SECOND // 20)
        async with SynthesisWorker(voice, clock) as worker, worker.open() as stream:
            await stream.running_dry(0.0)  # nothing is playing yet
            await stream.say(say("gate"))
            dry = asyncio.create_task(stream.running_dry(0.02))
            await asyncio.sleep(0.05)
            assert not dry.done()  # there is something to say
            voice.gate.set()
            await eventually(stream._all_said.is_set)
            await asyncio.sleep(0.1)
            assert not dry.done()  # it is being played
            clock.now_s += 0.03
            await dry

    run(test())


class Clock:
    """Time that passes when a test says so."""

    def __init__(self) -> None:
        self.now_s = 100.0

    def __call__(self) -> float:
        return self.now_s


ONE_SECOND = 48_000  # bytes


def test_what_a_player_has_left_is_judged_by_the_clock() -> None:
    async def test() -> None:
        clock = Clock()
        voice = FakeSynthesizer(1, ONE_SECOND)
        async with SynthesisWorker(voice, clock) as worker, worker.open(pause=bytes(12_000)) as stream:
            left = []

            async def hear(n_pieces: int) -> None:
                await eventually(lambda: len(stream._pieces) == n_pieces)
                left.append(stream.seconds_left())

            left.append(stream.seconds_left())
            await stream.say(say("one"))
            await hear(1)
            clock.now_s += 0.5
            await stream.say(say("two"))
            await hear(2)
            clock.now_s += 10.0  # the player runs dry after 1.75 s, and goes on with the next piece
            left.append(stream.seconds_left())
            await stream.say(say("three"))
            await hear(3)
            assert left == [0.0, 1.0, 0.5 + 1.25, 0.0, 1.25]

    run(test())


def test_the_stream_that_runs_dry_first_goes_first() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1, ONE_SECOND)
        async with SynthesisWorker(voice, Clock()) as worker:
            book, sentence, holding = worker.open(), worker.open(), worker.open()
            for number in (1, 2, 3):
                await book.say(say(f"book {number}"))
            await eventually(lambda: voice.n_pieces == 3)
            await holding.say(say("gate"))  # keeps the thread busy until all has been said
            await eventually(lambda: "gate" in voice.texts)
            for number in (4, 5):
                await book.say(say(f"book {number}"))
            for number in range(1, 5):
                await sentence.say(say(f"sentence {number}"))
            voice.gate.set()
            await eventually(lambda: voice.n_pieces == 3 + 1 + 6)
            # Up to the 3 s that the book has: then both have as much, and it has waited longer.
            assert voice.made[4:7] == ["sentence 1", "sentence 2", "sentence 3"]
            assert voice.made[7] == "book 4"
            assert sorted(voice.made[8:]) == ["book 5", "sentence 4"]

    run(test())


def test_a_player_that_ran_dry_in_a_pause_of_its_text_is_owed_nothing() -> None:
    async def test() -> None:
        clock = Clock()
        voice = FakeSynthesizer(1, ONE_SECOND)
        async with SynthesisWorker(voice, clock) as worker:
            slow, steady, holding = worker.open(), worker.open(), worker.open()
            await slow.say(say("slow 1"))
            await eventually(lambda: voice.n_pieces == 1)
            clock.now_s += 60.0
            for text in ("slow 2", "slow 3"):
                await slow.say(say(text))
            await eventually(lambda: voice.n_pieces == 3)
            await holding.say(say("gate"))
            await eventually(lambda: "gate" in voice.texts)
            await slow.say(say("slow 4"))
            await steady.say(say("steady 1"))
            await steady.say(say("steady 2"))
            voice.gate.set()
            await eventually(lambda: voice.n_pieces == 3 + 1 + 3)
            # By the sound it got since its first piece the slow one would be a minute behind.
            assert voice.made[4:6] == ["steady 1", "steady 2"]

    run(test())


def test_streams_in_equal_need_are_served_in_the_order_they_came_and_none_starves() -> None:
    async def test() -> None:
        clock = Clock()

        class Slow(FakeSynthesizer):
            def stream(self, utterance: Utterance) -> Iterator[bytes]:
                for piece in super().stream(utterance):
                    clock.now_s += 5.0  # slower than it plays: every player is always dry
                    yield piece

        voice = Slow(4, ONE_SECOND)
        async with SynthesisWorker(voice, clock) as worker:
            holding, *streams = (worker.open() for _ in range(4))
            await holding.say(say("gate"))
            await eventually(lambda: "gate" in voice.texts)
            for name, stream in reversed(list(zip("abc", streams, strict=True))):
                await stream.say(say(name))
            holding.close()
            voice.gate.set()
            await eventually(lambda: voice.n_pieces == 1 + 3 * 4)
            assert "".join(voice.made[1:]) == "abc" * 4

    run(test())


def test_who_plays_gets_what_it_needs_before_another_is_begun() -> None:
    async def test() -> None:
        clock = Clock()

        class Timed(FakeSynthesizer):
            def stream(self, utterance: Utterance) -> Iterator[bytes]:
                for index, piece in enumerate(super().stream(utterance)):
                    clock.now_s += 0.07 if index else 0.3
                    yield piece

        voice = Timed(6, ONE_SECOND // 4)
        async with SynthesisWorker(voice, clock) as worker:
            worker._beginning_time.learn(0, 0.3)  # in no time at all by the clock on the wall
            one, other = worker.open(), worker.open()
            await one.say(say("gate 1"))
            await other.say(say("gate 2"))
            voice.gate.set()
            await eventually(lambda: voice.n_pieces == 12)
            assert [text[-1] for text in voice.made[:4]] == ["1", "1", "2", "1"]

    run(test())


def test_an_end_waits_for_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    # A client may play nothing before it has everything.
    delivered: list[tuple[SpeechStream, bool]] = []
    deliver = SpeechStream._deliver

    def record(stream: SpeechStream, piece: Any) -> None:
        delivered.append((stream, piece is None))
        deliver(stream, piece)

    monkeypatch.setattr(SpeechStream, "_deliver", record)

    async def test() -> None:
        voice = FakeSynthesizer(2, ONE_SECOND)
        async with SynthesisWorker(voice, Clock()) as worker:
            ahead, hungry = worker.open(), worker.open()
            await ahead.say(say("long"))
            await eventually(lambda: ahead.has_said_all)
            await hungry.say(say("gate"))
            await eventually(lambda: "gate" in voice.texts)
            ahead.finish()
            hungry.finish()
            voice.gate.set()
            await all_of(hungry)
            assert delivered[2:] == [(hungry, False), (ahead, True), (hungry, False), (hungry, True)]

    run(test())


def test_the_synthesizer_rests_once_after_each_time_of_work(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.01)
    monkeypatch.setattr(idleness, "REST_AFTER_S", 0.02)

    async def test() -> None:
        voice = FakeSynthesizer()
        async with SynthesisWorker(voice) as worker:
            await asyncio.sleep(0.1)
            assert voice.n_rests == 0  # nothing was done yet
            for n_rests in (1, 2):
                await speak_once(worker)
                await eventually(lambda n_rests=n_rests: voice.n_rests == n_rests)
                await asyncio.sleep(0.1)
                assert voice.n_rests == n_rests

    run(test())


async def speak_once(worker: SynthesisWorker) -> None:
    async with worker.open() as stream:
        await stream.say(say("one"))
        stream.finish()
        await all_of(stream)


class Preparing(FakeSynthesizer):
    """Writes down what it does while there is nothing to say: "p" prepares, "r" rests, "s" speaks."""

    def __init__(self, n_to_prepare: int) -> None:
        super().__init__(1)
        self.n_to_prepare = n_to_prepare
        self.done = ""

    def prepare(self, is_wanted: Callable[[], bool]) -> bool:
        assert threading.current_thread().name == SPEECH_THREAD_NAME
        self.done += "p"
        return super().prepare(is_wanted)

    def rest(self) -> None:
        self.done += "r"

    def stream(self, utterance: Utterance) -> Iterator[bytes]:
        self.done += "s"
        yield from super().stream(utterance)


def test_the_synthesizer_prepares_in_the_quiet_and_rests_when_that_is_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.03)
    monkeypatch.setattr(idleness, "REST_AFTER_S", 0.03)

    async def test() -> None:
        voice = Preparing(3)
        async with SynthesisWorker(voice) as worker:
            await eventually(lambda: voice.done == "pppr")
            await asyncio.sleep(0.1)
            await speak_once(worker)
            await eventually(lambda: len(voice.done) == 7)
            await asyncio.sleep(0.1)
            assert voice.done == "pppr" + "spr"  # asks once more, and hears that there is nothing to do

    run(test())


def test_preparing_waits_for_a_time_of_quiet(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 10.0)

    async def test() -> None:
        clock = Clock()
        voice = Preparing(1)
        async with SynthesisWorker(voice, clock) as worker:
            clock.now_s += 9.0
            await speak_once(worker)
            # The worker hands the last piece over, and only then writes down when that was.
            await eventually(lambda: worker._idleness.next_time_s() == clock.now_s + idleness.PREPARE_AFTER_S)
            clock.now_s += 9.0
            worker.open().close()  # wakes the worker, and is nothing to say
            await asyncio.sleep(0.05)
            assert voice.done == "s"
            clock.now_s += 1.0
            worker.open().close()
            await eventually(lambda: voice.done == "sp")

    run(test())


def test_preparing_is_told_of_speech_and_goes_on_after_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.0)

    class Long(Preparing):
        def prepare(self, is_wanted: Callable[[], bool]) -> bool:
            has_more = super().prepare(is_wanted)
            while self.n_to_prepare == 2 and not is_wanted():
                time.sleep(0.001)
            return has_more

    async def test() -> None:
        voice = Long(4)
        async with SynthesisWorker(voice) as worker:
            await eventually(lambda: voice.done == "pp")
            async with worker.open() as stream:
                await asyncio.sleep(0.05)
                assert voice.done == "pp"  # nobody has said anything yet
                await stream.say(say("one"))
                stream.finish()
                assert await all_of(stream) == piece_of("one")
            await eventually(lambda: voice.done == "ppspp")

    run(test())


def test_preparing_is_told_of_the_end() -> None:
    # Without that the thread would be given up after seconds, and the process end in the middle of it.
    class Endless(Preparing):
        def prepare(self, is_wanted: Callable[[], bool]) -> bool:
            self.done += "p"
            while not is_wanted():
                time.sleep(0.001)
            return True

    async def test() -> None:
        clock = Clock()
        voice = Endless(1)
        async with SynthesisWorker(voice, clock) as worker:
            clock.now_s += idleness.PREPARE_AFTER_S
            worker.open().close()
            await eventually(lambda: voice.done == "p")
        assert not worker._thread.is_alive()

    run(test())


def test_preparing_that_fails_is_logged_and_left(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.0)

    class Failing(Preparing):
        def prepare(self, is_wanted: Callable[[], bool]) -> bool:
            super().prepare(is_wanted)
            raise ZeroDivisionError("a bug")

    async def test() -> None:
        voice = Failing(5)
        async with SynthesisWorker(voice) as worker:
            await eventually(lambda: voice.done == "p")
            for _ in range(2):
                await speak_once(worker)
                await asyncio.sleep(0.03)
        assert voice.done == "pss"

    run(test())
    (record,) = [each for each in caplog.records if each.levelname == "ERROR"]
    assert record.exc_info is not None
    assert "a bug" in caplog.text


def test_a_stream_without_utterances_ends() -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer()) as worker, worker.open() as stream:
            stream.finish()
            assert await all_of(stream) == b""

    run(test())


def test_a_writer_waits_while_too_much_is_waiting() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        n_utterances = workers.MAX_WAITING_UTTERANCES + 10

        async def feed(stream: SpeechStream) -> None:
            for number in range(n_utterances):
                await stream.say(say(f"gate {number}"))
            stream.finish()

        async with SynthesisWorker(voice) as worker, worker.open() as stream:
            feeding = asyncio.create_task(feed(stream))
            await asyncio.sleep(0.1)
            assert not feeding.done()
            voice.gate.set()
            assert len(await all_of(stream)) == 480 * n_utterances
            await feeding
            assert voice.texts == [f"gate {number}" for number in range(n_utterances)]

    run(test())


def test_speech_is_not_made_far_ahead_of_a_slow_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_BUFFERED_BYTES", 4800)

    async def test() -> None:
        voice = FakeSynthesizer(pieces_per_utterance=100)
        async with SynthesisWorker(voice) as worker, worker.open() as stream, worker.open() as other:
            await stream.say(say("slow"))
            await asyncio.sleep(0.1)
            assert voice.n_pieces == 10
            await other.say(say("quick"))
            other.finish()
            assert len(await all_of(other)) == 48_000  # a slow reader holds up nobody else
            stream.finish()
            assert len(await all_of(stream)) == 48_000

    run(test())


@pytest.mark.parametrize(("text", "message"), [("fail", "it failed"), ("crash", "ZeroDivisionError: a bug")])
def test_a_failure_comes_after_what_was_said_and_ends_its_stream_only(text: str, message: str) -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer(1)) as worker:
            async with worker.open() as stream:
                for each in ("fine", text, "never"):
                    await stream.say(say(each))
                stream.finish()
                heard = []
                with pytest.raises(SynthesisError, match=message):  # noqa: PT012 - what came before it counts
                    async for piece in stream.pieces():
                        heard.append(piece)  # noqa: PERF401 - a comprehension would lose it
                assert heard == [piece_of("fine")]
                await stream.say(say("into the void"))
            async with worker.open() as stream:
                await stream.say(say("next"))
                stream.finish()
                assert await all_of(stream) == piece_of("next")

    run(test())


def test_an_error_from_outside_comes_in_its_turn() -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer()) as worker, worker.open() as stream:
            stream.fail(SynthesisError("refused"))
            with pytest.raises(SynthesisError, match="refused"):
                await all_of(stream)

    run(test())


def test_closing_drops_what_waits_and_lets_a_waiting_writer_go() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()

        async def feed(stream: SpeechStream) -> None:
            while not stream._is_closed:
                await stream.say(say("gate"))

        async with SynthesisWorker(voice) as worker:
            stream = worker.open()
            feeding = asyncio.create_task(feed(stream))
            await eventually(lambda: bool(voice.spoken))
            stream.close()
            stream.close()
            await feeding
            assert await all_of(stream) == b""
            voice.gate.set()
            async with worker.open() as other:
                await other.say(say("next"))
                other.finish()
                assert len(await all_of(other)) == 960
        assert voice.texts == ["gate", "next"]
        assert voice.n_closed_early == 1

    run(test())


def test_stopping_fails_what_is_open_and_refuses_what_comes() -> None:
    async def test() -> None:
        voice = FakeSynthesizer()
        async with SynthesisWorker(voice) as worker:
            stream = worker.open()
            await stream.say(say("gate"))
            await eventually(lambda: bool(voice.spoken))
            asyncio.get_running_loop().call_later(0.1, voice.gate.set)
        with pytest.raises(SynthesisError, match="shutting down"):
            await all_of(stream)
        with pytest.raises(SynthesisError, match="shutting down"):
            await all_of(worker.open())
        assert voice.n_closed_early == 1

    run(test())


def test_a_thread_that_dies_leaves_nobody_waiting_and_another_takes_its_place(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with SynthesisWorker(voice) as worker:
            async with worker.open() as stream, worker.open() as other:
                await stream.say(say("deadly"))
                for each in (stream, other):
                    with pytest.raises(SynthesisError, match="died of SystemExit"):
                        await all_of(each)
            await eventually(lambda: worker.is_alive)
            async with worker.open() as stream:
                await stream.say(say("next"))
                stream.finish()
                assert await all_of(stream) == piece_of("next")
        assert not worker.is_alive

    run(test())
    died = [record for record in caplog.records if record.getMessage() == "The speech worker has died"]
    assert [record.exc_info is not None for record in died] == [True]


def test_a_thread_that_dies_again_and_again_is_given_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "RESTART_AFTER_S", (0.0, 0.3))

    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with SynthesisWorker(voice) as worker:
            for _ in range(3):
                await eventually(lambda: worker.is_alive)
                async with worker.open() as stream:
                    await stream.say(say("deadly"))
                    with pytest.raises(SynthesisError, match="died of SystemExit"):
                        await all_of(stream)
            assert not worker.is_alive
            async with worker.open() as stream:  # while there is none
                await stream.say(say("too early"))
                with pytest.raises(SynthesisError, match="try again"):
                    await all_of(stream)
            await eventually(lambda: worker.is_alive)
        assert "too early" not in voice.texts

    run(test())


def test_no_thread_is_started_after_the_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "RESTART_AFTER_S", (0.1,))

    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer()) as worker, worker.open() as stream:
            await stream.say(say("deadly"))
            with pytest.raises(SynthesisError):
                await all_of(stream)
        await asyncio.sleep(0.3)
        assert not worker.is_alive
        assert SPEECH_THREAD_NAME not in {thread.name for thread in threading.enumerate()}

    run(test())


def test_each_utterance_is_logged_without_its_text(caplog: pytest.LogCaptureFixture) -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer(2, 24_000)) as worker, worker.open() as stream:
            await stream.say(say("secret"))
            stream.finish()
            await all_of(stream)

    with caplog.at_level("INFO", "wyoming_kokoro"):
        run(test())
    (line,) = [record.message for record in caplog.records if record.name == "wyoming_kokoro.server.worker"]
    assert line.startswith("af_heart: 1.0 s of audio in ")
    assert "secret" not in caplog.text


def test_what_waits_is_spoken_together_but_the_first_goes_alone() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2, batch_size=3)
        async with SynthesisWorker(voice) as worker, worker.open(pause=b"__") as stream:
            for text in ("gate", "one", "...", "two", "three", "four"):
                await stream.say(say(text))
            stream.finish()
            voice.gate.set()
            said = [piece_of(text) * 2 for text in ("gate", "one", "two", "three", "four")]
            assert await all_of(stream) == b"__".join(said)
        assert voice.together == [["one", "...", "two"], ["three", "four"]]

    run(test())


def test_streams_share_a_batch_in_turns_and_keep_their_order() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1, batch_size=4)
        async with SynthesisWorker(voice) as worker:
            streams = [worker.open() for _ in range(2)]
            for stream in streams:
                await stream.say(say("hello"))
            await eventually(lambda: voice.n_pieces == 2)
            holding = worker.open()  # keeps the thread busy until all is said
            await holding.say(say("gate"))
            await eventually(lambda: "gate" in voice.texts)
            for number in range(3):
                for name, stream in zip("ab", streams, strict=True):
                    await stream.say(say(f"{name}{number}"))
            for stream in (*streams, holding):
                stream.finish()
            voice.gate.set()
            for name, stream in zip("ab", streams, strict=True):
                said = ["hello", *(f"{name}{number}" for number in range(3))]
                assert await all_of(stream) == b"".join(piece_of(text) for text in said)
        first, second = voice.together
        assert sorted(first) == ["a0", "a1", "b0", "b1"]
        assert sorted(second) == ["a2", "b2"]

    run(test())


@pytest.mark.parametrize("text", ["fail", "crash"])
def test_a_failure_in_a_batch_is_its_own_streams_alone(text: str) -> None:
    async def test() -> None:
        voice = FakeSynthesizer(1, batch_size=8)
        async with SynthesisWorker(voice) as worker:
            good, bad = worker.open(), worker.open()
            for stream in (good, bad):
                await stream.say(say("gate"))
            for each in ("fine", "too"):
                await good.say(say(each))
            for each in ("well", text, "never"):
                await bad.say(say(each))
            for stream in (good, bad):
                stream.finish()
            voice.gate.set()
            assert await all_of(good) == piece_of("gate") + piece_of("fine") + piece_of("too")
            heard = []
            with pytest.raises(SynthesisError):  # noqa: PT012 - what came before it counts
                async for piece in bad.pieces():
                    heard.append(piece)  # noqa: PERF401 - a comprehension would lose it
            assert heard == [piece_of("gate"), piece_of("well")]

    run(test())


def test_closing_drops_what_was_made_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "MAX_BUFFERED_BYTES", 900)

    async def test() -> None:
        voice = FakeSynthesizer(1, batch_size=8)
        async with SynthesisWorker(voice) as worker:
            stream = worker.open()
            for text in ("first", "one", "two", "three"):
                await stream.say(say(text))
            await eventually(lambda: voice.together == [["one", "two", "three"]])
            await asyncio.sleep(0.05)
            assert len(stream._pieces) == 2  # as much as fits is delivered, the rest waits
            stream.close()
            async with worker.open() as other:
                await other.say(say("next"))
                other.finish()
                assert await all_of(other) == piece_of("next")
            assert not stream._begun
            assert stream not in worker._streams

    run(test())


def test_the_synthesizer_unloads_once_after_a_long_quiet_and_works_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.0)
    monkeypatch.setattr(idleness, "REST_AFTER_S", 0.05)

    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with SynthesisWorker(voice, unload_after_s=0.2) as worker:
            for n_unloads in (1, 2):
                async with worker.open() as stream:
                    await stream.say(say("hello"))
                    stream.finish()
                    assert await all_of(stream) == piece_of("hello")
                    assert voice.n_unloads == n_unloads - 1
                await eventually(lambda n_unloads=n_unloads: voice.n_unloads == n_unloads)  # type: ignore[misc]
                assert voice.n_rests == n_unloads
                await asyncio.sleep(0.5)
                assert voice.n_unloads == n_unloads

    run(test())


def test_a_synthesizer_that_nobody_asks_for_unloads_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(idleness, "PREPARE_AFTER_S", 0.0)

    async def test() -> None:
        voice = FakeSynthesizer(1)
        async with SynthesisWorker(voice, unload_after_s=0.05):
            await eventually(lambda: voice.n_unloads == 1)
        assert voice.n_rests == 0

    run(test())


def test_a_question_is_answered_between_two_pieces() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(3)
        async with SynthesisWorker(voice) as worker, worker.open() as stream:
            await stream.say(say("gate"))
            stream.finish()
            await eventually(lambda: bool(voice.spoken))  # the worker is at the first piece
            asked = asyncio.gather(*(worker.spoken_form(say(text)) for text in ("one", "two")))
            dropped = asyncio.ensure_future(worker.spoken_form(say("three")))
            await asyncio.sleep(0)
            dropped.cancel()
            voice.gate.set()
            forms = await asked
            assert [(form.text, form.phonemes) for form in forms] == [
                ("ONE", ("<one>",)),
                ("TWO", ("<two>",)),
            ]
            assert await all_of(stream) == piece_of("gate") * 3
        assert voice.questions == [("one", "af_heart"), ("two", "af_heart")]

    run(test())


def test_speech_does_not_wait_for_all_questions() -> None:
    order: list[str] = []

    class Slow(FakeSynthesizer):
        def stream(self, utterance: Utterance) -> Iterator[bytes]:
            for piece in super().stream(utterance):
                order.append("piece")
                yield piece

        def spoken_form(self, utterance: Utterance) -> SpokenForm:
            order.append("question")
            if utterance.text == "first":
                assert self.gate.wait(timeout=30)
            return super().spoken_form(utterance)

    async def test() -> None:
        voice = Slow(3)
        async with SynthesisWorker(voice) as worker, worker.open() as stream:
            asked = asyncio.gather(*(worker.spoken_form(say(text)) for text in ("first", *"abcdefgh")))
            await eventually(lambda: bool(order))
            await stream.say(say("one"))
            stream.finish()
            voice.gate.set()
            await asked
            await all_of(stream)

    run(test())
    assert order == ["question", *["piece", "question"] * 3, *["question"] * 5]


@pytest.mark.parametrize(
    ("text", "reason"), [("fail", "it failed"), ("crash", "ZeroDivisionError"), ("deadly", "SystemExit")]
)
def test_a_question_that_fails_is_answered_with_the_reason(text: str, reason: str) -> None:
    async def test() -> None:
        async with SynthesisWorker(FakeSynthesizer()) as worker:
            thread = worker._thread
            with pytest.raises(SynthesisError, match=reason):
                await worker.spoken_form(say(text))
            # A question is answered before the thread that was asked is gone.
            is_deadly = text == "deadly"
            await eventually(lambda: worker.is_alive and (worker._thread is not thread or not is_deadly))
            assert (await worker.spoken_form(say("one"))).text == "ONE"
            worker.stop()
            with pytest.raises(SynthesisError, match="shutting down"):
                await worker.spoken_form(say("one"))

    run(test())


def test_questions_that_wait_at_the_end_are_answered_too() -> None:
    async def test() -> None:
        voice = FakeSynthesizer(2)
        async with SynthesisWorker(voice) as worker, worker.open() as stream:
            await stream.say(say("gate"))
            await eventually(lambda: bool(voice.spoken))
            asked = asyncio.gather(*(worker.spoken_form(say(text)) for text in "ab"), return_exceptions=True)
            await asyncio.sleep(0)
            worker.stop()
            voice.gate.set()
            answers = await asked
            assert [type(each) for each in answers[1:]] == [SynthesisError]

    run(test())
