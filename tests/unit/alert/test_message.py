from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from crawler.alert import blocks
from crawler.alert.figures import Pen
from crawler.alert.message import headline, message
from crawler.alert.words import languages, words
from crawler.types import (
    Conflict,
    DealType,
    Event,
    Qualifier,
    Role,
    Round,
    Status,
    Tranche,
    UsdBasis,
)
from tests.fakes.deals import NOON, QUOTE, alert, bond, deal, event, report, update


@pytest.mark.parametrize(
    ("told", "lang", "line"),
    [
        (
            event(),
            "en",
            "Zhipu AI · over CNY 1 billion (US$137.22 million) · funding, strategic · announced",
        ),
        (
            event(),
            "it",
            (
                "Zhipu AI · oltre CNY 1 miliardo (US$137,22 milioni) · raccolta di capitale, "
                "strategico · annunciato"
            ),
        ),
        (event(), "zh", "Zhipu AI · 超过CNY 10亿 (US$1.37亿) · 融资, 战略投资 · 已宣布"),
        (
            bond(amount_usd_basis=UsdBasis.FX_TABLE),
            "en",
            "Baidu · about CNY 10 billion (≈ US$1.4 billion) · bond (offshore, senior) · planned",
        ),
        (
            event(
                currency="USD", amount=Decimal(2_500_000), round=Round.SERIES_B,
                qualifier=Qualifier.EXACT,
            ),
            "de",
            "Zhipu AI · US$2,5 Millionen · Finanzierung, Serie B · angekündigt",
        ),
        (
            event(amount=None, amount_usd=None, round=Round.PRE_SERIES_A),
            "ja",
            "Zhipu AI · 金額非公表 · 資金調達, プレシリーズA · 発表",
        ),
        (
            event(
                qualifier=Qualifier.RANGE, amount=Decimal(5000), amount_max=Decimal(10000),
                currency="EUR", amount_usd=None, round=None,
            ),
            "fr",
            "Zhipu AI · de EUR 5\u202f000 à EUR 10 mille · levée de fonds · annoncé",
        ),
    ],
)  # fmt: skip
def test_the_headline_says_who_how_much_dollars_what_and_status(told, lang, line):
    assert headline(told, Pen(lang)) == line


@pytest.mark.parametrize("lang", languages())
def test_every_language_can_say_everything(lang):
    pen = Pen(lang)

    for kind in DealType:
        for status in Status:
            assert headline(event(type=kind, status=status), pen)
    for name in Round:
        assert pen.round(name)
    assert pen.when(NOON).endswith("UTC")
    assert message(update(alert(deal(bond())), status=('"planned"', '"priced"')), lang).changes


def shape(value, path=""):
    if isinstance(value, dict):
        return {p for key, item in value.items() for p in shape(item, f"{path}.{key}")}
    return {path}


@pytest.mark.parametrize("lang", languages())
def test_every_language_has_the_same_words(lang):
    assert shape(words(lang)) == shape(words("en"))


def test_a_language_that_we_do_not_speak_is_answered_in_english():
    assert words("sw") is words("en") or words("sw") == words("en")
    assert message(alert(), "sw").headline.startswith("Zhipu AI · over")


def test_the_proof_is_quoted_in_its_own_language():
    said = message(alert(), "en")

    assert said.quote == QUOTE
    assert said.quote_from == "Proof, in Italian"


def test_the_facts_of_a_bond():
    facts = dict(message(alert(deal(bond()))).facts)

    assert facts["Amount"] == "about CNY 10,000,000,000"
    assert facts["In US dollars"] == "US$1.4 billion (as printed)"
    assert facts["Tranches"] == (
        "CNY 5 billion · 5 years · due 2031 · 2.7% coupon; CNY 5 billion · 10 years"
    )
    assert facts["Bookrunners"] == "Goldman Sachs, CICC"


def test_investors_that_lead_are_not_named_twice():
    told = event(investors=("Shangcheng Capital", *"ABCDEFGH"))

    facts = dict(message(alert(deal(told))).facts)

    assert facts["Investors"] == "A, B, C, D, E, F and 2 more"
    assert "Shangcheng Capital" in facts["Lead"]


def test_the_valuation_says_its_basis():
    told = event(
        valuation=Decimal(20_000_000_000), valuation_currency="CNY", valuation_basis="post"
    )

    assert dict(message(alert(deal(told))).facts)["Valuation"] == "CNY 20 billion (post-money)"


def test_an_update_says_what_changed():
    later = update(
        alert(),
        amount=("null", "1200000000"),
        status=('"planned"', '"announced"'),
        lead_investors=("[]", '["Tencent"]'),
    )

    assert message(later).headline.startswith("Update: ")
    assert message(later).changes == (
        "Amount: CNY 1.2 billion, was not known",
        "Status: announced, was planned",
        "Lead: Tencent, was not known",
    )


def test_a_change_that_is_no_json_is_shown_as_it_is():
    assert message(update(alert(), amount=("?", "[1"))).changes == ("Amount: [1, was ?",)


def test_sources_have_time_and_language_and_only_links_that_may_be_clicked():
    bad = report(event(), url="javascript:alert(1)", published=NOON + timedelta(hours=1), lang="en")
    recalled = report(event(), role=Role.RESTATEMENT, title="later, in passing")

    sources = message(alert(deal(reports=(bad, report(event()), recalled)))).sources

    assert [(s.url, s.when, s.language) for s in sources] == [
        ("https://milano.example/zhipu", "24 Nov 2026, 12:00 UTC", "Italian"),
        ("", "24 Nov 2026, 13:00 UTC", "English"),
    ]


def test_many_sources_are_counted():
    said = message(alert(deal(reports=(report(event()),) * 11)))

    assert (len(said.sources), said.sources_left) == (8, 3)


def test_earlier_deals_and_disagreements_are_told():
    before = deal(event(amount=Decimal(3_000_000_000), amount_usd=None), id="deal-0")
    torn = deal(
        conflicts=(Conflict(slot="amount", values=(("1000000000", "", ""), ("900000000", "", ""))),)
    )

    said = message(alert(torn, earlier=(before,)))

    assert said.earlier_title == "Earlier deals of Zhipu AI"
    assert said.earlier[0].startswith("24 Nov 2026 · over CNY 3 billion · funding, strategic")
    assert said.conflict == "Outlets disagree on: Amount (CNY 1 billion / CNY 900 million)"


def test_buttons_need_a_dashboard():
    assert message(alert()).buttons == ()
    assert message(alert()).url == "https://milano.example/zhipu"

    said = message(alert(), dashboard="https://desk.example/")

    assert [(b.act, b.url) for b in said.buttons] == [
        ("open", "https://desk.example/deals/deal-1"),
        ("mute", "https://desk.example/deals/deal-1#mute"),
        ("wrong", "https://desk.example/deals/deal-1#review"),
    ]
    assert said.url == "https://desk.example/deals/deal-1"


def test_nothing_in_a_message_can_end_a_line():
    nasty = "Acme\r\nX: y\u2028\x1b[31m\u202e"
    told = event(company=nasty, evidence=nasty, lead_investors=(nasty,), use_of_proceeds=nasty)
    about = deal(told, reports=(report(told, title=nasty, source=nasty),))

    said = message(alert(about, rule=nasty))
    strings = [said.headline, said.quote, said.why, *dict(said.facts).values()]
    strings += [said.sources[0].title, said.sources[0].outlet]

    assert not [s for s in strings if set(s) & set("\r\n\u2028\x1b\u202e")]


def test_a_bare_event_still_makes_a_message():
    bare = Event(type=DealType.FUNDING, status=Status.RUMOURED, company="X")

    said = message(alert(replace(deal(bare), reports=())))

    assert said.headline == "X · undisclosed sum · funding · rumoured"
    assert said.sources == ()
    assert said.url == ""


def test_earlier_deals_stand_in_slack_under_their_title():
    before = deal(event(amount=Decimal(3_000_000_000)), id="deal-0")
    said = message(alert(earlier=(before,)))

    text = str([block.to_dict() for block in blocks.deal(said)])
    assert "*Earlier deals of Zhipu AI*" in text
    assert said.earlier[0] in text


def test_a_language_that_babel_does_not_know_keeps_its_code_and_ours_is_english():
    assert Pen("en").language("xx-unknown") == "xx-unknown"
    assert Pen("tlh-nonsense").number(1234) == "1,234"


def test_a_tranche_of_which_little_is_known_says_that_much():
    assert Pen("en").tranche(Tranche(maturity="2031"), "EUR") == "due 2031"
    assert Pen("en").tranche(Tranche(tenor_years=5), None) == "5 years"


def test_many_names_are_cut_and_counted():
    assert Pen("en").names(tuple("abcdefgh")) == "a, b, c, d, e, f and 2 more"
