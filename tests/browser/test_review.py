"""A person's word, said in the browser, is in the database with her name."""

from __future__ import annotations

import getpass
import re

import pytest

from crawler.store import deals, doubts, outbox, reviews
from crawler.types import Review, Status
from tests.fakes.screen import NOW, a_deal


def _deal(live, ident):
    with live.house.store.read() as conn:
        return deals.get(conn, ident)


def _queue(live) -> list[str]:
    with live.house.store.read() as conn:
        return doubts.queue(conn, None, 1000)


def test_the_queue_is_worked_through_by_keyboard(desk, visit):
    page, waiting = visit(desk, "/review"), _queue(desk)
    first, second = waiting[:2]
    assert page.locator(".case.here a").first.get_attribute("href") == f"/deals/{first}"
    page.keyboard.press("c")
    page.wait_for_url("**said=confirmed**")
    assert _deal(desk, first).review is Review.CONFIRMED
    assert page.locator(".case.here a").first.get_attribute("href") == f"/deals/{second}"

    page.keyboard.press("x")
    page.keyboard.type("a survey, no deal")
    page.keyboard.press("Enter")
    page.wait_for_url("**said=rejected**")
    assert _deal(desk, second).review is Review.REJECTED
    assert len(_queue(desk)) == len(waiting) - 2
    with desk.house.store.read() as conn:
        said = reviews.decisions(conn)
    assert [(one.who, one.action, one.reason) for one in said] == [
        (getpass.getuser(), "confirm", ""),
        (getpass.getuser(), "reject", "a survey, no deal"),
    ]


def test_a_correction_changes_only_what_was_edited_and_can_be_taken_back(desk, visit):
    ident = a_deal(desk.house, company="Lanting", min_usd=100_000_000)
    before = _deal(desk, ident).event
    page = visit(desk, f"/deals/{ident}")
    page.get_by_text("Correct e").click()
    page.get_by_label("Amount").fill("1.2bn")
    page.get_by_label("Status").select_option("completed")
    page.get_by_role("button", name="Correct").click()
    page.wait_for_url("**said=corrected**")
    after = _deal(desk, ident).event
    assert (after.amount, after.status) == (1_200_000_000, Status.COMPLETED)
    assert (after.company, after.currency, after.lead_investors) == (
        before.company, before.currency, before.lead_investors,
    )  # fmt: skip

    page.get_by_role("button", name="undo").click()
    page.wait_for_url("**said=undone**")
    assert _deal(desk, ident).event.amount == before.amount


def test_a_sum_that_is_none_is_refused_in_words(desk, visit):
    page = visit(desk, f"/deals/{a_deal(desk.house, company='Lanting')}")
    page.get_by_text("Correct e").click()
    page.get_by_label("Amount").fill("lots")
    page.get_by_role("button", name="Correct").click()
    assert page.locator("h1").inner_text() == "That cannot be done"
    assert "lots" in page.locator(".empty").inner_text()


def test_two_deals_are_merged_and_an_article_is_split_off(desk, visit):
    ident = a_deal(desk.house, company="Lanting", min_usd=100_000_000)
    whole = _deal(desk, ident)
    page = visit(desk, f"/deals/{ident}")
    page.get_by_text("Split s").click()
    page.get_by_role("checkbox").last.check()
    page.get_by_role("button", name="Split").click()
    page.wait_for_url("**said=split**")
    gone = whole.reports[-1].url
    assert gone not in {report.url for report in _deal(desk, ident).reports}
    with desk.house.store.read() as conn:
        (other,) = [d for d in deals.listing(conn) if gone in {r.url for r in d.reports}]

    page.goto(f"/deals/{ident}")
    page.get_by_text("Merge m").click()
    page.get_by_label(re.compile("^With")).select_option(other.id)
    page.get_by_role("button", name="Merge").click()
    page.wait_for_url("**said=merged**")
    kept = [d for d in (_deal(desk, ident), _deal(desk, other.id)) if d.merged_into is None]
    assert {report.url for report in whole.reports} <= {report.url for report in kept[0].reports}
    page.goto(f"/deals/{ident if kept[0].id != ident else other.id}")
    assert kept[0].id in page.url


def test_mute_silences_the_company(desk, visit):
    deal = _deal(desk, a_deal(desk.house, company="Lanting"))
    page = visit(desk, f"/deals/{deal.id}#mute")
    page.get_by_role("button", name="Mute").click()
    page.wait_for_url("**said=muted**")
    with desk.house.store.read() as conn:
        (silence,) = outbox.silences(conn, NOW)
    assert silence.matcher == {"company": deal.event.company}
    assert silence.author == getpass.getuser()


@pytest.mark.parametrize("where", ["//evil.example", "https://evil.example", "/\\evil.example"])
def test_nobody_is_sent_elsewhere_after_an_act(desk, where):
    ident = a_deal(desk.house)
    token = desk.csrf(f"/deals/{ident}")
    answer = desk.post(f"/deals/{ident}/confirm", data={"csrf": token, "then": where})
    assert answer.headers["location"] == "/?said=confirmed"
