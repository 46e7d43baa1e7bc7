"""When bonds fall due and when they were priced, as a calendar to subscribe to (RFC 5545)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from fastapi import APIRouter, Request, Response

from crawler.alert.figures import Pen
from crawler.store import browsing
from crawler.store.browsing import Order
from crawler.types import Deal, DealType, Status
from crawler.web.api.answers import House_, tagged
from crawler.web.api.asking import Narrow

router = APIRouter(include_in_schema=False)
MOST = 1000  # bonds of one calendar
_SPECIAL = re.compile(r"([\\;,])")
_WIDTH = 75  # octets of a line (RFC 5545 section 3.1)
_PRICED = frozenset({Status.PRICED, Status.COMPLETED})
_SAID = frozenset(f'"{status.value}"' for status in _PRICED)  # as histories write it


@router.get("/calendar/bonds.ics")
def bonds(request: Request, house: House_, asked: Narrow) -> Response:
    """Return the latest bonds that the filters let through: day of pricing, days of maturity."""
    wanted = replace(asked.filter, types=(DealType.BOND,))
    found: list[Deal] = []
    order = Order(limit=200)
    with house.store.read() as conn:
        while len(found) < MOST:
            page = browsing.page(conn, wanted, order)
            found += [line.deal for line in page.lines]
            if not page.next:
                break
            order = replace(order, cursor=page.next)
    home = (house.config.dashboard_url or str(request.base_url)).rstrip("/")
    lines = [line for deal in found for line in _events(deal, home)]
    body = "".join(f"{fold(line)}\r\n" for line in (*_HEAD, *lines, "END:VCALENDAR"))
    return tagged(request, body.encode("utf-8", "replace"), "text/calendar")


_HEAD = (
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//raisewire//bonds//EN",
    "CALSCALE:GREGORIAN",
    "X-WR-CALNAME:raisewire: bonds",
)


def _events(deal: Deal, home: str) -> Iterator[str]:
    pen = Pen("en")
    whole = f"{deal.event.company} {pen.amount(deal.event)}"
    priced = _priced(deal)
    if priced:
        yield from _event(deal, home, "priced", priced, f"Priced: {whole}")
    for number, tranche in enumerate(deal.event.tranches):
        due = _day(tranche.maturity or "")
        if due:
            what = pen.tranche(tranche, deal.event.currency)
            yield from _event(
                deal, home, f"due-{number}", due, f"Due: {deal.event.company}, {what}"
            )


def _priced(deal: Deal) -> date | None:
    """Return the day of the first article that called it priced."""
    if deal.event.status not in _PRICED:
        return None
    days = (r.at.date() for r in deal.history if r.changed.get("status", ("", ""))[1] in _SAID)
    return next(days, None)


def _day(text: str) -> date | None:
    """Return a maturity that is known to the day; a year alone is no entry of a calendar."""
    try:
        return date.fromisoformat(text) if len(text) == len("2031-06-15") else None
    except ValueError:
        return None


def _event(deal: Deal, home: str, kind: str, day: date, words: str) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield f"UID:{deal.id}-{kind}@raisewire"
    yield f"DTSTAMP:{_instant(deal.updated)}"
    yield f"DTSTART;VALUE=DATE:{day:%Y%m%d}"
    if day < date.max:
        yield f"DTEND;VALUE=DATE:{day + timedelta(days=1):%Y%m%d}"
    yield f"SEQUENCE:{deal.revision}"
    yield f"SUMMARY:{escaped(words)}"
    yield f"DESCRIPTION:{escaped(deal.event.evidence)}"
    yield f"URL:{home}/deals/{deal.id}"
    yield "TRANSP:TRANSPARENT"
    yield "END:VEVENT"


def _instant(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}"


def escaped(text: str) -> str:
    """Return text as a value (RFC 5545 section 3.3.11); controls are left out."""
    plain = "".join(c for c in " ".join(text.split()) if c >= " " and c != "\x7f")
    return _SPECIAL.sub(r"\\\1", plain)


def fold(line: str) -> str:
    """Fold a line of more than 75 octets, never within a character."""
    parts, size = [""], 0
    for character in line:
        width = len(character.encode("utf-8", "replace"))
        if size + width > _WIDTH - (len(parts) > 1):
            parts.append("")
            size = 0
        parts[-1] += character
        size += width
    return "\r\n ".join(parts)
