"""Figures for charts, and the charts: SVG and PNG by matplotlib, CSV by hand."""

from __future__ import annotations

import csv
import io
import threading
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from crawler.safe import cell, one_line

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TINTS = ("#0f766e", "#3b5bdb", "#b7791f", "#a61e4d", "#5f3dc4", "#2b8a3e", "#868e96")
DARK_TINTS = ("#2dd4bf", "#8da2fb", "#f0b429", "#f783ac", "#b197fc", "#69db7c", "#adb5bd")
INK, DARK_INK = "#3d3a34", "#c9c5bc"
FONTS = ["DejaVu Sans", "Noto Sans CJK SC", "Noto Sans CJK JP"]
OTHER = "other"
KNOWN = {"funding": 0, "bond": 1}  # as the pages colour them
KINDS = {"svg": "image/svg+xml", "png": "image/png", "csv": "text/csv; charset=utf-8"}
_drawing = threading.Lock()  # matplotlib's text is not made for threads


@dataclass(frozen=True, slots=True)
class Chart:
    """Figures of one chart: a row for each label, a value for each series; dollars."""

    title: str
    form: str  # stacked | bars
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]

    @property
    def empty(self) -> bool:
        """Tell whether there is nothing to draw."""
        return not any(value for _, values in self.series for value in values)


def folded(
    rows: Sequence[tuple[str, str, float]], labels: Sequence[str], most: int = 6
) -> tuple[tuple[str, tuple[float, ...]], ...]:
    """Return (label, key, value) rows as series; the largest keys keep their names."""
    sums: dict[str, float] = {}
    for _, key, value in rows:
        sums[key] = sums.get(key, 0.0) + value
    top = [key for key, _ in sorted(sums.items(), key=lambda one: (-one[1], one[0]))[:most]]
    names = [*top, OTHER] if len(sums) > most else top
    place = {label: n for n, label in enumerate(labels)}
    found = {name: [0.0] * len(labels) for name in names}
    for label, key, value in rows:
        if label in place:
            found[key if key in top else OTHER][place[label]] += value
    return tuple((name, tuple(values)) for name, values in found.items())


def table(chart: Chart) -> str:
    """Return a chart's figures as CSV that no spreadsheet runs."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["", *(cell(name) for name, _ in chart.series)])
    for n, label in enumerate(chart.labels):
        writer.writerow([cell(label), *(f"{values[n]:.0f}" for _, values in chart.series)])
    return out.getvalue()


@lru_cache(maxsize=128)
def draw(chart: Chart, kind: str, *, dark: bool = False) -> bytes:
    """Return a chart as `svg` or `png`."""
    with _drawing, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a glyph that no font here has is drawn as a box
        return _drawn(chart, kind, dark)


def _drawn(chart: Chart, kind: str, dark: bool) -> bytes:
    from matplotlib import rc_context
    from matplotlib.figure import Figure

    style: Any = {  # matplotlib lists every key in its type
        "svg.fonttype": "none",
        "svg.hashsalt": "raisewire",
        "font.family": FONTS,
        "font.size": 9,
        "text.parse_math": False,
    }
    with rc_context(style):
        height = 2.6 if chart.form == "stacked" else max(1.2, 0.3 * len(chart.labels) + 0.5)
        figure = Figure(figsize=(7.6, height), layout="constrained")
        axes = figure.add_subplot()
        colours, ink = (DARK_TINTS, DARK_INK) if dark else (TINTS, INK)
        (_stack if chart.form == "stacked" else _bars)(axes, chart, colours)
        _quiet(axes, ink, chart)
        return _written(figure, kind, dark)


def _stack(axes: Axes, chart: Chart, colours: Sequence[str]) -> None:
    places, base = range(len(chart.labels)), [0.0] * len(chart.labels)
    for n, (name, values) in enumerate(chart.series):
        tall = [value / 1e6 for value in values]
        tint = colours[KNOWN.get(name, n % len(colours))]
        axes.bar(places, tall, 0.78, base, color=tint, label=one_line(name, 30))
        base = [low + high for low, high in zip(base, tall, strict=True)]
    step = max(1, len(chart.labels) // 9)
    shown = list(places)[::step]
    axes.set_xticks(shown, [chart.labels[place] for place in shown])
    axes.yaxis.set_major_formatter(_millions)
    if len(chart.series) > 1:
        axes.legend(frameon=False, ncols=min(len(chart.series), 7), loc="lower left",
                    bbox_to_anchor=(-0.01, 1.0), handlelength=0.9, columnspacing=1.2)  # fmt: skip


def _bars(axes: Axes, chart: Chart, colours: Sequence[str]) -> None:
    labels = [one_line(label, 34) for label in chart.labels]
    values = [value / 1e6 for value in chart.series[0][1]] if chart.series else []
    bars = axes.barh(range(len(labels)), values, 0.68, color=colours[0])
    axes.set_yticks(range(len(labels)), labels)
    axes.invert_yaxis()
    axes.bar_label(bars, [_millions(value, 0) for value in values], padding=4)
    axes.set_xticks([])
    axes.margins(x=0.12)


def _millions(value: float, _place: float) -> str:
    return f"{value / 1000:,.1f}bn" if value >= 1000 else f"{value:,.0f}m"


def _quiet(axes: Axes, ink: str, chart: Chart) -> None:
    for name, spine in axes.spines.items():
        spine.set_visible(name == ("bottom" if chart.form == "stacked" else "left"))
        spine.set_color(ink)
        spine.set_alpha(0.4)
    axes.tick_params(colors=ink, length=0)
    if chart.form == "stacked":
        axes.grid(axis="y", color=ink, alpha=0.14, linewidth=0.7)
        axes.set_axisbelow(True)
    legend = axes.get_legend()
    for text in [*axes.texts, *(legend.get_texts() if legend else [])]:
        text.set_color(ink)


def _written(figure: Figure, kind: str, dark: bool) -> bytes:
    out = io.BytesIO()
    plain = {"Date": None} if kind == "svg" else {}
    ground = (
        {"facecolor": "#17181c" if dark else "white"} if kind == "png" else {"transparent": True}
    )
    figure.savefig(out, format=kind, dpi=160, metadata=plain, **ground)
    return out.getvalue()
