"""
The outbox: alerts on their way, each row one deal revision for one channel.

A row is written in the transaction that stores the deal, claimed under a fenced lease, sent
with no transaction open, and then finished under the same token. A crash in between sends
twice with the same key; it never loses.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, Row, Select, and_, case, exists, func, or_, select, update

from crawler.store import tables as t
from crawler.store.sql import missing, parts, upsert
from crawler.types import Alert, Deal
from crawler.wire import load, plain


class State(StrEnum):
    """Where an alert is."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"  # refused for good; somebody must look
    SUPPRESSED = "suppressed"  # silenced, or too old when it was made; kept to explain
    EXPIRED = "expired"  # nobody took it for too long; reported like dead
    HELD = "held"  # the channel itself is broken; sent when it is released


class Verdict(StrEnum):
    """How one attempt to deliver ended."""

    OK = "ok"
    TRANSIENT = "transient"  # try again
    UNKNOWN = "unknown"  # may have arrived; try again with the same key
    THROTTLED = "throttled"  # try again; does not count as an attempt
    PERMANENT = "permanent"  # never again
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    HELD = "held"


_ENDS = {
    Verdict.OK: State.DELIVERED,
    Verdict.PERMANENT: State.DEAD,
    Verdict.EXPIRED: State.EXPIRED,
    Verdict.SUPPRESSED: State.SUPPRESSED,
    Verdict.HELD: State.HELD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An alert to deliver now. `attempts` counts the earlier ones."""

    id: int
    token: str
    alert: Alert
    attempts: int
    created: datetime
    until: datetime  # when the lease ends


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """A line of the outbox, for people to look at."""

    id: int
    key: str
    channel: str
    kind: str
    rule: str
    deal_id: str | None
    revision: int | None
    state: State
    attempts: int
    created: datetime
    due_at: datetime | None
    ended: datetime | None
    reason: str
    code: int | None
    receipt: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last a channel was told of a deal, or is about to be told."""

    channel: str
    key: str
    kind: str
    state: State
    revision: int
    at: datetime
    deal: Deal  # as it was told
    receipt: Mapping[str, Any] | None  # of the last delivered message
    first_receipt: Mapping[str, Any] | None  # of the first: updates thread under it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStats:
    """One channel's queue at a glance."""

    channel: str
    counts: Mapping[State, int]
    oldest_pending: datetime | None
    held: bool
    held_until: datetime | None
    reason: str
    last_ok_at: datetime | None


# --- putting in ---------------------------------------------------------------------


def enqueue(conn: Connection, alerts: Sequence[Alert], suppressed_reason: str | None = None) -> int:
    """
    Put alerts into the outbox; return how many were new. A key that is there already stays.

    With a reason they are kept as suppressed: never sent, yet there to explain why not.
    """
    rows = [_row(alert, suppressed_reason) for alert in alerts]
    keys = [row["key"] for row in rows]
    there: set[str] = set()
    for some in parts(keys):
        there.update(conn.scalars(select(t.outbox.c.key).where(t.outbox.c.key.in_(some))))
    fresh = list({row["key"]: row for row in rows if row["key"] not in there}.values())
    if fresh:
        conn.execute(missing(conn, t.outbox, ("key",)), fresh)
    return len(fresh)


def _row(alert: Alert, suppressed_reason: str | None) -> dict[str, Any]:
    state = State.PENDING if suppressed_reason is None else State.SUPPRESSED
    sent = state is State.PENDING
    return {
        "key": alert.key,
        "channel": alert.channel,
        "kind": alert.kind.value,
        "rule": alert.rule,
        "deal_id": alert.deal.id,
        "revision": alert.deal.revision,
        "state": state.value,
        "created": alert.created,
        "due_at": alert.created if sent else None,
        "ended": None if sent else alert.created,
        "reason": suppressed_reason or "",
        "document": plain(_without_sketches(alert)),
    }


def _without_sketches(alert: Alert) -> Alert:
    reports = tuple(replace(report, sketch=()) for report in alert.deal.reports)
    return replace(alert, deal=replace(alert.deal, reports=reports))


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
    c = t.outbox.c
    query = select(c.id, c.state, c.attempts).where(c.channel == channel, c.due_at <= now)
    query = query.where(~_held(now)).order_by(c.id).limit(1)
    found = conn.execute(query.with_for_update(skip_locked=True, of=t.outbox)).first()
    if found is None:
        return None
    if found.state == State.SENDING:
        _end_attempt(conn, found.id, found.attempts, Verdict.UNKNOWN, now, None, "no word of it")
    token, until = uuid4().hex, now + lease
    lent = {"lease_token": token, "lease_owner": owner, "lease_until": until, "due_at": until}
    sending = update(t.outbox).where(c.id == found.id)
    sending = sending.values({**lent, "state": State.SENDING.value, "attempts": c.attempts + 1})
    row = conn.execute(sending.returning(t.outbox)).one()
    begun = {"outbox_id": row.id, "n": row.attempts, "started": now, "outcome": None}
    upsert(conn, t.delivery_attempt, begun, ("outbox_id", "n"))
    return Claim(
        id=row.id,
        token=token,
        alert=load(Alert, row.document),
        attempts=row.attempts - 1,
        created=row.created,
        until=until,
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
    `message` must not name a secret. `receipt` is what updates need to find the message.
    """
    verdict = Verdict(outcome)
    state = _ENDS.get(verdict) or (State.EXPIRED if next_at is None else State.PENDING)
    attempts = claim.attempts + (verdict not in (Verdict.THROTTLED, Verdict.HELD))
    values: dict[str, Any] = {
        "state": state.value,
        "attempts": attempts,
        "due_at": next_at if state is State.PENDING else None,
        "ended": None if state in (State.PENDING, State.HELD) else now,
        "reason": message,
        "code": code,
        **dict.fromkeys(("lease_token", "lease_owner", "lease_until")),
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


def release(conn: Connection, owner: str, now: datetime) -> int:
    """Give back what `owner` claimed and never sent; sure only when it has stopped."""
    mine = update(t.outbox).where(t.outbox.c.lease_owner == owner)
    free = dict.fromkeys(("lease_token", "lease_owner", "lease_until"))
    return conn.execute(
        mine.where(t.outbox.c.state == State.SENDING.value).values({"due_at": now, **free})
    ).rowcount


# --- channels -----------------------------------------------------------------------


def hold_channel(conn: Connection, channel: str, until: datetime | None, reason: str) -> None:
    """Send nothing through `channel` before `until`; None: until it is released."""
    row = {"name": channel, "held": True, "held_until": until, "reason": reason}
    upsert(conn, t.channel, row, ("name",))


def release_channel(conn: Connection, channel: str, now: datetime) -> int:
    """Let a channel speak again; return how many held alerts became pending."""
    free = update(t.channel).where(t.channel.c.name == channel)
    conn.execute(free.values(held=False, held_until=None, reason=""))
    c = t.outbox.c
    held = update(t.outbox).where(c.channel == channel, c.state == State.HELD.value)
    return conn.execute(held.values(state=State.PENDING.value, due_at=now)).rowcount


def stats(conn: Connection) -> list[ChannelStats]:
    """Return every channel's queue, by name."""
    c = t.outbox.c
    waits = case((c.state.in_([State.PENDING, State.SENDING, State.HELD]), c.created))
    query = select(c.channel, c.state, func.count().label("n"), func.min(waits).label("oldest"))
    rows = conn.execute(query.group_by(c.channel, c.state)).all()
    about = {row.name: row for row in conn.execute(select(t.channel))}
    names = sorted({row.channel for row in rows} | set(about))
    return [
        _stats(name, [row for row in rows if row.channel == name], about.get(name))
        for name in names
    ]


def _stats(name: str, rows: Sequence[Row[Any]], about: Row[Any] | None) -> ChannelStats:
    return ChannelStats(
        channel=name,
        counts={State(row.state): row.n for row in rows},
        oldest_pending=min((row.oldest for row in rows if row.oldest), default=None),
        held=bool(about and about.held),
        held_until=about.held_until if about else None,
        reason=about.reason if about else "",
        last_ok_at=about.last_ok_at if about else None,
    )


# --- looking ------------------------------------------------------------------------


def told(conn: Connection, deal_id: str) -> dict[str, Told]:
    """
    Return what each channel was last told of a deal.

    What is on its way counts as told; what was suppressed, refused or expired does not.
    """
    c = t.outbox.c
    sent = [State.PENDING, State.SENDING, State.DELIVERED, State.HELD]
    query = select(t.outbox).where(c.deal_id == deal_id, c.state.in_(sent))
    rows: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(query.order_by(c.id)):
        rows.setdefault(row.channel, []).append(row)
    return {name: _told(found) for name, found in rows.items()}


def _told(rows: Sequence[Row[Any]]) -> Told:
    last = max(rows, key=lambda row: (row.revision or 0, row.id))
    receipts = [row.receipt for row in rows if row.receipt]
    return Told(
        channel=last.channel,
        key=last.key,
        kind=last.kind,
        state=State(last.state),
        revision=last.revision or 0,
        at=last.ended or last.created,
        deal=load(Alert, last.document).deal,
        receipt=receipts[-1] if receipts else None,
        first_receipt=receipts[0] if receipts else None,
    )


def listing(
    conn: Connection,
    *,
    states: Collection[State] = (),
    channel: str | None = None,
    deal_id: str | None = None,
    limit: int = 100,
) -> list[StoredAlert]:
    """Return the latest alerts, narrowed."""
    query = select(t.outbox).order_by(t.outbox.c.id.desc()).limit(limit)
    if states:
        query = query.where(t.outbox.c.state.in_([state.value for state in states]))
    if channel is not None:
        query = query.where(t.outbox.c.channel == channel)
    if deal_id is not None:
        query = query.where(t.outbox.c.deal_id == deal_id)
    return [_stored(row) for row in conn.execute(query)]


def dead(conn: Connection, limit: int = 100) -> list[StoredAlert]:
    """Return the dead letters, expired ones too, latest first."""
    return listing(conn, states=(State.DEAD, State.EXPIRED), limit=limit)


def get(conn: Connection, ident: int) -> tuple[StoredAlert, Alert] | None:
    """Return one alert, as a line and in full."""
    row = conn.execute(select(t.outbox).where(t.outbox.c.id == ident)).first()
    return (_stored(row), load(Alert, row.document)) if row else None


def attempts(conn: Connection, ident: int) -> list[Mapping[str, Any]]:
    """Return every attempt to deliver an alert: n, started, ended, outcome, code, message."""
    c = t.delivery_attempt.c
    columns = (c.n, c.started, c.ended, c.outcome, c.code, c.message)
    query = select(*columns).where(c.outbox_id == ident).order_by(c.n)
    return [dict(row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def _stored(row: Row[Any]) -> StoredAlert:
    return StoredAlert(
        id=row.id,
        key=row.key,
        channel=row.channel,
        kind=row.kind,
        rule=row.rule,
        deal_id=row.deal_id,
        revision=row.revision,
        state=State(row.state),
        attempts=row.attempts,
        created=row.created,
        due_at=row.due_at,
        ended=row.ended,
        reason=row.reason,
        code=row.code,
        receipt=row.receipt,
    )


def _ended(ids: Collection[int]) -> Any:  # noqa: ANN401 - an SQL condition
    over = [State.DEAD, State.EXPIRED, State.HELD, State.SUPPRESSED]
    return and_(t.outbox.c.id.in_(ids), t.outbox.c.state.in_(over))


def requeue(conn: Connection, ids: Collection[int], now: datetime) -> int:
    """Send dead, expired, held or suppressed alerts after all; return how many."""
    again = {"state": State.PENDING.value, "due_at": now, "ended": None, "attempts": 0}
    requeued = update(t.outbox).where(_ended(ids)).values(again | {"reason": "requeued"})
    return conn.execute(requeued).rowcount


def drop(conn: Connection, ids: Collection[int], reason: str, now: datetime) -> int:
    """Give up alerts that wait or are dead; they stay, as suppressed, with the reason."""
    waits = and_(t.outbox.c.id.in_(ids), t.outbox.c.state == State.PENDING.value)
    values = {"state": State.SUPPRESSED.value, "due_at": None, "ended": now, "reason": reason}
    return conn.execute(update(t.outbox).where(or_(_ended(ids), waits)).values(values)).rowcount


# --- silences -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Between `starts` and `ends`, alerts that `matcher` fits are suppressed."""

    id: int
    matcher: Mapping[str, Any]
    starts: datetime
    ends: datetime | None
    author: str
    comment: str


def silence(  # noqa: PLR0913 - a row of its table
    conn: Connection,
    matcher: Mapping[str, Any],
    starts: datetime,
    ends: datetime | None,
    *,
    author: str = "",
    comment: str = "",
) -> int:
    """Add a silence; return its number."""
    row = {"matcher": dict(matcher), "starts": starts, "ends": ends}
    made = t.silence.insert().values(row | {"author": author, "comment": comment})
    return int(conn.execute(made.returning(t.silence.c.id)).scalar_one())


def silences(conn: Connection, now: datetime | None = None) -> list[Silence]:
    """Return the silences, or only those in force at `now`."""
    query: Select[Any] = select(t.silence).order_by(t.silence.c.id)
    if now is not None:
        c = t.silence.c
        query = query.where(c.starts <= now, or_(c.ends.is_(None), c.ends > now))
    return [Silence(**row._mapping) for row in conn.execute(query)]  # noqa: SLF001 - SQLAlchemy's public name


def end_silence(conn: Connection, ident: int, now: datetime) -> bool:
    """End a silence now; False if it had ended, or there is none."""
    c = t.silence.c
    over = update(t.silence).where(c.id == ident, or_(c.ends.is_(None), c.ends > now))
    return conn.execute(over.values(ends=now)).rowcount == 1
