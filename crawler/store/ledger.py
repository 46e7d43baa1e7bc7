"""Looking at the outbox, and putting right what lies in it: for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, case, func, or_, select, update

from crawler.store import tables as t
from crawler.store.deals import family
from crawler.store.letters import ChannelStats, ChannelTrouble, State, StoredAlert, Told
from crawler.store.sql import upsert
from crawler.types import Alert
from crawler.wire import load

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


def held(conn: Connection, now: datetime) -> dict[str, tuple[datetime | None, str]]:
    """Return the channels that send nothing at `now`: until when (None: a release), and why."""
    c = t.channel.c
    still = or_(c.held_until.is_(None), c.held_until > now)
    rows = conn.execute(select(t.channel).where(c.held.is_(True), still).order_by(c.name))
    return {row.name: (row.held_until, row.reason) for row in rows}


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


def trouble(conn: Connection, channel: str, since: datetime) -> ChannelTrouble:
    """
    Return what is wrong with a channel; dead letters are counted from after `since`.

    A letter that some recipient can never have counts as dead for that recipient. A channel
    that only pauses (429, no network) is not held.
    """
    c = t.outbox.c
    refused = and_(c.state == State.DELIVERED.value, c.reason != "")
    gone = or_(c.state.in_([State.DEAD.value, State.EXPIRED.value]), refused)
    dead = select(c.ended, c.reason).where(c.channel == channel, c.ended > since, gone)
    letters = conn.execute(dead.order_by(c.ended.desc())).all()
    about = conn.execute(select(t.channel).where(t.channel.c.name == channel)).first()
    waiting = _waiting(conn, channel)
    broken = (
        about is not None
        and about.held
        and (about.held_until is None or waiting[State.HELD.value] > 0)
    )
    return ChannelTrouble(
        dead=len(letters),
        dead_reason=letters[0].reason if letters else "",
        dead_until=letters[0].ended if letters else None,
        held=broken,
        held_reason=about.reason if about and broken else "",
        waiting=waiting.total(),
        last_ok_at=about.last_ok_at if about else None,
    )


def _waiting(conn: Connection, channel: str) -> Counter[str]:
    c = t.outbox.c
    states = [state.value for state in (State.PENDING, State.SENDING, State.HELD)]
    query = select(c.state, func.count().label("n")).where(c.channel == channel)
    rows = conn.execute(query.where(c.state.in_(states)).group_by(c.state))
    return Counter({row.state: row.n for row in rows})


# --- looking ------------------------------------------------------------------------


def told(conn: Connection, deal_id: str) -> dict[str, Told]:
    """
    Return what each channel was last told of a deal, or of one that was merged into it.

    What is on its way counts as told; what was suppressed, refused or expired does not.
    """
    c = t.outbox.c
    sent = [State.PENDING, State.SENDING, State.DELIVERED, State.HELD]
    query = select(t.outbox).where(c.deal_id.in_(family(conn, deal_id)), c.state.in_(sent))
    rows: dict[str, list[Row[Any]]] = {}
    for row in conn.execute(query.order_by(c.id)):
        rows.setdefault(row.channel, []).append(row)
    return {name: _told(found, deal_id) for name, found in rows.items()}


def _told(rows: Sequence[Row[Any]], deal_id: str) -> Told:
    last = max(rows, key=lambda row: (row.deal_id == deal_id, row.revision or 0, row.id))
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


def listing(  # noqa: PLR0913 - what narrows a list
    conn: Connection,
    *,
    states: Collection[State] = (),
    channel: str | None = None,
    deal_id: str | None = None,
    limit: int = 100,
    before: int | None = None,
) -> list[StoredAlert]:
    """Return the latest alerts, narrowed; those numbered below `before` continue a list."""
    query = select(t.outbox).order_by(t.outbox.c.id.desc()).limit(limit)
    if states:
        query = query.where(t.outbox.c.state.in_([state.value for state in states]))
    if channel is not None:
        query = query.where(t.outbox.c.channel == channel)
    if deal_id is not None:
        query = query.where(t.outbox.c.deal_id == deal_id)
    if before is not None:
        query = query.where(t.outbox.c.id < before)
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
