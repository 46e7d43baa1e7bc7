"""
Names in French, Spanish and Portuguese: what the search by capitals gets wrong there.

A small word may be glued to a name (d'Orizon, qu'Électrys), "y" and "et" join two names as often
as they stand inside one, and a capital at the head of a sentence tells nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import yaml

from crawler.classify.cues import FOLDER
from crawler.classify.names import Mention, key
from crawler.classify.reading import Reading

_WORDS: dict[str, str] = yaml.safe_load((FOLDER / "romance-names.yaml").read_text("utf-8"))
_OPENERS = {lang: frozenset(words.split()) for lang, words in _WORDS.items()}
LANGUAGES = frozenset(_OPENERS)
_GLUED = re.compile(r"(?:[dlnsmtjc]|qu|jusqu|lorsqu|puisqu|quelqu)['’](?=\w)", re.IGNORECASE)
_JOINED = re.compile(r" (?:y|e|et|ou|o) ")
_LEADING = re.compile(
    r"(?:el|la|los|las|le|les|o|a|os|as|un|une|una|um|uma|des|du|del|al|au|aux|do|da|no|na"
    r"|chez|quand) ",
    re.IGNORECASE,
)


def _cut(mention: Mention, start: int, end: int) -> Mention:
    """Return the part of a mention between two places of its text."""
    text = mention.text[start:end]
    return replace(
        mention,
        text=text,
        start=mention.start + start,
        end=mention.start + start + len(text),
        first=mention.first and start == 0,
    )


def _opener(mention: Mention, start: int, lang: str) -> re.Match[str] | None:
    """Return a word that only opens the sentence: "Selon Bloomberg"."""
    word = re.compile(r"([^\W\d_]+) ").match(mention.text, start) if mention.first else None
    return word if word is not None and word[1].casefold() in _OPENERS[lang] else None


def _unglued(mention: Mention, lang: str) -> Mention:
    """Take small words off the front of a name: d'Orizon, El Fondo."""
    start, end = 0, len(mention.text)
    while True:
        small = (
            _GLUED.match(mention.text, start)
            or _LEADING.match(mention.text, start)
            or _opener(mention, start, lang)
        )
        if small is None or small.end() >= end:
            break
        start = small.end()
    return (
        replace(_cut(mention, start, end), after_the=mention.after_the or start > 0)
        if start
        else mention
    )


def _parted(mention: Mention) -> Iterator[Mention]:
    """Part "BBVA y Santander"."""
    start = 0
    for joint in _JOINED.finditer(mention.text):
        yield _cut(mention, start, joint.start())
        start = joint.end()
    yield _cut(mention, start, len(mention.text))


_HOUSE = re.compile(
    r"(?:Caisse|Fonds|Fondation|Banque|Fundo|Fondo|Banco|Caja|Caixa|Fundação|Fundación|Institut|Instituto)\b"
)
_HOUSE_TAIL = re.compile(
    r"(?: (?:(?:et|y|e)(?= [a-zà-ÿ])|de la|de l['’]|pour l['’]|de|du|des|d['’]|pour|do|da|del|para)"
    r"(?: |(?<=['’]))"
    r"[\w-]+(?: [A-ZÀ-Þ][\w-]+| techno\w+)?){1,4}(?=[,.;)\n]| et | y | e )"
)


def _whole(mention: Mention, text: str) -> Mention:
    """Take in the small words of an institution: Caisse de dépôt et placement du Québec."""
    tail = _HOUSE_TAIL.match(text, mention.end) if _HOUSE.match(mention.text) else None
    if tail is None or len(tail[0]) > 60:
        return mention
    return replace(mention, text=mention.text + tail[0], end=tail.end())


_TRADES = ("tech", "startup", "start-up", "varejista", "scaleup", "scale-up", "unicórnio", "pousse")


def _undescribed(mention: Mention, reading: Reading) -> Mention:
    """Take what a firm is or does off the front: "Healthtech Lupa", "Colocaron Balanz"."""
    for cue in reading.lines[mention.line].of("bookrunner", "lead", "investor"):
        if cue.start == mention.start and cue.end < mention.end - 1:
            return _cut(mention, cue.end - mention.start + 1, len(mention.text))
    for cue in reading.lines[mention.line].of("descriptor"):
        rest = cue.end - mention.start + 1
        is_trade = cue.text.casefold().endswith(_TRADES)
        if is_trade and cue.start == mention.start and 0 < rest < len(mention.text):
            return replace(_cut(mention, rest, len(mention.text)), described=True)
    return mention


_FROM_PLACE = re.compile(r" (?:de|do|da|du|d['’]) ?")


def _without_place(mention: Mention, reading: Reading) -> Mention:
    """Take a town off the front: "la filial en Madrid de Aerolito Datos"."""
    for cue in reading.lines[mention.line].of("place"):
        joint = _FROM_PLACE.match(mention.text, cue.end - mention.start)
        if cue.start == mention.start and cue.end < mention.end and joint:
            return _cut(mention, joint.end(), len(mention.text))
    return mention


def _pieces(mentions: Iterable[Mention], text: str, lang: str) -> Iterator[Mention]:
    for mention in mentions:
        if text[mention.end : mention.end + 1] == "$":
            continue
        whole = _whole(mention, text)
        for part in [whole] if whole is not mention else _parted(mention):
            piece = _unglued(part, lang)
            if len(piece.text) > 1 and (
                piece.text[0].isupper() or any(c.isupper() for c in piece.text[1:])
            ):
                yield piece


def _with_banks(reading: Reading, mentions: Sequence[Mention]) -> Iterator[Mention]:
    """Yield the mentions, and the banks the lexicon knows whole where they hold a piece of one."""
    banks = [(c.start, c.end, line) for line in reading.lines for c in line.of("bank")]
    for start, end, line in banks:
        yield Mention(reading.text[start:end], start, end, line.sentence.index, described=True)
    for mention in mentions:
        inside = any(s <= mention.start and mention.end <= e for s, e, _ in banks)
        if not inside:
            yield mention


def _is_role(mention: Mention, reading: Reading) -> bool:
    """Tell whether a mention is a role in capitals: "Teneurs de Livre Associés"."""
    cues = reading.lines[mention.line].of("bookrunner", "lead", "investor")
    return any(c.start <= mention.start and mention.end <= c.end for c in cues)


def _only_headline(group: Sequence[Mention], reading: Reading, keys: Iterable[str]) -> bool:
    """Tell whether a word of the title never comes again: firms in the news do."""
    flat = key(group[0].text)
    if len(reading.lines) < 4 or " " in flat or any(m.line or m.described for m in group):
        return False
    return not any(other.startswith(flat + " ") for other in keys)


def refine(reading: Reading, mentions: Sequence[Mention]) -> list[Mention]:
    """Return the names of an article, given what its capitals suggest."""
    openers = _OPENERS[reading.lang]
    groups: dict[str, list[Mention]] = defaultdict(list)
    pieces = [
        _without_place(_undescribed(m, reading), reading)
        for m in _pieces(mentions, reading.text, reading.lang)
    ]
    for mention in _with_banks(reading, [m for m in pieces if not _is_role(m, reading)]):
        groups[key(mention.text)].append(mention)
    kept = [
        mention
        for flat, group in groups.items()
        if flat and flat not in openers and not _only_headline(group, reading, groups)
        for mention in group
    ]
    if reading.lang == "pt":  # "A Semeia", "O Nubank": an article before a firm's name is usual
        kept = [replace(mention, after_the=False) for mention in kept]
    return sorted(kept, key=lambda m: m.start)
