"""Whole streets on loopback: feed, robots, pages, body, title, date, database."""

from __future__ import annotations

import gzip
import sqlite3
import sys
import tempfile
from pathlib import Path

from peers import HERE, python, spent

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
        pages = {f"{n:05}": _renamed(real[n % len(real)], n) for n in range(size)}
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


def _renamed(page: bytes, number: int) -> bytes:
    """Return a page that names no address of its own, with a word that no other has."""
    return page.replace(b"canonical", b"cannonical").replace(b"</p>", b" word%d</p>" % number, 1)


def _plain(feed: str, home: Path) -> tuple[int, float, int]:
    command = [str(python("street")), str(HERE / "street.py"), feed, str(home / "street.db")]
    cpu, rss = spent(command, home)
    return _count(home), cpu, rss


def _ours(feed: str, home: Path) -> tuple[int, float, int]:
    (home / "config.yaml").write_text(CONFIG.format(folder=home, feed=feed))
    cpu, rss = spent([sys.executable, "-m", "crawler", "crawl"], home)
    return _count(home), cpu, rss


def _count(home: Path) -> int:
    with sqlite3.connect(home / "street.db") as conn:
        (count,) = conn.execute("SELECT count(*) FROM article").fetchone()
    return int(count)
