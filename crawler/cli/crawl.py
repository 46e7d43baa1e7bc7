"""`crawl` once, or `daemon` for good: the same run."""

from __future__ import annotations

import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from contextlib import closing, nullcontext
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, now, say
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.app import House
    from crawler.desk import NewsDesk, Tally

FINE = frozenset({"ok", "unchanged", "empty"})


def crawl(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[SOURCE…]", help="Default: every enabled one.")
    ] = None,
    due: Annotated[bool, typer.Option("--due", help="Only sources whose time has come.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be polled; ask nobody.")
    ] = False,
    alert_first: Annotated[
        bool,
        typer.Option("--alert-first", help="Let a source's first poll alert too (it is old news)."),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Poll sources once, store what is new, send alerts, and print what happened."""
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    if dry_run:
        _plan(context, names, as_json)
        return
    try:
        code = asyncio.run(_crawl(context, names, due, alert_first, as_json))
    except asyncio.CancelledError:
        say("interrupted at once: what was under way is fetched again")
        code = 130
    if code:
        raise typer.Exit(code)


def _chosen(house: House, names: Sequence[str] | None) -> set[str] | None:
    watched = {source.id for source in house.watched() if source.enabled}
    unknown = sorted(set(names or ()) - watched)
    if unknown:
        have = ", ".join(sorted(watched)[:8]) or "none"
        raise UsageError(f"no enabled source is called {unknown[0]!r}; there are: {have} …")
    if not watched:
        raise UsageError("the config watches no source: add `catalogue:` or `sources:` to it")
    return set(names) if names else watched


async def _crawl(
    context: Context, names: Sequence[str] | None, due: bool, alert_first: bool, as_json: bool
) -> int:
    from crawler.reading import Reader

    config = context.loaded.config
    # The reading processes start while this one is still importing the rest.
    with closing(Reader(config.extract, config.watchlist)) as reader:
        from crawler.app import open_house
        from crawler.desk import Errand

        with open_house(config, now) as house:
            stop = _stoppable(house)
            only = await asyncio.to_thread(_chosen, house, names)
            await house.recover()
            errand = Errand(only=only, force=not due, once=True, alert_first=alert_first)
            desk = house.desk(reader, errand)
            with _progress(desk, len(only or ())):
                tally = await house.crawl(desk, stop)
            courier = house.courier()
            await courier.flush(stop)
            if not stop.is_set():
                await house.caretaker().look()
            _report(tally, as_json, courier.delivered, courier.failed)
    if stop.is_set():
        say("interrupted: what was not fetched stays queued")
        return 130
    return 1 if _all_failed(tally) else 0


def _stoppable(house: House) -> asyncio.Event:
    """Return an event that Ctrl-C or SIGTERM sets; the second one ends the run at once."""
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    run = asyncio.current_task()

    def told() -> None:
        if stop.is_set() and run is not None:
            logging.disable()  # what is broken off now has nothing to say
            house.writer.hurry()
            run.cancel()
        stop.set()

    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, told)
    return stop


def _progress(desk: NewsDesk, total: int) -> Any:  # noqa: ANN401 - rich's Live, or nothing
    """Return a progress bar over polls and pages, on a terminal."""
    from rich.console import Console

    screen = Console(stderr=True)
    if not screen.is_terminal:
        return nullcontext()
    from crawler.cli.progress import CrawlProgress

    return CrawlProgress(screen, desk, total)


def _all_failed(tally: Tally) -> bool:
    polls = tally.polls.values()
    return bool(polls) and all(poll.outcome.value not in FINE for poll in polls)


def _report(tally: Tally, as_json: bool, delivered: int, failed: int) -> None:
    if as_json:
        from crawler.wire import dump_deal

        show.json_lines(_source_json(tally))
        show.json_lines({"deal": dump_deal(deal)} for deal in tally.deals.values())
        return
    show.table(
        "Sources", ("source", "outcome", "entries", "new", "note"), list(_source_rows(tally))
    )
    if tally.deals:
        show.table("Deals", show.DEAL_COLUMNS, show.deal_rows(tally.deals.values()))
    pages = sum(tally.pages.values())
    say(
        f"{len(tally.polls)} sources polled, {pages} pages fetched, {tally.articles} new articles, "
        f"{tally.new_deals} new deals, {delivered} alerts sent"
        + (f", {failed} not sent (raisewire alerts list)" if failed else "")
    )
    if tally.quiet:
        say(
            f"{len(tally.quiet)} sources were polled for the first time: what they had is stored "
            "and not alerted (--alert-first alerts it)"
        )


def _source_rows(tally: Tally) -> list[tuple[object, ...]]:
    return [
        (
            name,
            result.outcome.value,
            len(result.entries),
            tally.new[name],
            result.message or _note(name, tally),
        )
        for name, result in sorted(tally.polls.items())
    ]


def _note(name: str, tally: Tally) -> str:
    if name in tally.quiet:
        return "first poll: no alerts"
    if name not in tally.gaps:
        return ""
    brought = tally.gaps[name]
    what = "its site lists no more" if brought is None else f"{brought} more found on its site"
    return f"gap: none of its entries was known; {what}"


def _source_json(tally: Tally) -> list[dict[str, object]]:
    keys = ("source", "outcome", "entries", "new", "note")
    return [dict(zip(keys, row, strict=True)) for row in _source_rows(tally)]


def _plan(context: Context, names: Sequence[str] | None, as_json: bool) -> None:
    from crawler.config import sources

    wanted = [s for s in sources(context.loaded.config) if not names or s.id in names]
    rows = [(s.id, s.kind, s.language, s.url) for s in wanted if s.enabled]
    columns = ("source", "kind", "language", "url")
    if as_json:
        show.json_lines(dict(zip(columns, row, strict=True)) for row in rows)
    else:
        show.table("Would poll", columns, rows)


def daemon(ctx: typer.Context) -> None:
    """
    Run for good: poll what is due, store, alert.

    SIGTERM or Ctrl-C ends it within 30 s and loses nothing; SIGHUP reads the config again.
    """
    from crawler.app import open_house
    from crawler.config import load
    from scheduler.daemon import Daemon

    context = current(ctx)
    # Until the daemon listens for them itself: nothing is under way yet.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    logs.set_up(verbose=context.verbose, log_format=context.log_format, level=logging.INFO)
    with open_house(context.loaded.config, now) as house:
        running = Daemon(house, lambda: load(context.file).config)
        code = asyncio.run(running.run())
    if code:
        raise typer.Exit(code)
