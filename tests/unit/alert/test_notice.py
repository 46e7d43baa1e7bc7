from datetime import timedelta

import pytest

from crawler.alert import blocks
from crawler.alert.notice import (
    Trouble,
    dead_letters,
    heartbeat,
    held,
    messengers,
    notice_message,
    sources,
    trouble,
)
from crawler.alert.render import Templates
from crawler.alert.webhook import payload
from crawler.alert.words import languages
from crawler.demo.blockkit import complaint
from tests.fakes.deals import NOON

ALIVE = heartbeat(NOON, last_poll=NOON, sources=79, deals=12, pending=1)
DEAD = dead_letters(NOON, "desk", 3, "desk: HTTP 400: invalid_blocks")
SOURCES = sources(NOON, [f"wire-{n}: gone 410: gone for good" for n in range(30)])
HELD = held(NOON, "desk", 12, "desk: HTTP 404: no_service")
FAILING = heartbeat(
    NOON, last_poll=NOON, sources=79, deals=12, pending=1, failing=["harbour", "ledger"]
)


def test_a_heartbeat_says_when_we_last_read_something():
    said = notice_message(ALIVE)

    assert said.headline == "raisewire is alive"
    assert said.lines == (
        "Last successful poll: 24 Nov 2026, 12:00 UTC",
        "Sources: 79 · Failing: 0 · Deals in 24 hours: 12 · Alerts waiting: 1",
    )


def test_a_heartbeat_names_the_sources_that_fail():
    lines = notice_message(FAILING).lines

    assert "Failing: 2" in lines[1]
    assert lines[2] == "Failing: harbour, ledger"


def test_a_held_channel_says_how_much_waits_and_what_to_do():
    said = notice_message(HELD)

    assert said.headline == "Channel desk is held; alerts waiting: 12"
    assert said.lines == (
        "desk: HTTP 404: no_service",
        "Mend it, then run raisewire alerts release desk.",
    )


def test_a_heartbeat_that_never_read_anything_says_so():
    silent = heartbeat(NOON, last_poll=None, sources=0, deals=0, pending=0)

    assert notice_message(silent).lines[0] == "Last successful poll: not known"


def test_one_heartbeat_a_day_and_one_notice_an_hour_have_one_key():
    later = NOON + timedelta(minutes=59)

    assert heartbeat(later, last_poll=None, sources=0, deals=0, pending=0).key == ALIVE.key
    assert dead_letters(later, "desk", 9, "x").key == DEAD.key
    assert dead_letters(NOON + timedelta(hours=1), "desk", 9, "x").key != DEAD.key
    assert dead_letters(NOON, "mail", 9, "x").key != DEAD.key


def test_a_dead_channel_is_told_of_through_another():
    assert messengers("desk", ["desk", "mail"]) == ["mail"]
    assert messengers("desk", ["desk"]) == []


def at(**hours):
    return NOON + timedelta(**hours)


def test_a_channel_without_trouble_is_not_spoken_of():
    assert trouble(Trouble(channel="desk"), NOON) is None
    assert trouble(Trouble(channel="desk", told=at(days=-3)), NOON) is None


def test_dead_letters_are_told_once_an_hour_at_most():
    def about(told):
        return Trouble(channel="desk", dead=2, dead_reason="no", told=told)

    assert trouble(about(None), NOON).facts["count"] == 2
    assert trouble(about(at(minutes=-59)), NOON) is None
    assert trouble(about(at(minutes=-60)), NOON).kind == "dead"


def test_a_held_channel_is_told_of_when_it_begins_and_once_a_day():
    def about(**more):
        return Trouble(channel="desk", held=True, waiting=9, held_reason="404", **more)

    assert trouble(about(), NOON).kind == "held"
    assert trouble(about(told=at(hours=-2)), NOON) is None
    assert trouble(about(told=at(hours=-24)), NOON).kind == "held"
    assert trouble(about(told=at(hours=-2), last_ok=at(hours=-1)), NOON).kind == "held"


def test_what_a_held_channel_gives_up_is_told_too():
    about = Trouble(channel="desk", held=True, dead=1, dead_reason="old", told=at(hours=-2))

    assert trouble(about, NOON).kind == "dead"


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    "notice",
    [ALIVE, FAILING, DEAD, HELD, SOURCES],
    ids=["alive", "sick", "dead", "held", "sources"],
)
def test_a_notice_goes_through_every_kind_of_channel(notice, lang):
    said = notice_message(notice, lang, "https://desk.example")

    assert said.headline in Templates("mail").render("notice.txt", said)
    assert "https://desk.example" in Templates("mail").render("notice.html", said)
    made = {"text": blocks.text(said), "blocks": [b.to_dict() for b in blocks.shipped(said)]}
    assert complaint(made) is None


def test_the_json_of_a_notice():
    told = payload(DEAD, "en", None)

    assert told["schema"] == "raisewire.notice.v1"
    assert (told["kind"], told["channel"], told["count"]) == ("dead", "desk", 3)
    assert payload(ALIVE, "en", None)["last_poll"] == "2026-11-24T12:00:00+00:00"
