import tarfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import feedparser
import pytest

from spiders import feed
from spiders.kinds import MAX_ENTRIES

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
URL = "https://example.com/feed"


def read(body, **headers):
    data = body.encode() if isinstance(body, str) else body
    return feed.read(data, URL, {"content-type": "application/xml", **headers}, NOW)


def rss(inside="", channel=""):
    return f'<rss version="2.0"><channel><title>T</title>{channel}{inside}</channel></rss>'


def item(**parts):
    inside = "".join(f"<{name}>{text}</{name}>" for name, text in parts.items())
    return f"<item>{inside}</item>"


RSS = rss(item(title="A", link="https://example.com/a", guid="7", pubDate="2026-03-02T10:00Z"))
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>T</title><entry><title>A</title>
<link rel="replies" href="/c"/><link href="/a"/><id>tag:x</id>
<updated>2026-03-02T10:00:00Z</updated>
<content type="html">&lt;p&gt;All of it&lt;/p&gt;</content><summary>Some</summary></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel/><item>
<title>A</title><link>https://example.com/a</link><dc:date>2026-03-02T10:00:00Z</dc:date></item>
</rdf:RDF>"""
XMLNS = 'xmlns:sy="http://purl.org/rss/1.0/modules/syndication/"'
SYNDICATION = (
    f"<sy:updatePeriod {XMLNS}>hourly</sy:updatePeriod>"
    f"<sy:updateFrequency {XMLNS}>2</sy:updateFrequency>"
)
JSON = """{"version": "https://jsonfeed.org/version/1.1", "language": "it", "items": [
{"id": "1", "url": "/a", "title": "A", "content_html": "<p>x", "date_published":
 "2026-03-02T10:00:00Z", "authors": [{"name": "Ann"}]}]}"""


@pytest.mark.parametrize("body", [RSS, ATOM, RDF, JSON], ids=["rss", "atom", "rdf", "json"])
def test_four_formats_bring_the_same_entry(body):
    (entry,) = read(body).entries
    assert (entry.url, entry.title) == ("https://example.com/a", "A")
    assert entry.published == datetime(2026, 3, 2, 10, tzinfo=UTC)


def test_content_and_summary_travel_apart():
    (entry,) = read(ATOM).entries
    assert (entry.content, entry.summary) == ("<p>All of it</p>", "Some")


def test_json_feed_keeps_author_and_language():
    (entry,) = read(JSON).entries
    assert (entry.author, entry.language, entry.content) == ("Ann", "it", "<p>x")


@pytest.mark.parametrize(
    "body", ["{", "[]", "{}", '{"version": "https://jsonfeed.org/version/1"}', "{" * 99_999]
)
def test_json_that_is_no_feed_is_malformed(body):
    found = read(body, **{"content-type": "application/json"})
    assert found.malformed
    assert "JSON" in found.message


def test_odd_json_items_cost_only_themselves():
    items = '[1, null, "x", {"id": 5}, {"url": ["a"]}, {"id": "https://example.com/b"}]'
    found = read('{"version": "https://jsonfeed.org/version/1", "items": ' + items + "}")
    assert [entry.url for entry in found.entries] == ["", "", "https://example.com/b"]


@pytest.mark.parametrize(
    ("printed", "wanted"),
    [
        ("1763892000", None),
        ("0000-00-00", None),
        ("Mon, 02 Mar 2099 10:00:00 GMT", None),
        ("Tue, 03 Mar 2026 12:00:00 GMT", NOW),
        ("yesterday", None),
        ("Thu, 01 Jan 1970 00:00:00 GMT", None),
    ],
)
def test_an_absurd_date_is_refused_and_its_words_kept(printed, wanted):
    (entry,) = read(rss(item(link="https://example.com/a", pubDate=printed))).entries
    assert entry.published == wanted
    assert entry.published_raw == printed


def test_a_guid_that_is_an_address_stands_in_for_a_link():
    found = read(rss(item(guid="https://example.com/g") + item(title="x", guid="")))
    assert [entry.url for entry in found.entries] == ["https://example.com/g", ""]


@pytest.mark.parametrize(
    "link", ["javascript:alert(1)", "data:text/html,x", "mailto:a@b.c", "file:///x"]
)
def test_a_link_that_is_no_web_address_is_dropped(link):
    (entry,) = read(rss(item(title="x", link=link))).entries
    assert entry.url == ""


@pytest.mark.parametrize(
    ("channel", "minutes"),
    [
        ("<ttl>60</ttl>", 60),
        ("<ttl>999999</ttl>", 1440),
        ("<ttl>soon</ttl>", None),
        (SYNDICATION, 30),
        ("<skipHours><hour>3</hour><hour>12</hour></skipHours>", 30),
        ("<skipHours><hour>12</hour><hour>13</hour><hour>4</hour></skipHours>", 90),
        ("<skipDays><day>Monday</day></skipDays>", 690),
        ("", None),
    ],
)  # fmt: skip
def test_a_feed_may_ask_to_be_left_alone(channel, minutes):
    found = read(rss(item(title="x"), channel))
    assert found.min_interval == (minutes and timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"", "not"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"hello", "not"),
        (b"\x00" * 5_000, "not"),
        (b"<?xml version='1.0'?><x/>", "not a feed"),
    ],
)
def test_what_is_no_feed_is_malformed_and_says_so(body, words):
    found = read(body)
    assert found.malformed
    assert words in found.message


def test_a_feed_cut_off_in_the_middle_keeps_what_came():
    body = rss("".join(item(title=f"t{n}", link=f"https://example.com/{n}") for n in range(10)))
    assert len(read(body[: len(body) // 2]).entries) >= 4


def test_a_feed_in_gb18030_is_read_as_such():
    body = '<?xml version="1.0" encoding="gb2312"?>' + rss(item(title="智谱AI完成融资"))
    assert read(body.encode("gb18030")).entries[0].title == "智谱AI完成融资"


BOMBS = {
    "items": rss(item(title="x", link="https://example.com/a") * 60_000).encode(),
    "attributes": rss("<item " + " ".join(f"a{n}='1'" for n in range(40_000)) + "/>").encode(),
    "depth": rss("<item>" + "<a>" * 100_000).encode(),
    "ampersands": rss("<item><title>" + "&" * 2_000_000).encode(),
    "brackets": b"<" * 1_000_000,
    "text": rss(item(description="a <b> &amp " * 300_000)).encode(),
    "page": b"<html><body>" + b"<p>hello <a href=x>y</a></p>" * 100_000,
    "entities": ('<!DOCTYPE r [<!ENTITY a "' + "x" * 60_000 + '">]>' + rss("&a;" * 9_000)).encode(),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_a_bomb_costs_seconds_at_most_and_never_raises(bomb):
    began = time.process_time()
    found = read(BOMBS[bomb])
    assert len(found.entries) <= MAX_ENTRIES
    assert time.process_time() - began < 6


SUITES = Path(__file__).parents[3].parent / "shared" / "suites" / "suites.tar.gz"


def material(folder):
    if not SUITES.exists():
        pytest.skip(f"{SUITES} is not here: this test reads feeds of other projects")
    with tarfile.open(SUITES) as archive:
        return {
            member.name: archive.extractfile(member).read()
            for member in archive
            if member.isfile() and f"{folder}/" in member.name
        }


def test_two_thousand_broken_feeds_raise_nothing_and_lose_no_item():
    files = material("feeds")
    assert len(files) > 2_000
    for name, body in files.items():
        wanted = len(feedparser.parse(body, response_headers={"content-location": URL}).entries)
        found = feed.read(body, URL, {}, NOW)
        assert len(found.entries) == wanted or name.endswith(".json"), name


def test_attacks_in_xml_expand_nothing():
    for body in material("xmlbombs").values():
        assert feed.read(body, URL, {}, NOW).entries == ()
