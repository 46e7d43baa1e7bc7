"""
A newsroom on loopback: a dozen newspapers, each a real HTTP server on a port of its own.

They answer as decent sites do (ETag, Last-Modified, 304, robots.txt, 404) and remember what
they were asked. `POST /publish` on the control port prints a new story while it runs.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Self

from aiohttp import web

from crawler.demo.press import Outlet, Press, Story, outlets, stories

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Request:
    """One request that an outlet answered."""

    outlet: str
    path: str
    status: int


class Newsroom:
    """Start it with `async with`; `presses` then tells every address."""

    def __init__(self, clock: Callable[[], datetime], *, blank: bool = False) -> None:
        self._clock = clock
        self._blank = blank
        self._runners: list[web.AppRunner] = []
        self.presses: dict[str, Press] = {}
        self.requests: list[Request] = []
        self.control = ""

    async def __aenter__(self) -> Self:
        printed = () if self._blank else stories(self._clock())
        for outlet in outlets():
            home = await self._serve(self._outlet_app(outlet))
            own = tuple(story for story in printed if story.outlet == outlet.id)
            self.presses[outlet.id] = Press(outlet, home, own)
        control = web.Application()
        control.router.add_post("/publish", self._publish)
        self.control = await self._serve(control)
        return self

    async def __aexit__(self, *_: object) -> None:
        for runner in self._runners:
            await runner.cleanup()

    async def _serve(self, app: web.Application) -> str:
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        site = web.TCPSite(runner, LOOPBACK, 0)
        await site.start()
        self._runners.append(runner)
        host, port = runner.addresses[0][:2]
        return f"http://{host}:{port}"

    def _outlet_app(self, outlet: Outlet) -> web.Application:
        async def answer(request: web.Request) -> web.Response:
            response = self._answer(self.presses[outlet.id], request)
            self.requests.append(Request(outlet.id, request.path, response.status))
            return response

        app = web.Application()
        app.router.add_get("/{path:.*}", answer)
        return app

    def _answer(self, press: Press, request: web.Request) -> web.Response:
        if request.path == "/robots.txt":
            door = f"Sitemap: {press.home}{press.outlet.door}\n"
            sitemap = door if press.outlet.format == "sitemap" else ""
            return web.Response(text=f"User-agent: *\nDisallow: /section/\n{sitemap}")
        if request.path == press.outlet.door:
            newest = max((story.published for story in press.stories), default=None)
            return _conditional(request, *press.front(), newest)
        if request.path == "/":
            return _conditional(request, *press.homepage(), None)
        for story in press.stories:
            if press.url(story) == press.home + request.path:
                return _conditional(request, *press.page(story), story.published)
        return web.Response(status=404, text="no such page")

    async def _publish(self, request: web.Request) -> web.Response:
        """Print the story in the request's JSON: {outlet, id, title, text: [...]}."""
        try:
            story = await request.json()
            url = self.publish(story["outlet"], story["id"], story["title"], story["text"])
        except (KeyError, TypeError, json.JSONDecodeError) as error:
            return web.json_response({"error": f"not a story: {error!r}"}, status=400)
        return web.json_response({"url": url})

    def publish(self, outlet: str, ident: str, title: str, text: list[str]) -> str:
        """Print a story now; return its address."""
        press = self.presses[outlet]
        now = self._clock().replace(microsecond=0)
        story = Story(id=ident, outlet=outlet, title=title, text=tuple(text), published=now)
        self.presses[outlet] = replace(press, stories=(*press.stories, story))
        return press.url(story)

    def config(self) -> str:
        """Return the `sources:` of a config.yaml that watches every outlet."""
        lines = []
        for press in self.presses.values():
            outlet = press.outlet
            kind = outlet.format if outlet.format in {"sitemap", "listing"} else "feed"
            source = {
                "name": outlet.id,
                "kind": kind,
                "url": press.home + outlet.door,
                "language": outlet.lang,
                "country": outlet.country,
                "source_class": outlet.source_class,
            }
            if kind == "listing":
                source["options"] = {"item": "div.teaser", "link": "a.headline"}  # type: ignore[assignment]
            lines.append(f"  - {json.dumps(source, ensure_ascii=False)}")
        return "sources:\n" + "\n".join(lines) + "\n"


def _conditional(
    request: web.Request, body: bytes, media_type: str, changed: datetime | None
) -> web.Response:
    """Answer 304 where the validators still hold (RFC 9110 section 13)."""
    etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Content-Type": media_type}
    if changed:
        headers["Last-Modified"] = format_datetime(changed, usegmt=True)
    if request.headers.get("If-None-Match") == etag:
        return web.Response(status=304, headers=headers)
    return web.Response(body=body, headers=headers)
