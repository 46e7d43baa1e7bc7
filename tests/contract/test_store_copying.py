"""A database is copied into one of the other kind, whole, and goes on where it was interrupted."""

from __future__ import annotations

import shutil
from datetime import timedelta

import pytest
from sqlalchemy import text

from crawler.errors import StoreError
from crawler.store import Store, articles, copying, deals, frontier, outbox, upkeep
from crawler.store.search import search


@pytest.fixture
def full(store, nouns, now):
    """Return the store with something in every corner."""
    with store.write() as conn:
        frontier.sync_sources(
            conn, [nouns.source(), nouns.source("Ärger"), nouns.source("zz")], now
        )
        pages = [(key, nouns.entry(f"https://{key}.example/")) for key in ("b", "B", "ä", "智")]
        frontier.queue_pages(conn, "wire", pages, quiet=False, now=now)
        for n in range(25):
            page = nouns.article(f"https://wire.example/{n}", title=f"智谱 {n}")
            saved = articles.save(conn, page, [{"n": n}], now)
        report = deals.add_report(conn, saved.id, nouns.report(sketch=(1, 2)))
        deal = nouns.deal(reports=(report,))
        deals.save(conn, [deal], {"acme": ["acme", "智谱"]})
        outbox.enqueue(conn, [nouns.alert(deal=deal)])
        outbox.claim(conn, "desk", "me", now, timedelta(minutes=1))
        upkeep.keep_fact(conn, "number", 5, now)
    return store


@pytest.fixture
def other(store, request, tmp_path):
    """Return an empty store of the other kind."""
    if not store.sqlite:
        path = tmp_path / "other.db"
        shutil.copy(request.getfixturevalue("fresh_sqlite"), path)
        made = Store(f"sqlite:///{path}")
        yield made
        made.close()
        return
    yield request.getfixturevalue("postgres_store")


def test_a_copy_has_everything_and_goes_on_counting(full, other, nouns, now, monkeypatch):
    monkeypatch.setattr(copying, "STEP", 7)
    heard = []
    counts = copying.copy(full, other, lambda name, rows: heard.append((name, rows)))

    assert (counts["article"], counts["page"], counts["deal"]) == (25, 4, 1)
    assert ("article", 25) in heard
    with other.write() as conn:
        assert len(search(conn, "智谱", 50, kinds=("article",))) == 25
        assert deals.get(conn, "acme").reports[0].sketch == (1, 2)
        new = articles.save(conn, nouns.article("https://wire.example/new"), [], now)
        assert new.novelty is articles.Novelty.NEW


def test_an_interrupted_copy_goes_on_where_it_stopped(full, other, monkeypatch):
    monkeypatch.setattr(copying, "STEP", 7)

    def interrupt(name, rows):
        if (name, rows) == ("article", 14):
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copying.copy(full, other, interrupt)
    heard = []
    copying.copy(full, other, lambda name, rows: heard.append((name, rows)))

    assert [rows for name, rows in heard if name == "article"] == [21, 25]


def test_a_target_that_held_something_else_is_noticed(full, other):
    copying.copy(full, other)
    with other.write() as conn:
        conn.execute(text("UPDATE article SET title = 'other' WHERE title LIKE '% 3'"))

    with pytest.raises(StoreError, match="article differs"):
        copying.copy(full, other)
