"""OPML in and out."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler import opml
from crawler.errors import UsageError
from crawler.types import Source

NOW = datetime(2026, 3, 2, tzinfo=UTC)


def test_what_is_exported_can_be_imported_again():
    feeds = [Source(id="a-b", kind="feed", url="https://a.example/f?x=1&y=2", name="A & B")]
    (found,) = opml.loads(opml.dumps(feeds, NOW))

    assert (found.id, found.name, found.url) == ("a-b", "A & B", "https://a.example/f?x=1&y=2")


def test_folders_are_flattened_and_names_told_apart():
    data = (
        b'<opml version="2.0"><body><outline text="News">'
        b'<outline text="Feed" xmlUrl="https://a.example/1"/>'
        b'<outline text="Feed" xmlUrl="https://a.example/2"/>'
        b'<outline text="no feed"/><outline text="x" xmlUrl="javascript:alert(1)"/>'
        b"</outline></body></opml>"
    )

    assert [source.id for source in opml.loads(data)] == ["feed", "feed-2"]


def test_what_is_no_feed_is_left_out():
    assert b"outline" not in opml.dumps([Source(id="m", kind="sitemap", url="https://x/")], NOW)


@pytest.mark.parametrize("data", [b"", b"not xml", b"<rss/>", b"<opml>", b"\xff\xfe<"])
def test_other_files_are_refused_with_one_clear_line(data):
    with pytest.raises(UsageError):
        opml.loads(data)


def test_entities_are_not_expanded():
    bomb = b'<!DOCTYPE o [<!ENTITY a SYSTEM "file:///etc/passwd">]><opml><body>'
    bomb += b'<outline text="&a;" xmlUrl="https://a.example/"/></body></opml>'
    try:
        titles = [source.name for source in opml.loads(bomb)]
    except UsageError:
        titles = []

    assert not any("root:" in title for title in titles)
