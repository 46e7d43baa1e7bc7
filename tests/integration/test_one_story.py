"""One story is one deal and one alert, however many addresses, names and days it goes by."""

from __future__ import annotations

from datetime import timedelta
from email.utils import format_datetime

import pytest

from crawler.store import articles, deals, outbox
from tests.fakes.origin import Origin, answer
from tests.fakes.street import street

TITLE = "Corvid Robotics raises $85 million in Series C round"
SENTENCE = "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures."
ALERTS = (
    'channels: {desk: {type: webhook, url: "http://127.0.0.1:9/"}}\n'
    "alerts: [{name: all, to: [desk]}]\n"
)


class Paper:
    """A newspaper that prints one story over and over."""

    def __init__(self, origin: Origin, now) -> None:
        self.origin, self.now = origin, now
        self.items: list[tuple[str, str, str]] = []  # path, guid, title

    def page(self, path: str, title: str = TITLE, more: str = "", head: str = "") -> str:
        words = f"<p>{SENTENCE}</p><p>{'It makes arms for small workshops. ' * 20}{more}</p>"
        body = f"<article><h1>{title}</h1>{words}</article>"
        self.origin.on(path, answer(f"<html><title>{title}</title>{head}<body>{body}</html>"))
        return self.origin.url(path)

    def feed(self, *items: tuple[str, str, str]) -> None:
        lines = "".join(
            f"<item><title>{title}</title><link>{url.replace('&', '&amp;')}</link>"
            f"<guid isPermaLink='false'>{guid}</guid>"
            f"<pubDate>{format_datetime(self.now, usegmt=True)}</pubDate></item>"
            for url, guid, title in items
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{lines}</channel></rss>'
        self.origin.on("/feed", answer(body, content_type="application/rss+xml"))

    def source(self, name: str = "paper", path: str = "/feed") -> str:
        return f"  - {{name: {name}, kind: feed, url: '{self.origin.url(path)}'}}\n"


def counted(one) -> tuple[int, int, int]:
    """Return how many articles, deals and pending alerts there are."""
    found = one.asked(lambda conn: len(list(articles.listing(conn))))
    return found, len(one.asked(lambda c: list(deals.listing(c)))), len(one.asked(outbox.listing))


@pytest.fixture
async def paper(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, Paper(origin, None).source(), ALERTS) as one:
            made = Paper(origin, one.now)
            made.one = one
            made.feed()
            await one.crawl()
            one.later(hours=1)
            yield made


async def test_a_guid_that_changes_with_every_poll_is_no_news(paper):
    url = paper.page("/story")
    for n in range(5):
        paper.feed((url, f"guid-{n}", TITLE))
        await paper.one.crawl()

    assert counted(paper.one) == (1, 1, 1)
    assert paper.origin.paths().count("/story") == 1


async def test_a_title_that_changes_is_no_news(paper):
    url = paper.page("/story")
    for n in range(5):
        paper.feed((url, "guid", f"{TITLE} ({n} min ago)"))
        await paper.one.crawl()

    assert counted(paper.one) == (1, 1, 1)
    assert paper.origin.paths().count("/story") == 1


async def test_one_address_in_many_spellings_is_fetched_once(paper):
    url = paper.page("/story")
    marks = ("", "?utm_source=rss&utm_medium=feed", "?fbclid=IwAR0", "#comments", "?gclid=9",
             "?utm_campaign=a&utm_term=b", "?ref=rss", "?mc_cid=1&mc_eid=2")  # fmt: skip
    paper.feed(*((url + mark, mark, TITLE) for mark in marks))
    for path in ("/story?utm_source=rss&utm_medium=feed", "/story?ref=rss"):
        paper.page(path)
    await paper.one.crawl()

    assert counted(paper.one)[1:] == (1, 1)
    assert sum(path.startswith("/story") for path in paper.origin.paths()) <= 2


async def test_twenty_addresses_of_one_story_are_one_article_one_deal_one_alert(paper):
    urls = [paper.page(f"/section-{n}/story-{n}.html") for n in range(20)]
    paper.feed(*((url, url, TITLE) for url in urls))
    await paper.one.crawl()

    assert counted(paper.one) == (1, 1, 1)


async def test_twenty_addresses_that_name_one_canonical_are_one_article(paper):
    head = f'<link rel="canonical" href="{paper.origin.url("/story")}">'
    urls = [paper.page(f"/v/{n}", more=f" Edition {n}.", head=head) for n in range(20)]
    paper.feed(*((url, url, TITLE) for url in urls))
    await paper.one.crawl()

    assert counted(paper.one) == (1, 1, 1)


async def test_a_story_that_was_edited_is_a_revision_and_no_second_alert(paper):
    head = f'<link rel="canonical" href="{paper.origin.url("/story")}">'
    paper.feed((paper.page("/story?v=1", head=head), "1", TITLE))
    await paper.one.crawl()
    edited = paper.page("/story?v=2", more=" Correction: it makes legs, too.", head=head)
    paper.feed((edited, "2", TITLE))
    await paper.one.crawl()
    (row,) = paper.one.asked(lambda conn: list(articles.listing(conn)))

    assert row.revision == 2
    assert counted(paper.one) == (1, 1, 1)


async def test_an_old_story_with_a_future_date_and_a_fresh_date_is_told_once(paper):
    url = paper.page("/story")
    for days in (0, 400, -1):
        paper.now += timedelta(days=days)
        paper.feed((url, f"{days}", TITLE))
        await paper.one.crawl()

    assert counted(paper.one) == (1, 1, 1)
