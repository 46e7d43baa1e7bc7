"""
Each sum of money is given to ONE head of its clause, or to none.

A head pulls with the weight of its kind, less what stands between: distance, words that
open another clause, other sums. "Raised $85 million at a valuation of $620 million" has two
sums and two heads, and each sum goes to the nearer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from crawler.classify.cues import Cue
from crawler.classify.money import Money
from crawler.classify.reading import Line, Reading, commas

DEAL = frozenset({"raise", "invest", "issue", "funding", "round", "bond"})
OTHER = frozenset({"loan", "ipo", "acquisition", "fund_close"})
_VERBS = frozenset({"raise", "invest", "issue"})
_WEIGHT = {
    "raise": 1.5,
    "invest": 1.0,
    "issue": 1.2,
    "funding": 1.0,
    "round": 1.4,
    "bond": 1.4,
    "loan": 1.4,
    "ipo": 1.2,
    "acquisition": 1.1,
    "fund_close": 1.3,
    "valuation": 1.5,
    "refuse": 1.2,
    "total": 1.0,
}

_TOO_FAR = -9.0
# A comma that opens a relative clause parts nothing: "in the 2023 Series B, in which it took $22m".
_RELATIVE = re.compile(
    r", (?=(?:in |of |at |to )?(?:which|when|where|who|that|che|cui|quando|dont|où|dans|bei d|in d"
    r"|que|cuando))"
)


@dataclass(frozen=True, slots=True)
class Fate:
    """What a sum is about: its head (None: nothing said) and how strongly it is held."""

    sum: Money
    line: Line
    head: Cue | None
    pull: float
    runner_up: float = 0.0
    prior: bool = False
    total: bool = False

    @property
    def kind(self) -> str:
        """Kind of the head, or `none`."""
        return self.head.kind if self.head else "none"

    @property
    def reason(self) -> str:
        """Why the sum is no deal money; empty if it may be."""
        if self.head is None:
            return "no head"
        if self.kind == "refuse":
            return self.head.means or "refused"
        if self.kind in {"valuation", "total"}:
            return {"total": "cumulative total"}.get(self.kind, self.kind)
        return ""


def _pull(head: Cue, one: Money, line: Line, reading: Reading) -> float:
    """Return how strongly a head holds a sum."""
    before = head.end <= one.start
    left, right = (head.end, one.start) if before else (one.end, head.start)
    if right < left:  # the head lies within the words of the sum
        return _WEIGHT[head.kind] - 0.5
    unit = 40 if reading.spaced else 14
    if right - left > 6 * unit:
        return _TOO_FAR
    between = reading.text[left:right]
    sums = sum(1 for m in line.sums if left <= m.start and m.end <= right)
    walls = len(line.walls(left, right))
    pull = _WEIGHT[head.kind] - len(between) / unit - 0.9 * walls - 0.8 * sums
    pull -= 0.35 * commas(between)
    if not before and head.kind in _VERBS and reading.spaced:
        pull -= 0.9
    if not before and any(0 <= m.start - head.end <= 4 for m in line.sums):
        pull -= 1.2  # "… at a valuation of $620m": the head has a sum of its own
    if not (before or reading.spaced) and head.kind in {"valuation", "refuse"} and commas(between):
        pull -= 1.0  # "规模或达10亿美元，投前估值约80亿美元": what follows has its own sum
    if not before and head.kind not in _VERBS and len(between) < 0.4 * unit and not walls:
        pull += 0.3
    return pull


def _heads(line: Line) -> Iterable[Cue]:
    return (cue for cue in line.cues if cue.kind in _WEIGHT)


def _in_clause(kind: str, one: Money, line: Line, reading: Reading) -> bool:
    """Tell whether a cue of a kind stands in the clause of a sum, or opens its sentence."""
    for cue in line.of(kind):
        left, right = (cue.end, one.start) if cue.end <= one.start else (one.end, cue.start)
        if right < left:
            return True
        between = reading.text[left:right]
        # "months after": a word that touches the cue belongs to it and opens nothing.
        walls = [w for w in line.walls(left, right) if w.start - cue.end > 2]
        if walls:
            continue
        if cue.start <= line.sentence.start + 3 and commas(between) <= 1:
            return True
        if commas(_RELATIVE.sub(" ", between)) == 0 and len(between) < 90:
            return True
    return False


def bind(line: Line, reading: Reading) -> list[Fate]:
    """Return the fate of every sum of a line."""
    fates = []
    for one in line.sums:
        pulls = sorted(
            ((_pull(h, one, line, reading), h) for h in _heads(line)), key=lambda p: -p[0]
        )
        best, second = (pulls + [(-9.0, None)] * 2)[:2]
        held = best[0] > -2.6
        fates.append(
            Fate(
                one,
                line,
                best[1] if held else None,
                best[0],
                second[0],
                prior=_in_clause("prior", one, line, reading),
                total=_in_clause("total", one, line, reading),
            )
        )
    return fates
