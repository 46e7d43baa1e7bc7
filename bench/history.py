"""
The search of archives against plain fastwarc + trafilatura, on the same records.

    python bench/history.py FOLDER [--records N]

FOLDER holds real pages as `html/ID.html.gz` (the public article-extraction benchmark's). An
archive is made of them: 90 % these pages, 3 % our own corpus of deals and traps as pages,
7 % errors and pictures. Times are CPU seconds of this process, in turn on each hundred records.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import resource
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

from crawler.classify import Classifier  # noqa: E402
from crawler.extract import parse  # noqa: E402
from crawler.history import gate  # noqa: E402
from crawler.history.archive import Record, records  # noqa: E402
from crawler.history.finding import fated  # noqa: E402
from tests.fakes import warc  # noqa: E402


def answers(folder: Path, count: int, rng: random.Random) -> Iterator[warc.Answer]:
    """Yield `count` pages in the mixture above."""
    real = [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("html/*.gz"))]
    lines = [line for file in sorted(ROOT.glob("tests/corpus/*.jsonl")) for line in file.open()]
    ours = [json.loads(line) for line in lines]
    for number in range(count):
        url, kind = f"https://site{number % 97}.example/story/{number}", rng.random()
        if kind < 0.9:
            yield warc.Answer(url, rng.choice(real))
        elif kind < 0.93:
            row = rng.choice(ours)
            page = warc.page(row["title"], row["text"], row.get("published") or "", row["lang"])
            yield warc.Answer(url, page)
        elif kind < 0.96:
            yield warc.Answer(url, b"not here", status="404 Not Found")
        else:
            yield warc.Answer(f"{url}.jpg", b"\xff\xd8" * 900, type="image/jpeg")


def plain(record: Record) -> None:
    """Do what a plain script does with a record."""
    import trafilatura

    if record.status == 200 and "html" in record.headers.get("content-type", ""):
        trafilatura.bare_extraction(
            record.body, url=record.url, with_metadata=True, include_comments=False
        )


def gated(record: Record) -> None:
    """Do no more than the gate."""
    if not gate.refused_unread(record):
        gate.refused_by_words(parse(record.body, record.headers))


def main() -> None:
    """Print records a second and core, way by way."""
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("folder", type=Path)
    ask.add_argument("--records", type=int, default=3_000)
    given = ask.parse_args()
    classifier, fates = Classifier(), Counter[str]()

    def whole(record: Record) -> None:
        fates[fated(record, classifier)[0]] += 1

    ways: dict[str, Callable[[Record], None]] = {
        "gate alone": gated,
        "whole search": whole,
        "fastwarc + trafilatura": plain,
    }
    spent = dict.fromkeys(("reading the archive", *ways), 0.0)
    with tempfile.TemporaryDirectory() as folder:
        made = answers(given.folder, given.records, random.Random(1))
        file = warc.write(Path(folder) / "bench.warc.gz", made)
        _warm(file, ways)
        fates.clear()
        start = time.process_time()
        for batch in _batches(records(str(file)), 100):
            spent["reading the archive"] += time.process_time() - start
            for name, act in ways.items():
                start = time.process_time()
                for record in batch:
                    act(record)
                spent[name] += time.process_time() - start
            start = time.process_time()
    read = spent.pop("reading the archive") / given.records
    print(f"reading the archive: {1e3 * read:.2f} ms a record")
    for name, seconds in spent.items():
        each = seconds / given.records + read
        print(f"{name}: {1e3 * each:.2f} ms a record, {1 / each:.0f} records/s/core")
    print(dict(fates), f"peak RSS {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MB")


def _warm(file: Path, ways: dict[str, Callable[[Record], None]]) -> None:
    for record, _ in zip(records(str(file)), range(60), strict=False):
        for act in ways.values():
            act(record)


def _batches(found: Iterator[Record], size: int) -> Iterator[list[Record]]:
    batch: list[Record] = []
    for record in found:
        batch.append(record)
        if len(batch) == size:
            yield batch
            batch = []
    yield batch


if __name__ == "__main__":
    main()
