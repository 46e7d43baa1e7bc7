"""
Hosts with work due, as jobs of Procrastinate: a task queue that lives in PostgreSQL.

A job is one host. Its lock lets one worker have the host at a time, its queueing lock keeps
a second job from waiting behind the first. The queue only says who looks at which host next:
that one process asks a host at a time is promised by the leases of the frontier, and work
that a lost job has left behind is due again, and found by the leader's next look.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Collection
from contextlib import suppress
from datetime import datetime
from typing import Any

from procrastinate import App, PsycopgConnector, SyncPsycopgConnector, exceptions
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.schema import SchemaManager, migrations_path

from crawler.errors import StoreError
from crawler.store import Connection, Store, hostwork, upkeep
from crawler.store.clock import server_time
from crawler.store.sql import alone

QUEUE = "raisewire"
TASK = "raisewire.host"
FIRST = 10  # the priority of hosts whose sources are watched; others have 0
MOST = 5000  # jobs that wait or run at once
BEAT, STALLED = 5.0, 25.0  # seconds: a worker says that it lives; one not heard of is given up
VERSION = "procrastinate"  # the fact that says which version's tables there are

Visit = Callable[[str], Awaitable[None]]


def queue(store: Store, visit: Visit | None = None, *, connections: int = 4) -> App:
    """
    Return the queue of a database; open it before use. `visit` is what a worker does.

    Raises:
        StoreError: the database is not PostgreSQL's.
    """
    if store.sqlite:
        raise StoreError("workers need PostgreSQL: `database: postgresql+psycopg://…`")
    logging.getLogger("procrastinate").setLevel(logging.WARNING)
    address = store.url.set(drivername="postgresql").render_as_string(hide_password=False)
    app = App(
        connector=PsycopgConnector(
            conninfo=address,
            min_size=1,
            max_size=connections,
            kwargs={"prepare_threshold": None},  # a pooler may give every statement another session
        )
    )
    if visit is not None:
        app.task(name=TASK, queue=QUEUE)(_task(visit))
    return app


def _task(visit: Visit) -> Callable[[str], Awaitable[None]]:
    async def host(host: str) -> None:
        await visit(host)

    return host


# --- its tables ---------------------------------------------------------------------


def make(store: Store) -> bool:
    """Make the queue's tables, or bring them to the installed version; True if that was needed."""
    from procrastinate import __version__

    with store.write() as conn:
        alone(conn, "schema")
        there = upkeep.fact(conn, VERSION)
        if there == __version__:
            return False
        driver = _driver(conn)
        if not _is_made(conn):
            driver.execute(SchemaManager.get_schema())
        else:
            for script in migrations(str(there or __version__)):
                driver.execute(script)
        upkeep.keep_fact(conn, VERSION, __version__, server_time(conn))
    return True


def migrations(since: str) -> list[str]:
    """Return Procrastinate's own migrations that came after its version `since`, in order."""
    from pathlib import Path

    last = _number(since)
    scripts = sorted(Path(migrations_path).glob("*.sql"))
    later = [script for script in scripts if _number(script.name.split("_")[0]) > last]
    return [script.read_text(encoding="utf-8") for script in later]


def _number(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".")[:3])


def _driver(conn: Connection) -> Any:  # noqa: ANN401 - psycopg's connection, under SQLAlchemy's
    return conn.connection.driver_connection


# --- the leader's side --------------------------------------------------------------


def enqueue(
    conn: Connection, lead: tuple[str, int], now: datetime, first: Collection[str] = ()
) -> int | None:
    """
    Queue the hosts that have work due and no job yet; return how many.

    `lead` is the name and number of our leadership: None when another leads by now. Hosts
    with something due of the sources in `first` are visited first.
    """
    if not upkeep.leads(conn, *lead):
        return None
    query = "SELECT lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
    there = {lock for (lock,) in conn.exec_driver_sql(query)}
    due = hostwork.due(conn, now, MOST, first=first)
    jobs = [_job(name, urgent=urgent) for name, urgent in due if _lock(name) not in there]
    jobs = jobs[: max(MOST - len(there), 0)]
    if jobs:
        JobManager(SyncPsycopgConnector()).batch_defer_jobs(jobs, connection=_driver(conn))
    return len(jobs)


def _lock(host: str) -> str:
    return f"host:{host}"


def _job(host: str, *, urgent: bool) -> Job:
    return Job(
        queue=QUEUE,
        task_name=TASK,
        lock=_lock(host),
        queueing_lock=_lock(host),
        priority=FIRST if urgent else 0,
        task_kwargs={"host": host},
    )


async def rescue(app: App) -> int:
    """Queue again what workers had that have not been heard of; return how much that was."""
    jobs = app.job_manager
    stalled = list(await jobs.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=STALLED))
    for job in stalled:
        try:
            await jobs.retry_job(job)
        except exceptions.ConnectorException:  # it has ended, or its host waits in a job already
            with suppress(exceptions.ConnectorException):
                await jobs.finish_job(job, Status.FAILED, delete_job=True)
    await jobs.prune_stalled_workers(STALLED)
    return len(stalled)


def waiting(conn: Connection) -> dict[str, int]:
    """Return how many jobs wait (`todo`) and run (`doing`); nothing if there is no queue."""
    if conn.dialect.name == "sqlite" or not _is_made(conn):
        return {}
    query = "SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1"
    return {row[0]: row[1] for row in conn.exec_driver_sql(query)}


def _is_made(conn: Connection) -> bool:
    found = conn.exec_driver_sql("SELECT to_regclass('procrastinate_jobs')")
    return found.scalar() is not None
