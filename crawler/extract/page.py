"""A page, decoded and parsed once, within bounds that hostile pages cannot pass."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract import encoding

MAX_CHARS = 6_000_000  # of markup; the largest of 1,500 real pages has 4.1 million
MAX_ELEMENTS = 60_000
MAX_DEPTH = 200  # real pages stay below 60; libxml2 itself stops at 256
MAX_ATTRIBUTES = 150  # in one tag

_TAG_BYTES = 4_000  # only longer tags can hold so many attributes
_LONG_TAG = re.compile(rf"<([a-zA-Z][\w:-]{{0,40}})([^<>]{{{_TAG_BYTES},}})>")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|meta|title|section|h1|br)\b", re.IGNORECASE
)
_DROPPED = re.compile(
    r"<(script|style|svg)\b[^>]*>.*?</\1\s*>|<!--.*?-->", re.IGNORECASE | re.DOTALL
)
_BLOCK = re.compile(r"</?(?:p|div|br|li|h[1-6]|tr|section|article)\b[^>]*>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,20000}>")


@dataclass(frozen=True)
class Parsed:
    """
    What was sent, as text and as one shared tree.

    `tree` is None when there is no HTML in it or it is too hostile to build; `refused` says
    which, and `plain()` still reads the words.
    """

    markup: str
    tree: HtmlElement | None
    headers: Mapping[str, str]
    refused: str = ""

    @cached_property
    def json_ld(self) -> list[str]:
        """Return the JSON-LD scripts of the page."""
        if self.tree is None:
            return []
        scripts = self.tree.iterfind('.//script[@type="application/ld+json"]')
        return [script.text for script in scripts if script.text]

    @cached_property
    def meta(self) -> dict[str, str]:
        """Return `<meta>` content by lower-case name, property, itemprop or http-equiv."""
        found: dict[str, str] = {}
        for element in () if self.tree is None else self.tree.iter("meta"):
            content = (element.get("content") or "").strip()
            for key in ("property", "name", "itemprop", "http-equiv"):
                name = element.get(key)
                if name and content:
                    found.setdefault(name.lower().strip(), content)
        return found

    def plain(self) -> str:
        """Return the words without building a tree: linear in the size of the page."""
        text = _BLOCK.sub("\n", _DROPPED.sub(" ", self.markup[:MAX_CHARS]))
        lines = (" ".join(line.split()) for line in _unescape(_ANY_TAG.sub(" ", text)).split("\n"))
        return "\n".join(line for line in lines if line)


def parse(body: bytes | str, headers: Mapping[str, str] | None = None) -> Parsed:
    """Decode and parse `body`; never raises for anything a server can send."""
    headers = headers or {}
    kind = headers.get("content-type", "")
    text = body if isinstance(body, str) else encoding.decode(body, kind)
    markup = _CONTROL.sub("", text[:MAX_CHARS])
    if not _MARKUP.search(markup[:200_000]):
        return Parsed(markup, None, headers, "no HTML")
    tree = _tree(_tame(_DECLARATION.sub("", markup)))
    reason = "no HTML" if tree is None else _too_much(tree)
    return Parsed(markup, None if reason else tree, headers, reason)


def _unescape(text: str) -> str:
    import html

    return html.unescape(text)


def _tame(markup: str) -> str:
    """Drop the attributes of tags that carry absurdly many (they cost quadratic time)."""
    if len(markup) < _TAG_BYTES:
        return markup
    return _LONG_TAG.sub(
        lambda m: m[0] if m[2].count("=") + m[2].count(" ") < 4 * MAX_ATTRIBUTES else f"<{m[1]}>",
        markup,
    )


def _tree(markup: str) -> HtmlElement | None:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    try:
        return document_fromstring(markup.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):  # empty document, only comments
        return None


def _too_much(tree: HtmlElement) -> str:
    if int(tree.xpath("count(//*)")) > MAX_ELEMENTS:
        return "too many elements"
    if int(tree.xpath("count(//@*)")) > 6 * MAX_ELEMENTS:
        return "too many attributes"
    if tree.xpath("boolean(" + "/*" * MAX_DEPTH + ")"):
        return "nested too deep"
    return ""


def elements(tree: HtmlElement, *tags: str) -> Iterator[HtmlElement]:
    """Yield the elements with these tags, in document order."""
    yield from tree.iter(*tags)
