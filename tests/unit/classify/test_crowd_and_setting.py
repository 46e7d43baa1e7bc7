"""A candidate among the others of its article, and in its setting."""

from datetime import UTC, datetime
from decimal import Decimal

from crawler.classify import crowd, priors, reading, setting
from crawler.classify.crowd import Member
from crawler.types import DealType, Document, Event, Status


def member(score, amount=5, kind=DealType.FUNDING, company="Acme", noun=1.0):
    event = Event(
        type=kind,
        status=Status.ANNOUNCED,
        company=company,
        amount=None if amount is None else Decimal(amount),
        currency="USD",
    )
    return Member(event, {"rule_score": score, "noun": noun})


def test_a_lone_candidate_is_best_and_only():
    (alone,) = crowd.describe([member(2.0)])

    assert (alone["only"], alone["best"], alone["behind"]) == (1.0, 1.0, 0.0)


def test_a_weak_candidate_is_behind_the_best():
    strong, weak = crowd.describe([member(3.0), member(0.0, amount=9)])

    assert strong["behind"] == 0.0
    assert weak["behind"] == 0.75
    assert weak["best"] == 0.0


def test_one_sum_told_as_two_types_is_a_twin():
    bond, loan_like = crowd.describe(
        [member(2.0, kind=DealType.BOND, noun=1.0), member(2.0, noun=-1.0)]
    )

    assert bond["twin_gap"] == 1.0
    assert loan_like["twin_gap"] == -1.0


def test_one_sum_of_two_companies_is_a_copy():
    first, second = crowd.describe([member(3.0), member(1.0, company="Other")])

    assert first["copy_gap"] == 0.5
    assert second["copy_gap"] == -0.5


def test_a_sum_that_is_also_a_loan_says_so():
    elsewhere = {(Decimal(5), "USD"): DealType.LOAN}
    told, untold = crowd.describe([member(1.0), member(1.0, amount=None)], elsewhere)

    assert told["also_loan"] == 1.0
    assert "also_loan" not in untold


def described(text, title="Acme raises $5m", published=datetime(2025, 5, 1, tzinfo=UTC)):
    seen = reading.read(Document(title=title, text=text, lang="en", published=published), "en")
    return setting.describe(seen.lines[1], seen)


def test_years_gone_by_are_history():
    found = described("It raised $3m in 2021.")

    assert (found["past_year"], found["only_past_years"], found["this_year"]) == (1.0, 1.0, 0.0)


def test_without_a_date_no_year_is_past():
    assert "past_year" not in described("It raised $3m in 2021.", published=None)


def test_a_correction_in_the_title_is_a_feature():
    found = described("Acme did not raise $5m.", title="Correction: Acme raised $5m")

    assert found["title_correction"] == 1.0


def test_priors_speak_before_any_article_does():
    assert priors.score({"teaser": 1.0}) < 0
    assert priors.score({"never heard of": 1.0}) == 0
