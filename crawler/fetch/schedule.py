"""
When to ask a source again: pure decisions from what the last poll brought.

A source is asked at its own pace (`every`), sooner while it publishes faster than that,
later once it has been quiet for a day, and slower with every failure; it is never given up.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from crawler.types import Outcome, PollResult, PollState, Source

FEW_KNOWN, MANY_KNOWN = 0.33, 0.67  # of a poll's entries, the share to aim for
FASTER, SLOWER = 0.6, 1.25
QUIET = timedelta(days=1)
LONGEST = timedelta(hours=12)
SHORTEST = timedelta(minutes=1)
JITTER = 0.1  # at most so much of the interval sooner: sources do not march in step


def next_poll_at(  # noqa: PLR0913 - a decision names all it looks at
    source: Source,
    state: PollState,
    result: PollResult,
    *,
    overlap: float | None,
    now: datetime,
    rng: random.Random,
) -> datetime:
    """
    Return when to ask `source` again.

    `state` is as it was before `result`; `overlap` the share of the result's entries that
    were known before (None where it had none). Never sooner than the source or its server
    asked for; never later than `every` while all is well and news keeps coming.
    """
    if result.outcome.is_good:
        wait = learned_interval(source, state, result, overlap)
    else:
        wait = backed_off(source, state.failures + result.outcome.weight)
    asked = max(filter(None, (*_patience(state, result), result.retry_after)), default=timedelta())
    if result.retry_after:  # after a pause, not all at the same second
        asked *= 1.0 + JITTER * rng.random()
    return now + max(asked, wait * (1.0 - JITTER * rng.random()))


def _patience(state: PollState, result: PollResult) -> tuple[timedelta | None, ...]:
    """Return what the feed asks for; "not modified" means that what it asked for still holds."""
    same = result.outcome is Outcome.UNCHANGED
    return result.min_interval, state.patience if same else None


def learned_interval(
    source: Source, state: PollState, result: PollResult, overlap: float | None
) -> timedelta:
    """Return the pace that brings 33-67 % known entries, within the source's bounds."""
    pace = state.interval or source.every
    if state.polls == 0:
        return _within(source, state, result, source.every)
    if overlap is not None and overlap < FEW_KNOWN and state.overlap is not None:
        pace *= FASTER
    elif overlap is None or overlap > MANY_KNOWN:
        pace *= SLOWER
    return _within(source, state, result, pace)


def _within(source: Source, state: PollState, result: PollResult, pace: timedelta) -> timedelta:
    last_new = state.last_new_entry
    is_quiet = last_new is not None and result.at - last_new >= QUIET
    high = min(4 * source.every, max(source.every, LONGEST)) if is_quiet else source.every
    low = min(source.every, max(source.every / 4, SHORTEST))
    return min(max(pace, low), high)


def backed_off(source: Source, failures: float) -> timedelta:
    """Return the pace after `failures` (weighted): linear, and never off."""
    return min(source.every * (1.0 + failures), max(source.every, LONGEST))
