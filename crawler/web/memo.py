"""
Figures over all deals, worked out once a minute at most, and not at all while nothing changes.

A league table over a year reads some hundred thousand rows; ten readers need one of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, TypeVar

from fastapi import Request

from crawler.store import Connection, browsing
from crawler.web.frame import house_of

T = TypeVar("T")
HOLDS = timedelta(minutes=1)
MOST = 200  # answers kept


@dataclass(frozen=True, slots=True)
class _Kept:
    change: int  # the latest revision that was there
    at: datetime
    value: Any


def remembered(request: Request, conn: Connection, key: Hashable, make: Callable[[], T]) -> T:
    """Return what `make` returned for `key` a moment ago, or makes now."""
    state = request.app.state
    if not hasattr(state, "memo"):
        state.memo, state.memo_lock = {}, Lock()
    now, change = house_of(request).clock(), browsing.last_change(conn)
    with state.memo_lock:
        kept: _Kept | None = state.memo.get(key)
        if kept is None or (kept.change != change and now - kept.at >= HOLDS):
            if len(state.memo) >= MOST:
                state.memo.clear()
            kept = state.memo[key] = _Kept(change, now, make())
    value: T = kept.value
    return value
