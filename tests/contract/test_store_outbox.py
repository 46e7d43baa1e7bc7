"""What the outbox promises on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from crawler.store import deals, outbox
from crawler.store.outbox import State, Verdict

LEASE = timedelta(minutes=1)


@pytest.fixture
def put(store):
    def act(*alerts, **more):
        with store.write() as conn:
            return outbox.enqueue(conn, alerts, **more)

    return act


@pytest.fixture
def claim(store, now):
    def act(at=now, channel="desk", owner="me"):
        with store.write() as conn:
            return outbox.claim(conn, channel, owner, at, LEASE)

    return act


@pytest.fixture
def finish(store, now):
    def act(claim, outcome=Verdict.OK, *, at=now, code=200, message="", next_at=None, **more):
        with store.write() as conn:
            return outbox.finish(conn, claim, outcome, code, message, next_at, at, **more)

    return act


@pytest.fixture
def states(store):
    def act():
        with store.read() as conn:
            return {row.key: row.state for row in outbox.listing(conn)}

    return act


def test_an_alert_comes_out_as_it_went_in(put, claim, nouns):
    alert = nouns.alert(changed={"amount": ("1", "2")}, earlier=(nouns.deal("before"),))
    assert put(alert) == 1

    assert claim().alert == alert


def test_the_same_key_is_stored_once(put, nouns):
    assert put(nouns.alert("k"), nouns.alert("k")) == 1
    assert put(nouns.alert("k")) == 0


def test_alerts_leave_in_the_order_in_which_they_were_made(put, claim, nouns):
    put(*(nouns.alert(f"k{n}") for n in range(3)))

    assert [claim().alert.key for _ in range(3)] == ["k0", "k1", "k2"]
    assert claim() is None


def test_a_channel_is_only_given_its_own(put, claim, store, nouns, now):
    put(nouns.alert(channel="mail"))

    assert claim(channel="desk") is None
    with store.read() as conn:
        assert outbox.pending_channels(conn, now) == ["mail"]
    assert claim(channel="mail") is not None


def test_an_alert_that_waits_for_its_hour_is_not_due_before(put, claim, nouns):
    put(nouns.alert(not_before=nouns.later(hours=8)))

    assert claim() is None
    assert claim(at=nouns.later(hours=8)) is not None


def test_what_was_delivered_is_not_sent_again(put, claim, finish, states, nouns):
    put(nouns.alert())
    assert finish(claim())

    assert states() == {"k1": State.DELIVERED}
    assert claim(at=nouns.later(days=1)) is None


def test_a_sender_that_died_is_followed_by_another_with_the_same_key(
    store, put, claim, finish, nouns
):
    put(nouns.alert())
    dead = claim()
    assert claim(at=nouns.later(seconds=59), owner="b") is None
    heir = claim(at=nouns.later(seconds=60), owner="b")

    assert heir.alert.key == dead.alert.key
    assert heir.attempts == 1
    assert not finish(dead, at=nouns.later(seconds=61))
    assert finish(heir, at=nouns.later(seconds=62))
    with store.read() as conn:
        tries = outbox.attempts(conn, heir.id)
    assert [(tried["n"], tried["outcome"]) for tried in tries] == [(1, "unknown"), (2, "ok")]


def test_a_failed_attempt_waits_and_counts_a_throttled_one_only_waits(put, claim, finish, nouns):
    put(nouns.alert())
    finish(claim(), Verdict.THROTTLED, code=429, next_at=nouns.later(seconds=30))
    assert claim(at=nouns.later(seconds=29)) is None
    again = claim(at=nouns.later(seconds=30))
    assert again.attempts == 0

    finish(again, Verdict.TRANSIENT, code=503, next_at=nouns.later(minutes=5))
    assert claim(at=nouns.later(minutes=5)).attempts == 1


@pytest.mark.parametrize(
    ("outcome", "state"),
    [
        ("permanent", State.DEAD),
        ("expired", State.EXPIRED),
        ("transient", State.EXPIRED),
        ("suppressed", State.SUPPRESSED),
        ("held", State.HELD),
    ],
)
def test_every_end_has_its_state(put, claim, finish, states, nouns, outcome, state):
    put(nouns.alert())
    finish(claim(), outcome, message="why")

    assert states() == {"k1": state}
    assert claim(at=nouns.later(days=9)) is None


def test_dead_letters_are_listed_with_their_reason_and_can_be_requeued(
    store, put, claim, finish, nouns, now
):
    put(nouns.alert())
    finish(claim(), Verdict.PERMANENT, code=400, message="invalid_blocks")
    with store.write() as conn:
        (letter,) = outbox.dead(conn)
        assert (letter.reason, letter.code, letter.attempts) == ("invalid_blocks", 400, 1)
        assert outbox.requeue(conn, [letter.id], now) == 1
        assert outbox.requeue(conn, [letter.id], now) == 0
    assert claim().attempts == 0


def test_a_dropped_alert_stays_to_explain_itself(store, put, claim, nouns, now):
    put(nouns.alert())
    with store.write() as conn:
        (row,) = outbox.listing(conn)
        assert outbox.drop(conn, [row.id], "asked by ada", now) == 1
        ((stored, alert),) = [outbox.get(conn, row.id)]
    assert (stored.state, stored.reason) == (State.SUPPRESSED, "asked by ada")
    assert alert == nouns.alert()
    assert claim() is None


def test_a_held_channel_burns_nothing_and_a_release_sends_all(
    store, put, claim, finish, nouns, now
):
    put(nouns.alert("a"), nouns.alert("b"))
    finish(claim(), Verdict.HELD, code=404, message="no such webhook")
    with store.write() as conn:
        outbox.hold_channel(conn, "desk", None, "no such webhook")
        assert outbox.pending_channels(conn, now) == []
        (about,) = outbox.stats(conn)
    assert (about.held, about.reason, about.oldest_pending) == (True, "no such webhook", now)
    assert about.counts == {State.HELD: 1, State.PENDING: 1}
    assert claim(at=nouns.later(days=1)) is None

    with store.write() as conn:
        assert outbox.release_channel(conn, "desk", now) == 1
    assert [claim().alert.key, claim().alert.key] == ["a", "b"]


def test_a_paused_channel_speaks_again_by_itself(store, put, claim, nouns):
    put(nouns.alert())
    with store.write() as conn:
        outbox.hold_channel(conn, "desk", nouns.later(seconds=30), "429")

    assert claim() is None
    assert claim(at=nouns.later(seconds=30)) is not None


def test_what_channels_were_told_is_remembered_with_their_receipts(
    store, put, claim, finish, nouns
):
    put(nouns.alert("first"))
    finish(claim(), receipt={"ts": "1"})
    update = nouns.deal(revision=2, event=nouns.event(company="Acme Artificial"))
    put(nouns.alert("second", update), nouns.alert("mail", channel="mail"))
    put(nouns.alert("never", channel="hook"), suppressed_reason="silenced")
    finish(claim(), receipt={"ts": "2"})

    with store.read() as conn:
        told = outbox.told(conn, "acme")
        assert outbox.told(conn, "unheard of") == {}
    assert set(told) == {"desk", "mail"}
    assert (told["desk"].revision, told["desk"].deal) == (2, update)
    assert (told["desk"].first_receipt, told["desk"].receipt) == ({"ts": "1"}, {"ts": "2"})
    assert (told["mail"].state, told["mail"].receipt) == (State.PENDING, None)


def test_a_digest_that_was_sent_and_not_recorded_comes_back_with_its_members(
    store, put, nouns, now
):
    put(*(nouns.alert(f"k{n}") for n in range(3)))
    with store.write() as conn:
        claims = outbox.claim_many(conn, "desk", "me", now, LEASE, limit=2)
        bound = outbox.bind(conn, claims, "digest 1")
    assert {claim.bundle for claim in bound} == {"digest 1"}

    with store.write() as conn:
        again = outbox.claim_many(conn, "desk", "b", nouns.later(minutes=1), LEASE, limit=9)
    assert [(claim.alert.key, claim.bundle) for claim in again] == [
        ("k0", "digest 1"),
        ("k1", "digest 1"),
        ("k2", None),
    ]


@pytest.fixture
def half_sent(store, put, nouns, now):
    """Three alerts that left as one message by a sender that died, and two behind them."""
    put(*(nouns.alert(key=f"k{n}") for n in range(5)))
    with store.write() as conn:
        claims = outbox.claim_many(conn, "desk", "me", now, LEASE, limit=3)
        return outbox.bind(conn, claims, "digest 1")


@pytest.mark.usefixtures("half_sent")
def test_a_batch_never_cuts_a_digest_in_two(store, nouns):
    with store.read() as conn:
        found = outbox.due(conn, "desk", nouns.later(minutes=1), limit=2)
    assert [claim.alert.key for claim in found] == ["k0", "k1", "k2"]
    assert {claim.bundle for claim in found} == {"digest 1"}


def test_a_digest_is_not_due_before_all_its_members_are(store, half_sent, nouns, now):
    late = nouns.later(minutes=9)
    with store.write() as conn:
        outbox.finish(conn, half_sent[1], Verdict.TRANSIENT, 503, "", late, now)
        found = outbox.due(conn, "desk", nouns.later(minutes=2), limit=9)
        assert [claim.alert.key for claim in found] == ["k3", "k4"]
        found = outbox.due(conn, "desk", late, limit=9)
    assert [claim.alert.key for claim in found] == ["k0", "k1", "k2", "k3", "k4"]


def test_a_claim_given_back_was_never_an_attempt(store, put, claim, nouns, now):
    put(nouns.alert())
    with store.write() as conn:
        claims = outbox.claim_many(conn, "desk", "me", now, LEASE, limit=9)
        assert outbox.unclaim(conn, claims, now) == 1
        assert outbox.unclaim(conn, claims, now) == 0
        assert outbox.attempts(conn, claims[0].id) == []
    assert claim().attempts == 0


def test_claims_of_a_sender_that_stopped_come_back_at_once(store, put, claim, finish, nouns, now):
    put(nouns.alert())
    stopped = claim()
    with store.write() as conn:
        assert outbox.release(conn, "me", now) == 1

    assert not finish(stopped)
    assert claim(owner="b").attempts == 1


def test_silences_hold_while_they_last(store, nouns, now):
    with store.write() as conn:
        ident = outbox.silence(conn, {"company": "Acme"}, now, nouns.later(hours=1), author="ada")
        outbox.silence(conn, {}, nouns.later(days=1), None)
        assert [found.id for found in outbox.silences(conn, now)] == [ident]
        assert outbox.end_silence(conn, ident, nouns.later(minutes=1))
        assert not outbox.end_silence(conn, ident, nouns.later(minutes=2))
        assert outbox.silences(conn, nouns.later(minutes=1)) == []
        assert len(outbox.silences(conn)) == 2


def test_reports_travel_without_their_sketches(put, claim, nouns):
    report = nouns.report(sketch=(1, 2, 3))
    put(nouns.alert(deal=nouns.deal(reports=(replace(report, id=7),))))

    (carried,) = claim().alert.deal.reports
    assert carried == replace(report, id=7, sketch=())


def test_who_was_told_of_a_deal_knows_the_deal_it_was_merged_into(store, put, nouns):
    one, other, third = (nouns.deal(ident) for ident in ("one", "other", "third"))
    put(nouns.alert("k", other, channel="desk"), nouns.alert("l", third, channel="mail"))
    with store.write() as conn:
        gone = [replace(other, merged_into="one"), replace(third, merged_into="other")]
        deals.save(conn, [one, *gone], {})

        assert deals.family(conn, "one") == ["one", "other", "third"]
        assert set(outbox.told(conn, "one")) == {"desk", "mail"}
        assert set(outbox.told(conn, "third")) == {"mail"}
