"""Plain feeds straight from the tree, any other through feedparser, JSON Feed by our own parser."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, cast

import feedparser
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders import jsonfeed, plainfeed
from spiders.dates import from_struct
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute
from spiders.patience import patience
from spiders.plainfeed import MAX_TEXT
from spiders.taming import is_page, tame
from spiders.unwrapping import mended, unwrap

_HARMLESS = feedparser.NonXMLContentType | feedparser.CharacterEncodingOverride
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
    content_type = headers.get("content-type", "")
    if (plain := unwrap(body)) is not body:
        body, content_type = plain, content_type.partition(";")[0]
    body = mended(body, content_type)
    headers = {**headers, "content-type": content_type}
    if jsonfeed.looks_like(body, content_type):
        return jsonfeed.read(body, url, now)
    if is_page(body):
        return Found(malformed=True, message="a web page, not a feed")
    if quick := plainfeed.read(body, content_type, now, language, MAX_ENTRIES):
        return Found(entries=quick.entries, min_interval=patience(quick.asked, body, now))
    told = {"content-location": url}
    told |= {key: headers[key] for key in ("content-type", "content-language") if headers.get(key)}
    parsed, fault = _feedparser(tame(body, MAX_ENTRIES), told)
    entries = [_entry(raw, url, now, language) for raw in parsed.get("entries", ())]
    return Found(
        entries=tuple(entries[:MAX_ENTRIES]),
        min_interval=patience(parsed.get("feed", {}), body, now),
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
    printed = _own(raw, "published") or _own(raw, "updated") or ""
    parsed = _own(raw, "published_parsed") or _own(raw, "updated_parsed")
    return Entry(
        url=_link(raw, base),
        title=str(raw.get("title") or "")[:2_000],
        summary=("" if summary == content else summary)[:MAX_TEXT],
        content=content[:MAX_TEXT],
        guid=str(raw.get("id") or "")[:2_000],
        published=from_struct(parsed, now),
        published_raw=str(printed)[:200],
        updated=from_struct(_own(raw, "updated_parsed"), now),
        author=str(raw.get("author") or "")[:500],
        language=str(raw.get("language") or "")[:35] or language,
    )


def _own(raw: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - feedparser's values
    """Return what the entry itself says: feedparser lends one date to another, and warns."""
    return dict.get(cast("dict[str, Any]", raw), name)


def _longest(contents: Iterable[Mapping[str, Any]]) -> str:
    return max((str(part.get("value") or "") for part in contents), key=len, default="")


def _link(raw: Mapping[str, Any], base: str) -> str:
    """Return the entry's page: its link, else a GUID that is a web address."""
    guid = str(raw.get("id") or "")
    links = [cast("Mapping[str, Any]", link) for link in raw.get("links") or ()]
    pages = [link.get("href") for link in links if _is_page(str(link.get("rel") or ""))]
    for href in (raw.get("link"), *pages):
        if href and (url := absolute(base, str(href))):
            return url
    return guid if guid.lower().startswith(("http://", "https://")) else ""


def _is_page(rel: str) -> bool:
    """Tell whether a link leads to the entry's page: RFC 4287 section 4.2.7.2 allows IRIs, too."""
    return rel.rpartition("/")[2].strip().lower() in {"", "alternate"}
