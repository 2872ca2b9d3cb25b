"""Kokoro-82M in PyTorch: token ids and a style in, samples out.

Knows no files, no text, no asyncio and does not log. The parts hold weights and nothing else, so any
number of utterances can go through them at the same time. `kokoro.py` is the place to start reading.
"""

from wyoming_kokoro.model.config import ModelConfig
from wyoming_kokoro.model.kokoro import Kokoro, NoiseSource, Prosody, SpeechModel, source_noise
from wyoming_kokoro.model.unfilled import unfilled

__all__ = ["Kokoro", "ModelConfig", "NoiseSource", "Prosody", "SpeechModel", "source_noise", "unfilled"]
