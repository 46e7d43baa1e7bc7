"""Trends: raised per week, who raised and who gave most, when bonds fall due."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import NamedTuple

from fastapi import APIRouter, Request, Response

from crawler.store import Connection, players, tranches, trends
from crawler.store.tranches import Maturity
from crawler.types import DealType
from crawler.web import charts
from crawler.web.charts import Chart
from crawler.web.frame import house_of, page, problem
from crawler.web.memo import remembered
from crawler.web.pen import reader

router = APIRouter()
SPANS = {"13": "a quarter", "26": "half a year", "52": "a year"}
PLAIN = reader("", datetime.min.replace(tzinfo=UTC))  # words of a chart are ours
YEARS = 12  # of the bond calendar
LISTED = 40  # bonds named beside it


class Ask(NamedTuple):
    """What a chart is asked for."""

    conn: Connection
    now: datetime
    weeks: int

    @property
    def since(self) -> datetime:
        """Return the Monday that the span begins with."""
        monday = self.now - timedelta(days=self.now.weekday(), weeks=self.weeks - 1)
        return monday.replace(hour=0, minute=0, second=0, microsecond=0)


def _weekly(by: str) -> Callable[[Ask], Chart]:
    def chart(ask: Ask) -> Chart:
        first = ask.since.date()
        labels = [_week(first + timedelta(weeks=n)) for n in range(ask.weeks)]
        kinds = (DealType.FUNDING,) if by == "round" else ()  # a bond has none
        cells = trends.daily(ask.conn, by, ask.since, kinds)
        rows = [
            (_week(one.day - timedelta(days=one.day.weekday())), _word(by, one.key), one.usd)
            for one in cells
            if one.usd
        ]
        title = f"{'Fundings' if kinds else 'Raised'} per week by {by}, US dollars"
        return Chart(title, "stacked", tuple(labels), charts.folded(rows, labels))

    return chart


def _week(monday: date) -> str:
    return f"{monday:%d %b}"


def _word(by: str, key: str) -> str:
    if not key:
        return {"round": "no round", "country": "unknown"}.get(by, "unknown")
    return key if by == "country" else PLAIN.word(by, key)


def _league(title: str, find: Callable[[Ask], list[trends.Place]]) -> Callable[[Ask], Chart]:
    def chart(ask: Ask) -> Chart:
        rows = find(ask)
        labels = tuple(row.name for row in rows)
        return Chart(title, "bars", labels, (("US dollars", tuple(row.usd for row in rows)),))

    return chart


def _maturities(ask: Ask) -> Chart:
    first = ask.now.year
    labels = [str(year) for year in range(first, first + YEARS)]
    rows = [(one.due[:4], _money(one), one.usd) for one in _due(ask) if one.usd]
    title = "Bonds falling due by year and currency, US dollars"
    return Chart(title, "stacked", tuple(labels), charts.folded(rows, labels, 5))


def _money(one: Maturity) -> str:
    return one.currency or "unknown"


def _due(ask: Ask) -> list[Maturity]:
    return tranches.due(ask.conn, str(ask.now.year), str(ask.now.year + YEARS), limit=5000)


FUNDING, BOND = (DealType.FUNDING,), (DealType.BOND,)
CHARTS: dict[str, Callable[[Ask], Chart]] = {
    "weekly-type": _weekly("type"),
    "weekly-round": _weekly("round"),
    "weekly-country": _weekly("country"),
    "maturities": _maturities,
    "companies": _league("Raised most", lambda a: trends.companies(a.conn, a.since)),
    "investors": _league(
        "In the largest fundings, each in full",
        lambda a: trends.parties(a.conn, a.since, players.INVESTORS, FUNDING),
    ),
    "banks": _league(
        "Brought most bonds to market, each in full",
        lambda a: trends.parties(a.conn, a.since, players.BANKS, BOND),
    ),
}


def _weeks(text: str) -> int:
    return int(text) if text in SPANS else 26


@router.get("/trends")
def show(request: Request, weeks: str = "26") -> Response:
    """Return the page; each chart is an image with its figures as a table beside it."""
    house = house_of(request)
    with house.store.read() as conn:
        ask = Ask(conn, house.clock(), _weeks(weeks))
        drawn = [(name, _chart(request, name, ask)) for name in CHARTS]
        key = ("soon", _today(ask))
        soon = remembered(request, conn, key, lambda conn: _soon(ask._replace(conn=conn)))
    return page(
        request,
        "trends.html",
        charts=drawn,
        weeks=str(ask.weeks),
        spans=SPANS,
        soon=soon,
    )


def _chart(request: Request, name: str, ask: Ask) -> Chart:
    key = (name, ask.weeks, f"{ask.now:%Y-%m-%d}")
    return remembered(request, ask.conn, key, lambda conn: CHARTS[name](ask._replace(conn=conn)))


def _soon(ask: Ask) -> list[Maturity]:
    """Return the next bonds of which a month or a day is known."""
    return [one for one in _due(ask) if len(one.due) > 4 and one.due >= _today(ask)][:LISTED]


def _today(ask: Ask) -> str:
    return f"{ask.now:%Y-%m-%d}"


@router.get("/charts/{name}.{kind}")
def chart(request: Request, name: str, kind: str, weeks: str = "26", dark: str = "") -> Response:
    """Return one chart as SVG, PNG or CSV."""
    house = house_of(request)
    if name not in CHARTS or kind not in charts.KINDS:
        return problem(request, 404, "No such chart", "Trends shows those there are.")
    with house.store.read() as conn:
        found = _chart(request, name, Ask(conn, house.clock(), _weeks(weeks)))
    if kind == "csv":
        body = charts.table(found).encode()
    else:
        body = charts.draw(found, kind, dark=bool(dark))
    # An image is shown all the same; opened as a page its inline styles would be refused.
    headers = {"Content-Disposition": f'attachment; filename="raisewire-{name}.{kind}"'}
    return Response(body, media_type=charts.KINDS[kind], headers=headers)
