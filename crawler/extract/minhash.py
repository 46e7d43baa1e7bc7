"""
Near-duplicate sketches: MinHash over character shingles.

Characters rather than words, so that Chinese and Japanese need no segmentation; syndicated
copies that differ in a byline or a tail keep most of their shingles.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence

import numpy as np

SIZE = 64
_WORDS = 3  # a shingle in spaced scripts
_LETTERS = 4  # a shingle where nothing is spaced
_MOST = 6_000  # shingles of one text; more would only sharpen what is sharp enough
_CHARS = 60_000
_UNSPACED = re.compile(r"[\u0e01-\u0e5b\u3041-\u30fa\u3400-\u9fff]")
_WORD = re.compile(r"\w+")
# Multiply-shift hashing (Dietzfelbinger 1997): a random odd factor, the upper half kept.
_RANDOM = np.random.default_rng(20190131)
_FACTORS = _RANDOM.integers(1, 1 << 63, (SIZE, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 1 << 63, (SIZE, 1), dtype=np.uint64)


def sketch(text: str) -> tuple[int, ...]:
    """Return the MinHash of `text`: 64 numbers below 2**32, () for a text without words."""
    shingles = _shingles(text)
    if not shingles:
        return ()
    hashes = np.fromiter((zlib.crc32(s.encode()) for s in shingles), np.uint64, len(shingles))
    mixed = (hashes * _FACTORS + _OFFSETS) >> np.uint64(32)
    return tuple(mixed.min(axis=1).tolist())


def similarity(a: Sequence[int], b: Sequence[int]) -> float:
    """Return the estimated Jaccard similarity of two sketched texts, 0 to 1."""
    if len(a) != SIZE or len(b) != SIZE:
        return 0.0
    return sum(x == y for x, y in zip(a, b, strict=True)) / SIZE


def _shingles(text: str) -> list[str]:
    text = text.casefold()[:_CHARS]
    words = _WORD.findall(text)
    if len(_UNSPACED.findall(text)) * 3 < sum(map(len, words)):
        grams = zip(*(words[i:] for i in range(_WORDS)), strict=False)
        found = {" ".join(gram) for gram in grams} or set(words)
    else:
        run = "".join(words)
        found = {run[i : i + _LETTERS] for i in range(max(1, len(run) - _LETTERS + 1))} - {""}
    return sorted(found)[:_MOST] if len(found) > _MOST else list(found)
