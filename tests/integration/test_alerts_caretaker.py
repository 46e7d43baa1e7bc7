"""The house speaks of itself: to the operators, through a channel that works, seldom."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from crawler.alert.channels import channel
from crawler.alert.notice import notice_message
from crawler.caretaker import Caretaker
from crawler.config import models
from crawler.config.models import Operators
from crawler.delivery import Post
from crawler.errors import DeliveryError
from crawler.store import Writer, frontier, happenings, outbox
from crawler.types import Outcome, PollResult, Source
from tests.fakes.deals import NOON, alert, deal
from tests.fakes.slack_server import SlackServer

SOURCE = Source(id="wire", kind="feed", url="https://wire.example/feed")


@dataclass
class Ear:
    """A channel that keeps what it is told, or refuses."""

    name: str
    heard: list = field(default_factory=list)
    deaf: bool = False

    def send(self, message, previous=None):
        del previous
        if self.deaf:
            raise DeliveryError(self.name, "deaf", retry=True)
        self.heard.append(message)
        return {}


class Home:
    """A database, three channels, and somebody who looks after them at `now`."""

    def __init__(self, store, operators):
        self.store, self.now = store, NOON
        self.ears = {name: Ear(name) for name in ("desk", "mail", "ops")}
        self.operators = Operators.model_validate(operators)
        self.writer = Writer(store)

    def caretaker(self):
        posts = {name: Post(channel=ear, kind="slack") for name, ear in self.ears.items()}
        return Caretaker(self.writer, lambda: posts, lambda: self.operators, lambda: self.now)

    async def look(self, **later):
        self.now += timedelta(**later)
        return await self.caretaker().look()  # a new one each time: a restart changes nothing

    def heard(self, name):
        return [said.kind for said in self.ears[name].heard]

    def write(self, act, *args, **more):
        with self.store.write() as conn:
            return act(conn, *args, **more)

    def ended(self, name, outcome, ident="d1", **more):
        """Let one alert on a channel end so."""
        self.write(outbox.enqueue, [alert(deal(id=ident), name)], self.now)
        with self.store.write() as conn:
            claim = outbox.claim(conn, name, "me", self.now, timedelta(minutes=1))
            outbox.finish(conn, claim, outcome, 400, "they said no", None, self.now, **more)


@pytest.fixture
def home(store):
    def build(**operators):
        built.append(Home(store, operators))
        return built[-1]

    built = []
    yield build
    for one in built:
        one.writer.close()


async def test_dead_letters_are_told_through_another_channel(home):
    house = home(to=["desk", "ops"])
    house.ended("desk", "permanent")

    assert await house.look() == 1
    assert house.heard("ops") == ["dead"]
    assert house.heard("desk") == house.heard("mail") == []
    said = house.ears["ops"].heard[0]
    assert (said.facts["channel"], said.facts["count"]) == ("desk", 1)


async def test_once_an_hour_at_most_and_only_what_is_new(home):
    house = home(to=["ops"])
    house.ended("desk", "permanent", "d1")
    await house.look()
    house.now += timedelta(minutes=1)
    house.ended("desk", "expired", "d2")
    house.ended("desk", "permanent", "d3")

    assert await house.look(minutes=10) == 0
    assert await house.look(minutes=50) == 1
    assert house.ears["ops"].heard[-1].facts["count"] == 2
    assert await house.look(hours=5) == 0


async def test_a_held_channel_is_told_of_and_its_mending_begins_anew(home):
    house = home(to=["ops"])
    house.ended("desk", "held")
    house.write(outbox.hold_channel, "desk", None, "HTTP 404")

    assert [await house.look(minutes=m) for m in (0, 1, 120)] == [1, 0, 0]
    said = house.ears["ops"].heard[0]
    assert (said.kind, said.facts["count"], said.facts["reason"]) == ("held", 1, "HTTP 404")

    house.write(outbox.release_channel, "desk", house.now)
    house.now += timedelta(minutes=1)
    house.ended("desk", "ok", "d2")
    house.now += timedelta(minutes=1)
    house.ended("desk", "held", "d3")
    house.write(outbox.hold_channel, "desk", None, "HTTP 410")
    assert await house.look() == 1


async def test_a_pause_is_no_trouble(home):
    house = home(to=["ops"])
    house.write(outbox.enqueue, [alert(deal(), "desk")], NOON)
    house.write(outbox.hold_channel, "desk", NOON + timedelta(minutes=5), "HTTP 429")

    assert await house.look() == 0


async def test_a_letter_that_one_recipient_can_never_have_is_told(home):
    house = home(to=["ops"])
    house.ended("mail", "ok")

    await house.look()

    assert house.heard("ops") == ["dead"]


async def test_the_next_channel_is_asked_when_the_first_is_deaf(home):
    house = home(to=["mail", "ops"])
    house.ears["mail"].deaf = True
    house.ended("desk", "permanent")

    assert await house.look() == 1
    assert house.heard("ops") == ["dead"]


async def test_nobody_who_listens_means_it_is_tried_again(home):
    house = home(to=["ops"])
    house.ears["ops"].deaf = True
    house.ended("desk", "permanent")

    assert await house.look() == 0
    house.ears["ops"].deaf = False
    assert await house.look(minutes=1) == 1


async def test_without_operators_nobody_is_told(home):
    house = home()
    house.ended("desk", "permanent")

    assert await house.look() == 0


async def test_one_heartbeat_a_day_at_its_time(home):
    house = home(to=["ops", "mail"], heartbeat="18:00 Europe/Rome")  # 17:00 UTC in winter

    beats = [await house.look(minutes=m) for m in (0, 299, 2, 1, 1440, 1)]

    assert beats == [0, 0, 2, 0, 2, 0]
    assert house.heard("ops") == house.heard("mail") == ["heartbeat"] * 2
    assert house.heard("desk") == []


async def test_a_heartbeat_missed_while_the_house_was_down_comes_late(home):
    house = home(to=["ops"], heartbeat="18:00 Europe/Rome")

    assert [await house.look(hours=h) for h in (0, 40, 1)] == [0, 1, 0]


async def test_a_heartbeat_tells_the_last_poll_and_who_fails(home, nouns):
    house = home(to=["ops"], heartbeat="13:00 UTC")
    sources = [nouns.source("good"), nouns.source("bad")]
    house.write(frontier.sync_sources, sources, NOON)
    with house.store.write() as conn:
        polls = frontier.take_due(conn, NOON, 5, owner="me", lease=timedelta(minutes=5))
        for poll in polls:
            fine = poll.source.id == "good"
            outcome = Outcome.OK if fine else Outcome.ERROR
            result = PollResult(poll=poll, outcome=outcome, at=NOON)
            frontier.finish_poll(conn, result, NOON, [], 0, False, NOON)

    await house.look()
    await house.look(hours=2)

    facts = house.ears["ops"].heard[0].facts
    assert (facts["last_poll"], facts["sources"], facts["failing"]) == (NOON, 2, ["bad"])


async def test_slack_takes_every_notice(home):
    with SlackServer() as server:
        house = home(to=["ops"], heartbeat="13:00 UTC")
        cfg = models.SlackChannel(type="slack", webhook_url=server.url)
        house.ears["ops"] = channel("ops", cfg)
        house.ended("desk", "permanent")
        house.ended("mail", "held")
        house.write(outbox.hold_channel, "mail", None, "535 <script> & co")
        await house.look()
        await house.look(hours=2)

    assert server.refused == []
    assert len(server.received) == 3


def happened(house, kind, subject="", settled=False):
    house.write(happenings.note, kind, house.now, source_id="wire", subject=subject)
    if settled:
        with house.store.read() as conn:
            last = happenings.happenings(conn, limit=1)[0].id
        house.write(happenings.settle, last, house.now)


async def test_what_happened_to_sources_is_told_to_operators_once_in_an_hour(home):
    house = home(to=["ops", "mail"])
    with house.store.write() as conn:
        frontier.add_source(conn, SOURCE, house.now)
    happened(house, "gone", "410: gone for good")
    happened(house, "gap", "none of 20 entries was known", settled=True)

    assert await house.look() == 1
    assert house.heard("ops") == ["sources"]
    assert house.heard("mail") == house.heard("desk") == []
    said = notice_message(house.ears["ops"].heard[0])
    assert said.lines == ("wire: gone 410: gone for good", "raisewire sources log shows all of it.")

    happened(house, "answers again")
    assert await house.look(minutes=10) == 0
    assert await house.look(minutes=50) == 1
    assert await house.look(hours=2) == 0


async def test_a_filled_gap_is_no_news_for_operators(home):
    house = home(to=["ops"])
    with house.store.write() as conn:
        frontier.add_source(conn, SOURCE, house.now)
    happened(house, "gap", settled=True)

    assert await house.look() == 0
