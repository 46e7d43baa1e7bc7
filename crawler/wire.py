"""
The JSON that leaves and enters: EVENT, DEAL and their parts, as `docs/json.md` describes.

Money is a JSON number in full units (an integer where it is whole); instants are ISO 8601
in UTC; sets are sorted lists. `load_*` refuses what `dump_*` could not have written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, TypeVar

from pydantic import TypeAdapter

from crawler.types import Analysis, Deal, Event, Report

Json = dict[str, Any]
T = TypeVar("T")


def plain(value: object) -> Any:  # noqa: ANN401, PLR0911 - JSON is any of six types
    """Return `value` as JSON-ready builtins."""
    match value:
        case None | bool() | int() | float() | str() if not isinstance(value, Enum):
            return value
        case Enum():
            return value.value
        case Decimal():
            return int(value) if value == value.to_integral_value() else float(value)
        case datetime() | date():
            return value.isoformat()
        case timedelta():
            return value.total_seconds()
        case Mapping():
            return {str(key): plain(item) for key, item in value.items()}
        case tuple() | list():
            return [plain(item) for item in value]
        case set() | frozenset():
            return sorted(plain(item) for item in value)
    if is_dataclass(value):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    raise TypeError(f"no JSON for {type(value).__name__}")


def dump_event(event: Event) -> Json:
    """Return EVENT of the design: every slot, in the order of the contract."""
    return plain(event)  # type: ignore[no-any-return]


def dump_analysis(analysis: Analysis, ident: str) -> Json:
    """Return one line of `raisewire analyze`."""
    return {
        "id": ident,
        "lang": analysis.lang,
        "events": [dump_event(event) for event in analysis.events],
    }


def dump_report(report: Report) -> Json:
    """Return one of a deal's `articles`."""
    return {
        "url": report.url,
        "title": report.title,
        "source": report.source,
        "source_class": report.source_class.value,
        "lang": report.lang,
        "published": report.published.isoformat(),
        "role": report.part.value,
        "evidence": report.event.evidence,
        "score": round(report.seat.score, 2) if report.seat else None,
        "why": list(report.seat.reasons) if report.seat else [],
    }


def dump_deal(deal: Deal) -> Json:
    """Return DEAL of the design: the event's slots, then what only a deal has."""
    return {
        "id": deal.id,
        "revision": deal.revision,
        **dump_event(deal.event),
        "first_seen": deal.first_seen.isoformat(),
        "updated": deal.updated.isoformat(),
        "history": [plain(revision) for revision in deal.history],
        "conflicts": [
            {
                "slot": conflict.slot,
                "values": [
                    {"value": value, "quote": quote, "url": url}
                    for value, quote, url in conflict.values
                ],
            }
            for conflict in deal.conflicts
        ],
        "review": deal.review.value,
        "links": dict(deal.links),
        "near_misses": dict(deal.apart),
        "flags": list(deal.flags),
        "articles": [dump_report(report) for report in deal.reports],
    }


_adapters: dict[Any, TypeAdapter[Any]] = {}


def load(kind: type[T], value: object) -> T:
    """
    Return `value` (builtins, as `plain` wrote them) as a `kind`.

    Raises:
        pydantic.ValidationError: it is not one.
    """
    adapter: TypeAdapter[T] = _adapters.get(kind) or _adapters.setdefault(kind, TypeAdapter(kind))
    return adapter.validate_python(value)
