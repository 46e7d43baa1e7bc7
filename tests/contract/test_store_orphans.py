"""A recalled deal that is not known yet is kept by its keys, on every database."""

from __future__ import annotations

from datetime import timedelta

from crawler.store import deals, orphans
from crawler.types import DealType, Role

WEEK = timedelta(days=7)


def test_an_orphan_is_found_by_any_of_its_keys_until_it_has_a_home(store, nouns):
    with store.write() as conn:
        report = deals.add_report(conn, None, nouns.report(role=Role.RESTATEMENT))
        orphans.keep(conn, report, ["acme", "~acme"])
        orphans.keep(conn, report, ["acme"])
        span = (report.published - WEEK, report.published + WEEK)
        (found,) = orphans.find(conn, DealType.FUNDING, ["~acme", "other"], *span)

        assert found.id == report.id
        assert orphans.find(conn, DealType.BOND, ["acme"], *span) == []
        assert orphans.find(conn, DealType.FUNDING, ["other"], *span) == []


def test_outside_its_window_an_orphan_is_not_found(store, nouns):
    with store.write() as conn:
        report = deals.add_report(conn, None, nouns.report(role=Role.DENIAL))
        orphans.keep(conn, report, ["acme"])
        late = report.published + WEEK

        assert orphans.find(conn, DealType.FUNDING, ["acme"], late, late + WEEK) == []
