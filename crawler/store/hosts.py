"""What is remembered of hosts: who must not be asked before when, and their robots.txt."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlsplit

from sqlalchemy import Connection, select

from crawler.store import tables as t
from crawler.store.sql import upsert
from crawler.types import Robots

_DEFAULT_PORTS = {"http": 80, "https": 443}


def host_of(url: str) -> str:
    """Return `host` or, for a port of its own, `host:port` of a URL; lower case."""
    try:
        parts = urlsplit(url)
        name, port = (parts.hostname or "").rstrip("."), parts.port
    except ValueError:
        return ""
    return name if port in (None, _DEFAULT_PORTS.get(parts.scheme)) else f"{name}:{port}"


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
    """Keep a robots.txt over restarts."""
    row = {"origin": origin, "body": kept.body, "status": kept.status, "at": kept.at}
    upsert(conn, t.robots, row, ("origin",))
