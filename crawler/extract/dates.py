"""
Printed dates to instants.

A `Stamp` remembers how much was printed: a day without a time stays that day (midnight UTC),
and a time without a zone is read in the zone of the outlet when that is known.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

import yaml

_OLDEST = datetime(1995, 1, 1, tzinfo=UTC)  # nothing on the web is older; epoch zeros are
_AHEAD = timedelta(hours=26)  # the widest gap two time zones can make, see RFC 9557 offsets

_YEAR_FIRST = re.compile(
    r"(?<!\d)(\d{4})(?:[-/.]|年\s?|년\s?)(\d{1,2})(?:[-/.]|月\s?|월\s?)(\d{1,2})(?!\d)[日일]?"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})(?=$|[T ]?\d{6}|[T ]?\d{4}(?!\d))")
_COMPACT_CLOCK = re.compile(r"^[T ]?(\d{2})(\d{2})(\d{2})?")
_NUMERIC = re.compile(r"(?<!\d)(\d{1,2})[./-](\d{1,2})[./-](\d{4})(?!\d)")
_DAY_FIRST = re.compile(
    r"(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|\.|º)?(?:\s+|-)(?:de\s+|of\s+)?([^\W\d_]{3,12})\.?,?(?:\s+|-)"
    r"(?:de\s+)?(\d{4})",
    re.IGNORECASE,
)
_MONTH_FIRST = re.compile(
    r"([^\W\d_]{3,12})\.?\s+(\d{1,2})(?:st|nd|rd|th)?,?\s+(\d{4})", re.IGNORECASE
)
_CLOCK = re.compile(
    r"(上午|下午|午前|午後|오전|오후)?\s?(?<!\d)(\d{1,2})(?:[:h]|時|时|시\s?)(\d{2})(?::(\d{2}))?"
    r"\s?([AaPp]\.?[Mm]\b)?"
)
_ZONE = re.compile(
    r"[\d.mM]\s?\(?(Z|UTC|GMT|CES?T|E[SD]T|C[SD]T|M[SD]T|P[SD]T|BST|IST|JST|KST|HKT|SGT)\b"
    r"|\d\s?((?<!\d )[+-]\d{2}(?::?\d{2})?|(?<=\s)[+-]\d{2}:?\d{2})(?!\d)"
)
_AFTERNOON = frozenset(("下午", "午後", "오후", "p"))

# Hours from UTC of the abbreviations that news pages print ("CST" is read as Chicago).
_OFFSETS = {
    "Z": 0, "UTC": 0, "GMT": 0, "CET": 1, "CEST": 2, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5,
    "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BST": 1, "IST": 5.5, "JST": 9, "KST": 9,
    "HKT": 8, "SGT": 8,
}  # fmt: skip
# Where an outlet's clock hangs, for countries whose business press keeps one time.
_CLOCKS = {
    "CN": "Asia/Shanghai", "HK": "Asia/Hong_Kong", "TW": "Asia/Taipei", "JP": "Asia/Tokyo",
    "KR": "Asia/Seoul", "SG": "Asia/Singapore", "MY": "Asia/Kuala_Lumpur", "TH": "Asia/Bangkok",
    "VN": "Asia/Ho_Chi_Minh", "PH": "Asia/Manila", "IN": "Asia/Kolkata", "AE": "Asia/Dubai",
    "SA": "Asia/Riyadh", "IL": "Asia/Jerusalem", "TR": "Europe/Istanbul", "IT": "Europe/Rome",
    "DE": "Europe/Berlin", "AT": "Europe/Vienna", "CH": "Europe/Zurich", "FR": "Europe/Paris",
    "BE": "Europe/Brussels", "NL": "Europe/Amsterdam", "ES": "Europe/Madrid",
    "PT": "Europe/Lisbon", "GB": "Europe/London", "UK": "Europe/London", "IE": "Europe/Dublin",
    "SE": "Europe/Stockholm", "DK": "Europe/Copenhagen", "NO": "Europe/Oslo",
    "FI": "Europe/Helsinki", "PL": "Europe/Warsaw", "CZ": "Europe/Prague",
    "HU": "Europe/Budapest", "RO": "Europe/Bucharest", "GR": "Europe/Athens",
    "UA": "Europe/Kyiv", "US": "America/New_York", "AR": "America/Argentina/Buenos_Aires",
    "CO": "America/Bogota", "CL": "America/Santiago", "NG": "Africa/Lagos",
    "ZA": "Africa/Johannesburg", "KE": "Africa/Nairobi", "NZ": "Pacific/Auckland",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stamp:
    """A date as printed: `at` has a zone only if one was printed; `timed` if a time was."""

    at: datetime
    timed: bool

    @property
    def zoned(self) -> bool:
        """Tell whether this names one instant."""
        return self.timed and self.at.tzinfo is not None


def parse(text: str) -> Stamp | None:
    """
    Return the first date printed in `text`, or None.

    Reads ISO 8601 and its loose forms, RFC 2822, Chinese, Japanese and Korean dates, and
    day-month-year and month-day-year with month names of eleven languages.
    """
    text = text.strip()[:120]
    for reader in (_year_first, _compact, _epoch, _rfc2822, _named, _numeric):
        try:
            stamp = reader(text)
        except (ValueError, OverflowError):  # 31 February, hour 25: not a date
            continue
        if stamp:
            return stamp
    return None


def in_utc(stamp: Stamp, country: str | None = None) -> datetime:
    """Return the instant of `stamp`; a day without a time is midnight UTC of that day."""
    if not stamp.timed:
        return datetime(stamp.at.year, stamp.at.month, stamp.at.day, tzinfo=UTC)
    if stamp.at.tzinfo is None:
        return stamp.at.replace(tzinfo=clock(country)).astimezone(UTC)
    return stamp.at.astimezone(UTC)


def clock(country: str | None) -> ZoneInfo | timezone:
    """Return the zone in which a country's press prints times; UTC when not known."""
    name = _CLOCKS.get((country or "").upper())
    return ZoneInfo(name) if name else UTC


def credible(instant: datetime, now: datetime) -> bool:
    """Tell whether something seen at `now` can have been published at `instant`."""
    return _OLDEST <= instant <= now + _AHEAD


def choose(
    stamps: Iterable[tuple[str, Stamp]], now: datetime, country: str | None
) -> tuple[datetime, str] | None:
    """
    Return the best credible instant and where it came from.

    `stamps` come in order of trust; the first credible one fixes the day, and a later one
    of the same day (or a neighbour, for a zone's sake) that names a full instant sharpens it.
    An instant after `now` by less than a day is a zone mistake and becomes `now`.
    """
    best: tuple[str, Stamp, datetime] | None = None
    for origin, stamp in stamps:  # lazily: the later ones cost a search of the page
        at = in_utc(stamp, country)
        if not credible(at, now):
            continue
        if best is None or (stamp.zoned and _same_day(best[1], best[2], stamp, at)):
            best = (origin, stamp, at)
        if best[1].zoned:
            break
    return (min(best[2], now), best[0]) if best else None


def _same_day(vague: Stamp, vague_at: datetime, sharp: Stamp, sharp_at: datetime) -> bool:
    if vague.timed:
        return abs(vague_at - sharp_at) <= timedelta(hours=15)
    return vague.at.date() in {sharp.at.date(), sharp_at.date()}


def _build(year: str, month: int, day: str, rest: str) -> Stamp:
    """Put a day together with the clock and zone printed right after it."""
    bare = datetime(int(year), month, int(day))  # noqa: DTZ001 - a printed day has no zone
    match = _CLOCK.search(rest[:40])
    if not match:
        return Stamp(bare, timed=False)
    before, hour, minute, second, after = match.groups()
    at = bare.replace(
        hour=_hour(int(hour), before or (after or "")[:1].lower()),
        minute=int(minute),
        second=int(second or 0),
    )
    zone = _ZONE.search(rest, match.start())
    return Stamp(at.replace(tzinfo=_offset(zone[1] or zone[2]) if zone else None), timed=True)


def _hour(hour: int, half: str) -> int:
    """Read twelve-hour clocks; 下午15:30 is printed too and means 15."""
    if not half or hour > 12:
        return hour
    return hour % 12 + (12 if half in _AFTERNOON else 0)


def _offset(text: str) -> timezone:
    if text in _OFFSETS:
        return timezone(timedelta(hours=_OFFSETS[text]))
    digits = text[1:].replace(":", "").ljust(4, "0")
    span = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return timezone(-span if text[0] == "-" else span)


def _year_first(text: str) -> Stamp | None:
    match = _YEAR_FIRST.search(text)
    return _build(match[1], int(match[2]), match[3], text[match.end() :]) if match else None


def _compact(text: str) -> Stamp | None:
    match = _COMPACT.match(text)
    if not match:
        return None
    rest = _COMPACT_CLOCK.sub(lambda m: f" {m[1]}:{m[2]}:{m[3] or '00'}", text[match.end() :])
    return _build(match[1], int(match[2]), match[3], rest)


def _epoch(text: str) -> Stamp | None:
    """Read seconds or milliseconds since 1970 (only plausible news years)."""
    if not re.fullmatch(r"\d{10}(?:\d{3})?", text):
        return None
    return Stamp(datetime.fromtimestamp(int(text[:10]), UTC), timed=True)


def _rfc2822(text: str) -> Stamp | None:
    if not re.match(r"^[A-Za-z]{3},? \d{1,2} [A-Za-z]{3} \d{4} \d", text):
        return None
    return Stamp(parsedate_to_datetime(text), timed=True)


def _named(text: str) -> Stamp | None:
    for pattern, (day, month) in ((_DAY_FIRST, (1, 2)), (_MONTH_FIRST, (2, 1))):
        for match in pattern.finditer(text):
            number = _months().get(match[month].lower())
            if number:
                return _build(match[3], number, match[day], text[match.end() :])
    return None


def _numeric(text: str) -> Stamp | None:
    """Read 31/10/2019; the day comes first unless it cannot."""
    match = _NUMERIC.search(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    day, month = (first, second) if second <= 12 else (second, first)
    return _build(match[3], month, str(day), text[match.end() :])


@cache
def _months() -> dict[str, int]:
    """Return every month name of months.yaml with its number."""
    table = yaml.safe_load((files(__package__) / "months.yaml").read_text("utf-8"))
    return {
        name: number
        for row in table.values()
        for number, names in enumerate(row, 1)
        for name in names.split()
    }
