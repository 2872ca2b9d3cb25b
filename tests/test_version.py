"""The version stands in three places that have to agree."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from wyoming_kokoro import __version__

ROOT = Path(__file__).parent.parent


def test_the_changelog_opens_with_this_version() -> None:
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[0] == __version__
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", heading) for heading in headings)
    as_numbers = [tuple(map(int, heading.split("."))) for heading in headings]
    assert as_numbers == sorted(set(as_numbers), reverse=True)


def test_the_app_has_this_version() -> None:
    config = ROOT / "addon" / "config.yaml"
    if not config.exists():
        pytest.skip("there is no Home Assistant app yet")
    found = re.findall(r"""^version:\s*["']?([^\s"'#]+)""", config.read_text(encoding="utf-8"), re.MULTILINE)
    assert found == [__version__]
