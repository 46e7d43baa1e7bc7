"""What the money grammar promises beyond its table: bounds, spans, conversions, never a raise."""

import json
import time
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crawler.classify.money import find, implied
from crawler.types import Qualifier

NAUGHTY = Path("/tmp/suites/naughty/blns.json")
LANGUAGES = ["en", "it", "zh", "de", "fr", "es", "pt", "ja", "ko", "tr", "und", "xx", ""]
WORDS = (
    "$ € ¥ 元 億 亿 万 兆 조 억 만 원 円 million miliardi mil Mio. Mrd. bn m k , . - – 至"
    " ( ) （ ） 5 12 1,000 1.5 1'000 half mezzo halbe e y et und 数 几 수 超 约"
    " oltre bis zu US$ USD Rs crore % İ ß Ａ ５ ，"
)
PARTS = st.sampled_from(WORDS.split(" "))


@given(st.lists(PARTS, max_size=40).map(" ".join), st.sampled_from(LANGUAGES))
@settings(max_examples=300, deadline=None)
def test_no_arrangement_of_money_words_raises(text, lang):
    for words in (text, text.replace(" ", "")):
        assert all(words[m.start : m.end] == m.text for m in find(words, lang))


@given(st.text(max_size=300), st.sampled_from(LANGUAGES), st.sampled_from([None, "AU", "??", ""]))
@settings(max_examples=300, deadline=None)
def test_no_text_raises_and_spans_are_exact(text, lang, country):
    for money in find(text, lang, country):
        assert text[money.start : money.end] == money.text


def test_naughty_strings_are_no_trouble():
    if not NAUGHTY.exists():
        pytest.skip("the naughty strings are not on this machine")
    for text in json.loads(NAUGHTY.read_text(encoding="utf-8")):
        for lang in ("en", "it", "zh"):
            find(f"raised {text} million euros", lang)


HOSTILE = (
    "1|1,|1.|1 |9'|$|$1|亿|十|数|一|수|1억 |hundred |a half |e mezzo |million |5 to |between 5 and "
    "|(|$5 (|US|millionenbetrag|zweihundert| |es |5 million euros (6 million dollars) "
    "|more than a |kr 5 |$5 "
)


def seconds(text: str, lang: str) -> float:
    began = time.process_time()
    find(text, lang, "AU")
    return time.process_time() - began


@pytest.mark.parametrize("unit", HOSTILE.split("|"))
def test_long_hostile_text_takes_bounded_time(unit):
    text = unit * (1_000_000 // len(unit))
    for lang in ("en", "de", "zh"):
        find("", lang)
        assert min(seconds(text, lang) for _ in range(3)) < 0.5  # the machine may be shared


def test_a_million_characters_are_cut_not_suffered():
    found = find("x" * 1_000_000 + " $5 million", "en")
    assert found == []


def test_a_sum_and_its_conversion_are_one():
    (money,) = find("oltre 1 miliardo di yuan (137,22 milioni di dollari)", "it")
    assert (money.value, money.currency, money.qualifier) == (10**9, "CNY", Qualifier.OVER)
    assert money.other is not None
    assert (money.other.value, money.other.currency) == (Decimal(137220000), "USD")


def test_of_two_conversions_the_dollars_are_kept():
    (money,) = find("¥10bn (€61m; $66m)", "en", "JP")
    assert money.other is not None


def test_bare_sums_take_the_currency_spoken_of_before():
    text = "capitale da 55 milioni di euro e un prestito da 40 milioni, riservato ai soci"
    assert [(m.value, m.currency) for m in implied(find(text, "it"), "it")] == [
        (55_000_000, "EUR"),
        (40_000_000, "EUR"),
    ]


def test_bare_sums_of_a_text_without_currencies_take_the_country_s():
    assert [m.currency for m in implied(find("融资3亿", "zh", "TW"), "zh", "TW")] == ["TWD"]
    assert [m.currency for m in implied(find("100억 투자", "ko"), "ko")] == ["KRW"]


def test_a_dollar_bends_to_the_outlet_unless_it_prints_its_own_sign():
    assert find("raised $5m", "en", "AU")[0].currency == "AUD"
    assert find("raised $5m after an A$3m seed round", "en", "AU")[0].currency == "USD"


def test_crowns_follow_the_words_around_them():
    assert find("OSLO: 300 million crowns", "en")[0].currency == "NOK"
    assert find("STOCKHOLM: 300 million crowns", "en")[0].currency == "SEK"


def test_yen_and_yuan_signs_are_told_apart():
    assert find("¥500m for the Shenzhen start-up", "en")[0].currency == "CNY"
    assert find("¥500m for the Osaka start-up", "en")[0].currency == "JPY"
    assert find("¥5亿", "zh")[0].currency == "CNY"
