"""When the clock is set back, what waits for a time comes along with it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Column, ColumnElement, Connection, select, update

from crawler.store import tables as t


def back(conn: Connection, now: datetime, by: timedelta) -> int:
    """
    Move every future instant that something waits for back by `by`; return how many.

    An alert that was never tried waits for an hour of the day (quiet hours, a digest), which
    the clock has right by now: it stays.
    """
    waits = (
        t.source.c.due_at,
        t.source.c.next_poll_at,
        t.source.c.lease_until,
        t.page.c.due_at,
        t.page.c.lease_until,
        t.host.c.not_before,
        t.host.c.free_at,
        t.channel.c.held_until,
    )
    tried = t.outbox.c.attempts > 0
    retries = (t.outbox.c.due_at, t.outbox.c.lease_until)
    moved = sum(_earlier(conn, column, now, by) for column in waits)
    return moved + sum(_earlier(conn, column, now, by, tried) for column in retries)


def _earlier(
    conn: Connection,
    column: Column[datetime],
    now: datetime,
    by: timedelta,
    where: ColumnElement[bool] | None = None,
) -> int:
    table = column.table
    (key,) = table.primary_key.columns
    later = select(key, column).where(column > now)
    rows = conn.execute(later if where is None else later.where(where)).all()
    for ident, instant in rows:
        moved = update(table).where(key == ident).values({column.name: max(instant - by, now)})
        conn.execute(moved)
    return len(rows)
