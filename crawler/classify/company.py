"""Whose deal is it? Names weighed by where they stand and what they do."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from crawler.classify.binding import Fate
from crawler.classify.names import Mention, Name
from crawler.classify.reading import Line, Reading
from crawler.classify.roles import Part


@dataclass(frozen=True)
class Cast:
    """Every name of an article with what is known of it."""

    names: Sequence[Name]
    parts: Sequence[Part]
    people: frozenset[str] = frozenset()
    places: frozenset[str] = frozenset()
    banks: frozenset[str] = frozenset()
    funds: frozenset[str] = frozenset()
    roles: dict[str, set[str]] = field(default_factory=dict)  # name -> roles it plays surely

    def owner(self, mention: Mention) -> Name | None:
        """Return the name a mention belongs to."""
        return self._owners.get(id(mention))

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
            if any(c.kind == "place" and c.text == name.text for c in inside):
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


def _is_person(mention: Mention, line: Line, reading: Reading) -> bool:
    """Tell whether a title stands beside a name: "chief executive Dana Whitlock"."""
    if not 1 <= mention.text.count(" ") <= 3:
        return False
    for cue in line.of("person"):
        spoken = cue.text.lower() in _SAID
        if cue.text.lower() in _FOUNDED and 0 <= mention.start - cue.end < 60:
            return True
        if cue.end <= mention.start and mention.start - cue.end <= 2 and not spoken:
            return True
        gap = reading.text[mention.end : cue.start]
        if (
            mention.end <= cue.start
            and len(gap) <= 12
            and not spoken
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


def salience(name: Name, cast: Cast, reading: Reading) -> float:
    """Return how much an article is about a name, whatever the deal."""
    title_end = len(reading.title)
    score = min(len(name.mentions), 6) * 0.3
    if any(m.start < title_end for m in name.mentions) and name.mentions[-1].start < title_end:
        score += 0.5  # in the title alone: a column's name, a word in a headline
    elif any(m.start < title_end for m in name.mentions):
        score += 2.0 - 0.8 * (min(m.start for m in name.mentions) / max(title_end, 1))
    if any(m.line in {0, 1} for m in name.mentions):
        score += 0.6
    if any(m.line in {1, 2} and m.first for m in name.mentions):
        score += 0.5
    if len(name.mentions) == 1 and name.mentions[0].label and " " not in name.text:
        score -= 2.5
    score += 0.6 * any(m.described for m in name.mentions) + 0.3 * any(
        m.quoted for m in name.mentions
    )
    score -= 0.5 * (sum(m.after_the for m in name.mentions) / len(name.mentions))
    return score + _penalty(name, cast)


def _penalty(name: Name, cast: Cast) -> float:
    score = 0.0
    score -= 4.0 * (name.text in cast.places) + 3.0 * (name.text in cast.people)
    score -= 2.0 * (name.text in cast.banks) + 1.0 * (name.text in cast.funds)
    roles = cast.roles.get(name.text, set())
    score -= (
        1.5 * bool(roles & {"lead"})
        + 1.2 * bool(roles & {"investor"})
        + 1.5 * bool(roles & {"bookrunner"})
    )
    return score


# Words that make the name after them a means, a place or a partner, hardly ever the subject.
_OBLIQUE = frozenset(
    "por con avec chez sur mit bei auf via su with on through com using than contra against gegen at"
    " auprès hacia durante".split()
)


def _is_oblique(mention: Mention, reading: Reading) -> bool:
    before = reading.text[max(0, mention.start - 12) : mention.start].lower().split()
    return bool(before) and before[-1] in _OBLIQUE


def local(
    name: Name, fate: Fate | None, line: Line, head_start: int, cast: Cast, reading: Reading
) -> float:
    """Return how well a name fits as the one whose deal a line tells."""
    invested = fate is not None and fate.kind == "invest"
    best = -0.5 if invested else 0.0
    for mention in name.mentions:
        if mention.line != line.sentence.index:
            continue
        score = 0.8
        if invested and fate is not None and reading.spaced:
            place = max(fate.sum.end, fate.head.end if fate.head else 0)
            if mention.start < head_start:
                score -= 1.3
            elif mention.start >= min(place, head_start):
                score += 1.4 - min(abs(mention.start - place), 160) / 160
        elif mention.end <= head_start:
            gap = reading.text[mention.end : head_start]
            walls = len(line.walls(mention.end, head_start))
            score += 1.4 - min(len(gap) / (160 if reading.spaced else 60), 1) - 0.5 * walls
        elif fate is not None and mention.start >= fate.sum.end:
            score -= 0.2 + (mention.start - fate.sum.end) / 200
        opens = 0.4 + 0.5 * (not line.sentence.title)
        if mention.start > head_start and _FOR.search(reading.text[: mention.start][-40:]):
            score += 0.8  # "a capital increase for Acme"
        score += 0.6 * mention.described + opens * mention.first - 0.4 * mention.after_the
        score -= 0.5 * (_is_oblique(mention, reading) and not invested)
        if any(p.mention is mention and p.sure for p in cast.parts):
            score -= 2.2
        elif any(p.mention is mention for p in cast.parts):
            score -= 1.2
        best = max(best, score)
    return best


def _supported(name: Name) -> bool:
    """Tell whether anything but its place in one sentence speaks for a name."""
    seen = name.mentions
    return len(seen) > 1 or any(m.described or m.first or m.quoted or m.line == 0 for m in seen)


def _subjects(line: Line, place: int, cast: Cast) -> list[Name]:
    """Return the names a sentence opens with, quotes or describes before a place in it."""
    busy = {id(part.mention) for part in cast.parts}
    return [
        n
        for n in cast.names
        if any(
            m.line == line.sentence.index
            and m.end <= place
            and (m.described or m.quoted or (m.first and not line.sentence.title))
            and not m.after_the
            and id(m) not in busy
            for m in n.mentions
        )
    ]


def _topic(line: Line, place: int, cast: Cast) -> Name | None:
    """Return the name the sentences just before speak of, for a sentence without a subject."""
    index = line.sentence.index
    if line.sentence.title or any(
        m.line == index and m.end <= place and (m.described or m.first or m.quoted)
        for n in cast.names
        for m in n.mentions
    ):
        return None
    heard = [
        (m.line, -m.start, n)
        for n in cast.names
        for m in n.mentions
        if index - 3 <= m.line < index
        and (m.described or m.first or m.quoted)
        and not (m.after_the and not m.described)
        and not cast.roles.get(n.text)
        and n.text not in cast.banks | cast.people | cast.places
    ]
    return max(heard, key=lambda h: h[:2])[2] if heard else None


# An item of a list speaks of its own company, whatever the article is about.
_BULLET = re.compile(r"\s*(?:[•·|*▪◦‣–—-]|\d{1,2}[.)] |[→►✅🔹📌🚀])")
_FOR = re.compile(r"(?:\b(?:per|for|pour|para|für|an) (?:[\w’']+ ){0,2}|\b(?:all'|nell'))$")


def _continues(line: Line, head_start: int, reading: Reading) -> bool:
    """Tell whether a sentence opens with its deal, so that its subject stands before it."""
    return not reading.spaced or head_start - line.sentence.start < 12


def choose(
    line: Line,
    fate: Fate | None,
    head_start: int,
    cast: Cast,
    reading: Reading,
    bonus: Collection[str] = (),
) -> tuple[Name | None, float, float]:
    """Return the company of a candidate, its score, and the runner-up's."""
    topic = _topic(line, head_start, cast) if _continues(line, head_start, reading) else None
    weight = 0.25 if _BULLET.match(line.sentence.text) else 0.8
    subjects = [] if reading.spaced else _subjects(line, head_start, cast)
    scored = sorted(
        (
            (
                weight * salience(n, cast, reading)
                + 1.6 * local(n, fate, line, head_start, cast, reading)
                + 0.5 * (n.text in bonus)
                + (1.8 if n is topic else 0.0)
                + (1.2 if n in subjects else 0.0)
                - (0.0 if reading.spaced or _supported(n) else 2.0),
                n,
            )
            for n in cast.names
            if n.text not in cast.places
        ),
        key=lambda pair: -pair[0],
    )
    if not scored:
        return None, 0.0, 0.0
    second = scored[1][0] if len(scored) > 1 else 0.0
    return scored[0][1], scored[0][0], second
