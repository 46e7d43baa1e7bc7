"""PostgreSQL answers a search from its trigram indexes."""

from __future__ import annotations

import pytest
from sqlalchemy import event, text

from crawler.store.search import search


@pytest.mark.parametrize("kind", ["article", "deal"])
def test_a_search_uses_the_trigram_index(postgres_store, kind):
    asked = []
    with postgres_store.read() as conn:
        event.listen(conn, "before_cursor_execute", lambda *about: asked.append(about[2:4]))
        search(conn, "northwind", kinds=(kind,))
        ((statement, parameters),) = asked
        _leave_only(conn, f"ix_{kind}_search", kind)
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        conn.execute(text("SET LOCAL enable_indexscan = off"))
        plan = conn.connection.cursor().execute(f"EXPLAIN {statement}", parameters).fetchall()
        conn.rollback()

    assert any(f"ix_{kind}_search" in row[0] for row in plan), plan


def _leave_only(conn, index, table):
    """Drop the others until the rollback: on an empty table any would do."""
    others = text("SELECT indexname FROM pg_indexes WHERE tablename = :t AND indexname != :i")
    for name in conn.execute(others, {"t": table, "i": index}).scalars():
        if not name.startswith(("pk_", "uq_")):
            conn.execute(text(f'DROP INDEX "{name}"'))
