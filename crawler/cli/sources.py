"""`sources`: what is watched, and whether it answers."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer

from crawler.cli import logs, show, watching
from crawler.cli.context import current, now, say, span
from crawler.errors import UsageError

app = typer.Typer(no_args_is_help=True, help="What is watched, and whether it answers.")


@app.command("list")
def list_(
    ctx: typer.Context,
    all_: Annotated[
        bool, typer.Option("--all", help="The whole shipped catalogue, disabled ones too.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """List the sources of the config, or the whole shipped catalogue."""
    from crawler.config import catalogue, sources
    from crawler.wire import plain

    config = current(ctx).loaded.config
    if all_:
        rows: list[Any] = [entry.model_dump(mode="json") for entry in catalogue()]
    else:
        rows = [plain(source) for source in sources(config)]
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
    from crawler.config import sources

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    config = context.loaded.config
    wanted = [s for s in sources(config) if s.enabled and (not names or s.id in names)]
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
    from crawler.types import Source

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
    from crawler.types import Source

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
    from crawler.config import sources

    print(opml.dumps(sources(current(ctx).loaded.config), now()).decode(), end="")
