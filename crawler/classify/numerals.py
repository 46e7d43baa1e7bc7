"""
Numbers as newsrooms write them: digits, words, Chinese characters and Hangul.

`read(view)` yields every number with what it is worth; whether it is money is decided
elsewhere. Nothing here raises, and each number looks at a bounded stretch of text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from crawler.classify.moneywords import View, Words, load

_DIGITS = re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*")
_LONGEST = 24  # digits of a sum anybody would print
_HALF = Decimal("0.5")
_HAN = dict(
    zip(
        "〇零一二三四五六七八九两壹贰叁肆伍陆柒捌玖",
        (0, 0, *range(1, 10), 2, *range(1, 10)),
        strict=True,
    )
)
_HANGUL = dict(zip("일이삼사오육칠팔구", range(1, 10), strict=True))
_UNITS = {
    **{"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1000, "仟": 1000, "万": 10**4, "亿": 10**8},
    **{"兆": 10**12, "십": 10, "백": 100, "천": 1000, "만": 10**4, "억": 10**8, "조": 10**12},
}
_SOME = frozenset("数几수")
_MORE = frozenset("余多여")
_CJK_START = re.compile(
    r"[数几][十百千]{0,2}[万亿兆]|수[십백천]{0,2}[만억조]"
    r"|[一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟][〇零一二三四五六七八九十百千拾佰仟几数余多]{0,9}[万亿兆]"
    r"|[一二三四五六七八九][十百千][一二三四五六七八九十百]{0,5}(?=[円元])"
    r"|(?<![가-힣])[일이삼사오육칠팔구십백천]{1,6}[만억조](?=\s?[억조원달유])"
    r"|(?<=[上过近超逾破达約约])[万亿](?=[元美港日欧])"
    r"|(?<![\d万千百十兆])亿(?=[元美港日欧]{1,2}级)"
)


@dataclass(frozen=True, slots=True)
class Number:
    """A number in the text: `unit` is the scale word's worth (1 when there was none)."""

    start: int
    end: int
    value: Decimal
    unit: Decimal = Decimal(1)
    vague: bool = False
    about: bool = False
    over: bool = False
    words: bool = False  # written without a digit

    @property
    def head(self) -> Decimal:
        """The figure in front of the scale word."""
        return self.value / self.unit


def read(view: View) -> Iterator[Number]:
    """Yield the numbers of `view` from left to right, none inside another."""
    words = load(view.lang)
    end = 0
    for match in _starts(words).finditer(view.low):
        if match.start() < end:
            continue
        number = _number_at(view, words, match.start())
        if number is not None:
            end = number.end
            yield number


@lru_cache(maxsize=32)
def _starts(words: Words) -> re.Pattern[str]:
    spelled = rf"|{words.spelled_start}" if words.spelled_start else ""
    return re.compile(rf"\d|{_CJK_START.pattern}{spelled}")


def _number_at(view: View, words: Words, start: int) -> Number | None:
    char = view.low[start]
    if char.isdigit():
        return _digits(view, words, start)
    if char > "\u2e7f":
        return _cjk(view.low, start)
    return _spelled(view.low, words, start)


def whole(value: Decimal) -> Decimal:
    """Drop the ".0" that multiplying leaves behind."""
    return Decimal(int(value)) if value == value.to_integral_value() else value.normalize()


# --- digits ---------------------------------------------------------------------------


def _digits(view: View, words: Words, start: int) -> Number | None:
    match = _DIGITS.match(view.low, start)
    if match is None:
        return None
    value = decimal(match.group(), view.lang, view.country)
    if value is None:
        return Number(start, match.end(), Decimal(0))
    number = Number(start, match.end(), value)
    cjk = _cjk_tail(view.low, number)
    return cjk if cjk is not None else _with_scale(view.low, words, number)


def decimal(token: str, lang: str, country: str | None = None) -> Decimal | None:
    """Read a printed figure; None when no reading makes sense ("51,080.000.00")."""
    if len(token) > _LONGEST:
        return None
    plain = token.replace(" ", "").replace("'", "").replace("’", "")
    marks = [char for char in plain if char in ".,"]
    if not marks:
        return Decimal(plain)
    if len(set(marks)) == 2:
        return _two_marks(plain, marks)
    return _one_mark(plain, marks[0], len(marks), _dot_groups(lang, country))


def _two_marks(plain: str, marks: list[str]) -> Decimal | None:
    point = marks[-1]
    if marks.count(point) > 1:
        return None
    group = "," if point == "." else "."
    return Decimal(plain.replace(group, "").replace(point, "."))


def _one_mark(plain: str, mark: str, count: int, dot_groups: bool) -> Decimal | None:
    parts = plain.split(mark)
    grouped = all(len(part) == 3 for part in parts[1:]) and 0 < len(parts[0]) <= 3
    if count > 1:
        indian = mark == "," and len(parts[-1]) == 3 and all(len(p) <= 3 for p in parts)
        return Decimal("".join(parts)) if grouped or indian else None
    groups = (mark == ".") == dot_groups
    if grouped and parts[0] != "0" and (groups or (mark == "," and parts[1].endswith("0"))):
        return Decimal("".join(parts))
    return Decimal(".".join(parts))


def _dot_groups(lang: str, country: str | None) -> bool:
    if lang == "es" and (country or "").lower() in {
        "mx",
        "pe",
        "do",
        "gt",
        "pa",
        "hn",
        "ni",
        "sv",
        "pr",
        "us",
    }:
        return False
    return lang in {
        "it",
        "de",
        "es",
        "pt",
        "fr",
        "tr",
        "nl",
        "id",
        "da",
        "no",
        "nb",
        "sv",
        "pl",
        "cs",
        "ru",
        "ro",
    }


def _with_scale(low: str, words: Words, number: Number) -> Number:
    match = words.scale.match(low, number.end)
    if match is None:
        return number
    unit = words.scales[match.group("scale").replace("-", " ")]
    grown = replace(number, end=match.end("scale"), value=whole(number.value * unit), unit=unit)
    return _and_more(low, words, grown)


def _and_more(low: str, words: Words, number: Number) -> Number:
    """Add "e mezzo", "et demi" or a smaller second part ("3 crore 50 lakh") to a number."""
    half = words.and_half.match(low, number.end)
    if half is not None:
        return replace(number, end=half.end(), value=whole(number.value + number.unit * _HALF))
    second = words.second.match(low, number.end)
    if second is None:
        return number
    unit = words.scales[second.group("scale")]
    if unit >= number.unit or Decimal(second.group("more")) * unit >= number.unit:
        return number
    return replace(
        number, end=second.end("scale"), value=number.value + Decimal(second.group("more")) * unit
    )


# --- Chinese characters and Hangul ------------------------------------------------------

_CJK_STEP = re.compile(
    r"\s?(?:(?P<digits>\d+(?:,\d{3})*(?:\.\d+)?)\s?(?=[十百千万亿兆십백천만억조余多여数]))"
)


def _cjk_tail(low: str, number: Number) -> Number | None:
    """Go on from digits to "亿", "조 2000억", "千万" …; None when no such unit follows."""
    at = number.end
    if low[at : at + 1] == " ":
        at += 1
    if low[at : at + 1] not in _UNITS and low[at : at + 1] not in _MORE:
        return None
    stack, end, flags = _climb(low, at, [number.value])
    if end == at or not flags["unit"]:
        return None
    return _from_stack(number.start, end, stack, flags, words=False)


def _cjk(low: str, start: int) -> Number | None:
    stack, end, flags = _climb(low, start, [])
    if not stack:
        return None
    return _from_stack(start, end, stack, flags, words=True)


def _from_stack(
    start: int, end: int, stack: list[Decimal], flags: dict[str, int], *, words: bool
) -> Number:
    value = whole(sum(stack, Decimal(0)))
    unit = Decimal(flags["unit"] or 1)
    return Number(start, end, value, unit, bool(flags["vague"]), False, bool(flags["over"]), words)


def _climb(low: str, at: int, stack: list[Decimal]) -> tuple[list[Decimal], int, dict[str, int]]:
    """Read units and digits from `at` on; the end is behind the last thing understood."""
    flags = {"unit": 0, "vague": 0, "over": 0}
    head = bool(stack)
    end, stop = at, min(len(low), at + 40)
    while at < stop:
        char = low[at]
        if char in _UNITS:
            flags["vague"] |= not stack and _UNITS[char] >= 1000 and not head
            _multiply(stack, _UNITS[char])
            flags["unit"], head, at = _UNITS[char], False, at + 1
            end = at
        elif char in _SOME:
            flags["vague"] = 1
            if not (stack and stack[-1] >= 10):
                stack.append(Decimal(1))
            at += 1
        elif char in _MORE and low[at + 1 : at + 2] in _UNITS:
            flags["over"], at = 1, at + 1
        elif char in _HAN and not head:
            stack.append(Decimal(_HAN[char]))
            at = end = at + 1
        elif (
            char in _HANGUL
            and not head
            and (low[at + 1 : at + 2] in _UNITS or not char.isascii() and not flags["unit"])
        ):
            stack.append(Decimal(_HANGUL[char]))
            at = end = at + 1
        else:
            step = _CJK_STEP.match(low, at) if flags["unit"] >= 10**4 else None
            if step is None:
                if char == " " and low[at + 1 : at + 2] in _UNITS and flags["unit"] == 0:
                    at += 1
                    continue
                break
            stack.append(Decimal(step["digits"].replace(",", "")))
            at, head = step.end(), True
    return stack, end, flags


def _multiply(stack: list[Decimal], unit: int) -> None:
    under = Decimal(0)
    while stack and stack[-1] < unit:
        under += stack.pop()
    stack.append((under or Decimal(1)) * unit)


# --- words ------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _spelled(low: str, words: Words, start: int) -> Number | None:
    """Read "two and a half billion", "due miliardi e mezzo"; a scale word must be in it."""
    state = _Spelling()
    at, joined = start, False
    for _ in range(12):
        match = _WORD.match(low, at)
        if match is None:
            break
        step = _step(low, words, match, state, joined=joined)
        if step is None:
            break
        at = step
        gap = words.gap.match(low, at)
        if gap is None:
            break
        joined = len(gap.group()) > 1
        at = gap.end()
    return state.number(start)


class _Spelling:
    """The sum so far of a number in words."""

    def __init__(self) -> None:
        self.stack: list[Decimal] = []
        self.unit = Decimal(1)
        self.vague = self.about = False
        self.end = 0

    def take(self, kind: str, worth: Decimal, end: int, *, joined: bool) -> None:
        self.vague |= kind == "~"
        self.about |= kind == "^"
        if kind == "x":
            _multiply_by(self.stack, worth)
            self.unit = max(self.unit, worth)
        elif worth == _HALF and self.unit > 1000 and self.stack:
            self.stack.append(self.unit * _HALF)
        elif worth < 1 and self.stack == [1] and not joined:
            self.stack[-1] = worth  # "eine halbe", "un demi": the article counts nothing
        elif kind == "~" and self.stack and self.stack[-1] <= 1:
            self.stack[-1] = max(self.stack[-1], worth)
        else:
            self.stack.append(worth)
        if worth >= 10**6:
            self.unit = max(self.unit, worth)
        self.end = end

    def number(self, start: int) -> Number | None:
        if self.unit < 1000 or not self.stack:
            return None
        value = whole(sum(self.stack, Decimal(0)))
        return Number(start, self.end, value, self.unit, self.vague, self.about, words=True)


def _multiply_by(stack: list[Decimal], worth: Decimal) -> None:
    if worth < 1:
        if stack:
            stack[-1] *= worth
        return
    under = Decimal(0)
    while stack and stack[-1] < worth:
        under += stack.pop()
    stack.append((under or Decimal(1)) * worth)


def _step(
    low: str, words: Words, match: re.Match[str], state: _Spelling, *, joined: bool
) -> int | None:
    scale = words.scale_word.match(low, match.start())
    if scale is not None and (state.stack or scale.group() not in words.spelled):
        state.take("x", words.scales[scale.group()], scale.end(), joined=joined)
        return scale.end()
    for part, end in _tries(match):
        reading = words.spelled.get(part) or _solid(part, words)
        if reading is not None:
            state.take(*reading, end, joined=joined)
            return end
    return None


def _tries(match: re.Match[str]) -> Iterator[tuple[str, int]]:
    """Yield the whole hyphenated word first ("dix-huit"), then its first part ("half")."""
    yield match.group(), match.end()
    head, dash, _ = match.group().partition("-")
    if dash:
        yield head, match.start() + len(head)


def _solid(word: str, words: Words) -> tuple[str, Decimal] | None:
    """Take "zweihundertfünfzig" or "duecentocinquanta" apart; None when a piece is unknown."""
    if not words.pieces or len(word) > 40:
        return None
    stack: list[Decimal] = []
    at = 0
    while at < len(word):
        piece = words.pieces.match(word, at)
        if piece is None or piece.end() == at:
            return None
        at = piece.end()
        if piece.group() == "und":
            continue
        kind, worth = words.spelled[piece.group()]
        if kind == "x":
            _multiply_by(stack, worth)
        else:
            stack.append(worth)
    return ("", sum(stack, Decimal(0))) if stack else None
