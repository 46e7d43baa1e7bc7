"""Pages are kept as they came, read again without the network, and let go where rights say so."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from crawler import reprocess
from crawler.reading import Reading
from crawler.store import archive, articles, deals, frontier, upkeep
from crawler.types import Outcome
from tests.fakes.live import raisewire
from tests.fakes.origin import Origin, answer, rss
from tests.fakes.street import street

TITLE = "Corvid Robotics raises $85 million in Series C round"
SENTENCE = "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures."


def page(head: str = "", **headers: str) -> bytes:
    body = f"<article><h1>{TITLE}</h1><p>{SENTENCE}</p><p>{'It makes arms. ' * 30}</p></article>"
    return answer(f"<html><head><title>{TITLE}</title>{head}</head>{body}</html>", **headers)


def paper(origin: Origin, story: bytes) -> str:
    url = origin.on("/story", story)
    feed = origin.on("/feed", answer(rss(url), content_type="application/rss+xml"))
    return f"  - {{name: paper, kind: feed, url: '{feed}'}}\n"


def kept(one) -> list:
    return one.asked(lambda conn: list(archive.pages(conn)))


def the_article(one):
    (row,) = one.asked(lambda conn: list(articles.listing(conn)))
    return row


def the_deals(one) -> list:
    return one.asked(lambda conn: list(deals.listing(conn)))


async def test_a_page_is_kept_byte_for_byte_and_purged_after_its_time(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page())) as one:
            await one.crawl()
            (copy,) = kept(one)
            one.later(days=8)
            await one.house.writer.run(
                upkeep.purge,
                one.now,
                one.now,
                archived_before=one.now - one.house.config.archive,
            )
            left = kept(one)

    assert copy.body in page()
    assert SENTENCE.encode() in copy.body
    assert left == []


async def test_archive_0s_keeps_nothing(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page()), "archive: 0s\n") as one:
            await one.crawl()

            assert kept(one) == []
            assert the_article(one).article.text


@pytest.mark.parametrize(
    "story",
    [
        page('<meta name="robots" content="index, noarchive">'),
        page(x_robots_tag="noarchive"),
        page(tdm_reservation="1"),
        page('<meta name="tdm-reservation" content="1">'),
    ],
    ids=["noarchive", "x-robots-tag", "tdm header", "tdm meta"],
)
async def test_reserved_words_go_and_the_fact_with_its_proof_stays(tmp_path, story):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, story)) as one:
            await one.crawl()
            row = the_article(one)

            assert kept(one) == []
    (deal,) = the_deals(one)
    assert (row.article.text, row.article.title, bool(row.purged_at)) == ("", TITLE, True)
    assert row.article.url.endswith("/story")
    assert row.events
    assert deal.event.company == "Corvid Robotics"
    assert "85 million" in deal.event.evidence


async def test_a_site_that_reserves_its_words_in_tdmrep_json_is_asked_once_and_obeyed(tmp_path):
    rule = [{"location": "/*", "tdm-reservation": 1}]
    async with Origin() as origin:
        origin.on("/.well-known/tdmrep.json", answer(json.dumps(rule)))
        urls = [origin.on(f"/{n}", page(f"<meta name='n' content='{n}'>")) for n in range(3)]
        origin.on("/feed", answer(rss(*urls), content_type="application/rss+xml"))
        line = f"  - {{name: paper, kind: feed, url: '{origin.url('/feed')}'}}\n"
        with street(tmp_path, line) as one:
            await one.crawl()
            row = the_article(one)

            assert kept(one) == []
    assert (row.article.text, row.article.restrictions) == ("", frozenset({"tdm"}))
    assert [asked.path for asked in origin.asked].count("/.well-known/tdmrep.json") == 1


async def test_reading_again_changes_nothing_where_the_rules_are_the_same(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page())) as one:
            await one.crawl()
            before = the_deals(one)
            (copy,) = kept(one)
            reading = await one.reader.read(copy)
            change = await one.house.writer.run(reprocess.again, one.house.ingest, reading, one.now)

    assert change is None
    assert the_deals(one) == before


def with_amount(reading: Reading, **slots) -> Reading:
    (event, *_), analysis = reading.analysis.events, reading.analysis
    return replace(reading, analysis=replace(analysis, events=(replace(event, **slots),)))


async def test_another_reading_replaces_what_the_article_reported(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page())) as one:
            await one.crawl()
            (before,) = the_deals(one)
            (copy,) = kept(one)
            reading = await one.reader.read(copy)
            other = with_amount(reading, lead_investors=(), investors=("Northgate Ventures",))
            change = await one.house.writer.run(reprocess.again, one.house.ingest, other, one.now)
            (after,) = the_deals(one)

    assert change is not None
    assert after.id == before.id
    assert len(after.reports) == 1
    assert after.event.lead_investors == ()
    assert after.event.investors == ("Northgate Ventures",)


async def test_a_deal_that_nobody_reports_any_more_is_no_deal(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page())) as one:
            await one.crawl()
            (copy,) = kept(one)
            reading = await one.reader.read(copy)
            none = replace(reading, analysis=replace(reading.analysis, events=()))
            await one.house.writer.run(reprocess.again, one.house.ingest, none, one.now)

    assert the_deals(one) == []
    assert the_article(one).events == []


async def test_the_command_reads_what_was_unread_and_asks_nobody(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, page())) as one:
            one.now = one.house.clock()
            await one.crawl()
            row = the_article(one)
            await one.house.writer.run(articles.set_events, row.id, [])
    asked = len(origin.asked)
    arguments = ("reprocess", "--since", "9999d", "--json", "--config", f"{tmp_path}/config.yaml")
    dry = raisewire(*arguments, "--dry-run")
    done = raisewire(*arguments)
    again = raisewire(*arguments)

    assert "1 pages read again, 1 would change" in dry.stderr
    assert json.loads(done.stdout)["before"] == []
    assert "Corvid Robotics funding" in json.loads(done.stdout)["after"][0]
    assert "0 changed" in again.stderr
    assert len(origin.asked) == asked
    assert len(the_deals(one)) == 1


async def test_a_page_that_cannot_be_read_is_put_aside_after_three_tries(tmp_path):
    async with Origin() as origin:
        with street(tmp_path, paper(origin, answer("<html><body></body></html>"))) as one:
            origin.on(
                "/feed", answer(rss(origin.url("/story")).replace("<title>story</title>", ""))
            )
            for _ in range(5):
                await one.crawl()
                one.later(hours=1)
            (put_aside,) = one.asked(frontier.pages, Outcome.POISON)
            asked = origin.paths().count("/story")
            arguments = ("--config", f"{tmp_path}/config.yaml")
            listed = raisewire("sources", "pages", "--outcome", "poison", "--json", *arguments)
            shown = raisewire("sources", "raw", str(put_aside.id), *arguments)
            queued = raisewire("sources", "requeue", str(put_aside.id), *arguments)
            (again,) = one.asked(frontier.pages)

    assert (put_aside.state, put_aside.attempts, asked) == ("quarantined", 3, 3)
    assert json.loads(listed.stdout)["outcome"] == "poison"
    assert shown.stdout == "<html><body></body></html>"
    assert queued.returncode == 0
    assert (again.state, again.attempts) == ("queued", 0)
