"""Daemons and workers on one PostgreSQL: killed, they are replaced; one asks a host at a time."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

import pytest

from crawler.store import Store, deals, frontier, leases, upkeep, workers
from scheduler import queue
from tests.conftest import POSTGRES
from tests.fakes.hosts import Hosts
from tests.fakes.live import LiveDaemon, eventually, raisewire
from tests.fakes.rounds import company, story


class LiveWorker(LiveDaemon):
    """`raisewire worker` as a process that can be killed."""

    def start(self) -> None:
        self._heard = len(self.log)
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "crawler", "--config", str(self.config), "worker"],
                stderr=log,
                stdout=log,
            )

    def up(self, within: float = 60) -> LiveWorker:
        self.start()
        assert eventually(lambda: self.says("worker started"), within), self.log[-3000:]
        return self

    def named(self, name: str) -> LiveWorker:
        self._log = self.config.with_suffix(f".{name}.log")
        return self


@pytest.fixture
def database():
    """Return the URL of an empty PostgreSQL database of this test's own."""
    psycopg = pytest.importorskip("psycopg")
    name = f"raisewire_workers_{uuid.uuid4().hex[:8]}"
    with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as server:
        server.execute(f"CREATE DATABASE {name}")
        yield f"{POSTGRES.replace('postgresql:', 'postgresql+psycopg:')}/{name}"
        server.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def store(database):
    made = Store(database)
    made.upgrade()
    queue.make(made)
    yield made
    made.close()


def config(folder: Path, database: str, hosts: Hosts, feeds: int, every: str = "2s") -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: {database}\n"
        "workers: procrastinate\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        "extract: {workers: 1}\n"
        f"defaults: {{every: {every}}}\n" + hosts.sources(feeds),
        encoding="utf-8",
    )
    return file


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_a_killed_workers_hosts_are_rescued_and_none_is_asked_by_two(tmp_path, database, store):
    with Hosts(12) as hosts:
        file = config(tmp_path, database, hosts, 2)
        for host in range(hosts.count):
            hosts.publish(host, 0, *story(host))
        one, two = LiveWorker(file).named("one"), LiveWorker(file).named("two")
        with LiveDaemon(file) as daemon, one, two:
            one.up(60)
            daemon.up(60)
            assert eventually(lambda: everyone(hosts, 2, 1), 60), one.log[-2000:]
            two.up(60)
            hosts.linger = 3.0  # so that the killed one has polls on the wire
            assert eventually(lambda: busy(store, one), 40)
            one.kill()
            hosts.linger = 0.02
            killed, before = time.monotonic(), polls(hosts, 2)
            assert eventually(lambda: everyone(hosts, 2, 1, before), 60), two.log[-2000:]
            rescued = time.monotonic() - killed
            print(f"kill -9 of a worker: every source polled again after {rescued:.0f} s")
            assert eventually(lambda: "gone" in daemon.log, 40)
            assert eventually(lambda: len(stored(store)) == hosts.count, 60)
            assert two.stop() == 0
            assert daemon.stop() == 0
        assert hosts.crowded == []
    with store.read() as conn:
        assert workers.seen(conn) == []
        assert {deal.event.company for deal in deals.listing(conn)} == {
            company(n) for n in range(12)
        }


def polls(hosts: Hosts, feeds: int) -> dict[tuple[int, int], int]:
    return {(h, f): hosts.polled(h, f) for h in range(hosts.count) for f in range(feeds)}


def everyone(hosts: Hosts, feeds: int, more: int, since=None) -> bool:
    """Tell whether every feed was asked `more` times since then."""
    now = polls(hosts, feeds)
    return all(count >= (since or {}).get(feed, 0) + more for feed, count in now.items())


def busy(store: Store, worker: LiveWorker) -> bool:
    """Tell whether a worker has polls out."""
    with store.read() as conn:
        return any(f" {worker.process.pid} " in owner for owner in leases.owners(conn))


def stored(store: Store) -> list[object]:
    with store.read() as conn:
        return list(deals.listing(conn))


@pytest.mark.slow
@pytest.mark.timeout(200)
@pytest.mark.usefixtures("store")
def test_another_daemon_takes_over_from_a_killed_leader(tmp_path, database):
    with Hosts(3) as hosts:
        file = config(tmp_path, database, hosts, 1)
        first, second = LiveDaemon(file), LiveDaemon(file)
        second._log = file.with_suffix(".second.log")
        with first, second, LiveWorker(file).named("w") as worker:
            first.up(60)
            second.start()
            worker.up(60)
            assert eventually(lambda: second.says("standing by"), 60)
            first.kill()
            killed = time.monotonic()
            assert eventually(lambda: second.says("daemon started"), 60), second.log[-2000:]
            took = time.monotonic() - killed
            print(f"kill -9 of the leader: takeover after {took:.1f} s")
            assert took <= 30
            before = polls(hosts, 1)
            assert eventually(lambda: everyone(hosts, 1, 1, before), 40), worker.log[-2000:]


@pytest.mark.slow
@pytest.mark.timeout(200)
def test_a_worker_that_was_frozen_stops_when_others_have_its_work(tmp_path, database, store):
    with Hosts(2) as hosts:
        file = config(tmp_path, database, hosts, 1)
        with LiveWorker(file).named("frozen") as worker:
            worker.up(60)
            worker.signal(signal.SIGSTOP)
            with store.write() as conn:
                (one,) = workers.seen(conn)
                workers.leave(conn, one.owner)
            worker.signal(signal.SIGCONT)
            assert worker.process.wait(40) == 1
            assert worker.says("given up for dead")


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.usefixtures("store")
def test_while_the_database_is_away_daemon_and_worker_wait_and_then_go_on(tmp_path, database):
    psycopg = pytest.importorskip("psycopg")
    name = database.rpartition("/")[2]
    end = f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
    with Hosts(6) as hosts:
        file = config(tmp_path, database, hosts, 1)
        with LiveDaemon(file) as daemon, LiveWorker(file).named("w") as worker:
            daemon.up(60)
            worker.up()
            assert eventually(lambda: everyone(hosts, 1, 1), 60), worker.log[-2000:]
            with psycopg.connect(f"{POSTGRES}/postgres", autocommit=True) as server:
                server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
                server.execute(end)
                time.sleep(30)
                server.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
            back, before = time.monotonic(), polls(hosts, 1)
            assert eventually(lambda: everyone(hosts, 1, 2, before), 90), worker.log[-2000:]
            print(f"database away for 30 s: all polled twice {time.monotonic() - back:.0f} s later")
            assert worker.stop() == 0
            assert daemon.stop() == 0
        assert hosts.crowded == []


@pytest.mark.slow
@pytest.mark.timeout(120)
@pytest.mark.usefixtures("store")
def test_workers_are_shown(tmp_path, database):
    with Hosts(2) as hosts:
        file = config(tmp_path, database, hosts, 1)
        with LiveWorker(file).named("w") as worker:
            worker.up(60)
            said = raisewire("--config", str(file), "workers", "--json")
            assert [json.loads(line)["role"] for line in said.stdout.splitlines()] == [
                "worker",
                "queue",
            ]
            assert raisewire("--config", str(file), "worker", "--once").returncode == 0
            assert worker.stop() == 0


# --- the queue ----------------------------------------------------------------------


@pytest.fixture
def leading(store, nouns):
    """Return our leadership of a database with two sources, both due."""
    now = nouns.now
    with store.write() as conn:
        pair = [nouns.source("a"), nouns.source("b")]
        frontier.sync_sources(conn, pair, now)
        return "daemon", upkeep.take_lead(conn, "daemon", "me", now, now - now)


def test_a_host_is_queued_once(store, leading, now):
    with store.write() as conn:
        assert queue.enqueue(conn, leading, now) == 2
    with store.write() as conn:
        assert queue.enqueue(conn, leading, now) == 0
        assert queue.waiting(conn) == {"todo": 2}


def test_what_is_queued_is_queued_with_the_transaction_or_not_at_all(store, leading, now):
    with suppress(KeyError), store.write() as conn:
        queue.enqueue(conn, leading, now)
        raise KeyError
    with store.read() as conn:
        assert queue.waiting(conn) == {}


def test_who_leads_no_more_queues_nothing(store, leading, now):
    name, token = leading
    with store.write() as conn:
        assert queue.enqueue(conn, (name, token - 1), now) is None
        assert queue.waiting(conn) == {}


async def test_watched_hosts_are_given_out_first_and_stalled_jobs_again(store, leading, now):
    with store.write() as conn:
        queue.enqueue(conn, leading, now, first=["b"])
    app = queue.queue(store)
    async with app.open_async():
        jobs = app.job_manager
        dead = await jobs.register_worker()
        job = await jobs.fetch_job([queue.QUEUE], dead)
        assert job.task_kwargs == {"host": "b.example"}
        assert await queue.rescue(app) == 0
        await jobs.unregister_worker(dead)
        assert await queue.rescue(app) == 1
        alive = await jobs.register_worker()
        assert (await jobs.fetch_job([queue.QUEUE], alive)).task_kwargs == {"host": "b.example"}


def test_the_queues_tables_are_made_once_and_migrated_by_their_own_scripts(store):
    assert not queue.make(store)
    assert queue.migrations("3.10.0") == []
    assert any("retry" in script for script in queue.migrations("3.3.0"))
    assert len(queue.migrations("3.0.0")) > len(queue.migrations("3.3.0"))
