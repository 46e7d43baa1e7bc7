"""Deals in a browser: filters, order, pages, and the sheet."""

from __future__ import annotations

import re

from tests.fakes.screen import a_deal


def _companies(page) -> list[str]:
    return page.locator("table.deals tbody th").all_inner_texts()


def test_filters_narrow_the_list_and_stay_in_the_form(site, visit):
    page = visit(site, "/deals")
    page.get_by_label("bond", exact=True).check()
    page.get_by_label("From US$").fill("100m")
    page.get_by_role("button", name="Filter").click()

    assert "type=bond" in page.url
    kinds = page.locator("table.deals tbody .kind").all_inner_texts()
    assert set(kinds) == {"bond"}
    assert page.get_by_label("From US$").input_value() == "100m"
    dollars = page.locator("table.deals tbody td:nth-child(5)").all_inner_texts()
    assert all(float(text.replace(",", "")) >= 100 for text in dollars)


def test_a_filter_that_makes_no_sense_is_named_and_left_out(site, visit):
    page = visit(site, "/deals?min_usd=plenty&type=lottery")
    said = page.get_by_role("alert").all_inner_texts()
    assert any("plenty" in one for one in said)
    assert any("lottery" in one for one in said)
    assert _companies(page)


def test_sums_sort_both_ways_and_pages_follow_one_another(site, visit):
    page = visit(site, "/deals")
    page.get_by_role("link", name="US$ m").click()
    first = page.locator("table.deals tbody td:nth-child(5)").all_inner_texts()
    page.get_by_role("link", name=re.compile("^Next")).click()
    second = page.locator("table.deals tbody td:nth-child(5)").all_inner_texts()
    numbers = [float(text.replace(",", "")) for text in first + second if text]
    assert numbers == sorted(numbers, reverse=True)
    assert len(first) == 50
    page.get_by_role("link", name="US$ m").click()
    assert page.locator("[aria-sort=ascending]").inner_text().startswith("US$ m")


def test_every_deal_is_on_exactly_one_page(site, visit):
    page, seen = visit(site, "/deals?sort=company"), []
    while True:
        seen += page.locator("table.deals tbody th a").evaluate_all("all => all.map(a => a.href)")
        more = page.locator("a[rel=next]")
        if not more.count():
            break
        more.click()
    assert len(seen) == len(set(seen))
    total = page.locator(".head .dim").inner_text()
    assert int(re.search(r"[\d,]+", total)[0].replace(",", "")) == len(seen)


def test_all_of_it_works_without_javascript(site, visit):
    page = visit(site, "/deals", java_script_enabled=False)
    page.get_by_label("funding", exact=True).check()
    page.get_by_role("button", name="Filter").click()
    assert set(page.locator("table.deals tbody .kind").all_inner_texts()) == {"funding"}
    assert not page.locator("button.theme").is_visible()


def test_a_sheet_proves_each_figure_and_names_every_source(site, visit):
    ident = a_deal(site.house, company="Lanting", min_usd=100_000_000)
    page = visit(site, f"/deals/{ident}")
    amount = page.get_by_role("row", name=re.compile("^Amount"))
    assert "1,000,000,000" in amount.inner_text()
    assert amount.locator("q").inner_text()
    assert page.locator("#status + p").is_visible()
    assert page.locator(".timeline li").count() >= 2
    assert page.locator("section:has(#h-sources) tbody tr").count() >= 5
    assert page.locator("svg.map a").count() >= 1


def test_outlets_that_disagree_stand_side_by_side(site, visit):
    with site.house.store.read() as conn:
        from crawler.store import doubts

        ident = doubts.queue(conn, "conflict", 1)[0]
    page = visit(site, f"/deals/{ident}#conflicts")
    assert page.locator(".sides figure").count() >= 2
    quotes = page.locator(".sides blockquote").all_inner_texts()
    assert all(quotes)


def test_the_sheet_as_it_was_known_is_another_one(site, visit):
    page = visit(site, f"/deals/{a_deal(site.house, company='Lanting', min_usd=100_000_000)}")
    page.get_by_role("link", name="the sheet as of then").first.click()
    assert "as known on" in page.locator(".crumb").inner_text()
    assert page.locator(".timeline li").count() == 1


def test_paper_has_the_sheet_without_the_menu(site, visit):
    page = visit(site, f"/deals/{a_deal(site.house, company='Lanting', min_usd=100_000_000)}")
    page.emulate_media(media="print")
    assert not page.locator(".top").is_visible()
    assert not page.locator("#review").is_visible()
    assert page.locator(".facts").is_visible()
