"""Whose deal is it? Names weighed by where they stand and what they do."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

from crawler.classify.names import Mention, Name
from crawler.classify.reading import Line, Reading
from crawler.classify.roles import Part


@dataclass(frozen=True)
class Cast:
    """Every name of an article with what is known of it."""

    names: Sequence[Name]
    parts: Sequence[Part]
    people: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()  # and agencies, exchanges, outlets
    banks: frozenset[str] = frozenset()
    funds: frozenset[str] = frozenset()
    roles: dict[str, set[str]] = field(default_factory=dict)  # name -> roles it plays surely

    def owner(self, mention: Mention) -> Name | None:
        """Return the name a mention belongs to."""
        return self._owners.get(id(mention))

    def parts_at(self, mention: Mention) -> list[Part]:
        """Return the parts that a mention plays."""
        return self._played.get(id(mention), [])

    @cached_property
    def _played(self) -> dict[int, list[Part]]:
        played: dict[int, list[Part]] = {}
        for part in self.parts:
            played.setdefault(id(part.mention), []).append(part)
        return played

    @cached_property
    def _owners(self) -> dict[int, Name]:
        return {id(m): n for n in self.names for m in n.mentions}


def cast(reading: Reading, names: Sequence[Name], parts: Sequence[Part]) -> Cast:
    """Return the names with what the lexicon knows of them."""
    people, places, banks, funds = set(), set(), set(), set()
    for name in names:
        for mention in name.mentions:
            line = reading.lines[mention.line]
            inside = [c for c in line.cues if mention.start <= c.start and c.end <= mention.end]
            if any(c.kind in {"place", "agency"} and c.text == name.text for c in inside) or any(
                c.start == mention.start and mention.end < c.end for c in line.of("agency")
            ):  # the second: Moody of "Moody's"
                places.add(name.text)
            if mention is name.mentions[0] and mention.end <= _dateline(line):
                places.add(name.text)
            if any(
                c.kind == "bank" and c.end - c.start >= (mention.end - mention.start) - 6
                for c in inside
            ):
                banks.add(name.text)
            if any(c.kind == "investor_name" for c in inside):
                funds.add(name.text)
            if _is_person(mention, line, reading):
                people.add(name.text)
    roles: dict[str, set[str]] = {}
    owners = {id(m): n.text for n in names for m in n.mentions}
    for part in parts:
        if part.sure and id(part.mention) in owners:
            roles.setdefault(owners[id(part.mention)], set()).add(part.role)
    return Cast(
        names,
        parts,
        frozenset(people),
        frozenset(places),
        frozenset(banks),
        frozenset(funds),
        roles,
    )


_DATELINE = re.compile(
    r"[A-ZÀ-Þ][A-ZÀ-Þ .'’-]{2,30}(?:, [A-ZÀ-Þ][\w. ]{1,20})?\s?(?:\([^)\n]{2,30}\)\s?)?"
    r"[-–—]{1,2}\s?(?:\([^)\n]{2,30}\)\s?[-–—]{1,2})?"
)


def _dateline(line: Line) -> int:
    """Return where the place and the wire end that open a report: "BOISE, Idaho--(Wire)--"."""
    found = None if line.sentence.title else _DATELINE.match(line.sentence.text)
    return line.sentence.start + found.end() if found else -1


def _is_person(mention: Mention, line: Line, reading: Reading) -> bool:
    """Tell whether a title stands beside a name: "chief executive Dana Whitlock"."""
    if not 1 <= mention.text.count(" ") <= 3:
        return False
    house = any(
        mention.start <= c.start and c.end <= mention.end for c in line.of("investor_name", "bank")
    )
    for cue in line.of("person"):
        spoken = cue.text.lower() in _SAID
        if spoken and house:
            continue  # "Alder Capital wrote the biggest cheque"
        if cue.text.lower() in _FOUNDED and 0 <= mention.start - cue.end < 60:
            return "," not in reading.text[cue.end : mention.start]
        if cue.end <= mention.start and mention.start - cue.end <= 2 and not spoken:
            return True
        gap = reading.text[mention.end : cue.start]
        if (
            mention.end <= cue.start
            and len(gap) <= 12
            and not (spoken or house)  # "from Alder Capital, its chief executive said"
            and "," in gap
            and "\n" not in gap
        ):
            return True
        if mention.end <= cue.start and len(gap) <= 1 and spoken and mention.text.count(" ") == 1:
            return True
    return False


_FOUNDED = frozenset(
    ("founded by", "set up by", "started by", "founders", "co-founders", "fondata da", "fondato da")
)
_SAID = frozenset(
    {
        "said",
        "says",
        "told",
        "added",
        "wrote",
        "according to",
        "founded by",
        "set up by",
        "started by",
    }
)
