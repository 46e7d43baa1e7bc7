"""Schema, housekeeping and small facts on every database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import bindparam, text

from crawler.errors import SchemaError
from crawler.store import Store, archive, articles, frontier, learned, migrations, upkeep
from crawler.store.columns import Instant
from crawler.store.happenings import happenings, note, settle
from crawler.store.tables import VERSIONS, metadata
from crawler.types import Outcome, Page, PollResult


def test_a_fresh_schema_is_the_one_this_code_wants(store):
    assert store.version() == VERSIONS[-1]
    store.check()
    store.upgrade()
    store.ping()


def test_the_migrations_make_the_tables_that_the_code_believes_in(store):
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def ours(kind, name):
        return kind != "table" or not name.endswith(
            ("_data", "_idx", "_docsize", "_config", "_fts", "_terms")
        )

    options = {
        "include_name": lambda name, kind, _parents: ours(kind, name or ""),
        "include_object": lambda _o, name, kind, *_rest: (
            not (name or "").endswith("_search") and ours(kind, name or "")
        ),
    }
    with store.read() as conn:
        context = MigrationContext.configure(conn, opts=options)
        assert compare_metadata(context, metadata) == []


def test_the_code_knows_the_latest_migration(store):
    from alembic.script import ScriptDirectory

    from crawler.store.migrations import config

    with store.read() as conn:
        scripts = ScriptDirectory.from_config(config(conn))
    assert tuple(found.revision for found in scripts.walk_revisions())[::-1] == VERSIONS


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release(request, tmp_path):
    """Return a database with the tables of the first release, and a source in them."""
    if request.param == "postgresql":
        url = f"{request.getfixturevalue('postgres_url')}"
        store = Store(url)
        with store.write() as conn:
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
    else:
        store = Store(f"sqlite:///{tmp_path / 'old.db'}")
    with store.write() as conn:
        migrations.run(conn, "0001")
    yield store
    store.upgrade()
    store.close()


def test_a_database_of_the_first_release_is_brought_up_to_date(first_release, now):
    stored = (
        "INSERT INTO source (id, kind, url, host, every, source_class, enabled, allow_private,"
        " options, due_at) VALUES"
        " ('old', 'feed', 'http://old.example/f', 'old.example', 900, 'wire', :on, '[]', '{}', :at)"
    )
    with first_release.write() as conn:
        conn.execute(text(stored).bindparams(bindparam("at", now, Instant)), {"on": True})
    with pytest.raises(SchemaError, match="db upgrade"):
        first_release.check()
    first_release.upgrade()
    first_release.check()

    with first_release.write() as conn:
        (poll,) = frontier.take_due(conn, now, 9, owner="me", lease=timedelta(minutes=1))
    assert poll.source.url == "http://old.example/f"


@pytest.mark.parametrize(("version", "advice"), [("9999", "newer"), (None, "db upgrade")])
def test_another_schema_is_refused_with_what_to_do(store, version, advice):
    with store.write() as conn:
        conn.execute(text("DELETE FROM alembic_version"))
        if version:
            conn.execute(text(f"INSERT INTO alembic_version VALUES ('{version}')"))
    try:
        with pytest.raises(SchemaError, match=advice):
            store.check()
        if version:
            with pytest.raises(SchemaError, match=advice):
                store.upgrade()
    finally:
        with store.write() as conn:
            conn.execute(text("DELETE FROM alembic_version"))
            conn.execute(text(f"INSERT INTO alembic_version VALUES ('{VERSIONS[-1]}')"))


def test_one_leads_until_its_lease_ends_and_the_number_grows(store, nouns, now):
    lease = timedelta(seconds=20)

    def take(owner, at):
        with store.write() as conn:
            return upkeep.take_lead(conn, "daemon", owner, at, lease)

    first = take("a", now)
    assert take("b", now) is None
    assert take("a", nouns.later(seconds=10)) == first
    assert take("b", nouns.later(seconds=29)) is None
    second = take("b", nouns.later(seconds=30))
    assert second > first
    with store.write() as conn:
        assert upkeep.leads(conn, "daemon", second)
        assert not upkeep.leads(conn, "daemon", first)
        upkeep.give_up_lead(conn, "daemon", "b", nouns.later(seconds=31))
    assert take("a", nouns.later(seconds=31)) > second


def test_who_comes_back_after_its_lease_gets_a_new_number(store, nouns, now):
    lease = timedelta(seconds=20)
    with store.write() as conn:
        first = upkeep.take_lead(conn, "daemon", "a", now, lease)
        assert upkeep.take_lead(conn, "daemon", "a", nouns.later(seconds=60), lease) > first


def test_small_facts_are_kept_and_replaced(store, now):
    with store.write() as conn:
        for value in (1, {"at": "x"}, [1, 2]):
            upkeep.keep_fact(conn, "backfill/a", value, now)
            assert upkeep.fact(conn, "backfill/a") == value
        assert upkeep.fact(conn, "none") is None
        assert upkeep.facts(conn, "backfill/") == {"backfill/a": [1, 2]}


def test_raw_pages_are_kept_and_forgotten(store, nouns, now):
    entry = nouns.entry()
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        frontier.queue_pages(conn, "wire", [("k", entry)], quiet=False, now=now)
        (_, fetch) = frontier.take_due(conn, now, 9, owner="me", lease=timedelta(minutes=1))
        page = Page(
            fetch=fetch, url=entry.url, status=200, body=b"<p>\x00", at=now, headers={"etag": "x"}
        )
        archive.keep(conn, page)
        archive.keep(conn, page)
        (kept,) = archive.pages(conn)
        assert (kept.body, kept.headers, kept.fetch.entry) == (page.body, page.headers, entry)
        assert list(archive.pages(conn, since=nouns.later(days=1))) == []
        assert archive.get(conn, fetch.page_id) == kept
        assert upkeep.purge(conn, nouns.later(days=8), now)["archive"] == 1
        assert archive.get(conn, fetch.page_id) is None


def test_counts_tell_how_much_there_is(store, nouns, now):
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        articles.save(conn, nouns.article(), [], now)
        frontier.queue_pages(conn, "wire", [("k", nouns.entry())], quiet=False, now=now)
        counts = upkeep.counts(conn)
    assert (counts["source"], counts["article"], counts["deal"]) == (1, 1, 0)
    assert counts["page.queued"] == 1


def test_a_learned_alias_is_counted_until_a_person_judges(store, nouns, now):
    with store.write() as conn:
        for _ in range(3):
            learned.suggest(conn, "智谱AI", "Zhipu AI", url="u", quote="q", now=now)
        (found,) = learned.suggestions(conn)
        assert (found.seen, found.state) == (3, "open")
        assert learned.judge(conn, found.id, "refused", "ada")
        learned.suggest(conn, "智谱AI", "Zhipu AI", url="u", quote="q", now=nouns.later(days=1))
        assert learned.suggestions(conn) == []
        assert learned.suggestions(conn, "refused")[0].seen == 4
        assert not learned.judge(conn, 999, "refused", "ada")


def test_happenings_are_listed_until_settled(store, now):
    with store.write() as conn:
        note(conn, "gap", now, source_id="wire", document={"entries": 3})
        note(conn, "moved", now, source_id="other")
        (gap,) = happenings(conn, kind="gap", source_id="wire", open_only=True)
        assert gap.document == {"entries": 3}
        assert settle(conn, gap.id, now)
        assert not settle(conn, gap.id, now)
        assert len(happenings(conn, open_only=True)) == 1


def test_a_poll_that_brings_nothing_new_queues_nothing(store, nouns, now):
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        (poll,) = frontier.take_due(conn, now, 9, owner="me", lease=timedelta(minutes=1))
        result = PollResult(poll=poll, outcome=Outcome.UNCHANGED, at=now)
        assert frontier.finish_poll(conn, result, now, [], 0, False, now) == 0
