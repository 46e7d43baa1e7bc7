"""Who works at this database: a row of `fact` for each worker, renewed while it lives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, select, update

from crawler.store import leases
from crawler.store import tables as t
from crawler.store.upkeep import keep_fact

_PREFIX = "worker "  # and the name under which it leases
_f = t.fact.c


@dataclass(frozen=True, slots=True)
class Seen:
    """A worker as it was when it last said that it lives; `about` is what it says of itself."""

    owner: str
    at: datetime
    about: Mapping[str, Any]


def enrol(conn: Connection, owner: str, about: Mapping[str, Any], now: datetime) -> None:
    """Note that `owner` begins to work."""
    keep_fact(conn, _PREFIX + owner, dict(about), now)


def beat(conn: Connection, owner: str, about: Mapping[str, Any], now: datetime) -> bool:
    """Say that `owner` lives; False if it was given up, and its work is others' by now."""
    mine = update(t.fact).where(_f.key == _PREFIX + owner)
    return conn.execute(mine.values(value=dict(about), at=now)).rowcount == 1


def leave(conn: Connection, owner: str) -> None:
    """Note that `owner` works no more; it gives its leases back itself."""
    conn.execute(delete(t.fact).where(_f.key == _PREFIX + owner))


def seen(conn: Connection) -> list[Seen]:
    """Return every worker, the oldest first."""
    rows = conn.execute(select(_f.key, _f.at, _f.value).where(_f.key.startswith(_PREFIX)))
    found = [Seen(row.key.removeprefix(_PREFIX), row.at, row.value) for row in rows]
    return sorted(found, key=lambda one: (str(one.about.get("since")), one.owner))


def give_up(conn: Connection, since: datetime, now: datetime, *, pause: timedelta) -> list[str]:
    """Give back what workers had out that were not heard of `since`; return their names."""
    silent = [one.owner for one in seen(conn) if one.at < since]
    for owner in silent:
        leases.give_back(conn, owner, now, pause=pause)
        leave(conn, owner)
    return silent
