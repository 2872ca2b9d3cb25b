"""Which voices there are, which one a request means, and the style for a number of phonemes.

The official voices are always listed, fetched or not; files in voice folders come before the hub's and
add voices of their own. Knows nothing of audio or text.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor

from wyoming_kokoro.errors import OfflineError
from wyoming_kokoro.speech import VoiceInfo
from wyoming_kokoro.store.catalogue import (
    DEFAULT_VOICE,
    LANGUAGES,
    OFFICIAL_VOICES,
    label_of,
    language_of,
    unknown_voice,
)
from wyoming_kokoro.store.hub import Hub
from wyoming_kokoro.store.voice_files import VoiceFile, find_voices, read_pack

_LOGGER = logging.getLogger(__name__)

_MAX_PACKS = 8  # half a megabyte each; a home uses one or two
_MAX_LANGUAGES_TOLD = 64  # clients choose these words, so what is remembered of them is bounded


@dataclass(frozen=True)
class _Listing:
    """What is known of the voices, all at one time."""

    files: Mapping[str, VoiceFile]
    names: tuple[str, ...]
    infos: tuple[VoiceInfo, ...]


class VoiceStore:
    """The voices of one server. Safe from any thread; `voices` and `resolve` never wait for a disk or a hub."""

    def __init__(self, folders: Iterable[Path], hub: Hub | None, default_voice: str = DEFAULT_VOICE) -> None:
        """Looks through the folders; the first that has a voice wins.

        Raises `UnknownVoiceError` for a default voice nobody has.
        """
        self._hub = hub
        self._folders = tuple(folders)
        self._default = default_voice
        self._language = language_of(default_voice)
        self._defaults = {language.tag: language.default_voice for language in LANGUAGES}
        self._defaults[self._language] = default_voice
        self._listing = self._look()
        self._packs: OrderedDict[str, Tensor] = OrderedDict()  # the least recently used first
        self._fingerprints: dict[str, str] = {}
        self._n_scans = 1
        self._packs_lock = threading.Lock()  # held for moments
        self._loading_lock = threading.Lock()  # held while a pack is read or fetched
        self._languages_told: set[str] = set()

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice, language by language, each language's default first and the rest by label."""
        return self._listing.infos

    def rescan(self) -> None:
        """Looks through the folders anew, and reads every pack anew when it is next needed.

        Raises `UnknownVoiceError` where nobody has the default voice any more, and changes nothing then.
        """
        listing = self._look()
        with self._loading_lock, self._packs_lock:
            self._listing = listing
            self._packs.clear()
            self._fingerprints.clear()
            self._n_scans += 1

    def language(self, name: str) -> str:
        """The BCP-47 tag of a voice's language; the default voice's for a name that does not say."""
        return language_of(name, otherwise=self._language)

    def resolve(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request: by exact name, else by language, else the default.

        `en_US`, `en-us` and `en` are understood; a region nobody speaks gets its language's voice, a
        language nobody speaks the default one. Raises `UnknownVoiceError` for a name nobody has.
        """
        if name:
            names = self._listing.names
            if name not in names:
                raise unknown_voice(name, names)
            return name
        return self._voice_for(language) if language else self._default

    def pack(self, name: str) -> Tensor:
        """A voice's styles: (rows, 1, 256), fp32. Shared by all callers: not to be written to.

        Fetched from the hub when it is not on disk. Raises `UnknownVoiceError`, `VoiceFileError` or what
        `Hub.fetch` raises.
        """
        if (pack := self._loaded(name)) is not None:
            return pack
        with self._loading_lock:
            if (pack := self._loaded(name)) is not None:  # while waiting for the lock
                return pack
            pack = read_pack(self._locate(name))
            with self._packs_lock:
                self._packs[name] = pack
                while len(self._packs) > _MAX_PACKS:
                    self._packs.popitem(last=False)
            return pack

    def fingerprint(self, name: str) -> str:
        """A hash of a voice's styles, which tells them from others of the same name. Raises what `pack` raises."""
        if (found := self._fingerprints.get(name)) is None:
            n_scans = self._n_scans
            found = hashlib.sha256(self.pack(name).contiguous().numpy().data).hexdigest()
            with self._packs_lock:
                if n_scans == self._n_scans:
                    self._fingerprints[name] = found
        return found

    def style(self, name: str, n_phonemes: int) -> Tensor:
        """The style for so many phonemes: (1, 256), fp32. A pack's last row serves all longer texts."""
        pack = self.pack(name)
        row = min(max(n_phonemes, 1), pack.shape[0]) - 1
        return pack[row]

    def _look(self) -> _Listing:
        files: dict[str, VoiceFile] = {}
        for folder in self._folders:
            files = find_voices(folder) | files
        names = tuple(dict.fromkeys((*OFFICIAL_VOICES, *sorted(files))))
        if self._default not in names:
            raise unknown_voice(self._default, names)
        infos: list[VoiceInfo] = []
        for name in names:
            language = self.language(name)
            is_default = self._defaults[language] == name
            label = label_of(name, language, is_default=is_default)
            infos.append(VoiceInfo(name, label, language, is_default))
        order = [language.tag for language in LANGUAGES]
        infos.sort(key=lambda info: (order.index(info.language), info.label, info.name))
        return _Listing(files, names, tuple(infos))

    def _voice_for(self, language: str) -> str:
        wanted = language.replace("_", "-").lower()
        primary = wanted.partition("-")[0]
        # The default voice's own region comes first where only the language fits: `en` is British to a
        # server that speaks British.
        tags = [self._language, *self._defaults]
        for tag in tags:
            if tag.lower() == wanted:
                return self._defaults[tag]
        for tag in tags:
            if tag.lower().partition("-")[0] == primary:
                return self._defaults[tag]
        if wanted not in self._languages_told and len(self._languages_told) < _MAX_LANGUAGES_TOLD:
            self._languages_told.add(wanted)
            _LOGGER.info("No voice speaks %.40r; %s speaks instead", language, self._default)
        return self._default

    def _loaded(self, name: str) -> Tensor | None:
        with self._packs_lock:
            if name in self._packs:
                self._packs.move_to_end(name)
            return self._packs.get(name)

    def _locate(self, name: str) -> VoiceFile:
        listing = self._listing
        if name in listing.files:
            return listing.files[name]
        if name not in listing.names:
            raise unknown_voice(name, listing.names)
        if self._hub is None:
            raise OfflineError(
                f"The voice {name} is in none of the voice folders. Put {name}.pt into voices/ below a --data-dir."
            )
        return VoiceFile(self._hub.voice(name))
