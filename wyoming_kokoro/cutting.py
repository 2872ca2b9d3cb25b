"""Where an utterance is cut: which part of it is to be heard, and in what clauses it may be decoded.

Both are decided by prosody, which is predicted before anything is decoded: never by how loud the sound turns out,
or a soft one at either end might be taken for nothing. Durations are in frames of 25 ms; cuts are in rows, half a
frame each, as pitch and energy have them. Standard library only.
"""

from __future__ import annotations

from collections.abc import Sequence

ROWS_PER_FRAME = 2
ROWS_PER_S = 80

# A first sound is up to 150 ms before its phoneme's predicted start, but never more than this before the energy
# predicted for it has risen so far: of 279 beginnings in eight voices no sample above 0.3 % of full scale was cut
# off, and in the median the first above 1 % came after 56 ms. By durations alone it would be 100 ms.
_RISEN = -2.0
_LEAD_ROWS = 3
_LOOK_BACK_ROWS = 20

# The last phoneme's predicted end is later than its sound's in every one of 630 endings in 18 voices, by 0.25 s in
# the median: as good a pause as any.
_TAIL_ROWS = 1

# A clause that is decoded by itself, on average louder or softer than within its sentence, should be long enough
# for a listener to take it for an intonation; and what follows has to be decoded before it has been played.
_MIN_CLAUSE_ROWS = round(0.8 * ROWS_PER_S)
_GROWTH = 4


def heard(durations: Sequence[int], is_silent: Sequence[bool], energy: Sequence[float]) -> range:
    """The rows to be heard: the near-silence that the model puts around what it says is left out.

    is_silent: of each token, whether it is a boundary, punctuation or a space; energy: of each row, as predicted.
    """
    first = next((index for index, silent in enumerate(is_silent) if not silent), None)
    n_rows = ROWS_PER_FRAME * sum(durations)
    if first is None:
        return range(n_rows)
    last = max(index for index, silent in enumerate(is_silent) if not silent)
    begins = ROWS_PER_FRAME * sum(durations[:first])
    looked_at = range(max(begins - _LOOK_BACK_ROWS, 0), begins)
    start = next((row for row in looked_at if energy[row] > _RISEN), begins) - _LEAD_ROWS
    end = ROWS_PER_FRAME * sum(durations[: last + 1]) + _TAIL_ROWS
    return range(max(start, 0), min(end, n_rows))


def clauses(durations: Sequence[int], is_pause: Sequence[bool]) -> list[range]:
    """Ranges of tokens that may be decoded one by one, cut in pauses: short ones first, none lost.

    is_pause: of each token, whether a breath can be drawn there, which goes with what is before it.
    """
    cuts = [index + 1 for index, pause in enumerate(is_pause) if pause and index + 1 < len(durations)]
    parts: list[range] = []
    start, shortest, longest = 0, _MIN_CLAUSE_ROWS, float("inf")
    while cuts:
        lengths = [ROWS_PER_FRAME * sum(durations[start:cut]) for cut in cuts]
        fitting = [cut for cut, length in zip(cuts, lengths, strict=True) if shortest <= length <= longest]
        rest = ROWS_PER_FRAME * sum(durations[start:])
        if parts and rest <= longest:
            break
        cut = (
            (fitting[-1] if parts else fitting[0])
            if fitting
            else next((cut for cut, length in zip(cuts, lengths, strict=True) if length >= shortest), None)
        )
        if cut is None or ROWS_PER_FRAME * sum(durations[cut:]) < _MIN_CLAUSE_ROWS:
            break
        parts.append(range(start, cut))
        longest = _GROWTH * ROWS_PER_FRAME * sum(durations[start:cut])
        start, cuts = cut, [each for each in cuts if each > cut]
    return [*parts, range(start, len(durations))]
