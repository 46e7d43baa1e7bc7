"""`review`: a person's word on deals. Every decision is logged, and can be undone."""

from __future__ import annotations

import getpass
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import logs, show
from crawler.cli.context import current, now, say
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.review import Reviewer
    from crawler.types import Deal

app = typer.Typer(
    no_args_is_help=True,
    help="Confirm, correct, merge and split deals; corrections become training rows.",
)
DealId = Annotated[str, typer.Argument(metavar="DEAL", help="Its id, or the start of it.")]
Reason = Annotated[str, typer.Option(help="Why; kept with the decision.")]
Who = Annotated[str, typer.Option(help="Who decides.", default_factory=getpass.getuser)]


def _decide(ctx: typer.Context, who: str, act: Callable[[Reviewer, Any], list[Deal]]) -> list[Deal]:
    from crawler.app import open_house
    from crawler.review import Reviewer

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    with open_house(context.loaded.config, now, create=False) as house:
        reviewer = Reviewer(house.ingest, who, now())
        with house.store.write() as conn:
            changed = act(reviewer, conn)
    show.table("Now", show.DEAL_COLUMNS, show.deal_rows(d for d in changed if not d.merged_into))
    for deal in changed:
        if deal.merged_into:
            say(f"{deal.id} is now part of {deal.merged_into}")
    return changed


@app.command("list")
def list_(
    ctx: typer.Context,
    below: Annotated[float, typer.Option(help="Confidence below this is unsure.")] = 0.8,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List deals that want a look: unsure ones, and those on which outlets disagree."""
    from crawler.store.deals import listing
    from crawler.types import Review
    from crawler.wire import dump_deal

    with current(ctx).store() as store, store.read() as conn:
        found = [
            deal
            for deal in listing(conn)
            if deal.review is Review.AUTO
            and (deal.event.confidence < below or deal.conflicts or deal.flags)
        ]
    if as_json:
        show.json_lines(dump_deal(deal) for deal in found)
    else:
        show.table("To review", show.DEAL_COLUMNS, show.deal_rows(found))


@app.command()
def confirm(ctx: typer.Context, deal: DealId, who: Who, reason: Reason = "") -> None:
    """Say that a deal is right as it stands."""
    _decide(ctx, who, lambda reviewer, conn: reviewer.confirm(conn, deal, reason))


@app.command()
def reject(ctx: typer.Context, deal: DealId, who: Who, reason: Reason = "") -> None:
    """Say that these articles tell no deal at all; later repeats will not bring it back."""
    _decide(ctx, who, lambda reviewer, conn: reviewer.reject(conn, deal, reason))


@app.command()
def merge(
    ctx: typer.Context,
    deal: DealId,
    other: Annotated[str, typer.Argument(metavar="OTHER", help="The other one.")],
    who: Who,
    reason: Reason = "",
) -> None:
    """Say that two deals are one; the one with more articles keeps its id."""
    _decide(ctx, who, lambda reviewer, conn: reviewer.merge(conn, deal, other, reason))


@app.command()
def split(
    ctx: typer.Context,
    deal: DealId,
    urls: Annotated[list[str], typer.Argument(metavar="URL…", help="Articles to take out.")],
    who: Who,
    reason: Reason = "",
) -> None:
    """Say that some of a deal's articles tell another deal."""
    _decide(ctx, who, lambda reviewer, conn: reviewer.split(conn, deal, urls, reason))


@app.command()
def correct(
    ctx: typer.Context,
    deal: DealId,
    values: Annotated[
        list[str], typer.Argument(metavar="SLOT=VALUE…", help="amount=5000000, round=series_b")
    ],
    who: Who,
    reason: Reason = "",
) -> None:
    """Say what a slot's value is, whoever reports what."""
    slots = dict(_slot(text) for text in values)
    _decide(ctx, who, lambda reviewer, conn: reviewer.correct(conn, deal, slots, reason))


def _slot(text: str) -> tuple[str, str]:
    """Return `amount=5000000` as the slot and its value as JSON text, checked."""
    from dataclasses import fields

    from crawler.types import Event

    name, sign, value = text.partition("=")
    known = [field.name for field in fields(Event)]
    if not sign or name not in known:
        raise UsageError(f"{text!r}: write SLOT=VALUE; slots are {', '.join(known)}")
    if name in {"aliases", "lead_investors", "investors", "bookrunners", "bond_types"}:
        return name, json.dumps([part.strip() for part in value.split(";") if part.strip()])
    try:
        number = json.loads(value)
    except json.JSONDecodeError:
        number = value
    return name, json.dumps(number, ensure_ascii=False)


@app.command()
def log(
    ctx: typer.Context,
    deal: Annotated[str | None, typer.Argument(metavar="[DEAL]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Show what was decided, by whom and why; undone decisions too."""
    from crawler import review
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found = review.log(conn, deal)
    if as_json:
        show.json_lines(plain(row) for row in found)
        return
    show.table(
        "Decisions",
        ("number", "at", "who", "action", "deal", "reason", "undone"),
        (
            (
                row.id,
                f"{row.at:%Y-%m-%d %H:%M}",
                row.who,
                row.action,
                row.deal_id[:10],
                row.reason,
                f"{row.undone_at:%Y-%m-%d %H:%M} {row.undone_by}" if row.undone_at else "",
            )
            for row in found
        ),
    )


@app.command()
def gold(ctx: typer.Context) -> None:
    """Print what was decided as a gold corpus (JSON Lines), for `train` and `evaluate`."""
    from crawler import review

    with current(ctx).store() as store, store.read() as conn:
        show.json_lines(review.gold(conn))


@app.command()
def undo(
    ctx: typer.Context,
    number: Annotated[int, typer.Argument(help="From `review log`.")],
    who: Who,
) -> None:
    """Take a decision back."""
    _decide(ctx, who, lambda reviewer, conn: reviewer.undo(conn, number))


@app.command()
def aliases(
    ctx: typer.Context,
    who: Who,
    confirm_: Annotated[
        list[int] | None, typer.Option("--confirm", help="Numbers that are right.")
    ] = None,
    refuse: Annotated[list[int] | None, typer.Option(help="Numbers that are not.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    List other names that articles give to companies; confirm or refuse them.

    A confirmed one counts from the next start on; a refused one is not asked again.
    """
    from crawler.store import learned
    from crawler.wire import plain

    with current(ctx).store() as store, store.write() as conn:
        for state, numbers in (("confirmed", confirm_), ("refused", refuse)):
            for number in numbers or ():
                if not learned.judge(conn, number, state, who):
                    raise UsageError(f"there is no suggestion {number}")
        found = learned.suggestions(conn)
    if as_json:
        show.json_lines(plain(one) for one in found)
        return
    show.table(
        "Suggested aliases",
        ("number", "company", "alias", "seen", "quote"),
        ((one.id, one.company, one.alias, one.seen, one.quote) for one in found),
    )
