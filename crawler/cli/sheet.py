"""A deal's sheet: figures with their quotes, timeline, conflicts, sources."""

from __future__ import annotations

from rich.text import Text

from crawler.cli import show
from crawler.safe import one_line
from crawler.types import Deal, Revision, Seat


def draw(deal: Deal) -> None:
    """Print everything that is known of a deal, and why."""
    out = show.console()
    event = deal.event
    head = f"{event.company} · {event.type.value} · {show.sum_of(event)} · {event.status.value}"
    out.print(Text(one_line(head, 300), style="bold"))
    out.print(Text(f"{deal.id} · revision {deal.revision} · {deal.review.value}", style="dim"))
    _figures(deal)
    _timeline(deal)
    _conflicts(deal)
    _sources(deal)
    _near_misses(deal)


def _figures(deal: Deal) -> None:
    out, event = show.console(), deal.event
    usd = show.money(event.amount_usd, "USD")
    rows = {
        "also known as": ", ".join(event.aliases),
        "in US dollars": f"{usd} ({event.amount_usd_basis.value})" if event.amount_usd else "",
        "kind": show.kind_of(event),
        "lead": ", ".join(event.lead_investors),
        "investors": ", ".join(event.investors),
        "valuation": show.money(event.valuation, event.valuation_currency)
        if event.valuation
        else "",
        "tranches": "; ".join(
            f"{show.money(t.amount, t.currency)} {t.tenor_years or '?'}y {t.coupon_pct or ''}"
            for t in event.tranches
        ),
        "bookrunners": ", ".join(event.bookrunners),
        "use": event.use_of_proceeds or "",
        "flags": "; ".join(deal.flags),
        "linked": "; ".join(f"{how} {other[:10]}" for other, how in deal.links.items()),
    }
    out.print()
    for name, value in rows.items():
        if value:
            out.print(Text(f"  {name:<14} {one_line(value, 400)}"))
    out.print(Text(f"\n  “{one_line(event.evidence, 800)}”", style="italic"))
    for slot, quote in event.quotes.items():
        if quote and quote != event.evidence:
            out.print(Text(f"  {slot}: “{one_line(quote, 500)}”", style="dim"))


def _timeline(deal: Deal) -> None:
    out = show.console()
    if deal.history:
        out.print(Text("\nTimeline", style="bold"))
    for revision in deal.history:
        line = f"  {revision.at:%Y-%m-%d %H:%M}  {_changes(revision)}  {revision.url}"
        out.print(Text(one_line(line, 500)))


def _changes(revision: Revision) -> str:
    if revision.number == 1:
        return "first reported"
    changes = (f"{slot} {old} → {new}" for slot, (old, new) in sorted(revision.changed.items()))
    return ", ".join(changes) or revision.reason


def _conflicts(deal: Deal) -> None:
    out = show.console()
    if deal.conflicts:
        out.print(Text("\nOutlets disagree", style="bold"))
    for conflict in deal.conflicts:
        for value, quote, url in conflict.values:
            out.print(Text(one_line(f"  {conflict.slot}: {value} — “{quote}” {url}", 600)))


def _sources(deal: Deal) -> None:
    out = show.console()
    out.print(Text("\nSources", style="bold"))
    for report in deal.reports:
        line = (
            f"  {report.published:%Y-%m-%d %H:%M}  {report.lang}  {report.source_class.value:<10} "
        )
        line += f"{report.part.value:<11} {report.source}: {report.title}"
        out.print(Text(one_line(line, 400)))
        out.print(Text(f"      {one_line(report.url, 400)}", style="dim"))
        if report.seat:
            out.print(Text(f"      {_why(report.seat)}", style="dim"))


def _why(seat: Seat) -> str:
    score = f" ({seat.score:.1f})" if seat.score else ""
    return f"why: {', '.join(seat.reasons)}{score}"


def _near_misses(deal: Deal) -> None:
    out = show.console()
    if deal.apart:
        out.print(Text("\nNot the same deal as", style="bold"))
    for other, reason in deal.apart.items():
        out.print(Text(one_line(f"  {other[:10]}  {reason}", 400)))
