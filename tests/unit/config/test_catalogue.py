"""The shipped catalogue is sound."""

from __future__ import annotations

from crawler.config import catalogue


def test_it_has_139_entries_with_79_enabled_and_no_name_twice():
    entries = catalogue()

    assert len(entries) == 139
    assert sum(entry.enabled for entry in entries) == 79
    assert len({entry.id for entry in entries}) == 139
    assert len({entry.url for entry in entries}) == 139


def test_every_enabled_entry_can_be_polled_as_it_stands():
    for entry in catalogue():
        if entry.enabled:
            assert entry.url.startswith(("http://", "https://"))
            assert "{" not in entry.url
