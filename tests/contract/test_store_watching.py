"""What both databases answer about gaps, pace and kept pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.store import archive, frontier, happenings
from crawler.types import Fetch, Outcome, Page, PollResult

LEASE = timedelta(minutes=5)


@pytest.fixture
def watched(store, nouns):
    """Return a store in which `wire` may be polled."""
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], nouns.now)
    return store


def polled(store, now, *urls, nouns, **about):
    """Poll `wire` at `now` with these entries."""
    with store.write() as conn:
        (poll,) = frontier.take_due(
            conn, now, 1, owner="me", lease=LEASE, force=True, only=["wire"]
        )
        entries = tuple(nouns.entry(url) for url in urls)
        result = PollResult(poll=poll, outcome=Outcome.OK, at=now, entries=entries, **about)
        keyed = [(entry.url, entry) for entry in entries]
        known = len(keyed) - len(frontier.unknown(conn, "wire", keyed))
        frontier.finish_poll(conn, result, now + LEASE, keyed, known, False, now,
                             interval=timedelta(minutes=7))  # fmt: skip
        conn.exec_driver_sql("UPDATE source SET polled_by = 'another'")
    with store.read() as conn:
        return frontier.sources(conn)[0][1]


def test_a_gap_is_open_until_it_is_settled(watched, nouns, now):
    polled(watched, now, "https://w.example/1", nouns=nouns)
    polled(watched, now + LEASE, "https://w.example/2", "https://w.example/3", nouns=nouns)
    with watched.write() as conn:
        (gap,) = happenings.happenings(conn, kind="gap")
        before = happenings.open_gaps(conn)
        happenings.settle(conn, gap.id, now)

        assert before == {"wire": 1}
        assert happenings.open_gaps(conn) == {}


def test_the_learned_pace_and_what_a_feed_asks_for_are_kept(watched, nouns, now):
    state = polled(watched, now, "https://w.example/1", nouns=nouns, min_interval=LEASE)

    assert (state.interval, state.patience) == (timedelta(minutes=7), LEASE)


def test_the_usual_pace_is_known_from_three_pages_on(watched, nouns, now):
    for n in range(3):
        polled(watched, now + timedelta(hours=2 * n), f"https://w.example/{n}", nouns=nouns)
        with watched.read() as conn:
            found = frontier.paces(conn)

        assert found == ({"wire": timedelta(hours=2)} if n == 2 else {})


def test_a_kept_page_comes_back_as_it_was(watched, nouns, now):
    polled(watched, now, "https://w.example/1", nouns=nouns)
    with watched.write() as conn:
        (row,) = frontier.pages(conn)
        work = Fetch(page_id=row.id, source=nouns.source(), entry=nouns.entry(row.url), token="t")
        page = Page(fetch=work, url=row.url, status=200, body=b"\x00\xffraw", at=now,
                    headers={"x-robots-tag": "all"})  # fmt: skip
        archive.keep(conn, page)
        archive.keep(conn, replace(page, body=b"newer"))
        (kept,) = archive.pages(conn, now - LEASE)

        assert (kept.body, kept.headers, kept.fetch.quiet) == (b"newer", page.headers, True)
        assert archive.count(conn, now) == 1
        assert archive.count(conn, now + LEASE) == 0


def taken(store, owner, now, **about):
    with store.write() as conn:
        return frontier.take_due(conn, now, 10, owner=owner, lease=LEASE, **about)


def test_a_host_that_one_process_asks_is_left_alone_by_the_others(watched, nouns, now):
    with watched.write() as conn:
        frontier.sync_sources(
            conn,
            [nouns.source(), nouns.source("twin", url="https://wire.example/other")],
            now,
        )
        frontier.set_enabled(conn, ["twin"], enabled=False)
    polled(watched, now, "https://wire.example/1", "https://other.example/1", nouns=nouns)
    later = now + timedelta(seconds=1)
    (page, *_) = [w for w in taken(watched, "me", later) if "wire" in w.entry.url]
    with watched.write() as conn:
        frontier.page_done(conn, page, Outcome.OK, later)
        frontier.queue_pages(conn, "wire", [("k", nouns.entry("https://other.example/2"))],
                             quiet=False, now=later)  # fmt: skip
    forced = {"force": True, "only": ["twin"]}

    assert taken(watched, "you", later) == []
    assert [w.source.id for w in taken(watched, "you", later, **forced)] == ["twin"]
    after = later + LEASE + LEASE
    assert {w.entry.url for w in taken(watched, "you", after) if isinstance(w, Fetch)} == {
        "https://other.example/1",
        "https://other.example/2",
    }
