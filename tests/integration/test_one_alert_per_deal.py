"""However articles arrive, each deal is told once, and one that turns out to be another is not."""

from __future__ import annotations

import json
import random
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.config.models import AlertRule
from crawler.extract import sketch
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reading
from crawler.resolve import Fx, Names
from crawler.store import Store, deals, outbox
from crawler.types import Analysis, Event
from crawler.wire import load

CHAINS = Path(__file__).parents[1] / "corpus" / "chains" / "articles.jsonl"
SENT = (outbox.State.PENDING, outbox.State.DELIVERED)


def readings(nouns) -> list[Reading]:
    found = []
    for line in CHAINS.read_text().splitlines():
        row = json.loads(line)
        told: dict[str, list[Event]] = {"report": [], "restatement": [], "denial": []}
        for one in row["events"]:
            told[one["role"]].append(load(Event, one["event"]))
        article = nouns.article(row["url"], title=row["title"], text=row["text"], source=row["url"])
        analysis = Analysis(
            lang=row["lang"],
            events=tuple(told["report"]),
            restatements=tuple(told["restatement"]),
            denials=tuple(told["denial"]),
        )
        found.append((row["published"], Reading(article, analysis, sketch(row["text"]))))
    return [reading for _, reading in sorted(found, key=lambda pair: pair[0])]


@pytest.mark.slow
@pytest.mark.parametrize("seed", [3])
def test_a_channel_hears_of_each_deal_once(nouns, tmp_path, seed):
    rules = (AlertRule(name="all", to=("desk",)),)
    ingest = Ingest(Names.load(()), Fx(), Policy(rules=rules, channels=("desk",)))
    store = Store(f"sqlite:///{tmp_path}/alerts.db")
    store.upgrade()
    order = readings(nouns)
    if seed is not None:
        random.Random(seed).shuffle(order)
    for number, reading in enumerate(order):
        now = nouns.now + timedelta(minutes=number)
        with store.write() as conn:
            ingest.store(conn, reading, quiet=False, now=now)
    with store.read() as conn:
        known = {deal.id for deal in deals.listing(conn)}
        sent = [one for one in outbox.listing(conn, limit=5000) if one.state in SENT]
    store.close()
    first = Counter(one.deal_id for one in sent if one.kind == "new")

    assert set(first) <= known
    assert max(first.values()) == 1
    assert len(first) >= 0.95 * len(known)
