"""
Title, author, instant, address and rights of a page: structured data first.

JSON-LD, `og:`/`article:` meta and `<time>` cost a millisecond and are right more often than
guessing from the visible page, which is only the last resort.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from html import unescape
from itertools import islice
from urllib.parse import urljoin, urlsplit

from lxml.html import HtmlElement

from crawler.extract import dates, jsonld
from crawler.extract.dates import Stamp
from crawler.extract.page import Parsed
from crawler.types import Entry

_DATE_META = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published",
    "article.published", "og:published_time", "og:pubdate", "parsely-pub-date", "sailthru.date",
    "publish-date", "publish_date", "published_date", "pubdate", "publishdate", "ptime",
    "dcterms.created", "dcterms.date", "dcterms.issued", "dc.date.issued", "dc.date", "dc.created",
    "dc.date.created", "article_date_original", "originalpublicationdate",
    "cxenseparse:recs:publishtime", "cxenseparse:publishtime", "firstcreate", "publication_date",
    "article:published", "weibo:article:create_at", "bt:pubdate", "datecreated", "date",
)  # fmt: skip
_DATE_CLASS = re.compile(
    r"(?:^|[\s_-])(?:pub(?:lish(?:ed)?|date|time)?|date(?:line|time)?|timestamp|posted|entry-date|"
    r"post-?time|article-?time)(?:$|[\s_-])",
    re.IGNORECASE,
)
_AUTHOR_META = (
    "author",
    "article:author_name",
    "parsely-author",
    "sailthru.author",
    "byl",
    "dc.creator",
    "dcterms.creator",
    "cxenseparse:author",
    "article:author",
    "twitter:data1",
)
_LONGEST = 4_000  # characters of a title or name looked at
_BY = re.compile(r"^\s*(?:by|von|par|por|di|door|автор:?|作者[::]?|記者|记者)\s+", re.IGNORECASE)
_URL_DATE = re.compile(
    r"/((?:19|20)\d{2})[/-]?(0[1-9]|1[0-2])[/-]?(0[1-9]|[12]\d|3[01])(?:[/_.-]|\b)"
)
_SEPARATOR = re.compile(r"\s+[|–—•·»-]\s+|\s*[|｜_]\s*|\s+::\s+")
_LIGATURES = str.maketrans(
    {"\u2018": "'", "\u2019": "'", "\u201c": '"', "\u201d": '"', "\u00a0": " "}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """What a page says about itself."""

    title: str = ""
    author: str = ""
    published: datetime | None = None
    published_from: str = ""
    canonical: str = ""
    declared_lang: str = ""
    description: str = ""
    article_body: str = ""
    free: bool | None = None  # schema.org isAccessibleForFree; None when not said
    restrictions: frozenset[str] = field(default_factory=frozenset)


def read(parsed: Parsed, entry: Entry, url: str, now: datetime, country: str | None) -> Metadata:
    """Collect the metadata of `parsed`, with the feed's entry as a witness of its own."""
    nodes = jsonld.nodes(parsed.json_ld)
    node = jsonld.article(nodes) or {}
    stamps = _stamps(parsed, node, entry, url)
    published, origin = dates.choose(stamps, now, country) or (now, "first-seen")
    return Metadata(
        title=title(parsed, node, entry),
        author=author(parsed, node, entry),
        published=published,
        published_from=origin,
        canonical=canonical(parsed, url),
        declared_lang=declared_lang(parsed, node),
        description=parsed.meta.get("og:description") or parsed.meta.get("description", ""),
        article_body=article_body(node),
        free=accessible(nodes),
        restrictions=restrictions(parsed),
    )


def article_body(node: jsonld.Node) -> str:
    """Return the body a JSON-LD article carries, as plain text with its paragraphs."""
    body = node.get("articleBody")
    if not isinstance(body, str):
        return ""
    if "<" in body and ">" in body:
        body = re.sub(r"</?(?:p|br|div|li|h\d)\b[^<>]*>", "\n", body)
        body = re.sub(r"<[^<>]*>", " ", body)
    lines = (" ".join(line.split()) for line in unescape(unescape(body)).splitlines())
    return "\n".join(line for line in lines if line)


def accessible(nodes: list[jsonld.Node]) -> bool | None:
    """Return what schema.org's isAccessibleForFree says of the page."""
    said = {str(n["isAccessibleForFree"]).lower() for n in nodes if "isAccessibleForFree" in n}
    return None if not said else not (said & {"false", "0", "no"})


def canonical(parsed: Parsed, url: str) -> str:
    """Return the page's canonical address, absolute; "" when it names none worth having."""
    links = () if parsed.tree is None else parsed.tree.iterfind(".//link[@rel='canonical']")
    for href in (*(link.get("href") for link in links), parsed.meta.get("og:url")):
        if href and (found := _absolute(url, href)):
            return found
    return ""


def _absolute(url: str, href: str) -> str:
    try:
        found, here = urlsplit(urljoin(url, href.strip())), urlsplit(url)
    except ValueError:
        return ""
    if found.scheme not in {"http", "https"} or not found.hostname:
        return ""
    # a canonical link to the front page is a template's mistake, not this page's name
    return "" if found.path in {"", "/"} and here.path not in {"", "/"} else found.geturl()


# --- title ---------------------------------------------------------------------------


def title(parsed: Parsed, node: jsonld.Node, entry: Entry) -> str:
    """
    Return the headline as printed.

    A headline told by two independent places wins; then JSON-LD, `og:title`, the one `<h1>`,
    `<title>` without the site's name, and what the feed said.
    """
    tree, site = parsed.tree, parsed.meta.get("og:site_name", "")
    heads = _headings(parsed)
    page_title = _clean(tree.findtext(".//title") or "") if tree is not None else ""
    social = _clean(parsed.meta.get("og:title") or parsed.meta.get("twitter:title", ""))
    told = [
        jsonld.text(node.get("headline")),
        _without_site(social, site, heads),
        heads[0] if len(heads) == 1 else "",
        _without_site(page_title, site, heads),
        _clean(entry.title),
    ]
    told = [one for one in told if len(one) > 1]
    return _whole(_agreed(told), [*heads, *told]) or (heads[0] if heads else "")


def _headings(parsed: Parsed) -> list[str]:
    if parsed.tree is None:
        return []
    heads = (_clean(h.text_content()) for h in islice(parsed.tree.iter("h1"), 8))
    return [head for head in heads if 4 < len(head) < 400]


def _agreed(told: list[str]) -> str:
    """Return the first that another place repeats, else simply the first."""
    keys = [_key(one) for one in told]
    return next(
        (one for one, key in zip(told, keys, strict=True) if keys.count(key) > 1),
        told[0] if told else "",
    )


def _whole(chosen: str, others: list[str]) -> str:
    """Undo a cut: schema.org once asked for 110 characters, so sites end there in "…"."""
    stem = re.sub(r"\s*(?:…|\.\.\.)$", "", chosen)
    if stem == chosen or len(stem) < 20:
        return chosen
    return next(
        (o for o in others if len(o) > len(chosen) and _key(o).startswith(_key(stem))), chosen
    )


def _key(text: str) -> str:
    return "".join(text.translate(_LIGATURES).casefold().split())


def _clean(text: str) -> str:
    return " ".join(unescape(text[:_LONGEST]).split())


def _without_site(text: str, site: str, heads: list[str]) -> str:
    """Cut "… | The Outlet" off, when the rest is a heading or the cut part is the site."""
    for match in reversed(list(_SEPARATOR.finditer(text))):
        front, back = text[: match.start()].strip(), text[match.end() :].strip()
        if any(_key(front) == _key(head) for head in heads):
            return front
        if site and _key(back) == _key(site):
            text = front
    return text


# --- author --------------------------------------------------------------------------


def author(parsed: Parsed, node: jsonld.Node, entry: Entry) -> str:
    """Return who signed the page, several names joined by ", "; "" when nobody did."""
    names = jsonld.names(node.get("author"))
    names = names or [parsed.meta[key] for key in _AUTHOR_META if key in parsed.meta]
    names = names or ([entry.author] if entry.author else []) or _bylines(parsed)
    clean = [_BY.sub("", _clean(name)) for name in names]
    good = [name for name in clean if 1 < len(name) < 120 and "://" not in name and "@" not in name]
    return ", ".join(dict.fromkeys(good if node.get("author") else good[:1]))


def _bylines(parsed: Parsed) -> list[str]:
    if parsed.tree is None:
        return []
    found = parsed.tree.xpath('.//*[@rel="author" or @itemprop="author"][position() < 4]')
    return [text for element in found if (text := _clean(element.text_content()))]


# --- instant -------------------------------------------------------------------------


def _stamps(
    parsed: Parsed, node: jsonld.Node, entry: Entry, url: str
) -> Iterator[tuple[str, Stamp]]:
    """Yield every date told of the page, most trusted first, with where it was told."""
    for origin, printed in _printed(parsed, node):
        if stamp := dates.parse(printed):
            yield origin, stamp
    if entry.published:
        yield "feed", Stamp(entry.published, timed=True)
    if match := _URL_DATE.search(urlsplit(url).path):
        stamp = dates.parse("-".join(match.groups()))
        if stamp:
            yield "text", stamp
    for printed in _visible(parsed):
        if stamp := dates.parse(printed):
            yield "text", stamp


def _printed(parsed: Parsed, node: jsonld.Node) -> Iterator[tuple[str, str]]:
    for key in ("datePublished", "dateCreated", "uploadDate"):
        if value := jsonld.text(node.get(key)):
            yield "json-ld", value
            break
    yield from (("meta", parsed.meta[key]) for key in _DATE_META if key in parsed.meta)
    yield from _times(parsed)
    if value := jsonld.text(node.get("dateModified")):
        yield "json-ld", value


def _times(parsed: Parsed) -> Iterator[tuple[str, str]]:
    """Yield `<time>` and itemprop dates, those that say "published" first."""
    if parsed.tree is None:
        return
    marked = parsed.tree.xpath('.//*[@itemprop="datePublished" or @pubdate]')
    for element in marked[:3]:
        yield "meta", element.get("datetime") or element.get("content") or element.text_content()
    for element in parsed.tree.xpath(
        ".//time[@datetime][not(ancestor::aside|ancestor::nav|ancestor::footer)]"
    )[:3]:
        yield "meta", element.get("datetime")


def _visible(parsed: Parsed) -> Iterator[str]:
    """Yield the short texts of elements whose class speaks of a date: the last resort."""
    if parsed.tree is None:
        return
    tags = parsed.tree.iter("time", "span", "div", "p", "em", "li", "i", "small")
    dated = (element for element in tags if element.tag == "time" or _speaks_of_date(element))
    for element in islice(dated, 30):
        if len(element) <= 8 and (text := _clean(element.text_content()[:200])):
            yield text


def _speaks_of_date(element: HtmlElement) -> bool:
    name = element.get("class") or element.get("id")
    return bool(name) and bool(_DATE_CLASS.search(name))


# --- language and rights -------------------------------------------------------------


def declared_lang(parsed: Parsed, node: jsonld.Node) -> str:
    """Return the language the page claims, as ISO 639-1; "" when it claims none."""
    html_lang = (
        "" if parsed.tree is None else parsed.tree.get("lang") or parsed.tree.get("xml:lang") or ""
    )
    claims = (
        html_lang, parsed.meta.get("og:locale", ""), jsonld.text(node.get("inLanguage")),
        parsed.meta.get("content-language", ""), parsed.headers.get("content-language", ""),
    )  # fmt: skip
    for claim in claims:
        if match := re.match(r"\s*([a-zA-Z]{2})(?:[-_,\s]|$)", claim):
            return str(match[1]).lower()
    return ""


def restrictions(parsed: Parsed) -> frozenset[str]:
    """Return the rights reserved: "noarchive" (robots directives) and "tdm" (TDMRep)."""
    robots = ",".join(
        (parsed.headers.get("x-robots-tag", ""), parsed.meta.get("robots", ""))
    ).lower()
    found = set()
    if re.search(r"\bnoarchive\b|(?<![\w:-])none(?![\w-])", robots):
        found.add("noarchive")
    reserved = parsed.headers.get("tdm-reservation", parsed.meta.get("tdm-reservation", ""))
    if reserved.strip() == "1":
        found.add("tdm")
    return frozenset(found)
