"""
Pages whose words are made by scripts, rendered by Chromium (extra `browser`).

scrapy-playwright drives it; one browser for a run, a fresh context for each page, so that no
cookie outlives it. Whatever the page asks for goes through `GuardedProxy`.
"""

from __future__ import annotations

import asyncio
import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from scrapy import Request
from scrapy.core.downloader.handlers.base import BaseDownloadHandler
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.settings import Settings

from crawler.errors import ConfigError, SourceError
from crawler.fetch.proxy import Check, GuardedProxy
from crawler.types import Outcome

try:
    from playwright.async_api import Error as PlaywrightError
    from playwright.async_api import Page, Route
    from scrapy_playwright.handler import Config, ScrapyPlaywrightDownloadHandler
    from scrapy_playwright.headers import use_scrapy_headers
    from scrapy_playwright.page import PageMethod
    from scrapy_playwright.provider import PlaywrightBrowserProvider
except ModuleNotFoundError as error:
    raise ConfigError("http.browser needs an extra: pip install 'raisewire[browser]'") from error

WORDS = frozenset({"document", "script", "xhr", "fetch"})  # no pictures, fonts, styles, films
CALLS = 100  # connections of one page
QUIET = 5_000  # milliseconds until a page that never falls silent is read as it is
CLOSING = 5.0  # seconds
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # only the proxy looks names up
)


class Browser(ScrapyPlaywrightDownloadHandler):  # type: ignore[misc] # it is untyped
    """Renders pages; started with the first one."""

    def __init__(self, crawler: Crawler, program: Path) -> None:
        # Past scrapy-playwright's own, which asks for Twisted's reactor: rendering needs only
        # the loop, and works in both modes.
        BaseDownloadHandler.__init__(self, crawler)
        self._crawler, self.stats = crawler, crawler.stats
        self.config = Config.from_settings(_settings(program, crawler.settings))
        self.browser_provider = PlaywrightBrowserProvider(self.config)
        self.browser_launch_lock, self.context_launch_lock = asyncio.Lock(), asyncio.Lock()
        self.context_wrappers: dict[str, Any] = {}
        self.process_request_headers, self.abort_request = use_scrapy_headers, None
        self._starting, self._number = asyncio.Lock(), 0

    async def render(self, request: Request, check: Check) -> Response:
        """
        Return the page behind `request` as it stands once its scripts have run.

        Raises:
            SourceError: the browser does not start, or the page does not come.
        """
        most = self._crawler.settings.getint("DOWNLOAD_MAXSIZE")
        async with GuardedProxy(check, most=2 * most, calls=CALLS) as proxy:
            self._number += 1
            name = f"page {self._number}"
            try:
                await self._start()
                response: Response = await self._download_request(
                    self._bound(request, name, proxy.url)
                )
            except PlaywrightError as error:
                reason = str(error).partition("\n")[0][:200]
                raise SourceError(Outcome.ERROR, f"the browser could not: {reason}") from error
            finally:
                await self._end(name)
        if len(response.body) > most:
            raise SourceError(Outcome.REFUSED, "refused: the rendered page is too big")
        if not response.url.startswith(("http://", "https://")):  # chrome-error:
            raise SourceError(Outcome.REFUSED, "refused: the page leads to another host")
        return response

    async def _start(self) -> None:
        async with self._starting:
            if self.browser_provider.playwright is None:
                await self.browser_provider.start()

    async def _end(self, name: str) -> None:
        kept = self.context_wrappers.get(name)
        if kept is not None:
            with suppress(PlaywrightError, TimeoutError):
                async with asyncio.timeout(CLOSING):
                    await kept.context.close()

    def _bound(self, request: Request, name: str, proxy: str) -> Request:
        """Return `request` with all that scrapy-playwright is to know of it."""
        about = {
            "playwright_context": name,
            "playwright_context_kwargs": {
                "proxy": {"server": proxy, "bypass": "<-loopback>"},
                "user_agent": self._crawler.settings["USER_AGENT"],
                "service_workers": "block",
                "accept_downloads": False,
            },
            "playwright_page_init_callback": _strict,
            "playwright_page_goto_kwargs": {"wait_until": "domcontentloaded"},
            "playwright_page_methods": [PageMethod(_settled)],
        }
        return request.replace(meta={**request.meta, **about})

    async def close(self) -> None:
        """End the browser."""
        await self._close()


def check(program: Path) -> None:
    """
    Check that there is a browser; that there is the extra, importing this has shown.

    Raises:
        ConfigError: there is none.
    """
    if not program.is_file():
        raise ConfigError(f"http.browser: there is no program {program}")


def _settings(program: Path, settings: Settings) -> Settings:
    return Settings(
        {
            "PLAYWRIGHT_BROWSER_TYPE": "chromium",
            "PLAYWRIGHT_LAUNCH_OPTIONS": {
                "executable_path": str(program),
                "args": list(FLAGS),
                "chromium_sandbox": os.geteuid() != 0,  # it refuses to be root's
            },
            "PLAYWRIGHT_MAX_PAGES_PER_CONTEXT": 1,
            "PLAYWRIGHT_DEFAULT_NAVIGATION_TIMEOUT": 1_000 * settings.getfloat("DOWNLOAD_TIMEOUT"),
        }
    )


async def _strict(page: Page, request: Request) -> None:
    """Let a page have what makes words, and go nowhere else."""
    home = urlsplit(request.url).netloc

    async def decide(route: Route) -> None:
        asked = route.request
        strays = asked.is_navigation_request() and urlsplit(asked.url).netloc != home
        if strays or asked.resource_type not in WORDS:
            await route.abort()
        else:
            await route.fallback()

    await page.route("**", decide)


async def _settled(page: Page) -> None:
    """Wait until the page asks for nothing more; one that never stops is stopped."""
    try:
        await page.wait_for_load_state("networkidle", timeout=QUIET)
    except PlaywrightError:
        await page.evaluate("window.stop()")
