"""Pages from hell: a worker may die of one, the others never notice."""

from __future__ import annotations

import asyncio
import os
import signal
from contextlib import closing
from datetime import UTC, datetime, timedelta

import pytest

from crawler.config.models import Extract
from crawler.errors import ExtractError
from crawler.reading import Reader
from crawler.types import Entry, Fetch, Page, Source
from tests.fakes.live import offspring

GOOD = b"<html><title>Weather</title><article><p>It was a mild week in the north.</p></article>"
HUGE = b"<p>" + b"It was a mild week in the north of the country, said the office. " * 60_000

SLOW = b"<html><title>Weather</title><body>" + 14_000 * (
    b"<div><p>It was <b>a</b> <a href='/x'>mild</a> week, said the office of the north. </p></div>"
)


def page(body: bytes, number: int = 0) -> Page:
    source = Source(id="a", kind="feed", url="https://a.example/feed")
    url = f"https://a.example/{number}"
    fetch = Fetch(page_id=number, source=source, entry=Entry(url=url), token="t")
    return Page(fetch=fetch, url=url, status=200, body=body, at=datetime(2026, 3, 2, tzinfo=UTC))


@pytest.fixture
def reader():
    made = Reader(Extract(workers=1, timeout=timedelta(seconds=20)), ())
    yield made
    made.close()


def workers() -> list[int]:
    """Return the reading processes: those below the fork server."""
    servers = offspring(os.getpid())
    return [pid for server in servers for pid in offspring(server)]


async def test_a_killed_worker_costs_its_page_and_no_other(reader):
    assert (await reader.read(page(GOOD))).article.title == "Weather"
    doomed = asyncio.ensure_future(reader.read(page(HUGE, 1)))
    await asyncio.sleep(0.3)
    for pid in workers():
        os.kill(pid, signal.SIGKILL)
    ended = (await asyncio.gather(doomed, return_exceptions=True))[0]

    assert isinstance(ended, ExtractError) or ended.article.url.endswith("/1")
    assert (await reader.read(page(GOOD, 2))).article.title == "Weather"


async def test_a_page_that_takes_too_long_is_given_up_and_the_next_one_is_read():
    with closing(Reader(Extract(workers=1, timeout=timedelta(milliseconds=300)), ())) as reader:
        with pytest.raises(ExtractError, match="took longer than"):
            await reader.read(page(SLOW))

        assert (await reader.read(page(GOOD))).article.title == "Weather"


async def test_a_bug_on_one_page_is_an_error_of_that_page(reader):
    with pytest.raises(ExtractError):
        await reader.read("no page at all")

    assert (await reader.read(page(GOOD))).article.title == "Weather"


async def test_a_new_config_takes_over_and_pages_under_way_are_finished(reader):
    under_way = [asyncio.ensure_future(reader.read(page(GOOD, n))) for n in range(5)]
    reader.renew(Extract(workers=1), ())
    after = await reader.read(page(GOOD, 9))

    assert after.article.title == "Weather"
    assert [reading.article.title for reading in await asyncio.gather(*under_way)] == [
        "Weather"
    ] * 5
