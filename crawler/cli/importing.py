"""`import`: articles of somebody else's making, as if they had been crawled."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import current, now, say
from crawler.types import Article

if TYPE_CHECKING:
    from crawler.app import House
    from crawler.classify import Classifier
    from crawler.cli import records


def import_(
    ctx: typer.Context,
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="JSON Lines or Parquet; - is standard input.")
    ],
    alert: Annotated[
        bool, typer.Option("--alert", help="Queue alerts, as if the articles came in now.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print a summary as JSON.")] = False,
) -> None:
    """
    Ingest articles from JSON Lines or Parquet, in file order, with the clock at `published`.

    {"url","title","text" or "html","published","source","source_class"?,"lang"?};
    source_class: filing, issuer, wire, outlet or aggregator. Nothing alerts without --alert.
    """
    from crawler.app import open_house
    from crawler.classify import Classifier
    from crawler.cli import records

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    config = context.loaded.config
    tally = Counter(articles=0, known=0, revised=0, events=0, alerts=0, bad=0)
    seen: set[str] = set()
    with open_house(config, now) as house, records.rows(file) as stream:
        classifier = Classifier(config.watchlist)
        for line in _watched(file, stream):
            if line.record is None:
                tally["bad"] += 1
                say(f"{file}:{line.number}: {line.problem}")
                continue
            ingest(house, classifier, line.record, alert, tally, seen)
    tally["deals"] = len(seen)
    if as_json:
        show.json_lines([tally])
    else:
        say(", ".join(f"{count} {name}" for name, count in tally.items()))
    if tally["bad"]:
        raise typer.Exit(1)


def _watched(file: str, stream: Iterable[str]) -> Iterator[records.Line]:
    """Yield the lines, behind a progress bar on a terminal."""
    from rich.console import Console
    from rich.progress import Progress

    from crawler.cli import records

    total = Path(file).stat().st_size if file != "-" else None
    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("importing", total=total)
        for line in records.lines(stream):
            yield line
            if line.record is not None:
                bar.advance(task, len(line.record.text or line.record.html or "") + 200)


def ingest(  # noqa: PLR0913, PLR0917 - one record and where it is counted
    house: House,
    classifier: Classifier,
    record: records.Record,
    alert: bool,
    tally: Counter[str],
    seen: set[str],
) -> None:
    """Store one article as if it had been crawled when it was published."""
    from crawler.reading import read_article

    at = record.instant() or now()
    reading = read_article(article(record, at), classifier)
    done = house.writer.submit(house.ingest.store, reading, quiet=not alert, now=at).result()
    names = {"new": "articles", "same": "known", "revised": "revised"}
    tally[names[str(done.novelty)]] += 1
    tally["events"] += len(reading.analysis.events)
    tally["alerts"] += done.alerts
    seen.update(done.deals)


def article(record: records.Record, at: datetime) -> Article:
    """Return a record as an article seen at `at`."""
    title, text = record.words()
    digest = hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()
    return Article(
        url=record.url or f"import:{digest[:16]}",
        title=title,
        text=text,
        lang=record.lang or "und",
        seen_at=at,
        published=record.instant(),
        published_from="import",
        source=record.source,
        source_class=record.source_class,
        country=record.country,
        body_from="import",
        content_hash=digest,
    )
