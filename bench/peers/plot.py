"""Dot plots as SVG: one row for each server, on a logarithmic scale, readable on light and dark pages."""

import math
from collections.abc import Sequence
from html import escape

from msgspec import Struct

from bench.report import number

_WIDTH, _NAMES, _VALUES = 760, 150, 140
_ROW, _HEAD, _AXIS, _GAP, _TITLE = 22, 30, 26, 14, 34
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #1f2328 }
.title { font-size: 16px; font-weight: 600 }
.panel { font-weight: 600 }
.axis, .value { fill: #59636e; font-size: 12px }
.grid { stroke: #d1d9e0 }
.spread { stroke: #818b98; stroke-width: 3; stroke-linecap: round }
.dot { fill: #59636e }
.ours { font-weight: 600 }
.ours .dot { fill: #0969da }
.ours .spread { stroke: #54aeff }
.page { fill: #ffffff }
@media (prefers-color-scheme: dark) {
  text { fill: #f0f6fc }
  .axis, .value { fill: #9198a1 }
  .grid { stroke: #3d444d }
  .spread { stroke: #656c76 }
  .dot { fill: #9198a1 }
  .ours .dot { fill: #4493f8 }
  .ours .spread { stroke: #1f6feb }
  .page { fill: #0d1117 }
}
"""


class Mark(Struct, frozen=True):
    """A server's place: the dot, and the line from the least to the most. All above zero."""

    name: str
    dot: float
    least: float
    most: float
    is_ours: bool = False


class Panel(Struct, frozen=True):
    title: str
    unit: str
    marks: Sequence[Mark]


def dot_plot(title: str, panels: Sequence[Panel]) -> str:
    """The SVG. Panels without marks are left out."""
    drawn, top = [], _TITLE
    for panel in panels:
        if panel.marks:
            drawn.append(_panel(panel, top))
            top += _height(panel) + _GAP
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {top}" role="img"'
        f' aria-label="{escape(title)}">\n'
        f"<style>{_STYLE}</style>\n"
        f'<rect class="page" width="{_WIDTH}" height="{top}" rx="6"/>\n'
        f'<text class="title" x="12" y="23">{escape(title)}</text>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def decades(least: float, most: float) -> tuple[int, int]:
    """The powers of ten that a scale begins and ends with, at least one apart."""
    low, high = math.floor(math.log10(least)), math.ceil(math.log10(most))
    return low, max(high, low + 1)


def _height(panel: Panel) -> int:
    return _HEAD + _ROW * len(panel.marks) + _AXIS


def _panel(panel: Panel, top: int) -> str:
    low, high = decades(min(mark.least for mark in panel.marks), max(mark.most for mark in panel.marks))
    bottom = top + _HEAD + _ROW * len(panel.marks)

    def across(value: float) -> float:
        part = (math.log10(value) - low) / (high - low)
        return round(_NAMES + part * (_WIDTH - _NAMES - _VALUES), 1)

    told = f'<tspan class="axis">({escape(panel.unit)}, logarithmic; less is better)</tspan>'
    parts = [f'<text class="panel" x="12" y="{top + 18}">{escape(panel.title)} {told}</text>']
    for power in range(low, high + 1):
        x = across(10.0**power)
        parts.append(f'<line class="grid" x1="{x}" x2="{x}" y1="{top + _HEAD - 4}" y2="{bottom}"/>')
        parts.append(f'<text class="axis" x="{x}" y="{bottom + 15}" text-anchor="middle">{10.0**power:,.10g}</text>')
    for place, mark in enumerate(panel.marks):
        y = top + _HEAD + _ROW * place + _ROW // 2
        parts.append(
            f'<g class="{"ours" if mark.is_ours else "other"}">'
            f'<text x="{_NAMES - 12}" y="{y + 4}" text-anchor="end">{escape(mark.name)}</text>'
            f'<line class="spread" x1="{across(mark.least)}" x2="{across(mark.most)}" y1="{y}" y2="{y}"/>'
            f'<circle class="dot" cx="{across(mark.dot)}" cy="{y}" r="5"/>'
            f'<text class="value" x="{_WIDTH - _VALUES + 14}" y="{y + 4}">{escape(_told(mark))}</text></g>'
        )
    return "\n".join(parts)


def _told(mark: Mark) -> str:
    """The dot; and where a line begins at it, where that ends."""
    begins_here = mark.least == mark.dot < mark.most
    return f"{number(mark.dot)} to {number(mark.most)}" if begins_here else number(mark.dot)
