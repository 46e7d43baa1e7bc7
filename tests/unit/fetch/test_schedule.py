import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetch import schedule
from crawler.types import Outcome, Poll, PollResult, PollState, Source

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
EVERY = timedelta(minutes=20)
SOURCE = Source(id="one", kind="feed", url="https://example.com/feed", every=EVERY)
KNOWN = PollState(polls=9, overlap=0.5, last_new_entry=NOW)


def result(state=KNOWN, outcome=Outcome.OK, **fields):
    poll = Poll(source=SOURCE, state=state, token="t")
    return PollResult(poll=poll, outcome=outcome, at=NOW, **fields)


def wait(state=KNOWN, overlap=0.5, seed=1, **fields):
    at = schedule.next_poll_at(
        SOURCE, state, result(state, **fields), overlap=overlap, now=NOW, rng=random.Random(seed)
    )
    return at - NOW


def test_a_healthy_source_is_asked_within_its_interval():
    for seed in range(50):
        assert EVERY * 0.9 <= wait(seed=seed) <= EVERY


def test_a_bursty_source_is_asked_sooner_down_to_a_quarter():
    assert wait(overlap=0.1) < EVERY * 0.61
    fast = replace(KNOWN, interval=timedelta(minutes=1))
    assert schedule.learned_interval(SOURCE, fast, result(fast), 0.0) == EVERY / 4


def test_a_busy_source_is_not_slowed_down():
    assert schedule.learned_interval(SOURCE, KNOWN, result(), 1.0) == EVERY


def test_a_source_quiet_for_a_day_is_asked_later_up_to_four_times():
    state = replace(KNOWN, last_new_entry=NOW - timedelta(days=2))
    slower = schedule.learned_interval(SOURCE, state, result(state), None)
    assert slower == EVERY * schedule.SLOWER
    slowest = replace(state, interval=timedelta(hours=9))
    assert schedule.learned_interval(SOURCE, slowest, result(slowest), 1.0) == 4 * EVERY


def test_the_interval_settles_where_half_the_entries_are_known():
    state = replace(KNOWN, interval=timedelta(minutes=7))
    assert schedule.learned_interval(SOURCE, state, result(state), 0.5) == timedelta(minutes=7)


def test_the_first_poll_teaches_nothing():
    assert schedule.learned_interval(SOURCE, PollState(), result(PollState()), 0.0) == EVERY


@pytest.mark.parametrize("outcome", [outcome for outcome in Outcome if not outcome.is_good])
def test_failures_back_off_linearly_and_never_off(outcome):
    weight = outcome.weight
    for failures in (0, 1, 2, 5):
        state = replace(KNOWN, failures=failures * weight)
        longest = min(EVERY * (1 + (failures + 1) * weight), schedule.LONGEST)
        assert longest * 0.9 <= wait(state, outcome=outcome) <= longest
    assert wait(replace(KNOWN, failures=9999.0), outcome=outcome) <= schedule.LONGEST


def test_no_poll_sooner_than_the_source_asks():
    for seed in range(20):
        assert wait(min_interval=timedelta(hours=1), seed=seed) == timedelta(hours=1)


def test_after_a_pause_hosts_do_not_come_back_at_the_same_second():
    hour = timedelta(hours=1)
    waits = {wait(outcome=Outcome.THROTTLED, retry_after=hour, seed=seed) for seed in range(20)}
    assert len(waits) > 10
    assert all(hour <= one <= hour * 1.1 for one in waits)


@pytest.mark.parametrize(
    ("state", "overlap", "wanted"),
    [(KNOWN, 0.0, True), (KNOWN, 0.1, False), (KNOWN, None, False), (PollState(), 0.0, False)],
)
def test_nothing_known_in_a_poll_is_a_gap(state, overlap, wanted):
    assert state.shows_gap(overlap) is wanted
