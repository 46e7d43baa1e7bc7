"""A page, decoded and parsed once, within bounds that hostile pages cannot pass."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from html import unescape

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from crawler.extract import encoding

MAX_CHARS = 6_000_000  # of markup; the largest of 1,500 real pages has 4.1 million
MAX_ELEMENTS = 60_000
MAX_SCRIPT = 1_000_000
MAX_DEPTH = 200  # real pages stay below 60; libxml2 itself stops at 256
MAX_ATTRIBUTES = 150  # in one tag

_WINDOW = 1_000  # characters; 150 attributes do not fit into twice as many
_ATTRIBUTE = r"""[\s/]++[^\s"'<>=/]++(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s"'<>]++))?+"""
_CROWD = re.compile(rf"<([a-zA-Z][\w:-]{{0,40}}+)(?:{_ATTRIBUTE}){{{MAX_ATTRIBUTES},}}+")
_CONTROL = bytes((*range(9), 11, 12, *range(14, 32), 127))
_DECLARATION = re.compile(r"^\s*<\?xml[^>]{0,300}\?>", re.IGNORECASE)
_MARKUP = re.compile(
    r"<(?:!doctype|html|head|body|div|p|article|meta|title|section|h1|br)\b", re.IGNORECASE
)
_DROPPED = re.compile(  # what is never closed swallows the rest, as in browsers
    r"<(script|style|svg)\b(?:.*?</\1\s*>|.*\Z)|<!--(?:.*?-->|.*\Z)", re.IGNORECASE | re.DOTALL
)
_BLOCK = re.compile(r"</?(?:p|div|br|li|h[1-6]|tr|section|article)\b[^<>]{0,2000}>", re.IGNORECASE)
_ANY_TAG = re.compile(r"<[^<>]{0,20000}>")


# lxml.html asks Python for the class of every element touched; one class for all asks nobody.
_ONE_CLASS = etree.ElementDefaultClassLookup(element=HtmlElement)


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
        return [script.text[:MAX_SCRIPT] for script in scripts if script.text]

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
        lines = (" ".join(line.split()) for line in unescape(_ANY_TAG.sub(" ", text)).split("\n"))
        return "\n".join(line for line in lines if line)


def parse(body: bytes | str, headers: Mapping[str, str] | None = None) -> Parsed:
    """Decode and parse `body`; never raises for anything a server can send."""
    headers = headers or {}
    text = body if isinstance(body, str) else encoding.decode(body, headers.get("content-type", ""))
    markup = text[:MAX_CHARS]
    if not _MARKUP.search(markup[:200_000]):
        return Parsed(_printable(markup).decode(), None, headers, "no HTML")
    tree = _tree(_printable(_tame(_DECLARATION.sub("", markup))))
    reason = "no HTML" if tree is None else _too_much(tree)
    return Parsed(markup, None if reason else tree, headers, reason)


def _printable(markup: str) -> bytes:
    """Return UTF-8 without what XML forbids: controls, surrogates, non-characters."""
    plain = markup.replace("\ufffe", "").replace("\uffff", "")
    return plain.encode("utf-8", "replace").translate(None, _CONTROL)


def _tame(markup: str) -> str:
    """Drop the attributes of crowded tags: libxml2 takes quadratic time over them."""
    return _CROWD.sub(r"<\1 ", markup) if _crowded(markup) else markup


def _crowded(markup: str) -> bool:
    """
    Tell whether a tag carries more than MAX_ATTRIBUTES, in about 20 microseconds.

    Such a tag has no "<" for a long stretch, so one of the evenly spaced windows has none.
    """
    for at in range(0, len(markup), _WINDOW):
        if markup.find("<", at, at + _WINDOW) < 0:
            start = markup.rfind("<", max(at - _WINDOW, 0), at)  # else seen in an earlier window
            if start >= 0 and _CROWD.match(markup, start):
                return True
    return False


def _tree(markup: bytes) -> HtmlElement | None:
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False)
    parser.set_element_class_lookup(_ONE_CLASS)
    try:
        return document_fromstring(markup, parser=parser)
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
