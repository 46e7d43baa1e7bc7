"""Nouns of the outbox."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from crawler.types import Alert, Deal


class State(StrEnum):
    """Where an alert is."""

    PENDING = "pending"
    SENDING = "sending"
    DELIVERED = "delivered"
    DEAD = "dead"  # refused for good; somebody must look
    SUPPRESSED = "suppressed"  # silenced, or too old when it was made; kept to explain
    EXPIRED = "expired"  # nobody took it for too long; reported like dead
    HELD = "held"  # the channel itself is broken; sent when it is released


class Verdict(StrEnum):
    """How one attempt to deliver ended."""

    OK = "ok"
    TRANSIENT = "transient"  # try again
    UNKNOWN = "unknown"  # may have arrived; try again with the same key
    THROTTLED = "throttled"  # try again; does not count as an attempt
    PERMANENT = "permanent"  # never again
    EXPIRED = "expired"
    SUPPRESSED = "suppressed"
    HELD = "held"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """
    An alert to deliver now. `attempts` counts the earlier ones.

    `bundle` is set once it went out, or was about to, in one message with others: that
    message's key, equal on every repeat. `claim_along` fetches the others.
    """

    id: int
    token: str
    alert: Alert
    attempts: int
    created: datetime
    until: datetime  # when the lease ends
    bundle: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlert:
    """A line of the outbox, for people to look at."""

    id: int
    key: str
    channel: str
    kind: str
    rule: str
    deal_id: str | None
    revision: int | None
    state: State
    attempts: int
    created: datetime
    due_at: datetime | None
    ended: datetime | None
    reason: str
    code: int | None
    receipt: Mapping[str, Any] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """The last a channel was told of a deal, or is about to be told."""

    channel: str
    key: str
    kind: str
    state: State
    revision: int
    at: datetime
    deal: Deal  # as it was told
    receipt: Mapping[str, Any] | None  # of the last delivered message
    first_receipt: Mapping[str, Any] | None  # of the first: updates thread under it


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelTrouble:
    """What a channel has given up, and whether it is held until somebody mends it."""

    dead: int
    dead_reason: str  # of the last one
    dead_until: datetime | None  # when the last one was given up
    held: bool
    held_reason: str
    waiting: int
    last_ok_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelStats:
    """One channel's queue at a glance."""

    channel: str
    counts: Mapping[State, int]
    oldest_pending: datetime | None
    held: bool
    held_until: datetime | None
    reason: str
    last_ok_at: datetime | None
