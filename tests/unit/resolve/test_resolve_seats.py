"""Why each report is in its deal, and why it is in no other."""

from crawler.types import Role


def urls(deal):
    return sorted(report.source for report in deal.reports)


def seats(deal):
    return {report.source: report.seat for report in deal.reports}


def test_every_witness_has_its_score_and_reasons(tell, report):
    (deal,) = tell(
        report("wire", amount=50e6, round="series_b", lead_investors=("Larkspur",)),
        report("blog", 1, amount=50e6, round="series_b"),
    )

    found = seats(deal)
    assert found["wire"].reasons == ("the first to report it",)
    assert found["blog"].score > 3
    assert found["blog"].reasons[:2] == ("amount equal +2.0", "same round +1.0")


def test_reasons_follow_the_days_of_print_not_of_arrival(tell, report):
    late, early = report("late", 1, amount=50e6), report("early", amount=50e6)
    (deal,) = tell(late, early)

    assert seats(deal)["early"].reasons == ("the first to report it",)


def test_a_near_miss_says_what_told_the_two_apart(tell, report):
    first, second = tell(
        report("wire", type="bond", amount=5e8, due=("2031",)),
        report("blog", 2, type="bond", amount=5e8, due=("2035",)),
    )

    assert second.apart == {first.id: "other maturity (2035, not 2031)"}
    assert first.apart == {}


def test_a_stranger_is_no_near_miss(tell, report):
    _, second = tell(
        report("wire", amount=5e7, company="Quillmind"),
        report("blog", 1, amount=5e7, company="Harrow"),
    )

    assert second.apart == {}


def test_background_told_beside_news_of_another_kind_makes_no_deal(tell, report):
    sold = {"type": "bond", "status": "priced", "amount": 2e11, "currency": "KRW"}
    (deal,) = tell(report("wire", **sold), report("blog", 14, amid=True, **sold))

    assert [r.part for r in deal.reports] == [Role.REPORT, Role.RESTATEMENT]
    assert seats(deal)["blog"].reasons[-1] == "recalled beside other news"


def test_terms_of_the_news_are_not_held_against_what_it_recalls(tell, report):
    news = {"type": "bond", "due": ("2033",), "bond_types": ("exchangeable",)}
    deals = tell(
        report("wire", type="bond", amount=3.5e9, currency="CNY", due=("2031",)),
        report("blog", 6, amount=1.2e9, **news),
        report("blog", 6, amount=3.5e9, currency="CNY", status="planned", **news),
    )

    assert [urls(deal) for deal in deals] == [["blog", "wire"], ["blog"]]
    assert deals[0].event.bond_types == ()
    assert deals[0].event.tranches[0].maturity == "2031"


def test_a_headline_read_as_a_name_joins_the_company_it_names(tell, report):
    told = {"amount": 95e6, "currency": "EUR", "round": "series_b"}
    odd = report(
        "es",
        company="Nueva Serie B",
        title="Nueva Serie B de 95 millones para Corvidane",
        lead_investors=("Nordhaven",),
        **told,
    )
    known = [
        report("en", company="Corvidane", lead_investors=("Nordhaven",), **told),
        report("de", 1, company="Corvidane", lead_investors=("Nordhaven",), **told),
    ]

    for order in ([*known, odd], [odd, *known], [known[0], odd, known[1]]):
        (deal,) = tell(*order)
        assert urls(deal) == ["de", "en", "es"]
        assert (deal.event.company, deal.event.aliases) == ("Corvidane", ())


def test_who_pays_is_not_the_company_that_a_headline_names(tell, report):
    told = {"amount": 95e6, "round": "series_b", "lead_investors": ("Nordhaven",)}
    deals = tell(
        report("en", company="Nordhaven", **told),
        report("es", company="Corvidane", title="Nordhaven backs Corvidane", **told),
    )

    assert len(deals) == 2


def test_a_rival_of_the_same_day_and_size_is_not_who_a_report_names(tell, report):
    told = {"type": "bond", "status": "priced", "amount": 1e9, "due": ("2031",)}
    deals = tell(
        report("wire", company="Larkdale", **told),
        report("blog", company="Torrance", title="Torrance matches Larkdale", **told),
    )

    assert len(deals) == 2


def test_a_wrong_vowel_and_one_more_are_another_company(tell, report):
    told = {"amount": 15e6, "round": "series_a"}
    deals = tell(
        report("fr", company="Lumen Robotics", **told),
        report("ko", 1, company="루미나로보틱스", aliases=("Lumina Robotics",), **told),
        report("en", 2, company="Lumina Robotics", **told),
    )

    assert [urls(deal) for deal in deals] == [["fr"], ["en", "ko"]]
