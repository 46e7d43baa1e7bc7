"""
The way of one item, told from the database: which station it passed when, and why it ended.

    listed ─ queued ─ fetched ─ read ─ reported ─ deal ─ decided ─ sent
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from crawler import fetch
from crawler.store import Connection, articles, deals, outbox, routing
from crawler.store.articles import StoredArticle
from crawler.store.footprints import Footprint, footprint
from crawler.types import Report


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One station: when the item passed it, what happened, and the number others know it by."""

    station: str
    at: datetime | None
    what: str
    id: str = ""


def trace(conn: Connection, url: str) -> list[Step]:
    """Return the way of the item at `url`, in order; empty if nothing is known of it."""
    key = fetch.url_key(url)
    page = footprint(conn, key)
    known = page.article_id if page else None
    article = articles.get(conn, known if known is not None else url) or articles.get(conn, key)
    steps = list(_queue(page)) if page else []
    if article is not None:
        steps += [*_read(article), *_told(conn, article)]
    return steps


def _queue(page: Footprint) -> Iterator[Step]:
    for source, at in page.listed or [(page.source_id, page.queued_at)]:
        first = source == page.source_id
        about = f"“{page.title}”, dated {page.published or 'nowhere'}" if first else "as well"
        yield Step(station="listed", at=at, what=f"by {source}: {about}", id=page.poll * first)
    quiet = ", without alerts (a first poll, or old news)" if page.quiet else ""
    yield Step(station="queued", at=page.queued_at, what=f"{page.url}{quiet}", id=str(page.id))
    yield Step(station="fetched", at=page.done_at, what=_fetched(page), id=str(page.id))


def _fetched(page: Footprint) -> str:
    if page.outcome is None:
        return f"not yet: {page.state}, due {_when(page.due_at)}"
    status = f"HTTP {page.status}" if page.status else ""
    tries = f"{page.attempts} tries" if page.attempts > 1 else ""
    again = f"looked at again {_when(page.due_at)}" if page.due_at else ""
    return ", ".join(filter(None, (page.outcome, page.message, status, tries, again)))


def _when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "never"


def _read(stored: StoredArticle) -> Iterator[Step]:
    article = stored.article
    size = f"{len(article.text)} characters" if article.text else "its text is not kept"
    about = (f"“{article.title}”", article.lang, article.quality.value, size)
    yield Step(
        station="read", at=article.seen_at, what=", ".join(filter(None, about)), id=str(stored.id)
    )
    for event in stored.events or ():
        amount = f"{event.get('amount')} {event.get('currency') or ''}".strip()
        what = f"{event['type']}, {event['status']}: {event['company']}, {amount}"
        yield Step(station="reported", at=article.seen_at, what=f"{what}. “{event['evidence']}”")
    if not stored.events:
        what = f"no deal (raisewire explain {article.url} says why)"
        yield Step(station="reported", at=article.seen_at, what=what)


def _told(conn: Connection, stored: StoredArticle) -> Iterator[Step]:
    seen: set[str] = set()
    for report, ident in deals.reports_of(conn, stored.id):
        if ident is None:
            yield Step(station="deal", at=report.seen_at, what=f"none: {_part(report)}")
            continue
        deal = deals.get(conn, ident)
        if deal is None or ident in seen:
            continue
        seen.add(ident)
        merged = f", now part of {deal.merged_into}" if deal.merged_into else ""
        others = f"{len(deal.reports)} reports, revision {deal.revision}"
        what = f"{deal.event.company}, {_part(report)}; {others}{merged}"
        yield Step(station="deal", at=report.seen_at, what=what, id=ident)
        yield from _sent(conn, ident, report.seen_at)


def _part(report: Report) -> str:
    reasons = ", ".join(report.seat.reasons[:4]) if report.seat else ""
    return f"{report.part.value} ({reasons})" if reasons else report.part.value


def _sent(conn: Connection, ident: str, since: datetime) -> Iterator[Step]:
    """Tell what the rules said when this report came in, and every message on the deal."""
    said = [one for one in routing.decisions(conn, ident) if one.at >= since]
    for one in (one for one in said if one.at == said[0].at):
        what = f"rule {one.rule}, channel {one.channel}: {one.verdict}"
        what += f", {one.reason}" if one.reason else ""
        yield Step(station="decided", at=one.at, what=what, id=ident)
    for row in reversed(outbox.listing(conn, deal_id=ident, limit=1000)):
        yield Step(
            station="alert",
            at=row.created,
            what=f"{row.kind} of revision {row.revision} to {row.channel}: {row.state.value}"
            + (f", {row.reason}" if row.reason else ""),
            id=str(row.id),
        )
        for n, trial in enumerate(outbox.attempts(conn, row.id), 1):
            code = f" {trial['code']}" if trial["code"] else ""
            what = f"try {n} to {row.channel}: {trial['outcome'] or 'under way'}{code}"
            what += f", {trial['message']}" if trial["message"] else ""
            yield Step(
                station="sent", at=trial["ended"] or trial["started"], what=what, id=str(row.id)
            )
