"""One article, one answer: in every process, whatever the order of its sets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from crawler.classify import Classifier
from crawler.types import Document

CORPUS = Path(__file__).parents[2] / "corpus" / "en.jsonl"
BODY = "Daybreak Chips raised $40 million in a Series B round led by Northgate Ventures. "


def test_a_shouted_headline_does_not_spell_the_company():
    title = "DAYBREAK CHIPS RAISES $40 MILLION IN SERIES B ROUND"

    (event,) = Classifier(()).analyze(Document(title=title, text=BODY * 2, lang="en")).events

    assert event.company == "Daybreak Chips"
    assert event.aliases == ("DAYBREAK CHIPS",)


def test_every_process_gives_the_same_answers(tmp_path):
    sample = tmp_path / "sample.jsonl"
    sample.write_text("".join(CORPUS.read_text("utf-8").splitlines(keepends=True)[:40]), "utf-8")

    said = [answers(sample, seed) for seed in ("0", "1", "2")]

    assert said[0] == said[1] == said[2]


def answers(sample: Path, seed: str) -> str:
    run = subprocess.run(
        [sys.executable, "-m", "crawler", "analyze", str(sample)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        capture_output=True,
        text=True,
        check=True,
    )
    return run.stdout
