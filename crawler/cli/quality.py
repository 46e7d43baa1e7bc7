"""`evaluate` and `train`: how good the reader is, and how it learns."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crawler.cli import logs, show
from crawler.cli.context import current, say
from crawler.errors import UsageError

if TYPE_CHECKING:
    from crawler.classify.evaluation import Gold, Scores

Corpus = Annotated[
    list[Path], typer.Argument(metavar="CORPUS…", help="Gold articles as JSON Lines.")
]


def _gold(paths: list[Path]) -> list[Gold]:
    from crawler.classify.evaluation import load

    try:
        gold = load(paths)
    except OSError as error:
        raise UsageError(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise UsageError(f"the corpus cannot be read: {error}") from None
    if not gold:
        raise UsageError("the corpus is empty")
    return gold


def evaluate(  # noqa: PLR0913, PLR0917 - the options of the command
    ctx: typer.Context,
    corpus: Corpus,
    report: Annotated[
        Path | None, typer.Option(help="Write the whole report (Markdown) and its plot there.")
    ] = None,
    floor: Annotated[
        Path | None, typer.Option(help="JSON of least figures; exit 1 below any of them.")
    ] = None,
    cross: Annotated[
        bool, typer.Option("--cross", help="Cross-validate: train without the articles scored.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line.")] = False,
) -> None:
    """
    Measure precision, recall and F1 per type and language, slots, cards and calibration.

    The shipped weights have seen our own corpus; --cross scores each article with weights
    that have not.
    """
    from crawler.classify import report as reports

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    gold = _gold(corpus)
    scores = _scores(gold, cross)
    if as_json:
        show.json_lines(reports.rows(scores))
    else:
        print(reports.render_table(scores))
    if report:
        report.write_text(reports.render_report(scores), encoding="utf-8")
        report.with_suffix(".svg").write_text(
            reports.render_svg(scores.calibration), encoding="utf-8"
        )
        say(f"report written to {report}")
    if floor:
        below = reports.floors(scores, json.loads(floor.read_text(encoding="utf-8")))
        for line in below:
            say(f"below the floor: {line}")
        if below:
            raise typer.Exit(1)


def _scores(gold: list[Gold], cross: bool) -> Scores:
    from crawler.classify import Classifier
    from crawler.classify.evaluation import evaluate as scored
    from crawler.classify.training import cross_validate

    if cross:
        return cross_validate(lambda model: Classifier(weights=model), gold)
    return scored(Classifier().analyze, gold)


def train(
    ctx: typer.Context,
    corpus: Corpus,
    out: Annotated[Path, typer.Option(help="Where the weights go.")] = Path("weights.npz"),
) -> None:
    """Fit the weights that decide, from gold articles (extra: train)."""
    from crawler.classify import Classifier
    from crawler.classify.model import save
    from crawler.classify.training import train as fitted

    context = current(ctx)
    logs.set_up(verbose=context.verbose, log_format=context.log_format)
    gold = _gold(corpus)
    model, rows = fitted(Classifier(), gold)
    digest = save(model, out)
    say(f"{len(rows)} candidates of {len(gold)} articles; {out} has sha256 {digest}")
