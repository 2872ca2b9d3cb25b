"""What the speaking thread does while there is nothing to say, and when. Knows no streams and no threads."""

from __future__ import annotations

import logging
from collections.abc import Callable

from wyoming_kokoro.speech import Synthesizer

_LOGGER = logging.getLogger(__name__)

PREPARE_AFTER_S = 1.0  # between the sentences of one answer it would only get in their way
REST_AFTER_S = 30.0  # within a conversation, having memory back costs more than keeping it


class Idleness:
    """What the worker's thread does while there is nothing to say.

    time without speech | what happens, on the worker's thread
    --------------------+------------------------------------------------------------------------
    PREPARE_AFTER_S     | the synthesizer prepares, a little at a time, until it is done
    REST_AFTER_S        | once that is over, the synthesizer rests, if it has worked since the last
    unload_after_s      | once that is over, too, it unloads, if that is wanted
    """

    def __init__(
        self,
        synthesizer: Synthesizer,
        is_wanted: Callable[[], bool],
        clock: Callable[[], float],
        unload_after_s: float | None,
    ) -> None:
        self._synthesizer = synthesizer
        self._unload_after_s = unload_after_s
        self._is_unloaded = False
        self._is_wanted = is_wanted
        self._clock = clock
        self._since_s = clock()
        self._can_prepare = True  # False for good once that has failed
        self._is_prepared = False
        self._is_rested = True

    def restart(self) -> None:
        """There was something to say."""
        self._since_s = self._clock()
        self._is_prepared = not self._can_prepare
        self._is_rested = self._is_unloaded = False

    def next_time_s(self) -> float | None:
        """When `use` should be called, by the clock, if nothing comes before it; None: not before `restart`."""
        if not self._is_prepared:
            return self._since_s + PREPARE_AFTER_S
        if self._unload_after_s is not None and not self._is_unloaded:
            first_s = self._unload_after_s if self._is_rested else min(self._unload_after_s, REST_AFTER_S)
            return self._since_s + first_s
        return None if self._is_rested else self._since_s + REST_AFTER_S

    def use(self) -> None:
        """Does what is due, or a little of it."""
        if self._is_prepared:
            if self._unload_after_s is not None and self._clock() >= self._since_s + self._unload_after_s:
                self._is_rested = self._is_unloaded = True
                self._synthesizer.unload()
            else:
                self._is_rested = True
                self._synthesizer.rest()
            return
        try:
            has_more = self._synthesizer.prepare(self._is_wanted)
        except Exception:
            _LOGGER.exception("Preparing for later speech failed, and is not tried again")
            has_more = self._can_prepare = False
        self._is_prepared = not has_more
        self._is_rested = self._is_rested and not has_more  # what has been begun leaves memory to give back
