"""The desk: whatever a page or a feed does, its work ends, and nobody else notices."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from crawler import resolve
from crawler.desk import Errand, NewsDesk
from crawler.errors import ExtractError
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.store import Connection, Store, Writer, articles, frontier
from crawler.types import Analysis, Entry, Fetch, Outcome, Page, Poll, PollResult
from tests.fakes.desk import Clock


class FakeReader:
    """Reads what a test says, or breaks as it says."""

    def __init__(self, nouns: Any) -> None:
        self._nouns = nouns
        self.breaks: Exception | None = None

    async def read(self, page: Page) -> Reading:
        if self.breaks is not None:
            raise self.breaks
        return Reading(self._nouns.article(page.url), Analysis(lang="en"), ())


class BrokenIngest(Ingest):
    """An ingest with a bug."""

    def store(self, conn: Connection, reading: Reading, **more: Any) -> Any:
        raise LookupError(f"a bug of ours, {conn is None}, {reading.article.url}, {len(more)}")


class Bench:
    """A desk with everything a test may want to move."""

    def __init__(self, store: Store, nouns: Any, errand: Errand) -> None:
        self.store, self.clock, self.reader = store, Clock(nouns.now), FakeReader(nouns)
        self.writer = Writer(store)
        self.ingest = Ingest(resolve.Names.load(()), resolve.Fx(), Policy())
        self.desk = self.another(errand)

    def another(self, errand: Errand) -> NewsDesk:
        return NewsDesk(
            self.store,
            self.writer,
            self.ingest,
            self.reader,
            self.clock,
            errand=errand,
            rng=random.Random(1),
        )

    async def poll(self, *entries: Entry, outcome: Outcome = Outcome.OK) -> PollResult:
        (work,) = await self.desk.take(1)
        assert isinstance(work, Poll)
        result = PollResult(poll=work, outcome=outcome, at=self.clock(), entries=entries)
        await self.desk.polled(result)
        return result

    async def page(self) -> Page:
        (work,) = [work for work in await self.desk.take(5) if isinstance(work, Fetch)]
        return Page(fetch=work, url=work.entry.url, status=200, body=b"<p>", at=self.clock())

    def pages(self) -> list[frontier.StoredPage]:
        with self.store.read() as conn:
            return frontier.pages(conn)


@pytest.fixture
def bench(sqlite_store, nouns):
    made = Bench(sqlite_store, nouns, Errand())
    with sqlite_store.write() as conn:
        source = nouns.source(every=timedelta(minutes=10))
        frontier.sync_sources(conn, [source], nouns.now)
    yield made
    made.writer.close()


async def test_a_page_is_stored_and_its_work_is_done(bench, nouns):
    await bench.poll(nouns.entry())
    await bench.desk.fetched(await bench.page())

    assert [(page.state, page.outcome) for page in bench.pages()] == [("done", Outcome.OK)]
    assert bench.desk.tally.articles == 1


@pytest.mark.parametrize("where", ["reader", "store"])
async def test_a_page_that_breaks_us_three_times_is_put_aside(bench, nouns, where):
    if where == "reader":
        bench.reader.breaks = ExtractError("reading killed its worker (-11)")
    else:
        bench.desk._ingest = BrokenIngest(bench.ingest.names, bench.ingest.fx, Policy())
    await bench.poll(nouns.entry())
    for _ in range(3):
        await bench.desk.fetched(await bench.page())
        bench.clock.forward(hours=1)
    (left,) = bench.pages()

    assert (left.state, left.outcome) == ("quarantined", Outcome.POISON)
    assert left.message


async def test_an_entry_that_cannot_be_stored_backs_its_source_off(bench, nouns):
    await bench.poll(nouns.entry(), nouns.entry("https://wire.example/b", title=object()))
    with bench.store.read() as conn:
        ((_, state),) = frontier.sources(conn)

    assert state.last_outcome is Outcome.MALFORMED
    assert state.next_poll_at > bench.clock()
    assert bench.pages() == []


async def test_an_address_that_is_none_breaks_nothing(bench, nouns):
    await bench.poll(nouns.entry("http://[nonsense"), nouns.entry())

    assert len(bench.pages()) == 2


async def test_work_that_somebody_else_has_by_now_is_not_stored_twice(bench, nouns):
    await bench.poll(nouns.entry())
    page = await bench.page()
    stale = replace(page, fetch=replace(page.fetch, token="an older lease"))
    await bench.desk.fetched(stale)
    with bench.store.read() as conn:
        assert list(articles.listing(conn)) == []
    await bench.desk.fetched(page)
    with bench.store.read() as conn:
        assert len(list(articles.listing(conn))) == 1


async def test_a_named_source_is_polled_once_though_another_polls_it_meanwhile(bench):
    once = bench.another(Errand(only={"wire"}, force=True, once=True))
    (work,) = await once.take(5)
    await once.polled(PollResult(poll=work, outcome=Outcome.OK, at=bench.clock()))
    bench.clock.forward(minutes=11)
    await bench.poll(outcome=Outcome.UNCHANGED)

    assert await once.drained()
    assert await once.take(5) == []


async def test_a_first_poll_is_quiet_unless_told_otherwise(bench, nouns):
    await bench.poll(nouns.entry())

    assert bench.desk.tally.quiet == {"wire"}
    assert (await bench.page()).fetch.quiet


async def test_what_is_given_back_can_be_taken_at_once(bench, nouns):
    await bench.poll(nouns.entry())
    await bench.page()
    await bench.desk.release()

    assert len(await bench.another(Errand()).take(5)) == 1
