"""
Names in scripts without capitals: what is left of a clause when all other words are taken away.

"大模型公司智谱AI宣布完成新一轮融资" without the words of the trade, the sums and the words
that stand before a name leaves "智谱AI". Pieces that recur in the article are trusted most.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace

from crawler.classify.cues import Cue
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading

_MARKS = re.compile(
    r"\s+(?![A-Za-z])|(?<![A-Za-z])\s+|[，,。；;：:、（）()「」『』“”\"《》【】!！?？…—|/•<>〈〉・﹐＂]+|(?<=[^A-Za-z])[-–](?=[^A-Za-z])"
)
_AND = re.compile(r"(?<=[^\W\d_]{2})(?:以及|和|与|與|及|跟|や|と|및|와|과)(?=[^\W\d_]{2})")
_CUTS = frozenset(
    "funding invest investor "
    "raise issue status use prior total refuse valuation round bond loan ipo fund_close lead bookrunner reporter "
    "not_name barrier person bond_type acquisition".split()
)
_HEAD_JUNK = re.compile(
    r"^(?:\d+[年月日号點点时時分亿億万萬元股家個个级]?|[的了是为為在于於向将將拟擬已由被把对對從从則则也还還又再而其该該此"
    r"讓让使与與和同称稱说說名第据據获獲获因如若即虽雖当當并並]|"
    r"一家|一个|一則|两家|兩家|三家|多家|数家|其中|这家|這家|那家|位于|位於|来自|來自|总部|专注|专做|原|家|個|个|以及|就是|便是|以)+"
)
_TAIL_JUNK = re.compile(
    r"(?:[的了是为為在于於向将將拟擬已由被把对對从從则也还還又再而等中上下内内方各均都分别今昨刚剛正宣曾]|旗下|方面|股份|等机构|等機構|公司|集团)+$"
)
_ORG = re.compile(
    r"(?:公司|集团|集團|科技|资本|資本|创投|創投|基金|银行|銀行|证券|證券|机器人|機器人|半导体|半導體|智能|网络|網絡|電子|电子|生物|医疗|醫療|"
    r"能源|汽车|汽車|数据|數據|控股|产投|投资|投資|软件|軟體|信息|航天|云|雲|AI|国际|國際|光电|微|芯|通信|物流|地产|置业|保险|金融|药业|制药)$"
)
_LISTED = re.compile(r"[、，和与與及领領跟参參等独聯联）」”]")
_LEGAL_TAIL = re.compile(
    r"(?:集团|集團|控股|股份)?(?:有限责任公司|股份有限公司|有限公司|股份公司)|集团|集團"
)
_VERBS = frozenset(
    {"raise", "invest", "issue", "status", "lead", "investor", "bookrunner", "person"}
)
_QUOTES = ("“", "「", "『", '"', "《")
_SHORTEST, _LONGEST = 2, 18


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two cuts, with the cuts on either side."""

    start: int
    end: int
    left: str
    right: str
    beyond: bool  # more text follows the right cut at once


def _cuts_of(line: Line, reading: Reading) -> list[tuple[int, int, str]]:
    base, text = line.sentence.start, line.sentence.text
    cuts = [(base + m.start(), base + m.end(), m[0]) for m in _MARKS.finditer(text)]
    cuts += [(base + m.start(), base + m.end(), "和") for m in _AND.finditer(text)]
    for one in line.sums:
        cuts += [(m.start, m.end, "$") for m in (one, one.other) if m is not None]
    cuts += [
        (c.start, c.end, c.kind) for c in line.cues if c.kind in _CUTS and _ends_name(c, reading)
    ]
    cuts += [(c.start, c.end, "descriptor") for c in line.of("descriptor")]
    return sorted(cuts)


def _ends_name(cue: Cue, reading: Reading) -> bool:
    """Tell whether a cue ends a name; 投资 may be the tail of one, 据 stand inside one."""
    if cue.end - cue.start == 1:
        return False
    if cue.kind in {"funding", "invest", "investor"}:
        after = reading.text[cue.end : cue.end + 2]
        return not (cue.text[:2] in {"投资", "投資", "创投"} and _LISTED.match(after) is not None)
    return True


def _pieces(line: Line, reading: Reading) -> Iterator[_Piece]:
    """Yield what is left of a line."""
    place, left = line.sentence.start, "^"
    cuts = [*_cuts_of(line, reading), (line.sentence.end, line.sentence.end, "$")]
    for number, (start, end, what) in enumerate(cuts):
        if start > place:
            following = cuts[number + 1][0] if number + 1 < len(cuts) else end
            yield _Piece(place, start, left, what, following > end)
        if end > place:
            place, left = end, what


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
        for piece in _pieces(line, reading):
            if piece.right == "descriptor" and piece.beyond:
                continue  # "具身智能公司拓岳": what a company does, not its name
            mention = _mention(piece, line, reading)
            if mention is not None:
                found.append(mention)
    return found


def _mention(piece: _Piece, line: Line, reading: Reading) -> Mention | None:
    start, end = _trim(reading.text, piece.start, piece.end)
    if legal := _LEGAL_TAIL.match(reading.text, end):
        end = legal.end()
    name = reading.text[start:end]
    if not _SHORTEST <= len(name) <= 40 or not any(c.isalpha() for c in name):
        return None
    return Mention(
        name,
        start,
        end,
        line.sentence.index,
        described=piece.left == "descriptor",
        first=piece.start <= line.sentence.start + 2,
        quoted=piece.left[-1:] in _QUOTES,
        subject=piece.right in _VERBS and piece.left not in _VERBS,
    )


def _shorter(mention: Mention, known: Counter[str], sure: set[str]) -> Mention | None:
    """Return the mention cut down to the sure name it opens or ends with, if there is one."""
    text = mention.text
    for size in range(len(text) - 1, _SHORTEST - 1, -1):
        for piece, at in ((text[-size:], len(text) - size), (text[:size], 0)):
            if piece in sure and (known[piece] >= 2 or size >= 4):
                start = mention.start + at
                return replace(
                    mention,
                    text=piece,
                    start=start,
                    end=start + size,
                    described=mention.described or at > 0,
                )
    return None


def _is_sure(mention: Mention, count: int) -> bool:
    """Tell whether a piece has a sign of being a name beyond being left over."""
    return (
        mention.quoted
        or (mention.described and len(mention.text) <= _LONGEST)
        or (count >= 2 and len(mention.text) <= 10)
        or _ORG.search(mention.text) is not None
        or (mention.subject and len(mention.text) <= 8)
        or mention.text[0].isascii()
    )


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of an article in a script without capitals."""
    raw = _raw(reading)
    counted = Counter({m.text: reading.text.count(m.text) for m in raw})
    banks = {c.text for line in reading.lines for c in line.of("bank")}
    sure = {m.text for m in raw if m.text in banks or _is_sure(m, counted[m.text])}
    cut = ((m if m.text in sure else _shorter(m, counted, sure)) for m in raw)
    return sorted((m for m in cut if m is not None), key=lambda m: m.start)
