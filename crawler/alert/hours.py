"""When may a rule speak? Quiet hours, market hours and digest times, all in named zones."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from crawler.config.rules import Hours, Moment

Every = Literal["hourly", "daily", "weekly"]


def _instant(day: date, at: time, zone: str) -> datetime:
    """Return wall-clock time as UTC; a time that DST skips is read with the old offset."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)


def _windows(hours: Hours, now: datetime, days: int) -> list[tuple[datetime, datetime]]:
    """Return the windows that start from the day before `now` to `days` after."""
    today = now.astimezone(ZoneInfo(hours.zone)).date()
    starts = (today + timedelta(days=n) for n in range(-1, days + 1))
    over = timedelta(days=hours.end <= hours.start)
    return [
        (
            _instant(day, hours.start, hours.zone),
            _instant(day + over, hours.end, hours.zone),
        )
        for day in starts
        if day.weekday() in hours.days
    ]


def closes(windows: Sequence[Hours], now: datetime) -> datetime | None:
    """Return when the windows around `now` are over (joined ones too); None outside them."""
    end: datetime | None = None
    at = now
    for _ in range(8):  # joined windows: at most a week of them, or they never end
        ends = [stop for w in windows for start, stop in _windows(w, at, 0) if start <= at < stop]
        if not ends:
            break
        end = at = max(ends)
    return end


def opens(windows: Sequence[Hours], now: datetime) -> datetime | None:
    """Return when the next of the windows starts; None inside one, or without any."""
    if not windows or closes(windows, now):
        return None
    starts = [start for w in windows for start, _ in _windows(w, now, 8)]
    return min(start for start in starts if start > now)


def last_time(moment: Moment, now: datetime) -> datetime:
    """Return when `moment` (of any day) was last, in its own zone; at most a day ago or so."""
    today = now.astimezone(ZoneInfo(moment.zone)).date()
    days = (today - timedelta(days=n) for n in range(-1, 3))
    return max(at for day in days if (at := _instant(day, moment.at, moment.zone)) <= now)


def next_digest(every: Every, moment: Moment, now: datetime) -> datetime:
    """Return the first digest time after `now`: the full hour, or `moment` in its own zone."""
    if every == "hourly":
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    today = now.astimezone(ZoneInfo(moment.zone)).date()
    days = [today + timedelta(days=n) for n in range(9)]
    due = [day for day in days if every == "daily" or day.weekday() == moment.day]
    return min(at for day in due if (at := _instant(day, moment.at, moment.zone)) > now)
