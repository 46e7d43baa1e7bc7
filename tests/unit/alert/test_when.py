import pytest
from pydantic import ValidationError

from crawler.config.models import AlertRule
from crawler.config.rules import Hours, Moment, When


@pytest.mark.parametrize(
    ("when", "says"),
    [
        ({"min_usd": 5, "max_usd": 1}, "min_usd 5.0 is more than max_usd 1.0"),
        ({"currency": "dollars"}, "'dollars' is no code: write it like USD"),
        ({"country": "Italy"}, "'Italy' is no code: write it like IT"),
        ({"status": "priced", "status_not": "priced"}, "priced is in status and in status_not"),
        ({"any": []}, "at least 1 item"),
        ({"minimum": 5}, "Extra inputs are not permitted"),
        ({"round": "series_z"}, "series_z"),
        ({"min_confidence": 97}, "less than or equal to 1"),
        ({"not": {"typ": "bond"}}, "Extra inputs"),
        ({"company": [""]}, "at least 1 character"),
    ],
)
def test_a_wrong_condition_says_what_to_write(when, says):
    with pytest.raises(ValidationError) as e:
        When.model_validate(when)

    assert says in str(e.value)


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        ("22-7", "are no hours: write 'mon-fri 09:30-16:00 Europe/Rome'"),
        ("22:00-07:00 Rome", "no time zone 'Rome': write Europe/Rome or UTC"),
        ("22:00-27:00 UTC", "27:00 is no time of day"),
        ("mon-fry 22:00-23:00 UTC", "'fry' is no day"),
    ],
)
def test_wrong_hours_say_what_to_write(hours, says):
    with pytest.raises(ValidationError) as e:
        AlertRule.model_validate({"name": "x", "to": ["y"], "quiet_hours": hours})

    assert says in str(e.value)


def test_hours_are_read():
    hours = Hours.model_validate("fri-mon,wed 9:30-24:00 Europe/Rome")

    assert hours.days == (0, 2, 4, 5, 6)
    assert (hours.start.hour, hours.end.hour) == (9, 0)


def test_one_window_and_a_list_of_windows_are_both_welcome():
    morning, evening = "09:30-12:00 Asia/Hong_Kong", "13:00-16:00 Asia/Hong_Kong"
    one = AlertRule.model_validate({"name": "x", "to": ["y"], "market_hours": morning})
    two = AlertRule.model_validate({"name": "x", "to": ["y"], "market_hours": [morning, evening]})

    assert two.market_hours[:1] == one.market_hours


def test_a_moment_is_read_and_refused():
    moment = Moment.model_validate("fri 07:30 Asia/Tokyo")

    assert (moment.day, moment.at.minute, moment.zone) == (4, 30, "Asia/Tokyo")
    with pytest.raises(ValidationError, match="is no time of day"):
        Moment.model_validate("noon")
    with pytest.raises(ValidationError, match="no time zone"):
        Moment.model_validate("08:00 Mars/Olympus")
