"""
What a candidate looks like among the others of its article.

Most articles report one deal. A candidate that is far behind the best one, or whose sum another
candidate explains better, is seldom news; these features let the model learn how seldom.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crawler.types import DealType, Event

Features = Mapping[str, float]
Sum = tuple[Decimal | None, str | None]


@dataclass(frozen=True, slots=True)
class Member:
    """A candidate's event and its own features."""

    event: Event
    features: Features


def _clip(value: float) -> float:
    return max(-1.0, min(1.0, value))


def _score(one: Member) -> float:
    return one.features.get("rule_score", 0.0)


def _same_sum(one: Member, other: Member) -> bool:
    told = one.event.amount is not None
    return told and (one.event.amount, one.event.currency) == (
        other.event.amount,
        other.event.currency,
    )


def _twins(one: Member, others: Sequence[Member]) -> dict[str, float]:
    """Describe candidates with the same sum: of another type, or of another company."""
    found: dict[str, float] = {}
    for other in others:
        if not _same_sum(one, other):
            continue
        if other.event.type is not one.event.type:
            gap = one.features.get("noun", 0.0) - other.features.get("noun", 0.0)
            found["twin"], found["twin_gap"] = 1.0, _clip(gap / 2)
        elif other.event.company != one.event.company:
            found["copy"], found["copy_gap"] = 1.0, _clip((_score(one) - _score(other)) / 4)
    return found


def _behind(one: Member) -> str:
    """Name the distance to the best candidate: items of a list are behind without harm."""
    return "behind_item" if one.features.get("item") else "behind"


def _rival(event: Event, elsewhere: Mapping[Sum, DealType]) -> dict[str, float]:
    other = elsewhere.get((event.amount, event.currency)) if event.amount is not None else None
    return {f"also_{other.value}": 1.0} if other is not None else {}


def describe(
    members: Sequence[Member], elsewhere: Mapping[Sum, DealType] | None = None
) -> list[dict[str, float]]:
    """
    Return, for each candidate of an article, the features it has among the others.

    `elsewhere` holds the sums that the article also gives to a loan, an IPO, an acquisition
    or a fund, with that type.
    """
    taken = elsewhere or {}
    found = []
    for one in members:
        others = [other for other in members if other is not one]
        alike = [other for other in others if other.event.type is one.event.type]
        best = max((_score(other) for other in alike), default=-9.0)
        rest = max((_score(o) for o in others if o.event.type is not one.event.type), default=-9.0)
        found.append(
            {
                _behind(one): _clip(max(best - _score(one), 0.0) / 4),
                "best": float(_score(one) >= best),
                "only": float(not alike),
                "many": min(len(alike), 6) / 6,
                "behind_other": _clip(max(rest - _score(one), 0.0) / 4),
                **_twins(one, others),
                **_rival(one.event, taken),
            }
        )
    return found
