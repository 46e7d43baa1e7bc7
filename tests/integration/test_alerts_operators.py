"""A real daemon tells its operators, and only them, that it lives and that a channel does not."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crawler.cli.context import now
from crawler.demo.sinks import SlackSink
from crawler.store import Store, outbox, upkeep
from tests.fakes.deals import alert, deal
from tests.fakes.hook_server import HookServer, Say
from tests.fakes.live import LiveDaemon, eventually


@pytest.mark.slow
def test_a_daemon_tells_of_a_broken_channel_through_another_and_gives_a_sign_of_life(tmp_path):
    with HookServer() as gone, SlackSink() as ops:
        gone.usual = Say(410, "gone")
        file = tmp_path / "config.yaml"
        file.write_text(
            f"database: sqlite:///{tmp_path}/house.db\n"
            "http: {allow_private: [127.0.0.0/8]}\nextract: {workers: 1}\n"
            f'channels:\n  desk: {{type: webhook, url: "{gone.url}"}}\n'
            f'  ops: {{type: slack, webhook_url: "{ops.url}"}}\n'
            "alerts: [{name: all, to: [desk]}]\n"
            'operators: {to: [ops], heartbeat: "00:00"}\n'
        )
        store = Store(f"sqlite:///{tmp_path}/house.db")
        store.upgrade()
        with store.write() as conn:
            long_ago = {"at": (now() - timedelta(days=3)).isoformat()}
            upkeep.keep_fact(conn, "heartbeat.ops", long_ago, now())
            outbox.enqueue(conn, [alert(deal(), "desk", created=now())])
        store.close()

        with LiveDaemon(file) as daemon:
            daemon.up()
            assert eventually(lambda: len(ops.received) == 2, 40), daemon.log[-3000:]

        said = {payload["text"] for payload in ops.received}
        assert said == {"raisewire is alive", "Channel desk is held; alerts waiting: 1"}
        assert {got.json["schema"] for got in gone.requests} == {"raisewire.alert.v1"}
