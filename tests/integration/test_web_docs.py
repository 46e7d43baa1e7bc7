"""The examples of docs/api.md work as they stand there."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.conftest import absent
from tests.fakes.web import TOKENS, LiveWeb, stocked

PAGE = Path(__file__).parents[2] / "docs" / "api.md"


def commands() -> list[str]:
    blocks = re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
    return [line for block in blocks for line in block.splitlines() if line.startswith("curl ")]


@pytest.mark.parametrize("tokens", [False, True], ids=["open", "with tokens"])
def test_every_example_is_answered_well(tokens, tmp_path, nouns):
    if shutil.which("curl") is None:
        absent("no curl")
    clock = nouns.later(days=1)
    config = {"web": {"tokens": TOKENS}} if tokens else {}
    with LiveWeb(stocked(tmp_path / "news.db"), lambda: clock, **config) as web:
        token = TOKENS["ada"]["token"]
        web.session.headers["Authorization"] = f"Bearer {token}"
        deal = web.get("/api/v1/deals?company=lumen").json()["deals"][0]["id"]
        env = os.environ | {"RAISEWIRE": web.url, "TOKEN": token, "DEAL": deal[:10]}
        plain = ["curl", "-sS", "--fail-with-body", "--noproxy", "*"]
        known = [*plain, "-H", f"Authorization: Bearer {token}"] if tokens else plain
        for line in commands():
            words = line.replace("curl ", '"$@" ', 1)
            said = subprocess.run(
                ["sh", "-c", words, "sh", *known],
                capture_output=True, text=True, env=env, cwd=tmp_path, timeout=60, check=False,
            )  # fmt: skip
            assert said.returncode == 0, (line, said.stdout, said.stderr)
            assert said.stdout or "-o" in line
    assert (tmp_path / "deals.csv").read_text().startswith("id,revision,type")
    assert len(commands()) > 20
