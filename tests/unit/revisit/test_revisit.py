"""Which entries say that their pages have changed."""

from datetime import UTC, datetime, timedelta

import pytest

from crawler import revisit
from crawler.types import Entry

THEN = datetime(2026, 3, 2, 9, tzinfo=UTC)
LATER = THEN + timedelta(hours=2)


def entry(title="Acme AI raises $40m", **about):
    return Entry(url="https://wire.example/a", title=title, **about)


@pytest.mark.parametrize(
    ("before", "now", "wanted"),
    [
        (entry(), entry(), False),
        (entry(), entry("ACME AI  raises $40m"), False),
        (entry(), entry("Acme AI raises $45m"), True),
        (entry(), entry(""), False),
        (entry(""), entry(), False),
        (entry(published=THEN), entry(published=LATER), False),
        (entry(published=THEN), entry(published=THEN, updated=LATER), True),
        (entry(updated=THEN), entry(updated=THEN + timedelta(seconds=30)), False),
        (entry(updated=LATER), entry(updated=THEN), False),
        (entry(), entry(updated=LATER), False),
    ],
)
def test_a_page_has_changed_when_its_entry_says_so(before, now, wanted):
    assert revisit.is_changed(before, now) is wanted


def test_a_feed_whose_every_title_changes_says_nothing():
    pairs = {n: (entry(f"Story {n}"), entry(f"Story {n} ({n} comments)")) for n in range(20)}
    assert revisit.changed(pairs) == {}


def test_one_correction_among_many_entries_is_one():
    pairs = {n: (entry(f"Story {n}"), entry(f"Story {n}")) for n in range(20)}
    pairs[7] = entry("Acme raises $40m"), entry("Acme raises $45m")
    assert revisit.changed(pairs) == {7: entry("Acme raises $45m")}
