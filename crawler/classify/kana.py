"""
Names in Japanese text: runs of kanji, katakana and Latin letters between hiragana.

What stands before a name ("米", "…を開発する") and behind it ("社", dates) is taken off.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from crawler.classify.reading import Line, Reading
from crawler.classify.runs import (
    NOISE,
    Run,
    banks,
    clashes,
    is_kana,
    is_noise,
    joined,
    latin,
    taken,
)

_JA_CORE = r"一-龯々〆ァ-ヺーA-Za-z0-9Ａ-Ｚａ-ｚ０-９&＆・"
_JA_RUN = re.compile(rf"[{_JA_CORE}][{_JA_CORE}.\-']*")
_JA_QUOTE = re.compile(r"[「『“]([^」』”。、]{2,20})[」』”]")
_JA_VERBAL = re.compile(r"[をがはにへ]|[いたるうくすむ]$|です|ます")
_JA_SOFT = re.compile(r"[ぁ-ん]{2,5}$")
_JA_HEAD = re.compile(
    r"^(?:[0-9]+[月日年時号]?|株式会社(?=.{2})|[米英仏独中韓印加伊豪](?=[ァ-ヺA-Z])|(?:米国|英国|韓国|中国|台湾|日本|東京|大阪|関西)"
    r"(?=[ァ-ヺA-Z]{3})|同(?=[社行])|元(?=[ァ-ヺ])|独自|新興|大手|開発|運営|各社|[AＡ][IＩ](?=新興|開発)|傘下)+"
)
_JA_TAIL = re.compile(
    r"(?:第[0-9]+[回期号]?|社長|会長|社|側|氏|様|各社|など|傘下|向け|系|ら|担当者|広報|代表|取締役会|[0-9][月日年]?|グループ各社|・)+$"
)
_JA_FUNCTION = frozenset(
    [
        "による",
        "として",
        "について",
        "において",
        "における",
        "という",
        "ための",
        "などの",
        "なども",
        "まで",
        "から",
        "より",
        "だけ",
        "ほか",
        "これ",
        "それ",
        "この",
        "その",
        "ここ",
        "また",
        "さらに",
        "ただし",
        "なお",
        "うち",
        "いずれも",
        "まず",
        "として",
        "これら",
        "それぞれ",
        "すでに",
        "さらに",
        "として",
        "くらい",
        "ほど",
    ]
)
_JA_STAYS = frozenset({"descriptor", "place", "funding", "person", "not_name"})


_PRODUCT = re.compile(
    "[」』”](?:を(?:運営|展開|提供|開発|手がけ|手掛け|販売|運用|配信)|の(?:サービス|アプリ|運営))"
)


def runs_of(line: Line, reading: Reading) -> Iterator[Run]:
    """Yield the runs of a line that may be names."""
    text, base = reading.text, line.sentence.start
    spans = taken(line)
    quoted = [*banks(line, text), *latin(line)]
    yield from (Run(start, end, sure=True) for start, end in quoted)
    for match in _JA_QUOTE.finditer(line.sentence.text):
        start, end = base + match.start(1), base + match.end(1)
        named = not _JA_VERBAL.search(match[1]) and not is_noise(start, end, line)
        if named and not any(start < b and a < end for a, b in quoted):
            quoted.append((start, end))
            product = _PRODUCT.match(text, end) is not None
            named = text[start - 2 : start - 1] in "るたのう" and not product
            yield Run(start, end, named, not product, product, product)
    for match in _JA_RUN.finditer(line.sentence.text):
        run = _ja_run(line, text, base + match.start(), base + match.end())
        if run is None or clashes(run, spans) or clashes(run, quoted):
            continue
        yield run


_JA_LEGAL = re.compile(r"(?:株式会社|㈱|合同会社|有限会社|\(株\)|（株）)$")
_JA_WEAK = re.compile(r"の(?=[^\s、。])|を|で|に(?=[^、])|から(?=[^、])|と(?=[^、])")
_JA_ORG = re.compile(
    r"(?:キャピタル|ベンチャーズ|パートナーズ|ファンド|インベストメント|VC|商事|証券|銀行|生命|組合|公庫|HD|ホールディングス|電機|電子|工業"
    r"|製薬|通信|物産|ロボティクス|テクノロジーズ|ラボ|グループ|ロジスティクス|機構|年金基金)$"
)


_RATING = re.compile(r"[ABC]{1,3}[a]{0,2}\d?")


def _ja_run(line: Line, text: str, start: int, end: int) -> Run | None:
    legal = text.startswith("株式会社", start) or _JA_LEGAL.search(text[max(0, start - 5) : start])
    start, end = _ja_trim(line, text, start, end)
    start -= _ja_soft(text, start, line)
    name = text[start:end]
    if (
        len(name) < 2
        or name.isdecimal()
        or _RATING.fullmatch(name)
        or (is_noise(start, end, line) and not legal)
    ):
        return None
    before = text[max(line.sentence.start, start - 1) : start]
    described = bool(legal) or before in {"る", "た", "の"} or _after_descriptor(start, line)
    sure = bool(legal) or _JA_ORG.search(name) is not None
    return Run(start, end, described, weak=_JA_WEAK.match(text, end) is not None, sure=sure)


def _after_descriptor(start: int, line: Line) -> bool:
    return any(cue.end == start for cue in line.of("descriptor"))


def _ja_trim(line: Line, text: str, start: int, end: int) -> tuple[int, int]:
    """Take modifiers off the front and titles off the back, also words of the lexicon."""
    for _ in range(4):
        before = (start, end)
        if head := _JA_HEAD.match(text[start:end]):
            start += head.end()
        if tail := _JA_TAIL.search(text[start:end]):
            end = start + tail.start()
        start, end = _ja_unworded(line, text, start, end)
        piece = text[start:end]
        start += len(piece) - len(piece.lstrip("・-.'ー&0123456789"))
        end -= len(piece) - len(piece.rstrip("・-.'"))
        if (start, end) == before:
            break
    return start, max(start, end)


def _ja_unworded(line: Line, text: str, start: int, end: int) -> tuple[int, int]:
    """Take words of the lexicon off both ends; "AI" at the end belongs to the name."""
    for cue in line.cues:
        if cue.kind not in NOISE or cue.end - cue.start < 2:
            continue
        if cue.start == start and cue.end < end and cue.kind != "place":
            start = start if joined(text, cue.end) else cue.end
        elif cue.end == end and cue.start > start + 1 and cue.kind not in _JA_STAYS:
            keeps = text[cue.start : cue.end] == "AI" or joined(text, cue.start)
            end = end if keeps else cue.start
    return start, end


def _ja_soft(text: str, start: int, line: Line) -> int:
    """Return how many hiragana in front belong to a name: つばめキャピタル, みなとベンチャーズ."""
    match = _JA_SOFT.search(text[max(line.sentence.start, start - 5) : start])
    if match is None or not is_kana(text[start : start + 1] or " "):
        return 0
    run = match[0]
    opens = (
        start - len(run) <= line.sentence.start
        or text[start - len(run) - 1] in "、。「・（(\n ／/■◆●▽"
    )
    if not opens:
        run = run[1:] if run[0] in "のはがをにへともで" else ""
    if len(run) < 2 or run in _JA_FUNCTION or run[-1] in "るたはがをにでもへ":
        return 0
    if run[-1] == "の" and not opens:
        return 0
    return len(run)
