"""
What twenty and more hostile hosts cost the others: `python -m tests.fakes.rivals MODE [ROUNDS]`.

Twenty good hosts answer after 200 ms each and are asked again a second later, without and with
every misbehaviour of `behaviours` (and names whose name server is silent) being asked at the
same pace. Good servers and bad ones are a process each: what bad ones do to themselves is not
what they do to us. Prints as JSON the 95th percentile of a good
page's time, from being handed out to being handed back, for each round of the pair.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sys
import warnings
from dataclasses import dataclass, field
from statistics import quantiles
from time import monotonic
from typing import Any

from crawler.config.models import Http
from crawler.fetch import aiohttp_wire, crawl
from crawler.types import Entry, Failure, Fetch, Page
from tests.fakes import names
from tests.fakes.behaviours import BEHAVIOURS
from tests.fakes.desk import FakeDesk, source
from tests.fakes.origin import Origin, answer

GOOD, SILENT_NAMES = 20, 12
LATENCY, DELAY, SECONDS = 0.2, 1.0, 10.0  # seconds
WARM = 3.5  # seconds: robots.txt and the like are asked first, a delay apart


async def serve(bad: bool) -> None:
    """Be the good servers, or the bad ones, until standard input ends."""

    async def good(asked, writer):  # noqa: ARG001 - a behaviour
        await asyncio.sleep(LATENCY)
        return answer("<p>a story</p>" * 500, connection="close")

    async with Origin(host="0.0.0.0") as origin:
        origin.on("/good", good)
        for name, behaviour in BEHAVIOURS.items() if bad else ():
            origin.on(f"/{name}", behaviour)
        print(origin.port, flush=True)
        await asyncio.to_thread(sys.stdin.read)


@dataclass
class Rounds(FakeDesk):
    """Hands every page out again a delay after it came back; times the good ones."""

    until: float = 0.0
    warm: float = 0.0
    given: dict[str, float] = field(default_factory=dict)
    times: list[float] = field(default_factory=list)
    hostile: int = 0

    async def take(self, limit: int):
        work = await super().take(limit)
        self.given |= {piece.token: monotonic() for piece in work}
        return work

    async def drained(self) -> bool:
        return monotonic() >= self.until and not self.waiting

    async def fetched(self, page: Page) -> None:
        self._back(page.fetch)

    async def failed(self, failure: Failure) -> None:
        assert not failure.fetch.entry.url.endswith("/good"), failure
        self._back(failure.fetch)

    def _back(self, fetch: Fetch) -> None:
        now = monotonic()
        if fetch.entry.url.endswith("/good"):
            if now > self.warm:
                self.times.append(now - self.given[fetch.token])
        else:
            self.hostile += 1
        if now + DELAY < self.until:
            asyncio.get_running_loop().call_later(DELAY, self._again, fetch)

    def _again(self, fetch: Fetch) -> None:
        self.known.discard(fetch.entry.url)
        self.queue(fetch.source, [fetch.entry])


async def measure(good: int, bad: int | None, twisted: bool) -> tuple[float, int]:
    """Return the 95th percentile (seconds) of one round, and how many attacks it saw."""
    urls = [f"http://good{n}.test:{good}/good" for n in range(GOOD)]
    if bad is not None:
        evil = enumerate(BEHAVIOURS)
        urls += [f"http://127.0.2.{n + 1}:{bad}/{name}" for n, name in evil]
        urls += [f"http://silent{n}.test/x" for n in range(SILENT_NAMES)]
    desk = Rounds(until=monotonic() + SECONDS, warm=monotonic() + WARM)
    for url in urls:
        desk.queue(source("all", url), [Entry(url=url)])
    http = Http(
        reactor=twisted, allow_private=("127.0.0.0/8",), per_host_delay="1s", timeout="2s",
        max_body="4MB",
    )  # fmt: skip
    await crawl(desk, http, stop=asyncio.Event())
    return quantiles(desk.times, n=20)[-1], desk.hostile


def _address(name: str) -> str:
    host = name.removesuffix(".test")
    return f"127.0.1.{int(host[4:]) + 1}" if host.startswith("good") else names.SILENT


async def start(kind: str) -> tuple[asyncio.subprocess.Process, int]:
    server = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.rivals", kind,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    return server, int(await server.stdout.readline())


async def pairs(twisted: bool, rounds: int) -> dict[str, Any]:
    """Measure without and with the attack by turns; rounds beside each other share their luck."""
    (good, port), (bad, other) = await start("good"), await start("bad")
    names.PATIENCE = 0.8  # seconds of silence, twice: long enough to hold up who waits in line
    aiohttp_wire.NAMES_KEPT = 0  # every good page asks for its name, too
    calm, storm, attacks = [], [], 0
    async with names.NameServer(_address) as answering:
        with names.resolving(answering.port):
            for _ in range(rounds):
                calm.append((await measure(port, None, twisted))[0])
                p95, seen = await measure(port, other, twisted)
                storm.append(p95)
                attacks += seen
    for server in (good, bad):
        server.stdin.close()
        await server.wait()
    ratios = [round(after / before, 2) for before, after in zip(calm, storm, strict=True)]
    return {"calm": calm, "storm": storm, "ratios": ratios, "attacks": attacks}


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    logging.getLogger("scrapy").setLevel(logging.CRITICAL)
    if sys.argv[1] in {"good", "bad"}:
        asyncio.run(serve(sys.argv[1] == "bad"))
    else:
        told = pairs(sys.argv[1] == "twisted", int((*sys.argv, 3)[2]))
        print(json.dumps(asyncio.run(told)))
