"""The answer to `describe`. Knows what clients make of each field.

Home Assistant needs name, attribution, installed, voices and languages to be there, takes the first
installed program only, and shows `description` as a voice's label.
"""

from __future__ import annotations

from wyoming.event import Event
from wyoming.info import Attribution, Info, TtsProgram, TtsVoice

from wyoming_kokoro import __version__
from wyoming_kokoro.speech import Synthesizer

PROGRAM_NAME = "kokoro"  # part of Home Assistant's unique id: never change it
_ATTRIBUTION = Attribution(name="hexgrad", url="https://huggingface.co/hexgrad/Kokoro-82M")


def describe(synthesizer: Synthesizer, *, streaming: bool, is_working: bool = True) -> Event:
    """The `info` event. A voice counts as installed fetched or not: asking for it is all it takes.

    is_working: False where nothing can be spoken at the moment; then the program does not count as installed.
    """
    voices = [
        TtsVoice(
            name=voice.name,
            description=voice.label,
            attribution=_ATTRIBUTION,
            installed=True,
            version=None,
            languages=[voice.language],
        )
        for voice in synthesizer.voices()
    ]
    program = TtsProgram(
        name=PROGRAM_NAME,
        description="Kokoro, a small neural voice",
        attribution=_ATTRIBUTION,
        installed=is_working,
        version=__version__,
        voices=voices,
        supports_synthesize_streaming=streaming,
    )
    return Info(tts=[program]).event()
