"""The slots of an event: amount, round, valuation, investors, purpose."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal

from crawler.classify.binding import Fate
from crawler.classify.candidates import Candidate
from crawler.classify.company import Cast
from crawler.classify.money import Money
from crawler.classify.names import Name
from crawler.classify.reading import Line, Reading
from crawler.types import Qualifier, Round, UsdBasis

_OF_PLACE = re.compile(r" (?:of|in) ")


def usd(one: Money | None) -> tuple[Decimal | None, UsdBasis]:
    """Return the dollars an article prints for a sum."""
    if one is None:
        return None, UsdBasis.NONE
    if one.currency == "USD":
        return one.value, UsdBasis.PRINTED
    if one.other is not None and one.other.currency == "USD":
        return one.other.value, UsdBasis.PRINTED
    return None, UsdBasis.NONE


def qualified(one: Candidate, fates: Sequence[Fate], scope: Sequence[Line]) -> Candidate:
    """Return the candidate with the "about" of the text under a title that drops it."""
    if one.fate is None or one.fate.sum.qualifier is not Qualifier.EXACT:
        return one
    own = one.fate.sum
    lines = {line.sentence.index for line in scope}
    said = (
        f.sum.qualifier
        for f in fates
        if f.line.sentence.index in lines
        and (f.sum.value, f.sum.currency) == (own.value, own.currency)
        and not f.prior
        and not f.reason
    )
    better = next((q for q in said if q is not Qualifier.EXACT), Qualifier.EXACT)
    return replace(one, fate=replace(one.fate, sum=replace(own, qualifier=better)))


def _round_pull(line: Line, start: int, place: int, own: Line) -> float:
    distance = abs(start - place) / 200
    if line is own:
        return 2.0 - distance
    title = 0.8 if line.sentence.title else 0.0
    gap = abs(line.sentence.index - own.sentence.index)
    return 1.0 + title - 0.2 * gap


def round_of(one: Candidate, scope: Sequence[Line], reading: Reading) -> Round:
    """Return the round a candidate belongs to; rounds told as history do not count."""
    found = []
    for line in scope:
        for cue in line.of("round"):
            if _is_history(cue.start, cue.end, line, reading):
                continue
            value = _round_pull(line, cue.start, one.start, one.line)
            value -= 0.5 * (
                cue.means in {Round.STRATEGIC, Round.GROWTH, Round.SEED, Round.SECONDARY}
            )
            found.append((value, cue.means))
    return Round(max(found)[1]) if found else Round.UNSPECIFIED


def _is_history(start: int, end: int, line: Line, reading: Reading) -> bool:
    for cue in line.of("prior"):
        left, right = (cue.end, start) if cue.end <= start else (end, cue.start)
        if right < left or (right - left < 60 and not line.walls(left, right)):
            between = reading.text[left:right]
            if "," not in between and "，" not in between:
                return True
    return False


def valuation_of(
    fates: Iterable[Fate], scope: Sequence[Line]
) -> tuple[Money | None, str | None, Line | None]:
    """Return the valuation of the round with its basis, and the line that says so."""
    lines = {line.sentence.index for line in scope}
    best: tuple[float, Fate] | None = None
    for fate in fates:
        if fate.kind != "valuation" or fate.prior or fate.line.sentence.index not in lines:
            continue
        if fate.pull < 0.2:
            continue
        if best is None or fate.pull > best[0] + 0.4:
            best = (fate.pull, fate)
    if best is None:
        return None, None, None
    fate = best[1]
    bases = [c.means for c in fate.line.of("valuation") if c.means in {"pre", "post"}]
    return fate.sum, bases[0] if bases else "unspecified", fate.line


def _is_about(line: Line, own: Line) -> bool:
    """Tell whether a line speaks of a round: only there is "from" a word for a backer."""
    sizes = {m.value for m in own.sums}
    again = any(m.value in sizes for m in line.sums)
    return line is own or again or line.has("lead", "round", "funding")


def of_now(scope: Sequence[Line], own: Line, fates: Sequence[Fate]) -> list[Line]:
    """Return the lines that do not tell of an earlier round only: all their money is history."""
    past = set()
    for line in scope:
        sums = [f for f in fates if f.line is line]
        if not sums or line is own or line.sentence.title or not all(f.prior for f in sums):
            continue
        told = [f.sum.start for f in sums] + [c.start for c in line.of("lead", "investor")]
        if min(c.start for c in line.of("prior")) < min(told):
            past.add(line.sentence.index)
    return [line for line in scope if line.sentence.index not in past]


def tidy(name: str, places: Iterable[str]) -> str:
    """Return an investor's name without the place it is from."""
    head, sep, tail = name.rpartition(" of ")
    if sep and tail in places and head.count(" ") >= 1 and not head.endswith("Bank"):
        return head
    return name


def investors(
    company: Name | None,
    scope: Sequence[Line],
    own: Line,
    cast: Cast,
    reading: Reading,
) -> tuple[list[str], list[str]]:
    """Return (leads, other investors) named in the lines of an event."""
    lines = {line.sentence.index for line in scope}
    roles: dict[str, str] = {}
    spelled: dict[str, str] = {}
    for part in cast.parts:
        owner = cast.owner(part.mention)
        if part.mention.line not in lines or owner is None or owner is company:
            continue
        if part.role == "bookrunner" or owner.text in cast.places:
            continue
        if owner.text in cast.people and not part.angel:
            continue
        line = reading.lines[part.mention.line]
        if part.cue.means in {"weak", "near"} and not _is_about(line, own):
            continue
        if _is_history(part.cue.start, part.cue.end, line, reading) or line.has("teaser"):
            continue
        if roles.get(owner.text) != "lead":
            roles[owner.text] = part.role
        spelled.setdefault(owner.text, owner.text)
    places = {c.text for line in reading.lines for c in line.of("place")}
    leads = [tidy(spelled[n], places) for n, role in roles.items() if role == "lead"]
    rest = [tidy(spelled[n], places) for n, role in roles.items() if role != "lead"]
    return leads, rest


def purpose(scope: Sequence[Line], reading: Reading) -> str | None:
    """Return what the money is for, as printed."""
    for line in scope:
        for cue in line.of("use"):
            text = reading.text[cue.end : line.sentence.end].strip(" ,:：，。.;")
            text = re.split(r"[,;，；] (?:he|she|it|the company|according|said|which)\b", text)[0]
            if len(text) > 3:
                return text[:240]
    return None


def aliases(company: Name) -> tuple[str, ...]:
    """Return the other spellings of a company."""
    return tuple(sorted(company.spellings - {company.text}, key=lambda s: (-len(s), s)))
