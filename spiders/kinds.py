"""
Kinds of source, found by name: ours, a user's entry point, or a dotted path.

A kind is a module (or any object) with two functions. `requests` says what to ask first;
`parse` turns one answer into what was found there. Asking, waiting, robots, redirects,
limits and time-outs are done for it; it never touches the network or the clock.

A third function is optional: `page(response, fetch) -> bytes` makes a readable page of
something else (a filing in XML, a PDF of which only the headline is known).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib import import_module
from importlib.metadata import entry_points
from typing import Protocol, cast

from scrapy import Request
from scrapy.http import Response

from crawler.errors import SourceError
from crawler.types import Entry, Outcome, Poll

GROUP = "raisewire.spiders"
MAX_ENTRIES = 2_000  # of one poll; more is a dump, not news
MAX_PARTS = 50  # answers one poll may ask for

_OURS = {
    "feed": "spiders.feed",
    "rss": "spiders.feed",
    "atom": "spiders.feed",
    "jsonfeed": "spiders.feed",
    "sitemap": "spiders.sitemap",
    "listing": "spiders.listing",
    "edgar": "spiders.edgar",
    "hkex": "spiders.hkex",
    "api": "spiders.json_api",
    "json_api": "spiders.json_api",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What one answer held."""

    entries: tuple[Entry, ...] = ()
    follow: tuple[Request, ...] = ()  # asked one after another, into the same poll
    min_interval: timedelta | None = None  # the source asks not to be polled sooner
    message: str = ""  # what is wrong with it, in one plain line
    malformed: bool = False
    index: bool = False  # only points elsewhere: its validators say nothing about the news


class Kind(Protocol):
    """What a module must offer to be a kind of source."""

    def requests(self, poll: Poll) -> Iterable[Request]:
        """Return what to ask first (as a rule, one GET of `poll.source.url`)."""

    def parse(self, response: Response, poll: Poll, now: datetime) -> Found:
        """Return what `response` holds; never raises for what a server can send."""


def kind(name: str) -> Kind:
    """
    Return the kind called `name`.

    Raises:
        SourceError: there is none; `Outcome.ERROR`.
    """
    target = _OURS.get(name) or _entry_point(name) or name
    module, _, attribute = target.partition(":")
    try:
        found: object = import_module(module)
        for part in filter(None, attribute.split(".")):
            found = getattr(found, part)
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise SourceError(Outcome.ERROR, f"no kind of source is called {name!r}") from error
    if not (hasattr(found, "parse") and hasattr(found, "requests")):
        raise SourceError(Outcome.ERROR, f"{name!r} offers no requests() and parse()")
    return cast("Kind", found)


def names() -> list[str]:
    """Return the names that a source's `kind` may have, sorted (dotted paths aside)."""
    return sorted({*_OURS, *(point.name for point in entry_points(group=GROUP))})


def _entry_point(name: str) -> str | None:
    return next((point.value for point in entry_points(group=GROUP, name=name)), None)
