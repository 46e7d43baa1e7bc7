"""What a line prints of a bond: tenors, maturities, coupons. Words: `lexicon/terms.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import yaml

from crawler.classify.cues import FOLDER, fold
from crawler.classify.reading import Line

_DATE = (
    r"\s*(?:(?P<pre>[^\W\d_]+\.? ?\d{0,2},?|\d{1,2}\.?(?:st|nd|rd|th|º"
    r"|er)? (?:de )?[^\W\d_]+(?: de)?)\s+)?(?P<year>20\d\d"
    r"|2[1-9]\d\d)(?:[年년] ?(?P<month>\d{1,2})[月월](?: ?(?P<day>\d{1,2})[日일])?)?"
)
_PERCENT = re.compile(
    r"(?<![\d.,])(\d{1,2}(?:[.,]\d{1,4})?)\s?(?:%|per cent\b|percent\b|per cento\b"
    r"|por ciento\b|por cento\b|pour cent\b|Prozent\b|厘|퍼센트|パーセント)"
)
_BEFORE = 45  # characters between a coupon word and its figure


@dataclass(frozen=True, slots=True)
class Term:
    """A fact about a tranche and where it stands."""

    kind: str  # tenor | maturity | coupon
    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Terms:
    """The compiled words of one language."""

    tenor: re.Pattern[str]
    due: re.Pattern[str]
    coupon: re.Pattern[str]
    zero: re.Pattern[str]
    not_coupon: re.Pattern[str]
    listed: re.Pattern[str]  # "three, five and" before the last tenor of a list
    number: re.Pattern[str]
    not_tenor: re.Pattern[str]
    numbers: Mapping[str, int]


@cache
def _book() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((FOLDER / "terms.yaml").read_text("utf-8"))
    return loaded


def _joined(kind: str, lang: str) -> list[str]:
    book = _book()[kind]
    extra = book["en"] if lang not in {"en", "zh", "ja", "ko"} else []
    return [fold(word) for word in (*book.get(lang, book["en"]), *extra)]


@cache
def terms(lang: str) -> Terms:
    """Return the terms of a language; the English ones help in every Latin script."""
    book = _book()
    numbers = {**book["numbers"]["en"], **book["numbers"].get(lang, {})}
    words = "|".join(sorted(map(re.escape, numbers), key=len, reverse=True))
    number = rf"((?<!\d)\d{{1,3}}(?:[.,]\d{{1,2}})?(?:\s?\+\s?\d{{1,2}}){{0,2}}|{words})"
    tenor = "|".join(f"(?:{p.replace('N', number)})" for p in _joined("tenor", lang))
    due = "|".join(_joined("due", lang))
    return Terms(
        re.compile(tenor, re.IGNORECASE),
        re.compile(rf"(?:{due}){_DATE}", re.IGNORECASE),
        re.compile(rf"(?:{'|'.join(_joined('coupon', lang))})", re.IGNORECASE),
        re.compile(
            "|".join({fold(book["zero"].get(lang, "$^")), book["zero"]["en"]}), re.IGNORECASE
        ),
        re.compile(fold(book["not_coupon"]), re.IGNORECASE),
        re.compile(
            rf"(?:(?<![\w,.])(?:\d{{1,2}}|{words})-?,? (?:(?:and|or|und|oder|et|ou|y|o|e) )?"
            r"(?:(?:em|a|à|de) )?)+$",
            re.IGNORECASE,
        ),
        re.compile(rf"(?<![\w,.])(?:\d{{1,2}}|{words})(?!\w)", re.IGNORECASE),
        re.compile(fold(book["not_tenor"]), re.IGNORECASE),
        numbers,
    )


def _years(text: str, numbers: Mapping[str, int]) -> float | None:
    parts = [p.strip().replace(",", ".") for p in text.split("+")]
    try:
        return sum(float(numbers.get(p.lower(), p)) for p in parts)
    except ValueError:
        return None


def _tenors(text: str, base: int, words: Terms) -> Iterator[Term]:
    for match in words.tenor.finditer(text):
        printed = next(g for g in match.groups() if g)
        listed = words.listed.search(text, max(0, match.start() - 40), match.start(0))
        earlier = words.number.findall(listed[0]) if listed else []
        if words.not_tenor.search(text[max(0, match.start() - 28) : match.start()]):
            continue
        for one in [*earlier, printed]:
            years = _years(one, words.numbers)
            if years and 0 < years <= 100:
                yield Term("tenor", years, base + match.start(), base + match.end())


def _maturities(text: str, base: int, words: Terms) -> Iterator[Term]:
    for match in words.due.finditer(text):
        value = match["year"]
        if match["month"]:
            value += f"-{int(match['month']):02d}"
        if match["month"] and match["day"]:
            value += f"-{int(match['day']):02d}"
        yield Term("maturity", value, base + match.start(), base + match.end())


_END = (
    r"(?:el |le |l['’]|il |o )?\d[\d.,]* ?"
    r"(?:%|per cent|percent|per cento|por ciento|por cento|Prozent)"
)
_NUMBER = r"(?:el |le |l['’]|il |o )?\d[\d.,]* ?(?:%|per cent|per cento|por ciento|Prozent)?"
_RANGE = re.compile(
    rf"(?:between|zwischen|entre|tra|fra) {_NUMBER} ?(?:p\.? ?a\.? )?(?:and|und|et|y|e|ed) {_END}"
    rf"|{_NUMBER} ?(?:-|–|to|bis|bis zu|à|al?) {_END}|\d[\d.,]* ?%? ?[-–] ?\d[\d.,]* ?%",
    re.IGNORECASE,
)


def _in_range(match: re.Match[str], ranges: Sequence[re.Match[str]]) -> bool:
    """Tell whether a percentage is one end of a range: the coupon is not fixed yet."""
    return any(r.start() <= match.start() and match.end() <= r.end() for r in ranges)


_LIST = re.compile(
    r"(?:,? (?:and|e|y|et|und|ed|sowie) |[、,;] ?|和|及|와 |과 )"
    r"(?:of |at |del |al |dello |de |von )?"
)


def _coupons(text: str, base: int, words: Terms, line: Line) -> Iterator[Term]:
    if zero := words.zero.search(text):
        yield Term("coupon", Decimal(0), base + zero.start(), base + zero.end())
    nouns = [c for c in line.cues if c.kind in {"bond", "bond_type"}]
    last = 0  # where the coupon before ended: "1.1 %, 1.4 % and 2.0 %" is a list of coupons
    ranges = list(_RANGE.finditer(text))
    for match in _PERCENT.finditer(text):
        start, end = base + match.start(), base + match.end()
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        near = any(0 <= c.start - end <= 14 for c in nouns)
        listed = re.search(
            r"(?:\bat|\bal|\ball[o']|\bà|\bzu|\bmit|\ba|\bpaying|为|為|at a)\s?$", before
        ) is not None and (words.tenor.search(before) or words.due.search(before))
        cue = None
        for found in words.coupon.finditer(before):
            cue = found
        goes_on = last and _LIST.fullmatch(text, last, match.start())
        if not (near or listed or goes_on or (cue and "%" not in before[cue.end() :])):
            continue
        if _in_range(match, ranges):
            continue
        tail = text[match.end() : match.end() + 9]
        if words.not_coupon.search(before[cue.end() if cue else -22 :]) or words.not_coupon.search(
            tail
        ):
            continue
        try:
            yield Term("coupon", Decimal(match[1].replace(",", ".")), start, end)
            last = match.end()
        except InvalidOperation:
            continue


def facts(line: Line, lang: str) -> list[Term]:
    """Return the terms a line prints, from left to right."""
    words, base = terms(lang), line.sentence.start
    text = fold(line.sentence.text)
    found = [
        *_tenors(text, base, words),
        *_maturities(text, base, words),
        *_coupons(text, base, words, line),
    ]
    return sorted(found, key=lambda t: t.start)
