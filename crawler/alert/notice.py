"""
What the house says of itself: it is alive, or a channel has failed.

Silence must be told from no news, so a daily heartbeat may be asked for; and what one channel
would not take is reported through another that works.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crawler.alert.figures import Pen
from crawler.safe import link, one_line


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """
    A message about the house itself. `key` is equal on every repeat.

    `kind` is `heartbeat` or `dead`; `facts` are what its words speak of.
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


def heartbeat(
    now: datetime, *, last_poll: datetime | None, sources: int, deals: int, pending: int
) -> Notice:
    """Return the notice of the day: alive, last successful poll, deals since yesterday."""
    facts = {"last_poll": last_poll, "sources": sources, "deals": deals, "pending": pending}
    return Notice(
        key=_key("heartbeat", f"{now:%Y-%m-%d}"), kind="heartbeat", created=now, facts=facts
    )


def dead_letters(now: datetime, channel: str, count: int, reason: str) -> Notice:
    """Return the notice that `channel` would not take `count` alerts; one an hour has one key."""
    facts = {"channel": channel, "count": count, "reason": reason}
    return Notice(
        key=_key("dead", channel, f"{now:%Y-%m-%dT%H}"), kind="dead", created=now, facts=facts
    )


def messenger(broken: str, healthy: Sequence[str]) -> str | None:
    """Return the channel that tells of `broken`: the first other one that works."""
    return next((name for name in healthy if name != broken), None)


def _key(*parts: str) -> str:
    return hashlib.sha256("|".join(("notice", *parts)).encode()).hexdigest()


def notice_message(notice: Notice, lang: str = "en", dashboard: str | None = None) -> NoticeMessage:
    """Return what `notice` says to a reader of `lang`."""
    pen = Pen(lang)
    w, facts = pen.words["notice"], notice.facts
    if notice.kind == "heartbeat":
        polled = facts["last_poll"]
        headline = w["alive"]
        lines = (
            w["polled"].format(pen.when(polled) if polled else pen.words["nothing"]),
            w["counts"].format(
                *(pen.number(facts[name]) for name in ("sources", "deals", "pending"))
            ),
        )
    else:
        headline = w["dead"].format(one_line(facts["channel"], 80), pen.number(facts["count"]))
        lines = (one_line(facts["reason"], 400), w["do"])
    return NoticeMessage(
        key=notice.key,
        lang=lang,
        headline=headline,
        lines=lines,
        url=link(dashboard or ""),
        why=w["why"],
        words=pen.words,
    )
