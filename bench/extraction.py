"""
Body text and metadata, side by side with trafilatura on the same pages.

    python bench/extraction.py FOLDER [--pages N]

FOLDER holds `ground-truth.json` ({id: {articleBody, url}}) and `html/ID.html.gz`, as the
public article-extraction benchmark lays them out. The score is that benchmark's: the
multisets of four-word shingles of both texts are compared, every page weighs the same, and
F1 is the harmonic mean of mean precision and mean recall. Tools run in turn on every page;
times are CPU seconds of this process.
"""

from __future__ import annotations

import argparse
import gzip
import json
import logging
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import fmean, median

from crawler import extract
from crawler.types import Article, Entry, Fetch, Page, Source

WORD = re.compile(r"\w+")
WIDTH = 4  # words in a shingle
SEEN = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Match:
    """How two texts overlap: shingles in both, only in ours, only in the gold text."""

    both: int
    extra: int
    missing: int

    @property
    def precision(self) -> float | None:
        found = self.both + self.extra
        return self.both / found if found else None

    @property
    def recall(self) -> float | None:
        wanted = self.both + self.missing
        return self.both / wanted if wanted else None

    @property
    def f1(self) -> float:
        return 2 * self.both / (2 * self.both + self.extra + self.missing or 1)


def shingles(text: str) -> Counter[tuple[str, ...]]:
    """Return the multiset of four-word shingles; a shorter text is one shingle."""
    words = WORD.findall(text)
    if len(words) < WIDTH:
        return Counter([tuple(words)] if words else [])
    return Counter(zip(*(words[start:] for start in range(WIDTH)), strict=False))


def match(gold: str, ours: str) -> Match:
    """Compare two texts."""
    wanted, found = shingles(gold), shingles(ours)
    both = (wanted & found).total()
    return Match(both, found.total() - both, wanted.total() - both)


def score(matches: Iterable[Match]) -> tuple[float, float, float]:
    """Return (F1, precision, recall) over pages; empty sides leave their mean alone."""
    matches = list(matches)
    precision = fmean(m.precision for m in matches if m.precision is not None)
    recall = fmean(m.recall for m in matches if m.recall is not None)
    return 2 * precision * recall / (precision + recall), precision, recall


@dataclass(frozen=True, slots=True)
class Sample:
    """A real page with its gold body."""

    name: str
    url: str
    body: bytes
    gold: str


def load(folder: Path, most: int | None = None) -> list[Sample]:
    """Read a folder of the benchmark's layout."""
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    return [
        Sample(
            name,
            row["url"],
            gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()),
            row.get("articleBody", ""),
        )
        for name, row in list(truth.items())[:most]
    ]


def as_page(sample: Sample) -> Page:
    """Dress a sample as the fetcher would hand it over."""
    source = Source(id="bench", kind="feed", url=sample.url)
    fetch = Fetch(page_id=1, source=source, entry=Entry(url=sample.url), token="bench")
    return Page(fetch=fetch, url=sample.url, status=200, body=sample.body, at=SEEN)


def ours(sample: Sample) -> Article:
    return extract.read(as_page(sample))


def peer_default(sample: Sample) -> str:
    from trafilatura import extract as peer

    return peer(sample.body, include_comments=False) or ""


def peer_fast(sample: Sample) -> str:
    from trafilatura import extract as peer

    return peer(sample.body, include_comments=False, fast=True, url=sample.url) or ""


def peer_metadata(sample: Sample) -> str:
    from trafilatura import bare_extraction

    found = bare_extraction(sample.body, with_metadata=True, url=sample.url)
    return getattr(found, "text", "") or ""


TOOLS: dict[str, Callable[[Sample], str]] = {
    "raisewire, with metadata": lambda sample: ours(sample).text,
    "trafilatura extract, no comments": peer_default,
    "trafilatura extract, fast, url": peer_fast,
    "trafilatura bare_extraction, metadata, url": peer_metadata,
}


def run(samples: list[Sample]) -> dict[str, tuple[list[float], list[Match]]]:
    """Run every tool on every page, in turn, and return CPU seconds and matches."""
    for tool in TOOLS.values():  # imports and models are paid once a process, not once a page
        for sample in samples[:5]:
            tool(sample)
    rows: dict[str, tuple[list[float], list[Match]]] = {name: ([], []) for name in TOOLS}
    for sample in samples:
        for name, tool in TOOLS.items():
            began = time.process_time()
            text = tool(sample)
            rows[name][0].append(time.process_time() - began)
            rows[name][1].append(match(sample.gold, text))
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.strip().splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pages", type=int)
    options = parser.parse_args()
    logging.disable(logging.CRITICAL)
    rows = run(load(options.folder, options.pages))
    base = sum(rows["trafilatura bare_extraction, metadata, url"][0])
    print("| tool | F1 | precision | recall | pages < .5 | CPU ms a page (median) | ratio |")
    print("|---|---|---|---|---|---|---|")
    for name, (seconds, matches) in rows.items():
        f1, precision, recall = score(matches)
        low = sum(m.f1 < 0.5 for m in matches)
        times = f"{fmean(seconds) * 1000:.1f} ({median(seconds) * 1000:.1f})"
        print(
            f"| {name} | {f1:.4f} | {precision:.4f} | {recall:.4f} | {low} | {times} "
            f"| {sum(seconds) / base:.2f} |"
        )


if __name__ == "__main__":
    main()
