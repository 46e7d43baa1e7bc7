"""What keeps a message back: a broken channel, a silence, recipients who have it already."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.alert.channels import channel
from crawler.config import models
from crawler.delivery import Post
from crawler.store import Store, outbox
from crawler.store.outbox import State
from crawler.types import AlertKind
from tests.fakes.courier import FAST, Clock, house, mail, slack, states, told, until
from tests.fakes.deals import NOON, alert, deal, event
from tests.fakes.hook_server import Say
from tests.fakes.slack_server import SlackServer
from tests.fakes.smtp_server import SmtpServer


def change(store, act, *args, **more):
    with store.write() as conn:
        return act(conn, *args, **more)


def rows(store, **about):
    with store.read() as conn:
        return outbox.listing(conn, limit=1000, **about)


async def at_rest(server, requests=1):
    """Wait until so many requests have come, and see that no more do."""
    await until(lambda: len(server.requests) == requests)
    await asyncio.sleep(1.2)
    assert len(server.requests) == requests


@pytest.mark.parametrize("status", [404, 410, 403])
async def test_a_broken_channel_is_held_until_it_is_released_over_a_restart_too(status, tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(status, "no_service"))
        async with house(tmp_path, slack(server), told(30, "desk"), Clock()) as store:
            await at_rest(server)
            assert states(store)["desk", State.DEAD] == 0
            assert states(store)["desk", State.HELD] == 30
        async with house(tmp_path, slack(server), told(31, "desk"), Clock()) as store:
            await asyncio.sleep(1.2)
            assert len(server.requests) == 1
            change(store, outbox.release_channel, "desk", NOON)
            await until(lambda: states(store)["desk", State.DELIVERED] == 31)
            assert change(store, outbox.held, NOON) == {}


async def test_a_channel_mended_by_itself_is_shown_as_held_no_longer(tmp_path):
    with SlackServer() as server:
        server.moods.append(Say(404, "no_service"))
        async with house(tmp_path, slack(server), told(3, "desk"), Clock(speed=900)) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)
            with store.read() as conn:
                (stats,) = outbox.stats(conn)

    assert (stats.held, stats.reason) == (False, "")


# --- silences ------------------------------------------------------------------------


def quiet(tmp_path, alerts, matcher, hours=1):
    """Queue alerts, and begin a silence after that."""
    store = Store(f"sqlite:///{tmp_path}/courier.db")
    store.upgrade()
    change(store, outbox.enqueue, alerts, NOON)
    change(store, outbox.silence, matcher, NOON, NOON + timedelta(hours=hours), comment="fair")
    store.close()


async def test_an_alert_queued_before_a_silence_is_kept_with_the_reason(tmp_path):
    quiet(tmp_path, told(2, "desk"), {"company": "Company 1"})
    with SlackServer() as server:
        async with house(tmp_path, slack(server), [], Clock()) as store:
            await until(lambda: states(store)["desk", State.SUPPRESSED] == 1)
            await until(lambda: states(store)["desk", State.DELIVERED] == 1)
            (kept,) = rows(store, states=[State.SUPPRESSED])

    assert kept.reason == "silenced until 2026-11-24 13:00 UTC (fair)"
    assert len(server.received) == 1


async def test_a_burst_leaves_without_what_is_silenced(tmp_path):
    quiet(tmp_path, told(30, "desk"), {"company": "Company 7"})
    with SlackServer() as server:
        async with house(tmp_path, slack(server), [], Clock()) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 29)
            assert states(store)["desk", State.SUPPRESSED] == 1

    assert len(server.received) == 1
    assert "Company 7*" not in str(server.received)


async def test_the_end_of_a_silence_sends_no_flood(tmp_path):
    quiet(tmp_path, told(30, "desk"), {}, hours=1)
    with SlackServer() as server:
        async with house(tmp_path, slack(server), [], Clock(speed=3600)) as store:
            await until(lambda: states(store)["desk", State.SUPPRESSED] == 30)
            await asyncio.sleep(2)  # two hours
            assert states(store)["desk", State.SUPPRESSED] == 30

    assert server.requests == []


# --- who has it already --------------------------------------------------------------


async def test_a_digest_that_some_recipients_took_goes_to_the_others_only(tmp_path):
    script = {"RCPT": ["250 ok", "450 later", "250 ok"]}
    to = ("a@example.org", "b@example.org")
    with SmtpServer(script) as smtp:
        posts = mail(smtp.url(), to=to)
        async with house(tmp_path, posts, told(30, "mail"), Clock(speed=900)) as store:
            await until(lambda: states(store)["mail", State.DELIVERED] == 30)

    assert [letter.to for letter in smtp.letters] == [to[:1], to[1:]]
    idents = {
        line
        for letter in smtp.letters
        for line in letter.raw.split(b"\r\n")
        if line.lower().startswith(b"message-id:")
    }
    assert len(idents) == 1


def bot(server):
    cfg = {"bot_token": server.token, "channel": "C1", "api_url": server.api_url}
    made = channel("desk", models.SlackChannel(type="slack", **cfg))
    return {"desk": Post(channel=made, kind="slack", per_minute=FAST)}


async def test_a_change_never_overwrites_a_digest_that_told_the_deal(tmp_path):
    first = told(30, "desk")
    later = replace(first[3].deal, revision=2, event=event(company="Company 3", amount=5_000_000))
    changed = {"amount": ("1000000000", "5000000")}
    follow = alert(later, "desk", kind=AlertKind.UPDATE, changed=changed)
    with SlackServer() as server:
        async with house(tmp_path, bot(server), first, Clock()) as store:
            await until(lambda: states(store)["desk", State.DELIVERED] == 30)
            change(store, outbox.enqueue, [follow], NOON)
            await until(lambda: states(store)["desk", State.DELIVERED] == 31)

    assert [said["method"] for said in server.received] == ["chat.postMessage"] * 2


async def test_a_changed_deal_is_edited_and_followed_up_in_its_thread(tmp_path):
    first = alert(deal(), "desk")
    changes = [
        alert(
            deal(revision=n),
            "desk",
            kind=AlertKind.UPDATE,
            changed={"status": ("planned", "priced")},
        )
        for n in (2, 3)
    ]
    with SlackServer() as server:
        async with house(tmp_path, bot(server), [first], Clock()) as store:
            for n, follow in enumerate(changes, 2):
                await until(lambda n=n: states(store)["desk", State.DELIVERED] == n - 1)
                change(store, outbox.enqueue, [follow], NOON)
            await until(lambda: states(store)["desk", State.DELIVERED] == 3)

    methods = [said["method"] for said in server.received]
    assert methods == ["chat.postMessage", *["chat.update", "chat.postMessage"] * 2]
    root = server.received[0]["ts"]
    assert {said.get("thread_ts", said["ts"]) for said in server.received} == {root}


async def test_a_second_change_by_mail_answers_the_first(tmp_path):
    letters = [alert(deal(), "mail")] + [
        alert(deal(revision=n), "mail", kind=AlertKind.UPDATE, changed={"status": ("a", "b")})
        for n in (2, 3)
    ]
    with SmtpServer() as smtp:
        async with house(tmp_path, mail(smtp.url()), [], Clock()) as store:
            for n, one in enumerate(letters, 1):
                change(store, outbox.enqueue, [one], NOON)
                await until(lambda n=n: states(store)["mail", State.DELIVERED] == n)

    headers = [one.raw.replace(b"\r\n ", b" ").split(b"\r\n\r\n")[0] for one in smtp.letters]
    idents = [
        next(x[12:] for x in h.split(b"\r\n") if x.startswith(b"Message-ID: ")) for h in headers
    ]
    assert b"In-Reply-To: " + idents[0] in headers[1]
    assert b"In-Reply-To: " + idents[1] in headers[2]
    assert b"References: " + idents[0] + b" " + idents[1] in headers[2]
