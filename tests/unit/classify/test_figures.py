"""Every sum of an article has a fate, and a refused one the reason that tells most."""

from __future__ import annotations

from crawler.classify import Classifier
from crawler.types import Document

TEXT = (
    "Gravel, a San Diego start-up, has raised $41 million (€38 million) in a Series B round led by "
    "Pinyon Growth. The deal brings total capital raised to date to $58 million and values the "
    "company at $290 million. Revenue was $14 million in 2025. In 2023 it raised $12 million. "
    "Kestrel Partners closed its third fund at $300 million."
)


def fates() -> dict[str, tuple[str, str]]:
    document = Document(title="Gravel raises $41 million", text=TEXT, lang="en")
    return {f.text: (f.fate, f.reason) for f in Classifier(()).analyze(document).figures}


def test_each_sum_has_its_fate_and_reason():
    assert fates() == {
        "$41 million": ("taken", "amount"),
        "€38 million": ("converted", "amount"),
        "$58 million": ("refused", "cumulative total"),
        "$290 million": ("refused", "valuation"),
        "$14 million": ("refused", "revenue"),
        "$12 million": ("refused", "prior round"),
        "$300 million": ("refused", "fund close"),
    }
