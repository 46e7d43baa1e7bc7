"""
Pages that are worth a second look, and how often at most. Pure.

An outlet that corrects an article says so in its feed: a newer `updated`, another title. And
a page that told of a deal is looked at once more some hours later, for that is when sums are
corrected. Both ask conditionally.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from crawler.types import Entry

MOST = 4  # looks at one page after the first
PAUSE = timedelta(minutes=30)  # between two of them
YOUNG = timedelta(days=3)  # older articles are not corrected any more
LATER = timedelta(hours=6)  # the second look at a page with a deal
SLACK = timedelta(minutes=1)  # feeds and sitemaps round differently


def is_changed(before: Entry, listed: Entry) -> bool:
    """Tell whether an entry says that its page is another by now."""
    had = before.updated or before.published
    newer = had and listed.updated and listed.updated > had + SLACK
    return bool(newer) or _is_retitled(before.title, listed.title)


def changed(pairs: Mapping[int, tuple[Entry, Entry]]) -> dict[int, Entry]:
    """
    Return the pages whose entries say that they changed, by their numbers.

    Where a third of a poll's known entries did, it is the feed that changes (a counter in
    every title, the hour of the poll as date), not the articles: then none has.
    """
    found = {ident: now for ident, (before, now) in pairs.items() if is_changed(before, now)}
    return found if len(found) <= max(2, len(pairs) // 3) else {}


def _is_retitled(before: str, now: str) -> bool:
    return bool(before and now) and _words(before) != _words(now)


def _words(title: str) -> Iterable[str]:
    return title.casefold().split()
