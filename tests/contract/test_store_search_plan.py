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
        conn.execute(text("SET LOCAL enable_seqscan = off"))
        conn.execute(text("SET LOCAL enable_indexscan = off"))
        plan = conn.connection.cursor().execute(f"EXPLAIN {statement}", parameters).fetchall()

    assert any(f"ix_{kind}_search" in row[0] for row in plan)
