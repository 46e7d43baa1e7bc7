"""
Who would be told, and why not: the rules asked about deals that are stored already.

`explain` answers for one deal, `replay` for all of a span, `sample` makes a test message.
Nothing here sends.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from crawler import alert
from crawler.pipeline import Policy, ask, silences
from crawler.store import Connection, deals, outbox, routing
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """
    What one rule and channel made of a deal at some time.

    `verdict` is one of the rules' (`filtered`, `quiet`, `repeat` …) or a state of the message
    (`delivered`, `pending`, `dead` …); `at` is None for what the rules say now.
    """

    rule: str
    channel: str
    verdict: str
    reason: str
    at: datetime | None


def explain(conn: Connection, deal: Deal, policy: Policy, now: datetime) -> list[Answer]:
    """
    Return for every rule and channel what was decided when, what became of the message, and
    what the rules say now; in this order.
    """
    today = ask(
        deal,
        policy,
        changed={},
        told=outbox.told(conn, deal.id),
        now=now,
        hushed=silences(conn, now),
    )
    order = {(one.rule, one.channel): n for n, one in enumerate(today)}
    family = deals.family(conn, deal.id)
    found = [
        *(_then(one) for ident in family for one in routing.decisions(conn, ident)),
        *(_sent(one) for i in family for one in outbox.listing(conn, deal_id=i, limit=1000)),
        *(_now(one) for one in today),
    ]
    last = datetime.max.replace(tzinfo=now.tzinfo)
    return sorted(
        found, key=lambda a: (order.get((a.rule, a.channel), len(order)), a.channel, a.at or last)
    )


def _then(said: routing.Decision) -> Answer:
    return Answer(
        rule=said.rule,
        channel=said.channel,
        verdict=said.verdict,
        reason=said.reason,
        at=said.at,
    )


def _sent(message: StoredAlert) -> Answer:
    tries = f"after {message.attempts} tries" if message.attempts > 1 else ""
    waits = message.due_at is not None and message.state is not outbox.State.SENDING
    due = f"due {message.due_at:%Y-%m-%d %H:%M} UTC" if waits else ""
    about = (f"as {message.kind}", message.reason, tries, due)
    return Answer(
        rule=message.rule,
        channel=message.channel,
        verdict=message.state.value,
        reason=", ".join(filter(None, about)),
        at=message.ended or message.created,
    )


def _now(said: alert.Routed) -> Answer:
    return Answer(
        rule=said.rule,
        channel=said.channel,
        verdict=said.verdict.value,
        reason=said.reason,
        at=None,
    )


def replay(
    conn: Connection, policy: Policy, since: datetime, *, told: bool = False
) -> Iterator[tuple[Deal, list[alert.Routed]]]:
    """
    Yield each deal changed since then with every rule's answer at its first report.

    As if nobody had been told of any; with `told`, whoever was is not told again.
    """
    for deal in deals.listing(conn, deals.Filter(since=since)):
        known = outbox.told(conn, deal.id) if told else {}
        yield deal, ask(deal, policy, changed={}, told=known, now=deal.first_seen)


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
