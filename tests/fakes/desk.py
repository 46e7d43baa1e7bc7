"""A desk in memory, with a memory and moods: what it was told, and when it refuses."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.errors import StoreError
from crawler.types import (
    Entry,
    Failure,
    Fetch,
    Outcome,
    Page,
    Poll,
    PollResult,
    PollState,
    Robots,
    Source,
)


def source(ident: str, url: str, **fields) -> Source:
    return Source(id=ident, kind=fields.pop("kind", "feed"), url=url, **fields)


@dataclass
class FakeDesk:
    """Hands out one poll for each source, then the pages behind entries never seen before."""

    sources: Sequence[Source] = ()
    states: dict[str, PollState] = field(default_factory=dict)
    follow: bool = True
    endless: bool = False
    refuse_next: int = 0  # so many calls of `take` end in StoreError
    results: list[PollResult] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    holds: list[tuple[str, datetime, str]] = field(default_factory=list)
    kept: dict[str, Robots] = field(default_factory=dict)
    handed: list[Poll | Fetch] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.waiting: list[Poll | Fetch] = []
        self.known: set[str] = set()
        self.counter = 0
        self.answered: dict[str, int] = defaultdict(int)
        self.poll()

    def poll(self, *idents: str) -> None:
        """Make the named sources (or all) due."""
        for one in self.sources:
            if not idents or one.id in idents:
                state = self.states.get(one.id, PollState())
                self.waiting.append(Poll(source=one, state=state, token=self._token()))

    def queue(self, source: Source, entries: Iterable[Entry]) -> None:
        for entry in entries:
            if entry.url and entry.url not in self.known:
                self.known.add(entry.url)
                self.counter += 1
                work = Fetch(page_id=self.counter, source=source, entry=entry, token=self._token())
                self.waiting.append(work)

    def _token(self) -> str:
        self.counter += 1
        return f"t{self.counter}"

    @property
    def outcomes(self) -> dict[str, Outcome]:
        """Outcome of each poll, by source."""
        return {result.poll.source.id: result.outcome for result in self.results}

    @property
    def outstanding(self) -> int:
        return len(self.handed) - sum(self.answered.values())

    def remember(self, result: PollResult) -> None:
        """Do what the store does with a result: keep its validators for the next poll."""
        one = result.poll.source.id
        state = self.states.get(one, PollState())
        if result.outcome in {Outcome.OK, Outcome.UNCHANGED, Outcome.EMPTY}:
            state = replace(
                state,
                etag=result.etag,
                last_modified=result.last_modified,
                body_hash=result.body_hash,
                polls=state.polls + 1,
                hash_mode=state.hash_mode or result.lied,
                unconditional_at=state.unconditional_at if result.conditional else result.at,
            )
        self.states[one] = state

    # --- the protocol ---------------------------------------------------------------

    async def take(self, limit: int) -> Sequence[Poll | Fetch]:
        if self.refuse_next:
            self.refuse_next -= 1
            raise StoreError("the database is away")
        taken, self.waiting = self.waiting[:limit], self.waiting[limit:]
        self.handed.extend(taken)
        return taken

    async def drained(self) -> bool:
        return not self.endless and not self.waiting

    async def polled(self, result: PollResult) -> None:
        self.answered[result.poll.token] += 1
        self.results.append(result)
        self.remember(result)
        if self.follow:
            self.queue(result.poll.source, result.entries)

    async def fetched(self, page: Page) -> None:
        self.answered[page.fetch.token] += 1
        self.pages.append(page)

    async def failed(self, failure: Failure) -> None:
        self.answered[failure.fetch.token] += 1
        self.failures.append(failure)

    async def robots(self, origin: str) -> Robots | None:
        return self.kept.get(origin)

    async def keep_robots(self, origin: str, robots: Robots) -> None:
        self.kept[origin] = robots

    async def hold_host(self, host: str, until: datetime, reason: str) -> None:
        self.holds.append((host, until, reason))


class Clock:
    """A clock that stands where it is put."""

    def __init__(self, start: datetime = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **parts: float) -> None:
        self.now += timedelta(**parts)
