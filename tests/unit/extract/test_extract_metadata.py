# ruff: noqa: E501 - sentences and pages are kept whole
"""What a page says about itself, however it says it."""

import json

import pytest

from crawler import extract
from crawler.extract import jsonld, metadata
from crawler.extract.language import identify
from crawler.extract.page import parse
from crawler.resolve import similarity
from crawler.types import Entry

ARTICLE = {
    "@type": "NewsArticle",
    "headline": "Lumen raises $40 million",
    "datePublished": "2026-05-04T09:30:00Z",
}


@pytest.mark.parametrize(
    "script",
    [
        json.dumps(ARTICLE),
        json.dumps([{"@type": "WebSite"}, ARTICLE]),
        json.dumps({"@graph": [{"@type": "Organization", "name": "X"}, ARTICLE]}),
        json.dumps({"@type": "WebPage", "mainEntity": ARTICLE}),
        json.dumps(ARTICLE | {"@type": ["ReportageNewsArticle", "Article"]}),
        json.dumps(ARTICLE)[:-1] + ",}",
        "<!--" + json.dumps(ARTICLE) + "-->",
        "//<![CDATA[\n" + json.dumps(ARTICLE) + "\n//]]>",
        json.dumps(ARTICLE) + ";",
        json.dumps(ARTICLE) + json.dumps({"@type": "Thing"}),
        '{"@type": "NewsArticle", "headline": "Lumen raises $40 million", "datePublished": "2026-05-04T09:30:00Z", "description": "a "quoted" word", }',
        json.dumps(ARTICLE | {"description": "tab"}).replace("tab", "a\tb\nc"),
    ],
)
def test_json_ld_is_read_in_every_dress(script):
    node = jsonld.article(jsonld.nodes([script]))

    assert node is not None
    assert jsonld.text(node["headline"]) == "Lumen raises $40 million"
    assert node["datePublished"].startswith("2026-05-04")


@pytest.mark.parametrize("script", ["", "null", "[]", "{", '"text"', "[" * 5000, "{}{}{"])
def test_senseless_json_ld_gives_no_article(script):
    assert jsonld.article(jsonld.nodes([script])) is None


def title(head, body="", entry=""):
    parsed = parse(f"<html><head>{head}</head><body><p>{body}</p></body></html>")
    node = jsonld.article(jsonld.nodes(parsed.json_ld)) or {}
    return metadata.title(parsed, node, Entry(url="", title=entry))


def test_the_sites_name_is_no_part_of_a_title():
    assert (
        title("<title>Lumen raises $40m | The Ledger</title>", "<h1>Lumen raises $40m</h1>")
        == "Lumen raises $40m"
    )
    assert (
        title(
            '<title>Lumen raises $40m - The Ledger</title><meta property="og:site_name" content="The Ledger">'
        )
        == "Lumen raises $40m"
    )


def test_a_dash_of_the_headline_itself_stays():
    assert (
        title('<meta property="og:title" content="Lumen - a robot maker - raises $40m">')
        == "Lumen - a robot maker - raises $40m"
    )


def test_two_witnesses_outvote_one():
    head = '<meta property="og:title" content="You won&#39;t believe this round"><title>Lumen raises $40m</title>'

    assert title(head, "<h1>Lumen raises $40m</h1>") == "Lumen raises $40m"


def test_a_cut_headline_is_made_whole():
    head = '<meta property="og:title" content="Lumen Robotics raises 40 million…">'

    assert (
        title(head, "<h1>Lumen Robotics raises 40 million dollars</h1>")
        == "Lumen Robotics raises 40 million dollars"
    )


def test_entities_escaped_twice_are_undone():
    assert (
        title('<meta property="og:title" content="Food &amp;amp; Co raises money">')
        == "Food & Co raises money"
    )


def test_the_feeds_title_is_the_last_resort():
    assert title("", entry="Lumen raises money") == "Lumen raises money"


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        ('<link rel="canonical" href="/lumen">', "https://news.example/lumen"),
        ('<link rel="canonical" href="https://news.example/">', ""),
        ('<link rel="canonical" href="javascript:alert(1)">', ""),
        (
            '<meta property="og:url" content="https://news.example/a?id=1">',
            "https://news.example/a?id=1",
        ),
        ("", ""),
    ],
)
def test_the_canonical_address_is_absolute_or_none(head, expected):
    parsed = parse(f"<html><head>{head}</head><body><p>x</p></body></html>")

    assert metadata.canonical(parsed, "https://news.example/2026/x.html") == expected


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            '<meta property="article:published_time" content="2026-05-04T09:30:00+02:00">',
            ("2026-05-04T07:30:00+00:00", "meta"),
        ),
        (
            '<time datetime="2026-05-04T09:30:00+02:00">Monday</time>',
            ("2026-05-04T07:30:00+00:00", "meta"),
        ),
        (
            '<span itemprop="datePublished" content="2026-05-04"></span>',
            ("2026-05-04T00:00:00+00:00", "meta"),
        ),
        (
            '<div class="pub-date">2026年5月4日 09:30</div>',
            ("2026-05-04T01:30:00+00:00", "text"),
        ),
        ("", ("2026-05-10T12:00:00+00:00", "first-seen")),
    ],
)
def test_the_instant_comes_with_its_provenance(make_page, head, expected):
    page = make_page(
        f"<html><head><title>Lumen</title></head><body>{head}<p>x</p></body></html>",
        url="https://news.example/lumen",
        country="CN",
    )
    article = extract.read(page)

    assert (article.published.isoformat(), article.published_from) == expected


@pytest.mark.parametrize(
    ("text", "claimed", "expected"),
    [
        ("公司宣布完成新一轮融资，金额超过十亿元", "en", "zh"),
        ("同社は、シリーズBで30億円を調達したと発表した", "zh", "ja"),
        ("회사는 시리즈 B 투자를 유치했다고 밝혔다", "en", "ko"),
        ("Lumen raises", "it", "it"),
        (
            "La società ha annunciato che il round è stato guidato da un fondo con sede a Milano, e che i capitali saranno usati per la ricerca e anche per nuove assunzioni nel corso del prossimo anno.",
            "en",
            "it",
        ),
        ("", "", "und"),
    ],
)
def test_the_text_knows_its_language_better_than_the_page(text, claimed, expected):
    assert identify(text, claimed) == expected


def test_a_syndicated_copy_is_recognised_and_another_story_is_not():
    zh = (
        "智谱完成新一轮融资，金额超过十亿元人民币，由杭州城投产业基金领投，资金将用于大模型研发。"
        * 3
    )
    en = " ".join(f"word{n}" for n in range(300))

    assert similarity(extract.sketch(zh), extract.sketch("来源：某网 " + zh)) > 0.7
    assert similarity(extract.sketch(en), extract.sketch(en + " By a reporter in Milan")) > 0.8
    assert similarity(extract.sketch(en), extract.sketch(zh)) < 0.1
    assert len(extract.sketch(en)) == 64
    assert extract.sketch("") == ()
