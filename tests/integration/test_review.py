"""A person's word on a deal holds against every later article, and can be taken back."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest

from crawler.errors import UsageError
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.resolve import Fx, Names
from crawler.review import Reviewer, find, log
from crawler.store import deals
from crawler.types import Analysis, Qualifier, Review


@pytest.fixture
def ingest():
    return Ingest(Names.load(()), Fx(), Policy())


@pytest.fixture
def reviewer(ingest, nouns):
    return Reviewer(ingest, "ada", nouns.now)


@pytest.fixture
def tell(store, ingest, nouns):
    """Let an outlet report an event; return the deals it changed."""

    def one(name: str, hours: int = 0, **about):
        event = nouns.event(**{"qualifier": Qualifier.EXACT} | about)
        article = nouns.article(
            f"https://{name}.example/{random.random()}",
            source=name,
            published=nouns.now + timedelta(hours=hours),
        )
        reading = Reading(article, Analysis(lang="en", events=(event,)), ())
        with store.write() as conn:
            return list(ingest.store(conn, reading, quiet=True, now=nouns.now).deals.values())

    return one


def all_deals(store):
    with store.read() as conn:
        return list(deals.listing(conn))


def test_a_corrected_amount_stays_and_its_dollars_follow(store, tell, reviewer):
    (deal,) = tell("wire")
    with store.write() as conn:
        reviewer.correct(conn, deal.id, {"amount": "50000000"}, "the filing says so")
    tell("outlet", hours=3)
    (after,) = all_deals(store)

    assert after.event.amount == 50_000_000
    assert after.event.amount_usd == 50_000_000
    assert after.review is Review.CORRECTED
    assert len(after.reports) == 2


def test_a_rejected_deal_is_not_brought_back_by_a_repeat(store, tell, reviewer):
    (deal,) = tell("wire")
    with store.write() as conn:
        reviewer.reject(conn, deal.id, "satire")
    tell("outlet", hours=3)

    assert all_deals(store) == []


def test_a_word_taken_back_leaves_the_deal_as_the_articles_tell_it(store, tell, reviewer):
    (deal,) = tell("wire")
    for act in (
        lambda conn: reviewer.correct(conn, deal.id, {"amount": "50000000"}, ""),
        lambda conn: reviewer.confirm(conn, deal.id, ""),
    ):
        with store.write() as conn:
            act(conn)
        with store.write() as conn:
            reviewer.undo(conn, log(conn)[-1].id)
        (after,) = all_deals(store)
        assert (after.review, after.event.amount) == (Review.AUTO, 40_000_000)


def test_merged_deals_stay_one_and_undo_parts_them(store, tell, reviewer):
    (one,) = tell("wire")
    (other,) = tell("outlet", company="Acme Rockets", amount=None, amount_usd=None)
    with store.write() as conn:
        reviewer.merge(conn, one.id, other.id, "the rocket arm's round is the group's")
    merged = all_deals(store)
    with store.write() as conn:
        (decision,) = log(conn)
        reviewer.undo(conn, decision.id)

    assert [len(deal.reports) for deal in merged] == [2]
    assert len(all_deals(store)) == 2


def test_a_split_holds_when_more_articles_come(store, tell, reviewer):
    tell("wire")
    (deal,) = tell("outlet", hours=2)
    with store.write() as conn:
        reviewer.split(conn, deal.id, [deal.reports[1].url], "two rounds on one day")

    assert len(all_deals(store)) == 2


def test_a_value_that_a_slot_cannot_have_is_refused(store, tell, reviewer):
    (deal,) = tell("wire")
    with store.write() as conn, pytest.raises(UsageError, match="round"):
        reviewer.correct(conn, deal.id, {"round": '"zzz"'}, "")


def test_decisions_say_who_and_why(store, tell, reviewer):
    (deal,) = tell("wire")
    with store.write() as conn:
        reviewer.confirm(conn, deal.id, "read it")
        (decision,) = log(conn, deal.id)

    assert (decision.who, decision.action, decision.reason) == ("ada", "confirm", "read it")


def test_an_unknown_deal_is_told(store):
    with store.read() as conn, pytest.raises(UsageError, match="no deal nope"):
        find(conn, "nope")


def test_a_confirmed_alias_joins_two_scripts_from_the_next_start(store, nouns):
    from crawler.app import known_names
    from crawler.config import Config
    from crawler.store import learned

    about = {"url": "https://a.example/", "quote": "青石 (Bluestone)", "now": nouns.now}
    with store.write() as conn:
        learned.suggest(conn, "青石科技", "Bluestone Robotics", **about)
    before = known_names(Config(), store)
    with store.write() as conn:
        (one,) = learned.suggestions(conn)
        learned.judge(conn, one.id, "confirmed", "ada")
    after = known_names(Config(), store)

    assert before.key("青石科技") != before.key("Bluestone Robotics")
    assert after.key("青石科技") == after.key("Bluestone Robotics")


def test_an_article_that_pairs_names_suggests_an_alias(store, tell):
    from crawler.store import learned

    tell("wire", company="Bluestone Robotics", aliases=("青石科技", "Bluestone"))
    with store.read() as conn:
        (one,) = learned.suggestions(conn)

    assert (one.alias, one.company, one.seen) == ("青石科技", "Bluestone Robotics", 1)
