"""
A person's word on a deal: merge, split, confirm, correct, reject, and undo.

A decision is logged with who and why, and becomes a constraint that every later resolution
of these reports respects. The deals it changes are resolved anew in the same transaction.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from crawler import resolve, wire
from crawler.errors import UsageError
from crawler.pipeline import Ingest
from crawler.resolve import Constraint
from crawler.store import Connection, deals, judged, reviews
from crawler.store.reviews import Decision
from crawler.types import Deal, Event, Review, UsdBasis


@dataclass(frozen=True, slots=True)
class Reviewer:
    """Who decides, when, and the house's knowledge that resolution needs."""

    ingest: Ingest
    who: str
    now: datetime

    def merge(self, conn: Connection, kept: str, gone: str, reason: str) -> list[Deal]:
        """
        Say that two deals are one; the one with more articles keeps its id.

        Raises:
            UsageError: one is not there, or they are of different types.
        """
        one, other = find(conn, kept), find(conn, gone)
        if one.id == other.id:
            raise UsageError("these are the same deal")
        if one.event.type is not other.event.type:
            raise UsageError(f"a {one.event.type} deal and a {other.event.type} deal are not one")
        constraint = resolve.merge(one, other, reason)
        return self._decide(conn, constraint, [one, other])

    def split(self, conn: Connection, ident: str, urls: Sequence[str], reason: str) -> list[Deal]:
        """
        Say that the articles at `urls` tell another deal than the rest.

        Raises:
            UsageError: no such deal, or the articles are not some of its own.
        """
        deal = find(conn, ident)
        own = {report.url for report in deal.reports}
        strangers = sorted(set(urls) - own)
        if strangers:
            raise UsageError(f"{strangers[0]} is no article of this deal")
        if not urls or own <= set(urls):
            raise UsageError("a split leaves at least one article on each side")
        return self._decide(conn, resolve.split(deal, urls, reason), [deal])

    def confirm(self, conn: Connection, ident: str, reason: str) -> list[Deal]:
        """Say that a deal is right as it stands."""
        deal = find(conn, ident)
        return self._decide(conn, resolve.confirm(deal, reason), [deal])

    def reject(self, conn: Connection, ident: str, reason: str) -> list[Deal]:
        """Say that these articles tell no deal at all."""
        deal = find(conn, ident)
        return self._decide(conn, resolve.reject(deal, reason), [deal])

    def correct(
        self, conn: Connection, ident: str, slots: Mapping[str, str], reason: str
    ) -> list[Deal]:
        """
        Say that some slots have these values (JSON text), whoever reports what.

        Raises:
            UsageError: no such deal, or a value that its slot cannot have.
        """
        deal = find(conn, ident)
        given = {slot: json.loads(value) for slot, value in slots.items()}
        try:
            fixed = wire.load(Event, {**wire.plain(deal.event), **given})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            raise UsageError(f"{first['loc'][0]}: {first['msg']}") from None
        return self._decide(
            conn, resolve.correct(deal, {**self._usd(deal, fixed, given), **slots}, reason), [deal]
        )

    def _usd(self, deal: Deal, fixed: Event, given: Mapping[str, object]) -> dict[str, str]:
        """A corrected sum is converted anew, at the rate of the day it was first reported."""
        if not {"amount", "currency"} & set(given) or fixed.amount is None or not fixed.currency:
            return {}
        usd = self.ingest.fx.usd(fixed.amount, fixed.currency, deal.first_seen)
        basis = UsdBasis.NONE if usd is None else UsdBasis.FX_TABLE
        return {
            "amount_usd": json.dumps(wire.plain(usd)),
            "amount_usd_basis": json.dumps(basis.value),
        }

    def undo(self, conn: Connection, number: int) -> list[Deal]:
        """
        Take a decision back, and resolve its deals as if it had never been.

        Raises:
            UsageError: there is none, or it is undone already.
        """
        decision = reviews.undo(conn, number, who=self.who, now=self.now)
        if decision is None:
            raise UsageError(f"there is no decision {number} to undo (raisewire review log)")
        ids = [decision.deal_id, *([decision.other_id] if decision.other_id else [])]
        touched = [deal for ident in ids if (deal := deals.get(conn, ident)) is not None]
        return self._resolve(conn, [deal for deal in touched if deal.merged_into is None])

    def _decide(
        self, conn: Connection, constraint: Constraint, touched: Sequence[Deal]
    ) -> list[Deal]:
        reviews.decide(
            conn,
            constraint.act.value,
            touched[0].id,
            other_id=touched[1].id if len(touched) > 1 else None,
            who=self.who,
            reason=constraint.reason,
            document=wire.plain(constraint),
            now=self.now,
        )
        return self._resolve(conn, touched)

    def _resolve(self, conn: Connection, touched: Sequence[Deal]) -> list[Deal]:
        found = resolve.resolve(
            None,
            touched,
            names=self.ingest.names,
            fx=self.ingest.fx,
            constraints=reviews.constraints(conn, touched, Constraint),
        )
        deals.save(conn, found.deals, self.ingest.keys(found.deals), now=self.now)
        return list(found.deals)


def find(conn: Connection, ident: str) -> Deal:
    """
    Return a deal by its id or the start of it.

    Raises:
        UsageError: there is none, or several.
    """
    deal = deals.get(conn, ident) or deals.by_prefix(conn, ident)
    if deal is None:
        raise UsageError(f"there is no deal {ident} (raisewire deals)")
    if deal.merged_into:
        raise UsageError(f"deal {ident} was merged into {deal.merged_into}")
    return deal


def log(conn: Connection, ident: str | None = None) -> list[Decision]:
    """Return what was decided, in order, undone decisions too."""
    return reviews.decisions(conn, find(conn, ident).id if ident else None, undone=True)


def gold(conn: Connection) -> Iterator[dict[str, Any]]:
    """
    Yield what people decided as lines of a gold corpus, for `train` and `evaluate`.

    A confirmed deal makes each of its articles a row, a rejected one a row without events. A
    correction says what is true, whoever reports what, so it teaches how to read only where
    the deal has one article.
    """
    for article in judged.articles(conn):
        if all(_teaches(one) for one in article.verdicts):
            events = [
                _event(conn, one) for one in article.verdicts if one.review != Review.REJECTED
            ]
            yield {
                "id": f"review-{article.id}",
                "lang": article.lang,
                "title": article.title,
                "published": article.published,
                "text": article.text,
                "kind": "positive" if events else "hard_negative",
                "why": "decided by a person",
                "events": events,
            }


def _teaches(one: judged.Verdict) -> bool:
    return one.review != Review.CORRECTED or one.reports == 1


def _event(conn: Connection, one: judged.Verdict) -> dict[str, Any]:
    """Return the event as a person left it."""
    deal = deals.get(conn, one.deal_id) if one.review == Review.CORRECTED else None
    return dict(one.event) if deal is None else wire.dump_event(deal.event)
