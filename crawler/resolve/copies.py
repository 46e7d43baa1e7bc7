"""Syndicated copies are one voice: a sketch of a text that survives a new headline and a cut."""

from __future__ import annotations

import re
import zlib
from functools import lru_cache
from operator import eq

import numpy as np
from numpy.typing import NDArray

SLOTS = 64
COPY = 0.7  # similarity from which two texts count as one voice
_SHINGLE, _ASIAN_SHINGLE = 3, 6
_WORD = re.compile(r"\w+")
_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")


@lru_cache(maxsize=1)
def _permutations() -> NDArray[np.uint64]:
    """Two odd numbers a slot; drawn once, and the same for ever."""
    drawn = np.random.default_rng(20250303).integers(0, 1 << 63, size=(2, SLOTS), dtype=np.uint64)
    return (drawn << np.uint64(1)) | np.uint64(1)


def sketch(text: str) -> tuple[int, ...]:
    """Return the MinHash of `text` (64 numbers), or nothing for a text too short to tell."""
    parts = _shingles(text.lower()[:20_000])
    if len(parts) < 8:
        return ()
    hashes = np.array([zlib.crc32(part.encode()) for part in parts], dtype=np.uint64)
    a, b = _permutations()
    mixed = (hashes[:, None] ^ (hashes[:, None] << np.uint64(31))) * a + b  # wraps at 64 bits
    return tuple(int(value) for value in (mixed >> np.uint64(32)).min(axis=0))


def _shingles(text: str) -> set[str]:
    if len(_ASIAN.findall(text)) * 3 > len(text):
        flat = "".join(_WORD.findall(text))
        return {flat[i : i + _ASIAN_SHINGLE] for i in range(len(flat) - _ASIAN_SHINGLE + 1)}
    words = _WORD.findall(text)
    return {" ".join(words[i : i + _SHINGLE]) for i in range(len(words) - _SHINGLE + 1)}


def similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return the estimated share of common shingles; 0 if either text was too short."""
    if not one or len(one) != len(other):
        return 0.0
    equal: int = sum(map(eq, one, other))
    return equal / len(one)
