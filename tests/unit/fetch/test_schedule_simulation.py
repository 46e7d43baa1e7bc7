"""Two simulated days of three hundred feeds: nothing asked early, next to nothing missed."""

import heapq
import random
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from crawler.fetch import schedule
from crawler.types import Outcome, Poll, PollResult, PollState, Source

START = datetime(2026, 3, 2, tzinfo=UTC)
END = START + timedelta(days=2)
WINDOW = 20  # entries that a feed shows


@dataclass
class Feed:
    source: Source
    stories: list[datetime]
    floor: timedelta | None
    state: PollState = field(default_factory=PollState)
    seen: int = 0
    missed: int = 0
    silent: int = 0  # missed, and no gap was reported
    polls: list[datetime] = field(default_factory=list)

    def poll(self, now, rng):
        """Ask once, as the desk would; return when to ask again."""
        published = sum(story <= now for story in self.stories)
        shown, fresh = min(published, WINDOW), published - self.seen
        missed = max(0, fresh - WINDOW) if self.polls else 0  # the first poll is the baseline
        known = max(0, shown - fresh)
        overlap = known / shown if shown and fresh else None
        self.missed += missed
        self.silent += missed if not self.state.shows_gap(overlap) else 0
        outcome = Outcome.OK if fresh else Outcome.UNCHANGED
        poll = Poll(source=self.source, state=self.state, token="t")
        result = PollResult(poll=poll, outcome=outcome, at=now, min_interval=self.floor)
        at = schedule.next_poll_at(
            self.source, self.state, result, overlap=overlap, now=now, rng=rng
        )
        pace = schedule.learned_interval(self.source, self.state, result, overlap)
        self.state = replace(
            self.state,
            polls=self.state.polls + 1,
            interval=pace,
            overlap=overlap if overlap is not None else self.state.overlap,
            last_new_entry=now if fresh else self.state.last_new_entry,
        )
        self.seen = published
        self.polls.append(now)
        return at


def feeds(rng):
    for number in range(300):
        per_hour = rng.choice((0.02, 0.2, 1, 4, 12))
        stories, at = [], START - timedelta(hours=WINDOW / per_hour)
        while at < END:
            at += timedelta(hours=rng.expovariate(per_hour))
            stories += [at] * (rng.randrange(5, 15) if rng.random() < 0.01 else 1)  # bursts
        every = timedelta(minutes=rng.choice((10, 15, 30)))
        floor = timedelta(hours=1) if rng.random() < 0.1 else None
        source = Source(id=f"f{number}", kind="feed", url="https://example.com/", every=every)
        yield Feed(source, stories, floor)


def test_three_hundred_feeds_over_two_days():
    rng = random.Random(11)
    street = list(feeds(rng))
    due = [(START + rng.random() * one.source.every, at) for at, one in enumerate(street)]
    heapq.heapify(due)
    while due and due[0][0] < END:
        now, at = heapq.heappop(due)
        heapq.heappush(due, (street[at].poll(now, rng), at))
    for one in street:
        gaps = [after - before for before, after in zip(one.polls, one.polls[1:], strict=False)]
        shortest = one.floor or min(one.source.every, max(one.source.every / 4, schedule.SHORTEST))
        assert min(gaps) >= shortest * (1 if one.floor else 1 - schedule.JITTER)
        assert max(gaps) <= max(4 * one.source.every, one.floor or timedelta(0))
    missed, stories = sum(f.missed for f in street), sum(f.seen for f in street)
    assert sum(f.silent for f in street) == 0
    assert sum(f.missed for f in street if not f.floor) <= stories * 0.001
    polls = sum(len(f.polls) for f in street)
    assert missed < stories * 0.005
    assert polls < 4.5 * 48 * len(street)
