"""How the house stands: what is broken in one line each, and the numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from crawler.app import House
from crawler.errors import StoreError
from crawler.metrics import REGISTRY
from crawler.safe import one_line, redact
from crawler.store import ledger
from crawler.store.gauges import Gauges, gauges


def readiness(house: House, *, alive: bool = True) -> tuple[bool, bytes]:
    """
    Tell whether the house can work, and in a line each which part is down.

    A held channel is told and no reason to take the house out of service: its queue waits.
    """
    down = [] if alive else ["loop: does not answer"]
    held: list[str] = []
    try:
        with house.store.read() as conn:
            found = ledger.held(conn, house.clock())
            held = [f"channel {name}: held, {reason}" for name, (_, reason) in found.items()]
    except StoreError as error:
        down.append(f"database: {error}")
    lines = [*down, *held] or ["ready"]
    return not down, "".join(f"{one_line(redact(line))}\n" for line in lines).encode()


def exposition(house: House, *, own: bool) -> bytes:
    """Return Prometheus' text: what the database knows, and if `own` what this process counts."""
    about = CollectorRegistry()
    about.register(_Database(house))
    return generate_latest(about) + (generate_latest(REGISTRY) if own else b"")


class _Database(Collector):
    def __init__(self, house: House) -> None:
        self._house = house

    def collect(self) -> Iterator[Metric]:
        """Ask the database now; when it is away, say only that."""
        now = self._house.clock()
        try:
            with self._house.store.read() as conn:
                found = gauges(conn, now)
        except StoreError:
            yield _one("database_up", "1 if the database answers.", 0)
            return
        yield _one("database_up", "1 if the database answers.", 1)
        yield from _told(found, now)

    def describe(self) -> list[Metric]:
        """Ask nothing before somebody looks."""
        return []


def _told(found: Gauges, now: datetime) -> Iterator[Metric]:
    yield _one("articles_stored", "Articles ever stored.", found.articles)
    yield _one("deals_stored", "Deals ever made.", found.deals)
    yield _one("pages_waiting", "Pages queued or out.", found.pages_waiting)
    yield _one("pages_overdue_seconds", "Of the page that is due longest.", found.pages_overdue)
    if found.last_success is not None:
        silent = max(0.0, (now - found.last_success).total_seconds())
        yield _one("last_good_poll_seconds", "Since any source answered well.", silent)
    letters = GaugeMetricFamily(
        "raisewire_outbox", "Messages not delivered, by state.", labels=("channel", "state")
    )
    for (channel, state), number in found.outbox.items():
        letters.add_metric((channel, state), number)
    yield letters
    yield _many("outbox_oldest_pending_seconds", "Of the oldest message.", found.oldest_pending)
    yield _many("channel_held", "1 while a channel's queue is held.", found.held)
    sources = GaugeMetricFamily(
        "raisewire_sources", "Enabled sources, by how their last poll ended.", labels=("outcome",)
    )
    for outcome, number in found.sources.items():
        sources.add_metric((outcome,), number)
    yield sources


def _one(name: str, words: str, value: float) -> Metric:
    return GaugeMetricFamily(f"raisewire_{name}", words, value=value)


def _many(name: str, words: str, values: Mapping[str, float] | Mapping[str, bool]) -> Metric:
    family = GaugeMetricFamily(f"raisewire_{name}", words, labels=("channel",))
    for channel, value in values.items():
        family.add_metric((channel,), value)
    return family
