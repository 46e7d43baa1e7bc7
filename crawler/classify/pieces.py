"""One figure with what stands around it: its currency marks and its qualifier."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from crawler.classify import currencies, numerals
from crawler.classify.moneywords import View, any_of, book, spoken
from crawler.types import Qualifier

_LEAD_REACH = 48  # characters in front of a sum in which its qualifier stands
_BOUNDS = frozenset({Qualifier.UP_TO, Qualifier.AT_LEAST, Qualifier.OVER})
_FRONTED = frozenset({"CNY", "TWD", "HKD", "USD", "EUR"})  # "人民币约5亿元"
_LETTERS = {"m": 6, "mm": 6, "mn": 6, "mio": 6, "bn": 9, "b": 9, "md": 9, "k": 3, "t": 12}
_LETTER = re.compile(r"[ ]?(m|bn|b|k|t|mm|mn|md|mio)(?![^\W\d_])")


@dataclass(frozen=True, slots=True)
class Piece:
    """A number, its currency mark and qualifier, before ranges are joined."""

    number: numerals.Number
    start: int
    end: int
    mark: currencies.Mark | None
    prefixed: bool = False
    qualifier: Qualifier | None = None

    @property
    def complete(self) -> bool:
        """Tell whether the piece could stand alone: currency and size."""
        return self.mark is not None and (self.number.unit > 1 or self.number.value >= 1000)


def pieces(seen: View) -> Iterator[Piece]:
    """Yield every number of a text with its surroundings, money or not."""
    for number in numerals.read(seen):
        yield _piece(seen, number)


def _piece(seen: View, number: numerals.Number) -> Piece:
    front = currencies.before(seen, number.start)
    if number.unit == 1 and front is not None:
        number = _letter_scale(seen, number)
    front, lead, start = _in_front(seen, number, front)
    behind, tail, end = _behind(seen, number, fronted=front is not None)
    if behind is not None and behind.power:
        unit = Decimal(10) ** behind.power
        number = replace(number, value=numerals.whole(number.value * unit), unit=unit)
    if number.vague and number.magnitude and lead in {Qualifier.ABOUT, Qualifier.OVER}:
        number = replace(number, vague=False)  # "近亿元", "超千万元": the unit itself is the sum
    qualifier = _strongest(_own(number) or tail or lead, lead)
    return Piece(number, start, end, _better(front, behind), front is not None, qualifier)


def _letter_scale(seen: View, number: numerals.Number) -> numerals.Number:
    match = _LETTER.match(seen.low, number.end)
    if match is None:
        return number
    unit = Decimal(10) ** _LETTERS[match[1]]
    return replace(number, end=match.end(), value=numerals.whole(number.value * unit), unit=unit)


def _in_front(
    seen: View, number: numerals.Number, front: currencies.Mark | None
) -> tuple[currencies.Mark | None, Qualifier | None, int]:
    """Read "约人民币" and "人民币约" alike; return the mark, the qualifier and the start."""
    if front is not None:
        return front, _lead(seen, front.start)[0], front.start
    lead, start = _lead(seen, number.start)
    outer = currencies.before(seen, start) if lead is not None else None
    if outer is not None and outer.name in _FRONTED:
        return outer, lead, outer.start
    return None, lead, number.start


def _behind(
    seen: View, number: numerals.Number, *, fronted: bool
) -> tuple[currencies.Mark | None, Qualifier | None, int]:
    """Read "亿元以上", "亿余元" and "millones largos de euros"."""
    mark = currencies.after(seen, number.end, scaled=number.unit > 1)
    end = max(number.end, mark.end if mark is not None else 0)
    tail, tail_end = _tail(seen, end)
    if tail is not None and mark is None and not fronted:
        mark = currencies.after(seen, tail_end, scaled=number.unit > 1)
        end = mark.end if mark is not None else end
    return mark, tail, end


def _better(
    front: currencies.Mark | None, behind: currencies.Mark | None
) -> currencies.Mark | None:
    """Choose between "人民币" in front and "元" behind: the more exact name."""
    if front is None or behind is None:
        return front or behind
    if behind.name in {"YUAN", "DOLLAR", "YEN_YUAN"}:
        return front
    return behind if front.name in {"DOLLAR", "YEN_YUAN"} else front


def _own(number: numerals.Number) -> Qualifier | None:
    if number.vague:
        return Qualifier.AT_LEAST
    if number.over:
        return Qualifier.OVER
    return Qualifier.ABOUT if number.about else None


def _strongest(chosen: Qualifier | None, lead: Qualifier | None) -> Qualifier | None:
    """Let "至少 … 左右" be a bound, not a guess."""
    return lead if lead in _BOUNDS and chosen is Qualifier.ABOUT else chosen


# --- qualifiers ------------------------------------------------------------------------------


# "Eine Anleihe über 80 Millionen" is one OF 80 million; "über 80 Millionen eingesammelt" is over.
_OF_SIZE = re.compile(
    r"(?:anleihen?|runden?|bonds?|darlehens?|kredit(?:e|s)?|scheine?|finanzierung(?:en)?|emission"
    r"|papiere?|tranche|schuldverschreibung(?:en)?|auftrag|vertrag|deal|erhöhung|fazilität|linie"
    r"|notes?|investment|zuschuss|zusage|scheck|hybrid|programm|(?:serie|series)[- ][a-k]"
    r"|kapitalrunde|volumen|verhandelt|verhandeln|gesprächen?|verhandlungen|fonds|spritze|paket"
    r"|zweite|erste)\s$",
    re.IGNORECASE,
)


@lru_cache(maxsize=32)
def _lead_pattern(lang: str) -> tuple[re.Pattern[str], dict[str, Qualifier]]:
    words: dict[str, Qualifier] = {}
    for table in (book()["lead"]["any"], book()["lead"]["en"], book()["lead"].get(lang, {})):
        for name, entries in table.items():
            words |= {str(entry): Qualifier(name) for entry in entries}
    fillers = any_of([str(f)[::-1] for f in book()["fillers"]])
    latin = any_of([w[::-1] for w in words if w[-1] < "\u2e80"])
    cjk = any_of([w[::-1] for w in words if w[-1] >= "\u2e80"])
    pattern = (
        rf"\s{{0,2}}(?:(?:{fillers})\s){{0,2}}(?:(?P<latin>{latin})(?![^\W\d_])|(?P<cjk>{cjk}))"
    )
    return re.compile(pattern), words


def _lead(seen: View, start: int) -> tuple[Qualifier | None, int]:
    """Return the qualifier that ends before `start`, and where it begins."""
    pattern, words = _lead_pattern(spoken(seen.lang))
    piece = seen.low[max(0, start - _LEAD_REACH) : start][::-1].replace("’", "'")
    match = pattern.match(piece)
    if match is None:
        return None, start
    place = start - match.end()
    if match["latin"] == "rebü" and _OF_SIZE.search(seen.text, max(0, place - 40), place):
        return None, start
    return words[(match["latin"] or match["cjk"])[::-1]], place


@lru_cache(maxsize=1)
def _tail_pattern() -> tuple[re.Pattern[str], dict[str, Qualifier]]:
    words = {str(w): Qualifier(name) for name, ws in book()["tail"]["any"].items() for w in ws}
    spaced = [w for w in words if w[0].isascii() and w[0].isalpha()]
    latin, hard = any_of(spaced), any_of([w for w in words if w not in spaced])
    return re.compile(
        rf"[ ,]{{0,2}}(?:(?P<hard>{hard})|(?<=[ ,])(?P<latin>{latin})(?![^\W\d_]))"
    ), words


def _tail(seen: View, end: int) -> tuple[Qualifier | None, int]:
    """Return the qualifier behind a sum ("以上", "or more"), and where it ends."""
    pattern, words = _tail_pattern()
    match = pattern.match(seen.low, end)
    if match is None:
        return None, end
    return words[match["hard"] or match["latin"]], match.end()
