"""French, Spanish and Portuguese: names among elisions, articles and joined lists."""

from datetime import UTC, datetime

import pytest

from crawler.classify import analysis, names, reading, romance
from crawler.types import Document

DAY = datetime(2025, 11, 3, tzinfo=UTC)


def found(lang, text, title="-"):
    seen = reading.read(Document(title=title, text=text, lang=lang, published=DAY), lang)
    return {mention.text for mention in romance.refine(seen, names.latin(seen))}


def best(lang, title, text):
    document = Document(title=title, text=text, lang=lang, published=DAY)
    return analysis.propose(document, lang).proposals[0].event


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        ("fr", "le bilan d'Orizon et l'avis qu'Électrys attend", {"Orizon", "Électrys"}),
        ("fr", "Selon Bloomberg, rien n'est signé avec Kalpa.", {"Kalpa"}),
        ("fr", "un prêt de la Banque Postale à Linea Énergie", {"Linea Énergie"}),
        ("es", "dirigen la operación BBVA y Santander", {"BBVA", "Santander"}),
        ("es", "invirtió US$ 5 millones en Quinoa Labs", {"Quinoa Labs"}),
        ("pt", "a rede Clínica Já negocia um aporte", {"Clínica Já"}),
        ("pt", "Healthtech Lupa capta; a Lupa cresce", {"Lupa"}),
    ],
)
def test_small_words_are_no_part_of_a_name(lang, text, wanted):
    assert wanted <= found(lang, text)


def test_an_institution_keeps_its_small_words():
    text = "dirigée par la Caisse de dépôt et placement du Québec, suivie par Inovia Nord."

    assert "Caisse de dépôt et placement du Québec" in found("fr", text)


def test_a_role_in_capitals_is_no_name():
    assert "Teneurs de Livre Associés" not in found(
        "fr", "BNP Paribas et Natixis sont Teneurs de Livre Associés de la société Belmont."
    )


def test_a_topic_that_stays_in_the_title_is_no_name():
    text = "La société Semis lève 5 M€.\nElle recrute.\nElle vend.\nElle exporte."

    assert "Hydrogène" not in found("fr", text, "Hydrogène : Semis lève 5 M€")


@pytest.mark.parametrize(
    ("lang", "title", "text", "company", "leads", "others"),
    [
        (
            "fr",
            "La foodtech Terra Cognita lève 4 M€",
            (
                "Terra Cognita, qui développe des protéines, a réuni 4 millions d'euros en "
                "amorçage. L'opération a été menée par Ventech, suivi par Asterion."
            ),
            "Terra Cognita",
            {"Ventech"},
            {"Asterion"},
        ),
        (
            "es",
            "Nimbo cierra una ronda de 6 millones liderada por Kibo",
            (
                "La startup malagueña Nimbo ha cerrado una ronda de financiación de 6 millones de "
                "euros liderada por Kibo Ventures, con la participación de JME."
            ),
            "Nimbo",
            {"Kibo Ventures"},
            {"JME"},
        ),
        (
            "pt",
            "Lumina levanta R$ 35 milhões em Série A liderada pela Kaszek",
            (
                "A Lumina, de Curitiba, levantou R$ 35 milhões em uma rodada Série A liderada "
                "pela Kaszek, com participação da Monashees."
            ),
            "Lumina",
            {"Kaszek"},
            {"Monashees"},
        ),
        (
            "pt",
            "Zunir recebe R$ 22 milhões da Maya Capital",
            "A startup paulistana Zunir recebeu R$ 22 milhões da Maya Capital e do BID Lab.",
            "Zunir",
            set(),
            {"Maya Capital", "BID Lab"},
        ),
    ],
)
def test_who_raised_from_whom(lang, title, text, company, leads, others):
    event = best(lang, title, text)

    assert event.company == company
    assert set(event.lead_investors) == leads
    assert set(event.investors) == others


def test_a_series_of_bonds_is_no_round():
    event = best(
        "es",
        "Puertos del Sur coloca bonos",
        "Puertos del Sur informa la colocación de bonos serie D por UF 2.000.000, a 15 años.",
    )

    assert event.type.value == "bond"


def test_a_coupon_not_fixed_yet_is_none():
    event = best(
        "fr",
        "Valnéo lance une émission d'obligations convertibles",
        "Valnéo lance une émission d'obligations convertibles de 60 millions d'euros à cinq ans, "
        "au taux annuel compris entre 1,75 % et 2,25 %.",
    )

    assert [t.coupon_pct for t in event.tranches] == [None]
