"""Alerts, sources and the live page, worked from the browser."""

from __future__ import annotations

import threading
import time

import requests

from crawler.store import frontier, outbox
from crawler.store.outbox import State
from tests.fakes.screen import NOW, tell
from tests.fakes.static import StaticSite

STORY = (
    "Fernwick Labs raises $64 million",
    "Fernwick Labs raised $64 million in a Series B round led by Northwind Ventures.",
)


def test_a_deal_arrives_on_the_open_page(desk, visit):
    page = visit(desk)
    page.locator(".live.on").wait_for()
    assert not page.locator(".card", has_text="Fernwick").count()
    tell(desk.house, *STORY)
    card = page.locator(".card", has_text="Fernwick Labs")
    card.wait_for()
    assert page.locator(".card").first.inner_text().startswith("Fernwick Labs")
    assert "US$64 million" in card.inner_text()


def test_the_stream_ends_with_the_server_and_resumes_without_a_gap(desk):
    tell(desk.house, *STORY)
    with requests.get(f"{desk.url}/events", headers={"Last-Event-ID": "1"}, stream=True) as stream:
        lines = (line for line in stream.iter_lines(decode_unicode=True) if line.startswith("data"))
        assert "figure" in next(lines)
        stopping = threading.Thread(target=desk.server.handle_exit, args=(15, None))
        began = time.monotonic()
        stopping.start()
        for _ in lines:
            pass
        assert time.monotonic() - began < 5
        stopping.join()


def test_an_alert_is_stopped_and_let_go_again(desk, visit):
    page = visit(desk, "/alerts")
    stop = page.locator("section:has(> #stop)")
    stop.get_by_label("By the rule").select_option("bonds")
    stop.get_by_label("Why").fill("the desk is away")
    stop.get_by_role("button", name="Stop").click()
    page.wait_for_url("**said=silenced**")
    with desk.house.store.read() as conn:
        (silence,) = outbox.silences(conn, NOW)
    assert (silence.matcher, silence.comment) == ({"rule": "bonds"}, "the desk is away")
    page.get_by_role("button", name="end it").click()
    page.wait_for_url("**said=unsilenced**")
    with desk.house.store.read() as conn:
        assert outbox.silences(conn, NOW) == []


def test_dead_letters_are_found_from_the_menu_and_sent_again(desk, visit):
    with desk.house.store.read() as conn:
        dead = {one.id for one in outbox.dead(conn)}
    page = visit(desk)
    assert page.locator("nav a", has_text="Alerts").locator(".badge").inner_text() == str(len(dead))
    page.get_by_role("link", name="not delivered").first.click()
    page.get_by_role("checkbox").first.check()
    page.get_by_role("button", name="Send again").click()
    page.wait_for_url("**said=requeued**")
    with desk.house.store.read() as conn:
        left = {one.id for one in outbox.dead(conn)}
        (sent,) = dead - left
        assert outbox.get(conn, sent)[0].state is State.PENDING


def test_a_dry_run_says_what_each_rule_would_do(site, visit):
    page = visit(site, "/alerts")
    page.get_by_role("link", name="try it").first.click()
    assert "rule=big" in page.url
    page.get_by_label("Over the last").select_option("30d")
    page.get_by_role("button", name="Try").click()
    verdicts = page.locator("tbody .state").all_inner_texts()
    assert {"send", "filtered"} <= set(verdicts)


def test_a_source_is_added_tested_paused_and_switched_off(desk, visit):
    with StaticSite({"lumen": b"<p>Lumen raises $40m</p>"}) as paper:
        page = visit(desk, "/sources")
        form = page.locator("section:has(> #add)")
        form.get_by_label("Name").fill("lumen-news")
        form.get_by_label("Address").fill(paper.feed)
        form.get_by_role("button", name="Add").click()
        page.wait_for_url("**/sources/lumen-news?said=added")
        page.get_by_role("button", name="Test now").click()
        page.locator("#h-check").wait_for()
        assert "1 entries" in page.locator("section.note").inner_text()
    for button, said in (("Pause", "paused"), ("Resume", "resumed"), ("Switch off", "switched")):
        page.goto("/sources/lumen-news")
        page.get_by_role("button", name=button, exact=True).click()
        page.wait_for_url(f"**said={said}")
    with desk.house.store.read() as conn:
        (source,) = [one for one, _ in frontier.sources(conn) if one.id == "lumen-news"]
    assert not source.enabled


def test_a_source_with_a_bad_name_is_refused_in_words(desk):
    token = desk.csrf("/sources")
    answer = desk.post(
        "/sources", data={"csrf": token, "name": "Bad Name", "url": "https://a.example/"}
    )
    assert answer.status_code == 400
    assert "lower-case" in answer.text
