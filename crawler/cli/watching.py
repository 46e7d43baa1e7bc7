"""`sources health`, `log`, `pages`: how the watching goes, and what was put aside."""

from __future__ import annotations

import sys
from datetime import datetime
from typing import Annotated

import typer

from crawler.cli import show
from crawler.cli.context import current, now, say
from crawler.errors import UsageError
from crawler.types import Outcome

_COLUMNS = ("source", "health", "last success", "last new", "next poll", "overlap", "gaps",
            "fails", "note")  # fmt: skip


def health(
    ctx: typer.Context,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show each source's last success, last new item, overlap, gaps, failures and next poll."""
    from crawler import health as verdict
    from crawler.store import frontier, happenings
    from crawler.wire import plain

    at = now()
    with current(ctx).store() as store, store.read() as conn:
        found, paces = frontier.sources(conn), frontier.paces(conn)
        gaps = happenings.open_gaps(conn)
    told = [
        (s, state, verdict.health(s, state, at, pace=paces.get(s.id), gaps=gaps.get(s.id, 0)))
        for s, state in found
        if s.enabled
    ]
    if as_json:
        show.json_lines(
            {"source": s.id, "health": one.word, "line": one.line, **plain(state)}
            for s, state, one in told
        )
        return
    rows = (
        (
            s.id, one.word, _when(state.last_success), _when(state.last_new_entry),
            _when(state.next_poll_at), "" if state.overlap is None else f"{state.overlap:.0%}",
            state.gaps, f"{state.failures:g}", one.line,
        )
        for s, state, one in told
    )  # fmt: skip
    show.table("Health", _COLUMNS, rows)


def _when(at: datetime | None) -> str:
    return f"{at:%m-%d %H:%M}" if at else ""


def log(
    ctx: typer.Context,
    source: Annotated[str | None, typer.Argument(metavar="[SOURCE]")] = None,
    kind: Annotated[str | None, typer.Option(help="gap, moved, lied, gone, blocked …")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what happened to sources: gaps and their filling, moves, lies, deaths, returns."""
    from crawler.store import happenings
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found = happenings.happenings(conn, kind=kind, source_id=source, limit=limit)
    if as_json:
        show.json_lines(plain(one) for one in found)
        return
    rows = ((_when(h.at), h.source_id or "", h.kind, _when(h.settled_at), h.subject) for h in found)
    show.table("Log", ("when", "source", "what", "settled", "about"), rows)


def pages(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    outcome: Annotated[
        Outcome | None, typer.Option(help="Only those that ended so; poison: put aside.")
    ] = None,
    state: Annotated[
        str | None, typer.Option(help="queued, leased, done, failed or quarantined.")
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only those of this source.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List pages and how each ended; --outcome poison shows those that killed their reader."""
    from crawler.store import frontier
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found = frontier.pages(conn, outcome, limit, state=state, source_id=source)
    if as_json:
        show.json_lines(plain(page) for page in found)
        return
    rows = (
        (p.id, p.source_id, p.state, p.outcome or "", p.attempts, p.message, p.url) for p in found
    )
    show.table("Pages", ("id", "source", "state", "outcome", "tries", "note", "url"), rows)


def raw(ctx: typer.Context, page: Annotated[int, typer.Argument(metavar="PAGE")]) -> None:
    """Print a kept page's bytes as they came (redirect them: they are a stranger's)."""
    from crawler.store import archive

    with current(ctx).store() as store, store.read() as conn:
        kept = archive.get(conn, page)
    if kept is None:
        raise UsageError(f"page {page} is not kept (config key `archive`)")
    if sys.stdout.isatty():
        raise UsageError(f"these are a stranger's bytes: raisewire sources raw {page} > FILE")
    sys.stdout.buffer.write(kept.body)


def requeue(ctx: typer.Context, ids: Annotated[list[int], typer.Argument(metavar="PAGE…")]) -> None:
    """Let pages that ended be fetched again from scratch."""
    from crawler.store import frontier

    with current(ctx).store() as store, store.write() as conn:
        count = frontier.requeue_pages(conn, ids, now())
    say(f"{count} pages queued again")
    if not count:
        raise typer.Exit(1)
