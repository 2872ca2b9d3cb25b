"""What is known of the voices at one time: found on disk, told by `voices.toml`, and published with the model.

Knows what a name means, and what may be made of others. Reads no pack and asks no hub.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from wyoming_kokoro.errors import PresetError
from wyoming_kokoro.speech import VoiceInfo
from wyoming_kokoro.store.blends import Blend, is_blend, parse_blend
from wyoming_kokoro.store.catalogue import (
    LANGUAGE_LABELS,
    LANGUAGES,
    OFFICIAL_VOICES,
    label_of,
    language_of,
    unknown_voice,
)
from wyoming_kokoro.store.presets import Preset, read_presets
from wyoming_kokoro.store.voice_files import VoiceFile, find_voices

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True)
class Listing:
    """What is known of the voices, all at one time."""

    files: Mapping[str, VoiceFile]
    presets: Mapping[str, Preset]
    names: tuple[str, ...]
    infos: tuple[VoiceInfo, ...]
    language: str
    """The default voice's."""

    defaults: Mapping[str, str]
    """Of each language the voice that speaks it when nothing else is asked for."""

    def blend_of(self, name: str) -> Blend | None:
        """What a voice is mixed of; None for one that is itself. Raises `BlendError` for a name nobody has."""
        if (preset := self.presets.get(name)) is not None and preset.blend is not None:
            return preset.blend
        return parse_blend(name) if is_blend(name) else None

    def check(self, blend: Blend, text: str) -> None:
        """Raises `UnknownVoiceError` where a part of a blend is nobody's name. text: the blend's own name."""
        for part in blend.parts:
            if part.voice not in self.names:
                raise unknown_voice(part.voice, self.names, f"character {part.position} of {text!r}")

    def language_of(self, name: str) -> str:
        """The BCP-47 tag of a voice's language."""
        if (preset := self.presets.get(name)) is not None and preset.language is not None:
            return preset.language
        if (blend := self.blend_of(name)) is not None:
            return self.language_of(blend.manner[0].voice)
        return language_of(name, otherwise=self.language)


def look(
    folders: Sequence[Path], preset_files: Sequence[Path], default_voice: str, *, is_first: bool = False
) -> Listing:
    """Looks through folders and files of presets; the first that has a voice wins. What is wrong with some is logged.

    is_first: there is nothing to go back to, so a file of presets that cannot be read is no reason to fail. Raises
    `PresetError` for one otherwise, and what `check_name` raises where the default voice is none.
    """
    files: dict[str, VoiceFile] = {}
    for folder in folders:
        files = find_voices(folder) | files
    voices = tuple(dict.fromkeys((*OFFICIAL_VOICES, *sorted(files))))
    presets = _usable_presets(preset_files, voices, is_first=is_first)
    names = tuple(dict.fromkeys((*voices, *sorted(presets))))
    listing = Listing(files, presets, names, (), language_of(default_voice), {})
    check_name(default_voice, listing)
    language = listing.language_of(default_voice)
    defaults = {each.tag: each.default_voice for each in LANGUAGES} | {language: default_voice}
    if default_voice not in names:  # a blend that the owner has chosen is a voice like others
        names += (default_voice,)
    listing = replace(listing, names=names, language=language)
    for name in names:  # of a language that no official voice has
        defaults.setdefault(listing.language_of(name), name)
    listing = replace(listing, defaults=defaults)
    return replace(listing, infos=_infos(listing))


def check_name(name: str, listing: Listing) -> None:
    """Raises `UnknownVoiceError` or `BlendError` for a name that means no voice."""
    if name in listing.names:
        return
    if not is_blend(name):
        raise unknown_voice(name, listing.names)
    listing.check(parse_blend(name), name)


def _usable_presets(
    preset_files: Sequence[Path], voices: tuple[str, ...], *, is_first: bool
) -> dict[str, Preset]:
    """The presets of all files; what is wrong with others is logged.

    Raises `PresetError` for a file that cannot be read, but the first time, when there is nothing to go back to.
    """
    found: dict[str, Preset] = {}
    faults: list[PresetError] = []
    for path in preset_files:
        try:
            presets, wrong = read_presets(path)
        except PresetError as error:
            if not is_first:
                raise
            presets, wrong = {}, [error]
        found = presets | found
        faults += wrong
    wrong_ones = {name: _fault_of(preset, voices, found) for name, preset in found.items()}
    faults += [fault for fault in wrong_ones.values() if fault is not None]
    for fault in faults:
        _LOGGER.warning("%s", fault)
    return {name: preset for name, preset in found.items() if wrong_ones[name] is None}


def _fault_of(preset: Preset, voices: tuple[str, ...], presets: Mapping[str, Preset]) -> PresetError | None:
    """What is wrong with a preset that means no voice, or another's; None where it is fine."""
    if preset.blend is None and preset.name not in voices:
        reason = (
            f"it is missing, and says of which voices this one is made: {unknown_voice(preset.name, voices)}"
        )
    elif preset.blend is None:
        return None
    elif preset.name in voices:
        reason = "there is a voice of this name already; choose another for the preset"
    else:
        part = next((part for part in preset.blend.parts if part.voice not in voices), None)
        if part is None:
            return None
        if part.voice in presets:
            reason = f"{part.voice} is a preset itself; give the voices that it is made of"
        else:
            reason = str(unknown_voice(part.voice, voices, f"character {part.position}"))
    return preset.fault("blend", reason)


def _infos(listing: Listing) -> tuple[VoiceInfo, ...]:
    """What clients are told of each voice, language by language."""
    infos: list[VoiceInfo] = []
    for name in listing.names:
        language = listing.language_of(name)
        is_default = listing.defaults[language] == name
        label = label_of(name, language, is_default=is_default)
        infos.append(VoiceInfo(name, label, language, is_default))
    order = list(LANGUAGE_LABELS)
    infos.sort(key=lambda info: (order.index(info.language), info.label, info.name))
    return tuple(infos)
