"""
Near-duplicate sketches: MinHash over shingles.

Three words, or four characters where nothing is spaced (Chinese, Japanese, Thai), make a
shingle; syndicated copies that differ in a byline or a tail keep most of them.
"""

from __future__ import annotations

import re
import zlib

import numpy as np
import numpy.typing as npt

Hashes = npt.NDArray[np.uint64]

SIZE = 64
_WORDS = 3  # a shingle in spaced scripts
_LETTERS = 4  # a shingle where nothing is spaced
_FEW = 8  # shingles; fewer say nothing about who copied whom
_CHARS = 60_000  # more would only sharpen what is sharp enough
_STEP = np.uint64(0x9E3779B97F4A7C15)
_FINISH = np.uint64(0xFF51AFD7ED558CCD)
_UNSPACED = re.compile(r"[\u0e01-\u0e5b\u3041-\u30fa\u3400-\u9fff]")
_WORD = re.compile(r"\w+")
# Multiply-shift hashing (Dietzfelbinger 1997): a random odd factor, the upper half kept.
_RANDOM = np.random.default_rng(20190131)
_FACTORS = _RANDOM.integers(1, 1 << 63, (SIZE, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 1 << 63, (SIZE, 1), dtype=np.uint64)


def sketch(text: str) -> tuple[int, ...]:
    """Return the MinHash of `text`: 64 numbers below 2**32, () if it is too short to tell."""
    hashes = _shingles(text.casefold()[:_CHARS])
    if hashes.size < _FEW:
        return ()
    mixed = hashes * _FACTORS
    mixed += _OFFSETS
    return tuple((mixed.min(axis=1) >> np.uint64(32)).tolist())


def _shingles(text: str) -> Hashes:
    """Return a hash of every run of words, or of characters where nothing is spaced."""
    words = _WORD.findall(text)
    if text.isascii() or len(_UNSPACED.findall(text)) * 3 < sum(map(len, words)):
        raw = "\n".join(words).encode().split(b"\n") if words else []
        return _runs(np.array(list(map(zlib.crc32, raw)), np.uint64), _WORDS)
    letters = np.frombuffer("".join(words).encode("utf-32-le"), np.uint32)
    return _runs(letters.astype(np.uint64), _LETTERS)


def _runs(units: Hashes, width: int) -> Hashes:
    """Hash every `width` neighbours into one number (a polynomial, then murmur's finish)."""
    width = min(width, max(len(units), 1))
    runs = np.zeros(len(units) - width + 1 if len(units) else 0, np.uint64)
    for start in range(width if len(units) else 0):
        runs = runs * _STEP + units[start : start + len(runs)]
    runs ^= runs >> np.uint64(33)
    runs *= _FINISH
    return runs ^ (runs >> np.uint64(29))
