"""
HKEXnews: the list of announcements by companies listed in Hong Kong, as JSON.

Documents are PDF; what travels is their headline, category and issuer. Option `about`:
a regular expression that headline or category must match (default: raising money).
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime, timedelta, timezone
from html import unescape
from typing import Any

from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Fetch, Poll
from spiders.dates import sane
from spiders.edgar import document
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute

_HONG_KONG = timezone(timedelta(hours=8))
_ABOUT = (
    r"issue of (?:convertible |debt |preference )?securities|notes?\b|bonds?\b|debt (?:issu|secur)"
    r"|placing|subscription|share capital raising|sukuk|perpetual|facility agreement|investment in"
    r"|债券|債券|票据|票據|发行|發行|配售|认购|認購|融资|融資|可转换|可轉換|可换股|可換股|注资|注資"
)
_MONEY = frozenset({"RMB", "CNY", "USD", "HKD", "EUR", "JPY", "GBP", "SGD"})
_SHARES = re.compile(r"-(?:SW|W|S|B|R|P|WR|SB)$")  # marks of the share class behind a short name
_PAGES = 4  # parts of the list; the newest come first


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the first part of the list."""
    return (Request(poll.source.url, headers={"Accept": "application/json"}),)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the announcements that are about money, and the parts that follow."""
    try:
        answer = json.loads(response.body.decode("utf-8-sig", "replace"))
    except (ValueError, RecursionError):
        return Found(malformed=True, message="not JSON")
    listed = answer.get("newsInfoLst") if isinstance(answer, dict) else None
    if not isinstance(listed, list):
        return Found(malformed=True, message="no list of announcements")
    try:
        about = re.compile(poll.source.options.get("about", _ABOUT), re.IGNORECASE)
    except re.error as error:
        return Found(malformed=True, message=f"about: {error}")
    entries = _entries(listed, about, response.url, poll, now)
    return Found(entries=tuple(entries)[:MAX_ENTRIES], follow=_more(answer, response.url))


def _entries(
    listed: Iterable[Any], about: re.Pattern[str], base: str, poll: Poll, now: datetime
) -> Iterator[Entry]:
    for item in listed:
        if not isinstance(item, dict):
            continue
        title, category = _text(item, "title"), _text(item, "lTxt") or _text(item, "sTxt")
        url = absolute(base, _text(item, "webPath"))
        if url and about.search(f"{title} {category}"):
            yield Entry(
                url=url,
                title=": ".join(part for part in (_issuer(item), title or category) if part)[
                    :2_000
                ],
                summary=category[:2_000],
                guid=_text(item, "newsId"),
                published=_released(_text(item, "relTime"), now),
                published_raw=_text(item, "relTime")[:200],
                language=poll.source.language,
            )


def _issuer(item: Mapping[str, Any]) -> str:
    stocks = item.get("stock")
    first = stocks[0] if isinstance(stocks, list) and stocks else None
    return _SHARES.sub("", _text(first, "sn")) if isinstance(first, dict) else ""


def _text(item: Mapping[str, Any], name: str) -> str:
    value = item.get(name)
    plain = unescape(re.sub(r"<[^>]{0,200}>", " ", str(value))) if value is not None else ""
    return " ".join(plain.split())


def _released(text: str, now: datetime) -> datetime | None:
    """Return `02/03/2026 18:05`, Hong Kong time, in UTC."""
    match = re.fullmatch(r"(\d\d)/(\d\d)/(\d{4}) (\d\d):(\d\d)", text)
    if not match:
        return None
    day, month, year, hour, minute = map(int, match.groups())
    try:
        return sane(datetime(year, month, day, hour, minute, tzinfo=_HONG_KONG), now)
    except ValueError:
        return None


def _more(answer: Mapping[str, Any], url: str) -> tuple[Request, ...]:
    """Return the parts after `…_1.json`, as many as the answer says there are."""
    count = answer.get("maxNumOfFile")
    if not url.endswith("_1.json") or not isinstance(count, int):
        return ()
    start = url.removesuffix("_1.json")
    return tuple(Request(f"{start}_{part}.json") for part in range(2, min(count, _PAGES) + 1))


def page(response: Response, fetch: Fetch) -> bytes:
    """Return a page of the headline and its category where the document is no page itself."""
    if b"<html" in response.body[:2_000].lower():
        return response.body
    entry = fetch.entry
    issuer, _, headline = entry.title.partition(": ")
    told = _sentence(issuer, headline) if headline else entry.title
    return document(entry.title, [told, entry.summary])


def _sentence(issuer: str, headline: str) -> str:
    if not headline.isascii():
        return f"{issuer}公布{headline}。"
    return f"{issuer} announces the {_quiet(headline)}."


def _quiet(headline: str) -> str:
    """Return a headline in capitals as words in a sentence; sums and names of money stay."""
    plain = re.sub(r"\bper cent\.?", "%", headline, flags=re.IGNORECASE).replace(" %", "%")
    if plain != plain.upper():
        return plain[:1].lower() + plain[1:]
    return re.sub(r"[A-Z][A-Z']+(?![$\w])", _lower, plain)


def _lower(word: re.Match[str]) -> str:
    return word[0] if word[0] in _MONEY else word[0].lower()
