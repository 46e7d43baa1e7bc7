import numpy as np
import pytest

from crawler.classify import features, model
from crawler.classify.model import Head, Model, Thresholds
from crawler.errors import RaisewireError
from crawler.types import DealType


def trained():
    table = np.zeros(features.SIZE, dtype=np.int8)
    table[features.hashed("raises")[0]] = 100
    head = Head(
        bias=-1.0,
        dense={"in_title": 2.0, "prior": -4.0, "lang=de": 0.5},
        table=table,
        scale=0.01,
        platt={"all": (1.0, 0.0), "de": (2.0, 0.0)},
        thresholds=Thresholds(0.1, 0.5, 0.8),
    )
    return Model({DealType.FUNDING: head}, "test")


def test_the_hash_never_changes():
    """Golden vector: the shipped weights were trained with exactly these cells."""
    assert features.hashed("C raises M 12")[0][:6].tolist() == [
        15585,
        19080,
        19427,
        26221,
        27218,
        27271,
    ]
    assert features.hashed("智谱AI完成融资")[0][:6].tolist() == [
        10336,
        22188,
        26306,
        34428,
        35723,
        37526,
    ]


def test_companies_and_figures_are_masked():
    seen = features.masked(
        "Kern raises", "Kern AG got €5m", names=("Kern", "Kern AG"), money=("€5m",)
    )

    assert features.plain(seen) == "C raises | C got M"


def test_digits_are_all_alike():
    assert features.plain("In 2025, 48 %") == features.plain("In 1999, 7 %")


def test_long_text_is_read_to_a_limit():
    assert len(features.plain("a" * 10_000)) == features.LIMIT


def test_a_feature_moves_the_verdict_and_is_named():
    judge = trained()
    high = judge.judge(DealType.FUNDING, "en", {"in_title": 1.0})
    low = judge.judge(DealType.FUNDING, "en", {"prior": 1.0})

    assert high.probability > 0.6
    assert low.probability < 0.05
    assert high.why[0] == "in_title +2.00"


def test_wording_counts():
    judge = trained()

    said = judge.judge(DealType.FUNDING, "en", {}, "raises")

    assert said.score > judge.judge(DealType.FUNDING, "en", {}, "").score
    assert any(why.startswith("wording") for why in said.why)


def test_a_language_may_have_its_own_sigmoid():
    judge = trained()
    german, other = (judge.judge(DealType.FUNDING, x, {"in_title": 1.0}) for x in ("de", "xx"))

    assert german.probability > other.probability


def test_without_weights_the_rules_are_believed():
    judge = model.cold()

    assert judge.judge(DealType.BOND, "en", {"rule_score": 3.0}).probability > 0.9
    assert judge.thresholds(DealType.BOND).decide == 0.5


def test_absurd_features_do_not_overflow():
    assert 0 <= trained().judge(DealType.FUNDING, "en", {"prior": 1e308}).probability <= 1


def test_what_is_saved_is_what_is_loaded(tmp_path):
    model.save(trained(), tmp_path / "m.npz")
    back = model.load(tmp_path / "m.npz")

    for sample in ({"in_title": 1.0}, {"prior": 1.0}):
        mine, theirs = (
            m.judge(DealType.FUNDING, "de", sample, "raises") for m in (trained(), back)
        )
        assert mine.probability == pytest.approx(theirs.probability)
    assert back.version == "test"
    assert back.thresholds(DealType.FUNDING) == Thresholds(0.1, 0.5, 0.8)


def test_damaged_weights_are_refused(tmp_path):
    path = tmp_path / "m.npz"
    model.save(trained(), path)
    path.write_bytes(path.read_bytes()[:-1] + b"x")

    with pytest.raises(RaisewireError, match="damaged"):
        model.load(path)


def test_shipped_weights_are_small_and_load():
    shipped = model.shipped()

    if model.WEIGHTS.exists():
        assert model.WEIGHTS.stat().st_size <= 5_000_000
        assert set(shipped.heads) == {DealType.FUNDING, DealType.BOND}
