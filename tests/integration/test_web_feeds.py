"""Deals for feed and calendar readers: real parsers read them, hostile names and all."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import feedparser
import icalendar
import pytest

from crawler.types import DealType, Review, Revision, Status, Tranche
from crawler.web.calendar import escaped, fold
from tests.fakes.web import LiveWeb, stocked

RULES = [{"name": "bonds", "when": {"type": "bond"}, "to": ["desk"]}]
DESK = {"desk": {"type": "command", "argv": ["true"]}}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    return stocked(tmp_path_factory.mktemp("web") / "news.db")


@pytest.fixture
def web(url, nouns):
    clock = nouns.later(days=1)
    with LiveWeb(
        url, lambda: clock, alerts=RULES, channels=DESK, dashboard_url="https://desk.example/"
    ) as live:
        yield live


@pytest.mark.parametrize(("form", "version"), [("rss", "rss20"), ("atom", "atom10")])
def test_a_feed_reader_reads_every_deal(web, form, version):
    got = web.get(f"/feeds/deals.{form}")
    read = feedparser.parse(
        got.content, response_headers={"content-type": got.headers["Content-Type"]}
    )

    assert (read.version, read.bozo) == (version, 0)
    assert len(read.entries) == 3
    lumen = next(one for one in read.entries if "Lumen" in one.title)
    assert lumen.title == "Lumen Robotics: US$40 million, series b, announced"
    assert lumen.link.startswith("https://desk.example/deals/")
    assert "Northwind Ventures" in lumen.summary
    assert got.headers["Content-Type"].startswith(f"application/{form}+xml")


def test_a_json_feed_says_the_same(web):
    feed = web.get("/feeds/deals.json?type=bond").json()

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert [item["title"].partition(":")[0] for item in feed["items"]] == ["Baltica Grid"]
    assert feed["feed_url"] == "https://desk.example/feeds/deals.json?type=bond"


def test_a_rule_of_the_config_is_a_saved_filter(web):
    kept = web.get("/feeds/deals.json?rule=bonds").json()

    assert [item["title"].partition(":")[0] for item in kept["items"]] == ["Baltica Grid"]
    assert web.get("/feeds/deals.json?rule=nothing").status_code == 404
    assert web.get("/feeds/deals.json?rul=bonds").status_code == 422


def test_a_reader_that_has_it_gets_no_body(web):
    for path in ("/feeds/deals.atom", "/calendar/bonds.ics"):
        tag = web.get(path).headers["ETag"]
        assert web.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_a_calendar_has_pricing_and_maturity(sqlite_store, nouns):
    from crawler.store import deals

    note = Tranche(amount=Decimal(500_000_000), maturity="2031-06-15", coupon_pct=Decimal("4.25"))
    year = Tranche(amount=Decimal(500_000_000), maturity="2036")
    event = nouns.event(
        company="Baltica, Grid; Co", type=DealType.BOND, status=Status.PRICED, tranches=(note, year)
    )
    with sqlite_store.write() as conn:
        first = Revision(
            number=1, at=nouns.now, known_at=nouns.now, changed={"status": ("null", '"priced"')},
            material=True, url="https://wire.example/a", quote="",
        )  # fmt: skip
        deals.save(conn, [nouns.deal("grid", event, history=(first,))], {})
    with LiveWeb(str(sqlite_store.url), nouns.later) as web:
        got = web.get("/calendar/bonds.ics")
    calendar = icalendar.Calendar.from_ical(got.content)
    events = {str(one["SUMMARY"]).partition(":")[0]: one for one in calendar.walk("VEVENT")}

    assert got.headers["Content-Type"].startswith("text/calendar")
    assert set(events) == {"Priced", "Due"}
    assert events["Due"]["DTSTART"].dt == date(2031, 6, 15)
    assert events["Priced"]["DTSTART"].dt == nouns.now.date()
    assert "Baltica, Grid; Co" in str(events["Due"]["SUMMARY"])
    assert "4.25" in str(events["Due"]["SUMMARY"])
    assert max(len(line) for line in got.content.split(b"\r\n")) <= 75


def test_a_bond_that_was_read_is_in_the_calendar_when_priced_and_when_due(web):
    events = icalendar.Calendar.from_ical(web.get("/calendar/bonds.ics").content).walk("VEVENT")

    days = {str(one["SUMMARY"]).partition(",")[0]: one["DTSTART"].dt for one in events}
    assert days == {
        "Priced: Baltica Grid EUR 500 million": date(2026, 3, 2),
        "Due: Baltica Grid": date(2031, 6, 15),
    }


@pytest.mark.parametrize("text", ["a;b,c\\d\nBEGIN:VEVENT", "百度" * 60, "é\x00\x1b[31m" * 30])
def test_hostile_text_stays_one_value(text):
    line = fold(f"SUMMARY:{escaped(text)}")
    read = icalendar.Event.from_ical(f"BEGIN:VEVENT\r\n{line}\r\nEND:VEVENT\r\n")

    assert [name for name, _ in read.property_items()] == ["BEGIN", "SUMMARY", "END"]
    kept = "".join(c for c in " ".join(text.split()) if c >= " ")
    assert str(read["SUMMARY"]) == kept
    assert all(len(part.encode()) <= 75 for part in line.split("\r\n"))


def test_a_feed_survives_what_xml_cannot_hold(sqlite_store, nouns):
    from crawler.store import deals

    event = nouns.event(
        company="A\x00b <script>&\ufffe Co",
        evidence="]]> \x1b <b>",
        type=DealType.BOND,
        status=Status.PRICED,
        tranches=(Tranche(maturity="2030-02-30"), Tranche(maturity="2030", amount=Decimal(1))),
    )
    with sqlite_store.write() as conn:
        deals.save(conn, [nouns.deal("odd", event, review=Review.CONFIRMED)], {})
    with LiveWeb(str(sqlite_store.url), nouns.later) as web:
        for form in ("rss", "atom"):
            read = feedparser.parse(web.get(f"/feeds/deals.{form}").content)
            assert (read.bozo, len(read.entries)) == (0, 1)
        events = icalendar.Calendar.from_ical(web.get("/calendar/bonds.ics").content)
        assert events.walk("VEVENT") == []
