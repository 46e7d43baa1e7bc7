from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from crawler.config.load import loads
from crawler.errors import ConfigError

FILE = Path("config.yaml")
CHANNELS = "channels: {ops: {type: command, argv: [/bin/true]}}\n"


def test_operators_are_told_by_a_channel_that_no_rule_needs():
    text = CHANNELS + 'operators: {to: ops, heartbeat: "08:00 Europe/Rome"}'
    loaded = loads(text, FILE, {})

    assert loaded.config.operators.to == ("ops",)
    assert loaded.config.operators.heartbeat.at == time(8)
    assert loaded.warnings == ()


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ("{to: [opps]}", "config.yaml:2:18: there is no channel 'opps': did you mean 'ops'?"),
        ('{to: [ops], heartbeat: "8"}', "'8' is no time of day"),
        ('{to: [ops], heartbeat: "08:00 Europe/Rom"}', "no time zone 'Europe/Rom'"),
        ('{heartbeat: "08:00"}', "heartbeat needs `to`"),
        ("{too: [ops]}", "unknown key 'too': did you mean 'to'?"),
    ],
)
def test_a_mistake_is_told_with_its_place(given, says):
    with pytest.raises(ConfigError) as e:
        loads(f"{CHANNELS}operators: {given}", FILE, {})

    assert says in str(e.value)
    assert ":2:" in str(e.value)
