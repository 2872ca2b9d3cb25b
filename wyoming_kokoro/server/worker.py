"""The one thread that speaks, shared by all connections. Knows no protocol, no sockets and no torch.

A connection opens a `SpeechStream`, feeds it utterances and reads PCM from it; the worker makes one piece
after the other, each for the stream that needs it most (`turns.py`), and goes on with the next utterance while
the last is being sent. Everything is bounded: utterances waiting in a stream, and audio made but not yet
taken.

A synthesizer that speaks several utterances quicker together than one by one is given them so, of whichever
streams; but a stream's first goes alone, since somebody is waiting for it. So at most one batch of them is
made beyond what may be buffered.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import logging
import threading
import time
from collections import deque
from collections.abc import AsyncGenerator, Callable, Iterator
from types import TracebackType

from wyoming_kokoro import logs, pcm
from wyoming_kokoro.errors import KokoroError, SynthesisError
from wyoming_kokoro.server.idleness import Idleness
from wyoming_kokoro.server.observing import Observer
from wyoming_kokoro.server.questions import Questions
from wyoming_kokoro.server.turns import BeginningTime, Turn, choose
from wyoming_kokoro.speech import SpokenForm, Synthesizer, Utterance
from wyoming_kokoro.threads import SPEECH_THREAD_NAME

_LOGGER = logging.getLogger(__name__)

MAX_WAITING_UTTERANCES = 32
STOP_TIMEOUT_S = 2.0  # a long sentence in the making is not worth waiting for
# Before a thread that died is started again: at once, then less and less eagerly, since it may be for good.
RESTART_AFTER_S = (0.0, 1.0, 5.0, 30.0)
STEADY_S = 60.0  # one that lived so long has died of something new
MAX_BUFFERED_BYTES = 2 * 1024 * 1024  # about 40 s of speech made ahead of the client
CLAUSE_PAUSE_SHARE = 1 / 3  # of the pause between sentences: about what a reader makes of a comma


class SynthesisWorker:
    """Owns the speaking thread; an async context manager that starts and joins it.

    A thread that dies, of whatever is no `Exception` or of a mistake in here, takes the streams that are open
    with it, which fail; another is started. All methods are called on the event loop that entered it.
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        clock: Callable[[], float] = time.monotonic,
        *,
        unload_after_s: float | None = None,
        observer: Observer | None = None,
    ) -> None:
        """clock: tells the time, in seconds, by which players' need of sound is judged.

        unload_after_s: how long after the last speech the synthesizer unloads; None: never.
        """
        self._synthesizer = synthesizer
        self._unload_after_s = unload_after_s
        self._observer = observer if observer is not None else Observer()
        self._numbers = itertools.count(1)  # of utterances, for the log
        self._clock = clock
        self._changed = threading.Condition()
        self._streams: deque[SpeechStream] = deque()  # the longest without a turn first; guarded by _changed
        self._questions = Questions()  # guarded by _changed
        self._is_stopping = False  # guarded by _changed
        self._is_alive = False  # guarded by _changed
        # Only on the worker's thread:
        self._beginning_time = BeginningTime()
        self._idleness = Idleness(synthesizer, self._is_wanted, clock, unload_after_s)
        # Only on the event loop:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None
        self._started_s = 0.0
        self._n_deaths = 0  # in a row
        self._restart: asyncio.TimerHandle | None = None
        self._stop_by_s = 0.0

    async def __aenter__(self) -> SynthesisWorker:
        """Starts the thread."""
        self._loop = asyncio.get_running_loop()
        self._start()
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Stops, and waits for the thread until `STOP_TIMEOUT_S` after that was first asked for."""
        self.stop()
        if self._thread is not None:
            await asyncio.to_thread(self._thread.join, max(0.0, self._stop_by_s - time.monotonic()))

    @property
    def is_alive(self) -> bool:
        """Whether there is a thread that speaks."""
        with self._changed:
            return self._is_alive

    def stop(self) -> None:
        """Ends the thread after the piece it is at; streams that are still open fail. Waits for nothing."""
        with self._changed:
            if self._is_stopping:
                return
            self._is_stopping = True
            self._changed.notify_all()
        self._stop_by_s = time.monotonic() + STOP_TIMEOUT_S
        if self._restart is not None:
            self._restart.cancel()

    def open(self, pause: bytes = b"") -> SpeechStream:
        """A new stream; `pause` is PCM put between two sentences, and a part of it after a clause.

        It fails at once where there is no thread to speak.
        """
        stream = SpeechStream(self._changed, pause, self._clock)
        with self._changed:
            if self._is_alive and not self._is_stopping:
                self._streams.append(stream)
                return stream
        stream._deliver(self._absence())
        return stream

    async def spoken_form(self, utterance: Utterance) -> SpokenForm:
        """What the synthesizer makes of an utterance, found out between two pieces of speech. Raises `KokoroError`.

        Cancellation takes the question back, unless it is being answered.
        """
        with self._changed:
            if not self._is_alive or self._is_stopping:
                raise self._absence()
            question = self._questions.ask(utterance)
            self._changed.notify_all()
        return await question.answer

    def _absence(self) -> SynthesisError:
        """Why there is nobody to speak."""
        return SynthesisError(
            "The server is shutting down"
            if self._is_stopping
            else "The speech worker has died and is started again soon; try again then"
        )

    def _start(self) -> None:
        self._restart = None
        self._idleness = Idleness(self._synthesizer, self._is_wanted, self._clock, self._unload_after_s)
        self._started_s = time.monotonic()
        self._thread = threading.Thread(target=self._run, name=SPEECH_THREAD_NAME, daemon=True)
        with self._changed:
            self._is_alive = True
        self._thread.start()

    def _on_death(self) -> None:
        """Starts another thread, now or later."""
        if self._is_stopping:
            return
        assert self._loop is not None
        if time.monotonic() - self._started_s > STEADY_S:
            self._n_deaths = 0
        wait_s = RESTART_AFTER_S[min(self._n_deaths, len(RESTART_AFTER_S) - 1)]
        self._n_deaths += 1
        _LOGGER.warning("Starting the speech worker again %s", f"in {wait_s:g} s" if wait_s else "at once")
        self._restart = self._loop.call_later(wait_s, self._start)

    def _run(self) -> None:
        error = SynthesisError("The server is shutting down")
        try:
            while not self._is_stopping:
                # One question after each piece at most, so that neither waits for all of the others.
                stream = self._wait_for_turn(self._idleness.next_time_s())
                if stream is not None:
                    self._make_piece(stream)
                if self._answer_next() or stream is not None:
                    self._idleness.restart()
                elif not self._is_stopping:
                    self._idleness.use()
        except BaseException as cause:
            _LOGGER.exception("The speech worker has died")
            error = _death(cause)
        with self._changed:
            self._is_alive = False
            left = list(self._streams)
            self._streams.clear()
            self._questions.fail(error)
        for stream in left:
            stream._drop_speech()
            stream._deliver(error)
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended, and nobody is left to speak to
            self._loop.call_soon_threadsafe(self._on_death)

    def _is_wanted(self) -> bool:
        """Whether there is something to do for some stream, or nothing ever again."""
        with self._changed:
            return self._is_stopping or bool(self._ready()) or bool(self._questions)

    def _ready(self) -> list[SpeechStream]:
        """The streams with something to do, in line; called with the lock held."""
        return [each for each in self._streams if not each._is_over() and each._can_go_on()]

    def _wait_for_turn(self, until_s: float | None) -> SpeechStream | None:
        """The stream that needs a piece most, which goes to the end of the line; None when stopping.

        None also where there is but a question, or nothing to do until that time by the clock.
        """
        with self._changed:
            while not self._is_stopping:
                self._streams = deque([each for each in self._streams if not each._is_over()])
                if ready := self._ready():
                    index = choose([each._turn() for each in ready], self._beginning_time.expect)
                    neediest = ready[index]
                    self._streams.remove(neediest)
                    self._streams.append(neediest)
                    return neediest
                timeout_s = None if until_s is None else until_s - self._clock()
                if self._questions or (timeout_s is not None and timeout_s <= 0):
                    return None
                self._changed.wait(timeout_s)
        return None

    def _make_piece(self, stream: SpeechStream) -> None:
        """Makes one piece of the stream's speech, or finds that an utterance or all of it has ended."""
        if stream._is_closed:
            stream._drop_speech()
            return
        if stream._speech is None:
            if not stream._begun and not self._begin(stream):
                stream._deliver(None)
                return
            stream._speech = stream._begun.popleft()
        with logs.about(stream._speech.number):
            self._go_on(stream, stream._speech)

    def _go_on(self, stream: SpeechStream, speech: _Speech) -> None:
        """Makes the next piece of an utterance that has been begun."""
        try:
            piece = speech.next_piece()
        except Exception as error:
            failure = _failure(error)
            stream._drop_speech()
            stream._deliver(failure)
        else:
            if piece is None:
                self._observer.spoken(*speech.times_s)
                stream._end_speech()
            else:
                if speech.n_pieces == 1 and not speech.is_made:
                    first_s, *_ = speech.times_s
                    self._beginning_time.learn(len(speech.utterance.text), first_s)
                stream._deliver(piece)

    def _answer_next(self) -> bool:
        """Answers the oldest question; False: there is none."""
        with self._changed:
            question = self._questions.next()
        if question is None:
            return False
        try:
            question.reply(self._synthesizer.spoken_form(question.utterance))
        except Exception as error:
            question.reply(_failure(error))
        except BaseException as error:
            question.reply(_death(error))
            raise
        return True

    def _begin(self, stream: SpeechStream) -> bool:
        """Begins the stream's next utterance, and with it what can be spoken together; False: there is none."""
        if (utterance := stream._next_utterance()) is None:
            return False
        together = [(stream, utterance)]
        if stream._has_spoken:
            together += self._others(self._synthesizer.batch_size - 1)
        spoken: list[bytes] = []
        start = time.monotonic()
        if len(together) > 1:
            try:
                spoken = self._synthesizer.speak_together([each for _, each in together])
            except Exception as error:  # one by one, each gets its own sound or failure
                _LOGGER.warning(
                    "Speaking %d utterances together failed: %s", len(together), logs.where(error)
                )
        work_s = (time.monotonic() - start) / len(together)
        for index, (owner, each) in enumerate(together):
            pieces = _whole(spoken[index]) if spoken else self._alone(each)
            owner._begun.append(_Speech(each, pieces, next(self._numbers), work_s, is_made=bool(spoken)))
        return True

    def _alone(self, utterance: Utterance) -> Iterator[bytes]:
        """The utterance's own pieces, none of them before the first is asked for."""
        yield from self._synthesizer.stream(utterance)

    def _others(self, n_utterances: int) -> list[tuple[SpeechStream, Utterance]]:
        """At most so many utterances that wait, of all streams that have spoken already, one each in turns.

        Those that run dry first come first; the stream whose turn it is, which gets one anyway, comes last.
        """
        with self._changed:
            *others, current = self._streams
            line = [*sorted(others, key=SpeechStream._seconds_left), current]
            streams = deque([each for each in line if each._can_begin_more()])
        taken: list[tuple[SpeechStream, Utterance]] = []
        while streams and len(taken) < n_utterances:
            owner = streams.popleft()
            if (utterance := owner._next_utterance()) is not None:
                taken.append((owner, utterance))
                streams.append(owner)
        return taken


class SpeechStream:
    """Utterances in, PCM out, in order. Close it, or leave its `async with`, and its work ends."""

    def __init__(self, changed: threading.Condition, pause: bytes, clock: Callable[[], float]) -> None:
        self._changed = changed
        self._pause = pause
        self._clock = clock
        self._loop = asyncio.get_running_loop()
        # Guarded by _changed:
        self._waiting: deque[Utterance] = deque()
        self._is_fed = False
        self._is_closed = False
        self._is_done = False
        self._n_unsaid = 0  # utterances that wait or are being spoken
        self._buffered_bytes = 0
        self._playback_end_s: float | None = None  # by the clock; None before the first piece
        self._wanted_since_s = clock()  # when there was something to say again
        # Only on the worker's thread:
        self._speech: _Speech | None = None
        self._begun: deque[_Speech] = deque()  # what comes after it, begun together with something else
        self._has_spoken = False
        self._goes_on = False  # whether what was spoken last was a clause
        self._own_pause: bytes | None = None  # of what was spoken last; None: the stream's
        # Only on the event loop:
        self._pieces: deque[bytes | KokoroError | None] = deque()
        self._arrived = asyncio.Event()
        self._has_room = asyncio.Event()
        self._all_said = asyncio.Event()
        self._all_said.set()

    async def __aenter__(self) -> SpeechStream:
        """The stream itself."""
        return self

    async def __aexit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        """Closes it."""
        self.close()

    async def say(self, utterance: Utterance) -> None:
        """Adds an utterance; waits while too many are waiting already. Does nothing once closed."""
        while True:
            with self._changed:
                if self._is_closed or self._is_done:
                    return
                if len(self._waiting) < MAX_WAITING_UTTERANCES:
                    if self._n_unsaid == 0:
                        self._wanted_since_s = self._clock()
                    self._waiting.append(utterance)
                    self._n_unsaid += 1
                    self._all_said.clear()
                    self._changed.notify_all()
                    return
                self._has_room.clear()
            await self._has_room.wait()

    def finish(self) -> None:
        """Says that no utterance will follow; the PCM ends after the last one."""
        with self._changed:
            self._is_fed = True
            self._changed.notify_all()

    def fail(self, error: KokoroError) -> None:
        """Ends the PCM with an error after what has been made so far."""
        self._put(error)

    def close(self) -> None:
        """Drops what is waiting, ends the work at the next piece, and ends the PCM. May be called twice."""
        with self._changed:
            self._is_closed = True
            self._waiting.clear()
            self._changed.notify_all()
        self._has_room.set()
        self._pieces.clear()
        self._put(None)

    @property
    def has_said_all(self) -> bool:
        """Whether nothing that it was given is still to be spoken."""
        return self._all_said.is_set()

    def seconds_left(self) -> float:
        """How much is left to play, for a player that began with the first piece and never paused on its own.

        0.0 before the first piece, and where the player has run dry: it goes on with the next piece.
        """
        with self._changed:
            return self._seconds_left()

    async def running_dry(self, margin_s: float) -> None:
        """Waits until every utterance has been spoken, and no more than `margin_s` of them is left to play.

        May wait for ever where the stream has failed or is closed. Cancellation changes nothing.
        """
        while True:
            await self._all_said.wait()
            too_early_s = self.seconds_left() - margin_s
            if too_early_s <= 0:
                return
            await asyncio.sleep(too_early_s)

    async def pieces(self) -> AsyncGenerator[bytes, None]:
        """Yields PCM until all is said or the stream is closed.

        Raises the `KokoroError` of an utterance that failed, after which nothing follows. Cancellation
        leaves the stream open; its owner closes it.
        """
        while True:
            while not self._pieces:
                self._arrived.clear()
                await self._arrived.wait()
            piece = self._pieces.popleft()
            if piece is None:
                return
            if isinstance(piece, KokoroError):
                raise piece
            with self._changed:
                self._buffered_bytes -= len(piece)
                self._changed.notify_all()
            yield piece

    def _put(self, piece: bytes | KokoroError | None) -> None:
        self._pieces.append(piece)
        self._arrived.set()

    def _note_all_said(self) -> None:
        with self._changed:
            if self._n_unsaid == 0:
                self._all_said.set()

    def _seconds_left(self) -> float:
        """See `seconds_left`; called with the lock held."""
        if self._playback_end_s is None:
            return 0.0
        return max(0.0, self._playback_end_s - self._clock())

    # What follows runs on the worker's thread.

    def _is_over(self) -> bool:
        """Whether the worker may forget this stream; called with the lock held."""
        return self._is_done or (self._is_closed and self._speech is None and not self._begun)

    def _can_go_on(self) -> bool:
        """Whether a piece can be made now; called with the lock held."""
        if self._is_closed:
            return True  # to drop what is left
        has_work = self._speech is not None or bool(self._begun) or bool(self._waiting) or self._is_fed
        return has_work and self._buffered_bytes < MAX_BUFFERED_BYTES

    def _turn(self) -> Turn:
        """What it would do with its turn; called with the lock held."""
        speech = self._speech if self._speech is not None else next(iter(self._begun), None)
        # The end, too, takes no time; a client may wait for it that plays nothing before it has everything.
        is_instant = self._is_closed or (speech.is_made if speech is not None else not self._waiting)
        silent_since_s = max(self._wanted_since_s, self._playback_end_s or self._wanted_since_s)
        return Turn(
            left_s=self._seconds_left(),
            n_characters=len(self._waiting[0].text) if speech is None and self._waiting else 0,
            waited_s=max(0.0, self._clock() - silent_since_s),
            is_instant=is_instant,
        )

    def _can_begin_more(self) -> bool:
        """Whether an utterance may be begun before its turn; called with the lock held."""
        has_time = self._has_spoken and self._buffered_bytes < MAX_BUFFERED_BYTES
        return has_time and not self._begun and not self._is_closed and not self._is_done

    def _next_utterance(self) -> Utterance | None:
        with self._changed:
            if not self._waiting:
                return None
            utterance = self._waiting.popleft()
        self._on_loop(self._has_room.set)
        return utterance

    def _deliver(self, piece: bytes | KokoroError | None) -> None:
        """Hands PCM, a failure or the end (None) to the reader; after the latter two nothing follows."""
        if isinstance(piece, bytes):
            if self._has_spoken and self._speech is not None and self._speech.n_pieces == 1:
                piece = self._gap() + piece
            self._has_spoken = True
            with self._changed:
                self._buffered_bytes += len(piece)
                self._playback_end_s = self._clock() + self._seconds_left() + pcm.duration_s(piece)
        else:
            with self._changed:
                self._is_done = True
            self._on_loop(self._has_room.set)
        self._on_loop(self._put, piece)

    def _end_speech(self) -> None:
        """Drops the utterance that has just been spoken to its end."""
        assert self._speech is not None
        self._speech.log()
        has_sound = self._speech.n_pieces > 0
        utterance = self._speech.utterance
        self._goes_on = utterance.is_clause and (has_sound or self._goes_on)
        if has_sound:
            self._own_pause = None if utterance.pause_s is None else pcm.silence(utterance.pause_s)
        self._speech = None
        with self._changed:
            self._n_unsaid -= 1
        self._on_loop(self._note_all_said)

    def _gap(self) -> bytes:
        """The pause between what was spoken last and what follows."""
        pause = self._pause if self._own_pause is None else self._own_pause
        if not self._goes_on:
            return pause
        n_samples = round(len(pause) / pcm.BYTES_PER_SAMPLE * CLAUSE_PAUSE_SHARE)
        return pause[: n_samples * pcm.BYTES_PER_SAMPLE]

    def _drop_speech(self) -> None:
        self._begun.clear()
        speech, self._speech = self._speech, None
        if speech is not None:
            try:
                speech.close()
            except Exception:
                _LOGGER.exception("An utterance could not be ended cleanly")

    def _on_loop(self, callback: Callable[..., object], *arguments: object) -> None:
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever was listening
            self._loop.call_soon_threadsafe(callback, *arguments)


def _death(cause: BaseException) -> SynthesisError:
    return SynthesisError(f"The speech worker has died of {type(cause).__name__}; try again")


def _failure(error: Exception) -> KokoroError:
    """What whoever asked is told of an error, which is logged."""
    if isinstance(error, KokoroError):
        _LOGGER.warning("An utterance failed: %s", error)
        return error
    # What it says may quote the text, which is nobody's business but its speaker's.
    _LOGGER.error("An utterance failed: %s", logs.where(error))
    _LOGGER.debug("What it said", exc_info=error)
    failure = SynthesisError(f"Synthesis failed: {type(error).__name__}: {error}")
    failure.__cause__ = error
    return failure


def _whole(speech: bytes) -> Iterator[bytes]:
    if speech:
        yield speech


class _Speech:
    """An utterance being spoken, with its times."""

    def __init__(
        self,
        utterance: Utterance,
        pieces: Iterator[bytes],
        number: int,
        work_s: float = 0.0,
        *,
        is_made: bool = False,
    ) -> None:
        """number: tells it from others in the log. work_s: its share of the time that was spent on it together with others. is_made: no more is to come."""
        self.is_made = is_made
        self.number = number
        self.utterance = utterance
        self._pieces = pieces
        self._work_s = work_s
        self._first_s = 0.0
        self._n_bytes = 0
        self.n_pieces = 0

    def next_piece(self) -> bytes | None:
        start = time.monotonic()
        piece = next(self._pieces, None)
        self._work_s += time.monotonic() - start
        if piece is not None:
            self.n_pieces += 1
            self._n_bytes += len(piece)
            self._first_s = self._first_s or self._work_s
        return piece

    @property
    def times_s(self) -> tuple[float, float, float]:
        """Until the first sound, in all, and how long it plays."""
        return self._first_s, self._work_s, pcm.duration_s(self._n_bytes)

    def log(self) -> None:
        _LOGGER.info(
            "%s: %.1f s of audio in %.2f s, first after %.0f ms",
            self.utterance.voice,
            pcm.duration_s(self._n_bytes),
            self._work_s,
            self._first_s * 1000,
        )

    def close(self) -> None:
        if hasattr(self._pieces, "close"):
            self._pieces.close()
