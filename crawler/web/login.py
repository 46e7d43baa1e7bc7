"""Log in with a token, once; the browser then has a cookie instead."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Form, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse

from crawler.web.access import Door
from crawler.web.frame import house_of, render

router = APIRouter(include_in_schema=False)
LASTS = timedelta(days=14)


@router.get("/login")
def ask(request: Request, then: str = "/") -> Response:
    """Return the page that asks for a token."""
    return _form(request, then)


@router.post("/login")
def enter(
    request: Request,
    token: Annotated[str, Form(max_length=500)] = "",
    then: Annotated[str, Form(max_length=2000)] = "/",
) -> Response:
    """Give a cookie for a token, and go where she wanted to."""
    door: Door = request.app.state.door
    visitor = door.holder(token.strip(), "cookie")
    if visitor is None:
        return _form(request, then, "That is no token of ours.", 403)
    answer = RedirectResponse(_inside(then), 303)
    cookie = door.pass_for(visitor.name, house_of(request).clock() + LASTS)
    answer.set_cookie(
        door.cookie,
        cookie,
        max_age=int(LASTS.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=door.secure,
        path="/",
    )
    return answer


@router.post("/logout")
def leave(request: Request) -> Response:
    """Take the cookie back."""
    door: Door = request.app.state.door
    answer = RedirectResponse("/login", 303)
    answer.delete_cookie(
        door.cookie, path="/", httponly=True, samesite="strict", secure=door.secure
    )
    return answer


def _form(request: Request, then: str, wrong: str = "", status: int = 200) -> HTMLResponse:
    return HTMLResponse(render(request, "login.html", then=_inside(then), wrong=wrong), status)


def _inside(path: str) -> str:
    """Return a path of this house; "/" for anything else."""
    ours = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if ours and path.isprintable() else "/"
