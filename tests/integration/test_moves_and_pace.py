"""Moves are believed after five polls; the pace follows what comes, and is kept."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.store import frontier
from crawler.types import Outcome
from tests.fakes.origin import Origin, answer, rss
from tests.fakes.street import street

XML = "application/rss+xml"
SY = (
    '<sy:updatePeriod xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">daily'
    "</sy:updatePeriod><sy:updateFrequency "
    'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/">6</sy:updateFrequency>'
)


def feed_at(url: str, every: str = "1h") -> str:
    return f"  - {{name: paper, kind: feed, url: '{url}', every: {every}}}\n"


async def hourly(one, times: int) -> None:
    for _ in range(times):
        await one.crawl()
        one.later(hours=1)


async def test_a_permanent_redirect_is_followed_for_good_after_five_polls(tmp_path):
    async with Origin() as origin:
        origin.on("/old", answer("", "301 Moved Permanently", location="/new"))
        origin.on("/new", answer(rss(origin.url("/a")), content_type=XML))
        with street(tmp_path, feed_at(origin.url("/old"))) as one:
            await hourly(one, 7)
            (moved,) = one.log("moved")

    assert origin.paths().count("/old") == 5
    assert origin.paths().count("/new") == 7
    assert moved.document["to"] == origin.url("/new")
    assert one.state("paper").moved_to == origin.url("/new")


async def test_a_temporary_redirect_is_no_move(tmp_path):
    async with Origin() as origin:
        origin.on("/old", answer("", "302 Found", location="/new"))
        origin.on("/new", answer(rss(origin.url("/a")), content_type=XML))
        with street(tmp_path, feed_at(origin.url("/old"))) as one:
            await hourly(one, 7)

    assert origin.paths().count("/old") == 7
    assert one.log("moved") == []


async def test_a_redirect_to_something_that_is_no_feed_is_no_move(tmp_path):
    async with Origin() as origin:
        origin.on("/old", answer("", "301 Moved Permanently", location="/"))
        origin.on("/", answer("<html><title>Home</title><p>Welcome.</p></html>"))
        with street(tmp_path, feed_at(origin.url("/old"))) as one:
            await hourly(one, 7)

    assert origin.paths().count("/old") == 7
    assert one.log("moved") == []


async def test_a_new_address_that_dies_is_left_again(tmp_path):
    async with Origin() as origin:
        origin.on("/old", answer("", "301 Moved Permanently", location="/new"))
        origin.on("/new", answer(rss(origin.url("/a")), content_type=XML))
        with street(tmp_path, feed_at(origin.url("/old"))) as one:
            await hourly(one, 6)
            origin.on("/new", answer("", "410 Gone"))
            origin.on("/old", answer(rss(origin.url("/b")), content_type=XML))
            await hourly(one, 2)

    assert origin.paths().count("/b") == 1
    assert one.state("paper").moved_to is None


async def test_gone_is_told_once_and_never_switches_a_source_off(tmp_path):
    async with Origin() as origin:
        origin.on("/feed", answer("", "410 Gone"))
        with street(tmp_path, feed_at(origin.url("/feed"))) as one:
            for _ in range(6):
                await one.crawl(force=False)
                one.now = one.state("paper").next_poll_at
            (gone,) = one.log("gone")
            ((source, state),) = one.asked(frontier.sources)

    assert source.enabled
    assert gone.subject == "410: gone for good"
    assert (state.last_outcome, state.failures) == (Outcome.GONE, 12.0)
    assert origin.paths().count("/feed") == 6


async def test_a_busy_feed_is_asked_sooner_and_a_quiet_one_later_within_bounds(tmp_path):
    async with Origin() as origin:
        number = 0
        with street(tmp_path, feed_at(origin.url("/feed"))) as one:
            paces = []
            for busy in [True] * 8 + [False] * 40:
                number += 8 if busy else 0
                urls = [origin.url(f"/{n}") for n in range(number, number + 10)]
                origin.on("/feed", answer(rss(*urls), content_type=XML))
                await one.crawl(force=False)
                state = one.state("paper")
                paces.append(state.interval)
                one.now = state.next_poll_at

    assert paces[0] == timedelta(hours=1)
    assert paces[1:8] == sorted(paces[1:8], reverse=True)
    assert min(paces) == timedelta(minutes=15)
    assert max(paces) == timedelta(hours=4)


@pytest.mark.parametrize(
    "wish",
    [
        "<ttl>240</ttl>",
        SY,
    ],
    ids=["ttl", "sy:updatePeriod"],
)
async def test_what_a_feed_asks_for_is_the_least_it_is_left_alone(tmp_path, wish):
    async with Origin() as origin:
        origin.on("/feed", answer(rss(origin.url("/a"), extra=wish), content_type=XML))
        with street(tmp_path, feed_at(origin.url("/feed"))) as one:
            await one.crawl()
            wait = one.state("paper").next_poll_at - one.now

    assert wait >= timedelta(hours=4)


async def test_a_lying_validator_is_told_and_bodies_are_compared_from_then_on(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, feed_at(origin.url("/feed"))) as one:
            for n in range(3):
                body = rss(*(origin.url(f"/{i}") for i in range(n + 1)))
                origin.on("/feed", answer(body, content_type=XML, etag='"always"'))
                await one.crawl()
                one.later(hours=25)
            (lied,) = one.log("lied")

    assert lied.source_id == "paper"
    assert one.state("paper").hash_mode
