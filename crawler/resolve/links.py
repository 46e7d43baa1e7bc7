"""How deals of one company hang together: extensions, taps, relaunches, the other currency."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from crawler.resolve.facts import Facts
from crawler.resolve.group import Group
from crawler.types import DealType

_BACK = 400  # days in which an extension finds its first closing


def links(groups: Sequence[Group], ids: Sequence[str]) -> list[Mapping[str, str]]:
    """Return for each group the ids of the deals it hangs on, with how."""
    return [_links(place, groups, ids) for place in range(len(groups))]


def _links(place: int, groups: Sequence[Group], ids: Sequence[str]) -> dict[str, str]:
    group = groups[place]
    found: dict[str, str] = {}
    earlier = [(i, g) for i, g in enumerate(groups) if i != place and _before(g, group)]
    if group.extends and (base := _base(group, earlier)) is not None:
        found[ids[base]] = "tap_of" if _bond(group) else "extension_of"
    if (ended := _ended(group, earlier)) is not None:
        found.setdefault(ids[ended], "relaunch_of")
    for i, other in enumerate(groups):
        if i != place and _other_currency(group, other):
            found.setdefault(ids[i], "other_currency_of")
    return found


def _bond(group: Group) -> bool:
    return group.members[0].event.type is DealType.BOND


def _before(other: Group, group: Group) -> bool:
    return 0 <= group.first - other.first <= _BACK and not group.said["names"].isdisjoint(
        other.said["names"]
    )


def _values(group: Group, slot: str) -> set[object]:
    found: set[object] = set()
    for fact in group.members:
        value = getattr(fact, slot)
        found |= value if isinstance(value, frozenset) else {value} - {None}
    return found


def _base(group: Group, earlier: Sequence[tuple[int, Group]]) -> int | None:
    """Return the latest earlier deal whose round (or maturity) is the same or not said."""
    slot = "years" if _bond(group) else "round"
    mine = _values(group, slot)
    fitting = []
    for place, other in earlier:
        theirs = _values(other, slot)
        if not mine or not theirs or mine & theirs:
            fitting.append((bool(mine & theirs), not other.extends, other.first, -place))
    return -max(fitting)[3] if fitting else None


def _ended(group: Group, earlier: Sequence[tuple[int, Group]]) -> int | None:
    """Return the deal that was called off before this one came."""
    fitting = [
        (other.withdrawn, place)
        for place, other in earlier
        if other.withdrawn is not None and other.withdrawn <= group.first <= other.withdrawn + 180
    ]
    return max(fitting)[1] if fitting else None


def _other_currency(one: Group, other: Group) -> bool:
    """One article told both, of one issuer, on one day, in two currencies."""
    return _bond(one) and any(
        a.reading == b.reading and _currency(a) != _currency(b) and a.names & b.names
        for a in one.members
        for b in other.members
    )


def _currency(fact: Facts) -> str | None:
    return fact.event.currency
