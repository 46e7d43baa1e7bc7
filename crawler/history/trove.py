"""
The search as a datatrove step: many machines, through its Local, Slurm and Ray executors.

    LocalPipelineExecutor(pipeline=[FindDeals(places, "parts")], tasks=100, workers=8).run()

Each task takes its share of the archives and leaves the same parts that `raisewire backfill`
makes, in a folder that all machines see; `raisewire backfill ARCHIVES --parts FOLDER` then
finds everything read and tells it in order of date. What is found also flows on to the next
step, so that datatrove's own filters and writers can follow.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from datatrove.data import Document
from datatrove.pipeline.base import PipelineStep

from crawler.classify import Classifier
from crawler.history.archive import records
from crawler.history.finding import Part, find

if TYPE_CHECKING:
    from crawler.config import Watch


class FindDeals(PipelineStep):  # type: ignore[misc] # datatrove has no types
    """Reads archives; yields the articles that hold deals, their columns as metadata."""

    name = "deals in archives"
    type = "raisewire"

    def __init__(
        self,
        places: Sequence[str],
        folder: str,
        watchlist: Sequence[Watch] = (),
        allow: Sequence[str] = (),
    ) -> None:
        super().__init__()
        self.places, self.folder = tuple(places), folder
        self.watchlist, self.allow = tuple(watchlist), tuple(allow)

    def run(
        self, data: Iterator[Document] | None = None, rank: int = 0, world_size: int = 1
    ) -> Iterator[Document]:
        """
        Yield `data`, then what this task's archives hold; archives read before cost nothing.

        Raises:
            SourceError: an archive cannot be read; datatrove marks the task as failed.
        """
        yield from data or ()
        folder = Path(self.folder)
        folder.mkdir(parents=True, exist_ok=True)
        classifier = Classifier(self.watchlist)
        for place in self.places[rank::world_size]:
            part = Part.of(place, folder)
            if not part.done:
                with self.track_time("archive"):
                    find(records(place, self.allow), part, classifier)
            for fate, count in part.count().items():
                self.stat_update(fate, value=count)
            yield from _documents(part.found)


def _documents(found: Path) -> Iterator[Document]:
    with found.open(encoding="utf-8") as stream:
        for line in stream:
            article = json.loads(line)
            yield Document(text=article.pop("text"), id=article["url"], metadata=article)
