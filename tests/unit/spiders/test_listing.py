from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import HtmlResponse

from crawler.types import Poll, PollState, Source
from spiders import listing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://example.com/news/"
PAGE = """<html><body><nav><a href="/about">About</a></nav>
<div class="card"><h2><a href="a.html"> First <b>story</b></a></h2>
<time datetime="2026-03-01">1 March</time>
<p class="lead">Why it matters</p></div>
<div class="card"><h2><a href="https://o.example/b">Second</a></h2></div>
<div class="card"><h2>No link</h2></div>
<a class="next" href="?page=2">older</a></body></html>"""


def parse(body=PAGE, number=1, **options):
    source = Source(
        id="l", kind="listing", url=URL, options={"item": ".card", "link": "h2 a", **options}
    )
    poll = Poll(source=source, state=PollState(), token="t")
    data = body if isinstance(body, bytes) else body.encode()
    request = Request(URL, meta={"page_number": number})
    return listing.parse(HtmlResponse(URL, body=data, request=request), poll, NOW)


def test_two_selectors_find_the_entries():
    found = parse()
    assert [entry.url for entry in found.entries] == [
        "https://example.com/news/a.html",
        "https://o.example/b",
    ]
    assert found.entries[0].title == "First story"
    assert found.entries[0].published == datetime(2026, 3, 1, tzinfo=UTC)


def test_summary_has_a_selector_of_its_own():
    assert parse(summary=".lead").entries[0].summary == "Why it matters"


def test_the_next_page_is_followed_as_often_as_asked():
    assert parse().follow == ()
    assert [one.url for one in parse(next="a.next").follow] == ["https://example.com/news/?page=2"]
    assert parse(next="a.next", number=2).follow == ()
    assert len(parse(next="a.next", number=2, pages="3").follow) == 1
    assert parse(next="a.next", number=20, pages="999").follow == ()


def test_a_base_element_is_honoured():
    body = PAGE.replace("<html>", '<html><head><base href="https://cdn.example/x/"></head>')
    assert parse(body).entries[0].url == "https://cdn.example/x/a.html"


def test_selectors_that_match_nothing_are_told():
    found = parse("<html></html>")
    assert found.entries == ()
    assert "nothing matches" in found.message


def test_a_selector_that_is_no_css_is_told():
    found = parse(item="div[")
    assert found.malformed
    assert "selector" in found.message


@pytest.mark.parametrize("body", [b"", b"\x00\xff" * 1_000, b"<" * 10_000, "智".encode("gb18030")])
def test_no_page_makes_it_raise(body):
    parse(body)
