"""The one thread that writes."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

from sqlalchemy import Connection

from crawler.errors import StoreBusyError, StoreError
from crawler.store.engine import Store

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _Job:
    act: Callable[[Connection], Any]
    future: Future[Any]


class Writer:
    """
    A thread through which every write goes, in order.

    Jobs that wait together share one commit (a commit is a disk flush), each behind its own
    savepoint, so one that fails takes nothing with it. While the database is locked, full
    or away the thread tries again for `patience` seconds and the callers wait.
    """

    def __init__(self, store: Store, *, batch: int = 64, patience: float = 120.0) -> None:
        self._store, self._batch, self._patience = store, batch, patience
        self._jobs: queue.SimpleQueue[_Job | None] = queue.SimpleQueue()
        self._closed = False
        self._hurried = threading.Event()
        self._thread = threading.Thread(target=self._work, name="writer", daemon=True)
        self._thread.start()

    async def run(
        self, act: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        """
        Return `act(conn, *args, **kwargs)` once its transaction is committed.

        Raises:
            StoreBusyError: the database could not be used for `patience` seconds.
            StoreError: the writer is closed.
        """
        return await asyncio.wrap_future(self.submit(act, *args, **kwargs))

    def submit(
        self, act: Callable[Concatenate[Connection, P], T], *args: P.args, **kwargs: P.kwargs
    ) -> Future[T]:
        """Do as `run`, for callers without an event loop."""
        if self._closed:
            raise StoreError("the writer is closed")
        future: Future[T] = Future()
        self._jobs.put(_Job(lambda conn: act(conn, *args, **kwargs), future))
        return future

    def hurry(self) -> None:
        """Wait for a busy database no longer: the process is to end."""
        self._hurried.set()

    def close(self) -> None:
        """Finish what was asked for, then end the thread."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
        self._thread.join()

    def _work(self) -> None:
        while (first := self._jobs.get()) is not None:
            jobs, last = self._gather(first)
            self._persist(jobs)
            if last:
                return

    def _gather(self, first: _Job) -> tuple[list[_Job], bool]:
        """Return `first` and what waits behind it, and whether the end was among that."""
        jobs = [first]
        while len(jobs) < self._batch:
            try:
                job = self._jobs.get_nowait()
            except queue.Empty:
                break
            if job is None:
                return jobs, True
            jobs.append(job)
        return jobs, False

    def _persist(self, jobs: list[_Job]) -> None:
        """Do `jobs` in one transaction; while the database is busy, try again."""
        jobs = [job for job in jobs if job.future.set_running_or_notify_cancel()]
        give_up = time.monotonic() + self._patience
        while True:
            try:
                endings = self._attempt(jobs)
            except StoreBusyError as e:
                if time.monotonic() < give_up and not self._hurried.wait(0.25):
                    continue
                endings = [e] * len(jobs)
            except Exception as e:  # noqa: BLE001 - it goes to whoever asked
                endings = [e] * len(jobs)
            break
        for job, ending in zip(jobs, endings, strict=True):
            _end(job, ending)

    def _attempt(self, jobs: list[_Job]) -> list[Any]:
        if not jobs:
            return []
        with self._store.write() as conn:
            if len(jobs) == 1:
                return [_Done(jobs[0].act(conn))]
            return [_behind_savepoint(conn, job) for job in jobs]


@dataclass(frozen=True, slots=True)
class _Done:
    value: Any


def _behind_savepoint(conn: Connection, job: _Job) -> _Done | Exception:
    try:
        with conn.begin_nested():
            return _Done(job.act(conn))
    except Exception as e:
        if conn.invalidated or _passing(e):
            raise
        return e


def _passing(error: Exception) -> bool:
    """Tell whether the whole transaction is lost rather than this one job."""
    words = str(getattr(error, "orig", "")).lower()
    return any(word in words for word in ("full", "locked", "deadlock", "closed"))


def _end(job: _Job, ending: object) -> None:
    if isinstance(ending, _Done):
        job.future.set_result(ending.value)
    else:
        job.future.set_exception(cast("Exception", ending))
