"""Syndicated copies are one voice: two sketches (MinHash) of texts, compared."""

from __future__ import annotations

from operator import eq

COPY = 0.7  # similarity from which two texts count as one voice


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return the estimated share of common shingles; 0 if either text was too short."""
    if not one or len(one) != len(other):
        return 0.0
    equal: int = sum(map(eq, one, other))
    return equal / len(one)
