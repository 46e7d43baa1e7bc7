"""The database is locked, or its disk is full: the daemon waits, and then goes on."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from crawler.demo.sinks import SlackSink
from crawler.store import Store, deals
from tests.fakes.live import LiveDaemon, LiveNewsroom, eventually
from tests.fakes.rounds import publish
from tests.fakes.static import StaticSite

WIRE = "harbour-wire"
LOCKED = 30  # seconds
STARTS = 10


def config(folder: Path, more: str, every: str = "1s") -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/faults.db\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        f"extract: {{workers: 0}}\ndefaults: {{every: {every}}}\n{more}",
        encoding="utf-8",
    )
    return file


def street(live: LiveNewsroom, slack: SlackSink) -> str:
    lines = live.room.config().splitlines()
    wire = "\n".join([lines[0], *(line for line in lines if WIRE in line)])
    way = f'{{type: slack, webhook_url: "{slack.url}", per_minute: 6000}}'
    return f"channels: {{desk: {way}}}\nalerts: [{{name: all, to: [desk]}}]\n{wire}\n"


def first_poll(live: LiveNewsroom, daemon: LiveDaemon) -> None:
    live.publish(WIRE, "old", "Weather stays mild", "It was a mild week.")
    daemon.up()
    assert eventually(lambda: daemon.says("old.html"), 20), daemon.log[-3000:]


def ledger(folder: Path) -> tuple[int, str]:
    """Return how many deals are stored, and whether the file is sound."""
    store = Store(f"sqlite:///{folder}/faults.db")
    store.check_integrity(full=True)
    with store.read() as conn:
        count = deals.count(conn)
    store.close()
    return count, "sound"


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_another_writer_holds_the_database_for_half_a_minute(tmp_path):
    with (
        LiveNewsroom() as live,
        SlackSink() as slack,
        LiveDaemon(config(tmp_path, street(live, slack))) as daemon,
    ):
        first_poll(live, daemon)
        other = sqlite3.connect(tmp_path / "faults.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        for number in range(5):
            publish(live, number, WIRE)
        time.sleep(LOCKED)
        told_meanwhile = len(slack.received)
        other.execute("ROLLBACK")
        other.close()
        began = time.monotonic()
        told = eventually(lambda: len(slack.received) == 5, 30)
        recovery = time.monotonic() - began
        assert daemon.process.poll() is None
        assert daemon.stop() == 0
    print(f"\nlocked {LOCKED} s: deals 5, lost {5 - len(slack.received)}, back in {recovery:.0f} s")

    assert told_meanwhile == 0
    assert told, daemon.log[-3000:]
    assert ledger(tmp_path) == (5, "sound")


@pytest.mark.slow
@pytest.mark.timeout(120)
def test_sigterm_ends_the_daemon_though_the_database_is_locked(tmp_path):
    with LiveDaemon(config(tmp_path, "")) as daemon:
        daemon.up()
        other = sqlite3.connect(tmp_path / "faults.db", isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(2)
        began = time.monotonic()
        code = daemon.stop(timeout=60)
        took = time.monotonic() - began
        other.close()

    print(f"\nSIGTERM while locked: exit {code} after {took:.0f} s")
    assert code == 0, daemon.log[-3000:]
    assert took < 30


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Mount eight megabytes of disk."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    done = mount and subprocess.run(
        [mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)],
        check=False,
        capture_output=True,
    )
    if not done or done.returncode:
        pytest.skip("may not mount a small disk here")
    yield place
    subprocess.run(["umount", str(place)], check=True)


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_a_full_disk_loses_nothing_and_the_daemon_goes_on_when_there_is_room(small_disk):
    with (
        LiveNewsroom() as live,
        SlackSink() as slack,
        LiveDaemon(config(small_disk, street(live, slack))) as daemon,
    ):
        first_poll(live, daemon)
        filler = small_disk / "filler"
        fill(filler)
        for number in range(40):
            publish(live, number, WIRE)
        time.sleep(8)
        stuck = ledger(small_disk)[0]
        assert daemon.process.poll() is None, daemon.log[-3000:]
        filler.unlink()
        told = eventually(lambda: ledger(small_disk)[0] == 40, 60)
        assert daemon.stop() == 0
        found = ledger(small_disk)
    print(f"\ndisk full: deals 40, stored {stuck} while full, then {found[0]}, {found[1]}")

    assert stuck < 40
    assert told, daemon.log[-3000:]
    assert found == (40, "sound")


def fill(file: Path) -> None:
    """Write until nothing more fits."""
    with file.open("wb", buffering=0) as out:
        for size in (1 << 16, 1 << 12, 1):
            try:
                while True:
                    out.write(os.urandom(size))
            except OSError:
                continue


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_ten_starts_in_a_row_poll_no_source_early(tmp_path):
    page = b"<html><title>Weather</title><article><p>It was a mild week.</p></article>"
    with StaticSite({"a": page}) as site:
        source = f'sources: [{{name: site, kind: feed, url: "{site.feed}"}}]\n'
        file = config(tmp_path, source, every="1h")
        with LiveDaemon(file) as daemon:
            daemon.up()
            assert eventually(lambda: len(site.requests) == 2, 20), daemon.log[-3000:]
            assert eventually(lambda: daemon.says("article seen"), 20), daemon.log[-3000:]
            for _ in range(STARTS):
                daemon.kill()
                daemon.up()
            time.sleep(1.5)
            assert daemon.stop() == 0

    print(f"\nrestart storm: starts {STARTS}, early polls {len(site.requests) - 2}")
    assert [asked.path for asked in site.requests] == ["/feed.xml", "/p/a"]
