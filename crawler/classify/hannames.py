"""
Names in scripts without capitals: what is left of a clause when all other words are taken away.

"大模型公司智谱AI宣布完成新一轮融资" without the words of the trade, the sums and the words
that stand before a name leaves "智谱AI". Pieces that recur in the article are trusted most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading

_MARKS = re.compile(
    r"[，,。；;：:、（）()「」『』“”\"《》【】\s!！?？…—|/•<>〈〉・﹐＂]+|(?<=[^A-Za-z])[-–](?=[^A-Za-z])"
)
_AND = re.compile(r"(?<=[^\W\d_]{2})(?:以及|和|与|與|及|跟|や|と|및|와|과)(?=[^\W\d_]{2})")
_CUTS = frozenset(
    "raise issue status use prior total refuse valuation round bond loan ipo fund_close lead bookrunner reporter "
    "not_name barrier person bond_type acquisition".split()
)
_HEAD_JUNK = re.compile(
    r"^(?:\d+|[年月日号點点时分亿億万萬元股]|[的了是为為在于於向将將拟擬已由被把对對从從则也还還又再而其该該此当當并並让讓使以及与與和同称稱说說名第]|"
    r"一家|一个|一則|两家|兩家|三家|多家|数家|其中|这家|這家|那家|位于|位於|来自|來自|总部|專注|专注|前|原|新|老|等|家|個|个)+"
)
_TAIL_JUNK = re.compile(
    r"(?:[的了是为為在于於向将將拟擬已由被把对對从從则也还還又再而等中上下内内方各均都分别今昨刚剛正宣曾]|旗下|方面|股份|等机构|等機構|公司|集团)+$"
)
_ORG = re.compile(
    r"(?:公司|集团|集團|科技|资本|資本|创投|創投|基金|银行|銀行|证券|證券|机器人|機器人|半导体|半導體|智能|网络|網絡|電子|电子|生物|医疗|醫療|"
    r"能源|汽车|汽車|数据|數據|控股|产投|投资|投資|软件|軟體|信息|航天|云|雲|AI|国际|國際|光电|微|芯|通信|物流|地产|置业|保险|金融|药业|制药)$"
)
_SHORTEST, _LONGEST = 2, 18


def _pieces(line: Line, reading: Reading) -> Iterator[tuple[int, int, bool, bool]]:
    """Yield what is left of a line: (start, end, described, quoted)."""
    base, text = line.sentence.start, line.sentence.text
    cuts: list[tuple[int, int, str]] = [
        (base + m.start(), base + m.end(), m[0]) for m in _MARKS.finditer(text)
    ]
    cuts += [(base + m.start(), base + m.end(), "和") for m in _AND.finditer(text)]
    cuts += [(m.start, m.end, "$") for m in line.sums]
    cuts += [(m.other.start, m.other.end, "$") for m in line.sums if m.other]
    cuts += [
        (c.start, c.end, c.kind)
        for c in line.cues
        if c.kind in _CUTS and _cuts(c.start, c.end, c.kind, line, reading)
    ]
    cuts += [
        (c.start, c.end, "descriptor")
        for c in line.of("descriptor")
        if _opens(c.end, line, reading)
    ]
    place, mark = base, ""
    for start, end, what in sorted(cuts):
        if start > place:
            yield place, start, mark == "descriptor", mark[-1:] in '“「『"《'
        if end > place:
            place, mark = end, what
    if place < line.sentence.end:
        yield place, line.sentence.end, mark == "descriptor", mark[-1:] in '“「『"《'


def _cuts(start: int, end: int, kind: str, line: Line, reading: Reading) -> bool:
    """Tell whether a cue ends a name; words like 投资 may be the tail of one."""
    del line
    text = reading.text[start:end]
    if kind in {"refuse", "valuation"} and len(text) < 2:
        return False
    return not (len(text) == 1 and text in "获为因后贷和")


def _opens(end: int, line: Line, reading: Reading) -> bool:
    """Tell whether a descriptor stands before more of its clause and so is no tail of a name."""
    if end >= line.sentence.end:
        return False
    return _MARKS.match(reading.text[end]) is None or reading.text[end] in '“「『"《'


def _trim(text: str, start: int, end: int) -> tuple[int, int]:
    piece = text[start:end]
    tail = piece.rfind("的")
    if 0 <= tail < len(piece) - 2:
        start, piece = start + tail + 1, piece[tail + 1 :]
    if head := _HEAD_JUNK.match(piece):
        start, piece = start + head.end(), piece[head.end() :]
    if rest := _TAIL_JUNK.search(piece):
        kept = rest.start()
        if not (rest[0] in {"公司", "集团", "股份"} and kept >= 2):
            end = start + kept
    while start < end and not text[start].isalnum():
        start += 1
    while end > start and not (text[end - 1].isalnum() or text[end - 1] in "+.)"):
        end -= 1
    return start, end


def _raw(reading: Reading) -> list[Mention]:
    found = []
    for line in reading.lines:
        for left, right, described, quoted in _pieces(line, reading):
            start, end = _trim(reading.text, left, right)
            if _SHORTEST <= end - start <= 40 and not reading.text[start:end].isdigit():
                name = reading.text[start:end]
                opens = left <= line.sentence.start + 2
                found.append(
                    Mention(
                        name,
                        start,
                        end,
                        line.sentence.index,
                        described=described,
                        first=opens,
                        quoted=quoted,
                    )
                )
    return found


def _shorter(mention: Mention, known: Counter[str], sure: set[str]) -> Mention | None:
    """Return the mention cut down to the name it holds; None if it holds none."""
    text = mention.text
    for size in range(len(text) - 1, _SHORTEST - 1, -1):
        for piece, at in ((text[-size:], len(text) - size), (text[:size], 0)):
            if piece in sure and (known[piece] >= 2 or size >= 4):
                start = mention.start + at
                return Mention(
                    piece,
                    start,
                    start + size,
                    mention.line,
                    mention.described or at > 0,
                    mention.after_the,
                    mention.first,
                    mention.quoted,
                )
    return mention if len(text) <= _LONGEST else None


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of an article in a script without capitals."""
    raw = _raw(reading)
    counted: Counter[str] = Counter()
    for mention in raw:
        counted[mention.text] = reading.text.count(mention.text)
    sure = {
        m.text
        for m in raw
        if m.quoted or m.described or counted[m.text] >= 2 or _ORG.search(m.text)
    }
    cut = (_shorter(m, counted, sure) for m in raw)
    return sorted((m for m in cut if m is not None), key=lambda m: m.start)
