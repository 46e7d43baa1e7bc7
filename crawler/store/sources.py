"""Sources and what is remembered of them between two polls."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row, bindparam, case, null, select, update
from sqlalchemy.sql.elements import ColumnElement

from crawler.store import tables as t
from crawler.store.hosts import host_of, know_hosts
from crawler.store.sql import missing, parts
from crawler.types import Outcome, PollResult, PollState, Source, SourceClass
from crawler.wire import plain

_STATE = tuple(field.name for field in fields(PollState))
CONFIRMED = 5  # equal permanent redirects, one poll after another, until they are believed


def sync_sources(conn: Connection, sources: Sequence[Source], now: datetime) -> None:
    """
    Make the table say what config and catalogue say, and keep what polls have taught.

    A source that is no longer there is disabled, never deleted: its articles name it.
    Sources added in the database (origin `database`) are left alone unless named here.
    """
    know_hosts(conn, {host_of(source.url) for source in sources})
    there = {row.id: row for row in conn.execute(select(t.source))}
    new = [source for source in sources if source.id not in there]
    if new:
        conn.execute(t.source.insert(), [_config(source) | _first(source, now) for source in new])
    for source in sources:
        found = there.get(source.id)
        if found is not None and _differs(found, source):
            _rewrite(conn, found, source)
    named = {source.id for source in sources}
    gone = [row.id for row in there.values() if _left(row, named)]
    for some in parts(gone):
        set_enabled(conn, some, enabled=False)


def _differs(row: Row[Any], source: Source) -> bool:
    values = _config(source)
    del values["host"]  # that of a source that has moved is another
    return any(getattr(row, name) != value for name, value in values.items())


def _left(row: Row[Any], named: Collection[str]) -> bool:
    return row.id not in named and row.origin != "database" and row.enabled


def _first(source: Source, now: datetime) -> dict[str, Any]:
    return {"added_at": now, "due_at": now if source.enabled else None}


def _config(source: Source) -> dict[str, Any]:
    """Return the columns that config decides."""
    return {
        "id": source.id,
        "kind": source.kind,
        "url": source.url,
        "host": host_of(source.url),
        "every": source.every,
        "name": source.name,
        "language": source.language,
        "group_name": source.group,
        "country": source.country,
        "source_class": source.source_class.value,
        "enabled": source.enabled,
        "origin": source.origin,
        "allow_private": list(source.allow_private),
        "options": dict(source.options),
    }


def _rewrite(conn: Connection, found: Row[Any], source: Source) -> None:
    """Take over a changed line of config; at another address nothing learned holds."""
    values = _config(source)
    if found.url == source.url:
        del values["host"]
    else:
        values |= _forgotten()
    conn.execute(update(t.source).where(t.source.c.id == source.id).values(values))
    if found.enabled != source.enabled or found.url != source.url:
        set_enabled(conn, [source.id], enabled=source.enabled)


def _forgotten() -> dict[str, Any]:
    names = ("etag", "last_modified", "body_hash", "moved_to", "unconditional_at", "next_poll_at")
    return dict.fromkeys(names) | {"moved_count": 0, "hash_mode": False, "polls": 0}


def due_again() -> ColumnElement[Any]:
    """Return when a source that nobody holds may be polled: NULL never, the past at once."""
    never_polled = t.source.c.added_at
    when = case((t.source.c.next_poll_at.is_not(None), t.source.c.next_poll_at), else_=never_polled)
    return case((t.source.c.enabled.is_(True), when), else_=null())


def set_enabled(conn: Connection, ids: Sequence[str], *, enabled: bool) -> None:
    """Switch sources on or off; a source that is being polled finishes its poll."""
    switched = update(t.source).where(t.source.c.id.in_(ids)).values(enabled=enabled)
    conn.execute(switched)
    free = update(t.source).where(t.source.c.id.in_(ids), t.source.c.lease_token.is_(None))
    conn.execute(free.values(due_at=due_again()))


def source_of(row: Row[Any]) -> Source:
    """Return a row as the noun."""
    return Source(
        id=row.id,
        kind=row.kind,
        url=row.url,
        every=row.every,
        name=row.name,
        language=row.language,
        group=row.group_name,
        country=row.country,
        source_class=SourceClass(row.source_class),
        enabled=row.enabled,
        origin=row.origin,
        allow_private=tuple(row.allow_private),
        options=row.options,
    )


def state_of(row: Row[Any]) -> PollState:
    """Return what a row remembers."""
    values = {name: getattr(row, name) for name in _STATE}
    outcome = values.pop("last_outcome")
    return PollState(last_outcome=Outcome(outcome) if outcome else None, **values)


def sources(conn: Connection) -> list[tuple[Source, PollState]]:
    """Return every source with its state, by id."""
    rows = conn.execute(select(t.source).order_by(t.source.c.id))
    return [(source_of(row), state_of(row)) for row in rows]


def by_id(conn: Connection, ids: Collection[str]) -> dict[str, Source]:
    """Return the named sources that exist."""
    query = select(t.source).where(t.source.c.id.in_(bindparam("ids", expanding=True)))
    return {
        row.id: source_of(row)
        for some in parts(sorted(ids))
        for row in conn.execute(query, {"ids": some})
    }


def where_now(source: Source, state: PollState) -> Source:
    """Return a source at the address it has moved to, once that is certain."""
    moved = state.moved_to is not None and state.moved_count >= CONFIRMED
    return replace(source, url=state.moved_to) if moved and state.moved_to else source


def after(
    state: PollState,
    result: PollResult,
    known: int,
    next_poll_at: datetime,
    interval: timedelta | None = None,
) -> PollState:
    """
    Return what to remember after a poll that found `known` of its entries known.

    `interval` is the pace learned from it; None leaves the one there is.
    """
    seen = replace(
        state,
        next_poll_at=next_poll_at,
        interval=interval or state.interval,
        last_outcome=result.outcome,
        last_message=result.message,
        last_polled=result.at,
        hash_mode=state.hash_mode or result.lied,
        **_moved(state, result),
    )
    if not result.outcome.is_good:
        failures = state.failures + result.outcome.weight
        return replace(seen, failures=failures, unconditional_at=_checked(state, result))
    return _well(seen, result, known)


def _checked(state: PollState, result: PollResult) -> datetime | None:
    """Return when the server was last asked without validators, whatever it answered."""
    asked = not result.conditional and (result.status is not None or result.outcome.is_good)
    return result.at if asked else state.unconditional_at


def _moved(state: PollState, result: PollResult) -> dict[str, Any]:
    """Count equal moves; a dead end is no move, and a new address that dies is left again."""
    stay = {"moved_to": None, "moved_count": 0}
    if state.moved_to is not None and result.poll.source.url == state.moved_to:
        if result.moved_to is None:
            return stay if result.outcome in {Outcome.GONE, Outcome.DEAD} else {}
    elif result.moved_to is None:
        return stay if result.outcome.is_good else {}
    if not result.outcome.is_good:
        return {}
    again = state.moved_count if result.moved_to == state.moved_to else 0
    return {"moved_to": result.moved_to, "moved_count": again + 1}


def _well(state: PollState, result: PollResult, known: int) -> PollState:
    fresh = result.outcome is not Outcome.UNCHANGED
    count = len(result.entries)
    share = known / count if count else None
    return replace(
        state,
        polls=state.polls + 1,
        failures=0.0,
        last_success=result.at,
        etag=result.etag if fresh else result.etag or state.etag,
        last_modified=result.last_modified
        if fresh
        else result.last_modified or state.last_modified,
        body_hash=result.body_hash if fresh else result.body_hash or state.body_hash,
        unconditional_at=_checked(state, result),
        patience=result.min_interval if fresh else result.min_interval or state.patience,
        last_new_entry=result.at if count > known else state.last_new_entry,
        overlap=state.overlap if share is None else share,
        gaps=state.gaps + state.shows_gap(share),
    )


def remember(conn: Connection, source_id: str, token: str, state: PollState) -> bool:
    """Store `state` and end the lease; False if the lease is no longer `token`'s."""
    values: Mapping[str, Any] = {name: getattr(state, name) for name in _STATE}
    ours = (t.source.c.id == source_id, t.source.c.lease_token == token)
    kept = update(t.source).where(*ours).values(values)
    if conn.execute(kept.values(last_outcome=plain(state.last_outcome))).rowcount != 1:
        return False
    free = {"polled_by": t.source.c.lease_owner, "due_at": due_again()} | free_lease()
    conn.execute(update(t.source).where(*ours).values(free))
    return True


def rehouse(conn: Connection, source_id: str) -> None:
    """File a source under the host that is really asked for it: hosts are what is leased."""
    row = conn.execute(select(t.source).where(t.source.c.id == source_id)).one()
    host = host_of(where_now(source_of(row), state_of(row)).url)
    know_hosts(conn, [host])
    conn.execute(update(t.source).where(t.source.c.id == source_id).values(host=host))


def free_lease() -> dict[str, Any]:
    """Return the values of a lease that nobody holds."""
    return dict.fromkeys(("lease_token", "lease_owner", "lease_until"))


def add_source(conn: Connection, source: Source, now: datetime) -> bool:
    """Add a source of the database's own; False if the id is taken."""
    row = _config(replace(source, origin="database")) | _first(source, now)
    know_hosts(conn, [row["host"]])
    made = missing(conn, t.source, ("id",)).values(row).returning(t.source.c.id)
    return conn.execute(made).first() is not None


def make_due(conn: Connection, ids: Sequence[str], now: datetime) -> None:
    """Let the named sources be polled at once, if enabled and not being polled already."""
    free = update(t.source).where(t.source.c.id.in_(ids), t.source.c.due_at > now)
    conn.execute(free.where(t.source.c.lease_token.is_(None)).values(due_at=now))


def pause(conn: Connection, source_id: str, until: datetime | None, now: datetime) -> None:
    """Poll a source no sooner than `until`; None ends the pause."""
    row = update(t.source).where(t.source.c.id == source_id, t.source.c.enabled.is_(True))
    free = row.where(t.source.c.lease_token.is_(None))
    conn.execute(free.values(next_poll_at=until or now, due_at=until or now))
    conn.execute(row.values(paused_until=until))


def keep_interval(conn: Connection, source_id: str, state: PollState) -> None:
    """Store what an operator or the learner decided about a source's rhythm."""
    row = update(t.source).where(t.source.c.id == source_id)
    conn.execute(row.values(interval=state.interval, hash_mode=state.hash_mode))
