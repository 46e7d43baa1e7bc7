"""
Why a deal was told, or was not: the rules' answers, as they were given.

Kept in brief and only where they differ from the last ones; what was said at the very first
always stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from crawler.store import upkeep

MOST = 12  # a deal that is retold for months has that many turns at most


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """One rule's answer for one channel, when a report came in."""

    at: datetime
    revision: int
    rule: str
    channel: str
    verdict: str
    reason: str


def keep_decisions(conn: Connection, deal_id: str, decisions: Sequence[Decision]) -> bool:
    """Keep what was decided (all at one instant); False where that is the last one over again."""
    if not decisions:
        return False
    turns = _turns(conn, deal_id)
    answers = [[d.rule, d.channel, d.verdict, d.reason] for d in decisions]
    if turns and _bare(turns[-1]["answers"]) == _bare(answers):
        return False
    at = decisions[0].at
    turns.append({"at": at.isoformat(), "revision": decisions[0].revision, "answers": answers})
    upkeep.keep_fact(conn, _key(deal_id), [*turns[:1], *turns[1:][1 - MOST :]], at)
    return True


def decisions(conn: Connection, deal_id: str) -> list[Decision]:
    """Return what was decided of a deal, in order."""
    return [
        Decision(
            at=datetime.fromisoformat(turn["at"]),
            revision=turn["revision"],
            rule=rule,
            channel=channel,
            verdict=verdict,
            reason=reason,
        )
        for turn in _turns(conn, deal_id)
        for rule, channel, verdict, reason in turn["answers"]
    ]


def _key(deal_id: str) -> str:
    return f"routing.{deal_id}"


def _turns(conn: Connection, deal_id: str) -> list[dict[str, Any]]:
    return list(upkeep.fact(conn, _key(deal_id)) or ())


def _bare(answers: Sequence[Sequence[str]]) -> list[tuple[str, ...]]:
    """Leave the reasons out: "the news is 25 h old" is no other answer than 26."""
    return [tuple(answer[:3]) for answer in answers]
