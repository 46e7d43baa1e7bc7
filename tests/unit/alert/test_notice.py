from datetime import timedelta

import pytest

from crawler.alert import blocks
from crawler.alert.notice import dead_letters, heartbeat, messenger, notice_message
from crawler.alert.render import Templates
from crawler.alert.webhook import payload
from crawler.alert.words import languages
from crawler.demo.blockkit import complaint
from tests.fakes.deals import NOON

ALIVE = heartbeat(NOON, last_poll=NOON, sources=79, deals=12, pending=1)
DEAD = dead_letters(NOON, "desk", 3, "desk: HTTP 404: no_service")


def test_a_heartbeat_says_when_we_last_read_something():
    said = notice_message(ALIVE)

    assert said.headline == "raisewire is alive"
    assert said.lines == (
        "Last successful poll: 24 Nov 2026, 12:00 UTC",
        "79 sources · 12 deals in 24 hours · 1 alerts waiting",
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
    assert messenger("desk", ["desk", "mail"]) == "mail"
    assert messenger("desk", ["desk"]) is None


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize("notice", [ALIVE, DEAD], ids=["alive", "dead"])
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
