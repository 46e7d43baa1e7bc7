"""
Two days among publishers good and bad: nothing missed, nobody bothered.

By default one of each kind for thirty hours; `RAISEWIRE_TWO_DAYS=300` takes that many for two
days (bench/two_days.py prints the figures of the same).
"""

from __future__ import annotations

import os

import pytest

from tests.fakes.lapse import simulate
from tests.fakes.names import DENIED, FAILED, SILENT

FEEDS = int(os.environ.get("RAISEWIRE_TWO_DAYS", "0"))


@pytest.mark.slow
@pytest.mark.timeout(3600 if FEEDS else 300)
async def test_nothing_is_missed_and_nobody_is_bothered(tmp_path):
    seen = await simulate(tmp_path, FEEDS or 13, 2.0 if FEEDS else 1.25)

    assert seen.expected > 200
    assert seen.missed == []
    assert seen.early == 0
    assert seen.altered == 0
    assert seen.bare == 1
    assert seen.gaps == seen.filled > 0
    assert seen.moved > 0
    assert set(seen.unnamed) == {DENIED, FAILED, SILENT}
    assert {"ok", "unchanged", "throttled", "gone", "unreachable", "dead"} <= set(seen.outcomes)
    assert 0.33 < sum(seen.overlap[3:]) / len(seen.overlap[3:]) < 1
