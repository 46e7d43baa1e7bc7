"""`deals`: what is known, newest first."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import show
from crawler.cli.context import current, now, span
from crawler.errors import UsageError
from crawler.types import Deal, DealType, Status


def deals(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    ident: Annotated[
        str | None, typer.Argument(metavar="[show ID]", help="`show ID`: one deal in full.")
    ] = None,
    which: Annotated[str | None, typer.Argument(hidden=True)] = None,
    since: Annotated[str | None, typer.Option(help="Changed since then: 7d, 12h.")] = None,
    type_: Annotated[DealType | None, typer.Option("--type", help="funding or bond.")] = None,
    status: Annotated[Status | None, typer.Option(help="Its latest status.")] = None,
    company: Annotated[str | None, typer.Option(help="Part of a name or alias.")] = None,
    investor: Annotated[str | None, typer.Option(help="Part of a name.")] = None,
    min_usd: Annotated[float | None, typer.Option(help="At least so many US dollars.")] = None,
    limit: Annotated[int | None, typer.Option(help="At most so many.")] = None,
    as_of: Annotated[
        datetime | None,
        typer.Option(help="With `show`: what was known then (UTC; a date alone means its end)."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="For spreadsheets.")] = False,
    parquet: Annotated[Path | None, typer.Option(help="Write this file (extra: parquet).")] = None,
) -> None:
    """List deals, newest first, or `deals show ID` one of them with all its proof."""
    from crawler.store.deals import Filter, listing

    context = current(ctx)
    if ident is not None:
        _show(ctx, ident, which, as_of, as_json)
        return
    wanted = Filter(
        since=now() - span(since) if since else None,
        types=(type_,) if type_ else (),
        statuses=(status,) if status else (),
        company=company,
        investor=investor,
        min_usd=min_usd,
        limit=limit,
    )
    with context.store() as store, store.read() as conn:
        found = listing(conn, wanted)
        if as_json:
            from crawler.wire import dump_deal

            show.json_lines(dump_deal(deal) for deal in found)
        elif as_csv:
            _write_csv(found)
        elif parquet:
            _write_parquet(found, parquet)
        else:
            show.table("Deals", show.DEAL_COLUMNS, show.deal_rows(found))


def _show(
    ctx: typer.Context, verb: str, ident: str | None, as_of: datetime | None, as_json: bool
) -> None:
    from crawler.cli.sheet import draw
    from crawler.store import deals as stored

    if verb != "show" or ident is None:
        raise UsageError("`raisewire deals` lists; `raisewire deals show ID` shows one")
    with current(ctx).store() as store, store.read() as conn:
        deal = stored.get(conn, ident) or stored.by_prefix(conn, ident)
        if deal is not None and as_of is not None:
            deal = stored.get(conn, deal.id, _instant(as_of))
    if deal is None:
        then = f" that was known at {as_of:%Y-%m-%d %H:%M}" if as_of else ""
        raise UsageError(f"there is no deal {ident}{then}")
    if as_json:
        from crawler.wire import dump_deal

        show.json_lines([dump_deal(deal)])
    else:
        draw(deal)


def _instant(given: datetime) -> datetime:
    """Return `2026-03-07` as the end of that day, in UTC, and an instant as it is."""
    at = given.replace(tzinfo=UTC)
    return at if given.time() != time() else at + timedelta(days=1)


def _write_csv(found: Iterator[Deal]) -> None:
    from crawler.flat import csv_lines

    for line in csv_lines([deal] for deal in found):
        sys.stdout.write(line)


def _write_parquet(found: Iterator[Deal], file: Path) -> None:
    from crawler.flat import write_parquet

    write_parquet(iter(lambda: list(islice(found, 500)), []), file)
