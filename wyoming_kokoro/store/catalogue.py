"""Kokoro's voices and languages: names, BCP-47 tags, and what people read in a list. Knows no files.

A voice's name says what it is: `bf_emma` is British English (b), female (f), Emma.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection
from dataclasses import dataclass

from wyoming_kokoro.errors import UnknownVoiceError


@dataclass(frozen=True)
class Language:
    """One of the model's languages, with the voices it was published with."""

    letter: str
    """The first letter of its voices' names."""

    tag: str
    """BCP-47, in the form Home Assistant matches."""

    label: str
    """Its name in English."""

    default_voice: str
    """The voice that speaks when only the language is asked for."""

    female: tuple[str, ...]
    male: tuple[str, ...] = ()

    @property
    def voices(self) -> tuple[str, ...]:
        """Full names of its voices."""
        return (
            *(f"{self.letter}f_{name}" for name in self.female),
            *(f"{self.letter}m_{name}" for name in self.male),
        )


LANGUAGES = (
    Language(
        "a",
        "en-US",
        "American English",
        "af_heart",
        female=(
            "alloy",
            "aoede",
            "bella",
            "heart",
            "jessica",
            "kore",
            "nicole",
            "nova",
            "river",
            "sarah",
            "sky",
        ),
        male=("adam", "echo", "eric", "fenrir", "liam", "michael", "onyx", "puck", "santa"),
    ),
    Language(
        "b",
        "en-GB",
        "British English",
        "bf_emma",
        female=("alice", "emma", "isabella", "lily"),
        male=("daniel", "fable", "george", "lewis"),
    ),
    Language("e", "es-ES", "Spanish", "ef_dora", female=("dora",), male=("alex", "santa")),
    Language("f", "fr-FR", "French", "ff_siwis", female=("siwis",)),
    Language("h", "hi-IN", "Hindi", "hf_alpha", female=("alpha", "beta"), male=("omega", "psi")),
    Language("i", "it-IT", "Italian", "if_sara", female=("sara",), male=("nicola",)),
    Language(
        "j",
        "ja-JP",
        "Japanese",
        "jf_alpha",
        female=("alpha", "gongitsune", "nezumi", "tebukuro"),
        male=("kumo",),
    ),
    Language("p", "pt-BR", "Brazilian Portuguese", "pf_dora", female=("dora",), male=("alex", "santa")),
    Language(
        "z",
        "zh-CN",
        "Mandarin Chinese",
        "zf_xiaoxiao",
        female=("xiaobei", "xiaoni", "xiaoxiao", "xiaoyi"),
        male=("yunjian", "yunxi", "yunxia", "yunyang"),
    ),
)  # fmt: skip - a table

# The overall grades that Kokoro's makers gave, by the quality and the amount of what a voice was trained on.
GRADES = {
    "af_alloy": "C", "af_aoede": "C+", "af_bella": "A-", "af_heart": "A", "af_jessica": "D",
    "af_kore": "C+", "af_nicole": "B-", "af_nova": "C", "af_river": "D", "af_sarah": "C+", "af_sky": "C-",
    "am_adam": "F+", "am_echo": "D", "am_eric": "D", "am_fenrir": "C+", "am_liam": "D",
    "am_michael": "C+", "am_onyx": "D", "am_puck": "C+", "am_santa": "D-", "bf_alice": "D",
    "bf_emma": "B-", "bf_isabella": "C", "bf_lily": "D", "bm_daniel": "D", "bm_fable": "C",
    "bm_george": "C", "bm_lewis": "D+", "ff_siwis": "B-", "hf_alpha": "C", "hf_beta": "C",
    "hm_omega": "C", "hm_psi": "C", "if_sara": "C", "im_nicola": "C", "jf_alpha": "C+",
    "jf_gongitsune": "C", "jf_nezumi": "C-", "jf_tebukuro": "C", "jm_kumo": "C-", "zf_xiaobei": "D",
    "zf_xiaoni": "D", "zf_xiaoxiao": "D", "zf_xiaoyi": "D", "zm_yunjian": "D", "zm_yunxi": "D",
    "zm_yunxia": "D", "zm_yunyang": "D",
}  # fmt: skip

OFFICIAL_VOICES = tuple(voice for language in LANGUAGES for voice in language.voices)
DEFAULT_VOICE = "af_heart"

# What voices of other checkpoints may speak, fine-tunes: espeak-ng reads these, too. Their names do not say so,
# since nobody has settled on letters; `voices.toml` does.
FURTHER_LANGUAGES = {
    "ca-ES": "Catalan", "cs-CZ": "Czech", "da-DK": "Danish", "de-DE": "German", "el-GR": "Greek",
    "fi-FI": "Finnish", "hu-HU": "Hungarian", "nb-NO": "Norwegian", "nl-NL": "Dutch", "pl-PL": "Polish",
    "pt-PT": "Portuguese", "ro-RO": "Romanian", "ru-RU": "Russian", "sv-SE": "Swedish",
    "tr-TR": "Turkish", "uk-UA": "Ukrainian",
}  # fmt: skip
LANGUAGE_LABELS = {language.tag: language.label for language in LANGUAGES} | FURTHER_LANGUAGES
"""The names in English of all languages that a voice can have, by BCP-47 tag, the model's own first."""

_BY_LETTER = {language.letter: language for language in LANGUAGES}
_KOKORO_NAME = re.compile(r"(?P<letter>[a-z])(?P<gender>[fm])_(?P<given>[^\W_].*)")
_GENDERS = {"f": "female", "m": "male"}


def language_of(voice: str, otherwise: str = "en-US") -> str:
    """The BCP-47 tag that a voice's name states; `otherwise` for a name that follows no such rule."""
    match = _KOKORO_NAME.fullmatch(voice)
    return _BY_LETTER[match["letter"]].tag if match and match["letter"] in _BY_LETTER else otherwise


def gender_of(voice: str) -> str | None:
    """`female` or `male`, where a voice's name states it."""
    match = _KOKORO_NAME.fullmatch(voice)
    return _GENDERS[match["gender"]] if match else None


def label_of(voice: str, language: str, *, is_default: bool = False) -> str:
    """What people read: `Emma (British English, female)`. `language` is one of `LANGUAGE_LABELS`.

    Home Assistant's new pipelines take a language's alphabetically first label, so the default's begins
    with a parenthesis, which sorts before every letter and digit: `(default) Heart (American …)`.
    """
    match = _KOKORO_NAME.fullmatch(voice)
    gender = f", {_GENDERS[match['gender']]}" if match else ""
    given = (match["given"] if match else voice).replace("_", " ").strip().title()
    return f"{'(default) ' if is_default else ''}{given} ({LANGUAGE_LABELS[language]}{gender})"


def unknown_voice(name: str, known: Collection[str], where: str = "") -> UnknownVoiceError:
    """The error for a name that is not among the known ones, with those that come near.

    where: as in `UnknownVoiceError`.
    """
    shown = name[:80]  # clients choose it
    return UnknownVoiceError(shown, tuple(difflib.get_close_matches(shown, known)), where)
