"""A bar chart as SVG, for light and dark pages alike. Pure; knows no benchmark."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

_WIDTH, _LABEL_WIDTH, _VALUE_WIDTH = 800, 260, 80
_TOP, _ROW_HEIGHT, _BAR_HEIGHT, _BOTTOM = 56, 30, 18, 16
_PLOT_WIDTH = _WIDTH - _LABEL_WIDTH - _VALUE_WIDTH

# Greys and a blue that can be read on white and on black, and better ones where the viewer tells which it is.
_STYLE = """
text { font-family: system-ui, sans-serif; font-size: 14px; fill: #768390; }
.title { font-weight: 600; }
.bar { fill: #8c959f; }
.bar.ours { fill: #2f81f7; }
.spread { stroke: #768390; stroke-width: 1.5; }
@media (prefers-color-scheme: light) {
text { fill: #57606a; }
.title { fill: #24292f; }
.spread { stroke: #24292f; }
}
@media (prefers-color-scheme: dark) {
text { fill: #9198a1; }
.title { fill: #f0f6fc; }
.bar { fill: #656c76; }
.spread { stroke: #f0f6fc; }
}
"""


@dataclass(frozen=True)
class Bar:
    """One row."""

    label: str
    value: float
    low: float
    """Where the mark of the spread begins."""

    high: float
    is_ours: bool


def svg(title: str, subtitle: str, bars: Sequence[Bar]) -> str:
    """The chart as a document; bars grow from zero, the longest one fills the width."""
    longest = max((max(bar.value, bar.high) for bar in bars), default=0.0)
    assert longest > 0, "a chart needs something to show"
    height = _TOP + _ROW_HEIGHT * len(bars) + _BOTTOM
    rows = [
        line
        for index, bar in enumerate(bars)
        for line in _row(bar, _TOP + index * _ROW_HEIGHT, _PLOT_WIDTH / longest)
    ]
    return "\n".join(
        [
            (
                f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img"'
                f' aria-label="{escape(title, {chr(34): "&quot;"})}">'
            ),
            f"<style>{_STYLE}</style>",
            f'<text class="title" x="0" y="18">{escape(title)}</text>',
            f'<text x="0" y="38">{escape(subtitle)}</text>',
            *rows,
            "</svg>",
            "",
        ]
    )


def _row(bar: Bar, top: int, px_per_unit: float) -> list[str]:
    middle = top + _ROW_HEIGHT / 2
    length, low, high = (value * px_per_unit for value in (bar.value, bar.low, bar.high))
    kind = "bar ours" if bar.is_ours else "bar"
    return [
        f'<text x="{_LABEL_WIDTH - 10}" y="{middle + 5:g}" text-anchor="end">{escape(bar.label)}</text>',
        (
            f'<rect class="{kind}" x="{_LABEL_WIDTH}" y="{middle - _BAR_HEIGHT / 2:g}" width="{length:.1f}"'
            f' height="{_BAR_HEIGHT}" rx="2"/>'
        ),
        (
            f'<line class="spread" x1="{_LABEL_WIDTH + low:.1f}" x2="{_LABEL_WIDTH + high:.1f}" y1="{middle:g}"'
            f' y2="{middle:g}"/>'
        ),
        f'<text x="{_LABEL_WIDTH + max(length, high) + 8:.1f}" y="{middle + 5:g}">{bar.value:.3f}</text>',
    ]
