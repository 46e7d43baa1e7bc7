"""Review: the queue of the unsure and the disputed, worked through by keyboard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from crawler.store import deals, doubts, learned
from crawler.types import Deal, Round, Status
from crawler.web.frame import back, house_of, page
from crawler.web.frame import reader_of as pen_of
from crawler.web.pages.deal import candidates
from crawler.web.sheet import sides

router = APIRouter()
SHOWN = 10
KINDS = ("all", *doubts.KINDS)


@router.get("/review")
def queue(request: Request, kind: str = "all") -> Response:
    """Return the front of the queue, the largest sums first."""
    house = house_of(request)
    kind = kind if kind in KINDS else "all"
    pen = pen_of(request)
    with house.store.read() as conn:
        ids = doubts.queue(conn, kind if kind != "all" else None, SHOWN)
        found = [deal for ident in ids if (deal := deals.get(conn, ident))]
        rows = [(deal, reasons(deal), sides(deal, pen), candidates(conn, deal)) for deal in found]
        counts = doubts.counts(conn)
        names = learned.suggestions(conn)[:20]
    return page(
        request,
        "review.html",
        rows=rows,
        kind=kind,
        counts=_menu(counts),
        names=names,
        statuses=list(Status),
        rounds=list(Round),
        then=f"/review?kind={kind}" if kind != "all" else "/review",
    )


def _menu(counts: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return [("all", sum(counts.values())), *((kind, counts.get(kind, 0)) for kind in doubts.KINDS)]


def reasons(deal: Deal) -> list[str]:
    """Return why a deal wants a look, in words."""
    found = [f"outlets disagree on {one.slot.replace('_', ' ')}" for one in deal.conflicts]
    if deal.event.confidence < doubts.UNSURE:
        found.append("the reader is unsure that it is a deal")
    return [*found, *deal.flags]


@router.post("/review/names")
def judge(
    request: Request, number: Annotated[int, Form()], word: Annotated[str, Form()]
) -> Response:
    """Confirm or refuse another name of a company."""
    state = "confirmed" if word == "confirm" else "refused"
    with house_of(request).store.write() as conn:
        learned.judge(conn, number, state, request.state.who)
    return back("/review#names", "judged")
