"""Dates as feeds print them, made sane or refused; the raw string is kept beside."""

from __future__ import annotations

from calendar import timegm
from datetime import UTC, datetime, timedelta
from time import struct_time

_EARLIEST = datetime(1995, 1, 1, tzinfo=UTC)  # the web's first news is not older
_SLACK = timedelta(days=2)  # a wrong time zone and a fast clock together


def sane(moment: datetime | None, now: datetime) -> datetime | None:
    """
    Return `moment` in UTC; at most `now`, and None where no outlet can mean it.

    A date a little ahead is a wrong zone (clamped to `now`); one years ahead, or before
    the web had news, says nothing at all.
    """
    if moment is None:
        return None
    utc = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    if utc < _EARLIEST or utc > now + _SLACK:
        return None
    return min(utc, now)


def from_struct(parsed: struct_time | None, now: datetime) -> datetime | None:
    """Return feedparser's UTC tuple as a sane instant, or None."""
    if parsed is None:
        return None
    try:
        return sane(datetime.fromtimestamp(timegm(parsed), UTC), now)
    except (ValueError, OverflowError, OSError, TypeError):
        return None  # `0000-00-00` becomes year -1


def from_iso(text: str, now: datetime) -> datetime | None:
    """Return an RFC 3339 / W3C date as a sane instant, or None."""
    written = text.strip()
    if len(written) == len("2026-01"):
        written += "-01"
    try:
        return sane(datetime.fromisoformat(written), now)
    except (ValueError, OverflowError):
        return None


def from_epoch(number: float, now: datetime) -> datetime | None:
    """Return seconds or milliseconds since 1970 as a sane instant, or None."""
    seconds = number / 1000 if abs(number) > 1e11 else number
    try:
        return sane(datetime.fromtimestamp(seconds, UTC), now)
    except (ValueError, OverflowError, OSError):
        return None
