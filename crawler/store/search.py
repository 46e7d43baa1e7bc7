"""
Full-text search over articles and deals, in every script.

Both databases index trigrams, so no word boundaries are needed (Chinese and Japanese have
none). A term of fewer than three characters is no trigram: SQLite is asked for every trigram
that begins with it, PostgreSQL looks in the texts themselves.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, column, select, table, text

from crawler.store import tables as t

# As the migrations make them; a bulk copy drops them and makes them again.
POSTGRES_INDEXES = {
    "ix_article_search": "CREATE INDEX IF NOT EXISTS ix_article_search ON article"
    " USING gin ((title || ' ' || text) gin_trgm_ops)",
    "ix_deal_search": "CREATE INDEX IF NOT EXISTS ix_deal_search ON deal"
    " USING gin (words gin_trgm_ops)",
}
_TRIGRAM = 3
_FAN = 400  # trigrams that a short term may stand for
_AROUND = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """One thing found. `marks` are the (start, end) places of the terms in `snippet`."""

    kind: str  # article | deal
    id: str  # an article's number, a deal's id
    title: str
    url: str
    at: datetime
    lang: str
    snippet: str
    marks: tuple[tuple[int, int], ...]


def terms(query: str) -> tuple[str, ...]:
    """Return what a query asks for: its words; what stands in double quotes is one term."""
    pieces = query.replace("\x00", " ").split('"')
    found = [
        term
        for place, piece in enumerate(pieces)
        for term in ([" ".join(piece.split())] if place % 2 else piece.split())
    ]
    return tuple(dict.fromkeys(term for term in found if term))[:16]


def search(
    conn: Connection, query: str, limit: int = 20, *, kinds: tuple[str, ...] = ("deal", "article")
) -> list[Hit]:
    """Return what has every term of `query`: deals first, then articles, newest first."""
    wanted = terms(query)
    if not wanted:
        return []
    hits: list[Hit] = []
    if "deal" in kinds:
        hits += _deals(conn, wanted, limit)
    if "article" in kinds:
        hits += _articles(conn, wanted, limit)
    return hits[:limit] if len(kinds) == 1 else hits


def _deals(conn: Connection, wanted: tuple[str, ...], limit: int) -> list[Hit]:
    c = t.deal.c
    query = select(c.id, c.company, c.updated, c.langs, c.words).where(c.merged_into.is_(None))
    found = _matching(conn, query, wanted, "deal_fts", c.n, c.words)
    rows = conn.execute(found.limit(limit))
    return [
        _hit("deal", row.id, row.company, "", row.updated, row.langs.strip(), row.words, wanted)
        for row in rows
    ]


def _articles(conn: Connection, wanted: tuple[str, ...], limit: int) -> list[Hit]:
    c = t.article.c
    query = select(c.id, c.title, c.url, c.seen_at, c.lang, c.text)
    both = c.title.op("||")(text("' '")).op("||")(c.text)
    found = _matching(conn, query, wanted, "article_fts", c.id, both)
    rows = conn.execute(found.limit(limit))
    return [
        _hit("article", str(row.id), row.title, row.url, row.seen_at, row.lang, row.text, wanted)
        for row in rows
    ]


def _matching(  # noqa: PLR0913, PLR0917 - one for both kinds
    conn: Connection,
    query: Select[Any],
    wanted: tuple[str, ...],
    index: str,
    ident: ColumnElement[Any],
    words: ColumnElement[Any],
) -> Select[Any]:
    """Narrow `query` to rows that have every term, the newest first."""
    if conn.dialect.name != "sqlite":
        query = query.where(and_(*(_contains(words, term) for term in wanted)))
        return query.order_by(ident.desc())
    asked = {term: _asked(conn, index, term) for term in wanted}
    rest = [term for term, asking in asked.items() if not asking]
    query = query.where(*(_contains(words, term) for term in rest))
    match = " AND ".join(asking for asking in asked.values() if asking)
    if not match:
        return query.order_by(ident.desc())
    # Joined, not IN: the index then yields row after row from the newest and stops at LIMIT.
    fts = table(index, column("rowid"), column(index))
    query = query.join(fts, fts.c.rowid == ident).where(fts.c[index].op("MATCH")(match))
    return query.order_by(fts.c.rowid.desc())


def _asked(conn: Connection, index: str, term: str) -> str:
    """
    Return what to ask FTS5 for a term; quoted it is no syntax, whatever it holds.

    A term too short for a trigram is asked for as all trigrams that begin with it (texts are
    indexed with two spaces behind them, so that one at the very end begins one too). "": too
    many begin with it, look in the text itself: it is so frequent that it is found at once.
    """
    if len(term) >= _TRIGRAM:
        return _quoted(term)
    first = term.lower()
    terms = table(index.replace("_fts", "_terms"), column("term"))
    found = select(terms.c.term).where(terms.c.term >= first, terms.c.term < first + chr(0x10FFFF))
    begun = list(conn.scalars(found.limit(_FAN + 1)))
    if len(begun) > _FAN:
        return ""
    return "(" + " OR ".join(map(_quoted, begun or [first + "\x01\x01"])) + ")"


def _quoted(term: str) -> str:
    return '"' + term.replace('"', '""') + '"'


def _contains(words: ColumnElement[Any], term: str) -> ColumnElement[bool]:
    return words.icontains(term, autoescape=True)


def _hit(  # noqa: PLR0913, PLR0917 - the fields of a hit
    kind: str,
    ident: str,
    title: str,
    url: str,
    at: datetime,
    lang: str,
    words: str,
    wanted: tuple[str, ...],
) -> Hit:
    snippet = cut(words, wanted)
    marks = places(snippet, wanted)
    return Hit(
        kind=kind, id=ident, title=title, url=url, at=at, lang=lang, snippet=snippet, marks=marks
    )


def cut(words: str, wanted: tuple[str, ...]) -> str:
    """Return the piece of `words` around the first term, on one line."""
    flat = " ".join(words.split())
    lower = flat.lower()
    firsts = [place for term in wanted if (place := lower.find(term.lower())) >= 0]
    start = max(0, min(firsts, default=0) - _AROUND)
    piece = flat[start : start + 3 * _AROUND]
    return ("…" if start else "") + piece + ("…" if start + 3 * _AROUND < len(flat) else "")


def places(snippet: str, wanted: tuple[str, ...]) -> tuple[tuple[int, int], ...]:
    """Return where the terms stand in `snippet`, without overlaps."""
    lower = snippet.lower()
    if len(lower) != len(snippet):
        return ()  # some capital letters are longer in lower case (İ): no safe places
    found: list[tuple[int, int]] = []
    for term in sorted(wanted, key=len, reverse=True):
        start = lower.find(term.lower())
        while start >= 0:
            end = start + len(term)
            if all(end <= first or start >= last for first, last in found):
                found.append((start, end))
            start = lower.find(term.lower(), end)
    return tuple(sorted(found))
