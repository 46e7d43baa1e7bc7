"""
What slipped through a feed's window, asked for again where the site still lists it.

A poll of which no entry was known means that others may have come and gone unseen. Such a gap
is in the operator's log until it is filled: from the address that the source names itself
(option `backfill`, read as `backfill_kind`), else from the sitemap that robots.txt names, the
one for news first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import NamedTuple
from urllib.parse import urlsplit

from crawler import fetch
from crawler.store import Connection, frontier, happenings
from crawler.store.happenings import Happening
from crawler.types import Entry, Poll, PollResult, PollState, Robots, Source

MOST = 500  # entries of one backfill; a site's whole archive is not what was missed
UNDATED = 100
YOUNG = timedelta(hours=24)  # what is younger may alert as if it had come in time
PATIENCE = timedelta(days=2)  # an older gap is shown and no longer filled
SLACK = timedelta(hours=1)  # outlets date their articles a little back
_PREFIX = "backfill "
_SITEMAP = re.compile(rb"^\s*sitemap\s*:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class Place(NamedTuple):
    """Where a site lists what it has published, and how to read it."""

    url: str
    kind: str


class Lost(NamedTuple):
    """What a backfill may bring back: entries that may alert, and those that must not."""

    young: tuple[Entry, ...]
    old: tuple[Entry, ...]


def is_backfill(poll: Poll) -> bool:
    """Tell a poll that fills a gap from one of the source itself."""
    return poll.token.startswith(_PREFIX)


def due(conn: Connection, result: PollResult, now: datetime) -> Poll | None:
    """Return the poll that may fill an open gap of the source just polled, if there is one."""
    source = result.poll.source
    gaps = _open(conn, source.id, now) if result.outcome.is_good else []
    place = _place(conn, source, result.entries) if gaps else None
    if (
        place is None
        or place.url == source.url
        or frontier.host_of(place.url) in frontier.held_hosts(conn, now)
    ):
        return None
    there = replace(source, url=place.url, kind=place.kind)
    return Poll(source=there, state=PollState(), token=f"{_PREFIX}{gaps[0].id}")


def filled(conn: Connection, result: PollResult, now: datetime) -> int:
    """Queue what a backfill brought and settle the gap; return how many pages were queued."""
    source = result.poll.source
    if not result.outcome.is_good:
        return 0
    gaps = _open(conn, source.id, now)
    since = min((_since(gap) for gap in gaps), default=now)
    young, old = lost(result.entries, since, now)
    poll = result.poll.ident
    queued = [
        frontier.queue_pages(conn, source.id, _keyed(entries), quiet=quiet, now=now, poll=poll)
        for entries, quiet in ((young, False), (old, True))
    ]
    for gap in gaps:
        happenings.settle(conn, gap.id, now)
    return sum(queued)


def lost(entries: Iterable[Entry], since: datetime, now: datetime) -> Lost:
    """Return which of a site's entries may have come and gone after `since`."""
    dated = sorted(
        (e for e in entries if e.published and e.published >= since - SLACK),
        key=lambda entry: entry.published or since,
        reverse=True,
    )[:MOST]
    undated = [entry for entry in entries if entry.published is None][:UNDATED]
    young = [e for e in dated if e.published and now - e.published < YOUNG]
    return Lost(tuple(young), (*dated[len(young) :], *undated))


def sitemap(robots: Robots | None) -> str | None:
    """Return the sitemap that a robots.txt names, the one for news first."""
    named = _SITEMAP.findall(robots.body) if robots and robots.status < 300 else []
    urls = [url.decode("utf-8", "replace") for url in named]
    usable = [url for url in urls if url.lower().startswith(("http://", "https://"))]
    return min(usable, key=lambda url: "news" not in url.lower(), default=None)


def _open(conn: Connection, source_id: str, now: datetime) -> list[Happening]:
    gaps = happenings.happenings(conn, kind="gap", source_id=source_id, open_only=True)
    return [gap for gap in gaps if now - gap.at <= PATIENCE]


def _since(gap: Happening) -> datetime:
    """Return the last poll before a gap, after which anything may have slipped through."""
    told = gap.document.get("since")
    return datetime.fromisoformat(told) if told else gap.at - PATIENCE


def _place(conn: Connection, source: Source, entries: Sequence[Entry]) -> Place | None:
    own = source.options.get("backfill")
    if own:
        return Place(own, source.options.get("backfill_kind", "sitemap"))
    asked = (source.url, *(entry.url for entry in entries[:1]))
    for origin in dict.fromkeys(map(_origin, asked)):
        if url := sitemap(frontier.robots(conn, origin)):
            return Place(url, "sitemap")
    return None


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}".lower()


def _keyed(entries: Sequence[Entry]) -> list[tuple[str, Entry]]:
    return [(fetch.url_key(entry.url), entry) for entry in entries]
