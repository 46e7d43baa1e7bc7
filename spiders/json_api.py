"""
A JSON endpoint, described and not programmed.

Options: `items` the path to the list (`data.list`; empty for the whole answer), and the
paths inside an item: `url` (or `url_template`, "https://…/{id}"), `title`, `summary`,
`content`, `date`, `author`, `guid`. A path is names and numbers joined by dots.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders.dates import from_epoch, from_iso
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute

_SLOT = re.compile(r"\{([\w.]+)\}")
_EPOCH = re.compile(r"-?\d{9,14}(?:\.\d+)?")


def requests(poll: Poll) -> Iterable[Request]:
    """Ask the endpoint."""
    return (Request(poll.source.url, headers={"Accept": "application/json, */*;q=0.5"}),)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the entries that the options' paths point at; never raises."""
    options = poll.source.options
    try:
        answer = json.loads(response.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Found(malformed=True, message="not JSON")
    items = walk(answer, options.get("items", ""))
    if not isinstance(items, list):
        return Found(malformed=True, message=f"no list at items: {options.get('items', '')!r}")
    entries = [_entry(item, response.url, options, now) for item in items[:MAX_ENTRIES]]
    known = tuple(entry for entry in entries if entry.url)
    missing = "" if known or not items else "no item has a usable url"
    return Found(entries=known, malformed=bool(missing), message=missing)


def walk(value: object, path: str) -> object:
    """Return what `path` leads to inside `value`, or None."""
    for step in filter(None, path.split(".")):
        if isinstance(value, Mapping):
            value = value.get(step)
        elif isinstance(value, list) and step.isdecimal() and int(step) < len(value):
            value = value[int(step)]
        else:
            return None
    return value


def _entry(item: object, base: str, options: Mapping[str, str], now: datetime) -> Entry:
    printed = _text(item, options.get("date", "date"))
    return Entry(
        url=absolute(base, href) if (href := _href(item, options)) else "",
        title=_text(item, options.get("title", "title"))[:2_000],
        summary=_text(item, options.get("summary", "summary"))[:200_000],
        content=_text(item, options.get("content", "content"))[:200_000],
        guid=_text(item, options.get("guid", "id"))[:2_000],
        published=_date(printed, now),
        published_raw=printed[:200],
        author=_text(item, options.get("author", "author"))[:500],
    )


def _href(item: object, options: Mapping[str, str]) -> str:
    template = options.get("url_template")
    if not template:
        return _text(item, options.get("url", "url"))
    parts = {path: _text(item, path) for path in _SLOT.findall(template)}
    if not all(parts.values()):
        return ""
    return _SLOT.sub(lambda slot: parts[slot[1]], template)


def _text(item: object, path: str) -> str:
    value = walk(item, path)
    if isinstance(value, str):
        return value.strip()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""


def _date(printed: str, now: datetime) -> datetime | None:
    if _EPOCH.fullmatch(printed):
        return from_epoch(float(printed), now)
    return from_iso(printed, now)
