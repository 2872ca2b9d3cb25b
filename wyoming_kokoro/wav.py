"""PCM as a WAV file, whole or not at all. Knows no voices."""

from __future__ import annotations

import io
import os
import sys
import wave
from pathlib import Path

from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.speech import CHANNELS, SAMPLE_RATE_HZ, SAMPLE_WIDTH_BYTES


def write_wav(speech: bytes, path: Path | None) -> None:
    """Writes PCM as a WAV file, whole or not at all; None is standard output.

    The header needs the length before the first sample, and a pipe cannot go back, so all is written at once.
    """
    content = io.BytesIO()
    with wave.open(content, "wb") as wav:
        wav.setframerate(SAMPLE_RATE_HZ)
        wav.setsampwidth(SAMPLE_WIDTH_BYTES)
        wav.setnchannels(CHANNELS)
        wav.writeframes(speech)
    if path is None:
        sys.stdout.buffer.write(content.getvalue())
        sys.stdout.buffer.flush()
        return
    path = path.resolve()  # a link is followed, not replaced
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        if path.exists() and not path.is_file():  # a device or a named pipe
            path.write_bytes(content.getvalue())
            return
        partial.write_bytes(content.getvalue())
        partial.replace(path)
    except OSError as error:
        raise SettingsError(f"Cannot write {path}: {error.strerror or error}") from error
    finally:
        partial.unlink(missing_ok=True)
