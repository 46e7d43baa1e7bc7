"""Under which keys a deal is filed, so that a new report finds its candidates without a scan."""

from __future__ import annotations

from datetime import date, datetime
from math import floor, log

from crawler.resolve.entities import Names
from crawler.resolve.fx import Fx
from crawler.resolve.names import core, skeleton
from crawler.types import Event, Report

_STEP = log(1.12)  # two amounts within half a step share a bucket


def company_keys(event: Event, names: Names) -> tuple[str, ...]:
    """Return the name keys of an event: identity, shared core, near spelling; aliases too."""
    found: dict[str, None] = {}
    for name in (event.company, *event.aliases):
        if len(name) > 1:
            found[names.key(name)] = None
            found[f"~{core(name)}"] = None
    found[f"?{skeleton(event.company)}"] = None
    return tuple(found)


def block_keys(report: Report, names: Names, fx: Fx) -> tuple[str, ...]:
    """Return `company_keys` and the keys by which names in another script are found."""
    return (*company_keys(report.event, names), *_money_keys(report.event, report.published, fx))


def _money_keys(event: Event, day: date | datetime, fx: Fx) -> tuple[str, ...]:
    """Return type, amount and week, each in two overlapping buckets."""
    usd = event.amount_usd
    if usd is None and event.amount is not None and event.currency is not None:
        usd = fx.usd(event.amount, event.currency, day)
    if not usd or usd <= 0:
        return ()
    place, week = log(float(usd)) / _STEP, day.toordinal() / 7
    amounts = {f"a{floor(place)}", f"b{floor(place + 0.5)}"}
    weeks = {f"a{floor(week)}", f"b{floor(week + 0.5)}"}
    return tuple(sorted(f"${event.type}:{amount}:{when}" for amount in amounts for when in weeks))
