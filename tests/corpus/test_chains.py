"""
Chains of events retold by several outlets in several languages, shuffled.

`chains/articles.jsonl` holds one article a line with its gold events, each with the deal it
tells and its role; `chains/deals.jsonl` what is true of each deal in the end. Companies,
people and deals are invented.
"""

import json
import random
from collections import defaultdict
from datetime import datetime
from itertools import combinations
from pathlib import Path

import pytest

from crawler.extract import sketch
from crawler.resolve import Fx, Names, block_keys, resolve
from crawler.types import Event, Report, Role, SourceClass, Status
from crawler.wire import load

HERE = Path(__file__).parent / "chains"
FOLD = {Status.COMPLETED: Status.ANNOUNCED, Status.PRICED: Status.ANNOUNCED}
SHUFFLES = 20


def rows(name):
    return [json.loads(line) for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


def reports():
    """Each event of each article as a report, with the deal it really tells."""
    found = []
    for row in rows("articles.jsonl"):
        at = datetime.fromisoformat(row["published"])
        for told in row["events"]:
            report = Report(
                id=0,
                event=load(Event, told["event"]),
                role=Role(told["role"]),
                url=row["url"],
                title=row["title"],
                source=row["source"],
                source_class=SourceClass(row["source_class"]),
                lang=row["lang"],
                published=at,
                seen_at=at,
                sketch=sketch(row["text"]),
            )
            found.append((report, told["deal"]))
    return found


NAMES, FX = Names.load(), Fx()


class Shelf:
    """A store in memory: deals filed under keys, restatements and denials kept aside."""

    def __init__(self):
        self.names, self.fx = NAMES, FX
        self.deals, self.filed, self.aside = {}, defaultdict(set), defaultdict(list)
        self.told, self.known_keys = [], {}

    def keys(self, report):
        known = report.url, report.event.evidence, report.event.amount
        if known not in self.known_keys:
            self.known_keys[known] = block_keys(report, self.names, self.fx)
        return self.known_keys[known]

    def take(self, report):
        keys = self.keys(report)
        ids = {ident for key in keys for ident in self.filed[report.event.type, key]}
        block = [self.deals[ident] for ident in sorted(ids)]
        aside = {id(r): r for key in keys for r in self.aside[report.event.type, key]}
        found = resolve(report, block, names=self.names, fx=self.fx, orphans=[*aside.values()])
        for deal in found.deals:
            self.file(deal)
        if found.touched is None:
            for key in keys:
                self.aside[report.event.type, key].append(report)
        if found.new or found.material:
            self.told.append((found.touched, found.new))
        return found

    def file(self, deal):
        if deal.merged_into:
            self.deals.pop(deal.id)
            for ids in self.filed.values():
                ids.discard(deal.id)
            return
        self.deals[deal.id] = deal
        for report in deal.reports:
            for key in self.keys(report):
                self.filed[deal.event.type, key].add(deal.id)


def tell(told, seed):
    """Resolve the reports in an order drawn by `seed`; events of one article stay together."""
    articles = defaultdict(list)
    for report, _ in told:
        articles[report.url].append(report)
    order = sorted(articles)
    random.Random(seed).shuffle(order)
    shelf = Shelf()
    for url in order:
        for report in articles[url]:
            shelf.take(report)
    return shelf


def labels(told):
    return {(r.url, r.role, r.event.evidence, r.event.amount): deal for r, deal in told}


def found_labels(shelf):
    return {
        (r.url, r.role, r.event.evidence, r.event.amount): deal.id
        for deal in shelf.deals.values()
        for r in deal.reports
    }


def pairs(of, keys):
    return {
        frozenset(pair)
        for pair in combinations(sorted(keys, key=str), 2)
        if of.get(pair[0]) == of.get(pair[1])
    }


def score(told, shelf):
    """Return precision and recall of the pairs of reports that tell one deal."""
    gold, found = labels(told), found_labels(shelf)
    keys = [key for key in gold if key[1] is Role.REPORT]
    true, said = pairs(gold, keys), pairs(found, keys)
    return len(true & said) / len(said), len(true & said) / len(true), said - true, true - said


@pytest.fixture(scope="module")
def told():
    return reports()


@pytest.fixture(scope="module")
def shelves(told):
    return [tell(told, seed) for seed in range(SHUFFLES)]


def test_the_chains_are_many_and_in_many_languages():
    assert len(rows("articles.jsonl")) >= 200
    assert len(rows("deals.jsonl")) >= 40
    assert len({row["lang"] for row in rows("articles.jsonl")}) >= 6


def test_no_two_deals_are_ever_taken_for_one(told, shelves):
    gold = labels(told)
    for shelf in shelves:
        for deal in shelf.deals.values():
            mixed = {
                gold[r.url, r.role, r.event.evidence, r.event.amount]
                for r in deal.reports
                if r.role is Role.REPORT
            }
            assert len(mixed) == 1, mixed


def test_pairs_of_reports_are_found(told, shelves):
    for shelf in shelves:
        precision, recall, _, missed = score(told, shelf)
        f1 = 2 * precision * recall / (precision + recall)
        assert f1 >= 0.97, missed


def test_every_order_gives_the_same_deals(shelves):
    def picture(shelf):
        return {
            (
                frozenset((r.url, r.role, r.event.evidence) for r in deal.reports),
                deal.event.status,
                deal.event.amount,
                deal.event.currency,
                len(deal.history),
            )
            for deal in shelf.deals.values()
        }

    first = picture(shelves[0])
    assert all(picture(shelf) == first for shelf in shelves)


def test_a_restatement_never_makes_a_deal(shelves):
    for shelf in shelves:
        for deal in shelf.deals.values():
            assert any(report.role is Role.REPORT for report in deal.reports)


def ends(told, shelf):
    """Return, for every gold deal, what the deal that holds most of it came to."""
    gold = labels(told)
    found = {}
    for deal in sorted(shelf.deals.values(), key=lambda d: len(d.reports)):
        for r in deal.reports:
            if r.role is Role.REPORT:
                found[gold[r.url, r.role, r.event.evidence, r.event.amount]] = deal
    return found


def test_deals_end_with_the_right_status_and_amount(told, shelves):
    wrong = []
    for row in rows("deals.jsonl"):
        deal = ends(told, shelves[0])[row["deal"]]
        status = Status(row["status"])
        right_status = FOLD.get(deal.event.status, deal.event.status) == FOLD.get(status, status)
        right_amount = (row["amount"] or None, row["currency"]) == (
            float(deal.event.amount) if deal.event.amount else None,
            deal.event.currency,
        )
        if not (right_status and right_amount):
            wrong.append((row["deal"], deal.event.status, deal.event.amount, deal.event.currency))
    assert len(wrong) <= 0.05 * len(rows("deals.jsonl")), wrong


def test_restatements_and_denials_hang_on_the_deal_they_mean(told, shelves):
    gold, found = labels(told), found_labels(shelves[0])
    home = {row: deal.id for row, deal in ends(told, shelves[0]).items()}
    asides = [key for key in gold if key[1] is not Role.REPORT]
    right = [key for key in asides if found.get(key) == home[gold[key]]]
    assert len(right) >= 0.9 * len(asides), [key for key in asides if key not in right]
    wrong = [key for key in asides if found.get(key) not in {None, home[gold[key]]}]
    assert not wrong


def test_deals_are_linked_to_what_they_extend(told, shelves):
    found = ends(told, shelves[0])
    for row in rows("deals.jsonl"):
        for other, how in row["links"].items():
            assert found[row["deal"]].links.get(found[other].id) == how, row["deal"]
