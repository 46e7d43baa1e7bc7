"""
What one process has done, counted for Prometheus: a few numbers at every station of the street.

What the database knows (queues, dead letters, sources in trouble) is not counted here but
asked for when somebody looks: `crawler.store.gauges`.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from crawler.types import Alert, AlertKind, Outcome, PollResult

REGISTRY = CollectorRegistry()
_SHORT = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
_LONG = (1, 5, 15, 30, 60, 120, 300, 600, 1800, 3600, 6 * 3600, 24 * 3600)


def _counter(name: str, words: str, *labels: str) -> Counter:
    return Counter(f"raisewire_{name}", words, labels, registry=REGISTRY)


def _seconds(name: str, words: str, *labels: str, buckets: tuple[float, ...] = _SHORT) -> Histogram:
    return Histogram(f"raisewire_{name}", words, labels, buckets=buckets, registry=REGISTRY)


POLLS = _counter("polls", "Polls of sources.", "outcome")
POLL_SECONDS = _seconds("poll_seconds", "How long a poll took.")
ENTRIES = _counter("entries", "Entries that polls brought.")
QUEUED = _counter("pages_queued", "Entries never seen before, whose pages were queued.")
PAGES = _counter("pages", "Pages asked for, by how that ended.", "outcome")
READ_SECONDS = _seconds("read_seconds", "How long reading a page took.", "stage")
UNREADABLE = _counter("unreadable", "Pages that could not be read, or not be stored.")
STORE_SECONDS = _seconds("store_seconds", "How long storing a page and its deals took.")
RESOLVE_SECONDS = _seconds("resolve_seconds", "How long finding a report's deal took.")
ARTICLES = _counter("articles", "Articles stored.", "novelty")
REPORTS = _counter("reports", "What articles report of deals.", "type")
DEALS = _counter("deals", "Deals stored.", "what")
ALERTS = _counter("alerts_queued", "Messages queued for channels.")
DELIVERIES = _counter("deliveries", "Tries to deliver a message.", "channel", "outcome")
DELIVERY_SECONDS = _seconds("delivery_seconds", "How long a channel took.", "channel")
SINCE_PUBLISHED = _seconds(
    "published_to_delivered_seconds",
    "From an article's publication to the first message on its deal.",
    "channel",
    buckets=_LONG,
)
SINCE_SEEN = _seconds(
    "seen_to_delivered_seconds",
    "From the moment a deal was first seen to the first message on it.",
    "channel",
    buckets=_LONG,
)
RELOADS = _counter("config_reloads", "Times the config was read again.", "result")
RELOAD_OK = Gauge(
    "raisewire_config_reload_success", "1 if the config holds that was read last.",
    registry=REGISTRY,
)  # fmt: skip
RELOAD_OK.set(1)


def polled(result: PollResult, queued: int) -> None:
    """Count a poll and what it brought."""
    POLLS.labels(result.outcome.value).inc()
    POLL_SECONDS.observe(result.seconds)
    ENTRIES.inc(len(result.entries))
    QUEUED.inc(queued)


def stored(outcome: Outcome, novelty: str, new: int, deals: int, alerts: int) -> None:
    """Count a page that was stored, and what followed from it."""
    PAGES.labels(outcome.value).inc()
    ARTICLES.labels(novelty).inc()
    DEALS.labels("new").inc(new)
    DEALS.labels("changed").inc(max(0, deals - new))
    ALERTS.inc(alerts)


def reloaded(*, well: bool) -> None:
    """Count a config that was read again."""
    RELOADS.labels("ok" if well else "refused").inc()
    RELOAD_OK.set(well)


def delivered(channel: str, alerts: Iterable[Alert], now: datetime) -> None:
    """Count how long the news in a message that was taken has been under way."""
    for alert in alerts:
        if alert.kind is AlertKind.NEW:
            told = [report.published for report in alert.deal.reports] or [alert.deal.first_seen]
            seen = [report.seen_at for report in alert.deal.reports] or [alert.created]
            SINCE_PUBLISHED.labels(channel).observe(max(0.0, (now - min(told)).total_seconds()))
            SINCE_SEEN.labels(channel).observe(max(0.0, (now - min(seen)).total_seconds()))
