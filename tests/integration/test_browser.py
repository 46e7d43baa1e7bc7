"""Pages made by scripts are rendered by Chromium, behind the same guard, in both modes."""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from crawler.config.models import Http
from crawler.errors import ConfigError
from crawler.fetch import crawl
from tests.conftest import absent
from tests.fakes.desk import FakeDesk

ROOT = Path(__file__).parents[2]


@cache
def shown(mode):
    command = [sys.executable, "-m", "tests.fakes.screens", mode]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout)


@pytest.fixture(params=["asyncio", "twisted"])
def seen(request):
    if shutil.which("chromium") is None:
        absent("no Chromium on this machine")
    return shown(request.param)


@pytest.mark.parametrize("page", ["shell", "late"])
def test_words_that_a_script_fetches_are_read(seen, page):
    assert "Acme AI raised 40 million" in seen["read"][page]


def test_a_page_with_words_of_its_own_is_not_rendered(seen):
    assert "<title>run" not in seen["read"]["plain"]
    assert seen["asked"].count("/plain") == 1


def test_a_source_decides_for_itself(seen):
    assert "Acme" not in seen["read"]["never"]
    assert "run</title>" in seen["read"]["always"]


def test_the_browser_is_as_honest_as_we_are(seen):
    assert "raisewire/" in seen["read"]["agent"]


@pytest.mark.parametrize("page", ["reads-canary", "reads-name", "reads-redirect"])
def test_a_script_reads_nothing_that_the_guard_refuses(seen, page):
    assert "secret" not in seen["read"][page]
    assert "no: " in seen["read"][page]


def test_no_page_ever_connects_to_what_is_out_of_bounds(seen):
    assert seen["canary"] == 0
    assert "Acme" in seen["read"]["loads-canary"]


def test_pictures_are_not_asked_for(seen):
    assert "/pixel.png" not in seen["asked"]


def test_what_one_page_keeps_the_next_does_not_see(seen):
    assert "c:seen=1" in seen["read"]["cookie"]
    assert "c:seen" not in seen["read"]["cookie2"]


def test_a_script_that_never_ends_ends_as_slow(seen):
    assert seen["failed"]["endless"][0] in {"slow", "error"}


def test_a_page_blown_up_by_its_script_is_refused(seen):
    assert seen["failed"]["huge"] == ["refused", "refused: the rendered page is too big"]


def test_every_page_ended_once(seen):
    assert seen["outstanding"] == 0


async def test_a_browser_that_is_not_there_is_said_before_anything_is_asked(tmp_path):
    http = Http(browser=tmp_path / "chromium")
    with pytest.raises(ConfigError, match="there is no program"):
        await crawl(FakeDesk(), http, stop=asyncio.Event())


def test_without_the_extra_the_error_says_what_to_install():
    code = (
        "import sys; sys.modules['scrapy_playwright'] = None\n"
        "from crawler.errors import ConfigError\n"
        "try:\n    import crawler.fetch.browser\n"
        "except ConfigError as error:\n    print(error)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert "raisewire[browser]" in done.stdout
