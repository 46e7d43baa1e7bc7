"""
Train the deciding model from gold articles, and measure it on articles it has not seen.

One row is one candidate event; it is a positive when it is one of the article's gold
events. Folds are made of whole families of articles that share a company (or of whole
sources), never of rows, so that no company is learnt and then recognised.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from crawler.classify import analysis, evaluation, model, scoring
from crawler.classify.evaluation import Gold, Scores
from crawler.classify.fitting import FOLDS, Row, fit, folds
from crawler.classify.model import Model
from crawler.classify.scoring import FLAGGED
from crawler.types import Analysis, Document, Event


class Candidate(Protocol):
    """What the reader offers before the model decides."""

    @property
    def event(self) -> Event:
        """The event it would be."""

    @property
    def features(self) -> Mapping[str, float]:
        """Named, each about -1 to 1."""

    @property
    def text(self) -> str:
        """Masked words around it."""


class Reader(Protocol):
    """A classifier whose candidates can be asked for."""

    def candidates(self, doc: Document) -> Sequence[Candidate]:
        """Return every would-be event, before the model decides."""

    def analyze(self, doc: Document) -> Analysis:
        """Return the reading."""


def _is_gold(candidate: Event, pairs: Sequence[scoring.Pair], gold: Sequence[Event]) -> bool:
    """Tell whether a candidate is an event of the article, or a second copy of one."""
    for pair in pairs:
        if pair.said is candidate and pair.gold is not None:
            near = scoring.same_company(candidate, pair.gold)
            told = pair.gold.amount is not None
            return near or (told and scoring.same_amount(candidate, pair.gold))
    return any(
        candidate.type is event.type
        and scoring.same_company(candidate, event)
        and scoring.same_amount(candidate, event)
        for event in gold
    )


def _status_of(candidate: Event, pairs: Sequence[scoring.Pair]) -> str:
    """Return the status of the gold event a candidate is; "" if it is none."""
    for pair in pairs:
        if pair.said is candidate and pair.gold and scoring.same_company(candidate, pair.gold):
            return scoring.folded_status(pair.gold).value
    return ""


def _is_right(candidate: Event, pairs: Sequence[scoring.Pair]) -> bool:
    """Tell whether a candidate is a gold event with its company."""
    return any(
        pair.said is candidate
        and pair.gold is not None
        and scoring.same_company(candidate, pair.gold)
        for pair in pairs
    )


def rows_of(reader: Reader, gold: Gold) -> list[Row]:
    """Return one row for every flagged candidate of an article."""
    found = [c for c in reader.candidates(gold.document) if c.event.type in FLAGGED]
    wanted = [event for event in gold.events if event.type in FLAGGED]
    pairs = scoring.pair_up([c.event for c in found], wanted)
    return [
        Row(
            gold.id,
            gold.lang,
            c.event.type,
            c.features,
            c.text,
            _is_gold(c.event, pairs, wanted),
            getattr(c, "signs", {}),
            _status_of(c.event, pairs),
            _is_right(c.event, pairs),
            any(event.type is c.event.type for event in wanted),
        )
        for c in found
    ]


def briefs(gold: Gold) -> list[Gold]:
    """Return an article as feeds carry it: the headline alone, and with its first paragraph."""
    document = gold.document
    teaser = document.text.strip().partition("\n")[0]
    texts = [""] if teaser == document.text.strip() else ["", teaser]
    return [replace(gold, document=replace(document, text=text)) for text in texts]


def all_rows_of(reader: Reader, gold: Gold) -> list[Row]:
    """Return the rows of an article and of its briefs, so that headlines are learnt too."""
    short = [replace(row, brief=True) for one in briefs(gold) for row in rows_of(reader, one)]
    return [*rows_of(reader, gold), *short]


# --- families ------------------------------------------------------------------------


def _root(parent: dict[str, str], node: str) -> str:
    while parent[node] != node:
        parent[node] = parent[parent[node]]
        node = parent[node]
    return node


def families(gold: Iterable[Gold]) -> dict[str, str]:
    """Return the family of every article: those that share a company, over any number of steps."""
    parent: dict[str, str] = {}
    for one in gold:
        parent.setdefault(one.id, one.id)
        for name in (n for event in one.events for n in scoring.names(event) if len(n) > 1):
            node = f"company {name}"
            parent.setdefault(node, node)
            parent[_root(parent, node)] = _root(parent, one.id)
    return {node: _root(parent, node) for node in parent if not node.startswith("company ")}


def sources(gold: Iterable[Gold]) -> dict[str, str]:
    """Return the source of every article: what stands before the language in its id."""
    return {one.id: one.id.split(f"{one.lang}-")[0].strip("-") or "first" for one in gold}


_CARD = """# Model card: the deciding model

Version `{version}`; trained by `raisewire train`. Weights: `crawler/classify/weights/model.npz`
(int8 tables and float32 candidate features; SHA-256 `{digest}`), numpy only at run time.

**What it does.** It says how likely a candidate event (proposed by the rules, with its features
and the masked words around it) is a funding round or a bond that the article reports as news.
It never reads a slot: company, amount and the rest come from the rules.

**What it was trained on.** {articles} articles of this project's own corpus (invented companies
and deals, nine languages), which gave these candidates:

| type | candidates | of them events | store | decide | alert |
|---|---|---|---|---|---|
{rows}

{spare}No text of a news outlet feeds the weights.

**How.** Unweighted logistic regression over named candidate features and hashed character
2-4-grams and words (companies and figures masked), L2 penalty; Platt's sigmoid fitted on
scores from outside the fold, one for each language with enough rows, leaning on the one of all.
Folds are families of articles that share a company. `docs/quality.md` has the figures.

**Where it is weak.** Languages with few articles (Portuguese, Japanese, Korean, Spanish) lean on
the rules; other languages have no training rows and should come out unsure. Half of the
corpus is deals and hard negatives; live feeds carry far fewer deals, so a confidence there is
somewhat too high: watch the calibration of confirmed and rejected deals and train again.
"""


def card(trained: Model, rows: Sequence[Row], articles: int, digest: str, spare: int = 0) -> str:
    """Return the model card; `spare` counts further articles used as negatives."""
    lines = []
    for kind, head in trained.heads.items():
        mine = [row.label for row in rows if row.kind is kind and not row.brief]
        at = head.thresholds
        lines.append(
            f"| {kind} | {len(mine)} | {sum(mine)} "
            f"| {at.store:.2f} | {at.decide:.2f} | {at.alert:.2f} |"
        )
    more = f"{spare} texts of permissively licensed data sets served as negatives. "
    return _CARD.format(
        version=trained.version,
        digest=digest,
        articles=articles,
        rows="\n".join(lines),
        spare=more if spare else "",
    )


class House:
    """Our own reader around a model; it remembers what it proposed for each document."""

    def __init__(
        self, judge: Model, memory: dict[Document, analysis.Proposals] | None = None
    ) -> None:
        self._judge = judge
        self._memory = {} if memory is None else memory

    def _proposals(self, doc: Document) -> analysis.Proposals:
        if doc not in self._memory:
            self._memory[doc] = analysis.propose(doc, doc.lang or "en")
        return self._memory[doc]

    def candidates(self, doc: Document) -> Sequence[Candidate]:
        """Return what the model is asked about: proposals with a company, not denied."""
        return [p for p in self._proposals(doc).proposals if p.event.company and not p.denied]

    def analyze(self, doc: Document) -> Analysis:
        """Return the reading."""
        return analysis.conclude(self._proposals(doc), self._judge)


def house() -> Callable[[Model], House]:
    """Return a maker of readers that read every document once, whatever the model."""
    memory: dict[Document, analysis.Proposals] = {}
    return lambda judge: House(judge, memory)


# --- the whole way -------------------------------------------------------------------


def train(reader: Reader, gold: Sequence[Gold]) -> tuple[Model, list[Row]]:
    """Return a model trained on all of `gold`, and the rows it was made of."""
    rows = [row for one in gold for row in all_rows_of(reader, one)]
    return fit(rows, families(gold)), rows


def cross_validate(
    make: Callable[[Model], Reader],
    gold: Sequence[Gold],
    negatives: Sequence[Gold] = (),
    groups: Mapping[str, str] | None = None,
) -> Scores:
    """
    Score every article with a model that was trained without its family.

    Args:
        make: builds a reader around a model.
        gold: the articles.
        negatives: more articles without deals, for training only.
        groups: article -> family; by company when absent (`sources` for by source).
    """
    kin = dict(groups or families(gold))
    placed = folds(kin, min(FOLDS, len(set(kin.values()))))
    cold = make(model.cold())
    rows = {one.id: all_rows_of(cold, one) for one in (*gold, *negatives)}
    spare = [row for one in negatives for row in rows[one.id]]
    read = []
    for fold in sorted(set(placed.values())):
        seen = [row for one in gold if placed[one.id] != fold for row in rows[one.id]]
        own = {row.article: kin.get(row.article, row.article) for row in (*seen, *spare)}
        reader = make(fit([*seen, *spare], own))
        read += [(one, reader.analyze(one.document)) for one in gold if placed[one.id] == fold]
    order = {one.id: i for i, one in enumerate(gold)}
    return evaluation.score(sorted(read, key=lambda pair: order[pair[0].id]))
