"""
The wiring: everything one process needs, opened from a config. The only place that does it.

To add a channel or a kind of source, see CONTRIBUTING.md; nothing else is registered.
"""

from __future__ import annotations

import asyncio
import random
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

import structlog

from crawler import fetch, resolve
from crawler.alert.channels import channel
from crawler.caretaker import Caretaker
from crawler.checkdesk import CheckDesk
from crawler.classify import alert_thresholds, doubt
from crawler.config import Config, Watch, sources
from crawler.delivery import Courier, Post
from crawler.desk import Errand, NewsDesk, Tally
from crawler.errors import ConfigError, SourceError
from crawler.fetch.guard import check_url
from crawler.owner import is_over
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reader
from crawler.second import SecondReader, warning
from crawler.store import Connection, Store, Writer, frontier, learned, leases
from crawler.store.clock import SharedClock
from crawler.types import (
    PollResult,
    Source,
)
from spiders import kinds

log = structlog.get_logger()
Clock = Callable[[], datetime]
STAYS = ("workers", "retention", "archive", "shutdown_grace")
BUSY = 3.0  # seconds of one try at a locked database; the writer tries again, until told to end


@dataclass(slots=True)
class House:
    """One process's rooms, opened. Use `open_house`."""

    config: Config
    store: Store
    writer: Writer
    ingest: Ingest
    clock: Clock
    rng: random.Random
    posts: dict[str, Post]

    def courier(self, role: str = "crawl") -> Courier:
        """Return the sender of what is pending."""
        return Courier(self.writer, self.posts, self.clock, self.rng, role=role)

    def caretaker(self) -> Caretaker:
        """Return who tells the operators how the house is."""
        return Caretaker(
            self.writer, lambda: self.posts, lambda: self.ingest.policy.operators, self.clock
        )

    def desk(
        self, reader: Reader, errand: Errand, kind: Callable[..., NewsDesk] = NewsDesk
    ) -> NewsDesk:
        """Return the desk at which a spider asks for work."""
        return kind(
            self.store,
            self.writer,
            self.ingest,
            reader,
            self.clock,
            errand=errand,
            rng=self.rng,
            keep_raw=bool(self.config.archive),
            pause=self.config.http.per_host_delay,
            second=second_reader(self.config, self.clock),
        )

    def watched(self) -> tuple[Source, ...]:
        """Put the config's sources into the database; return all that are enabled there."""
        wanted = sources(self.config)
        self.writer.submit(frontier.sync_sources, wanted, self.clock()).result()
        with self.store.read() as conn:
            return tuple(source for source, _ in frontier.sources(conn) if source.enabled)

    def adopt(self, config: Config) -> int:
        """
        Work by another config from now on; return how many sources it has.

        Database, manners on the wire, second reader, archive and grace stay as they were.

        Raises:
            RaisewireError: it does not hold; then nothing has changed.
        """
        wanted, fresh = sources(config), posts(config)
        check_kinds(wanted)
        names = known_names(config, self.store)
        self.writer.submit(frontier.sync_sources, wanted, self.clock()).result()
        self.ingest.policy, self.ingest.names, self.posts = policy(config), names, fresh
        for part in ("database", "http", "llm", "metrics", *STAYS):
            if getattr(config, part) != getattr(self.config, part):
                log.warning("this part of the config needs a restart", part=part)
        return len(wanted)

    async def recover(self, *, leading: bool = False) -> int:
        """
        Give back at once what processes that died have had out; return how much that was.

        `leading`: this is the one daemon of the database.
        """
        pause = self.config.http.per_host_delay
        return await self.writer.run(_recover, leading, pause, self.clock())

    async def crawl(self, desk: NewsDesk, stop: asyncio.Event) -> Tally:
        """Run the spider until it is done or `stop` is set; leave no lease behind."""
        try:
            await fetch.crawl(
                desk,
                self.config.http,
                stop=stop,
                grace=self.config.shutdown_grace,
                clock=self.clock,
            )
        finally:
            with suppress(Exception):  # a store that is away gives its leases back by time
                await asyncio.shield(desk.release())
        return desk.tally


@contextmanager
def open_house(config: Config, clock: Clock, *, create: bool = True) -> Iterator[House]:
    """
    Open the database (made or upgraded first, if `create`) and all that hangs on it.

    On PostgreSQL its server's clock is that of all processes, and `clock` is not asked.

    Raises:
        StoreError: the database cannot be used.
    """
    store = Store(config.database, busy=BUSY)
    try:
        if create:
            store.upgrade()
        store.check()
        if not store.sqlite:
            clock = SharedClock(store)
        writer = Writer(store)
        try:
            names = known_names(config, store)
            ingest = Ingest(names, resolve.Fx(), policy(config))
            rng = random.Random()  # noqa: S311 - jitter
            yield House(config, store, writer, ingest, clock, rng, posts(config))
        finally:
            writer.close()
    finally:
        store.close()


def _recover(conn: Connection, leading: bool, pause: timedelta, now: datetime) -> int:
    over = [name for name in leases.owners(conn) if is_over(name, leading=leading)]
    return sum(leases.give_back(conn, name, now, pause=pause) for name in over)


def known_names(config: Config, store: Store) -> resolve.Names:
    """Return the shipped names, the aliases a person confirmed, and the watchlist over both."""
    with store.read() as conn:
        confirmed = learned.suggestions(conn, "confirmed")
    pairs = [Watch(name=one.company, aliases=(one.alias,)) for one in confirmed]
    return resolve.Names.load((*pairs, *config.watchlist))


def policy(config: Config) -> Policy:
    """Return who is told what."""
    return Policy(
        rules=config.alerts,
        channels=tuple(config.channels),
        watch=config.watchlist,
        muted=config.muted,
        sure=alert_thresholds(),
        operators=config.operators,
    )


def posts(config: Config) -> dict[str, Post]:
    """Return every channel of the config, ready to send."""
    guard = _guard(config.http.allow_private)
    return {
        name: Post(
            channel=channel(name, cfg, guard=guard, dashboard=config.dashboard_url),
            kind=cfg.type,
            per_minute=cfg.per_minute,
            burst=cfg.burst,
        )
        for name, cfg in config.channels.items()
    }


def second_reader(config: Config, clock: Clock) -> SecondReader | None:
    """Return who is asked about doubtful events; nobody, unless the config names one."""
    if config.llm is None:
        return None
    log.warning("text leaves this machine", what=warning(config.llm))
    return SecondReader(config.llm, _guard(config.http.allow_private), doubt(), clock)


def _guard(allow: Sequence[str]) -> Callable[[str], list[str]]:
    """Return what looks up where a channel's address leads, and refuses what is out of bounds."""
    check_address = fetch.checker(allow)

    def check(url: str) -> list[str]:
        check_url(url)
        parts = urlsplit(url)
        port = parts.port or (443 if parts.scheme == "https" else 80)
        try:
            found = socket.getaddrinfo(parts.hostname, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            return []  # the channel will say that there is no such host, and try again
        addresses = list(dict.fromkeys(str(address[0]) for *_, address in found))
        for address in addresses:
            check_address(address, port)
        return addresses

    return check


async def check_sources(config: Config, wanted: Sequence[Source], clock: Clock) -> list[PollResult]:
    """Poll each of `wanted` once, with nothing stored, and return what each brought."""
    desk = CheckDesk(wanted)
    await fetch.crawl(desk, config.http, stop=asyncio.Event(), clock=clock)
    return list(desk.results.values())


def check_kinds(watched: Sequence[Source]) -> None:
    """
    Check that every source's kind exists.

    Raises:
        ConfigError: one does not.
    """
    for source in watched:
        try:
            kinds.kind(source.kind)
        except SourceError as error:
            have = ", ".join(kinds.names())
            raise ConfigError(f"source {source.id}: {error}; there are {have}") from None
