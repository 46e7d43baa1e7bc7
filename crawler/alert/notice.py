"""
What the house says of itself: it is alive, or a channel has failed.

Silence must be told from no news, so a daily heartbeat may be asked for; and what one channel
would not take is reported through another that works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from crawler.alert.figures import Pen
from crawler.safe import link, one_line

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
LINES = 20  # of what happened, in one notice


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    A message about the house itself. `key` is equal on every repeat.

    `kind` is `heartbeat`, `dead`, `held` or `sources`; `facts` are what its words speak of.
    """

    key: str
    kind: str
    created: datetime
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeMessage:
    """A notice for one reader."""

    key: str
    lang: str
    headline: str
    lines: tuple[str, ...]
    url: str
    why: str
    words: Mapping[str, object]


def heartbeat(  # noqa: PLR0913 - the day at a glance
    now: datetime,
    *,
    last_poll: datetime | None,
    sources: int,
    deals: int,
    pending: int,
    failing: Sequence[str] = (),
) -> Notice:
    """Return the notice of the day: alive, last successful poll, which sources fail."""
    facts = {
        "last_poll": last_poll,
        "sources": sources,
        "failing": list(failing),
        "deals": deals,
        "pending": pending,
    }
    return Notice(
        key=_key("heartbeat", f"{now:%Y-%m-%d}"), kind="heartbeat", created=now, facts=facts
    )


def dead_letters(now: datetime, channel: str, count: int, reason: str) -> Notice:
    """Return the notice that `channel` would not take `count` alerts; one an hour has one key."""
    facts = {"channel": channel, "count": count, "reason": reason}
    return Notice(
        key=_key("dead", channel, f"{now:%Y-%m-%dT%H}"), kind="dead", created=now, facts=facts
    )


def held(now: datetime, channel: str, count: int, reason: str) -> Notice:
    """Return the notice that `channel` is broken and `count` alerts wait for it to be mended."""
    facts = {"channel": channel, "count": count, "reason": reason}
    return Notice(
        key=_key("held", channel, f"{now:%Y-%m-%dT%H}"), kind="held", created=now, facts=facts
    )


def sources(now: datetime, happened: Sequence[str]) -> Notice:
    """Return the notice of what happened to sources: gaps, moves, deaths, lies, returns."""
    facts = {"happened": list(happened[:LINES]), "count": len(happened)}
    return Notice(
        key=_key("sources", f"{now:%Y-%m-%dT%H}"), kind="sources", created=now, facts=facts
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """What is wrong with one channel now, and when that was last told."""

    channel: str
    dead: int = 0  # alerts given up since then
    dead_reason: str = ""
    waiting: int = 0
    held: bool = False
    held_reason: str = ""
    last_ok: datetime | None = None
    told: datetime | None = None


def trouble(about: Trouble, now: datetime) -> Notice | None:
    """
    Return what is to be said of a channel now: at most one notice an hour.

    That it is held is said when it begins and once a day; dead letters when there are new ones.
    """
    told = about.told
    if told is not None and now - told < HOUR:
        return None
    mended = told is not None and about.last_ok is not None and about.last_ok > told
    if about.held and (told is None or mended or now - told >= DAY):
        return held(now, about.channel, about.waiting, about.held_reason)
    if about.dead:
        return dead_letters(now, about.channel, about.dead, about.dead_reason)
    return None


def messengers(broken: str, healthy: Sequence[str]) -> list[str]:
    """Return the channels that may tell of `broken`, in order: the others that work."""
    return [name for name in healthy if name != broken]


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(("notice", *parts)).encode()).hexdigest()


def notice_message(notice: Notice, lang: str = "en", dashboard: str | None = None) -> NoticeMessage:
    """Return what `notice` says to a reader of `lang`."""
    pen = Pen(lang)
    tell = {"heartbeat": _alive, "sources": _happened}.get(notice.kind, _failed)
    headline, *lines = tell(notice, pen)
    return NoticeMessage(
        key=notice.key,
        lang=lang,
        headline=headline,
        lines=tuple(lines),
        url=link(dashboard or ""),
        why=pen.words["notice"]["why"],
        words=pen.words,
    )


def _alive(notice: Notice, pen: Pen) -> Iterator[str]:
    w, facts = pen.words["notice"], notice.facts
    polled, failing = facts["last_poll"], [one_line(name, 80) for name in facts["failing"]]
    numbers = (facts["sources"], len(failing), facts["deals"], facts["pending"])
    yield w["alive"]
    yield w["polled"].format(pen.when(polled) if polled else pen.words["nothing"])
    yield w["counts"].format(*map(pen.number, numbers))
    if failing:
        yield w["failing"].format(pen.names(tuple(failing)))


def _happened(notice: Notice, pen: Pen) -> Iterator[str]:
    w, facts = pen.words["notice"], notice.facts
    yield w["sources"].format(pen.number(facts["count"]))
    yield from (one_line(line, 200) for line in facts["happened"])
    yield w["look"]


def _failed(notice: Notice, pen: Pen) -> Iterator[str]:
    w, facts = pen.words["notice"], notice.facts
    channel = one_line(facts["channel"], 80)
    yield w[notice.kind].format(channel, pen.number(facts["count"]))
    yield one_line(facts["reason"], 400)
    yield w["mend" if notice.kind == "held" else "do"].format(channel)
