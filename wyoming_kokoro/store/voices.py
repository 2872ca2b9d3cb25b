"""Which voices there are, which one a request means, and the style for a number of phonemes.

The official voices are always listed, fetched or not; files in voice folders come before the hub's and
add voices of their own, and so do the presets of `voices.toml`. Any of them may be blended by whoever asks, which
lists nothing. Knows nothing of audio or text.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from torch import Tensor

from wyoming_kokoro.errors import OfflineError
from wyoming_kokoro.speech import Manner, VoiceInfo
from wyoming_kokoro.store.catalogue import DEFAULT_VOICE, unknown_voice
from wyoming_kokoro.store.hub import Hub, voice_file
from wyoming_kokoro.store.listing import check_name, look
from wyoming_kokoro.store.mixing import mix
from wyoming_kokoro.store.voice_files import VoiceFile, file_state, folder_state, read_pack
from wyoming_kokoro.text.lexicon import Lexicon

_LOGGER = logging.getLogger(__name__)

_MAX_PACKS = 8  # half a megabyte each; a home uses one or two
_MAX_FINGERPRINTS = 256  # clients choose blends, so what is remembered of them is bounded
_MAX_LANGUAGES_TOLD = 64  # clients choose these words, too


class VoiceStore:
    """The voices of one server. Safe from any thread; `voices` and `resolve` never wait for a disk or a hub."""

    def __init__(
        self,
        folders: Iterable[Path],
        hub: Hub | None,
        default_voice: str = DEFAULT_VOICE,
        preset_files: Iterable[Path] = (),
        symbols: frozenset[str] | None = None,
    ) -> None:
        """Looks through folders and files; the first that has a voice wins.

        symbols: of the model, against which the IPA of presets' own words is checked; None leaves it unchecked.
        Raises `UnknownVoiceError` for a default voice nobody has, `BlendError` for one that cannot be read.
        """
        self._hub = hub
        self._folders = tuple(folders)
        self._preset_files = tuple(preset_files)
        self._default = default_voice
        self._seen = self._state()
        self._symbols = symbols
        self._listing = look(self._folders, self._preset_files, default_voice, symbols)
        self._lexicons_seen = self._listing.lexicons
        self._packs: OrderedDict[str, Tensor] = OrderedDict()  # the least recently used first
        self._fingerprints: OrderedDict[str, str] = OrderedDict()  # the oldest first
        self._n_scans = 1
        self._packs_lock = threading.Lock()  # held for moments
        self._loading_lock = threading.Lock()  # held while a pack is read or fetched
        self._languages_told: set[str] = set()

    @property
    def n_scans(self) -> int:
        """How often it has looked; what was found out about a voice's file before the last may be wrong by now."""
        return self._n_scans

    def voices(self) -> tuple[VoiceInfo, ...]:
        """Every voice, language by language, each language's default first and the rest by label."""
        return self._listing.infos

    def has_changed(self) -> bool:
        """Whether some file of a voice, a `voices.toml` or a lexicon in it is not what it was at the last look."""
        return self._state() != self._seen or self._lexicon_states() != self._lexicons_seen

    def rescan(self) -> None:
        """Looks through the folders anew, and reads every pack anew when it is next needed.

        Raises `UnknownVoiceError` where nobody has the default voice any more, and `PresetError` for a `voices.toml`
        that cannot be read, and changes nothing then.
        """
        self._seen = self._state()  # first: what changes meanwhile is to be seen the next time
        self._lexicons_seen = self._lexicon_states()
        listing = look(self._folders, self._preset_files, self._default, self._symbols, self._listing)
        self._lexicons_seen = listing.lexicons
        with self._loading_lock, self._packs_lock:
            self._listing = listing
            self._packs.clear()
            self._fingerprints.clear()
            self._n_scans += 1

    def language(self, name: str) -> str:
        """The BCP-47 tag of a voice's language; the default voice's for a name that does not say.

        A blend speaks that of the first voice of its manner. Raises `BlendError` for a name that `resolve` refuses.
        """
        return self._listing.language_of(name)

    def manner(self, name: str) -> Manner:
        """What a voice does by itself. Raises `BlendError` for a name that `resolve` refuses."""
        listing = self._listing
        if (preset := listing.presets.get(name)) is not None:
            return preset.manner
        if (blend := listing.blend_of(name)) is None:
            return Manner()
        own = self.manner(blend.only_voice) if blend.only_voice is not None else Manner()
        return replace(own, speed=own.speed * blend.speed)

    def lexicon(self, name: str) -> Lexicon:
        """The words that are a voice's own. Raises `BlendError` for a name that `resolve` refuses."""
        listing = self._listing
        if (preset := listing.presets.get(name)) is not None:
            return preset.lexicon
        blend = listing.blend_of(name)
        return (
            self.lexicon(blend.only_voice)
            if blend is not None and blend.only_voice is not None
            else Lexicon()
        )

    def parts(self, name: str) -> tuple[str, ...]:
        """The voices with files that a voice is made of; itself, for one that has its own."""
        blend = self._listing.blend_of(name)
        if blend is None:
            return (name,)
        return tuple(dict.fromkeys(each for part in blend.parts for each in self.parts(part.voice)))

    def recipe(self, name: str) -> str:
        """How a voice is written as a blend; its name, for one that is none."""
        blend = self._listing.blend_of(name)
        return name if blend is None else blend.text

    def file(self, name: str) -> VoiceFile | None:
        """Where on disk the voice is that has this name; None where it would have to be fetched."""
        if (found := self._listing.files.get(name)) is not None:
            return found
        path = self._hub.cached(voice_file(name)) if self._hub is not None else None
        return VoiceFile(path) if path is not None else None

    def learnable(self, name: str) -> str | None:
        """The listed voice with the same styles, if there is one: only those are few enough to remember much of."""
        listing = self._listing
        if name in listing.names:
            return name
        blend = listing.blend_of(name)
        return blend.only_voice if blend is not None and blend.only_voice in listing.names else None

    def resolve(self, name: str | None, language: str | None = None) -> str:
        """The voice for a request: by exact name, else by language, else the default.

        `en_US`, `en-us` and `en` are understood; a region nobody speaks gets its language's voice, a
        language nobody speaks the default one. Raises `UnknownVoiceError` for a name nobody has, and `BlendError`
        for a blend that cannot be read.
        """
        if not name:
            return self._voice_for(language) if language else self._default
        check_name(name, self._listing)
        return name

    def pack(self, name: str) -> Tensor:
        """A voice's styles: (rows, 1, 256), fp32. Shared by all callers: not to be written to.

        Fetched from the hub when it is not on disk. Raises `UnknownVoiceError`, `BlendError`, `VoiceFileError` or
        what `Hub.fetch` raises.
        """
        if (pack := self._loaded(name)) is not None:
            return pack
        with self._loading_lock:
            return self._load(name)

    def fingerprint(self, name: str) -> str:
        """A hash of a voice's styles, which tells them from others of the same name. Raises what `pack` raises."""
        if (found := self._fingerprints.get(name)) is None:
            n_scans = self._n_scans
            found = hashlib.sha256(self.pack(name).contiguous().numpy().data).hexdigest()
            with self._packs_lock:
                if n_scans == self._n_scans:
                    self._fingerprints[name] = found
                    while len(self._fingerprints) > _MAX_FINGERPRINTS:
                        self._fingerprints.popitem(last=False)
        return found

    def style(self, name: str, n_phonemes: int) -> Tensor:
        """The style for so many phonemes: (1, 256), fp32. A pack's last row serves all longer texts."""
        pack = self.pack(name)
        row = min(max(n_phonemes, 1), pack.shape[0]) - 1
        return pack[row]

    def _state(self) -> tuple[object, ...]:
        """What tells the voices' files from those of another time."""
        folders = tuple(folder_state(folder) for folder in self._folders)
        return folders, tuple(file_state(path) for path in self._preset_files)

    def _lexicon_states(self) -> dict[Path, object]:
        return {path: file_state(path) for path in self._lexicons_seen}

    def _voice_for(self, language: str) -> str:
        listing = self._listing
        wanted = language.replace("_", "-").lower()
        primary = wanted.partition("-")[0]
        # The default voice's own region comes first where only the language fits: `en` is British to a
        # server that speaks British.
        tags = [listing.language, *listing.defaults]
        for tag in tags:
            if tag.lower() == wanted:
                return listing.defaults[tag]
        for tag in tags:
            if tag.lower().partition("-")[0] == primary:
                if wanted != primary:
                    self._tell(language, f"{listing.defaults[tag]} ({tag})")
                return listing.defaults[tag]
        self._tell(language, self._default)
        return self._default

    def _tell(self, language: str, voice: str) -> None:
        """Says once that nobody speaks a language as it was asked for, and who does instead."""
        wanted = language.replace("_", "-").lower()
        if wanted not in self._languages_told and len(self._languages_told) < _MAX_LANGUAGES_TOLD:
            self._languages_told.add(wanted)
            _LOGGER.info("No voice speaks %.40r; %s speaks instead", language, voice)

    def _load(self, name: str) -> Tensor:
        """See `pack`; called with the loading lock held."""
        if (pack := self._loaded(name)) is not None:  # while waiting for the lock
            return pack
        blend = self._listing.blend_of(name)
        if blend is None:
            pack = read_pack(self._locate(name))
        else:
            self._listing.check(blend, name)
            pack = mix(blend, self._load)
        with self._packs_lock:
            self._packs[name] = pack
            while len(self._packs) > _MAX_PACKS:
                self._packs.popitem(last=False)
        return pack

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
