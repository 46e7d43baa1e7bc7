"""What hostile hosts cost the others, measured in pairs of rounds without and with them."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.timeout(240)
@pytest.mark.parametrize(("mode", "most"), [("asyncio", 2.5), ("twisted", 4)])
def test_fifty_hostile_hosts_hardly_slow_the_others_down(mode, most):
    # Twisted parses HTTP in Python, and pays for floods of it. The best pair of three is what the
    # engine costs; the others, what the machine's other work does.
    ratios: list[float] = []
    while len(ratios) < 3 and (not ratios or min(ratios) >= most):
        ratios += _pair(mode)
    assert min(ratios) < most


def _pair(mode: str) -> list[float]:
    command = [sys.executable, "-m", "tests.fakes.rivals", mode, "1"]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=100, check=True
    )
    told = json.loads(done.stdout)
    print(f"{mode}: {told}")
    assert told["attacks"] > 100
    return list(told["ratios"])
