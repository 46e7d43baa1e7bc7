"""
Figures over all deals, worked out once a minute at most, behind the reader's back.

A league table over a year reads some hundred thousand rows; ten readers need one of it.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from threading import Lock, Thread
from typing import Any, TypeVar

from fastapi import Request

from crawler.errors import StoreError
from crawler.store import Connection, Store, browsing
from crawler.web.frame import house_of

T = TypeVar("T")
HOLDS = timedelta(minutes=1)
MOST = 200  # answers kept


@dataclass(frozen=True, slots=True)
class _Kept:
    change: int  # the latest revision that was there
    at: datetime
    value: Any


def remembered(
    request: Request, conn: Connection, key: Hashable, make: Callable[[Connection], T]
) -> T:
    """Return what `make` returned for `key`; what is old is made anew, for the next reader."""
    state = request.app.state
    if not hasattr(state, "memo"):
        state.memo, state.memo_lock = {}, Lock()
    house, change = house_of(request), browsing.last_change(conn)
    now, kept = house.clock(), state.memo.get(key)
    if kept is None:
        with state.memo_lock:
            kept = state.memo.get(key) or _keep(state.memo, key, _Kept(change, now, make(conn)))
    elif kept.change != change and now - kept.at >= HOLDS:
        state.memo[key] = _Kept(kept.change, now, kept.value)  # so that one makes it, not ten
        Thread(target=_renew, args=(house.store, state.memo, key, now, make), daemon=True).start()
    value: T = kept.value
    return value


def _keep(memo: dict[Hashable, _Kept], key: Hashable, kept: _Kept) -> _Kept:
    if len(memo) >= MOST:
        memo.clear()
    memo[key] = kept
    return kept


def _renew(
    store: Store,
    memo: dict[Hashable, _Kept],
    key: Hashable,
    now: datetime,
    make: Callable[[Connection], Any],
) -> None:
    with suppress(StoreError), store.read() as conn:  # away: the old figures stay
        _keep(memo, key, _Kept(browsing.last_change(conn), now, make(conn)))
