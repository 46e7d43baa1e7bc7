"""`alerts`: the outbox, dead letters, silences, and a test message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import current, now, say, span
from crawler.errors import DeliveryError, RaisewireError, UsageError

if TYPE_CHECKING:
    from datetime import datetime

    from crawler.store.outbox import Silence, StoredAlert

app = typer.Typer(no_args_is_help=True, help="The outbox: what was sent, what waits, what died.")
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Ids = Annotated[list[int], typer.Argument(metavar="ID…", help="From `alerts list`.")]


@app.command("list")
def list_(
    ctx: typer.Context,
    channel: Annotated[str | None, typer.Option(help="Of this channel.")] = None,
    limit: Annotated[int, typer.Option(help="At most so many.")] = 50,
    as_json: Json = False,
) -> None:
    """List alerts, newest first, with their state; and what keeps channels still."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.read() as conn:
        found = outbox.listing(conn, channel=channel, limit=limit)
        hushed, held = outbox.silences(conn, now()), outbox.held(conn, now())
    _print(found, as_json)
    if hushed:
        say(f"silences in force: {len(hushed)} (raisewire alerts silences)")
    _say_held(held)


@app.command()
def dead(ctx: typer.Context, as_json: Json = False) -> None:
    """List what could not be delivered, with the reason."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.read() as conn:
        found = outbox.dead(conn)
    _print(found, as_json)


def _print(found: Sequence[StoredAlert], as_json: bool) -> None:
    from crawler.wire import plain

    if as_json:
        show.json_lines(plain(row) for row in found)
        return
    show.table(
        "Alerts",
        ("id", "created", "channel", "kind", "deal", "rule", "state", "tries", "reason"),
        (
            (
                row.id,
                f"{row.created:%Y-%m-%d %H:%M}",
                row.channel,
                row.kind,
                (row.deal_id or "")[:10],
                row.rule,
                row.state.value,
                row.attempts,
                row.reason,
            )
            for row in found
        ),
    )


def _say_held(held: Mapping[str, tuple[datetime | None, str]]) -> None:
    for name, (until, reason) in held.items():
        end = f"until {until:%Y-%m-%d %H:%M} UTC" if until else "until it is released"
        say(f"channel {name} is held {end}: {reason} (raisewire alerts release {name})")


@app.command("show")
def show_(
    ctx: typer.Context,
    ident: Annotated[int, typer.Argument(metavar="ID", help="From `alerts list`.")],
    as_json: Json = False,
) -> None:
    """Show one alert with every attempt to deliver it."""
    from crawler.store import outbox
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found, tries = outbox.get(conn, ident), outbox.attempts(conn, ident)
    if found is None:
        raise UsageError(f"there is no alert {ident} (raisewire alerts list)")
    stored, alert = found
    if as_json:
        show.json_lines([{**plain(stored), "attempts": plain(tries), "deal": plain(alert.deal)}])
        return
    _print([stored], as_json=False)
    columns = ("n", "started", "ended", "outcome", "code", "message")
    show.table("Attempts", columns, [[one[name] for name in columns] for one in tries])


@app.command()
def requeue(ctx: typer.Context, ids: Ids) -> None:
    """Send dead, held or suppressed alerts after all."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.write() as conn:
        count = outbox.requeue(conn, ids, now())
        held = outbox.held(conn, now())
    say(f"{count} of {len(ids)} queued again")
    _say_held(held)
    if count < len(ids):
        raise typer.Exit(1)


@app.command()
def drop(
    ctx: typer.Context,
    ids: Ids,
    reason: Annotated[str, typer.Option(help="Kept with it.")] = "dropped by hand",
) -> None:
    """Give alerts up for good; they stay in the list, with the reason."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.write() as conn:
        count = outbox.drop(conn, ids, reason, now())
    say(f"{count} of {len(ids)} dropped")


@app.command()
def silence(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    for_: Annotated[str, typer.Option("--for", help="How long: 2h, 1d.")],
    company: Annotated[str | None, typer.Option(help="Of this company.")] = None,
    channel: Annotated[str | None, typer.Option(help="On this channel.")] = None,
    rule: Annotated[str | None, typer.Option(help="By this rule.")] = None,
    comment: Annotated[str, typer.Option(help="Why; shown with it.")] = "",
) -> None:
    """Say nothing for a while: of a company, on a channel, by a rule; of all if none is named."""
    from crawler.store import outbox

    start = now()
    matcher = {"company": company, "channel": channel, "rule": rule}
    named = {key: value for key, value in matcher.items() if value}
    with current(ctx).store() as store, store.write() as conn:
        ident = outbox.silence(conn, named, start, start + span(for_), comment=comment)
    say(f"silence {ident} until {start + span(for_):%Y-%m-%d %H:%M} UTC")


@app.command()
def silences(
    ctx: typer.Context,
    all_: Annotated[bool, typer.Option("--all", help="Those that are over, too.")] = False,
    as_json: Json = False,
) -> None:
    """List the silences in force."""
    from crawler.store import outbox
    from crawler.wire import plain

    with current(ctx).store() as store, store.read() as conn:
        found = outbox.silences(conn, None if all_ else now())
    if as_json:
        show.json_lines(plain(one) for one in found)
        return
    columns = ("id", "about", "from", "until", "comment")
    show.table("Silences", columns, [_silence_row(one) for one in found])


def _silence_row(one: Silence) -> tuple[object, ...]:
    about = ", ".join(f"{key} {value}" for key, value in sorted(one.matcher.items()))
    end = f"{one.ends:%Y-%m-%d %H:%M}" if one.ends else "somebody ends it"
    return one.id, about or "everything", f"{one.starts:%Y-%m-%d %H:%M}", end, one.comment


@app.command()
def unsilence(
    ctx: typer.Context,
    ident: Annotated[int, typer.Argument(metavar="ID", help="From `alerts silences`.")],
) -> None:
    """End a silence now. What it kept back stays back."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.write() as conn:
        ended = outbox.end_silence(conn, ident, now())
    if not ended:
        raise UsageError(f"there is no silence {ident} in force (raisewire alerts silences)")
    say(f"silence {ident} ended")


@app.command()
def release(
    ctx: typer.Context,
    channel: Annotated[str, typer.Argument(help="A channel that is held.")],
) -> None:
    """Let a held channel speak again: what waited for it is sent."""
    from crawler.store import outbox

    with current(ctx).store() as store, store.write() as conn:
        held = outbox.held(conn, now())
        if channel not in held:
            have = ", ".join(held) or "none"
            raise UsageError(f"channel {channel!r} is not held; held: {have}")
        outbox.release_channel(conn, channel, now())
        waiting = outbox.trouble(conn, channel, now()).waiting
    say(f"channel {channel} released; {waiting} alerts wait to be sent")


@app.command()
def explain(
    ctx: typer.Context,
    deal_id: Annotated[str, typer.Argument(metavar="DEAL", help="Its id, or the start of it.")],
    as_json: Json = False,
) -> None:
    """Answer for every rule and channel: why was I (not) told?"""
    from crawler.app import policy
    from crawler.review import find
    from crawler.telling import explain as explained
    from crawler.wire import plain

    context = current(ctx)
    rules = policy(context.loaded.config)
    with context.store() as store, store.read() as conn:
        answers = explained(conn, find(conn, deal_id), rules, now())
    if as_json:
        show.json_lines(plain(answer) for answer in answers)
        return
    columns = ("rule", "channel", "when", "verdict", "reason")
    rows = (
        (a.rule, a.channel, f"{a.at:%Y-%m-%d %H:%M}" if a.at else "now", a.verdict, a.reason)
        for a in answers
    )
    show.table("Why told, why not", columns, rows)


@app.command()
def replay(
    ctx: typer.Context,
    since: Annotated[str, typer.Option(help="Deals changed since then: 30d.")] = "30d",
    dry_run: Annotated[
        bool, typer.Option("--dry-run/--queue", help="Only say; or queue what nobody was told.")
    ] = True,
    as_json: Json = False,
) -> None:
    """Ask the rules, as the config has them now, about deals that are stored already."""
    from crawler.app import policy
    from crawler.store import outbox
    from crawler.telling import replay as replayed

    context = current(ctx)
    rules = policy(context.loaded.config)
    with context.store() as store, store.read() if dry_run else store.write() as conn:
        found = list(replayed(conn, rules, now() - span(since), told=not dry_run))
        alerts = [
            replace(a.alert, created=now()) for _, answers in found for a in answers if a.alert
        ]
        queued = 0 if dry_run else outbox.enqueue(conn, alerts)
    rows = [
        (deal.id[:10], deal.event.company, show.sum_of(deal.event), a.rule, a.channel,
         a.verdict.value, a.reason)
        for deal, answers in found
        for a in answers
    ]  # fmt: skip
    columns = ("deal", "company", "amount", "rule", "channel", "verdict", "reason")
    if as_json:
        show.json_lines(dict(zip(columns, row, strict=True)) for row in rows)
    else:
        show.table("What the rules say", columns, rows)
    say(
        f"{len(found)} deals, {len(alerts)} messages"
        + (" would go out (--queue queues them)" if dry_run else f", {queued} of them queued now")
    )


@app.command()
def test(
    ctx: typer.Context,
    channel: Annotated[str, typer.Argument(help="A name under `channels:`.")],
) -> None:
    """Send one made-up deal through a channel, marked as a test."""
    from crawler.app import posts
    from crawler.telling import sample

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    config = context.loaded.config
    if channel not in config.channels:
        have = ", ".join(config.channels) or "none"
        raise UsageError(f"the config has no channel {channel!r}; it has {have}")
    try:
        posts(config)[channel].channel.send(sample(channel, now()))
    except DeliveryError as error:
        raise RaisewireError(str(error)) from error
    say(f"sent through {channel}")
