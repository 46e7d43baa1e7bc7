"""Body, title and instant of real pages: ours and the peers', page by page in turn."""

from __future__ import annotations

import gzip
import json
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import fmean, median
from typing import Any

from extraction import match, score
from peers import in_turn

TOOLS = (
    "raisewire", "trafilatura", "resiliparse", "readability-lxml", "newspaper4k", "news-please",
)  # fmt: skip
_SPACE = re.compile(r"\s+")


def measure(folder: Path, most: int | None = None) -> list[str]:
    """
    Return a table of body F1, titles, instants and CPU, a row for each tool.

    `folder` is laid out as the public article-extraction benchmark: ground-truth.json with
    {id: {articleBody, url, title?, published?}} and html/ID.html.gz.
    """
    truth = json.loads((folder / "ground-truth.json").read_text("utf-8"))
    gold = dict(list(truth.items())[:most])
    with tempfile.TemporaryDirectory() as unpacked:
        pages = []
        for name, row in gold.items():
            path = Path(unpacked) / f"{name}.html"
            path.write_bytes(gzip.decompress((folder / "html" / f"{name}.html.gz").read_bytes()))
            pages.append((path, row["url"]))
        told = in_turn(TOOLS, pages)
    base = sum(one["cpu"] for one in told["trafilatura"])
    lines = [
        "| tool | body F1 | pages < .5 | titles | instants | CPU ms a page (median) | ratio |",
        "|---|---|---|---|---|---|---|",
    ]
    return lines + [_row(name, told[name], list(gold.values()), base) for name in TOOLS]


def _row(name: str, told: Sequence[dict[str, Any]], gold: Sequence[Any], base: float) -> str:
    matches = [
        match(row.get("articleBody", ""), one.get("text") or "")
        for row, one in zip(gold, told, strict=True)
    ]
    titles = sum(bool(one.get("title")) for one in told)
    instants = sum(bool(re.search(r"\d\d:\d\d", str(one.get("at") or ""))) for one in told)
    cpu = [one["cpu"] for one in told]
    return (
        f"| {name} | {score(matches)[0]:.4f} | {sum(m.f1 < 0.5 for m in matches)} | {titles} "
        f"| {instants} | {1e3 * fmean(cpu):.1f} ({1e3 * median(cpu):.1f}) | {sum(cpu) / base:.2f} |"
    )
