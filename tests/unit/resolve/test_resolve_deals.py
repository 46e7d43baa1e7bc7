"""One deal, however many outlets, languages and days: each test a small story."""

from datetime import timedelta

import pytest

from crawler.resolve import as_of, resolve
from crawler.types import Role, Status


def urls(deal):
    return sorted(report.source for report in deal.reports)


def test_two_outlets_tell_one_round(tell, report):
    deals = tell(
        report("wire", amount=50e6, round="series_b", lead_investors=("Larkspur",)),
        report("blog", 1, amount=50e6, round="series_b"),
    )

    assert [urls(deal) for deal in deals] == [["blog", "wire"]]


def test_same_company_and_week_do_not_make_one_deal(tell, report):
    deals = tell(
        report("wire", amount=50e6, investors=("Larkspur",)),
        report("blog", 5, round="series_b", investors=("Bluefin",)),
    )

    assert len(deals) == 2


def test_disjoint_investors_with_other_amounts_are_two_deals(tell, report):
    deals = tell(
        report("wire", amount=1e9, currency="CNY", investors=("Hangzhou Fund",)),
        report("blog", 2, amount=5e8, currency="CNY", investors=("Zhuhai Fund",)),
    )

    assert [deal.event.amount for deal in deals] == [10**9, 5 * 10**8]


def test_more_than_a_billion_yuan_is_137_million_dollars(tell, report):
    (deal,) = tell(
        report("zh", amount=1e9, currency="CNY", qualifier="over"),
        report("en", 1, amount=137.22e6),
    )

    assert (deal.event.amount, deal.event.currency) == (10**9, "CNY")
    assert deal.event.amount_usd == 137_220_000


def test_different_rounds_are_different_deals(tell, report):
    deals = tell(
        report("wire", amount=50e6, round="series_a"),
        report("blog", amount=50e6, round="series_b"),
    )

    assert len(deals) == 2


def test_a_rumour_closes_at_another_amount(tell, report):
    (deal,) = tell(
        report("wire", amount=500e6, status="rumoured"),
        report("issuer", 26, amount=430e6, status="announced", round="series_c"),
    )

    assert (deal.event.status, deal.event.amount) == (Status.ANNOUNCED, 430e6)
    assert [revision.material for revision in deal.history] == [True, True]


def test_a_rumour_does_not_close_at_a_tenth(tell, report):
    deals = tell(
        report("wire", amount=500e6, status="rumoured"),
        report("issuer", 10, amount=40e6, status="announced"),
    )

    assert len(deals) == 2


def test_a_denial_ends_a_rumour(tell, report):
    (deal,) = tell(
        report("wire", amount=500e6, status="rumoured"),
        report("issuer", 1, amount=500e6, status="rumoured", role="denial"),
    )

    assert deal.event.status is Status.WITHDRAWN
    assert deal.history[-1].reason == "denied"


def test_a_denial_that_arrives_first_still_ends_the_rumour(tell, report):
    denial = report("issuer", 1, amount=500e6, status="rumoured", role="denial")
    (deal,) = tell(denial, report("wire", amount=500e6, status="rumoured"))

    assert deal.event.status is Status.WITHDRAWN


def test_a_denial_alone_makes_no_deal(tell, report):
    assert tell(report("issuer", role="denial", amount=5e6)) == []


def test_a_denial_does_not_end_what_is_closed(tell, report):
    (deal,) = tell(
        report("wire", amount=500e6, status="completed"),
        report("blog", 1, amount=500e6, role="denial"),
    )

    assert deal.event.status is Status.COMPLETED


def test_a_closing_after_a_denial_is_a_new_deal_linked_to_the_first(tell, report):
    first, second = tell(
        report("wire", amount=500e6, status="rumoured"),
        report("issuer", 1, amount=500e6, role="denial"),
        report("issuer", 20, amount=500e6, status="announced"),
    )

    assert second.links == {first.id: "relaunch_of"}


def test_a_restatement_hangs_on_its_deal_and_moves_nothing(tell, report):
    (deal,) = tell(
        report("wire", amount=50e6, status="completed"),
        report("blog", 200, amount=50e6, status="rumoured", role="restatement"),
    )

    assert [r.role for r in deal.reports] == [Role.REPORT, Role.RESTATEMENT]
    assert deal.event.status is Status.COMPLETED
    assert len(deal.history) == 1


def test_a_restatement_alone_makes_no_deal(names, fx, report):
    recalled = report("blog", amount=50e6, role="restatement")
    found = resolve(recalled, [], names=names, fx=fx)

    assert (found.deals, found.touched, found.orphans) == ((), None, (recalled,))


def test_a_restatement_of_the_article_s_own_money_is_not_its_news(tell, report):
    (deal,) = tell(
        report("wire", 30, amount=50e6),
        report("wire", 30, amount=50e6, role="restatement", evidence="It had raised $50m before."),
    )

    assert len(deal.reports) == 1


def test_an_extension_is_a_new_deal_linked_to_the_round(tell, report):
    first, second = tell(
        report("wire", amount=60e6, round="series_b"),
        report("blog", 18, amount=25e6, round="series_b", evidence="An extension of Series B."),
    )

    assert second.links == {first.id: "extension_of"}
    assert second.event.amount == 25e6


def test_a_tap_is_a_new_deal_linked_to_the_bond(tell, report):
    first, second = tell(
        report("wire", type="bond", amount=400e6, status="priced", due=("2032",)),
        report(
            "blog", 30, type="bond", amount=150e6, status="priced", due=("2032",), title="A tap of"
        ),
    )

    assert second.links == {first.id: "tap_of"}


def test_upsizing_is_a_revision(tell, report):
    (deal,) = tell(
        report("issuer", type="bond", amount=500e6, status="announced"),
        report("issuer2", 2, type="bond", amount=600e6, status="priced", evidence="Upsized to"),
    )

    assert deal.event.amount == 600e6
    assert deal.history[-1].reason == "upsized"


def test_a_bond_priced_bigger_than_launched_is_one_deal(tell, report):
    (deal,) = tell(
        report("issuer", type="bond", amount=500e6, status="announced", source_class="issuer"),
        report("blog", 1, type="bond", amount=600e6, status="priced"),
    )

    assert deal.event.amount == 600e6


def test_a_correction_stays_one_deal_and_wins(tell, report):
    (deal,) = tell(
        report("wire", amount=32e6, source_class="wire"),
        report("blog", 1, amount=23e6, title="Correction: round is smaller"),
    )

    assert deal.event.amount == 23e6
    assert deal.conflicts == ()


def test_two_green_bonds_of_one_size_are_two_deals(tell, report):
    said = {"type": "bond", "amount": 500e6, "currency": "EUR", "bond_types": ["green"]}
    deals = tell(
        report("wire", status="priced", due=("2031",), **said),
        report("blog", 9, status="priced", due=("2034",), **said),
    )

    assert len(deals) == 2


def test_a_size_alone_does_not_tell_a_new_bond_from_last_week_s(tell, report):
    said = {"type": "bond", "amount": 500e6, "currency": "EUR", "status": "priced"}
    deals = tell(report("wire", **said), report("blog", 9, **said))

    assert len(deals) == 2


def test_two_coupons_are_two_bonds(tell, report):
    from crawler.types import Tranche

    low, high = (Tranche(coupon_pct=pct) for pct in (3, 4))
    said = {"type": "bond", "amount": 500e6, "status": "priced"}
    deals = tell(report("a", tranches=(low,), **said), report("b", tranches=(high,), **said))

    assert len(deals) == 2


def test_straight_and_exchangeable_are_two_bonds(tell, report):
    deals = tell(
        report("wire", type="bond", amount=1e10, currency="CNY", status="planned"),
        report("blog", 4, type="bond", amount=2e9, status="priced", bond_types=["exchangeable"]),
    )

    assert len(deals) == 2


def test_convertible_and_exchangeable_of_one_size_are_two_bonds(tell, report):
    deals = tell(
        report("wire", type="bond", amount=2e9, bond_types=["convertible"]),
        report("blog", type="bond", amount=2e9, bond_types=["exchangeable"]),
    )

    assert len(deals) == 2


def test_panda_and_offshore_are_two_bonds(tell, report):
    deals = tell(
        report("wire", type="bond", amount=2e9, currency="CNY", bond_types=["offshore"]),
        report("blog", type="bond", amount=2e9, currency="CNY", bond_types=["panda"]),
    )

    assert len(deals) == 2


def test_one_issue_in_two_currencies_is_two_linked_deals(tell, report):
    dollars = {"type": "bond", "amount": 750e6, "currency": "USD", "evidence": "dollars"}
    euros = {"type": "bond", "amount": 690e6, "currency": "EUR", "evidence": "euros"}
    deals = tell(report("wire", **dollars), report("wire", **euros), report("blog", **euros))

    assert {deal.event.currency for deal in deals} == {"USD", "EUR"}
    assert all(list(deal.links.values()) == ["other_currency_of"] for deal in deals)


def test_a_single_tranche_belongs_to_the_whole(tell, report):
    from decimal import Decimal

    from crawler.types import Tranche

    parts = tuple(Tranche(amount=Decimal(amount), maturity=year) for amount, year in TRANCHES)
    (deal,) = tell(
        report("wire", type="bond", amount=2e9, status="priced", tranches=parts),
        report("blog", type="bond", amount=500e6, status="priced", tranches=parts[:1]),
    )

    assert deal.event.amount == 2e9


TRANCHES = ((500_000_000, "2028"), (750_000_000, "2030"), (750_000_001, "2035"))


def test_a_renamed_company_keeps_its_deal(tell, report):
    (deal,) = tell(
        report("a", amount=95e6, company="Corvidane", aliases=("Brisk Robotics",)),
        report("b", 1, amount=95e6, company="Brisk Robotics"),
        report("c", 1, amount=95e6, company="Corvidane"),
    )

    assert len(deal.reports) == 3


def test_a_pair_in_brackets_joins_two_deals_and_says_so(names, fx, report, tell):
    apart = tell(
        report("zh", amount=95e6, company="羽思智能"), report("en", amount=95e6, company="Qu")
    )
    pairing = report("it", amount=95e6, company="Qu", aliases=("羽思智能",))
    found = resolve(pairing, apart, names=names, fx=fx)

    assert len(apart) == 2
    assert list(found.merged.values()) == [found.touched]
    assert [d.merged_into for d in found.deals if d.merged_into] == [found.touched]


def test_names_in_two_scripts_meet_by_sound_and_money(tell, report):
    (deal,) = tell(
        report("zh", amount=350e6, currency="CNY", company="翰鹿动力"),
        report("en", amount=350e6, currency="CNY", company="Hanlu Dynamics"),
    )

    assert deal.event.company == "Hanlu Dynamics"
    assert deal.event.aliases == ("翰鹿动力",)


def test_names_in_two_scripts_do_not_meet_by_money_alone(tell, report):
    deals = tell(
        report("zh", amount=350e6, currency="CNY", company="松顶汽车"),
        report("en", amount=350e6, currency="CNY", company="Hanlu Dynamics"),
    )

    assert len(deals) == 2


def test_homonyms_stay_apart(tell, report):
    said = {"amount": 50e6, "round": "series_b"}
    deals = tell(
        report("a", company="Ardent Robotics", **said),
        report("b", company="Ardent Analytics", **said),
    )

    assert len(deals) == 2


def test_a_homoglyph_never_joins_silently(tell, report):
    deals = tell(
        report("a", amount=50e6, company="Quillmind"),
        report("b", amount=50e6, company="Quillmіnd"),  # a Cyrillic і
    )

    assert len(deals) == 2
    assert any("mixes alphabets" in flag for deal in deals for flag in deal.flags)


def test_a_parent_and_its_vehicle_stay_apart_without_the_same_terms(tell, report):
    said = {"type": "bond", "amount": 300e6, "currency": "EUR", "status": "priced"}
    deals = tell(
        report("a", company="Kallio Group", due=("2030",), **said),
        report("b", company="Kallio Finance", due=("2035",), **said),
    )

    assert len(deals) == 2


def test_a_vehicle_s_bond_is_the_sponsor_s_when_all_terms_agree(tell, report):
    said = {"type": "bond", "amount": 1.5e9, "status": "priced", "due": ("2032",)}
    deals = tell(
        report("a", company="Deepwell Compute", **said),
        report("b", company="Deepwell Funding II Ltd", **said),
    )

    assert len(deals) == 1


def test_a_withdrawn_bond_that_returns_is_a_new_deal(tell, report):
    first, second = tell(
        report("a", type="bond", amount=800e6, status="announced"),
        report("b", 3, type="bond", amount=800e6, status="withdrawn"),
        report("c", 31, type="bond", amount=700e6, status="priced"),
    )

    assert first.event.status is Status.WITHDRAWN
    assert second.links == {first.id: "relaunch_of"}


def test_a_bare_report_joins_what_was_told_that_day(tell, report):
    (deal,) = tell(report("a"), report("b", amount=50e6, round="seed"))

    assert deal.event.amount == 50e6


def test_undisclosed_rounds_meet_by_their_lead(tell, report):
    (deal,) = tell(
        report("a", round="seed", lead_investors=("Paperboat",)),
        report("b", 2, round="seed", investors=("Paperboat",)),
    )

    assert deal.event.lead_investors == ("Paperboat",)


def test_status_never_goes_back(tell, report):
    (deal,) = tell(
        report("a", amount=50e6, status="completed"),
        report("b", 1, amount=50e6, status="announced"),
    )

    assert deal.event.status is Status.COMPLETED


def test_the_same_report_again_changes_nothing(names, fx, report, tell):
    one = report("a", amount=50e6)
    deals = tell(one)
    found = resolve(one, deals, names=names, fx=fx)

    assert (found.deals, found.new, found.touched) == ((), False, deals[0].id)
    assert found.change == {}


def test_a_repeat_is_not_material_and_a_move_is(names, fx, report, tell):
    deals = tell(report("a", amount=50e6, status="rumoured"))
    repeat = resolve(report("b", amount=50e6, status="rumoured"), deals, names=names, fx=fx)
    move = resolve(report("c", 1, amount=50e6, status="announced"), deals, names=names, fx=fx)

    assert repeat.material == {}
    assert dict(move.material) == {"status": ('"rumoured"', '"announced"')}


def test_announced_and_completed_rounds_differ_by_wording_only(names, fx, report, tell):
    deals = tell(report("a", amount=50e6, status="announced"))
    found = resolve(report("b", 1, amount=50e6, status="completed"), deals, names=names, fx=fx)

    assert "status" in found.change
    assert found.material == {}


def test_a_decision_says_why(names, fx, report, tell):
    deals = tell(report("a", amount=50e6, lead_investors=("Larkspur",)))
    found = resolve(
        report("b", 1, amount=50e6, lead_investors=("Larkspur",)), deals, names=names, fx=fx
    )

    assert found.reasons[:2] == ("amount equal +2.0", "same lead +1.2")
    assert found.score > 3


def test_as_of_forgets_what_came_later(names, fx, report, tell):
    (deal,) = tell(
        report("a", amount=500e6, status="rumoured"),
        report("b", 20, amount=430e6, status="announced", round="series_c"),
    )
    then = as_of(deal, deal.first_seen + timedelta(days=7), names=names, fx=fx)

    assert then.event.status is Status.RUMOURED
    assert then.event.amount == 500e6
    assert as_of(deal, deal.first_seen - timedelta(days=1), names=names, fx=fx) is None


def test_a_late_article_takes_its_place_in_time(tell, report):
    (deal,) = tell(
        report("b", 2, amount=50e6, status="announced"),
        report("a", 0, amount=50e6, status="rumoured", seen=9),
    )

    assert [r.changed["status"][1] for r in deal.history] == ['"rumoured"', '"announced"']
    assert deal.history[0].known_at > deal.history[1].known_at


@pytest.mark.parametrize("kind", ["loan", "ipo", "acquisition", "fund_close"])
def test_other_events_resolve_alike(kind, tell, report):
    deals = tell(report("a", type=kind, amount=50e6), report("b", 1, type=kind, amount=50e6))

    assert len(deals) == 1


def test_a_denial_printed_before_the_rumour_is_heard(tell, report):
    (deal,) = tell(
        report("issuer", 0, amount=500e6, role="denial"),
        report("wire", 1, amount=500e6, status="rumoured"),
        report("late", 3, amount=500e6, status="rumoured"),
    )

    assert deal.event.status is Status.WITHDRAWN
    assert len(deal.reports) == 3


def test_a_denial_of_other_money_or_of_a_later_rumour_is_not_the_deal_s(tell, report):
    rumour = report("wire", 5, amount=500e6, status="rumoured")
    (other,) = tell(rumour, report("a", 6, amount=20e6, role="denial"))
    (later,) = tell(rumour, report("a", 0, amount=500e6, role="denial"))
    (round_,) = tell(
        report("wire", 5, amount=500e6, status="rumoured", round="series_a"),
        report("a", 6, amount=500e6, round="series_b", role="denial"),
    )

    assert [d.event.status for d in (other, later, round_)] == [Status.RUMOURED] * 3


def test_a_restatement_of_an_unknown_round_hangs_nowhere(tell, report):
    (deal,) = tell(
        report("a", amount=50e6, round="series_b"),
        report("b", 9, amount=50e6, round="series_a", role="restatement"),
        report("c", 9, amount=9e6, role="restatement"),
        report("d", 9, amount=50e6, role="restatement", company="Somebody Else"),
    )

    assert len(deal.reports) == 1


def test_a_rumour_weeks_after_the_closing_is_a_new_one(tell, report):
    deals = tell(
        report("a", amount=500e6, status="completed"),
        report("b", 15, amount=700e6, status="rumoured"),
        report("c", 16, amount=500e6, status="rumoured", lead_investors=("Larkspur",)),
    )

    assert len(deals) == 2


def test_a_status_chain_lasts_months_but_not_years(tell, report):
    said = {"amount": 50e6, "round": "series_b"}
    chain = tell(report("a", status="planned", **said), report("b", 90, status="completed", **said))
    apart = tell(
        report("a", status="planned", **said), report("b", 200, status="completed", **said)
    )

    assert (len(chain), len(apart)) == (1, 2)


def test_a_late_retelling_must_agree_on_nearly_everything(tell, report):
    said = {"amount": 50e6, "status": "completed"}
    full = {"round": "series_b", "lead_investors": ("Larkspur",)}

    assert len(tell(report("a", **said, **full), report("b", 40, **said, **full))) == 1
    assert len(tell(report("a", **said), report("b", 40, **said))) == 2


def test_an_extension_is_never_an_upsizing(tell, report):
    deals = tell(
        report("a", amount=60e6, round="series_b", evidence="It raised $60m, upsized."),
        report("b", 1, amount=80e6, round="series_b", evidence="An extension."),
    )

    assert len(deals) == 2


def test_a_corrected_maturity_stays_one_bond(tell, report):
    said = {"type": "bond", "amount": 500e6, "status": "priced"}
    (deal,) = tell(
        report("a", due=("2031",), **said),
        report("b", 1, due=("2034",), title="Correction: matures later", **said),
    )

    assert deal.event.tranches[0].maturity == "2034"


def test_both_exchangeable_is_agreement(tell, report):
    said = {"type": "bond", "amount": 2e9, "bond_types": ["exchangeable"]}
    (deal,) = tell(report("a", status="planned", **said), report("b", 9, status="priced", **said))

    assert deal.event.status is Status.PRICED


def test_an_alias_known_to_one_side_only_still_counts(tell, report):
    deals = tell(
        report("a", amount=50e6, company="羽思智能", aliases=("Quillmind AI",)),
        report("b", amount=50e6, company="Quillmind"),
        report("c", amount=50e6, company="D of Quillmind", round="seed", lead_investors=("L",)),
        report("d", amount=50e6, company="Quillmind", round="seed", lead_investors=("L",)),
    )

    assert len(deals) == 1


def test_companies_of_the_table_are_never_alike(tell, report):
    said = {"amount": 50e6, "round": "seed", "lead_investors": ("Larkspur",)}

    assert len(tell(report("a", company="TSMC", **said), report("b", company="UMC", **said))) == 2


def test_a_third_report_brings_two_groups_together(tell, report):
    (deal,) = tell(
        report("a", 0, round="series_b", investors=("Larkspur",)),
        report("b", 6, amount=50e6, lead_investors=("Bluefin",)),
        report("b2", 6, amount=50e6, investors=("Bluefin",)),
        report("c", 3, amount=50e6, round="series_b", investors=("Larkspur", "Bluefin")),
    )

    assert len(deal.reports) == 4


def test_history_waits_for_a_report(tell, report):
    (deal,) = tell(
        report("issuer", 0, amount=500e6, role="denial"),
        report("wire", 0.5, amount=500e6, status="rumoured"),
    )

    assert [r.url for r in deal.history] == ["https://wire.example/a"]


def test_a_bare_rumour_can_be_denied(tell, report):
    (deal,) = tell(report("a", status="rumoured"), report("b", role="denial"))

    assert deal.event.status is Status.WITHDRAWN


def test_a_sum_recalled_beside_other_news_makes_no_deal(tell, report):
    deals = tell(
        report("a", type="bond", amount=3e8, status="priced"),
        report("b", 20, type="bond", amount=5e8, status="priced", evidence="It sold bonds."),
        report("b", 20, type="bond", amount=3e8, status="priced", evidence="Weeks after others."),
    )

    assert [len(deal.reports) for deal in deals] == [2, 1]


def test_the_same_sum_from_another_lead_a_week_later_is_another_round(tell, report):
    deals = tell(
        report("a", amount=20e6, lead_investors=("Rowan",)),
        report("b", 8, amount=20e6, lead_investors=("Ginkgo",)),
    )

    assert len(deals) == 2


def test_a_particle_on_a_japanese_name_does_no_harm(tell, report):
    said = {"amount": 3e9, "currency": "JPY", "round": "series_a"}
    deals = tell(
        report("a", company="青森サーバー", **said), report("b", company="青森サーバーは", **said)
    )

    assert len(deals) == 1


def test_a_homoglyph_does_not_join_by_its_alias_either(tell, report):
    deals = tell(
        report("a", amount=50e6, company="Quillmind"),
        report("b", amount=50e6, company="Quillmіnd", aliases=("Quillmind",)),
    )

    assert len(deals) == 2


def test_too_many_deals_are_not_all_held_against_each_other(tell, report, monkeypatch):
    monkeypatch.setattr("crawler.resolve.partition._MANY", 0)

    assert len(tell(report("a", amount=50e6), report("b", amount=50e6))) == 1


def test_an_extension_hangs_on_its_own_round(tell, report):
    first, other, second = tell(
        report("a", 0, amount=20e6, round="series_a"),
        report("b", 30, amount=60e6, round="series_b"),
        report("c", 60, amount=5e6, round="series_a", evidence="An extension."),
    )

    assert second.links == {first.id: "extension_of"}
    assert other.links == {}


def test_links_outside_the_block_are_kept(names, fx, tell, report):
    first, second = tell(
        report("a", amount=60e6, round="series_b"),
        report("b", 18, amount=25e6, round="series_b", evidence="An extension of Series B."),
    )
    found = resolve(
        report("c", 18, amount=25e6, round="series_b", evidence="An extension."),
        [second],
        names=names,
        fx=fx,
    )

    assert found.deals[0].links == {first.id: "extension_of"}


def test_two_groups_meet_when_a_third_report_agrees_with_both(tell, report):
    (deal,) = tell(
        report("a", 0, round="series_b", investors=("Larkspur",)),
        report("b", 1, amount=50e6, lead_investors=("Bluefin",)),
        report(
            "c",
            2,
            amount=50e6,
            round="series_b",
            investors=("Larkspur",),
            lead_investors=("Bluefin",),
        ),
    )

    assert len(deal.reports) == 3


def test_a_split_holds_against_every_later_likeness(names, fx, tell, report):
    from crawler.resolve import split

    (deal,) = tell(*(report(url, amount=5e6, round="seed") for url in "abcd"))
    decision = split(deal, ["https://c.example/a", "https://d.example/a"])
    found = resolve(None, [deal], names=names, fx=fx, constraints=[decision])

    assert sorted(len(part.reports) for part in found.deals) == [2, 2]


def test_a_word_before_the_name_does_no_harm_when_all_agrees(tell, report):
    said = {"amount": 50e6, "round": "series_a", "lead_investors": ("Larkspur",)}
    deals = tell(
        report("a", company="Yunqi Vision", **said),
        report("b", company="Startup Yunqi Vision", **said),
    )

    assert len(deals) == 1


def test_an_outlet_may_forget_that_a_bond_is_exchangeable(tell, report):
    said = {"type": "bond", "amount": 2e9, "status": "priced"}
    (deal,) = tell(report("a", bond_types=["exchangeable"], **said), report("b", **said))

    assert deal.event.bond_types == ("exchangeable",)


def test_near_names_with_other_sums_are_two_companies(tell, report):
    said = {"round": "series_b", "lead_investors": ("Larkspur",)}
    deals = tell(
        report("wire", company="Alderfir Robotics", amount=60e6, **said),
        report("blog", company="Alderiris Robotics", amount=90e6, **said),
    )

    assert len(deals) == 2


def test_a_misspelt_name_with_the_same_sum_is_one(tell, report):
    said = {"round": "series_b", "amount": 60e6}
    deals = tell(
        report("wire", company="Corvid Robotics", **said),
        report("blog", company="Corvid Robotic", **said),
    )

    assert len(deals) == 1
