"""A page with a title always gives an article, and the article says how good it is."""

import hashlib
import json
import time
from datetime import UTC, datetime

import pytest

from crawler import extract
from crawler.errors import ExtractError
from crawler.types import Entry, Quality

LONG = "The company will spend the money on research and on new offices in Milan and Osaka. " * 8


def ld(**fields):
    node = {"@context": "https://schema.org", "@type": "NewsArticle"} | fields
    return f'<script type="application/ld+json">{json.dumps(node)}</script>'


def test_an_article_is_read_whole_and_alone(make_page, story):
    head = ld(
        headline="Lumen Robotics raises $40 million",
        datePublished="2026-05-04T09:30:00+02:00",
        author=[{"@type": "Person", "name": "Ada Moretti"}, {"@type": "Person", "name": "Li Wei"}],
    )
    article = extract.read(make_page(story(head)))

    assert article.title == "Lumen Robotics raises $40 million"
    assert article.author == "Ada Moretti, Li Wei"
    assert article.published == datetime(2026, 5, 4, 7, 30, tzinfo=UTC)
    assert article.published_from == "json-ld"
    assert article.lang == "en"
    assert article.quality is Quality.OK
    assert article.body_from == "trafilatura"
    assert "Part 0" in article.text
    assert "Part 5" in article.text
    assert "Orchard Bank" not in article.text
    assert "Copyright" not in article.text
    assert len(article.content_hash) == 64


def test_the_same_words_have_the_same_hash_whatever_the_spacing():
    assert (
        extract.reading.content_hash("Ｌumen  raises\n$4m")
        == hashlib.sha256(b"lumen raises $4m").hexdigest()
    )


@pytest.mark.parametrize(
    ("head", "entry", "origin"),
    [
        (ld(articleBody=LONG), Entry(url="u"), "json-ld"),
        ("", Entry(url="u", content=f"<p>{LONG}</p>"), "feed"),
        ("", Entry(url="u", summary="Lumen raises 40 million dollars from Harbour."), "summary"),
        (
            '<meta property="og:description" content="Lumen raises money from Harbour Ventures.">',
            Entry(url="u"),
            "summary",
        ),
    ],
)
def test_a_page_without_a_body_falls_back_in_order(make_page, story, head, entry, origin):
    article = extract.read(make_page(story(head, "<p>Read on.</p>"), entry=entry))

    assert article.body_from == origin
    assert article.quality is (Quality.SHORT if origin == "summary" else Quality.OK)


def test_a_title_alone_is_kept(make_page):
    article = extract.read(
        make_page("<html><head><title>Orchard Bank sells bonds</title></head><body></body></html>")
    )

    assert (article.title, article.text, article.quality) == (
        "Orchard Bank sells bonds",
        "",
        Quality.SHORT,
    )


def test_a_title_from_the_feed_is_enough(make_page):
    article = extract.read(make_page(b"", entry=Entry(url="u", title="Orchard Bank sells bonds")))

    assert article.title == "Orchard Bank sells bonds"


def test_nothing_at_all_is_an_error(make_page):
    with pytest.raises(ExtractError, match="no title and no text"):
        extract.read(make_page(b"<html></html>"))


def test_plain_text_is_read_as_it_is(make_page):
    article = extract.read(
        make_page("Lumen raises money\n\n" + LONG, headers={"content-type": "text/plain"})
    )

    assert article.title == "Lumen raises money"
    assert article.quality is Quality.OK


def test_a_paywalled_teaser_says_so(make_page, story):
    head = ld(headline="H", isAccessibleForFree=False)
    article = extract.read(
        make_page(story(head, "<p>Lumen raised money on Monday, people said.</p>"))
    )

    assert article.quality is Quality.PAYWALLED


@pytest.mark.parametrize(
    "closing",
    [
        "Subscribe to continue reading.",
        "Contenuto riservato agli abbonati",
        "この記事は有料会員限定です",
        "订阅后继续阅读全文",
    ],
)
def test_a_body_that_ends_in_a_lock_is_paywalled(closing):
    assert (
        extract.quality.judge(f"Lumen raised money on Monday, people said. {closing}").quality
        is Quality.PAYWALLED
    )


def test_mojibake_is_garbled_and_the_feed_speaks_instead(make_page, story):
    broken = ("L'Ã©quipe dÃ©jÃ\xa0 prÃ©sente Ã\xa0 l'Ã©tranger a levÃ© des fonds. " * 10).join(
        ("<p>", "</p>")
    )
    entry = Entry(url="u", content=f"<p>{LONG}</p>")

    assert extract.quality.judge(broken).quality is Quality.GARBLED
    assert extract.read(make_page(story("", broken), entry=entry)).body_from == "feed"


def test_text_is_cut_at_the_cap(make_page, story):
    assert len(extract.read(make_page(story()), max_chars=300).text) == 300


@pytest.mark.parametrize(
    ("head", "headers", "expected"),
    [
        ('<meta name="robots" content="index, noarchive">', {}, {"noarchive"}),
        ("", {"x-robots-tag": "noarchive"}, {"noarchive"}),
        ('<meta name="tdm-reservation" content="1">', {}, {"tdm"}),
        ("", {"tdm-reservation": "1"}, {"tdm"}),
        ('<meta name="tdm-reservation" content="1">', {"tdm-reservation": "0"}, set()),
        ('<meta name="robots" content="index, follow, max-image-preview:none">', {}, set()),
    ],
)
def test_reserved_rights_travel_with_the_article(make_page, story, head, headers, expected):
    assert extract.read(make_page(story(head), headers=headers)).restrictions == expected


HOSTILE = {
    "40,000 attributes": "<div "
    + " ".join(f'a{n}="{n}"' for n in range(40_000))
    + f"><p>{LONG}</p></div>",
    "40,000 bare attributes": "<div "
    + " ".join(f"on{n}" for n in range(40_000))
    + f"><p>{LONG}</p></div>",
    "nested 50,000 deep": "<div>" * 50_000 + LONG,
    "unclosed comment": f"<p>{LONG}</p><!--" + "x" * 500_000,
    "50,000 open scripts": f"<p>{LONG}</p>" + "<script>" * 50_000,
    "a wall of angles": f"<p>{LONG}</p>" + "<" * 300_000,
    "NUL bytes": f"<p>{LONG}</p>".replace("e", "e\x00"),
    "10 MB of one word": f"<p>{LONG}</p><pre>" + "spam " * 2_000_000 + "</pre>",
    "200,000 elements": f"<p>{LONG}</p>" + "<b>x</b>" * 200_000,
    "deep JSON-LD": '<script type="application/ld+json">'
    + "[" * 100_000
    + f"</script><p>{LONG}</p>",
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_page_is_read_within_bounds(make_page, name):
    page = make_page(
        f"<html><head><title>Lumen raises</title></head><body>{HOSTILE[name]}</body></html>"
    )
    began = time.process_time()
    article = extract.read(page)

    assert article.title == "Lumen raises"
    assert time.process_time() - began < 4  # seconds; the pool's own limit is 10


def test_text_of_reads_documents_and_fragments(story):
    title, text = extract.text_of(story())

    assert title == "Lumen Robotics raises $40 million"
    assert "Part 5" in text
    assert extract.text_of(f"<p>{LONG}</p>")[1].startswith("The company will spend")
