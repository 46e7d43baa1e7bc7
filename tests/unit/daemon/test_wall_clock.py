"""When the clock is set back, nothing waits the longer for it."""

from __future__ import annotations

from datetime import timedelta

from crawler.store import frontier
from crawler.types import Outcome, PollResult
from scheduler.wallclock import WallClock
from tests.fakes.desk import Clock


class Steady:
    """A clock that only goes forward."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def poll(conn, nouns, clock, every=timedelta(minutes=10)):
    frontier.sync_sources(conn, [nouns.source(every=every)], clock())
    (work,) = frontier.take_due(conn, clock(), 1, owner="me", lease=timedelta(minutes=5))
    result = PollResult(poll=work, outcome=Outcome.OK, at=clock())
    frontier.finish_poll(conn, result, clock() + every, (), 0, False, clock())


def due(conn, clock):
    return frontier.take_due(conn, clock(), 1, owner="me", lease=timedelta(minutes=5))


def test_an_hour_back_while_running_delays_no_poll(sqlite_store, nouns):
    clock, steady = Clock(), Steady()
    wall = WallClock(clock, steady)
    with sqlite_store.write() as conn:
        poll(conn, nouns, clock)
        clock.forward(hours=-1)
        steady.seconds = 10
        assert wall.look(conn) > timedelta(minutes=59)
        clock.forward(minutes=9)
        assert due(conn, clock) == []
        clock.forward(minutes=2)
        assert len(due(conn, clock)) == 1


def test_an_hour_back_while_we_were_off_is_seen_at_the_start(sqlite_store, nouns):
    clock = Clock()
    with sqlite_store.write() as conn:
        WallClock(clock, Steady()).wake(conn)
        poll(conn, nouns, clock)
        clock.forward(hours=-1)
        WallClock(clock, Steady()).wake(conn)
        clock.forward(minutes=11)
        assert len(due(conn, clock)) == 1


def test_a_clock_that_goes_forward_moves_nothing(sqlite_store, nouns):
    clock, steady = Clock(), Steady()
    wall = WallClock(clock, steady)
    with sqlite_store.write() as conn:
        poll(conn, nouns, clock)
        clock.forward(minutes=5)
        steady.seconds = 300
        wall.look(conn)
        assert due(conn, clock) == []
        clock.forward(minutes=5)
        assert len(due(conn, clock)) == 1


def test_a_first_start_has_nothing_to_put_right(sqlite_store):
    with sqlite_store.write() as conn:
        assert WallClock(Clock(), Steady()).wake(conn) == timedelta(0)
