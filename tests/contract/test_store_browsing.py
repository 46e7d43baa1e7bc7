"""Lists, doubts, maturities, players and trends: the same on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import text

from crawler.store import browsing, deals, doubts, pace, players, standing, tranches, trends
from crawler.store import tables as t
from crawler.store.browsing import Order
from crawler.store.deals import Filter
from crawler.types import Conflict, DealType, Review, Round, Status, Tranche


@pytest.fixture
def save(store, nouns):
    def one(ident: str, hours: float = 0, *, about=None, **event):
        at = nouns.later(hours=hours)
        told = nouns.event(**{"confidence": 0.9} | event)
        with store.write() as conn:
            seen = deals.add_report(conn, None, nouns.report(told, published=at, seen_at=at))
            made = nouns.deal(ident, told, reports=(seen,), first_seen=at, updated=at)
            made = replace(made, **about or {})
            deals.save(conn, [made], {ident: (deals.fold(told.company),)}, now=at)

    return one


@pytest.fixture
def read(store):
    def one(ask, *arguments, **more):
        with store.read() as conn:
            return ask(conn, *arguments, **more)

    return one


SUMS = (40_000_000, None, 5_000_000, 40_000_000, None, 7_000_000, 1_000_000)


@pytest.fixture
def seven(save):
    for n, usd in enumerate(SUMS):
        amount = None if usd is None else Decimal(usd)
        save(f"d{n}", n, company=f"Firm {n % 3}", amount=amount, amount_usd=amount)


@pytest.mark.usefixtures("seven")
@pytest.mark.parametrize("by", browsing.SORTS)
@pytest.mark.parametrize("descending", [True, False])
def test_a_list_has_every_deal_once_in_order_whatever_the_page(read, by, descending):
    whole = read(browsing.page, Filter(), Order(by=by, descending=descending)).lines
    found, cursor = [], ""
    while True:
        order = Order(by=by, descending=descending, cursor=cursor, limit=2)
        part = read(browsing.page, Filter(), order)
        found += part.lines
        cursor = part.next
        if not cursor:
            break
    assert found == list(whole)
    assert len({line.deal.id for line in found}) == len(SUMS)
    if by == "amount_usd":
        sums = [line.deal.event.amount_usd for line in found]
        known = [float(one) for one in sums if one is not None]
        assert known == sorted(known, reverse=descending)
        assert sums[-2:] == [None, None]


@pytest.mark.usefixtures("seven")
def test_a_cursor_that_is_none_begins_at_the_start(read):
    first = read(browsing.page, Filter(), Order(limit=2))
    for cursor in ("rubbish", "[1]", '["x","y"]', "null", "[null,null,null]"):
        assert read(browsing.page, Filter(), Order(limit=2, cursor=cursor)) == first


@pytest.mark.usefixtures("seven")
def test_totals_are_of_all_that_match(save, read):
    save("bond", type=DealType.BOND, round=None, amount_usd=Decimal(9_000_000))
    found = {one.type: one for one in read(browsing.totals, Filter())}
    assert (found["funding"].deals, found["funding"].disclosed) == (7, 5)
    assert found["funding"].usd == sum(one or 0 for one in SUMS)
    (only,) = read(browsing.totals, Filter(company="firm 1"))
    assert only.deals == 2


@pytest.mark.usefixtures("seven")
def test_what_changed_after_is_told_once_and_in_order(save, read):
    last = read(browsing.last_change)
    save("d2", 50, company="Firm 2", status=Status.COMPLETED)
    save("new", 51)
    found, number = read(browsing.changed_after, last)
    assert found == ["d2", "new"]
    assert read(browsing.changed_after, number) == ([], number)


def test_the_queue_has_the_disputed_and_the_unsure_and_no_decided_one(save, read):
    split = (Conflict(slot="amount", values=(("1", "q", "u"), ("2", "q", "u"))),)
    save("sure")
    save("small", confidence=0.5, amount_usd=Decimal(1))
    save("large", confidence=0.5, amount_usd=Decimal(10))
    save("disputed", about={"conflicts": split}, amount_usd=Decimal(5))
    save("odd", about={"flags": ("off",)}, amount_usd=None, amount=None)
    save("decided", confidence=0.5, about={"review": Review.CONFIRMED})
    assert read(doubts.queue) == ["large", "disputed", "small", "odd"]
    assert read(doubts.queue, "unsure") == ["large", "small"]
    assert read(doubts.counts) == {"conflict": 1, "flag": 1, "unsure": 2}
    assert read(standing.badges).review == 4


def test_bonds_fall_due_by_what_is_printed_or_by_their_tenor(save, read):
    terms = (
        Tranche(amount=Decimal(100), currency="EUR", maturity="2031-06-15", coupon_pct=Decimal(4)),
        Tranche(amount=Decimal(300), currency="EUR", tenor_years=5),
    )
    about = {"type": DealType.BOND, "round": None, "currency": "EUR"}
    save("bond", amount=Decimal(400), amount_usd=Decimal(440), tranches=terms, **about)
    found = read(tranches.due, "2026", "2040")
    assert [(one.due, one.printed, one.usd, one.coupon) for one in found] == [
        ("2031", False, pytest.approx(330), None),
        ("2031-06-15", True, pytest.approx(110), 4),
    ]
    assert read(tranches.due, "2032", "2040") == []
    save("bond", 1, amount=Decimal(400), amount_usd=Decimal(440), tranches=terms[:1], **about)
    assert len(read(tranches.due, "2026", "2040")) == 1


def test_players_are_counted_once_a_deal(save, read):
    save("a", company="Acme", lead_investors=("Northwind",), investors=("Northwind", "Kite"))
    save("b", 1, company="ACME", lead_investors=("Kite",), investors=("northwind",))
    save("c", 2, company="Zed", bookrunners=("Bank",), about={"review": Review.REJECTED})
    (acme,) = read(players.companies)
    assert (acme.deals, acme.usd) == (2, 80_000_000)
    found = {one.name.casefold(): one for one in read(players.parties)}
    assert {name: (one.deals, one.leads) for name, one in found.items()} == {
        "northwind": (2, 1),
        "kite": (2, 1),
    }
    assert read(players.parties, players.BANKS) == []
    assert read(players.parties, part="KIT")[0].name == "Kite"
    assert read(players.deals_of, "acme") == ["b", "a"]
    assert read(players.deals_with, "KITE") == [("b", "lead"), ("a", "investor")]
    assert [one.name for one in read(players.beside, ["a"], but="kite")] == ["Northwind"]


def test_trends_count_the_day_of_the_first_report(save, read, nouns):
    save("a", round=Round.SEED)
    save("b", 30, round=Round.SERIES_A, amount_usd=Decimal(1_000_000), company="Other")
    since = nouns.later(days=-3)
    cells = read(trends.daily, "round", since)
    assert {(str(c.day), c.key, c.deals, c.usd) for c in cells} == {
        ("2026-03-02", "seed", 1, 40_000_000),
        ("2026-03-03", "series_a", 1, 1_000_000),
    }
    assert read(trends.daily, "type", nouns.later(hours=1))[0].deals == 1
    assert [place.name for place in read(trends.companies, since)] == ["Acme AI", "Other"]
    (lead,) = read(trends.parties, since, players.INVESTORS)
    assert (lead.name, lead.deals, lead.usd) == ("Northwind", 2, 41_000_000)


def test_the_pace_of_a_source_is_that_of_its_latest_pages(store, read, nouns):
    with store.write() as conn:
        conn.execute(
            t.source.insert(),
            {"id": "wire", "kind": "feed", "every": timedelta(minutes=5), "enabled": True,
             "allow_private": [], "options": {}},
        )  # fmt: skip
        rows = [
            {"url": f"{n}", "url_key": f"{n}", "source_id": "wire", "entry": {}, "state": "done",
             "queued_at": nouns.later(hours=n), "quiet": n == 0}
            for n in range(5)
        ]  # fmt: skip
        conn.execute(t.page.insert(), rows)
    assert read(pace.recent, ["wire", "none"]) == {"wire": timedelta(hours=1)}


def test_an_older_database_learns_doubts_and_maturities(store, save):
    """The statements of the migration, run on what today's code has stored."""
    from crawler.store.migrations import statements

    about = {"type": DealType.BOND, "round": None}
    save("bond", tranches=(Tranche(tenor_years=5), Tranche(maturity="2030-01")), **about)
    save("unsure", confidence=0.3)
    wanted = (
        "SELECT id, doubt FROM deal ORDER BY id",
        ("SELECT deal_id, n, due, printed FROM deal_tranche ORDER BY deal_id, n"),
    )
    with store.write() as conn:
        before = [conn.execute(text(query)).all() for query in wanted]
        conn.execute(text("DELETE FROM deal_tranche"))
        conn.execute(text("UPDATE deal SET doubt = ''"))
        for line in statements("0002", conn.dialect.name):
            if line.startswith(("UPDATE deal SET doubt", "INSERT INTO deal_tranche")):
                conn.exec_driver_sql(line)
        assert [conn.execute(text(query)).all() for query in wanted] == before
