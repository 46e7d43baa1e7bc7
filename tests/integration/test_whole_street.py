"""From a feed on loopback to a Slack message, through the real engine."""

from __future__ import annotations

import gzip
import json
import subprocess
import tarfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import pytest

from crawler.demo.sinks import SlackSink
from crawler.store import Store, articles, deals
from tests.fakes.live import LiveDaemon, LiveNewsroom, eventually, raisewire
from tests.fakes.static import StaticSite

SUITES = Path(__file__).parents[3] / "shared" / "suites" / "suites.tar.gz"
SEED_TRAPS = ("Arbour", "Ponente", "灵犀", "Brisa", "Cartolys", "Nook")


def config(folder: Path, sources: str, more: str = "") -> Path:
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/street.db\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        f"extract: {{workers: 1}}\ndefaults: {{every: 2s}}\n{more}{sources}",
        encoding="utf-8",
    )
    return file


def slack_channel(slack: SlackSink) -> str:
    return (
        f'channels: {{desk: {{type: slack, webhook_url: "{slack.url}"}}}}\n'
        "alerts: [{name: all, to: [desk]}]\n"
    )


def stored(folder: Path) -> list:
    store = Store(f"sqlite:///{folder}/street.db")
    with store.read() as conn:
        found = list(deals.listing(conn))
    store.close()
    return found


@dataclass(frozen=True)
class Crawled:
    """The demo's newspapers, crawled once."""

    folder: Path
    done: subprocess.CompletedProcess[str]
    told: list


@pytest.fixture(scope="module")
def crawled(tmp_path_factory) -> Crawled:
    folder = tmp_path_factory.mktemp("street")
    with LiveNewsroom(blank=False) as live, SlackSink() as slack:
        file = config(folder, live.room.config(), slack_channel(slack))
        return Crawled(folder, raisewire("crawl", "--config", str(file)), slack.received)


def test_the_demos_newspapers_yield_each_deal_once_and_no_trap(crawled):
    found = stored(crawled.folder)
    companies = Counter((d.event.company, d.event.type.value) for d in found)

    assert crawled.done.returncode == 0, crawled.done.stderr
    assert companies["Zhipu AI", "funding"] + companies["智谱AI", "funding"] == 1
    assert companies["Baidu", "bond"] + companies["百度", "bond"] == 1
    assert not [name for name, _ in companies if any(trap in name for trap in SEED_TRAPS)]


def test_a_first_poll_is_stored_and_not_alerted_and_says_so(crawled):
    assert crawled.told == []
    assert "first time" in crawled.done.stderr
    assert stored(crawled.folder)


def test_a_published_article_reaches_slack_within_a_poll_and_five_seconds(tmp_path):
    with (
        LiveNewsroom() as live,
        SlackSink() as slack,
        LiveDaemon(config(tmp_path, live.room.config(), slack_channel(slack))) as daemon,
    ):
        live.publish("harbour-wire", "old", "Weather stays mild", "It was a mild week.")
        daemon.start()
        assert eventually(lambda: any(r.path.endswith("old.html") for r in live.room.requests), 30)
        live.publish(
            "harbour-wire",
            "new",
            "Corvid Robotics raises $85 million in Series C round",
            "Corvid Robotics has raised $85 million in a Series C round led by Northgate Ventures.",
        )
        arrived = eventually(lambda: bool(slack.received), within=2 + 5 + 3)  # a busy machine
        code = daemon.stop()

    assert arrived, daemon.log[-3000:]
    assert "Corvid Robotics" in json.dumps(slack.received)
    assert code == 0


def pages(folder: Path) -> dict[str, bytes]:
    if not SUITES.exists():
        pytest.skip("the suites are not part of a public clone")
    with tarfile.open(SUITES) as tar:
        tar.extractall(folder, filter="data")
    root = folder / "article-extraction" / "html"
    return {file.name[:-8]: gzip.decompress(file.read_bytes()) for file in root.glob("*.html.gz")}


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_181_real_pages_are_stored_once_and_a_second_crawl_asks_only_the_feed(tmp_path):
    with StaticSite(pages(tmp_path)) as site:
        source = f'sources: [{{name: real, kind: feed, url: "{site.feed}"}}]\n'
        file = str(config(tmp_path, source))
        first = raisewire("crawl", "--config", file, timeout=280)
        asked = len(site.requests)
        second = raisewire("crawl", "--config", file)

    store = Store(f"sqlite:///{tmp_path}/street.db")
    with store.read() as conn:
        assert len(list(articles.listing(conn))) == 181
    assert (first.returncode, second.returncode) == (0, 0), first.stderr
    assert [(r.path, r.status) for r in site.requests[asked:]] == [("/feed.xml", 304)]
