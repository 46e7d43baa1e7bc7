"""
Days in minutes: a real house, a real engine, and a clock that jumps to the next due work.

Time stands still while anything is on the wire, so that nothing depends on how fast the
machine is; then it goes to the moment at which the database has something due.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import mean

from sqlalchemy import Connection, func, select

from crawler.app import House, open_house
from crawler.config import load
from crawler.config.models import Extract
from crawler.desk import Errand, NewsDesk, Tally
from crawler.fetch import aiohttp_wire
from crawler.reading import Reader, Reading
from crawler.store import frontier, happenings
from crawler.store import tables as t
from crawler.types import Analysis, Article, Failure, Fetch, Outcome, Page, Poll, PollResult, Robots
from tests.fakes.world import World

START = datetime(2026, 3, 2, tzinfo=UTC)
STEP = timedelta(seconds=1)


class Skimmer:
    """A reader that takes a page's word for it: the simulation is about asking, not reading."""

    async def read(self, page: Page) -> Reading:
        """Return the page as an article without events."""
        entry = page.fetch.entry
        article = Article(
            url=page.url, title=entry.title or page.url, text=page.url, lang="en", seen_at=page.at,
            published=entry.published, source=page.fetch.source.id, content_hash=page.url,
        )  # fmt: skip
        return Reading(article, Analysis(lang="en"), ())


class LapseDesk:
    """The house's desk; whoever asks it for work in vain moves the clock."""

    def __init__(
        self,
        house: House,
        jump: Callable[[datetime], None],
        end: datetime,
        stop: asyncio.Event,
        hourly: Callable[[datetime], None],
        *,
        reader: Reader | Skimmer | None = None,
    ) -> None:
        self.desk: NewsDesk = house.desk(reader or Skimmer(), Errand(role="daemon"))  # type: ignore[arg-type]
        self.house, self._jump, self._end, self._stop = house, jump, end, stop
        self._out, self._hourly, self._hour = 0, hourly, house.clock()
        self.polls = 0
        self.outcomes: dict[Outcome, int] = {}

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        """Hand out what is due; go to the next moment at which something is."""
        work = await self.desk.take(limit)
        while not work and not self._out and not self._stop.is_set():
            await self._go_on()
            work = await self.desk.take(limit)
        self._out += len(work)
        return work

    async def _go_on(self) -> None:
        due = await self.house.writer.run(_next_due)
        now = self.house.clock()
        then = max(due or self._end, now + STEP)
        while self._hour <= min(then, self._end):
            self._hourly(self._hour)
            self._hour += timedelta(hours=1)
        if then >= self._end:
            self._stop.set()
        self._jump(min(then, self._end))

    async def drained(self) -> bool:
        """Never: the end is a time."""
        return False

    async def polled(self, result: PollResult) -> None:
        """Pass it on."""
        self.polls += 1
        self.outcomes[result.outcome] = self.outcomes.get(result.outcome, 0) + 1
        await self._back(self.desk.polled(result))

    async def fetched(self, page: Page) -> None:
        """Pass it on."""
        await self._back(self.desk.fetched(page))

    async def failed(self, failure: Failure) -> None:
        """Pass it on."""
        await self._back(self.desk.failed(failure))

    async def _back(self, done) -> None:
        try:
            await done
        finally:
            self._out -= 1

    async def robots(self, origin: str) -> Robots | None:
        """Pass it on."""
        return await self.desk.robots(origin)

    async def keep_robots(self, origin: str, robots: Robots) -> None:
        """Pass it on."""
        await self.desk.keep_robots(origin, robots)

    async def hold_host(self, host: str, until: datetime, reason: str) -> None:
        """Pass it on."""
        await self.desk.hold_host(host, until, reason)

    async def release(self) -> None:
        """Pass it on."""
        await self.desk.release()

    @property
    def tally(self) -> Tally:
        """Return what the desk has counted."""
        return self.desk.tally


def _next_due(conn: Connection) -> datetime | None:
    """Return when the next source or page is due, hosts that wait taken into account."""
    found = []
    for table in (t.source, t.page):
        query = (
            select(func.min(table.c.due_at))
            .select_from(table)
            .outerjoin(t.host, t.host.c.name == table.c.host)
        )
        at = conn.scalar(
            query.where(t.host.c.not_before.is_(None) | (t.host.c.not_before <= table.c.due_at))
        )
        held = conn.scalar(
            select(func.min(t.host.c.not_before))
            .select_from(table)
            .join(t.host, t.host.c.name == table.c.host)
            .where(t.host.c.not_before > table.c.due_at)
        )
        found += [moment for moment in (at, held) if moment]
    return min(found, default=None)


@dataclass
class Figures:
    """What a simulation showed."""

    world: World
    polls: int = 0
    pages: int = 0
    expected: int = 0
    missed: list[str] = field(default_factory=list)
    early: int = 0
    altered: int = 0
    bare: int = 0  # unconditional fetches: the most that any honest feed had in a day
    caught: int = 0  # feeds whose validators lied, and that were found out
    gaps: int = 0
    filled: int = 0
    moved: int = 0
    unnamed: dict[str, int] = field(default_factory=dict)  # names that could not be had
    outcomes: dict[str, int] = field(default_factory=dict)
    overlap: list[float] = field(default_factory=list)  # mean over all sources, hour by hour
    interval: list[float] = field(default_factory=list)  # minutes, the same


async def simulate(
    folder: Path,
    count: int,
    days: float,
    *,
    hourly: Callable[[datetime], None] | None = None,
    real: bool = False,
) -> Figures:
    """
    Watch `count` publishers for so many simulated days; return what was seen of it.

    `real`: read every page as the product does, in this process, instead of taking its word.
    """
    moment = [START]
    aiohttp_wire.NAMES_KEPT = 0  # seconds of the real clock would be days of ours
    async with World(count, lambda: moment[0], START, days) as world:
        file = folder / "config.yaml"
        file.write_text(
            f"database: sqlite:///{folder}/world.db\n"
            "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
            f"archive: 0s\nsources:\n{world.config()}",
            encoding="utf-8",
        )
        figures = Figures(world)
        with open_house(load(file).config, lambda: moment[0]) as house:
            house.watched()

            def every_hour(now: datetime) -> None:
                _look(house, figures)
                if hourly:
                    hourly(now)

            stop, end = asyncio.Event(), START + timedelta(days=days)
            reader = Reader(Extract(workers=0), ()) if real else None
            desk = LapseDesk(
                house,
                lambda now: moment.__setitem__(0, now),
                end,
                stop,
                every_hour,
                reader=reader,
            )
            await house.crawl(desk, stop)  # type: ignore[arg-type]
            _count(house, desk, figures, end)
    return figures


def _look(house: House, figures: Figures) -> None:
    with house.store.read() as conn:
        states = [state for _, state in frontier.sources(conn)]
    seen = [state.overlap for state in states if state.polls > 1 and state.overlap is not None]
    paces = [state.interval for state in states if state.interval]
    figures.overlap.append(mean(seen) if seen else 0.0)
    figures.interval.append(mean(p.total_seconds() / 60 for p in paces) if paces else 0.0)


def _count(house: House, desk: LapseDesk, figures: Figures, end: datetime) -> None:
    world = figures.world
    expected = world.expected(end - timedelta(hours=2))
    with house.store.read() as conn:
        had = set(conn.scalars(select(t.article.c.url)))
        gaps = happenings.happenings(conn, kind="gap", limit=10_000)
        moved = happenings.happenings(conn, kind="moved", limit=10_000)
    bare = {url.split("?")[0] for url in had}
    figures.polls, figures.pages, figures.expected = desk.polls, len(had), len(expected)
    figures.missed = sorted(set(expected) - bare)
    figures.early = sum(one.early for one in world.publishers)
    figures.altered = sum(one.altered for one in world.publishers)
    figures.bare = max(max(one.bare.values(), default=0) for one in world.publishers)
    figures.caught = sum(one.caught for one in world.publishers)
    figures.unnamed = dict(world.unnamed)
    figures.gaps, figures.moved = len(gaps), len(moved)
    figures.filled = sum(gap.settled_at is not None for gap in gaps)
    figures.outcomes = {outcome.value: number for outcome, number in desk.outcomes.items()}
