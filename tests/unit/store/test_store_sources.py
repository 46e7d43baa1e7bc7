"""What is remembered of a source after a poll."""

from __future__ import annotations

from random import Random

import pytest

from crawler.fetch import schedule
from crawler.store.hosts import host_of
from crawler.store.sources import after
from crawler.types import Outcome, Poll, PollResult, PollState


class Unmoved(Random):
    """Chance without any."""

    def random(self) -> float:
        return 0.0


@pytest.fixture
def poll(nouns, now):
    """Return what is remembered after a poll of a source with this state."""

    def act(state=None, *, known=0, entries=0, outcome=Outcome.OK, **about):
        work = Poll(source=nouns.source(), state=state or PollState(), token="t")
        found = tuple(nouns.entry(f"https://x.example/{n}") for n in range(entries))
        result = PollResult(poll=work, outcome=outcome, at=now, entries=found, **about)
        return after(work.state, result, known, nouns.later(minutes=15))

    return act


def test_a_304_keeps_the_validators(poll):
    state = PollState(etag='"x"', last_modified="then", body_hash="h", polls=1)

    kept = poll(state, outcome=Outcome.UNCHANGED, conditional=True)
    assert (kept.etag, kept.last_modified, kept.body_hash) == ('"x"', "then", "h")
    assert kept.polls == 2


def test_a_new_body_replaces_all_validators_even_with_none(poll):
    assert poll(PollState(etag='"x"', polls=1)).etag is None


def test_a_failure_keeps_validators_and_the_count_of_good_polls(poll):
    state = PollState(etag='"x"', polls=3, failures=1.0)

    failed = poll(state, outcome=Outcome.DEAD, message="no such host")
    assert (failed.etag, failed.polls, failed.failures) == ('"x"', 3, 2.0)
    assert failed.last_success is None


def test_an_empty_feed_was_polled(poll):
    assert poll(outcome=Outcome.EMPTY).polls == 1


def test_overlap_is_the_share_of_entries_known_before(poll):
    assert poll(entries=4, known=1).overlap == 0.25
    assert poll(PollState(overlap=0.5)).overlap == 0.5


def test_a_first_poll_is_no_gap_and_a_304_neither(poll):
    assert poll(entries=3).gaps == 0
    before = PollState(polls=1, overlap=0.5)
    assert poll(before, outcome=Outcome.UNCHANGED).gaps == 0
    assert poll(before, entries=3, known=1).gaps == 0
    assert poll(before, entries=3).gaps == 1


def test_a_source_that_lied_once_is_compared_by_body(poll):
    assert poll(lied=True).hash_mode
    assert poll(PollState(hash_mode=True)).hash_mode


def test_equal_moves_are_counted_and_another_begins_anew(poll):
    once = poll(moved_to="https://new.example/")
    twice = poll(once, moved_to="https://new.example/")
    other = poll(twice, moved_to="https://other.example/")

    assert [state.moved_count for state in (once, twice, other)] == [1, 2, 1]
    assert poll(twice).moved_count == 0
    assert poll(twice, outcome=Outcome.SLOW).moved_count == 2


def test_an_unconditional_fetch_is_remembered(poll, now):
    assert poll().unconditional_at == now
    assert poll(conditional=True).unconditional_at is None


def test_a_poll_that_brings_something_new_says_when(poll, now):
    assert poll(entries=2, known=1).last_new_entry == now
    assert poll(entries=2, known=2).last_new_entry is None


def test_a_gap_needs_an_overlap_that_was_known(poll):
    assert poll(PollState(polls=1), entries=1).gaps == 0


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if not outcome.is_good])
def test_what_a_failure_adds_is_what_the_pace_slows_by(nouns, now, poll, outcome):
    state, every = PollState(polls=3, failures=1.0), nouns.source().every
    result = PollResult(
        poll=Poll(source=nouns.source(), state=state, token="t"), outcome=outcome, at=now
    )
    asked = schedule.next_poll_at(
        nouns.source(), state, result, overlap=None, now=now, rng=Unmoved()
    )

    assert asked - now == every * (1 + poll(state, outcome=outcome).failures)


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("https://A.Example/x", "a.example"),
        ("https://a.example:443/x", "a.example"),
        ("http://a.example:443/x", "a.example:443"),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000"),
        ("https://a.example./", "a.example"),
        ("http://[::1]:80/", "::1"),
        ("http://a.example:port/", ""),
        ("nonsense", ""),
    ],
)
def test_a_host_is_a_name_with_a_port_of_its_own(url, host):
    assert host_of(url) == host
