"""
What is remembered of hosts: who may ask them when, and their robots.txt.

One process asks a host at a time. Who that is stands in the leases of sources and pages;
between two processes the pause of the host holds, by the database's own clock.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from sqlalchemy import ColumnElement, CompoundSelect, Connection, func, or_, select, union, update

from crawler.store import tables as t
from crawler.store.sql import missing, parts, upsert
from crawler.types import Robots

_DEFAULT_PORTS = {"http": 80, "https": 443}
NO_PAUSE = timedelta(0)


def host_of(url: str) -> str:
    """Return `host` or, for a port of its own, `host:port` of a URL; lower case."""
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    return name if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{port}"


# --- who may ask --------------------------------------------------------------------


def lease_hosts(
    conn: Connection,
    names: Collection[str],
    owner: str,
    now: datetime,
    *,
    span: timedelta | None = None,
) -> set[str]:
    """
    Return which of `names` are `owner`'s to ask, and lock them until the transaction ends.

    Take sources or pages of a host in the same transaction: their leases keep others away
    from it from then on. Work that has no lease of its own names a `span` instead, by the
    database's clock; `asked` ends it sooner.
    """
    if not names:
        return set()
    know_hosts(conn, names)
    at = clock(conn, now)
    free: set[str] = set()
    for some in parts(sorted(names)):
        query = select(t.host.c.name).where(t.host.c.name.in_(some), is_free(owner, now, at))
        locked = list(conn.scalars(query.order_by(t.host.c.name).with_for_update(skip_locked=True)))
        # Another may have taken a host and committed just before our lock: look once more.
        late = t.host.c.name.in_(asked_by_others(owner, now))
        lost = conn.scalars(select(t.host.c.name).where(t.host.c.name.in_(locked), late))
        free.update(set(locked) - set(lost))
    if span is not None:
        ours = update(t.host).where(t.host.c.name.in_(free))
        conn.execute(ours.values(asked_by=owner, free_at=at + span))
    return free


def is_free(owner: str, now: datetime, at: datetime) -> ColumnElement[bool]:
    """Return whether a host's row lets `owner` ask; `at` is what the database's clock says."""
    h = t.host.c
    mine = or_(h.asked_by.is_(None), h.asked_by == owner, h.free_at.is_(None), h.free_at <= at)
    return or_(h.not_before.is_(None), h.not_before <= now) & mine


def asked_by_others(owner: str, now: datetime) -> CompoundSelect[tuple[str]]:
    """Select the hosts of which another process has work out."""
    return union(
        *(
            select(table.c.host).where(
                table.c.lease_owner.is_not(None),
                table.c.lease_owner != owner,
                table.c.lease_until > now,
            )
            for table in (t.source, t.page)
        )
    )


def asked(
    conn: Connection, names: Collection[str], owner: str, pause: timedelta, now: datetime
) -> None:
    """Note that `owner` has just asked these hosts: others wait `pause`, or as robots.txt says."""
    at = clock(conn, now)
    found = select(t.host.c.name, t.host.c.delay).where(t.host.c.name.in_(names))
    for name, delay in conn.execute(found.order_by(t.host.c.name)).all():
        wait = max(pause, delay or NO_PAUSE)
        row = update(t.host).where(t.host.c.name == name)
        conn.execute(row.values(asked_by=owner, free_at=at + wait))


def know_hosts(conn: Connection, names: Collection[str]) -> None:
    """Give every host a row: it is what is locked."""
    for some in parts(sorted(names)):
        there = set(conn.scalars(select(t.host.c.name).where(t.host.c.name.in_(some))))
        if fresh := [{"name": name} for name in some if name not in there]:
            conn.execute(missing(conn, t.host, ("name",)), fresh)


def clock(conn: Connection, now: datetime) -> datetime:
    """Return the time by the clock that all processes share: a PostgreSQL server's own."""
    if conn.dialect.name == "sqlite":
        return now
    return conn.scalar(select(func.clock_timestamp())) or now


# --- pauses and robots.txt ----------------------------------------------------------


def hold_host(conn: Connection, host: str, until: datetime, reason: str) -> None:
    """Give out no work for `host` (as `host_of` names it) before `until`; never shortens."""
    name = host_of(f"//{host}")
    held = conn.scalar(select(t.host.c.not_before).where(t.host.c.name == name))
    if held is None or held < until:
        upsert(conn, t.host, {"name": name, "not_before": until, "reason": reason}, ("name",))


def held_hosts(conn: Connection, now: datetime) -> dict[str, tuple[datetime, str]]:
    """Return the hosts that must not be asked now: until when, and why."""
    query = select(t.host.c.name, t.host.c.not_before, t.host.c.reason)
    return {
        row.name: (row.not_before, row.reason)
        for row in conn.execute(query.where(t.host.c.not_before > now))
    }


def robots(conn: Connection, origin: str) -> Robots | None:
    """Return the kept robots.txt of `scheme://host:port`, however old it is."""
    row = conn.execute(select(t.robots).where(t.robots.c.origin == origin)).first()
    return Robots(body=row.body, status=row.status, at=row.at) if row else None


def keep_robots(conn: Connection, origin: str, kept: Robots) -> None:
    """Keep a robots.txt over restarts, and the pause it asks for."""
    row = {"origin": origin, "body": kept.body, "status": kept.status, "at": kept.at}
    upsert(conn, t.robots, row, ("origin",))
    if kept.delay is not None:
        upsert(conn, t.host, {"name": host_of(origin), "delay": kept.delay}, ("name",))
