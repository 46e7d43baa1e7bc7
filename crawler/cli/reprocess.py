"""`reprocess`: kept pages, read again by today's rules."""

from __future__ import annotations

import asyncio
from collections import Counter
from contextlib import closing
from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, now, say, span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from crawler.app import House
    from crawler.reading import Reader
    from crawler.reprocess import Change
    from crawler.types import Page

AT_ONCE = 4  # pages being read


def reprocess(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help="Pages fetched since then: 7d, 12h.")] = "7d",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would change; change nothing.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    Read kept pages again with today's rules, after an upgrade or a new watchlist.

    Works from the archive (config key `archive`), never from the network, and alerts nobody.
    """
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    changes, tally = asyncio.run(_run(context, now() - span(since), dry_run))
    if as_json:
        show.json_lines(asdict(change) for change in changes)
    else:
        show.table("Changed", ("before", "after", "words", "title", "url"), map(_row, changes))
    verb = "would change" if dry_run else "changed"
    say(f"{tally['read']} pages read again, {len(changes)} {verb}, {tally['unread']} not readable")


def _row(change: Change) -> tuple[object, ...]:
    words = "other" if change.words else "same"
    return "; ".join(change.before), "; ".join(change.after), words, change.title, change.url


async def _run(
    context: Context, since: datetime, dry_run: bool
) -> tuple[list[Change], Counter[str]]:
    from crawler.app import open_house
    from crawler.reading import Reader

    config, tally = context.loaded.config, Counter[str]()
    changes: list[Change | None] = []
    with closing(Reader(config.extract, config.watchlist)) as reader, open_house(config, now) as h:
        waiting: set[asyncio.Task[Change | None]] = set()
        for page in _kept(h, since):
            waiting.add(asyncio.create_task(_one(h, reader, page, tally, dry_run)))
            if len(waiting) >= AT_ONCE:
                done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
                changes += [task.result() for task in done]
        changes += await asyncio.gather(*waiting)
    return [change for change in changes if change], tally


def _kept(house: House, since: datetime) -> Iterator[Page]:
    """Yield the archive's pages, behind a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from crawler.store import archive

    with house.store.read() as conn, Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("reading again", total=archive.count(conn, since))
        for page in archive.pages(conn, since):
            yield page
            bar.advance(task)


async def _one(
    house: House, reader: Reader, page: Page, tally: Counter[str], dry_run: bool
) -> Change | None:
    from crawler import reprocess
    from crawler.errors import ExtractError

    page = await house.writer.run(reprocess.with_the_feeds_words, page)
    try:
        reading = await reader.read(page)
    except ExtractError as error:
        tally["unread"] += 1
        say(f"{page.url}: {error}")
        return None
    tally["read"] += 1
    if dry_run:
        return await house.writer.run(reprocess.compared, reading)
    return await house.writer.run(reprocess.again, house.ingest, reading, house.clock())
