"""Scrapy's Twisted handler with a guarded reactor, for runs on Twisted's asyncio reactor."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, cast

from scrapy import Request
from scrapy.core.downloader.handlers import http11
from scrapy.crawler import Crawler
from scrapy.http import Response
from scrapy.utils._download_handlers import wrap_twisted_exceptions
from scrapy.utils.defer import maybe_deferred_to_future
from twisted.internet.base import ReactorBase
from twisted.web.client import Agent

Check = Callable[[str, int], None]


class GuardedReactor:
    """The running reactor, except that it connects only where `check` lets it."""

    def __init__(self, reactor: Any, check: Check) -> None:  # noqa: ANN401 - zope interfaces
        self._reactor, self._check = reactor, check

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 - whatever the reactor has
        return getattr(self._reactor, name)

    def connectTCP(self, host: str, port: int, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401, N802 - Twisted's name
        """Connect; `host` is the address that was resolved, in numbers."""
        self._check(host, port)
        return self._reactor.connectTCP(host, port, *args, **kwargs)


class _GuardedAgent(http11._ScrapyAgent):  # noqa: SLF001 - the one place where Scrapy builds its agent
    def __init__(self, *, check: Check, **kwargs: Any) -> None:  # noqa: ANN401 - Scrapy's own arguments
        super().__init__(**kwargs)
        self._check = check

    def _get_agent(self, request: Request, timeout: float) -> Agent:  # noqa: ARG002 - Scrapy's signature
        from twisted.internet import reactor

        return http11._BindAddressAgent(  # noqa: SLF001 - as above
            reactor=cast("ReactorBase", GuardedReactor(reactor, self._check)),
            contextFactory=self._contextFactory,
            connectTimeout=timeout,
            bindAddress=None,
            pool=self._pool,
        )


class TwistedWire(http11.HTTP11DownloadHandler):
    """Checks the numbers of every address before it is connected."""

    def __init__(self, crawler: Crawler, check: Check) -> None:
        super().__init__(crawler)
        self._check = check

    async def download_request(self, request: Request) -> Response:
        """Return the answer to `request`; errors are those of Scrapy."""
        agent = _GuardedAgent(
            check=self._check,
            contextFactory=self._contextFactory,
            pool=self._pool,
            maxsize=self._default_maxsize,
            warnsize=self._default_warnsize,
            fail_on_dataloss=self._fail_on_dataloss,
            crawler=self._crawler,
        )
        with wrap_twisted_exceptions():
            return await maybe_deferred_to_future(agent.download_request(request))
