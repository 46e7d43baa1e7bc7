"""
Answers kept on disk, and how many questions the day has left.

One file an answer, named by its question; one byte a question in the day's file: appending
is atomic, so several processes share one budget without a lock.
"""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from hashlib import sha256
from pathlib import Path


def key(*parts: str) -> str:
    """Return the name of a question."""
    return sha256("\0".join(parts).encode()).hexdigest()


class Shelf:
    """A folder of answers. What is older than `keep` is asked again, and cleared away daily."""

    def __init__(self, folder: Path, per_day: int, keep: timedelta) -> None:
        self._folder, self._per_day, self._keep = folder, per_day, keep

    def find(self, name: str, now: datetime) -> str | None:
        """Return an answer that is kept and not too old."""
        path = self._folder / f"{name}.json"
        try:
            old = now.timestamp() - path.stat().st_mtime > self._keep.total_seconds()
            return None if old else path.read_text("utf-8")
        except (OSError, UnicodeDecodeError):
            return None

    def put(self, name: str, answer: str, now: datetime) -> None:
        """Keep an answer; a reader sees all of it or nothing."""
        self._folder.mkdir(parents=True, exist_ok=True)
        part = self._folder / f".{name}.{os.getpid()}.{time.monotonic_ns()}"
        part.write_text(answer, "utf-8")
        os.utime(part, (now.timestamp(), now.timestamp()))
        part.replace(self._folder / f"{name}.json")

    def spend(self, now: datetime) -> bool:
        """Take one question from the day's budget (UTC); tell whether there was one left."""
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"asked-{now:%Y-%m-%d}"
        if not path.exists():
            self._clear(now)
        with path.open("ab", buffering=0) as file:
            file.write(b".")
            return os.fstat(file.fileno()).st_size <= self._per_day

    def _clear(self, now: datetime) -> None:
        least = now.timestamp() - self._keep.total_seconds()
        stale: Sequence[Path] = [
            path
            for pattern in ("*.json", "asked-*", ".*")
            for path in self._folder.glob(pattern)
            if path.stat().st_mtime < least
        ]
        for path in stale:
            path.unlink(missing_ok=True)
