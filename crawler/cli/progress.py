"""A progress bar for a crawl: sources asked, pages read, deals found."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

if TYPE_CHECKING:
    from crawler.desk import NewsDesk


class CrawlProgress:
    """Watches a desk's tally from a thread of its own while the crawl runs."""

    def __init__(self, screen: Console, desk: NewsDesk, sources: int) -> None:
        self._desk, self._done = desk, threading.Event()
        self._bar = Progress(
            TextColumn("{task.description:<8}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("{task.fields[note]}"),
            TimeElapsedColumn(),
            console=screen,
            transient=True,
        )
        self._sources = self._bar.add_task("sources", total=sources, note="")
        self._pages = self._bar.add_task("pages", total=None, note="")
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._bar.start()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self._bar.stop()

    def _watch(self) -> None:
        while not self._done.wait(0.2):
            tally = self._desk.tally
            pages = sum(tally.pages.values())
            note = f"{tally.articles} articles, {len(tally.deals)} deals"
            self._bar.update(self._sources, completed=len(tally.polls))
            self._bar.update(self._pages, completed=pages, total=tally.queued or None, note=note)
