"""How results look: tables on a terminal, plain lines in a pipe, JSON Lines when asked."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crawler.safe import one_line

if TYPE_CHECKING:
    from rich.console import Console

    from crawler.types import Deal, Event

_SCALES = ((Decimal(10) ** 12, "tn"), (Decimal(10) ** 9, "bn"), (Decimal(10) ** 6, "m"))
_SIGNS = {"over": ">", "about": "~", "up_to": "≤", "at_least": "≥"}


def console() -> Console:
    """Return the console for data; a pipe gets no colours and no line longer than it is."""
    from rich.console import Console

    piped = not sys.stdout.isatty()
    return Console(file=sys.stdout, highlight=False, soft_wrap=piped, width=200 if piped else None)


def json_lines(rows: Iterable[Mapping[str, Any]]) -> None:
    """Print one JSON object a line; each as soon as it is there."""
    for row in rows:
        print(json.dumps(row, ensure_ascii=False), flush=True)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> int:
    """Print a table (tab-separated lines when piped); return how many rows it had."""
    cells = [[one_line(str("" if cell is None else cell), 300) for cell in row] for row in rows]
    if not sys.stdout.isatty():
        print("\t".join(columns))
        for row in cells:
            print("\t".join(row))
        return len(cells)
    from rich import box
    from rich.table import Table
    from rich.text import Text

    drawn = Table(title=title, box=box.SIMPLE_HEAD, title_justify="left", title_style="bold")
    for column in columns:
        right = column in {"amount", "USD", "entries", "new", "fails", "count"}
        drawn.add_column(column, justify="right" if right else "left", overflow="fold")
    for row in cells:
        drawn.add_row(*(Text(cell) for cell in row))
    console().print(drawn)
    return len(cells)


def money(amount: Decimal | None, currency: str | None, qualifier: str = "exact") -> str:
    """Return `>1bn CNY`, short enough for a table."""
    if amount is None:
        return "undisclosed"
    sign = _SIGNS.get(qualifier, "")
    for scale, unit in _SCALES:
        if amount >= scale:
            short = f"{amount / scale:.2f}".rstrip("0").rstrip(".")
            return f"{sign}{short}{unit} {currency or ''}".strip()
    return f"{sign}{amount:,.0f} {currency or ''}".strip()


def sum_of(event: Event) -> str:
    """Return an event's amount, a range as `5m-7m EUR`."""
    if event.amount is not None and event.amount_max is not None:
        low = money(event.amount, None)
        return f"{low}-{money(event.amount_max, event.currency)}"
    return money(event.amount, event.currency, event.qualifier.value)


def kind_of(event: Event) -> str:
    """Return `series_c` or `green, offshore`: what the type does not say yet."""
    if event.type.value == "bond":
        tenor = {f"{t.tenor_years:g}y" for t in event.tranches if t.tenor_years}
        return ", ".join([*(kind.value for kind in event.bond_types), *sorted(tenor)])
    named = event.round is not None and event.round.value != "unspecified"
    return event.round.value if named and event.round else ""


def deal_rows(deals: Iterable[Deal]) -> Iterable[Sequence[object]]:
    """Return the rows of the deals table."""
    for deal in deals:
        event = deal.event
        outlets = {report.source for report in deal.reports}
        usd = "" if event.amount_usd is None else money(event.amount_usd, None)
        yield (
            deal.id[:10],
            event.type.value,
            event.company,
            sum_of(event),
            usd,
            kind_of(event),
            ", ".join(event.lead_investors or event.investors or event.bookrunners),
            event.status.value,
            f"{len(outlets)} ({' '.join(sorted({report.lang for report in deal.reports}))})",
        )


DEAL_COLUMNS = ("id", "type", "company", "amount", "USD", "kind", "who", "status", "outlets")
