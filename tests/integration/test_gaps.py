"""What slips through a feed's window is noticed, shown, and fetched where the site lists it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.store import articles, frontier
from tests.fakes.origin import Origin, answer, rss
from tests.fakes.street import street


class Paper:
    """A newspaper whose feed shows the last three stories and whose sitemap shows all."""

    def __init__(self, origin: Origin) -> None:
        self.origin = origin
        self.stories: list[tuple[str, object]] = []

    def print(self, at, *names: str) -> None:
        for name in names:
            self.stories.append((name, at))
            page = f"<html><title>{name}</title><p>{name} is what happened. {'Words. ' * 60}</p>"
            self.origin.on(f"/{name}", answer(page))
        urls = [self.origin.url(f"/{name}") for name, _ in self.stories]
        self.origin.on("/feed", answer(rss(*urls[-3:]), content_type="application/rss+xml"))
        lines = "".join(
            f"<url><loc>{url}</loc><lastmod>{at.isoformat()}</lastmod></url>"
            for url, (_, at) in zip(urls, self.stories, strict=True)
        )
        ns = "http://www.sitemaps.org/schemas/sitemap/0.9"
        body = f'<?xml version="1.0"?><urlset xmlns="{ns}">{lines}</urlset>'
        self.origin.on("/news.xml", answer(body, content_type="application/xml"))

    def feed(self, options: str = "{}") -> str:
        url = self.origin.url("/feed")
        return f"  - {{name: paper, kind: feed, url: '{url}', options: {options}}}\n"


def titles(one) -> set[str]:
    return {row.article.title for row in one.asked(lambda conn: list(articles.listing(conn)))}


@pytest.mark.parametrize("named_by", ["robots", "option"])
async def test_a_gap_is_noted_filled_and_settled(tmp_path, named_by):
    async with Origin() as origin:
        paper = Paper(origin)
        place = origin.url("/news.xml")
        if named_by == "robots":
            origin.robots = f"User-agent: *\nSitemap: {place}\n".encode()
        options = f"{{backfill: '{place}'}}" if named_by == "option" else "{}"
        with street(tmp_path, paper.feed(options)) as one:
            paper.print(one.now - timedelta(hours=1), "one", "two", "three")
            await one.crawl()
            one.later(hours=2)
            paper.print(one.now, *(f"burst-{n}" for n in range(7)))
            tally = await one.crawl()
            (gap,) = one.log("gap")

    assert titles(one) >= {f"burst-{n}" for n in range(7)}
    assert gap.settled_at == one.now
    assert tally.gaps == {"paper": 4}
    assert one.state("paper").gaps == 1


async def test_what_a_backfill_brings_is_quiet_once_it_is_a_day_old(tmp_path):
    async with Origin() as origin:
        paper = Paper(origin)
        with street(tmp_path, paper.feed(f"{{backfill: '{origin.url('/news.xml')}'}}")) as one:
            paper.print(one.now - timedelta(hours=1), "one", "two", "three")
            await one.crawl()
            one.later(hours=40)
            paper.print(one.now - timedelta(hours=30), "stale")
            paper.print(one.now - timedelta(hours=2), "young", "a", "b", "c")
            await one.crawl()
            pages = {p.url.rpartition("/")[2]: p.quiet for p in one.asked(frontier.pages)}

    assert pages["stale"]
    assert not pages["young"]


async def test_a_gap_that_cannot_be_filled_stays_open(tmp_path):
    async with Origin() as origin:
        paper = Paper(origin)
        with street(tmp_path, paper.feed(f"{{backfill: '{origin.url('/broken.xml')}'}}")) as one:
            paper.print(one.now, "one", "two", "three")
            await one.crawl()
            one.later(hours=1)
            paper.print(one.now, "four", "five", "six", "seven")
            tally = await one.crawl()
            (gap,) = one.log("gap")

    assert gap.settled_at is None
    assert tally.gaps == {"paper": None}
    assert origin.paths().count("/broken.xml") == 1


async def test_overlap_is_no_gap(tmp_path):
    async with Origin() as origin:
        paper = Paper(origin)
        with street(tmp_path, paper.feed()) as one:
            paper.print(one.now, "one", "two", "three")
            await one.crawl()
            one.later(hours=1)
            paper.print(one.now, "four", "five")
            await one.crawl()

    assert one.log("gap") == []
    assert one.state("paper").overlap == pytest.approx(1 / 3)


@pytest.mark.parametrize("etag", ['"e"', 'W/"e"'], ids=["strong", "weak"])
async def test_a_gap_that_a_lying_304_has_hidden_is_filled_from_where_the_lie_began(tmp_path, etag):
    async with Origin() as origin:
        paper = Paper(origin)

        def lying(asked):
            known = asked.headers.get("if-none-match")
            body = rss(*(origin.url(f"/{name}") for name, _ in paper.stories[-3:]))
            return answer("", "304 Not Modified", etag=etag) if known else answer(body, etag=etag)

        with street(tmp_path, paper.feed(f"{{backfill: '{origin.url('/news.xml')}'}}")) as one:
            paper.print(one.now, "one", "two", "three")
            origin.on("/feed", lying)
            await one.crawl()
            for hour in range(26):
                one.later(hours=1)
                paper.print(one.now, f"hour-{hour}")
                origin.on("/feed", lying)
                await one.crawl()

    assert titles(one) >= {f"hour-{hour}" for hour in range(26)}
    assert one.state("paper").hash_mode
