"""An article that its outlet corrects is fetched again, conditionally, and not for ever."""

from __future__ import annotations

import pytest

from crawler import revisit
from crawler.store import articles, deals, frontier
from tests.fakes.origin import Origin, answer
from tests.fakes.street import street

WORDS = (
    "<p>Acme Robotics, a maker of warehouse robots based in Turin, has raised ${sum} million in a "
    "Series B round led by Northwind Ventures, the company said on Monday.</p>"
    "<p>The money will be used to hire engineers and open an office in Berlin.</p>"
)
CHAFF = "<p>The weather in the north was mild this week and will stay so, the service said.</p>"


class Outlet:
    """One article among others, its ETag and its feed."""

    def __init__(self, origin: Origin) -> None:
        self.origin, self.edition, self.sum, self.words = origin, 1, 40, WORDS
        self.title = "Acme Robotics raises $40 million"
        self.conditions: list[str | None] = []

    def print(self, churn: str = "") -> None:
        self.origin.on("/story", self._story)
        fillers = [f"Notes of the day {n}" for n in range(8)]
        for n in range(8):
            self.origin.on(f"/filler{n}", answer(f"<title>{fillers[n]}</title>{CHAFF}"))
        urls = [(f"/filler{n}", title + churn) for n, title in enumerate(fillers)]
        items = "".join(
            f"<item><title>{title}</title><link>{self.origin.url(path)}</link></item>"
            for path, title in [("/story", self.title + churn), *urls]
        )
        body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
        self.origin.on("/feed", answer(body, content_type="application/rss+xml"))

    def _story(self, asked) -> bytes:
        self.conditions.append(asked.headers.get("if-none-match"))
        etag = f'"e{self.edition}"'
        if asked.headers.get("if-none-match") == etag:
            return answer("", "304 Not Modified", etag=etag)
        words = self.words.replace("{sum}", str(self.sum))
        return answer(f"<title>{self.title}</title><article>{words}</article>", etag=etag)


@pytest.fixture
async def outlet(tmp_path):
    async with Origin() as origin:
        outlet = Outlet(origin)
        outlet.print()
        line = f"  - {{name: paper, kind: feed, every: 1h, url: '{origin.url('/feed')}'}}\n"
        with street(tmp_path, line) as one:
            await one.crawl(alert_first=True)
            yield outlet, one


def stored(one, outlet):
    return one.asked(articles.get, outlet.origin.url("/story"))


async def hourly(one, hours):
    for _ in range(hours):
        one.later(hours=1)
        await one.crawl()


async def test_a_corrected_article_becomes_a_revision_and_corrects_its_deal(outlet):
    outlet, one = outlet
    outlet.title, outlet.sum, outlet.edition = "Acme Robotics raises $45 million", 45, 2
    outlet.print()
    await hourly(one, 1)

    assert outlet.conditions == [None, '"e1"']
    assert stored(one, outlet).revision == 2
    assert "45 million" in stored(one, outlet).article.text
    (deal,) = one.asked(lambda conn: list(deals.listing(conn, deals.Filter())))
    assert deal.event.amount == 45_000_000


async def test_a_page_that_has_not_changed_after_all_costs_a_304_and_nothing_else(outlet):
    outlet, one = outlet
    outlet.title = "Acme Robotics raises $40 million from Northwind"
    outlet.print()
    await hourly(one, 1)
    (page,) = [p for p in one.asked(frontier.pages) if p.url.endswith("/story")]

    assert outlet.conditions == [None, '"e1"']
    assert stored(one, outlet).revision == 1
    assert (page.state, page.outcome) == ("done", "unchanged")


async def test_a_page_with_a_deal_is_looked_at_once_more_within_a_day(outlet):
    outlet, one = outlet
    await hourly(one, 30)

    assert outlet.conditions == [None, '"e1"']
    assert [path for path in outlet.origin.paths() if path == "/filler1"] == ["/filler1"]


async def test_titles_that_all_change_with_every_answer_bring_nothing_back(outlet):
    outlet, one = outlet
    for minute in range(4):
        outlet.print(churn=f" ({minute} comments)")
        one.later(hours=1)
        await one.crawl()

    assert outlet.conditions == [None]


async def test_a_304_that_nobody_asked_for_is_no_second_look(outlet):
    outlet, one = outlet
    outlet.origin.on("/late", answer("", "304 Not Modified"))
    items = f"<item><title>Late</title><link>{outlet.origin.url('/late')}</link></item>"
    body = f'<?xml version="1.0"?><rss version="2.0"><channel>{items}</channel></rss>'
    outlet.origin.on("/feed", answer(body, content_type="application/rss+xml"))
    await hourly(one, 1)
    outlet.origin.on("/late", answer(f"<title>Late</title>{CHAFF}"))
    await hourly(one, 1)

    assert one.asked(articles.get, outlet.origin.url("/late")) is not None


async def test_no_page_is_looked_at_for_ever(outlet):
    outlet, one = outlet
    for edition in range(2, 12):
        outlet.title, outlet.edition = (
            f"Acme Robotics raises $40 million, edition {edition}",
            edition,
        )
        outlet.print()
        await hourly(one, 1)

    assert 2 < len(outlet.conditions) <= 1 + revisit.MOST


async def test_an_article_of_last_week_is_left_alone(outlet):
    outlet, one = outlet
    await hourly(one, 7)
    one.later(days=4)
    outlet.title, outlet.edition = "Acme Robotics raises $45 million", 2
    outlet.print()
    await hourly(one, 1)

    assert len(outlet.conditions) == 2
