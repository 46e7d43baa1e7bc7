"""Our words in English, her numbers: how a page writes for one reader."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from babel import Locale, UnknownLocaleError
from babel.numbers import format_compact_decimal, format_decimal

from crawler.alert.figures import Pen
from crawler.alert.words import words
from crawler.health import span
from crawler.types import Event, Tranche
from crawler.wire import load

ENGLISH = Locale("en", "GB")  # a desk reads bn and m, and the day before the month
_LONGEST = 200  # characters of Accept-Language that are looked at
_UNITS = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"))
_SUMS = {"amount", "amount_max", "amount_usd", "valuation"}


@lru_cache(maxsize=256)
def locale_of(accept: str) -> Locale:
    """Return the first locale of an Accept-Language header whose numbers Babel knows."""
    for part in accept[:_LONGEST].split(","):
        try:
            found = Locale.parse(part.split(";")[0].strip(), sep="-")
        except (UnknownLocaleError, ValueError, TypeError):
            continue
        return found if found.language != "en" else ENGLISH
    return ENGLISH


@dataclass(frozen=True, slots=True)
class Reader(Pen):
    """Writes a page for one reader, at one instant."""

    numbers: Locale
    now: datetime

    @property
    def locale(self) -> Locale:
        """Her numbers."""
        return self.numbers

    def brief(self, amount: Decimal | float | None, currency: str | None) -> str:
        """Return `CNY 1.23bn`, short enough for a table; "" for nothing."""
        if amount is None:
            return ""
        short = self._compact(float(amount))
        sign = {"USD": "US$"}.get(currency or "", f"{currency} " if currency else "")
        return f"{sign}{short}".replace("\xa0", " ")

    def _compact(self, amount: float) -> str:
        """Babel's English has B for billion; a desk writes bn."""
        if self.numbers != ENGLISH:
            return format_compact_decimal(amount, locale=self.numbers, fraction_digits=2)
        for size, unit in _UNITS:
            if abs(amount) >= size:
                return f"{amount / size:,.2f}".rstrip("0").rstrip(".") + unit
        return f"{amount:,.0f}"

    def sums(self, event: Event) -> str:
        """Return an event's amount for a table: `> CNY 1bn`, `US$5m-7m`."""
        if event.amount is None:
            return "undisclosed"
        low = self.brief(event.amount, event.currency)
        if event.amount_max is not None:
            return f"{low}-{self.brief(event.amount_max, None)}"
        sign = {"over": "> ", "about": "~ ", "up_to": "≤ ", "at_least": "≥ "}
        return sign.get(event.qualifier.value, "") + low

    def millions(self, usd: Decimal | float | None) -> str:
        """Return dollars in millions with one decimal: `1,370.0`; columns of it line up."""
        if usd is None:
            return ""
        return str(format_decimal(float(usd) / 1e6, format="#,##0.0", locale=self.numbers))

    def tongue(self, code: str) -> str:
        """Return the English name of a language."""
        return Pen("en").language(code) if code and code != "und" else "unknown language"

    def day_of(self, at: datetime) -> str:
        """Return a day in UTC, in English."""
        return Pen("en").day(at)

    def ago(self, at: datetime | None) -> str:
        """Return how long ago: `20 min`; "" for never."""
        return "" if at is None else span(self.now - at)

    def ahead(self, at: datetime | None) -> str:
        """Return how far off: `in 20 min`, `now`; "" for never."""
        if at is None:
            return ""
        return "now" if at <= self.now else f"in {span(at - self.now)}"

    def value(self, slot: str, text: str, event: Event) -> str:
        """Return a slot's value, given as JSON text, as a person would write it."""
        try:
            found: Any = json.loads(text)
        except ValueError:
            return text
        if found in (None, "", []):
            return "not known"
        if slot in _SUMS:
            return self._sum(slot, found, event)
        return self._plain(slot, found, event)

    def _sum(self, slot: str, found: object, event: Event) -> str:
        currency = {"amount_usd": "USD", "valuation": event.valuation_currency}.get(
            slot, event.currency
        )
        if isinstance(found, Mapping):  # a conflict gives the sum with its currency
            currency, found = found.get("currency"), found.get("amount")
        try:
            return self.sum(Decimal(str(found)), str(currency) if currency else None)
        except InvalidOperation:
            return "undisclosed" if found is None else str(found)

    def _plain(self, slot: str, found: Any, event: Event) -> str:  # noqa: ANN401 - any slot's JSON
        if slot == "tranches" and isinstance(found, list):
            return "; ".join(self.tranche(load(Tranche, one), event.currency) for one in found)
        if isinstance(found, list):
            return ", ".join(self.word(slot, str(one)) for one in found)
        return self.word(slot, str(found))

    def word(self, slot: str, value: str) -> str:
        """Return our word for a slot's value: `series_b` is `Series B`."""
        table: Any = self.words.get({"bond_types": "bond_type"}.get(slot, slot), {})
        if slot == "round" and "series_" in value:
            form = "pre_series" if value.startswith("pre_") else "series"
            return str(table[form]).format(value.rpartition("_")[2].upper())
        known = table.get(value) if isinstance(table, Mapping) else None
        return str(known).replace("{0}", "sum").strip() if known else value


def reader(accept: str, now: datetime) -> Reader:
    """Return the pen for a request."""
    return Reader("en", locale_of(accept), now)


def stamp(at: datetime) -> str:
    """Return an instant as a page prints it before the browser knows better: UTC."""
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M}"


def midnight(now: datetime) -> datetime:
    """Return when today began, in UTC."""
    return now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)


def month(now: datetime) -> datetime:
    """Return when this month began, in UTC."""
    return midnight(now).replace(day=1)


def days(number: int) -> timedelta:
    """Return so many days."""
    return timedelta(days=number)


def label(slot: str) -> str:
    """Return our name of a slot."""
    return str(words("en")["label"].get(slot, slot.replace("_", " ").capitalize()))
