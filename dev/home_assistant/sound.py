"""What Home Assistant hands out, as sound: how long it plays and how loud. Any format that ffmpeg reads."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import numpy as np

from dev.home_assistant.account import Finding
from wyoming_kokoro.pcm import duration_s
from wyoming_kokoro.speech import SAMPLE_RATE_HZ

_QUIET = 0.005  # RMS, full scale being 1; a whisper of Kokoro's is ten times as loud


@dataclass(frozen=True)
class Sound:
    """What was heard."""

    seconds: float
    """How long it plays."""

    loudness: float
    """Root mean square, full scale being 1."""

    @property
    def is_silent(self) -> bool:
        """Whether nobody would hear it."""
        return self.loudness < _QUIET

    def expect(self, seconds: float, tolerance: float) -> None:
        """Raises `Finding` where it is silence, or not as long but for this share and a tenth of a second."""
        if self.is_silent:
            raise Finding(f"{self.seconds:.2f} s of silence ({self.loudness:.4f} RMS)")
        if abs(self.seconds - seconds) > tolerance * seconds + 0.1:  # MP3 pads by up to that
            raise Finding(f"{self.seconds:.2f} s long, not {seconds:.2f} s")


def of_pcm(pcm: bytes) -> Sound:
    """pcm: 16-bit mono at our rate."""
    samples = np.frombuffer(pcm, "<i2") / 32_768
    return Sound(duration_s(pcm), float(np.sqrt(np.mean(samples**2))) if len(samples) else 0.0)


async def decode(file: bytes) -> Sound:
    """A whole file. Raises `Finding` where it is none that can be played."""
    if not file:
        raise Finding("a file of no bytes")
    process = await asyncio.create_subprocess_exec(
        *(
            "ffmpeg",
            "-v",
            "error",
            "-i",
            "pipe:0",
            "-f",
            "s16le",
            "-ac",
            "1",
            "-ar",
            str(SAMPLE_RATE_HZ),
            "pipe:1",
        ),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    pcm, complaint = await process.communicate(file)
    if process.returncode != 0:
        raise Finding(f"{len(file)} bytes that cannot be played: {complaint.decode().strip()}")
    return of_pcm(pcm)
