"""`config check` and `db …`: is everything as it should be?"""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import show
from crawler.cli.context import current, now, say, span
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.store import Store

Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]

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
    if config.llm is not None:
        from crawler.second import warning

        say(warning(config.llm))


@db_app.command()
def upgrade(ctx: typer.Context) -> None:
    """Make the database, or bring its schema to this version. Safe to repeat."""
    with current(ctx).store(create=True) as store:
        say(f"the schema is at version {store.version()}")
        if not store.sqlite:
            _make_queue(store)


def _make_queue(store: Store) -> None:
    """Make the queue of workers too, where its library is installed."""
    try:
        from scheduler.queue import make
    except ModuleNotFoundError:
        return
    if make(store):
        say("the workers' queue is made")


@db_app.command("check")
def check_db(ctx: typer.Context, as_json: Json = False) -> None:
    """Check integrity and count what is there."""
    from crawler.store import upkeep

    with current(ctx).store() as store:
        store.check_integrity(full=True)
        with store.read() as conn:
            rows = upkeep.counts(conn)
    if as_json:
        show.json_lines([rows])
    else:
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


@db_app.command()
def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A copy that `db backup` made.")],
) -> None:
    """Put a SQLite copy in the database's place; what was there is kept beside it."""
    from crawler.store import Store

    path = Store(current(ctx).loaded.config.database).path
    if path is None:
        raise UsageError("restore is for SQLite; use your server's own tools for others")
    copy = Store(f"sqlite:///{file}")
    copy.check()
    copy.close()
    if path.exists():
        aside = path.with_name(f"{path.name}.before-restore-{now():%Y%m%dT%H%M%S}")
        path.rename(aside)
        for tail in ("-wal", "-shm"):
            path.with_name(path.name + tail).unlink(missing_ok=True)
        say(f"what was there is now {aside}")
    shutil.copy2(file, path)
    say(f"{path} is {file} again")


@db_app.command()
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM_URL", help="sqlite:///raisewire.db")],
    target: Annotated[str, typer.Argument(metavar="TO_URL", help="postgresql+psycopg://…")],
) -> None:
    """
    Copy a database into one of the other kind, verified by counts and checksums.

    Interrupted, it goes on where it stopped. Stop the daemon first.
    """
    from rich.console import Console
    from rich.progress import Progress

    from crawler.store import Store
    from crawler.store.copying import copy as copied

    one, other = Store(source), Store(target)
    other.upgrade()
    with Progress(console=Console(stderr=True), transient=True) as bar:
        tasks: dict[str, Any] = {}

        def told(name: str, rows: int) -> None:
            if name not in tasks:
                tasks[name] = bar.add_task(name, total=None)
            bar.update(tasks[name], completed=rows)

        counts = copied(one, other, told)
    show.table("Copied, and equal on both sides", ("table", "count"), counts.items())


@db_app.command()
def purge(
    ctx: typer.Context,
    older: Annotated[
        str | None,
        typer.Option(help="Bodies of articles seen before then: 90d. Default: retention.bodies."),
    ] = None,
    source: Annotated[str | None, typer.Option(help="Only of this source.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only count.")] = False,
) -> None:
    """Forget bodies of old articles; titles, events and evidence stay."""
    from crawler.store import articles, upkeep

    kept = current(ctx).loaded.config.retention.bodies if older is None else span(older)
    before, total = now() - kept, 0
    with current(ctx).store() as store:
        if dry_run:
            with store.read() as conn:
                total = sum(1 for _ in articles.listing(conn, until=before, source=source))
            say(f"{total} articles were seen before {before:%Y-%m-%d %H:%M} UTC")
            return
        gone = 1
        while gone:
            with store.write() as conn:
                gone = upkeep.purge(conn, before, now(), source=source)["articles"]
            total += gone
    say(f"{total} bodies forgotten")
