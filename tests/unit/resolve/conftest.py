"""Reports to play with, of which a test names only what it is about."""

from dataclasses import fields
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from crawler.resolve import Fx, Names, resolve
from crawler.types import (
    BondType,
    DealType,
    Event,
    Qualifier,
    Report,
    Role,
    Round,
    SourceClass,
    Status,
    Tranche,
    UsdBasis,
)

START = datetime(2025, 3, 3, 9, tzinfo=UTC)
SLOTS = {field.name for field in fields(Event)}
KINDS = {
    "type": DealType,
    "status": Status,
    "qualifier": Qualifier,
    "round": Round,
    "amount_usd_basis": UsdBasis,
}


def event(**said):
    """Return an event; amounts may be numbers, enums their values."""
    said = {"type": "funding", "status": "completed", "company": "Quillmind"} | said
    for slot, kind in KINDS.items():
        if said.get(slot) is not None:
            said[slot] = kind(said[slot])
    for slot in ("amount", "amount_max", "amount_usd", "valuation"):
        if said.get(slot) is not None:
            said[slot] = Decimal(str(said[slot]))
    if said.get("amount") is not None:
        said = {"currency": "USD", "qualifier": Qualifier.EXACT} | said
    said["bond_types"] = tuple(BondType(kind) for kind in said.get("bond_types", ()))
    said["tranches"] = tuple(Tranche(maturity=year) for year in said.pop("due", ())) or said.get(
        "tranches", ()
    )
    return Event(**said)


@pytest.fixture(scope="session")
def names():
    return Names.load()


@pytest.fixture(scope="session")
def fx():
    return Fx()


@pytest.fixture(scope="session")
def report():
    """Make a report: `report("outlet", day, amount=…, role=…)`."""

    def make(url, day=0, **said):
        about = {slot: said.pop(slot) for slot in tuple(said) if slot in SLOTS or slot == "due"}
        at = START + timedelta(days=day)
        seen = said.pop("seen", day)
        given = {
            "id": 0,
            "role": Role(said.pop("role", "report")),
            "url": f"https://{url}.example/a",
            "title": said.pop("title", f"As {url} tells it"),
            "source": url,
            "source_class": SourceClass(said.pop("source_class", "outlet")),
            "lang": "en",
            "published": at,
            "amid": said.pop("amid", False),
            "seen_at": START + timedelta(days=seen),
        }
        about.setdefault("evidence", f"{url} says so on day {day}.")
        return Report(event=event(**about), **(given | said))

    return make


@pytest.fixture
def tell(names, fx):
    """Resolve reports one after the other; return the deals, oldest first."""

    def run(*reports, constraints=()):
        deals, orphans = {}, []
        for one in reports:
            found = resolve(
                one,
                list(deals.values()),
                names=names,
                fx=fx,
                orphans=orphans,
                constraints=constraints,
            )
            orphans = list(found.orphans)
            deals |= {deal.id: deal for deal in found.deals}
            deals = {ident: deal for ident, deal in deals.items() if not deal.merged_into}
        return sorted(deals.values(), key=lambda deal: (deal.first_seen, deal.id))

    return run
