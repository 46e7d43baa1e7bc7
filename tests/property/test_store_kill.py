"""A writer is killed at random moments: the file stays sound, and nothing half is there."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from crawler.store import Store, frontier, upkeep
from crawler.types import Fetch

# Writes pairs for ever: fact "a/n" and fact "b/n" in one transaction, then says n.
WRITER = textwrap.dedent(
    """
    import itertools, sys
    from datetime import UTC, datetime
    from crawler.store import Store, upkeep
    store, now = Store(sys.argv[1]), datetime(2026, 3, 2, tzinfo=UTC)
    with store.read() as conn:
        start = len(upkeep.facts(conn, "a/"))
    for n in itertools.count(start):
        with store.write() as conn:
            upkeep.keep_fact(conn, f"a/{n}", "x" * 3000, now)
            upkeep.keep_fact(conn, f"b/{n}", n, now)
        print(n, flush=True)
    """
)

# Two of these count up one number together for a while; each says how often it added.
COUNTER = textwrap.dedent(
    """
    import sys, time
    from datetime import UTC, datetime
    from crawler.store import Store, upkeep
    store, now, added = Store(sys.argv[1]), datetime(2026, 3, 2, tzinfo=UTC), 0
    end = time.monotonic() + float(sys.argv[2])
    while time.monotonic() < end:
        with store.write() as conn:
            upkeep.keep_fact(conn, "n", (upkeep.fact(conn, "n") or 0) + 1, now)
        added += 1
    print(added)
    """
)


def run(code, *args):
    return subprocess.Popen([sys.executable, "-c", code, *args], stdout=subprocess.PIPE, text=True)


@pytest.mark.parametrize("seed", range(4))
def test_a_killed_writer_loses_nothing_that_it_was_told_was_stored(sqlite_store, seed):
    url, rng, said = str(sqlite_store.url), random.Random(seed), -1
    writer = run(WRITER, url)
    said = int(writer.stdout.readline())  # it has begun
    time.sleep(rng.uniform(0, 0.15))
    os.kill(writer.pid, signal.SIGKILL)
    rest = writer.communicate()[0].split()
    said = int(rest[-1]) if rest else said

    store = Store(url)
    store.check_integrity(full=True)
    with store.read() as conn:
        first, second = upkeep.facts(conn, "a/"), upkeep.facts(conn, "b/")
    store.close()
    assert len(first) == len(second), "half a transaction"
    assert len(first) >= said + 1, "a committed row is gone"


def test_two_processes_write_without_one_lock_error(sqlite_store):
    both = [run(COUNTER, str(sqlite_store.url), "2") for _ in range(2)]
    counts = [int(process.communicate(timeout=60)[0]) for process in both]

    assert [process.returncode for process in both] == [0, 0]
    assert min(counts) > 0
    with sqlite_store.read() as conn:
        assert upkeep.fact(conn, "n") == sum(counts)


def test_two_takers_on_postgresql_never_share_a_page(postgres_store, nouns, now):
    with postgres_store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
        keyed = [(str(n), nouns.entry(f"https://h{n % 20}.example/{n}")) for n in range(300)]
        frontier.queue_pages(conn, "wire", keyed, quiet=False, now=now)

    def take(owner):
        taken = []
        for _ in range(60):
            with postgres_store.write() as conn:
                work = frontier.take_due(
                    conn, now, 7, owner=owner, lease=timedelta(hours=1), per_host=8
                )
            taken += [found.page_id for found in work if isinstance(found, Fetch)]
        return taken

    with ThreadPoolExecutor(3) as pool:
        lists = list(pool.map(take, "abc"))
    lists += [take(owner) for owner in "abc"]  # what a host's owner had no turn left for
    together = [ident for found in lists for ident in found]
    assert len(together) == len(set(together)) == 20 * 8
    with postgres_store.read() as conn:
        out = [page.host for page in frontier.pages(conn, state="leased", limit=1000)]
    assert max(out.count(host) for host in set(out)) <= 8
