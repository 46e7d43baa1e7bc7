"""Articles: what was read, once, however many addresses it goes by."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Select, literal, select, tuple_, update

from crawler.store import tables as t
from crawler.store.columns import Instant
from crawler.store.sql import missing, parts
from crawler.types import Article, Quality, SourceClass

_STEP = 500
_ADD = t.article.insert().returning(t.article.c.id)


class Novelty(StrEnum):
    """What saving an article showed."""

    NEW = "new"
    REVISED = "revised"  # known, with other words
    SAME = "same"


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """Where an article was put; `before` are the events of its last revision."""

    id: int
    novelty: Novelty
    before: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredArticle:
    """An article with what was made of it. `purged_at`: since when its body is gone."""

    id: int
    article: Article
    events: Any
    revision: int
    updated_at: datetime
    purged_at: datetime | None


def known(conn: Connection, hashes: Iterable[str]) -> set[str]:
    """Return those content hashes that a stored article has."""
    found: set[str] = set()
    column = t.article.c.content_hash
    for some in parts(hashes):
        found.update(conn.scalars(select(column).where(column.in_(some)).distinct()))
    return found


def save(
    conn: Connection,
    article: Article,
    events_json: object,
    now: datetime,
    *,
    keys: Sequence[str] = (),
) -> Saved:
    """
    Store an article under its addresses: `url`, `canonical_url`, and `keys` of its own URL.

    The same address with other words is a new revision of the same article. The same words
    of the same source at another address (a churned URL) are the same article; of another
    source they are another witness, and a new one.
    """
    own = [article.url, *keys]
    links = list(dict.fromkeys(key for key in (*own, article.canonical_url) if key))
    found = _by_address(conn, article, links, own) or _by_words(conn, article)
    if found is None:
        ident = _insert(conn, article, events_json, now)
        novelty = Novelty.NEW
    else:
        ident = found.id
        same = found.content_hash == article.content_hash
        novelty = Novelty.SAME if same else Novelty.REVISED
        if not same:
            _revise(conn, found, article, events_json, now)
    rows = [{"key": key, "article_id": ident} for key in links]
    conn.execute(missing(conn, t.article_link, ("key",)), rows)
    return Saved(id=ident, novelty=novelty, before=found.events if found else None)


def _by_link(conn: Connection, links: Sequence[str]) -> Sequence[Row[Any]]:
    c = t.article_link.c
    query = select(t.article, c.key).join(t.article_link, c.article_id == t.article.c.id)
    return conn.execute(query.where(c.key.in_(links)).order_by(t.article.c.id)).all()


def _by_address(
    conn: Connection, article: Article, links: Sequence[str], own: Sequence[str]
) -> Row[Any] | None:
    """
    Return the stored article that has one of these addresses.

    A canonical address alone proves nothing: some sites name their front page on every
    article. The words or the title must agree too.
    """
    for row in _by_link(conn, links):
        words = bool(article.content_hash) and row.content_hash == article.content_hash
        if row.key in own or words or _same(row.title, article.title):
            return row
    return None


def _same(one: str, other: str) -> bool:
    return one.casefold().split() == other.casefold().split()


def _by_words(conn: Connection, article: Article) -> Row[Any] | None:
    if not article.content_hash:
        return None
    same = (
        t.article.c.content_hash == article.content_hash,
        t.article.c.source == article.source,
    )
    return conn.execute(select(t.article).where(*same).limit(1)).first()


def _columns(article: Article) -> dict[str, Any]:
    return {
        "url": article.url,
        "canonical_url": article.canonical_url,
        "title": article.title,
        "text": article.text,
        "lang": article.lang,
        "published": article.published,
        "published_from": article.published_from,
        "author": article.author,
        "source": article.source,
        "source_class": article.source_class.value,
        "country": article.country,
        "quality": article.quality.value,
        "body_from": article.body_from,
        "content_hash": article.content_hash,
        "restrictions": sorted(article.restrictions),
    }


def _insert(conn: Connection, article: Article, events_json: object, now: datetime) -> int:
    row = _columns(article) | {
        "seen_at": article.seen_at,
        "events": events_json,
        "revision": 1,
        "updated_at": now,
    }
    made = conn.execute(_ADD, row)
    return int(made.scalar_one())


def _revise(
    conn: Connection, found: Row[Any], article: Article, events_json: object, now: datetime
) -> None:
    past = {
        "article_id": found.id,
        "number": found.revision,
        "at": found.updated_at,
        "title": found.title,
        "text": found.text,
        "content_hash": found.content_hash,
    }
    conn.execute(t.article_revision.insert().values(past))
    new = _columns(article) | {"events": events_json, "revision": found.revision + 1}
    if found.published is not None and article.published is None:
        del new["published"], new["published_from"]
    row = update(t.article).where(t.article.c.id == found.id)
    conn.execute(row.values(new | {"updated_at": now, "purged_at": None}))


def set_events(conn: Connection, article_id: int, events_json: object) -> None:
    """Replace what was made of an article (after an upgrade of the classifier)."""
    row = update(t.article).where(t.article.c.id == article_id)
    conn.execute(row.values(events=events_json))


def drop_body(conn: Connection, article_id: int, now: datetime) -> None:
    """Forget an article's words; address, title and events stay."""
    row = update(t.article).where(t.article.c.id == article_id)
    conn.execute(row.values(text="", purged_at=now))
    past = update(t.article_revision).where(t.article_revision.c.article_id == article_id)
    conn.execute(past.values(text=""))


def get(conn: Connection, ident: int | str) -> StoredArticle | None:
    """Return an article by its number or by any of its addresses."""
    if isinstance(ident, int):
        row = conn.execute(select(t.article).where(t.article.c.id == ident)).first()
    else:
        row = next(iter(_by_link(conn, [ident])), None)
    return _stored(row) if row else None


def listing(  # noqa: PLR0913 - each narrows the list
    conn: Connection,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    source: str | None = None,
    lang: str | None = None,
    quality: Quality | None = None,
    limit: int | None = None,
    after: tuple[datetime, int] | None = None,
    oldest_first: bool = False,
) -> Iterator[StoredArticle]:
    """Return articles by the time they were seen, latest first; `after` continues a list."""
    c = t.article.c
    query = select(t.article)
    wanted = {c.source: source, c.lang: lang, c.quality: quality and quality.value}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(column == value)
    if since is not None:
        query = query.where(c.seen_at >= since)
    if until is not None:
        query = query.where(c.seen_at < until)
    return _in_order(conn, query, after, oldest_first, limit)


def _in_order(
    conn: Connection,
    query: Select[Any],
    after: tuple[datetime, int] | None,
    oldest_first: bool,
    limit: int | None,
) -> Iterator[StoredArticle]:
    """Read step by step (keyset), so that a long list holds no cursor open."""
    columns = (t.article.c.seen_at, t.article.c.id)
    place = tuple_(*columns)
    order = columns if oldest_first else tuple(column.desc() for column in columns)
    left = limit
    while left is None or left > 0:
        step = query.order_by(*order).limit(_STEP if left is None else min(left, _STEP))
        if after is not None:
            bound = tuple_(literal(after[0], Instant), literal(after[1]))
            step = step.where(place > bound if oldest_first else place < bound)
        rows = conn.execute(step).all()
        yield from map(_stored, rows)
        if not rows:
            return
        after = (rows[-1].seen_at, rows[-1].id)
        left = None if left is None else left - len(rows)


def _stored(row: Row[Any]) -> StoredArticle:
    return StoredArticle(
        id=row.id,
        article=article_of(row),
        events=row.events,
        revision=row.revision,
        updated_at=row.updated_at,
        purged_at=row.purged_at,
    )


def article_of(row: Row[Any]) -> Article:
    """Return a row as the noun."""
    return Article(
        url=row.url,
        canonical_url=row.canonical_url,
        title=row.title,
        text=row.text,
        lang=row.lang,
        seen_at=row.seen_at,
        published=row.published,
        published_from=row.published_from,
        author=row.author,
        source=row.source,
        source_class=SourceClass(row.source_class),
        country=row.country,
        quality=Quality(row.quality),
        body_from=row.body_from,
        content_hash=row.content_hash,
        restrictions=frozenset(row.restrictions),
    )


def countries(conn: Connection, ids: Iterable[int]) -> Mapping[int, str | None]:
    """Return the outlets' countries of articles."""
    query = select(t.article.c.id, t.article.c.country)
    return {
        ident: country
        for some in parts(ids)
        for ident, country in conn.execute(query.where(t.article.c.id.in_(some)))
    }
