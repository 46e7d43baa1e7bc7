"""A worker's desk: a job ends when its host has nothing left to do, and not before."""

from __future__ import annotations

import asyncio
import random

import pytest

from crawler import resolve
from crawler.desk import Errand
from crawler.pipeline import Ingest, Policy
from crawler.store import Writer, frontier
from crawler.types import Entry, Outcome, PollResult
from scheduler import visits
from scheduler.visits import VisitDesk


@pytest.fixture
def desk(sqlite_store, nouns, now, monkeypatch):
    monkeypatch.setattr(visits, "REST", 0.05)
    pair = [nouns.source("a"), nouns.source("b")]
    with sqlite_store.write() as conn:
        frontier.sync_sources(conn, pair, now)
    writer = Writer(sqlite_store)
    yield VisitDesk(
        sqlite_store,
        writer,
        Ingest(resolve.Names.load(()), resolve.Fx(), Policy()),
        None,
        lambda: now,
        errand=Errand(role="worker", hosts=set()),
        rng=random.Random(1),
    )
    writer.close()


async def visit(desk: VisitDesk, host: str) -> asyncio.Task[None]:
    job = asyncio.create_task(desk.visit(host))
    await asyncio.sleep(0)
    return job


async def test_nothing_is_handed_out_without_a_visit(desk):
    assert await desk.take(9) == ()
    assert not await desk.drained()


async def test_a_visit_is_given_its_hosts_work_and_ends_when_it_is_back(desk, now):
    job = await visit(desk, "a.example")
    (poll,) = await desk.take(9)
    assert poll.source.id == "a"
    assert not await desk.take(9)
    assert not job.done()

    entries = (Entry(url="https://a.example/1", title="x"),)
    await desk.polled(PollResult(poll=poll, outcome=Outcome.OK, at=now, entries=entries))
    (page,) = await desk.take(9)
    assert page.entry.url == "https://a.example/1"
    assert not job.done()
    with pytest.raises(AttributeError):  # there is no reader; the job must not hang for that
        await desk.fetched(page_of(page, now))
    await desk.take(9)
    await asyncio.wait_for(job, 1)
    assert desk.visits == {}


def page_of(fetch, now):
    from crawler.types import Page

    return Page(fetch=fetch, url=fetch.entry.url, status=200, headers={}, body=b"", at=now)


async def test_a_host_with_nothing_due_is_left_at_once(desk):
    job = await visit(desk, "nowhere.example")
    await desk.take(9)
    await asyncio.wait_for(job, 1)


async def test_a_host_whose_time_is_up_is_given_nothing_new(desk, monkeypatch):
    monkeypatch.setattr(visits, "SLICE", -1.0)
    job = await visit(desk, "a.example")
    assert not await desk.take(9)
    await asyncio.wait_for(job, 1)


async def test_a_room_that_is_full_ends_no_visit(desk):
    jobs = [await visit(desk, host) for host in ("a.example", "b.example")]
    assert len(await desk.take(1)) == 1
    assert not any(job.done() for job in jobs)
    desk.close()
    await asyncio.gather(*jobs)
