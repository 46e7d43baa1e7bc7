"""What the reader reaches on the gold corpus may not fall below `floors.json`."""

import json
from pathlib import Path

from crawler.classify import Classifier, evaluation, report

HERE = Path(__file__).parent


def test_no_figure_falls_below_its_floor():
    """`raisewire evaluate tests/corpus/*.jsonl --floor tests/corpus/floors.json` says the same."""
    gold = evaluation.load(sorted(HERE.glob("*.jsonl")))
    scores = evaluation.evaluate(Classifier().analyze, gold)
    floor = json.loads((HERE / "floors.json").read_text("utf-8"))

    assert report.floors(scores, floor) == []


def test_every_language_has_a_floor():
    floor = json.loads((HERE / "floors.json").read_text("utf-8"))
    languages = {gold.lang for gold in evaluation.load(HERE.glob("*.jsonl"))}
    floored = {key.split("/")[2] for key in floor if key.startswith("documents/")}

    assert languages == floored - {"all"}
