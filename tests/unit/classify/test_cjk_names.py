"""Names in scripts without capitals, and who gives whom money there."""

import pytest

from crawler.classify import analysis, cjk, reading
from crawler.types import Document


def read(lang, title, text=""):
    return reading.read(Document(title=title, text=text, lang=lang), lang)


def names(lang, title, text=""):
    return {mention.text for mention in cjk.names_of(read(lang, title, text))}


def company(lang, title, text=""):
    found = analysis.propose(Document(title=title, text=text, lang=lang), lang).proposals
    return max(found, key=lambda p: p.features["rule_score"]).event.company


@pytest.mark.parametrize(
    ("lang", "text", "wanted"),
    [
        ("zh", "大模型初创公司星帆智研近日宣布完成2亿元A轮融资", "星帆智研"),
        ("zh", "做仓储机器人的“搬山”获数千万元天使轮融资", "搬山"),
        ("zh", "企业搜索公司Quaylight官宣D轮，募集1.2亿美元", "Quaylight"),
        ("zh", "由青藤创投领投，老股东北岸资本跟投", "青藤创投"),
        ("zh", "主承销商为浙远证券和财安证券", "财安证券"),
        ("zh", "霧峰電子宣布完成3億元增資", "霧峰電子"),
        (
            "ja",
            "物流向けAIを開発するハコノワ（東京・港）は20日、10億円を調達したと発表した",
            "ハコノワ",
        ),
        ("ja", "米ブライトヘイブンが3億ドルを調達", "ブライトヘイブン"),
        ("ja", "引受先はもみじキャピタル、北浜商事", "もみじキャピタル"),
        ("ja", "契約書管理の「ツヅリ」、シードで5000万円", "ツヅリ"),
        ("ja", "株式会社カゼヨミは、シリーズAで8億円を調達しました", "カゼヨミ"),
        ("ko", "물류 로봇 기업 다람쥐테크가 100억원 규모의 시리즈B 투자를 유치했다", "다람쥐테크"),
        ("ko", "'달빛노트', 시드 투자 10억 유치", "달빛노트"),
        ("ko", "산들벤처스가 리드했으며 호수인베스트먼트가 참여했다", "산들벤처스"),
    ],
)
def test_a_name_is_found_without_capitals(lang, text, wanted):
    assert wanted in names(lang, text)


@pytest.mark.parametrize(
    ("lang", "text", "unwanted"),
    [
        ("zh", "一家中东主权基金有意领投", "主权基金"),
        ("zh", "旗下助手应用“月见”的月活跃用户超过4000万", "近日"),
        ("zh", "惠誉将其评级下调至BB+", "BB+"),
        ("ja", "同社は資金を採用に充てる", "同社"),
        ("ja", "格付けはBBB+", "BBB"),
        ("ko", "회사는 투자금을 채용에 쓴다", "회사는"),
    ],
)
def test_what_only_looks_like_a_name_is_none(lang, text, unwanted):
    assert unwanted not in names(lang, text)


def test_the_investor_is_not_the_company_where_particles_say_who_gets_the_money():
    title = "若草商事、AI物流のハコビヤに35億円出資　資本業務提携"
    text = "若草商事は14日、配送計画AIを開発するハコビヤ（大阪市）に35億円を出資すると発表した。"
    assert company("ja", title, text) == "ハコビヤ"


def test_a_sentence_without_a_subject_speaks_of_the_company_before():
    title = "蓄電池のシラサギ電池が資金調達"
    text = "蓄電池を開発するシラサギ電池は27日に発表した。第三者割当増資で20億円を調達した。"
    assert company("ja", title, text) == "シラサギ電池"


def test_both_scripts_of_chinese_are_read_alike():
    plain = company("zh", "芯原星科技完成5亿元B轮融资", "芯原星科技宣布完成5亿元B轮融资。")
    old = company("zh", "芯原星科技完成5億元B輪融資", "芯原星科技宣布完成5億元B輪融資。")
    assert plain == old == "芯原星科技"


def test_hostile_text_is_cut_in_bounded_time():
    for lang in ("zh", "ja", "ko"):
        for unit in ("公司", "株式会社", "の", "가 ", "“", "「あ」", "A ", "有限公司", "1"):
            names(lang, unit * 300, unit * 20_000)
