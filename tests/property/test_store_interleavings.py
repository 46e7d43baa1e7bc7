"""
However taking, finishing, dying and waiting interleave, no work is lost and none is done twice.

A model in plain dictionaries runs beside the store; after every step both must agree on who
holds what, and in the end, when everybody has died or finished, all work is still to be had.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from crawler.store import Store, frontier, outbox
from crawler.types import (
    Alert,
    AlertKind,
    Deal,
    DealType,
    Entry,
    Event,
    Failure,
    Fetch,
    Outcome,
    Poll,
    PollResult,
    Source,
    Status,
)

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
OWNERS = st.sampled_from(["a", "b"])
SETTINGS = settings(
    max_examples=25,
    stateful_step_count=30,
    deadline=None,
    phases=[phase for phase in Phase if phase is not Phase.explain],
    suppress_health_check=[HealthCheck.too_slow],
)


@cache
def fresh() -> Store:
    """Return an empty store, to be copied: migrating one for every example takes too long."""
    store = Store("sqlite://")
    store.upgrade()
    return store


def opened() -> Store:
    """Return an empty store of one's own, in memory."""
    store = Store("sqlite://")
    with fresh().engine.connect() as source, store.engine.connect() as target:
        source.connection.driver_connection.backup(target.connection.driver_connection)
    return store


EVENT = Event(type=DealType.FUNDING, status=Status.ANNOUNCED, company="Acme AI")


class Frontier(RuleBasedStateMachine):
    """Two owners share a frontier of three sources and their pages."""

    @initialize()
    def open(self):
        self.store = opened()
        self.now, self.counter = START, 0
        self.out: list[tuple[Poll | Fetch, datetime]] = []  # work, end of its lease
        self.holds: dict[str | int, tuple[str, str]] = {}  # work -> its token and owner
        self.done: list[int] = []
        sources = [
            Source(id=f"s{n}", kind="feed", url=f"https://h{n % 2}.example/f") for n in range(3)
        ]
        with self.store.write() as conn:
            frontier.sync_sources(conn, sources, self.now)

    @rule(owner=OWNERS, limit=st.integers(1, 6), per_host=st.integers(1, 3))
    def take(self, owner, limit, per_host):
        with self.store.write() as conn:
            work = frontier.take_due(
                conn, self.now, limit, owner=owner, lease=LEASE, per_host=per_host
            )
        assert len(work) <= limit
        held = {name(other) for other, end in self.out if end > self.now and self.is_held(other)}
        assert not held & {name(found) for found in work}, "handed out twice"
        assert not set(self.done) & {found.page_id for found in work if isinstance(found, Fetch)}
        self.out += [(found, self.now + LEASE) for found in work]
        self.holds |= {name(found): (found.token, owner) for found in work}

    def is_held(self, work):
        return self.holds.get(name(work), ("", ""))[0] == work.token

    @rule(data=st.data(), fresh=st.integers(0, 4), again=st.integers(0, 3))
    def bring_back(self, data, fresh, again):
        if not self.out:
            return
        work, _ = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        held = self.is_held(work)
        if isinstance(work, Poll):
            self.finish_poll(work, held, fresh, again)
        else:
            self.finish_page(work, held, data.draw(st.booleans()))
        if held:
            del self.holds[name(work)]

    def finish_poll(self, poll, held, fresh, again):
        numbers = range(max(0, self.counter - again), self.counter + fresh)
        entries = [Entry(url=f"https://p{n % 3}.example/{n}") for n in numbers]
        result = PollResult(poll=poll, outcome=Outcome.OK, at=self.now, entries=tuple(entries))
        keyed = [(entry.url, entry) for entry in entries]
        next_at = self.now + LEASE
        with self.store.write() as conn:
            count = frontier.finish_poll(conn, result, next_at, keyed, 0, False, self.now)
        assert count == (fresh if held else 0)
        self.counter += count

    def finish_page(self, fetch, held, well):
        with self.store.write() as conn:
            if well:
                ended = frontier.page_done(conn, fetch, Outcome.OK, self.now)
            else:
                failure = Failure(fetch=fetch, outcome=Outcome.SLOW, at=self.now)
                ended = frontier.page_failed(conn, failure, self.now + LEASE, self.now)
        assert ended == held
        if held and well:
            self.done.append(fetch.page_id)

    @rule(owner=OWNERS)
    def stop(self, owner):
        with self.store.write() as conn:
            frontier.release(conn, owner, self.now)
        self.holds = {work: held for work, held in self.holds.items() if held[1] != owner}

    @rule(seconds=st.sampled_from([1, 30, 60, 61]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    @invariant()
    def pages_add_up(self):
        with self.store.read() as conn:
            pages = frontier.pages(conn, limit=1000)
        assert len(pages) == self.counter
        assert sorted(page.id for page in pages if page.state == "done") == sorted(self.done)

    def teardown(self):
        """Let every lease end: all that was not done is still to be had, once."""
        end = self.now + timedelta(days=1)
        with self.store.write() as conn:
            work = frontier.take_due(conn, end, 10_000, owner="z", lease=LEASE, per_host=10_000)
        pages = [found.page_id for found in work if isinstance(found, Fetch)]
        assert len(pages) == len(set(pages)) == self.counter - len(self.done)
        assert sum(isinstance(found, Poll) for found in work) == 3
        self.store.close()


def name(work):
    """Return what a piece of work is, whoever holds it."""
    return work.source.id if isinstance(work, Poll) else work.page_id


class Outbox(RuleBasedStateMachine):
    """Two senders share one channel; each may die between claiming and finishing."""

    @initialize()
    def open(self):
        self.store = opened()
        self.now = START
        self.keys: set[str] = set()
        self.delivered: list[str] = []
        self.out = []

    @rule(number=st.integers(0, 12))
    def enqueue(self, number):
        deal = Deal(id="d", revision=number, event=EVENT, first_seen=START, updated=START)
        alert = Alert(
            key=f"k{number}",
            kind=AlertKind.NEW,
            channel="desk",
            rule="r",
            deal=deal,
            created=self.now,
        )
        with self.store.write() as conn:
            assert outbox.enqueue(conn, [alert]) == (alert.key not in self.keys)
        self.keys.add(alert.key)

    @rule(owner=OWNERS, limit=st.integers(1, 3))
    def claim(self, owner, limit):
        with self.store.write() as conn:
            claims = outbox.claim_many(conn, "desk", owner, self.now, LEASE, limit=limit)
        held = {claim.alert.key for claim, end in self.out if end > self.now}
        for claim in claims:
            assert claim.alert.key not in held, "two senders at once"
            assert claim.alert.key not in self.delivered, "sent again after its receipt"
            self.out.append((claim, self.now + LEASE))

    @rule(data=st.data(), verdict=st.sampled_from(list(outbox.Verdict)))
    def finish(self, data, verdict):
        if not self.out:
            return
        claim, end = self.out.pop(data.draw(st.integers(0, len(self.out) - 1)))
        if verdict not in {outbox.Verdict.OK, outbox.Verdict.THROTTLED}:
            verdict = outbox.Verdict.TRANSIENT
        again = self.now + timedelta(seconds=5)
        with self.store.write() as conn:
            ended = outbox.finish(conn, claim, verdict, None, "", again, self.now)
        assert ended or end <= self.now
        if ended and verdict is outbox.Verdict.OK:
            assert claim.alert.key not in self.delivered
            self.delivered.append(claim.alert.key)

    @rule()
    def die(self):
        self.out.clear()

    @rule(seconds=st.sampled_from([1, 5, 60]))
    def wait(self, seconds):
        self.now += timedelta(seconds=seconds)

    def teardown(self):
        """Nothing is lost: what was not delivered can still be claimed, once each."""
        end = self.now + timedelta(days=1)
        with self.store.write() as conn:
            claims = outbox.claim_many(conn, "desk", "z", end, LEASE, limit=1000)
        left = sorted(claim.alert.key for claim in claims)
        assert left == sorted(self.keys - set(self.delivered))
        self.store.close()


@pytest.mark.parametrize("machine", [Frontier, Outbox])
def test_no_interleaving_loses_or_doubles_work(machine):
    from hypothesis.stateful import run_state_machine_as_test

    run_state_machine_as_test(machine, settings=SETTINGS)
