"""Deals and alerts to play with; every argument that a test does not name is harmless."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from crawler.alert.rules import key
from crawler.types import (
    Alert,
    AlertKind,
    BondType,
    Deal,
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

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # a Tuesday
QUOTE = "Zhipu AI ha raccolto oltre 1 miliardo di yuan, pari a 137,22 milioni di dollari."


def event(**slots: Any) -> Event:
    usual: dict[str, Any] = {
        "type": DealType.FUNDING,
        "status": Status.ANNOUNCED,
        "company": "Zhipu AI",
        "aliases": ("智谱AI",),
        "amount": Decimal(1_000_000_000),
        "qualifier": Qualifier.OVER,
        "currency": "CNY",
        "amount_usd": Decimal(137_220_000),
        "amount_usd_basis": UsdBasis.PRINTED,
        "round": Round.STRATEGIC,
        "lead_investors": ("Hangzhou City Investment Group Industrial Fund", "Shangcheng Capital"),
        "evidence": QUOTE,
        "confidence": 0.97,
    }
    return Event(**usual | slots)


def bond(**slots: Any) -> Event:
    usual: dict[str, Any] = {
        "type": DealType.BOND,
        "status": Status.PLANNED,
        "company": "Baidu",
        "aliases": ("百度",),
        "amount": Decimal(10_000_000_000),
        "qualifier": Qualifier.ABOUT,
        "amount_usd": Decimal(1_400_000_000),
        "round": None,
        "lead_investors": (),
        "bond_types": (BondType.OFFSHORE, BondType.SENIOR),
        "tranches": (
            Tranche(
                amount=Decimal(5_000_000_000), currency="CNY", tenor_years=5, maturity="2031",
                coupon_pct=Decimal("2.7"),
            ),
            Tranche(amount=Decimal(5_000_000_000), currency="CNY", tenor_years=10),
        ),
        "bookrunners": ("Goldman Sachs", "CICC"),
        "evidence": "Baidu prevede di collocare obbligazioni offshore per circa 10 miliardi.",
    }  # fmt: skip
    return event(**usual | slots)


def report(told: Event, **slots: Any) -> Report:
    usual: dict[str, Any] = {
        "id": 1,
        "event": told,
        "role": Role.REPORT,
        "url": "https://milano.example/zhipu",
        "title": "Zhipu AI raccoglie un miliardo",
        "source": "Milano Tech",
        "source_class": SourceClass.OUTLET,
        "lang": "it",
        "published": NOON,
        "seen_at": NOON,
        "country": "IT",
    }
    return Report(**usual | slots)


def deal(told: Event | None = None, **slots: Any) -> Deal:
    told = told or event()
    usual: dict[str, Any] = {
        "id": "deal-1",
        "revision": 1,
        "event": told,
        "first_seen": NOON,
        "updated": NOON,
        "reports": (report(told),),
    }
    return Deal(**usual | slots)


def alert(about: Deal | None = None, channel: str = "desk", **slots: Any) -> Alert:
    about = about or deal()
    usual: dict[str, Any] = {
        "key": key(channel, about),
        "kind": AlertKind.NEW,
        "channel": channel,
        "rule": "big",
        "deal": about,
        "created": NOON,
    }
    return Alert(**usual | slots)


def update(of: Alert, **changed: tuple[str, str]) -> Alert:
    later = replace(of.deal, revision=of.deal.revision + 1)
    return alert(later, of.channel, kind=AlertKind.UPDATE, changed=changed)
