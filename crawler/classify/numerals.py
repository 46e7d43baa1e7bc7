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
from itertools import islice

from crawler.classify import hannum
from crawler.classify.moneywords import View, Words, load

_DIGITS = re.compile(r"\d{1,3}(?:[ '’]\d{3})+(?![\d])(?:[.,]\d+)?|\d+(?:[.,'’]\d+)*")
_MOST = 1200  # digits and number words looked at: a text with more is a table, or hostile
_LONGEST = 24  # digits of a sum anybody would print
_POINT = re.compile(r"(?:^|[\s$€£¥])\.$")
_HALF = Decimal("0.5")


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
    def magnitude(self) -> bool:
        """Tell whether only a power of ten is named ("千万", "nine figures")."""
        return (
            self.value > 0
            and self.value.as_tuple().digits.count(0) == len(str(int(self.value))) - 1
        )

    @property
    def head(self) -> Decimal:
        """The figure in front of the scale word."""
        return self.value / self.unit


def read(view: View) -> Iterator[Number]:
    """Yield the numbers of `view` from left to right, none inside another."""
    words = load(view.lang)
    end = 0
    starts = _starts(words, _EAST.search(view.low) is not None)
    for match in islice(starts.finditer(view.low), _MOST):
        if match.start() < end:
            continue
        number = _number_at(view, words, match.start())
        if number is not None:
            end = number.end
            yield number


_EAST = re.compile(r"[\u4e00-\ud7a3]")  # Chinese characters and Hangul


@lru_cache(maxsize=32)
def _starts(words: Words, east: bool) -> re.Pattern[str]:
    """Return where numbers may begin; a text without eastern characters is searched for fewer."""
    spelled = [words.spelled_start] if words.spelled_start else []
    return re.compile("|".join([r"\d(?<!\d\d)", *([hannum.START] if east else []), *spelled]))


def _number_at(view: View, words: Words, start: int) -> Number | None:
    char = view.low[start]
    if char.isdecimal():
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
    if _POINT.search(view.low, max(0, start - 2), start) and match.group().isdecimal():
        start, value = start - 1, Decimal(f"0.{match.group()}")  # "$.5 billion"
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
        return whole(Decimal(plain))
    if len(set(marks)) == 2:
        return _two_marks(plain, marks)
    return _one_mark(plain, marks[0], len(marks), _dot_groups(lang, country))


def _two_marks(plain: str, marks: list[str]) -> Decimal | None:
    point = marks[-1]
    if marks.count(point) > 1:
        return None
    group = "," if point == "." else "."
    return whole(Decimal(plain.replace(group, "").replace(point, ".")))


def _one_mark(plain: str, mark: str, count: int, dot_groups: bool) -> Decimal | None:
    parts = plain.split(mark)
    grouped = all(len(part) == 3 for part in parts[1:]) and 0 < len(parts[0]) <= 3
    if count > 1:
        indian = mark == "," and len(parts[-1]) == 3 and all(len(p) <= 3 for p in parts)
        return Decimal("".join(parts)) if grouped or indian else None
    groups = (mark == ".") == dot_groups
    if grouped and parts[0] != "0" and (groups or (mark == "," and parts[1].endswith("0"))):
        return Decimal("".join(parts))
    return whole(Decimal(".".join(parts)))


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


_THOUSAND, _MILLION = 1000, 1_000_000
_MILLIONS = re.compile(r" (\d{3}) millones\b")  # "3 mil 500 millones", as Mexico writes 3.5bn


def _and_more(low: str, words: Words, number: Number) -> Number:
    """Add "e mezzo", "et demi" or a smaller second part ("3 crore 50 lakh") to a number."""
    if number.unit == _THOUSAND and (millions := _MILLIONS.match(low, number.end)):
        value = (number.value + Decimal(millions[1])) * _MILLION
        return replace(number, end=millions.end(), value=value, unit=Decimal(_MILLION))
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


# --- Chinese characters and Hangul --------------------------------------------------------


def _cjk_tail(low: str, number: Number) -> Number | None:
    """Go on from digits to "亿", "조 2000억", "千万" …; None when no such unit follows."""
    at = number.end + (low[number.end : number.end + 1] == " ")
    if low[at : at + 1] not in hannum.GOES_ON:
        return None
    sum_ = hannum.climb(low, at, number.value)
    return _from_han(number.start, sum_, words=False) if sum_.unit else None


def _cjk(low: str, start: int) -> Number | None:
    sum_ = hannum.climb(low, start)
    return _from_han(start, sum_, words=True) if sum_.stack else None


def _from_han(start: int, sum_: hannum.Climb, *, words: bool) -> Number:
    unit = Decimal(sum_.unit or 1)
    value = whole(sum(sum_.stack, Decimal(0)))
    return Number(start, sum_.end, value, unit, sum_.vague, over=sum_.over, words=words)


# --- words ------------------------------------------------------------------------------

_WORD = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)*")


def _spelled(low: str, words: Words, start: int) -> Number | None:
    """Read "two and a half billion", "due miliardi e mezzo"; a scale word must be in it."""
    state = _Spelling()
    at = start
    for _ in range(12):
        match = _WORD.match(low, at)
        if match is None:
            break
        step = _step(low, words, match, state)
        if step is None:
            break
        at = step
        gap = words.gap.match(low, at)
        if gap is None:
            break
        at = gap.end()
    number = state.number(start)
    return _and_more(low, words, number) if number is not None and not number.vague else number


class _Spelling:
    """The sum so far of a number in words."""

    def __init__(self) -> None:
        self.stack: list[Decimal] = []
        self.unit = Decimal(1)
        self.vague = self.about = False
        self.end = 0

    def take(self, kind: str, worth: Decimal, end: int) -> None:
        self.vague |= kind == "~"
        self.about |= kind == "^"
        if kind == "x":
            _multiply_by(self.stack, worth)
            self.unit = max(self.unit, worth)
        elif worth == _HALF and self.unit > 1000 and self.stack:
            self.stack.append(self.unit * _HALF)
        elif kind == "~" and self.stack and self.stack[-1] <= 1:
            self.stack[-1] = max(self.stack[-1], worth)
        else:
            self.stack.append(worth)
        if worth >= 10**3:
            self.unit = max(self.unit, worth if worth >= 10**6 else Decimal(1000))
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


def _step(low: str, words: Words, match: re.Match[str], state: _Spelling) -> int | None:
    scale = words.scale_word.match(low, match.start())
    if scale is not None and (state.stack or scale.group() not in words.spelled):
        state.take("x", words.scales[scale.group()], scale.end())
        return scale.end()
    if match.group() in words.articles and not state.end:
        state.end = match.end()  # "a million", "eine halbe": an article counts nothing
        return match.end()
    for part, end in _tries(match):
        reading = words.spelled.get(part) or _solid(part, words)
        if reading is not None:
            state.take(*reading, end)
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
