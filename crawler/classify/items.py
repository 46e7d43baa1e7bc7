"""
Lists: the company that heads an item of a roundup, in any script.

"• **Kryolab** (Dresden): €33m", "| Fjordlys | Bergen | €48m |", "・ねこのて（ペット）：1.8億円",
"▲모두의주차(주차 공유)=420억원", "2) Hibari Motion, Osaka. ¥3.2bn Series B": a mark opens the item;
a bracket, a colon, a bar or a stop ends its head. Small letters, hiragana and words that no
rule would take for a name are names there, and what the item goes on to say is about them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from crawler.classify.han import FOLD
from crawler.classify.hannames import UNLIKELY
from crawler.classify.names import INNER, Mention
from crawler.classify.reading import Line, Reading
from crawler.classify.runs import NOISE

# What opens an item: a number, or marks and emoji; no quote, bracket or word does.
_SYMBOL = r"[^\w\s\"'“”«»„‘’「『《(\[【〔（.,…$€£¥@#]"
_MARK = re.compile(
    rf"\s{{0,9}}(?:\d{{1,2}}(?:[.)、）]|\ufe0f?\u20e3)\s{{0,9}}|{_SYMBOL}\s{{0,9}}){{1,12}}(?=[^\W_])"
)
_LATIN = re.compile(
    r"(?P<name>[^\W_][\w.&'’+-]*(?: [\w.&'’+-]+){0,4}?)(?P<bold>\*{1,2})?"
    r" ?(?P<end>[(:|=]|[-–—] |[.,] |(?<=\*) |$)"
)
_EAST = re.compile(
    r"(?P<name>[^\s、，,。（(：:=＝|*【】]{2,16}) ?(?P<bold>\*{1,2})? ?(?P<end>[（(：:=＝|])"
)
_BOXED = re.compile(r"\s*【(?P<name>[^】\s、，]{2,10})(?P<bold>)(?P<end>】)")
_WORDS = NOISE - {"descriptor", "investor", "lead", "bookrunner"}
_SPEAKS = re.compile(r"[\s*]*[^\W\d_]")


def opens(line: Line) -> int:
    """Return where the text of an item begins in the passage; -1 if the line is none."""
    mark = _MARK.match(line.sentence.text)
    return -1 if mark is None or line.sentence.title else line.sentence.start + mark.end()


def head_of(line: Line, reading: Reading) -> tuple[int, int] | None:
    """Return the span of the name that heads an item, None if no mark shows one."""
    start = opens(line)
    shape = _LATIN if reading.spaced else _EAST
    found = shape.match(reading.text, start, line.sentence.end) if start >= 0 else None
    if found is None and not reading.spaced and not line.sentence.title:
        found = _BOXED.match(reading.text, line.sentence.start, line.sentence.end)
    if found is None or not (found["bold"] or found["end"].strip()):
        return None
    start = found.start("name")
    end = found.end("name")
    if not _like_a_name(found, reading):
        return None
    if any(m.start < end and start < m.end for m in line.sums) or _worded(start, end, line):
        return None
    return start, end


def _like_a_name(found: re.Match[str], reading: Reading) -> bool:
    """Tell whether the head of an item may be a name: no hour, no shout, no phrase."""
    name = found["name"]
    if sum(map(str.isalpha, name)) < 2 or (name.isupper() and found["end"][:1] in set("-–—:")):
        return False
    if not reading.spaced:
        return reading.lang != "zh" or not UNLIKELY.search(name.translate(FOLD))
    words = name.rstrip(".").split()
    return bool(found["bold"]) or all(not w[0].islower() or w in INNER for w in words)


def _worded(start: int, end: int, line: Line) -> bool:
    """Tell whether a word of the trade, a place or a day is all the head there is."""
    return any(
        c.kind in _WORDS and c.start <= start and end - 2 <= c.end
        for c in line.cues
        if c.start < end
    )


def with_heads(reading: Reading, found: Sequence[Mention]) -> Iterator[Mention]:
    """Yield the names of an article with those that head the items of its lists."""
    spans = {ln.sentence.index: head_of(ln, reading) for ln in reading.lines}
    labels = {i for i, span in spans.items() if span and _is_doubtful(span, i, reading, found)}
    heads = {i: span for i, span in spans.items() if span and i not in labels}
    for mention in found:
        span = heads.get(mention.line)
        if span is None or mention.end <= span[0] or span[1] <= mention.start:
            yield mention
        elif (mention.start, mention.end) == span or _is_phrase(mention, span, reading):
            yield replace(mention, first=True, head=True, label=False)
            del heads[mention.line]
    for index, span in heads.items():
        text = reading.text[slice(*span)]
        yield Mention(text, *span, index, described=True, first=True, head=True)


_OF = re.compile(r"\b(?:of|for|at|di|da|do|de|du|del|dell[ao]|por|per|für|von|der|bei) $")


def _is_phrase(mention: Mention, span: tuple[int, int], reading: Reading) -> bool:
    """Tell whether a head speaks of the name it ends with: "Rodada da Lince"."""
    ends = mention.start > span[0] and 0 <= span[1] - mention.end <= 1
    return ends and _OF.search(reading.text, span[0], mention.start) is not None


def _is_doubtful(
    span: tuple[int, int], index: int, reading: Reading, found: Sequence[Mention]
) -> bool:
    """Tell whether a head is a town or a topic before the name: "BENGALURU: Acme bags"."""
    behind = reading.text[span[1] : span[1] + 3].lstrip("* ")[:1]
    here = [m for m in found if m.line == index]
    if behind in {":", "："}:
        return any(0 <= m.start - span[1] <= 5 for m in here)
    if behind in {".", ","}:
        words = reading.text[slice(*span)]
        known = any((m.start, m.end) == span for m in here)
        opener = any(c.start == span[0] for c in reading.lines[index].of("not_name"))
        return not known and (opener or " " not in words)
    return behind == "】" and any(m.start > span[1] and (m.described or m.first) for m in here)


def owners(reading: Reading, heads: Sequence[Mention]) -> dict[int, Mention]:
    """Return, for the index of each line of an item, the mention that heads the item."""
    by_line = {m.line: m for m in heads if m.head}
    found: dict[int, Mention] = {}
    if not by_line:
        return found
    last: Line | None = None
    for line in reading.lines:
        index = line.sentence.index
        own = by_line.get(index)
        if own is None and last is not None:
            between = reading.text[last.sentence.end : line.sentence.start]
            own = found.get(last.sentence.index) if "\n" not in between else None
        if own is not None:
            found[index] = own
        last = line
    return found
