"""How far a deal is: rumoured, planned, announced, priced, completed, withdrawn or denied."""

from __future__ import annotations

from crawler.classify.cues import Cue
from crawler.classify.reading import Line, Reading, commas
from crawler.types import DealType, Status

DENIED = "denied"
# Ties go to the more careful word; an end of the deal outweighs its beginning.
_BIAS = {
    DENIED: 0.35,
    Status.WITHDRAWN: 0.45,
    Status.RUMOURED: 0.4,
    Status.PLANNED: 0.15,
    Status.ANNOUNCED: 0.0,
    Status.PRICED: 0.1,
    Status.COMPLETED: 0.05,
}


def _weight(cue: Cue, head: tuple[int, int], line: Line, reading: Reading) -> float:
    """Return how much a status word says about a head in the same line."""
    left, right = (cue.end, head[0]) if cue.end <= head[0] else (head[1], cue.start)
    if right <= left:
        return 1.1
    between = reading.text[left:right]
    unit = 110 if reading.spaced else 35
    walls = len(line.walls(left, right))
    return 1.1 - 0.8 * min(len(between) / unit, 1.5) - 0.25 * walls - 0.1 * commas(between)


def scores(line: Line, head: Cue | None, reading: Reading) -> dict[str, float]:
    """Return the evidence in a line for each status of the deal its head names."""
    span = (head.start, head.end) if head else (line.sentence.start, line.sentence.start)
    found: dict[str, float] = {}
    for cue in line.cues:
        if cue.kind == "status" or (cue.kind in {"raise", "invest", "issue"} and cue.means):
            own = 0.35 if head is not None and cue == head else 0.0
            weight = _weight(cue, span, line, reading) + own
            found[cue.means] = max(found.get(cue.means, 0.0), weight)
    if head is not None and head.kind in {"raise", "invest"} and not head.means:
        found[Status.ANNOUNCED] = max(found.get(Status.ANNOUNCED, 0.0), 0.9)
    return found


def decide(found: dict[str, float], kind: DealType) -> str:
    """Return the likeliest status; without evidence a deal is announced."""
    best, score = str(Status.ANNOUNCED), 0.55
    for status, weight in found.items():
        value = weight + _BIAS.get(status, 0.0)
        if value > score and weight > 0.25:
            best, score = status, value
    if kind is DealType.FUNDING and best == Status.PRICED:
        return str(Status.ANNOUNCED)
    return best


_NAMING = ("raise", "issue", "funding", "round", "bond")
_TOP = 4  # lines whose words speak for the article


def _naming(line: Line) -> Cue | None:
    return next((c for c in line.cues if c.kind in _NAMING), None)


def signs(line: Line, head: Cue, kind: DealType, reading: Reading) -> dict[str, float]:
    """Return what speaks for each status: in the line itself, the title, and under it."""
    found = {f"own {k}": v for k, v in scores(line, head, reading).items()}
    for other in reading.lines[:_TOP]:
        place = "title" if other.sentence.title else "top"
        named = _naming(other)
        if named is not None or other.sentence.title:
            for means, value in scores(other, named, reading).items():
                sign = f"{place} {means}"
                found[sign] = max(found.get(sign, 0.0), value)
    found[f"head {head.means or head.kind}"] = 1.0
    if kind is DealType.BOND:
        found |= {f"bond {name}": value for name, value in found.items() if name[:4] != "top "}
        found["bond"] = 1.0
    return found
