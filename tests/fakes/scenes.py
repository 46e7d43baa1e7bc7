"""
Crawls of a hostile little internet, one process each: `python -m tests.fakes.scenes NAME MODE`.

MODE is `asyncio` or `twisted`; what was seen is printed as JSON. A process of its own,
because a reactor can be installed only once, and to measure memory.
"""
# ruff: noqa: ARG001, ARG005, ASYNC110 - behaviours have one signature; tests may poll

from __future__ import annotations

import asyncio
import gzip
import json
import logging
import resource
import sys
import tempfile
import warnings
from collections.abc import Callable, Coroutine, Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from time import monotonic
from typing import Any

from crawler.config.models import Http
from crawler.fetch import crawl
from crawler.fetch.engine import utc_now
from crawler.types import Entry, Robots, Source
from tests.fakes.behaviours import (
    BEHAVIOURS,
    OTHERS,
    SPELLINGS,
    Town,
    _silence,
    rebinding,
)
from tests.fakes.certificate import self_signed
from tests.fakes.desk import FakeDesk, source
from tests.fakes.origin import Origin, answer, rss

LOOPBACK = ("127.0.0.0/8",)


def hosts() -> Iterator[str]:
    for number in range(2, 250):
        yield f"127.0.0.{number}"


async def go(desk: FakeDesk, twisted: bool, **http: Any) -> float:
    """Crawl until the desk is drained; return the seconds it took."""
    settings = {"allow_private": LOOPBACK, "per_host_delay": "0s", "timeout": "2s"} | http
    began = monotonic()
    await crawl(desk, Http(reactor=twisted, **settings), stop=asyncio.Event())
    return monotonic() - began


async def hostile(twisted: bool) -> dict[str, Any]:
    """Every behaviour on a host of its own, beside 40 good hosts whose pages must not suffer."""
    async with Origin(host="0.0.0.0") as origin:
        free = hosts()
        pages = []
        for name, behaviour in BEHAVIOURS.items():
            origin.on(f"/{name}", behaviour)
            pages.append(Entry(url=origin.url(f"/{name}", next(free))))
        for hop in range(20):
            origin.on(f"/chain{hop}", answer("", "301 Moved", location=f"/chain{hop + 1}"))
        pages.append(Entry(url=origin.url("/chain0", next(free))))
        pages += [
            Entry(url=url) for url in ("http://no-such-host.invalid/x", "http://127.0.0.9:9/")
        ]
        good = await _good(origin, free)
        desk = FakeDesk()
        desk.queue(source("all", origin.url("/")), [*pages, *good])
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        seconds = await go(desk, twisted, max_body="4MB")
        grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory
        return _told(desk) | {
            "seconds": seconds,
            "grown_mb": grown / 1024,
            "late": max(asked.at for asked in origin.asked if asked.path.startswith("/good"))
            - min(asked.at for asked in origin.asked),
        }


async def _good(origin: Origin, free: Iterator[str]) -> list[Entry]:
    for number in range(5):
        origin.on(f"/good{number}", answer(f"<p>story {number}</p>"))
    return [
        Entry(url=origin.url(f"/good{number}", host))
        for host, _ in zip(free, range(40), strict=False)
        for number in range(5)
    ]


def _told(desk: FakeDesk) -> dict[str, Any]:
    """Return how each page ended, by the last part of its path."""
    told = {page.fetch.entry.url: [page.outcome.value, ""] for page in desk.pages}
    told |= {one.fetch.entry.url: [one.outcome.value, one.message] for one in desk.failures}
    return {
        "told": {url.partition("//")[2].partition("/")[2]: end for url, end in told.items()},
        "by_url": told,
        "handed": len(desk.handed),
        "answers": sorted(set(desk.answered.values())),
        "outstanding": desk.outstanding,
    }


# --- addresses that must never be connected -----------------------------------------------


async def addresses(twisted: bool) -> dict[str, Any]:
    """Ask every spelling of a canary's address: directly, by redirect, sitemap and listing."""
    rebinding()
    async with Origin(host="127.0.0.1") as canary, Origin(host="127.0.0.77") as origin:
        wrong = [f"http://{spelling}:{canary.port}/" for spelling in SPELLINGS]
        wrong = [*wrong, *(url.replace("@127", f":{canary.port}@127") for url in wrong[-9:])]
        pages = [Entry(url=url) for url in (*wrong, *OTHERS)]
        for number, url in enumerate((*wrong, *OTHERS)):
            target = url.encode("ascii", "backslashreplace").decode().replace("\t", "")
            origin.on(f"/r{number}", answer("", "302 Found", location=target))
            pages.append(Entry(url=origin.url(f"/r{number}")))
        meta = f'<meta http-equiv="refresh" content="0;url=http://127.0.0.1:{canary.port}/">'
        pages.append(Entry(url=origin.on("/meta", answer(f"<html>{meta}"))))
        listed = "".join(f"<sitemap><loc>{url}</loc></sitemap>" for url in wrong[:8])
        index = f'<?xml version="1.0"?><sitemapindex>{listed}</sitemapindex>'
        maps = source("maps", origin.on("/maps", answer(index)), kind="sitemap")
        robots = source("robots", f"http://127.0.0.1:{canary.port}/feed")
        desk = FakeDesk([maps, robots])
        desk.queue(source("one", origin.url("/")), pages)
        seconds = await go(desk, twisted, allow_private=("127.0.0.77/32",))
        return _told(desk) | {
            "canary": canary.connections,
            "spellings": len(wrong) + len(OTHERS),
            "seconds": seconds,
            "polls": {one.poll.source.id: one.outcome.value for one in desk.results},
        }


# --- manners ------------------------------------------------------------------------------


async def manners(twisted: bool) -> dict[str, Any]:
    """Poll a few sources twice and more; say what was sent and when."""
    async with Origin(host="0.0.0.0") as origin:
        tag = 'W/"ä b;c=1,2"'
        date = "Sat, 28 Feb 2026 10:00:00 GMT"
        feed = rss("http://127.0.0.1:1/never")

        def conditional(asked):
            if asked.headers.get("if-none-match"):
                return answer("", "304 Not Modified", etag=tag)
            return answer(feed, etag=tag, last_modified=date, cache_control="max-age=1800")

        wanted = {
            "etag": conditional,
            "same": answer(feed),
            "liar": lambda asked: answer(
                rss(f"http://127.0.0.1:1/{len(origin.asked)}"), etag='"1"'
            ),
            "moved": answer("", "301 Moved Permanently", location="/same"),
            "found": answer("", "302 Found", location="/same"),
        }
        one = [
            source(
                name,
                origin.url(origin.on(f"/{name}", what).partition("/")[2][0] and f"/{name}", host),
            )
            for (name, what), host in zip(wanted.items(), hosts(), strict=False)
        ]
        desk = FakeDesk(one, follow=False)
        await go(desk, twisted)
        first = {result.poll.source.id: result for result in desk.results}
        desk.results.clear()
        desk.poll()
        await go(desk, twisted)
        second = {result.poll.source.id: result for result in desk.results}
        asked = [one for one in origin.asked if one.path == "/etag"]
        return {
            "raw": [one.raw.decode("utf-8", "surrogateescape") for one in asked],
            "agent": asked[0].headers.get("user-agent"),
            "first": {name: result.outcome.value for name, result in first.items()},
            "second": {name: result.outcome.value for name, result in second.items()},
            "lied": second["liar"].lied,
            "fresh": first["etag"].min_interval.total_seconds(),
            "moved": {name: result.moved_to for name, result in first.items()},
            "kept": second["etag"].etag == tag,
            "tag": tag,
            "date": date,
        }


def _at(origin: Origin, name: str, what: Any, host: str) -> Source:
    origin.on(f"/{name}", what)
    return source(name, origin.url(f"/{name}", host))


async def pauses(twisted: bool) -> dict[str, Any]:
    """A host that answers its third request with 429 and asks for a pause."""
    async with Origin(host="0.0.0.0") as origin:

        def counting(asked):
            number = len([one for one in origin.asked if one.path.startswith("/p")])
            if number == 3:
                return answer("slow down", "429 Too Many Requests", retry_after="120")
            return answer("<p>fine</p>")

        for number in range(10):
            origin.on(f"/p{number}", counting)
        desk = FakeDesk()
        urls = [Entry(url=origin.url(f"/p{number}", "127.0.0.5")) for number in range(10)]
        desk.queue(source("one", origin.url("/")), urls)
        await go(desk, twisted)
        waits = [one.retry_after.total_seconds() for one in desk.failures]
        return _told(desk) | {
            "asked": len(origin.paths()),
            "waits": waits,
            "busiest": origin.busiest,
            "holds": [(host, (until - utc_now()).total_seconds()) for host, until, _ in desk.holds],
        }


async def gaps(twisted: bool) -> dict[str, Any]:
    """Two sources and their pages on one host: the delay holds across all of them."""
    async with Origin(host="0.0.0.0") as origin:
        for name in ("a", "b"):
            items = [origin.on(f"/{name}{number}", answer("<p>x</p>")) for number in range(3)]
            origin.on(f"/{name}", answer(rss(*items)))
        crawl_delay = b"User-agent: *\nCrawl-delay: 0.5\n"
        slow = Origin(host="127.0.0.9", robots=crawl_delay)
        async with slow:
            items = [slow.on(f"/{number}", answer("<p>x</p>")) for number in range(3)]
            slow.on("/feed", answer(rss(*items)))
            desk = FakeDesk(
                [
                    source("a", origin.url("/a")),
                    source("b", origin.url("/b")),
                    source("slow", slow.url("/feed")),
                ]
            )
            await go(desk, twisted, per_host_delay="200ms")
        return _told(desk) | {"gaps": _gaps(origin), "slow": _gaps(slow), "busiest": origin.busiest}


def _gaps(origin: Origin) -> list[float]:
    at = [asked.at for asked in origin.asked]
    return [round(after - before, 3) for before, after in pairwise(at)]


# --- robots.txt ---------------------------------------------------------------------------


async def robots(twisted: bool) -> dict[str, Any]:
    """A host for each state of robots.txt; eight pages at once on one that forbids them."""
    told: dict[str, Any] = {}
    async with Town() as town:
        desk = FakeDesk()
        for name, origin in town.items():
            entries = [
                Entry(url=origin.url(f"/page{n}")) for n in range(8 if name == "200-no" else 1)
            ]
            desk.queue(source(name, origin.url("/")), entries)
        await go(desk, twisted)
        for name, origin in town.items():
            told[name] = len(origin.paths()) - (name == "301" and "/moved.txt" in origin.paths())
        again = FakeDesk(kept=desk.kept)
        again.queue(source("x", town["200"].url("/")), [Entry(url=town["200"].url("/page7"))])
        before = len(town["200"].asked)
        await go(again, twisted)
        kept = [asked.path for asked in town["200"].asked[before:]]
        old = {
            key: Robots(body=one.body, status=one.status, at=one.at - timedelta(hours=25))
            for key, one in desk.kept.items()
        }
        stale = FakeDesk(kept=old)
        stale.queue(source("x", town["200"].url("/")), [Entry(url=town["200"].url("/page8"))])
        before = len(town["200"].asked)
        await go(stale, twisted)
        asked = [asked.path for asked in town["200"].asked[before:]]
        return _told(desk) | {"fetched": told, "kept": kept, "stale": asked}


# --- stopping, settings, TLS --------------------------------------------------------------


async def stopping(twisted: bool) -> dict[str, Any]:
    """Stop in mid-crawl: one page on the wire, many waiting for their host."""
    async with Origin(host="0.0.0.0") as origin:

        async def slow(asked, writer):
            await asyncio.sleep(0.6)
            return answer("<p>late</p>")

        for number in range(30):
            origin.on(f"/s{number}", slow)
        desk = FakeDesk(endless=True)
        desk.queue(
            source("one", origin.url("/")),
            [Entry(url=origin.url(f"/s{number}")) for number in range(30)],
        )
        stop = asyncio.Event()
        running = asyncio.ensure_future(
            crawl(
                desk,
                Http(reactor=twisted, allow_private=LOOPBACK, per_host_delay="100ms"),
                stop=stop,
                grace=timedelta(seconds=10),
            )
        )
        while not origin.paths():
            await asyncio.sleep(0.05)
        await asyncio.sleep(0.2)
        began = monotonic()
        stop.set()
        await running
        return {
            "seconds": monotonic() - began,
            "asked": len(origin.paths()),
            "pages": len(desk.pages),
            "failures": len(desk.failures),
        }


async def overrun(twisted: bool) -> dict[str, Any]:
    """A page on the wire that never ends must not outlast the grace."""
    async with Origin(host="0.0.0.0") as origin:
        desk = FakeDesk(endless=True)
        desk.queue(source("one", origin.url("/")), [Entry(url=origin.on("/x", _silence))])
        stop = asyncio.Event()
        running = asyncio.ensure_future(
            crawl(
                desk,
                Http(reactor=twisted, allow_private=LOOPBACK, timeout="60s"),
                stop=stop,
                grace=timedelta(seconds=1),
            )
        )
        while not origin.paths():
            await asyncio.sleep(0.05)
        began = monotonic()
        stop.set()
        await running
        return {
            "seconds": monotonic() - began,
            "pages": len(desk.pages),
            "failures": len(desk.failures),
        }


async def trouble(twisted: bool) -> dict[str, Any]:
    """The desk's database is away for a moment."""
    import spiders.news

    spiders.news._PAUSE = 0.1
    async with Origin() as origin:
        origin.on("/feed", answer(rss(origin.on("/a", answer("<p>x</p>")))))
        desk = FakeDesk([source("one", origin.url("/feed"))], refuse_next=3)
        await go(desk, twisted)
        return {"pages": len(desk.pages), "polls": len(desk.results)}


async def crash(twisted: bool) -> dict[str, Any]:
    """The desk itself is broken: the run must not call that finished."""

    class Broken(FakeDesk):
        async def take(self, limit):  # noqa: ARG002 - the protocol's
            raise LookupError("a bug")

    try:
        await go(Broken(), twisted)
    except LookupError as error:
        return {"raised": str(error)}
    return {"raised": ""}


async def tls(twisted: bool) -> dict[str, Any]:
    """A server whose certificate nobody signed."""
    with tempfile.TemporaryDirectory() as folder:
        context = self_signed(Path(folder))
        async with Origin(ssl=context) as origin:
            desk = FakeDesk([source("bad", origin.on("/feed", answer(rss())))])
            await go(desk, twisted)
            return {
                "polls": {
                    one.poll.source.id: [one.outcome.value, one.message] for one in desk.results
                },
                "asked": len(origin.asked),
            }


async def settings(twisted: bool) -> dict[str, Any]:
    """The effective settings and components of a crawler while it runs."""
    from spiders.news import NewsSpider

    seen: dict[str, Any] = {}

    class Looking(FakeDesk):
        async def take(self, limit):
            crawler = NewsSpider.last.crawler
            seen.update({key: repr(value) for key, value in crawler.settings.items()})
            seen["middlewares"] = [
                type(one).__name__ for one in crawler.engine.downloader.middleware.middlewares
            ]
            seen["extensions"] = [type(one).__name__ for one in crawler.extensions.middlewares]
            seen["handlers"] = sorted(crawler.engine.downloader.handlers._schemes)
            seen["root"] = [type(one).__name__ for one in logging.getLogger().handlers]
            return await super().take(limit)

    begin = NewsSpider.start

    async def start(self):
        NewsSpider.last = self
        async for one in begin(self):
            yield one

    NewsSpider.start = start
    await go(Looking(), twisted)
    return seen


async def kinds(twisted: bool) -> dict[str, Any]:
    """An index of sitemaps, a listing of two pages, a JSON endpoint, a user's own kind."""
    async with Origin() as origin:
        for name in ("one", "two", "three", "four", "five"):
            origin.on(f"/{name}", answer(f"<p>{name}</p>"))
        url = origin.url
        child = f"<urlset><url><loc>{url('/one')}</loc></url></urlset>"
        origin.on(
            "/child.xml.gz", answer(gzip.compress(child.encode()), content_type="application/gzip")
        )
        origin.on(
            "/index",
            answer(
                f"<sitemapindex><sitemap><loc>{url('/child.xml.gz')}</loc></sitemap>"
                f"<sitemap><loc>{url('/lost.xml')}</loc></sitemap></sitemapindex>",
                content_type="text/xml",
            ),
        )
        origin.on(
            "/list",
            answer('<div class=i><a href="/two">Two</a></div><a class=n href="/list2">next</a>'),
        )
        origin.on("/list2", answer('<div class=i><a href="three">Three</a></div>'))
        origin.on(
            "/api",
            answer(
                json.dumps({"d": [{"id": "four", "t": "Four"}]}), content_type="application/json"
            ),
        )
        origin.on("/mine", answer("/five"))
        desk = FakeDesk(
            [
                source("sitemap", url("/index"), kind="sitemap"),
                source(
                    "listing",
                    url("/list"),
                    kind="listing",
                    options={"item": ".i", "link": "a", "next": "a.n"},
                ),
                source(
                    "api",
                    url("/api"),
                    kind="api",
                    options={"items": "d", "url_template": url("/{id}"), "title": "t"},
                ),
                source("mine", url("/mine"), kind="tests.fakes.mine"),
                source("none", url("/mine"), kind="no.such.kind"),
            ]
        )
        await go(desk, twisted)
        return _told(desk) | {
            "polls": {one.poll.source.id: [one.outcome.value, one.message] for one in desk.results},
            "pages": sorted(page.url.rsplit("/", 1)[-1] for page in desk.pages),
        }


SCENES: dict[str, Callable[[bool], Coroutine[Any, Any, dict[str, Any]]]] = {
    scene.__name__: scene
    for scene in (
        hostile, addresses, manners, pauses, gaps, robots, stopping, overrun, trouble, crash, tls,
        settings, kinds,
    )
}  # fmt: skip


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    if "-v" in sys.argv:
        logging.basicConfig(level="INFO")
    print(json.dumps(asyncio.run(SCENES[sys.argv[1]](sys.argv[2] == "twisted")), default=str))
