"""Metrics and health: what is counted while news goes down the street, and what is down."""

from __future__ import annotations

import asyncio
import json
import re
import sqlite3
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from crawler import metrics
from crawler.app import open_house
from crawler.config import Config, loads
from crawler.demo.press import outlets
from crawler.errors import ConfigError
from scheduler.monitor import Monitor, answer
from tests.fakes.live import LiveDaemon, LiveNewsroom, eventually
from tests.fakes.web import BEARER, TOKENS, LiveWeb, free_port

ROOT = Path(__file__).parents[2]
GRAFANA = ROOT / "docs" / "grafana.json"


def samples(text: str) -> dict[str, float]:
    """Return the sum of each metric over its labels."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for one in family.samples:
            found[one.name] = found.get(one.name, 0) + one.value
    return found


def got(address: tuple[str, int], path: str, **headers: str) -> tuple[int, str]:
    request = urllib.request.Request(f"http://{address[0]}:{address[1]}{path}", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=20) as answered:
            return answered.status, answered.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def test_a_daemon_counts_a_story_at_every_station(tmp_path):
    with LiveNewsroom() as news, LiveDaemon(tmp_path / "c.yaml") as daemon:
        port = free_port()
        daemon.config.write_text(
            f"database: sqlite:///{tmp_path}/d.db\n"
            "http: {allow_private: ['127.0.0.1/32'], per_host_delay: 0s}\n"
            "defaults: {every: 1s}\n"
            f"extract: {{workers: 1}}\nmetrics: {{listen: '127.0.0.1:{port}'}}\n"
            "channels: {desk: {type: command, argv: ['true']}}\n"
            "alerts: [{name: all, to: [desk]}]\n" + news.room.config()
        )
        daemon.up()
        address = ("127.0.0.1", port)

        def counted(name: str) -> bool:
            return samples(got(address, "/metrics")[1]).get(f"raisewire_{name}", 0) > 0

        outlet = next(one.id for one in outlets() if one.lang == "en")
        news.publish(outlet, "old", "Rain again", "It rained on Tuesday, and again on Friday.")
        assert eventually(lambda: counted("articles_total"), 40), daemon.log[-3000:]
        text = "Lumen Robotics raised $40 million in a Series B led by Northwind Ventures."
        news.publish(outlet, "lumen", "Lumen Robotics raises $40 million", text)
        assert eventually(lambda: counted("deliveries_total"), 40), daemon.log[-3000:]
        seen = samples(got(address, "/metrics")[1])
        for name in (
            "polls_total", "poll_seconds_count", "entries_total", "pages_queued_total",
            "pages_total", "read_seconds_count", "store_seconds_count", "resolve_seconds_count",
            "articles_total", "reports_total", "deals_total", "alerts_queued_total",
            "delivery_seconds_count", "published_to_delivered_seconds_count",
            "seen_to_delivered_seconds_count", "config_reload_success", "database_up",
        ):  # fmt: skip
            assert seen[f"raisewire_{name}"] > 0, name
        assert got(address, "/healthz") == (200, "ok\n")
        assert got(address, "/readyz") == (200, "ready\n")
        assert got(address, "/else")[0] == 404


def test_the_web_shows_what_the_database_knows(sqlite_store, nouns):
    from crawler.store import outbox

    with sqlite_store.write() as conn:
        outbox.enqueue(conn, [nouns.alert()])
        outbox.hold_channel(conn, "desk", None, "the hook is gone")
    with LiveWeb(str(sqlite_store.url), nouns.later, web={"tokens": TOKENS}) as web:
        seen = samples(web.get("/metrics", headers=BEARER["rita"]).text)
        ready = web.get("/readyz")

    assert seen["raisewire_outbox"] == 1
    assert seen["raisewire_channel_held"] == 1
    assert seen["raisewire_database_up"] == 1
    assert (ready.status_code, ready.text) == (200, "channel desk: held, the hook is gone\n")


def test_a_database_that_is_away_is_told_and_the_page_says_so(sqlite_store, nouns):
    with LiveWeb(str(sqlite_store.url), nouns.later) as web:
        web.house.store.engine.dispose()
        path = sqlite_store.path
        path.rename(path.with_suffix(".away"))
        path.mkdir()
        try:
            page = web.get("/deals", headers={"Accept": "text/html"})
            api = web.get("/api/v1/deals")
            ready, health = web.get("/readyz"), web.get("/healthz")
            up = samples(web.get("/metrics").text)["raisewire_database_up"]
        finally:
            path.rmdir()
            path.with_suffix(".away").rename(path)
        again = web.get("/deals")

    assert (page.status_code, api.status_code, ready.status_code) == (503, 503, 503)
    assert "daemon is not harmed" in page.text
    assert api.headers["Content-Type"] == "application/problem+json"
    assert ready.text.startswith("database: ")
    assert (health.status_code, up, again.status_code) == (200, 0, 200)


def test_a_locked_database_costs_a_form_its_answer_and_nothing_else(sqlite_store, nouns):
    with LiveWeb(str(sqlite_store.url), nouns.later) as web:
        lock = sqlite3.connect(sqlite_store.path, isolation_level=None)
        lock.execute("BEGIN IMMEDIATE")
        try:
            refused = web.post("/api/v1/silences", json={"hours": 1})
            read = web.get("/api/v1/deals")
        finally:
            lock.execute("ROLLBACK")
            lock.close()
        taken = web.post("/api/v1/silences", json={"hours": 1})

    assert (refused.status_code, read.status_code, taken.status_code) == (503, 200, 201)


def test_a_loop_that_hangs_is_told(sqlite_store, nouns, monkeypatch):
    monkeypatch.setattr("scheduler.monitor.answers.__defaults__", (0.3,))
    loop = asyncio.new_event_loop()
    stuck = threading.Event()
    config = Config(database=str(sqlite_store.url), metrics={"listen": "127.0.0.1:0"})
    with open_house(config, nouns.later) as house:
        runs = threading.Thread(target=loop.run_forever)
        runs.start()
        monitor = Monitor(house, loop)
        try:
            well = got(monitor.address, "/healthz")[0]
            loop.call_soon_threadsafe(stuck.wait, 20)
            ill = got(monitor.address, "/healthz")[0], got(monitor.address, "/readyz")
            stuck.set()
        finally:
            loop.call_soon_threadsafe(loop.stop)
            runs.join()
            monitor.close()
            loop.close()

    assert well == 200
    assert ill == (503, (503, "loop: does not answer\n"))


def test_metrics_that_others_can_reach_want_a_token(sqlite_store, nouns, tmp_path):
    with pytest.raises(ConfigError, match=r"c\.yaml:1:19: listen: .*web\.tokens"):
        loads("metrics: {listen: '0.0.0.0:9464'}", tmp_path / "c.yaml", {})
    wide = {"metrics": {"listen": "0.0.0.0:9464"}, "web": {"tokens": TOKENS}}
    with open_house(Config(database=str(sqlite_store.url), **wide), nouns.later) as house:
        assert answer(house, lambda: True, "/metrics", "")[0] == 401
        assert answer(house, lambda: True, "/metrics", "Bearer guess")[0] == 401
        right = BEARER["rita"]["Authorization"]
        assert answer(house, lambda: True, "/metrics", right)[0] == 200
        assert answer(house, lambda: True, "/healthz", "")[0] == 200


def test_every_metric_of_the_grafana_dashboard_exists(sqlite_store, nouns):
    board = json.loads(GRAFANA.read_text())
    asked = {
        name
        for panel in board["panels"]
        for target in panel.get("targets", ())
        for name in re.findall(r"raisewire_\w+", target["expr"])
    }
    with open_house(Config(database=str(sqlite_store.url)), nouns.later) as house:
        from crawler.standing import exposition

        shown = exposition(house, own=True).decode()
    known = set(re.findall(r"# TYPE (raisewire_\w+)", shown))
    known |= {name.removesuffix("_total") for name in known}
    bare = {re.sub(r"_(bucket|sum|count|total)$", "", name) for name in asked}

    assert len(asked) > 15
    assert bare - known == {"raisewire_last_good_poll_seconds"} - known
    assert metrics.REGISTRY.get_sample_value("raisewire_config_reload_success") is not None
