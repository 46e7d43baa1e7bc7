"""What a bond is made of: sums that add up, and the terms that belong to each."""

from decimal import Decimal

import pytest

from crawler.classify import analysis
from crawler.types import DealType, Document


def tranches(text, lang, title):
    """Return the tranches of the bond an article tells of, as (millions, years, due, coupon)."""
    document = Document(title=title, text=text, lang=lang)
    bonds = [p.event for p in analysis.propose(document, lang).proposals]
    bonds = [e for e in bonds if e.type is DealType.BOND and e.amount is not None] or bonds
    best = max(bonds, key=lambda e: e.amount or 0)
    return [
        (
            t.amount and float(t.amount) / 1e6,
            t.tenor_years,
            t.maturity,
            None if t.coupon_pct is None else float(t.coupon_pct),
        )
        for t in best.tranches
    ]


SPLIT = [
    (
        "en",
        "Orrin Telecom sells $2bn of bonds",
        (
            "Orrin Telecom sold $2 billion of bonds in three parts on Monday. It placed $500 "
            "million of "
            "three-year notes at 4.2%, $700 million due 2031 at 4.65% and $800 million of "
            "10-year paper "
            "paying 5.1%."
        ),
        [(500, 3, None, 4.2), (700, None, "2031", 4.65), (800, 10, None, 5.1)],
    ),
    (
        "en",
        "Orrin Telecom prices dual-tranche bond",
        (
            "Orrin Telecom has priced €1.1 billion of senior notes. The offering consists of:\n"
            "• €600 million 3.375% notes due 2030\n• €500 million 4.000% notes due 2034\n"
            "Settlement is due next week."
        ),
        [(600, None, "2030", 3.375), (500, None, "2034", 4.0)],
    ),
    (
        "en",
        "Orrin prices samurai bonds",
        (
            "Orrin priced 45 billion yen of samurai bonds. A three-year piece of 30 billion yen "
            "will "
            "pay 1.1% and a five-year piece of 15 billion yen pays 1.5%."
        ),
        [(30000, 3, None, 1.1), (15000, 5, None, 1.5)],
    ),
    (
        "en",
        "Orrin sells bonds",
        (
            "Orrin sold $900 million of bonds: $400 million of five-year notes and $500 million of "
            "10-year notes. The shorter notes will be listed. The five-year piece pays 4.1%, the "
            "10-year piece 4.9%."
        ),
        [(400, 5, None, 4.1), (500, 10, None, 4.9)],
    ),
    (
        "de",
        "Morava Werke begibt Anleihe in zwei Tranchen",
        (
            "Morava Werke hat eine Anleihe über 900 Millionen Euro in zwei Tranchen platziert: 400 "
            "Millionen Euro laufen vier Jahre und tragen einen Kupon von 3,25 Prozent, 500 "
            "Millionen "
            "Euro mit neunjähriger Laufzeit werden mit 4,0 Prozent verzinst."
        ),
        [(400, 4, None, 3.25), (500, 9, None, 4.0)],
    ),
    (
        "fr",
        "Sarcelle Énergies émet 800 millions d'euros d'obligations",
        (
            "Sarcelle Énergies a placé 800 millions d'euros d'obligations en deux tranches : 300 "
            "millions à 5 ans assortis d'un coupon de 3,5 % et 500 millions à 12 ans servant "
            "4,25 %."
        ),
        [(300, 5, None, 3.5), (500, 12, None, 4.25)],
    ),
    (
        "es",
        "Cierzo Redes coloca 700 millones en bonos",
        (
            "Cierzo Redes ha colocado bonos por 700 millones de euros en dos tramos: 400 "
            "millones a "
            "seis años con un cupón del 3,4% y 300 millones a diez años con un cupón del 4,1%."
        ),
        [(400, 6, None, 3.4), (300, 10, None, 4.1)],
    ),
    (
        "pt",
        "Jacarandá Energia emite debêntures",
        (
            "A Jacarandá Energia emitiu R$ 900 milhões em debêntures em duas séries: R$ 400 "
            "milhões "
            "com prazo de cinco anos e taxa de 12,5% e R$ 500 milhões com prazo de sete anos e "
            "taxa "
            "de 13,1%."
        ),
        [(400, 5, None, 12.5), (500, 7, None, 13.1)],
    ),
    (
        "it",
        "Vespera Reti colloca un bond da 1,1 miliardi",
        (
            "Vespera Reti ha collocato un bond da 1,1 miliardi di euro in due tranche. La "
            "prima, da "
            "600 milioni, scade nel 2031 e paga una cedola del 3,25%; la seconda, da 500 milioni, "
            "arriva al 2036 con una cedola del 4%."
        ),
        [(600, None, "2031", 3.25), (500, None, "2036", 4.0)],
    ),
    (
        "zh",
        "衡岭科技发行11亿美元债券",
        (
            "衡岭科技完成11亿美元高级无抵押债券定价，分为两档：5年期债券6亿美元，票息4.5%，较初始指引收窄；"
            "10年期5亿美元，票息5.1%。"
        ),
        [(600, 5, None, 4.5), (500, 10, None, 5.1)],
    ),
    (
        "ja",
        "湊電機、社債500億円を発行",
        "湊電機は社債500億円の発行条件を決めた。3年債300億円（利率1.2%）、7年債200億円（同1.8%）の2本立て。",
        [(30000, 3, None, 1.2), (20000, 7, None, 1.8)],
    ),
    (
        "ko",
        "가온전자, 회사채 5000억원 발행",
        (
            "가온전자는 회사채 5000억원을 발행하기로 확정했다. 2년물 2000억원, 3년물 3000억원이다. "
            "금리는 2년물 3.1%, 3년물 3.3%로 결정됐다."
        ),
        [(200000, 2, None, 3.1), (300000, 3, None, 3.3)],
    ),
]


@pytest.mark.parametrize(("lang", "title", "text", "wanted"), SPLIT)
def test_sums_that_add_up_are_tranches_with_their_terms(lang, title, text, wanted):
    assert tranches(text, lang, title) == wanted


SINGLE = [
    (
        "en",
        "Orrin sells green bond",
        (
            "Orrin sold 300 million euros of seven-year green notes in the local market at 3.9 "
            "percent. Its revenue rose 12% in three years."
        ),
        [(300, 7, None, 3.9)],
    ),
    (
        "en",
        "Orrin taps the bond market",
        "Orrin issued $200 million of its 4.125% November 2030 notes on Tuesday.",
        [(200, None, "2030", 4.125)],
    ),
    (
        "en",
        "Orrin sells floating-rate notes",
        (
            "Orrin sold NOK 500 million of bonds with a tenor of 4.5 years and a coupon of "
            "three-month "
            "NIBOR plus 5.5 per cent."
        ),
        [(500, 4.5, None, None)],
    ),
    (
        "en",
        "Orrin sells zero-coupon convertibles",
        "Orrin raised $350 million from five-year convertible notes. The notes pay no interest.",
        [(350, 5, None, 0.0)],
    ),
    (
        "en",
        "Orrin plans bond",
        "Orrin is marketing a $400 million five-year bond with price guidance of 5.5% to 5.75%.",
        [(400, 5, None, None)],
    ),
    (
        "fr",
        "Sarcelle place une dette subordonnée",
        "Sarcelle a placé 250 millions d'euros de dette subordonnée sur dix ans et demi, à 4,75 %.",
        [(250, 10.5, None, 4.75)],
    ),
    (
        "it",
        "Vespera lancia un bond settennale",
        (
            "Vespera ha collocato un green bond settennale da 300 milioni di euro. Il Btp "
            "decennale "
            "rende il 3,5%."
        ),
        [(300, 7, None, None)],
    ),
    (
        "it",
        "Vespera emette cambiali finanziarie",
        "Vespera ha emesso obbligazioni per 20 milioni di euro, durata nove mesi, tasso 3,1%.",
        [(20, 0.75, None, 3.1)],
    ),
    (
        "de",
        "Morava Werke begibt Anleihe",
        (
            "Morava Werke öffnet die Bücher für eine Anleihe über 300 Millionen Euro, Laufzeit "
            "sechs "
            "Jahre. Kupon: 4,5 Prozent. Die zehnjährige Bundesanleihe rentiert mit 2,7 Prozent."
        ),
        [(300, 6, None, 4.5)],
    ),
    (
        "es",
        "Cierzo emite bonos",
        "Cierzo ha emitido bonos por 90 millones de euros. Vencerán a los tres años.",
        [(90, 3, None, None)],
    ),
    (
        "pt",
        "Jacarandá emite debêntures",
        "A Jacarandá emitiu R$ 300 milhões em debêntures, IPCA + 7,1%, 12 anos.",
        [(300, 12, None, None)],
    ),
    (
        "zh",
        "衡岭科技发行超短融",
        "衡岭科技发行8亿元超短期融资券，期限270天，票面利率1.7%。公司毛利率29.6%。",
        [(800, 0.74, None, 1.7)],
    ),
    (
        "ja",
        "湊電機が10年債",
        "湊電機は10年物の社債200億円の条件を決めた。利率は2.1%で、国債に対する上乗せ幅は65bp。",
        [(20000, 10, None, 2.1)],
    ),
]


LISTED = [
    (
        "pt",
        "Igapó Telecom emite debêntures",
        (
            "A Igapó Telecom emitiu R$ 900 milhões em debêntures com vencimento em 5 (cinco) e "
            "7 (sete) anos."
        ),
        [(None, 5, None, None), (None, 7, None, None)],
    ),
    (
        "pt",
        "Banco Sauce emite dívida subordinada",
        (
            "O Banco Sauce emitiu € 300 milhões em dívida subordinada Tier 2 a 10,25 anos, com "
            "opção de recompra aos 5,25 anos e cupão de 4,6%."
        ),
        [(300, 10.25, None, 4.6)],
    ),
    (
        "it",
        "Vespera, samurai bond in due tranche",
        (
            "Vespera ha collocato obbligazioni samurai per 35 miliardi di yen.\n"
            "Scadenza | Importo | Cedola\n3 anni | ¥ 20 mld | 1,62%\n5 anni | ¥ 15 mld | 1,98%"
        ),
        [(20000, 3, None, 1.62), (15000, 5, None, 1.98)],
    ),
    (
        "ja",
        "湊電機、5本立ての社債",
        "湊電機は社債5本、総額1250億円の条件を決めた。3年債420億円（年1.55%）、5年債500億円（年1.88%）のほか、劣後債を含む。",
        [(42000, 3, None, 1.55), (50000, 5, None, 1.88)],
    ),
]


@pytest.mark.parametrize(("lang", "title", "text", "wanted"), [*SINGLE, *LISTED])
def test_a_bond_in_one_piece_has_the_terms_of_its_own(lang, title, text, wanted):
    assert tranches(text, lang, title) == wanted


def test_tenors_told_without_sums_are_tranches_without_amounts():
    found = tranches(
        "Vespera ha collocato obbligazioni per 600 milioni di euro, divise in due tranche a tre e "
        "dieci anni con cedole rispettivamente dell'1,95 e del 2,60 per cento.",
        "it",
        "Vespera torna sul mercato",
    )

    assert found == [(None, 3, None, 1.95), (None, 10, None, 2.6)]


def test_a_package_of_shares_and_bonds_is_not_the_size_of_the_bond():
    article = Document(
        title="Semora lève 80 millions d'euros",
        text="Semora vient de boucler un financement de 80 millions d'euros. Le fonds Ormeau "
        "Capital apporte 40 millions d'euros en série B. Côté dette, Semora a émis un emprunt "
        "obligataire de 40 millions d'euros.",
        lang="fr",
    )
    found = {p.event.type: p.event.amount for p in analysis.propose(article, "fr").proposals}

    assert found == {
        DealType.FUNDING: Decimal(40_000_000),
        DealType.BOND: Decimal(40_000_000),
    }
