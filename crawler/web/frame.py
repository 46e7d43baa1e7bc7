"""The frame of every page: one template environment, the reader's pen, what went wrong told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from crawler import safe
from crawler.app import House
from crawler.store import standing
from crawler.web import pen
from crawler.web.security import csrf_token


@cache
def environment() -> Environment:
    """Return the templates: escaped everywhere, and strict about names."""
    made = Environment(
        loader=PackageLoader("crawler.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "when": when,
        "line": safe.one_line,
        "web": safe.link,
        "seg": lambda text: quote(text, safe=""),
        "label": pen.label,
    }
    made.globals |= {"url": address, "short": lambda ident: ident[:10]}
    return made


def when(at: datetime | None, form: str = "minute") -> Markup:
    """Return an instant as `<time>` in UTC; the browser rewrites it in the reader's zone."""
    if at is None:
        return Markup("")
    utc = at.astimezone(UTC)
    shown = {"minute": f"{utc:%Y-%m-%d %H:%M}", "day": f"{utc:%Y-%m-%d}", "clock": f"{utc:%H:%M}"}
    return Markup('<time datetime="{}" data-form="{}" title="{} UTC">{}</time>').format(
        f"{utc:%Y-%m-%dT%H:%M:%SZ}", form, f"{utc:%Y-%m-%d %H:%M}", shown[form]
    )


def address(path: str, params: Mapping[str, object] | None = None, /, **more: object) -> str:
    """Return `path` with a query; what is empty is left out."""
    pairs = [
        (name, value)
        for name, given in {**(params or {}), **more}.items()
        for value in (given if isinstance(given, list | tuple) else [given])
        if value not in (None, "", False)
    ]
    return f"{path}?{urlencode(pairs)}" if pairs else path


SAID = {
    "confirmed": "Confirmed. The articles count as a gold row from now on.",
    "rejected": "Marked as no deal. Later repeats will not bring it back.",
    "merged": "Two deals are one now.",
    "split": "Split into two deals.",
    "corrected": "Corrected. The value holds against every later article.",
    "undone": "The decision is taken back.",
    "muted": "Its company is silent now. Alerts shows the silence, and ends it.",
    "silenced": "The silence is in force.",
    "unsilenced": "The silence is over. What it kept back stays back.",
    "requeued": "Queued again.",
    "dropped": "Given up for good; the list keeps them, with the reason.",
    "released": "The channel speaks again; what waited for it is sent.",
    "added": "The source is watched from now on. Its first poll is quiet.",
    "paused": "The source is paused.",
    "resumed": "The source is polled again.",
    "due": "The source is polled as soon as a daemon or a crawl looks.",
    "switched": "Done.",
    "judged": "Noted. A confirmed name counts from the next start on.",
}


def house_of(request: Request) -> House:
    """Return the rooms behind a request."""
    house: House = request.app.state.house
    return house


def reader_of(request: Request) -> pen.Reader:
    """Return the pen that writes for whoever asks."""
    return pen.reader(request.headers.get("accept-language", ""), house_of(request).clock())


def back(path: str, said: str) -> RedirectResponse:
    """Return to a page of ours with word of what was done; a stranger's address is no page."""
    inside = path.startswith("/") and not path.startswith("//") and "\\" not in path
    where, _, mark = (path if inside else "/").partition("#")
    sign = "&" if "?" in where else "?"
    return RedirectResponse(f"{where}{sign}said={said}" + (f"#{mark}" if mark else ""), 303)


def page(request: Request, template: str, status: int = 200, /, **values: Any) -> HTMLResponse:  # noqa: ANN401 - a template's names
    """Return a template filled in, within the frame."""
    house = house_of(request)
    with house.store.read() as conn:
        badges = standing.badges(conn)
    return HTMLResponse(render(request, template, badges=badges, **values), status)


def render(request: Request, template: str, /, **values: Any) -> str:  # noqa: ANN401 - a template's names
    """Return a template filled in."""
    about: dict[str, Any] = {
        "path": request.url.path,
        "pen": reader_of(request),
        "who": getattr(request.state, "who", ""),
        "locked": bool(request.app.state.door.tokens),
        "scopes": getattr(request.state, "scopes", frozenset()),
        "csrf": lambda: csrf_token(request),
        "badges": None,
        "said": SAID.get(request.query_params.get("said", ""), ""),
    }
    return environment().get_template(template).render(about | values)


def problem(request: Request, status: int, title: str, words: str) -> HTMLResponse:
    """Return a page that says what is wrong and what helps; it asks nothing of the database."""
    return HTMLResponse(render(request, "problem.html", title=title, words=words), status)
