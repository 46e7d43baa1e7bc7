"""Filters as an address carries them: read leniently, told what is wrong, and written back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import TypeVar

from starlette.datastructures import QueryParams

from crawler.config.units import duration
from crawler.store.browsing import SORTS, Order
from crawler.store.deals import Filter
from crawler.types import DealType, Review, Round, Status

E = TypeVar("E", bound=StrEnum)
T = TypeVar("T")
NAMES = (
    "type", "status", "round", "review", "company", "investor", "currency", "country", "lang",
    "min_usd", "max_usd", "since", "until",
)  # fmt: skip
_MONEY = {"k": 1e3, "m": 1e6, "bn": 1e9, "b": 1e9, "tn": 1e12}


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: the filter, its order, and what could not be understood."""

    filter: Filter
    order: Order
    params: dict[str, list[str]]  # as given, without the cursor, for links and forms
    wrong: tuple[str, ...]

    def one(self, name: str) -> str:
        """Return a parameter as given; "" if it is not."""
        return next(iter(self.params.get(name, ())), "")

    def has(self, name: str, value: str) -> bool:
        """Tell whether a box of a form is ticked."""
        return value in self.params.get(name, ())

    @property
    def narrowed(self) -> bool:
        """Tell whether anything is filtered out."""
        return any(name in self.params for name in NAMES)


def asked(query: QueryParams, now: datetime) -> Asked:
    """Return what a query asks for; a value that makes no sense is left out, and named."""
    given = {n: [v.strip()[:200] for v in query.getlist(n) if v.strip()] for n in NAMES}
    params = {name: values for name, values in given.items() if values}
    read = _Reading(params, now)
    wanted = Filter(
        types=read.many("type", DealType),
        statuses=read.many("status", Status),
        rounds=read.many("round", Round),
        reviews=read.many("review", Review),
        company=read.text("company"),
        investor=read.text("investor"),
        currency=read.text("currency"),
        country=read.text("country"),
        lang=(read.text("lang") or "").lower() or None,
        min_usd=read.value("min_usd", money, "a sum such as 50m or 1.5bn"),
        max_usd=read.value("max_usd", money, "a sum such as 50m or 1.5bn"),
        since=read.value("since", read.instant, "a day such as 2026-03-31, or a span such as 7d"),
        until=read.value("until", read.end, "a day such as 2026-03-31"),
    )
    order = _order(query)
    if query.get("sort"):
        params["sort"], params["order"] = [order.by], ["desc" if order.descending else "asc"]
    return Asked(wanted, order, params, tuple(read.wrong))


def _order(query: QueryParams) -> Order:
    by = query.get("sort", "updated")
    by = by if by in SORTS else "updated"
    down = query.get("order", "asc" if by == "company" else "desc") != "asc"
    return Order(by=by, descending=down, cursor=query.get("cursor", "")[:500])


def money(text: str) -> float:
    """
    Return `50m`, `1.5bn` or `2,000,000` as a number.

    Raises:
        ValueError: it is none.
    """
    plain = text.lower().replace(",", "").replace("_", "").replace("$", "").strip()
    for unit, size in _MONEY.items():
        if plain.endswith(unit) and plain.removesuffix(unit).strip()[-1:].isdigit():
            return float(plain.removesuffix(unit)) * size
    number = float(plain)
    if not isfinite(number):
        raise ValueError(text)
    return number


class _Reading:
    """Reads parameters one by one, and notes those that make no sense."""

    def __init__(self, params: dict[str, list[str]], now: datetime) -> None:
        self.params, self.now = params, now
        self.wrong: list[str] = []

    def many(self, name: str, kind: type[E]) -> tuple[E, ...]:
        known = {one.value for one in kind}
        values = self.params.get(name, [])
        for value in values:
            if value not in known:
                self.wrong.append(f"{name}: {value} is none of {', '.join(sorted(known))}")
        return tuple(kind(value) for value in values if value in known)

    def text(self, name: str) -> str | None:
        return next(iter(self.params.get(name, ())), None)

    def value(self, name: str, read: Callable[[str], T], what: str) -> T | None:
        text = self.text(name)
        if text is None:
            return None
        try:
            return read(text)
        except (ValueError, OverflowError):
            self.wrong.append(f"{name}: {text} is not {what}")
            return None

    def instant(self, text: str) -> datetime:
        if text[-1:].isalpha() and text[:1].isdigit():
            return self.now - duration(text)
        return _day(text)

    @staticmethod
    def end(text: str) -> datetime:
        return _day(text) + timedelta(days=1) if len(text) == len("2026-03-31") else _day(text)


def _day(text: str) -> datetime:
    """Return a day or an instant; a day begins in UTC."""
    found = datetime.fromisoformat(text)
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)


def instant(text: str) -> datetime | None:
    """Return a day (its end, in UTC) or an instant; None for what is neither."""
    try:
        return _Reading.end(text.strip())
    except (ValueError, OverflowError):
        return None
