"""`config check`, `db …`, `doctor`: is everything as it should be?"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, say
from crawler.errors import RaisewireError, UsageError

config_app = typer.Typer(no_args_is_help=True, help="The config file.")
db_app = typer.Typer(no_args_is_help=True, help="The database.")


@config_app.command("check")
def check(ctx: typer.Context) -> None:
    """Read the config as the daemon would; every mistake with file, line and column."""
    from crawler.app import check_kinds
    from crawler.config import sources

    loaded = current(ctx).loaded
    watched = sources(loaded.config)
    check_kinds(watched)
    config = loaded.config
    say(
        f"{loaded.file or 'built-in defaults'}: fine ({len(watched)} sources, "
        f"{len(config.channels)} channels, {len(config.alerts)} alert rules)"
    )


@db_app.command()
def upgrade(ctx: typer.Context) -> None:
    """Make the database, or bring its schema to this version. Safe to repeat."""
    with current(ctx).store(create=True) as store:
        say(f"the schema is at version {store.version()}")


@db_app.command("check")
def check_db(ctx: typer.Context) -> None:
    """Check integrity and count what is there."""
    from crawler.store import upkeep

    with current(ctx).store() as store:
        store.check_integrity(full=True)
        with store.read() as conn:
            rows = upkeep.counts(conn)
    show.table("Database", ("what", "count"), rows.items())


@db_app.command()
def backup(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A new file; SQLite only.")],
) -> None:
    """Copy a SQLite database while it is in use."""
    if file.exists():
        raise UsageError(f"{file} is there already")
    with current(ctx).store() as store:
        store.backup(file)
    say(f"copied to {file} ({file.stat().st_size:,} bytes)")


def doctor(ctx: typer.Context) -> None:
    """Look for the usual mistakes, and say what to do about each."""
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    findings = [("ok" if not advice else "!!", what, advice) for what, advice in _look(context)]
    show.table("Doctor", ("", "what", "what to do"), findings)
    if any(mark == "!!" for mark, _, _ in findings):
        raise typer.Exit(1)


def _look(context: Context) -> Iterator[tuple[str, str]]:
    """Yield what was looked at, and what to do about it (nothing when it is fine)."""
    version = ".".join(map(str, sys.version_info[:3]))
    yield f"Python {version}", "" if sys.version_info >= (3, 11) else "install 3.11 or newer"
    try:
        loaded = context.loaded
    except RaisewireError as error:
        yield "config", str(error)
        return
    yield f"config {loaded.file or '(built-in defaults)'}", "; ".join(loaded.warnings)
    config = loaded.config
    contact = "http" in config.http.user_agent or "@" in config.http.user_agent
    yield "User-Agent", "" if contact else "put a contact URL or address into http.user_agent"
    watched = config.catalogue is not None or config.sources
    yield "sources", "" if watched else "the config watches nothing: add `catalogue: {}`"
    told = "" if config.alerts else "nobody is told: add `channels:` and `alerts:`"
    yield "alert rules", told
    yield from _look_at_store(context)


def _look_at_store(context: Context) -> Iterator[tuple[str, str]]:
    from crawler.store import frontier, outbox

    try:
        with context.store() as store, store.read() as conn:
            yield "database", ""
            if store.path is not None:
                free = shutil.disk_usage(store.path.parent).free
                enough = "" if free > 500_000_000 else "less than 500 MB free: make room"
                yield f"disk ({free // 1_000_000:,} MB free)", enough
            states = frontier.sources(conn)
            failing = [source.id for source, state in states if state.failures >= 3]
            advice = f"{', '.join(failing[:5])}: raisewire sources health" if failing else ""
            yield f"{len(states)} sources known", advice
            letters = outbox.dead(conn)
            yield "dead letters", f"{len(letters)}: raisewire alerts dead" if letters else ""
            for stats in outbox.stats(conn):
                if stats.held:
                    yield f"channel {stats.channel}", f"held: {stats.reason}"
    except RaisewireError as error:
        yield "database", f"{error} (raisewire db upgrade makes it)"
