"""A number after a name belongs to it: Acme 17 is a company, and not its investor."""

from __future__ import annotations

import pytest

from crawler.classify import Classifier
from crawler.types import Document


def companies(text: str) -> list[str]:
    events = Classifier(()).analyze(Document(title=text, text=text, lang="en")).events
    return [event.company for event in events]


@pytest.mark.parametrize(
    "name", ["Acme 001 AI", "Testco 123", "Nova 7 Labs", "Company 17", "Startup-42 Inc"]
)
def test_a_numbered_company_is_named_with_its_number(name):
    text = f"{name} has raised $11 million in a Series A round led by Northgate Ventures."

    assert companies(text) == [name]


@pytest.mark.parametrize(
    "text",
    [
        "On May 12 Acme Labs raised $11 million in a Series A round led by Northgate Ventures.",
        "In 2026 Acme Labs raised $11 million in a Series A round led by Northgate Ventures.",
    ],
)
def test_a_day_or_a_year_is_no_part_of_a_name(text):
    assert companies(text) == ["Acme Labs"]
