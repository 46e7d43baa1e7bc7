"""Hosts with due work, and the workers that are given them."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from crawler.fetch.engine import utc_now
from crawler.store import Store, Writer, deals, frontier, hostwork, upkeep, workers
from crawler.store.clock import SharedClock

LEASE = timedelta(minutes=5)


@pytest.fixture
def three_hosts(store, nouns):
    now = utc_now()
    made = [nouns.source(name, url=f"https://{name}.example/feed") for name in ("a", "b", "c")]
    with store.write() as conn:
        frontier.sync_sources(conn, made, now)
    return now


def names(found):
    return [name for name, _ in found]


def test_a_host_is_due_when_a_source_of_it_is(store, three_hosts):
    with store.write() as conn:
        frontier.set_enabled(conn, ["b"], enabled=False)
        assert sorted(names(hostwork.due(conn, three_hosts, 9))) == ["a.example", "c.example"]
        assert len(hostwork.due(conn, three_hosts, 1)) == 1


def test_hosts_of_watched_sources_come_first_and_say_so(store, three_hosts):
    with store.write() as conn:
        found = hostwork.due(conn, three_hosts, 9, first=["c"])
    assert found[0] == ("c.example", True)
    assert {urgent for _, urgent in found[1:]} == {False}


def test_a_host_with_only_a_page_due_is_due(store, nouns, three_hosts):
    with store.write() as conn:
        entries = [("k", nouns.entry("https://pages.example/1"))]
        frontier.queue_pages(conn, "a", entries, quiet=False, now=three_hosts)
        found = dict(hostwork.due(conn, three_hosts, 9, first=["a"]))
    assert found["pages.example"]


def test_a_host_that_somebody_has_or_that_must_wait_is_not_due(store, three_hosts):
    now = three_hosts
    with store.write() as conn:
        (poll,) = frontier.take_due(conn, now, 1, owner="w", lease=LEASE, hosts=["b.example"])
        frontier.hold_host(conn, "c.example", now + LEASE, "429")
        assert names(hostwork.due(conn, now, 9)) == ["a.example"]
    assert poll.source.id == "b"


def test_work_is_taken_of_the_named_hosts_alone(store, nouns, three_hosts):
    with store.write() as conn:
        entries = [(f"k{n}", nouns.entry(f"https://{n}.example/1")) for n in ("a", "p")]
        frontier.queue_pages(conn, "c", entries, quiet=False, now=three_hosts)
        take = {"owner": "w", "lease": LEASE}
        first = frontier.take_due(conn, three_hosts, 9, hosts=["a.example"], **take)
        rest = frontier.take_due(conn, three_hosts, 9, hosts=["p.example", "x"], **take)
        assert frontier.take_due(conn, three_hosts, 9, hosts=[], **take) == []
    assert len(first) == 2
    assert [work.entry.url for work in rest] == ["https://p.example/1"]


def test_a_worker_not_heard_of_loses_what_it_had(store, three_hosts):
    now = three_hosts
    with store.write() as conn:
        for name in ("dead", "alive"):
            workers.enrol(conn, name, {"since": now.isoformat()}, now)
        frontier.take_due(conn, now, 1, owner="dead", lease=LEASE, hosts=["a.example"])
        frontier.take_due(conn, now, 1, owner="alive", lease=LEASE, hosts=["b.example"])
        late = now + timedelta(seconds=30)
        assert workers.beat(conn, "alive", {"polls": 1}, late)

        gone = workers.give_up(conn, now + timedelta(seconds=5), late, pause=timedelta(0))
        assert gone == ["dead"]
        assert not workers.beat(conn, "dead", {}, late)
        assert [one.about for one in workers.seen(conn)] == [{"polls": 1}]
        due = names(hostwork.due(conn, late, 9))
    assert "a.example" in due
    assert "b.example" not in due


def test_a_process_sees_the_databases_time_and_not_its_own(postgres_store):
    steady = [100.0]
    clock = SharedClock(postgres_store, lambda: steady[0])
    assert abs(clock() - utc_now()) < timedelta(seconds=30)
    before = clock()
    steady[0] += 60
    assert clock() - before == timedelta(seconds=60)
    with postgres_store.read() as conn:
        clock.look(conn)
    assert clock() < before + timedelta(seconds=50)


def test_of_two_that_read_of_one_deal_the_second_sees_what_the_first_made(postgres_store, nouns):
    """Both look for the deal, and both would make it, were there no order between them."""
    other = Store(str(postgres_store.url))
    met = threading.Barrier(2)
    seen: list[int] = []

    def tell(store):
        met.wait()
        with store.write() as conn:
            deals.add_report(conn, None, nouns.report())
            found = deals.count(conn)
            seen.append(found)
            if not found:
                deals.save(conn, [nouns.deal()], {"acme": {"k"}}, now=nouns.now)

    both = [threading.Thread(target=tell, args=(one,)) for one in (postgres_store, other)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    other.close()
    assert sorted(seen) == [0, 1]


async def test_two_writers_that_block_each_other_both_end_well(postgres_store, now):
    """A deadlock is nobody's fault: the one that is broken off is done again."""
    import asyncio

    other = Store(str(postgres_store.url))
    one, two = Writer(postgres_store), Writer(other)
    met = threading.Barrier(2)
    tries: list[str] = []

    def both(conn, first, second):
        tries.append(first)
        upkeep.keep_fact(conn, first, first, now)
        if len(tries) <= 2:
            met.wait(10)
        upkeep.keep_fact(conn, second, first, now)

    with postgres_store.write() as conn:
        for name in ("x", "y"):
            upkeep.keep_fact(conn, name, 0, now)
    try:
        await asyncio.gather(one.run(both, "x", "y"), two.run(both, "y", "x"))
    finally:
        one.close(), two.close(), other.close()
    assert len(tries) == 3
    with postgres_store.read() as conn:
        found = upkeep.facts(conn, "")
    assert found["x"] == found["y"]
