"""
Deliver: claim what is pending, send it, then record it. The street's second half.

One task per channel, so a dead channel never delays another. A claim is a lease: no
transaction is open while the network is; a crash after the send and before the record
sends again with the same key.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import Future, InvalidStateError
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from threading import Thread
from typing import Any, TypeVar

import structlog

from crawler import metrics
from crawler.alert.channels import Channel, Receipt
from crawler.alert.deliver import Settled, delivered, failed
from crawler.alert.digest import Digest, Stream, bundle, gather
from crawler.alert.retry import Bucket, bucket
from crawler.alert.rules import silenced
from crawler.errors import DeliveryError, StoreBusyError
from crawler.owner import owner
from crawler.pipeline import silences
from crawler.store import Connection, Writer, deals, outbox
from crawler.store.outbox import Claim
from crawler.types import Alert

log = structlog.get_logger()

LEASE = timedelta(minutes=10)
ROUND = timedelta(minutes=5)  # then plan anew: much may have come in since
HANGS = 240.0  # seconds; a channel ends by its own time-out long before, unless it has a bug
BATCH = 400  # planned at once: what is over the burst leaves as digests
TICK = 1.0  # seconds between two looks at a quiet outbox
TROUBLE = 30.0  # seconds of rest after a bug of ours

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Post:
    """A channel with what the courier must know of it."""

    channel: Channel
    kind: str  # slack | email | webhook | command | apprise
    per_minute: float | None = None
    burst: int = 20


@dataclass(frozen=True, slots=True)
class Parcel:
    """One message, and the claims it carries."""

    message: Alert | Digest
    claims: Sequence[Claim]


class Courier:
    """Sends what is pending. `posts` may be exchanged while it runs."""

    def __init__(
        self,
        writer: Writer,
        posts: Mapping[str, Post],
        clock: Callable[[], datetime],
        rng: random.Random,
        *,
        role: str = "crawl",
    ) -> None:
        self._writer, self._clock, self._rng = writer, clock, rng
        self.posts = posts
        self._buckets: dict[str, Bucket] = {}
        self._streams: dict[str, Stream] = defaultdict(Stream)
        self.owner = owner(role)
        self.delivered = 0
        self.failed = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Serve every channel until `stop` is set; what is being sent then is finished."""
        serving: dict[str, asyncio.Task[None]] = {}
        async with asyncio.TaskGroup() as tasks:
            while not stop.is_set():
                for name in self.posts:
                    if name not in serving or serving[name].done():
                        serving[name] = tasks.create_task(self._serve(name, stop), name=name)
                await _until(stop, TICK)

    async def flush(self, stop: asyncio.Event) -> None:
        """Send what is due now, once; what fails stays for the next run."""
        async with asyncio.TaskGroup() as tasks:
            for name in self.posts:
                tasks.create_task(self._flush(name, stop))

    async def release(self) -> None:
        """Give back what was being sent by a run that was cut short; it is sent again."""
        await self._writer.run(outbox.release, self.owner, self._clock())

    async def _flush(self, name: str, stop: asyncio.Event) -> None:
        while await self._guarded_round(name, stop, gather=False) == 0:
            pass

    async def _serve(self, name: str, stop: asyncio.Event) -> None:
        while not stop.is_set() and name in self.posts:
            rest = await self._guarded_round(name, stop)
            if rest:
                await _until(stop, rest)

    async def _guarded_round(self, name: str, stop: asyncio.Event, *, gather: bool = True) -> float:
        """Do a round whatever happens; return how many seconds to rest before the next."""
        if gather and self._streams[name].gathers(self._clock(), self.posts[name].burst):
            return TICK
        try:
            return 0 if await self._round(name, stop) else TICK
        except StoreBusyError as error:
            log.warning("outbox not to be had", channel=name, reason=str(error))
            return TICK
        except Exception:
            # What was claimed comes back by its lease; the other channels go on.
            log.exception("round failed", channel=name)
            return TROUBLE

    async def _round(self, name: str, stop: asyncio.Event) -> bool:
        """Plan and send one batch; False when nothing was due."""
        now = self._clock()
        waiting = await self._writer.run(outbox.due, name, now, limit=BATCH)
        burst = self.posts[name].burst
        most = 1 if self._streams[name].floods(now, burst) else burst
        for parcel in parcels(name, waiting, now, most):
            over = stop.is_set() or self._clock() > now + ROUND
            if over or not await self._send(name, parcel):
                break
        return bool(waiting)

    async def _send(self, name: str, planned: Parcel) -> bool:
        """Claim, send and record one message; False when the channel must rest."""
        await self._wait_for_token(name)
        channel = self.posts[name].channel
        taken = await self._writer.run(self._take, name, planned, self._clock())
        if taken is None:
            return True
        parcel, previous = taken
        begun = time.monotonic()
        try:
            sending = in_a_thread(channel.send, parcel.message, previous)
            settled = delivered(await asyncio.wait_for(sending, HANGS))
        except DeliveryError as error:
            settled = self._failure(name, parcel, error)
        except Exception as error:
            # A channel's bug must not stop the others, nor lose the message.
            log.exception("channel failed in a way of its own", channel=name)
            reason = f"unexpected: {type(error).__name__}"
            settled = self._failure(
                name, parcel, DeliveryError(name, reason, retry=True, unknown=True)
            )
        metrics.DELIVERY_SECONDS.labels(name).observe(time.monotonic() - begun)
        await self._keep(name, parcel, settled)
        self._note(name, parcel, settled)
        return settled.pause is None

    def _take(
        self, conn: Connection, name: str, planned: Parcel, now: datetime
    ) -> tuple[Parcel, Receipt | None] | None:
        """Claim a message's alerts, just before it leaves; None when there is none to send."""
        ids = [claim.id for claim in planned.claims]
        claims = outbox.claim_these(conn, name, ids, self.owner, now, LEASE)
        if len(claims) < len(ids) and any(claim.bundle for claim in planned.claims):
            outbox.unclaim(conn, claims, now)  # whoever has the others sends all of them
            return None
        heard = _unsilenced(conn, name, _parcel(name, claims, planned, now), now)
        return _prepare(conn, name, heard) if heard else None

    async def _keep(self, name: str, parcel: Parcel, settled: Settled) -> None:
        """Record how a try ended, however long the database is away: else it is sent twice."""
        while True:
            try:
                await self._writer.run(_record, name, parcel, settled, self._clock())
            except StoreBusyError as error:
                log.warning("delivery not recorded yet", channel=name, reason=str(error))
                await asyncio.sleep(TICK)
            else:
                return

    def _failure(self, name: str, parcel: Parcel, error: DeliveryError) -> Settled:
        now, first = self._clock(), parcel.claims[0]
        return failed(
            error,
            attempts=first.attempts,
            age=now - first.created,
            now=now,
            rng=self._rng,
            mail=self.posts[name].kind == "email",
        )

    def _note(self, name: str, parcel: Parcel, settled: Settled) -> None:
        metrics.DELIVERIES.labels(name, settled.outcome).inc()
        about = {
            "alerts": [claim.id for claim in parcel.claims],
            "deals": sorted({claim.alert.deal.id for claim in parcel.claims}),
        }
        if settled.outcome == "ok":
            metrics.delivered(name, _alerts(parcel.message), self._clock())
            now, burst = self._clock(), self.posts[name].burst
            self._streams[name] = self._streams[name].after(parcel.message, now, burst)
            self.delivered += len(parcel.claims)
            log.info("alert delivered", channel=name, **about)
        else:
            self.failed += len(parcel.claims)
            log.warning(
                "alert not delivered",
                channel=name,
                outcome=settled.outcome,
                **about,
                reason=settled.message,
                next_try=settled.next_at or settled.pause,
            )

    async def _wait_for_token(self, name: str) -> None:
        post, now = self.posts[name], self._clock()
        held = self._buckets.get(name) or bucket(post.kind, post.per_minute, now)
        wait = held.wait(now).total_seconds()
        if wait > 0:
            await asyncio.sleep(wait)
        self._buckets[name] = held.take(self._clock())


async def _until(stop: asyncio.Event, seconds: float) -> None:
    with suppress(TimeoutError):
        await asyncio.wait_for(stop.wait(), seconds)


def in_a_thread(act: Callable[..., T], *args: Any) -> Awaitable[T]:  # noqa: ANN401 - passed on
    """
    Return `act(*args)` from a thread of its own.

    The loop's own pool of threads has few and is waited for at exit: ten channels that hang
    must neither keep an eleventh waiting nor the process from ending.
    """
    future: Future[T] = Future()

    def work() -> None:
        with suppress(InvalidStateError, RuntimeError):  # nobody waits any more
            try:
                future.set_result(act(*args))
            except Exception as error:  # noqa: BLE001 - it goes to whoever waits
                future.set_exception(error)

    Thread(target=work, daemon=True, name="send").start()
    return asyncio.wrap_future(future)


def parcels(name: str, claims: Sequence[Claim], now: datetime, burst: int) -> list[Parcel]:
    """Group claims into messages; those that were bound together before stay together."""
    bound: dict[str, list[Claim]] = {}
    for claim in claims:
        if claim.bundle:
            bound.setdefault(claim.bundle, []).append(claim)
    again = [
        Parcel(bundle(name, [claim.alert for claim in group], now), group)
        for group in bound.values()
    ]
    by_key = {claim.alert.key: claim for claim in claims if not claim.bundle}
    fresh = gather(name, [claim.alert for claim in by_key.values()], now, burst=burst)
    return again + [
        Parcel(message, [by_key[alert.key] for alert in _alerts(message)]) for message in fresh
    ]


def _parcel(name: str, claims: Sequence[Claim], planned: Parcel, now: datetime) -> Parcel | None:
    """Return `planned` with what was claimed of it; None when that is nothing."""
    if len(claims) == len(planned.claims):
        return Parcel(planned.message, claims)
    return Parcel(bundle(name, [claim.alert for claim in claims], now), claims) if claims else None


def _alerts(message: Alert | Digest) -> Sequence[Alert]:
    return message.alerts if isinstance(message, Digest) else (message,)


def _unsilenced(conn: Connection, name: str, parcel: Parcel | None, now: datetime) -> Parcel | None:
    """
    Return what no silence covers now; the rest is kept with the reason and never sent.

    A digest that was tried before stays as it was: it may have arrived, under that key.
    """
    if parcel is None:
        return None
    hushed = silences(conn, now)
    found = {
        claim.id: silenced(claim.alert.deal, claim.alert.rule, name, hushed, now)
        for claim in parcel.claims
    }
    left = [claim for claim in parcel.claims if found[claim.id] is None]
    if len(left) == len(found) or (left and any(claim.bundle for claim in left)):
        return parcel
    for claim in parcel.claims:
        if silence := found[claim.id]:
            outbox.finish(conn, claim, "suppressed", None, silence.reason, None, now)
    return Parcel(bundle(name, [claim.alert for claim in left], now), left) if left else None


def _prepare(conn: Connection, name: str, parcel: Parcel) -> tuple[Parcel, Receipt | None]:
    """Bind a digest's members; return what threads an update or finishes a half-sent message."""
    row = outbox.get(conn, parcel.claims[0].id)
    kept = dict(row[0].receipt or {}) if row else {}
    if isinstance(parcel.message, Digest):
        key = parcel.message.key
        bound = Parcel(parcel.message, outbox.bind(conn, parcel.claims, key))
        return bound, kept if kept.get("key") == key else None
    parcel = Parcel(_with_all_sources(conn, parcel.message), parcel.claims)
    if kept:
        return parcel, kept
    told = outbox.told(conn, parcel.claims[0].alert.deal.id).get(name)
    return parcel, dict(told.receipt) if told and told.receipt else None


def _with_all_sources(conn: Connection, alert: Alert) -> Alert:
    """Name the outlets that have told the deal since the alert was made, too."""
    known = deals.get(conn, alert.deal.id)
    if known is None or known.merged_into:
        return alert
    return replace(alert, deal=replace(alert.deal, reports=known.reports))


def _record(conn: Connection, name: str, parcel: Parcel, settled: Settled, now: datetime) -> None:
    # What is held is due at once: the channel keeps it until somebody, or its probe, frees it.
    next_at = now if settled.outcome == "held" else settled.next_at
    for claim in parcel.claims:
        outbox.finish(
            conn,
            claim,
            settled.outcome,
            settled.code,
            settled.message,
            next_at,
            now,
            receipt=settled.receipt,
        )
    if settled.pause is not None:
        outbox.hold_channel(conn, name, settled.pause, settled.message)
