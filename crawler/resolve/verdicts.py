"""A person's word over the reports': confirmed, corrected and rejected deals."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from crawler.resolve.facts import Facts
from crawler.resolve.review import Act, Constraint
from crawler.types import Event, Review
from crawler.wire import load, plain

_REVIEW = {
    Act.CONFIRM: Review.CONFIRMED,
    Act.CORRECT: Review.CORRECTED,
    Act.REJECT: Review.REJECTED,
}


def decided(
    event: Event, found: Sequence[Facts], constraints: Sequence[Constraint]
) -> tuple[Review, Event]:
    """Return the review state and the event with a person's corrections; the last word counts."""
    keys = {fact.key for fact in found}
    review = Review.AUTO
    for constraint in constraints:
        if constraint.act in _REVIEW and constraint.one & keys:
            review = _REVIEW[constraint.act]
            event = _corrected(event, constraint)
    return review, event


def _corrected(event: Event, constraint: Constraint) -> Event:
    if not constraint.slots:
        return event
    given = {slot: json.loads(value) for slot, value in constraint.slots.items()}
    fixed = load(Event, {**plain(event), **given})
    return replace(event, **{slot: getattr(fixed, slot) for slot in given})
