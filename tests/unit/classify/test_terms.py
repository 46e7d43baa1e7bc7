"""The words of a bond's terms keep what the search relies on."""

from __future__ import annotations

import re

import pytest

from crawler.classify import terms

PATTERNS = [(lang, one) for lang, many in terms._book()["tenor"].items() for one in many]


@pytest.mark.parametrize(("lang", "pattern"), PATTERNS)
def test_every_tenor_has_a_word_for_years_in_all_its_forms(lang, pattern):
    shortest = re.sub(r"\(\?:[^()]*\)\?", "", pattern)

    assert terms._YEARS.search(shortest), f"{lang}: add its word to terms._YEARS"
