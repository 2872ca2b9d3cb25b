"""Takes the pictures of the page that the documents show, from a server that runs with `--web`.

python -m dev.page_pictures http://127.0.0.1:10211/ docs/images

Speaks the page's own text in Chromium, without a window, and photographs what is shown then: light, dark, and on a phone. Knows the page's
elements; starts no server. `CHROMIUM` names the browser where it is not on the path.
"""

from __future__ import annotations

import argparse
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome")
# As root, as in containers, Chromium's sandbox does not start; what is shown is our own.
CHROMIUM_ARGUMENTS = ("--no-sandbox",)

_PATIENCE_MS = 300_000.0  # for a machine that has other things to do


@dataclass(frozen=True)
class Picture:
    """One way to look at the page."""

    name: str
    """The file's, without its ending."""

    scheme: Literal["light", "dark"]
    width: int
    """Of the window, in CSS pixels."""

    is_blend: bool = False
    """Whether the sliders of a blend are shown."""


PICTURES = (
    Picture("page-light", "light", 760),
    Picture("page-dark", "dark", 760, is_blend=True),
    Picture("page-phone", "light", 360),
)


def main() -> None:
    """Takes all of them."""
    parser = argparse.ArgumentParser(description="Takes the pictures of the page that the documents show.")
    parser.add_argument("url", help="of the page")
    parser.add_argument("folder", type=Path, help="that the pictures are put into")
    arguments = parser.parse_args()
    if CHROMIUM is None:
        parser.error("there is no Chromium on the path; install it, or name it by CHROMIUM")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for picture in PICTURES:
        path = arguments.folder / f"{picture.name}.png"
        take(picture, arguments.url, path)
        print(f"{path}: {path.stat().st_size / 1000:.0f} kB")


def take(picture: Picture, url: str, path: Path) -> None:
    """Writes one picture. Raises playwright's `Error` where the page does not do what it should."""
    from playwright.sync_api import expect, sync_playwright

    with sync_playwright() as driver:
        chromium = driver.chromium.launch(executable_path=CHROMIUM, args=list(CHROMIUM_ARGUMENTS))
        page = chromium.new_page(
            color_scheme=picture.scheme, viewport={"width": picture.width, "height": 800}
        )
        page.set_default_timeout(_PATIENCE_MS)
        page.goto(url)
        expect(page.locator("#name")).not_to_have_value("", timeout=_PATIENCE_MS)
        if picture.is_blend:
            page.click("#add")
            page.locator(".weight").first.fill("10")
        page.click("#speak")
        expect(page.locator("#status")).to_contain_text("Spoken", timeout=_PATIENCE_MS)
        page.click("#show")
        expect(page.locator("#phonemes li").first).to_be_visible(timeout=_PATIENCE_MS)
        page.screenshot(path=path, full_page=True)
        chromium.close()


if __name__ == "__main__":
    main()
