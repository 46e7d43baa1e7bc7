"""Who led and who joined, in the ways newsrooms say it."""

import pytest

from crawler.classify import analysis
from crawler.types import DealType, Document


def backers(title, text, lang):
    """Return the leads and the other investors of the round an article tells of."""
    found = [
        p.event
        for p in analysis.propose(Document(title=title, text=text, lang=lang), lang).proposals
        if p.event.type is DealType.FUNDING
    ]
    best = max(found, key=lambda e: (e.amount or 0, len(e.lead_investors)))
    return set(best.lead_investors), set(best.investors)


ROUNDS = [
    (
        "en",
        "Orrin raises $20m",
        (
            "Orrin has raised $20 million in a Series A co-led by new investors Alder Capital and "
            "Brisk Ventures, with participation from Cove Partners."
        ),
        {"Alder Capital", "Brisk Ventures"},
        {"Cove Partners"},
    ),
    (
        "en",
        "Orrin raises $20m",
        (
            "Orrin has raised $20 million in a Series A. Alder Capital wrote the biggest "
            "cheque. Also "
            "writing checks were Brisk Ventures and Cove Partners."
        ),
        {"Alder Capital"},
        {"Brisk Ventures", "Cove Partners"},
    ),
    (
        "en",
        "Orrin raises $20m",
        "Orrin has raised $20 million from Alder Capital (lead), Brisk Ventures and Cove Partners.",
        {"Alder Capital"},
        {"Brisk Ventures", "Cove Partners"},
    ),
    (
        "en",
        "Orrin raises $2m",
        (
            "Orrin has raised $2 million in a seed round led by Alder Capital, with participation "
            "from Cove Partners and angels including former Ledgerly CFO Priya Menon."
        ),
        {"Alder Capital"},
        {"Cove Partners", "Priya Menon"},
    ),
    (
        "de",
        "Kernblick erhält 12 Millionen Euro",
        (
            "Kernblick hat in einer Serie A 12 Millionen Euro eingesammelt. Lead-Investor ist "
            "Alster "
            "Ventures. Beteiligt haben sich auch Reutter Capital und Isar Seed."
        ),
        {"Alster Ventures"},
        {"Reutter Capital", "Isar Seed"},
    ),
    (
        "fr",
        "Calypsia lève 12 millions d'euros",
        (
            "Calypsia lève 12 millions d'euros en série A, un tour emmené par Brumaire Capital, "
            "avec "
            "Caldera Ventures et Ormeau Partners."
        ),
        {"Brumaire Capital"},
        {"Caldera Ventures", "Ormeau Partners"},
    ),
    (
        "fr",
        "Calypsia lève 12 millions d'euros",
        (
            "Calypsia lève 12 millions d'euros en série A. Brumaire Capital mène le tour. Caldera "
            "Ventures et Ormeau Partners figurent parmi les investisseurs."
        ),
        {"Brumaire Capital"},
        {"Caldera Ventures", "Ormeau Partners"},
    ),
    (
        "es",
        "Lumbre capta 12 millones de euros",
        (
            "Lumbre ha cerrado una ronda serie A de 12 millones de euros coliderada por Brezo "
            "Capital "
            "y Cauce Ventures, en la que han participado también Dehesa Partners y Ebro Seed."
        ),
        {"Brezo Capital", "Cauce Ventures"},
        {"Dehesa Partners", "Ebro Seed"},
    ),
    (
        "pt",
        "Semeia capta R$ 30 milhões",
        (
            "A Semeia captou R$ 30 milhões em uma rodada série A puxada pelo Ipê Capital. "
            "Acompanharam o Jatobá Ventures e a Cerrado Seed."
        ),
        {"Ipê Capital"},
        {"Jatobá Ventures", "Cerrado Seed"},
    ),
    (
        "it",
        "Vespera raccoglie 12 milioni di euro",
        (
            "Vespera ha raccolto 12 milioni di euro in un round di Serie A sotto la regia di Olmo "
            "Capital. Confermano la fiducia anche i soci storici Pino Ventures e Quercia Seed."
        ),
        {"Olmo Capital"},
        {"Pino Ventures", "Quercia Seed"},
    ),
    (
        "it",
        "Vespera raccoglie 12 milioni di euro",
        (
            "Vespera ha raccolto 12 milioni di euro in un round di Serie A sottoscritto da Olmo "
            "Capital (capofila), Pino Ventures e Quercia Seed."
        ),
        {"Olmo Capital"},
        {"Pino Ventures", "Quercia Seed"},
    ),
    (
        "en",
        "Orrin raises $20m",
        (
            "Orrin has raised $20 million from Alder Capital, its chief executive told the "
            "Ledger. Last year it raised $5 million in a seed round led by Brisk Ventures."
        ),
        set(),
        {"Alder Capital"},
    ),
    (
        "zh",
        "衡石具身完成近2亿元B轮融资",
        "工业机器人公司衡石具身完成近2亿元B轮融资，由青松创投领投，老股东拾级资本持续加注。",
        {"青松创投"},
        {"拾级资本"},
    ),
    (
        "ko",
        "리브칩, 130억원 시리즈B 투자 유치",
        (
            "반도체 기업 리브칩은 130억원의 시리즈B 투자를 유치했다. 한강인베스트먼트가 앵커 "
            "투자자로 나섰고 다온벤처스와 대성창업투자가 함께했다."
        ),
        {"한강인베스트먼트"},
        {"다온벤처스", "대성창업투자"},
    ),
]


@pytest.mark.parametrize(("lang", "title", "text", "leads", "rest"), ROUNDS)
def test_a_list_of_backers_is_read_whole(lang, title, text, leads, rest):
    assert backers(title, text, lang) == (leads, rest)


BOOKS = [
    ("en", "Orrin sells bonds", "HSBC, UBS and Citi ran the books.", {"HSBC", "UBS", "Citi"}),
    ("en", "Orrin sells bonds", "Alder Securities arranged the placement.", {"Alder Securities"}),
    (
        "de",
        "Kernblick begibt Anleihe",
        "Begleitet wird die Emission von der Nordland Bank.",
        {"Nordland Bank"},
    ),
    (
        "fr",
        "Calypsia émet des obligations",
        "Natixis et HSBC pilotaient l'opération.",
        {"Natixis", "HSBC"},
    ),
    (
        "es",
        "Lumbre coloca bonos",
        "Los intermediarios fueron Banco Sauce y Ceibo Valores.",
        {"Banco Sauce", "Ceibo Valores"},
    ),
    (
        "pt",
        "Semeia emite debêntures",
        "O Banco Sauce era o coordenador líder.",
        {"Banco Sauce"},
    ),
    (
        "it",
        "Vespera colloca un bond",
        "Banca Olmo ha curato il collocamento.",
        {"Banca Olmo"},
    ),
]
SIZES = {
    "en": "Orrin sold $300 million of bonds due 2031. ",
    "de": "Kernblick hat eine Anleihe über 300 Millionen Euro begeben. ",
    "fr": "Calypsia a émis 300 millions d'euros d'obligations. ",
    "es": "Lumbre ha colocado bonos por 300 millones de euros. ",
    "pt": "A Semeia emitiu R$ 300 milhões em debêntures. ",
    "it": "Vespera ha collocato un bond da 300 milioni di euro. ",
}


@pytest.mark.parametrize(("lang", "title", "text", "banks"), BOOKS)
def test_the_banks_that_sell_a_bond_are_found(lang, title, text, banks):
    article = Document(title=title, text=SIZES[lang] + text, lang=lang)
    found = [p.event for p in analysis.propose(article, lang).proposals]

    assert set(max(found, key=lambda e: e.amount or 0).bookrunners) == banks
