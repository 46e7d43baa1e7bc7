"""
Kept pages, read again by today's rules: new words, new events, the same deals where they hold.

Nothing is asked of the network and nobody is alerted. What a page reports is replaced as a
whole, so that reading twice changes nothing.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from html import escape
from typing import Any

from crawler import resolve, wire
from crawler.pipeline import Ingest, Ingested, reports
from crawler.reading import Reading
from crawler.resolve.facts import report_key
from crawler.store import Connection, articles, deals
from crawler.store.articles import StoredArticle
from crawler.types import Deal, Page, Report, Review, Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What another reading of a page makes of it. `before` is empty for a page that was unread."""

    url: str
    title: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    words: bool  # the extracted text is another, too
    deals: int = 0


def compared(conn: Connection, reading: Reading) -> Change | None:
    """Return what would change; None where today's rules read what was read before."""
    return _change(articles.get(conn, reading.article.url), reading)


def again(conn: Connection, ingest: Ingest, reading: Reading, now: datetime) -> Change | None:
    """Replace what was made of a page by what `reading` makes of it. In one transaction."""
    stored = articles.get(conn, reading.article.url)
    change = _change(stored, reading)
    if change is None:
        return None
    if stored is None:
        done = ingest.store(conn, reading, quiet=True, now=now)
        return replace(change, deals=len(done.deals))
    _save(conn, stored, reading, now)
    done = Ingested(stored.id, articles.Novelty.REVISED)
    past = deals.reports_of(conn, stored.id)
    gone = {report.id for report, _ in past}
    homes = {home for _, home in past if home}
    same = {report_key(report): (report, home) for report, home in past if home}
    found = [(report, same.get(report_key(report))) for report in reports(reading, now)]
    known = all(old for _, old in found)  # else all are of one new reading
    for report, old in found:
        if old:
            seen = old[0].seen_at if known else now
            _in_its_place(conn, *old, replace(report, seen_at=seen))
        else:
            ingest.tell(conn, report, done, quiet=True, now=now)
    for ident in sorted(homes | set(done.deals)):
        _leave(conn, ingest, ident, gone, list(done.new_deals), now)
    deals.drop_reports(conn, gone)
    return replace(change, deals=len(homes | set(done.deals)))


def with_the_feeds_words(conn: Connection, page: Page) -> Page:
    """Return a page together with what the feed had printed, where that was the article."""
    stored = articles.get(conn, page.url)
    if stored is None or stored.article.body_from != "feed" or not stored.article.text:
        return page
    words = "".join(f"<p>{escape(line)}</p>" for line in stored.article.text.splitlines())
    entry = replace(page.fetch.entry, content=words)
    return replace(page, fetch=replace(page.fetch, entry=entry))


def _change(stored: StoredArticle | None, reading: Reading) -> Change | None:
    before: Sequence[Any] = (stored.events or ()) if stored else ()
    after = wire.plain(reading.analysis.events)
    words = stored is not None and stored.article.content_hash != reading.article.content_hash
    if stored is not None and list(before) == list(after) and not words:
        return None
    return Change(
        url=reading.article.url,
        title=reading.article.title,
        before=tuple(map(_short, before)),
        after=tuple(map(_short, after)),
        words=words,
    )


def _short(event: Any) -> str:  # noqa: ANN401 - JSON
    amount = f"{event.get('currency') or ''} {event.get('amount') or ''}".strip()
    return " ".join(filter(None, (event["company"], event["type"], event["status"], amount)))


def _save(conn: Connection, stored: StoredArticle, reading: Reading, now: datetime) -> None:
    events = wire.plain(reading.analysis.events)
    articles.save(conn, reading.article, events, now)
    articles.set_events(conn, stored.id, events)
    if reading.article.restrictions or stored.purged_at is not None:
        articles.drop_body(conn, stored.id, now)


def _in_its_place(conn: Connection, old: Report, home: str, report: Report) -> None:
    """Let a report stand where the same one stood, with the slots it has by now."""
    new = deals.add_report(conn, old.article_id, report)
    deal = deals.get(conn, home)
    assert deal is not None
    others = (one for one in deal.reports if one.id != old.id)
    deals.save(conn, [replace(deal, reports=(*others, new))], {})


def _leave(  # noqa: PLR0913, PLR0917 - one deal, and what it loses
    conn: Connection,
    ingest: Ingest,
    ident: str,
    gone: Collection[int],
    heirs: Sequence[str],
    now: datetime,
) -> None:
    """Take reports away from a deal; one that nobody reports any more ends."""
    deal = deals.get(conn, ident)
    if deal is None or deal.merged_into:
        return
    left = tuple(report for report in deal.reports if report.id not in gone)
    if any(report.role is Role.REPORT for report in left):
        told = _retold(replace(deal, reports=left), ingest, now)
        deals.save(conn, [told], ingest.keys([told]), now=now)
        return
    heir = next((one for one in heirs if one != ident), None)
    review = deal.review if heir else Review.REJECTED
    ended = replace(deal, reports=(), merged_into=heir, review=review)
    deals.save(conn, [ended], {ident: ()}, now=now)


def _retold(deal: Deal, ingest: Ingest, now: datetime) -> Deal:
    """Return a deal as its reports tell it; what a person has said of it stays."""
    if deal.review is not Review.AUTO:
        return deal
    found = resolve.as_of(deal, now, names=ingest.names, fx=ingest.fx)
    return replace(found, revision=max(deal.revision, found.revision)) if found else deal
