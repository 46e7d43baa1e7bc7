"""Each of the usual mistakes is found, and told with what to do; what is fine is not."""

from __future__ import annotations

import json
import resource
from datetime import timedelta
from pathlib import Path

import pytest

from crawler.cli.doctor import filesystem, in_config, in_database, on_machine
from crawler.config import load
from crawler.fetch.engine import utc_now
from crawler.store import frontier, outbox, upkeep, workers
from crawler.store.outbox import Verdict
from crawler.types import Failure, Outcome, PollResult
from tests.fakes.shell import run

MACHINE = {"files": 4096}
FINE = (
    'http: {user_agent: "desk/1 (+https://desk.example)"}\n'
    'sources: [{name: wire, kind: feed, url: "https://wire.example/feed"}]\n'
    'channels: {desk: {type: command, argv: ["true"]}, spare: {type: command, argv: ["true"]}}\n'
    "alerts: [{name: all, to: [desk]}]\n"
    "operators: {to: [spare]}\n"
    "extract: {workers: 1}\n"
)


def advice(findings) -> dict[str, str]:
    """Return what was found wrong."""
    return {what: told for what, told in findings if told}


# --- the machine --------------------------------------------------------------------


def test_a_good_machine_has_nothing_to_say():
    assert advice(on_machine({}, **MACHINE)) == {}
    assert advice(on_machine({}, files=resource.RLIM_INFINITY)) == {}


def test_few_open_files_are_noticed():
    assert "ulimit -n" in advice(on_machine({}, files=256))["open files (256)"]


def test_a_proxy_that_is_not_used_is_named():
    assert "HTTPS_PROXY" in advice(on_machine({"HTTPS_PROXY": "http://p:1"}, **MACHINE))["proxy"]


def test_sqlite_on_another_machines_disk_is_noticed():
    mounts = "/dev/sda1 / ext4 rw 0 0\nserver:/news /srv/news nfs4 rw 0 0\n"
    assert filesystem(Path("/srv/news/raisewire.db"), mounts) == "nfs4"
    assert filesystem(Path("/srv/newsletter.db"), mounts) == "ext4"
    assert filesystem(Path("/x"), "") == ""


# --- the config ---------------------------------------------------------------------


@pytest.fixture
def found(tmp_path):
    def act(text: str, *changes: tuple[str, str]) -> dict[str, str]:
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        file = tmp_path / "config.yaml"
        file.write_text(text)
        return advice(in_config(load(file, {}).config))

    return act


def test_a_good_config_has_nothing_to_say(found):
    assert found(FINE) == {}


@pytest.mark.parametrize(
    ("change", "what", "told"),
    [
        (('"desk/1 (+https://desk.example)"', '"bot"'), "User-Agent", "contact"),
        (("http: {", "http: {per_host_delay: 0s, "), "pause", "no rest"),
        (("kind: feed,", "kind: feed, enabled: false,"), "sources", "watches nothing"),
        (("alerts: [{name: all, to: [desk]}]", "alerts: []"), "alert rules", "nobody is told"),
        (("operators: {to: [spare]}\n", ""), "channels", "spare"),
        (("operators: {to: [spare]}\n", ""), "operators", "broken channel"),
        (("to: [desk]}", "when: {watchlist: true}, to: [desk]}"), "watchlist", "it is empty"),
        (("workers: 1", "workers: 64"), "64 reading processes", "cores"),
        (("http: {", "http: {browser: /nowhere/chromium, "), "browser", "there is no"),
    ],
)
def test_a_mistake_in_the_config_is_named(found, change, what, told):
    assert told in found(FINE, change)[what]


def test_a_config_that_does_not_hold_is_told_with_its_place(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("sources: []\nalertz: []\n")
    done = run("--config", str(file), "doctor")
    assert done.returncode == 1
    assert f"{file}:2:1" in done.stdout.replace("\n", "")


def test_workers_without_a_server_are_refused(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text("workers: procrastinate\n")
    done = run("--config", str(file), "config", "check")
    assert done.returncode == 2
    assert "needs PostgreSQL" in done.stderr


# --- the database -------------------------------------------------------------------


@pytest.fixture
def watched(store, nouns, now):
    with store.write() as conn:
        frontier.sync_sources(conn, [nouns.source()], now)
    return store


def look(store, at) -> dict[str, str]:
    with store.read() as conn:
        return advice(in_database(conn, at))


def test_a_quiet_database_has_nothing_to_say(watched, now):
    assert look(watched, now) == {}


def test_a_source_that_fails_again_and_again_is_named(watched, now):
    with watched.write() as conn:
        for n in range(3):
            at = now + timedelta(hours=n)
            (poll,) = frontier.take_due(conn, at, 1, owner="w", lease=timedelta(minutes=1))
            result = PollResult(poll=poll, outcome=Outcome.DEAD, at=at)
            frontier.finish_poll(conn, result, at, [], 0, False, at)
    assert "wire: raisewire sources health" in look(watched, now)["1 sources known"]


def test_pages_put_aside_and_dead_letters_are_counted(watched, nouns, now):
    with watched.write() as conn:
        frontier.queue_pages(conn, "wire", [("k", nouns.entry())], quiet=False, now=now)
        work = frontier.take_due(conn, now, 9, owner="w", lease=timedelta(minutes=1))
        page = next(piece for piece in work if hasattr(piece, "page_id"))
        broken = Failure(fetch=page, outcome=Outcome.POISON, at=now, message="it hangs")
        frontier.page_failed(conn, broken, None, now)
        outbox.enqueue(conn, [nouns.alert()], now)
        claim = outbox.claim(conn, "desk", "w", now, timedelta(minutes=1))
        outbox.finish(conn, claim, Verdict.PERMANENT, 404, "no such channel", None, now)
    told = look(watched, now)
    assert "1: raisewire sources pages" in told["pages put aside"]
    assert "1: raisewire alerts dead" in told["dead letters"]


def test_a_clock_that_is_behind_is_noticed(watched, now):
    with watched.write() as conn:
        upkeep.keep_fact(conn, "alive", (now + timedelta(hours=1)).isoformat(), now)
    assert "set it" in look(watched, now)["clock"]


def test_a_database_that_is_not_there_is_told(tmp_path):
    done = run("doctor", env={"RAISEWIRE_DATABASE": f"sqlite:///{tmp_path}/none.db"})
    assert done.returncode == 1
    assert "raisewire db upgrade" in done.stdout


def test_who_restarts_a_daemon_is_told_whether_it_lives(sqlite_store):
    env = {"RAISEWIRE_DATABASE": str(sqlite_store.url)}
    assert run("doctor", "--alive", "daemon", env=env).returncode == 1

    at = utc_now()
    with sqlite_store.write() as conn:
        upkeep.keep_fact(conn, "alive", at.isoformat(), at)
    assert run("doctor", "--alive", "daemon", env=env).returncode == 0

    with sqlite_store.write() as conn:
        upkeep.keep_fact(conn, "alive", (at - timedelta(minutes=9)).isoformat(), at)
    done = run("doctor", "--json", env=env)
    told = {one["what"]: one["advice"] for one in map(json.loads, done.stdout.splitlines())}
    assert "start it" in told["daemon"]


def test_a_worker_of_another_machine_is_no_sign_of_life(postgres_store):
    from crawler.owner import owner
    from crawler.store.clock import SharedClock

    env = {"RAISEWIRE_DATABASE": postgres_store.url.render_as_string(hide_password=False)}
    at = SharedClock(postgres_store)()
    with postgres_store.write() as conn:
        workers.enrol(conn, "worker elsewhere 1 1 x", {}, at)
    assert run("doctor", "--alive", "worker", env=env).returncode == 1
    with postgres_store.write() as conn:
        workers.enrol(conn, owner("worker"), {}, at)
    assert run("doctor", "--alive", "worker", env=env).returncode == 0
