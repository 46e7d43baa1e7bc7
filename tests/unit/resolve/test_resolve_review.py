"""What people decide holds, whatever the reports would do, and can be undone."""

import pytest

from crawler.resolve import confirm, correct, merge, reject, resolve, split
from crawler.types import Review, Status
from crawler.wire import load, plain


@pytest.fixture
def again(names, fx):
    """Look at a block anew, as after a decision."""

    def look(deals, *constraints):
        found = resolve(None, deals, names=names, fx=fx, constraints=constraints)
        known = {deal.id: deal for deal in deals} | {deal.id: deal for deal in found.deals}
        return [deal for deal in known.values() if not deal.merged_into]

    return look


def test_merged_deals_are_one(tell, report, again):
    one, other = tell(report("a", round="series_a"), report("b", round="series_b"))
    (deal,) = again([one, other], merge(one, other, "the outlet named the round wrongly"))

    assert len(deal.reports) == 2
    assert deal.id == one.id


def test_a_merge_can_be_undone(tell, report, again):
    one, other = tell(report("a", round="series_a"), report("b", round="series_b"))
    joined = again([one, other], merge(one, other))

    assert len(again(joined)) == 2


def test_split_reports_stay_apart(names, fx, tell, report, again):
    (deal,) = tell(report("a", amount=5e6), report("b", amount=5e6))
    decision = split(deal, ["https://b.example/a"])
    parts = again([deal], decision)
    found = resolve(report("c", amount=5e6), parts, names=names, fx=fx, constraints=[decision])

    assert len(parts) == 2
    assert deal.id in {part.id for part in parts}
    assert not found.merged


def test_a_split_says_where_the_new_deal_came_from(names, fx, tell, report):
    (deal,) = tell(report("a", amount=5e6), report("b", amount=5e6))
    decision = split(deal, ["https://b.example/a"])
    found = resolve(None, [deal], names=names, fx=fx, constraints=[decision])

    assert list(found.split.values()) == [deal.id]


def test_confirmed_and_rejected_deals_say_so(tell, report, again):
    (deal,) = tell(report("a", amount=5e6))

    assert again([deal], confirm(deal))[0].review is Review.CONFIRMED
    assert again([deal], reject(deal))[0].review is Review.REJECTED


def test_a_rejected_deal_takes_in_its_echoes(names, fx, tell, report, again):
    (deal,) = tell(report("a", amount=5e6))
    no = reject(deal, "a satire")
    found = resolve(
        report("b", amount=5e6), again([deal], no), names=names, fx=fx, constraints=[no]
    )

    assert not found.new
    assert found.deals[0].review is Review.REJECTED


def test_corrected_slots_win_over_every_outlet(names, fx, tell, report):
    (deal,) = tell(report("a", amount=5e6))
    fixed = correct(deal, {"amount": "6000000", "status": '"announced"'})
    found = resolve(
        report("sec", amount=5e6, source_class="filing"),
        [deal],
        names=names,
        fx=fx,
        constraints=[fixed],
    )
    (after,) = found.deals

    assert (after.event.amount, after.event.status) == (6_000_000, Status.ANNOUNCED)
    assert after.review is Review.CORRECTED


def test_a_constraint_survives_storage(tell, report):
    (deal,) = tell(report("a", amount=5e6))
    decision = correct(deal, {"amount": "6000000"}, "the filing says so")

    assert load(type(decision), plain(decision)) == decision


def test_a_decision_about_others_changes_nothing(tell, report, again):
    one, other = tell(report("a", round="series_a"), report("b", round="series_b"))
    looked = again([one], confirm(other))

    assert looked == [one]


def test_a_currency_struck_out_by_a_person_is_nobody_s_rate(names, fx, tell, report):
    (deal,) = tell(report("a", amount=5e6))
    struck = correct(deal, {"currency": "null"})
    found = resolve(None, [deal], names=names, fx=fx, constraints=[struck])
    after = resolve(report("b", 1, amount=5e6), found.deals, names=names, fx=fx)

    assert after.material == {"amount": ("5000000", "5000000")} or "amount" not in after.change
