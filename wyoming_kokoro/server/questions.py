"""What the speaking thread is asked besides speech: how a sentence would be said. Knows no connections.

A question is asked on the event loop and answered on the speaking thread; the lock of the worker guards the line.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque

from wyoming_kokoro.errors import KokoroError
from wyoming_kokoro.speech import SpokenForm, Utterance


class Question:
    """An utterance whose spoken form somebody waits for."""

    def __init__(self, utterance: Utterance) -> None:
        """To be made on the event loop of whoever asks."""
        self.utterance = utterance
        self._loop = asyncio.get_running_loop()
        self.answer: asyncio.Future[SpokenForm] = self._loop.create_future()

    def reply(self, answer: SpokenForm | KokoroError) -> None:
        """Answers it, from any thread; once."""
        with contextlib.suppress(RuntimeError):  # the loop has ended, and with it whoever asked
            self._loop.call_soon_threadsafe(self._set, answer)

    def _set(self, answer: SpokenForm | KokoroError) -> None:
        if self.answer.done():  # whoever asked has left
            return
        if isinstance(answer, KokoroError):
            self.answer.set_exception(answer)
        else:
            self.answer.set_result(answer)


class Questions:
    """Those that wait, in line. Who asks waits for the answer, so there are no more of them than requests."""

    def __init__(self) -> None:
        self._waiting: deque[Question] = deque()

    def __bool__(self) -> bool:
        """Whether somebody waits; who has left meanwhile counts until their turn."""
        return bool(self._waiting)

    def ask(self, utterance: Utterance) -> Question:
        """Adds one to the end of the line; on the event loop."""
        question = Question(utterance)
        self._waiting.append(question)
        return question

    def next(self) -> Question | None:
        """The next one that is still waited for, which leaves the line; on any thread."""
        while self._waiting:
            question = self._waiting.popleft()
            if not question.answer.done():
                return question
        return None

    def fail(self, error: KokoroError) -> None:
        """Answers all of them with an error."""
        while (question := self.next()) is not None:
            question.reply(error)
