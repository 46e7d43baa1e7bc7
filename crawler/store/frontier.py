"""
What is to be fetched: polls of sources and pages behind their entries.

Work is leased: `take_due` hands it out with a token and an end, and whoever brings it back
with another token (its lease ended, somebody else has it) changes nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    Connection,
    Row,
    Select,
    bindparam,
    func,
    or_,
    select,
    text,
    true,
    update,
)

from crawler.store import observed
from crawler.store import tables as t
from crawler.store.columns import Instant
from crawler.store.hosts import (
    NO_PAUSE,
    asked,
    asked_by_others,
    clock,
    held_hosts,
    hold_host,
    host_of,
    is_free,
    keep_robots,
    know_hosts,
    lease_hosts,
    robots,
)
from crawler.store.pages import StoredPage, forget_pages, paces, pages, requeue_pages
from crawler.store.sources import (
    add_source,
    after,
    by_id,
    due_again,
    free_lease,
    make_due,
    pause,
    rehouse,
    remember,
    set_enabled,
    source_of,
    sources,
    state_of,
    sync_sources,
    where_now,
)
from crawler.store.sql import missing, parts
from crawler.types import Entry, Failure, Fetch, Outcome, Poll, PollResult, Source
from crawler.wire import load, plain

__all__ = [
    "Keyed",
    "StoredPage",
    "add_source",
    "asked",
    "finish_poll",
    "forget_pages",
    "held_hosts",
    "hold_host",
    "host_of",
    "keep_robots",
    "lease_hosts",
    "make_due",
    "outstanding",
    "paces",
    "page_done",
    "page_failed",
    "pages",
    "pause",
    "queue_pages",
    "release",
    "requeue_pages",
    "robots",
    "set_enabled",
    "sources",
    "sync_sources",
    "take_due",
    "unknown",
]

Keyed = tuple[str, Entry]  # the canonical key of an entry's URL, and the entry


# --- taking -------------------------------------------------------------------------


def take_due(  # noqa: PLR0913 - every one is a decision of the caller
    conn: Connection,
    now: datetime,
    limit: int,
    *,
    owner: str,
    lease: timedelta,
    only: Collection[str] | None = None,
    force: bool = False,
    done: Collection[str] = (),
    per_host: int = 8,
    hosts: Collection[str] | None = None,
) -> list[Poll | Fetch]:
    """
    Lease at most `limit` pieces of due work to `owner` until `now + lease`.

    Polls come first, yet take more than half only where pages leave room. Hosts take turns,
    and none has more than `per_host` pages out. `only` narrows to the named sources, `hosts`
    to what is asked of the named hosts; `force` polls each source once for this `owner`,
    whether it is due or not; those in `done` are not polled again, whoever else has polled
    them since.
    """
    grant = _Grant(uuid4().hex, owner, now, now + lease, hosts)
    polls = _may_poll(owner, now, only, force).where(t.source.c.id.not_in(done))
    polls = polls.where(t.source.c.host.not_in(asked_by_others(owner, now)))
    free = is_free(owner, now, clock(conn, now))
    polls = polls.where(or_(t.host.c.name.is_(None), free))
    if hosts is not None:
        polls = polls.where(t.source.c.host.in_(hosts))
    work: list[Poll | Fetch] = [*_take_polls(conn, grant, polls, (limit + 1) // 2)]
    work += _take_pages(conn, grant, limit - len(work), only, per_host)
    if len(work) < limit:
        work[:0] = _take_polls(conn, grant, polls, limit - len(work))
    return work


@dataclass(frozen=True, slots=True)
class _Grant:
    token: str
    owner: str
    now: datetime
    until: datetime
    hosts: Collection[str] | None

    def values(self) -> dict[str, Any]:
        return {
            "lease_token": self.token,
            "lease_owner": self.owner,
            "lease_until": self.until,
            "due_at": self.until,
        }


def _may_poll(owner: str, now: datetime, only: Collection[str] | None, force: bool) -> Select[Any]:
    """Return the ids of sources that may be polled, the longest due first."""
    c, h = t.source.c, t.host.c
    query = select(c.id).outerjoin(t.host, h.name == c.host).order_by(c.due_at, c.id)
    query = query.where(or_(h.not_before.is_(None), h.not_before <= now))
    if force:
        free = or_(c.lease_until.is_(None), c.lease_until <= now)
        query = query.where(free, c.polled_by.is_distinct_from(owner))
    else:
        query = query.where(c.due_at <= now)
    if only is not None:
        query = query.where(c.id.in_(only))
    named = force and only is not None  # who names a source that is switched off means it
    return query if named else query.where(c.enabled.is_(True))


def _take_polls(conn: Connection, grant: _Grant, may: Select[Any], limit: int) -> list[Poll]:
    query = may.add_columns(t.source.c.host).limit(limit)
    due = conn.execute(query.with_for_update(skip_locked=True, of=t.source)).all()
    ours = lease_hosts(conn, {host for _, host in due}, grant.owner, grant.now)
    ids = [ident for ident, host in due if host in ours]
    if not ids:
        return []
    taken = update(t.source).where(t.source.c.id.in_(ids)).values(grant.values())
    rows = {row.id: row for row in conn.execute(taken.returning(t.source))}
    return [_poll(rows[name], grant.token) for name in ids]


def _poll(row: Row[Any], token: str) -> Poll:
    state = state_of(row)
    return Poll(source=where_now(source_of(row), state), state=state, token=token)


# The hosts that have a page due, the longest waiting first: one index step for each host,
# however long its queue (a GROUP BY would read every waiting page).
_HOSTS = text(
    """
    WITH RECURSIVE h(name) AS (
      SELECT min(host) FROM page WHERE due_at IS NOT NULL
      UNION ALL
      SELECT (SELECT min(host) FROM page WHERE due_at IS NOT NULL AND host > h.name)
      FROM h WHERE h.name IS NOT NULL
    ),
    waiting AS (
      SELECT h.name AS name,
        (SELECT min(due_at) FROM page WHERE due_at IS NOT NULL AND host = h.name) AS first
      FROM h WHERE h.name IS NOT NULL
    )
    SELECT waiting.name FROM waiting LEFT JOIN host ON host.name = waiting.name
    WHERE first <= :now AND (host.not_before IS NULL OR host.not_before <= :now)
      AND (host.asked_by IS NULL OR host.asked_by = :owner
        OR host.free_at IS NULL OR host.free_at <= :at)
      AND :per_host > (
        SELECT count(*) FROM page WHERE page.host = waiting.name AND lease_until > :now)
      AND waiting.name NOT IN (
        SELECT host FROM page
        WHERE lease_owner IS NOT NULL AND lease_owner <> :owner AND lease_until > :now
        UNION SELECT host FROM source
        WHERE lease_owner IS NOT NULL AND lease_owner <> :owner AND lease_until > :now)
    ORDER BY first LIMIT :limit
    """
).bindparams(
    bindparam("now", type_=Instant),
    bindparam("at", type_=Instant),
    bindparam("per_host"),
    bindparam("limit"),
    bindparam("owner"),
)


def _hosts(
    conn: Connection, grant: _Grant, limit: int, only: Collection[str] | None, per_host: int
) -> list[str]:
    """Return hosts with due pages that are ours to ask, the longest waiting first."""
    now, at = grant.now, clock(conn, grant.now)
    if only is None and grant.hosts is None:
        given = {"now": now, "at": at, "limit": limit, "per_host": per_host, "owner": grant.owner}
        names = list(conn.scalars(_HOSTS, given))
    else:
        c, h = t.page.c, t.host.c
        query = select(c.host).join(t.host, h.name == c.host).group_by(c.host)
        query = query.where(c.due_at <= now)
        query = query if only is None else query.where(c.source_id.in_(only))
        query = query if grant.hosts is None else query.where(c.host.in_(grant.hosts))
        query = query.where(is_free(grant.owner, now, at))
        query = query.where(c.host.not_in(asked_by_others(grant.owner, now)))
        names = list(conn.scalars(query.order_by(func.min(c.due_at)).limit(limit)))
    ours = lease_hosts(conn, names, grant.owner, now)
    return [name for name in names if name in ours]


def _first_of_each(
    conn: Connection, now: datetime, hosts: Sequence[str], only: Collection[str] | None, most: int
) -> Select[Any]:
    """Select the `most` longest-due pages of each host, without reading its whole queue."""
    p = t.page.alias("p")
    mine = select(p.c.id).where(p.c.host == t.host.c.name, p.c.due_at <= now)
    if only is not None:
        mine = mine.where(p.c.source_id.in_(only))
    mine = mine.order_by(p.c.due_at, p.c.id).limit(most).correlate(t.host)
    if conn.dialect.name == "sqlite":
        joined = t.host.join(t.page, t.page.c.id.in_(mine))
    else:
        first = mine.lateral("first")
        joined = t.host.join(first, true()).join(t.page, t.page.c.id == first.c.id)
    query = select(t.page.c.id, t.page.c.host, t.page.c.due_at).select_from(joined)
    return query.where(t.host.c.name.in_(hosts))


def _take_pages(
    conn: Connection, grant: _Grant, limit: int, only: Collection[str] | None, per_host: int
) -> list[Fetch]:
    hosts = _hosts(conn, grant, limit, only, per_host) if limit > 0 else []
    if not hosts:
        return []
    out = select(t.page.c.host, func.count()).where(t.page.c.host.in_(hosts))
    out = out.where(t.page.c.lease_until > grant.now).group_by(t.page.c.host)
    room = {name: per_host - count for name, count in conn.execute(out)}
    rows = conn.execute(_first_of_each(conn, grant.now, hosts, only, per_host)).all()
    ids = _in_turns(rows, {name: room.get(name, per_host) for name in hosts}, limit)
    taken = update(t.page).where(t.page.c.id.in_(ids), t.page.c.due_at <= grant.now)
    taken = taken.values(grant.values() | {"state": "leased", "attempts": t.page.c.attempts + 1})
    found = {row.id: row for row in conn.execute(taken.returning(t.page))}
    whose = by_id(conn, {row.source_id for row in found.values()})
    ordered = (found.get(ident) for ident in ids)
    return [_fetch(row, whose[row.source_id], grant.token) for row in ordered if row]


def _in_turns(rows: Sequence[Row[Any]], room: Mapping[str, int], limit: int) -> list[int]:
    """Return page ids so that every host gives its first before any gives its second."""
    queues: dict[str, list[Row[Any]]] = defaultdict(list)
    for row in sorted(rows, key=lambda row: (row.due_at, row.id)):
        queues[row.host].append(row)
    turns = [
        (turn, row.due_at, row.id)
        for name, queue in queues.items()
        for turn, row in enumerate(queue[: room[name]])
    ]
    return [ident for _, _, ident in sorted(turns)[:limit]]


def _fetch(row: Row[Any], source: Source, token: str) -> Fetch:
    return Fetch(
        page_id=row.id,
        source=source,
        entry=load(Entry, row.entry),
        token=token,
        attempts=row.attempts - 1,
        quiet=row.quiet,
        poll=row.poll,
        revisits=row.revisits,
        etag=row.etag,
        last_modified=row.last_modified,
    )


def outstanding(  # noqa: PLR0913 - as `take_due`
    conn: Connection,
    now: datetime,
    *,
    owner: str | None = None,
    only: Collection[str] | None = None,
    force: bool = False,
    done: Collection[str] = (),
) -> int:
    """
    Count what a one-off crawl still has to do: work due now, and work that is out.

    Pages that wait for a later try, and those of hosts that must not be asked now, are left
    to the next run. `owner`, `only`, `force` and `done` as in `take_due`.
    """
    c, h = t.page.c, t.host.c
    may = _may_poll(owner or "", now, only, force).where(t.source.c.id.not_in(done))
    polls = may.order_by(None).subquery()
    due = select(c.id).outerjoin(t.host, h.name == c.host).where(c.due_at <= now)
    due = due.where(or_(h.not_before.is_(None), h.not_before <= now))
    out = select(c.id).where(c.lease_until > now)
    polling = select(t.source.c.id).where(t.source.c.lease_until > now)
    if owner is not None:
        out = out.where(c.lease_owner == owner)
        polling = polling.where(t.source.c.lease_owner == owner)
    if only is not None:
        due, out = due.where(c.source_id.in_(only)), out.where(c.source_id.in_(only))
        polling = polling.where(t.source.c.id.in_(only))
    counts = (due.subquery(), out.subquery(), polling.subquery(), polls)
    return sum(conn.scalar(select(func.count()).select_from(part)) or 0 for part in counts)


def release(conn: Connection, owner: str, now: datetime, *, pause: timedelta = NO_PAUSE) -> int:
    """
    Give back everything that `owner` has out, as if it had never been taken.

    It may have asked those hosts just now: others wait `pause` before they do.
    """
    hosts = {
        name
        for table in (t.source, t.page)
        for name in conn.scalars(select(table.c.host).where(table.c.lease_owner == owner))
    }
    asked(conn, hosts, owner, pause, now)
    mine = update(t.source).where(t.source.c.lease_owner == owner)
    polls = conn.execute(mine.values({"due_at": due_again()} | free_lease())).rowcount
    held = update(t.page).where(t.page.c.lease_owner == owner)
    back = {"state": "queued", "due_at": now, "attempts": t.page.c.attempts - 1}
    return polls + conn.execute(held.values(back | free_lease())).rowcount


# --- bringing back ------------------------------------------------------------------


def unknown(conn: Connection, source_id: str, keyed_entries: Sequence[Keyed]) -> list[Keyed]:
    """
    Return the entries whose page was never queued and never stored as an article.

    Of entries with one key only the first counts. Where another source listed a page first,
    `source_id` is noted beside it when the poll is finished.
    """
    del source_id
    first = dict(reversed(keyed_entries))
    known: set[str] = set()
    for some in parts(first):
        known.update(conn.scalars(select(t.page.c.url_key).where(t.page.c.url_key.in_(some))))
        links = select(t.article_link.c.key).where(t.article_link.c.key.in_(some))
        known.update(conn.scalars(links))
    return [(key, first.pop(key)) for key, _ in keyed_entries if key in first and key not in known]


def finish_poll(  # noqa: PLR0913, PLR0917 - one transaction records all of it
    conn: Connection,
    result: PollResult,
    next_poll_at: datetime,
    queue: Sequence[Keyed],
    known: int,
    quiet: bool,
    now: datetime,
    *,
    interval: timedelta | None = None,
) -> int:
    """
    Record a poll and queue its new pages; return how many were queued.

    Validators and pages are stored together: were they not, a crash in between would leave
    entries behind a 304 for ever. `queue` may hold known entries too, they are only noted
    as listed by this source as well, each once. `interval` is the pace learned from the poll.
    A stale token changes nothing and returns 0.
    """
    poll = result.poll
    state = after(poll.state, result, known, next_poll_at, interval)
    if not remember(conn, poll.source.id, poll.token, state):
        return 0
    if poll.state.moved_to or state.moved_to:
        rehouse(conn, poll.source.id)
    observed.note(conn, result, state, now)
    return queue_pages(conn, poll.source.id, queue, quiet=quiet, now=now, poll=poll.ident)


def queue_pages(  # noqa: PLR0913 - a row of the queue
    conn: Connection,
    source_id: str,
    queue: Sequence[Keyed],
    *,
    quiet: bool,
    now: datetime,
    poll: str = "",
) -> int:
    """Queue the pages behind entries that are not known yet; return how many were queued."""
    fresh = unknown(conn, source_id, queue)
    rows = [_row(key, entry, source_id, quiet, now) | {"poll": poll} for key, entry in fresh]
    if rows:
        know_hosts(conn, {row["host"] for row in rows})
        conn.execute(missing(conn, t.page, ("url_key",)), rows)
    _note_listed(conn, source_id, [key for key, _ in queue], now)
    return len(rows)


def _row(key: str, entry: Entry, source_id: str, quiet: bool, now: datetime) -> dict[str, Any]:
    return {
        "url": entry.url,
        "url_key": key,
        "host": host_of(entry.url),
        "source_id": source_id,
        "entry": {name: value for name, value in plain(entry).items() if value},
        "state": "queued",
        "quiet": quiet,
        "queued_at": now,
        "due_at": now,
    }


def _note_listed(conn: Connection, source_id: str, keys: Sequence[str], now: datetime) -> None:
    for some in parts(sorted(set(keys))):
        ids = conn.scalars(select(t.page.c.id).where(t.page.c.url_key.in_(some)))
        rows = [{"page_id": ident, "source_id": source_id, "at": now} for ident in ids]
        if rows:
            conn.execute(missing(conn, t.page_source, ("page_id", "source_id")), rows)


def _end(
    conn: Connection, fetch: Fetch, due_at: datetime | None, values: Mapping[str, Any]
) -> bool:
    ours = (t.page.c.id == fetch.page_id, t.page.c.lease_token == fetch.token)
    ended = update(t.page).where(*ours).values({**values, **free_lease(), "due_at": due_at})
    return conn.execute(ended).rowcount == 1


def page_done(  # noqa: PLR0913 - a row of the queue
    conn: Connection,
    fetch: Fetch,
    outcome: Outcome,
    now: datetime,
    *,
    article_id: int | None = None,
    message: str = "",
) -> bool:
    """End a page's way; False (and nothing changes) if its lease is no longer ours."""
    entry = plain(replace(fetch.entry, content=""))  # the words are the article's now
    values = {
        "state": "done",
        "outcome": outcome.value,
        "message": message,
        "done_at": now,
        "article_id": article_id,
        "entry": {name: value for name, value in entry.items() if value},
    }
    return _end(conn, fetch, None, values)


def page_failed(
    conn: Connection, failure: Failure, retry_at: datetime | None, now: datetime
) -> bool:
    """Record a failure; the page is tried again at `retry_at`, or never. False: stale lease."""
    given_up = "quarantined" if failure.outcome is Outcome.POISON else "failed"
    values = {
        "state": given_up if retry_at is None else "queued",
        "outcome": failure.outcome.value,
        "message": failure.message,
        "status": failure.status,
        "done_at": now if retry_at is None else None,
    }
    return _end(conn, failure.fetch, retry_at, values)
