"""Pairs of WAV files to listen to: sentences decoded whole, and the same in pieces as a client gets them.

Also draws one such pair: both waveforms, where the pieces join, and when each was ready.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from dev.bench.texts import TEXTS
from wyoming_kokoro import threads
from wyoming_kokoro.speech import SAMPLE_RATE_HZ, Utterance
from wyoming_kokoro.wav import write_wav

if TYPE_CHECKING:
    from wyoming_kokoro.engine import KokoroEngine

Samples = npt.NDArray[np.int16]

SENTENCES = (
    TEXTS["5.5 s"],
    "Careful, the battery of the smoke detector in the hallway is nearly empty!",
    "Which of the three speakers shall I use?",
    "If you mix yellow and blue paint you get green, but the exact shade depends on how much of each you use.",
    "She sells seashells by the shore, and he thoughtfully measures the thickness of thistles.",
)

_WIDTH, _HEIGHT, _MARGIN = 900, 330, 60
_MIDDLES, _SWING = {"whole": 75, "pieces": 185}, 45  # of the waveforms, in pixels from above


@dataclass(frozen=True)
class Heard:
    """A sentence as it came."""

    pieces: tuple[Samples, ...]

    ready_s: tuple[float, ...]
    """When each piece was there, from the request on."""

    @property
    def samples(self) -> Samples:
        """All of it."""
        return np.concatenate(self.pieces)


def main(argv: list[str] | None = None) -> int:
    """Returns the exit code."""
    parser = argparse.ArgumentParser(prog="script/listen", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the WAV files go; made if need be")
    parser.add_argument("--voice", default="af_heart", help="default: %(default)s")
    parser.add_argument("--picture", type=Path, metavar="FILE", help="draw the first pair, as SVG")
    chosen = parser.parse_args(argv)
    chosen.folder.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("GOMP_SPINCOUNT", "2000")  # as the program itself does
    threads.share_openmp()
    from wyoming_kokoro.loading import load_engine

    whole_engine = load_engine(local_files_only=True, voice=chosen.voice, exact=True)
    engine = load_engine(local_files_only=True, voice=chosen.voice)
    print(f"Learning {chosen.voice}, unless that has been done", file=sys.stderr)
    while engine.prepare(lambda: False):
        pass
    for number, sentence in enumerate(SENTENCES, 1):
        whole, pieces = (speak(each, sentence, chosen.voice) for each in (whole_engine, engine))
        for heard, name in ((whole, "whole"), (pieces, "pieces")):
            path = chosen.folder / f"{number}-{name}.wav"
            write_wav(heard.samples.tobytes(), path)
            print(f"{path}: first sound after {heard.ready_s[0]:.2f} s, all after {heard.ready_s[-1]:.2f} s")
        if number == 1 and chosen.picture is not None:
            chosen.picture.write_text(picture(whole, pieces, sentence), encoding="utf-8")
    return 0


def speak(engine: KokoroEngine, sentence: str, voice: str) -> Heard:
    """A sentence, warm: spoken twice, the second time counts."""
    heard = Heard((), ())
    for _ in range(2):
        start_s, pieces, ready_s = time.perf_counter(), [], []
        for pcm in engine.stream(Utterance(sentence, voice)):
            ready_s.append(time.perf_counter() - start_s)
            pieces.append(np.frombuffer(pcm, dtype="<i2"))
        heard = Heard(tuple(pieces), tuple(ready_s))
    return heard


def picture(whole: Heard, pieces: Heard, sentence: str) -> str:
    """Both waveforms above each other, joins as lines, and below how long a listener waits for what."""
    n_samples = max(len(whole.samples), len(pieces.samples))
    scale = (_WIDTH - _MARGIN - 20) / n_samples
    parts = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}" font-family="sans-serif" '
            'font-size="13">'
        ),
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#fff"/>',
        f'<text x="{_MARGIN}" y="20" fill="#555">“{sentence}”</text>',
    ]
    for heard, name, color in ((whole, "whole", "#888"), (pieces, "pieces", "#1f6feb")):
        middle = _MIDDLES[name]
        parts.append(f'<text x="6" y="{middle + 4}">{name}</text>')
        parts.append(f'<path d="{outline(heard.samples, middle, scale)}" fill="{color}"/>')
        for at in list(accumulate(len(piece) for piece in heard.pieces))[:-1]:
            x = _MARGIN + at * scale
            parts.append(
                f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{middle - _SWING}" y2="{middle + _SWING}" stroke="#c33" '
                'stroke-dasharray="3 3"/>'
            )
    parts += waiting(whole, pieces, scale)
    return "\n".join([*parts, "</svg>\n"])


def outline(samples: Samples, middle: int, scale: float) -> str:
    """The waveform as a closed path: per pixel its highest, then back its lowest."""
    n_pixels = int(len(samples) * scale)
    columns = np.array_split(samples.astype(float) / 32768, n_pixels)
    loudest = max(np.abs(samples).max() / 32768, 1e-6)
    above = [(x, middle - column.max() / loudest * _SWING) for x, column in enumerate(columns)]
    below = [(x, middle - column.min() / loudest * _SWING) for x, column in enumerate(columns)]
    return "M" + " L".join(f"{_MARGIN + x:.1f},{y:.1f}" for x, y in [*above, *reversed(below)]) + " Z"


def waiting(whole: Heard, pieces: Heard, scale: float) -> list[str]:
    """A bar each for the time until the sound begins."""
    parts = [f'<text x="6" y="{_MIDDLES["pieces"] + 72}">waiting</text>']
    for index, (heard, color) in enumerate(((whole, "#888"), (pieces, "#1f6feb"))):
        y = _MIDDLES["pieces"] + 60 + 24 * index
        width = heard.ready_s[0] * SAMPLE_RATE_HZ * scale
        label = "decoded whole" if index == 0 else f"in {len(heard.pieces)} pieces"
        parts.append(f'<rect x="{_MARGIN}" y="{y}" width="{width:.1f}" height="16" fill="{color}"/>')
        parts.append(
            f'<text x="{_MARGIN + width + 8:.1f}" y="{y + 13}">{heard.ready_s[0] * 1000:.0f} ms, {label}</text>'
        )
    return parts


if __name__ == "__main__":
    sys.exit(main())
