"""Deal: one sheet with all its proof, and a person's word on it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import RedirectResponse

from crawler import review
from crawler.errors import UsageError
from crawler.review import Reviewer
from crawler.store import Connection, browsing, deals, outbox
from crawler.telling import explain
from crawler.types import Deal, Round, Status
from crawler.web import circle, corrections, sheet
from crawler.web.filters import instant
from crawler.web.frame import back, house_of, page, problem
from crawler.web.frame import reader_of as pen_of

router = APIRouter()
NEAR = timedelta(days=120)  # within which a deal of the same company may be the same one
_SPANS = {"1d": 1, "7d": 7, "30d": 30}
Text = Annotated[str, Form(max_length=2000)]
Texts = Annotated[list[str], Form()]


@router.get("/deals/{ident}")
def show(request: Request, ident: str, as_of: str = "") -> Response:
    """Return the sheet, as it is or as it was known at `as_of`."""
    house = house_of(request)
    now = house.clock()
    at = instant(as_of)
    with house.store.read() as conn:
        deal = deals.get(conn, ident) or deals.by_prefix(conn, ident)
        if deal is None:
            return problem(
                request, 404, "No such deal",
                f"No deal is called {ident[:80]}. It may have been in another database; "
                "Search finds deals by company, investor or sentence.",
            )  # fmt: skip
        if deal.merged_into:
            return RedirectResponse(f"/deals/{deal.merged_into}?said=merged", 303)
        shown = deals.get(conn, deal.id, at) if at else deal
        about: dict[str, Any] = {
            "log": review.log(conn, deal.id),
            "told": explain(conn, deal, house.ingest.policy, now),
            "candidates": candidates(conn, deal),
            "linked": _linked(conn, deal),
        }
    if shown is None:
        return problem(
            request, 404, "Not known yet", f"At {as_of[:40]} nothing was known of this deal."
        )
    pen = pen_of(request)
    return page(
        request,
        "deal.html",
        deal=shown,
        as_of=as_of if at else "",
        facts=sheet.facts(shown, pen),
        steps=sheet.steps(shown, pen),
        grounds=sheet.grounds(shown, pen),
        sides=sheet.sides(shown, pen),
        outlets=sheet.outlets(shown.reports),
        drawing=circle.drawing(shown.event),
        statuses=list(Status),
        rounds=list(Round),
        **about,
    )


def candidates(conn: Connection, deal: Deal) -> list[Deal]:
    """Return the deals of the same type and company, near in time, that may be the same one."""
    keys = deals.keys_of(conn, [deal.id]).get(deal.id, ())
    days = [report.published for report in deal.reports] or [deal.first_seen]
    found = deals.block(conn, deal.event.type, keys, min(days) - NEAR, max(days) + NEAR)
    return [one for one in found if one.id != deal.id][:20]


def _linked(conn: Connection, deal: Deal) -> list[tuple[str, browsing.Line]]:
    found = browsing.lines(conn, list(deal.links))
    return [(deal.links[line.deal.id].replace("_", " "), line) for line in found]


# --- a person's word ----------------------------------------------------------------


def _decide(
    request: Request, act: Callable[[Reviewer, Connection], list[Deal]], said: str, then: str
) -> Response:
    house = house_of(request)
    reviewer = Reviewer(house.ingest, request.state.who, house.clock())
    try:
        with house.store.write() as conn:
            changed = act(reviewer, conn)
    except UsageError as error:
        return problem(request, 400, "That cannot be done", str(error))
    stay = next((deal.id for deal in changed if not deal.merged_into), "")
    return back(then or f"/deals/{stay}", said)


@router.post("/deals/{ident}/confirm")
def confirm(request: Request, ident: str, reason: Text = "", then: Text = "") -> Response:
    """Say that a deal is right as it stands."""
    return _decide(request, lambda r, conn: r.confirm(conn, ident, reason), "confirmed", then)


@router.post("/deals/{ident}/reject")
def reject(request: Request, ident: str, reason: Text = "", then: Text = "") -> Response:
    """Say that these articles tell no deal at all."""
    return _decide(request, lambda r, conn: r.reject(conn, ident, reason), "rejected", then)


@router.post("/deals/{ident}/merge")
def merge(
    request: Request, ident: str, other: Text = "", reason: Text = "", then: Text = ""
) -> Response:
    """Say that two deals are one."""
    wanted = other.strip().rpartition("/")[2]
    act = lambda r, conn: r.merge(conn, ident, wanted, reason)  # noqa: E731 - as its neighbours
    return _decide(request, act, "merged", then)


@router.post("/deals/{ident}/split")
def split(
    request: Request,
    ident: str,
    url: Texts = [],  # noqa: B006 - FastAPI copies it
    reason: Text = "",
    then: Text = "",
) -> Response:
    """Say that some of a deal's articles tell another deal."""
    return _decide(request, lambda r, conn: r.split(conn, ident, url, reason), "split", then)


@router.post("/deals/{ident}/correct")
async def correct(request: Request, ident: str) -> Response:
    """Say what some slots' values are; fields left as they were say nothing."""
    from fastapi.concurrency import run_in_threadpool

    form = {name: str(value)[:2000] for name, value in (await request.form()).items()}

    def act(reviewer: Reviewer, conn: Connection) -> list[Deal]:
        slots = corrections.slots(review.find(conn, ident), form)
        return reviewer.correct(conn, ident, slots, form.get("reason", ""))

    return await run_in_threadpool(_decide, request, act, "corrected", form.get("then", ""))


@router.post("/deals/{ident}/undo")
def undo(request: Request, ident: str, number: Annotated[int, Form()]) -> Response:
    """Take a decision back."""
    return _decide(request, lambda r, conn: r.undo(conn, number), "undone", f"/deals/{ident}")


@router.post("/deals/{ident}/mute")
def mute(request: Request, ident: str, span: Text = "7d", reason: Text = "") -> Response:
    """Say nothing of the deal's company for a while."""
    house = house_of(request)
    now = house.clock()
    try:
        with house.store.write() as conn:
            deal = review.find(conn, ident)
            end = now + timedelta(days=_SPANS.get(span, 7))
            about = {"company": deal.event.company}
            outbox.silence(conn, about, now, end, author=request.state.who, comment=reason)
    except UsageError as error:
        return problem(request, 400, "That cannot be done", str(error))
    return back(f"/deals/{deal.id}", "muted")
