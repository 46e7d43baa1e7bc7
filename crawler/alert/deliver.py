"""What the outbox is to write down after a try: pure, so that the loop around it is short."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from crawler.alert.retry import MAX_AGE, Dead, Hold, Retry, verdict
from crawler.errors import DeliveryError

Outcome = Literal["ok", "transient", "unknown", "throttled", "permanent", "expired", "held"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settled:
    """
    How one try ended.

    `next_at` is set when the same message is tried again. `pause` is set when the whole
    channel keeps still until then; with outcome `held` somebody must mend the channel, and
    `pause` is when one message may be tried to see whether that was done.
    """

    outcome: Outcome
    message: str = ""
    code: int | None = None
    next_at: datetime | None = None
    pause: datetime | None = None
    receipt: dict[str, Any] | None = None


def delivered(receipt: dict[str, Any]) -> Settled:
    """Settle a message that was taken; the message names recipients who can never have it."""
    said = receipt.get("recipients", {})
    dead = [f"{to}: {word}" for to, word in said.items() if word != "ok"]
    return Settled(outcome="ok", message="; ".join(dead)[:300], receipt=receipt)


def failed(  # noqa: PLR0913 - all a decision needs comes in by the door
    error: DeliveryError,
    *,
    attempts: int,
    age: timedelta,
    now: datetime,
    rng: random.Random,
    mail: bool = False,
) -> Settled:
    """
    Settle a message that was not taken after `attempts` earlier tries.

    A retry is never put off beyond the age at which the message would be given up.
    """
    end = now - age + MAX_AGE
    found = verdict(error, attempts=attempts + 1, age=age, now=now, rng=rng, mail=mail)
    match found:
        case Dead():
            outcome: Outcome = "expired" if age >= MAX_AGE else "permanent"
            return _settled(error, outcome, found.reason)
        case Hold():
            return _settled(error, "held", found.reason, pause=found.probe_at)
        case Retry():
            again: Outcome = "unknown" if error.unknown else "transient"
            at = max(min(found.at, end), now)
            return _settled(
                error,
                again if found.counts else "throttled",
                found.reason,
                next_at=at,
                pause=found.at if found.pause else None,
            )


def _settled(
    error: DeliveryError,
    outcome: Outcome,
    message: str,
    *,
    next_at: datetime | None = None,
    pause: datetime | None = None,
) -> Settled:
    return Settled(
        outcome=outcome,
        message=message,
        code=error.code,
        next_at=next_at,
        pause=pause,
        receipt=error.receipt,
    )
