"""A document made ready: sentences, each with the cues and the sums of money in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from crawler.classify import cues, money, sentences
from crawler.classify.cues import Cue
from crawler.classify.money import Money
from crawler.classify.sentences import Sentence
from crawler.types import Document

_TRIGGERS = frozenset({"funding", "raise", "invest", "bond", "round", "issue"})
_MOST_CUES = 120  # of one sentence
_MOST_SUMS = 25  # of one sentence; a price list has more
_YEAR = re.compile(r"(?:19|20)\d\d")
_COMMAS = re.compile(r"[,;:，；：、—–()（）•|]")


@dataclass(frozen=True)
class Line:
    """One sentence with what was found in it, all offsets those of the passage."""

    sentence: Sentence
    cues: tuple[Cue, ...]
    sums: tuple[Money, ...]
    notes: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)  # looked up once

    @cached_property
    def kinds(self) -> frozenset[str]:
        """The kinds of its cues."""
        return frozenset([cue.kind for cue in self.cues])

    def of(self, *kinds: str) -> list[Cue]:
        """Return the cues of these kinds."""
        if self.kinds.isdisjoint(kinds):
            return []
        return [cue for cue in self.cues if cue.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Tell whether there is a cue of these kinds."""
        return not self.kinds.isdisjoint(kinds)

    def means(self, kind: str) -> set[str]:
        """Return what the cues of a kind mean."""
        return {cue.means for cue in self.cues if cue.kind == kind}

    def walls(self, start: int, end: int) -> list[Cue]:
        """Return the words between two places that open another clause."""
        barriers = self._barriers
        return [c for c in barriers if start <= c.start and c.end <= end] if barriers else []

    @cached_property
    def _barriers(self) -> list[Cue]:
        return self.of("barrier")


@dataclass(frozen=True)
class Reading:
    """A document made ready."""

    document: Document
    text: str
    lang: str
    lines: tuple[Line, ...]

    @property
    def spaced(self) -> bool:
        """Tell whether the script puts spaces between words."""
        return self.lang not in cues.UNSPACED

    @property
    def title(self) -> str:
        """The title as it stands in the passage."""
        return self.text.partition("\n")[0]

    def line_at(self, place: int) -> Line | None:
        """Return the line that holds an offset."""
        for line in self.lines:
            if line.sentence.start <= place < line.sentence.end:
                return line
        return None

    def triggered(self) -> bool:
        """Tell whether any word occurs that could announce a deal."""
        return any(line.has(*_TRIGGERS) for line in self.lines)


def commas(text: str) -> int:
    """Count the marks between clauses."""
    return len(_COMMAS.findall(text))


def _usual_currency(sums: Iterable[Money]) -> str | None:
    """Return the currency most sums print, if any does."""
    counted = Counter(m.currency for m in sums if m.currency)
    return counted.most_common(1)[0][0] if counted else None


# The currency of an article that prints none: what is spoken in one country or one currency area.
_AT_HOME = {"zh": "CNY", "ja": "JPY", "ko": "KRW", "it": "EUR"}


def _with_currency(sums: list[Money], lang: str) -> list[Money]:
    """Give sums that print no currency the one before them, else the article's usual one."""
    usual = _usual_currency(sums) or _AT_HOME.get(lang)
    last, done = None, []
    for one in sums:
        currency = one.currency or last or usual
        done.append(one if one.currency else replace(one, currency=currency))
        last = one.currency or last
    return done


def _compound(cue: Cue, text: str) -> bool:
    """Tell whether 投资 is only the head of 投资者, 投资人 …: nobody invests there."""
    return cue.kind in {"invest", "investor"} and (
        cue.text.endswith("投资") and text[cue.end : cue.end + 1] in set("者人圈界机方组银")
    )


def _converted(sums: list[Money]) -> list[Money]:
    """Give a sum said again the conversion it was printed with elsewhere."""
    known = {(m.value, m.currency): m.other for m in sums if m.other}
    if not known:
        return sums
    return [m if m.other else replace(m, other=known.get((m.value, m.currency))) for m in sums]


def read(document: Document, lang: str) -> Reading:
    """Return the document in sentences; only those that may matter of a long one."""
    text = sentences.passage(document.title, document.text)
    words = cues.lexicon(lang)
    parts = chosen(sentences.split(text), words)
    found: list[Cue] = []
    sums: list[Money] = []
    for start, end in _stretches(parts):
        found += words.find(text[start:end], start)
        sums += (_moved_sum(m, start) for m in money.find(text[start:end], lang, document.country))
    found = [c for c in found if _is_past(c, document) and not _compound(c, text)]
    found = _without_series(found, text)
    if lang == "de":
        found = [_infinitive(c, text) for c in found]
    sums = _converted(_with_currency(sums, lang))
    starts = [c.start for c in found], [m.start for m in sums]
    lines = tuple(_line(part, found, sums, starts, place) for place, part in enumerate(parts))
    return Reading(document, text, lang, _with_teasers(lines))


_MODAL = re.compile(
    r"\b(?:will|wollen|wolle|soll|sollen|möchte|möchten|könnte|dürfte)\b[^.;:!?\n]*$"
)


def _infinitive(cue: Cue, text: str) -> Cue:
    """Read "will eine Anleihe begeben" as planned: the participle looks the same."""
    if cue.kind != "issue" or cue.text.lower() != "begeben":
        return cue
    modal = _MODAL.search(text[max(0, cue.start - 160) : cue.start])
    return replace(cue, means="planned") if modal else cue


_OF = re.compile(r"[ (]*(?:(?:de la|da|de|della|des|der|of|n[.°º]*) )?(?:\d[ªa.]? )?")


def _without_series(found: list[Cue], text: str) -> list[Cue]:
    """Drop "series D" where it numbers a bond ("bonos serie D"): no round of a start-up."""
    ends = [c.end for c in found if c.kind == "bond"]
    return [
        c
        for c in found
        if not (
            c.kind == "round"
            and c.means.startswith("series_")
            and any(0 <= c.start - e <= 9 and _OF.fullmatch(text, e, c.start) for e in ends)
        )
    ]


_HEADING = 30  # characters of "Read also:", "相关阅读：" and the like, with what is around them


def _with_teasers(lines: tuple[Line, ...]) -> tuple[Line, ...]:
    """Mark the short lines under "Read also:" as pointers to other articles, too."""
    done: list[Line] = []
    under = False
    for line in lines:
        size = line.sentence.end - line.sentence.start
        heads = line.has("teaser") and size <= _HEADING
        under = heads or (under and size <= 4 * _HEADING)
        if under and not line.has("teaser"):
            start = line.sentence.start
            line = replace(line, cues=(Cue("teaser", "", start, start, ""), *line.cues))  # noqa: PLW2901 - the marked line is the line
        done.append(line)
    return tuple(done)


def _line(
    part: Sentence,
    found: list[Cue],
    sums: list[Money],
    starts: tuple[list[int], list[int]],
    place: int,
) -> Line:
    (a, b), (c, d) = ((bisect_left(s, part.start), bisect_left(s, part.end)) for s in starts)
    sentence = part if part.index == place else replace(part, index=place)
    return Line(sentence, tuple(found[a:b][:_MOST_CUES]), tuple(sums[c:d][:_MOST_SUMS]))


def _stretches(parts: Iterable[Sentence]) -> list[tuple[int, int]]:
    """Return the spans to read: neighbouring sentences are read as one."""
    spans: list[tuple[int, int]] = []
    last = -2
    for part in parts:
        if spans and part.index == last + 1:
            spans[-1] = (spans[-1][0], part.end)
        else:
            spans.append((part.start, part.end))
        last = part.index
    return spans


def _moved_sum(one: Money, by: int) -> Money:
    if not by:
        return one
    other = _moved_sum(one.other, by) if one.other else None
    return replace(one, start=one.start + by, end=one.end + by, other=other)


def _is_past(cue: Cue, document: Document) -> bool:
    """Tell whether a word for the past is one: "in 2027" is not, when it is 2025."""
    if cue.kind != "prior" or document.published is None:
        return True
    year = _YEAR.search(cue.text)
    if year is None:
        return True
    return int(year[0]) < document.published.year or len(cue.text) > len(year[0]) + 6


def chosen(parts: Iterable[Sentence], words: cues.Lexicon) -> list[Sentence]:
    """Keep the top of a text and, of the rest, sentences that name a round or a bond."""
    kept: list[Sentence] = []
    room = sentences.CLOSELY
    for part in parts:
        if len(kept) >= sentences.MOST or room <= 0:
            break
        if part.index < sentences.TOP or words.triggers(part.text):
            kept.append(part)
            room -= part.end - part.start
    return kept
