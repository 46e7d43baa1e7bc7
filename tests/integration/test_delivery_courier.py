"""The courier, a real database, and channels that behave and misbehave."""

from __future__ import annotations

import asyncio
import json
import random
import re
import time
from collections import Counter
from datetime import timedelta

import pytest

from crawler.demo.sinks import MailSink, SlackSink
from crawler.store import outbox
from crawler.store.outbox import State
from tests.fakes.courier import Clock, hook, house, mail, slack, states, told, until
from tests.fakes.deals import NOON, alert, deal, event
from tests.fakes.hook_server import Hang, HookServer, Reset, Say
from tests.fakes.slack_server import SlackServer


async def how_long(folder, posts, server):
    """Return the seconds until Slack has five messages."""
    folder.mkdir()
    begun = time.monotonic()
    async with house(folder, posts, told(5, *posts), Clock()) as store:
        await until(lambda: len(server.received) == 5)
        took = time.monotonic() - begun
        await until(lambda: states(store)["desk", State.DELIVERED] == 5)
        assert {name for name, state in states(store) if state is State.DELIVERED} == {"desk"}
    return took


async def test_a_dozen_dead_channels_delay_another_by_no_more_than_a_second(tmp_path):
    with HookServer() as dead:
        dead.usual = Hang()
        hooks = {}
        for n in range(12):
            hooks |= hook(dead.url, f"hook-{n}")
        with SlackServer() as server:
            alone = await how_long(tmp_path / "alone", slack(server), server)
        with SlackServer() as server:
            among = await how_long(tmp_path / "among", slack(server) | hooks, server)

    assert among < alone + 1


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


async def test_a_burst_through_a_slack_that_limits_us_covers_each_deal_once(tmp_path):
    with SlackSink(per_second=8) as server:
        async with house(tmp_path, slack(server), told(1000, "desk"), Clock(speed=20)) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 1000)

    assert set(server.refused) <= {"ratelimited"}
    assert len(server.received) == 25
    words = "".join(json.dumps(payload["blocks"]) for payload in server.received)
    assert Counter(re.findall(r"Company \d+", words)) == Counter(
        f"Company {n}" for n in range(1000)
    )


async def test_more_than_a_burst_within_minutes_is_gathered_and_none_is_lost(tmp_path):
    later = told(60, "desk")[20:]
    with SlackServer() as server:
        posts = slack(server)
        async with house(tmp_path, posts, told(20, "desk"), Clock(speed=20)) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 20)
            for n in range(0, 40, 10):  # they come one by one, never many at once
                with store.write() as conn:
                    outbox.enqueue(conn, later[n : n + 10], NOON)
                await asyncio.sleep(0.2)
            await until(lambda: states(store)["desk", State.DELIVERED] == 60)

    assert 21 <= len(server.received) <= 23
    words = "".join(json.dumps(payload["blocks"]) for payload in server.received[20:])
    named = Counter(re.findall(r"Company \d+", words))
    assert named == Counter(f"Company {n}" for n in range(20, 60))


async def test_slack_that_asks_for_a_pause_gets_it_and_then_the_rest(tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(429, "rate_limited", {"Retry-After": "60"}))
        async with house(tmp_path, slack(server), told(3, "desk"), Clock(speed=60)) as store:
            await until(lambda: len(server.requests) == 1)
            await asyncio.sleep(0.4)
            assert len(server.requests) == 1
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)
            with store.read() as conn:
                tries = [row.attempts for row in outbox.listing(conn)]

    assert len(server.requests) == 4
    assert tries == [1, 1, 1]  # the one that was put off has spent nothing


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
