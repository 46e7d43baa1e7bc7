"""kill -9 at random while articles are published: nothing is lost, duplicates share a key."""

from __future__ import annotations

import json
import random
import time
from collections import Counter
from pathlib import Path

import pytest

from crawler.demo.sinks import SlackSink
from crawler.store import Store, deals, outbox
from tests.fakes.live import LiveDaemon, LiveNewsroom, eventually
from tests.fakes.rounds import OUTLETS, company, publish

ARTICLES, KILLS = 200, 20


def config(folder: Path, live: LiveNewsroom, slack: SlackSink) -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/kill.db\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        "extract: {workers: 1}\n"
        "defaults: {every: 1s}\n"
        f'channels: {{desk: {{type: slack, webhook_url: "{slack.url}", per_minute: 6000}}}}\n'
        "alerts: [{name: all, to: [desk]}]\n" + live.room.config(),
        encoding="utf-8",
    )
    return file


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_twenty_kills_lose_nothing(tmp_path):
    rng = random.Random(7)
    with (
        LiveNewsroom() as live,
        SlackSink() as slack,
        LiveDaemon(config(tmp_path, live, slack)) as daemon,
    ):
        baseline(live, daemon, tmp_path)
        published = 0
        for _ in range(KILLS):
            for _ in range(ARTICLES // KILLS):
                publish(live, published)
                published += 1
            time.sleep(rng.uniform(0.4, 3.0))
            daemon.kill()
            daemon.start()
        store = Store(f"sqlite:///{tmp_path}/kill.db")
        assert eventually(lambda: settled(store), within=120), daemon.log[-3000:]
        assert daemon.stop() == 0
        report(store, slack)


def baseline(live: LiveNewsroom, daemon: LiveDaemon, folder: Path) -> None:
    """Let every outlet be polled once, so that what follows is news."""
    for outlet in OUTLETS:
        live.publish(outlet, f"old-{outlet}", "Weather stays mild", "It was a mild week.")
    daemon.start()
    store = Store(f"sqlite:///{folder}/kill.db")

    def polled() -> bool:
        from crawler.store import frontier

        try:
            with store.read() as conn:
                states = [state for _, state in frontier.sources(conn)]
        except Exception:  # noqa: BLE001 - the daemon has not made the tables yet
            return False
        return bool(states) and all(state.polls for state in states)

    assert eventually(polled, within=40), daemon.log[-3000:]


def settled(store: Store) -> bool:
    with store.read() as conn:
        stored = deals.count(conn)
        waiting = outbox.listing(conn, states=(outbox.State.PENDING, outbox.State.SENDING))
    return stored >= ARTICLES and not waiting


def report(store: Store, slack: SlackSink) -> None:
    with store.read() as conn:
        stored = list(deals.listing(conn))
        letters = outbox.listing(conn, limit=10_000)
    names = Counter(deal.event.company for deal in stored)
    told = Counter(name for name in names for p in slack.received if name in json.dumps(p))
    lost = [name for name in names if not told[name]]
    extra = sum(count - 1 for count in told.values() if count > 1)
    print(
        f"kill -9 of the daemon, injections {KILLS}, articles {ARTICLES}, deals {len(stored)}, "
        f"alerts {len(letters)}, lost {len(lost)}, dup (at least once) {extra}"
    )

    assert len(stored) == ARTICLES
    assert set(names) == {company(number) for number in range(ARTICLES)}
    assert len({letter.key for letter in letters}) == len(letters) == ARTICLES
    assert all(letter.state is outbox.State.DELIVERED for letter in letters)
    assert lost == []
