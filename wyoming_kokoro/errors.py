"""What can go wrong, as one tree of exceptions. Knows neither protocol nor command line.

KokoroError                      anything this package raises on purpose
├── SettingsError                an option, environment variable or settings file that cannot be used
├── StoreError                   files: checkpoints, configs, voices, hubs
│   ├── HubError                 the hub cannot be reached, or answers with an error
│   ├── OfflineError             a file is not on disk and fetching it was ruled out
│   ├── HashMismatchError        a file is not the one it claims to be
│   ├── CheckpointError          a file that is no checkpoint, is truncated or does not fit the model
│   ├── VoiceFileError           a voice file that cannot be read or has the wrong shape
│   ├── PresetError              a voices.toml that cannot be read, or a preset in it that cannot be used
│   └── StorageError             a full disk, a folder that cannot be written
├── UnknownVoiceError            a voice nobody has
├── BlendError                   the name of a blend of voices that cannot be read
├── TextError                    text that no phonemizer here can read
├── DeviceError                  a device or precision that was asked for and cannot be used
├── AccessError                  a client that is not let in
├── ProtocolError                a client that does not keep to the protocol
│   └── LimitError               more than this server takes
└── SynthesisError               the model failed on an utterance

Each class carries a `code`, short and stable, for programs; the message is for people and says
what was wrong, with the value, and what to do.
"""

from __future__ import annotations

from typing import ClassVar


class KokoroError(Exception):
    """Base of every error this package raises on purpose."""

    code: ClassVar[str] = "error"


class SettingsError(KokoroError):
    """An option that cannot be used; the message names the option, the value and the remedy."""

    code = "bad-setting"


class StoreError(KokoroError):
    """Something about files: the message names the file, the reason and the remedy."""

    code = "store"


class HubError(StoreError):
    """The hub cannot be reached, or answered with an error."""

    code = "hub-unavailable"


class OfflineError(StoreError):
    """A file is not on disk, and fetching it was ruled out by the settings."""

    code = "not-cached"


class HashMismatchError(StoreError):
    """A file whose SHA-256 is not the published one."""

    code = "wrong-hash"


class CheckpointError(StoreError):
    """A file that is no checkpoint, is truncated, or does not fit the model."""

    code = "bad-checkpoint"


class VoiceFileError(StoreError):
    """A voice file that cannot be read or has the wrong shape."""

    code = "bad-voice-file"


class PresetError(StoreError):
    """A voices.toml, or one of its presets, that cannot be used; the message names the preset and the key."""

    code = "bad-preset"


class StorageError(StoreError):
    """A disk that is full, or a folder that cannot be written."""

    code = "storage"


class UnknownVoiceError(KokoroError):
    """A voice nobody has. `did_you_mean` holds the nearest names, best first."""

    code = "unknown-voice"

    def __init__(self, voice: str, did_you_mean: tuple[str, ...] = (), where: str = "") -> None:
        """where: of what it was a part, and in which place: `character 1 of 'af_bela(2)+af_sky'`."""
        self.voice = voice
        self.did_you_mean = did_you_mean
        near = f" Did you mean {' or '.join(did_you_mean)}?" if did_you_mean else ""
        super().__init__(f"There is no voice {voice!r}{f' ({where})' if where else ''}.{near}")


class BlendError(KokoroError):
    """The name of a blend that cannot be read. `position` is the character where, from 1; 0: all of it."""

    code = "bad-blend"

    def __init__(self, blend: str, reason: str, position: int = 0) -> None:
        self.blend = blend
        self.position = position
        place = f" at character {position}" if position else ""
        super().__init__(
            f"The voice {blend!r} cannot be read{place}: {reason}. "
            "A blend is written like af_bella(2)+af_sky(1), af_heart|bm_george or af_heart@1.2."
        )


class TextError(KokoroError):
    """Text that no phonemizer here can read, for instance because an extra is not installed."""

    code = "unreadable-text"


class DeviceError(KokoroError):
    """A device, or a precision, that was asked for by name and cannot be used."""

    code = "device"


class AccessError(KokoroError):
    """A client from a network that is not let in."""

    code = "forbidden"


class ProtocolError(KokoroError):
    """A client that does not keep to the Wyoming protocol, or to this server's limits.

    `fatal` says that what follows on the connection can no longer be understood.
    """

    code = "protocol"

    def __init__(self, message: str, *, fatal: bool = False) -> None:
        self.fatal = fatal
        super().__init__(message)


class LimitError(ProtocolError):
    """More than this server takes. `option` names the setting that says how much that is."""

    code = "limit"

    def __init__(self, what: str, option: str, limit: float, *, fatal: bool = False) -> None:
        """what: what there was too much of, as the beginning of a sentence."""
        self.option = option
        self.limit = limit
        super().__init__(f"{what}; this server's limit is {limit:.12g} ({option})", fatal=fatal)


class SynthesisError(KokoroError):
    """The model failed on an utterance; the cause is chained."""

    code = "synthesis-failed"
