"""Which bracketed words are another name of a company, and which are not."""

import pytest

from crawler.resolve import alias_pairs, paired


@pytest.mark.parametrize(
    ("company", "text", "other"),
    [
        ("Zhipu AI", "Zhipu AI (智谱AI) raised money.", "智谱AI"),
        ("智谱AI", "智谱AI（Zhipu AI）完成融资。", "Zhipu AI"),
        ("Zhipu AI", "据悉,智谱AI（Zhipu AI）完成融资。", "智谱AI"),
        ("アンベリン", "アンベリン(Umbelline)は調達した。", "Umbelline"),
        ("Umbelline", "アンベリン（Umbelline）は調達した。", "アンベリン"),
        ("Upstage", "업스테이지(Upstage)가 유치했다.", "업스테이지"),
        ("Corvidane", "Corvidane (formerly Brisk Robotics) secures", "Brisk Robotics"),
        ("Brisk Robotics", "Corvidane (formerly Brisk Robotics) secures", "Corvidane"),
        ("杉木机器人", "5月11日，云杉智造（原杉木机器人）完成融资。", "云杉智造"),
        ("Corvidane", "Corvidane, formerly known as Brisk Robotics, secures", "Brisk Robotics"),
        ("Corvidane", "Corvidane (früher Brisk Robotics) erhält", "Brisk Robotics"),
        ("Corvidane", "Corvidane (già Brisk Robotics) raccoglie", "Brisk Robotics"),
        ("Corvidane", "Corvidane (anciennement Brisk Robotics) lève", "Brisk Robotics"),
        ("松顶汽车", "松顶汽车(原名快马机器)获得投资", "快马机器"),
        ("北京智谱华章科技", "北京智谱华章科技(以下简称“智谱”)完成融资。", "智谱"),
        ("Advanced Micro Devices", "Advanced Micro Devices (AMD) sold bonds", "AMD"),
    ],
)
def test_another_name_is_found(company, text, other):
    assert list(alias_pairs(company, text)) == [other]


@pytest.mark.parametrize(
    ("company", "text"),
    [
        ("Kallio Finance", "Kallio Finance (a unit of Kallio Group) sold"),
        ("Baidu", "Baidu (NASDAQ: BIDU) said"),
        ("Baidu", "Baidu (Beijing) said"),
        ("Baidu", "Baidu (about $1.4bn) said"),
        ("Baidu", "Baidu (9888.HK) said"),
        ("百度", "百度(约合14亿美元)表示"),
        ("Quillmind", "Quillmind (Quillmіnd) said"),
        ("Q", "Q (质) said"),
        ("Umbelline", "Umbelline（東京都）は調達した。"),
        ("Umbelline", "Umbelline（東京・港区）は調達した。"),
        ("アンベリン", "アンベリン（AI）は調達した。"),
        ("Lanting AI", "总部北京（Lanting AI）完成融资。"),
        ("智谱AI", "智谱AI（Beijing）完成融资。"),
        ("Quillmind", "Quillmind (羽思 智能,) said"),
    ],
)
def test_other_brackets_are_not_names(company, text):
    assert list(alias_pairs(company, text)) == []


def test_pairs_join_the_aliases_once(report):
    event = report("a", company="Zhipu AI", aliases=("Zhipu",)).event
    text = "Zhipu AI (智谱AI) said. Zhipu AI (智谱AI) did."

    assert paired(event, "Zhipu AI (智谱AI)", text).aliases == ("Zhipu", "智谱AI")
    assert paired(event, "", "nothing") is event
