"""
Alerts on their way: put in, claimed, and finished.

A row is written in the transaction that stores the deal, claimed under a fenced lease, sent
with no transaction open, and then finished under the same token. A crash in between sends
twice with the same key; it never loses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, exists, or_, select, update

from crawler.store import tables as t
from crawler.store.letters import Claim, State, Verdict
from crawler.store.sql import missing, parts, upsert
from crawler.types import Alert
from crawler.wire import load, plain

_NOBODY: dict[str, Any] = dict.fromkeys(("lease_token", "lease_owner", "lease_until"))
_ENDS = {
    Verdict.OK: State.DELIVERED,
    Verdict.PERMANENT: State.DEAD,
    Verdict.EXPIRED: State.EXPIRED,
    Verdict.SUPPRESSED: State.SUPPRESSED,
    Verdict.HELD: State.HELD,
}


# --- putting in ---------------------------------------------------------------------


def enqueue(
    conn: Connection,
    alerts: Sequence[Alert],
    now: datetime | None = None,
    *,
    suppressed_reason: str | None = None,
) -> int:
    """
    Put alerts into the outbox; return how many were new. A key that is there already stays.

    They are due at `now` (by default when they were made), or at their `not_before`. With a
    reason they are kept as suppressed: never sent, yet there to explain why not.
    """
    rows = [_row(alert, now or alert.created, suppressed_reason) for alert in alerts]
    keys = [row["key"] for row in rows]
    there: set[str] = set()
    for some in parts(keys):
        there.update(conn.scalars(select(t.outbox.c.key).where(t.outbox.c.key.in_(some))))
    fresh = list({row["key"]: row for row in rows if row["key"] not in there}.values())
    if fresh:
        conn.execute(missing(conn, t.outbox, ("key",)), fresh)
    return len(fresh)


def _row(alert: Alert, now: datetime, suppressed_reason: str | None) -> dict[str, Any]:
    state = State.PENDING if suppressed_reason is None else State.SUPPRESSED
    sent = state is State.PENDING
    return {
        "key": alert.key,
        "channel": alert.channel,
        "kind": alert.kind.value,
        "rule": alert.rule,
        "digest": alert.digest,
        "deal_id": alert.deal.id,
        "revision": alert.deal.revision,
        "state": state.value,
        "created": alert.created,
        "due_at": max(now, alert.not_before or now) if sent else None,
        "ended": None if sent else now,
        "reason": suppressed_reason or "",
        "document": plain(_without_sketches(alert)),
    }


def _without_sketches(alert: Alert) -> Alert:
    reports = tuple(replace(report, sketch=()) for report in alert.deal.reports)
    earlier = tuple(replace(deal, reports=()) for deal in alert.earlier)
    return replace(alert, deal=replace(alert.deal, reports=reports), earlier=earlier)


# --- taking out ---------------------------------------------------------------------


def pending_channels(conn: Connection, now: datetime) -> list[str]:
    """Return the channels that have an alert to send now."""
    c = t.outbox.c
    query = select(c.channel).where(c.due_at <= now, ~_held(now)).distinct()
    return list(conn.scalars(query.order_by(c.channel)))


def _held(now: datetime) -> Any:  # noqa: ANN401 - an SQL condition
    c = t.channel.c
    still = or_(c.held_until.is_(None), c.held_until > now)
    return exists().where(c.name == t.outbox.c.channel, c.held.is_(True), still)


def claim(
    conn: Connection, channel: str, owner: str, now: datetime, lease: timedelta
) -> Claim | None:
    """Lease the channel's oldest due alert until `now + lease`; None if there is none."""
    return next(iter(claim_many(conn, channel, owner, now, lease, limit=1)), None)


def claim_many(  # noqa: PLR0913 - `claim`, and how many
    conn: Connection, channel: str, owner: str, now: datetime, lease: timedelta, *, limit: int
) -> list[Claim]:
    """Lease the channel's `limit` oldest due alerts, in the order in which they were made."""
    ids = [claim.id for claim in due(conn, channel, now, limit=limit)]
    return claim_these(conn, channel, ids, owner, now, lease)


def due(conn: Connection, channel: str, now: datetime, *, limit: int) -> list[Claim]:
    """
    Return the channel's `limit` oldest due alerts, in the order in which they were made.

    What went out as one message comes whole, over the limit if need be, or not at all: half
    of it would be another message. Nothing is leased: with them one plans messages, each
    claimed when its turn comes.
    """
    c = t.outbox.c
    ready = select(t.outbox).where(_is_due(channel, now), ~_waits_for_others(now))
    rows = list(conn.execute(ready.order_by(c.id).limit(limit)))
    there, bundles = {row.id for row in rows}, {row.bundle for row in rows if row.bundle}
    for some in parts(sorted(bundles)):
        rows += [
            row for row in conn.execute(ready.where(c.bundle.in_(some))) if row.id not in there
        ]
    return [_claim(row, row.attempts) for row in sorted(rows, key=lambda row: row.id)]


def _waits_for_others(now: datetime) -> Any:  # noqa: ANN401 - an SQL condition
    other = t.outbox.alias()
    same = other.c.bundle == t.outbox.c.bundle
    return exists().where(same, other.c.ended.is_(None), other.c.due_at > now)


def claim_these(  # noqa: PLR0913, PLR0917 - `claim`, and which
    conn: Connection,
    channel: str,
    ids: Sequence[int],
    owner: str,
    now: datetime,
    lease: timedelta,
) -> list[Claim]:
    """Lease those of the alerts `ids` that are still due, in the order of their making."""
    c = t.outbox.c
    found: list[Any] = []
    for some in parts(ids):
        query = select(c.id, c.state, c.attempts).where(_is_due(channel, now), c.id.in_(some))
        locked = query.with_for_update(skip_locked=True, of=t.outbox)
        found += conn.execute(locked.order_by(c.id)).all()
    return _lend(conn, found, _Lease(uuid4().hex, owner, now, now + lease))


def _is_due(channel: str, now: datetime) -> ColumnElement[bool]:
    c = t.outbox.c
    return and_(c.channel == channel, c.due_at <= now, ~_held(now))


def bind(conn: Connection, claims: Sequence[Claim], bundle: str) -> list[Claim]:
    """
    Note, before it is sent, that `claims` go out as one message with the key `bundle`.

    Should the sender die, each comes back with that `bundle`, so that the repeat has the
    same key and the same members.
    """
    for claim in claims:
        ours = (t.outbox.c.id == claim.id, t.outbox.c.lease_token == claim.token)
        conn.execute(update(t.outbox).where(*ours).values(bundle=bundle))
    return [replace(claim, bundle=bundle) for claim in claims]


def unclaim(conn: Connection, claims: Sequence[Claim], now: datetime) -> int:
    """Give claims back that were never tried, as if they had not been taken; return how many."""
    c, count = t.outbox.c, 0
    for claim in claims:
        ours = update(t.outbox).where(c.id == claim.id, c.lease_token == claim.token)
        back = {"state": State.PENDING.value, "attempts": claim.attempts, "due_at": now}
        if conn.execute(ours.values({**back, **_NOBODY})).rowcount == 1:
            begun = (
                t.delivery_attempt.c.outbox_id == claim.id,
                t.delivery_attempt.c.ended.is_(None),
            )
            conn.execute(delete(t.delivery_attempt).where(*begun))
            count += 1
    return count


@dataclass(frozen=True, slots=True)
class _Lease:
    token: str
    owner: str
    now: datetime
    until: datetime


def _lend(conn: Connection, found: Sequence[Row[int, str, int]], lease: _Lease) -> list[Claim]:
    """Lease the rows; what was being sent by somebody who never came back has an unknown end."""
    for row in found:
        if row.state == State.SENDING:
            why = "no word of it"
            _end_attempt(conn, row.id, row.attempts, Verdict.UNKNOWN, lease.now, None, why)
    values = {
        "lease_token": lease.token,
        "lease_owner": lease.owner,
        "lease_until": lease.until,
        "due_at": lease.until,
        "state": State.SENDING.value,
        "attempts": t.outbox.c.attempts + 1,
    }
    claims = []
    for some in parts(row.id for row in found):
        lent = update(t.outbox).where(t.outbox.c.id.in_(some)).values(values)
        rows = conn.execute(lent.returning(t.outbox)).all()
        claims += [_begin_attempt(conn, row, lease) for row in sorted(rows, key=lambda row: row.id)]
    return claims


def _begin_attempt(conn: Connection, row: Row[Any], lease: _Lease) -> Claim:
    begun = {"outbox_id": row.id, "n": row.attempts, "started": lease.now, "outcome": None}
    upsert(conn, t.delivery_attempt, begun, ("outbox_id", "n"))
    return _claim(row, row.attempts - 1)


def _claim(row: Row[Any], attempts: int) -> Claim:
    return Claim(
        id=row.id,
        token=row.lease_token or "",
        alert=load(Alert, row.document),
        attempts=attempts,
        created=row.created,
        until=row.lease_until or row.due_at,
        bundle=row.bundle,
    )


def finish(  # noqa: PLR0913, PLR0917 - all that is known of an attempt
    conn: Connection,
    claim: Claim,
    outcome: Verdict | str,
    code: int | None,
    message: str,
    next_at: datetime | None,
    now: datetime,
    *,
    receipt: Mapping[str, Any] | None = None,
) -> bool:
    """
    Record how a claim ended; False (and nothing changes) if it is no longer ours.

    TRANSIENT, UNKNOWN and THROTTLED wait until `next_at`, without one the alert expires.
    HELD waits until `next_at` as well, to see whether its channel was mended; without one
    until the channel is released.
    `message` must not name a secret. `receipt` is what updates need to find the message.
    """
    verdict = Verdict(outcome)
    state = _ENDS.get(verdict) or (State.EXPIRED if next_at is None else State.PENDING)
    attempts = claim.attempts + (verdict not in (Verdict.THROTTLED, Verdict.HELD))
    values: dict[str, Any] = {
        "state": state.value,
        "attempts": attempts,
        "due_at": next_at if state in (State.PENDING, State.HELD) else None,
        "ended": None if state in (State.PENDING, State.HELD) else now,
        "reason": message,
        "code": code,
        **_NOBODY,
    }
    if receipt is not None:
        values["receipt"] = dict(receipt)
    ours = (t.outbox.c.id == claim.id, t.outbox.c.lease_token == claim.token)
    if conn.execute(update(t.outbox).where(*ours).values(values)).rowcount != 1:
        return False
    _end_attempt(conn, claim.id, claim.attempts + 1, verdict, now, code, message)
    _note_channel(conn, claim.alert.channel, verdict, now)
    return True


def _end_attempt(  # noqa: PLR0913, PLR0917 - a row of its table
    conn: Connection,
    outbox_id: int,
    n: int,
    verdict: Verdict,
    now: datetime,
    code: int | None,
    message: str,
) -> None:
    c = t.delivery_attempt.c
    row = update(t.delivery_attempt).where(c.outbox_id == outbox_id, c.n == n)
    conn.execute(row.values(ended=now, outcome=verdict.value, code=code, message=message))


def _note_channel(conn: Connection, name: str, verdict: Verdict, now: datetime) -> None:
    if verdict is Verdict.SUPPRESSED:
        return
    column = "last_ok_at" if verdict is Verdict.OK else "last_failed_at"
    upsert(conn, t.channel, {"name": name, column: now}, ("name",))
    if verdict is Verdict.OK:  # whatever paused it is over; what a person holds stays held
        paused = (t.channel.c.name == name, t.channel.c.held_until.is_not(None))
        free = {"held": False, "held_until": None, "reason": ""}
        conn.execute(update(t.channel).where(*paused).values(free))


def release(conn: Connection, owner: str, now: datetime) -> int:
    """Give back what `owner` claimed; sure only when it has stopped. Its attempts end unknown."""
    c = t.outbox.c
    mine = update(t.outbox).where(c.lease_owner == owner, c.state == State.SENDING.value)
    return conn.execute(mine.values({"due_at": now, **_NOBODY})).rowcount
