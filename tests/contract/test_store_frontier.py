"""What the frontier promises on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.store import frontier
from crawler.store.happenings import happenings
from crawler.types import Failure, Fetch, Outcome, Poll, PollResult, Robots

LEASE = timedelta(minutes=5)


@pytest.fixture
def take(store, now):
    def act(limit=100, *, at=now, owner="me", **more):
        with store.write() as conn:
            return frontier.take_due(conn, at, limit, owner=owner, lease=LEASE, **more)

    return act


@pytest.fixture
def sync(store, now):
    def act(*sources):
        with store.write() as conn:
            frontier.sync_sources(conn, sources, now)

    return act


@pytest.fixture
def finish(store, nouns, now):
    """Finish a poll that brought pages at these URLs."""

    def act(poll, *urls, at=now, quiet=False, known=0, **about):
        entries = tuple(nouns.entry(url) for url in urls)
        result = PollResult(poll=poll, at=at, entries=entries, **{"outcome": Outcome.OK} | about)
        queue = [(entry.url, entry) for entry in entries]
        with store.write() as conn:
            return frontier.finish_poll(conn, result, at + LEASE, queue, known, quiet, at)

    return act


@pytest.fixture
def queued(sync, take, finish, nouns):
    """Return the pages at these URLs, queued and taken."""

    def act(*urls, **more):
        sync(nouns.source())
        (poll,) = take()
        finish(poll, *urls)
        return [work for work in take(**more) if isinstance(work, Fetch)]

    return act


def state_of(store, source_id="wire"):
    with store.read() as conn:
        return next(state for found, state in frontier.sources(conn) if found.id == source_id)


# --- sources ------------------------------------------------------------------------


def test_a_source_comes_back_as_it_went_in(store, sync, nouns):
    source = nouns.source(
        language="zh", country="CN", every=timedelta(minutes=7), options={"items": "li a"}
    )
    sync(source)

    with store.read() as conn:
        assert [found for found, _ in frontier.sources(conn)] == [source]


def test_a_source_missing_from_config_is_disabled_not_deleted(store, sync, nouns):
    sync(nouns.source("old"), nouns.source("kept"))
    sync(nouns.source("kept"))

    with store.read() as conn:
        enabled = {found.id: found.enabled for found, _ in frontier.sources(conn)}
    assert enabled == {"kept": True, "old": False}


def test_a_source_that_returns_to_config_is_polled_again(sync, take, nouns):
    sync(nouns.source())
    sync()
    assert take() == []

    sync(nouns.source())
    assert [poll.source.id for poll in take()] == ["wire"]


def test_a_source_added_in_the_database_survives_a_sync(store, sync, take, nouns, now):
    with store.write() as conn:
        assert frontier.add_source(conn, nouns.source("mine"), now)
        assert not frontier.add_source(conn, nouns.source("mine"), now)
    sync(nouns.source("wire"))

    assert {poll.source.id for poll in take()} == {"mine", "wire"}


def test_a_sync_keeps_what_polls_have_taught(store, sync, take, finish, nouns):
    sync(nouns.source())
    (poll,) = take()
    finish(poll, etag='W/"x"')
    sync(nouns.source(name="Renamed"))

    assert state_of(store).etag == 'W/"x"'
    assert state_of(store).polls == 1


def test_a_source_that_moved_in_config_forgets_its_validators(store, sync, take, finish, nouns):
    sync(nouns.source())
    (poll,) = take()
    finish(poll, etag='"x"')
    sync(nouns.source(url="https://elsewhere.example/feed"))

    assert state_of(store).etag is None
    assert state_of(store).polls == 0
    assert len(take()) == 1


def test_a_paused_source_rests(store, sync, take, nouns, now):
    sync(nouns.source())
    with store.write() as conn:
        frontier.pause(conn, "wire", nouns.later(days=1), now)

    assert take() == []
    assert len(take(at=nouns.later(days=2))) == 1


# --- polls --------------------------------------------------------------------------


def test_a_new_source_is_due_at_once_and_only_to_one(sync, take, nouns):
    sync(nouns.source())

    (poll,) = take()
    assert isinstance(poll, Poll)
    assert poll.state.polls == 0
    assert take(owner="another") == []


def test_a_source_is_not_polled_before_it_is_due(sync, take, finish, nouns):
    sync(nouns.source())
    (poll,) = take()
    finish(poll)

    assert take(at=nouns.later(minutes=4)) == []
    assert len(take(at=nouns.later(minutes=5))) == 1


def test_validators_come_back_byte_for_byte(sync, take, finish, nouns):
    sync(nouns.source())
    (poll,) = take()
    finish(poll, etag='W/"ü\\"', last_modified="Thu, 01 Jan 1970 00:00:00 +0000", body_hash="h")

    (again,) = take(at=nouns.later(minutes=5))
    assert again.state.etag == 'W/"ü\\"'
    assert again.state.last_modified == "Thu, 01 Jan 1970 00:00:00 +0000"
    assert again.state.body_hash == "h"


def test_the_poll_of_a_dead_worker_comes_back_when_its_lease_ends(sync, take, nouns):
    sync(nouns.source())
    take()

    assert take(at=nouns.later(minutes=4), owner="another") == []
    assert len(take(at=nouns.later(minutes=5), owner="another")) == 1


def test_who_returns_after_its_lease_changes_nothing(store, sync, take, finish, nouns):
    sync(nouns.source())
    (late,) = take()
    (held,) = take(at=nouns.later(minutes=6), owner="another")

    assert finish(late, "https://wire.example/late", etag='"late"') == 0
    assert state_of(store).etag is None
    assert finish(held, "https://wire.example/a", at=nouns.later(minutes=6)) == 1


def test_force_polls_each_named_source_once_though_none_is_due(sync, take, finish, nouns):
    sync(nouns.source("a"), nouns.source("b"))
    for poll in take():
        finish(poll)

    asked = []
    while work := take(1, owner="crawl", only=["a"], force=True):
        asked += [poll.source.id for poll in work]
        finish(work[0])
    assert asked == ["a"]


def test_a_named_source_is_polled_though_it_is_switched_off(sync, take, nouns):
    sync(nouns.source(enabled=False))

    assert take() == []
    assert take(force=True) == []
    assert len(take(only=["wire"], force=True)) == 1


def test_no_work_is_given_out_for_a_held_host(store, sync, take, nouns, now):
    sync(nouns.source("a"), nouns.source("b"))
    with store.write() as conn:
        frontier.hold_host(conn, "A.example", nouns.later(hours=1), "Retry-After")
        frontier.hold_host(conn, "a.example", nouns.later(minutes=1), "shorter")

    assert [poll.source.id for poll in take()] == ["b"]
    with store.write() as conn:
        assert frontier.held_hosts(conn, now)["a.example"][1] == "Retry-After"
        assert frontier.outstanding(conn, now, owner="me") == 1
    assert len(take(at=nouns.later(hours=1))) == 2


def test_failures_add_up_by_weight_and_a_success_clears_them(store, sync, take, finish, nouns):
    sync(nouns.source())
    for minutes, outcome in ((0, Outcome.DEAD), (5, Outcome.THROTTLED)):
        at = nouns.later(minutes=minutes)
        (poll,) = take(at=at)
        finish(poll, at=at, outcome=outcome, message="no such host")
    assert state_of(store).failures == 1.25
    assert state_of(store).last_message == "no such host"

    (poll,) = take(at=nouns.later(minutes=10))
    finish(poll, at=nouns.later(minutes=10))
    assert state_of(store).failures == 0


def test_a_feed_without_a_known_entry_leaves_a_gap(store, sync, take, finish, nouns):
    sync(nouns.source())
    for minutes in (0, 5):
        poll, *_ = take(at=nouns.later(minutes=minutes))
        finish(poll, f"https://wire.example/{minutes}", at=nouns.later(minutes=minutes))

    assert state_of(store).gaps == 1
    with store.read() as conn:
        (gap,) = happenings(conn, kind="gap")
    assert gap.source_id == "wire"


# --- pages --------------------------------------------------------------------------


def test_pages_are_queued_with_the_validators_or_not_at_all(store, sync, take, nouns, now):
    sync(nouns.source())
    (poll,) = take()
    entry = nouns.entry()
    result = PollResult(poll=poll, outcome=Outcome.OK, at=now, etag='"x"', entries=(entry,))

    def power_cut():
        with store.write() as conn:
            frontier.finish_poll(conn, result, now, [("k", entry)], 0, False, now)
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError):
        power_cut()

    assert state_of(store).etag is None
    with store.read() as conn:
        assert frontier.pages(conn) == []


def test_a_page_comes_out_as_its_entry_went_in(queued, nouns):
    (fetch,) = queued("https://wire.example/a")

    assert fetch.entry == nouns.entry("https://wire.example/a")
    assert fetch.source == nouns.source()
    assert (fetch.attempts, fetch.quiet) == (0, False)


def test_a_page_listed_by_two_sources_is_fetched_once(store, sync, take, finish, nouns):
    sync(nouns.source("a"), nouns.source("b"))
    for poll in take():
        finish(poll, "https://both.example/story")

    assert len([work for work in take() if isinstance(work, Fetch)]) == 1
    from crawler.store.tables import page_source

    with store.read() as conn:
        rows = conn.execute(page_source.select().order_by(page_source.c.source_id)).all()
    assert [row.source_id for row in rows] == ["a", "b"]


def test_known_pages_are_found_in_one_question(store, queued, nouns):
    queued("https://wire.example/a")
    asked = [(url, nouns.entry(url)) for url in ("https://wire.example/a", "https://x.example/b")]

    with store.read() as conn:
        fresh = frontier.unknown(conn, "wire", [*asked, asked[1]])
    assert [key for key, _ in fresh] == ["https://x.example/b"]


def test_hosts_take_turns(queued):
    busy = [f"https://busy.example/{n}" for n in range(20)]
    fetches = queued(*busy, "https://rare.example/1", limit=4)

    assert "https://rare.example/1" in [fetch.entry.url for fetch in fetches]


def test_no_host_has_more_pages_out_than_allowed(queued, take):
    urls = [f"https://busy.example/{n}" for n in range(20)]

    assert len(queued(*urls, per_host=3)) == 3
    assert take(per_host=3) == []
    assert len(take(per_host=5)) == 2


def test_a_full_host_does_not_starve_the_others(queued, take, sync, finish, nouns):
    full = [f"https://h{n}.example/{page}" for n in range(5) for page in range(4)]
    queued(*full, per_host=1)
    sync(nouns.source(), nouns.source("b"))
    (poll,) = take(at=nouns.later(minutes=1), per_host=1)
    finish(poll, "https://late.example/x", at=nouns.later(minutes=1))

    (fetch,) = take(2, at=nouns.later(minutes=1), per_host=1)
    assert fetch.entry.url == "https://late.example/x"


def test_polls_leave_half_of_the_room_to_pages(queued, sync, take, nouns):
    queued("https://x.example/1", "https://y.example/2", limit=0)
    sync(*(nouns.source(f"s{n}") for n in range(10)))

    kinds = [type(work) for work in take(4)]
    assert kinds.count(Poll) == 2
    assert kinds.count(Fetch) == 2


def test_a_page_that_is_done_stays_done(store, queued, take, now):
    (fetch,) = queued("https://wire.example/a")
    with store.write() as conn:
        assert frontier.page_done(conn, fetch, Outcome.OK, now)
        assert not frontier.page_done(conn, fetch, Outcome.OK, now)
        assert frontier.outstanding(conn, now, owner="me") == 0
        (page,) = frontier.pages(conn, Outcome.OK)
    assert page.state == "done"
    assert take() == []


def test_a_failed_page_comes_back_when_told_and_counts_its_tries(store, queued, take, nouns, now):
    (fetch,) = queued("https://wire.example/a")
    failure = Failure(fetch=fetch, outcome=Outcome.SLOW, at=now, message="30 s", status=None)
    with store.write() as conn:
        assert frontier.page_failed(conn, failure, nouns.later(minutes=2), now)
        assert not frontier.page_failed(conn, failure, None, now)

    assert take(at=nouns.later(minutes=1)) == []
    (again,) = take(at=nouns.later(minutes=2))
    assert again.attempts == 1


def test_a_poisonous_page_is_put_aside_where_people_see_it(store, queued, take, nouns, now):
    (fetch,) = queued("https://wire.example/a")
    failure = Failure(fetch=fetch, outcome=Outcome.POISON, at=now, message="killed 3 readers")
    with store.write() as conn:
        frontier.page_failed(conn, failure, None, now)
        (page,) = frontier.pages(conn, state="quarantined")
    assert page.message == "killed 3 readers"
    assert take(at=nouns.later(minutes=4)) == []

    with store.write() as conn:
        assert frontier.requeue_pages(conn, [page.id], now) == 1
    assert len(take()) == 1


def test_work_given_back_on_a_clean_stop_was_never_taken(store, queued, take, now):
    queued("https://wire.example/a")
    with store.write() as conn:
        assert frontier.release(conn, "me", now) == 1

    (fetch,) = take(owner="another")
    assert fetch.attempts == 0


def test_a_crawl_is_drained_when_nothing_is_due_and_nothing_is_out(
    store, sync, take, finish, nouns
):
    def left(at):
        with store.read() as conn:
            return frontier.outstanding(conn, at, owner="me")

    sync(nouns.source())
    assert left(nouns.now) == 1
    (poll,) = take()
    assert left(nouns.now) == 1
    finish(poll, "https://wire.example/a")
    assert left(nouns.now) == 1
    (fetch,) = take()
    with store.write() as conn:
        frontier.page_done(conn, fetch, Outcome.OK, nouns.now)
    assert left(nouns.now) == 0


def test_hostile_words_are_stored_not_refused(store, sync, take, nouns, now):
    sync(nouns.source())
    (poll,) = take()
    entry = nouns.entry(title="a\x00b\ud800", summary="\x00", guid="'); DROP TABLE page; --")
    result = PollResult(poll=poll, outcome=Outcome.OK, at=now, entries=(entry,))
    with store.write() as conn:
        assert frontier.finish_poll(conn, result, now, [("a\x00", entry)], 0, False, now) == 1

    (fetch,) = [work for work in take() if isinstance(work, Fetch)]
    assert fetch.entry.guid == "'); DROP TABLE page; --"


def test_robots_are_kept_and_replaced(store, nouns, now):
    first = Robots(body=b"User-agent: *\nDisallow: /", status=200, at=now)
    second = replace(first, status=0, body=b"", at=nouns.later(days=1))
    with store.write() as conn:
        assert frontier.robots(conn, "https://x.example") is None
        for kept in (first, second):
            frontier.keep_robots(conn, "https://x.example", kept)
            assert frontier.robots(conn, "https://x.example") == kept
