"""Syndicated copies are one voice: two sketches (MinHash) of texts, compared."""

from __future__ import annotations

from math import ceil
from operator import eq

COPY = 0.7  # similarity from which two texts count as one voice


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return the estimated share of common shingles; 0 if either text was too short."""
    if not one or len(one) != len(other):
        return 0.0
    equal: int = sum(map(eq, one, other))
    return equal / len(one)


class Sketches:
    """
    Many texts, asked at once whether one is a copy of another text.

    Of 64 slots a copy's differ in 19 at most, so two copies agree in one of the first 20: only
    those that do are compared in full.
    """

    def __init__(self) -> None:
        self._by_slot: dict[tuple[int, int], list[tuple[int, ...]]] = {}
        self._fresh: dict[tuple[int, ...], None] = {}  # not to be found yet

    def add(self, sketch: tuple[int, ...]) -> None:
        """Take in one text."""
        self._fresh[sketch] = None

    def _settle(self) -> None:
        for sketch in self._fresh:
            for place in enumerate(sketch[: _few(sketch)]):
                self._by_slot.setdefault(place, []).append(sketch)
        self._fresh.clear()

    def copied(self, sketch: tuple[int, ...]) -> bool:
        """Tell whether one of the texts is as good as `sketch`."""
        self._settle()
        near = (self._by_slot.get(place, ()) for place in enumerate(sketch[: _few(sketch)]))
        return any(similarity(sketch, other) >= COPY for some in near for other in some)


def _few(sketch: tuple[int, ...]) -> int:
    """Return of how many slots one must be equal in a copy."""
    return len(sketch) - ceil(COPY * len(sketch)) + 1
