"""Printed dates become the instants they name."""

from datetime import UTC, datetime

import pytest

from crawler.extract.dates import Stamp, choose, in_utc, parse

NOW = datetime(2026, 5, 10, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("printed", "instant"),
    [
        ("2026-05-04T09:30:00+02:00", "2026-05-04T07:30:00+00:00"),
        ("2026-05-04T09:30:00.123Z", "2026-05-04T09:30:00+00:00"),
        ("2026-05-04T09:30+0800", "2026-05-04T01:30:00+00:00"),
        ("2026-05-04T09:30:00-05", "2026-05-04T14:30:00+00:00"),
        ("2026-05-04 09:30:00 UTC", "2026-05-04T09:30:00+00:00"),
        ("Mon, 04 May 2026 09:30:00 GMT", "2026-05-04T09:30:00+00:00"),
        ("Mon, 04 May 2026 09:30:00 -0400", "2026-05-04T13:30:00+00:00"),
        ("May 4, 2026 9:30 PM EDT", "2026-05-05T01:30:00+00:00"),
        ("20260504T093000Z", "2026-05-04T09:30:00+00:00"),
        ("1777887000", "2026-05-04T09:30:00+00:00"),
        ("1777887000000", "2026-05-04T09:30:00+00:00"),
    ],
)
def test_an_instant_with_a_zone_is_exact(printed, instant):
    stamp = parse(printed)

    assert stamp is not None
    assert stamp.zoned
    assert in_utc(stamp) == datetime.fromisoformat(instant)


@pytest.mark.parametrize(
    "printed",
    [
        "2026-05-04", "2026/5/4", "20260504", "2026年5月4日", "2026년 5월 4일", "May 4, 2026",
        "4 May 2026", "4th of May 2026", "4 maggio 2026", "4. Mai 2026", "4 mai 2026",
        "4 de mayo de 2026", "4 de maio de 2026", "4 mei 2026", "4 maja 2026", "4 мая 2026",
        "4 maj 2026", "4 Mayıs 2026", "Published on Monday, May 4th, 2026", "04.05.2026",
    ],
)  # fmt: skip
def test_a_day_in_eleven_languages_is_that_day(printed):
    stamp = parse(printed)

    assert stamp is not None
    assert not stamp.timed
    assert in_utc(stamp, "CN").date().isoformat() == "2026-05-04"


@pytest.mark.parametrize(
    ("printed", "hour"),
    [
        ("2026-05-04 21:30", 21),
        ("2026年5月4日 下午9:30", 21),
        ("2026년 5월 4일 오전 9:30", 9),
        ("4 mai 2026 à 21h30", 21),
    ],
)
def test_a_local_time_is_read_on_the_outlets_clock(printed, hour):
    stamp = parse(printed)

    assert stamp is not None
    assert stamp.timed
    assert stamp.at.hour == hour
    assert in_utc(stamp, "CN").hour == (hour - 8) % 24
    assert in_utc(stamp).hour == hour


@pytest.mark.parametrize(
    "printed",
    ["", "yesterday", "31/31/2026", "2026-02-31", "12:30", "9" * 200, "May", "0000-00-00"],
)
def test_what_is_no_date_gives_none(printed):
    assert parse(printed) is None


def stamps(*pairs):
    return [(origin, stamp) for origin, printed in pairs if (stamp := parse(printed))]


def test_the_first_credible_date_wins():
    told = stamps(
        ("json-ld", "1970-01-01T00:00:00Z"),
        ("meta", "2031-01-01T00:00:00Z"),
        ("feed", "2026-05-04T09:30:00Z"),
    )

    assert choose(told, NOW, None) == (datetime(2026, 5, 4, 9, 30, tzinfo=UTC), "feed")


def test_a_day_is_sharpened_by_a_later_witness_of_the_same_day():
    told = stamps(
        ("json-ld", "2026-05-04"),
        ("meta", "2026-05-07T10:00:00Z"),
        ("feed", "2026-05-04T09:30:00Z"),
    )

    assert choose(told, NOW, None) == (datetime(2026, 5, 4, 9, 30, tzinfo=UTC), "feed")


def test_a_zone_mistake_cannot_put_news_into_the_future():
    told = stamps(("meta", "2026-05-10T20:00:00Z"))

    assert choose(told, NOW, None) == (NOW, "meta")


def test_nothing_credible_gives_none():
    assert (
        choose([("meta", Stamp(datetime(2040, 1, 1, tzinfo=UTC), timed=True))], NOW, None) is None
    )
