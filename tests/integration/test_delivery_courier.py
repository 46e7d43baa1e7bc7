"""The courier, a real database, and channels that behave and misbehave."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from crawler.alert.channels import channel
from crawler.config import models
from crawler.delivery import Courier, Post
from crawler.demo.sinks import MailSink
from crawler.store import Store, Writer, outbox
from crawler.store.outbox import State
from tests.fakes.deals import NOON, alert, deal, event
from tests.fakes.hook_server import Hang, HookServer, Reset, Say
from tests.fakes.slack_server import SlackServer

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


def mail(url, name="mail"):
    cfg = models.EmailChannel(type="email", smtp=url, sender="rw@example.org", to=["a@example.org"])
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


async def test_a_dead_channel_does_not_delay_the_others(tmp_path):
    with SlackServer() as server, HookServer() as dead:
        dead.usual = Hang()
        posts = slack(server) | hook(dead.url)
        begun = time.monotonic()
        async with house(tmp_path, posts, told(5, "desk", "hook"), Clock()) as store:
            await until(lambda: len(server.received) == 5)
            took = time.monotonic() - begun
            await until(lambda: states(store)["desk", State.DELIVERED] == 5)

            assert took < 5
            assert states(store)["hook", State.DELIVERED] == 0


async def test_one_in_ten_refused_for_now_and_none_is_lost(tmp_path):
    rng = random.Random(5)
    with HookServer() as server:
        server.moods += [rng.choice([Say(503), *[Say(200)] * 9]) for _ in range(100)]
        server.moods[7] = Reset()
        async with house(tmp_path, hook(server.url), told(15, "hook"), Clock(speed=60)) as store:
            await until(lambda: states(store)["hook", State.DELIVERED] == 15)

    keys = Counter(got.headers["idempotency-key"] for got in server.requests)
    assert len(keys) == 15


async def test_a_burst_of_a_thousand_deals_is_25_messages_that_name_each_once(tmp_path):
    with SlackServer() as server:
        async with house(tmp_path, slack(server), told(1000, "desk"), Clock()) as store:
            await until(lambda: len(server.received) == 25)
            await until(lambda: states(store)["desk", State.DELIVERED] == 1000)

    assert server.refused == []
    assert len(server.received) == 25
    words = "".join(json.dumps(payload["blocks"]) for payload in server.received)
    named = Counter(re.findall(r"Company \d+", words))
    assert named == Counter(f"Company {n}" for n in range(1000))


async def test_slack_that_asks_for_a_pause_gets_it_and_then_the_rest(tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(429, "rate_limited", {"Retry-After": "60"}))
        async with house(tmp_path, slack(server), told(3, "desk"), Clock(speed=60)) as store:
            await until(lambda: len(server.requests) == 1)
            await asyncio.sleep(0.4)
            assert len(server.requests) == 1
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)

    assert len(server.requests) == 4


async def test_a_revoked_webhook_holds_its_queue_and_resumes_when_it_is_mended(tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(404, "no_service"))
        async with house(tmp_path, slack(server), told(3, "desk"), Clock(speed=900)) as store:
            await until(lambda: len(server.requests) == 1)
            await asyncio.sleep(0.3)
            assert len(server.requests) == 1
            assert states(store)["desk", State.DEAD] == 0
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)


async def test_a_refused_payload_is_dead_with_its_reason_and_the_rest_goes_on(tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(400, "invalid_blocks"))
        async with house(tmp_path, slack(server), told(3, "desk"), Clock()) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 2)
            with store.read() as conn:
                (letter,) = outbox.dead(conn)

    assert letter.reason == "desk: HTTP 400: invalid_blocks"


async def test_slack_and_mail_and_a_hook_all_get_it(tmp_path):
    with SlackServer() as server, MailSink() as sink, HookServer() as other:
        posts = slack(server) | mail(sink.url) | hook(other.url)
        alerts = told(2, "desk", "mail", "hook")
        async with house(tmp_path, posts, alerts, Clock()) as store:
            await until(lambda: states(store).total() == 6)
            await until(lambda: {state for _, state in states(store)} == {State.DELIVERED})

    assert (len(server.received), len(sink.received), len(other.requests)) == (2, 2, 2)


@pytest.mark.parametrize("quiet", ["daily", "quiet"])
async def test_what_waits_for_its_time_is_not_sent_before(quiet, tmp_path):
    later = NOON + timedelta(hours=1)
    alerts = [
        alert(deal(event(company=f"Company {n}"), id=f"d{n}"), not_before=later, digest=quiet)
        for n in range(3)
    ]
    with SlackServer() as server:
        async with house(tmp_path, slack(server), alerts, Clock(speed=2400)) as store:
            await asyncio.sleep(0.2)
            assert server.requests == []
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)

    assert len(server.received) == 1
