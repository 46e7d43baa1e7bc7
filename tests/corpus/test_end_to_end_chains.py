"""Chains of invented deals, read from their TEXT and resolved in any order of arrival."""

from __future__ import annotations

import json
import random
from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest

from crawler.classify import Classifier
from crawler.cli.importing import article
from crawler.cli.records import Record
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading, read_article
from crawler.resolve import Fx, Names
from crawler.store import Store, deals
from crawler.types import Role

CHAINS = Path(__file__).parent / "chains" / "articles.jsonl"


@pytest.fixture(scope="module")
def readings() -> list[Reading]:
    classifier = Classifier()
    records = [Record.model_validate_json(line) for line in CHAINS.read_text().splitlines()]
    return [read_article(article(r, r.instant()), classifier) for r in records]


def resolved(readings: list[Reading], folder: Path, seed: int) -> set[frozenset[str]]:
    """Return which articles tell one deal, after they came in some order."""
    ingest = Ingest(Names.load(()), Fx(), Policy())
    order = list(readings)
    random.Random(seed).shuffle(order)
    store = Store(f"sqlite:///{folder}/{seed}.db")
    store.upgrade()
    for reading in order:
        with store.write() as conn:
            now: datetime = reading.article.seen_at
            ingest.store(conn, reading, quiet=True, now=now)
    with store.read() as conn:
        found = list(deals.listing(conn))
    store.close()
    return {
        frozenset(f"{r.url} {r.event.type} {r.event.amount}" for r in deal.reports)
        for deal in found
    }


@pytest.mark.slow
def test_the_same_articles_in_any_order_give_the_same_deals(readings, tmp_path):
    first, second = (resolved(readings, tmp_path, seed) for seed in (1, 2))

    assert first == second


Told = tuple[str, str]  # an article's address and a deal type


def gold() -> dict[Told, list[str]]:
    told: dict[Told, list[str]] = {}
    for line in CHAINS.read_text().splitlines():
        row = json.loads(line)
        for one in row["events"]:
            if one["role"] == "report":
                told.setdefault((row["url"], one["event"]["type"]), []).append(one["deal"])
    return told


def said(store: Store) -> dict[Told, list[str]]:
    found: dict[Told, list[str]] = {}
    with store.read() as conn:
        for deal in deals.listing(conn):
            for report in deal.reports:
                if report.role is Role.REPORT:
                    found.setdefault((report.url, report.event.type), []).append(deal.id)
    return found


def pairs(homes: dict[Told, list[str]], keys: list[Told]) -> set[tuple[Told, Told]]:
    """Return which two articles tell one deal."""
    return {(a, b) for a, b in combinations(keys, 2) if homes[a] == homes[b]}


def test_articles_read_from_their_text_fall_into_the_deals_they_tell(readings, tmp_path):
    ingest = Ingest(Names.load(()), Fx(), Policy())
    store = Store(f"sqlite:///{tmp_path}/chains.db")
    store.upgrade()
    for reading in readings:
        with store.write() as conn:
            ingest.store(conn, reading, quiet=True, now=reading.article.seen_at)
    wanted, found = gold(), said(store)
    store.close()
    keys = sorted(k for k in wanted if len(wanted[k]) == 1 and len(found.get(k, ())) == 1)
    right, told = pairs(wanted, keys), pairs(found, keys)
    precision, recall = len(right & told) / len(told), len(right & told) / len(right)

    assert len(keys) >= 0.9 * len(wanted)
    assert precision >= 0.98
    assert recall >= 0.88
