"""How a source is doing, in one word and one plain line. Pure; the words are for operators."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from crawler.types import Outcome, PollState, Source

STALE = 10  # times its usual pace without anything new
LEAST = timedelta(days=1)  # and never before a day has passed
UNKNOWN = timedelta(days=30)  # stale where no pace is known
LATE = timedelta(hours=1)

_GOOD = frozenset({Outcome.OK, Outcome.UNCHANGED})


class Health(NamedTuple):
    """`word` is an outcome, or well, new, off, late, gap, stale or moved."""

    word: str
    line: str


def health(
    source: Source, state: PollState, now: datetime, *, pace: timedelta | None, gaps: int = 0
) -> Health:
    """
    Return how `source` is doing.

    `pace` is the usual time between two new items, `gaps` how many are not filled yet.
    """
    if not source.enabled:
        return Health("off", "switched off in the config")
    if state.last_outcome is None:
        return Health("new", "not polled yet")
    if state.last_outcome not in _GOOD:
        return Health(state.last_outcome.value, _trouble(state, now))
    return _silence(source, state, now, pace, gaps)


def _trouble(state: PollState, now: datetime) -> str:
    said = state.last_message or state.last_outcome or ""
    if state.last_outcome is Outcome.EMPTY:
        return f"{said}; it answers, and holds nothing"
    if state.last_success is None:
        return f"{said}; it has never answered well"
    return f"{said}; no good answer for {span(now - state.last_success)}"


def _silence(
    source: Source, state: PollState, now: datetime, pace: timedelta | None, gaps: int
) -> Health:
    late = now - state.next_poll_at if state.next_poll_at else timedelta()
    if late > max(LATE, 4 * source.every):
        return Health(
            "late", f"its poll is due for {span(late)}: no daemon runs, or its host waits"
        )
    if gaps:
        return Health("gap", f"{gaps} times more was published than it shows; not all could be had")
    quiet = now - state.last_new_entry if state.last_new_entry else timedelta()
    if quiet > (max(STALE * pace, LEAST) if pace else UNKNOWN):
        usual = f", usually every {span(pace)}" if pace else ""
        return Health("stale", f"nothing new for {span(quiet)}{usual}")
    if state.moved_to:
        return Health("moved", f"for good, to {state.moved_to}: write that into the config")
    return Health("well", state.last_message)


def span(length: timedelta) -> str:
    """Return a length of time in its largest unit: `3 d`, `5 h`, `20 min`."""
    for unit, size in (("d", 86_400), ("h", 3_600), ("min", 60)):
        if length.total_seconds() >= size:
            return f"{length.total_seconds() / size:.0f} {unit}"
    return f"{max(0, length.total_seconds()):.0f} s"
