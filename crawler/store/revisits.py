"""Pages that were fetched and are to be looked at once more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, update

from crawler.store import tables as t
from crawler.store.sources import free_lease
from crawler.store.sql import parts
from crawler.types import Entry, Fetch, Outcome, Page
from crawler.wire import load, plain


def listed_again(  # noqa: PLR0913 - what makes a page ripe
    conn: Connection,
    source_id: str,
    entries: Mapping[str, Entry],
    *,
    seen_since: datetime,
    ended_before: datetime,
    most: int,
) -> dict[int, tuple[Entry, Entry]]:
    """
    Return the stored pages that `source_id` lists again, with their entry then and now.

    Only those that became an article, were queued after `seen_since`, last ended before
    `ended_before`, and were looked at less than `most` times after the first.
    """
    c, found = t.page.c, {}
    ripe = (
        c.source_id == source_id,
        c.lease_token.is_(None),
        c.article_id.is_not(None),
        c.queued_at > seen_since,
        c.done_at < ended_before,
        c.revisits < most,
    )
    for some in parts(entries):
        query = t.page.select().where(c.url_key.in_(some), *ripe)
        for row in conn.execute(query):
            found[row.id] = load(Entry, row.entry), entries[row.url_key]
    return found


def look_again(conn: Connection, pages: Mapping[int, Entry], at: datetime) -> int:
    """Queue pages that have ended once more, under what is listed now; return how many."""
    for ident, entry in pages.items():
        told = {name: value for name, value in plain(entry).items() if value}
        conn.execute(_again(at, [ident]).values(entry=told))
    return len(pages)


def look_later(conn: Connection, fetch: Fetch, at: datetime) -> None:
    """Queue the page just fetched for a second look at `at`, if it has had none."""
    if not fetch.revisits:
        conn.execute(_again(at, [fetch.page_id]))


def _again(at: datetime, ids: Collection[int]) -> Any:  # noqa: ANN401 - an UPDATE
    free = update(t.page).where(t.page.c.id.in_(ids), t.page.c.lease_token.is_(None))
    fresh = {"state": "queued", "due_at": at, "attempts": 0}
    return free.values(fresh | {"revisits": t.page.c.revisits + 1})


def keep_validators(conn: Connection, page: Page) -> None:
    """Remember what a page's next conditional request says, byte for byte."""
    row = update(t.page).where(t.page.c.id == page.fetch.page_id)
    told = {"etag": page.headers.get("etag"), "last_modified": page.headers.get("last-modified")}
    conn.execute(row.values(told))


def unchanged(conn: Connection, fetch: Fetch, now: datetime) -> bool:
    """End a second look that found the page as it was; False if its lease is no longer ours."""
    ours = (t.page.c.id == fetch.page_id, t.page.c.lease_token == fetch.token)
    values = {"state": "done", "outcome": Outcome.UNCHANGED.value, "done_at": now, "due_at": None}
    ended = update(t.page).where(*ours).values(values | free_lease())
    return conn.execute(ended).rowcount == 1
