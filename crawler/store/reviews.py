"""What people decided about deals: logged, with who and why, and never erased."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Connection, or_, select, update

from crawler.store import tables as t
from crawler.store.sql import parts
from crawler.types import Deal
from crawler.wire import load, plain

T = TypeVar("T")
ACTIONS = ("merge", "split", "confirm", "correct", "reject")


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One line of the review log. `document` holds what applies it again, or undoes it."""

    id: int
    at: datetime
    who: str
    action: str
    deal_id: str
    other_id: str | None
    reason: str
    document: Mapping[str, Any]
    undone_at: datetime | None
    undone_by: str | None


def decide(  # noqa: PLR0913 - a row of its table
    conn: Connection,
    action: str,
    deal_id: str,
    *,
    who: str,
    reason: str,
    now: datetime,
    other_id: str | None = None,
    document: Mapping[str, Any] | None = None,
) -> int:
    """
    Log a decision; return its number. The caller saves the deals in the same transaction.

    Raises:
        ValueError: `action` is none of `ACTIONS`.
    """
    if action not in ACTIONS:
        raise ValueError(f"{action!r} is no review action: {', '.join(ACTIONS)}")
    row = {
        "at": now,
        "who": who,
        "action": action,
        "deal_id": deal_id,
        "other_id": other_id,
        "reason": reason,
        "document": plain(document or {}),
    }
    made = t.decision.insert().values(row).returning(t.decision.c.id)
    return int(conn.execute(made).scalar_one())


def decisions(
    conn: Connection, deal_id: str | None = None, *, undone: bool = False
) -> list[Decision]:
    """Return decisions in order, of one deal or of all, without those undone unless asked."""
    c = t.decision.c
    query = select(t.decision).order_by(c.id)
    if deal_id is not None:
        query = query.where(or_(c.deal_id == deal_id, c.other_id == deal_id))
    if not undone:
        query = query.where(c.undone_at.is_(None))
    return [Decision(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def constraints(conn: Connection, deals: Iterable[Deal], kind: type[T]) -> list[T]:
    """Return the documents of decisions about `deals`, in order, each as a `kind`."""
    c = t.decision.c
    found: dict[int, Any] = {}
    query = select(c.id, c.document).where(c.undone_at.is_(None))
    for ids in parts(deal.id for deal in deals):
        for row in conn.execute(query.where(or_(c.deal_id.in_(ids), c.other_id.in_(ids)))):
            found[row.id] = row.document
    return [load(kind, document) for _, document in sorted(found.items()) if document]


def undo(conn: Connection, ident: int, *, who: str, now: datetime) -> Decision | None:
    """Mark a decision as undone and return it; None if it is not there or undone already."""
    c = t.decision.c
    row = update(t.decision).where(c.id == ident, c.undone_at.is_(None))
    done = conn.execute(row.values(undone_at=now, undone_by=who).returning(t.decision)).first()
    return Decision(**done._mapping) if done else None  # noqa: SLF001 - SQLAlchemy's public name
