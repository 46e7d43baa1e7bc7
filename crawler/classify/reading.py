"""A document made ready: sentences, each with the cues and the sums of money in it."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from crawler.classify import cues, money, sentences
from crawler.classify.cues import Cue
from crawler.classify.money import Money
from crawler.classify.sentences import Sentence
from crawler.types import Document

_TRIGGERS = frozenset({"funding", "raise", "invest", "bond", "round", "issue"})
_YEAR = re.compile(r"(?:19|20)\d\d")
_COMMAS = re.compile(r"[,;:，；：、—–()（）•|]")


@dataclass(frozen=True)
class Line:
    """One sentence with what was found in it, all offsets those of the passage."""

    sentence: Sentence
    cues: tuple[Cue, ...]
    sums: tuple[Money, ...]

    def of(self, *kinds: str) -> list[Cue]:
        """Return the cues of these kinds."""
        return [cue for cue in self.cues if cue.kind in kinds]

    def has(self, *kinds: str) -> bool:
        """Tell whether there is a cue of these kinds."""
        return any(cue.kind in kinds for cue in self.cues)

    def means(self, kind: str) -> set[str]:
        """Return what the cues of a kind mean."""
        return {cue.means for cue in self.cues if cue.kind == kind}

    def walls(self, start: int, end: int) -> list[Cue]:
        """Return the words between two places that open another clause."""
        return [c for c in self.cues if c.kind == "barrier" and start <= c.start and c.end <= end]


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


def _with_currency(sums: list[Money], lang: str) -> list[Money]:
    """Give sums that print no currency the one before them, else the article's usual one."""
    usual = _usual_currency(sums) or {"zh": "CNY", "ja": "JPY", "ko": "KRW"}.get(lang)
    last, done = None, []
    for one in sums:
        currency = one.currency or last or usual
        done.append(one if one.currency else replace(one, currency=currency))
        last = one.currency or last
    return done


def _converted(sums: list[Money]) -> list[Money]:
    """Give a sum said again the conversion it was printed with elsewhere."""
    known = {(m.value, m.currency): m.other for m in sums if m.other}
    return [m if m.other else replace(m, other=known.get((m.value, m.currency))) for m in sums]


def read(document: Document, lang: str) -> Reading:
    """Return the document in sentences; only those that may matter of a long one."""
    text = sentences.passage(document.title, document.text)
    parts = _chosen(sentences.split(text), cues.lexicon(lang))
    end = parts[-1].end if parts else 0
    found = [c for c in cues.lexicon(lang).find(text[:end]) if _is_past(c, document)]
    sums = _converted(_with_currency(money.find(text[:end], lang, document.country), lang))
    cue_starts, sum_starts = [c.start for c in found], [m.start for m in sums]
    lines = tuple(
        Line(
            part,
            tuple(found[bisect_left(cue_starts, part.start) : bisect_left(cue_starts, part.end)]),
            tuple(sums[bisect_left(sum_starts, part.start) : bisect_left(sum_starts, part.end)]),
        )
        for part in parts
    )
    return Reading(document, text, lang, lines)


def _is_past(cue: Cue, document: Document) -> bool:
    """Tell whether a word for the past is one: "in 2027" is not, when it is 2025."""
    year = _YEAR.search(cue.text)
    if cue.kind != "prior" or year is None or document.published is None:
        return True
    return int(year[0]) < document.published.year or len(cue.text) > len(year[0]) + 6


def _chosen(parts: list[Sentence], words: cues.Lexicon) -> list[Sentence]:
    """Keep the top of a long text and no more sentences than can be read closely."""
    del words
    return parts[: sentences.MOST]
