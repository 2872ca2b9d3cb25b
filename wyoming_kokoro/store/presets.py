"""Reads `voices.toml`: voices that somebody has made up of others, and what is told of voices of one's own.

    [calm]                                  # the name that clients ask for
    blend = "af_bella(2)+af_sky(1)"         # without it: the voice of this name
    speed = 0.9                             # times that of --speed
    volume = -3                             # dB, besides that of --volume
    pause = 0.4                             # s after each sentence, instead of --sentence-silence
    language = "en-GB"                      # without it: that of the first voice of the manner
    lexicon = "calm.txt"                    # beside this file: words of its own, before those of --lexicon

Each fault is told with preset and key, and takes away that one preset only; but where a lexicon becomes wrong that was
right, the preset keeps the words it had. Knows not which voices there are.
"""

from __future__ import annotations

import difflib
import math
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from wyoming_kokoro.errors import BlendError, PresetError
from wyoming_kokoro.speech import MAX_SPEED, MIN_SPEED, Manner
from wyoming_kokoro.store.blends import Blend, parse_blend
from wyoming_kokoro.store.catalogue import LANGUAGE_LABELS
from wyoming_kokoro.store.voice_files import file_state, is_voice_name
from wyoming_kokoro.text.lexicon import Lexicon, read_lexicon

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

MAX_GAIN_DB = 20.0
MIN_GAIN_DB = -40.0
MAX_PAUSE_S = 60.0


@dataclass(frozen=True)
class Preset:
    """One table of the file."""

    name: str

    blend: Blend | None
    """Of which voices; None: the voice of this name."""

    manner: Manner
    language: str | None
    """BCP-47, one of `LANGUAGE_LABELS`; None: that of its voice."""

    lexicon: Lexicon
    """Its own words."""

    path: Path
    """The file it stands in."""

    def fault(self, key: str, reason: str) -> PresetError:
        """The error for a key of it that cannot be used."""
        return _fault(self.path, self.name, key, reason)


@dataclass(frozen=True)
class PresetFile:
    """What a `voices.toml` holds."""

    presets: Mapping[str, Preset] = field(default_factory=dict)
    """By name; those that are right."""

    faults: Sequence[PresetError] = ()
    """What is wrong with others."""

    lexicons: Mapping[Path, object] = field(default_factory=dict)
    """The lexicons it names, also wrong ones, and what tells each from what it was when it was read."""


def read_presets(
    path: Path, symbols: frozenset[str] | None = None, before: Mapping[str, Preset] = MappingProxyType({})
) -> PresetFile:
    """The presets of a file; none where there is no file.

    symbols: of the model, for its lexicons; None leaves IPA unchecked. before: the presets there were. Raises
    `PresetError` where the file as a whole cannot be read.
    """
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return PresetFile()
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise PresetError(f"Cannot read {path}: {reason}") from error
    except tomllib.TOMLDecodeError as error:
        raise PresetError(f"{path} is no TOML: {error}") from error
    presets: dict[str, Preset] = {}
    faults: list[PresetError] = []
    lexicons: dict[Path, object] = {}
    for name, table in content.items():
        values, found = _read(path, name, table)
        faults += found
        if found:
            continue
        words: Lexicon | None = Lexicon()
        if (file := values.get("lexicon")) is not None:
            lexicons[path.parent / file] = file_state(path.parent / file)  # first: what changes is to be seen
            try:
                words = read_lexicon(path.parent / file, symbols)
            except (OSError, ValueError) as error:
                faults.append(_fault(path, name, "lexicon", _what_is_wrong(path.parent / file, error)))
                words = before[name].lexicon if name in before else None
        if words is not None:
            presets[name] = _preset(path, name, values, words)
    return PresetFile(presets, faults, lexicons)


def _read(path: Path, name: str, table: object) -> tuple[dict[str, Any], list[PresetError]]:
    """What a preset's keys say, and what is wrong with it, all of that."""
    if not is_voice_name(name):
        reason = "a name is made of letters, digits, _, . and -, and begins with a letter or digit"
        return {}, [PresetError(f"{path}: there can be no preset {name!r}: {reason}")]
    if not isinstance(table, dict):
        reason = f"{name} = {table!r} is no preset; a preset begins with its name, as in [calm]"
        return {}, [PresetError(f"{path}: {reason}")]
    values: dict[str, Any] = {}
    faults = []
    for key, value in table.items():
        if (read := _KEYS.get(key)) is None:
            near = difflib.get_close_matches(str(key), _KEYS, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(_KEYS)}"
            faults.append(_fault(path, name, key, f"there is no such key; {hint}"))
            continue
        try:
            values[key] = read(value)
        except (ValueError, BlendError) as error:
            faults.append(_fault(path, name, key, str(error)))
    return values, faults


def _what_is_wrong(lexicon: Path, error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return f"there is no file {lexicon}; give its name as seen from the folder of voices.toml"
    return f"{lexicon}: {getattr(error, 'strerror', None) or error}"


def _preset(path: Path, name: str, values: Mapping[str, Any], lexicon: Lexicon) -> Preset:
    blend: Blend | None = values.get("blend")
    speed = values.get("speed", 1.0) * (blend.speed if blend is not None else 1.0)
    manner = Manner(speed, values.get("volume", 0.0), values.get("pause"))
    return Preset(name, blend, manner, values.get("language"), lexicon, path)


def _fault(path: Path, name: str, key: str, reason: str) -> PresetError:
    return PresetError(f"{path}: preset {name}: {key}: {reason}")


# The readers of single values: value in, value out, `ValueError` with the remedy --------------------------


def _blend(value: object) -> Blend:
    if not isinstance(value, str):
        raise ValueError(f'{value!r} is no text; give the voices as in "af_bella(2)+af_sky(1)"')
    return parse_blend(value)


def _language(value: object) -> str:
    tags = {tag.lower(): tag for tag in LANGUAGE_LABELS}
    tag = tags.get(value.replace("_", "-").lower()) if isinstance(value, str) else None
    if tag is None:
        raise ValueError(f"{value!r} is no language of a voice; there are {', '.join(tags.values())}")
    return tag


def _file_name(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or "\0" in value:
        raise ValueError(f"{value!r} is no name of a file")
    return value


def _number(low: float, high: float) -> Callable[[object], float]:
    def read(value: object) -> float:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or not math.isfinite(number := float(value)) or not low <= number <= high:  # type: ignore[arg-type]
            raise ValueError(f"{value!r} will not do; give a number from {low:g} to {high:g}")
        return number

    return read


_KEYS: dict[str, Callable[[object], Any]] = {
    "blend": _blend,
    "speed": _number(MIN_SPEED, MAX_SPEED),
    "volume": _number(MIN_GAIN_DB, MAX_GAIN_DB),
    "pause": _number(0.0, MAX_PAUSE_S),
    "language": _language,
    "lexicon": _file_name,
}
