"""
The gate that every request passes, before any route is looked for: default is no.

    Host ─ body whole and small ─ who? ─ how often? ─ may she? ─ ours, not another site's? ─▶ app

What is refused leaves here; what comes back leaves with the headers of `HEADERS`.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Callable
from datetime import datetime
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, quote
from uuid import uuid4

import structlog
from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from crawler.web.access import SAFE, Door, Visitor, foreign, needed
from crawler.web.problems import problem
from crawler.web.rate import Rates

log = structlog.get_logger()

CSP = (
    "default-src 'none'; style-src 'self'; img-src 'self'; script-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",  # for browsers that know no frame-ancestors
}
MAX_BODY = 2_000_000  # bytes; the largest form brings a list of sources
SLOW = 15.0  # seconds that a body may take
_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class Refused(Exception):  # noqa: N818 - what happens, not what is wrong
    """A request goes no further: status, words, and headers of the answer."""

    def __init__(self, status: int, words: str, **headers: str) -> None:
        self.status, self.words, self.headers = status, words, headers
        super().__init__(words)


def csrf_token(request: HTTPConnection) -> str:
    """Return what a form must bring along, as `csrf` or in the header `X-CSRF-Token`."""
    door: Door = request.app.state.door
    return door.form_token(request.cookies.get(door.cookie, ""))


class Gate:
    """ASGI middleware: nothing behind it is reached unless it lets it through."""

    def __init__(
        self, app: ASGIApp, door: Door, clock: Callable[[], datetime], rates: Rates
    ) -> None:
        self._app, self._door, self._clock, self._rates = app, door, clock, rates

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request through, or answer it here."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope.setdefault("state", {})["request_id"] = uuid4().hex[:12]
        with structlog.contextvars.bound_contextvars(request=scope["state"]["request_id"]):
            await self._pass(scope, receive, _with_headers(scope, send))

    async def _pass(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            body = await self._checked(scope, receive)
        except Refused as no:
            log.info("request refused", path=scope["path"], status=no.status, reason=no.words)
            answer = problem(Request(scope), no.status, no.words)
            answer.headers.update({k.replace("_", "-"): v for k, v in no.headers.items()})
            await answer(scope, receive, send)
            return
        await self._serve(scope, _again(body, receive), send)

    async def _serve(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer even where a page of ours breaks; the log has why, the reader a number."""
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            begun = True
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            log.exception("page broke", path=scope["path"])
            if begun:
                raise
            words = f"a fault of ours; the log has it under request={scope['state']['request_id']}"
            await problem(Request(scope), 500, words)(scope, receive, send)

    async def _checked(self, scope: Scope, receive: Receive) -> bytes:
        """
        Return the body of a request that may go on.

        Raises:
            Refused: it may not.
        """
        headers, method, path = Headers(scope=scope), scope["method"], scope["path"]
        if not self._door.admits(headers.get("host", "")):
            raise Refused(421, "this is not called so here; see web.allowed_hosts of the config")
        if "\0" in path or b"%00" in scope["query_string"]:
            raise Refused(400, "NUL is no text")  # no database takes it
        visitor = self._visitor(headers)
        self._slow_down(scope, visitor, path)
        self._admit(scope, visitor, method, path)
        if method in SAFE:
            return b""
        if foreign(headers, self._door.public):
            raise Refused(403, "another site sent this")
        body = await _body(headers, receive)
        await self._ours(scope, headers, visitor, body)
        return body

    def _visitor(self, headers: Headers) -> Visitor | None:
        if not self._door.tokens:
            return Visitor(_user(), "admin", "open")
        if "authorization" in headers:
            return self._door.bearer(headers["authorization"])
        return self._door.by_pass(_cookie(headers, self._door.cookie), self._clock())

    def _slow_down(self, scope: Scope, visitor: Visitor | None, path: str) -> None:
        address = (scope.get("client") or ("",))[0]
        wait = self._rates.wait(path, visitor.name if visitor else address, address)
        if wait:
            raise Refused(429, f"too many requests; try again in {wait} s", Retry_After=str(wait))

    @staticmethod
    def _admit(scope: Scope, visitor: Visitor | None, method: str, path: str) -> None:
        scope["state"]["who"] = visitor.name if visitor else ""
        scope["state"]["scopes"] = visitor.scopes if visitor else frozenset()
        want = needed(method, path)
        if not want:
            return
        if visitor is None:
            raise _stranger(scope, method, path)
        if want not in visitor.scopes:
            raise Refused(403, f"this needs the scope {want}; {visitor.name} has {visitor.scope}")

    async def _ours(
        self, scope: Scope, headers: Headers, visitor: Visitor | None, body: bytes
    ) -> None:
        """
        Refuse what another site may have made a browser send.

        A Bearer token is never sent by itself. JSON cannot be sent across sites without a
        preflight, which nobody here answers. All else brings the token of a form.
        """
        kind = headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind in _FORMS and (b"%00" in body or b"\0" in body):
            raise Refused(400, "NUL is no text")
        way = visitor.way if visitor else ""
        if way == "bearer":
            return
        if scope["path"].startswith("/api/") and kind == "application/json" and way != "basic":
            return
        given = headers.get("x-csrf-token") or await _field(scope, kind, body)
        if not self._door.is_form_token(given, _cookie(headers, self._door.cookie)):
            raise Refused(403, "this form is from an earlier session; go back, reload, try again")


def _stranger(scope: Scope, method: str, path: str) -> Refused:
    page = not path.startswith(("/api/", "/feeds/", "/calendar/", "/metrics", "/events"))
    if page and method == "GET":
        query = scope["query_string"].decode("latin-1")
        then = quote(path + (f"?{query}" if query else ""), safe="")
        return Refused(303, "log in first", Location=f"/login?then={then}")
    basic = path.startswith(("/feeds/", "/calendar/"))
    way = 'Basic realm="raisewire"' if basic else 'Bearer realm="raisewire"'
    return Refused(401, "a token is needed", WWW_Authenticate=way)


async def _body(headers: Headers, receive: Receive) -> bytes:
    """Read a body that is neither large nor slow."""
    said = headers.get("content-length", "0")
    if not said.isdecimal() or int(said) > MAX_BODY:
        raise Refused(413, f"more than {MAX_BODY:,} bytes are not taken")
    found = bytearray()
    try:
        async with asyncio.timeout(SLOW):
            while True:
                message = await receive()
                found += message.get("body", b"")
                if len(found) > MAX_BODY:
                    raise Refused(413, f"more than {MAX_BODY:,} bytes are not taken")
                if not message.get("more_body", False):
                    return bytes(found)
    except TimeoutError:
        raise Refused(408, "the body took too long", Connection="close") from None


def _again(body: bytes, receive: Receive) -> Receive:
    """Hand a body that was read already on, once."""
    left: list[Message] = [{"type": "http.request", "body": body, "more_body": False}]

    async def hand() -> Message:
        return left.pop() if left else await receive()

    return hand


async def _field(scope: Scope, kind: str, body: bytes) -> str:
    if kind not in _FORMS:
        return ""
    if kind == _FORMS[0]:
        return parse_qs(body.decode("latin-1"), max_num_fields=1000).get("csrf", [""])[0]
    copy: dict[str, Any] = {**scope, "app": None}
    form = await Request(copy, _again(body, _ended)).form()
    given = form.get("csrf", "")
    return given if isinstance(given, str) else ""


async def _ended() -> Message:
    return {"type": "http.disconnect"}


def _with_headers(scope: Scope, send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers["X-Request-ID"] = scope["state"]["request_id"]
            if scope["path"].startswith("/static/"):
                headers.setdefault("Cache-Control", "public, max-age=3600")
            headers.setdefault("Cache-Control", "private, no-cache")
        await send(message)

    return sending


def _cookie(headers: Headers, name: str) -> str:
    try:
        found = SimpleCookie(headers.get("cookie", "")).get(name)
    except CookieError:
        return ""
    return found.value if found else ""


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "desk"
