"""How a candidate stands: what its company's name gives away, and what the headline prints."""

from __future__ import annotations

from decimal import Decimal

import pytest

from crawler.classify import analysis
from crawler.types import Document


def features(title: str, text: str, lang: str = "en") -> dict[str, float]:
    found = analysis.propose(Document(title=title, text=text, lang=lang), lang)
    return max(found.proposals, key=lambda p: p.event.amount or Decimal(0)).features


def test_a_sum_agrees_with_the_headline_or_not():
    text = "Havgull raised $9 million in a Series A led by Alder Growth."

    assert features("Havgull raises $9 million", text)["headline_own"] == 1.0
    assert features("Havgull raises $2 million", text)["headline_else"] == 1.0
    assert features("Havgull grows", text)["headline_sums"] == 0.0


def test_who_invests_in_a_plant_is_not_who_raises():
    found = features("星河汽车拟投资80亿元建电池厂", "", "zh")

    assert found["name_gives"] == 1.0


@pytest.mark.parametrize(
    ("name", "sign"), [("Fondo Levante", "name_fund"), ("Dallas County", "name_state")]
)
def test_funds_and_states_show_in_their_names(name, sign):
    found = features("Money", f"{name} raised $9 million in a round led by Alder Growth.")

    assert found[sign] == 1.0


def test_an_item_of_a_list_is_behind_without_harm():
    text = (
        "1) Quiet Harbour, Osaka. Raised $20m in a Series B led by Kitahama Fund.\n\n"
        "2) Lantern Works, Seoul. Raised $7m in a Series A from Sumisei Ventures.\n"
    )
    found = analysis.propose(Document(title="Who got paid", text=text, lang="en"), "en")

    assert {p.event.company for p in found.proposals} == {"Quiet Harbour", "Lantern Works"}
    assert all("behind" not in p.features and "behind_item" in p.features for p in found.proposals)
