"""The reader's own: theme, zone, numbers, keys."""

from __future__ import annotations

import re


def _ground(page) -> str:
    return page.evaluate("getComputedStyle(document.documentElement).backgroundColor")


def test_dark_follows_the_system_and_the_switch_wins_and_stays(site, visit):
    page = visit(site, "/deals", color_scheme="dark")
    dark = _ground(page)
    page.get_by_role("button", name="Light").click()
    light = _ground(page)
    assert dark != light
    page.goto("/sources")
    assert _ground(page) == light


def test_times_are_in_the_readers_zone(site, visit):
    page = visit(site, "/deals", timezone_id="Asia/Tokyo")
    first = page.locator("table.deals time").first
    utc = first.get_attribute("title")
    hours = (int(first.inner_text()[11:13]) - int(utc[11:13])) % 24
    assert hours == 9
    assert page.locator(".zone").inner_text() == "Asia/Tokyo"


def test_numbers_are_as_the_reader_writes_them(site, visit):
    shown = {
        locale: visit(site, "/deals?sort=amount_usd", locale=locale)
        .locator("table.deals tbody td:nth-child(5)")
        .first.inner_text()
        for locale in ("en-GB", "de-DE", "fr-FR")
    }
    assert re.fullmatch(r"[\d,]+\.\d", shown["en-GB"])
    assert re.fullmatch(r"[\d.]+,\d", shown["de-DE"])
    assert shown["fr-FR"] not in {shown["en-GB"], shown["de-DE"]}


def test_keys_move_open_and_search(site, visit):
    page = visit(site, "/deals")
    page.keyboard.press("j")
    page.keyboard.press("j")
    company = page.locator("tr.here th").inner_text()
    page.keyboard.press("Enter")
    page.wait_for_url("**/deals/*")
    assert company in page.locator("h1").inner_text()
    page.keyboard.press("g")
    page.keyboard.press("s")
    page.wait_for_url("**/sources")
    page.keyboard.press("/")
    page.keyboard.type("AI")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search?q=AI")
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    assert page.get_by_role("dialog").is_visible()


def test_search_finds_every_script_and_marks_it(site, visit):
    for words in ("raised", "融资", "社債", "투자"):
        page = visit(site, f"/search?q={words}")
        marks = page.locator("mark").all_inner_texts()
        assert marks, words
        assert {mark.lower() for mark in marks} == {words}


def test_charts_are_drawn_and_come_as_picture_and_as_figures(site, visit):
    page = visit(site, "/trends")
    for picture in page.locator(".chart img").all():
        picture.scroll_into_view_if_needed()
    page.wait_for_load_state("networkidle")
    sizes = page.locator(".chart img").evaluate_all("all => all.map(i => i.naturalWidth)")
    assert min(sizes) > 200
    png = page.request.get("/charts/weekly-type.png")
    assert png.body().startswith(b"\x89PNG")
    table = page.request.get("/charts/companies.csv").text()
    assert table.splitlines()[0] == ",US dollars"
    assert len(table.splitlines()) > 5


def test_settings_show_no_secret(site, visit):
    page = visit(site, "/settings")
    text = page.content()
    assert "channels" in text
    assert "canary-secret" not in text
