"""RSS, Atom and RDF through feedparser, JSON Feed through our own parser."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, cast

import feedparser
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders import jsonfeed
from spiders.dates import from_struct
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute
from spiders.taming import is_page, tame

MAX_TEXT = 200_000  # characters of one entry's content that travel on
_HARMLESS = feedparser.NonXMLContentType | feedparser.CharacterEncodingOverride
_PERIODS = {"hourly": 1, "daily": 24, "weekly": 168, "monthly": 720, "yearly": 8760}
_ACCEPT = (
    "application/rss+xml, application/atom+xml, application/feed+json, "
    "application/xml;q=0.9, text/xml;q=0.9, application/json;q=0.8, */*;q=0.5"
)


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the feed."""
    return (Request(poll.source.url, headers={"Accept": _ACCEPT}),)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the feed's entries, newest `MAX_ENTRIES` as printed; never raises."""
    headers = {
        key.decode("latin-1").lower(): values[-1].decode("latin-1")
        for key, values in response.headers.items()
        if values
    }
    return read(response.body, response.url, headers, now, language=poll.source.language)


def read(
    body: bytes, url: str, headers: Mapping[str, str], now: datetime, *, language: str = ""
) -> Found:
    """Return what the feed in `body` holds (`headers` have lower-case names)."""
    if jsonfeed.looks_like(body, headers.get("content-type", "")):
        return jsonfeed.read(body, url, now)
    if is_page(body):
        return Found(malformed=True, message="a web page, not a feed")
    told = {"content-location": url}
    told |= {key: headers[key] for key in ("content-type", "content-language") if key in headers}
    parsed, fault = _feedparser(tame(body, MAX_ENTRIES), told)
    entries = [_entry(raw, url, now, language) for raw in parsed.get("entries", ())]
    return Found(
        entries=tuple(entries[:MAX_ENTRIES]),
        min_interval=_patience(parsed.get("feed", {}), now),
        malformed=not entries and (bool(fault) or not parsed.get("version")),
        message=fault or ("" if parsed.get("version") else "this is not a feed"),
    )


def _feedparser(body: bytes, headers: Mapping[str, str]) -> tuple[Mapping[str, Any], str]:
    """Return feedparser's dictionary, and what was wrong in one line ("" where nothing)."""
    try:
        parsed = feedparser.parse(
            body, response_headers=dict(headers), sanitize_html=False, resolve_relative_uris=False
        )
    except Exception as error:  # noqa: BLE001 - feedparser meets hostile bytes; one feed may be lost, the run not
        return {}, f"feedparser gave up: {type(error).__name__}"
    fault = parsed.get("bozo_exception")
    return parsed, "" if isinstance(fault, _HARMLESS | None) else f"not well-formed: {fault}"[:200]


def _entry(raw: Mapping[str, Any], base: str, now: datetime, language: str) -> Entry:
    content = _longest(raw.get("content") or ())
    summary = str(raw.get("summary") or "")
    printed = str(raw.get("published") or raw.get("updated") or "")
    parsed = raw.get("published_parsed") or raw.get("updated_parsed")
    return Entry(
        url=_link(raw, base),
        title=str(raw.get("title") or "")[:2_000],
        summary=("" if summary == content else summary)[:MAX_TEXT],
        content=content[:MAX_TEXT],
        guid=str(raw.get("id") or "")[:2_000],
        published=from_struct(parsed, now),
        published_raw=printed[:200],
        author=str(raw.get("author") or "")[:500],
        language=str(raw.get("language") or "")[:35] or language,
    )


def _longest(contents: Iterable[Mapping[str, Any]]) -> str:
    return max((str(part.get("value") or "") for part in contents), key=len, default="")


def _link(raw: Mapping[str, Any], base: str) -> str:
    """Return the entry's page: its link, else a GUID that is a web address."""
    links = [cast("Mapping[str, Any]", link) for link in raw.get("links") or ()]
    pages = [link.get("href") for link in links if link.get("rel", "alternate") == "alternate"]
    for href in (raw.get("link"), *pages, raw.get("id")):
        if href and (url := absolute(base, str(href))) and _is_page(str(href), raw):
            return url
    return ""


def _is_page(href: str, raw: Mapping[str, Any]) -> bool:
    """Tell a link from a GUID that merely resolves to one ("12345" against the feed)."""
    return href != raw.get("id") or href.lower().startswith(("http://", "https://"))


def _patience(feed: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return how long the feed asks to be left alone: ttl, sy:update…, skipHours."""
    asked = (_ttl(feed.get("ttl")), _period(feed), _skip_hours(feed, now))
    return max((wait for wait in asked if wait), default=None)


def _ttl(text: object) -> timedelta | None:
    minutes = _number(text)
    return timedelta(minutes=min(minutes, 1440)) if minutes > 0 else None


def _period(feed: Mapping[str, Any]) -> timedelta | None:
    hours = _PERIODS.get(str(feed.get("sy_updateperiod") or "").strip().lower())
    often = _number(feed.get("sy_updatefrequency")) or 1
    return timedelta(hours=min(hours / often, 24)) if hours and often > 0 else None


def _number(text: object) -> float:
    try:
        return float(str(text).strip()[:12])
    except ValueError:
        return 0.0


def _skip_hours(feed: Mapping[str, Any], now: datetime) -> timedelta | None:
    """Return the time to the next hour (GMT) that is not skipped; feedparser keeps the last."""
    skipped = {int(hour) % 24 for hour in re.findall(r"\d{1,2}", str(feed.get("hour") or ""))}
    if now.hour not in skipped:
        return None
    start = now.replace(minute=0, second=0, microsecond=0)
    return start + timedelta(hours=1) - now
