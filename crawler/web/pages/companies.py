"""Companies and investors: who they are in sum, and the history of each."""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter, Request, Response

from crawler.store import browsing, players
from crawler.store.browsing import Line
from crawler.web.frame import house_of, page, problem
from crawler.web.memo import remembered

router = APIRouter()
SHOWN = 50
LISTED = 100  # deals on one name's page


def _number(text: str) -> int:
    return min(int(text), 2000) if text.isascii() and text.isdigit() else 1


@router.get("/companies")
def companies(request: Request, q: str = "", order: str = "usd", page_no: str = "1") -> Response:
    """Return the companies, by what they raised."""
    order, number = order if order in players.ORDERS else "usd", _number(page_no)
    with house_of(request).store.read() as conn:
        rows = players.companies(conn, q.strip()[:100], order, SHOWN + 1, (number - 1) * SHOWN)
    return page(
        request,
        "players.html",
        title="Companies",
        base="/companies",
        rows=rows[:SHOWN],
        more=len(rows) > SHOWN,
        number=number,
        q=q.strip()[:100],
        order=order,
        orders=players.ORDERS,
        role="",
    )


@router.get("/investors")
def investors(request: Request, q: str = "", role: str = "", page_no: str = "1") -> Response:
    """Return the investors, or the banks, by number of deals."""
    number = _number(page_no)
    roles = players.BANKS if role == "bookrunner" else players.INVESTORS
    with house_of(request).store.read() as conn:
        ask = (roles, q.strip()[:100], SHOWN + 1, (number - 1) * SHOWN)
        rows = remembered(request, conn, ask, lambda conn: players.parties(conn, *ask))
    return page(
        request,
        "players.html",
        title="Banks" if role == "bookrunner" else "Investors",
        base="/investors",
        rows=rows[:SHOWN],
        more=len(rows) > SHOWN,
        number=number,
        q=q.strip()[:100],
        order="",
        orders=(),
        role=role if role == "bookrunner" else "",
    )


@router.get("/companies/{name:path}")
def company(request: Request, name: str) -> Response:
    """Return one company: its deals, their sum, who is behind them."""
    with house_of(request).store.read() as conn:
        ids = players.deals_of(conn, name)
        shown = browsing.lines(conn, ids[:LISTED])
        people = players.beside(conn, ids)
    if not ids:
        return _nobody(request, name, "company")
    return page(
        request,
        "player.html",
        name=_spelt(shown, name),
        kind="company",
        lines=shown,
        total=len(ids),
        most=players.MOST,
        aliases=_aliases(shown),
        people=people,
        years=_years(shown),
        roles={},
    )


@router.get("/investors/{name:path}")
def investor(request: Request, name: str) -> Response:
    """Return one investor or bank: its deals, and with whom."""
    with house_of(request).store.read() as conn:
        found = players.deals_with(conn, name)
        shown = browsing.lines(conn, [ident for ident, _ in found[:LISTED]])
        people = players.beside(conn, [ident for ident, _ in found], but=name)
    if not found:
        return _nobody(request, name, "investor")
    return page(
        request,
        "player.html",
        name=name,
        kind="investor",
        lines=shown,
        total=len(found),
        most=players.MOST,
        aliases=(),
        people=people,
        years=_years(shown),
        roles=dict(found),
    )


def _nobody(request: Request, name: str, kind: str) -> Response:
    words = f"No deal names “{name[:100]}”. Search looks in the articles' words too."
    return problem(request, 404, f"No such {kind}", words)


def _spelt(lines: Sequence[Line], name: str) -> str:
    return next((line.deal.event.company for line in lines), name)


def _aliases(lines: Sequence[Line]) -> list[str]:
    names = (
        alias for line in lines for alias in (*line.deal.event.aliases, line.deal.event.company)
    )
    return list(dict.fromkeys(names))[:20]


def _years(lines: Sequence[Line]) -> list[tuple[int, int, float]]:
    """Return deals and dollars by the year in which they were first seen, newest first."""
    years = sorted({line.deal.first_seen.year for line in lines}, reverse=True)
    return [(year, *_sum([o for o in lines if o.deal.first_seen.year == year])) for year in years]


def _sum(lines: Sequence[Line]) -> tuple[int, float]:
    return len(lines), sum(float(line.deal.event.amount_usd or 0) for line in lines)
