"""
The words of the trade, found in one pass over a text. `lexicon/README.md` is their guide.

Entries are finite: `rais(e|es|ed)` expands to literal strings, and all strings of a language
lie in one Aho-Corasick automaton. The time to read a text does not depend on how many words
we know, and no entry can make the matcher backtrack.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import ahocorasick
import yaml

from crawler.classify import han
from crawler.errors import RaisewireError

FOLDER = Path(__file__).parent / "lexicon"
_HEADS = "funding raise invest bond issue loan ipo acquisition fund_close valuation refuse"
_ATTRIBUTES = (
    "round bond_type status lead investor bookrunner use prior total history barrier teaser "
    "correction genre undisclosed strong"
)
_NAMES = "descriptor person investor_name not_name reporter bank agency legal_form place"
LAYERS = {
    kind: layer
    for layer, kinds in enumerate((_HEADS, _ATTRIBUTES, _NAMES))
    for kind in kinds.split()
}
HEADS = frozenset(_HEADS.split())
UNSPACED = frozenset({"zh", "ja", "ko"})
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_MOST = 4000  # strings one `say` may expand to

# Same length before and after, so that offsets hold.
_FOLD = str.maketrans(
    {chr(0xFF01 + i): chr(0x21 + i) for i in range(94)}
    | dict.fromkeys("\u00a0\u2009\u202f\u3000\n\t\r", " ")
    | han.FOLD
    | {"’": "'", "‘": "'", "“": '"', "”": '"', "–": "-", "\u2010": "-", "\u2011": "-"}
)


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a lexicon."""

    kind: str
    means: str
    say: tuple[str, ...]
    hit: str
    miss: str
    case: bool = False


_Known = tuple[str, str, int, str]  # kind, means, layer, the exact letters if they count
_Hit = tuple[int, int, str, str]  # start, end, kind, means


@dataclass(frozen=True, slots=True)
class Cue:
    """Words found: their kind, what they mean, and where they stand in the text."""

    kind: str
    means: str
    start: int
    end: int
    text: str


def fold(text: str) -> str:
    """Return `text` with full-width forms, quotes and spaces unified; length unchanged."""
    return text.translate(_FOLD)


def lower(text: str) -> str:
    """Return `text` in lower case, of equal length even where Unicode would lengthen it."""
    low = text.lower()
    if len(low) == len(text):
        return low
    return "".join(c.lower() if len(c.lower()) == 1 else c for c in text)


def expand(pattern: str) -> list[str]:
    """
    Return every string a `say` pattern stands for.

    Raises:
        RaisewireError: brackets do not match, or it stands for too many strings.
    """
    done, rest = [""], pattern
    while rest:
        plain, bracket, rest = rest.partition("(")
        done = [head + plain for head in done]
        if ")" in plain:
            raise RaisewireError(f"lexicon: brackets do not match in {pattern!r}")
        if bracket:
            inside, rest = _inside(rest, pattern)
            options = [text for option in _options(inside) for text in expand(option)]
            done = [head + option for head in done for option in options]
    if len(done) > _MOST:
        raise RaisewireError(f"lexicon: {pattern!r} stands for {len(done)} strings")
    return done


def _inside(rest: str, pattern: str) -> tuple[str, str]:
    """Split what follows an opening bracket at its closing one."""
    depth = 1
    for place, char in enumerate(rest):
        depth += (char == "(") - (char == ")")
        if depth == 0:
            return rest[:place], rest[place + 1 :]
    raise RaisewireError(f"lexicon: brackets do not match in {pattern!r}")


def _options(inside: str) -> list[str]:
    """Split at the bars that stand outside nested brackets."""
    options, depth = [""], 0
    for char in inside:
        depth += (char == "(") - (char == ")")
        if char == "|" and depth == 0:
            options.append("")
        else:
            options[-1] += char
    return options


def _entries(data: Mapping[str, Any], where: str) -> Iterator[Entry]:
    for kind, lines in data.items():
        if kind not in LAYERS:
            raise RaisewireError(f"lexicon {where}: {kind!r} is no kind of cue")
        for line in lines:
            yield Entry(
                kind=kind,
                means=str(line.get("means") or ""),
                say=tuple(str(words) for words in line["say"]),
                hit=str(line.get("hit") or line.get(True) or ""),  # YAML reads a key `yes` as true
                miss=str(line.get("miss") or line.get(False) or ""),
                case=bool(line.get("case")),
            )


def entries(lang: str) -> list[Entry]:
    """Return the lines of `lexicon/<lang>.yaml` and `genres.yaml`; none if we have no words."""
    path = FOLDER / f"{lang}.yaml"
    if not path.is_file():
        return []
    genres = _read(FOLDER / "genres.yaml").get(lang, {})
    return [*_entries(_read(path), lang), *_entries(genres, lang)]


@cache
def _read(path: Path) -> dict[str, Any]:
    read = yaml.load(path.read_text("utf-8"), _Loader)  # noqa: S506 - a safe loader, in C
    return read or {}


@cache
def languages() -> tuple[str, ...]:
    """Return the languages we have words of."""
    return tuple(sorted(p.stem for p in FOLDER.glob("*.yaml") if len(p.stem) == 2))


class Lexicon:
    """All entries of one language, ready to be found."""

    def __init__(self, lines: Iterable[Entry]) -> None:
        self._machine = ahocorasick.Automaton()
        known: dict[str, list[_Known]] = {}
        for entry in lines:
            for say in entry.say:
                for text in map(str.strip, expand(fold(say))):
                    told = (entry.kind, entry.means, LAYERS[entry.kind], text if entry.case else "")
                    known.setdefault(lower(text), []).append(told)
        known.pop("", None)
        for key, value in known.items():
            self._machine.add_word(key, (len(key), value))
        if known:
            self._machine.make_automaton()
        self._empty = not known

    def find(self, text: str, base: int = 0) -> list[Cue]:
        """
        Return the cues in `text` by their start; of overlapping ones in a layer the longest.

        `base` is where `text` stands in its passage: it is added to every offset.
        """
        if self._empty:
            return []
        flat = fold(text)
        hits = self._hits(flat, lower(flat))
        kept = [hit for layer in hits for hit in _longest(layer, len(flat))]
        kept.sort(key=_by_start)
        return [
            Cue(kind, means, base + start, base + end, flat[start:end])
            for start, end, kind, means in kept
        ]

    def _hits(self, flat: str, low: str) -> list[list[_Hit]]:
        layers: list[list[_Hit]] = [[], [], []]
        inside = _inside_words(low)
        for last, (length, lines) in self._machine.iter(low):
            end = last + 1
            start = end - length
            if inside[start] or inside[end]:
                continue
            for kind, means, layer, exact in lines:
                if not exact or flat[start:end] == exact:
                    layers[layer].append((start, end, kind, means))
        return layers

    def triggers(self, text: str) -> bool:
        """Tell whether a text names a round or a bond; quicker than finding everything."""
        flat = lower(fold(text))
        kinds = {"round", "funding", "bond"}
        return any(
            any(kind in kinds for kind, _, _, _ in lines)
            for _, (_, lines) in self._machine.iter(flat)
        )


_WORD = re.compile(r"[^\W_\u2e80-\U0010ffff]{2,}")  # letters and digits of a spaced script


def _inside_words(low: str) -> bytearray:
    """Return, for each place between two characters, whether it is inside a word."""
    inside = bytearray(len(low) + 1)
    for word in _WORD.finditer(low):
        start, end = word.span()
        inside[start + 1 : end] = b"\x01" * (end - start - 1)
    return inside


def _by_start(hit: _Hit) -> tuple[int, int]:
    return hit[0], -hit[1]


def _by_length(hit: _Hit) -> tuple[int, int]:
    return hit[0] - hit[1], hit[0]


def _longest(hits: list[_Hit], size: int) -> list[_Hit]:
    """Keep the longest of overlapping hits; two meanings of the same words both stay."""
    kept: dict[_Hit, None] = {}
    spans: set[tuple[int, int]] = set()
    taken = bytearray(size)
    for hit in sorted(hits, key=_by_length):
        start, end = span = hit[:2]
        if span in spans or taken.find(1, start, end) < 0:
            kept[hit] = None
            spans.add(span)
            taken[start:end] = b"\x01" * (end - start)
    return list(kept)


@cache
def lexicon(lang: str) -> Lexicon:
    """Return the lexicon of a language; English words help in one we have no words of."""
    known = lang if lang in languages() else "en"
    return Lexicon([*entries("common"), *entries(known)])
