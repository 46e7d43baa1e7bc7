"""
A page that lists articles, read with two CSS selectors.

Options: `item` selects each entry, `link` its anchor inside (default `a`); optional
`title`, `date`, `summary` inside the item, `next` for the following page, `pages` how
many to read (default 1, at most 20).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from cssselect import SelectorError
from parsel import Selector
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Poll
from spiders.dates import from_iso
from spiders.kinds import MAX_ENTRIES, Found
from spiders.links import absolute

MAX_PAGES = 20


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the first page."""
    return (Request(poll.source.url, headers={"Accept": "text/html, */*;q=0.5"}),)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return the entries of one page, and the next page to follow if there is one."""
    options = poll.source.options
    try:
        page = _document(response)
        base = absolute(response.url, page.css("base::attr(href)").get("")) or response.url
        items = page.css(options.get("item", "article"))
        entries = [_entry(item, base, poll, now) for item in items[:MAX_ENTRIES]]
        follow = _next(page, response, base, poll)
    except (ValueError, SelectorError) as error:
        return Found(malformed=True, message=f"selector: {error}")
    known = tuple({entry.url: entry for entry in entries if entry.url}.values())
    message = "" if known else f"nothing matches item {options.get('item', 'article')!r}"
    return Found(entries=known, follow=follow, message=message)


def _document(response: Response) -> Selector:
    """Return the page's tree, from bytes, in the encoding the page declares."""
    encoding = getattr(response, "encoding", None) or "utf-8"
    text = response.body.decode(encoding, "replace").replace("\x00", "")
    return Selector(text=text or "<html></html>", type="html")


def _entry(item: Selector, base: str, poll: Poll, now: datetime) -> Entry:
    options = poll.source.options
    anchors = item.css(options.get("link", "a"))
    anchor = anchors[0] if anchors else item
    printed = _date(item, options.get("date", "time"))
    return Entry(
        url=absolute(base, anchor.attrib.get("href", "")) if "href" in anchor.attrib else "",
        title=_words(item.css(options["title"]) if "title" in options else [anchor])[:2_000],
        summary=_words(item.css(options["summary"]))[:20_000] if "summary" in options else "",
        published=from_iso(printed, now),
        published_raw=printed[:200],
        language=poll.source.language,
    )


def _words(nodes: Iterable[Selector]) -> str:
    """Return the text of the first node that has any, on one line."""
    for node in nodes:
        text = " ".join(" ".join(node.css("::text").getall()).split())
        if text:
            return text
    return ""


def _date(item: Selector, selector: str) -> str:
    """Return the machine-readable date of the first match, else its words."""
    for node in item.css(selector):
        return node.attrib.get("datetime") or _words([node])
    return ""


def _next(page: Selector, response: Response, base: str, poll: Poll) -> tuple[Request, ...]:
    number = int(response.meta.get("page_number", 1))
    wanted = poll.source.options.get("pages", "2" if "next" in poll.source.options else "1")
    limit = min(int(wanted) if wanted.isdecimal() else 1, MAX_PAGES)
    if "next" not in poll.source.options or number >= limit:
        return ()
    for anchor in page.css(poll.source.options["next"]):
        url = absolute(base, anchor.attrib.get("href", ""))
        if url and url != response.url:
            return (Request(url, meta={"page_number": number + 1}),)
    return ()
