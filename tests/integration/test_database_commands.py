"""The `db` commands: upgrade, check, backup, restore, copy, purge."""

from __future__ import annotations

import json
import os
import uuid

import pytest
from sqlalchemy import create_engine, text

from tests.fakes.live import raisewire

STORY = {
    "url": "https://ledger.example/a",
    "title": "Corvid Robotics raises $85 million in Series C round",
    "text": "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures.",
    "published": "2026-03-02T09:00:00Z",
    "source": "ledger",
}
SERVER = os.environ.get("RAISEWIRE_TEST_POSTGRES", "postgresql://postgres@127.0.0.1:5432")


@pytest.fixture
def env(tmp_path):
    env = {"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/one.db"}
    (tmp_path / "a.jsonl").write_text(json.dumps(STORY) + "\n")
    raisewire("import", str(tmp_path / "a.jsonl"), env=env)
    return env


@pytest.fixture
def postgres():
    name = f"raisewire_test_{uuid.uuid4().hex[:12]}"
    server = SERVER.replace("postgresql://", "postgresql+psycopg://", 1)
    admin = create_engine(f"{server}/postgres", isolation_level="AUTOCOMMIT")
    try:
        with admin.connect() as conn:
            conn.execute(text(f"CREATE DATABASE {name}"))
    except Exception as error:  # noqa: BLE001 - whatever says that there is none
        if os.environ.get("CI"):
            pytest.fail(f"no PostgreSQL: {error}")
        pytest.skip("no PostgreSQL on this machine")
    yield f"{server}/{name}"
    with admin.connect() as conn:
        conn.execute(text(f"DROP DATABASE {name} WITH (FORCE)"))
    admin.dispose()


def test_a_backup_restores_what_was_there(env, tmp_path):
    copy = tmp_path / "copy.db"
    before = raisewire("deals", "--json", env=env).stdout
    assert raisewire("db", "backup", str(copy), env=env).returncode == 0
    deal = json.loads(before)["id"]
    raisewire("review", "reject", deal, env=env)
    done = raisewire("db", "restore", str(copy), env=env)

    assert done.returncode == 0, done.stderr
    assert raisewire("deals", "--json", env=env).stdout == before


def test_a_database_is_copied_to_postgresql_and_says_the_same(env, postgres):
    done = raisewire("db", "copy", env["RAISEWIRE_DATABASE"], postgres)
    there = raisewire("deals", "--json", env={"RAISEWIRE_DATABASE": postgres}).stdout

    assert done.returncode == 0, done.stderr
    assert there == raisewire("deals", "--json", env=env).stdout


def test_purge_forgets_bodies_and_keeps_deals(env):
    done = raisewire("db", "purge", "--older", "0s", env=env)
    (article,) = raisewire("articles", "--json", env=env).stdout.splitlines()

    assert "1 bodies forgotten" in done.stderr
    assert json.loads(article)["text"] == ""
    assert json.loads(raisewire("deals", "--json", env=env).stdout)["evidence"]


def test_what_is_purged_is_the_configs_to_say(env, tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("retention: {bodies: 36500d}\n")
    kept = raisewire("--config", str(file), "db", "purge", env=env)
    file.write_text("retention: {bodies: 0s}\n")
    gone = raisewire("--config", str(file), "db", "purge", env=env)

    assert "0 bodies forgotten" in kept.stderr
    assert "1 bodies forgotten" in gone.stderr


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "x.db").write_bytes(b"this is not a database, it is a text of some length" * 50)
    done = raisewire("db", "check", env={"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/x.db"})

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
