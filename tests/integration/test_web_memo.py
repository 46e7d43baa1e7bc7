"""Figures over all deals: old ones are shown at once, and made anew for the next reader."""

from __future__ import annotations

import time
from datetime import timedelta

from tests.fakes.screen import NOW, tell
from tests.fakes.web import LiveWeb, stocked


def test_a_league_table_is_renewed_behind_the_readers_back(tmp_path):
    clock = [NOW]
    with LiveWeb(stocked(tmp_path / "desk.db"), lambda: clock[0]) as live:
        first = live.get("/charts/weekly-type.csv?weeks=52").text
        tell(
            live.house,
            "Fernwick Labs raises $64 million",
            "Fernwick Labs raised $64 million in a Series B round led by Northwind Ventures.",
        )
        assert live.get("/charts/weekly-type.csv?weeks=52").text == first
        clock[0] += timedelta(minutes=2)
        until = time.monotonic() + 20
        while (now := live.get("/charts/weekly-type.csv?weeks=52").text) == first:
            assert time.monotonic() < until
            time.sleep(0.05)
    assert "64000000" in now
