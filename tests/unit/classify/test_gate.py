"""The gate before reading: it may let much through, and must keep no deal out."""

from __future__ import annotations

import json
import time
from pathlib import Path

import pytest

from crawler.classify.gate import may_hold_a_deal

CORPUS = sorted(Path(__file__).parents[2].glob("corpus/*.jsonl"))
ROWS = [json.loads(line) for file in CORPUS for line in file.read_text().splitlines()]
DEALS = [row for row in ROWS if any(e["type"] in {"funding", "bond"} for e in row["events"])]


def test_no_deal_of_the_corpus_is_kept_out():
    kept_out = [
        row["id"]
        for row in DEALS
        if not may_hold_a_deal(row["title"], row["text"].split("\n"), row["lang"])
    ]

    assert kept_out == []


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("A mild week", "It was a mild week in the north, said the weather office."),
        ("Champions lose at home", "The coach raised his eyebrows and said nothing."),
        ("天气预报", "本周北方天气温和。"),
        ("", ""),
    ],
)
def test_what_nobody_raises_or_sells_is_left(title, text):
    assert not may_hold_a_deal(title, [text])


def test_the_time_for_a_page_of_ten_times_the_lines_stays_in_proportion():
    line = "The round of talks on the bond between them was worth $5 million. " * 3

    def cost(lines: int) -> float:
        start = time.process_time()
        may_hold_a_deal("", ["It was a mild week. " * 10] * lines + [line])
        return time.process_time() - start

    cost(10)
    assert min(cost(300) for _ in range(3)) < 40 * min(cost(30) for _ in range(3)) + 0.005
