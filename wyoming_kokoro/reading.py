"""From what a client sends, plain text or SSML, to the utterances to be spoken. Knows no sockets and no models."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterator

from wyoming_kokoro.speech import Synthesizer, Utterance
from wyoming_kokoro.text import ssml
from wyoming_kokoro.text.sentences import split_sentences

_LOGGER = logging.getLogger(__name__)

_INAUDIBLE = 1e-5  # a hundred decibels down; 16 bits have 96


def utterances(
    text: str, voice: str, speed: float, synthesizer: Synthesizer, *, is_ssml: bool = False
) -> tuple[Utterance, ...]:
    """A whole text, sentence by sentence. is_ssml: the client says so; a `<speak>` document is it in any case.

    voice: resolved. Broken SSML is read as text, with a warning. Raises `UnknownVoiceError` where a document asks for a
    voice nobody has.
    """
    if is_ssml or ssml.begins_document(text):
        try:
            pieces = ssml.parse(text, synthesizer.language(voice))
        except ssml.SsmlError as error:
            _LOGGER.warning("SSML that cannot be read is read as text: %s", error)
        else:
            return tuple(
                utterance for piece in pieces for utterance in _of_piece(piece, voice, speed, synthesizer)
            )
    pause_s = synthesizer.pause_s(voice)
    return tuple(Utterance(sentence, voice, speed, pause_s=pause_s) for sentence in split_sentences(text))


def _of_piece(piece: ssml.Piece, voice: str, speed: float, synthesizer: Synthesizer) -> Iterator[Utterance]:
    manner = piece.manner
    if manner.voice or manner.voice_language:
        voice = synthesizer.resolve_voice(manner.voice or None, manner.voice_language or None)
    # A document in "en-US" does not make an American of a British voice.
    language = "" if manner.language[:2] == synthesizer.language(voice)[:2] else manner.language
    gain_db = 20 * math.log10(max(manner.gain, _INAUDIBLE))
    sentences = split_sentences(piece.text) or [""]
    for index, sentence in enumerate(sentences):
        yield Utterance(
            sentence,
            voice,
            speed * manner.speed,
            is_clause=piece.goes_on and index == len(sentences) - 1,
            language=language,
            gain_db=gain_db,
            pause_s=synthesizer.pause_s(voice),
            pause_before_s=0.0 if index else piece.pause_s,
        )
