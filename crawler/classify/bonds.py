"""A bond: its kinds and who runs its books. Its tranches: `tranches.py`."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from decimal import Decimal

from crawler.classify import tranches
from crawler.classify.binding import Fate
from crawler.classify.company import Cast
from crawler.classify.reading import Line
from crawler.types import BondType

_NOT = re.compile(r"(?:\bnon|\bnot|\bnicht|\bno|\bnão|\bin|非|不可|不)[- ]?$", re.IGNORECASE)


def types_of(
    scope: Sequence[Line], own: Line, fates: Sequence[Fate], sums: Collection[Decimal | None]
) -> tuple[BondType, ...]:
    """Return what the text calls the bond, in the lines about it; `sums` are its own."""
    found: list[str] = []
    for line in scope:
        if line is not own and not line.sentence.title:
            if line.has("prior") and not line.has("issue"):
                continue
            if tranches.is_of_another(line, fates, sums):
                continue
        base = line.sentence.start
        for cue in line.of("bond_type"):
            before = line.sentence.text[max(0, cue.start - base - 6) : cue.start - base]
            if cue.means and not _NOT.search(before):
                found.append(cue.means)
    if BondType.DIM_SUM in found:
        found.append(BondType.OFFSHORE)
    return tuple(BondType(kind) for kind in dict.fromkeys(found))


_BANKLIKE = re.compile(
    r"Bank|Banc|Banque|Banco|Securities|Markets|Sachs|Capital|Partners|银行|銀行|证券|證券|国际|國際|中金|銀|证|은행|증권|証券"
)


_BANK = re.compile(r"Bank|Banc|Banque|Banco|Securities|银行|銀行|证券|證券|은행|증권|証券")
# Words that say nothing else: whoever stands beside them runs the books.
_RUNS_BOOKS = re.compile(
    r"colocador|colocaron|bookrunner|teneur|coordenador|konsortialführer"
    r"|chefs? de file de l|placeuse"
    r"|coordinator|placement|intermediari|arrangeur|arranger|lead manager|underwriter|dealer"
    r"|emission|transaktion|collocament|bookrun|主承|簿记|主幹事|주관"
)


def bookrunners(scope: Sequence[Line], cast: Cast, company: object) -> tuple[str, ...]:
    """Return the banks that run the books; a list counts if it holds one that looks like one."""
    lines = {line.sentence.index for line in scope}
    lists: dict[int, list[str]] = {}
    likely: set[int] = set()
    for part in cast.parts:
        owner = cast.owner(part.mention)
        if part.role == "investor" or part.mention.line not in lines or owner is None:
            continue
        if owner is company or owner.text in cast.places | cast.people:
            continue
        bank = owner.text in cast.banks
        if part.role == "lead" and not (bank or _BANK.search(owner.text)):
            continue
        lists.setdefault(part.cue.start, []).append(owner.text)
        surely = _RUNS_BOOKS.search(part.cue.text.lower())
        if surely or bank or _BANKLIKE.search(owner.text):
            likely.add(part.cue.start)
    found = [name for start, names in lists.items() if start in likely for name in names]
    return tuple(dict.fromkeys(found or _banks_named(scope, cast, company)))


def _banks_named(scope: Sequence[Line], cast: Cast, company: object) -> list[str]:
    """Return the banks one line names together, if no words say that they run the books."""
    for line in scope:
        if line.sentence.title or line.has("prior", "loan", "person", "teaser"):
            continue
        here = [
            name.text
            for name in cast.names
            if name is not company
            and name.text in cast.banks
            and any(m.line == line.sentence.index for m in name.mentions)
        ]
        if len(here) >= 2:
            return here
    return []
