from decimal import Decimal
from typing import Any

import pytest

from crawler.alert.match import Facts, fold, misses
from crawler.config.models import Watch
from crawler.config.rules import When
from crawler.types import DealType, Qualifier, Round, SourceClass
from tests.fakes.deals import bond, deal, event

ZHIPU, BAIDU = deal(event()), deal(bond())


def why_not(about, **when: Any) -> str | None:
    watch = (Watch(name="Shangcheng Capital"),)
    return misses(When.model_validate(when), Facts(about, watch))


HOLDS = [
    (ZHIPU, {}),
    (ZHIPU, {"type": "funding"}),
    (ZHIPU, {"type": "any"}),
    (BAIDU, {"status": ["planned", "priced"]}),
    (ZHIPU, {"status_not": ["rumoured"]}),
    (ZHIPU, {"min_usd": 137_220_000}),
    (ZHIPU, {"max_usd": 137_220_000}),
    (ZHIPU, {"qualifier": "over"}),
    (ZHIPU, {"round": ["strategic"]}),
    (BAIDU, {"bond_type": ["green", "offshore"]}),
    (BAIDU, {"min_tenor": 6}),
    (BAIDU, {"min_tenor": 4, "max_tenor": 6}),
    (BAIDU, {"min_coupon": 2.5, "max_coupon": 3}),
    (ZHIPU, {"currency": ["CNY", "HKD"]}),
    (ZHIPU, {"country": "IT"}),
    (ZHIPU, {"language": "it"}),
    (ZHIPU, {"languages": "any"}),
    (ZHIPU, {"languages": ["zh", "it"]}),
    (ZHIPU, {"company": "zhipu-ai"}),
    (ZHIPU, {"company": "智谱ＡＩ"}),
    (ZHIPU, {"investor": "shangcheng capital"}),
    (ZHIPU, {"investor": "Shangcheng Capital", "lead_only": True}),
    (ZHIPU, {"lead_only": True}),
    (ZHIPU, {"watchlist": True}),
    (ZHIPU, {"min_confidence": 0.97}),
    (ZHIPU, {"source_class": ["outlet"]}),
    (ZHIPU, {"any": [{"currency": "USD"}, {"company": "Zhipu AI"}]}),
    (ZHIPU, {"all": [{"currency": "CNY"}, {"company": "Zhipu AI"}]}),
    (ZHIPU, {"not": {"company": "Baidu"}}),
]


@pytest.mark.parametrize(("about", "when"), HOLDS, ids=str)
def test_it_holds(about, when):
    assert why_not(about, **when) is None


MISSES = [
    (ZHIPU, {"type": "bond"}, "type is funding, not bond"),
    (BAIDU, {"status_not": "planned"}, "status is planned, which status_not leaves out"),
    (BAIDU, {"status": "priced"}, "status is planned, not priced"),
    (ZHIPU, {"max_usd": 100}, "US$137,220,000 is over max_usd 100"),
    (ZHIPU, {"qualifier": "exact"}, "qualifier is over, not exact"),
    (ZHIPU, {"round": ["seed", "series_a"]}, "round is strategic, not seed or series_a"),
    (BAIDU, {"round": "seed"}, "round is unknown, not seed"),
    (ZHIPU, {"bond_type": "green"}, "bond type is unknown, not green"),
    (BAIDU, {"min_tenor": 11}, "tenor is 5, 10, not 11 to inf years"),
    (ZHIPU, {"max_coupon": 3}, "coupon is unknown, not 0 to 3 %"),
    (ZHIPU, {"currency": "USD"}, "currency is CNY, not USD"),
    (ZHIPU, {"country": "US"}, "country is IT, not US"),
    (ZHIPU, {"languages": ["zh"]}, "language is it, not zh"),
    (ZHIPU, {"company": "Baidu"}, "the company is Zhipu AI, not Baidu"),
    (BAIDU, {"investor": "CICC"}, "investor is unknown, not CICC"),
    (BAIDU, {"lead_only": True}, "no lead investor is named"),
    (BAIDU, {"watchlist": True}, "neither Baidu nor an investor is on the watchlist"),
    (ZHIPU, {"min_confidence": 0.98}, "confidence 0.97 is under min_confidence 0.98"),
    (ZHIPU, {"source_class": "filing"}, "source class is outlet, not filing"),
    (ZHIPU, {"all": [{}, {"currency": "USD"}]}, "currency is CNY, not USD"),
    (
        ZHIPU,
        {"any": [{"currency": "USD"}, {"round": "seed"}]},
        "none of any: currency is CNY, not USD; round is strategic, not seed",
    ),
    (ZHIPU, {"not": {"currency": "CNY"}}, "it meets the conditions under not"),
]


@pytest.mark.parametrize(("about", "when", "reason"), MISSES, ids=str)
def test_it_misses_and_says_why(about, when, reason):
    assert why_not(about, **when) == reason


def test_other_kinds_of_event_are_not_told_unless_asked_for():
    loan = deal(event(type=DealType.LOAN))

    assert why_not(loan) == "type is loan, not funding or bond"
    assert why_not(loan, type=["loan"]) is None


def test_a_range_counts_by_its_better_end():
    between = deal(
        event(
            amount=Decimal(40),
            amount_max=Decimal(60),
            amount_usd=Decimal(40),
            qualifier=Qualifier.RANGE,
        )
    )

    assert why_not(between, min_usd=50) is None
    assert why_not(between, max_usd=50) is None
    assert why_not(between, min_usd=61)
    assert why_not(between, max_usd=39)


def test_an_unknown_sum_meets_no_limit():
    unknown = deal(event(amount=None, amount_usd=None, qualifier=Qualifier.UNDISCLOSED))

    assert why_not(unknown, min_usd=0) == "the amount in US dollars is unknown"


def test_a_source_class_and_a_round_are_enums_all_the_way():
    when = When.model_validate({"round": "series_b", "source_class": "filing"})

    assert when.round == (Round.SERIES_B,)
    assert when.source_class == (SourceClass.FILING,)


@pytest.mark.parametrize(
    ("one", "other"),
    [("Zhipu AI", "ZHIPU-AI"), ("Acme, Inc.", "acme"), ("ＡＢＣ Ltd", "abc limited")],
)
def test_names_are_compared_without_case_width_marks_and_legal_form(one, other):
    assert fold(one) == fold(other)


def test_a_name_that_is_only_a_legal_form_stays_a_name():
    assert fold("Company") == "company"
