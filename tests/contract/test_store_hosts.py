"""One process asks a host at a time, and its pause holds when the host changes hands."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest

from crawler.fetch.engine import utc_now
from crawler.store import frontier
from crawler.types import Fetch, Outcome, PollResult, Robots

LEASE = timedelta(minutes=5)
PAUSE = timedelta(milliseconds=400)


@pytest.fixture
def clock(store, now):
    """Return the clock that the database goes by: a PostgreSQL server's is its own."""

    class Clock:
        passed = timedelta(0)

        def __call__(self) -> datetime:
            return now + self.passed if store.sqlite else utc_now()

        def wait(self, span: timedelta) -> None:
            self.passed += span
            if not store.sqlite:
                time.sleep(span.total_seconds())

    return Clock()


@pytest.fixture
def two_sources_of_one_host(store, nouns, now):
    pair = [nouns.source(name, url=f"https://one.example/{name}") for name in ("a", "b")]
    with store.write() as conn:
        frontier.sync_sources(conn, pair, now - timedelta(days=365))


@pytest.fixture
def take(store):
    def act(owner, at, limit=1, **more):
        with store.write() as conn:
            return frontier.take_due(conn, at, limit, owner=owner, lease=LEASE, **more)

    return act


@pytest.fixture
def hand_back(store):
    def act(poll, owner, at, pause=PAUSE, entries=()):
        result = PollResult(poll=poll, outcome=Outcome.OK, at=at, entries=entries)
        keyed = [(entry.url, entry) for entry in entries]
        with store.write() as conn:
            frontier.finish_poll(conn, result, at + LEASE, keyed, 0, False, at)
            frontier.asked(conn, ["one.example"], owner, pause, at)

    return act


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_the_other_source_of_a_host_is_not_given_to_a_second_process(take, clock):
    assert len(take("first", clock())) == 1
    assert take("second", clock()) == []
    assert len(take("first", clock())) == 1


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_a_host_that_changes_hands_keeps_its_pause(take, hand_back, clock):
    (poll,) = take("first", clock())
    hand_back(poll, "first", clock())

    assert take("second", clock()) == []
    clock.wait(PAUSE)
    assert len(take("second", clock())) == 1


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_who_has_asked_a_host_waits_by_its_own_queue_not_by_the_database(take, hand_back, clock):
    (poll,) = take("first", clock())
    hand_back(poll, "first", clock(), pause=LEASE)

    assert len(take("first", clock())) == 1


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_the_pause_goes_for_pages_and_forced_polls_too(take, hand_back, clock, nouns):
    (poll,) = take("first", clock())
    hand_back(poll, "first", clock(), entries=(nouns.entry("https://one.example/page"),))

    assert take("second", clock(), 9) == []
    assert take("second", clock(), 9, only=["a", "b"], force=True) == []
    clock.wait(PAUSE)
    kinds = {type(work) for work in take("second", clock(), 9)}
    assert Fetch in kinds


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_a_crawl_delay_that_is_longer_is_the_pause(store, take, hand_back, clock):
    asked = Robots(body=b"", status=200, at=clock(), delay=LEASE)
    with store.write() as conn:
        frontier.keep_robots(conn, "https://one.example", asked)
    (poll,) = take("first", clock())
    hand_back(poll, "first", clock())
    clock.wait(PAUSE)

    assert take("second", clock()) == []


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_what_is_given_back_leaves_its_pause_behind(store, take, clock):
    take("first", clock())
    with store.write() as conn:
        assert frontier.release(conn, "first", clock(), pause=PAUSE) == 1

    assert take("second", clock()) == []
    clock.wait(PAUSE)
    assert len(take("second", clock())) == 1


@pytest.mark.usefixtures("two_sources_of_one_host")
def test_work_without_a_lease_of_its_own_names_a_span(store, take, clock):
    with store.write() as conn:
        ours = frontier.lease_hosts(conn, ["one.example", "x.test"], "me", clock(), span=LEASE)
    assert ours == {"one.example", "x.test"}
    assert take("second", clock()) == []

    with store.write() as conn:
        assert frontier.lease_hosts(conn, ["one.example"], "second", clock()) == set()
        frontier.asked(conn, ["one.example"], "me", timedelta(0), clock())
    assert len(take("second", clock())) == 1


def test_a_machine_whose_clock_is_ahead_does_not_come_early(postgres_store, nouns):
    now, ahead = utc_now(), utc_now() + timedelta(hours=1)
    with postgres_store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        assert frontier.lease_hosts(conn, ["wire.example"], "first", now) == {"wire.example"}
        frontier.asked(conn, ["wire.example"], "first", timedelta(seconds=30), now)
    with postgres_store.write() as conn:
        assert frontier.take_due(conn, ahead, 1, owner="ahead", lease=LEASE) == []
        assert len(frontier.take_due(conn, ahead, 1, owner="first", lease=LEASE)) == 1


def test_a_source_that_has_moved_is_leased_where_it_is_asked(store, nouns, take, clock, now):
    two = [
        nouns.source("a", url="https://old.example/a"),
        nouns.source("b", url="https://new.example/b"),
    ]
    with store.write() as conn:
        frontier.sync_sources(conn, two, now - timedelta(days=365))
        for _ in range(5):
            (poll,) = frontier.take_due(conn, clock(), 1, owner="me", lease=LEASE, only=["a"])
            result = PollResult(
                poll=poll, outcome=Outcome.OK, at=clock(), moved_to="https://new.example/a"
            )
            frontier.finish_poll(conn, result, clock(), [], 0, False, clock())
        frontier.sync_sources(conn, two, clock())
    (moved,) = take("me", clock(), only=["a"])

    assert moved.source.url == "https://new.example/a"
    assert take("second", clock()) == []


def test_many_processes_never_have_one_host_at_once(store, nouns, now):
    sources = [nouns.source(f"s{n}", url=f"https://h{n % 5}.example/{n}") for n in range(40)]
    with store.write() as conn:
        frontier.sync_sources(conn, sources, now)
    holders: dict[str, str] = {}
    clashes: list[tuple[str, str, str]] = []
    asked: list[str] = []
    guard = threading.Lock()

    def work(owner: str) -> None:
        until = time.monotonic() + 10
        while len(asked) < 40 and time.monotonic() < until:
            with store.write() as conn:
                polls = frontier.take_due(conn, now, 3, owner=owner, lease=LEASE)
            with guard:
                for poll in polls:
                    host = frontier.host_of(poll.source.url)
                    if holders.get(host, owner) != owner:
                        clashes.append((host, owner, holders[host]))
                    holders[host] = owner
            time.sleep(0.002)
            with guard:
                for poll in polls:
                    holders.pop(frontier.host_of(poll.source.url), None)
                    asked.append(poll.source.id)
            with store.write() as conn:
                for poll in polls:
                    result = PollResult(poll=poll, outcome=Outcome.OK, at=now)
                    frontier.finish_poll(conn, result, now + LEASE, [], 0, False, now)

    workers = [threading.Thread(target=work, args=(f"p{n}",)) for n in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()

    assert clashes == []
    assert sorted(asked) == sorted(source.id for source in sources)
