"""Alerts: the outbox, what could not be delivered, silences, and what the rules would say."""

from __future__ import annotations

from datetime import timedelta
from itertools import islice
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from pydantic import Field

from crawler.alert import Verdict
from crawler.config.units import duration
from crawler.store import outbox
from crawler.store.outbox import State
from crawler.telling import replay
from crawler.web.api.answers import Number
from crawler.web.frame import back, house_of, page, problem

router = APIRouter()
Text = Annotated[str, Form(max_length=500)]
Ids = Annotated[list[Annotated[int, Field(ge=1, le=2**63 - 1)]], Form()]
SHOWN = 50
TRIED = 100  # deals that a dry run asks about
_SPANS = {"1d": 1, "7d": 7, "30d": 30}


@router.get("/alerts")
def alerts(request: Request, state: str = "", channel: str = "") -> Response:
    """Return the outbox, narrowed, with channels, rules and silences."""
    house = house_of(request)
    now = house.clock()
    with house.store.read() as conn:
        found = outbox.listing(
            conn, states=_states(state), channel=channel or None, limit=SHOWN + 1
        )
        stats = {one.channel: one for one in outbox.stats(conn)}
        hushed = outbox.silences(conn, now)
        held = outbox.held(conn, now)
    return page(
        request,
        "alerts.html",
        rows=found[:SHOWN],
        more=len(found) > SHOWN,
        state=state,
        channel=channel,
        states=list(State),
        stats=stats,
        held=held,
        channels=sorted({*house.config.channels, *stats}),
        rules=house.ingest.policy.rules,
        hushed=hushed,
        most=SHOWN,
    )


def _states(name: str) -> tuple[State, ...]:
    if name == "dead":
        return (State.DEAD, State.EXPIRED)
    return tuple(one for one in State if one.value == name)


@router.get("/alerts/try")
def dry_run(request: Request, rule: str = "", since: str = "7d") -> Response:
    """Return what the rules would say of the latest deals; nothing is sent."""
    house = house_of(request)
    span = timedelta(days=_SPANS.get(since, 7))
    with house.store.read() as conn:
        asked = list(islice(replay(conn, house.ingest.policy, house.clock() - span), TRIED))
    rows = [(deal, one) for deal, said in asked for one in said if rule in {"", one.rule}]
    rows.sort(key=lambda row: row[1].verdict is not Verdict.SEND)
    return page(
        request,
        "try.html",
        rows=rows[:300],
        sent=sum(one.verdict is Verdict.SEND for _, one in rows),
        asked_deals=len(asked),
        rules=house.ingest.policy.rules,
        rule=rule,
        since=since if since in _SPANS else "7d",
        spans=list(_SPANS),
        most=TRIED,
    )


@router.get("/alerts/{number}")
def alert(request: Request, number: Number) -> Response:
    """Return one alert with every attempt to deliver it."""
    with house_of(request).store.read() as conn:
        found, tries = outbox.get(conn, number), outbox.attempts(conn, number)
    if found is None:
        words = f"No alert has the number {number}; old ones are forgotten after a while."
        return problem(request, 404, "No such alert", words)
    return page(request, "alert.html", row=found[0], alert=found[1], tries=tries)


@router.post("/alerts/requeue")
def requeue(request: Request, number: Ids = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Send dead, held or suppressed alerts after all."""
    house = house_of(request)
    with house.store.write() as conn:
        outbox.requeue(conn, number, house.clock())
    return back("/alerts", "requeued")


@router.post("/alerts/drop")
def drop(request: Request, number: Ids = []) -> Response:  # noqa: B006 - FastAPI copies it
    """Give alerts up for good."""
    house = house_of(request)
    with house.store.write() as conn:
        reason = f"dropped by {request.state.who}"
        outbox.drop(conn, number, reason, house.clock())
    return back("/alerts", "dropped")


@router.post("/alerts/silence")
def silence(  # noqa: PLR0913, PLR0917 - the fields of the form
    request: Request,
    span: Text = "1d",
    company: Text = "",
    channel: Text = "",
    rule: Text = "",
    comment: Text = "",
) -> Response:
    """Say nothing for a while: of a company, on a channel, by a rule; of all if none is named."""
    house = house_of(request)
    now = house.clock()
    try:
        end = now + duration(span)
    except (ValueError, OverflowError) as error:
        return problem(request, 400, "The silence was not made", str(error))
    about = {"company": company.strip(), "channel": channel, "rule": rule}
    named = {name: value for name, value in about.items() if value}
    with house.store.write() as conn:
        outbox.silence(conn, named, now, end, author=request.state.who, comment=comment)
    return back("/alerts#stop", "silenced")


@router.post("/alerts/unsilence")
def unsilence(request: Request, number: Annotated[int, Form()]) -> Response:
    """End a silence now."""
    house = house_of(request)
    with house.store.write() as conn:
        outbox.end_silence(conn, number, house.clock())
    return back("/alerts#stop", "unsilenced")


@router.post("/alerts/release")
def release(request: Request, channel: Text) -> Response:
    """Let a held channel speak again."""
    house = house_of(request)
    with house.store.write() as conn:
        outbox.release_channel(conn, channel, house.clock())
    return back("/alerts", "released")
