"""All commands, in the order in which a newcomer meets them."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

from crawler import __version__
from crawler.cli import (
    admin,
    alerts,
    articles,
    crawl,
    deals,
    demo,
    doctor,
    history,
    importing,
    quality,
    reading,
    reprocess,
    review,
    sources,
    trace,
    web,
    workers,
)
from crawler.cli.context import Context

app = typer.Typer(
    name="raisewire",
    no_args_is_help=True,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    epilog="Start with [bold]raisewire demo[/bold]: the whole product in a minute, offline.",
)


def _version(wanted: bool) -> None:
    if wanted:
        print(f"raisewire {__version__}")
        raise typer.Exit


@app.callback()
def globals_(
    ctx: typer.Context,
    config: Annotated[
        Path | None,
        typer.Option(
            help="The config file; default: $RAISEWIRE_CONFIG, then ./config.yaml.",
            show_default=False,
        ),
    ] = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log every step.")] = False,
    log_format: Annotated[
        Literal["console", "json"], typer.Option(help="How logs look on standard error.")
    ] = "console",
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")
    ] = False,
) -> None:
    """
    Watch AI-finance news; know who raised how much from whom, and who is selling which bond.

    Data goes to standard output, logs to standard error. These options may stand anywhere.
    Exit codes: 0 done, 1 it did not work, 2 bad usage or config, 130 interrupted.
    """
    del version
    ctx.obj = Context(file=config, verbose=verbose, log_format=log_format)


app.command("demo", rich_help_panel="Run")(demo.demo)
app.command("crawl", rich_help_panel="Run")(crawl.crawl)
app.command("daemon", rich_help_panel="Run")(crawl.daemon)
app.command("worker", rich_help_panel="Run")(workers.worker)
app.command("workers", rich_help_panel="Run")(workers.workers)
app.command("web", rich_help_panel="Run")(web.web)
app.command("import", rich_help_panel="Run")(importing.import_)
app.command("backfill", rich_help_panel="Run")(history.backfill)
app.command("reprocess", rich_help_panel="Run")(reprocess.reprocess)
app.command("deals", rich_help_panel="Look")(deals.deals)
app.command("articles", rich_help_panel="Look")(articles.articles)
app.command("search", rich_help_panel="Look")(articles.search)
app.command("trace", rich_help_panel="Look")(trace.trace)
app.command("analyze", rich_help_panel="Read")(reading.analyze)
app.command("explain", rich_help_panel="Read")(reading.explain)
app.command("evaluate", rich_help_panel="Read")(quality.evaluate)
app.command("train", rich_help_panel="Read")(quality.train)
app.add_typer(review.app, name="review", rich_help_panel="Keep")
app.add_typer(sources.app, name="sources", rich_help_panel="Keep")
app.add_typer(alerts.app, name="alerts", rich_help_panel="Keep")
app.add_typer(admin.config_app, name="config", rich_help_panel="Keep")
app.add_typer(admin.db_app, name="db", rich_help_panel="Keep")
app.command("doctor", rich_help_panel="Keep")(doctor.doctor)
