"""Everything between the desk and the wire: one polite, guarded, permanent run."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime, timedelta

from crawler.config.models import Http
from crawler.fetch.guard import check_address, checker
from crawler.fetch.schedule import learned_interval, next_poll_at
from crawler.fetch.urls import canonical, host_of, url_key
from crawler.types import Desk


async def crawl(
    desk: Desk,
    http: Http,
    *,
    stop: asyncio.Event,
    grace: timedelta = timedelta(seconds=25),
    clock: Callable[[], datetime] | None = None,
) -> None:
    """
    Work for `desk` until `stop` is set or the desk is drained.

    After `stop`, requests on the wire have `grace` to finish; those that still wait are not
    sent, and come back by their lease. Runs in the loop it is called in; installs no signal
    handlers and no log handlers. `clock` is read for every decision (default: the real one).

    Raises:
        ConfigError: the browser, or the extra that drives it, is missing.
        Exception: the run itself crashed.
    """
    from crawler.fetch.engine import run, utc_now

    await run(desk, http, stop=stop, grace=grace, clock=clock or utc_now)


__all__ = [
    "canonical",
    "check_address",
    "checker",
    "crawl",
    "host_of",
    "learned_interval",
    "next_poll_at",
    "url_key",
]
