"""Who is told: one deal revision on its way to one channel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from crawler.types.deals import Deal


class AlertKind(StrEnum):
    """What a message is about."""

    NEW = "new"
    UPDATE = "update"
    DIGEST = "digest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alert:
    """One deal revision on its way to one channel. `key` is equal on every repeat."""

    key: str
    kind: AlertKind
    channel: str
    rule: str
    deal: Deal
    created: datetime
    changed: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    not_before: datetime | None = None  # quiet hours and digests wait; None goes at once
    earlier: tuple[Deal, ...] = ()  # the company's previous deals, newest first
    digest: str = ""  # "" | hourly | daily | weekly | quiet: the window that gathers it
