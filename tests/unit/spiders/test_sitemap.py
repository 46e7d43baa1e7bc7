import gzip
from datetime import UTC, datetime

import pytest
from scrapy import Request
from scrapy.http import Response

from crawler.types import Poll, PollState, Source
from spiders import sitemap

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
URL = "https://example.com/sitemap.xml"
POLL = Poll(
    source=Source(id="s", kind="sitemap", url=URL, language="it"), state=PollState(), token="t"
)


def parse(body, **meta):
    data = body.encode() if isinstance(body, str) else body
    request = Request(URL, meta=meta)
    return sitemap.parse(Response(URL, body=data, request=request), POLL, NOW)


NEWS = """<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
 xmlns:news="http://www.google.com/schemas/sitemap-news/0.9"
 xmlns:image="http://www.google.com/schemas/sitemap-image/1.1"><url>
<image:image><image:loc>https://example.com/i.png</image:loc><image:title>pic</image:title></image:image>
<loc>https://example.com/a</loc><lastmod>2026-03-02T11:00:00Z</lastmod>
<news:news><news:publication><news:name>Ex</news:name><news:language>en</news:language></news:publication>
<news:publication_date>2026-03-02T10:00:00+01:00</news:publication_date>
<news:title>Zhipu raises</news:title></news:news></url></urlset>"""


def test_a_news_sitemap_gives_title_date_and_language():
    (entry,) = parse(NEWS).entries
    assert (entry.url, entry.title, entry.language) == (
        "https://example.com/a",
        "Zhipu raises",
        "en",
    )
    assert entry.published == datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_gzip_and_plain_are_the_same():
    assert parse(gzip.compress(NEWS.encode())).entries == parse(NEWS).entries


def test_a_list_of_addresses_is_a_sitemap_too():
    assert len(parse("https://example.com/a\nhttps://example.com/b\n").entries) == 2


def index(*children):
    listed = "".join(f"<sitemap><loc>{loc}</loc>{more}</sitemap>" for loc, more in children)
    return f"<sitemapindex>{listed}</sitemapindex>"


def test_an_index_leads_to_its_newest_children_only():
    old = "<lastmod>2020-01-01</lastmod>"
    fresh = "<lastmod>2026-03-01</lastmod>"
    found = parse(index(("/a.xml", old), ("/b.xml", fresh), ("/c.xml", "")))
    assert [request.url for request in found.follow] == [
        "https://example.com/b.xml",
        "https://example.com/c.xml",
    ]
    assert found.index


def test_an_index_of_thousands_is_bounded():
    found = parse(index(*((f"/{n}.xml", "") for n in range(5_000))))
    assert len(found.follow) == sitemap.MAX_CHILDREN


def test_an_index_that_names_itself_ends():
    found = parse(index((URL, "")), depth_of_index=sitemap.MAX_DEPTH)
    assert found.follow == ()
    assert "deep" in found.message


@pytest.mark.parametrize(
    "body",
    [
        b"", b"<", b"<html>no</html>", b"\x1f\x8bbroken", b"hello world", b"\x00\x01\x02",
        b"<urlset><url><loc>", b"<?xml version='1.0'?><!DOCTYPE x [<!ENTITY a 'b'>]><urlset/>",
    ],
)  # fmt: skip
def test_what_is_no_sitemap_raises_nothing(body):
    assert parse(body).entries == ()


def test_a_gzip_bomb_is_refused():
    found = parse(gzip.compress(b"\0" * (sitemap.MAX_BYTES + 1)))
    assert found.malformed


def test_an_external_entity_is_never_read():
    attack = '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><urlset><url><loc>&e;</loc></url></urlset>'
    assert parse(attack).entries == ()


def test_a_broken_sitemap_keeps_what_came():
    assert len(parse(NEWS.replace("</urlset>", "<url><loc>https://example.com/b")).entries) >= 1
