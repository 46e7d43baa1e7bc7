"""Dated rates: the bank's where it has one, ours where it has none."""

from datetime import date
from decimal import Decimal

import pytest

from crawler.resolve.fx import _rate


def test_yuan_at_the_rate_of_the_day(fx):
    usd = fx.usd(Decimal(10**9), "CNY", date(2025, 3, 3))

    assert abs(usd / Decimal(137_220_000) - 1) < Decimal("0.01")


def test_offshore_yuan_is_reckoned_as_yuan(fx):
    assert fx.rate("CNH", date(2025, 3, 3)) == fx.rate("CNY", date(2025, 3, 3))


def test_a_sunday_takes_friday_s_rate(fx):
    assert fx.rate("EUR", date(2025, 3, 2)) == fx.rate("EUR", date(2025, 2, 28))


def test_dollars_are_dollars(fx):
    assert fx.usd(Decimal(5), "USD", date(1990, 1, 1)) == 5


@pytest.mark.parametrize(
    "currency",
    ["TWD", "VND", "AED", "SAR", "NGN", "KES", "EGP", "PKR", "ARS", "CLP", "COP", "QAR"],
)
def test_currencies_the_bank_does_not_quote_have_a_rate(currency, fx):
    assert fx.usd(Decimal(10**9), currency, date(2025, 3, 3)) > 0


def test_roubles_go_on_after_the_bank_stopped(fx):
    before, after = fx.rate("RUB", date(2020, 3, 3)), fx.rate("RUB", date(2025, 3, 3))

    assert before > after > 0


def test_there_is_no_rate_before_the_first_nor_for_nothing(fx):
    assert fx.usd(Decimal(5), "EUR", date(1990, 1, 1)) is None
    assert fx.usd(Decimal(5), "XXX", date(2025, 1, 1)) is None
    assert fx.usd(Decimal(5), "VND", date(2001, 1, 1)) is None


def test_rates_are_remembered(fx):
    fx.rate("SEK", date(2025, 3, 3))
    before = _rate.cache_info().hits
    fx.rate("SEK", date(2025, 3, 3))

    assert _rate.cache_info().hits == before + 1
