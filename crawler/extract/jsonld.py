"""JSON-LD as pages really carry it: lists, graphs, nested parents, broken JSON."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

Node = Mapping[str, Any]

_ARTICLE = re.compile(r"(article|posting|report|opinion|review|pressrelease)s?$", re.IGNORECASE)
_LISTS = frozenset(("itemlist", "breadcrumblist", "imageobject", "organization", "comment"))
_NODES = 400  # nodes read of one page; a real page has dozens
_DEPTH = 12
_TRAILING = re.compile(r",\s*([\]}])")
_HEADS = ("<!--", "//<![CDATA[", "// <![CDATA[", "/*<![CDATA[*/", "<![CDATA[")
_TAILS = (";", "-->", "//]]>", "// ]]>", "/*]]>*/", "]]>", "//")


def nodes(scripts: Sequence[str]) -> list[Node]:
    """Return every object in `scripts`, outermost first; unreadable scripts give none."""
    found: list[Node] = []
    for script in scripts:
        found += _walk(_load(script), 0)
        if len(found) > _NODES:
            break
    return found[:_NODES]


def article(found: Sequence[Node]) -> Node | None:
    """Return the node that is this page's article: the richest of an article type."""
    candidates = [node for node in found if is_a(node, _ARTICLE)]
    return max(candidates, key=_richness, default=None)


def is_a(node: Node, pattern: re.Pattern[str]) -> bool:
    """Tell whether one of the node's types matches."""
    return any(pattern.search(str(kind)) for kind in _list(node.get("@type")))


def text(value: object) -> str:
    """Return the plain text of a value that may be a string, a list or a named thing."""
    match value:
        case str():
            return " ".join(html.unescape(html.unescape(value)).split())
        case Mapping():
            return text(value.get("name") or value.get("@value") or value.get("@id") or "")
        case [first, *_]:
            return text(first)
    return ""


def names(value: object) -> list[str]:
    """Return the names of one or many persons or organisations."""
    return list(dict.fromkeys(name for item in _list(value) if (name := text(item))))


def _richness(node: Node) -> tuple[int, int]:
    wanted = ("headline", "datePublished", "author", "articleBody", "mainEntityOfPage")
    return sum(bool(node.get(key)) for key in wanted), len(str(node.get("articleBody") or ""))


def _list(value: object) -> list[Any]:
    if value is None:
        return []
    return list(value) if isinstance(value, list | tuple) else [value]


def _load(script: str) -> object:
    """Parse; on failure mend what sites break most: comments, line ends, commas, tails."""
    script = _unwrap(script)
    for mended in (script, _TRAILING.sub(r"\1", script)):
        try:
            return json.loads(mended, strict=False)
        except (ValueError, RecursionError):
            continue
    try:
        return json.JSONDecoder(strict=False).raw_decode(script)[0]
    except (ValueError, RecursionError):
        return _salvage(script)


def _unwrap(script: str) -> str:
    """Take off the comment and CDATA marks that templates put around scripts."""
    script = script.strip()
    for head in _HEADS:
        script = script.removeprefix(head).lstrip()
    for tail in (*_TAILS, *_TAILS):
        script = script.removesuffix(tail).rstrip()
    return script


_PAIR = re.compile(
    r'"(headline|datePublished|dateModified|articleBody|inLanguage|@type)"\s*:\s*"((?:[^"\\]|\\.){1,200000}?)"\s*[,}\]]'
)


def _salvage(script: str) -> dict[str, str]:
    """Pick single properties out of JSON that no parser reads."""
    pairs: dict[str, str] = {}
    for key, raw in _PAIR.findall(script[:500_000]):
        if key not in pairs:
            pairs[key] = _unquote(raw)
    if "datePublished" in pairs or "articleBody" in pairs:
        pairs["@type"] = "Article"
    return pairs


def _unquote(raw: str) -> str:
    try:
        return str(json.loads(f'"{raw}"', strict=False))
    except ValueError:
        return raw


def _walk(value: object, depth: int) -> Iterator[Node]:
    if depth > _DEPTH:
        return
    if isinstance(value, list):
        for item in value:
            yield from _walk(item, depth + 1)
    elif isinstance(value, dict):
        yield value
        for key, item in value.items():
            if isinstance(item, dict | list) and key not in {"author", "publisher", "image"}:
                yield from _walk(item, depth + 1)
