"""Sitemaps (sitemaps.org 0.9) with Google's news tags: url sets, indexes, gz, plain lists."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta

from lxml import etree
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders.dates import from_iso
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute
from spiders.xml import local, tree

MAX_BYTES = 20_000_000  # uncompressed; the protocol allows 50 MB, whose tree takes 400
MAX_DEPTH = 2  # an index may name indexes, once
MAX_CHILDREN = 12  # of one index: the newest
_RECENT = timedelta(days=4)  # news sitemaps carry two days
_GZIP = b"\x1f\x8b"


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the sitemap."""
    accept = "application/xml, text/xml;q=0.9, */*;q=0.5"
    return (Request(poll.source.url, headers={"Accept": accept}),)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the pages of a sitemap, or the sitemaps of an index to follow."""
    body = _plain(response.body)
    if body is None:
        return Found(malformed=True, message="broken or oversized gzip")
    root = tree(body)
    if root is None or local(root) not in {"urlset", "sitemapindex"}:
        return _plain_list(body, response.url)
    if local(root) == "sitemapindex":
        return _index(root, response, now)
    return Found(entries=_newest(_entries(root, response.url, now, poll.source.language)))


def _plain(body: bytes) -> bytes | None:
    """Return `body` unzipped if it is gzip, at most `MAX_BYTES`; None where it is broken."""
    if not body.startswith(_GZIP):
        return body
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 16)
    try:
        plain = inflater.decompress(body, MAX_BYTES)
    except zlib.error:
        return None
    return None if inflater.unconsumed_tail else plain


def _plain_list(body: bytes, base: str) -> Found:
    """Return a text sitemap: one address a line (sitemaps.org, "Text file")."""
    lines = body[:1_000_000].decode("utf-8-sig", "replace").split()
    urls = [line for line in lines if line.lower().startswith(("http://", "https://"))]
    if not urls or len(urls) != len(lines):
        return Found(malformed=True, message="this is not a sitemap")
    entries = [Entry(url=url) for line in urls if (url := absolute(base, line))]
    return Found(entries=tuple(entries[:MAX_ENTRIES]))


def _index(root: etree._Element, response: Response, now: datetime) -> Found:
    """Follow the index's newest children that may hold news, to a bounded depth."""
    depth = int(response.meta.get("depth_of_index", 0))
    if depth >= MAX_DEPTH:
        return Found(index=True, message="a sitemap index nested too deep was not followed")
    children = [_leaves(child) for child in root if local(child) == "sitemap"]
    fresh = sorted(
        (child for child in children if _is_recent(child, now)),
        key=lambda child: child.get("lastmod", ""),
        reverse=True,
    )
    urls = [url for child in fresh if (url := absolute(response.url, child.get("loc", "")))]
    meta = {"depth_of_index": depth + 1}
    follow = [Request(url, meta=meta) for url in dict.fromkeys(urls[:MAX_CHILDREN])]
    return Found(follow=tuple(follow), index=True)


def _is_recent(child: Mapping[str, str], now: datetime) -> bool:
    """Keep children without a date: only a date that is old rules one out."""
    modified = from_iso(child.get("lastmod", ""), now)
    return modified is None or now - modified <= _RECENT


def _entries(root: etree._Element, base: str, now: datetime, language: str) -> Iterator[Entry]:
    for element in root:
        if local(element) == "url" and (entry := _entry(_leaves(element), base, now, language)):
            yield entry


def _leaves(element: etree._Element) -> dict[str, str]:
    """Return the leaves by name; only children of `url` and `news:news` count."""
    found: dict[str, str] = {}
    for leaf in element.iter(etree.Element):
        parent = leaf.getparent()
        if parent is None or local(parent) in {"image", "video"}:
            continue
        text = (leaf.text or "").strip()
        if text:
            found.setdefault(local(leaf), text)
    return found


def _entry(leaves: Mapping[str, str], base: str, now: datetime, language: str) -> Entry | None:
    url = absolute(base, leaves.get("loc", ""))
    if not url or url == base:
        return None
    printed = leaves.get("publication_date") or leaves.get("lastmod") or ""
    return Entry(
        url=url,
        title=leaves.get("title", "")[:2_000],
        published=from_iso(printed, now),
        published_raw=printed[:200],
        updated=from_iso(leaves.get("lastmod", ""), now),
        language=leaves.get("language", language)[:35],
    )


def _newest(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Return the newest entries; those without a date keep their place at the end."""
    dated = sorted(entries, key=lambda entry: (entry.published is None, _age_key(entry)))
    return tuple(dated[:MAX_ENTRIES])


def _age_key(entry: Entry) -> float:
    return -entry.published.timestamp() if entry.published else 0.0
