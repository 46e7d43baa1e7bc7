"""
Reading: bytes in, article and analysis out, in a process of its own.

A page from hell costs one worker at most: wall time, memory and crashes are bounded here,
so the daemon's loop, the store and every other page never notice. Bytes go in and small
values come back; the classifier is loaded once per worker.
"""

from __future__ import annotations

import asyncio
import ctypes
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from dataclasses import dataclass, field, replace
from multiprocessing.connection import wait
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from pebble import ProcessExpired, ProcessPool
from structlog.contextvars import bound_contextvars, get_contextvars

from crawler import logs, metrics
from crawler.errors import ExtractError
from crawler.types import Analysis, Article, Document, Page

if TYPE_CHECKING:
    from crawler.classify import Classifier
    from crawler.config import Watch
    from crawler.config.models import Extract

log = structlog.get_logger()

MEMORY = 2 * 1024**3  # bytes of address space per worker
TASKS = 2_000  # pages until a worker is replaced: what leaks, leaks little
_PDEATHSIG = 1  # prctl(2): the signal to get when the parent dies


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one page says."""

    article: Article
    analysis: Analysis
    sketch: tuple[int, ...]
    seconds: Mapping[str, float] = field(default_factory=dict)  # by stage: extract, classify


_classifier: Classifier | None = None


def _start(
    watchlist: Sequence[Watch], memory: int | None, told: Callable[[], None] | None = None
) -> None:
    """Set a worker up; `told` makes its log lines look like its parent's."""
    global _classifier  # noqa: PLW0603 - one classifier per process is the point
    from crawler.classify import Classifier  # late: with workers, only they need it

    if memory is not None:
        bind(memory)
    if told is not None:
        told()
    _classifier = Classifier(watchlist)


def bind(memory: int = MEMORY) -> None:
    """Bound this worker: Ctrl-C is the parent's to handle, memory and life are limited."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    _die_with_the_parent()


def _die_with_the_parent() -> None:
    """
    End this worker when the daemon dies, even by kill -9, even in an endless loop.

    The daemon's death ends the fork server, whose death sends us the signal; where there is
    no such signal a thread waits for the daemon's end of a pipe to close.
    """
    parent = multiprocessing.parent_process()
    if parent is not None:
        Thread(target=_outlive, args=(parent.sentinel,), daemon=True).start()
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PDEATHSIG, signal.SIGKILL)


def _outlive(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _ready() -> None:
    """Do nothing: asked of a new pool, so that its workers are there before the first page."""


def _read(page: Page, names: Mapping[str, object]) -> Reading:
    """Read a page; `names` is what its parent's log lines are told by."""
    from crawler.extract import read

    assert _classifier is not None
    begun = time.perf_counter()
    article = read(page)
    between = time.perf_counter()
    reading = read_article(article, _classifier)
    spent = {"extract": between - begun, "classify": time.perf_counter() - between}
    if structlog.is_configured():  # else it would print among the data
        with bound_contextvars(**names):
            log.debug("page read", url=page.url, lang=article.lang, **spent)
    return replace(reading, seconds=spent)


def read_article(article: Article, classifier: Classifier) -> Reading:
    """Classify an article whose words are known already (import, reprocess)."""
    from crawler.extract import sketch

    analysis = classifier.analyze(document(article))
    return Reading(article, analysis, sketch(article.text))


def document(article: Article) -> Document:
    """Return what the classifier is given of an article."""
    return Document(
        title=article.title,
        text=article.text,
        lang=article.lang if article.lang != "und" else None,
        published=article.published or article.seen_at,
        url=article.url,
        country=article.country,
    )


class Reader:
    """A pool of reading processes; with `workers: 0` it reads in this one."""

    def __init__(self, extract: Extract, watchlist: Sequence[Watch]) -> None:
        self._timeout = extract.timeout.total_seconds()
        self._pool = _pool(extract.workers, watchlist)

    def renew(self, extract: Extract, watchlist: Sequence[Watch]) -> None:
        """Read by another config from the next page on; pages being read are finished."""
        old = self._pool
        self._timeout = extract.timeout.total_seconds()
        self._pool = _pool(extract.workers, watchlist)
        if old is not None:
            Thread(target=_retire, args=(old,), daemon=True, name="old pool").start()

    async def read(self, page: Page) -> Reading:
        """
        Read one page.

        Raises:
            ExtractError: it took too long, killed its worker, broke the reader, or holds no
                words at all.
        """
        try:
            return _counted(await self._ask(page))
        except ExtractError:
            raise
        except TimeoutError as error:
            raise ExtractError(f"reading took longer than {self._timeout:g} s") from error
        except ProcessExpired as error:
            raise ExtractError(f"reading killed its worker ({error.exitcode})") from error
        except MemoryError as error:
            raise ExtractError("reading ran out of memory") from error
        except CancelledError as error:
            raise ExtractError("reading was cancelled") from error
        except Exception as error:
            # A bug of ours on this page is told and kept with it; every other page goes on.
            raise ExtractError(f"the reader broke: {error!r}"[:300]) from error

    async def _ask(self, page: Page) -> Reading:
        if self._pool is None:
            return await asyncio.to_thread(_read, page, {})
        names = get_contextvars()
        future = self._pool.schedule(_read, args=(page, names), timeout=self._timeout)
        return await asyncio.wrap_future(future)

    def close(self) -> None:
        """Let running pages go and end the workers."""
        if self._pool is not None:
            self._pool.stop()  # type: ignore[no-untyped-call] # pebble has no types here
            with suppress(TimeoutError):
                self._pool.join(timeout=2)


def _counted(reading: Reading) -> Reading:
    for stage, spent in reading.seconds.items():
        metrics.READ_SECONDS.labels(stage).observe(spent)
    return reading


def _pool(workers: int, watchlist: Sequence[Watch]) -> ProcessPool | None:
    """Return a pool whose workers are on their way; None for reading in this process."""
    if workers == 0:
        _start(watchlist, None)
        return None
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["crawler.warm"])
    pool = ProcessPool(
        max_workers=workers,
        max_tasks=TASKS,
        initializer=_start,
        initargs=(tuple(watchlist), MEMORY, logs.as_here()),
        context=context,
    )
    pool.schedule(_ready)
    return pool


def _retire(pool: ProcessPool) -> None:
    pool.close()  # type: ignore[no-untyped-call] # pebble has no types here
    pool.join()
