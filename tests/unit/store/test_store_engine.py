"""What is SQLite's own: files that are corrupt, locked or full, backups, and the writer."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import threading

import pytest
from sqlalchemy import text

from crawler.errors import SchemaError, StoreBusyError, StoreError
from crawler.store import Store, Writer, upkeep
from crawler.store.columns import Instant


def test_importing_the_room_loads_neither_sqlalchemy_nor_alembic():
    code = "import sys, crawler.store; print({'sqlalchemy', 'alembic'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "set()"


def test_opening_and_checking_a_store_does_not_load_alembic(sqlite_store):
    code = (
        "import sys; from crawler.store import Store, frontier, articles, deals, outbox;"
        f"Store({str(sqlite_store.url)!r}).check(); print('alembic' in sys.modules)"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert found.stdout.strip() == "False"


def test_a_file_that_lasts_is_written_with_care(sqlite_store):
    with sqlite_store.read() as conn:
        pragmas = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert pragmas == {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "busy_timeout": 15000,
    }


def test_an_empty_file_is_told_to_upgrade(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'new.db'}")
    with pytest.raises(SchemaError, match="raisewire db upgrade"):
        store.check()
    store.close()


def test_a_store_in_memory_works_without_a_file(now):
    store = Store("sqlite://")
    store.upgrade()
    with store.write() as conn:
        upkeep.keep_fact(conn, "a", 1, now)
    with store.read() as conn:
        assert upkeep.fact(conn, "a") == 1
    assert store.path is None
    store.close()


@pytest.mark.parametrize("where", ["head", "middle"])
def test_a_corrupt_file_is_refused_with_how_to_restore_it(sqlite_store, where):
    sqlite_store.close()
    path = sqlite_store.path
    for extra in path.parent.glob(path.name + "-*"):
        extra.unlink()
    body = bytearray(path.read_bytes())
    start = 0 if where == "head" else 4096
    for place in range(start, len(body), 7 if where == "middle" else len(body)):
        body[place] ^= 0xFF
    path.write_bytes(body)

    store = Store(f"sqlite:///{path}")
    with pytest.raises(StoreError, match="raisewire db restore"):
        store.check()
    store.close()


@pytest.mark.parametrize("url", ["mysql://x/y", "nonsense", "oracle://a"])
def test_a_url_of_another_kind_is_refused_in_plain_words(url):
    with pytest.raises(StoreError, match="database"):
        Store(url)


def test_a_directory_that_is_not_there_is_named(tmp_path):
    store = Store(f"sqlite:///{tmp_path / 'none' / 'x.db'}")
    with pytest.raises(StoreError, match="cannot open"):
        store.check()


def test_a_backup_of_a_live_database_is_sound_and_whole(sqlite_store, tmp_path, now):
    with sqlite_store.write() as conn:
        upkeep.keep_fact(conn, "a", 1, now)
    target = tmp_path / "copy.db"
    sqlite_store.backup(target)

    copy = Store(f"sqlite:///{target}")
    copy.check()
    with copy.read() as conn:
        assert upkeep.fact(conn, "a") == 1
    copy.close()
    assert list(tmp_path.glob("*.part")) == []


def test_an_upgrade_copies_the_file_first(sqlite_store, monkeypatch):
    monkeypatch.setattr("crawler.store.engine.VERSIONS", ("0000", "0001"))
    with sqlite_store.write() as conn:
        conn.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    with pytest.raises(SchemaError, match="db upgrade"):
        sqlite_store.check()
    with pytest.raises(Exception, match="0000"):
        sqlite_store.upgrade()  # there is no such migration: the copy is what counts

    assert sqlite_store.path.with_name("raisewire.db.before-0000").exists()


def test_a_failed_transaction_leaves_nothing(sqlite_store, now):
    def fail():
        with sqlite_store.write() as conn:
            upkeep.keep_fact(conn, "a", 1, now)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with sqlite_store.read() as conn:
        assert upkeep.fact(conn, "a") is None


def test_readers_see_one_moment_while_another_writes(sqlite_store, now):
    with sqlite_store.read() as reader:
        assert upkeep.fact(reader, "a") is None
        with sqlite_store.write() as conn:
            upkeep.keep_fact(conn, "a", 1, now)
        assert upkeep.fact(reader, "a") is None


def test_a_locked_database_is_busy_not_broken(sqlite_store):
    store = Store(str(sqlite_store.url), busy=0.05)
    with sqlite_store.write(), pytest.raises(StoreBusyError, match="locked"), store.write():
        pass
    store.close()


def test_a_time_without_a_zone_is_refused(now):
    with pytest.raises(ValueError, match="no time zone"):
        Instant().process_bind_param(now.replace(tzinfo=None), None)


# --- the writer ---------------------------------------------------------------------


@pytest.fixture
def writer(sqlite_store):
    made = Writer(sqlite_store, patience=5)
    yield made
    made.close()


async def test_a_write_is_committed_when_it_returns(sqlite_store, writer, now):
    await writer.run(upkeep.keep_fact, "a", 1, now)

    with sqlite_store.read() as conn:
        assert upkeep.fact(conn, "a") == 1


async def test_jobs_that_wait_together_share_a_commit_and_one_that_fails_fails_alone(
    sqlite_store, writer, now
):
    gate = threading.Event()
    commits = []

    def wait(_conn):
        gate.wait(5)

    def job(conn, n):
        upkeep.keep_fact(conn, f"n{n}", n, now)
        commits.append(id(conn.get_transaction()))
        if n == 3:
            raise ValueError("three")
        return n

    first = asyncio.ensure_future(writer.run(wait))
    await asyncio.sleep(0.05)
    rest = [asyncio.ensure_future(writer.run(job, n)) for n in range(6)]
    await asyncio.sleep(0.05)
    gate.set()
    await first
    done = await asyncio.gather(*rest, return_exceptions=True)

    assert [found for found in done if isinstance(found, int)] == [0, 1, 2, 4, 5]
    assert isinstance(done[3], ValueError)
    assert len(set(commits)) == 1
    with sqlite_store.read() as conn:
        assert set(upkeep.facts(conn, "n")) == {"n0", "n1", "n2", "n4", "n5"}


async def test_the_writer_waits_while_the_database_is_locked(sqlite_store, now):
    store = Store(str(sqlite_store.url), busy=0.05)
    writer = Writer(store, patience=10)
    with sqlite_store.write():
        job = asyncio.ensure_future(writer.run(upkeep.keep_fact, "a", 1, now))
        await asyncio.sleep(0.4)
        assert not job.done()
    await job
    writer.close()
    store.close()


async def test_the_writer_gives_up_in_the_end_and_says_why(sqlite_store, now):
    store = Store(str(sqlite_store.url), busy=0.05)
    writer = Writer(store, patience=0.1)
    with sqlite_store.write(), pytest.raises(StoreBusyError):
        await writer.run(upkeep.keep_fact, "a", 1, now)
    await writer.run(upkeep.keep_fact, "a", 2, now)
    writer.close()
    store.close()


async def test_a_closed_writer_has_finished_and_takes_no_more(sqlite_store, now):
    writer = Writer(sqlite_store)
    jobs = [writer.submit(upkeep.keep_fact, f"n{n}", n, now) for n in range(50)]
    writer.close()
    writer.close()

    assert all(job.done() for job in jobs)
    with pytest.raises(StoreError, match="closed"):
        await writer.run(upkeep.keep_fact, "a", 1, now)


def test_a_full_disk_is_busy_and_what_was_there_stays(sqlite_store, now):
    with sqlite_store.write() as conn:
        upkeep.keep_fact(conn, "kept", 1, now)
    with sqlite_store.engine.connect() as conn:
        driver = conn.connection.driver_connection
        pages = driver.execute("PRAGMA page_count").fetchone()[0]
        driver.execute(f"PRAGMA max_page_count = {pages + 4}")
    with pytest.raises(StoreBusyError, match="full"), sqlite_store.write() as conn:
        upkeep.keep_fact(conn, "big", "x" * 200_000, now)

    with sqlite_store.read() as conn:
        assert upkeep.fact(conn, "kept") == 1
    raw = sqlite3.connect(sqlite_store.path)
    assert raw.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    raw.close()
