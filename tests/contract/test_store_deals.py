"""What the store promises of deals on every database."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crawler.store import articles, deals, reviews
from crawler.store.deals import Filter
from crawler.types import (
    BondType,
    Conflict,
    DealType,
    Qualifier,
    Review,
    Revision,
    Round,
    Seat,
    Status,
    Tranche,
)

DAY = timedelta(days=1)


@pytest.fixture
def witness(store, nouns, now):
    """Store an article and its report; return the report."""

    def act(url="https://wire.example/a", event=None, *, country=None, **about):
        with store.write() as conn:
            article = nouns.article(url, country=country)
            ident = articles.save(conn, article, [], now).id
            return deals.add_report(conn, ident, nouns.report(event, url=url, **about))

    return act


@pytest.fixture
def save(store):
    def act(*found, keys=("acme ai",), **more):
        with store.write() as conn:
            deals.save(conn, found, {deal.id: keys for deal in found}, **more)

    return act


@pytest.fixture
def show(store):
    def act(**wanted):
        with store.read() as conn:
            return [deal.id for deal in deals.listing(conn, Filter(**wanted))]

    return act


def everything(nouns, report):
    """Return a deal that uses every slot there is."""
    event = nouns.event(
        type=DealType.BOND,
        aliases=("智谱AI", "Acme"),
        amount=Decimal("1234567890.5"),
        amount_max=Decimal(2_000_000_000),
        qualifier=Qualifier.RANGE,
        round=Round.SERIES_B,
        valuation=Decimal("1.25"),
        bond_types=(BondType.DIM_SUM, BondType.OFFSHORE),
        tranches=(Tranche(amount=Decimal(5), currency="CNH", coupon_pct=Decimal("4.35")),),
        bookrunners=("Bank",),
        quotes={"amount": "10 billion"},
        confidence=0.97,
        why=("verb: raise",),
    )
    changed = {"status": ('"rumoured"', '"announced"')}
    revision = Revision(
        number=1,
        at=nouns.now,
        known_at=nouns.now,
        changed=changed,
        material=True,
        url=report.url,
        quote="q",
    )
    conflict = Conflict(slot="amount", values=(("1", "q", "u"), ("2", "r", "v")))
    return nouns.deal(
        event=event,
        reports=(report,),
        history=(revision,),
        conflicts=(conflict,),
        links={"other": "extension_of"},
        flags=("printed USD is 4.1 % off",),
    )


def test_a_deal_comes_back_with_every_slot_as_it_went_in(store, save, witness, nouns):
    deal = everything(nouns, witness(sketch=(0, 1, 2**32 - 1, 2**63)))
    save(deal)

    with store.read() as conn:
        assert deals.get(conn, "acme") == deal
        assert deals.get(conn, "nobody") is None


def test_a_report_must_be_stored_before_its_deal(save, nouns):
    with pytest.raises(ValueError, match="not stored"):
        save(nouns.deal(reports=(nouns.report(),)))


def test_what_was_known_then_is_still_known(store, save, witness, nouns):
    first = nouns.deal(reports=(witness(),))
    save(first)
    event = replace(first.event, status=Status.COMPLETED)
    second = witness("https://paper.example/b", event, published=nouns.later(days=1))
    late = replace(
        first,
        revision=2,
        event=event,
        updated=nouns.later(days=1),
        reports=(*first.reports, second),
    )
    save(late)

    with store.read() as conn:
        assert deals.get(conn, "acme", as_of=nouns.later(days=-1)) is None
        assert deals.get(conn, "acme", as_of=nouns.later(hours=5)) == first
        assert deals.get(conn, "acme", as_of=nouns.later(days=2)) == late
        assert deals.get(conn, "acme") == late


def test_saving_the_same_again_adds_no_revision(store, save, witness, nouns):
    deal = nouns.deal(reports=(witness(),))
    save(deal)
    save(deal)
    from crawler.store.tables import deal_revision

    with store.read() as conn:
        assert len(conn.execute(deal_revision.select()).all()) == 1


def test_a_block_holds_the_company_the_type_and_the_window(store, save, witness, nouns):
    save(nouns.deal("acme", reports=(witness(),)))
    bond = nouns.event(type=DealType.BOND)
    save(nouns.deal("bond", bond, reports=(witness("https://wire.example/b", bond),)))
    save(
        nouns.deal("other", reports=(witness("https://wire.example/o"),)),
        keys=("other",),
    )

    def block(keys=("acme ai", "acme"), since=-DAY, until=DAY, kind=DealType.FUNDING):
        with store.read() as conn:
            found = deals.block(conn, kind, keys, nouns.now + since, nouns.now + until)
        return [deal.id for deal in found]

    assert block() == ["acme"]
    assert block(kind=DealType.BOND) == ["bond"]
    assert block(keys=["nobody"]) == []
    assert block(keys=[]) == []
    assert block(since=DAY, until=2 * DAY) == []
    assert block(since=-2 * DAY, until=-DAY) == []
    assert block(since=timedelta(), until=timedelta()) == ["acme"]


def test_a_block_has_rejected_deals_but_not_merged_ones(store, save, witness, nouns, now):
    save(nouns.deal("gone", merged_into="acme", reports=(witness(),)))
    rejected = witness("https://wire.example/b")
    save(nouns.deal("wrong", review=Review.REJECTED, reports=(rejected,)))

    with store.read() as conn:
        found = deals.block(conn, DealType.FUNDING, ["acme ai"], now - DAY, now + DAY)
    assert [deal.id for deal in found] == ["wrong"]


def test_a_report_that_moves_leaves_its_old_deal(store, save, witness, nouns):
    one, two = witness(), witness("https://paper.example/b")
    both = nouns.deal("both", reports=(one, two))
    save(both)
    save(replace(both, reports=(one,)), nouns.deal("split", reports=(two,)))

    with store.read() as conn:
        assert [report.id for report in deals.get(conn, "both").reports] == [one.id]
        assert [report.id for report in deals.get(conn, "split").reports] == [two.id]
        assert [found for _, found in deals.reports_of(conn, two.article_id)] == ["split"]


def test_why_a_report_belongs_to_its_deal_is_kept_with_it(store, save, witness, nouns):
    seat = Seat(score=3.3, reasons=("amount equal +2.0", "same lead +1.2"), recalls=True)
    told = replace(witness(), seat=seat)
    save(nouns.deal("d1", reports=(told,), apart={"d2": "other maturity (2033, not 2031)"}))
    with store.read() as conn:
        found = deals.get(conn, "d1")
    assert found.reports[0].seat == seat
    assert found.apart == {"d2": "other maturity (2033, not 2031)"}

    other = replace(told, seat=Seat(reasons=("the first to report it",)))
    save(nouns.deal("d1", reports=(other,)))
    with store.read() as conn:
        assert deals.get(conn, "d1").reports[0].seat == other.seat


def test_keys_follow_the_deal(store, save, witness, nouns):
    save(nouns.deal(reports=(witness(),)), keys=("old name", "acme"))
    save(nouns.deal(reports=(witness(),)), keys=("acme", "new name"))

    with store.read() as conn:
        assert deals.keys_of(conn, ["acme"]) == {"acme": ("acme", "new name")}


def test_lists_are_narrowed_by_every_filter(save, show, witness, nouns):
    event = nouns.event(round=Round.SERIES_B, aliases=("智谱AI",))
    paper = witness(event=event, country="CN", lang="zh")
    save(nouns.deal("b", event, reports=(paper,)), keys=("acme ai", "智谱ai"))
    small = nouns.event(
        company="Tiny 100%", amount_usd=Decimal(1), lead_investors=(), currency="EUR"
    )
    save(nouns.deal("s", small, updated=nouns.later(days=1)), keys=("tiny",))

    assert show() == ["s", "b"]
    assert show(company="ACME") == ["b"]
    assert show(company="智谱AI") == ["b"]
    assert show(company="100%") == ["s"]
    assert show(company="1_0%") == []
    assert show(investor="northw") == ["b"]
    assert show(min_usd=1000) == ["b"]
    assert show(max_usd=1000) == ["s"]
    assert show(currency="eur") == ["s"]
    assert show(country="cn") == ["b"]
    assert show(lang="zh") == ["b"]
    assert show(rounds=(Round.SERIES_B,)) == ["b"]
    assert show(types=(DealType.BOND,)) == []
    assert show(statuses=(Status.ANNOUNCED,)) == ["s", "b"]
    assert show(since=nouns.later(hours=1)) == ["s"]
    assert show(until=nouns.later(hours=1)) == ["b"]
    assert show(order="amount_usd") == ["b", "s"]
    assert show(order="company") == ["b", "s"]
    assert show(limit=1, offset=1) == ["b"]
    assert show(offset=1) == ["b"]
    assert show(after=(nouns.later(days=1), "s")) == ["b"]


def test_rejected_and_merged_deals_are_shown_on_request(store, save, show, nouns):
    save(nouns.deal("ok"), nouns.deal("no", review=Review.REJECTED))
    save(nouns.deal("old", merged_into="ok"))

    assert show() == ["ok"]
    assert set(show(rejected=True)) == {"ok", "no"}
    assert show(reviews=(Review.REJECTED,)) == ["no"]
    assert set(show(merged=True)) == {"ok", "old"}
    with store.read() as conn:
        assert deals.merged_into(conn, "ok") == ["old"]
        assert deals.count(conn) == 1


def test_a_decision_is_logged_for_both_deals_and_can_be_undone(store, nouns, now):
    document = {"one": ["r1", "r2"], "note": "same round"}
    with store.write() as conn:
        ident = reviews.decide(
            conn, "merge", "a", other_id="b", who="ada", reason="x", now=now, document=document
        )
        about = [nouns.deal("b"), nouns.deal("a")]
        assert reviews.constraints(conn, about, dict) == [document]
        assert [made.id for made in reviews.decisions(conn, "b")] == [ident]
        assert reviews.undo(conn, ident, who="bob", now=nouns.later(hours=1)).undone_by == "bob"
        assert reviews.undo(conn, ident, who="bob", now=now) is None
        assert reviews.constraints(conn, about, dict) == []
        assert len(reviews.decisions(conn, undone=True)) == 1
    with pytest.raises(ValueError, match="no review action"), store.write() as conn:
        reviews.decide(conn, "delete", "a", who="ada", reason="x", now=now)
