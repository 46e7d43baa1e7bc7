"""Stretches of Japanese and Korean text that may be names, and what is never one."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crawler.classify.reading import Line

# Words of these kinds are no part of a name.
NOISE = frozenset(
    [
        "raise",
        "invest",
        "issue",
        "status",
        "use",
        "total",
        "refuse",
        "valuation",
        "round",
        "bond",
        "loan",
        "ipo",
        "fund_close",
        "reporter",
        "not_name",
        "bond_type",
        "acquisition",
        "person",
        "funding",
        "barrier",
        "teaser",
        "genre",
        "descriptor",
        "place",
        "lead",
        "investor",
        "bookrunner",
    ]
)


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text that may be a name, with what is seen beside it."""

    start: int
    end: int
    described: bool = False
    quoted: bool = False
    weak: bool = False  # a modifier: something else is said of what follows it
    sure: bool = False  # a bank, a fund, a legal form: no other evidence is needed


_BRANCH = re.compile("(?:証券|銀行|信託銀行|증권|은행|글로벌마켓증권)?")
_LATIN = re.compile(
    r"[A-Z0-9][A-Za-z0-9.&'+-]*(?: (?:[A-Z][A-Za-z0-9.&'+-]*|&|of|de))+(?![A-Za-z])"
)


def taken(line: Line) -> list[tuple[int, int]]:
    """Return the spans of sums, which are never names."""
    spans = [(one.start, one.end) for one in line.sums]
    return spans + [(one.other.start, one.other.end) for one in line.sums if one.other]


def is_noise(start: int, end: int, line: Line) -> bool:
    """Tell whether words of the lexicon cover (nearly) all of a run."""
    covered = [False] * (end - start)
    for cue in line.cues:
        if cue.start >= end:
            break
        if cue.kind in NOISE and start < cue.end:
            for place in range(max(cue.start, start), min(cue.end, end)):
                covered[place - start] = True
    return sum(covered) >= (end - start) - 1 if end - start > 3 else all(covered)


def joined(name: str, place: int) -> bool:
    """Tell whether a cut would go through a Latin or katakana word."""
    left, right = name[place - 1], name[place]
    return (left.isascii() and right.isascii()) or (is_kana(left) and is_kana(right))


def is_kana(char: str) -> bool:
    """Tell whether a character is katakana."""
    return "ァ" <= char <= "ー"


def banks(line: Line, text: str) -> list[tuple[int, int]]:
    """Return where banks are named; "シティグループ" may go on with "証券"."""
    ends = [(cue.start, _BRANCH.match(text, cue.end)) for cue in line.of("bank")]
    return [(start, more.end()) for start, more in ends if more is not None]


def latin(line: Line) -> list[tuple[int, int]]:
    """Return where names of several Latin words stand: "Harbor Peak Ventures"."""
    base = line.sentence.start
    spans = [
        (base + m.start(), base + m.end())
        for m in _LATIN.finditer(line.sentence.text)
        if sum(map(str.isalpha, m[0])) > 3
    ]
    sums = taken(line)
    return [
        (start, end)
        for start, end in spans
        if not is_noise(start, end, line) and not any(a < end and start < b for a, b in sums)
    ]


def clashes(run: Run, spans: list[tuple[int, int]]) -> bool:
    """Tell whether a run overlaps one of some spans."""
    return any(start < run.end and run.start < end for start, end in spans)
