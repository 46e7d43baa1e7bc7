"""Printed names: what folds away, what never does."""

import csv
import re
from collections import defaultdict
from importlib.resources import files

import pytest

from crawler.config.models import Watch
from crawler.resolve import Names, data
from crawler.resolve.entities import ALIKE, NEAR, OTHER, SAME, shipped
from crawler.resolve.names import core, mixed, normalise, script, skeleton, vehicles, within
from crawler.resolve.sounds import beginning, sounds_like


@pytest.mark.parametrize(
    "printed",
    [
        "Quillmind, Inc.", "QUILLMIND Corp", "Quillmind LLC", "Quillmind plc", "Quillmind GmbH",
        "Quillmind AG", "Quillmind SE", "Quillmind S.p.A.", "Quillmind SpA", "Quillmind S.r.l.",
        "Quillmind SAS", "Quillmind S.A.", "Quillmind S.L.", "Quillmind Ltda", "Quillmind B.V.",
        "Quillmind N.V.", "Quillmind AB", "Quillmind Oy", "Quillmind A/S", "Quillmind K.K.",
        "Quillmind Co., Ltd.", "Quillmind Pte. Ltd.", "Quillmind S.A.B. de C.V.",
        "PT Quillmind Tbk",
        "Ｑｕｉｌｌｍｉｎｄ", "Quíllmind", "株式会社Quillmind", "Quillmind株式会社", "㈜Quillmind",
        "주식회사 Quillmind", "Quillmind 有限公司",
    ],
)  # fmt: skip
def test_legal_forms_case_width_and_accents_fold_away(printed):
    assert normalise(printed) == "quillmind"


@pytest.mark.parametrize(
    ("one", "other"),
    [("台積電", "台积电"), ("智譜華章", "智谱华章"), ("百度網訊科技有限公司", "百度网讯科技")],
)
def test_traditional_and_simplified_characters_fold(one, other):
    assert normalise(one) == normalise(other)


def test_common_words_are_no_part_of_the_core():
    assert core("Quillmind AI") == core("Quillmind Technologies Group") == "quillmind"
    assert core("北京智谱华章科技集团") == "北京智谱华章"
    assert core("AI Labs Inc") == "ailabs"


def test_near_spellings_share_a_skeleton():
    assert skeleton("Stabilty AI") == skeleton("Stability AI")
    assert skeleton("智谱华章") == "智谱华"


def test_scripts_are_told_apart():
    assert [script(name) for name in ("Qu", "智谱", "バイドゥ", "업스테이지", "Яндекс")] == [
        "Latn", "Hani", "Kana", "Hang", "Zyyy",
    ]  # fmt: skip


def test_a_word_of_two_alphabets_is_suspicious():
    assert mixed("Аcme Robotics")
    assert not mixed("Яндекс Cloud")


@pytest.mark.parametrize(
    ("one", "other", "yes"),
    [
        ("D of Yunqi Vision", "Yunqi Vision", True),
        ("青森サーバーは", "青森サーバー", True),
        ("Ardent Robotics", "Ardent Analytics", False),
        ("青森サーバー株式販売会", "青森サーバー", False),
    ],
)
def test_one_name_may_hold_the_other(one, other, yes):
    assert within(one, other) is yes


def test_a_financing_arm_bears_the_family_name():
    assert vehicles("Deepwell Funding II", "Deepwell Compute")
    assert not vehicles("Deepwell Compute", "Deepwell Robotics")


@pytest.mark.parametrize(
    ("native", "latin"),
    [
        ("翰鹿动力", "Hanlu Dynamics"), ("アンベリン", "Umbelline"), ("업스테이지", "Upstage"),
        ("ソフトバンク", "SoftBank"), ("リベリオン", "Rebellion"), ("せんだい", "Sendai"),
    ],
)  # fmt: skip
def test_names_sound_alike_across_scripts(native, latin):
    assert sounds_like(native, latin)
    assert sounds_like(latin, native)


@pytest.mark.parametrize(
    ("native", "latin"),
    [("松顶汽车", "Hanlu Dynamics"), ("セレブラス", "Tenstorrent"), ("エー", "A"), ("Qu", "Quill"),
     ("智谱", "アンベリン")],
)  # fmt: skip
def test_other_names_do_not(native, latin):
    assert not sounds_like(native, latin)


def test_a_name_and_its_romanisation_begin_alike():
    assert beginning("兰亭智算") == beginning("Lanting AI") == "lanti"


# --- the table ---------------------------------------------------------------------------


def test_the_table_is_large_and_well_formed():
    kinds = defaultdict(int)
    ids = {entity.id for entity in shipped()}
    for entity in shipped():
        kinds[entity.kind] += 1
        assert not entity.parent or entity.parent in ids, entity
        assert entity.country, entity

    assert kinds["company"] >= 400
    assert kinds["investor"] + kinds["bank"] >= 300
    assert len(ids) == len(shipped())


def test_no_name_means_two_entities():
    owners = defaultdict(set)
    for entity in shipped():
        for name in entity.names:
            owners[normalise(name)].add(entity.id)

    assert not {name: ids for name, ids in owners.items() if len(ids) > 1}


def test_names_in_the_table_are_names():
    for entity in shipped():
        assert entity.kind in {"company", "investor", "bank"}, entity
        for name in entity.names:
            assert name == name.strip(), entity
            assert len(name) > 1, entity
            assert not mixed(name), entity
        assert len(set(entity.names)) == len(entity.names), entity


def test_no_parent_is_its_own_child():
    parents = {entity.id: entity.parent for entity in shipped()}
    for ident in parents:
        line = [ident]
        while parents[line[-1]]:
            line.append(parents[line[-1]])
            assert len(set(line)) == len(line), line


def test_registered_identifiers_are_well_formed_and_borne_by_one():
    shape = {
        "ticker": r"[A-Z0-9]{1,10}(\.[A-Z]{1,4})?",
        "wikidata": r"Q[1-9]\d*",
        "lei": r"[A-Z0-9]{18}\d\d",
    }
    for slot, pattern in shape.items():
        found = [value for entity in shipped() if (value := getattr(entity, slot))]
        assert len(set(found)) == len(found) > 10
        assert [value for value in found if not re.fullmatch(pattern, value)] == []


def test_every_lei_has_its_check_digits():
    """ISO 17442: letters as numbers from 10, and the whole is 1 modulo 97 (ISO 7064)."""
    for entity in shipped():
        if entity.lei:
            assert int("".join(str(int(letter, 36)) for letter in entity.lei)) % 97 == 1, entity


@pytest.mark.parametrize("word", ["Aurora", "Lumen", "Strategy", "Fractal", "Adept", "CFS", "理想"])
def test_a_word_that_anybody_may_bear_names_nobody(names, word):
    assert names.find(word) is None


def test_an_investors_short_name_is_not_printed_for_a_start_up(names):
    assert names.shown("Vista") == "Vista"
    assert names.shown("Vista Equity Partners") == "Vista Equity Partners"
    assert names.key("Vista") == names.key("Vista Equity Partners")


def test_every_table_of_the_room_reads_as_it_is_documented():
    for name, width in (("aliases", 9), ("fx", 3), ("cues", 2), ("folding", 2), ("pinyin", 2)):
        text = (files(data) / f"{name}.tsv").read_text(encoding="utf-8")
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        assert {len(row) for row in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)} == {
            width
        }, name


def test_native_legal_and_latin_names_meet_in_the_table(names):
    assert names.key("北京智谱华章科技股份有限公司") == names.key("Zhipu AI") == "@zhipu-ai"
    assert names.shown("摩根大通") == "JPMorgan"
    assert names.shown("Nobody Knows Ltd") == "Nobody Knows Ltd"


def test_parents_and_subsidiaries_are_linked_and_distinct(names):
    assert names.alike("TSMC", "TSMC Arizona") == OTHER
    assert names.linked("TSMC", "TSMC Arizona")
    assert names.linked("Waymo", "Isomorphic Labs")
    assert not names.linked("TSMC", "Baidu")
    assert not names.linked("TSMC", "Nobody")


def test_likeness_has_degrees(names):
    assert names.alike("Quillmind Inc", "QUILLMIND") == SAME
    assert names.alike("Quillmind AI", "Quillmind") == NEAR
    assert names.alike("Quillmindd Robotics", "Quillmind Robotics") == ALIKE
    assert names.alike("Series 2 Capital", "Series 3 Capital") == OTHER
    assert names.alike("Quillmind", "Quillmіnd") == OTHER
    assert names.alike("Arm", "Orm") == OTHER


def test_the_watchlist_extends_and_adds():
    names = Names.load(
        [Watch(name="Baidu", aliases=("熊掌",)), Watch(name="Quillmind", aliases=("羽思",))]
    )

    assert names.key("熊掌") == "@baidu"
    assert names.key("羽思") == names.key("Quillmind")
    assert names.find("羽思").kind == "watch"


def test_memory_is_bounded(names, monkeypatch):
    monkeypatch.setattr("crawler.resolve.entities._REMEMBERED", 0)
    names.alike("One Company", "Another Company")
    names.alike("One Company", "A Third Company")

    assert len(names._alike) == 1


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("allemand Brennwald Robotik", "Brennwald Robotik", True),
        ("française Maréchal Cloud", "Maréchal Cloud", True),
        ("China Tower", "Tower", False),
        ("American Robotics", "Robotics", False),
    ],
)
def test_a_nation_in_small_letters_is_no_part_of_a_name(names, one, other, same):
    assert (names.alike(one, other) >= NEAR) is same
