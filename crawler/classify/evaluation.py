"""
How good is a reader? Score any `Document -> Analysis` against gold articles.

    python -m crawler.classify.evaluation tests/corpus/de.jsonl --errors 20 --half even

Figures come with 95 % bootstrap intervals over articles: an article, not an event, is
what was sampled.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from crawler import wire
from crawler.classify import scoring
from crawler.classify.scoring import FLAGGED, Key, Mistake
from crawler.types import Analysis, Document, Event

Reader = Callable[[Document], Analysis]

_DRAWS = 1000
_SEED = 20250303
_BINS = 10


@dataclass(frozen=True, slots=True)
class Gold:
    """One article with what it reports."""

    document: Document
    events: tuple[Event, ...]
    kind: str = ""  # positive | hard_negative | easy_negative
    why: str = ""

    @property
    def id(self) -> str:
        """Name of the article in the corpus."""
        return self.document.id

    @property
    def lang(self) -> str:
        """Language it is written in."""
        return self.document.lang or "und"


@dataclass(frozen=True, slots=True)
class Tally:
    """True and false positives, false negatives; an accuracy has only the first and last."""

    tp: int = 0
    fp: int = 0
    fn: int = 0
    low: float | None = None  # 95 % interval of `f1` (of the accuracy, where fp is 0)
    high: float | None = None

    @property
    def precision(self) -> float | None:
        """Share of what was said that is right."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """Share of what was wanted that was said: the accuracy of a slot."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """Harmonic mean of the two."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else None


@dataclass(frozen=True, slots=True)
class Calibration:
    """How far a confidence of 80 % is right 8 times in 10."""

    ece: float
    brier: float
    bins: tuple[tuple[float, float, int], ...]  # (mean confidence, share right, count)


@dataclass(frozen=True, slots=True)
class Scores:
    """Every figure of one evaluation. Keys are (measure, type or "all", language or "all")."""

    articles: int
    tallies: Mapping[tuple[str, str, str], Tally]
    calibration: Calibration
    mistakes: tuple[Mistake, ...] = ()
    leaks: Mapping[str, tuple[int, int]] = field(default_factory=dict)  # what -> (leaked, of)
    languages: tuple[str, ...] = ()

    def get(self, measure: str, kind: str = "all", lang: str = "all") -> Tally:
        """Return a tally; an empty one where nothing was counted."""
        return self.tallies.get((measure, kind, lang), Tally())


def half_of(ident: str) -> str:
    """Return `even` or `odd`: a fixed split of the corpus into a half to read and one to keep."""
    return "odd" if hashlib.sha256(ident.encode()).digest()[0] % 2 else "even"


def _with_text_dates(event: Mapping[str, Any]) -> dict[str, Any]:
    """Return the event with maturities as text: a bare year is a number in the corpus."""
    tranches = [
        {**tranche, "maturity": str(tranche["maturity"])} if tranche.get("maturity") else tranche
        for tranche in event.get("tranches") or []
    ]
    return {**event, "tranches": tranches}


def _gold(row: Mapping[str, object]) -> Gold:
    published = row.get("published")
    when = datetime.fromisoformat(str(published)).replace(tzinfo=UTC) if published else None
    document = Document(
        title=str(row["title"]),
        text=str(row["text"]),
        lang=str(row.get("lang") or "und"),
        published=when,
        id=str(row["id"]),
        url=str(row.get("url") or ""),
    )
    events = row.get("events") or []
    assert isinstance(events, list)
    read = tuple(wire.load(Event, _with_text_dates(event)) for event in events)
    return Gold(document, read, str(row.get("kind", "")), str(row.get("why", "")))


def load(paths: Iterable[Path | str], half: str | None = None) -> list[Gold]:
    """
    Read gold articles from JSON Lines files; of one half only if `half` is even or odd.

    Raises:
        OSError, ValueError: a file cannot be read, or a line is no gold article.
    """
    lines = [line for path in paths for line in Path(path).read_text("utf-8").split("\n")]
    found = [_gold(json.loads(line)) for line in lines if line.strip()]
    return [gold for gold in found if half is None or half_of(gold.id) == half]


def _interval(rows: np.ndarray) -> tuple[float, float] | tuple[None, None]:
    """Return the 95 % bootstrap interval of F1; `rows` holds tp, fp, fn of each article."""
    rows = rows[rows.any(axis=1)]
    if len(rows) == 0:
        return None, None
    rng = np.random.default_rng(_SEED)
    drawn = rng.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), size=_DRAWS) @ rows
    total = 2 * drawn[:, 0] + drawn[:, 1] + drawn[:, 2]
    factor = 2 if rows[:, 1].any() else 1
    if factor == 1:
        total = drawn[:, 0] + drawn[:, 2]
    share = factor * drawn[:, 0] / np.maximum(total, 1)
    low, high = np.percentile(share, [2.5, 97.5])
    return float(low), float(high)


def _slices(key: Key, lang: str) -> Iterable[tuple[str, str, str]]:
    measure, kind, _ = key
    for of_kind in (kind, "all"):
        for of_lang in (lang, "all"):
            yield measure, of_kind, of_lang


_COLUMN = {"tp": 0, "fp": 1, "fn": 2}


def _tallies(counted: Sequence[tuple[str, Counter[Key]]]) -> dict[tuple[str, str, str], Tally]:
    """Pool per-article counts into tallies with intervals."""
    cells: dict[tuple[str, str, str], np.ndarray] = defaultdict(
        lambda: np.zeros((len(counted), 3), dtype=np.int64)
    )
    for row, (lang, counts) in enumerate(counted):
        for key, number in counts.items():
            for piece in _slices(key, lang):
                cells[piece][row, _COLUMN[key[2]]] += number
    pooled = {}
    for piece, rows in cells.items():
        tp, fp, fn = (int(x) for x in rows.sum(axis=0))
        pooled[piece] = Tally(tp, fp, fn, *_interval(rows))
    return pooled


def calibration(points: Sequence[tuple[float, bool]]) -> Calibration:
    """Return ECE over ten equal bins and the Brier score of (confidence, was right)."""
    if not points:
        return Calibration(0.0, 0.0, ())
    sure = np.array([p for p, _ in points])
    right = np.array([r for _, r in points], dtype=float)
    place = np.minimum((sure * _BINS).astype(int), _BINS - 1)
    bins = tuple(
        (float(sure[place == b].mean()), float(right[place == b].mean()), int((place == b).sum()))
        for b in range(_BINS)
        if (place == b).any()
    )
    ece = sum(n * abs(mean - share) for mean, share, n in bins) / len(points)
    return Calibration(float(ece), float(((sure - right) ** 2).mean()), bins)


def _points(analysis: Analysis, gold: Gold) -> Iterable[tuple[float, bool]]:
    said = [event for event in analysis.events if event.type in FLAGGED]
    wanted = [event for event in gold.events if event.type in FLAGGED]
    for pair in scoring.pair_up(said, wanted):
        if pair.said is not None:
            right = pair.gold is not None and scoring.same_company(pair.said, pair.gold)
            yield pair.said.confidence, right


def _leaks(read: Sequence[tuple[Gold, Analysis]]) -> dict[str, tuple[int, int]]:
    """Count what should have been refused: (leaked, out of how many)."""
    silent = [(g, a) for g, a in read if not any(e.type in FLAGGED for e in g.events)]
    leaked = [sum(e.type in FLAGGED for e in a.events) for _, a in silent]
    said, unmatched = 0, 0
    for gold, analysis in read:
        points = list(_points(analysis, gold))
        said += len(points)
        unmatched += sum(not right for _, right in points)
    return {
        "articles without a deal that gave one": (sum(n > 0 for n in leaked), len(silent)),
        "events said that are no gold event": (unmatched, said),
    }


def score(read: Sequence[tuple[Gold, Analysis]]) -> Scores:
    """Return the scores of readings already made."""
    counted = [(gold.lang, scoring.count(analysis, gold.events)) for gold, analysis in read]
    points = [point for gold, analysis in read for point in _points(analysis, gold)]
    wrong = [
        mistake
        for gold, analysis in read
        for mistake in scoring.mistakes(gold.id, gold.lang, analysis, gold.events)
    ]
    return Scores(
        articles=len(read),
        tallies=_tallies(counted),
        calibration=calibration(points),
        mistakes=tuple(wrong),
        leaks=_leaks(read),
        languages=tuple(dict.fromkeys(gold.lang for gold, _ in read)),
    )


def evaluate(analyse: Reader, gold: Iterable[Gold]) -> Scores:
    """Read every gold article with `analyse` and score what it says."""
    return score([(one, analyse(one.document)) for one in gold])


def main(arguments: Sequence[str] | None = None) -> int:
    """Print figures and errors for a developer of the reader."""
    from crawler.classify import Classifier, report

    parser = argparse.ArgumentParser(prog="python -m crawler.classify.evaluation")
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--lang", help="only articles in this language")
    parser.add_argument("--half", choices=("even", "odd"), help="half of the corpus, by id")
    parser.add_argument("--errors", type=int, default=0, metavar="N", help="show N errors")
    parser.add_argument("--only", default="", help="only errors of this kind (missed, status …)")
    asked = parser.parse_args(arguments)
    gold = [g for g in load(asked.files, asked.half) if asked.lang in (None, g.lang)]
    scores = evaluate(Classifier().analyze, gold)
    sys.stdout.write(report.render_table(scores) + "\n")
    shown = [m for m in scores.mistakes if asked.only in m.what][: asked.errors]
    sys.stdout.writelines(f"{m.article} {m.type} {m.what}: {m.reason}\n" for m in shown)
    return 0


if __name__ == "__main__":
    sys.exit(main())
