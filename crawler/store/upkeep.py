"""Housekeeping: what may be forgotten, how much there is, who leads, small facts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, delete, func, select, update

from crawler.store import tables as t
from crawler.store.letters import State
from crawler.store.sql import insert, upsert


def counts(conn: Connection) -> dict[str, int]:
    """Return how many rows the tables have that people ask about."""
    tables = (t.source, t.page, t.article, t.report, t.deal, t.outbox, t.archive)
    found = {
        table.name: conn.scalar(select(func.count()).select_from(table)) or 0 for table in tables
    }
    states = select(t.page.c.state, func.count()).group_by(t.page.c.state)
    return found | {f"page.{state}": number for state, number in conn.execute(states)}


def purge(  # noqa: PLR0913 - a policy has this many parts
    conn: Connection,
    before: datetime,
    now: datetime,
    *,
    source: str | None = None,
    archived_before: datetime | None = None,
    limit: int = 1000,
) -> dict[str, int]:
    """
    Forget article bodies seen before `before`, and raw pages kept before `archived_before`.

    Address, title, events and evidence stay. At most `limit` bodies at a time, so that
    nobody waits long; call again until `articles` is 0.
    """
    c = t.article.c
    old = select(c.id).where(c.seen_at < before, c.purged_at.is_(None)).limit(limit)
    if source is not None:
        old = old.where(c.source == source)
    ids = list(conn.scalars(old))
    past = t.article_revision.c.article_id.in_(ids)
    conn.execute(update(t.article_revision).where(past).values(text=""))
    conn.execute(update(t.article).where(c.id.in_(ids)).values(text="", purged_at=now))
    raw = delete(t.archive).where(t.archive.c.at < (archived_before or before))
    return {"articles": len(ids), "archive": conn.execute(raw).rowcount}


def purge_alerts(conn: Connection, before: datetime) -> int:
    """Forget delivered and suppressed alerts that no deal's thread needs any more."""
    over = (State.DELIVERED.value, State.SUPPRESSED.value)
    old = delete(t.outbox).where(t.outbox.c.ended < before, t.outbox.c.state.in_(over))
    return conn.execute(old).rowcount


def take_lead(
    conn: Connection, name: str, owner: str, now: datetime, lease: timedelta
) -> int | None:
    """
    Become, or remain, the only one who does `name`; None if somebody else is.

    The number returned grows with every change of hands: who holds an older one has lost.
    """
    c = t.singleton.c
    row = {"name": name, "owner": owner, "token": 1, "until": now + lease}
    taken = insert(conn, t.singleton).values(row)
    new = {"owner": owner, "until": now + lease, "token": c.token + 1}
    free = (c.owner == owner) | (c.until <= now)
    kept = update(t.singleton).where(c.name == name, c.owner == owner, c.until > now)
    if conn.execute(kept.values(until=now + lease)).rowcount == 1:
        return conn.scalar(select(c.token).where(c.name == name))
    taken = taken.on_conflict_do_update(index_elements=["name"], set_=new, where=free)
    token: int | None = conn.scalar(taken.returning(c.token))
    return token


def leads(conn: Connection, name: str, token: int) -> bool:
    """Tell whether `token` is still the latest; ask inside the transaction that relies on it."""
    c = t.singleton.c
    return conn.scalar(select(c.token).where(c.name == name)) == token


def leaders(conn: Connection) -> list[tuple[str, str, datetime]]:
    """Return who leads in what, and until when unless they renew it."""
    c = t.singleton.c
    rows = conn.execute(select(c.name, c.owner, c.until).order_by(c.name))
    return [(row.name, row.owner, row.until) for row in rows]


def give_up_lead(conn: Connection, name: str, owner: str, now: datetime) -> None:
    """Let somebody else lead at once."""
    mine = update(t.singleton).where(t.singleton.c.name == name, t.singleton.c.owner == owner)
    conn.execute(mine.values(until=now))


def keep_fact(conn: Connection, key: str, value: object, now: datetime) -> None:
    """Keep a small JSON value: the last heartbeat, how far a long import has come."""
    upsert(conn, t.fact, {"key": key, "value": value, "at": now}, ("key",))


def fact(conn: Connection, key: str) -> Any:  # noqa: ANN401 - JSON
    """Return a kept value, or None."""
    return conn.scalar(select(t.fact.c.value).where(t.fact.c.key == key))


def facts(conn: Connection, prefix: str) -> Mapping[str, Any]:
    """Return the kept values whose key begins with `prefix`."""
    column = t.fact.c.key
    query = select(t.fact.c.key, t.fact.c.value)
    rows = conn.execute(query.where(column.startswith(prefix, autoescape=True)).order_by(column))
    return {row.key: row.value for row in rows}
