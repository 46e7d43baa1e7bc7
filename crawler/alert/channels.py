"""What every channel is: a name, and `send`. The plain list of them is at the end."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Protocol

from crawler.alert.render import Templates
from crawler.alert.say import Said, Sendable, say
from crawler.config import models
from crawler.errors import DeliveryError, RaisewireError, Scope

Receipt = dict[str, Any]  # JSON-able: what a follow-up needs (Slack's ts, a Message-ID)
# Returns the numeric addresses to connect to, and no others (a name may be answered anew);
# raises a RaisewireError for an address that is out of bounds.
Guard = Callable[[str], Sequence[str]]


class Channel(Protocol):
    """One way to a reader."""

    @property
    def name(self) -> str:
        """Its name in the config."""

    def send(self, message: Sendable, previous: Receipt | None = None) -> Receipt:
        """
        Deliver `message` once, and return what a later follow-up needs to know.

        `previous` is the receipt of this deal's last message here, or, when this very
        message was tried before, the receipt that its DeliveryError carried.

        Raises:
            DeliveryError: it was not taken, wholly or in part; says whether to try again.
        """


@dataclass(frozen=True, slots=True, kw_only=True)
class Door:
    """What a channel is handed besides its own config."""

    name: str
    language: str
    timeout: float  # seconds, for one message and all its round trips
    templates: Templates
    dashboard: str | None = None
    guard: Guard | None = None
    clock: Callable[[], float] = time.time  # seconds since 1970

    def now(self) -> datetime:
        """Return the instant of sending."""
        return datetime.fromtimestamp(self.clock(), UTC)

    def say(self, what: Sendable) -> tuple[str, Said]:
        """Put `what` in the reader's words."""
        return say(what, self.language, self.dashboard)

    def check(self, url: str) -> Sequence[str] | None:
        """
        Return where to connect to send to `url`; None: wherever its name leads.

        Raises:
            DeliveryError: it is out of bounds; the channel is held.
        """
        if self.guard is None:
            return None
        try:
            return self.guard(url)
        except RaisewireError as e:
            reason = f"the address is not allowed: {e}"
            raise DeliveryError(self.name, reason, retry=False, scope=Scope.CHANNEL) from None


def channel(
    name: str,
    cfg: models.Channel,
    *,
    guard: Guard | None = None,
    dashboard: str | None = None,
    clock: Callable[[], float] = time.time,
) -> Channel:
    """Return the channel that the config describes."""
    from crawler.alert.apprise import AppriseChannel
    from crawler.alert.command import CommandChannel
    from crawler.alert.email import EmailChannel
    from crawler.alert.slack import SlackBot, SlackWebhook
    from crawler.alert.webhook import WebhookChannel

    door = Door(
        name=name,
        language=cfg.language,
        timeout=cfg.timeout.total_seconds(),
        templates=Templates(name, cfg.templates),
        dashboard=dashboard,
        guard=guard,
        clock=clock,
    )
    match cfg:
        case models.SlackChannel(webhook_url=None):
            return SlackBot(door, cfg)
        case models.SlackChannel():
            return SlackWebhook(door, cfg)
        case models.EmailChannel():
            return EmailChannel(door, cfg)
        case models.WebhookChannel():
            return WebhookChannel(door, cfg)
        case models.CommandChannel():
            return CommandChannel(door, cfg)
        case models.AppriseChannel():
            return AppriseChannel(door, cfg)
