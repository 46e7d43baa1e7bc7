"""
The wiring: everything one process needs, opened from a config. The only place that does it.

To add a channel or a kind of source, see CONTRIBUTING.md; nothing else is registered.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime

import structlog

from crawler import fetch, resolve
from crawler.alert.channel import channel
from crawler.config import Config, sources
from crawler.delivery import Courier, Post
from crawler.desk import Errand, NewsDesk, Tally
from crawler.pipeline import Ingest, Policy
from crawler.reading import Reader
from crawler.store import Store, Writer, frontier
from crawler.types import Source

log = structlog.get_logger()
Clock = Callable[[], datetime]


@dataclass(slots=True)
class House:
    """One process's rooms, opened. Use `open_house`."""

    config: Config
    store: Store
    writer: Writer
    ingest: Ingest
    clock: Clock
    rng: random.Random

    def courier(self) -> Courier:
        """Return the sender of what is pending."""
        return Courier(self.writer, posts(self.config), self.clock, self.rng)

    def desk(self, reader: Reader, errand: Errand) -> NewsDesk:
        """Return the desk at which a spider asks for work."""
        return NewsDesk(
            self.store,
            self.writer,
            self.ingest,
            reader,
            self.clock,
            errand=errand,
            rng=self.rng,
        )

    def watched(self) -> tuple[Source, ...]:
        """Return the sources of the config, in the database too from now on."""
        wanted = sources(self.config)
        self.writer.submit(frontier.sync_sources, wanted, self.clock()).result()
        return wanted

    async def crawl(self, desk: NewsDesk, stop: asyncio.Event) -> Tally:
        """Run the spider until it is done or `stop` is set; leave no lease behind."""
        try:
            await fetch.crawl(
                desk,
                self.config.http,
                stop=stop,
                grace=self.config.shutdown_grace.total_seconds(),
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

    Raises:
        StoreError: the database cannot be used.
    """
    store = Store(config.database)
    try:
        if create:
            store.upgrade()
        store.check()
        writer = Writer(store)
        try:
            names = resolve.Names.load(config.watchlist)
            ingest = Ingest(names, resolve.Fx(), policy(config))
            yield House(config, store, writer, ingest, clock, random.Random())  # noqa: S311 - jitter
        finally:
            writer.close()
    finally:
        store.close()


def policy(config: Config) -> Policy:
    """Return who is told what."""
    return Policy(
        rules=config.alerts,
        channels=tuple(config.channels),
        watch=config.watchlist,
        muted=config.muted,
    )


def posts(config: Config) -> dict[str, Post]:
    """Return every channel of the config, ready to send."""
    guard = fetch.url_guard(config.http.allow_private)
    return {
        name: Post(
            channel=channel(name, cfg, guard=guard, dashboard=config.dashboard_url),
            kind=cfg.type,
            per_minute=cfg.per_minute,
            burst=cfg.burst,
        )
        for name, cfg in config.channels.items()
    }
