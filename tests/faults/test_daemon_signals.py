"""The daemon is told things by signals, by a second daemon, and by kill -9."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import pytest

from crawler.demo.sinks import SlackSink
from crawler.store import Store, articles, leases
from tests.fakes.live import LiveDaemon, LiveNewsroom, eventually, raisewire
from tests.fakes.rounds import company, publish
from tests.fakes.static import StaticSite

WIRE = "harbour-wire"

STORY = b"<html><title>Weather</title><article><p>It was a mild week in the north.</p></article>"


def config(folder: Path, sources: str, more: str = "", delay: str = "0s") -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/daemon.db\n"
        f"http: {{per_host_delay: {delay}, allow_private: [127.0.0.0/8]}}\n"
        f"extract: {{workers: 1}}\ndefaults: {{every: 1s}}\n{more}{sources}",
        encoding="utf-8",
    )
    return file


def channels(**slack: SlackSink) -> str:
    ways = ", ".join(
        f'{name}: {{type: slack, webhook_url: "{sink.url}", per_minute: 6000}}'
        for name, sink in slack.items()
    )
    return f"channels: {{{ways}}}\nalerts: [{{name: all, to: [{', '.join(slack)}]}}]\n"


def first_poll(live: LiveNewsroom, daemon: LiveDaemon) -> None:
    """Start the daemon and let the wire's first poll pass: what follows is news."""
    live.publish(WIRE, "old", "Weather stays mild", "It was a mild week.")
    daemon.up()
    assert eventually(lambda: daemon.says("old.html"), 20), daemon.log[-3000:]


def only_the_wire(live: LiveNewsroom) -> str:
    lines = live.room.config().splitlines()
    return "\n".join([lines[0], *(line for line in lines if WIRE in line)]) + "\n"


def feed(site: StaticSite) -> str:
    return f'sources: [{{name: site, kind: feed, url: "{site.feed}"}}]\n'


def test_sigterm_in_mid_crawl_exits_0_and_leaves_no_lease(tmp_path):
    with (
        StaticSite({f"page-{n}": STORY + str(n).encode() for n in range(60)}) as site,
        LiveDaemon(config(tmp_path, feed(site), delay="200ms")) as daemon,
    ):
        daemon.up()
        assert eventually(lambda: len(site.requests) > 5, 20)
        began = time.monotonic()
        code = daemon.stop()
        took = time.monotonic() - began

    store = Store(f"sqlite:///{tmp_path}/daemon.db")
    with store.read() as conn:
        stored = len(list(articles.listing(conn, limit=100)))
        assert leases.owners(conn) == set()
    store.close()
    assert (code, took < 10) == (0, True), daemon.log[-3000:]
    assert 0 < stored < 60


def test_the_second_sigterm_does_not_wait_for_a_page_that_hangs(tmp_path):
    with (
        StaticSite({"tar-pit": STORY}, hanging=["tar-pit"]) as site,
        LiveDaemon(config(tmp_path, feed(site))) as daemon,
    ):
        daemon.up()
        assert eventually(lambda: any("tar-pit" in asked.path for asked in site.requests), 20)
        daemon.signal(signal.SIGTERM)
        time.sleep(0.5)
        began = time.monotonic()
        code = daemon.stop()
        took = time.monotonic() - began

    store = Store(f"sqlite:///{tmp_path}/daemon.db")
    with store.read() as conn:
        assert leases.owners(conn) == set()
    store.close()
    assert (code, took < 8) == (0, True), daemon.log[-3000:]


def test_sighup_takes_a_config_whole_or_not_at_all(tmp_path):
    with LiveNewsroom() as live, SlackSink() as old, SlackSink() as new:
        sources = only_the_wire(live)
        with LiveDaemon(config(tmp_path, sources, channels(old=old))) as daemon:
            first_poll(live, daemon)
            config(tmp_path, sources, channels(old=old, new=new) + "chanels: {}\n")
            daemon.signal(signal.SIGHUP)
            assert eventually(lambda: daemon.says("config not reloaded"), 10)
            publish(live, 0, WIRE)
            assert eventually(lambda: len(old.received) == 1, 10), daemon.log[-3000:]

            config(tmp_path, sources, channels(old=old, new=new))
            daemon.signal(signal.SIGHUP)
            assert eventually(lambda: daemon.says("config reloaded"), 10), daemon.log[-3000:]
            publish(live, 1, WIRE)
            both = lambda: (len(old.received), len(new.received)) == (2, 1)  # noqa: E731
            assert eventually(both, 10), daemon.log[-3000:]
            code = daemon.stop()

    assert code == 0
    assert company(1) in json.dumps(new.received)


def test_a_second_daemon_on_one_file_exits_1_with_one_line(tmp_path):
    file = config(tmp_path, "")
    with LiveDaemon(file) as daemon:
        daemon.up()
        second = raisewire("daemon", "--config", str(file))

    assert second.returncode == 1
    (line,) = second.stderr.splitlines()
    assert "another daemon" in line
    assert str(daemon.process.pid) in line


def test_a_crawl_beside_the_daemon_alerts_nobody_twice(tmp_path):
    with LiveNewsroom() as live, SlackSink() as slack:
        file = config(tmp_path, only_the_wire(live), channels(desk=slack))
        with LiveDaemon(file) as daemon:
            first_poll(live, daemon)
            for number in range(20):
                publish(live, number, WIRE)
            crawls = [raisewire("crawl", "--config", str(file)) for _ in range(2)]
            assert eventually(lambda: len(slack.received) >= 20, 20), daemon.log[-3000:]
            time.sleep(1)
            daemon.stop()

    told = json.dumps(slack.received)
    assert [crawl.returncode for crawl in crawls] == [0, 0], crawls
    assert len(slack.received) == 20
    assert all(company(number) in told for number in range(20))


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="looks into /proc")
def test_after_kill_9_no_process_is_left_and_the_next_daemon_works_at_once(tmp_path):
    with (
        LiveNewsroom() as live,
        SlackSink() as slack,
        LiveDaemon(config(tmp_path, only_the_wire(live), channels(desk=slack))) as daemon,
    ):
        first_poll(live, daemon)
        left = daemon.children()
        daemon.kill()
        gone = eventually(lambda: not any(map(alive, left)), 5)
        daemon.up()
        publish(live, 3, WIRE)
        told = eventually(lambda: bool(slack.received), 10)
        code = daemon.stop()

    assert left
    assert gone
    assert told, daemon.log[-3000:]
    assert code == 0


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
