"""HTTP manners as pure readings of headers: Retry-After, freshness, validators."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from crawler.types import PollState

DAY = timedelta(days=1)
ASSUMED = timedelta(minutes=5)  # a 429 that does not say how long
MAX_FRESH = timedelta(hours=6)  # longer freshness would make news old

_MAX_AGE = re.compile(r"(?:^|[,\s])max-age\s*=\s*\"?(\d{1,12})")
_NEVER = re.compile(r"(?:^|[,\s])(?:no-cache|no-store|must-revalidate)\b")


def retry_after(status: int, headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """
    Return how long a throttling answer asks to wait, at most a day (RFC 9110 section 10.2.3).

    429 always throttles; 503 (and 413, 403, 5xx) only with the header; others never.
    """
    asked = _delay(headers.get("retry-after", ""), now)
    if status in {429, 420}:
        return min(asked or ASSUMED, DAY)
    if status in {403, 413, 500, 502, 503, 504} and asked:
        return min(asked, DAY)
    return None


def _delay(text: str, now: datetime) -> timedelta | None:
    """Return seconds or an HTTP date as a wait from `now`; None for nonsense and the past."""
    written = text.strip()
    if re.fullmatch(r"\d{1,12}", written):
        return timedelta(seconds=int(written)) or None
    moment = http_date(written)
    return moment - now if moment and moment > now else None


def http_date(text: str) -> datetime | None:
    """Return an HTTP date (RFC 9110 section 5.6.7, all three forms) in UTC, or None."""
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def fresh_for(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Return how long the answer says it stays fresh (RFC 9111 section 4.2), at most 6 h."""
    control = headers.get("cache-control", "").lower()
    if _NEVER.search(control):
        return None
    if match := _MAX_AGE.search(control):
        age = _seconds(headers.get("age", ""))
        return _bounded(timedelta(seconds=min(int(match[1]), 10**9)) - age)
    expires = http_date(headers.get("expires", ""))
    if expires is None:
        return None
    return _bounded(expires - (http_date(headers.get("date", "")) or now))


def _seconds(text: str) -> timedelta:
    return timedelta(seconds=int(text)) if re.fullmatch(r"\d{1,9}", text.strip()) else timedelta(0)


def _bounded(span: timedelta) -> timedelta | None:
    return min(span, MAX_FRESH) if span > timedelta(0) else None


def validators(state: PollState, now: datetime) -> dict[str, str]:
    """
    Return the conditional headers of a poll, byte for byte as they were received.

    None at all on the first poll, for a source whose validators were caught lying, and
    once a day: a body is then compared with the one before.
    """
    checked = state.unconditional_at
    if state.hash_mode or checked is None or now - checked >= DAY:
        return {}
    return conditions(state.etag, state.last_modified)


def conditions(etag: str | None, last_modified: str | None) -> dict[str, str]:
    """Return validators as request headers, those that can be sent back as they came."""
    sent = {"If-None-Match": etag, "If-Modified-Since": last_modified}
    return {name: value for name, value in sent.items() if value and _sendable(value)}


def _sendable(value: str) -> bool:
    """Tell whether a validator can be sent back as it came."""
    return value.isprintable() and len(value) <= 1_024


def body_hash(body: bytes) -> str:
    """Return the SHA-256 of a decoded body, in hex."""
    return hashlib.sha256(body).hexdigest()


def lied(state: PollState, etag: str | None, last_modified: str | None, digest: str) -> bool:
    """Tell whether an answer carries the validator of the last one with another body."""
    if state.body_hash is None or state.body_hash == digest:
        return False
    if etag and state.etag:
        return etag == state.etag and not etag.startswith("W/")
    return bool(last_modified) and last_modified == state.last_modified and not etag
