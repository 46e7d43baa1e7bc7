"""The courier: every pending alert leaves once, whatever one channel or the database does."""

from __future__ import annotations

import asyncio
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from crawler.alert.digest import Digest
from crawler.delivery import Courier, Post
from crawler.errors import DeliveryError, StoreBusyError
from crawler.store import Store, Writer, outbox
from tests.fakes.deals import NOON, alert, deal
from tests.fakes.desk import Clock


@dataclass
class Ear:
    """A channel that keeps what it hears; `moods` are raised first, `shut` keeps it hanging."""

    name: str = "desk"
    moods: list[Exception] = field(default_factory=list)
    shut: threading.Event | None = None
    heard: list[Any] = field(default_factory=list)
    at: list[float] = field(default_factory=list)

    def send(self, message: Any, _previous: dict[str, Any] | None = None) -> dict[str, Any]:
        if self.shut is not None:
            self.shut.wait(20)
        if self.moods:
            raise self.moods.pop(0)
        self.heard.append(message)
        self.at.append(time.monotonic())
        return {"n": len(self.heard)}

    @property
    def deals(self) -> Counter[str]:
        return Counter(one.deal.id for message in self.heard for one in _alerts(message))


def _alerts(message: Any) -> tuple[Any, ...]:
    return message.alerts if isinstance(message, Digest) else (message,)


@pytest.fixture
def writer(sqlite_store: Store):
    made = Writer(sqlite_store)
    yield made
    made.close()


def courier(writer: Writer, *ears: Ear, clock: Clock | None = None, **post: Any) -> Courier:
    posts = {
        ear.name: Post(channel=ear, kind="slack", **{"per_minute": 60_000, **post}) for ear in ears
    }
    return Courier(writer, posts, clock or Clock(NOON), random.Random(1))


async def put(writer: Writer, count: int, *channels: str) -> None:
    alerts = [
        alert(deal(id=f"deal-{number}"), channel)
        for number in range(count)
        for channel in channels or ("desk",)
    ]
    await writer.run(outbox.enqueue, alerts, NOON)


async def states(writer: Writer) -> Counter[str]:
    return Counter(row.state.value for row in await writer.run(outbox.listing, limit=5000))


async def until(holds: Callable[[], object]) -> None:
    for _ in range(500):
        if holds():
            return
        await asyncio.sleep(0.01)


async def test_a_burst_leaves_as_digests_and_every_deal_is_told_once(writer):
    ear = Ear()
    await put(writer, 1000)
    await courier(writer, ear).flush(asyncio.Event())

    assert ear.deals == {f"deal-{number}": 1 for number in range(1000)}
    assert len(ear.heard) <= 25
    assert await states(writer) == {"delivered": 1000}


async def test_messages_keep_to_the_channels_rate(writer):
    ear = Ear()
    await put(writer, 8)
    now = time.monotonic()
    real = Courier(
        writer,
        {"desk": Post(channel=ear, kind="slack", per_minute=600)},
        lambda: NOON + timedelta(seconds=time.monotonic() - now),
        random.Random(1),
    )
    await real.flush(asyncio.Event())

    # three at once, then ten a second
    assert ear.at[-1] - ear.at[0] >= (8 - 3 - 1) * 0.1


async def test_ten_dead_channels_do_not_delay_another(writer):
    over = threading.Event()
    dead = [Ear(f"dead-{number}", shut=over) for number in range(10)]
    quick, stop = Ear("quick"), asyncio.Event()
    await put(writer, 1, "quick", *(ear.name for ear in dead))
    began = time.monotonic()
    running = asyncio.create_task(courier(writer, *dead, quick).run(stop))
    await until(lambda: quick.heard)
    stop.set()
    over.set()
    await running

    assert quick.at[0] - began < 1


async def test_a_channel_with_a_bug_is_tried_again_and_nothing_is_lost(writer):
    ear, clock = Ear(moods=[KeyError("oops")]), Clock(NOON)
    await put(writer, 1)
    mine = courier(writer, ear, clock=clock)
    await mine.flush(asyncio.Event())
    assert ear.heard == []
    clock.forward(minutes=1)
    await mine.flush(asyncio.Event())

    assert ear.deals == {"deal-0": 1}


async def test_an_alert_that_waits_its_turn_is_not_claimed(writer):
    over = threading.Event()
    ear, stop = Ear(shut=over), asyncio.Event()
    await put(writer, 5)
    running = asyncio.create_task(courier(writer, ear).run(stop))
    await asyncio.sleep(0.3)
    during = await states(writer)
    over.set()
    stop.set()
    await running

    assert during == {"sending": 1, "pending": 4}


async def test_two_couriers_at_once_tell_each_deal_once(writer):
    ear = Ear()
    await put(writer, 100)
    await asyncio.gather(*(courier(writer, ear).flush(asyncio.Event()) for _ in range(3)))

    assert ear.deals == {f"deal-{number}": 1 for number in range(100)}


async def test_a_delivery_is_recorded_however_long_the_database_is_away(writer, monkeypatch):
    ear, run, refused = Ear(), writer.run, []

    async def busy(act: Any, *arguments: Any, **more: Any) -> Any:
        if act.__name__ == "_record" and len(refused) < 2:
            refused.append(act)
            raise StoreBusyError("the database cannot be used just now")
        return await run(act, *arguments, **more)

    await put(writer, 1)
    monkeypatch.setattr(writer, "run", busy)
    monkeypatch.setattr("crawler.delivery.TICK", 0.01)
    await courier(writer, ear).flush(asyncio.Event())
    monkeypatch.undo()

    assert len(refused) == 2
    assert await states(writer) == {"delivered": 1}
    assert ear.deals == {"deal-0": 1}


async def test_a_retry_is_due_again_after_the_clock_was_set_back(writer):
    from crawler.store import shift

    ear, clock = Ear(moods=[DeliveryError("desk", "HTTP 503", retry=True)]), Clock(NOON)
    await put(writer, 1)
    mine = courier(writer, ear, clock=clock)
    await mine.flush(asyncio.Event())
    clock.forward(hours=-1)
    await writer.run(shift.back, clock(), timedelta(hours=1))
    clock.forward(minutes=1)
    await mine.flush(asyncio.Event())

    assert ear.deals == {"deal-0": 1}


async def test_channels_may_be_exchanged_while_it_runs(writer):
    old, new, stop = Ear("old"), Ear("new"), asyncio.Event()
    mine = courier(writer, old)
    running = asyncio.create_task(mine.run(stop))
    await asyncio.sleep(0.1)
    mine.posts = courier(writer, new).posts
    await put(writer, 1, "old", "new")
    await until(lambda: new.heard)
    stop.set()
    await running

    assert new.deals == {"deal-0": 1}
