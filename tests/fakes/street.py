"""The whole house in this process, at a clock of the test's own: one crawl at a time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from crawler.app import House, open_house
from crawler.config import load
from crawler.desk import Errand, Tally
from crawler.reading import Reader
from crawler.store import happenings
from crawler.types import PollState

START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


@dataclass
class Street:
    """`with street(folder, sources) as one: await one.crawl()`."""

    house: House
    reader: Reader
    now: datetime = START

    async def crawl(self, *, force: bool = True, alert_first: bool = False) -> Tally:
        """Poll every source once and fetch what follows, all at `now`."""
        watched = self.house.watched()
        errand = Errand(
            only={source.id for source in watched},
            force=force,
            once=True,
            alert_first=alert_first,
        )
        desk = self.house.desk(self.reader, errand)
        return await self.house.crawl(desk, asyncio.Event())

    def later(self, **span: float) -> None:
        """Let time pass."""
        self.now += timedelta(**span)

    def asked(self, question: Callable[..., Any], *given: Any, **named: Any) -> Any:
        """Return what a function of the store answers."""
        with self.house.store.read() as conn:
            return question(conn, *given, **named)

    def state(self, source: str) -> PollState:
        """Return what is remembered of a source."""
        from crawler.store import frontier

        return next(s for one, s in self.asked(frontier.sources) if one.id == source)

    def log(self, kind: str | None = None) -> list[happenings.Happening]:
        """Return the operator's log, latest first."""
        return self.asked(happenings.happenings, kind=kind)


@contextmanager
def street(folder: Path, sources: str, more: str = ""):
    """Open a house on a database of its own, with `sources:` as YAML lines."""
    file = folder / "config.yaml"
    file.write_text(
        f"database: sqlite:///{folder}/street.db\n"
        "http: {per_host_delay: 0s, allow_private: [127.0.0.0/8]}\n"
        f"extract: {{workers: 0}}\n{more}sources:\n{sources}",
        encoding="utf-8",
    )
    config = load(file).config
    holder: list[Street] = []
    with (
        closing(Reader(config.extract, config.watchlist)) as reader,
        open_house(config, lambda: holder[0].now if holder else START) as house,
    ):
        holder.append(Street(house, reader))
        yield holder[0]
