"""
Plain feeds, read straight from the tree: fifteen times as fast as feedparser, and equal to it.

Nine feeds of ten are well-formed UTF-8, RSS 2.0 or Atom (RFC 4287), and use a dozen elements.
Whatever looks different in the least is None here and feedparser's to read: another encoding,
a DOCTYPE, xml:base, an element twice, an element nobody listed below.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from time import struct_time
from typing import Any

from feedparser.datetimes import _parse_date
from lxml import etree

from crawler.types import Entry
from spiders.dates import from_struct
from spiders.taming import MAX_BYTES

MAX_TEXT = 200_000  # characters of one entry's content that travel on
_ATOM = "{http://www.w3.org/2005/Atom}"
_DC = "{http://purl.org/dc/elements/1.1/}"
_SY = "{http://purl.org/rss/1.0/modules/syndication/}"
_MEDIA = "{http://search.yahoo.com/mrss/}"
_CREATOR, _ENCODED = f"{_DC}creator", "{http://purl.org/rss/1.0/modules/content/}encoded"
_RSS_TEXTS = {
    "title": "title", "link": "link", "description": "summary", "guid": "id",
    "pubDate": "published", "author": "author", _CREATOR: "author", _ENCODED: "content",
}  # fmt: skip
_ATOM_TEXTS = {
    f"{_ATOM}{name}": name for name in ("title", "id", "published", "updated", "summary", "content")
}
_RSS_IGNORED = frozenset(
    {
        "category", "enclosure", "comments", f"{_MEDIA}thumbnail", f"{_MEDIA}content",
        "{http://purl.org/rss/1.0/modules/slash/}comments",
        "{http://wellformedweb.org/CommentAPI/}commentRss",
        "{http://rssnamespace.org/feedburner/ext/1.0}origLink",
        "{com-wordpress:feed-additions:1}post-id",
    }
)  # fmt: skip
_ATOM_IGNORED = frozenset({f"{_ATOM}category", f"{_MEDIA}thumbnail", f"{_MEDIA}content"})
_TYPES = {None: "text", "text": "text", "html": "html"}
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,100}?encoding\s*=\s*["']([\w.-]{1,30})["']""")
_CHARSET = re.compile(r"charset\s*=\s*[\"']?([\w.-]+)", re.IGNORECASE)
_URL = re.compile(r"https?://[a-z0-9][!-~]*(?<!\?)")
_ODD = re.compile(r"[\\#;]")
_TAG_URI = re.compile(r"tag:[\w.:,@/=?&%+~-]+")
_CONTROL = re.compile("[\x80-\x9f]")


@dataclass(frozen=True, slots=True)
class Plain:
    """A feed as it stands, and what it asks of its readers (feedparser's names)."""

    entries: tuple[Entry, ...]
    asked: Mapping[str, str]


class _StrangeError(Exception):
    """Something is here that feedparser knows better."""


def read(body: bytes, content_type: str, now: datetime, language: str, most: int) -> Plain | None:
    """Return what a plain feed holds, its first `most` entries; None for any other."""
    if not _is_utf8(body, content_type) or _is_strange(body):
        return None
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True))
        texts = _rss(root) if root.tag == "rss" else _atom(root)
        asked = _asked(root)
        entries = tuple(_entry(one, now, language) for one in texts[:most])
    except (etree.LxmlError, ValueError, _StrangeError):
        return None
    return Plain(entries, asked) if entries else None


def _is_strange(body: bytes) -> bool:
    """Tell of a DOCTYPE, an instruction, another base or a huge feed, at a glance."""
    marks = body.count(b"<!") - body.count(b"<![CDATA[") - body.count(b"<!--")
    return len(body) > MAX_BYTES or marks > 0 or body.count(b"<?") > 1 or b"xml:base" in body


def _is_utf8(body: bytes, content_type: str) -> bool:
    named = [
        match[1].decode()
        for match in [_DECLARED.match(body.removeprefix(b"\xef\xbb\xbf"))]
        if match
    ]
    named += _CHARSET.findall(content_type)
    if any(name.lower() not in {"utf-8", "utf8"} for name in named):
        return False
    if not content_type or (not named and content_type.lower().startswith("text/")):
        return body.isascii()  # RFC 3023: text/xml without a charset is US-ASCII
    try:
        body.decode()
    except UnicodeDecodeError:
        return False
    return True


@dataclass(slots=True)
class _Texts:
    """The texts of one entry, each told once."""

    told: dict[str, str] = field(default_factory=dict)
    own_id: bool = True  # the id is an address too

    def tell(self, name: str, text: str) -> None:
        if name in self.told:
            raise _StrangeError
        self.told[name] = text


def _rss(root: Any) -> list[_Texts]:  # noqa: ANN401 - lxml has no types
    channels = list(root)
    if len(channels) != 1 or channels[0].tag != "channel" or not root.get("version"):
        raise _StrangeError
    return [_item(one) for one in channels[0].iterchildren("item")]


def _item(item: Any) -> _Texts:  # noqa: ANN401
    texts = _Texts()
    for part in item:
        name = _RSS_TEXTS.get(part.tag)
        if name is None and part.tag not in _RSS_IGNORED:
            raise _StrangeError
        text = _text(part)
        if name is None:
            continue
        if part.attrib and name != "id":
            raise _StrangeError
        if name == "id":
            if set(part.attrib) - {"isPermaLink"}:
                raise _StrangeError
            texts.own_id = part.get("isPermaLink", "true") == "true"
        texts.tell(name, text)
    return texts


def _atom(root: Any) -> list[_Texts]:  # noqa: ANN401
    if root.tag != f"{_ATOM}feed":
        raise _StrangeError
    return [_atom_entry(one) for one in root.iterchildren(f"{_ATOM}entry")]


def _atom_entry(entry: Any) -> _Texts:  # noqa: ANN401
    texts = _Texts()
    for part in entry:
        name = _ATOM_TEXTS.get(part.tag)
        if name is not None:
            if set(part.attrib) - {"type"} or part.get("type") not in _TYPES:
                raise _StrangeError
            texts.tell(name, _text(part))
        elif part.tag == f"{_ATOM}link":
            _atom_link(texts, part)
        elif part.tag == f"{_ATOM}author":
            texts.tell("author", _atom_author(part))
        elif part.tag in _ATOM_IGNORED:
            _text(part)
        else:
            raise _StrangeError
    return texts


def _atom_link(texts: _Texts, link: Any) -> None:  # noqa: ANN401
    if len(link) or link.get("type") not in {None, "text/html"} or link.get("href") is None:
        raise _StrangeError
    if link.get("rel", "alternate") == "alternate":
        texts.tell("link", link.get("href"))


def _atom_author(author: Any) -> str:  # noqa: ANN401
    names = [_text(part) for part in author if part.tag == f"{_ATOM}name"]
    others = [part.tag for part in author if part.tag not in {f"{_ATOM}name", f"{_ATOM}uri"}]
    if len(names) != 1 or others:
        raise _StrangeError
    return names[0]


def _text(part: Any) -> str:  # noqa: ANN401
    """Return an element's text, repaired as feedparser does what was encoded twice."""
    if len(part) or not isinstance(part.tag, str):
        raise _StrangeError
    text = (part.text or "").strip()
    if len(text) > MAX_TEXT:
        raise _StrangeError
    if text.isascii():
        return text
    if _CONTROL.search(text):
        raise _StrangeError
    try:
        text.encode("latin-1").decode()
    except UnicodeError:
        return text
    raise _StrangeError


def _entry(texts: _Texts, now: datetime, language: str) -> Entry:
    told = texts.told
    content, summary = told.get("content", ""), told.get("summary", "")
    return Entry(
        url=_url(texts),
        title=told.get("title", "")[:2_000],
        summary="" if summary == content else summary,
        content=content,
        guid=_guid(texts)[:2_000],
        published=from_struct(_date(told), now),
        updated=from_struct(_parse_date(told["updated"]) if told.get("updated") else None, now),
        published_raw=(told.get("published") or told.get("updated") or "")[:200],
        author=_author(told)[:500],
        language=language,
    )


def _url(texts: _Texts) -> str:
    link = texts.told.get("link")
    url = link if link is not None else texts.told.get("id", "") if texts.own_id else ""
    if not _is_address(url):
        raise _StrangeError
    return url


def _is_address(url: str) -> bool:
    """Tell of an address that every parser leaves as it is."""
    return bool(_URL.fullmatch(url)) and not _ODD.search(url)


def _guid(texts: _Texts) -> str:
    """Return the id; one that is an address is one that no parser makes absolute."""
    ident = texts.told.get("id", "")
    if texts.own_id and ident and not _is_address(ident) and not _TAG_URI.fullmatch(ident):
        raise _StrangeError
    return ident


def _date(told: Mapping[str, str]) -> struct_time | None:
    printed: Iterable[str | None] = (told.get("published"), told.get("updated"))
    return next((at for text in printed if text and (at := _parse_date(text))), None)


def _author(told: Mapping[str, str]) -> str:
    author = told.get("author", "")
    if "@" in author or (not author and "author" in told):
        raise _StrangeError
    return author


def _asked(root: Any) -> dict[str, str]:  # noqa: ANN401
    """Return what the channel says of how often to come, under feedparser's names."""
    channel = root[0] if root.tag == "rss" else root
    wanted = {"ttl": "ttl", f"{_SY}updatePeriod": "sy_updateperiod",
              f"{_SY}updateFrequency": "sy_updatefrequency"}  # fmt: skip
    found: dict[str, str] = {}
    for part in channel.iterchildren(*wanted):
        found[wanted[part.tag]] = _text(part)
    return found
