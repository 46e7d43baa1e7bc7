"""Scores as a table for a terminal, a Markdown report with a plot, and a list of floors missed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from crawler.classify.evaluation import Calibration, Scores, Tally
from crawler.classify.scoring import ACCURACY, SETS

_MEASURES = ("documents", "events", "cards", "company", *ACCURACY, *SETS)
_ACCURACIES = frozenset(("cards", "company", *ACCURACY))
_KINDS = ("funding", "bond", "all")


def value(measure: str, tally: Tally) -> float | None:
    """Return the one figure of a measure: accuracy of a slot, F1 of everything else."""
    return tally.recall if measure in _ACCURACIES else tally.f1


def _figure(number: float | None) -> str:
    return "    –" if number is None else f"{number:5.3f}"


def _languages(scores: Scores) -> tuple[str, ...]:
    return ("all", *scores.languages) if len(scores.languages) > 1 else scores.languages


def _table_row(scores: Scores, measure: str, kind: str) -> str:
    figures = (
        _figure(value(measure, scores.get(measure, kind, lang))) for lang in _languages(scores)
    )
    return f"{measure:16} {kind:8} " + "  ".join(figures)


def render_table(scores: Scores) -> str:
    """Return the scores as plain text: one line a measure, one column a language."""
    lines = [f"{scores.articles} articles", " " * 26 + "    ".join(_languages(scores))]
    for measure in _MEASURES:
        kinds = _KINDS if measure in ("documents", "events", "cards") else ("all",)
        lines += [_table_row(scores, measure, kind) for kind in kinds]
    for what, (leaked, total) in scores.leaks.items():
        lines.append(f"{what}: {leaked} of {total}")
    sure = scores.calibration
    lines.append(f"calibration: ECE {sure.ece:.3f}, Brier {sure.brier:.3f}")
    kinds_of_error = Counter(f"{m.type} {m.what}" for m in scores.mistakes)
    lines.append("errors: " + ", ".join(f"{k} {n}" for k, n in kinds_of_error.most_common()))
    return "\n".join(lines)


def _cell(measure: str, tally: Tally) -> str:
    number = value(measure, tally)
    if number is None:
        return "–"
    if tally.low is None or tally.high is None:
        return f"{number:.3f}"
    return f"{number:.3f} ({tally.low:.2f}–{tally.high:.2f})"


def _markdown_table(scores: Scores, measure: str, kinds: Iterable[str]) -> list[str]:
    lines = [
        "| language | type | precision | recall | F1 (95 % interval) | gold | said |",
        "|---|---|---|---|---|---|---|",
    ]
    for lang in _languages(scores):
        for kind in kinds:
            tally = scores.get(measure, kind, lang)
            precision, recall = _figure(tally.precision).strip(), _figure(tally.recall).strip()
            lines.append(
                f"| {lang} | {kind} | {precision} | {recall} | {_cell(measure, tally)} "
                f"| {tally.tp + tally.fn} | {tally.tp + tally.fp} |"
            )
    return lines


def _slot_table(scores: Scores) -> list[str]:
    languages = _languages(scores)
    lines = ["| slot | " + " | ".join(languages) + " |", "|---" * (len(languages) + 1) + "|"]
    for measure in ("cards", "company", *ACCURACY, *SETS):
        cells = [_cell(measure, scores.get(measure, "all", lang)) for lang in languages]
        lines.append(f"| {measure} | " + " | ".join(cells) + " |")
    return lines


def _mistake_table(scores: Scores, limit: int) -> list[str]:
    lines = [f"- `{m.article}` {m.type}, {m.what}: {m.reason}" for m in scores.mistakes[:limit]]
    rest = len(scores.mistakes) - limit
    return [*lines, f"- … and {rest} more"] if rest > 0 else lines


def render_report(scores: Scores, title: str = "Quality", limit: int = 200) -> str:
    """Return the scores as Markdown, with at most `limit` errors listed by article."""
    sure = scores.calibration
    parts = [
        f"# {title}",
        f"{scores.articles} articles. Intervals are 95 % bootstrap intervals over articles.",
        "## Documents: does the article report a deal of this type?",
        "\n".join(_markdown_table(scores, "documents", ("funding", "bond"))),
        "## Events: type and company",
        "\n".join(_markdown_table(scores, "events", ("funding", "bond", "all"))),
        "## Slots",
        (
            "Cards (company, amount, currency and status all right) are of all events wanted; "
            "company of all events of the right type; the rest of the events found. "
            "Sets (investors, bond types, bookrunners) are F1."
        ),
        "\n".join(_slot_table(scores)),
        "## What should have been refused",
        "\n".join(f"- {what}: {n} of {total}" for what, (n, total) in scores.leaks.items()),
        "## Calibration",
        f"Expected calibration error {sure.ece:.3f}, Brier score {sure.brier:.3f}.",
        render_svg(sure),
        "## Errors",
        "\n".join(_mistake_table(scores, limit)),
    ]
    return "\n\n".join(parts) + "\n"


def render_svg(sure: Calibration, size: int = 260) -> str:
    """Return the reliability plot: share right over mean confidence; the diagonal is perfect."""
    edge, span = 30, size - 40

    def spot(x: float, y: float) -> str:
        return f'cx="{edge + x * span:.1f}" cy="{10 + (1 - y) * span:.1f}"'

    most = max((count for *_, count in sure.bins), default=1)
    dots = "".join(
        f'<circle {spot(mean, share)} r="{3 + 6 * (count / most) ** 0.5:.1f}" fill="#2563eb">'
        f"<title>{count} events: confidence {mean:.2f}, right {share:.2f}</title></circle>"
        for mean, share, count in sure.bins
    )
    floor, right = 10 + span, edge + span
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}" width="{size}" '
        f'role="img" aria-label="Reliability: share right over confidence">'
        f'<path d="M{edge} 10V{floor}H{right}" fill="none" stroke="#666"/>'
        f'<path d="M{edge} {floor}L{right} 10" stroke="#bbb" stroke-dasharray="4 4"/>{dots}'
        f'<text x="{edge}" y="{size - 8}" font-size="11">0</text>'
        f'<text x="{right - 70}" y="{size - 8}" font-size="11">confidence 1</text>'
        f'<text x="4" y="18" font-size="11">right</text></svg>'
    )


def rows(scores: Scores) -> list[dict[str, object]]:
    """Return every figure as one JSON-ready row."""
    return [
        {
            "measure": measure,
            "type": kind,
            "lang": lang,
            "value": value(measure, tally),
            "precision": tally.precision,
            "recall": tally.recall,
            "low": tally.low,
            "high": tally.high,
            "wanted": tally.tp + tally.fn,
        }
        for (measure, kind, lang), tally in sorted(scores.tallies.items())
    ]


def floors(scores: Scores, floor: Mapping[str, float]) -> list[str]:
    """
    Return one line for every figure under its floor; none when all hold.

    Keys of `floor` are `measure/type/language` ("events/bond/all", "status/all/all");
    "ece" is a ceiling.
    """
    missed = []
    for key, least in floor.items():
        if key == "ece":
            if scores.calibration.ece > least:
                missed.append(f"ece is {scores.calibration.ece:.3f}, above {least:.3f}")
            continue
        measure, kind, lang = key.split("/")
        number = value(measure, scores.get(measure, kind, lang))
        if number is not None and number < least:
            missed.append(f"{key} is {number:.3f}, below {least:.3f}")
    return missed
