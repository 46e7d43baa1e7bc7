"""JSON Feed 1.0 and 1.1 (jsonfeed.org): strict about what it is, forgiving about the rest."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from crawler.types import Entry
from spiders.dates import from_iso
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute

_VERSION = re.compile(r"https?://(?:www\.)?jsonfeed\.org/version/1\b")
MAX_TEXT = 200_000


def looks_like(body: bytes, content_type: str) -> bool:
    """Tell whether to try JSON: the type says so, or the body begins as an object."""
    start = body[:1_000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return start.startswith(b"{") or ("json" in content_type and not start.startswith(b"<"))


def read(body: bytes, url: str, now: datetime) -> Found:
    """Return the feed's entries; never raises."""
    try:
        feed = json.loads(body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Found(malformed=True, message="not JSON")
    if not isinstance(feed, dict):
        return Found(malformed=True, message="JSON, but not a JSON Feed")
    version = str(feed.get("version") or "")
    items = feed.get("items")
    if not _VERSION.match(version) or not isinstance(items, list):
        return Found(malformed=True, message="JSON, but not a JSON Feed")
    language = _text(feed.get("language"))
    entries = [_entry(item, url, now, language) for item in items if isinstance(item, dict)]
    return Found(entries=tuple(entries[:MAX_ENTRIES]))


def _entry(item: Mapping[str, Any], base: str, now: datetime, language: str) -> Entry:
    ident = _text(item.get("id"))
    printed = _text(item.get("date_published")) or _text(item.get("date_modified"))
    href = _text(item.get("url")) or _text(item.get("external_url"))
    if not href and ident.lower().startswith(("http://", "https://")):
        href = ident  # the specification recommends a permalink as the id
    return Entry(
        url=absolute(base, href) if href else "",
        title=_text(item.get("title"))[:2_000],
        summary=_text(item.get("summary"))[:MAX_TEXT],
        content=(_text(item.get("content_html")) or _text(item.get("content_text")))[:MAX_TEXT],
        guid=ident[:2_000],
        published=from_iso(printed, now) if printed else None,
        published_raw=printed[:200],
        updated=from_iso(_text(item.get("date_modified")), now),
        author=_author(item),
        language=(_text(item.get("language")) or language)[:35],
    )


def _author(item: Mapping[str, Any]) -> str:
    """Return the first author's name: `authors` (1.1) or `author` (1.0)."""
    authors = item.get("authors")
    listed = authors if isinstance(authors, Sequence) and not isinstance(authors, str) else ()
    for author in (*listed, item.get("author")):
        if isinstance(author, dict) and (name := _text(author.get("name"))):
            return name[:500]
    return ""


def _text(value: object) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
