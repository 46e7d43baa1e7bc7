"""
The words of an article, without what stands around them.

trafilatura's fast cascade runs once, on the tree that is already there. Its rare total
failures are caught by cheap witnesses (what the page, its JSON-LD and its feed say the story
is) and only then is the full cascade paid for.
"""

from __future__ import annotations

import logging
import re
from copy import copy

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.page import Parsed

# What no cascade ever reads; dropping it once makes the copies it takes cheaper.
_DEAD = ("script", "style", "svg", "template", "iframe", "link", "object", "embed", "canvas")
_TOLD = 0.6  # of the page's own paragraphs must be in the body
_LITTLE = 250  # characters: a teaser, or a layout the fast cascade does not know
_WORD = re.compile(r"\w+")


def find(parsed: Parsed, url: str, witness: str = "") -> str:
    """
    Return the article's text, paragraphs on lines of their own; "" when there is none.

    `witness` is text the article should begin with or contain: a feed's summary, the
    description, JSON-LD's articleBody.
    """
    if parsed.tree is None:
        return ""
    tree = _lean(parsed.tree)
    fast = _cascade(tree, url, fast=True)
    if not doubtful(fast, tree, witness):
        return fast
    full = _cascade(tree, url, fast=False)
    return full or fast


def doubtful(text: str, tree: HtmlElement, witness: str) -> bool:
    """Tell whether `text` may have missed the story."""
    if len(text) < _LITTLE or len(text) < _TOLD * _paragraphs(tree):
        return True
    return bool(witness) and overlap(witness, text) < 0.3


def overlap(part: str, whole: str) -> float:
    """Return the share of the words of `part` (at least 8) found in `whole`, else 1."""
    words = {word for word in _WORD.findall(part.casefold()) if len(word) > 3}
    if len(words) < 8:
        return 1.0
    return len(words & set(_WORD.findall(whole.casefold()))) / len(words)


def _lean(tree: HtmlElement) -> HtmlElement:
    lean = copy(tree)
    etree.strip_elements(lean, *_DEAD, with_tail=False)
    return lean


def _paragraphs(tree: HtmlElement) -> int:
    """Return the letters in paragraphs of running text outside the page's furniture."""
    total = 0
    for element in tree.iter("p"):
        text = "".join(element.itertext())
        if len(text) > 120:
            total += len(text)
    return total


def _cascade(tree: HtmlElement, url: str, *, fast: bool) -> str:
    from trafilatura import bare_extraction

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    found = bare_extraction(
        tree, url=url or None, fast=fast, include_comments=False, with_metadata=False
    )
    text = getattr(found, "text", None)  # None when trafilatura refuses the page
    return str(text or "").strip()
