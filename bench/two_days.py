"""
Two days among some hundred publishers, on loopback and a clock that jumps; figures and a chart.

    python bench/two_days.py [--feeds 300] [--days 2] [--chart docs/figures/two_days.svg]
"""

from __future__ import annotations

import argparse
import asyncio
import logging
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fakes.lapse import Figures, simulate
from tests.fakes.world import TRAITS

WIDTH, HEIGHT, LEFT, TOP, ROW = 860, 400, 56, 40, 150
KINDS = (
    ("feed 304", "#8db7d8", "feed, not modified"),
    ("feed 200", "#2f6f9f", "feed, new content"),
    ("page", "#e0a33e", "page"),
    ("other", "#b5564a", "refused, moved, no answer"),
)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=300)
    parser.add_argument("--days", type=float, default=2.0)
    parser.add_argument("--chart", type=Path)
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    shm = Path("/dev/shm")
    began = time.monotonic()
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        figures = asyncio.run(simulate(Path(folder), given.feeds, given.days))
    report(figures, time.monotonic() - began)
    if given.chart:
        given.chart.parent.mkdir(parents=True, exist_ok=True)
        given.chart.write_text(chart(figures), encoding="utf-8")
    return 0 if good(figures) else 1


def good(figures: Figures) -> bool:
    """Tell whether every promise was kept."""
    return not figures.missed and not figures.early and not figures.altered and figures.bare <= 1


def report(figures: Figures, seconds: float) -> None:
    """Print the figures."""
    world = figures.world
    print(f"{world.count} feeds, {24 * world.days:g} simulated hours in {seconds:.0f} s")
    print(f"polls {figures.polls}, pages {figures.pages}; outcomes {figures.outcomes}")
    print(f"names that could not be had, by what the name server said: {figures.unnamed}")
    print(f"items published {figures.expected}, missed {len(figures.missed)}")
    print(f"early polls {figures.early}, altered validators {figures.altered}")
    print(f"unconditional fetches per honest feed and day: at most {figures.bare}")
    print(f"lying validators found out: {figures.caught} feeds, then compared by body")
    print(f"gaps {figures.gaps}, filled {figures.filled}; moves followed {figures.moved}")
    for one in world.publishers:
        if one.early or max(one.bare.values(), default=0) > 1:
            print(f"  s{one.number} {one.trait}: early {one.early}, bare {dict(one.bare)}")
    lost = Counter(TRAITS[int(url.split("/")[3]) % len(TRAITS)] for url in figures.missed)
    if lost:
        print(f"missed by character: {dict(lost)}; {figures.missed[:5]}")


def chart(figures: Figures) -> str:
    """Return requests per hour and the mean overlap as SVG."""
    hours = range(max(figures.world.hours) + 1)
    stacks = [_stack(figures.world.hours[hour]) for hour in hours]
    top = max(sum(stack) for stack in stacks)
    step = (WIDTH - LEFT - 16) / len(stacks)
    parts = [_text(LEFT, 20, "requests per hour", bold=True)]
    for hour, stack in enumerate(stacks):
        base = TOP + ROW
        for (_, colour, _), number in zip(KINDS, stack, strict=True):
            tall = ROW * number / top
            base -= tall
            parts.append(
                f'<rect x="{LEFT + hour * step:.1f}" y="{base:.1f}" width="{step - 1:.1f}" '
                f'height="{tall:.1f}" fill="{colour}"/>'
            )
    parts += [_text(8, TOP + 8, f"{top}"), _text(8, TOP + ROW, "0"), *_legend()]
    parts += _line(figures.overlap, step)
    body = "\n".join(parts)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'font-family="sans-serif" font-size="11" fill="#555">\n{body}\n</svg>\n'
    )


def _stack(seen: Counter[str]) -> list[int]:
    named = [seen[name] for name, _, _ in KINDS[:-1]]
    return [*named, sum(seen.values()) - sum(named)]


def _legend() -> list[str]:
    parts = []
    for place, (_, colour, name) in enumerate(KINDS):
        x = LEFT + 150 + 160 * place
        parts.append(f'<rect x="{x}" y="11" width="10" height="10" fill="{colour}"/>')
        parts.append(_text(x + 14, 20, name))
    return parts


def _line(values: list[float], step: float) -> list[str]:
    """Return the curve of the overlap below the bars."""
    top, tall = TOP + ROW + 60, 110
    points = " ".join(
        f"{LEFT + (hour + 0.5) * step:.1f},{top + tall * (1 - value):.1f}"
        for hour, value in enumerate(values)
    )
    return [
        _text(
            LEFT, top - 14, "mean share of a poll's entries that were known (overlap)", bold=True
        ),
        f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{top}" y2="{top}" stroke="#ddd"/>',
        f'<line x1="{LEFT}" x2="{WIDTH - 16}" y1="{top + tall}" y2="{top + tall}" stroke="#ddd"/>',
        _text(8, top + 4, "100 %"),
        _text(8, top + tall + 4, "0 %"),
        f'<polyline points="{points}" fill="none" stroke="#2f6f9f" stroke-width="2"/>',
        *(
            _text(LEFT + hour * step, top + tall + 20, f"{hour} h")
            for hour in range(0, len(values), 6)
        ),
    ]


def _text(x: float, y: float, words: str, *, bold: bool = False) -> str:
    weight = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:.1f}" y="{y:.1f}"{weight}>{words}</text>'


if __name__ == "__main__":
    sys.exit(main())
