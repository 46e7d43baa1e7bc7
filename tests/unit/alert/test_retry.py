import random
from datetime import timedelta

import pytest

from crawler.alert.deliver import delivered, failed
from crawler.alert.retry import MAX_AGE, Bucket, Dead, Hold, Retry, backoff, bucket, verdict
from crawler.errors import DeliveryError, Scope
from tests.fakes.deals import NOON

FRESH = timedelta(minutes=1)


def judge(error, attempts=1, age=FRESH, *, mail=False, seed=1):
    rng = random.Random(seed)
    return verdict(error, attempts=attempts, age=age, now=NOON, rng=rng, mail=mail)


def error(**given):
    return DeliveryError("desk", "no", **{"retry": True, **given})


@pytest.mark.parametrize(
    ("attempts", "ceiling"), [(1, 5), (2, 10), (5, 80), (8, 640), (9, 900), (500, 900)]
)
def test_back_off_doubles_to_a_quarter_of_an_hour_with_full_jitter(attempts, ceiling):
    rng = random.Random(7)
    waits = [backoff(attempts, rng).total_seconds() for _ in range(500)]

    assert 0 <= min(waits) < ceiling * 0.05
    assert ceiling * 0.95 < max(waits) <= ceiling


@pytest.mark.parametrize(("attempts", "minutes"), [(1, 5), (2, 15), (3, 30), (4, 60), (99, 60)])
def test_a_mail_server_that_said_later_is_not_hurried(attempts, minutes):
    greylisted = error(retry_after=timedelta(minutes=5), code=450)

    wait = judge(greylisted, attempts, mail=True).at - NOON

    assert timedelta(minutes=minutes) <= wait <= timedelta(minutes=minutes * 1.1)


def test_a_mail_server_that_is_away_is_tried_as_soon_as_any_other():
    away = error(scope=Scope.CHANNEL)

    assert judge(away, mail=True).at - NOON <= timedelta(seconds=5)


def test_429_pauses_the_channel_for_as_long_as_asked_and_costs_nothing():
    throttled = error(code=429, retry_after=timedelta(seconds=40), scope=Scope.CHANNEL)

    assert judge(throttled) == Retry(
        NOON + timedelta(seconds=40), "desk: no", pause=True, counts=False
    )


def test_429_without_a_time_waits_half_a_minute():
    assert judge(error(code=429)).at == NOON + timedelta(seconds=30)


def test_an_unreachable_channel_pauses_all_of_it_and_a_503_only_the_message():
    assert judge(error(scope=Scope.CHANNEL)).pause
    assert not judge(error(code=503)).pause


def test_a_refused_message_is_dead():
    assert judge(error(retry=False)) == Dead("desk: no")


def test_a_broken_channel_holds_its_queue():
    held = judge(error(retry=False, scope=Scope.CHANNEL), age=timedelta(days=1))

    assert isinstance(held, Hold)
    assert held.probe_at > NOON


def test_the_budget_is_age():
    assert isinstance(judge(error(), attempts=10_000), Retry)
    assert isinstance(judge(error(), age=MAX_AGE), Dead)


@pytest.mark.parametrize(
    ("given", "age", "outcome"),
    [
        ({}, FRESH, "transient"),
        ({"unknown": True}, FRESH, "unknown"),
        ({"code": 429}, FRESH, "throttled"),
        ({"retry": False}, FRESH, "permanent"),
        ({"retry": False, "scope": Scope.CHANNEL}, FRESH, "held"),
        ({}, MAX_AGE, "expired"),
    ],
)
def test_a_failed_try_is_settled(given, age, outcome):
    settled = failed(error(**given), attempts=0, age=age, now=NOON, rng=random.Random(1))

    assert settled.outcome == outcome
    assert settled.message.startswith("desk:") or outcome == "expired"
    assert (settled.next_at is not None) == (outcome in {"transient", "unknown", "throttled"})


def test_a_retry_is_not_put_off_beyond_the_end():
    asked = error(retry_after=timedelta(days=1), code=503)
    age = MAX_AGE - timedelta(minutes=1)

    settled = failed(asked, attempts=0, age=age, now=NOON, rng=random.Random(1))

    assert settled.next_at == NOON + timedelta(minutes=1)


def test_the_receipt_of_a_half_done_delivery_is_kept():
    half = error(receipt={"recipients": {"a": "ok"}})

    settled = failed(half, attempts=0, age=FRESH, now=NOON, rng=random.Random(1))

    assert settled.receipt == {"recipients": {"a": "ok"}}
    assert delivered({"ts": "1"}).outcome == "ok"


def test_a_recipient_who_can_never_have_it_is_named_though_the_others_have():
    settled = delivered({"recipients": {"a@x": "ok", "b@x": "dead 550 no such user"}})

    assert (settled.outcome, settled.message) == ("ok", "b@x: dead 550 no such user")


def test_a_bucket_gives_three_at_once_and_then_one_a_second():
    now, tokens, sent = NOON, bucket("slack", None, NOON), []
    while len(sent) < 6:
        if wait := tokens.wait(now):
            now += wait
            continue
        tokens = tokens.take(now)
        sent.append((now - NOON).total_seconds())

    assert sent == pytest.approx([0, 0, 0, 1, 2, 3], abs=0.01)


def test_mail_goes_twenty_a_minute_and_the_config_may_say_otherwise():
    assert bucket("email", None, NOON).rate == pytest.approx(1 / 3)
    assert bucket("email", 120, NOON).rate == pytest.approx(2)


def test_a_clock_set_back_neither_fills_nor_drains_a_bucket():
    tokens = Bucket(1, 3, 1, NOON).take(NOON - timedelta(hours=1))

    assert tokens.tokens == 0
    assert tokens.wait(NOON + timedelta(seconds=1)) == timedelta()
