"""
Chains of invented deals, read from their TEXT and resolved in any order of arrival.

`chains/` has the chains of `test_chains.py`, told by phrase; `chains/texts/` others that were
written as news is, before the program had seen them. Each article says which deals it tells
and recalls, each deal what became of it.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import dataclass
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
from crawler.types import Deal, Role, Status

HERE = Path(__file__).parent / "chains"
FOLD = {Status.COMPLETED: Status.ANNOUNCED, Status.PRICED: Status.ANNOUNCED}
Told = tuple[str, str]  # an article's address and a gold deal


def rows(folder: Path, name: str) -> list[dict]:
    return [json.loads(line) for line in (folder / name).read_text("utf-8").splitlines()]


@dataclass
class Chains:
    """Articles as they were read, and what they really tell."""

    readings: list[Reading]
    tells: dict[Told, str]  # -> the type of the deal
    deals: dict[str, dict]


def tells(row: dict) -> list[tuple[str, str, str]]:
    if "tells" in row:
        return [(one["role"], one["deal"], one["type"]) for one in row["tells"]]
    return [(one["role"], one["deal"], one["event"]["type"]) for one in row["events"]]


@pytest.fixture(scope="module", params=[".", "texts"])
def chains(request) -> Chains:
    folder, classifier = HERE / request.param, Classifier()
    about = ("url", "title", "text", "published", "source", "source_class", "lang")
    found = rows(folder, "articles.jsonl")
    records = [Record.model_validate({slot: row[slot] for slot in about}) for row in found]
    return Chains(
        [read_article(article(r, r.instant()), classifier) for r in records],
        {
            (row["url"], deal): kind
            for row in found
            for role, deal, kind in tells(row)
            if role == "report"
        },
        {row["deal"]: row for row in rows(folder, "deals.jsonl")},
    )


def resolved(readings: list[Reading], folder: Path, seed: int, batch: int = 1) -> list[Deal]:
    """Return the deals of articles that came in some order, so many to a transaction."""
    ingest = Ingest(Names.load(()), Fx(), Policy())
    order = list(readings)
    random.Random(seed).shuffle(order)
    store = Store(f"sqlite:///{folder}/{seed}.db")
    store.upgrade()
    for start in range(0, len(order), batch):
        with store.write() as conn:
            for reading in order[start : start + batch]:
                ingest.store(conn, reading, quiet=True, now=reading.article.seen_at)
    with store.read() as conn:
        found = list(deals.listing(conn))
    store.close()
    return found


def picture(found: list[Deal]) -> set:
    return {
        (
            frozenset((r.url, r.part, r.event.amount) for r in deal.reports),
            deal.event.status,
            deal.event.amount,
        )
        for deal in found
    }


@pytest.mark.slow
def test_the_same_articles_in_any_order_and_batch_give_the_same_deals(chains, tmp_path):
    first = resolved(chains.readings, tmp_path, 1)
    second = resolved(chains.readings, tmp_path, 2, batch=7)

    assert picture(first) == picture(second)


def homes(chains: Chains, found: list[Deal]) -> dict[Told, Deal]:
    """Return the deal that holds each told deal of each article: the one of its money."""
    left: dict[tuple[str, str], list] = {}
    for deal in found:
        for report in deal.reports:
            if report.part is Role.REPORT:
                left.setdefault((report.url, report.event.type.value), []).append((report, deal))

    def off(told: Told, report) -> float:
        gold, event = chains.deals[told[1]], report.event
        other = 0 if event.currency == gold["currency"] else 1e15
        return other + abs(float(event.amount or 0) - (gold["amount"] or 0))

    home: dict[Told, Deal] = {}
    for told, kind in chains.tells.items():
        rivals = [t for t in chains.tells if t[0] == told[0] and chains.tells[t] == kind]
        mine = [
            (off(told, report), deal)
            for report, deal in left.get((told[0], kind), ())
            if off(told, report) == min(off(rival, report) for rival in rivals)
        ]
        if mine:
            home[told] = min(mine, key=lambda pair: pair[0])[1]
    return home


def pairs(of: dict[Told, str], keys: list[Told]) -> set[tuple[Told, Told]]:
    """Return which two articles tell one deal."""
    return {(a, b) for a, b in combinations(keys, 2) if of[a] == of[b]}


def test_articles_read_from_their_text_fall_into_the_deals_they_tell(chains, tmp_path):
    found = resolved(chains.readings, tmp_path, 3)
    home = homes(chains, found)
    keys = sorted(home)
    right = pairs({key: key[1] for key in keys}, keys)
    told = pairs({key: home[key].id for key in keys}, keys)
    precision, recall = len(right & told) / len(told), len(right & told) / len(right)

    assert len(keys) >= 0.93 * len(chains.tells)
    assert told <= right, told - right
    assert 2 * precision * recall / (precision + recall) >= 0.97


def test_background_makes_no_deal(chains, tmp_path):
    found = resolved(chains.readings, tmp_path, 4)
    real = {deal.id for deal in homes(chains, found).values()}

    assert len([deal for deal in found if deal.id not in real]) <= 1


def test_deals_read_from_text_end_with_the_right_status_and_amount(chains, tmp_path):
    home = homes(chains, resolved(chains.readings, tmp_path, 5))
    wrong = []
    for ident, gold in chains.deals.items():
        held = {deal.id: deal for told, deal in home.items() if told[1] == ident}
        most = Counter(deal.id for told, deal in home.items() if told[1] == ident).most_common(1)
        deal = held[most[0][0]] if most else None
        if deal is None or not ends(deal, gold):
            wrong.append((ident, deal and (deal.event.status, deal.event.amount)))

    assert len(wrong) <= 0.05 * len(chains.deals), wrong


def ends(deal: Deal, gold: dict) -> bool:
    event, status = deal.event, Status(gold["status"])
    money = float(event.amount) if event.amount else None
    same_status = FOLD.get(event.status, event.status) is FOLD.get(status, status)
    return same_status and (money, event.currency) == (gold["amount"] or None, gold["currency"])
