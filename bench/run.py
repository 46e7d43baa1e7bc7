"""
Speed and quality side by side: `./run.sh bench [PART…] [--pages FOLDER]`.

Parts: pages, feeds, street, inside, start. Peers get environments of their own under .bench/
(the first time takes some minutes) and are asked in turn with ours, page by page; times are CPU
seconds, so a busy machine shifts them little. The tables go to docs/performance.md, between the
marks of each part, with versions, machine and command; what is written around them stays.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[1])]

import feeds  # noqa: E402
import inside  # noqa: E402
import pages  # noqa: E402
import street  # noqa: E402
from peers import PACKAGES, ROOT, version  # noqa: E402

REPORT = ROOT / "docs" / "performance.md"


def main() -> int:
    """Run the parts that were asked for, and write them into the report."""
    ask = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    ask.add_argument("part", nargs="*", help="default: all")
    ask.add_argument("--pages", type=Path, help="real pages (article-extraction layout)")
    ask.add_argument("--most", type=int, help="of these pages, for a quick look")
    given = ask.parse_args()
    parts = _parts(given.pages, given.most)
    unknown = set(given.part) - set(parts)
    if unknown:
        ask.error(f"no such part: {', '.join(sorted(unknown))}; there are {', '.join(parts)}")
    for name in given.part or parts:
        began = time.monotonic()
        lines = parts[name]()
        print(f"\n== {name} ({time.monotonic() - began:.0f} s)\n" + "\n".join(lines))
        _write(name, lines)
    return 0


def _parts(folder: Path | None, most: int | None) -> dict[str, Callable[[], list[str]]]:
    inner: dict[str, Callable[[], list[str]]] = {
        "feeds": feeds.measure,
        "inside": inside.measure,
        "start": inside.starts,
    }
    if folder is None:
        print("no --pages FOLDER: the parts `pages` and `street` need real pages", file=sys.stderr)
        return inner
    return {
        "pages": lambda: pages.measure(folder, most),
        "street": lambda: street.measure(folder),
        **inner,
    }


def _write(part: str, lines: list[str]) -> None:
    """Put a part's lines between its marks."""
    head, tail = f"<!-- {part} -->", f"<!-- /{part} -->"
    told = f"{head}\n" + "\n".join(lines) + f"\n\n{_where(part)}\n{tail}"
    text = REPORT.read_text("utf-8")
    marked = re.compile(f"{re.escape(head)}.*?{re.escape(tail)}", re.DOTALL)
    REPORT.write_text(marked.sub(lambda _: told, text), encoding="utf-8")


def _where(part: str) -> str:
    """Return on what this was measured, with which versions."""
    peers = {"pages": PACKAGES.keys() - {"feedparser", "street"}, "feeds": {"feedparser"},
             "street": {"street"}}.get(part, set())  # fmt: skip
    named = ", ".join(f"{PACKAGES[name][0]} {version(name)}" for name in sorted(peers))
    cores = os.cpu_count()
    machine = f"Python {platform.python_version()}, {cores} cores, {platform.machine()}"
    return f"*{machine}{'; ' + named if named else ''}; `./run.sh bench {part}`.*"


if __name__ == "__main__":
    sys.exit(main())
