"""
After a failure: again, when; or never, or not before somebody has mended the channel.

The budget is age, not a count of tries: a channel that is down for a day loses nothing.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from crawler.errors import DeliveryError, Scope

MAX_AGE = timedelta(days=5)
BASE, CEILING = timedelta(seconds=5), timedelta(minutes=15)
SMTP_STEPS = tuple(timedelta(minutes=m) for m in (5, 15, 30, 60))
PROBE = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Retry:
    """
    Try this message again at `at`.

    `pause` is set when the whole channel was told to wait until then; `counts` is False
    when the try must not lengthen the next back-off (429).
    """

    at: datetime
    reason: str
    pause: bool = False
    counts: bool = True


@dataclass(frozen=True, slots=True)
class Dead:
    """Give this message up, and say so."""

    reason: str


@dataclass(frozen=True, slots=True)
class Hold:
    """
    Keep the whole queue: every message would fail alike until somebody mends the channel.

    At `probe_at` one message may be tried, so that a mended channel resumes by itself.
    """

    reason: str
    probe_at: datetime


Verdict = Retry | Dead | Hold


def verdict(  # noqa: PLR0913 - all a decision needs comes in by the door
    error: DeliveryError,
    *,
    attempts: int,
    age: timedelta,
    now: datetime,
    rng: random.Random,
    mail: bool = False,
) -> Verdict:
    """Decide what becomes of a message after its `attempts`-th failed try (1 is the first)."""
    reason = str(error)
    if not error.retry and error.scope is Scope.MESSAGE:
        return Dead(reason)
    if age >= MAX_AGE:
        return Dead(f"not delivered in {MAX_AGE.days} days; last: {reason}")
    if not error.retry:
        return Hold(reason, now + PROBE)
    if error.code == 429:
        return Retry(now + _asked(error), reason, pause=True, counts=False)
    slow = mail and error.retry_after is not None  # the server spoke: no greylist likes haste
    wait = smtp_backoff(attempts, rng) if slow else backoff(attempts, rng)
    at = now + max(wait, error.retry_after or timedelta())
    return Retry(at, reason, pause=error.scope is Scope.CHANNEL)


def _asked(error: DeliveryError) -> timedelta:
    return max(error.retry_after or timedelta(seconds=30), timedelta(seconds=1))


def backoff(attempts: int, rng: random.Random) -> timedelta:
    """
    Return a wait with full jitter: anything from zero to 5 s doubled with each try, 15 min
    at most. A thousand messages that failed together do not come back together.
    """
    ceiling = min(CEILING, BASE * 2 ** min(max(attempts - 1, 0), 16))
    return timedelta(seconds=ceiling.total_seconds() * rng.random())


def smtp_backoff(attempts: int, rng: random.Random) -> timedelta:
    """Return 5, 15, 30, then 60 minutes, and up to a tenth more: greylists refuse the early."""
    step = SMTP_STEPS[min(max(attempts - 1, 0), len(SMTP_STEPS) - 1)]
    return step * (1 + rng.random() / 10)


@dataclass(frozen=True, slots=True)
class Bucket:
    """
    A token bucket: `rate` tokens a second come in, at most `size` are kept.

    `take` returns the bucket as it is afterwards; nothing is changed in place.
    """

    rate: float
    size: float
    tokens: float
    at: datetime

    @classmethod
    def full(cls, rate: float, size: float, now: datetime) -> Bucket:
        """Return a bucket with all its tokens."""
        return cls(rate, size, size, now)

    def wait(self, now: datetime) -> timedelta:
        """Return how long until there is a token; zero if there is one."""
        missing = 1 - self._filled(now)
        return timedelta(seconds=max(missing, 0) / self.rate)

    def take(self, now: datetime) -> Bucket:
        """Return the bucket with one token fewer; call it once `wait` is zero."""
        return replace(self, tokens=self._filled(now) - 1, at=max(now, self.at))

    def _filled(self, now: datetime) -> float:
        # A clock that was set back must not drain the bucket.
        since = max((now - self.at).total_seconds(), 0)
        return min(self.size, self.tokens + since * self.rate)


def bucket(kind: str, per_minute: float | None, now: datetime) -> Bucket:
    """Return a channel's bucket: Slack 1 a second and 3 at once, e-mail 20 a minute."""
    rate = (per_minute or {"email": 20.0}.get(kind, 60.0)) / 60
    return Bucket.full(rate, 3.0, now)
