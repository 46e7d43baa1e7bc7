"""
Train the deciding model from gold articles, and measure it on articles it has not seen.

One row is one candidate event; it is a positive when it is one of the article's gold
events. Folds are made of whole families of articles that share a company (or of whole
sources), never of rows, so that no company is learnt and then recognised. The regression
is unweighted (weights for rare classes wreck calibration); Platt's sigmoid is fitted on
scores from outside the fold. Needs the `train` extra (scipy).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from crawler.classify import analysis, evaluation, features, model, priors, scoring, stages
from crawler.classify.evaluation import Gold, Scores
from crawler.classify.model import Head, Model, Thresholds
from crawler.classify.scoring import FLAGGED
from crawler.errors import UsageError
from crawler.types import Analysis, DealType, Document, Event

FOLDS = 5
ALERT_PRECISION = 0.97
STORE_RECALL = 0.98
FLAT = 0.01  # a difference of F1 that is noise

_FREEDOM = 0.3  # C of the regression: how little its weights are held to zero
_TEXT_SHARE = 1.0  # how freely the hashed text may speak beside them
_OWN_PLATT = 60  # rows from which a language has a sigmoid of its own
_PLATT_PRIOR = 8.0  # how strongly it leans on the one of all languages

Floats = npt.NDArray[np.float64]


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


@dataclass(frozen=True, slots=True)
class Row:
    """One candidate with its label."""

    article: str
    lang: str
    kind: DealType
    features: Mapping[str, float]
    text: str
    label: bool
    signs: Mapping[str, float] = field(default_factory=dict)
    status: str = ""  # of the gold event it is, folded as scoring folds
    right: bool = False  # its company is the gold one, too: what a confidence promises
    brief: bool = False  # of a headline: learnt from, but not calibrated on


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


# --- folds ---------------------------------------------------------------------------


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


def folds(groups: Mapping[str, str], number: int = FOLDS) -> dict[str, int]:
    """Deal whole groups into folds of about equal size; the same every time."""
    members: dict[str, list[str]] = defaultdict(list)
    for article, group in groups.items():
        members[group].append(article)
    sizes = [0] * number
    placed: dict[str, int] = {}
    order = sorted(members, key=lambda g: (-len(members[g]), hashlib.sha256(g.encode()).digest()))
    for group in order:
        fold = sizes.index(min(sizes))
        sizes[fold] += len(members[group])
        placed.update(dict.fromkeys(members[group], fold))
    return placed


# --- fitting -------------------------------------------------------------------------


def _names(rows: Sequence[Row]) -> list[str]:
    found = {name for row in rows for name in row.features}
    return sorted(found | {f"lang={row.lang}" for row in rows} | set(priors.PRIORS))


@lru_cache(maxsize=8192)
def _hashed(text: str) -> tuple[features.Cells, features.Weights]:
    return features.hashed(text)


def _matrix(rows: Sequence[Row], names: Sequence[str]) -> Any:  # noqa: ANN401 - scipy is lazy
    try:
        from scipy import sparse  # type: ignore[import-untyped]  # it ships no types
    except ImportError as e:
        raise UsageError("training needs scipy: pip install 'raisewire[train]'") from e

    place = {name: i for i, name in enumerate(names)}
    values: list[float] = []
    columns: list[int] = []
    starts = [0]
    for row in rows:
        for name, value in {**row.features, f"lang={row.lang}": 1.0}.items():
            if value and name in place:
                columns.append(place[name])
                values.append(max(-5.0, min(5.0, value)))
        cells, strength = _hashed(row.text)
        columns.extend((cells + len(names)).tolist())
        values.extend((strength * _TEXT_SHARE).tolist())
        starts.append(len(columns))
    shape = (len(rows), len(names) + features.SIZE)
    return sparse.csr_matrix((values, columns, starts), shape=shape)


def _solved(
    gram: Floats, labels: Floats, freedom: float, start: Floats | None = None
) -> tuple[Floats, float]:
    """
    Fit L2-penalised logistic regression in its dual: one unknown a row, not one a cell.

    Newton's method on `freedom * sum(log loss) + |w|**2 / 2` with w = rows.T @ dual and a free
    bias; a few solves of a matrix as large as there are rows. `start` holds the scores that
    the priors give: w is what is learnt on top of them.
    """
    given = np.zeros(len(labels)) if start is None else start
    scores = given.copy()
    dual, bias = np.zeros(len(labels)), 0.0
    for _ in range(40):
        p = np.clip(1 / (1 + np.exp(-np.clip(scores, -30, 30))), 1e-4, 1 - 1e-4)
        spread = p * (1 - p)
        curve = gram + np.diag(1 / (freedom * spread))
        target = scores - given + (labels - p) / spread
        part, ones = np.linalg.solve(curve, np.column_stack([target, np.ones(len(labels))])).T
        bias = float(part.sum() / ones.sum())
        dual = part - bias * ones
        moved = gram @ dual + bias + given - scores
        scores = scores + moved * min(1.0, 4.0 / max(float(np.abs(moved).max()), 1e-12))
        if np.abs(moved).max() < 1e-4:
            break
    return dual, bias


def _regression(rows: Sequence[Row], names: Sequence[str]) -> tuple[Floats, float]:
    """Return the weights (candidate features, then text cells) and the bias."""
    labels = np.array([row.label for row in rows], dtype=np.float64)
    if labels.min() == labels.max():
        return np.zeros(len(names) + features.SIZE), 3.0 if labels.any() else -3.0
    table = _matrix(rows, names)
    start = np.array([priors.score(row.features) for row in rows])
    dual, bias = _solved((table @ table.T).toarray(), labels, _FREEDOM, start)
    weights = np.asarray(table.T @ dual, dtype=np.float64)
    weights[: len(names)] += [priors.PRIORS.get(name, 0.0) for name in names]
    return weights, bias


def _unfitted_head(rows: Sequence[Row]) -> Head:
    """Return a head without Platt parameters and thresholds."""
    names = _names(rows)
    weights, bias = _regression(rows, names)
    dense, text = weights[: len(names)], weights[len(names) :] * _TEXT_SHARE
    scale = float(np.abs(text).max()) / 127 or 1.0
    return Head(
        bias=bias,
        dense={name: float(w) for name, w in zip(names, dense, strict=True)},
        table=np.round(text / scale).astype(np.int8),
        scale=scale,
    )


def platt(
    scores: Floats, labels: Floats, prior: tuple[float, float] = (1.0, 0.0), weight: float = 1.0
) -> tuple[float, float]:
    """Fit `sigmoid(a * score + b)` by Newton's method, leaning on `prior`."""
    a, b = prior
    for _ in range(50):
        p = 1 / (1 + np.exp(-np.clip(a * scores + b, -30, 30)))
        miss, spread = p - labels, p * (1 - p)
        gradient = np.array(
            [miss @ scores + weight * (a - prior[0]), miss.sum() + weight * (b - prior[1])]
        )
        cross = spread @ scores
        curve = np.array([[spread @ scores**2 + weight, cross], [cross, spread.sum() + weight]])
        step = np.linalg.solve(curve, gradient)
        a, b = a - float(step[0]), b - float(step[1])
        if np.abs(step).max() < 1e-6:
            break
    return max(a, 0.05), b


def _platts(rows: Sequence[Row], scores: Floats) -> dict[str, tuple[float, float]]:
    labels = np.array([row.right for row in rows], dtype=float)
    pooled = platt(scores, labels)
    found = {"all": pooled}
    for lang in sorted({row.lang for row in rows}):
        here = np.array([row.lang == lang for row in rows])
        if here.sum() >= _OWN_PLATT and 0 < labels[here].mean() < 1:
            found[lang] = platt(scores[here], labels[here], pooled, _PLATT_PRIOR)
    return found


def _probabilities(rows: Sequence[Row], scores: Floats, head: Head) -> Floats:
    pairs = [head.platt.get(row.lang) or head.platt["all"] for row in rows]
    return np.array(
        [model.sigmoid(a * score + b) for (a, b), score in zip(pairs, scores, strict=True)]
    )


def thresholds(sure: Floats, labels: npt.NDArray[np.bool_]) -> Thresholds:
    """Return the thresholds for review (recall), for events (F1) and for alerts (precision)."""
    order = np.argsort(-sure)
    sure, right = sure[order], np.cumsum(labels[order])
    if not len(sure) or not right[-1]:
        return Thresholds()
    said = np.arange(1, len(sure) + 1)
    f1 = 2 * right / (said + right[-1])
    as_good = np.flatnonzero(f1 >= f1.max() - FLAT)  # the curve is flat: take the most recall
    decide = float(np.clip(sure[int(as_good[-1])], 0.25, 0.6))
    sharp = np.flatnonzero(right / said >= ALERT_PRECISION)
    alert = float(sure[sharp[-1]]) if len(sharp) else 0.95
    store = float(sure[int(np.argmax(right >= STORE_RECALL * right[-1]))])
    alert = min(max(alert, decide), 0.95)
    return Thresholds(min(max(store, 0.05), decide), decide, alert)


def _outside_scores(rows: Sequence[Row], asked: Sequence[Row], placed: Mapping[str, int]) -> Floats:
    """Score every row asked for with a head that has not seen its fold."""
    scores = np.zeros(len(asked))
    for fold in sorted(set(placed.values())):
        seen = [row for row in rows if placed[row.article] != fold]
        head = _unfitted_head(seen) if seen else Head()
        judge = Model({row.kind: head for row in asked})
        for i, row in enumerate(asked):
            if placed[row.article] == fold:
                scores[i] = judge.judge(row.kind, row.lang, row.features, row.text).score
    return scores


def _head(rows: Sequence[Row], placed: Mapping[str, int]) -> Head:
    whole = [row for row in rows if not row.brief] or list(rows)
    scores = _outside_scores(rows, whole, placed)
    head = replace(_unfitted_head(rows), platt=_platts(whole, scores))
    labels = np.array([row.label for row in whole])
    return replace(head, thresholds=thresholds(_probabilities(whole, scores, head), labels))


def fit(rows: Sequence[Row], groups: Mapping[str, str]) -> Model:
    """
    Train one head for each deal type that has candidates.

    `groups` maps every article to its family. The version is a digest of the rows.

    Raises:
        UsageError: there are no candidates, or scipy is not installed.
    """
    if not rows:
        raise UsageError("no candidates to train from")
    placed = folds(groups)
    heads = {}
    for kind in FLAGGED:
        mine = [row for row in rows if row.kind is kind]
        if mine:
            heads[kind] = _head(mine, placed)
    digest = hashlib.sha256(repr([(r.article, r.text, r.label) for r in rows]).encode())
    told = stages.fit([(row.signs, row.status) for row in rows if row.status])
    return Model(heads, digest.hexdigest()[:12], told)


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
        mine = [row.label for row in rows if row.kind is kind]
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
