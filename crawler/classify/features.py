"""
Text as hashed features: the same function for the trainer and for the running reader.

Two blocks share one table of `SIZE` cells:

- characters: every n-gram of 2, 3 and 4 characters of the masked, padded text. For code
  points c1..cn the hash is h = n, then h = (h * 16777619 + ci) mod 2**32 for each, then
  murmur3's 32-bit finaliser; the cell is the low `BITS` bits.
- words, for scripts that put spaces between them: every word and pair of neighbours;
  the hash is the CRC-32 of the UTF-8 of "w:" + the words joined by one space.

A cell counts once. Each block is scaled to length 1, so long sentences weigh no more.
These lines are a contract with the weights that ship: a golden vector in the tests holds
them, and changing one means training again.
"""

from __future__ import annotations

import re
import unicodedata
import zlib
from collections.abc import Iterable
from itertools import pairwise

import numpy as np
import numpy.typing as npt

BITS = 17
SIZE = 1 << BITS
LIMIT = 600  # characters read of one candidate: bounds the time

Cells = npt.NDArray[np.int64]
Weights = npt.NDArray[np.float32]

_WORD = re.compile(r"[^\W\d_]{2,}|[%€$£¥]|\b[CM]\b")
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff]")
_DIGITS = re.compile(r"\d+")
_BASE = np.uint32(16777619)
_STARTS = tuple((n, np.uint32(n * 16777619**n % 2**32)) for n in (2, 3, 4))  # what h = n comes to


def masked(title: str, sentence: str, names: Iterable[str] = (), money: Iterable[str] = ()) -> str:
    """Return what the model reads of a candidate: no company and no figure can be learnt."""
    text = f"{title[:LIMIT]} | {sentence[:LIMIT]}"
    for found, mark in ((money, "M"), (names, "C")):
        for part in sorted({p for p in found if len(p) > 1}, key=len, reverse=True):
            text = text.replace(part, f" {mark} ")
    return text


def plain(text: str) -> str:
    """Return the text as it is hashed: NFKC, lower case but for the masks, digits as 0."""
    flat = unicodedata.normalize("NFKC", text)
    flat = re.sub(r"(?<![A-Za-z])[CM](?![A-Za-z])", lambda m: chr(0xE000 + ord(m[0])), flat)
    flat = flat.lower().replace("\ue043", "C").replace("\ue04d", "M")
    return " ".join(_DIGITS.sub("0", flat).split())[:LIMIT]


def _mixed(h: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    h ^= h >> np.uint32(16)
    h *= np.uint32(0x85EBCA6B)
    h ^= h >> np.uint32(13)
    h *= np.uint32(0xC2B2AE35)
    h ^= h >> np.uint32(16)
    return h


def _characters(flat: str) -> Cells:
    points = np.frombuffer(f" {flat} ".encode("utf-32-le", "replace"), dtype=np.uint32)
    rolling, found = points, []
    for n, start in _STARTS:
        rolling = rolling[:-1] * _BASE + points[n - 1 :]  # that of n-1, one character longer
        found.append(rolling + start)
    cells = _mixed(np.concatenate(found)) & np.uint32(SIZE - 1)
    cells.sort()
    first = np.append([True], cells[1:] != cells[:-1])
    once: Cells = cells[first].astype(np.int64)
    return once


def _words(flat: str) -> Cells:
    words = _WORD.findall(flat)
    pairs = [f"{a} {b}" for a, b in pairwise(words)]
    cells = {zlib.crc32(f"w:{part}".encode()) & (SIZE - 1) for part in (*words, *pairs)}
    return np.array(sorted(cells), dtype=np.int64)


def hashed(text: str) -> tuple[Cells, Weights]:
    """Return the cells of the table that `text` touches, and how strongly."""
    flat = plain(text)
    blocks = [_characters(flat)]
    if not _UNSPACED.search(flat):
        blocks.append(_words(flat))
    strength = [np.full(len(b), 1 / max(len(b), 1) ** 0.5, dtype=np.float32) for b in blocks]
    return np.concatenate(blocks), np.concatenate(strength)
