"""`analyze` and `explain`: what the reader makes of an article, without a database."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import Context, current, now, say
from crawler.errors import UsageError
from crawler.types import Analysis, Document

if TYPE_CHECKING:
    from crawler.classify import Classifier
    from crawler.cli import records
    from crawler.second import Opinion

FileArgument = Annotated[
    str, typer.Argument(metavar="[FILE or -]", help="JSON Lines; - is standard input.")
]


def _classifier(context: Context) -> Classifier:
    from crawler.classify import Classifier

    return Classifier(context.loaded.config.watchlist)


def _document(record: records.Record) -> Document:
    title, text = record.words()
    return Document(
        id=record.id,
        title=title,
        text=text,
        lang=record.lang,
        published=record.instant(),
        url=record.url,
        country=record.country,
    )


def analyze(ctx: typer.Context, file: FileArgument = "-") -> None:
    """
    Read articles as JSON Lines, write one line each with its events.

    In: {"id","title","text" or "html","lang"?,"published"?,"url"?}. Out: {"id","lang","events"}.
    A line that cannot be read gives {"id","error"}, and the exit code is then 1.
    """
    from crawler.cli import records
    from crawler.wire import dump_analysis

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    classifier = _classifier(context)
    bad = 0
    with records.opened(file) as stream:
        for line in records.lines(stream):
            if line.record is None:
                bad += 1
                say(f"{file}:{line.number}: {line.problem}")
                show.json_lines([{"id": str(line.number), "error": line.problem}])
                continue
            analysis = classifier.analyze(_document(line.record))
            show.json_lines([dump_analysis(analysis, line.record.id or str(line.number))])
    if bad:
        raise typer.Exit(1)


def explain(
    ctx: typer.Context,
    what: Annotated[str, typer.Argument(metavar="URL, FILE or -")] = "-",
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    Show what was seen in an article, every figure's fate, and the words that decided.

    URL is an article in the database; FILE holds JSON Lines, HTML or plain text.
    """
    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    classifier = _classifier(context)
    for document in _documents(context, what):
        analysis, opinions = _second_look(context, document, classifier.analyze(document))
        if as_json:
            show.json_lines([_explained(document, analysis, opinions)])
        else:
            _draw(document, analysis, opinions)


def _second_look(
    context: Context, document: Document, analysis: Analysis
) -> tuple[Analysis, Sequence[Opinion]]:
    """Ask the second reader, where the config has one, as a crawl would."""
    config = context.loaded.config
    if config.llm is None:
        return analysis, ()
    import asyncio

    from crawler.app import second_reader

    reader = second_reader(config, now)
    assert reader is not None
    return asyncio.run(reader.look(document, analysis))


def _documents(context: Context, what: str) -> Iterator[Document]:
    if what.startswith(("http://", "https://")):
        yield _stored(context, what)
        return
    from crawler.cli import records

    with records.opened(what) as stream:
        text = stream.read(records.MAX_LINE)
    if text.lstrip().startswith("{"):
        yield from _from_lines(what, text)
    elif text.lstrip().startswith("<"):
        from crawler.extract import text_of

        title, body = text_of(text)
        yield Document(title=title, text=body, id=what)
    else:
        title, _, body = text.partition("\n")
        yield Document(title=title.strip(), text=body.strip(), id=what)


def _from_lines(name: str, text: str) -> Iterator[Document]:
    from crawler.cli import records

    for line in records.lines(text.splitlines()):
        if line.record is None:
            raise UsageError(f"{name}:{line.number}: {line.problem}")
        yield _document(line.record)


def _stored(context: Context, url: str) -> Document:
    from crawler.reading import document
    from crawler.store import articles

    with context.store() as store, store.read() as conn:
        found = articles.get(conn, url)
    if found is None:
        raise UsageError(
            f"{url} is not in the database; save the page and run `raisewire explain FILE`"
        )
    return document(found.article)


def _explained(
    document: Document, analysis: Analysis, opinions: Sequence[Opinion]
) -> dict[str, object]:
    from crawler.wire import dump_event, plain

    return {
        "id": document.id or document.url,
        "lang": analysis.lang,
        "events": [dump_event(event) for event in analysis.events],
        "restatements": [dump_event(event) for event in analysis.restatements],
        "denials": [dump_event(event) for event in analysis.denials],
        "figures": plain(analysis.figures),
        "refused": list(analysis.refused),
        "second": [
            {"company": o.event.company, "verdict": o.verdict, "reason": o.reason, "kept": o.kept}
            for o in opinions
        ],
    }


_FATES = {"taken": "bold green", "converted": "green", "refused": "red"}


def _draw(document: Document, analysis: Analysis, opinions: Sequence[Opinion]) -> None:
    from rich.text import Text

    from crawler.safe import one_line

    out = show.console()
    out.print(Text(one_line(document.title or document.id, 200), style="bold"))
    out.print(Text(f"language {analysis.lang}", style="dim"))
    out.print()
    out.print(Text("Figures", style="bold"))
    for figure in analysis.figures:
        value = show.money(figure.amount, figure.currency)
        line = Text("  ")
        line.append(f"{figure.fate:<9} ", style=_FATES.get(figure.fate, ""))
        line.append(f"{one_line(figure.text, 60):<32} ")
        line.append(f"{value:<16} {one_line(figure.reason, 80)}", style="dim")
        out.print(line)
    for title, events in (
        ("Events", analysis.events),
        ("Recalled (never a deal of its own)", analysis.restatements),
        ("Denied", analysis.denials),
    ):
        _draw_events(title, events)
    if opinions:
        out.print(Text("\nSecond reader", style="bold"))
    for one in opinions:
        head = f"  {one.event.company}: {one.verdict}{' (kept)' if one.kept else ''}"
        out.print(Text(one_line(f"{head} · {one.reason}", 400), style="magenta"))
    if analysis.refused:
        out.print(Text("\nRefused", style="bold"))
        for reason in analysis.refused:
            out.print(Text(f"  {one_line(reason, 300)}", style="red"))


def _draw_events(title: str, events: tuple[object, ...]) -> None:
    from rich.text import Text

    from crawler.safe import one_line
    from crawler.types import Event

    out = show.console()
    if events or title == "Events":
        out.print(Text(f"\n{title}", style="bold"))
    if not events and title == "Events":
        out.print("  none")
    for event in events:
        assert isinstance(event, Event)
        head = f"  {event.type.value} · {event.company} · {show.sum_of(event)} · "
        head += f"{event.status.value} · p={event.confidence:.2f}"
        out.print(Text(one_line(head, 300), style="bold cyan"))
        for name, value in _slots(event):
            out.print(Text(f"    {name:<11} {one_line(value, 400)}"))
        out.print(Text(f"    “{one_line(event.evidence, 600)}”", style="italic"))
        out.print(Text(f"    because {one_line('; '.join(event.why), 600)}", style="dim"))


def _slots(event: object) -> Iterator[tuple[str, str]]:
    from crawler.types import Event

    assert isinstance(event, Event)
    usd = f"{show.money(event.amount_usd, 'USD')} ({event.amount_usd_basis.value})"
    shown = {
        "aliases": ", ".join(event.aliases),
        "USD": usd if event.amount_usd is not None else "",
        "kind": show.kind_of(event),
        "lead": ", ".join(event.lead_investors),
        "investors": ", ".join(event.investors),
        "valuation": show.money(event.valuation, event.valuation_currency)
        if event.valuation
        else "",
        "bookrunners": ", ".join(event.bookrunners),
        "use": event.use_of_proceeds or "",
    }
    yield from ((name, value) for name, value in shown.items() if value)
