"""What of a language model's answer is believed, and what it can never do."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from crawler.classify import Classifier, second
from crawler.types import Analysis, DealType, Document, Round

TEXT = (
    "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures. "
    "Larkspur Partners also joined. Revenue reached $12 million last year."
)
DOCUMENT = Document(title="Corvid Robotics raises $85 million", text=TEXT, lang="en")


@pytest.fixture(scope="module")
def analysis() -> Analysis:
    found = Classifier(()).analyze(DOCUMENT)
    assert len(found.events) == 1
    return found


def answer(**slots: object) -> second.Answer:
    return second.Answer.model_validate({"verdict": "confirm", **slots})


def believed(analysis: Analysis, **slots: object) -> str:
    return second.problem(answer(**slots), analysis.events[0], DOCUMENT, analysis)


def test_only_what_lies_in_the_band_is_doubtful(analysis):
    (event,) = analysis.events
    unsure = replace(event, confidence=0.4)
    both = replace(analysis, events=(event,), doubtful=(unsure,))

    assert second.doubtful(both, {DealType.FUNDING: (0.2, 0.6)}) == [unsure]
    assert second.doubtful(both, {}) == []


def test_a_confirmed_event_is_sure_and_keeps_its_proof(analysis):
    (event,) = analysis.events
    unsure = replace(analysis, events=(), doubtful=(replace(event, confidence=0.3),))

    after = second.settled(unsure, unsure.doubtful[0], answer(), 0.7)

    (told,) = after.events
    assert (told.confidence, told.evidence) == (0.7, event.evidence)
    assert after.doubtful == ()


def test_a_refused_event_is_gone_and_so_is_its_figure(analysis):
    (event,) = analysis.events

    after = second.settled(analysis, event, answer(verdict="refuse"), 0.7)

    assert after.events == ()
    assert "second reader" in after.refused[-1]
    assert {f.fate for f in after.figures} == {"refused"}


def test_a_correction_takes_names_and_sums_of_the_article(analysis):
    (event,) = analysis.events
    said = answer(
        round="series_b",
        lead_investors=["Larkspur Partners"],
        investors=["Northgate Ventures"],
        amount={"text": "$12 million", "value": 12_000_000, "currency": "USD"},
    )

    assert second.problem(said, event, DOCUMENT, analysis) == ""
    (told,) = second.settled(analysis, event, said, 0.7).events

    assert told.round is Round.SERIES_B
    assert told.lead_investors == ("Larkspur Partners",)
    assert (told.amount, told.amount_usd) == (Decimal(12_000_000), Decimal(12_000_000))


@pytest.mark.parametrize(
    "slots",
    [
        {"company": "Evil Corp"},
        {"lead_investors": ["Northgate Ventures", "Mallory Capital"]},
        {"investors": ["  "]},
        {"lead_investors": ["Corvid Robotics"]},
        {"amount": {"text": "$99 million", "value": 99_000_000, "currency": "USD"}},
        {"amount": {"text": "$85 million", "value": 85_000, "currency": "USD"}},
        {"amount": {"text": "$85 million", "value": 85_000_000, "currency": "EUR"}},
        {"amount": {"text": "Series C", "value": 3, "currency": "USD"}},
        {"status": "withdrawn"},
    ],
)
def test_what_does_not_stand_in_the_article_is_not_believed(analysis, slots):
    assert believed(analysis, **slots)


@pytest.mark.parametrize(
    "text",
    [
        "I confirm!",
        "[]",
        '{"verdict": "yes"}',
        '{"verdict": "confirm", "new_deal": {"company": "Evil Corp"}}',
        '{"verdict": "confirm", "company": 7}',
        '{"verdict": "confirm", "amount": {"text": "x", "value": "NaN", "currency": "USD"}}',
        '{"verdict": "confirm", "investors": ' + str(["x"] * 41).replace("'", '"') + "}",
        "{" * 100_000,
    ],
)
def test_a_malformed_answer_is_none(text):
    with pytest.raises(ValueError, match=r"\w"):
        second.parse(text)


def test_words_around_the_answer_are_forgiven():
    assert second.parse('Sure!\n```json\n{"verdict": "unsure"}\n```').verdict == "unsure"


def test_its_own_words_never_reach_the_event(analysis):
    said = answer(reason="<script>BUY NOW</script>")

    (told,) = second.settled(analysis, analysis.events[0], said, 0.9).events

    assert "BUY" not in repr(told)


def test_the_schema_asks_for_what_the_answer_holds():
    assert set(second.schema()["required"]) == set(second.Answer.model_fields)
