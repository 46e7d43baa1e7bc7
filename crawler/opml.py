"""OPML 2.0 (opml.org/spec2): lists of feeds, as every reader imports and exports them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from email.utils import format_datetime

from lxml import etree

from crawler.errors import UsageError
from crawler.types import Source

MAX_BYTES = 20_000_000
_NOT_ID = re.compile(r"[^a-z0-9]+")


def loads(data: bytes) -> list[Source]:
    """
    Return the feeds of an OPML file, in its order, each with an id of its own.

    Raises:
        UsageError: it is no OPML.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(f"larger than {MAX_BYTES:,} bytes: this is no list of feeds")
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UsageError(f"not XML: {error}") from None
    if root.tag != "opml":
        raise UsageError(f"the root is <{root.tag}>, not <opml>")
    return list(_named(root.iter("outline")))


def _named(outlines: Iterable[etree._Element]) -> Iterator[Source]:
    taken: set[str] = set()
    for outline in outlines:
        url = (outline.get("xmlUrl") or "").strip()
        if not url.startswith(("http://", "https://")):
            continue
        title = outline.get("title") or outline.get("text") or url
        ident = _free(title, taken)
        taken.add(ident)
        language = (outline.get("language") or "und").split("-")[0].lower()
        yield Source(id=ident, kind="feed", url=url, name=title, language=language)


def _free(title: str, taken: set[str]) -> str:
    base = _NOT_ID.sub("-", title.lower()).strip("-")[:60] or "feed"
    ident, number = base, 2
    while ident in taken:
        ident, number = f"{base}-{number}", number + 1
    return ident


def dumps(sources: Iterable[Source], now: datetime) -> bytes:
    """Return feeds as OPML; what is no feed has no place in it and is left out."""
    root = etree.Element("opml", version="2.0")
    head = etree.SubElement(root, "head")
    etree.SubElement(head, "title").text = "raisewire sources"
    etree.SubElement(head, "dateCreated").text = format_datetime(now)
    body = etree.SubElement(root, "body")
    for source in sources:
        if source.kind in {"feed", "rss", "atom"}:
            name = source.name or source.id
            about = {"type": "rss", "text": name, "title": name, "xmlUrl": source.url}
            etree.SubElement(body, "outline", {**about, "language": source.language})
    found: bytes = etree.tostring(root, xml_declaration=True, encoding="utf-8", pretty_print=True)
    return found
