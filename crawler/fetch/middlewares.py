"""What happens to every request on its way out and to every answer on its way in."""

from __future__ import annotations

from typing import Any
from urllib.parse import urljoin, urlsplit

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.http import Response

from crawler.errors import SourceError
from crawler.fetch import guard, manners
from crawler.fetch.brakes import Brakes, brakes_of
from crawler.types import Outcome, Poll


class TooManyRedirects(SourceError):  # noqa: N818 - named like what happened
    """A way that does not end."""

    def __init__(self, limit: int) -> None:
        super().__init__(Outcome.REFUSED, f"refused: more than {limit} redirects")


class Gate:
    """Last before the queue of a host: the right queue, and no work after the stop."""

    def __init__(self, brakes: Brakes) -> None:
        self.brakes = brakes

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Gate:
        """Build it from the run's settings."""
        return cls(brakes_of(crawler))

    def process_request(self, request: Request) -> None:
        """Refuse what may not be asked; queue by the host that is really asked."""
        guard.check_url(request.url)
        self.brakes.check(request.url)
        # A redirected request carries the queue of the host it came from.
        request.meta["download_slot"] = urlsplit(request.url).hostname or ""


class Conditional:
    """Sends a poll's validators back byte for byte (RFC 9110 section 13)."""

    def __init__(self, brakes: Brakes) -> None:
        self.clock = brakes.clock

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Conditional:
        """Build it from the run's settings."""
        return cls(brakes_of(crawler))

    def process_request(self, request: Request) -> None:
        """Add the validators to the first request of a poll, and of a second look at a page."""
        work: Any = request.meta.get("work")
        if work is None or not request.meta.get("conditional"):
            return
        if isinstance(work, Poll):
            headers = manners.validators(work.state, self.clock())
        else:
            headers = manners.conditions(work.etag, work.last_modified)
        for name, value in headers.items():
            request.headers[name] = value.encode()
        request.meta["validators"] = bool(headers)


class Redirects(RedirectMiddleware):
    """Follows at most five, never a spelling that the guard would refuse, never with Referer."""

    def _engine_started(self) -> None:
        """Look for no Referer middleware: there is none on purpose."""

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - Scrapy's hook
        """Tell nobody where we came from."""
        request.headers.pop("Referer", None)

    def process_response(
        self, request: Request, response: Response, spider: object = None
    ) -> Request | Response:
        """
        Follow a redirect, or hand the answer on.

        Raises:
            SourceError: `Outcome.REFUSED`.
        """
        if response.status in {301, 302, 303, 307, 308} and "Location" in response.headers:
            location = (response.headers["Location"] or b"").decode("utf-8", "replace").strip()
            guard.check_url(urljoin(request.url, location))
            if request.meta.get("redirect_times", 0) >= self.max_redirect_times:
                raise TooManyRedirects(self.max_redirect_times)
        del spider  # Scrapy's old signature
        return super().process_response(request, response)
