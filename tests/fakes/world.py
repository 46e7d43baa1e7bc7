"""
Some hundred publishers on loopback, good and bad, over simulated days.

Every host is a name and an address of its own (127.0.x.y) behind one port, told by a name
server of the world's own, which fails for some and once for all. What a publisher does is
decided by the simulated clock and a seed, and what was asked of it is judged on the spot:
too early, with altered validators, without any.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.utils import format_datetime
from typing import Self

from tests.fakes.names import DENIED, FAILED, SILENT, NameServer, resolving

HOUR = timedelta(hours=1)
TRAITS = (
    "honest",
    "throttles",  # 429 with Retry-After in seconds
    "lies",  # one ETag for ever, and 304 to whoever believes it
    "churns",  # another ETag and another GUID with every answer
    "bursts",  # three windows full at once
    "fails",  # an outage of three hours: no answer to anything
    "moves",  # 301 for good; half a day later the old address is gone
    "dies",  # 410
    "caches",  # Cache-Control: max-age
    "rests",  # 503 with Retry-After as an HTTP date
    "titles",  # titles change with every answer
    "slow",  # publishes next to nothing, and asks for it by ttl
    "vanishes",  # its name is denied for two hours, then fails for one
)
DARK = 1 / 3  # of the run is over when the name server says nothing to anybody for an hour


@dataclass
class Publisher:
    """One host: its character, what it prints and when."""

    number: int
    trait: str
    window: int
    printed: list[datetime]
    trouble: datetime  # when the trait shows, for those that have an hour for it
    etag: str = ""
    modified: str = ""
    not_before: datetime | None = None  # it asked to be left alone until then
    early: int = 0
    altered: int = 0
    bare: Counter[int] = field(default_factory=Counter)  # unconditional fetches by day
    caught: bool = False  # its lie was seen: bodies are compared from then on

    @property
    def host(self) -> str:
        return f"p{self.number}.world.test"

    @property
    def address(self) -> str:
        return f"127.0.{1 + self.number // 200}.{1 + self.number % 200}"

    def troubled(self, now: datetime, hours: int) -> bool:
        return self.trouble <= now < self.trouble + hours * HOUR


@dataclass
class World:
    """`async with World(300, clock, start, days=2) as world`."""

    count: int
    clock: Callable[[], datetime]
    start: datetime
    days: float = 2.0
    seed: int = 1
    hours: dict[int, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def __post_init__(self) -> None:
        rng = random.Random(self.seed)
        self.publishers = [self._publisher(n, rng) for n in range(self.count)]
        self._by_host = {one.host: one for one in self.publishers}
        self.dark = self.start + timedelta(days=self.days) * DARK
        self.unnamed = Counter[str]()  # look-ups that got no address, by what was said instead

    def _publisher(self, number: int, rng: random.Random) -> Publisher:
        trait = TRAITS[number % len(TRAITS)]
        window = rng.choice((10, 15, 20, 30))
        trouble = self.start + timedelta(hours=rng.uniform(5, 20))
        mean = rng.uniform(600, 1440) if trait == "slow" else rng.uniform(15, 240)
        at, printed = self.start - timedelta(minutes=mean * window), []
        end = self.start + timedelta(days=self.days)
        while at < end:
            printed.append(at.replace(microsecond=0))
            at += timedelta(minutes=max(0.5, rng.expovariate(1 / mean)))
        if trait == "bursts":
            printed += [trouble.replace(microsecond=0)] * (3 * window)
        if trait == "dies":
            printed = [at for at in printed if at < trouble - HOUR]
        return Publisher(number, trait, window, sorted(printed), trouble)

    def _named(self, name: str) -> str:
        """Return what the name server says of a host."""
        one, now = self._by_host[name], self.clock()
        says = one.address
        if self.dark <= now < self.dark + HOUR:
            says = SILENT
        elif one.trait == "vanishes" and one.troubled(now, 3):
            says = DENIED if one.troubled(now, 2) else FAILED
        if says != one.address:
            self.unnamed[says] += 1
        return says

    def _is_brief(self, one: Publisher) -> bool:
        """Tell whether connections end with each answer: who is connected asks for no name."""
        soon = self.dark - HOUR <= self.clock() < self.dark + HOUR
        return soon or one.trait == "vanishes"

    async def __aenter__(self) -> Self:
        self._exits = contextlib.AsyncExitStack()
        self._server = await asyncio.start_server(self._serve, "0.0.0.0", 0)
        self.port: int = self._server.sockets[0].getsockname()[1]
        self._names = await self._exits.enter_async_context(NameServer(self._named))
        self._exits.enter_context(resolving(self._names.port))
        self._open: set[asyncio.Task[None]] = set()
        return self

    async def __aexit__(self, *exc: object) -> None:
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)
        await self._exits.aclose()

    def config(self, every: str = "15m") -> str:
        """Return the YAML lines of `sources:`."""
        return "".join(
            f"  - {{name: s{one.number}, kind: feed, every: {every}, "
            f"url: 'http://{one.host}:{self.port}/feed'}}\n"
            for one in self.publishers
        )

    def page(self, one: Publisher, index: int) -> str:
        return f"http://{one.host}:{self.port}/{one.number}/{index}"

    def expected(self, until: datetime) -> dict[str, Publisher]:
        """Return every address printed since the start and before `until`."""
        return {
            self.page(one, index): one
            for one in self.publishers
            for index, at in enumerate(one.printed)
            if self.start <= at < until
        }

    # --- answering --------------------------------------------------------------------

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        task.add_done_callback(self._open.discard)
        with contextlib.suppress(OSError, EOFError, asyncio.CancelledError):
            while True:
                raw = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                answer = self._answer(raw)
                if answer is None:
                    break
                writer.write(answer)
                await writer.drain()
                if b"\r\nconnection: close\r\n" in answer:
                    break
        writer.close()

    def _answer(self, raw: str) -> bytes | None:
        first, *lines = raw.split("\r\n")
        headers = dict(line.split(": ", 1) for line in lines if ": " in line)
        headers = {name.lower(): value for name, value in headers.items()}
        one = self._by_host[headers["host"].partition(":")[0]]
        said = self._said(one, first, headers)
        if said and self._is_brief(one):
            return said.replace(b"\r\n", b"\r\nconnection: close\r\n", 1)
        return said

    def _said(self, one: Publisher, first: str, headers: dict[str, str]) -> bytes | None:
        path, now = first.split(" ")[1], self.clock()
        hour = int((now - self.start) / HOUR)
        if one.trait == "fails" and one.troubled(now, 3):
            self.hours[hour]["no answer"] += 1
            return None
        if path == "/robots.txt":
            self.hours[hour]["robots.txt"] += 1
            return _http(200, f"User-agent: *\nSitemap: http://{headers['host']}/news.xml\n")
        if path.startswith("/.well-known/"):
            self.hours[hour]["rights"] += 1
            return _http(404, "")
        whole = one.trait in {"throttles", "rests"}  # the others only speak for their feed
        if one.not_before and now < one.not_before and (whole or path.startswith("/feed")):
            one.early += 1
        if path == "/news.xml":
            self.hours[hour]["sitemap"] += 1
            return self._sitemap(one, now)
        if not path.startswith("/feed"):
            self.hours[hour]["page"] += 1
            return _http(200, f"<html><title>Story {path}</title><p>{path}</p></html>")
        answer = self._feed(one, path, headers, now)
        self.hours[hour]["feed " + answer[9:12].decode()] += 1
        return answer

    def _feed(self, one: Publisher, path: str, headers: dict[str, str], now: datetime) -> bytes:
        """Answer for a feed as its publisher's character is, at this hour."""
        troubled = one.trouble <= now
        if one.trait == "dies" and troubled:
            return _http(410, "gone")
        if one.trait == "moves" and troubled and path == "/feed":
            gone = now >= one.trouble + 12 * HOUR
            return _http(404, "") if gone else _http(301, "", location="/feed2")
        if one.trait in {"throttles", "rests"} and one.troubled(now, 2):
            one.not_before = now + HOUR
            if one.trait == "throttles":
                return _http(429, "", retry_after="3600")
            return _http(503, "", retry_after=format_datetime(one.not_before, usegmt=True))
        self._judge(one, headers, now)
        return self._content(one, headers, now)

    def _judge(self, one: Publisher, headers: dict[str, str], now: datetime) -> None:
        etag, modified = headers.get("if-none-match"), headers.get("if-modified-since")
        one.altered += etag not in {None, one.etag} or modified not in {None, one.modified}
        if etag is None and modified is None and not one.caught:
            one.bare[int((now - self.start) / timedelta(days=1))] += 1

    def _content(self, one: Publisher, headers: dict[str, str], now: datetime) -> bytes:
        known = bisect_right(one.printed, now)
        asked = headers.get("if-none-match")
        lie = one.trait == "lies" and bool(one.etag)
        etag = one.etag if lie else self._etag(one, known, now)
        unchanged = asked == etag and asked is not None
        if lie and not unchanged:
            one.caught = True  # whoever asks without it sees that the content is another
        one.etag = etag
        more = {"etag": etag}
        if one.trait not in {"lies", "churns"}:
            latest = one.printed[known - 1] if known else self.start
            one.modified = more["last_modified"] = format_datetime(latest, usegmt=True)
        if one.trait == "caches":
            more["cache_control"] = "max-age=2400"
            one.not_before = now + timedelta(seconds=2400)
        if unchanged:
            return _http(304, "", **more)
        return _http(200, self._rss(one, known, now), content_type="application/rss+xml", **more)

    def _etag(self, one: Publisher, known: int, now: datetime) -> str:
        """Return validators as they come: weak, unquoted, with spaces, upper case, colons."""
        if one.trait == "churns":
            return f'"{now.timestamp():.0f}"'
        if one.trait == "titles":
            return f'W/"{known}"'  # weak: the same news, not the same bytes
        forms = ('"v-{}"', 'W/"{}:a B"', "{}-unquoted", '"{}=="', '"{}/gzip;x"')
        return forms[one.number % len(forms)].format(known)

    def _rss(self, one: Publisher, known: int, now: datetime) -> str:
        churn = now.timestamp() if one.trait in {"churns", "titles"} else 0
        items = "".join(
            f"<item><title>Story {index} {churn or ''}</title>"
            f"<link>{self.page(one, index)}{f'?utm_source=rss{churn}' if churn else ''}</link>"
            f"<guid isPermaLink='false'>{index}-{churn}</guid>"
            f"<pubDate>{format_datetime(one.printed[index], usegmt=True)}</pubDate></item>"
            for index in reversed(range(max(0, known - one.window), known))
        )
        ttl = "<ttl>60</ttl>" if one.trait == "slow" else ""
        if ttl:
            one.not_before = now + timedelta(minutes=60)
        return f'<?xml version="1.0"?><rss version="2.0"><channel>{ttl}{items}</channel></rss>'

    def _sitemap(self, one: Publisher, now: datetime) -> bytes:
        urls = "".join(
            f"<url><loc>{self.page(one, index)}</loc><n:news><n:publication_date>"
            f"{at.isoformat()}</n:publication_date><n:title>Story {index}</n:title></n:news></url>"
            for index, at in enumerate(one.printed)
            if now - timedelta(days=2) <= at <= now
        )
        spaces = (
            'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" '
            'xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'
        )
        body = f'<?xml version="1.0"?><urlset {spaces}>{urls}</urlset>'
        return _http(200, body, content_type="application/xml")


def _http(status: int, body: str, **headers: str) -> bytes:
    data = body.encode()
    named = {"content-type": "text/html; charset=utf-8", "content-length": str(len(data))}
    named |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = "".join(f"{name}: {value}\r\n" for name, value in named.items())
    return f"HTTP/1.1 {status} x\r\n{lines}\r\n".encode() + data
