"""`trace`: the way of one item through all stations."""

from __future__ import annotations

from typing import Annotated

import typer

from crawler.cli import show
from crawler.cli.context import current
from crawler.errors import UsageError


def trace(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="Of an article, as a feed or a reader has it.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    Show the way of one item: listed, queued, fetched, read, its deal, who was told and why not.

    With times and reasons, from the database; ids are those of the log.
    """
    from crawler.tracing import trace as traced
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        steps = traced(conn, url)
    if not steps:
        raise UsageError(f"nothing is known of {url}: no source has listed it (raisewire sources)")
    if as_json:
        show.json_lines(plain(step) for step in steps)
        return
    rows = (
        (s.station, f"{s.at:%Y-%m-%d %H:%M:%S}" if s.at else "", s.id[:24], s.what) for s in steps
    )
    show.table("Trace", ("station", "when (UTC)", "id", "what"), rows)
