"""The story the product began with: two deals in one article, in three languages."""

from decimal import Decimal

import pytest

from crawler.classify import Classifier
from crawler.config.models import Watch
from crawler.types import BondType, DealType, Document, Qualifier, Round, Status

STORY = {
    "en": Document(
        lang="en",
        title="China's Zhipu AI pulls in another billion yuan as Hangzhou bets on models",
        text=(
            "Zhipu AI, a developer of large language models, has secured more than 1 billion yuan "
            "($137.22 million) from state-backed investors in the city of Hangzhou, it said on "
            "Monday.\n\nHangzhou City Investment Group Industrial Fund and Shangcheng Capital led "
            "the round, which comes only months after the company took in 3 billion yuan. Its "
            "chatbot claims 25 million users but brings in only about $1.37 million a year.\n\n"
            "Separately, search group Baidu Inc. plans to offer about 10 billion yuan "
            "($1.4 billion) of offshore bonds, the latest company to tap debt investors abroad."
        ),
    ),
    "it": Document(
        lang="it",
        title="Zhipu AI incassa un altro miliardo di yuan, Baidu prepara i bond offshore",
        text=(
            "La startup cinese Zhipu AI ha raccolto oltre 1 miliardo di yuan (circa 137,22 milioni "
            "di dollari) in un nuovo giro di finanziamento guidato da Hangzhou City Investment "
            "Group Industrial Fund e Shangcheng Capital. L'iniezione arriva a pochi mesi da un "
            "precedente investimento di 3 miliardi di yuan.\n\nIl suo assistente conta 25 milioni "
            "di utenti e porta in cassa ricavi annui per circa 1,37 milioni di dollari.\n\nBaidu "
            "Inc. ha in programma di offrire obbligazioni offshore per circa 10 miliardi di yuan "
            "(1,4 miliardi di dollari), mentre cresce il conto degli investimenti."
        ),
    ),
    "zh": Document(
        lang="zh",
        title="智谱AI再获杭州国资逾10亿元注资，百度拟发离岸债",
        text=(
            "3月3日，大模型公司智谱AI宣布完成新一轮融资，金额超过10亿元人民币（约合1.3722亿美元），"
            "由杭州城投产业基金与上城资本领投。就在几个月前，该公司刚刚拿到30亿元投资。\n\n"
            "旗下对话产品用户数达2500万，年化收入约137万美元。\n\n另一边，百度也在筹钱：公司计划发行"
            "约100亿元人民币（14亿美元）的离岸债券，为人工智能投入筹集弹药。"
        ),
    ),
}
LEADS = {
    "en": ("Hangzhou City Investment Group Industrial Fund", "Shangcheng Capital"),
    "it": ("Hangzhou City Investment Group Industrial Fund", "Shangcheng Capital"),
    "zh": ("杭州城投产业基金", "上城资本"),
}
NAMES = {
    "en": ("Zhipu AI", "Baidu Inc."),
    "it": ("Zhipu AI", "Baidu Inc."),
    "zh": ("智谱AI", "百度"),
}


@pytest.fixture(scope="module")
def classifier():
    return Classifier()


def read(classifier, lang):
    found = classifier.analyze(STORY[lang])
    return found, {event.type: event for event in found.events}


@pytest.mark.parametrize("lang", STORY)
def test_the_round_is_read_in_every_slot(classifier, lang):
    found, events = read(classifier, lang)
    event = events[DealType.FUNDING]

    assert len(found.events) == 2
    assert event.company == NAMES[lang][0]
    assert event.status in {Status.COMPLETED, Status.ANNOUNCED}
    assert (event.amount, event.currency) == (Decimal(10**9), "CNY")
    assert event.qualifier is Qualifier.OVER
    assert event.amount_usd == Decimal(137_220_000)
    assert event.round is Round.UNSPECIFIED
    assert set(event.lead_investors) == set(LEADS[lang])
    assert event.investors == ()
    assert event.valuation is None


@pytest.mark.parametrize("lang", STORY)
def test_the_bond_is_planned_not_done(classifier, lang):
    _, events = read(classifier, lang)
    event = events[DealType.BOND]

    assert event.company == NAMES[lang][1]
    assert event.status is Status.PLANNED
    assert (event.amount, event.currency) == (Decimal(10**10), "CNY")
    assert event.qualifier is Qualifier.ABOUT
    assert event.amount_usd == Decimal(1_400_000_000)
    assert event.bond_types == (BondType.OFFSHORE,)
    assert event.tranches == ()


@pytest.mark.parametrize("lang", STORY)
def test_every_other_figure_keeps_its_reason(classifier, lang):
    found, _ = read(classifier, lang)
    refused = {figure.amount: figure.reason for figure in found.figures if figure.fate == "refused"}

    assert refused[Decimal(3 * 10**9)] == "prior round"
    assert refused[Decimal(1_370_000)] == "revenue"
    assert [e.amount for e in found.restatements] == [Decimal(3 * 10**9)]


@pytest.mark.parametrize("lang", STORY)
def test_evidence_and_names_stand_in_the_article(classifier, lang):
    found, _ = read(classifier, lang)
    article = f"{STORY[lang].title}\n{STORY[lang].text}"

    for event in found.events:
        printed = (event.evidence, event.company, *event.aliases, *event.lead_investors)
        assert all(text in article for text in printed)
        assert event.why
        assert 0 < event.confidence < 1


def test_a_watched_name_is_found_where_nothing_else_marks_it():
    document = Document(title="快讯", text="获3亿元A轮融资的是墨匣，由青松创投领投。", lang="zh")
    (event,) = Classifier(watchlist=[Watch(name="墨匣")]).analyze(document).events

    assert event.company == "墨匣"
