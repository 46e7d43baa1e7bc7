"""Many deals in one message: digests by the clock, and bursts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from crawler.alert.figures import Pen
from crawler.alert.message import Message, message
from crawler.types import Alert, Event

WINDOW = timedelta(minutes=5)
GATHER = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Digest:
    """Alerts that leave together. `key` is equal whenever the same alerts are bundled."""

    key: str
    channel: str
    window: str  # hourly | daily | weekly | quiet | burst
    created: datetime
    alerts: tuple[Alert, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Total:
    """One row of the sums: `sum` is in US dollars, over the deals that disclose one."""

    name: str
    count: int
    disclosed: int
    sum: Decimal
    text: str
    share: int  # per cent of the largest row's dollars: the length of its bar


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMessage:
    """What a digest says to one reader."""

    key: str
    lang: str
    headline: str
    rows: tuple[Message, ...]
    by_type: tuple[Total, ...]
    by_currency: tuple[Total, ...]
    why: str
    words: Mapping[str, object]


def bundle(channel: str, alerts: Sequence[Alert], now: datetime) -> Digest:
    """Return `alerts` (at least one) as a digest, the largest deals first."""
    ordered = tuple(sorted(alerts, key=_size, reverse=True))
    members = "|".join(sorted(alert.key for alert in alerts))
    windows = {alert.digest for alert in alerts}
    window = windows.pop() if len(windows) == 1 else ""
    return Digest(
        key=hashlib.sha256(f"{channel}|digest|{members}".encode()).hexdigest(),
        channel=channel,
        window=window or "burst",
        created=now,
        alerts=ordered,
    )


def _size(alert: Alert) -> tuple[Decimal, str]:
    return alert.deal.event.amount_usd or Decimal(0), alert.key


def gather(
    channel: str, waiting: Sequence[Alert], now: datetime, *, burst: int = 20, page: int = 40
) -> list[Alert | Digest]:
    """
    Return what to send for the alerts that wait now, each of them covered exactly once.

    Those of a digest window leave together, one digest for each window; the others singly,
    oldest first, or as one digest when there are more than `burst`. No digest has more than
    `page` deals: what a message has no room for would be told to nobody.
    """
    windows: dict[str, list[Alert]] = {}
    for alert in waiting:
        windows.setdefault(alert.digest, []).append(alert)
    singles = sorted(windows.pop("", []), key=lambda alert: (alert.created, alert.key))
    alone = [group[0] for name, group in windows.items() if name == "quiet" and len(group) == 1]
    groups = [group for name, group in windows.items() if name != "quiet" or len(group) > 1]
    loose: list[Alert | Digest] = [*singles, *alone]
    if len(singles) > burst:
        groups.append(singles)
        loose = [*alone]
    pages = (group[at : at + page] for group in groups for at in range(0, len(group), page))
    return loose + [bundle(channel, part, now) for part in pages]


@dataclass(frozen=True, slots=True)
class Stream:
    """
    The messages that a channel has had lately.

    More than `burst` of them in WINDOW are a flood: from then on what comes is gathered and
    leaves as one message, no sooner than GATHER after the last.
    """

    sent: tuple[datetime, ...] = ()

    def floods(self, now: datetime, burst: int) -> bool:
        """Tell whether the next message would be one too many."""
        return len(self._lately(now)) >= burst

    def gathers(self, now: datetime, burst: int) -> bool:
        """Tell whether what waits is to wait for more."""
        return self.floods(now, burst) and now < self.sent[-1] + GATHER

    def after(self, message: Alert | Digest, now: datetime, burst: int) -> Stream:
        """Return the stream with a message that was sent; a digest counts in a flood alone."""
        counts = isinstance(message, Alert) or self.floods(now, burst)
        return Stream((*self._lately(now), now)) if counts else self

    def _lately(self, now: datetime) -> tuple[datetime, ...]:
        return tuple(at for at in self.sent if now - WINDOW < at <= now)


def digest_message(digest: Digest, lang: str = "en", dashboard: str | None = None) -> DigestMessage:
    """Return what `digest` says to a reader of `lang`."""
    pen = Pen(lang)
    alerts = _latest(digest.alerts)
    events = [alert.deal.event for alert in alerts]
    w = pen.words
    title = w["digest"].get(digest.window, w["digest"]["burst"]).format(len(events))
    rules = sorted({alert.rule for alert in alerts})
    return DigestMessage(
        key=digest.key,
        lang=lang,
        headline=w["one_digest"] if len(events) == 1 else title,
        rows=tuple(message(alert, lang, dashboard) for alert in alerts),
        by_type=_totals(events, lambda event: w["type"][event.type.value], pen),
        by_currency=_totals(events, lambda event: event.currency or "?", pen),
        why=w["why"].format(", ".join(rules)),
        words=w,
    )


def _latest(alerts: Sequence[Alert]) -> list[Alert]:
    """Keep each deal's last revision: a digest says what is true when it leaves."""
    last: dict[str, Alert] = {}
    for alert in sorted(alerts, key=lambda alert: alert.deal.revision):
        last[alert.deal.id] = alert
    return [alert for alert in alerts if last[alert.deal.id] is alert]


def _totals(events: Iterable[Event], name: Callable[[Event], str], pen: Pen) -> tuple[Total, ...]:
    groups: dict[str, list[Event]] = {}
    for event in events:
        groups.setdefault(name(event), []).append(event)
    sums = {
        key: sum((e.amount_usd or Decimal(0) for e in g), Decimal(0)) for key, g in groups.items()
    }
    largest = max(sums.values(), default=Decimal(0)) or Decimal(1)
    rows = [
        Total(
            name=key,
            count=len(group),
            disclosed=sum(e.amount_usd is not None for e in group),
            sum=sums[key],
            text=pen.sum(sums[key], "USD"),
            share=round(100 * sums[key] / largest),
        )
        for key, group in groups.items()
    ]
    return tuple(sorted(rows, key=lambda row: (-row.sum, -row.count, row.name)))
