"""
How the demo looks: the deals, their proof, a Slack message and a letter as they arrived.

On a terminal everything is framed and wrapped; in a pipe each sentence stays on one line.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from rich import box
from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from crawler.cli import show
from crawler.safe import one_line

if TYPE_CHECKING:
    from email.message import EmailMessage

    from crawler.types import Deal

WIDTH = 110  # a line longer than this is no pleasure to read
LIMIT = 1500  # characters of any one text of a stranger
_LINK = re.compile(r"<(https?://[^|>]*)\|([^>]*)>")
_BOLD = re.compile(r"\*([^*]+)\*")
_SLACK = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))


class Stage:
    """Where the demo is shown."""

    def __init__(self) -> None:
        self.framed = sys.stdout.isatty()
        wide = Console().width if self.framed else 200
        width = min(wide, WIDTH) if self.framed else wide
        self.out = Console(file=sys.stdout, highlight=False, width=width, soft_wrap=not self.framed)

    def title(self, text: str, note: str = "") -> None:
        """Begin an act."""
        words = Text.assemble((text, "bold"), (f"  {note}" if note else "", "dim"))
        self.out.print()
        self.out.print(Rule(words, align="left", style="dim") if self.framed else words)

    def deals(self, deals: Sequence[Deal]) -> None:
        """Draw one line for each deal."""
        drawn = Table(box=box.SIMPLE_HEAD, pad_edge=False, header_style="dim")
        for name in ("company", "deal", "amount", "US$", "status", "led or arranged by", "told by"):
            right = name in {"amount", "US$"}
            drawn.add_column(name, justify="right" if right else "left", no_wrap=right)
        for deal in deals:
            drawn.add_row(*_row(deal, short=self.framed))
        self._draw(drawn)

    def proofs(self, deals: Sequence[Deal]) -> None:
        """Show the sentence of each deal, and who printed it."""
        grid = Table.grid(padding=(0, 2))
        grid.add_column(style="bold", no_wrap=True)
        grid.add_column()
        for deal in deals:
            name, quote, source = _clean(deal.event.company), _clean(deal.event.evidence), _of(deal)
            if self.framed:
                said = Text.assemble((f"“{quote}”", "italic"), (f"  {source}", "dim"))
                grid.add_row(Text(name), said)
            else:
                self.out.print(Text(f"  {name}: “{quote}” ({source})"))
        if self.framed:
            self.out.print(Padding(grid, (1, 0, 0, 2)))

    def slack(self, payload: dict[str, Any]) -> None:
        """Show a Slack message, block by block."""
        parts = [part for block in payload.get("blocks", ()) for part in _block(block)]
        self._frame("#desk", parts, "magenta")

    def letter(self, message: EmailMessage) -> None:
        """Show a letter: its head and its plain text."""
        head = [
            Text.assemble((f"{name}: ", "dim"), _clean(str(message[name])))
            for name in ("From", "To", "Subject")
        ]
        body = message.get_body(("plain",))
        words = body.get_content() if body else ""
        lines = [Text(_indent(line) + _clean(line)) for line in words.strip().splitlines()]
        self._frame("mail", [*head, Text(), *lines], "blue")

    def steps(self, steps: Sequence[tuple[str, str]]) -> None:
        """Show commands and what they do."""
        grid = Table.grid(padding=(0, 3))
        for command, words in steps:
            grid.add_row(Text(command, style="cyan"), Text(words))
        self._draw(Padding(grid, (1 if self.framed else 0, 0, 0, 2)))

    def _draw(self, drawn: RenderableType) -> None:
        """Print a table; a pipe wants no blanks at the ends of lines."""
        if self.framed:
            self.out.print(drawn)
            return
        with self.out.capture() as got:
            self.out.print(drawn)
        for line in got.get().splitlines():
            print(line.rstrip())

    def _frame(self, title: str, parts: Sequence[RenderableType], colour: str) -> None:
        if self.framed:
            inner = Group(*parts)
            framed = Panel(
                inner, title=title, title_align="left", border_style=colour, padding=(0, 1)
            )
            self.out.print(framed)
            return
        for line in _plain(parts):
            self.out.print(Text(f"  │ {line}".rstrip()))


def _clean(text: str) -> str:
    return one_line(text, LIMIT)


def _indent(line: str) -> str:
    return " " * (len(line) - len(line.lstrip(" ")))


_STATUS = {
    "rumoured": "yellow",
    "planned": "yellow",
    "announced": "cyan",
    "priced": "cyan",
    "completed": "green",
    "withdrawn": "red",
}


def _row(deal: Deal, *, short: bool) -> Iterator[Text]:
    event = deal.event
    kind = show.kind_of(event).replace("_", " ")
    who = list(event.lead_investors or event.investors or event.bookrunners)
    if short and len(who) > 2:
        who = [*who[:2], f"+{len(who) - 2}"]
    langs = " ".join(sorted({report.lang for report in deal.reports}))
    papers = len({report.source for report in deal.reports})
    yield Text(_clean(event.company), style="bold")
    yield Text(f"{event.type.value}, {kind}" if kind else event.type.value)
    yield Text(show.sum_of(event))
    yield Text(show.money(event.amount_usd, None) if event.amount_usd is not None else "", "green")
    yield Text(event.status.value, style=_STATUS.get(event.status.value, ""))
    yield Text(_clean(", ".join(who)))
    yield Text(f"{papers} ({langs})", style="dim")


def _of(deal: Deal) -> str:
    """Return which outlet printed the deal's proof, and in which language."""
    proof = max(deal.reports, key=lambda report: report.event.evidence == deal.event.evidence)
    return f"{proof.source}, {proof.lang}"


# --- Slack's blocks -----------------------------------------------------------------


def _block(block: dict[str, Any]) -> Iterator[RenderableType]:
    fields = [_mrkdwn(field["text"]) for field in block.get("fields", ())]
    if block.get("type") == "header":
        yield Text(_clean(block["text"]["text"]), style="bold")
        return
    if block.get("text"):
        yield Padding(_mrkdwn(block["text"]["text"]), (1, 0, 0, 0))
    if fields:
        grid = Table.grid(padding=(0, 4))
        for left, right in zip(fields[::2], [*fields[1::2], Text()], strict=False):
            grid.add_row(left, right)
        yield Padding(grid, (1, 0, 0, 0))
    said = [_mrkdwn(one["text"]) for one in block.get("elements", ()) if _says(one)]
    if said:
        yield Padding(Text("\n").join(said), (1, 0, 0, 0), style="dim")


def _says(element: dict[str, Any]) -> bool:
    return isinstance(element.get("text"), str)


def _mrkdwn(text: str) -> Text:
    """Return Slack's mark-up as a person sees it."""
    return Text("\n").join(_line(line) for line in text.splitlines())


def _line(line: str) -> Text:
    quoted = line.startswith("> ")
    shown = _LINK.sub(r"\2", line.removeprefix("> "))
    for entity, character in _SLACK:
        shown = shown.replace(entity, character)
    heading = _BOLD.fullmatch(shown)
    if heading:
        return Text(_clean(heading[1]), style="bold")
    words = Text(_clean(_BOLD.sub(r"\1", shown)), style="italic" if quoted else "")
    return Text.assemble("▎ ", words) if quoted else words


def _plain(parts: Sequence[RenderableType]) -> Iterator[str]:
    """Yield the words of what would be drawn, line by line."""
    for part in parts:
        if isinstance(part, Padding):
            yield ""
            yield from _plain([part.renderable])
        elif isinstance(part, Table):
            for cells in zip(*(column.cells for column in part.columns), strict=True):
                for cell in cells:
                    yield ": ".join(str(cell).splitlines())
        else:
            yield from str(part).splitlines() or [""]
