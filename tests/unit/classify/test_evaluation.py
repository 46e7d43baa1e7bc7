import dataclasses
import json
from decimal import Decimal

import pytest

from crawler.classify import evaluation, report, scoring
from crawler.classify.evaluation import Gold
from crawler.types import (
    Analysis,
    BondType,
    DealType,
    Document,
    Event,
    Qualifier,
    Round,
    Status,
    Tranche,
)

ROUND = Event(
    type=DealType.FUNDING,
    status=Status.ANNOUNCED,
    company="Brightwater Robotics Inc.",
    aliases=("Brightwater",),
    amount=Decimal(30_000_000),
    currency="USD",
    qualifier=Qualifier.EXACT,
    round=Round.SERIES_A,
    lead_investors=("Ember Capital",),
    investors=("Quay Ventures",),
    confidence=0.9,
)
BOND = Event(
    type=DealType.BOND,
    status=Status.PRICED,
    company="Nordhafen AG",
    amount=Decimal(500_000_000),
    currency="EUR",
    bond_types=(BondType.SENIOR,),
    tranches=(Tranche(amount=Decimal(500_000_000), currency="EUR", tenor_years=5),),
    confidence=0.9,
)


def gold(ident, *events, lang="en"):
    return Gold(Document(title="t", text="x", lang=lang, id=ident), events)


def scores(*pairs):
    """Score (gold, said events) pairs."""
    return evaluation.score([(g, Analysis(lang=g.lang, events=tuple(said))) for g, said in pairs])


def changed(event, **slots):
    return dataclasses.replace(event, **slots)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Nordhafen AG", "nordhafen"),
        ("The Brightwater Robotics Co., Ltd.", "Brightwater Robotics"),
        ("ＡＢＣ株式会社", "ABC"),
        ("杭州云栖科技有限公司", "杭州云栖科技"),
        ("L'Atelier S.p.A.", "L Atelier SpA"),
    ],
)
def test_legal_forms_and_width_do_not_make_another_company(one, other):
    assert scoring.same_name(one) == scoring.same_name(other)


def test_a_perfect_reader_scores_one_everywhere():
    found = scores((gold("a", ROUND), [ROUND]), (gold("b", BOND, lang="de"), [BOND]))

    for (measure, kind, lang), tally in found.tallies.items():
        assert report.value(measure, tally) in (1.0, None), (measure, kind, lang)
    assert found.mistakes == ()


def test_an_alias_is_the_company():
    found = scores((gold("a", ROUND), [changed(ROUND, company="Brightwater")]))

    assert found.get("events").f1 == 1.0
    assert found.get("cards").recall == 1.0


def test_a_wrong_company_is_a_miss_and_a_false_alarm():
    found = scores((gold("a", ROUND), [changed(ROUND, company="Ember Capital", aliases=())]))

    assert (found.get("events").tp, found.get("events").fp, found.get("events").fn) == (0, 1, 1)
    assert found.get("documents").f1 == 1.0
    assert found.get("company").recall == 0.0


def test_a_missed_event_costs_the_card_but_no_slot():
    found = scores((gold("a", ROUND, BOND), [ROUND]))

    assert found.get("cards").recall == 0.5
    assert found.get("amount").recall == 1.0
    assert [m.what for m in found.mistakes] == ["missed"]


def test_status_is_folded_where_only_the_wording_differs():
    closed = changed(ROUND, status=Status.COMPLETED)
    issued = changed(BOND, status=Status.COMPLETED)
    found = scores((gold("a", ROUND), [closed]), (gold("b", BOND), [issued]))

    assert found.get("status").recall == 1.0


def test_a_launched_bond_is_not_a_priced_one():
    found = scores((gold("b", BOND), [changed(BOND, status=Status.ANNOUNCED)]))

    assert found.get("status").recall == 0.0


def test_strategic_and_unspecified_are_one_round():
    found = scores(
        (gold("a", changed(ROUND, round=Round.STRATEGIC)), [changed(ROUND, round=None)]),
    )

    assert found.get("round").recall == 1.0


def test_a_range_needs_both_ends():
    wide = changed(ROUND, amount_max=Decimal(40_000_000), qualifier=Qualifier.RANGE)

    assert scores((gold("a", wide), [ROUND])).get("amount").recall == 0.0
    assert scores((gold("a", wide), [wide])).get("amount").recall == 1.0


def test_an_investor_too_many_costs_precision():
    more = changed(ROUND, lead_investors=("Ember Capital", "Quay Ventures"), investors=())
    found = scores((gold("a", ROUND), [more]))

    assert found.get("lead investors").precision == 0.5
    assert found.get("all investors").f1 == 1.0


def test_tranches_are_exact_or_wrong():
    other = changed(BOND, tranches=(*BOND.tranches, Tranche(tenor_years=10)))

    assert scores((gold("b", BOND), [other])).get("tranches").recall == 0.0


def test_two_events_of_one_company_are_told_apart_by_their_amount():
    dollars = changed(BOND, currency="USD", tranches=())
    pairs = scoring.pair_up([dollars, BOND], [BOND, dollars])

    assert all(pair.said == pair.gold for pair in pairs)


def test_what_should_have_been_refused_is_counted():
    found = scores((gold("quiet"), [ROUND]), (gold("b", BOND), [BOND]))

    assert found.leaks["articles without a deal that gave one"] == (1, 1)
    assert found.leaks["events said that are no gold event"] == (1, 2)


def test_confidence_that_keeps_its_word_has_no_calibration_error():
    sure = evaluation.calibration([(0.75, True)] * 3 + [(0.75, False)])

    assert sure.ece == pytest.approx(0.0)
    assert sure.brier == pytest.approx(0.1875)


def test_intervals_hold_the_figure_and_repeat():
    read = [(gold(str(i), ROUND), [ROUND] if i % 4 else []) for i in range(40)]
    tally = scores(*read).get("events")

    assert tally.low < tally.f1 < tally.high
    assert tally == scores(*read).get("events")


def test_a_figure_under_its_floor_is_named():
    found = scores((gold("a", ROUND), []), (gold("b", BOND), [BOND]))
    floor = {"events/funding/all": 0.5, "events/bond/all": 0.9, "ece": 0.01}

    missed = report.floors(found, floor)

    assert [line.split()[0] for line in missed] == ["events/funding/all", "ece"]


def test_the_report_names_languages_errors_and_draws_the_plot():
    found = scores((gold("a", ROUND), []), (gold("b", BOND, lang="de"), [BOND]))
    text = report.render_report(found, "How good")

    assert text.startswith("# How good")
    assert "| de | bond | 1.000 | 1.000 |" in text
    assert "`a` funding, missed: Brightwater Robotics Inc." in text
    assert "<svg" in text
    assert "<circle" in text


def test_the_table_has_one_column_a_language():
    found = scores((gold("a", ROUND), [ROUND]), (gold("b", BOND, lang="de"), [BOND]))

    assert report.render_table(found).splitlines()[1].split() == ["all", "en", "de"]


def test_every_figure_is_a_plain_record():
    found = report.rows(scores((gold("a", ROUND), [ROUND])))

    (events,) = [
        r for r in found if (r["measure"], r["type"], r["lang"]) == ("events", "all", "all")
    ]
    assert (events["value"], events["wanted"]) == (1.0, 1)


def test_gold_is_read_from_json_lines(tmp_path):
    event = {
        "type": "bond",
        "status": "priced",
        "company": "Nordhafen AG",
        "amount": 500000000,
        "currency": "EUR",
        "tranches": [{"amount": 500000000, "currency": "EUR", "maturity": 2030}],
    }
    row = {"id": "x", "lang": "de", "title": "T", "published": "2025-03-03", "text": "a\u2028b"}
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({**row, "events": [event]}, ensure_ascii=False) + "\n", "utf-8")

    [one] = evaluation.load([path])

    assert one.events[0].tranches[0].maturity == "2030"
    assert one.document.published.year == 2025
    assert len(evaluation.load([path], "even") + evaluation.load([path], "odd")) == 1
