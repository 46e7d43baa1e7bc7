"""
The words of an article, without what stands around them.

trafilatura's fast cascade runs once, on the tree that is already there. Its rare total
failures are caught by cheap witnesses (what the page, its JSON-LD and its feed say the story
is) and only then is the full cascade paid for.
"""

from __future__ import annotations

import logging
import re
from collections import Counter
from copy import copy
from functools import cache
from itertools import islice
from typing import TYPE_CHECKING

from lxml import etree
from lxml.html import HtmlElement

from crawler.extract.page import Parsed, parse

# What the cascade throws away first thing; dropping it in one sweep in C makes the five
# copies and dozens of searches it then makes of the tree cheaper.
_FURNITURE = (
    "script", "style", "svg", "template", "iframe", "object", "embed", "canvas", "link", "head",
    "aside", "footer", "nav", "noscript", "select", "button", "input", "label", "audio", "video",
    "picture", "map", "menu", "source", "track",
)  # fmt: skip
# Inline wrappers whose tags go early, for the same reason.
_WRAPPERS = (
    "abbr", "acronym", "address", "bdi", "bdo", "big", "cite", "data", "dfn", "font", "hgroup",
    "img", "ins", "mark", "nobr", "ruby", "small", "tbody", "tfoot", "thead", "wbr",
)  # fmt: skip

if TYPE_CHECKING:
    from trafilatura.settings import Extractor

_TOLD = 0.6  # of the page's own paragraphs must be in the body
_LITTLE = 250  # characters: a teaser, or a layout the fast cascade does not know
_LITTLE_DENSE = 80  # the same in Chinese and Japanese, where a character is most of a word
_DENSE = re.compile(r"[\u3040-\u30ff\u4e00-\u9fff]")
_MOST = 3_000  # paragraphs looked at
_WORD = re.compile(r"\w+")


def find(parsed: Parsed, url: str, witness: str = "") -> str:
    """
    Return the article's text, paragraphs on lines of their own; "" when there is none.

    `witness` is text the article should begin with or contain: a feed's summary, the
    description, JSON-LD's articleBody. The shared tree is used up: read metadata first.
    """
    tree = parsed.tree
    if tree is None:
        return ""
    etree.strip_elements(tree, *_FURNITURE, with_tail=False)
    etree.strip_tags(tree, *_WRAPPERS)
    little = _least(tree)
    fast = _cascade(tree, url, fast=True, little=little)
    if not doubtful(fast, tree, witness, little):
        return fast
    whole = parse(parsed.markup).tree
    if whole is None:
        return fast
    etree.strip_elements(whole, "script", with_tail=False)  # JSON-LD is a source of its own
    return _cascade(whole, url, fast=False, little=little) or fast


def _least(tree: HtmlElement) -> int:
    """Return how many characters an article has at least, in the script of the page."""
    words = "".join("".join(p.itertext()) for p in islice(tree.iter("p"), 20))[:2_000]
    return _LITTLE_DENSE if 3 * len(_DENSE.findall(words)) > len(words) > 0 else _LITTLE


def doubtful(text: str, tree: HtmlElement, witness: str, little: int = _LITTLE) -> bool:
    """Tell whether `text` may have missed the story."""
    if len(text) < little or len(text) < _TOLD * _paragraphs(tree) or _menu(text):
        return True
    return bool(witness) and overlap(witness, text) < 0.3


def _menu(text: str) -> bool:
    """Tell whether `text` is the dump of a whole page: most of its many lines are labels."""
    lines = text.split("\n")
    return len(lines) > 40 and 2 * sum(len(line) < 30 for line in lines) > len(lines)


def overlap(part: str, whole: str) -> float:
    """Return the share of the words of `part` (at least 8) found in `whole`, else 1."""
    words = {word for word in _WORD.findall(part.casefold()) if len(word) > 3}
    if len(words) < 8:
        return 1.0
    return len(words & set(_WORD.findall(whole.casefold()))) / len(words)


def _paragraphs(tree: HtmlElement) -> int:
    """Return the letters of running text in the one container that holds most of it."""
    held: Counter[HtmlElement] = Counter()
    for element in islice(tree.iter("p"), _MOST):
        text = "".join(element.itertext())
        if len(text) > 80:
            held[element.getparent()] += len(text)
    return max(held.values(), default=0)


def _cascade(tree: HtmlElement, url: str, *, fast: bool, little: int) -> str:
    from trafilatura import bare_extraction

    options = copy(_options(fast))
    options.min_extracted_size = little  # with less, it pours the whole page into one line
    options.url = options.source = url or None
    found = bare_extraction(tree, options=options)
    text = getattr(found, "text", None)  # None when trafilatura refuses the page
    return str(text or "").strip()


@cache
def _options(fast: bool) -> Extractor:
    from trafilatura.settings import Extractor

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)  # a refusal is no news
    return Extractor(output_format="python", fast=fast, comments=False, with_metadata=False)
