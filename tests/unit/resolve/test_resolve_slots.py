"""Which value a deal shows when its witnesses differ, and how they disagree."""

from decimal import Decimal

from crawler.types import BondType, Round, Tranche, UsdBasis


def test_a_filing_outweighs_a_wire_and_a_wire_an_outlet(tell, report):
    same = {"round": "series_b", "lead_investors": ("Larkspur",)}
    (deal,) = tell(
        report("blog", 1, amount=78e6, **same),
        report("wire", 0, amount=77e6, source_class="wire", **same),
        report("sec", 1, amount=76e6, source_class="filing", **same),
    )

    assert deal.event.amount == 76e6


def test_the_more_specific_value_wins_among_equals(tell, report):
    (deal,) = tell(
        report("a", 1, amount=1e9, currency="CNY", qualifier="over"),
        report("b", 0, amount=1.2e9, currency="CNY"),
    )

    assert deal.event.amount == 1.2e9


def test_the_more_recent_value_wins_last(tell, report):
    same = {"round": "series_b", "lead_investors": ("Larkspur",)}
    (deal,) = tell(report("a", amount=75e6, **same), report("b", 1, amount=78e6, **same))

    assert deal.event.amount == 78e6


def test_a_closing_outweighs_a_rumour_whoever_tells(tell, report):
    (deal,) = tell(
        report("wire", amount=500e6, status="rumoured", source_class="wire"),
        report("blog", 9, amount=430e6, status="completed", source_class="aggregator"),
    )

    assert deal.event.amount == 430e6
    assert deal.conflicts == ()


def test_the_original_currency_is_the_rounder_one(tell, report):
    (deal,) = tell(
        report("a", amount=137.22e6, source_class="wire"),
        report("b", amount=1e9, currency="CNY"),
    )

    assert (deal.event.currency, deal.event.amount_usd) == ("CNY", 137_220_000)


def test_dollars_come_from_the_table_if_nobody_prints_them(tell, report):
    (deal,) = tell(report("a", amount=1e9, currency="CNY"))

    assert deal.event.amount_usd_basis is UsdBasis.FX_TABLE
    assert 135e6 < deal.event.amount_usd < 140e6


def test_without_a_rate_there_are_no_dollars(tell, report):
    (deal,) = tell(report("a", amount=1e9, currency="XXX"))

    assert (deal.event.amount_usd, deal.event.amount_usd_basis) == (None, UsdBasis.NONE)


def test_dollars_at_the_printed_rate_keep_their_basis(tell, report):
    said = {"amount_usd": 137e6, "amount_usd_basis": "printed_rate"}
    (deal,) = tell(report("a", amount=1e9, currency="CNY", **said))

    assert deal.event.amount_usd_basis is UsdBasis.PRINTED_RATE


def test_dollars_of_unsaid_origin_are_printed(tell, report):
    (deal,) = tell(report("a", amount=1e9, currency="CNY", amount_usd=137e6))

    assert deal.event.amount_usd_basis is UsdBasis.PRINTED


def test_printed_dollars_far_off_the_rate_are_flagged(tell, report):
    wrong = {"amount_usd": 150e6, "amount_usd_basis": "printed"}
    right = {"amount_usd": 137e6, "amount_usd_basis": "printed"}
    (flagged,) = tell(report("a", amount=1e9, currency="CNY", **wrong))
    (plain,) = tell(report("a", amount=1e9, currency="CNY", **right))

    assert flagged.flags == ("printed USD is 9.3% off the rate of 2025-03-03",)
    assert plain.flags == ()


def test_a_named_round_outweighs_an_unspecified_one(tell, report):
    (deal,) = tell(
        report("wire", amount=50e6, round="unspecified", source_class="wire"),
        report("blog", amount=50e6, round="series_b"),
    )
    (unsaid,) = tell(report("wire", amount=50e6, round="unspecified"))

    assert deal.event.round is Round.SERIES_B
    assert unsaid.event.round is Round.UNSPECIFIED


def test_investors_are_gathered_once_each_and_leads_apart(tell, report):
    (deal,) = tell(
        report("a", amount=50e6, lead_investors=("Sequoia",), investors=("高瓴",)),
        report("b", amount=50e6, investors=("Sequoia Capital", "Hillhouse", "Tidal")),
    )

    assert deal.event.lead_investors == ("Sequoia",)
    assert len(deal.event.investors) == 2
    assert "Tidal" in deal.event.investors


def test_outlets_that_disagree_are_shown_with_their_words(tell, report):
    (deal,) = tell(
        report("a", amount=75e6, round="series_b", lead_investors=("Larkspur",)),
        report("b", 1, amount=75e6, round="series_b", lead_investors=("Bluefin",)),
    )
    (conflict,) = deal.conflicts

    assert conflict.slot == "lead_investors"
    assert {value for value, _, _ in conflict.values} == {'["Larkspur"]', '["Bluefin"]'}
    assert {quote for _, quote, _ in conflict.values} == {
        "a says so on day 0.", "b says so on day 1.",
    }  # fmt: skip


def test_amounts_and_valuations_in_conflict_are_kept(tell, report):
    same = {"round": "series_b", "lead_investors": ("Larkspur",), "valuation_currency": "USD"}
    (deal,) = tell(
        report("a", amount=75e6, valuation=1e9, **same),
        report("b", 1, amount=78e6, valuation=2e9, **same),
    )

    assert {conflict.slot for conflict in deal.conflicts} == {"amount", "valuation"}
    assert deal.event.valuation == 2e9


def test_a_valuation_in_another_currency_is_no_conflict(tell, report):
    (deal,) = tell(
        report("a", amount=75e6, valuation=1e9, valuation_currency="USD"),
        report("b", 1, amount=75e6, valuation=7e9, valuation_currency="CNY"),
    )

    assert deal.conflicts == ()


def test_names_in_two_scripts_are_no_conflict(tell, report):
    (deal,) = tell(
        report("a", amount=75e6, lead_investors=("Larkspur",)),
        report("b", 1, amount=75e6, lead_investors=("云雀资本",)),
    )

    assert deal.conflicts == ()


def test_rounds_named_otherwise_are_a_conflict(tell, report):
    said = {"amount": 75e6, "lead_investors": ("Larkspur",)}
    (deal,) = tell(report("a", round="strategic", **said), report("b", round="series_b", **said))

    assert [conflict.slot for conflict in deal.conflicts] == ["round"]


def test_syndicated_copies_are_one_voice(tell, report):
    text = tuple(range(64))
    same = {"amount": 75e6, "round": "series_b", "sketch": text}
    (deal,) = tell(
        report("a", lead_investors=("Larkspur",), **same),
        report("b", lead_investors=("Bluefin",), **same),
    )

    assert deal.conflicts == ()


def test_bond_terms_are_gathered(tell, report):
    exact = Tranche(amount=Decimal(500_000_000), maturity="2031-06-01", coupon_pct=Decimal(4))
    said = {"type": "bond", "amount": 500e6, "status": "priced"}
    (deal,) = tell(
        report("a", due=("2031",), bond_types=["green"], bookrunners=("高盛",), **said),
        report("b", tranches=(exact,), bond_types=["senior"], bookrunners=("Citi",), **said),
    )

    assert deal.event.tranches == (exact,)
    assert deal.event.bond_types == (BondType.GREEN, BondType.SENIOR)
    assert len(deal.event.bookrunners) == 2


def test_a_withdrawn_deal_keeps_the_last_size_marketed(tell, report):
    (deal,) = tell(
        report("a", type="bond", amount=800e6, status="announced"),
        report("b", 2, type="bond", amount=800e6, status="withdrawn"),
    )

    assert deal.event.amount == 800e6


def test_the_quote_of_each_slot_is_its_own_sentence(tell, report):
    (deal,) = tell(
        report("a", amount=50e6, valuation=1e9, quotes={"valuation": "It is worth a billion."})
    )

    assert deal.event.evidence == "a says so on day 0."
    assert deal.event.quotes == {"valuation": "It is worth a billion."}


def test_amount_changes_within_a_qualifier_are_not_material(names, fx, tell, report):
    from crawler.resolve import resolve

    deals = tell(report("a", amount=1e9, currency="CNY", qualifier="over"))
    near = resolve(report("b", amount=1.2e9, currency="CNY"), deals, names=names, fx=fx)
    image = resolve(report("c", amount=137.3e6, source_class="filing"), deals, names=names, fx=fx)

    assert "amount" in near.change
    assert near.material == image.material == {}


def test_a_first_amount_and_a_first_lead_are_material(names, fx, tell, report):
    from crawler.resolve import resolve

    deals = tell(report("a", round="seed", investors=("Paperboat",)))
    found = resolve(
        report("b", 1, amount=5e6, round="seed", lead_investors=("Paperboat",)),
        deals,
        names=names,
        fx=fx,
    )

    assert set(found.material) == {"amount", "lead_investors"}


def test_money_without_a_rate_changes_materially(names, fx, tell, report):
    from crawler.resolve import resolve

    same = {"round": "series_b", "lead_investors": ("Larkspur",)}
    deals = tell(report("a", amount=5e6, currency="XXX", **same))
    found = resolve(
        report("b", 1, amount=9e6, source_class="filing", **same), deals, names=names, fx=fx
    )

    assert "amount" in found.material


def test_dollars_printed_beside_an_unknown_currency_are_taken_as_they_are(tell, report):
    said = {"amount_usd": 5e6, "amount_usd_basis": "printed"}
    (deal,) = tell(report("a", amount=9e6, currency="XXX", **said))

    assert (deal.event.amount_usd, deal.flags) == (5_000_000, ())


def test_dollars_without_a_sum_are_not_checked(tell, report):
    (deal,) = tell(report("a", round="seed", amount_usd=5e6, amount_usd_basis="printed"))

    assert (deal.event.amount, deal.flags) == (None, ())
