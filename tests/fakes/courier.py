"""A courier that runs: a real database, real channels, and a clock as fast as a test wants."""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta

from crawler.alert.channels import channel
from crawler.config import models
from crawler.delivery import Courier, Post
from crawler.store import Store, Writer, outbox
from tests.fakes.deals import NOON, alert, deal, event

FAST = 6000.0  # messages a minute


class Clock:
    """Runs `speed` times as fast as the wall's."""

    def __init__(self, speed: float = 1.0) -> None:
        self.speed, self.begun = speed, time.monotonic()

    def __call__(self):
        return NOON + timedelta(seconds=(time.monotonic() - self.begun) * self.speed)


def slack(server, name="desk", **fields):
    cfg = models.SlackChannel(type="slack", webhook_url=server.url, timeout="2s")
    return {name: Post(channel=channel(name, cfg), kind="slack", per_minute=FAST, **fields)}


def hook(url, name="hook", timeout="2s"):
    cfg = models.WebhookChannel(type="webhook", url=url, timeout=timeout)
    return {name: Post(channel=channel(name, cfg), kind="webhook", per_minute=FAST)}


def mail(url, name="mail", to=("a@example.org",)):
    cfg = models.EmailChannel(type="email", smtp=url, sender="rw@example.org", to=to)
    return {name: Post(channel=channel(name, cfg), kind="email", per_minute=FAST)}


def told(count, *names):
    return [
        alert(deal(event(company=f"Company {n}"), id=f"d{n}"), name)
        for n in range(count)
        for name in names
    ]


@asynccontextmanager
async def house(tmp_path, posts, alerts, clock):
    """Open a database with `alerts` in its outbox, and a courier that serves it."""
    store = Store(f"sqlite:///{tmp_path}/courier.db")
    store.upgrade()
    writer = Writer(store)
    await writer.run(outbox.enqueue, alerts, NOON)
    courier, stop = Courier(writer, posts, clock, random.Random(1)), asyncio.Event()
    task = asyncio.create_task(courier.run(stop))
    try:
        yield store
    finally:
        stop.set()
        await task
        await asyncio.to_thread(writer.close)
        store.close()


def states(store):
    with store.read() as conn:
        return Counter((row.channel, row.state) for row in outbox.listing(conn, limit=5000))


async def until(check, seconds=30.0):
    end = time.monotonic() + seconds
    while not check():
        assert time.monotonic() < end, "it never came to be"
        await asyncio.sleep(0.02)
