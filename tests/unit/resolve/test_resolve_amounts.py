"""Do two printed amounts mean the same money?"""

import pytest

from crawler.resolve.amounts import Grade, compare
from crawler.resolve.facts import facts, significant


@pytest.fixture
def grade(report, names, fx):
    def ask(one, other):
        return compare(*(facts(report("a", **said), names, fx) for said in (one, other))).grade

    return ask


def said(amount, currency="USD", qualifier="exact", **more):
    return {"amount": amount, "currency": currency, "qualifier": qualifier, **more}


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (said(50e6), said(50e6), Grade.EQUAL),
        (said(137.2e6), said(137.22e6), Grade.EQUAL),
        (said(1.4e9), said(1.37e9), Grade.FITS),
        (said(50e6), said(52e6), Grade.CLASH),
        (said(50e6), said(52e6, qualifier="about"), Grade.FITS),
        (said(1e9, qualifier="over"), said(1.2e9), Grade.FITS),
        (said(1e9, qualifier="over"), said(1.6e9), Grade.CLASH),
        (said(5e8, qualifier="up_to"), said(4e8), Grade.FITS),
        (said(1e8, "CNY", "at_least"), said(3.5e8, "CNY"), Grade.VAGUE),
        (said(1e8, "CNY", "at_least"), said(3e9, "CNY"), Grade.CLASH),
        (said(4e8, qualifier="range", amount_max=5e8), said(4.3e8), Grade.FITS),
        (said(1e9, "CNY"), said(137.22e6), Grade.IMAGE),
        (said(1e9, "CNY"), said(150e6), Grade.CLASH),
        (said(1e9, "CNY"), said(148.3e6), Grade.FITS),
        (said(1e9, "CNY", "over"), said(160e6), Grade.FITS),
        (said(1e9, "CNY"), said(1e9, "JPY"), Grade.CLASH),
        (said(1e9, "CNY"), said(1e9, "CNH"), Grade.EQUAL),
        (said(1e9, "CNY"), {}, Grade.SILENT),
        (said(1e9, "XXX"), said(1e9, "CNY"), Grade.SILENT),
    ],
)
def test_grades(one, other, expected, grade):
    assert grade(one, other) is expected
    assert grade(other, one) is expected


def test_printed_dollars_count_as_dollars(grade):
    both = said(1e9, "CNY", amount_usd=150e6, amount_usd_basis="printed")

    assert grade(both, said(150e6)) is Grade.EQUAL


def test_two_outlets_round_one_conversion_their_own_way(grade):
    both = said(12e6, "CNY", amount_usd=1.7e6, amount_usd_basis="printed")

    assert grade(both, said(1.6e6)) is Grade.IMAGE
    assert grade(both, said(2.6e6)) is Grade.CLASH


def test_bonds_in_two_round_sums_are_two_issues(grade):
    euros, pounds = (said(500e6, "EUR", type="bond"), said(415e6, "GBP", type="bond"))

    assert grade(euros, pounds) is Grade.IMAGE
    assert grade(euros, said(400e6, "GBP", type="bond")) is Grade.CLASH


def test_significant_digits():
    from decimal import Decimal

    assert [significant(Decimal(n)) for n in (10**9, 137_220_000, 1)] == [1, 5, 1]
