"""
A homepage, read for the feeds and sitemaps it announces: the `sources discover` command.

Each "entry" is a front door: its URL, and as title what kind it is and what it is called.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from urllib.parse import urljoin

from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders.kinds import Found
from spiders.links import absolute

FEEDS = ("application/rss+xml", "application/atom+xml", "application/feed+json", "text/xml")
WORDS = ("rss", "feed", "atom")
MOST = 50


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the homepage, then for its robots.txt (which names sitemaps)."""
    return (
        Request(poll.source.url, headers={"Accept": "text/html, */*;q=0.5"}),
        Request(urljoin(poll.source.url, "/robots.txt")),
    )


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the front doors that one answer announces."""
    del now
    body = response.body.decode("utf-8", "replace").replace("\x00", "")
    if response.url.endswith("/robots.txt"):
        found = list(_sitemaps(body, response.url))
    else:
        found = list(_feeds(Selector(text=body or "<html></html>", type="html"), response.url))
    doors = {entry.url: entry for entry in found[:MOST] if entry.url != poll.source.url}
    return Found(entries=tuple(doors.values()))


def _feeds(page: Selector, base: str) -> Iterator[Entry]:
    for link in page.css("link[rel~=alternate][href]"):
        if link.attrib.get("type", "").lower() in FEEDS:
            yield _door(base, link.attrib["href"], "feed", link.attrib.get("title", ""))
    for anchor in page.css("a[href]"):
        href, words = anchor.attrib["href"], " ".join(anchor.css("::text").getall())
        if any(word in href.lower().rsplit("/", 2)[-1] for word in WORDS):
            yield _door(base, href, "feed", words)


def _sitemaps(robots: str, base: str) -> Iterator[Entry]:
    for line in robots.splitlines()[:2_000]:
        name, _, value = line.partition(":")
        if name.strip().lower() == "sitemap":
            yield _door(base, value.strip(), "sitemap", "")


def _door(base: str, href: str, kind: str, words: str) -> Entry:
    title = " ".join(words.split())[:120]
    return Entry(url=absolute(base, href), title=f"{kind}: {title}" if title else kind)
