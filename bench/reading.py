"""
How fast the reader reads: CPU seconds of one process, over the corpus and at several lengths.

    python bench/reading.py [--rounds N]

Every article is read N times and its least time counts; the goals stand beside the figures.
"""

from __future__ import annotations

import argparse
import gc
import json
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean

from crawler.classify import Classifier
from crawler.classify.model import WEIGHTS
from crawler.types import Document

CORPUS = Path(__file__).parents[1] / "tests" / "corpus"
LENGTHS = (300, 1_000, 3_000, 10_000, 30_000, 60_000, 1_000_000)
PROSE = (
    "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures. "
    "The company sells arms that pick fruit. Revenue reached $12 million last year, it said. "
)
HOSTILE = (
    "a",
    "1,",
    "A. ",
    "raised $5m and ",
    "Foo Bar and ",
    "甲公司获1亿元融资，",
    "1억원 투자 유치 ",
)
START = (
    "import time; from crawler.classify import Classifier; from crawler.types import Document; "
    "Classifier().analyze(Document(title='Acme raises $5m', text='', lang='en')); "
    "print(time.process_time())"
)


def documents() -> list[Document]:
    """Read the corpus."""
    rows = [json.loads(line) for path in sorted(CORPUS.glob("*.jsonl")) for line in path.open()]
    return [
        Document(
            title=row["title"],
            text=row.get("text", ""),
            lang=row.get("lang"),
            published=datetime.fromisoformat(row["published"]).replace(tzinfo=UTC),
        )
        for row in rows
        if row.get("published")
    ]


def cpu(act: Callable[[], object], rounds: int) -> float:
    """Return the least CPU time of some rounds, in milliseconds."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        act()
        times.append(time.process_time() - start)
    return min(times) * 1e3


def told(name: str, times: Sequence[float]) -> None:
    ranked = sorted(times)
    p50, p99 = (ranked[min(int(len(ranked) * share), len(ranked) - 1)] for share in (0.5, 0.99))
    print(f"{name:<10}{len(ranked):>6}{fmean(ranked):>9.2f}{p50:>9.2f}{p99:>9.2f}")


def corpus(reader: Classifier, rounds: int) -> None:
    """Print the times of the corpus by language."""
    by_language: dict[str, list[float]] = defaultdict(list)
    for document in documents():
        spent = cpu(lambda one=document: reader.analyze(one), rounds)
        by_language[document.lang or "none"].append(spent)
    print(f"{'ms':<10}{'n':>6}{'mean':>9}{'p50':>9}{'p99':>9}   (goal: mean 1.5, p99 10)")
    for language, times in sorted(by_language.items()):
        told(language, times)
    told("all", [one for times in by_language.values() for one in times])


def lengths(reader: Classifier, rounds: int) -> None:
    """Print the time of one text by its length, and of hostile megabytes."""
    for length in LENGTHS:
        text = (PROSE * (length // len(PROSE) + 1))[:length]
        document = Document(title="Corvid Robotics raises $85 million", text=text, lang="en")
        print(
            f"{length:>9,} characters {cpu(lambda d=document: reader.analyze(d), rounds):9.2f} ms"
        )
    for piece in HOSTILE:
        text = piece * (1_000_000 // len(piece))
        document = Document(title=text, text=text)
        spent = cpu(lambda d=document: reader.analyze(d), rounds)
        print(f"1 MB of {piece!r:<24}{spent:9.2f} ms (goal: 50)")


def start() -> None:
    """Print what a new process spends until its first article is read."""
    runs = [
        float(subprocess.run([sys.executable, "-c", START], capture_output=True, check=True).stdout)
        for _ in range(3)
    ]
    print(f"start      {min(runs):.2f} s CPU, words and weights included (goal: 0.5)")
    print(f"weights    {WEIGHTS.stat().st_size / 1e6:.2f} MB (goal: 5)")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[1])
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    reader = Classifier()
    for document in documents():
        reader.analyze(document)
    gc.collect()
    gc.freeze()
    start()
    corpus(reader, rounds)
    lengths(reader, rounds)


if __name__ == "__main__":
    main()
