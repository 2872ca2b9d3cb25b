"""A Wyoming protocol server that speaks with Kokoro-82M."""

__version__ = "0.1.0"
