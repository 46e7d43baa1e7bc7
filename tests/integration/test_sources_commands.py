"""From a homepage to a watched source, against the demo's newspapers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.fakes.live import LiveNewsroom, raisewire

GUARD = "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"


@pytest.fixture
def config(tmp_path):
    file = tmp_path / "config.yaml"
    file.write_text(f"database: sqlite:///{tmp_path}/s.db\n{GUARD}")
    return str(file)


def test_a_homepage_is_discovered_added_checked_and_exported(config):
    with LiveNewsroom(blank=False) as live:
        home = live.room.presses["harbour-wire"].home
        found = raisewire("sources", "discover", home, "--json", "--config", config)
        (door,) = [json.loads(line) for line in found.stdout.splitlines()]
        added = raisewire("sources", "add", "harbour", door["url"], "--config", config)
        checked = raisewire("sources", "check", "harbour", "--json", "--config", config)
        crawled = raisewire("crawl", "harbour", "--json", "--config", config)
    exported = raisewire("sources", "export", "--config", config)
    listed = raisewire("sources", "list", "--json", "--config", config)

    assert door["kind"] == "feed"
    assert added.returncode == 0, added.stderr
    assert json.loads(checked.stdout)["entries"] == 2
    assert json.loads(crawled.stdout.splitlines()[0])["new"] == 2
    assert door["url"] in exported.stdout
    assert json.loads(listed.stdout)["id"] == "harbour"


def test_a_sitemap_named_by_robots_is_discovered(config):
    with LiveNewsroom(blank=False) as live:
        home = live.room.presses["stack-and-strip"].home
        found = raisewire("sources", "discover", home, "--json", "--config", config)

    assert '"sitemap"' in found.stdout


def test_check_says_in_one_line_what_is_wrong(config):
    with LiveNewsroom(blank=False) as live:
        home = live.room.presses["harbour-wire"].home
        with Path(config).open("a", encoding="utf-8") as file:
            file.write(
                "sources:\n"
                f"  - {{name: good, kind: feed, url: '{home}/feed.xml'}}\n"
                f"  - {{name: gone, kind: feed, url: '{home}/nothing.xml'}}\n"
            )
        done = raisewire("sources", "check", "--json", "--config", config)
    gone, good = (json.loads(line) for line in done.stdout.splitlines())

    assert done.returncode == 1
    assert (good["outcome"], good["entries"]) == ("ok", 2)
    assert gone["outcome"] == "gone"
    assert gone["note"]


def test_a_private_address_is_refused_unless_the_config_allows_it(tmp_path):
    with LiveNewsroom(blank=False) as live:
        file = tmp_path / "strict.yaml"
        url = live.room.presses["harbour-wire"].home + "/feed.xml"
        file.write_text(f"sources: [{{name: inner, kind: feed, url: '{url}'}}]")
        done = raisewire("sources", "check", "--json", "--config", str(file))

        assert json.loads(done.stdout)["outcome"] == "refused"
        assert live.room.requests == []
