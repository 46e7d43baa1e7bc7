from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from crawler.alert.hours import closes, next_digest, opens
from crawler.config.rules import Hours, Moment


def hours(*written):
    return [Hours.model_validate(text) for text in written]


def at(text):
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


NIGHT = hours("22:00-07:00 Europe/Rome")
NYSE = hours("mon-fri 09:30-16:00 America/New_York")


@pytest.mark.parametrize(
    ("now", "end"),
    [
        ("2026-11-24T20:59", None),
        ("2026-11-24T21:00", "2026-11-25T06:00"),
        ("2026-11-25T05:59", "2026-11-25T06:00"),
        ("2026-11-25T06:00", None),
        ("2026-07-01T20:00", "2026-07-02T05:00"),  # summer time
    ],
)
def test_a_night_ends_in_the_morning_of_its_own_zone(now, end):
    assert closes(NIGHT, at(now)) == (end and at(end))


@pytest.mark.parametrize(
    ("now", "start"),
    [
        ("2026-11-24T15:00", None),
        ("2026-11-24T14:29", "2026-11-24T14:30"),
        ("2026-11-27T21:00", "2026-11-30T14:30"),  # over the weekend
        ("2026-03-06T21:00", "2026-03-09T13:30"),  # and into summer time
    ],
)
def test_a_market_opens_on_the_next_trading_day(now, start):
    assert opens(NYSE, at(now)) == (start and at(start))


def test_windows_that_touch_are_one():
    both = hours("20:00-22:00 UTC", "22:00-23:00 UTC")

    assert closes(both, at("2026-11-24T20:30")) == at("2026-11-24T23:00")


def test_windows_that_never_end_do_not_hang_us():
    always = hours("00:00-24:00 UTC")

    assert closes(always, at("2026-11-24T20:30")) > at("2026-11-25T20:30")


def test_no_windows_hold_nothing():
    assert closes((), at("2026-11-24T20:30")) is None
    assert opens((), at("2026-11-24T20:30")) is None


@pytest.mark.parametrize(
    ("every", "moment", "now", "then"),
    [
        ("hourly", "08:00", "2026-11-24T12:00", "2026-11-24T13:00"),
        ("daily", "08:00 Europe/Rome", "2026-11-24T06:59", "2026-11-24T07:00"),
        ("daily", "08:00 Europe/Rome", "2026-11-24T07:00", "2026-11-25T07:00"),
        ("daily", "02:30 Europe/Rome", "2026-03-28T12:00", "2026-03-29T01:30"),  # a skipped hour
        ("weekly", "mon 08:00", "2026-11-24T12:00", "2026-11-30T08:00"),
        ("weekly", "tue 13:00", "2026-11-24T12:00", "2026-11-24T13:00"),
        ("weekly", "tue 12:00", "2026-11-24T12:00", "2026-12-01T12:00"),
    ],
)
def test_a_digest_has_its_time(every, moment, now, then):
    assert next_digest(every, Moment.model_validate(moment), at(now)) == at(then)


def test_a_daily_digest_comes_once_a_day_over_both_changes_of_clock():
    moment = Moment.model_validate("08:00 America/New_York")
    now, seen = at("2026-03-01T00:00"), []
    while now < at("2026-12-01T00:00"):
        now = next_digest("daily", moment, now)
        seen.append(now)

    gaps = {later - earlier for earlier, later in pairwise(seen)}
    assert gaps == {timedelta(hours=23), timedelta(hours=24), timedelta(hours=25)}
