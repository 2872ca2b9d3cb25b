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
from wyoming_kokoro.store.presets import Preset, PresetFile, read_presets
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

    lexicons: Mapping[Path, object]
    """The files of presets' own words, and what tells each from what it was when it was read."""

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
    folders: Sequence[Path],
    preset_files: Sequence[Path],
    default_voice: str,
    symbols: frozenset[str] | None = None,
    before: Listing | None = None,
) -> Listing:
    """Looks through folders and files of presets; the first that has a voice wins. What is wrong with some is logged.

    symbols: of the model, for presets' lexicons; None leaves IPA unchecked. before: what was known. Without it there is
    nothing to go back to, so a file of presets that cannot be read is no reason to fail. Raises `PresetError` for one
    otherwise, and what `check_name` raises where the default voice is none.
    """
    files: dict[str, VoiceFile] = {}
    for folder in folders:
        files = find_voices(folder) | files
    voices = tuple(dict.fromkeys((*OFFICIAL_VOICES, *sorted(files))))
    found = _read_all(preset_files, symbols, before)
    presets = _usable(found, voices)
    names = tuple(dict.fromkeys((*voices, *sorted(presets))))
    listing = Listing(files, presets, names, (), language_of(default_voice), {}, found.lexicons)
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


def _read_all(paths: Sequence[Path], symbols: frozenset[str] | None, before: Listing | None) -> PresetFile:
    """All files of presets as one.

    Raises `PresetError` for a file that cannot be read, but the first time, when there is nothing to go back to.
    """
    presets: dict[str, Preset] = {}
    faults: list[PresetError] = []
    lexicons: dict[Path, object] = {}
    for path in paths:
        known = before.presets if before is not None else {}
        known = {name: preset for name, preset in known.items() if preset.path == path}
        try:
            found = read_presets(path, symbols, known)
        except PresetError as error:
            if before is None:
                faults.append(error)
                continue
            raise
        presets = {**found.presets, **presets}
        faults += found.faults
        lexicons |= found.lexicons
    return PresetFile(presets, faults, lexicons)


def _usable(found: PresetFile, voices: tuple[str, ...]) -> dict[str, Preset]:
    """The presets that speak; what is wrong with others is logged."""
    wrong_ones = {name: _fault_of(preset, voices, found.presets) for name, preset in found.presets.items()}
    for fault in (*found.faults, *(fault for fault in wrong_ones.values() if fault is not None)):
        _LOGGER.warning("%s", fault)
    return {name: preset for name, preset in found.presets.items() if wrong_ones[name] is None}


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
