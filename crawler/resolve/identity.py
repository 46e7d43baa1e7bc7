"""
Do two reports speak of one company? Names, what articles pair in brackets, and likeness.

The answer is one for all reports that bear linked names, so it does not depend on which of
them came first.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from crawler.resolve.entities import ALIKE, NEAR, OTHER, SAME, Names
from crawler.resolve.facts import Facts
from crawler.resolve.names import mixed, normalise, script, vehicles, within
from crawler.resolve.sounds import sounds_like
from crawler.types import DealType

LINKED = 0.9  # one name by an in-article pair
WITHIN = 0.55  # one name holds the other
SOUNDS = 0.5  # names in two scripts that sound alike
VEHICLE = 0.4  # one family name, and one of them issues bonds
ACROSS = 0.3  # names in two scripts that nothing links
MENTIONED = 0.2  # another name, but the headline or the proof names the company

__all__ = [
    "ACROSS", "ALIKE", "LINKED", "MENTIONED", "NEAR", "OTHER", "SAME", "SOUNDS", "VEHICLE",
    "WITHIN", "Identity", "mentions", "roots",
]  # fmt: skip


def roots(found: Iterable[Facts]) -> dict[str, str]:
    """
    Return a root for every name key: names that one article pairs have the same.

    Two companies of the table stay two, whatever an article puts in brackets; a name that
    mixes alphabets is paired with nothing.
    """
    parent: dict[str, str] = {}

    def root(key: str) -> str:
        parent.setdefault(key, key)
        while parent[key] != key:
            key = parent[key]
        return key

    for fact in found:
        for name in sorted(fact.names) if not mixed(fact.event.company) else (fact.company,):
            one, other = sorted((root(fact.company), root(name)), key=_known_first)
            if one != other and not other.startswith("@"):
                parent[other] = one
    return {key: root(key) for key in parent}


def _known_first(key: str) -> tuple[bool, str]:
    return not key.startswith("@"), key


class Identity:
    """Who is who among some reports."""

    def __init__(self, found: Iterable[Facts], names: Names) -> None:
        facts = list(found)
        self.names, self._root = names, roots(facts)
        self._printed: dict[str, dict[str, None]] = {}
        self._known: dict[tuple[str, str], float] = {}
        for fact in facts:
            printed = self._printed.setdefault(self._root[fact.company], {})
            aliases = () if mixed(fact.event.company) else fact.event.aliases
            printed.update(dict.fromkeys((fact.event.company, *aliases)))

    def root(self, company: str) -> str:
        """Return what all linked names of a company share."""
        return self._root.get(company, company)

    def likeness(self, one: Facts, other: Facts) -> float:
        """Return how sure it is that two reports speak of one company, from LINKED to OTHER."""
        pair = self.root(one.company), self.root(other.company)
        if pair[0] == pair[1]:
            return LINKED
        if pair not in self._known:
            found = self._likeness(*pair, bond=one.event.type is DealType.BOND)
            self._known[pair] = self._known[pair[::-1]] = found
        return self._known[pair]

    def _likeness(self, one: str, other: str, *, bond: bool) -> float:
        if one.startswith("@") and other.startswith("@"):
            return OTHER
        some, others = self._printed.get(one, {}), self._printed.get(other, {})
        pairs = [(a, b) for a in some for b in others]
        best = max((self._alike(a, b, bond=bond) for a, b in pairs), default=OTHER)
        if best == SOUNDS and any(_contradict(a, b) for a, b in pairs):
            return OTHER
        if best == OTHER and some and others and not _scripts(some) & _scripts(others):
            return ACROSS
        return best

    def _alike(self, one: str, other: str, *, bond: bool) -> float:
        if mixed(one) or mixed(other):
            return OTHER
        return self.names.alike(one, other) or _resemblance(one, other, bond=bond)


def _contradict(one: str, other: str) -> bool:
    """Tell whether two names in one script differ: Lumen is not Lumina, however it sounds."""
    a, b = normalise(one), normalise(other)
    return script(one) == script(other) and a not in b and b not in a


def mentions(fact: Facts, names: Iterable[str]) -> bool:
    """
    Tell whether a report's headline or proof names one of `names`, not as who pays or sells.

    A headline that begins "New Series B of Acme" may be read as a company's name.
    """
    event = fact.event
    payers = {name.casefold() for name in (*event.lead_investors, *event.investors)}
    text = f"{fact.report.title}\n{event.evidence}".casefold()
    folded = (name.casefold() for name in names if len(name) >= _LONG and not mixed(name))
    return any(name not in payers and _named(name, text) for name in folded)


_LONG = 4  # letters of a name that can be looked for in a text


@lru_cache(maxsize=16384)
def _named(name: str, text: str) -> bool:
    border = r"(?<![^\W_])" if name[0].isascii() else ""
    end = r"(?![^\W_])" if name[-1].isascii() else ""
    return re.search(f"{border}{re.escape(name)}{end}", text) is not None


def _resemblance(one: str, other: str, *, bond: bool) -> float:
    if within(one, other):
        return WITHIN
    if sounds_like(one, other):
        return SOUNDS
    return VEHICLE if bond and vehicles(one, other) else OTHER


def _scripts(printed: Iterable[str]) -> set[str]:
    return {script(name) for name in printed}
