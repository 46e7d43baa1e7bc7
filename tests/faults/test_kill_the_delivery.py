"""
kill -9 while thousands of deals are told, to a Slack that fails one time in ten.

    RAISEWIRE_DEALS=4000 RAISEWIRE_KILLS=100 pytest -s tests/faults/test_kill_the_delivery.py
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.store import Store, deals, outbox
from crawler.types import Alert, AlertKind
from tests.fakes.deals import alert, deal, event
from tests.fakes.hook_server import Got, Mood, Say
from tests.fakes.live import LiveDaemon, eventually
from tests.fakes.slack_server import SlackServer

DEALS = int(os.environ.get("RAISEWIRE_DEALS", "2000"))
KILLS = int(os.environ.get("RAISEWIRE_KILLS", "20"))


class FlakySlack(SlackServer):
    """Answers 503 one time in ten; half of those messages have arrived all the same."""

    def __init__(self, rng: random.Random) -> None:
        super().__init__()
        self._rng = rng
        self.faults = 0
        self._server.handle_error = lambda *_: None  # a killed client hangs up: no news

    def mood(self, got: Got) -> Mood:
        if self._rng.random() >= 0.1:
            return super().mood(got)
        self.faults += 1
        if self._rng.random() < 0.5:
            super().mood(got)
        return Say(503, "try again")


def config(folder: Path, slack: FlakySlack) -> Path:
    way = f'type: slack, webhook_url: "{slack.url}", per_minute: 600000'
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/deliver.db\n"
        "http: {allow_private: [127.0.0.0/8]}\nextract: {workers: 0}\n"
        f"channels: {{desk: {{{way}, burst: 1000000}}, bundled: {{{way}}}}}\n",
        encoding="utf-8",
    )
    return file


def fill(store: Store) -> list[Alert]:
    """Put DEALS deals and their alerts in: two in three for the channel that sends singly."""
    now = datetime.now(UTC)  # noqa: TID251 - the daemon that sends them goes by the real clock
    told = []
    for number in range(DEALS):
        about = deal(
            event(company=f"Company {number:04}", aliases=()),
            id=f"deal-{number:04}",
            first_seen=now,
            updated=now,
            reports=(),
        )
        channel = "desk" if number % 3 else "bundled"
        told.append(alert(about, channel, created=now, kind=AlertKind.NEW))
    with store.write() as conn:
        deals.save(conn, [one.deal for one in told], {}, now=now)
        outbox.enqueue(conn, told)
    return told


@pytest.mark.slow
@pytest.mark.timeout(120 + 8 * KILLS + DEALS // 10)
def test_kills_at_random_lose_no_alert_and_repeat_only_under_the_same_key(tmp_path):
    rng = random.Random(11)
    store = Store(f"sqlite:///{tmp_path}/deliver.db")
    store.upgrade()
    told = fill(store)
    began = time.monotonic()
    with FlakySlack(rng) as slack, LiveDaemon(config(tmp_path, slack)) as daemon:
        kills = 0
        while kills < KILLS and waiting(store):
            daemon.up()
            time.sleep(rng.uniform(0.0, 1.0))
            daemon.kill()
            kills += 1
        daemon.up()
        assert eventually(lambda: not waiting(store), within=60 + DEALS / 20, every=0.5)
        assert daemon.stop() == 0
        took = time.monotonic() - began
        settle(store, told, slack, kills, took)
    store.close()


def waiting(store: Store) -> int:
    with store.read() as conn:
        queues = outbox.stats(conn)
    states = (outbox.State.PENDING, outbox.State.SENDING, outbox.State.HELD)
    return sum(queue.counts.get(state, 0) for queue in queues for state in states)


def settle(store: Store, told: list[Alert], slack: FlakySlack, kills: int, seconds: float) -> None:
    """Hold what Slack took against what was to be told, and print the line."""
    keys: dict[str, set[str]] = {}  # company -> the keys it was told under
    times: Counter[str] = Counter()
    for payload in slack.received:
        (key,) = {
            b["block_id"] for b in payload["blocks"] if b.get("block_id", "").startswith("rw")
        }
        for name in set(re.findall(r"Company \d{4}", json.dumps(payload))):
            keys.setdefault(name, set()).add(key)
            times[name] += 1
    names = {one.deal.event.company for one in told}
    lost = names - set(times)
    repeated = [name for name, count in times.items() if count > 1]
    wrong = [name for name in repeated if len(keys[name]) > 1]
    with store.read() as conn:
        dead = outbox.dead(conn)
    print(
        f"\nkill -9 of the delivery, injections {kills} kills + {slack.faults} x 503, "
        f"deals {len(told)}, messages {len(slack.received)}, lost {len(lost)}, "
        f"dup (at least once) {len(repeated)}, dup (wrong) {len(wrong)}, {seconds:.0f} s"
    )
    assert lost == set()
    assert wrong == []
    assert dead == []
    assert slack.refused == []
