"""Every German noun has a capital: which words are names?"""

from datetime import UTC, datetime

import pytest

from crawler.classify import analysis, german, reading
from crawler.types import Document


def read(text, title="-"):
    document = Document(
        title=title, text=text, lang="de", published=datetime(2025, 11, 3, tzinfo=UTC)
    )
    return reading.read(document, "de")


def names(text, title="-"):
    return {mention.text for mention in german.names_of(read(text, title))}


def best(title, text):
    document = Document(
        title=title, text=text, lang="de", published=datetime(2025, 11, 3, tzinfo=UTC)
    )
    return analysis.propose(document, "de").proposals[0].event


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Das Münchner Start-up Kernblick hat 48 Millionen Euro eingesammelt.", "Kernblick"),
        ("Der Rechenzentrumsbetreiber Voltara begibt eine Anleihe.", "Voltara"),
        ("Die Rüstungs-KI Falkwerk verhandelt mit Investoren.", "Falkwerk"),
        ("Geld gibt der Reedereikonzern Brandt & Söhne.", "Brandt & Söhne"),
        ("Angeführt wird sie vom Elbe Technologiefonds.", "Elbe Technologiefonds"),
        ("Zellwerk aus Leipzig hat eine Runde abgeschlossen.", "Zellwerk"),
        ("Die Aktie der Nordhafen AG legt zu.", "Nordhafen AG"),
        ("Mit dabei ist die Zürcher Kantonalbank.", "Zürcher Kantonalbank"),
        ("Begleitet haben Commerzbank und J.P. Morgan.", "J.P. Morgan"),
        ("Ex-Skirennläuferin Nina Hölzl gibt Geld.", "Nina Hölzl"),
    ],
)
def test_what_stands_before_a_name_is_taken_off(text, name):
    assert name in names(text)


@pytest.mark.parametrize(
    "text",
    [
        "Mit dem frischen Kapital will das Unternehmen in neue Märkte.",
        "Angeführt wird die Finanzierung von alten Geldgebern.",
        "Die Bewertung stieg auf eine Milliarde Euro, die Nachfrage war hoch.",
        "Zuletzt hatte der Vorstand eine Einigung mit der Technischen Universität erzielt.",
        "In einer Series-B-Runde kam das Geld zusammen.",
    ],
)
def test_common_nouns_are_no_names(text):
    assert names(text) == set()


def test_a_genitive_is_the_same_name():
    assert names("Kernblicks Gründer jubeln. Für Kernblick ist es viel Geld.") == {"Kernblick"}


def test_a_topic_that_stays_in_the_title_is_no_name():
    text = "Pflegia aus Dresden baut Roboter.\nEs gibt Geld.\nDie Runde ist groß.\nGut so."

    assert "Gründerticker" not in names(text, "Gründerticker: Geld für Roboter")


def test_a_seed_round_with_its_lead_and_its_followers():
    found = best(
        "Lichtblick Robotics sammelt 22 Mio. Euro ein",
        "Münchner Robotik-Firma überzeugt Investoren: Lichtblick Robotics hat 22 Millionen Euro "
        "eingesammelt. Angeführt wurde die Runde von Atomico, Bestandsinvestor Cherry Ventures "
        "zog mit.",
    )

    assert (found.company, found.amount) == ("Lichtblick Robotics", 22_000_000)
    assert found.lead_investors == ("Atomico",)
    assert found.investors == ("Cherry Ventures",)


def test_a_bond_of_a_size_is_not_over_that_size():
    found = best(
        "Nordkette begibt Anleihe über 500 Millionen Euro",
        "Der Energieversorger Nordkette hat eine Anleihe über 500 Millionen Euro mit einer "
        "Laufzeit von sieben Jahren begeben. Der Kupon liegt bei 3,5 Prozent.",
    )

    assert (found.company, found.qualifier.value) == ("Nordkette", "exact")
    assert [(t.tenor_years, float(t.coupon_pct)) for t in found.tranches] == [(7.0, 3.5)]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        (
            "Kaltwasser will in der kommenden Woche eine Anleihe über 400 Mio. Euro begeben.",
            "planned",
        ),
        ("Kaltwasser hat eine Anleihe über 400 Mio. Euro begeben.", "priced"),
    ],
)
def test_an_infinitive_that_looks_like_a_participle_is_a_plan(text, status):
    assert best("Kaltwasser: Anleihe", f"Der Anlagenbauer {text}").status.value == status
