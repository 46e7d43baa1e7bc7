"""The questions that are asked all day are answered by an index; and every table is explained."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event

from crawler.store import deals, frontier, outbox
from crawler.store.tables import metadata
from crawler.types import DealType

ROOT = Path(__file__).parents[3]


@pytest.fixture
def plans(sqlite_store):
    """Return what SQLite says it would do for each statement of an act."""

    def act(question):
        asked = []
        with sqlite_store.write() as conn:
            driver = conn.connection.driver_connection

            def note(_conn, _cursor, statement, parameters, _context, _many):
                asked.append((statement, parameters))

            event.listen(conn, "before_cursor_execute", note)
            question(conn)
            event.remove(conn, "before_cursor_execute", note)
            return [
                row[3]
                for statement, parameters in asked
                for row in driver.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            ]

    return act


def scans(rows, *tables):
    """Return the steps that read a whole table rather than an index."""
    return [
        row for row in rows for table in tables if re.fullmatch(rf"SCAN {table}( AS \w+)?", row)
    ]


def test_a_tick_reads_due_work_by_index(plans, nouns, now):
    def tick(conn):
        frontier.sync_sources(conn, [nouns.source()], now)
        frontier.queue_pages(conn, "wire", [("k", nouns.entry())], quiet=False, now=now)
        assert len(frontier.take_due(conn, now, 9, owner="x", lease=timedelta(1))) == 2

    rows = plans(tick)
    assert any("ix_page_due" in row for row in rows)
    assert any("ix_source_due" in row for row in rows)
    assert scans(rows, "page", "p") == []


def test_a_block_is_found_by_its_keys(plans, now):
    rows = plans(lambda conn: deals.block(conn, DealType.BOND, ["a", "b"], now, now))

    assert any("ix_deal_key_block" in row for row in rows)
    assert scans(rows, "deal", "deal_key", "report") == []


def test_a_claim_is_found_by_its_channel(plans, nouns, now):
    def claim(conn):
        outbox.enqueue(conn, [nouns.alert()])
        assert outbox.claim(conn, "desk", "x", now, timedelta(1))
        outbox.told(conn, "acme")

    rows = plans(claim)
    assert any("ix_outbox_due" in row for row in rows)
    assert scans(rows, "outbox", "delivery_attempt") == []


def test_every_table_is_explained():
    page = (ROOT / "docs" / "schema.md").read_text(encoding="utf-8")

    assert [name for name in metadata.tables if f"| `{name}` |" not in page] == []
