"""Feeds as they come off strange servers: zipped, wide, broken, or spelled in odd ways."""

import gzip
import zlib
from datetime import UTC, datetime

import pytest

from spiders import feed
from spiders.unwrapping import MAX_BYTES, unwrap

NOW = datetime(2026, 3, 2, 12, 30, tzinfo=UTC)
URL = "https://example.com/feeds/feed.xml"
ITEM = "<item><title>Kraken 完成融资</title><link>https://example.com/a</link></item>"
RSS = f'<rss version="2.0"><channel><title>T</title>{ITEM}</channel></rss>'
JSON = (
    '{"version": "https://jsonfeed.org/version/1.1",'
    ' "items": [{"id": "1", "url": "https://example.com/a", "title": "Kraken 完成融资"}]}'
)


def read(body, content_type="application/xml"):
    return feed.read(body, URL, {"content-type": content_type}, NOW)


def entries(body, content_type="application/xml"):
    return [(entry.url, entry.title) for entry in read(body, content_type).entries]


WANTED = [("https://example.com/a", "Kraken 完成融资")]


@pytest.mark.parametrize("pack", [gzip.compress, zlib.compress], ids=["gzip", "zlib"])
@pytest.mark.parametrize("text", [RSS, JSON], ids=["xml", "json"])
def test_a_body_that_is_zipped_without_a_word(pack, text):
    assert entries(pack(text.encode())) == WANTED


@pytest.mark.parametrize("wide", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("declared", ['<?xml version="1.0" encoding="UTF-16"?>', ""])
def test_a_wide_encoding_with_and_without_mark_or_declaration(wide, declared):
    assert entries((declared + RSS).encode(wide), "text/xml; charset=utf-16") == WANTED


@pytest.mark.parametrize("wide", ["utf-16", "utf-16-le", "utf-16-be"])
def test_json_in_a_wide_encoding(wide):
    assert entries(JSON.encode(wide), "application/feed+json") == WANTED


def test_a_bomb_in_utf_16_is_tamed_as_any_other():
    bomb = f'<!DOCTYPE r [<!ENTITY a "{"x" * 60_000}">]>' + RSS.replace("Kraken", "&a;" * 3_000)
    found = read(bomb.encode("utf-16"))
    assert sum(len(entry.title) for entry in found.entries) < 100_000


def test_a_zipped_bomb_is_nothing():
    assert unwrap(gzip.compress(b"<rss>" + b" " * (MAX_BYTES + 1))) == b""


def test_one_broken_byte_does_not_cost_the_page_its_letters():
    broken = RSS.encode().replace(b"Kraken", b"Kra\xffken")
    assert entries(broken) == [("https://example.com/a", "Kra\ufffdken 完成融资")]


def test_a_body_that_says_it_is_latin_1_is_not_mended():
    body = '<?xml version="1.0" encoding="iso-8859-1"?>' + RSS.replace("完成融资", "lève")
    assert entries(body.encode("latin-1")) == [("https://example.com/a", "Kraken lève")]


def test_white_space_and_a_mark_before_the_declaration():
    assert entries(b'\xef\xbb\xbf\r\n  <?xml version="1.0"?>' + RSS.encode()) == WANTED


def test_xml_1_1_and_words_before_and_after():
    assert entries(('<?xml version="1.1"?>' + RSS).encode()) == WANTED
    assert entries(("Warning: x()\n" + RSS + "<script>1</script>").encode()) == WANTED


@pytest.mark.parametrize(
    "link",
    [
        '<link href="/a"/>',
        '<link rel="" href="/a"/>',
        '<link rel="ALTERNATE" href="/a"/>',
        '<link rel="http://www.iana.org/assignments/relation/alternate" href="/a"/>',
        '<link rel="self" href="/self"/><link rel="edit" href="/e"/><link href="/a"/>',
        '<link xml:base="https://example.com/deep/" href="../a"/>',
    ],
)
def test_an_atom_entry_without_an_id_is_known_by_its_page(link):
    body = f'<feed xmlns="http://www.w3.org/2005/Atom"><entry><title>A</title>{link}</entry></feed>'
    assert entries(body.encode()) == [("https://example.com/a", "A")]


@pytest.mark.parametrize("link", ["self", "edit", "replies", "enclosure"])
def test_links_that_are_no_page_are_none(link):
    entry = f'<entry><title>A</title><link rel="{link}" href="/a"/></entry>'
    body = f'<feed xmlns="http://www.w3.org/2005/Atom">{entry}</feed>'
    assert entries(body.encode()) == [("", "A")]


def test_a_base_within_a_base():
    body = (
        '<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://base.example/root/">'
        '<entry xml:base="deep/"><title>A</title><link href="x"/></entry></feed>'
    )
    assert entries(body.encode()) == [("https://base.example/root/deep/x", "A")]


@pytest.mark.parametrize(
    "inside",
    [
        "<m:title>Other</m:title><title>A</title>",
        "<title>A</title><m:content url='/p.jpg'><m:title>Other</m:title></m:content>",
        "<title>A</title><image><link>/img</link><title>Other</title></image>",
    ],
)
def test_titles_of_pictures_are_not_the_articles(inside):
    body = (
        '<rss version="2.0" xmlns:m="http://search.yahoo.com/mrss/"><channel>'
        f"<item>{inside}<link>https://example.com/a</link></item></channel></rss>"
    )
    assert entries(body.encode()) == [("https://example.com/a", "A")]


@pytest.mark.parametrize(
    "link",
    [
        "<![CDATA[ https://example.com/a?x=1&y=2 ]]>",
        "https://example.com/a?x=1&y=2",
        "https://example.com/a?x=1&amp;y=2",
        "\n  https://example.com/a?x=1&amp;y=2\n",
    ],
)
def test_a_link_however_it_is_escaped(link):
    body = RSS.replace("https://example.com/a", link)
    assert entries(body.encode())[0][0] == "https://example.com/a?x=1&y=2"


@pytest.mark.parametrize(
    "version",
    [
        "https://jsonfeed.org/version/1",
        "http://jsonfeed.org/version/1.1",
        "https://www.jsonfeed.org/version/1.1/",
    ],
)
def test_versions_of_json_feed(version):
    body = JSON.replace("https://jsonfeed.org/version/1.1", version)
    assert entries(body.encode(), "application/json") == WANTED


def test_json_feed_of_another_century_is_none():
    body = JSON.replace("version/1.1", "version/2")
    assert read(body.encode(), "application/json").malformed
