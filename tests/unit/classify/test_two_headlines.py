"""A headline may be two, and what one says is not said of the other."""

from __future__ import annotations

import pytest

from crawler.classify.sentences import passage, split


def titles(title: str) -> list[str]:
    return [s.text for s in split(passage(title, "Some text.")) if s.title]


@pytest.mark.parametrize(
    ("title", "parts"),
    [
        ("Acme raises $5m; Birch plans bonds", ["Acme raises $5m", "Birch plans bonds"]),
        ("甲公司获10亿元融资 乙公司拟发债", ["甲公司获10亿元融资", "乙公司拟发债"]),
        ("甲公司获融资；乙公司拟发债", ["甲公司获融资", "乙公司拟发债"]),
        ("Acme raises $5m, and more", ["Acme raises $5m, and more"]),
        ("智谱 AI 获融资", ["智谱 AI 获融资"]),
        ("; oddly begun", ["; oddly begun"]),
    ],
)
def test_a_title_is_cut_where_a_second_headline_begins(title, parts):
    assert titles(title) == parts


def test_a_title_that_the_text_repeats_is_read_once():
    assert passage("Acme raises $5m", "Acme raises $5m\nAcme said so.").count("$5m") == 1
    assert passage("Acme raises $5m", "Acme raises $5m").count("$5m") == 2


def test_the_text_below_is_not_cut_at_a_semicolon():
    found = split(passage("T", "One thing; another thing."))

    assert [s.text for s in found if not s.title] == ["One thing; another thing."]
