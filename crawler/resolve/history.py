"""
The life of a deal as revisions, told in the order of publication.

The history is a function of the set of reports: an article that arrives late takes its
place in time, with the instant at which we knew it. `as_of` forgets what came later.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from crawler.resolve.entities import Names
from crawler.resolve.facts import Facts, comparable, told_in_order
from crawler.resolve.fx import Fx
from crawler.resolve.slots import Choice, Sheet, quote
from crawler.types import DealType, Event, Qualifier, Revision, Role, Status
from crawler.wire import plain

TRACKED = (
    "company", "status", "amount", "amount_max", "qualifier", "currency", "round",
    "lead_investors", "investors", "valuation", "valuation_currency", "bond_types", "tranches",
    "bookrunners", "use_of_proceeds",
)  # fmt: skip
Changed = dict[str, tuple[str, str]]
_FOLDED = {
    DealType.FUNDING: {Status.ANNOUNCED, Status.COMPLETED},
    DealType.BOND: {Status.PRICED, Status.COMPLETED},
}


def text(value: Any) -> str:  # noqa: ANN401 - any slot
    """Return a slot's value as JSON text."""
    return json.dumps(plain(value), ensure_ascii=False)


def changes(before: Event | None, after: Event) -> Changed:
    """Return the slots that differ, each as (before, after) in JSON text."""
    found: Changed = {}
    for slot in TRACKED:
        old = getattr(before, slot) if before else None
        new = getattr(after, slot)
        if old != new and (before or new):
            found[slot] = (text(old), text(new))
    return found


def material(before: Event | None, after: Event, names: Names, fx: Fx, day: Any) -> frozenset[str]:  # noqa: ANN401
    """Return which of amount, status and lead changed in a way worth telling."""
    if before is None:
        return frozenset({"status"})
    found = set()
    if before.status != after.status and not _folded(before, after):
        found.add("status")
    if _other_money(before, after, fx, day):
        found.add("amount")
    if _other_lead(before, after, names):
        found.add("lead_investors")
    return frozenset(found)


def _folded(before: Event, after: Event) -> bool:
    """Announced and completed differ by wording in a funding; priced and completed in a bond."""
    return {before.status, after.status} <= _FOLDED.get(after.type, set())


def _other_money(before: Event, after: Event, fx: Fx, day: Any) -> bool:  # noqa: ANN401
    if after.amount is None or (before.amount, before.currency) == (after.amount, after.currency):
        return False
    if before.amount is None:
        return True
    old, new = _dollars(before, fx, day), _dollars(after, fx, day)
    if before.currency == after.currency:
        old, new = float(before.amount), float(after.amount)
    if not old or not new:
        return True
    loose = (
        Qualifier.EXACT in {before.qualifier, after.qualifier}
        and before.qualifier != after.qualifier
    )
    return abs(new / old - 1) > (0.35 if loose else 0.05)


def _dollars(event: Event, fx: Fx, day: Any) -> float | None:  # noqa: ANN401
    if event.amount is None or event.currency is None:
        return None
    usd = event.amount_usd or fx.usd(event.amount, event.currency, day)
    return float(usd) if usd else None


def _other_lead(before: Event, after: Event, names: Names) -> bool:
    old = frozenset(names.key(name) for name in before.lead_investors)
    new = frozenset(names.key(name) for name in after.lead_investors)
    return bool(new) and not old & new and (not old or comparable(old, new))


def history(found: Sequence[Facts], names: Names, fx: Fx) -> tuple[tuple[Revision, ...], Choice]:
    """Return the revisions of a deal, oldest first, and the choice they end in."""
    sheet, revisions = Sheet(names, fx), list[Revision]()
    choice: Choice | None = None
    for fact in told_in_order(found):
        sheet.add(fact)
        if choice is None and fact.role is not Role.REPORT:
            continue  # a denial printed before the rumour it denies
        after = sheet.choice()
        before = choice.event if choice else None
        changed = changes(before, after.event)
        if changed:
            weight = material(before, after.event, names, fx, fact.report.published)
            revisions.append(_revision(len(revisions) + 1, fact, changed, bool(weight)))
        choice = after
    assert choice is not None
    return tuple(revisions), choice


def _revision(
    number: int, fact: Facts, changed: Mapping[str, tuple[str, str]], material: bool
) -> Revision:
    reason = "denied" if fact.role is Role.DENIAL else ", ".join(sorted(fact.cues & _TOLD))
    slot = "status" if "status" in changed else next(iter(changed))
    return Revision(
        number=number,
        at=fact.report.published,
        known_at=fact.report.seen_at,
        changed=changed,
        material=material,
        url=fact.report.url,
        quote=quote(fact, slot),
        reason=reason,
    )


_TOLD = frozenset({"extension", "tap", "upsized", "correction", "relaunch"})
