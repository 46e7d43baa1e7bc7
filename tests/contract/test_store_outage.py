"""PostgreSQL goes away and comes back: what was asked for is written, once."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import text

from crawler.errors import StoreBusyError
from crawler.store import Store, Writer, upkeep

KILL = text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture
def kill(postgres_url):
    """Return a way to cut every other connection to the database."""
    other = Store(postgres_url)

    def act():
        with other.write() as conn:
            conn.execute(KILL)

    yield act
    other.close()


@pytest.fixture
def writer(postgres_store):
    made = Writer(postgres_store, patience=10)
    yield made
    made.close()


async def test_a_connection_cut_while_idle_is_not_noticed(postgres_store, writer, kill, now):
    await writer.run(upkeep.keep_fact, "a", 1, now)
    await asyncio.to_thread(kill)
    await writer.run(upkeep.keep_fact, "b", 2, now)

    with postgres_store.read() as conn:
        assert upkeep.facts(conn, "") == {"a": 1, "b": 2}


async def test_a_job_whose_connection_is_cut_is_done_again(postgres_store, writer, kill, now):
    tries = []

    def count(conn):
        tries.append(1)
        upkeep.keep_fact(conn, "n", (upkeep.fact(conn, "n") or 0) + 1, now)
        if len(tries) == 1:
            kill()
        upkeep.keep_fact(conn, "after", 1, now)

    await writer.run(count)
    assert len(tries) == 2
    with postgres_store.read() as conn:
        assert upkeep.fact(conn, "n") == 1


async def test_every_job_of_a_batch_survives_a_cut(postgres_store, writer, kill, now):
    tries = []

    def count(conn, n):
        tries.append(n)
        upkeep.keep_fact(conn, f"n{n}", n, now)
        if len(tries) == 3:
            kill()

    jobs = [asyncio.ensure_future(writer.run(count, n)) for n in range(8)]
    await asyncio.gather(*jobs)
    with postgres_store.read() as conn:
        assert len(upkeep.facts(conn, "n")) == 8


def test_a_server_that_is_not_there_is_busy_not_broken():
    store = Store("postgresql+psycopg://postgres@127.0.0.1:1/none")
    with pytest.raises(StoreBusyError, match="connect"):
        store.ping()
    store.close()


def test_a_cut_transaction_says_so(postgres_store, kill, now):
    def act():
        with postgres_store.write() as conn:
            upkeep.keep_fact(conn, "a", 1, now)
            kill()
            upkeep.keep_fact(conn, "b", 1, now)

    with pytest.raises(StoreBusyError, match="cannot be used just now"):
        act()
