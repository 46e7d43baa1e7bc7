"""A page that was fetched can be looked at once more, on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.store import frontier, revisits
from crawler.types import Fetch, Outcome, Page, PollResult

LEASE = timedelta(minutes=5)
URL = "https://wire.example/a"


@pytest.fixture
def page(store, nouns, now):
    """Return a page that was fetched and became an article."""
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        (poll,) = frontier.take_due(conn, now, 1, owner="me", lease=LEASE)
        result = PollResult(poll=poll, outcome=Outcome.OK, at=now, entries=(nouns.entry(URL),))
        keyed = [(URL, nouns.entry(URL))]
        frontier.finish_poll(conn, result, nouns.later(days=9), keyed, 0, False, now)
        (fetch,) = frontier.take_due(conn, now, 1, owner="me", lease=LEASE)
        frontier.page_done(conn, fetch, Outcome.OK, now, article_id=7)
        headers = {"etag": 'W/"ä b"', "last-modified": "then"}
        kept = Page(fetch=fetch, url=URL, status=200, body=b"", at=now, headers=headers)
        revisits.keep_validators(conn, kept)
    return fetch


@pytest.fixture
def listed(store, nouns):
    def act(at, title="Acme AI raises more", source="wire", most=4):
        with store.read() as conn:
            return revisits.listed_again(
                conn,
                source,
                {URL: nouns.entry(URL, title=title)},
                seen_since=at - timedelta(days=3),
                ended_before=at - timedelta(minutes=30),
                most=most,
            )

    return act


def take(store, at):
    with store.write() as conn:
        work = frontier.take_due(conn, at, 9, owner="me", lease=LEASE)
    return [piece for piece in work if isinstance(piece, Fetch)]


def test_a_page_listed_again_is_told_with_its_entry_then_and_now(page, listed, nouns):
    told = listed(nouns.later(hours=1))
    before, now = told[page.page_id]
    assert (before.title, now.title) == (nouns.entry().title, "Acme AI raises more")


def test_not_too_soon_not_too_late_and_not_by_another_source(page, listed, nouns):
    assert page
    assert listed(nouns.later(minutes=20)) == {}
    assert listed(nouns.later(days=4)) == {}
    assert listed(nouns.later(hours=1), source="other") == {}


def test_a_second_look_carries_the_validators_byte_for_byte(store, page, nouns):
    later = nouns.later(hours=1)
    with store.write() as conn:
        changed = {page.page_id: nouns.entry(URL, title="Acme AI raises more")}
        assert revisits.look_again(conn, changed, later) == 1
    (fetch,) = take(store, later)

    assert (fetch.etag, fetch.last_modified, fetch.revisits) == ('W/"ä b"', "then", 1)
    assert fetch.entry.title == "Acme AI raises more"


def test_a_look_for_later_is_not_due_before_and_is_planned_once(store, page, listed, nouns):
    with store.write() as conn:
        revisits.look_later(conn, page, nouns.later(hours=6))
    assert take(store, nouns.later(hours=5)) == []
    assert listed(nouns.later(hours=1)) != {}
    (fetch,) = take(store, nouns.later(hours=6))
    with store.write() as conn:
        assert revisits.unchanged(conn, fetch, nouns.later(hours=6))
        assert not revisits.unchanged(conn, fetch, nouns.later(hours=6))
        revisits.look_later(conn, fetch, nouns.later(hours=12))

    assert take(store, nouns.later(days=2)) == []
    assert listed(nouns.later(hours=8), most=1) == {}
