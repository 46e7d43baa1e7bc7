"""One word and one plain line for every way a source may be doing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from crawler.health import health, span
from crawler.types import Outcome, PollState, Source

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SOURCE = Source(id="wire", kind="feed", url="https://wire.example/feed")
WELL = PollState(
    last_outcome=Outcome.OK,
    last_success=NOW,
    last_new_entry=NOW - timedelta(hours=1),
    next_poll_at=NOW + timedelta(minutes=15),
)


def said(state=WELL, source=SOURCE, pace=None, gaps=0):
    return health(source, state, NOW, pace=pace, gaps=gaps)


def test_a_source_that_answers_and_has_news_is_well():
    assert said() == ("well", "")


def test_one_that_was_never_polled_is_new():
    assert said(PollState()).word == "new"


def test_one_that_is_switched_off_says_so():
    assert said(source=replace(SOURCE, enabled=False)).word == "off"


@pytest.mark.parametrize("outcome", sorted(set(Outcome) - {Outcome.OK, Outcome.UNCHANGED}))
def test_a_failure_keeps_its_class_and_says_since_when(outcome):
    state = replace(
        WELL,
        last_outcome=outcome,
        last_message="what the server said",
        last_success=NOW - timedelta(hours=5),
    )
    told = said(state)

    assert told.word == outcome.value
    assert "what the server said" in told.line
    assert outcome is Outcome.EMPTY or "5 h" in told.line


def test_one_that_never_answered_well_says_so():
    state = PollState(last_outcome=Outcome.DEAD, last_message="no such host")

    assert said(state).line == "no such host; it has never answered well"


def test_silence_of_ten_times_the_usual_pace_is_stale():
    quiet = replace(WELL, last_new_entry=NOW - timedelta(days=3))

    assert said(quiet, pace=timedelta(hours=6)) == (
        "stale",
        "nothing new for 3 d, usually every 6 h",
    )
    assert said(quiet, pace=timedelta(hours=8)).word == "well"


def test_a_quick_source_is_not_stale_before_a_day_has_passed():
    quiet = replace(WELL, last_new_entry=NOW - timedelta(hours=20))

    assert said(quiet, pace=timedelta(minutes=5)).word == "well"


def test_empty_and_stale_are_told_apart():
    empty = replace(WELL, last_outcome=Outcome.EMPTY, last_message="it holds no entries")

    assert said(empty).word == "empty"
    assert "holds nothing" in said(empty).line


def test_an_open_gap_is_shown():
    assert said(gaps=2).word == "gap"


def test_a_move_says_what_to_write_into_the_config():
    assert said(replace(WELL, moved_to="https://new.example/feed")).word == "moved"


def test_a_poll_that_is_long_overdue_is_late():
    late = replace(WELL, next_poll_at=NOW - timedelta(hours=3))

    assert said(late).word == "late"
    assert "3 h" in said(late).line


@pytest.mark.parametrize(
    ("length", "words"),
    [
        (timedelta(days=2), "2 d"),
        (timedelta(hours=5), "5 h"),
        (timedelta(minutes=20), "20 min"),
        (timedelta(seconds=9), "9 s"),
        (timedelta(seconds=-9), "0 s"),
    ],
)
def test_spans_are_told_in_their_largest_unit(length, words):
    assert span(length) == words
