"""Gets the model for a server that is about to start with these options. Run by script/run.

Knows which options say where files are; leaves everything else, wrong options too, to the server.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
from collections.abc import Sequence

from wyoming_kokoro import download
from wyoming_kokoro.errors import SettingsError
from wyoming_kokoro.settings import EngineSettings, parse, parse_say


def main(argv: Sequence[str]) -> int:
    """Downloads what is missing; 0 when the server can start, if only to say what it does not like."""
    if argv[:1] == ["doctor"]:  # it tells what is missing, so nothing may be fetched for it
        return 0
    try:
        with contextlib.redirect_stdout(io.StringIO()):  # --help and --version are the server's to answer
            settings = read(argv)
    except (SettingsError, SystemExit):
        return 0
    order = ["--source", "auto"]
    for folder in settings.data_dirs:
        order += ["--data-dir", str(folder)]
    if settings.download_dir is not None:
        order += ["--download-dir", str(settings.download_dir)]
    if settings.local_files_only:
        order.append("--local-files-only")
    return download.main(order)


def read(argv: Sequence[str]) -> EngineSettings:
    """The settings, from the command line and the environment as the server itself reads them."""
    if argv[:1] == ["say"]:
        return parse_say(argv[1:], os.environ)
    return parse(argv, os.environ)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
