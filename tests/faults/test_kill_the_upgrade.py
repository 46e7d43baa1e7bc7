"""kill -9 in the middle of an upgrade from the first release: all of it or nothing, and again."""

from __future__ import annotations

import signal
import subprocess
import sys

import pytest
from sqlalchemy import text

from crawler.store import Store, migrations
from crawler.store.tables import VERSIONS

ROWS = (
    "INSERT INTO source (id, kind, url, host, every, source_class, enabled, allow_private, options)"
    " VALUES ('old', 'feed', 'http://old.example/f', 'old.example', 900, 'wire', :on, '[]', '{}')"
)

# The upgrade as `raisewire db upgrade` does it, ended by the kernel before its n-th statement.
KILLED = """
import os, signal, sys
from sqlalchemy import event
from crawler.store import Store

store, left = Store(sys.argv[1]), int(sys.argv[2])

def count(conn, cursor, statement, *rest):
    global left
    if statement.split(None, 1)[0] in {"ALTER", "CREATE", "INSERT", "UPDATE", "DROP"}:
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

event.listen(store.engine, "before_cursor_execute", count)
store.upgrade()
"""


@pytest.fixture(params=["sqlite", "postgresql"])
def first_release(request, tmp_path):
    """Return the URL of a database as the first release made it, with a source in it."""
    url = f"sqlite:///{tmp_path / 'old.db'}"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    store = Store(url)
    with store.write() as conn:
        if request.param == "postgresql":
            conn.execute(text("DROP SCHEMA public CASCADE"))
            conn.execute(text("CREATE SCHEMA public"))
        migrations.run(conn, VERSIONS[0])
        conn.execute(text(ROWS), {"on": True})
    yield url
    store.upgrade()
    store.close()


def killed(url: str, statement: int) -> int:
    command = [sys.executable, "-c", KILLED, url, str(statement)]
    return subprocess.run(command, capture_output=True, check=False).returncode


def known(store: Store) -> list[str]:
    with store.read() as conn:
        return list(conn.scalars(text("SELECT id FROM source")))


def test_an_upgrade_that_is_killed_leaves_the_old_database_and_works_again(first_release):
    store = Store(first_release)
    for statement in (1, 4, 9):
        assert killed(first_release, statement) == -signal.SIGKILL
        assert store.version() == VERSIONS[0]
        assert known(store) == ["old"]
    assert killed(first_release, 10_000) == 0
    assert store.version() == VERSIONS[-1]
    assert known(store) == ["old"]
    store.check(integrity=True)
    store.close()
