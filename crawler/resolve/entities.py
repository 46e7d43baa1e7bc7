"""Who is who: the shipped table of names, the user's watchlist over it, and likeness of names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files

from rapidfuzz import fuzz

from crawler.config.models import Watch
from crawler.resolve import data
from crawler.resolve.names import core, mixed, normalise, script

SAME, NEAR, ALIKE, OTHER = 1.0, 0.8, 0.6, 0.0  # same | same core | near spelling | other
_NEAR_SPELLING = 90.0
_SLIP = 85.0  # of one word: a letter too many in six, a wrong one in seven
_MIN_LENGTH = 6
_REMEMBERED = 100_000  # pairs


@dataclass(frozen=True, slots=True, kw_only=True)
class Entity:
    """A company, investor or bank with the names it goes by."""

    id: str
    kind: str  # company | investor | bank | watch
    canonical: str
    aliases: tuple[str, ...] = ()
    ticker: str = ""
    parent: str = ""  # id of the parent: linked, never the same
    country: str = ""
    wikidata: str = ""
    lei: str = ""  # ISO 17442

    @property
    def names(self) -> tuple[str, ...]:
        """Every name it goes by, the canonical one first."""
        return (self.canonical, *self.aliases)


@lru_cache(maxsize=1)
def shipped() -> tuple[Entity, ...]:
    """Return the shipped, hand-checked table."""
    rows = (files(data) / "aliases.tsv").read_text(encoding="utf-8").splitlines()
    return tuple(_entity(row) for row in rows if row and not row.startswith("#"))


def _entity(row: str) -> Entity:
    ident, kind, canonical, aliases, ticker, parent, country, wikidata, lei = row.split("\t")
    return Entity(
        id=ident,
        kind=kind,
        canonical=canonical,
        aliases=tuple(name for name in aliases.split("|") if name),
        ticker=ticker,
        parent=parent,
        country=country,
        wikidata=wikidata,
        lei=lei,
    )


class Names:
    """The one place that answers "is this the same name?"."""

    def __init__(self, entities: Iterable[Entity]) -> None:
        self._by_id: dict[str, Entity] = {}
        self._by_name: dict[str, str] = {}
        self._alike: dict[tuple[str, str], float] = {}
        self.memory: dict[object, object] = {}  # what readers of reports keep; true for this table
        self.verdicts: dict[object, object] = {}  # what judges keep
        for entity in entities:
            self._by_id[entity.id] = entity
            for name in entity.names:
                self._by_name[normalise(name)] = entity.id

    @classmethod
    def load(cls, watchlist: Sequence[Watch] = ()) -> Names:
        """Return the shipped table with the user's watchlist over it."""
        names = cls(shipped())
        for watch in watchlist:
            names._watch(watch)
        return names

    def _watch(self, watch: Watch) -> None:
        """Let the user's names join the entity that already bears one of them, or a new one."""
        wanted = (watch.name, *watch.aliases)
        known = next((found for name in wanted if (found := self.find(name))), None)
        entity = known or Entity(id=f"w-{core(watch.name)}", kind="watch", canonical=watch.name)
        others = tuple(dict.fromkeys((*entity.names, *wanted)))[1:]
        self._by_id[entity.id] = replace(entity, aliases=others)
        self._by_name.update({normalise(name): entity.id for name in wanted})

    def find(self, name: str) -> Entity | None:
        """Return the entity that bears `name`, if the table or the watchlist knows it."""
        ident = self._by_name.get(normalise(name))
        return self._by_id[ident] if ident else None

    def key(self, name: str) -> str:
        """Return what equal names share: `@id` if known, else `=` and the normal form."""
        ident = self._by_name.get(normalise(name))
        return f"@{ident}" if ident else f"={normalise(name)}"

    def shown(self, name: str) -> str:
        """
        Return the name of a company to print: the canonical one if the table knows it.

        The short name of an investor may be a start-up's own: Vista, Valor, Thrive.
        """
        found = self.find(name)
        short = found is not None and found.kind == "investor" and len(name.split()) == 1
        return found.canonical if found and not short else name

    def alike(self, one: str, other: str) -> float:
        """
        Return how much two printed names are one: SAME, NEAR, ALIKE or OTHER.

        Two entities of the table are never alike, nor is a name that mixes alphabets.
        """
        if len(self._alike) > _REMEMBERED:
            self._alike.clear()
        pair = one, other
        if pair not in self._alike:
            self._alike[pair] = self._likeness(one, other)
        return self._alike[pair]

    def _likeness(self, one: str, other: str) -> float:
        keys = self.key(one), self.key(other)
        if keys[0] == keys[1]:
            return SAME
        if all(key.startswith("@") for key in keys) or mixed(one) or mixed(other):
            return OTHER
        if core(one) == core(other):
            return NEAR
        return ALIKE if _near(normalise(one), normalise(other)) else OTHER

    def linked(self, one: str, other: str) -> bool:
        """Tell whether one is the other's parent, or both have the same parent."""
        a, b = self.find(one), self.find(other)
        if a is None or b is None or a.id == b.id:
            return False
        return a.id == b.parent or b.id == a.parent or bool(a.parent and a.parent == b.parent)


def _near(one: str, other: str) -> bool:
    """Tell whether two normal forms differ by a slip: same first letter, script and digits."""
    if min(len(one), len(other)) < _MIN_LENGTH or one[0] != other[0]:
        return False
    if script(one) != script(other) or _digits(one) != _digits(other):
        return False
    return fuzz.ratio(one, other) >= _NEAR_SPELLING and _slips(one.split(), other.split())


def _slips(one: list[str], other: list[str]) -> bool:
    """Tell whether each word is the other's by a slip: "Lumen" is not "Lumina" Robotics."""
    if len(one) != len(other):
        return True
    return all(fuzz.ratio(a, b) >= _SLIP for a, b in zip(one, other, strict=True) if a != b)


def _digits(text: str) -> str:
    return "".join(letter for letter in text if letter.isdecimal())
