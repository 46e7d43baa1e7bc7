"""`sources`: what is watched, and whether it answers."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli import logs, show, watching
from crawler.cli.context import Context, current, now, say, span
from crawler.errors import UsageError
from crawler.types import Source

app = typer.Typer(no_args_is_help=True, help="What is watched, and whether it answers.")


def _watched(context: Context) -> list[Source]:
    """Return the sources of the config, and those that were added to the database."""
    from crawler.config import sources
    from crawler.errors import StoreError
    from crawler.store import frontier

    config = context.loaded.config
    found = list(sources(config))
    file = config.database.removeprefix("sqlite:///")
    if file != config.database and not Path(file).is_file():
        return found
    named = {source.id for source in found}
    with suppress(StoreError), context.store() as store, store.read() as conn:
        added = [source for source, _ in frontier.sources(conn) if source.origin == "database"]
        found += [source for source in added if source.id not in named]
    return found


@app.command("list")
def list_(
    ctx: typer.Context,
    all_: Annotated[
        bool, typer.Option("--all", help="The whole shipped catalogue, disabled ones too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List what is watched, or the whole shipped catalogue."""
    from crawler.config import catalogue
    from crawler.wire import plain

    if all_:
        rows: list[Any] = [entry.model_dump(mode="json") for entry in catalogue()]
    else:
        rows = [plain(source) for source in _watched(current(ctx))]
    if as_json:
        show.json_lines(rows)
        return
    show.table(
        "Sources",
        ("source", "kind", "language", "group", "enabled", "url"),
        ((r["id"], r["kind"], r["language"], r["group"], r["enabled"], r["url"]) for r in rows),
    )


@app.command()
def check(
    ctx: typer.Context,
    names: Annotated[list[str] | None, typer.Argument(metavar="[SOURCE…]")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    Poll sources without storing anything; say in one line each what is wrong.

    Exit code 1 when any of them did not answer well.
    """
    from crawler.app import check_sources

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    config = context.loaded.config
    wanted = [s for s in _watched(context) if s.enabled and (not names or s.id in names)]
    unknown = sorted(set(names or ()) - {source.id for source in wanted})
    if unknown:
        raise UsageError(f"no enabled source is called {unknown[0]!r} (raisewire sources list)")
    results = asyncio.run(check_sources(config, wanted, now))
    rows = [
        (r.poll.source.id, r.outcome.value, len(r.entries), f"{r.seconds:.1f}", r.message)
        for r in sorted(results, key=lambda result: result.poll.source.id)
    ]
    columns = ("source", "outcome", "entries", "seconds", "note")
    if as_json:
        show.json_lines(dict(zip(columns, row, strict=True)) for row in rows)
    else:
        show.table("Checked", columns, rows)
    bad = [row for row in rows if row[1] not in {"ok", "unchanged"}]
    say(f"{len(rows) - len(bad)} of {len(rows)} sources answer well")
    if bad:
        raise typer.Exit(1)


app.command()(watching.health)
app.command()(watching.log)
app.command()(watching.pages)
app.command()(watching.raw)
app.command()(watching.requeue)


@app.command()
def discover(
    ctx: typer.Context,
    url: Annotated[str, typer.Argument(help="A homepage.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """Look at a homepage for the feeds and sitemaps it announces. Nothing is stored."""
    from crawler.app import check_sources

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    home = Source(id="homepage", kind="spiders.homepage", url=url)
    (result,) = asyncio.run(check_sources(context.loaded.config, [home], now))
    rows = [(entry.title.split(":")[0], entry.title, entry.url) for entry in result.entries]
    if as_json:
        show.json_lines(dict(zip(("kind", "title", "url"), row, strict=True)) for row in rows)
    else:
        show.table(f"Announced by {url}", ("kind", "title", "url"), rows)
    if not rows:
        say(f"nothing found: {result.message or result.outcome.value}")
        raise typer.Exit(1)
    say("raisewire sources add NAME URL watches one of them")


@app.command()
def add(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="An id of your choice: lower case, digits, dashes.")],
    url: Annotated[str, typer.Argument(help="Of the feed, sitemap or listing page.")],
    kind: Annotated[str, typer.Option(help="feed, sitemap, listing, api or a spider.")] = "feed",
    language: Annotated[str, typer.Option(help="ISO 639-1.")] = "und",
    every: Annotated[str, typer.Option(help="How often to poll.")] = "15m",
) -> None:
    """Add a source to the database, beside those of the config. The first poll is quiet."""
    from crawler.app import check_kinds
    from crawler.store import frontier

    if not url.startswith(("http://", "https://")):
        raise UsageError(f"{url}: only http:// and https:// addresses can be polled")
    source = Source(id=name, kind=kind, url=url, language=language, every=span(every))
    check_kinds([source])
    with current(ctx).store(create=True) as store, store.write() as conn:
        if not frontier.add_source(conn, source, now()):
            raise UsageError(f"there is a source called {name!r} already")
    say(f"{name} is watched from now on (raisewire sources check {name} tries it)")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(metavar="FILE.opml")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them.")] = False,
) -> None:
    """Add every feed of an OPML file; those that are known already stay as they are."""
    from crawler import opml
    from crawler.store import frontier

    try:
        found = opml.loads(file.read_bytes())
    except OSError as error:
        raise UsageError(f"{file}: {error.strerror}") from None
    if dry_run:
        show.table(
            "Feeds", ("source", "language", "url"), ((s.id, s.language, s.url) for s in found)
        )
        return
    with current(ctx).store(create=True) as store, store.write() as conn:
        known = {source.url for source, _ in frontier.sources(conn)}
        fresh = [source for source in found if source.url not in known]
        added = sum(frontier.add_source(conn, source, now()) for source in fresh)
    say(f"{added} feeds added, {len(found) - added} known already")


@app.command()
def export(ctx: typer.Context) -> None:
    """Print every watched feed as OPML."""
    from crawler import opml

    print(opml.dumps(_watched(current(ctx)), now()).decode(), end="")
