"""
SEC EDGAR's latest filings: the Atom feed, and filings made readable.

Each entry leads to one document: a Form D's own XML, else the complete submission as text
(its first document is the filing). Options: `forms`, the form types to keep, joined by
commas (`type=D` in EDGAR's own query is a prefix and brings DEF 14A, too).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from html import escape, unescape

from lxml import etree
from scrapy import Request
from scrapy.http import Response

from crawler.types import Entry, Fetch, Poll
from spiders import feed
from spiders.kinds import Found
from spiders.xml import local, tree

_TITLE = re.compile(r"^(?P<form>\S+(?: \S+)??) - (?P<name>.+?) \(\d{10}\) \((?P<role>[^)]+)\)$")
_INDEX = re.compile(r"^(?P<folder>https?://.+/)(?P<number>\d{10}-\d{2}-\d{6})-index\.html?$")
_DOCUMENT = re.compile(rb"<DOCUMENT>(.*?)(?:</DOCUMENT>|$)", re.DOTALL)
_TEXT = re.compile(rb"<TEXT>(.*?)(?:</TEXT>|$)", re.DOTALL)
_TRUE = frozenset({"true", "1"})
_NOTICES = frozenset({"D", "D/A"})


def requests(poll: Poll) -> Iterable[Request]:
    """Ask for the feed."""
    return feed.requests(poll)


def parse(response: Response, poll: Poll, now: datetime) -> Found:
    """Return one entry for each filing of the wanted forms, leading to its document."""
    found = feed.parse(response, poll, now)
    wanted = {form.strip() for form in poll.source.options.get("forms", "").split(",")} - {""}
    filings: dict[str, Entry] = {}
    for entry in found.entries:
        title = _TITLE.match(entry.title)
        if title and (not wanted or title["form"] in wanted) and title["role"] != "Reporting":
            filings.setdefault(entry.url, _filing(entry, title["form"], title["name"]))
    return replace(found, entries=tuple(filings.values()))


def _filing(entry: Entry, form: str, name: str) -> Entry:
    place = _INDEX.match(entry.url)
    if place is None:
        return entry
    number = place["number"]
    folder = place["folder"] if number.replace("-", "") in place["folder"] else ""
    if form in _NOTICES:
        base = folder or f"{place['folder']}{number.replace('-', '')}/"
        url = f"{base}primary_doc.xml"
    else:
        url = f"{place['folder']}{number}.txt"
    return replace(entry, url=url, title=f"{name}: {form}", summary="", content="")


def page(response: Response, fetch: Fetch) -> bytes:
    """Return the filing as a page: a Form D in sentences, else the first document's own HTML."""
    body = response.body
    if body.lstrip()[:200].startswith(b"<?xml") or b"<edgarSubmission" in body[:2_000]:
        root = tree(body)
        return _notice(root, fetch.entry.title) if root is not None else body
    first = _DOCUMENT.search(body)
    text = _TEXT.search(first[1]) if first else None
    if text is None:
        return body
    inner = text[1].strip()
    return inner if b"<html" in inner[:2_000].lower() else _plain(inner, fetch.entry.title)


def _plain(text: bytes, title: str) -> bytes:
    paragraphs = re.split(r"\n\s*\n", text.decode("utf-8", "replace"))
    return document(title, [" ".join(unescape(part).split()) for part in paragraphs])


def document(title: str, paragraphs: Iterable[str]) -> bytes:
    """Return a page of our own: a title and paragraphs, escaped."""
    inside = "".join(f"<p>{escape(part)}</p>" for part in paragraphs if part)
    heading = escape(title)
    return (
        f'<!DOCTYPE html><html><head><meta charset="utf-8"><title>{heading}</title></head>'
        f"<body><article><h1>{heading}</h1>{inside}</article></body></html>"
    ).encode()


# --- Form D (notice of exempt offering of securities) -------------------------------------


def _notice(root: etree._Element, title: str) -> bytes:
    said = _leaves(root)
    name = said.get("entityname", title.partition(":")[0])
    sentences = [_offer(name, said), _sold(name, said), *_facts(name, said)]
    return document(f"{name} files Form D: {_short(said)}", sentences)


def _leaves(root: etree._Element) -> dict[str, str]:
    """Return the first text of every element, by its name in lower case."""
    found: dict[str, str] = {}
    for leaf in root.iter(etree.Element):
        text = (leaf.text or "").strip()
        name = local(leaf)
        if name == "value" and (parent := leaf.getparent()) is not None:
            name = local(parent)  # <dateOfFirstSale><value>2026-02-20</value>
        if text:
            found.setdefault(name, text)
    return found


def _kind(said: Mapping[str, str]) -> str:
    if "fund" in said.get("industrygrouptype", "").lower():
        return "fund interests"
    if said.get("isdebttype", "") in _TRUE:
        return "debt financing"
    return "equity financing"


def _money(text: str | None) -> str:
    """Return `12000000` as `$12,000,000`; "" for none, zero and "Indefinite"."""
    digits = (text or "").partition(".")[0]
    return f"${int(digits):,}" if digits.isdecimal() and int(digits) else ""


def _short(said: Mapping[str, str]) -> str:
    amount = _money(said.get("totalamountsold")) or _money(said.get("totalofferingamount"))
    return f"{amount} of {_kind(said)}" if amount else _kind(said)


def _offer(name: str, said: Mapping[str, str]) -> str:
    total = _money(said.get("totalofferingamount"))
    sold = _money(said.get("totalamountsold"))
    if sold or not total:
        return ""
    return f"{name} plans to raise {total} in {_kind(said)}, according to a Form D notice."


def _sold(name: str, said: Mapping[str, str]) -> str:
    sold = _money(said.get("totalamountsold"))
    if not sold:
        return ""
    total = _money(said.get("totalofferingamount"))
    of = f" of an offering of {total}" if total and total != sold else ""
    verb = "has sold" if _kind(said) == "fund interests" else "raised"
    return f"{name} {verb} {sold} in {_kind(said)}{of}, according to a Form D notice."


def _facts(name: str, said: Mapping[str, str]) -> list[str]:
    """Return what else the notice says, one plain sentence each."""
    amended = said.get("isamendment", "") in _TRUE
    first, buyers = said.get("dateoffirstsale"), said.get("totalnumberalreadyinvested")
    return [
        "The notice amends an earlier one." if amended else "",
        f"The first sale took place on {first}." if first else "",
        f"So far {buyers} investors have invested." if buyers else "",
        f"{name} gives its industry as {said['industrygrouptype']}."
        if "industrygrouptype" in said
        else "",
        f"It was incorporated in {said['jurisdictionofinc']}."
        if "jurisdictionofinc" in said
        else "",
    ]
