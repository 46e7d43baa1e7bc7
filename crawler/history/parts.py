"""
Archives side by side, each once: over crashes of a reader, over kill -9, over restarts.

A worker reads one archive at a time. What it has done is a file that is there whole or not at
all, so a run that died goes on where the last finished archive ended. A page that kills its
worker is known by its number, which lies in memory shared with this process: the archive is
read again without it.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pebble import ProcessExpired, ProcessPool

from crawler.errors import RaisewireError, UsageError
from crawler.history.archive import records
from crawler.history.finding import Part, find

if TYPE_CHECKING:
    from crawler.classify import Classifier
    from crawler.config import Watch

PER_PAGE = 20  # seconds; a page that takes longer counts as one that killed its reader
DEATHS = 25  # pages of one archive that may do that before it is given up
_NOBODY = -1


@dataclass(slots=True)
class Progress:
    """What is done so far; a screen may watch it grow."""

    archives: int
    done: int = 0
    before: int = 0  # of these, finished by an earlier run
    records: Callable[[], int] = lambda: 0
    counts: Counter[str] = field(default_factory=Counter)
    failed: dict[str, str] = field(default_factory=dict)  # archive -> reason


_classifier: Classifier | None = None
_at: Any = None  # the record each archive is at, shared with the parent
_total: Any = None  # records read by all workers
_allow: Sequence[str] = ()


def _start(watchlist: Sequence[Watch], allow: Sequence[str], at: Any, total: Any) -> None:  # noqa: ANN401 - shared arrays
    global _classifier, _allow, _at, _total
    from crawler.classify import Classifier
    from crawler.reading import bind

    bind()
    _classifier, _allow, _at, _total = Classifier(watchlist), allow, at, total


def _find(place: str, part: Part, slot: int, skip: frozenset[int]) -> Counter[str]:
    @contextmanager
    def watched(number: int) -> Iterator[None]:
        _at[slot] = number
        signal.alarm(PER_PAGE)  # by default its signal ends the process, even within C code
        yield
        signal.alarm(0)
        with _total.get_lock():
            _total.value += 1

    assert _classifier is not None
    return find(records(place, _allow), part, _classifier, skip=skip, watched=watched)


def search(  # noqa: PLR0913 - what is read, by whom, and where it may be
    places: Sequence[str],
    folder: Path,
    watchlist: Sequence[Watch],
    *,
    workers: int,
    allow: Sequence[str] = (),
    started: Callable[[Progress], None] = lambda _: None,
) -> Progress:
    """
    Make a part of every archive that has none yet; return what came of it.

    An archive that cannot be read is told in `failed`, and the rest go on; a second run tries
    it again. Private networks that archives may be on are in `allow`.

    Raises:
        UsageError: there can be no such folder.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UsageError(f"{folder}: {error.strerror}") from error
    parts = {place: Part.of(place, folder) for place in places}
    left = [place for place in places if not parts[place].done]
    context = multiprocessing.get_context("forkserver")
    at, total = context.Array("q", [_NOBODY] * max(len(left), 1)), context.Value("q", 0)
    progress = Progress(len(places), len(places) - len(left), len(places) - len(left))
    progress.records = lambda: int(total.value)
    started(progress)
    pool = ProcessPool(
        max_workers=min(workers, len(left)) or 1,
        initializer=_start,
        initargs=(tuple(watchlist), tuple(allow), at, total),
        context=context,
    )
    try:
        _work(pool, left, parts, at, progress)
    finally:  # interrupted, the archives under way are left to the next run
        pool.stop()  # type: ignore[no-untyped-call] # pebble has no types here
        pool.join()
    for part in parts.values():
        progress.counts += part.count() if part.done else Counter()
    return progress


def _work(
    pool: ProcessPool,
    left: Sequence[str],
    parts: dict[str, Part],
    at: Any,  # noqa: ANN401 - a shared array
    progress: Progress,
) -> None:
    skip: defaultdict[int, frozenset[int]] = defaultdict(frozenset)

    def ask(slot: int) -> Future[Any]:
        place = left[slot]
        return pool.schedule(_find, args=(place, parts[place], slot, skip[slot]))

    asked = {ask(slot): slot for slot in range(len(left))}
    while asked:
        for future in wait(asked, return_when=FIRST_COMPLETED).done:
            slot = asked.pop(future)
            reason = _outcome(future)
            if reason == _DIED and at[slot] != _NOBODY and len(skip[slot]) < DEATHS:
                skip[slot] |= {at[slot]}
                asked[ask(slot)] = slot
                continue
            progress.done += 1
            if reason:
                progress.failed[left[slot]] = reason


_DIED = "its reader died"


def _outcome(future: Future[Any]) -> str:
    """Return why an archive was not read; "" if it was."""
    try:
        future.result()
    except ProcessExpired:
        return _DIED
    except (RaisewireError, OSError) as error:
        return str(error)
    except Exception as error:  # noqa: BLE001 - a bug of ours costs this archive, and is told
        return f"the reader broke: {error!r}"[:300]
    return ""


def cores() -> int:
    """Return how many processes can work at once here."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
