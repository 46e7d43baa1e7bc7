"""A desk's database as it is after some months: the corpus told by its outlets, and troubles."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.app import House, open_house
from crawler.classify import Classifier
from crawler.config import Config
from crawler.reading import read_article
from crawler.store import browsing, deals, frontier, happenings, outbox
from crawler.store import tables as t
from crawler.store.deals import Filter
from crawler.types import Alert, AlertKind, Article, Source, SourceClass

CORPUS = Path(__file__).parent.parent / "corpus"
NOW = datetime(2025, 8, 14, 14, 0, tzinfo=UTC)
PAPERS = {
    "en": "Tech Ledger", "de": "Gründerblatt", "zh": "财讯社", "it": "Rassegna Tech",
    "fr": "Dépêche Marchés", "es": "Mercado Hoy", "ja": "資本新報", "ko": "자본일보",
    "pt": "Folha Capital",
}  # fmt: skip
LANDS = {"en": "US", "zh": "CN", "ja": "JP", "ko": "KR", "pt": "BR"}


def seed(url: str, *, whole: bool = False) -> None:
    """Fill a new database: the chains, some of the corpus (or the whole), and what goes wrong."""
    with open_house(Config(database=url), lambda: NOW) as house:
        classifier = Classifier(())
        for article in sorted(_articles(whole), key=lambda one: one.seen_at):
            reading = read_article(article, classifier)
            house.writer.submit(
                house.ingest.store, reading, quiet=True, now=article.seen_at
            ).result()
        trouble(house)


def _articles(whole: bool) -> Iterator[Article]:
    for row in _rows("chains/articles"):
        if whole or row["chain"] < "c12":
            yield article(row, datetime.fromisoformat(row["published"]))
    for lang, paper in PAPERS.items():
        rows = [row for row in _rows(lang) if row.get("kind") == "positive"]
        for row in rows if whole else rows[:5]:
            yield article(row | {"source": paper, "source_class": "outlet"}, _when(row["id"]))


def _rows(name: str) -> list[dict[str, Any]]:
    written = (CORPUS / f"{name}.jsonl").read_text(encoding="utf-8")
    return [json.loads(line) for line in written.splitlines()]


def _when(ident: str) -> datetime:
    """Spread the corpus over half a year, a tenth of it over the last day; always alike."""
    number = int(hashlib.sha256(ident.encode()).hexdigest(), 16)
    return NOW - timedelta(minutes=number % (190 * 1440 if number % 9 else 1300))


def article(row: dict[str, Any], at: datetime) -> Article:
    """Return a line of the corpus as an article seen then."""
    lang, words = row["lang"], row["title"] + row["text"]
    return Article(
        url=row.get("url") or f"https://{lang}-paper.example/{row['id']}",
        title=row["title"],
        text=row["text"],
        lang=lang,
        seen_at=at,
        published=at,
        source=row["source"],
        source_class=SourceClass(row["source_class"]),
        country=LANDS.get(lang, lang.upper()),
        content_hash=hashlib.sha256(words.encode()).hexdigest(),
    )


def tell(house: House, title: str, text: str, lang: str = "en") -> None:
    """Let one more outlet tell something now."""
    row = {
        "lang": lang,
        "id": title,
        "title": title,
        "text": text,
        "source": "Late Wire",
        "source_class": "wire",
    }
    reading = read_article(article(row, NOW), Classifier(()))
    house.writer.submit(house.ingest.store, reading, quiet=True, now=NOW).result()


def trouble(house: House) -> None:
    """Watch some sources, of which some are broken; send some alerts, of which some are dead."""
    with house.store.write() as conn:
        for ident, lang, outcome, line in SOURCES:
            kind = "sitemap" if "site" in ident else "feed"
            source = Source(id=ident, kind=kind, url=f"https://{ident}.example/feed", language=lang)
            frontier.add_source(conn, source, NOW - timedelta(days=90))
            conn.execute(
                t.source.update().where(t.source.c.id == ident).values(**_state(outcome, line))
            )
        happenings.note(
            conn,
            "gap",
            NOW - timedelta(hours=5),
            source_id="tech-ledger",
            subject="none of 40 entries was known",
        )
        happenings.note(
            conn,
            "blocked",
            NOW - timedelta(days=2),
            source_id="boersendienst",
            subject="403 behind a bot wall",
        )
        _alerts(conn)


SOURCES = (
    ("tech-ledger", "en", "ok", ""),
    ("global-wire", "en", "ok", ""),
    ("caixun", "zh", "unchanged", ""),
    ("agenzia-nord", "it", "ok", ""),
    ("boersendienst", "de", "blocked", "403: a bot wall"),
    ("depeche-site", "fr", "ok", ""),
    ("mercado-hoy", "es", "dead", "no such host"),
    ("shihon-shinpo", "ja", "ok", ""),
    ("jabon-ilbo", "ko", "throttled", "429, again in 2 h"),
)


def _state(outcome: str, line: str) -> dict[str, Any]:
    well = outcome in {"ok", "unchanged"}
    ago = timedelta(minutes=9) if well else timedelta(days=2)
    return {
        "last_outcome": outcome,
        "last_message": line,
        "polls": 5120,
        "failures": 0 if well else 7,
        "last_polled": NOW - timedelta(minutes=9),
        "last_success": NOW - ago,
        "last_new_entry": NOW - 3 * ago,
        "next_poll_at": NOW + timedelta(minutes=6),
        "overlap": 0.92,
        "gaps": 0 if well else 1,
    }


def _alerts(conn: Any) -> None:
    found = list(deals.listing(conn, Filter(min_usd=50_000_000, limit=30)))
    made = [
        Alert(
            key=f"{deal.id}-{channel}",
            kind=AlertKind.NEW,
            channel=channel,
            rule="big",
            deal=deal,
            created=deal.updated,
        )
        for deal in found
        for channel in ("desk", "mail")
    ]
    outbox.enqueue(conn, made)
    ends = {"state": "delivered", "due_at": None, "ended": NOW, "attempts": 1}
    gone = {"state": "dead", "reason": "550: no such user", "code": 550}
    c = t.outbox.c
    conn.execute(t.outbox.update().where(c.id > 4).values(ends))
    conn.execute(t.outbox.update().where(c.id % 9 == 0, c.channel == "mail").values(gone))


def a_deal(house: House, **wanted: Any) -> str:
    """Return the id of the newest deal that a filter lets through."""
    with house.store.read() as conn:
        return browsing.page(conn, Filter(**wanted)).lines[0].deal.id
