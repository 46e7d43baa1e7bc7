"""A deal's sheet, decided: each figure with its proof, what changed when, and why its status."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from crawler.types import Deal, Event, Report, Revision, Role, Round, Status
from crawler.web.pen import Reader, label

STATUS_MEANS = {
    Status.RUMOURED: "Somebody speaks of it, and nobody who would know has said so.",
    Status.PLANNED: "Those who would know intend it; nothing is signed or sold yet.",
    Status.ANNOUNCED: "The company, an investor or a filing says that it is agreed.",
    Status.PRICED: "The bond's terms are fixed.",
    Status.COMPLETED: "The money has moved.",
    Status.WITHDRAWN: "It was called off, or denied by those who would know.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One figure: what it is called, what it says, the sentence that proves it, and where."""

    slot: str
    label: str
    value: str
    quote: str
    report: Report | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One revision: when, what it changed, and the sentence that did."""

    number: int
    at: datetime
    known_at: datetime
    changes: tuple[tuple[str, str, str], ...]  # label, before, after
    material: bool
    quote: str
    report: Report | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """What one side of a conflict says."""

    value: str
    quote: str
    report: Report | None
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Grounds:
    """Why a deal has its status."""

    means: str
    step: Step | None  # the revision that set it
    words: tuple[str, ...]  # what decided in the articles


def facts(deal: Deal, pen: Reader) -> list[Fact]:
    """Return what is known of a deal, in the order in which a desk asks for it."""
    return [_fact(deal, slot, value) for slot, value in _values(deal.event, pen) if value]


def _values(event: Event, pen: Reader) -> Iterator[tuple[str, str]]:
    usd, basis = pen.usd(event), pen.usd_basis(event)
    leads = set(event.lead_investors)
    yield "amount", pen.amount(event, full=True)
    yield "amount_usd", f"{usd}, {basis}" if usd and basis else usd
    yield "status", event.status.value
    named = event.round and event.round is not Round.UNSPECIFIED
    yield "round", pen.round(event.round) if named and event.round else ""
    yield "bond_types", pen.bond_types(event.bond_types)
    yield "tranches", "; ".join(pen.tranche(t, event.currency) for t in event.tranches[:12])
    yield "lead_investors", ", ".join(event.lead_investors)
    yield "investors", ", ".join(name for name in event.investors if name not in leads)
    yield "bookrunners", ", ".join(event.bookrunners)
    yield "valuation", _valuation(event, pen)
    yield "use_of_proceeds", event.use_of_proceeds or ""
    yield "aliases", ", ".join(event.aliases)


def _valuation(event: Event, pen: Reader) -> str:
    if event.valuation is None:
        return ""
    basis = pen.words["valuation"].get(event.valuation_basis or "unspecified", "")
    figure = pen.sum(event.valuation, event.valuation_currency, full=True)
    return f"{figure}, {basis}" if basis else figure


def _fact(deal: Deal, slot: str, value: str) -> Fact:
    name = "Also known as" if slot == "aliases" else label(slot)
    if slot == "aliases":
        return Fact(slot=slot, label=name, value=value, quote="", report=None)
    quote = deal.event.quotes.get(slot) or deal.event.evidence
    return Fact(slot=slot, label=name, value=value, quote=quote, report=witness(deal, quote))


def witness(deal: Deal, quote: str) -> Report | None:
    """Return the report that a sentence is from, the most trusted if several print it."""
    said = [r for r in deal.reports if quote and _says(r.event, quote)]
    order = list(type(deal.reports[0].source_class)) if deal.reports else []
    return min(said, key=lambda r: (order.index(r.source_class), r.published), default=None)


def _says(event: Event, quote: str) -> bool:
    return quote in {event.evidence, *event.quotes.values()}


def steps(deal: Deal, pen: Reader) -> list[Step]:
    """Return the deal's revisions, oldest first."""
    return [_step(deal, revision, pen) for revision in deal.history]


def _step(deal: Deal, revision: Revision, pen: Reader) -> Step:
    changes = tuple(
        (label(slot), "" if revision.number == 1 else pen.value(slot, old, deal.event),
         pen.value(slot, new, deal.event))
        for slot, (old, new) in revision.changed.items()
    )  # fmt: skip
    return Step(
        number=revision.number,
        at=revision.at,
        known_at=revision.known_at,
        changes=changes,
        material=revision.material,
        quote=revision.quote,
        report=_at(deal, revision.url),
        reason=revision.reason,
    )


def _at(deal: Deal, url: str) -> Report | None:
    return next((report for report in deal.reports if report.url == url), None)


def grounds(deal: Deal, pen: Reader) -> Grounds:
    """Return why the deal has its status: the revision that set it, and what decided."""
    status = deal.event.status
    sets = [one for one in deal.history if "status" in one.changed]
    said = [r.event.why for r in deal.reports if r.event.status is status and r.role is Role.REPORT]
    words = deal.event.why or next(iter(said), ())
    return Grounds(
        means=STATUS_MEANS[status],
        step=_step(deal, sets[-1], pen) if sets else None,
        words=tuple(words),
    )


def sides(deal: Deal, pen: Reader) -> list[tuple[str, list[Side]]]:
    """Return each slot on which outlets disagree with what each of them says."""
    return [
        (label(one.slot), [_side(deal, one.slot, *said, pen) for said in one.values])
        for one in deal.conflicts
    ]


def _side(deal: Deal, slot: str, value: str, quote: str, url: str, pen: Reader) -> Side:  # noqa: PLR0913, PLR0917 - one value of a conflict
    shown = pen.value(slot, value, deal.event)
    report = _at(deal, url)
    chosen = report is not None and getattr(report.event, slot) == getattr(deal.event, slot)
    return Side(value=shown, quote=quote, report=report, chosen=chosen)


def outlets(reports: Sequence[Report]) -> int:
    """Count the outlets behind some reports."""
    return len({report.source for report in reports})
