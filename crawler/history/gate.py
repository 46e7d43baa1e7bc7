"""What is left before it costs anything: by status and type, by address, by words."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from crawler.classify.gate import may_hold_a_deal
from crawler.extract import Parsed
from crawler.history.archive import Record

_HTML = ("text/html", "application/xhtml+xml")
_FILES = re.compile(
    r"\.(?:jpe?g|png|gif|svg|webp|css|js|json|pdf|mp[34]|zip|xml|rss)$", re.IGNORECASE
)
_LISTS = re.compile(
    r"/(?:tags?|categor(?:y|ies|ia)|author|autor|search|login|feed|wp-json|page/\d+)(?:/|$)",
    re.IGNORECASE,
)
_SHORTEST = 500  # bytes: less is no page
_BLOCKS = ("title", "h1", "h2", "p")


def refused_unread(record: Record) -> str:
    """Return why a record is no article, by its head and its address; "" if it may be one."""
    if record.status != 200:
        return "status"
    if not record.headers.get("content-type", "").lower().startswith(_HTML):
        return "type"
    if len(record.body) < _SHORTEST:
        return "short"
    path = urlsplit(record.url).path
    if path in {"", "/"} or _FILES.search(path) or _LISTS.search(path):
        return "address"
    return ""


def refused_by_words(parsed: Parsed) -> bool:
    """Tell whether nothing on a page could announce a deal."""
    lines = blocks(parsed)
    return not may_hold_a_deal(lines[0] if lines else "", lines[1:])


def blocks(parsed: Parsed) -> list[str]:
    """Return a page's title and blocks of text, cheaply: what extraction may find is in them."""
    if parsed.tree is None:
        return parsed.plain().split("\n")
    described = [parsed.meta.get("description", ""), parsed.meta.get("og:title", "")]
    texts = (" ".join("".join(one.itertext()).split()) for one in parsed.tree.iter(*_BLOCKS))
    found = [text for text in texts if text]
    if sum(map(len, found)) < _SHORTEST:  # a page without paragraphs
        found = parsed.plain().split("\n")
    return [*found[:1], *filter(None, described), *found[1:]]
