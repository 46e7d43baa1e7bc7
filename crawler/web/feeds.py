"""Deals for any feed reader: RSS 2.0, Atom (RFC 4287) and JSON Feed 1.1, by the list's filters."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from itertools import islice
from typing import Annotated, Literal
from xml.etree.ElementTree import Element, SubElement, tostring

from fastapi import APIRouter, HTTPException, Query, Request, Response

from crawler.alert.figures import Pen
from crawler.alert.match import Facts, misses
from crawler.app import House
from crawler.store import Connection
from crawler.store.browsing import Order
from crawler.store.deals import Filter
from crawler.types import Deal
from crawler.web.api.answers import House_, tagged
from crawler.web.api.asking import Narrowed, understood
from crawler.web.api.deals import batch

router = APIRouter(include_in_schema=False)
ATOM = "http://www.w3.org/2005/Atom"
SHOWN = 50
LOOKED_AT = 500  # deals of which a rule's feed picks its own
_MEDIA = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}


class Subscribed(Narrowed):
    """The list's filters, or the name of an alert rule: a filter that the config keeps."""

    rule: str | None = None


@dataclass(frozen=True, slots=True)
class Item:
    """One deal in a feed."""

    ident: str
    url: str
    title: str
    text: str
    first: datetime
    updated: datetime


@router.get("/feeds/deals.{form}")
def feed(
    request: Request,
    house: House_,
    form: Literal["atom", "rss", "json"],
    wanted: Annotated[Subscribed, Query()],
) -> Response:
    """Return the latest deals; a reader that asks again with its ETag gets 304."""
    found = _found(house, understood(request).filter, wanted.rule)
    home = (house.config.dashboard_url or str(request.base_url)).rstrip("/")
    items = [_item(deal, home) for deal in found]
    updated = max((item.updated for item in items), default=house.clock())
    title = "raisewire" + (f": {wanted.rule}" if wanted.rule else "")
    here = f"{home}{request.url.path}" + (f"?{request.url.query}" if request.url.query else "")
    write = {"atom": _atom, "rss": _rss, "json": _json}[form]
    return tagged(request, write(title, home, here, items, updated), _MEDIA[form])


def _found(house: House, wanted: Filter, rule: str | None) -> Sequence[Deal]:
    with house.store.read() as conn:
        if rule is None:
            return batch(conn, wanted, Order(limit=SHOWN))[0]
        return list(islice(_by_rule(house, _latest(conn, wanted), rule), SHOWN))


def _latest(conn: Connection, wanted: Filter) -> Iterator[Deal]:
    cursor, left = "", LOOKED_AT
    while left > 0:
        found, cursor = batch(conn, wanted, Order(limit=100, cursor=cursor))
        yield from found
        left -= len(found)
        if not cursor:
            return


def _by_rule(house: House, deals: Iterator[Deal], name: str) -> Iterator[Deal]:
    policy = house.ingest.policy
    rule = next((one for one in policy.rules if one.name == name), None)
    if rule is None:
        raise HTTPException(404, f"there is no alert rule {name[:80]}")
    return (deal for deal in deals if misses(rule.when, Facts(deal, policy.watch)) is None)


def _item(deal: Deal, home: str) -> Item:
    event, pen = deal.event, Pen("en")
    kind = event.round.value if event.round else event.type.value
    title = f"{event.company}: {pen.amount(event)}, {kind.replace('_', ' ')}, {event.status.value}"
    outlets = sorted({report.source for report in deal.reports})
    return Item(
        ident=deal.id,
        url=f"{home}/deals/{deal.id}",
        title=title,
        text=f"“{event.evidence}” ({', '.join(outlets)})",
        first=deal.first_seen,
        updated=deal.updated,
    )


def _atom(title: str, home: str, here: str, items: Sequence[Item], updated: datetime) -> bytes:
    root = Element("feed", xmlns=ATOM)
    _text(root, "title", title)
    _text(root, "id", here)
    _text(root, "updated", updated.isoformat())
    SubElement(root, "link", rel="self", href=here)
    SubElement(root, "link", href=f"{home}/deals")
    SubElement(SubElement(root, "author"), "name").text = "raisewire"
    for item in items:
        entry = SubElement(root, "entry")
        _text(entry, "title", item.title)
        _text(entry, "id", f"urn:raisewire:deal:{item.ident}")
        SubElement(entry, "link", href=item.url)
        _text(entry, "published", item.first.isoformat())
        _text(entry, "updated", item.updated.isoformat())
        _text(entry, "summary", item.text)
    return _xml(root)


def _rss(title: str, home: str, here: str, items: Sequence[Item], updated: datetime) -> bytes:
    root = Element("rss", {"version": "2.0", "xmlns:atom": ATOM})
    channel = SubElement(root, "channel")
    _text(channel, "title", title)
    _text(channel, "link", f"{home}/deals")
    _text(channel, "description", "Who raised how much from whom, and who sells which bond")
    _text(channel, "lastBuildDate", format_datetime(updated))
    SubElement(channel, "atom:link", rel="self", href=here, type=_MEDIA["rss"])
    for item in items:
        entry = SubElement(channel, "item")
        _text(entry, "title", item.title)
        _text(entry, "link", item.url)
        SubElement(entry, "guid", isPermaLink="false").text = f"raisewire:{item.ident}"
        _text(entry, "pubDate", format_datetime(item.first))
        _text(entry, "description", item.text.replace("&", "&amp;").replace("<", "&lt;"))
    return _xml(root)


def _json(title: str, home: str, here: str, items: Sequence[Item], _: datetime) -> bytes:
    about = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": title,
        "home_page_url": f"{home}/deals",
        "feed_url": here,
        "items": [
            {
                "id": item.ident,
                "url": item.url,
                "title": item.title,
                "content_text": item.text,
                "date_published": item.first.isoformat(),
                "date_modified": item.updated.isoformat(),
            }
            for item in items
        ],
    }
    return json.dumps(about, ensure_ascii=False).encode("utf-8", "replace")


def _text(parent: Element, name: str, text: str) -> None:
    """Add an element; what XML cannot hold (section 2.2 of its specification) is left out."""
    whole = (c for c in text if c in "\t\n\r" or (c >= " " and not "\ud800" <= c <= "\udfff"))
    SubElement(parent, name).text = "".join(c for c in whole if c not in "\ufffe\uffff")


def _xml(root: Element) -> bytes:
    found: bytes = tostring(root, encoding="utf-8", xml_declaration=True)
    return found
