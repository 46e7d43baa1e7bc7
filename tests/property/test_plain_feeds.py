"""The quick way through a feed and feedparser's say the same, or the quick way declines."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spiders import feed, plainfeed

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
URL = "https://example.com/feed"
SPACES = (
    'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
)
texts = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"))
    | st.sampled_from("<>&;'\" \n#éÃ©"),
    max_size=30,
)
addresses = st.sampled_from(
    [
        "https://example.com/a", "https://example.com/a?b=1&c=2", "http://example.com/%E4%B8%AD",
        "/relative", "tag:example.com,2026:1", "urn:uuid:1", "7", "", "https://exämple.com/ü",
        "https://example.com/a;b=1", "https://example.com/a#b", "mailto:a@example.com",
        "HTTPS://EXAMPLE.COM/A", "https://example.com/a?b&amp;c", "https://example.com:8080",
    ]
)  # fmt: skip
dates = st.sampled_from(
    [
        "Mon, 02 Mar 2026 09:15:00 +0000", "2026-03-02T09:15:00Z", "2026-03-02", "yesterday", "",
        "Mon, 2 Mar 2026 9:15 EST", "0000-00-00", "2036-01-01T00:00:00Z",
        "2026-03-02T09:15:00+09:00",
    ]
)  # fmt: skip


def tag(name: str, text: str, attributes: str = "") -> str:
    return f"<{name}{attributes}>{escape(text)}</{name}>"


def cdata(name: str, text: str) -> str:
    return f"<{name}><![CDATA[{text.replace(']]>', '')}]]></{name}>"


rss_parts = st.one_of(
    st.builds(tag, st.sampled_from(["title", "description", "dc:creator", "author"]), texts),
    st.builds(cdata, st.sampled_from(["title", "description", "content:encoded"]), texts),
    st.builds(tag, st.just("link"), addresses),
    st.builds(
        tag,
        st.just("guid"),
        addresses | texts,
        st.sampled_from(["", ' isPermaLink="false"', ' isPermaLink="true"', ' isPermaLink="no"']),
    ),
    st.builds(tag, st.sampled_from(["pubDate", "dc:date", "atom:updated"]), dates),
    st.sampled_from(
        [
            '<enclosure url="https://example.com/a.mp3" length="1" type="audio/mpeg"/>',
            "<category>AI</category>", "<comments>https://example.com/c</comments>",
            '<media:content url="https://example.com/x.jpg"/>', "<!-- note -->",
            "<media:group><media:title>Other</media:title></media:group>",
            "<itunes:author>Ann</itunes:author>", "<itunes:summary>Short</itunes:summary>",
            '<source url="https://other.example/feed">Other</source>',
            '<atom:link rel="alternate" href="https://example.com/atom"/>', "<strange>x</strange>",
            "<title>A <b>bold</b> one</title>",
        ]
    ),
)  # fmt: skip
atom_parts = st.one_of(
    st.builds(
        tag,
        st.sampled_from(["title", "summary", "content"]),
        texts,
        st.sampled_from(
            ["", ' type="text"', ' type="html"', ' type="text/plain"', ' xml:lang="fr"']
        ),
    ),
    st.builds(tag, st.just("id"), addresses | texts),
    st.builds(tag, st.sampled_from(["published", "updated", "created"]), dates),
    st.builds(
        lambda href, rel: f'<link href="{escape(href)}"{rel}/>',
        addresses,
        st.sampled_from(
            ["", ' rel="alternate"', ' rel="self"', ' rel="alternate" type="text/html"']
        ),
    ),
    st.builds(lambda name: f"<author>{tag('name', name)}</author>", texts),
    st.sampled_from(
        ["<author><name>A</name><email>a@b.example</email></author>", "<rights>x</rights>"]
    ),
)


def rss(items: list[list[str]]) -> bytes:
    inside = "".join(f"<item>{''.join(parts)}</item>" for parts in items)
    channel = f"<title>T</title><ttl>30</ttl>{inside}"
    return f'<rss version="2.0" {SPACES}><channel>{channel}</channel></rss>'.encode()


def atom(entries: list[list[str]]) -> bytes:
    inside = "".join(f"<entry>{''.join(parts)}</entry>" for parts in entries)
    return f'<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title>{inside}</feed>'.encode()


feeds = st.builds(rss, st.lists(st.lists(rss_parts, max_size=6), max_size=4)) | st.builds(
    atom, st.lists(st.lists(atom_parts, max_size=6), max_size=4)
)


@given(feeds, st.sampled_from(["application/xml", "text/xml", "text/xml; charset=utf-8", ""]))
def test_the_quick_way_says_what_feedparser_says_or_nothing(body, content_type):
    quick = plainfeed.read(body, content_type, NOW, "", 100)
    headers = {"content-location": URL} | ({"content-type": content_type} if content_type else {})
    parsed, _ = feed._feedparser(body, headers)
    slow = tuple(feed._entry(raw, URL, NOW, "") for raw in parsed["entries"])

    assert quick is None or quick.entries == slow


ITEM = (
    "<item><title>Acme &amp; Söhne – A</title><link>https://example.com/a?x=1&amp;y=2</link>"
    "<dc:creator><![CDATA[Ann]]></dc:creator><pubDate>Mon, 02 Mar 2026 09:15:00 +0000</pubDate>"
    '<guid isPermaLink="false">https://example.com/?p=7</guid><category>AI</category>'
    "<description><![CDATA[<p>Short</p>]]></description>"
    "<content:encoded><![CDATA[<p>All of it</p>]]></content:encoded></item>"
)
ENTRY = (
    '<entry><title type="html">Acme &amp;amp; B</title><id>https://example.com/a</id>'
    '<link rel="alternate" type="text/html" href="https://example.com/a"/><author><name>Ann</name>'
    "</author><updated>2026-03-02T09:15:00Z</updated>"
    '<content type="html">&lt;p&gt;x</content></entry>'
)


@pytest.mark.parametrize("body", [rss([[ITEM[6:-7]]]), atom([[ENTRY[7:-8]]])], ids=["rss", "atom"])
def test_what_most_publishers_send_goes_the_quick_way(body):
    quick = plainfeed.read(body, "application/xml", NOW, "", 100)

    assert quick is not None
    assert quick.entries[0].url.startswith("https://example.com/a")
