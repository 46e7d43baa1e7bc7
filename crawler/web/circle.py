"""Who stands around a deal, laid out for a drawing: leads left, investors right, banks below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crawler.types import Event

MOST = 9  # names on one side; the rest are in the table
STEP, TOP, WIDTH, MIDDLE = 30, 34, 720, 360
_LEFT, _RIGHT = 218, 502
_LONGEST = 30  # characters of a name that fit


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A name at its place, with the line that leads to the company."""

    name: str
    shown: str
    role: str
    x: int
    y: int
    anchor: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Drawing:
    """The whole picture; `left` counts the names that found no place."""

    width: int
    height: int
    x: int
    y: int
    nodes: tuple[Node, ...]
    left: int


def drawing(event: Event) -> Drawing | None:
    """Return who invested with whom in this deal; None if nobody is named."""
    leads = event.lead_investors
    others = [name for name in event.investors if name not in set(leads)]
    right, role = (others, "investor") if others or not event.bookrunners else (
        event.bookrunners, "bookrunner"
    )  # fmt: skip
    if not leads and not right:
        return None
    rows = max(min(len(leads), MOST), min(len(right), MOST), 1)
    height = TOP + rows * STEP + 10
    centre = TOP + (rows * STEP - STEP) // 2
    nodes = (
        *_side(leads, "lead", _LEFT, "end", centre),
        *_side(right, role, _RIGHT, "start", centre),
    )
    left = max(len(leads) - MOST, 0) + max(len(right) - MOST, 0)
    return Drawing(width=WIDTH, height=height, x=MIDDLE, y=centre, nodes=nodes, left=left)


def _side(names: Sequence[str], role: str, x: int, anchor: str, centre: int) -> list[Node]:
    shown = names[:MOST]
    first = centre - (len(shown) - 1) * STEP // 2
    return [_node(name, role, x, first + n * STEP, anchor, centre) for n, name in enumerate(shown)]


def _node(name: str, role: str, x: int, y: int, anchor: str, centre: int) -> Node:  # noqa: PLR0913, PLR0917 - a place
    inward = 8 if anchor == "end" else -8
    start, end = x + inward, MIDDLE + (-66 if anchor == "end" else 66)
    bend = (start + end) // 2
    return Node(
        name=name,
        shown=name if len(name) <= _LONGEST else name[: _LONGEST - 1] + "…",
        role=role,
        x=x,
        y=y,
        anchor=anchor,
        path=f"M{start} {y}C{bend} {y} {bend} {centre} {end} {centre}",
    )
