import random
from dataclasses import dataclass, replace
from decimal import Decimal

import numpy as np
import pytest

from crawler.classify import fitting, model, training
from crawler.classify.evaluation import Gold
from crawler.types import Analysis, DealType, Document, Event, Status

pytest.importorskip("scipy", reason="training needs the train extra")


@dataclass(frozen=True)
class Draft:
    event: Event
    features: dict
    text: str


class KeywordReader:
    """A reader that proposes one candidate an article: every `raises` and every `recalls`."""

    def __init__(self, judge):
        self.judge = judge

    def candidates(self, doc):
        event = Event(
            type=DealType.FUNDING,
            status=Status.ANNOUNCED,
            company=doc.title,
            amount=Decimal(5),
            currency="USD",
        )
        return [Draft(event, {"recalls": float("recalls" in doc.text)}, doc.text)]

    def analyze(self, doc):
        said = []
        for draft in self.candidates(doc):
            verdict = self.judge.judge(DealType.FUNDING, doc.lang, draft.features, draft.text)
            if verdict.probability >= self.judge.thresholds(DealType.FUNDING).decide:
                said.append(replace(draft.event, confidence=verdict.probability))
        return Analysis(lang=doc.lang, events=tuple(said))


def corpus(size=60):
    found = []
    for i in range(size):
        is_news = i % 2 == 0
        name = f"Firm{i // 3}"
        text = f"C {'raises' if is_news else 'recalls'} M"
        event = Event(
            type=DealType.FUNDING,
            status=Status.ANNOUNCED,
            company=name,
            amount=Decimal(5),
            currency="USD",
        )
        doc = Document(title=name, text=text, lang="en", id=f"a{i}")
        found.append(Gold(doc, (event,) if is_news else ()))
    return found


def test_articles_that_share_a_company_stay_together():
    gold = corpus(12)
    kin = training.families(gold)

    assert kin["a0"] == kin["a2"]
    assert kin["a0"] != kin["a6"]


def test_folds_deal_whole_families():
    kin = {f"a{i}": f"g{i // 4}" for i in range(40)}
    placed = fitting.folds(kin)

    assert all(placed[f"a{i}"] == placed[f"a{i - i % 4}"] for i in range(40))
    assert sorted(np.bincount(list(placed.values()))) == [8] * 5


def test_sources_are_told_by_the_front_of_the_id():
    gold = [Gold(Document(title="", text="", lang="de", id=i), ()) for i in ("de-1", "dv-de-1")]

    assert training.sources(gold) == {"de-1": "first", "dv-de-1": "dv"}


def test_a_candidate_is_labelled_by_company_or_amount():
    reader = KeywordReader(model.cold())
    yes, no = corpus(2)

    assert [row.label for row in training.rows_of(reader, yes)] == [True]
    assert [row.label for row in training.rows_of(reader, no)] == [False]


def test_training_learns_what_is_news():
    trained, rows = training.train(KeywordReader(model.cold()), corpus())
    news, history = (
        trained.judge(DealType.FUNDING, "en", {"recalls": x}, text).probability
        for x, text in ((0.0, "C raises M"), (1.0, "C recalls M"))
    )

    assert len([row for row in rows if not row.brief]) == 60
    assert news > 0.85
    assert history < 0.15


def test_cross_validation_scores_what_was_not_seen():
    found = training.cross_validate(KeywordReader, corpus())

    assert found.articles == 60
    assert found.get("events").f1 == 1.0


def test_platt_turns_scores_into_shares():
    rng = random.Random(7)
    scores = np.array([rng.uniform(-3, 3) for _ in range(2000)])
    labels = np.array([rng.random() < model.sigmoid(2 * s - 1) for s in scores], dtype=float)

    a, b = fitting.platt(scores, labels)

    assert a == pytest.approx(2, abs=0.3)
    assert b == pytest.approx(-1, abs=0.3)


def test_the_dual_finds_the_best_weights():
    """At the optimum the gradient of loss and penalty is zero."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(60, 4))
    y = (x @ [1.0, -2.0, 0.0, 0.5] + rng.normal(size=60) > 0).astype(float)

    dual, bias = fitting._solved(x @ x.T, y, 1.0)

    weights = x.T @ dual
    p = 1 / (1 + np.exp(-(x @ weights + bias)))
    assert weights + x.T @ (p - y) == pytest.approx(0, abs=1e-2)
    assert (p - y).sum() == pytest.approx(0, abs=1e-2)


def test_thresholds_are_ordered():
    sure = np.array([0.99, 0.97, 0.9, 0.7, 0.4, 0.2])
    labels = np.array([True, True, True, False, True, False])

    at = fitting.thresholds(sure, labels, fitting.alert_from(sure, labels))

    assert at.store <= at.decide <= at.alert
    assert at.alert == pytest.approx(0.9)


def test_the_card_counts_its_rows():
    trained, rows = training.train(KeywordReader(model.cold()), corpus())
    text = training.card(trained, rows, 60, "abc")

    assert "| funding | 60 | 30 |" in text
    assert trained.version in text
