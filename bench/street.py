"""Whole streets on loopback: feed, robots, pages, body, title, date, database."""

from __future__ import annotations

import gzip
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

from peers import HERE, python

sys.path.insert(0, str(HERE.parents[1]))

from tests.fakes.static import StaticSite

CONFIG = """database: sqlite:///{folder}/street.db
http: {{per_host_delay: 0s, allow_private: [127.0.0.0/8]}}
extract: {{workers: 0}}
archive: 0s
sources: [{{name: bench, kind: feed, url: "{feed}"}}]
"""


def measure(folder: Path, sizes: tuple[int, ...] = (60, 400)) -> list[str]:
    """Return a table of CPU milliseconds a page and peak memory, a street a row."""
    lines = [
        "| pages | street | stored | CPU ms a page | peak RSS MB | to Scrapy + trafilatura |",
        "|---|---|---|---|---|---|",
    ]
    real = [gzip.decompress(file.read_bytes()) for file in sorted(folder.glob("html/*.gz"))]
    for size in sizes:
        pages = {f"{n:05}": real[n % len(real)] + b"<!-- %d -->" % n for n in range(size)}
        rows = {}
        for name in ("Scrapy + feedparser + trafilatura", "raisewire crawl"):
            with StaticSite(pages) as site, tempfile.TemporaryDirectory() as home:
                ours = name.startswith("raisewire")
                rows[name] = (_ours if ours else _plain)(site.feed, Path(home))
        base = rows["Scrapy + feedparser + trafilatura"][1]
        lines += [
            f"| {size} | {name} | {stored} | {1e3 * cpu / size:.1f} | {rss} | {cpu / base:.2f} |"
            for name, (stored, cpu, rss) in rows.items()
        ]
    return lines


def _plain(feed: str, home: Path) -> tuple[int, float, int]:
    command = [str(python("street")), str(HERE / "street.py"), feed, str(home / "street.db")]
    cpu, rss = _spent(command, home)
    return _count(home), cpu, rss


def _ours(feed: str, home: Path) -> tuple[int, float, int]:
    (home / "config.yaml").write_text(CONFIG.format(folder=home, feed=feed))
    cpu, rss = _spent([sys.executable, "-m", "crawler", "crawl"], home)
    return _count(home), cpu, rss


def _spent(command: list[str], home: Path) -> tuple[float, int]:
    """Run a command; return its CPU seconds and its peak memory in MB."""
    environ = os.environ | {"PYTHONPATH": str(HERE.parents[1])}
    child = subprocess.Popen(
        command, cwd=home, env=environ, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    _, _, used = os.wait4(child.pid, 0)
    assert isinstance(used, resource.struct_rusage)
    return used.ru_utime + used.ru_stime, used.ru_maxrss // 1024


def _count(home: Path) -> int:
    with sqlite3.connect(home / "street.db") as conn:
        (count,) = conn.execute("SELECT count(*) FROM article").fetchone()
    return int(count)
