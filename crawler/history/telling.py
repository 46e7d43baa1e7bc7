"""
What all archives held, told once and in order of date.

Order matters to nobody but the reader of a deal's history: the deals are the same in any.
Copies that agencies and their customers print are one voice, so the first one is told.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

from crawler.extract import sketch

SAME = 0.9  # share of common shingles from which a text is a copy
_ROWS = 8  # sketch numbers in one band: copies at `SAME` share one of eight bands to 99.2 %


class Place(NamedTuple):
    """Where a found article lies, sorted by when it was published."""

    published: str
    url: str
    path: Path
    offset: int


@dataclass(slots=True)
class Copies:
    """Knows the texts told so far by their sketches (locality-sensitive hashing)."""

    _bands: defaultdict[tuple[int, ...], list[int]] = field(
        default_factory=lambda: defaultdict(list)
    )
    _told: list[tuple[int, ...]] = field(default_factory=list)

    def is_new(self, text: str) -> bool:
        """Tell whether `text` is no copy of an earlier one, and remember it if so."""
        marks = sketch(text)
        bands = [(i, *marks[i : i + _ROWS]) for i in range(0, len(marks), _ROWS)]
        near = {known for band in bands for known in self._bands.get(band, ())}
        if any(_share(marks, self._told[known]) >= SAME for known in near):
            return False
        for band in bands:
            self._bands[band].append(len(self._told))
        self._told.append(marks)
        return True


def _share(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    return sum(a == b for a, b in zip(one, other, strict=True)) / len(one)


def places(paths: Iterable[Path]) -> list[Place]:
    """Return where every article of these parts lies, oldest first, each address once."""
    first: dict[str, Place] = {}
    for path in paths:
        offset = 0
        with path.open("rb") as stream:
            for line in stream:
                told = json.loads(line)
                place = Place(told["published"], told["url"], path, offset)
                first[place.url] = min(place, first.get(place.url, place))
                offset += len(line)
    return sorted(first.values())


def articles(found: Iterable[Place], *, copies: bool = False) -> Iterator[dict[str, Any] | None]:
    """Yield each article, in the form `raisewire import` reads; None for one that is a copy."""
    told = Copies()
    for place in found:
        with place.path.open("rb") as stream:
            stream.seek(place.offset)
            article = json.loads(stream.readline())
        yield article if copies or told.is_new(article["text"]) else None
