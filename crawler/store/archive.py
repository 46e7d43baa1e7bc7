"""Raw pages, compressed, kept for some days so that they can be read again without fetching."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, select

from crawler.store import tables as t
from crawler.store.sources import by_id
from crawler.types import Entry, Fetch, Page, Source
from crawler.wire import load


def keep(conn: Connection, page: Page) -> None:
    """Keep a page's bytes, instead of an earlier copy."""
    conn.execute(delete(t.archive).where(t.archive.c.page_id == page.fetch.page_id))
    row = {
        "page_id": page.fetch.page_id,
        "url": page.url,
        "at": page.at,
        "status": page.status,
        "headers": dict(page.headers),
        "body": zlib.compress(page.body, 6),
    }
    conn.execute(t.archive.insert().values(row))


def pages(conn: Connection, since: datetime | None = None) -> Iterator[Page]:
    """Return kept pages, oldest first, as they came off the wire; their leases are over."""
    last = 0
    while True:
        query = select(t.archive, t.page.c.source_id, t.page.c.entry).join(t.page)
        query = query.where(t.archive.c.id > last).order_by(t.archive.c.id).limit(50)
        if since is not None:
            query = query.where(t.archive.c.at >= since)
        rows = conn.execute(query).all()
        if not rows:
            return
        whose = by_id(conn, {row.source_id for row in rows})
        yield from (_page(row, whose[row.source_id]) for row in rows)
        last = rows[-1].id


def count(conn: Connection, since: datetime | None = None) -> int:
    """Return how many pages are kept."""
    query = select(func.count()).select_from(t.archive)
    return conn.scalar(query if since is None else query.where(t.archive.c.at >= since)) or 0


def _page(row: Row[Any], source: Source) -> Page:
    entry = load(Entry, row.entry)
    fetch = Fetch(page_id=row.page_id, source=source, entry=entry, token="", quiet=True)
    return Page(
        fetch=fetch,
        url=row.url,
        status=row.status,
        body=zlib.decompress(row.body),
        at=row.at,
        headers=row.headers,
    )


def get(conn: Connection, page_id: int) -> Page | None:
    """Return one kept page."""
    query = select(t.archive, t.page.c.source_id, t.page.c.entry).join(t.page)
    row = conn.execute(query.where(t.archive.c.page_id == page_id)).first()
    return _page(row, by_id(conn, {row.source_id})[row.source_id]) if row else None
