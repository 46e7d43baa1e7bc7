"""A document as sentences with offsets, capped so that no text can take long."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

# Characters of text looked at: an article has 5,000, the longest read of a weekly 40,000. What
# is longer is a filing whose news stands on its first pages, or meant to keep us busy.
LIMIT = 60_000
LONGEST = 900  # characters of one sentence
MOST = 60  # sentences read closely
TOP = 40  # of these so many from the top, the rest where words of the trade are
CLOSELY = 12_000  # characters read closely

_STOP = re.compile(
    r"(?P<line>[ \t]*[\r\n]+\s*)"
    r"|(?P<cjk>[。！？｡]+[”’」』）》\"']*)"
    r"|(?P<latin>(?<=[^\W_])[%)\]”’\"'»]{0,2}[.!?…]+[”’\"'»)"
    r"\]]*[ \t\u00a0]+(?!(?<=\d\.[ \u00a0])"  # "am 15. Juni": an ordinal ends nothing
    r"(?:J[aä]n|Feb|März|Apr|Mai|Jun|Jul|Aug|Sep|Okt|Nov|Dez|Quartal))"
    r"(?=[\"'“‘«„»(\[•@$€£¥—–-]*[^\Wa-z_]|[•—–-]))"
)
# A full stop after these ends no sentence.
_SHORT = re.compile(
    r"(?:(?<!eries )(?<!erie )(?<!érie )(?<!ound )(?<!unde )\b[^\W\d_]|\b(?:Inc|Corp|Ltd|Co"
    r"|Cos|Mr|Mrs|Ms|Dr|Prof|St|vs|No|Nr|Art|art|ca|approx|est|Jan|Feb"
    r"|Mar|Apr|Jun|Jul|Aug|Sept|Sep|Oct|Nov|Dec|Mass|Calif|Mio|Mrd|Rs|Sr|Sra|Dott|Ing|Avv|Pty|Pte"
    r"|Pvt|bzw|usw|inkl|Abs|al|cit|pag|mln|mld|mil|nn|Bros|Ges|mbH|Hr|Fr|rd|z\.B|d\.h|p\.a"
    r"|S\.p\.A|S\.r\.l"
    r"|S\.L|S\.A|N\.V|B\.V|U\.S|U\.K|D\.C|e\.g|i\.e))\.$"
)


# A headline may be two: "A raises money; B plans bonds", "甲获融资 乙拟发债".
_EAST = r"[\u3040-\u30ff\u4e00-\u9fff]"
_HEADLINES = re.compile(rf"(?<=\S)[;；]\s*|(?<={_EAST})[ \u3000](?={_EAST})")


@dataclass(frozen=True, slots=True)
class Sentence:
    """A piece of the passage: `passage[start:end]`."""

    start: int
    end: int
    text: str
    index: int
    title: bool = False


def passage(title: str, text: str) -> str:
    """Return what is read: the title, a line break, the text (a repeated title left out)."""
    first, _, rest = text[:LIMIT].partition("\n")
    if rest and first.strip() == title.strip():
        text = rest
    return f"{title[:LONGEST]}\n{text[:LIMIT]}"


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """Yield the span without white space around it, in pieces of bounded length."""
    while start < end and text[start].isspace():
        start += 1
    while end > start and text[end - 1].isspace():
        end -= 1
    for place in range(start, end, LONGEST):
        yield place, min(place + LONGEST, end)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for stop in _STOP.finditer(text):
        if stop.lastgroup == "latin" and _SHORT.search(
            text[max(start, stop.start() - 8) : stop.start() + 1]
        ):
            continue
        end = stop.start() if stop.lastgroup == "line" else stop.end()
        yield from _cut(text, start, end)
        start = stop.end()
    yield from _cut(text, start, len(text))


def _headlines(text: str, border: int) -> Iterator[tuple[int, int]]:
    """Yield the spans of sentences; a title that is two headlines gives two."""
    for begin, end in _spans(text):
        start = begin
        stops = _HEADLINES.finditer(text, begin, end) if begin < border else ()
        for stop in stops:
            yield from _cut(text, start, stop.start())
            start = stop.end()
        yield from _cut(text, start, end)


def split(text: str, most: int = 10 * MOST) -> Iterator[Sentence]:
    """Yield at most `most` sentences; the first line is the title."""
    border = text.find("\n")
    for index, (start, end) in enumerate(islice(_headlines(text, border), most)):
        yield Sentence(start, end, text[start:end], index, start < border)
