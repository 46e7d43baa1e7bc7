"""
How far a deal is, weighed: each status has a weight for each sign, and the highest sum wins.

Signs are the scores of `status.py` in the candidate's own line, the title and the lines under
it. Weights are learnt with the deciding model and travel in its card; without them the rules
of `status.py` decide alone.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt

Signs = Mapping[str, float]
Stages = Mapping[str, Signs]  # status -> sign -> weight; the sign "" is the bias

_PENALTY = 1.0
_FEWEST = 60  # examples below which the rules know better


def decide(stages: Stages, signs: Signs) -> str | None:
    """Return the likeliest status; None without weights."""
    if not stages:
        return None

    def total(status: str) -> float:
        weights = stages[status]
        return weights.get("", 0.0) + sum(weights.get(k, 0.0) * v for k, v in signs.items())

    return max(stages, key=total)


def _matrix(rows: Sequence[Signs], names: Sequence[str]) -> npt.NDArray[np.float64]:
    place = {name: i for i, name in enumerate(names)}
    table = np.zeros((len(rows), len(names) + 1))
    table[:, -1] = 1.0
    for i, row in enumerate(rows):
        for name, value in row.items():
            if name in place:
                table[i, place[name]] = value
    return table


def fit(rows: Sequence[tuple[Signs, str]]) -> Stages:
    """Return weights by multinomial logistic regression with an L2 penalty."""
    from scipy.optimize import minimize  # type: ignore[import-untyped,unused-ignore]

    if len(rows) < _FEWEST:
        return {}
    names = sorted({name for signs, _ in rows for name in signs})
    kinds = sorted({status for _, status in rows})
    x = _matrix([signs for signs, _ in rows], names)
    y = np.array([[status == kind for kind in kinds] for _, status in rows], dtype=float)

    def loss(flat: npt.NDArray[np.float64]) -> tuple[float, npt.NDArray[np.float64]]:
        w = flat.reshape(x.shape[1], len(kinds))
        raw = x @ w
        raw -= raw.max(axis=1, keepdims=True)
        p = np.exp(raw)
        p /= p.sum(axis=1, keepdims=True)
        held = w.copy()
        held[-1] = 0.0  # the bias is free
        value = -np.log((p * y).sum(axis=1) + 1e-12).sum() + 0.5 * _PENALTY * (held**2).sum()
        return float(value), (x.T @ (p - y) + _PENALTY * held).ravel()

    start = np.zeros(x.shape[1] * len(kinds))
    w = minimize(loss, start, jac=True, method="L-BFGS-B").x.reshape(x.shape[1], len(kinds))
    labels = [*names, ""]
    return {
        kind: {n: round(float(v), 4) for n, v in zip(labels, w[:, j], strict=True) if abs(v) > 0.01}
        for j, kind in enumerate(kinds)
    }
