"""
Deals, their reports, and what was known when.

A deal is one JSON document with the columns that lists filter by beside it. Its reports are
rows of their own, so that forty witnesses are not written again with every change; what was
known at an earlier time is in `deal_revision`, to which rows are only ever added.
"""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, bindparam, delete, or_, select, update

from crawler.store import tables as t
from crawler.store import tranches
from crawler.store.articles import countries
from crawler.store.columns import dumps
from crawler.store.doubts import doubt
from crawler.store.sql import alone, missing, parts, upsert
from crawler.types import Deal, DealType, Report, Review, Role, Round, Status
from crawler.wire import load, plain

# --- reports ------------------------------------------------------------------------

_NOTHING: tuple[Any, ...] = ([], 0, None)  # what a document need not say: 0 is False, too
_ADD_REPORT = t.report.insert().returning(t.report.c.id)


def add_report(conn: Connection, article_id: int | None, report: Report) -> Report:
    """
    Store one article's event; return it with the number by which deals refer to it.

    From here to the transaction's end no other process adds one: of two that read of the same
    new deal at once, the second must find what the first has made of it.
    """
    alone(conn, "deals")
    document = plain(replace(report, sketch=(), id=0, article_id=0, seat=None))
    row = {
        "article_id": article_id or None,
        "role": report.role.value,
        "type": report.event.type.value,
        "company": report.event.company,
        "published": report.published,
        "document": {name: value for name, value in document.items() if value not in _NOTHING},
        "sketch": array("Q", report.sketch).tobytes() if report.sketch else None,
    }
    made = conn.execute(_ADD_REPORT, row)
    return replace(report, id=int(made.scalar_one()), article_id=article_id or 0)


def reports_of(conn: Connection, article_id: int) -> list[tuple[Report, str | None]]:
    """Return what an article reports, each with the deal it belongs to."""
    query = select(t.report).where(t.report.c.article_id == article_id).order_by(t.report.c.id)
    return [(report_of(row), row.deal_id) for row in conn.execute(query)]


def drop_reports(conn: Connection, ids: Collection[int]) -> None:
    """Delete reports (of an article that is read anew); save the deals without them too."""
    for some in parts(ids):
        conn.execute(delete(t.report).where(t.report.c.id.in_(some)))


def report_of(row: Row[Any]) -> Report:
    """Return a stored report."""
    sketch = array("Q", row.sketch or b"").tolist()
    more = {"id": row.id, "article_id": row.article_id or 0, "sketch": sketch, "seat": row.seat}
    return load(Report, {**row.document, **more})


# --- deals --------------------------------------------------------------------------


def save(
    conn: Connection,
    deals: Sequence[Deal],
    keys: Mapping[str, Collection[str]],
    *,
    now: datetime | None = None,
) -> None:
    """
    Store deals with all their reports; each state is kept for `as_of` questions.

    `keys` gives each deal's company keys, by which `block` finds it; a deal that is not in
    `keys` keeps those it has. `now` is when we knew, by default the deal's `updated`.

    Raises:
        ValueError: a report of a deal has not been stored (`add_report`).
    """
    where = countries(conn, {report.article_id for deal in deals for report in deal.reports})
    for deal in deals:
        if any(not report.id for report in deal.reports):
            raise ValueError(f"deal {deal.id} has a report that is not stored")
        document = _document(deal)
        _save_row(conn, deal, document, where)
        _save_parties(conn, deal)
        tranches.save(conn, deal)
        if deal.id in keys:
            _save_keys(conn, deal, keys[deal.id])
        _save_revision(conn, deal, document, now or deal.updated)
    _give_reports(conn, deals)


def _document(deal: Deal) -> dict[str, Any]:
    document = plain(replace(deal, reports=()))
    return {name: value for name, value in document.items() if value not in ([], {}, None)}


def _save_row(
    conn: Connection, deal: Deal, document: Mapping[str, Any], where: Mapping[int, str | None]
) -> None:
    upsert(conn, t.deal, _row(deal, where) | {"document": document}, ("id",))


def _row(deal: Deal, where: Mapping[int, str | None]) -> dict[str, Any]:
    event, days = deal.event, [report.published for report in deal.reports]
    found = [where.get(report.article_id) for report in deal.reports]
    return {
        "id": deal.id,
        "revision": deal.revision,
        "type": event.type.value,
        "status": event.status.value,
        "company": event.company,
        "company_fold": fold(event.company),
        "amount": _float(event.amount),
        "currency": event.currency,
        "amount_usd": _float(event.amount_usd),
        "round": event.round.value if event.round else None,
        "country": next((country for country in found if country), None),
        "confidence": event.confidence,
        "review": deal.review.value,
        "merged_into": deal.merged_into,
        "first_seen": deal.first_seen,
        "updated": deal.updated,
        "first_at": min(days, default=None),
        "last_at": max(days, default=None),
        "langs": " ".join(["", *sorted({report.lang for report in deal.reports}), ""]),
        "reports": len(deal.reports),
        "doubt": doubt(deal),
        "words": _words(deal),
    }


def _float(value: object) -> float | None:
    return None if value is None else float(str(value))


def fold(name: str) -> str:
    """Return a name as lists compare it: without regard to case and spacing."""
    return " ".join(name.casefold().split())


def _words(deal: Deal) -> str:
    """Return what a search for the deal may find: names and its proof."""
    event = deal.event
    names = (event.company, *event.aliases, *event.lead_investors, *event.investors)
    return "\n".join(dict.fromkeys([*names, *event.bookrunners, event.evidence]))


def _save_parties(conn: Connection, deal: Deal) -> None:
    event = deal.event
    roles = {
        "lead": event.lead_investors,
        "investor": event.investors,
        "bookrunner": event.bookrunners,
    }
    wanted = {(role, name) for role, names in roles.items() for name in names if name}
    c = t.deal_party.c
    there = {(row.role, row.name) for row in conn.execute(_parties(deal.id))}
    for role, name in there - wanted:
        gone = (c.deal_id == deal.id, c.role == role, c.name == name)
        conn.execute(delete(t.deal_party).where(*gone))
    rows = [
        {"deal_id": deal.id, "role": role, "name": name, "name_fold": fold(name)}
        for role, name in sorted(wanted - there)
    ]
    if rows:
        conn.execute(missing(conn, t.deal_party, ("deal_id", "role", "name")), rows)


def _parties(deal_id: str) -> Select[Any]:
    return select(t.deal_party.c.role, t.deal_party.c.name).where(t.deal_party.c.deal_id == deal_id)


def _save_keys(conn: Connection, deal: Deal, keys: Collection[str]) -> None:
    c = t.deal_key.c
    days = [report.published for report in deal.reports] or [deal.first_seen]
    about = (deal.event.type.value, min(days), max(days))
    there = {
        row.key: (row.type, row.first_at, row.last_at)
        for row in conn.execute(select(t.deal_key).where(c.deal_id == deal.id))
    }
    stale = [key for key, said in there.items() if key not in keys or said != about]
    if stale:
        conn.execute(delete(t.deal_key).where(c.deal_id == deal.id, c.key.in_(stale)))
    kind, first, last = about
    row = {"deal_id": deal.id, "type": kind, "first_at": first, "last_at": last}
    rows = [row | {"key": key} for key in sorted(keys) if there.get(key) != about]
    if rows:
        conn.execute(t.deal_key.insert(), rows)


def _save_revision(
    conn: Connection, deal: Deal, document: Mapping[str, Any], known_at: datetime
) -> None:
    """Add what is known now to what was known before, unless nothing changed."""
    state = {name: value for name, value in document.items() if name not in {"history", "apart"}}
    ids = sorted(report.id for report in deal.reports)
    c = t.deal_revision.c
    last = select(t.deal_revision).where(c.deal_id == deal.id).order_by(c.id.desc()).limit(1)
    before = conn.execute(last).first()
    if before and dumps(before.document) == dumps(state) and before.report_ids == ids:
        return
    row = {"deal_id": deal.id, "revision": deal.revision, "known_at": known_at}
    conn.execute(t.deal_revision.insert(), row | {"document": state, "report_ids": ids})


def _give_reports(conn: Connection, deals: Sequence[Deal]) -> None:
    """Let each report belong to the deal that names it, and to no other."""
    wanted = {report.id: (deal.id, plain(report.seat)) for deal in deals for report in deal.reports}
    there = _seats(conn, [deal.id for deal in deals], wanted)
    moved = [
        {"n": ident, "home": home, "why": seat}
        for ident, (home, seat) in (dict.fromkeys(there, (None, None)) | wanted).items()
        if there.get(ident) != (home, seat)
    ]
    if moved:
        conn.execute(_GIVE_REPORT, moved)


_GIVE_REPORT = (
    update(t.report)
    .where(t.report.c.id == bindparam("n"))
    .values(deal_id=bindparam("home"), seat=bindparam("why"))
)


def _seats(
    conn: Connection, deal_ids: Collection[str], report_ids: Collection[int]
) -> dict[int, tuple[str | None, Any]]:
    """Return where the reports of some deals, and some reports more, are at present."""
    c = t.report.c
    wanted = [c.deal_id.in_(ids) for ids in parts(deal_ids)]
    wanted += [c.id.in_(ids) for ids in parts(report_ids)]
    query = select(c.id, c.deal_id, c.seat)
    return {
        row.id: (row.deal_id, row.seat)
        for condition in wanted
        for row in conn.execute(query.where(condition))
    }


def block(
    conn: Connection,
    type: DealType,  # noqa: A002 - the noun's own name
    company_keys: Collection[str],
    since: datetime,
    until: datetime,
) -> list[Deal]:
    """
    Return the deals of `type` under any of the keys with a report in `since` .. `until`.

    Rejected deals are among them (a later article must not bring them back), merged ones
    are not. Found by index: the cost does not grow with the number of deals.
    """
    c = t.deal_key.c
    ids = select(c.deal_id).where(c.key.in_(sorted(company_keys)), c.type == type.value)
    ids = ids.where(c.last_at >= since, c.first_at <= until)
    query = select(t.deal).where(t.deal.c.id.in_(ids), t.deal.c.merged_into.is_(None))
    return _load(conn, conn.execute(query.order_by(t.deal.c.n)).all())


def keys_of(conn: Connection, deal_ids: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Return the company keys that deals are stored under."""
    found: dict[str, list[str]] = defaultdict(list)
    query = select(t.deal_key.c.deal_id, t.deal_key.c.key).order_by(t.deal_key.c.key)
    for some in parts(deal_ids):
        for deal_id, key in conn.execute(query.where(t.deal_key.c.deal_id.in_(some))):
            found[deal_id].append(key)
    return {deal_id: tuple(keys) for deal_id, keys in found.items()}


def _load(conn: Connection, rows: Sequence[Row[Any]]) -> list[Deal]:
    """Return rows as deals with their reports, by two queries however many they are."""
    return witnessed(conn, [load(Deal, row.document) for row in rows])


def witnessed(conn: Connection, deals: Sequence[Deal]) -> list[Deal]:
    """Return deals with the reports that are stored of them."""
    reports: dict[str, list[Report]] = defaultdict(list)
    query = select(t.report).where(t.report.c.deal_id.in_(bindparam("ids", expanding=True)))
    query = query.order_by(t.report.c.published, t.report.c.id)
    for some in parts(deal.id for deal in deals):
        for row in conn.execute(query, {"ids": some}):
            reports[row.deal_id].append(report_of(row))
    return [replace(deal, reports=tuple(reports[deal.id])) for deal in deals]


def get(conn: Connection, ident: str, as_of: datetime | None = None) -> Deal | None:
    """Return a deal, or what was known of it at `as_of`; None if nothing was."""
    row = conn.execute(select(t.deal).where(t.deal.c.id == ident)).first()
    if row is None:
        return None
    (deal,) = _load(conn, [row])
    return deal if as_of is None else _then(conn, deal, as_of)


def by_prefix(conn: Connection, prefix: str) -> Deal | None:
    """Return the only deal whose id begins with `prefix`; None for none or several."""
    ids = select(t.deal.c.id).where(t.deal.c.id.startswith(prefix, autoescape=True)).limit(2)
    found = list(conn.scalars(ids)) if prefix else []
    return get(conn, found[0]) if len(found) == 1 else None


def _then(conn: Connection, deal: Deal, as_of: datetime) -> Deal | None:
    c = t.deal_revision.c
    query = select(t.deal_revision).where(c.deal_id == deal.id, c.known_at <= as_of)
    row = conn.execute(query.order_by(c.known_at.desc(), c.id.desc()).limit(1)).first()
    if row is None:
        return None
    known = [
        report_of(found)
        for some in parts(row.report_ids)
        for found in conn.execute(select(t.report).where(t.report.c.id.in_(some)))
    ]
    reports = sorted(known, key=lambda report: (report.published, report.id))
    history = tuple(entry for entry in deal.history if entry.known_at <= as_of)
    return replace(load(Deal, row.document), reports=tuple(reports), history=history)


# --- lists --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Filter:
    """Which deals a list shows. Times are half-open: `since` is in, `until` is not."""

    since: datetime | None = None  # of the last change
    until: datetime | None = None
    types: tuple[DealType, ...] = ()
    statuses: tuple[Status, ...] = ()
    rounds: tuple[Round, ...] = ()
    reviews: tuple[Review, ...] = ()
    company: str | None = None  # part of the name or of an alias is enough
    investor: str | None = None  # part of a lead's, investor's or bookrunner's name
    min_usd: float | None = None
    max_usd: float | None = None
    currency: str | None = None
    country: str | None = None  # of an outlet that reports it
    lang: str | None = None  # of an article that reports it
    merged: bool = False  # show merged deals too
    rejected: bool = False  # show rejected deals too
    order: str = "updated"  # updated | amount_usd | first_seen | company
    limit: int | None = None
    offset: int = 0
    after: tuple[datetime, str] | None = None  # continue an `updated` list behind this deal


def listing(conn: Connection, wanted: Filter | None = None) -> Iterator[Deal]:
    """Return deals, newest first unless the filter says otherwise."""
    wanted = wanted or Filter()
    ids = list(conn.scalars(_ordered(narrowed(select(t.deal.c.id), wanted), wanted)))
    for some in parts(ids, 200):
        rows = {row.id: row for row in conn.execute(select(t.deal).where(t.deal.c.id.in_(some)))}
        yield from _load(conn, [rows[ident] for ident in some if ident in rows])


def count(conn: Connection, wanted: Filter | None = None) -> int:
    """Return how many deals a filter lets through, whatever its limit."""
    from sqlalchemy import func

    ids = narrowed(select(t.deal.c.id), replace(wanted or Filter(), after=None)).subquery()
    return conn.scalar(select(func.count()).select_from(ids)) or 0


_ORDERS = {
    "updated": (t.deal.c.updated.desc(), t.deal.c.id.desc()),
    "first_seen": (t.deal.c.first_seen.desc(), t.deal.c.id.desc()),
    "amount_usd": (t.deal.c.amount_usd.desc().nulls_last(), t.deal.c.id.desc()),
    "company": (t.deal.c.company_fold, t.deal.c.updated.desc(), t.deal.c.id.desc()),
}


def _ordered(query: Select[Any], wanted: Filter) -> Select[Any]:
    query = query.order_by(*_ORDERS[wanted.order])
    if wanted.limit is not None or wanted.offset:
        # SQLite knows no OFFSET without LIMIT
        query = query.limit(wanted.limit if wanted.limit is not None else 2**31)
        query = query.offset(wanted.offset)
    return query


def narrowed(query: Select[Any], wanted: Filter) -> Select[Any]:
    """Return a query on `deal` for no more than what the filter lets through."""
    for condition in (*_facts(wanted), *_people(wanted), *_shown(wanted)):
        query = query.where(condition)
    return query


def _facts(wanted: Filter) -> Iterable[Any]:
    c = t.deal.c
    sets = {c.type: wanted.types, c.status: wanted.statuses, c.round: wanted.rounds}
    for column, values in {**sets, c.review: wanted.reviews}.items():
        if values:
            yield column.in_([value.value for value in values])
    if wanted.min_usd is not None:
        yield c.amount_usd >= wanted.min_usd
    if wanted.max_usd is not None:
        yield c.amount_usd <= wanted.max_usd
    if wanted.currency:
        yield c.currency == wanted.currency.upper()
    if wanted.country:
        yield c.country == wanted.country.upper()
    if wanted.lang:
        yield c.langs.contains(f" {wanted.lang} ", autoescape=True)


def _people(wanted: Filter) -> Iterable[Any]:
    if wanted.company:
        name = fold(wanted.company)
        keys = select(t.deal_key.c.deal_id).where(t.deal_key.c.key == name)
        yield or_(t.deal.c.company_fold.contains(name, autoescape=True), t.deal.c.id.in_(keys))
    if wanted.investor:
        column = t.deal_party.c.name_fold
        query = select(t.deal_party.c.deal_id)
        yield t.deal.c.id.in_(query.where(column.contains(fold(wanted.investor), autoescape=True)))


def _shown(wanted: Filter) -> Iterable[Any]:
    c = t.deal.c
    if wanted.since is not None:
        yield c.updated >= wanted.since
    if wanted.until is not None:
        yield c.updated < wanted.until
    if not wanted.merged:
        yield c.merged_into.is_(None)
    if not wanted.rejected and Review.REJECTED not in wanted.reviews:
        yield c.review != Review.REJECTED.value
    if wanted.after is not None:
        when, ident = wanted.after
        yield or_(c.updated < when, and_(c.updated == when, c.id < ident))


def of_article(conn: Connection, article_id: int) -> list[Deal]:
    """Return the deals that an article reports or recalls."""
    ids = select(t.report.c.deal_id).where(t.report.c.article_id == article_id)
    rows = conn.execute(select(t.deal).where(t.deal.c.id.in_(ids)).order_by(t.deal.c.n)).all()
    return _load(conn, rows)


def merged_into(conn: Connection, ident: str) -> list[str]:
    """Return the ids of deals that were merged into `ident`."""
    query = select(t.deal.c.id).where(t.deal.c.merged_into == ident).order_by(t.deal.c.n)
    return list(conn.scalars(query))


def family(conn: Connection, ident: str) -> list[str]:
    """Return `ident` and the ids of all that was merged into it, by way of others too."""
    found = [ident]
    for member in found:
        found += [one for one in merged_into(conn, member) if one not in found]
    return found


def witnesses(deal: Deal) -> int:
    """Count the articles that report a deal, not those that only recall it."""
    return sum(report.part is Role.REPORT for report in deal.reports)
