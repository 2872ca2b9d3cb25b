"""Draws the app's pictures, `addon/icon.png` and `addon/logo.png`: a heart (kokoro) made of a sound's bars.

    python -m dev.draw_icons

Drawn eight times as large and scaled down, for clean edges. Needs Pillow and knows nothing of the program.
"""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

ADDON = Path(__file__).parent.parent / "addon"
ICON_PX = 128
LOGO_PX = (250, 100)
SCALE = 8
BACKGROUND = (24, 60, 96, 255)
HEART = (255, 112, 112, 255)
INK = (84, 124, 164, 255)  # reads on white and on black
# Bars from left to right: top and bottom in parts of the icon's height, which together make a heart.
BARS = ((0.36, 0.52), (0.26, 0.63), (0.25, 0.72), (0.31, 0.80), (0.25, 0.72), (0.26, 0.63), (0.36, 0.52))


def icon(size_px: int) -> Image.Image:
    """The icon, square, with clear corners."""
    side = size_px * SCALE
    image = Image.new("RGBA", (side, side))
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((0, 0, side - 1, side - 1), side * 0.22, BACKGROUND)
    pitch, width = 0.1 * side, 0.065 * side
    left = side / 2 - pitch * (len(BARS) - 1) / 2
    for n, (top, bottom) in enumerate(BARS):
        middle = left + n * pitch
        box = (middle - width / 2, top * side, middle + width / 2, bottom * side)
        draw.rounded_rectangle(box, width / 2, HEART)
    return image.resize((size_px, size_px), Image.Resampling.LANCZOS)


def logo() -> Image.Image:
    """The icon with the name beside it."""
    width, height = LOGO_PX
    image = Image.new("RGBA", (width * SCALE, height * SCALE))
    font = ImageFont.load_default(size=height * SCALE * 0.4)
    ImageDraw.Draw(image).text((height * SCALE, height * SCALE / 2), "Kokoro", INK, font, anchor="lm")
    image = image.resize(LOGO_PX, Image.Resampling.LANCZOS)
    image.alpha_composite(icon(height - 20), (10, 10))
    return image


if __name__ == "__main__":
    icon(ICON_PX).save(ADDON / "icon.png", optimize=True)
    logo().save(ADDON / "logo.png", optimize=True)
