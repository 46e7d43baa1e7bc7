"""
Fit the deciding model: regression in the dual, Platt's sigmoid, thresholds.

The regression is unweighted (weights for rare classes wreck calibration), starts from
`priors.py`, and is calibrated on scores from outside the fold. Needs the `train` extra (scipy).
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from crawler.classify import features, model, priors, stages
from crawler.classify.model import Head, Model, Thresholds
from crawler.classify.scoring import FLAGGED
from crawler.errors import UsageError
from crawler.types import DealType

FOLDS = 5
ALERT_PRECISION = 0.97
STORE_RECALL = 0.98
FLAT = 0.01  # a difference of F1 that is noise
LEAST = 0.3  # under this a candidate is for review: general business news stays quiet

_FREEDOM = 0.3  # C of the regression: how little its weights are held to zero
_TEXT_SHARE = 1.0  # how freely the hashed text may speak beside them
_OWN_PLATT = 60  # rows from which a language has a sigmoid of its own
_PLATT_PRIOR = 8.0  # how strongly it leans on the one of all languages

Floats = npt.NDArray[np.float64]


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
    told: bool = False  # its article reports a deal of this type: what an alert promises
    brief: bool = False  # of a headline: learnt from, but not calibrated on


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


def alert_from(sure: Floats, told: npt.NDArray[np.bool_]) -> float:
    """Return the least probability from which articles are right often enough to alert."""
    order = np.argsort(-sure)
    precise = np.cumsum(told[order]) / np.arange(1, len(order) + 1)
    sharp = np.flatnonzero(precise >= ALERT_PRECISION)
    return float(sure[order][sharp[-1]]) if len(sharp) else 0.95


def _best_of_each(rows: Sequence[Row], sure: Floats) -> tuple[Floats, npt.NDArray[np.bool_]]:
    """Return the surest candidate of every article, and whether the article tells of a deal."""
    best: dict[str, tuple[float, bool]] = {}
    for row, p in zip(rows, sure, strict=True):
        best[row.article] = max(best.get(row.article, (0.0, False)), (float(p), row.told))
    pairs = list(best.values())
    return np.array([p for p, _ in pairs]), np.array([told for _, told in pairs])


def thresholds(sure: Floats, labels: npt.NDArray[np.bool_], alert: float = 0.95) -> Thresholds:
    """Return the thresholds for review (recall) and for events (F1), beside that for alerts."""
    order = np.argsort(-sure)
    sure, right = sure[order], np.cumsum(labels[order])
    if not len(sure) or not right[-1]:
        return Thresholds()
    said = np.arange(1, len(sure) + 1)
    f1 = 2 * right / (said + right[-1])
    as_good = np.flatnonzero(f1 >= f1.max() - FLAT)  # the curve is flat: take the most recall
    decide = float(np.clip(sure[int(as_good[-1])], LEAST, 0.6))
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
    sure = _probabilities(whole, scores, head)
    alert = alert_from(*_best_of_each(whole, sure))
    return replace(head, thresholds=thresholds(sure, labels, alert))


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
