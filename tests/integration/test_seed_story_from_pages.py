"""The story we are judged by, from the bytes of three outlets' pages: two deals, in every slot."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from crawler.classify import Classifier
from crawler.config import Watch
from crawler.demo.press import Press, outlets, stories
from crawler.extract import read
from crawler.reading import document
from crawler.types import DealType, Entry, Fetch, Page, Qualifier, Source, Status

NOW = datetime(2026, 3, 3, tzinfo=UTC)
SEED = ("zhipu-hangzhou", "zhipu-state-funds", "zhipu-zh")
WATCH = (Watch(name="Zhipu AI", aliases=("智谱AI", "智谱")), Watch(name="Baidu", aliases=("百度",)))


def page_of(ident: str) -> Page:
    printed = stories(NOW)
    story = next(one for one in printed if one.id == ident)
    outlet = next(one for one in outlets() if one.id == story.outlet)
    press = Press(outlet, "http://127.0.0.1:9", tuple(s for s in printed if s.outlet == outlet.id))
    body, media_type = press.page(story)
    source = Source(id=outlet.id, kind="feed", url=press.home, language=outlet.lang)
    fetch = Fetch(page_id=1, source=source, entry=Entry(url=press.url(story)), token="")
    headers = {"content-type": media_type}
    return Page(fetch=fetch, url=press.url(story), status=200, body=body, at=NOW, headers=headers)


@pytest.mark.parametrize("watchlist", [(), WATCH], ids=["no watchlist", "watched"])
@pytest.mark.parametrize("ident", SEED)
def test_two_deals_and_no_third(ident, watchlist):
    analysis = Classifier(watchlist).analyze(document(read(page_of(ident))))
    events = {event.type: event for event in analysis.events}
    funding, bond = events[DealType.FUNDING], events[DealType.BOND]

    assert len(analysis.events) == 2
    assert funding.company in {"Zhipu AI", "智谱AI"}
    assert (funding.amount, funding.currency) == (1_000_000_000, "CNY")
    assert funding.qualifier is Qualifier.OVER
    assert funding.amount_usd == 137_220_000
    assert len(funding.lead_investors) == 2
    assert funding.status in {Status.ANNOUNCED, Status.COMPLETED}
    assert bond.company in {"Baidu", "百度"}
    assert (bond.amount, bond.currency) == (10_000_000_000, "CNY")
    assert bond.amount_usd == 1_400_000_000
    assert bond.status is Status.PLANNED
    assert [kind.value for kind in bond.bond_types] == ["offshore"]
