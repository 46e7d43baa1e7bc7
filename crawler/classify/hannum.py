"""
Numbers in Chinese characters and Hangul, alone or behind digits: 两亿, 3亿5000万, 1조 2000억.

One stack does it all: a unit multiplies what is smaller than itself, a digit is put on top.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

_DIGITS = {
    **dict(zip("〇零一二三四五六七八九", (0, *range(10)), strict=True)),
    **dict(zip("壹贰叁肆伍陆柒捌玖两", (*range(1, 10), 2), strict=True)),
    **dict(zip("일이삼사오육칠팔구", range(1, 10), strict=True)),
}
_UNITS = {
    **dict.fromkeys("十拾십", 10),
    **dict.fromkeys("百佰백", 100),
    **dict.fromkeys("千仟천", 1000),
    **dict.fromkeys("万만", 10**4),
    **dict.fromkeys("亿억", 10**8),
    **dict.fromkeys("兆조", 10**12),
}
_SOME = frozenset("数几수")  # several
_MORE = frozenset("余多여")  # and a bit
GOES_ON = frozenset(_UNITS) | _MORE  # what may follow a figure in digits
_REACH = 40
_STEP = re.compile(
    r"\s?(\d+(?:,\d{3})*(?:\.\d+)?)\s?(?=[十百千万亿兆십백천만억조余多여数几원円元])"
)

_NUMERAL = "一二三四五六七八九两壹贰叁肆伍陆柒捌玖十百千拾佰仟"
START = (
    r"[数几][十百千]{0,2}[万亿兆]|수[십백천]{0,2}[만억조]"
    rf"|[{_NUMERAL}][{_NUMERAL}〇零几数余多]{{0,9}}[万亿兆]"
    r"|[一二三四五六七八九两](?=[至到~-][一二三四五六七八九十][十百千]?[万亿])"
    r"|[一二三四五六七八九][十百千][一二三四五六七八九十百]{0,5}(?=[円元])"
    r"|(?<![가-힣])[일이삼사오육칠팔구십백천]{1,6}[만억조](?=\s?[억조원달유])"
    r"|(?<=[上过近超逾破达约])[万亿](?=[元美港日欧])"
    r"|(?<![\d万千百十兆])亿(?=[元美港日欧]{0,2}级)"
)


@dataclass(slots=True)
class Climb:
    """The sum so far; `unit` is the last unit seen (0: none), `end` the last thing understood."""

    end: int
    stack: list[Decimal] = field(default_factory=list)
    unit: int = 0
    vague: bool = False
    over: bool = False


def climb(low: str, at: int, head: Decimal | None = None) -> Climb:
    """Read units and digits of `low` from `at` on, behind the figure `head` if there is one."""
    sum_ = Climb(at, [] if head is None else [head])
    stop = min(len(low), at + _REACH)
    open_ = head is None  # a digit may come: none stands before it without a unit
    while at < stop:
        char = low[at]
        if char in _UNITS:
            _unit(sum_, _UNITS[char], at)
            at, open_ = at + 1, True
        elif char in _DIGITS and open_ and (head is None or char < "가"):
            sum_.stack.append(Decimal(_DIGITS[char]))
            at = sum_.end = at + 1
        elif char in _SOME:
            _several(sum_)
            at += 1
        elif char in _MORE or (char == "级" and sum_.unit):
            if _and_a_bit(sum_, low, at):
                break
            at += 1
        else:
            step = _STEP.match(low, at) if sum_.unit >= 10**4 and open_ else None
            if step is None or not _smaller(sum_, step):
                break
            at, open_ = step.end(), False
            sum_.end = at if low[at] in "원円元" else sum_.end
    return sum_


def _unit(sum_: Climb, unit: int, at: int) -> None:
    sum_.vague |= not sum_.stack and unit >= 1000
    under = Decimal(0)
    while sum_.stack and sum_.stack[-1] < unit:
        under += sum_.stack.pop()
    sum_.stack.append((under or Decimal(1)) * unit)
    sum_.unit, sum_.end = unit, at + 1


def _several(sum_: Climb) -> None:
    sum_.vague = True
    if not (sum_.stack and sum_.stack[-1] >= 10):
        sum_.stack.append(Decimal(1))


def _and_a_bit(sum_: Climb, low: str, at: int) -> bool:
    """Take 余 or 级; tell whether the number ends with it."""
    if low[at] == "级":
        sum_.vague, sum_.end = True, at + 1
        return True
    sum_.over = True
    if low[at + 1 : at + 2] in _UNITS:
        return False
    sum_.end = at + 1 if sum_.unit else sum_.end
    return True


def _smaller(sum_: Climb, step: re.Match[str]) -> bool:
    """Go on with "5000万" behind "3亿"; a bare "1500원" must be smaller than the unit."""
    figure = Decimal(step[1].replace(",", ""))
    if figure >= sum_.unit:
        return False
    sum_.stack.append(figure)
    return True
