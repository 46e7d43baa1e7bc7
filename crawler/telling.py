"""
Who would be told, and why not: the rules asked about deals that are stored already.

`explain` answers for one deal, `replay` for all of a span, `sample` makes a test message.
Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from crawler import alert
from crawler.pipeline import Policy, silences
from crawler.store import Connection, deals, outbox
from crawler.store.outbox import StoredAlert
from crawler.types import (
    Alert,
    AlertKind,
    Deal,
    DealType,
    Event,
    Qualifier,
    Report,
    Role,
    SourceClass,
    Status,
    UsdBasis,
)


def answers(
    deal: Deal, policy: Policy, now: datetime, hushed: list[alert.Silence]
) -> list[alert.Routed]:
    """Return every rule's answer for a deal as if nobody had been told of it yet."""
    sure = policy.sure.get(deal.event.type, 0.0)
    if deal.event.confidence < sure:
        reason = f"unsure: confidence {deal.event.confidence:.2f} is below {sure:.2f}"
        return [
            alert.Routed(
                rule=rule.name, channel=name, verdict=alert.Verdict.FILTERED, reason=reason
            )
            for rule in policy.rules
            for name in rule.to
        ]
    return alert.route(
        deal,
        kind=AlertKind.NEW,
        changed={},
        rules=policy.rules,
        channels=policy.channels,
        watch=policy.watch,
        told={},
        now=now,
        muted=policy.muted,
        silences=hushed,
    )


def explain(
    conn: Connection, deal: Deal, policy: Policy, now: datetime
) -> tuple[list[alert.Routed], list[StoredAlert]]:
    """Return every rule's answer for a deal as of now, and what the outbox has of it."""
    found = answers(deal, policy, now, silences(conn, now))
    return found, outbox.listing(conn, deal_id=deal.id)


def replay(
    conn: Connection, policy: Policy, since: datetime
) -> Iterator[tuple[Deal, list[alert.Routed]]]:
    """Yield each deal changed since then with every rule's answer at its first report."""
    for deal in deals.listing(conn, deals.Filter(since=since)):
        yield deal, answers(deal, policy, deal.first_seen, [])


def sample(name: str, now: datetime) -> Alert:
    """Return a made-up alert that says it is a test."""
    quote = "This is a test: Example Robotics raised $12 million in a round led by Test Ventures."
    event = Event(
        type=DealType.FUNDING,
        status=Status.ANNOUNCED,
        company="Example Robotics (test message)",
        amount=Decimal(12_000_000),
        qualifier=Qualifier.EXACT,
        currency="USD",
        amount_usd=Decimal(12_000_000),
        amount_usd_basis=UsdBasis.PRINTED,
        lead_investors=("Test Ventures",),
        evidence=quote,
        confidence=1.0,
    )
    report = Report(
        id=0,
        event=event,
        role=Role.REPORT,
        url="https://example.com/test",
        title=quote,
        source="raisewire",
        source_class=SourceClass.OUTLET,
        lang="en",
        published=now,
        seen_at=now,
    )
    deal = Deal(id="test", revision=1, event=event, first_seen=now, updated=now, reports=(report,))
    key = f"test-{now:%Y%m%dT%H%M%S}"
    return Alert(key=key, kind=AlertKind.NEW, channel=name, rule="test", deal=deal, created=now)
