"""Our own stations one by one: what a title, a text, an article, a deal and a start cost."""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import fmean
from typing import Any

from peers import ROOT, spent

ROWS = [
    json.loads(line) for file in sorted(ROOT.glob("tests/corpus/*.jsonl")) for line in file.open()
]
COMMANDS = ("--help", "--version", "deals", "articles", "alerts list", "sources list", "doctor")


def _times(act: Callable[[Any], object], given: Iterable[Any], rounds: int = 3) -> list[float]:
    """Return the best of some rounds for each, CPU seconds."""
    given = list(given)
    best = [float("inf")] * len(given)
    for _ in range(rounds):
        for at, one in enumerate(given):
            began = time.process_time()
            act(one)
            best[at] = min(best[at], time.process_time() - began)
    return best


def measure() -> list[str]:
    """Return a table of what each station costs."""
    from crawler.classify import Classifier
    from crawler.classify.gate import may_hold_a_deal
    from crawler.extract import sketch
    from crawler.extract.language import identify
    from crawler.types import Document

    reader = Classifier()
    documents = [Document(title=r["title"], text=r["text"], lang=r["lang"]) for r in ROWS]
    stations: dict[str, tuple[Callable[[Any], object], list[Any]]] = {
        "language of a title": (identify, [row["title"] for row in ROWS]),
        "near-duplicate sketch of an article": (sketch, [row["text"] for row in ROWS]),
        "gate: may it hold a deal": (
            lambda row: may_hold_a_deal(row["title"], row["text"].split("\n"), row["lang"]), ROWS,
        ),
        "classify + slots": (reader.analyze, documents),
    }  # fmt: skip
    lines = ["| station | mean | p99 | over |", "|---|---|---|---|"]
    for name, (act, given) in stations.items():
        spent = sorted(_times(act, given))
        p99 = spent[int(len(spent) * 0.99)]
        lines.append(f"| {name} | {_human(fmean(spent))} | {_human(p99)} | {len(given)} |")
    right = fmean(identify(row["title"]) == row["lang"] for row in ROWS)
    return [*lines, "", f"Language of titles right: {right:.3f}."]


def _human(seconds: float) -> str:
    return f"{seconds * 1e3:.2f} ms" if seconds >= 1e-3 else f"{seconds * 1e6:.0f} µs"


def starts() -> list[str]:
    """Return a table of the CPU seconds of every command's start, on a small database."""
    lines = ["| command | CPU s | peak RSS MB |", "|---|---|---|"]
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "config.yaml").write_text("database: sqlite:///a.db\n")
        _run("db upgrade", home)
        for command in COMMANDS:
            tried = [_run(command, home) for _ in range(3)]
            cpu, rss = min(tried)
            lines.append(f"| `raisewire {command}` | {cpu:.2f} | {rss} |")
    return lines


def _run(command: str, home: str) -> tuple[float, int]:
    return spent([sys.executable, "-m", "crawler", *command.split()], home)
