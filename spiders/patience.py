"""How long a feed asks to be left alone: ttl, sy:updatePeriod, skipHours, skipDays."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

_HEAD = 20_000  # bytes in which a channel says so
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_LONGEST = timedelta(days=1)
# feedparser keeps only the last of several hours, so the bytes are asked.
_SKIPPED = re.compile(rb"<skip(?:Hours|Days)\b[^>]*>(.{0,2000}?)</skip(?:Hours|Days)>", re.DOTALL)
_WORD = re.compile(rb"<(hour|day)>\s*([A-Za-z0-9]{1,12})\s*</", re.IGNORECASE)


def patience(feed: Mapping[str, Any], body: bytes, now: datetime) -> timedelta | None:
    """Return the longest of what the feed asks for, at most a day; None where it asks nothing."""
    asked = (_ttl(feed.get("ttl")), _period(feed), _skipped(body[:_HEAD], now))
    wait = max((wait for wait in asked if wait), default=None)
    return min(wait, _LONGEST) if wait else None


def _ttl(text: object) -> timedelta | None:
    minutes = _number(text)
    return timedelta(minutes=min(minutes, 1440)) if minutes > 0 else None


def _period(feed: Mapping[str, Any]) -> timedelta | None:
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    often = _number(feed.get("sy_updatefrequency")) or 1
    return timedelta(hours=hours / often) if hours and often > 0 else None


def _number(text: object) -> float:
    try:
        return float(str(text).strip()[:12])
    except ValueError:
        return 0.0


def _skipped(head: bytes, now: datetime) -> timedelta | None:
    """Return the time to the next hour (GMT) that is not skipped."""
    words = [word for part in _SKIPPED.findall(head) for word in _WORD.findall(part)]
    hours = {int(text) % 24 for kind, text in words if kind.lower() == b"hour" and text.isdigit()}
    days = {text.decode().lower() for kind, text in words if kind.lower() == b"day"}
    start = now.replace(minute=0, second=0, microsecond=0)
    for later in range(25):
        hour = start + timedelta(hours=later)
        if hour.hour not in hours and _DAYS[hour.weekday()] not in days:
            return hour - now if later else None
    return _LONGEST
