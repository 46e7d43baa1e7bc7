"""`worker` does what the leading daemon queues; `workers` shows who does what."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import logs, show
from crawler.cli.context import current, now, say
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.store import Connection

_COLUMNS = ("who", "where", "last seen", "hosts", "polls", "pages", "CPU s", "at")


def worker(
    ctx: typer.Context,
    concurrency: Annotated[
        int, typer.Option(min=1, max=1024, help="Hosts that are visited at once.")
    ] = 64,
    once: Annotated[bool, typer.Option("--once", help="End when the queue is empty.")] = False,
) -> None:
    """
    Poll, fetch and read for a daemon on PostgreSQL; run as many as you like, on any machine.

    The daemon's config says `workers: procrastinate`. SIGTERM ends it within 30 s and loses
    nothing; what a killed worker had out is given to others within a minute.
    """
    from crawler.app import open_house
    from scheduler.worker import Worker

    context = current(ctx)
    if not context.loaded.config.database.startswith("postgresql"):
        raise UsageError(
            "workers share a PostgreSQL database (config key `database`); "
            "on SQLite `raisewire daemon` does all the work itself"
        )
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logs.set_up(verbose=context.verbose, log_format=context.log_format, level=logging.INFO)
    with open_house(context.loaded.config, now) as house:
        code = asyncio.run(Worker(house, concurrency, once=once).run())
    if code:
        raise typer.Exit(code)


def workers(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show who leads, who works, where, and how much waits."""
    from scheduler.queue import waiting

    with current(ctx).store() as store, store.read() as conn:
        rows, jobs = _rows(conn), waiting(conn)
    if as_json:
        show.json_lines([*rows, {"role": "queue", **jobs}])
        return
    show.table("Workers", _COLUMNS, (_cells(row) for row in rows))
    say(f"{jobs.get('todo', 0)} hosts wait, {jobs.get('doing', 0)} are visited")


def _rows(conn: Connection) -> list[dict[str, Any]]:
    from crawler.store import upkeep
    from crawler.store import workers as known

    rows = [
        {"role": name, "owner": owner, "until": until.isoformat()}
        for name, owner, until in upkeep.leaders(conn)
    ]
    return rows + [
        {"role": "worker", "owner": one.owner, "seen": one.at.isoformat(), **one.about}
        for one in known.seen(conn)
    ]


def _cells(row: dict[str, Any]) -> tuple[object, ...]:
    if row["role"] != "worker":
        machine, pid, *_ = row["owner"].split(":")
        nothing = ("",) * 4
        return (row["role"], f"{machine} {pid}", row["until"][:19], *nothing, "leads till then")
    _, machine, pid, *_ = row["owner"].split(" ")
    at = ", ".join(row["at"]) + (" …" if row["hosts"] > len(row["at"]) else "")
    numbers = (row["hosts"], row["polls"], row["pages"], row["cpu"])
    return ("worker", f"{machine} {pid}", row["seen"][:19], *numbers, at)
