"""The form of a correction: which fields it has, and what was changed in them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crawler.errors import UsageError
from crawler.types import Deal
from crawler.web.filters import money
from crawler.wire import plain

NAMES = ("lead_investors", "investors", "bookrunners")
SUMS = ("amount", "valuation")
WORDS = ("company", "status", "currency", "round")
FIELDS = (*WORDS, *SUMS, *NAMES)


def slots(deal: Deal, form: Mapping[str, str]) -> dict[str, str]:
    """
    Return the slots that a form changes, each with its new value as JSON text.

    Raises:
        UsageError: a sum cannot be read, or nothing is changed.
    """
    before = plain(deal.event)
    given = {slot: _value(slot, form[slot]) for slot in FIELDS if slot in form}
    changed = {slot: value for slot, value in given.items() if value != _known(before[slot])}
    if not changed:
        raise UsageError("nothing was changed: edit a field, or confirm the deal")
    return {slot: json.dumps(value, ensure_ascii=False) for slot, value in changed.items()}


def _known(value: Any) -> Any:  # noqa: ANN401 - a slot's JSON
    return value or None if not isinstance(value, list) else value


def _value(slot: str, text: str) -> Any:  # noqa: ANN401 - a slot's JSON
    text = text.strip()
    if slot in NAMES:
        return [name.strip() for name in text.split(";") if name.strip()]
    if not text:
        return None
    if slot == "currency":
        return text.upper()
    if slot not in SUMS:
        return text
    try:
        number = money(text)
    except ValueError:
        raise UsageError(f"{slot}: {text} is not a sum such as 50m or 1,500,000") from None
    return int(number) if number == int(number) else number
