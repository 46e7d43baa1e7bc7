"""Small facts of a deal: how exactly a sum is told, what kind of bond it is."""

import pytest

from crawler.classify import analysis, money
from crawler.types import BondType, DealType, Document, Qualifier


def told(lang, title, text):
    """Return the event with the biggest sum that a reading proposes."""
    article = Document(title=title, text=text, lang=lang)
    return max(
        (p.event for p in analysis.propose(article, lang).proposals), key=lambda e: e.amount or 0
    )


@pytest.mark.parametrize(
    ("lang", "title", "text", "qualifier"),
    [
        (
            "en",
            "Orrin in talks to raise $150m",
            "Orrin is in talks to raise about $150 million.",
            "about",
        ),
        (
            "it",
            "Vespera emette un bond da 60 milioni di euro",
            "Vespera emetterà obbligazioni fino a 60 milioni di euro.",
            "up_to",
        ),
        (
            "fr",
            "Calypsia lève 30 millions d'euros",
            "Calypsia annonce une levée de fonds d'environ 30 millions d'euros.",
            "about",
        ),
        ("en", "Orrin raises $15m", "Orrin raised $15 million from Alder Capital.", "exact"),
        (
            "de",
            "Kernblick holt 34 Millionen Euro",
            "Kernblick hat Finanzierungen über 34 Millionen Euro abgeschlossen.",
            "exact",
        ),
    ],
)
def test_the_text_says_how_exact_the_sum_of_a_title_is(lang, title, text, qualifier):
    assert told(lang, title, text).qualifier is Qualifier(qualifier)


def test_mexico_writes_thousands_of_millions_in_two_steps():
    (one,) = money.find("colocó 3 mil 500 millones de pesos", "es", None)

    assert one.value == 3_500_000_000


BONDS = [
    (
        "en",
        "Orrin sold Rs 500 crore of non-convertible debentures.",
        set(),
    ),
    (
        "en",
        "ORRIN HAS PRICED $300 MILLION OF CONVERTIBLE SENIOR NOTES DUE 2031.",
        {BondType.CONVERTIBLE, BondType.SENIOR},
    ),
    (
        "en",
        (
            "Orrin sold $300 million of senior notes. It has a €750 million green bond that it "
            "sold "
            "to fund wind farms."
        ),
        {BondType.SENIOR},
    ),
    ("it", "Vespera ha emesso obbligazioni non convertibili per 30 milioni di euro.", set()),
    ("zh", "衡岭科技发行8亿元公司债券，资金用于海外仓建设。", set()),
    ("zh", "衡岭科技发行8亿美元境外债券。", {BondType.OFFSHORE}),
]


@pytest.mark.parametrize(("lang", "text", "kinds"), BONDS)
def test_a_bond_is_called_what_the_text_calls_this_bond(lang, text, kinds):
    article = Document(title="", text=text, lang=lang)
    (event, *_) = (
        p.event
        for p in analysis.propose(article, lang).proposals
        if p.event.type is DealType.BOND and p.event.amount
    )

    assert set(event.bond_types) == kinds


def test_an_italian_article_that_prints_no_currency_counts_in_euros():
    event = told("it", "Vespera raccoglie 6,5 milioni", "Vespera ha raccolto 6,5 milioni.")

    assert event.currency == "EUR"
