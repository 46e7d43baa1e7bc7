"""`backfill`: deals out of WARC archives, such as years of Common Crawl's news."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, now, say
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.history.parts import Progress

_Day = Annotated[
    datetime | None, typer.Option(formats=["%Y-%m-%d"], metavar="DAY", show_default=False)
]


def backfill(  # noqa: PLR0913, PLR0917 - the options of one command
    ctx: typer.Context,
    archives: Annotated[
        list[str] | None,
        typer.Argument(metavar="[WARC]...", help="Files, globs, http(s):// or s3://commoncrawl/."),
    ] = None,
    since: _Day = None,
    until: _Day = None,
    parts: Annotated[
        Path, typer.Option(help="Where finished archives leave what they held.")
    ] = Path("backfill"),
    workers: Annotated[int, typer.Option(min=0, help="Processes; 0 is one per core.")] = 0,
    out: Annotated[
        Path | None,
        typer.Option(help="Write FILE.jsonl or FILE.parquet for `import`, not the database."),
    ] = None,
    copies: Annotated[bool, typer.Option("--copies", help="Keep syndicated copies too.")] = False,
    listing: Annotated[
        str, typer.Option(help="Who lists the archives of a month, as Common Crawl does.")
    ] = "https://data.commoncrawl.org",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only print which archives would be read.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """
    Find the deals in WARC archives (CC-NEWS and others). Never alerts.

    Each archive is read once: stopped or killed, the same command goes on where the last
    finished archive ended. The deals are told to the database at the end, in order of date.
    With --since and --until and no archive named, Common Crawl's own lists say which there are.
    """
    from crawler.history import finding, places
    from crawler.history import parts as history

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    _check(out)
    config = context.loaded.config
    allow = config.http.allow_private
    meant = places.archives(archives or (), _day(since), _day(until), base=listing, allow=allow)
    if dry_run:
        print("\n".join(meant))
        return
    with _bar() as started:
        done = history.search(
            meant,
            parts,
            config.watchlist,
            workers=workers or history.cores(),
            allow=allow,
            started=started,
        )
    found = [finding.Part.of(one, parts).found for one in meant if one not in done.failed]
    told = _written(found, out, copies) if out else _told(context, found, copies)
    _report(done, told, as_json)


def _day(moment: datetime | None) -> date | None:
    return moment.date() if moment else None


def _check(out: Path | None) -> None:
    if out is not None and out.suffix not in {".jsonl", ".parquet"}:
        raise UsageError(f"{out}: --out writes .jsonl or .parquet")
    if out is not None and not out.absolute().parent.is_dir():
        raise UsageError(f"{out}: there is no such folder")


def _told(context: Context, found: Sequence[Path], copies: bool) -> Counter[str]:
    """Tell the house every article, as `import` does; what it knows already changes nothing."""
    from crawler.app import open_house
    from crawler.classify import Classifier
    from crawler.cli import importing, records

    config, tally, deals = context.loaded.config, Counter[str](), set[str]()
    with open_house(config, now) as house:
        classifier = Classifier(config.watchlist)
        for article in _articles(found, copies, tally):
            record = records.Record.model_validate(article)
            importing.ingest(house, classifier, record, False, tally, deals)
    tally["deals"] = len(deals)
    return tally


def _written(found: Sequence[Path], out: Path, copies: bool) -> Counter[str]:
    tally = Counter[str]()
    rows = _articles(found, copies, tally)
    if out.suffix == ".parquet":
        from crawler.cli import parquet

        tally["articles"] = parquet.write(rows, out)
        return tally
    with out.open("w", encoding="utf-8") as stream:
        for row in rows:
            stream.write(json.dumps(row, ensure_ascii=False) + "\n")
            tally["articles"] += 1
    return tally


def _articles(found: Sequence[Path], copies: bool, tally: Counter[str]) -> Iterator[dict[str, Any]]:
    from rich.console import Console
    from rich.progress import track

    from crawler.history import telling

    places = telling.places(found)
    rows = telling.articles(places, copies=copies)
    screen = Console(stderr=True)
    for row in track(
        rows, "telling", len(places), console=screen, transient=True, disable=not screen.is_terminal
    ):
        if row is None:
            tally["copies"] += 1
        else:
            yield row


@contextmanager
def _bar() -> Iterator[Any]:
    """Show archives done and records a second on a terminal."""
    import threading

    from rich import progress as bars
    from rich.console import Console

    screen, over = Console(stderr=True), threading.Event()
    bar = bars.Progress(
        bars.TextColumn("archives"),
        bars.BarColumn(),
        bars.MofNCompleteColumn(),
        bars.TextColumn("{task.fields[note]}"),
        bars.TimeElapsedColumn(),
        console=screen,
        transient=True,
        disable=not screen.is_terminal,
    )

    def watch(progress: Progress) -> None:
        task = bar.add_task("", total=progress.archives, completed=progress.done, note="")
        while not over.wait(0.5):
            bar.update(task, completed=progress.done, note=f"{progress.records():,} records")

    def started(progress: Progress) -> None:
        threading.Thread(target=watch, args=(progress,), daemon=True).start()

    with bar:
        try:
            yield started
        finally:
            over.set()


def _report(done: Progress, told: Counter[str], as_json: bool) -> None:
    for archive, reason in done.failed.items():
        say(f"{archive}: {reason}; the same command tries it again")
    if as_json:
        row = {
            "archives": done.archives,
            "read_before": done.before,
            "failed": len(done.failed),
            "records": dict(sorted(done.counts.items())),
            "told": dict(told),
        }
        show.json_lines([row])
    else:
        say(f"{done.archives} archives ({done.before} read before, {len(done.failed)} failed)")
        say(
            "records: "
            + (", ".join(f"{n:,} {fate}" for fate, n in done.counts.most_common()) or "0")
        )
        say("told: " + ", ".join(f"{count:,} {name}" for name, count in told.items()))
    if done.failed:
        raise typer.Exit(1)
