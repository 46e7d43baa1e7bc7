"""Under which keys a deal is filed, so that a new report finds its candidates without a scan."""

from __future__ import annotations

from datetime import date, datetime
from math import floor, log

from crawler.resolve.entities import Names
from crawler.resolve.facts import sane
from crawler.resolve.fx import Fx
from crawler.resolve.names import core, normalise, skeleton
from crawler.resolve.sounds import beginning
from crawler.types import Event, Report

BY_THE_WEEK = "$%"  # what keys begin with that strangers share: the same money, like sounds
_STEP = log(1.12)  # two amounts within half a step share a bucket


def company_keys(event: Event, names: Names) -> tuple[str, ...]:
    """Return the name keys of an event: identity, shared core, near spelling; aliases too."""
    found: dict[str, None] = {}
    for name in (event.company, *event.aliases):
        if len(normalise(name)) > 1:
            found[names.key(name)] = None
            found[f"~{core(name)}"] = None
    found[f"?{skeleton(event.company)}"] = None
    return tuple(found)


def block_keys(report: Report, names: Names, fx: Fx) -> tuple[str, ...]:
    """Return `company_keys` and the keys by which names in another script are found."""
    weeks = _weeks(report.published)
    money = _money_keys(report.event, report.published, weeks, fx)
    return (*company_keys(report.event, names), *_sound_keys(report.event, weeks), *money)


def _weeks(day: date | datetime) -> tuple[str, str]:
    """Return two overlapping buckets: days half a week apart share one."""
    week = day.toordinal() / 7
    return f"a{floor(week)}", f"b{floor(week + 0.5)}"


def _sound_keys(event: Event, weeks: tuple[str, str]) -> tuple[str, ...]:
    """Return how the names begin to sound, and the week."""
    sounds = {beginning(name) for name in (event.company, *event.aliases)}
    return tuple(f"%{sound}:{when}" for sound in sorted(sounds) if len(sound) > 2 for when in weeks)


def _money_keys(
    event: Event, day: date | datetime, weeks: tuple[str, str], fx: Fx
) -> tuple[str, ...]:
    """Return type and amount (in two overlapping buckets), and the week."""
    usd = event.amount_usd
    if usd is None and sane(event.amount) and event.currency:
        usd = fx.usd(event.amount, event.currency, day)
    if not sane(usd):
        return ()
    place = log(float(usd)) / _STEP
    amounts = f"a{floor(place)}", f"b{floor(place + 0.5)}"
    return tuple(f"${event.type}:{amount}:{when}" for amount in amounts for when in weeks)
