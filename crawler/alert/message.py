"""
What a desk reads, decided once for all channels: plain strings, on one line each, in order.

Strings are clean of controls (`safe.one_line`) but not escaped: each channel does that for
the place where it shows them.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from crawler.alert.figures import Pen
from crawler.safe import link, one_line
from crawler.types import Alert, AlertKind, Deal, Event, Report, Role, Round

MAX_SOURCES = 8
MAX_EARLIER = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """One article that reports the deal."""

    title: str
    outlet: str
    when: str
    language: str
    url: str  # "" where the address is none a person may click


@dataclass(frozen=True, slots=True, kw_only=True)
class Button:
    """A link to the dashboard, where the act is confirmed."""

    text: str
    url: str
    act: str  # open | mute | wrong


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One deal for one reader."""

    key: str
    kind: AlertKind
    lang: str
    rule: str
    headline: str
    status: str  # the slot's value, for colour
    status_word: str
    company: str
    figure: str  # the amount as said aloud, with its dollars
    what: str
    facts: tuple[tuple[str, str], ...]
    changes: tuple[str, ...]
    quote: str
    quote_from: str
    sources: tuple[Source, ...]
    sources_left: int
    earlier: tuple[str, ...]
    earlier_title: str
    conflict: str
    confidence: str
    buttons: tuple[Button, ...]
    url: str  # the deal's page, or its first article; "" if neither can be clicked
    why: str
    words: Mapping[str, object]


TEST_RULE = "test"  # `alerts test` sends under this name


def message(alert: Alert, lang: str = "en", dashboard: str | None = None) -> Message:
    """Return what `alert` says to a reader of `lang`."""
    pen, event = Pen(lang), alert.deal.event
    head = headline(event, pen)
    if alert.kind is AlertKind.UPDATE:
        head = f"{pen.words['updated']}: {head}"
    sources = _sources(alert.deal, pen)
    names = _clean(event.company, 80) or "?"
    buttons = _buttons(alert.deal, names, pen, dashboard)
    return Message(
        key=alert.key,
        kind=alert.kind,
        lang=lang,
        rule=_clean(alert.rule, 80),
        headline=head,
        status=event.status.value,
        status_word=pen.status(event),
        company=names,
        figure=_figure(event, pen),
        what=pen.what(event),
        facts=tuple(_facts(event, pen)),
        changes=tuple(_changes(alert.changed, event, pen)),
        quote=_clean(event.evidence, 900),
        quote_from=pen.words["quote"].format(pen.language(_witness(alert.deal))),
        sources=sources[:MAX_SOURCES],
        sources_left=max(len(sources) - MAX_SOURCES, 0),
        earlier=tuple(_earlier(deal, pen) for deal in alert.earlier[:MAX_EARLIER]),
        earlier_title=pen.words["earlier"].format(names),
        conflict=_conflict(alert.deal, pen),
        confidence=pen.words["confidence"].format(pen.percent(event.confidence)),
        buttons=buttons,
        url=next(filter(None, [*(b.url for b in buttons), *(s.url for s in sources)]), ""),
        why=_why(alert.rule, pen),
        words=pen.words,
    )


def _why(rule: str, pen: Pen) -> str:
    return str(pen.words["test" if rule == TEST_RULE else "why"]).format(_clean(rule, 80))


def headline(event: Event, pen: Pen) -> str:
    """Return who, how much, dollars, what and status, on one line."""
    return " · ".join(filter(None, (_clean(event.company, 80) or "?", *_told(event, pen))))


def _told(event: Event, pen: Pen) -> tuple[str, str, str]:
    return _figure(event, pen), pen.what(event), pen.status(event)


def _figure(event: Event, pen: Pen) -> str:
    usd = pen.usd(event)
    return pen.amount(event) + (f" ({usd})" if usd else "")


def _clean(text: str, limit: int = 300) -> str:
    return one_line(text, limit)


def _cleaned(names: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(_clean(name, 80) for name in names)


def _facts(event: Event, pen: Pen) -> list[tuple[str, str]]:
    """Return label and value of each slot that has one, in the order a desk asks for them."""
    rows = {
        "amount": pen.amount(event, full=True),
        "amount_usd": _dollars(event, pen),
        "status": pen.status(event),
        "round": _round(event, pen),
        "bond_types": pen.bond_types(event.bond_types),
        "tranches": "; ".join(pen.tranche(t, event.currency) for t in event.tranches[:6]),
        "lead_investors": pen.names(_cleaned(event.lead_investors)),
        "investors": pen.names(_others(event)),
        "bookrunners": pen.names(_cleaned(event.bookrunners)),
        "valuation": _valuation(event, pen),
        "use_of_proceeds": _clean(event.use_of_proceeds or "", 300),
    }
    return [(pen.label(slot), value) for slot, value in rows.items() if value]


def _round(event: Event, pen: Pen) -> str:
    if event.round is None or event.round is Round.UNSPECIFIED:
        return ""
    return pen.round(event.round)


def _others(event: Event) -> tuple[str, ...]:
    leads = set(event.lead_investors)
    return _cleaned(tuple(name for name in event.investors if name not in leads))


def _dollars(event: Event, pen: Pen) -> str:
    usd, basis = pen.usd(event), pen.usd_basis(event)
    return f"{usd} ({basis})" if usd and basis else usd


def _valuation(event: Event, pen: Pen) -> str:
    if event.valuation is None:
        return ""
    basis = pen.words["valuation"].get(event.valuation_basis or "unspecified", "")
    figure = pen.sum(event.valuation, event.valuation_currency)
    return f"{figure} ({basis})" if basis else figure


def _changes(changed: Mapping[str, tuple[str, str]], event: Event, pen: Pen) -> list[str]:
    return [
        pen.words["was"].format(
            pen.label(slot), _value(slot, after, event, pen), _value(slot, before, event, pen)
        )
        for slot, (before, after) in changed.items()
    ]


def _value(slot: str, text: str, event: Event, pen: Pen) -> str:
    """Return a revision's JSON text as a reader would write it."""
    try:
        value = json.loads(text)
    except ValueError:
        value = text
    if value in (None, "", []):
        return str(pen.words["nothing"])
    if slot in {"status", "type", "qualifier"}:
        return str(pen.words[slot].get(str(value), value)).replace("{0}", "").strip()
    if slot in {"amount", "amount_max", "amount_usd", "valuation"}:
        return _money(slot, value, event, pen)
    return pen.names(_cleaned(tuple(map(str, value if isinstance(value, list) else [value]))))


def _money(slot: str, value: object, event: Event, pen: Pen) -> str:
    currency = {"amount_usd": "USD", "valuation": event.valuation_currency}.get(
        slot, event.currency
    )
    try:
        return pen.sum(Decimal(str(value)), currency)
    except InvalidOperation:
        return _clean(str(value), 80)


def _reports(deal: Deal) -> list[Report]:
    """Return the reports that tell of the deal, newest last; all when none does."""
    told = [report for report in deal.reports if report.role is Role.REPORT]
    return sorted(told or deal.reports, key=lambda report: report.published)


def _witness(deal: Deal) -> str:
    """Return the language of the article that the proof sentence is from."""
    reports = _reports(deal)
    said = [r.lang for r in reports if r.event.evidence == deal.event.evidence]
    return (said or [r.lang for r in reports] or ["und"])[0]


def _sources(deal: Deal, pen: Pen) -> tuple[Source, ...]:
    return tuple(
        Source(
            title=_clean(report.title, 150),
            outlet=_clean(report.source, 60),
            when=pen.when(report.published),
            language=pen.language(report.lang),
            url=link(report.url),
        )
        for report in _reports(deal)
    )


def _earlier(deal: Deal, pen: Pen) -> str:
    """Return one line; the title above it names the company already."""
    told = _told(deal.event, pen)
    return " · ".join((pen.day(deal.first_seen), *filter(None, told)))


def _conflict(deal: Deal, pen: Pen) -> str:
    if not deal.conflicts:
        return ""
    told = []
    for conflict in deal.conflicts:
        values = (_value(conflict.slot, value, deal.event, pen) for value, _, _ in conflict.values)
        told.append(f"{pen.label(conflict.slot)} ({' / '.join(values)})")
    return str(pen.words["conflict"].format("; ".join(told)))


def _buttons(deal: Deal, name: str, pen: Pen, dashboard: str | None) -> tuple[Button, ...]:
    """Return links that open pages: nothing changes before the person confirms there."""
    if not dashboard:
        return ()
    page, w = f"{dashboard.rstrip('/')}/deals/{deal.id}", pen.words
    acts = (
        Button(text=w["open"], url=link(page), act="open"),
        Button(text=w["mute"].format(name), url=link(f"{page}#mute"), act="mute"),
        Button(text=w["wrong"], url=link(f"{page}#review"), act="wrong"),
    )
    return tuple(button for button in acts if button.url)
