"""A host gets one request at a time, also where no pause between two is asked for."""

import asyncio
from datetime import timedelta

from crawler import fetch
from crawler.config.models import Http
from tests.fakes.desk import FakeDesk, source
from tests.fakes.hosts import Hosts


async def test_sources_that_wait_for_one_robots_txt_are_not_asked_together():
    http = Http(per_host_delay=timedelta(0), allow_private=("127.0.0.0/8",))
    with Hosts(3) as hosts:
        feeds = [
            source(f"h{host}-{feed}", hosts.url(host, f"/feed/{feed}"))
            for host in range(3)
            for feed in range(5)
        ]
        await fetch.crawl(FakeDesk(feeds), http, stop=asyncio.Event())

    assert sum(count for path, count in hosts.asked.items() if "/feed/" in path) == 15
    assert hosts.crowded == []
