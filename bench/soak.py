"""
A day of traffic on a clock that jumps: memory and descriptors of the whole process, hour by hour.

Connections are kept for some seconds of the real clock, of which an hour has few or many: they
are counted apart and must stay below what all publishers together may hold.

    python bench/soak.py [--feeds 40] [--hours 24] [--warm-up 6] [--read]

Prints the slope after the warm-up; exit 1 when it is no longer flat. `--read` extracts and
classifies every page with the real reader, in this process.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import sys
import tempfile
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

import structlog

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fakes.lapse import START, simulate

SOME = 0.2  # files an hour
ENDS, SPARE = 4, 10  # both ends of two connections for each publisher; the loop's own
FLAT = 0.5  # MB an hour of simulated traffic; less is noise of the allocator


class Sample(NamedTuple):
    hour: float
    rss: float  # MB
    files: int  # descriptors that are no sockets
    sockets: int


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--feeds", type=int, default=40)
    parser.add_argument("--hours", type=float, default=24)
    parser.add_argument("--warm-up", type=float, default=6)
    parser.add_argument("--read", action="store_true")
    given = parser.parse_args()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.WARNING))
    samples: list[Sample] = []

    def look(now: datetime) -> None:
        gc.collect()
        samples.append(Sample((now - START).total_seconds() / 3600, rss(), *descriptors()))
        print("hour {:5.1f}  {:7.1f} MB  {} files  {} sockets".format(*samples[-1]), flush=True)

    shm = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=shm if shm.is_dir() else None) as folder:
        days = given.hours / 24
        seen = asyncio.run(simulate(Path(folder), given.feeds, days, hourly=look, real=given.read))
    warm = [sample for sample in samples if sample.hour >= given.warm_up]
    memory = slope([(s.hour, s.rss) for s in warm])
    files = slope([(s.hour, s.files) for s in warm])
    most = max(s.sockets for s in samples)
    per_thousand = memory * given.hours / max(seen.polls, 1) * 1000
    print(f"{seen.polls} polls, {seen.pages} pages in {given.hours:g} simulated hours")
    print(
        f"after {given.warm_up:g} h: {memory:+.3f} MB an hour"
        f" ({per_thousand:+.2f} MB per 1,000 polls), {files:+.3f} files an hour;"
        f" {most} sockets at most"
    )
    return 0 if memory < FLAT and files < SOME and most <= ENDS * given.feeds + SPARE else 1


def rss() -> float:
    """Return the process's resident memory in MB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096 / 1e6


def descriptors() -> tuple[int, int]:
    """Return how many descriptors are open: files and the like, and sockets."""
    kinds = []
    for one in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(OSError):  # the one that lists them
            kinds.append(str(one.readlink()).startswith("socket:"))
    return len(kinds) - sum(kinds), sum(kinds)


def slope(points: list[tuple[float, float]]) -> float:
    """Return the least-squares slope of `points`."""
    middle = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    above = sum((x - middle[0]) * (y - middle[1]) for x, y in points)
    below = sum((x - middle[0]) ** 2 for x, _ in points)
    return above / below if below else 0.0


if __name__ == "__main__":
    sys.exit(main())
