"""Whatever order articles arrive in, they tell the same deals."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crawler.resolve import Fx, Names, block_keys, resolve
from crawler.types import (
    BondType,
    DealType,
    Event,
    Qualifier,
    Report,
    Role,
    Round,
    SourceClass,
    Status,
    Tranche,
)

START = datetime(2025, 3, 3, tzinfo=UTC)
NAMES, FX = Names.load(), Fx()
AMOUNTS = (
    (None, None),
    (Decimal("1e9"), "CNY"),
    (Decimal(137_220_000), "USD"),
    (Decimal(50_000_000), "USD"),
    (Decimal(500_000_000), "EUR"),
    (Decimal(550_000_000), "EUR"),
)
COMPANIES = (("Quillmind", ()), ("Quillmind AI", ()), ("羽思", ("Quillmind",)), ("羽思", ()))
CUES = ("", "an extension", "a correction", "upsized", "another one")


@st.composite
def reports(draw):
    kind = draw(st.sampled_from([DealType.FUNDING, DealType.BOND]))
    return [draw(report(kind, place)) for place in range(draw(st.integers(2, 7)))]


@st.composite
def report(draw, kind, place):
    company, aliases = draw(st.sampled_from(COMPANIES))
    amount, currency = draw(st.sampled_from(AMOUNTS))
    role = draw(st.sampled_from([Role.REPORT] * 5 + [Role.RESTATEMENT, Role.DENIAL]))
    at = START + timedelta(days=draw(st.integers(0, 40)), hours=place)
    funding = kind is DealType.FUNDING
    event = Event(
        type=kind,
        status=draw(st.sampled_from(list(Status))),
        company=company,
        aliases=aliases,
        amount=amount,
        currency=currency,
        qualifier=draw(st.sampled_from(list(Qualifier))) if amount else Qualifier.UNDISCLOSED,
        round=draw(st.sampled_from([None, Round.SERIES_A, Round.SERIES_B])) if funding else None,
        lead_investors=draw(st.sampled_from([(), ("Larkspur",), ("Bluefin",)])) if funding else (),
        bond_types=() if funding else draw(st.sampled_from([(), (BondType.EXCHANGEABLE,)])),
        tranches=()
        if funding
        else draw(st.sampled_from([(), (Tranche(maturity="2031"),), (Tranche(maturity="2034"),)])),
        evidence=f"{place} {draw(st.sampled_from(CUES))}",
    )
    return Report(
        id=0,
        event=event,
        role=role,
        url=f"https://outlet{draw(st.integers(0, 3))}.example/{place}",
        title="",
        source="",
        source_class=draw(st.sampled_from(list(SourceClass))),
        lang="en",
        published=at,
        seen_at=at,
    )


def arrive(order):
    """Resolve reports in the given order, as one shelf that is never cleared."""
    return shelve(order)[0]


def shelve(order):
    deals, orphans = {}, []
    for one in order:
        found = resolve(one, list(deals.values()), names=NAMES, fx=FX, orphans=orphans)
        orphans = list(found.orphans)
        for deal in found.deals:
            deals[deal.id] = deal
            if deal.merged_into:
                del deals[deal.id]
    return deals, orphans


def picture(deals):
    """What must not depend on the order: everything but ids and counters."""
    return {
        (
            frozenset((r.url, r.role, r.event.evidence) for r in deal.reports),
            repr(deal.event),
            tuple(
                (r.at, tuple(sorted(r.changed.items())), r.material, r.url) for r in deal.history
            ),
            deal.conflicts,
            deal.flags,
            tuple(sorted(deal.links.values())),
        )
        for deal in deals.values()
    }


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.data(), reports())
def test_every_order_of_arrival_gives_the_same_deals(data, told):
    order = data.draw(st.permutations(told))

    assert picture(arrive(order)) == picture(arrive(told))


@settings(deadline=None, max_examples=60)
@given(reports())
def test_every_report_of_a_deal_is_in_exactly_one(told):
    deals = arrive(told)

    homes = [r.event.evidence for deal in deals.values() for r in deal.reports]
    reported = [r.event.evidence for r in told if r.role is Role.REPORT]
    assert len(homes) == len(set(homes))
    assert set(reported) <= set(homes)


@settings(deadline=None, max_examples=60)
@given(reports())
def test_telling_it_again_changes_nothing(told):
    deals, orphans = shelve(told)

    for one in told:
        found = resolve(one, list(deals.values()), names=NAMES, fx=FX, orphans=orphans)
        assert not [deal for deal in found.deals if deal.reports != deals[deal.id].reports]


@settings(deadline=None, max_examples=200)
@given(
    st.text(max_size=40),
    st.lists(st.text(max_size=20), max_size=3),
    st.decimals(allow_nan=False) | st.none(),
    st.sampled_from(["USD", "CNY", "XXX", "", None]),
    st.floats() | st.none(),
    st.text(max_size=8) | st.none(),
)
def test_whatever_a_page_says_it_is_resolved(company, aliases, amount, currency, tenor, maturity):
    event = Event(
        type=DealType.BOND,
        status=Status.PRICED,
        company=company,
        aliases=tuple(aliases),
        amount=amount,
        amount_usd=amount,
        currency=currency,
        qualifier=Qualifier.EXACT,
        tranches=(Tranche(tenor_years=tenor, maturity=maturity),),
        evidence=company,
    )
    one = Report(
        id=0,
        event=event,
        role=Role.REPORT,
        url="https://outlet.example/1",
        title=company,
        source="",
        source_class=SourceClass.WIRE,
        lang="en",
        published=START,
        seen_at=START,
    )
    other = replace(one, url="https://outlet.example/2", event=replace(event, company="Qu"))

    assert block_keys(one, NAMES, FX) is not None
    assert arrive([one, other])


@pytest.mark.parametrize("status", list(Status))
def test_one_report_is_one_deal(status):
    one = Report(
        id=0,
        event=Event(type=DealType.FUNDING, status=status, company="Quillmind"),
        role=Role.REPORT,
        url="https://outlet.example",
        title="",
        source="",
        source_class=SourceClass.WIRE,
        lang="en",
        published=START,
        seen_at=START,
    )

    found = resolve(one, [], names=NAMES, fx=FX)

    assert found.new
    assert [deal.event.status for deal in found.deals] == [status]
