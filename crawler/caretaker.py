"""
What the house says of itself: a heartbeat, and channels in trouble. To the operators only.

Sent at once and not through the outbox: a notice that cannot be delivered must not become a
dead letter that wants a notice. What was said, and when, is kept, so that a restart neither
repeats nor forgets.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog

from crawler.alert import notice
from crawler.alert.channels import Receipt
from crawler.alert.hours import last_time
from crawler.alert.notice import DAY, Notice, Trouble
from crawler.config.models import Operators
from crawler.delivery import HANGS, Post, in_a_thread
from crawler.errors import DeliveryError, StoreBusyError
from crawler.store import Connection, Writer, deals, frontier, happenings, outbox, upkeep

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A notice, who may carry it (the first that takes it does), and what to keep then."""

    notice: Notice
    through: Sequence[str]
    fact: str
    value: Mapping[str, Any]


@dataclass(slots=True)
class Caretaker:
    """Looks after the channels of one process. `wanted` and `posts` may change while it runs."""

    writer: Writer
    posts: Callable[[], Mapping[str, Post]]
    wanted: Callable[[], Operators]
    clock: Callable[[], datetime]
    _half_sent: dict[tuple[str, str], Receipt] = field(default_factory=dict)

    async def look(self) -> int:
        """Say what is due; return how many notices were taken. What was not is due again."""
        if not self.wanted().to:
            return 0
        try:
            due = await self.writer.run(letters, self.wanted(), list(self.posts()), self.clock())
            return sum([await self._send(letter) for letter in due])
        except StoreBusyError as error:
            log.warning("operators not told", reason=str(error))
            return 0

    async def _send(self, letter: Letter) -> bool:
        for name in letter.through:
            if await self._taken(name, letter.notice):
                await self.writer.run(
                    upkeep.keep_fact, letter.fact, dict(letter.value), self.clock()
                )
                log.info("operators told", channel=name, notice=letter.notice.kind)
                return True
        log.error("no channel takes word for the operators", **_plain(letter.notice))
        return False

    async def _taken(self, name: str, said: Notice) -> bool:
        post, known = self.posts()[name], self._half_sent.get((name, said.key))
        try:
            await asyncio.wait_for(in_a_thread(post.channel.send, said, known), HANGS)
        except DeliveryError as error:
            log.warning("notice not delivered", channel=name, reason=str(error))
            if error.receipt:  # some recipients have it
                self._half_sent[name, said.key] = error.receipt
            return False
        except Exception:
            log.exception("channel failed in a way of its own", channel=name)
            return False
        self._half_sent.pop((name, said.key), None)
        return True


def _plain(said: Notice) -> dict[str, str]:
    return {"notice": said.kind, "about": str(said.facts.get("channel", ""))}


def letters(
    conn: Connection, wanted: Operators, channels: Sequence[str], now: datetime
) -> list[Letter]:
    """Return what is to be said now: heartbeats first, then each channel's trouble."""
    silent = outbox.held(conn, now)
    healthy = [name for name in wanted.to if name in channels and name not in silent]
    troubled = (_trouble(conn, name, healthy, now) for name in channels)
    told = (*troubled, _sources(conn, healthy, now))
    return [*_heartbeats(conn, wanted, healthy, now), *filter(None, told)]


def _heartbeats(
    conn: Connection, wanted: Operators, healthy: Sequence[str], now: datetime
) -> Iterator[Letter]:
    """Yield the day's sign of life for each channel whose time has come since the last one."""
    if wanted.heartbeat is None:
        return
    due = last_time(wanted.heartbeat, now)
    for name in healthy:
        fact = f"heartbeat.{name}"
        kept = upkeep.fact(conn, fact)
        if kept is None:  # counts from today on
            upkeep.keep_fact(conn, fact, {"at": now.isoformat()}, now)
        elif datetime.fromisoformat(kept["at"]) < due:
            yield Letter(
                notice=pulse(conn, now),
                through=[name],
                fact=fact,
                value={"at": now.isoformat()},
            )


def pulse(conn: Connection, now: datetime) -> Notice:
    """Return what the heartbeat says now."""
    watched = [(source, state) for source, state in frontier.sources(conn) if source.enabled]
    read = [state.last_success for _, state in watched if state.last_success]
    queues = outbox.stats(conn)
    waits = (outbox.State.PENDING, outbox.State.SENDING, outbox.State.HELD)
    return notice.heartbeat(
        now,
        last_poll=max(read, default=None),
        sources=len(watched),
        failing=[source.id for source, state in watched if state.failures > 0],
        deals=deals.count(conn, deals.Filter(since=now - DAY)),
        pending=sum(queue.counts.get(state, 0) for queue in queues for state in waits),
    )


def _sources(conn: Connection, healthy: Sequence[str], now: datetime) -> Letter | None:
    """Return what happened to sources since it was last told, at most once an hour."""
    fact = "told.sources"
    kept = upkeep.fact(conn, fact) or {"id": 0, "at": (now - DAY).isoformat()}
    if now - datetime.fromisoformat(kept["at"]) < notice.HOUR:
        return None
    fresh = [one for one in happenings.happenings(conn, limit=500) if one.id > kept["id"]]
    lines = [
        f"{one.source_id}: {one.kind} {one.subject}".rstrip()
        for one in reversed(fresh)
        if one.settled_at is None and now - one.at < DAY
    ]
    if not lines:
        return None
    value = {"id": fresh[0].id, "at": now.isoformat()}
    return Letter(notice=notice.sources(now, lines), through=healthy, fact=fact, value=value)


def _trouble(conn: Connection, name: str, healthy: Sequence[str], now: datetime) -> Letter | None:
    fact = f"trouble.{name}"
    kept = upkeep.fact(conn, fact) or {}
    since = datetime.fromisoformat(kept["since"]) if kept else now - DAY
    found = outbox.trouble(conn, name, since)
    said = notice.trouble(
        Trouble(
            channel=name,
            dead=found.dead,
            dead_reason=found.dead_reason,
            waiting=found.waiting,
            held=found.held,
            held_reason=found.held_reason,
            last_ok=found.last_ok_at,
            told=datetime.fromisoformat(kept["at"]) if kept else None,
        ),
        now,
    )
    if said is None:
        return None
    seen = found.dead_until if said.kind == "dead" and found.dead_until else since
    value = {"at": now.isoformat(), "since": seen.isoformat()}
    return Letter(notice=said, through=notice.messengers(name, healthy), fact=fact, value=value)
