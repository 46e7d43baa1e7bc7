"""What a poll shows that an operator must hear: each once, when it begins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crawler.store import happenings
from crawler.store.sources import CONFIRMED
from crawler.types import Outcome, PollResult, PollState
from crawler.wire import plain

_TROUBLE = frozenset({Outcome.GONE, Outcome.DEAD, Outcome.BLOCKED, Outcome.PAYWALLED})


def note(conn: Connection, result: PollResult, after: PollState, now: datetime) -> None:
    """Write down what changed for a source between `result.poll.state` and `after`."""
    source = result.poll.source.id
    for kind, subject, document in _changes(result.poll.state, result, after):
        happenings.note(conn, kind, now, source_id=source, subject=subject, document=document)


def _changes(
    before: PollState, result: PollResult, after: PollState
) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    if after.gaps > before.gaps:
        since = {"entries": len(result.entries), "since": plain(_last_seen(before, result))}
        yield "gap", f"none of {len(result.entries)} entries was known", since
    if before.moved_count < CONFIRMED <= after.moved_count and after.moved_to:
        yield "moved", after.moved_to, {"from": result.poll.source.url, "to": after.moved_to}
    if after.hash_mode and not before.hash_mode:
        yield "lied", "same validator, other content: bodies are compared from now on", {}
    began = result.outcome is not before.last_outcome
    if began and result.outcome in _TROUBLE:
        yield result.outcome.value, result.message, {"status": result.status}
    if before.last_outcome in _TROUBLE and not after.failures:
        yield "answers again", "", {"after": before.last_outcome.value}


def _last_seen(before: PollState, result: PollResult) -> datetime | None:
    """Return when the content was last seen; a "not modified" since then may have been a lie."""
    checked = before.unconditional_at if not result.conditional else None
    return checked or before.last_success
