"""
Deliver: claim what is pending, send it, then record it. The street's second half.

One task per channel, so a dead channel never delays another. A claim is a lease: no
transaction is open while the network is; a crash after the send and before the record
sends again with the same key.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import structlog

from crawler.alert.channel import Channel, Receipt
from crawler.alert.digest import Digest, gather
from crawler.alert.retry import Bucket, Dead, Hold, Retry, bucket, verdict
from crawler.errors import DeliveryError
from crawler.store import Connection, Writer, outbox
from crawler.store.outbox import Claim
from crawler.types import Alert

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
BATCH = 400  # claims at once: what is over the burst leaves as digests
TICK = 1.0  # seconds between two looks at a quiet outbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A channel with what the courier must know of it."""

    channel: Channel
    kind: str  # slack | email | webhook | command | apprise
    per_minute: float | None = None
    burst: int = 20


class Courier:
    """Sends what is pending."""

    def __init__(
        self,
        writer: Writer,
        posts: Mapping[str, Post],
        clock: Callable[[], datetime],
        rng: random.Random,
    ) -> None:
        self._writer, self._clock, self._rng = writer, clock, rng
        self._posts = dict(posts)
        self._buckets: dict[str, Bucket] = {}
        self.owner = uuid4().hex
        self.delivered = 0
        self.failed = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Serve every channel until `stop` is set; what is being sent then is finished."""
        async with asyncio.TaskGroup() as tasks:
            for name in self._posts:
                tasks.create_task(self._serve(name, stop), name=f"deliver {name}")

    async def flush(self) -> None:
        """Send what is due now, once; what fails stays for the next run."""
        async with asyncio.TaskGroup() as tasks:
            for name in self._posts:
                tasks.create_task(self._flush(name))

    async def _flush(self, name: str) -> None:
        while await self._round(name, asyncio.Event()):
            pass

    async def _serve(self, name: str, stop: asyncio.Event) -> None:
        while not stop.is_set():
            if not await self._round(name, stop):
                with suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), TICK)

    async def _round(self, name: str, stop: asyncio.Event) -> bool:
        """Claim and send one batch; False when nothing was due."""
        claims = await self._writer.run(_claim, name, self.owner, self._clock())
        by_key = {claim.alert.key: claim for claim in claims}
        waiting = [claim.alert for claim in claims]
        burst = self._posts[name].burst
        for message in gather(name, waiting, self._clock(), burst=burst):
            members = [by_key.pop(alert.key) for alert in _alerts(message)]
            if stop.is_set() or not await self._send(name, message, members):
                await self._give_back([*members, *by_key.values()])
                break
        return bool(claims)

    async def _send(self, name: str, message: Alert | Digest, claims: Sequence[Claim]) -> bool:
        """Send one message and record it; False when the channel must rest."""
        await self._wait_for_token(name)
        post = self._posts[name]
        try:
            previous = await self._writer.run(_previous, name, claims)
            receipt = await asyncio.to_thread(post.channel.send, message, previous)
        except DeliveryError as error:
            return await self._failed(post, claims, error)
        now = self._clock()
        await self._writer.run(_delivered, claims, receipt, now)
        self.delivered += len(claims)
        log.info("alert delivered", channel=name, deals=len(claims))
        return True

    async def _failed(self, post: Post, claims: Sequence[Claim], error: DeliveryError) -> bool:
        now, first = self._clock(), claims[0]
        decision = verdict(
            error,
            attempts=first.attempts + 1,
            age=now - first.created,
            now=now,
            rng=self._rng,
            mail=post.kind == "email",
        )
        await self._writer.run(_recorded, claims, error, decision, now)
        self.failed += len(claims)
        log.warning("alert not delivered", channel=post.channel.name, reason=str(error))
        return not isinstance(decision, Hold) and not getattr(decision, "pause", False)

    async def _give_back(self, claims: Sequence[Claim]) -> None:
        """Return what was claimed and not tried."""
        await self._writer.run(_unclaimed, claims, self._clock())

    async def _wait_for_token(self, name: str) -> None:
        post, now = self._posts[name], self._clock()
        held = self._buckets.get(name) or bucket(post.kind, post.per_minute, now)
        wait = held.wait(now).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)
        self._buckets[name] = held.take(self._clock())


def _alerts(message: Alert | Digest) -> Sequence[Alert]:
    return message.alerts if isinstance(message, Digest) else (message,)


def _claim(conn: Connection, name: str, owner: str, now: datetime) -> list[Claim]:
    claims: list[Claim] = []
    while len(claims) < BATCH and (claim := outbox.claim(conn, name, owner, now, LEASE)):
        claims.append(claim)
    return claims


def _previous(conn: Connection, name: str, claims: Sequence[Claim]) -> Receipt | None:
    """Return what the channel needs to thread an update, or to finish a half-sent message."""
    if len(claims) != 1:
        return None
    row = outbox.get(conn, claims[0].id)
    if row and row[0].receipt:
        return dict(row[0].receipt)
    told = outbox.told(conn, claims[0].alert.deal.id).get(name)
    return dict(told.first_receipt) if told and told.first_receipt else None


def _delivered(conn: Connection, claims: Sequence[Claim], receipt: Receipt, now: datetime) -> None:
    for claim in claims:
        outbox.finish(conn, claim, outbox.Verdict.OK, None, "", None, now, receipt=receipt)


def _recorded(
    conn: Connection,
    claims: Sequence[Claim],
    error: DeliveryError,
    decision: Retry | Dead | Hold,
    now: datetime,
) -> None:
    outcome, next_at = _outcome(error, decision)
    more: dict[str, Any] = {} if error.receipt is None else {"receipt": error.receipt}
    for claim in claims:
        outbox.finish(conn, claim, outcome, error.code, decision.reason, next_at, now, **more)
    channel = claims[0].alert.channel
    if isinstance(decision, Hold):
        outbox.hold_channel(conn, channel, decision.probe_at, decision.reason)
    elif isinstance(decision, Retry) and decision.pause:
        outbox.hold_channel(conn, channel, decision.at, decision.reason)


def _outcome(
    error: DeliveryError, decision: Retry | Dead | Hold
) -> tuple[outbox.Verdict, datetime | None]:
    match decision:
        case Dead():
            return outbox.Verdict.PERMANENT, None
        case Hold():
            return outbox.Verdict.THROTTLED, decision.probe_at
        case Retry(counts=False):
            return outbox.Verdict.THROTTLED, decision.at
    return (outbox.Verdict.UNKNOWN if error.unknown else outbox.Verdict.TRANSIENT), decision.at


def _unclaimed(conn: Connection, claims: Sequence[Claim], now: datetime) -> None:
    for claim in claims:
        outbox.finish(conn, claim, outbox.Verdict.THROTTLED, None, "waits its turn", now, now)
