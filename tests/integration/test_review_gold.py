"""What a person decides becomes rows that train and evaluate read."""

from __future__ import annotations

import json
import random
from datetime import timedelta

import pytest

from crawler.classify.evaluation import load
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.resolve import Fx, Names
from crawler.review import Reviewer, gold
from crawler.types import Analysis, Qualifier


@pytest.fixture
def ingest():
    return Ingest(Names.load(()), Fx(), Policy())


@pytest.fixture
def reviewer(ingest, nouns):
    return Reviewer(ingest, "ada", nouns.now)


@pytest.fixture
def tell(store, ingest, nouns):
    def one(name: str, hours: int = 0, **about):
        event = nouns.event(**{"qualifier": Qualifier.EXACT} | about)
        at = nouns.now + timedelta(hours=hours)
        url = f"https://{name}.example/{random.random()}"
        article = nouns.article(url, source=name, published=at, title=f"{name}: {event.company}")
        reading = Reading(article, Analysis(lang="en", events=(event,)), ())
        with store.write() as conn:
            (deal,) = ingest.store(conn, reading, quiet=True, now=nouns.now).deals.values()
        return deal.id

    return one


def _rows(store):
    with store.read() as conn:
        return list(gold(conn))


def test_decided_articles_are_rows_and_undecided_ones_are_not(store, tell, reviewer):
    right, wrong = tell("wire"), tell("gazette", company="Survey of Brokers")
    tell("daily", company="Undecided Labs")
    with store.write() as conn:
        reviewer.confirm(conn, right, "")
        reviewer.reject(conn, wrong, "a survey")
    rows = _rows(store)
    assert [(row["kind"], [e["company"] for e in row["events"]]) for row in rows] == [
        ("positive", ["Acme AI"]),
        ("hard_negative", []),
    ]


def test_a_correction_teaches_only_where_one_article_tells_the_deal(store, tell, reviewer):
    alone = tell("wire", company="Lone Labs")
    shared = tell("wire")
    tell("daily", hours=1)
    with store.write() as conn:
        reviewer.correct(conn, alone, {"amount": "50000000"}, "")
        reviewer.correct(conn, shared, {"amount": "60000000"}, "")
    (row,) = _rows(store)
    assert row["events"][0]["amount"] == 50_000_000


def test_what_is_taken_back_teaches_nothing(store, tell, reviewer):
    deal = tell("wire")
    with store.write() as conn:
        reviewer.confirm(conn, deal, "")
        reviewer.undo(conn, _numbers(conn)[-1])
    assert _rows(store) == []


def _numbers(conn):
    from crawler.store import reviews

    return [one.id for one in reviews.decisions(conn)]


def test_the_rows_are_a_corpus(store, tell, reviewer, tmp_path):
    deal = tell("wire")
    with store.write() as conn:
        reviewer.confirm(conn, deal, "")
    file = tmp_path / "gold.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in _rows(store)))
    (read,) = load([file])
    assert read.events[0].company == "Acme AI"
