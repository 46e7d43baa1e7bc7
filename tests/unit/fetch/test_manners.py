from datetime import UTC, datetime, timedelta

import pytest

from crawler.fetch import manners
from crawler.types import PollState

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "value", "seconds"),
    [
        (429, "120", 120),
        (429, "", 300),
        (429, "soon", 300),
        (429, "-5", 300),
        (429, "0", 300),
        (429, "Mon, 02 Mar 2026 12:10:00 GMT", 600),
        (429, "Monday, 02-Mar-26 12:10:00 GMT", 600),
        (429, "Mon Mar  2 12:10:00 2026", 600),
        (429, "Mon, 02 Mar 2026 11:00:00 GMT", 300),
        (429, "999999999", 86400),
        (429, "Tue, 02 Mar 2027 12:10:00 GMT", 86400),
        (503, "60", 60),
        (503, "", None),
        (200, "60", None),
        (404, "60", None),
    ],
)
def test_a_pause_is_read_from_seconds_and_dates_and_capped_at_a_day(status, value, seconds):
    wait = manners.retry_after(status, {"retry-after": value}, NOW)
    assert (wait and wait.total_seconds()) == seconds


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"cache-control": "public, max-age=600"}, 600),
        ({"cache-control": "max-age=600", "age": "200"}, 400),
        ({"cache-control": "max-age=600, no-cache"}, None),
        ({"cache-control": "s-maxage=600"}, None),
        ({"cache-control": "max-age=99999999"}, 6 * 3600),
        ({"expires": "Mon, 02 Mar 2026 12:30:00 GMT"}, 1800),
        ({"expires": "Mon, 02 Mar 2026 12:30:00 GMT", "date": "2 Mar 2026 12:20:00 GMT"}, 600),
        ({"expires": "0"}, None),
        ({"expires": "-1"}, None),
        ({}, None),
    ],
)  # fmt: skip
def test_freshness_is_a_lower_bound_for_the_next_poll(headers, seconds):
    fresh = manners.fresh_for(headers, NOW)
    assert (fresh and fresh.total_seconds()) == seconds


SEEN = PollState(
    etag='"a"',
    last_modified="Sat, 28 Feb 2026 10:00:00 GMT",
    body_hash="1",
    polls=3,
    unconditional_at=NOW - timedelta(hours=2),
)


def with_(**fields):
    from dataclasses import replace

    return replace(SEEN, **fields)


def test_validators_are_sent_as_they_came():
    assert manners.validators(SEEN, NOW) == {
        "If-None-Match": '"a"',
        "If-Modified-Since": "Sat, 28 Feb 2026 10:00:00 GMT",
    }


@pytest.mark.parametrize(
    "state",
    [
        PollState(),
        with_(unconditional_at=NOW - timedelta(hours=24)),
        with_(hash_mode=True),
        with_(etag=None, last_modified=None),
        with_(etag='"a\r\nx: y"', last_modified=None),
    ],
)
def test_no_validators_when_new_once_a_day_or_when_they_lie(state):
    assert manners.validators(state, NOW) == {}


@pytest.mark.parametrize(
    ("etag", "modified", "digest", "wanted"),
    [
        ('"a"', None, "2", True),
        ('"a"', None, "1", False),
        ('"b"', None, "2", False),
        (None, SEEN.last_modified, "2", True),
        ('"b"', SEEN.last_modified, "2", False),
        (None, None, "2", False),
    ],
)
def test_the_same_validator_with_another_body_is_a_lie(etag, modified, digest, wanted):
    assert manners.lied(SEEN, etag, modified, digest) is wanted


def test_a_weak_validator_may_stay_while_bytes_change():
    assert not manners.lied(with_(etag='W/"a"'), 'W/"a"', None, "2")
