"""What a line prints of a bond: tenors, maturities, coupons. Words: `lexicon/terms.yaml`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
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
_BEFORE = 60  # characters between a coupon word and its figure


@dataclass(frozen=True, slots=True)
class Term:
    """A fact about a tranche and where it stands."""

    kind: str  # tenor | maturity | coupon
    value: Any
    start: int
    end: int
    sure: bool = True  # False for "three years" alone: much else takes years


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
    number += r"(?: \(\w{2,9}\))?"  # "10 (dez) anos"
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
            rf"(?:(?<![\w,.])(?<!ier )(?:\d{{1,2}}|{words})(?: \(\w{{2,9}}\))?-?"
            r",? (?:(?:and|or|und|oder|et|ou|y|o|e) )?"
            r"(?:(?:em|a|à|de) )?)+$",
            re.IGNORECASE,
        ),
        re.compile(rf"(?<![\w,.])(?:\d{{1,2}}|{words})(?!\w)", re.IGNORECASE),
        re.compile(fold(book["not_tenor"]), re.IGNORECASE),
        numbers,
    )


# "Dix ans et demi", "5 anni e mezzo", "fünfeinhalb": half a year more.
_HALF = re.compile(r" (?:and a half|et demi|e mezzo|y medio|e meio)\b| ?½")
_SURE = re.compile(
    r"-|jähr|ennal|Lauf|läuft|tenor|durata|scadenza|plazo|prazo|durée|maturité|échéance|venc|期|债|債|物|満|단일"
    r"|년물|만기",
    re.IGNORECASE,
)
# Paper told in months or days: "a 9-month note", "durata nove mesi", 期限270天.
_SHORT = re.compile(
    r"(?:durata(?: di|:)?|scadenza(?: a)?|durée(?: de| :)|Laufzeit(?: von|:)?|plazo(?: de|:)"
    r"|prazo(?: de|:)|tenor(?: of|:)"
    r"|term of|maturity of|期限(?:为|為)?|\ba) ?(?P<count>\d+|[a-zäöüé]+)(?: ?|-)"
    r"(?P<unit>months?|mesi|Monaten?|mois|meses|个月|個月|days|giorni|Tagen?|jours|días|dias|天|日)"
    r"(?! (?:ago|later|fa|plus|[+]))"
    r"|(?P<hyphen>\d{1,2})-month(?= (?:notes?|paper|bills?|bonds?)\b)",
    re.IGNORECASE,
)


def _years(text: str, numbers: Mapping[str, int]) -> float | None:
    parts = [p.strip().replace(",", ".") for p in text.split("+")]
    try:
        return sum(float(numbers.get(p.lower(), p)) for p in parts)
    except ValueError:
        return None


# Every tenor is told in years; a line without the word needs no slower search.
_YEARS = re.compile(r"year|yr|-y\b|anni|enn|j[aä]hr|ans|años|anos|[年년]", re.IGNORECASE)


def _tenors(text: str, base: int, words: Terms) -> Iterator[Term]:
    if not _YEARS.search(text):
        return
    for match in words.tenor.finditer(text):
        printed = next(g for g in match.groups() if g)
        listed = words.listed.search(text, max(0, match.start() - 40), match.start(0))
        earlier = words.number.findall(listed[0]) if listed else []
        if words.not_tenor.search(text[max(0, match.start() - 28) : match.start()]):
            continue
        half = _HALF.match(text, match.end())
        sure = bool(earlier) or _SURE.search(match[0]) is not None
        for one in [*earlier, printed]:
            years = _years(one, words.numbers)
            if years and 0 < years <= 100:
                years += 0.5 if half and one is printed else 0
                yield Term("tenor", years, base + match.start(), base + match.end(), sure)


def _shorter(text: str, base: int, words: Terms) -> Iterator[Term]:
    """Yield tenors told in months or days, in years."""
    for match in _SHORT.finditer(text):
        count = match["hyphen"] or match["count"]
        number = float(count) if count.isdecimal() else words.numbers.get(count.lower(), 0)
        days = match["unit"] is not None and match["unit"][0].lower() in "dgtj天日"
        years = round(number / (365 if days else 12), 2)
        if 0 < years <= 10:
            yield Term("tenor", years, base + match.start(), base + match.end())


def _maturities(text: str, base: int, words: Terms) -> Iterator[Term]:
    for match in words.due.finditer(text):
        month, day = _month_and_day(match)
        value = match["year"]
        if 1 <= month <= 12:
            value += f"-{month:02d}" + (f"-{day:02d}" if 1 <= day <= 31 else "")
        yield Term("maturity", value, base + match.start(), base + match.end())


def _month_and_day(match: re.Match[str]) -> tuple[int, int]:
    """Return the month and the day of a date as printed, 0 where it says neither."""
    if match["month"]:
        return int(match["month"]), int(match["day"] or 0)
    words = re.findall(r"[^\W\d_]+|\d+", match["pre"] or "")
    months = [_months()[word.lower()] for word in words if word.lower() in _months()]
    days = [int(word) for word in words if word.isdecimal()]
    return (months[0], days[0] if days else 0) if len(months) == 1 else (0, 0)


@cache
def _months() -> dict[str, int]:
    return {
        fold(name): number
        for names in _book()["months"].values()
        for number, ways in enumerate(names, 1)
        for name in ways.split("|")
    }


_END = (
    r"(?:el |le |l['’]|il |o )?\d[\d.,]* ?"
    r"(?:%|per cent|percent|per cento|por ciento|por cento|Prozent)"
)
_NUMBER = r"(?:el |le |l['’]|il |o )?\d[\d.,]* ?(?:%|per cent|per cento|por ciento|Prozent)?"
_RANGE = re.compile(
    rf"(?:between|zwischen|entre|tra|fra) {_NUMBER} ?(?:p\.? ?a\.? )?(?:and|und|et|y|e|ed) {_END}"
    rf"|{_NUMBER} ?(?:-|–|to|bis|bis zu|à|al?) {_END}|\d[\d.,]* ?%? ?[-–〜～~] ?\d[\d.,]* ?%",
    re.IGNORECASE,
)


def _in_range(match: re.Match[str], ranges: Sequence[re.Match[str]]) -> bool:
    """Tell whether a percentage is one end of a range: the coupon is not fixed yet."""
    return any(r.start() <= match.start() and match.end() <= r.end() for r in ranges)


_LIST = re.compile(
    r"(?:,? (?:and|e|y|et|und|ed|sowie) |[、,;] ?|和|及|与|與|와 |과 )"
    r"(?:of |at |del |al |dello |de |von |dell['’] ?|by )?"
)
# "Cedole dell'1,95 e del 2,60 per cento": only the last of a list has the sign.
_EARLIER = re.compile(
    r"(?:(?<![\d.,])\d{1,2}[.,]\d{1,4}(?:, |,? (?:and|e|y|et|und|ed|o) )"
    r"(?:(?:del|al|de|von|of|at|à|a) |dell['’] ?)?)+$"
)
_FIGURE = re.compile(r"\d{1,2}[.,]\d{1,4}")
_AT = re.compile(
    r"(?:\bat|\bal|\ball[o']|\bà|\bzu|\bmit|\ba|\bem|\bpaying|为|為|at a|au taux de|zu einem)\s?$"
)
_NEAR = 30  # characters between a tenor and its coupon: "à 10 ans servant 3,875 %"
_HIGHEST = 30  # per cent; above it a percentage is no coupon
_FAR = 80  # with "at" before the figure: "3-year notes in the interbank market at 2.18 percent"
_YEAR = re.compile(r"\s(?:[^\W\d_]{3,9}\.? )?20[2-9]\d\b")  # "4.125 % November 2030"
_APART = re.compile(r"[;；。|]|[.!?] |[，,].*[，,]")


def _follows(text: str, match: re.Match[str], ends: Sequence[int], at: bool) -> bool:
    """Tell whether a percentage comes soon after a tenor, a maturity or a word for a bond."""
    reach = _FAR if at else _NEAR
    return any(
        0 <= match.start() - end <= reach and not _APART.search(text[end : match.start()])
        for end in ends
    )


def _coupons(
    text: str, base: int, words: Terms, line: Line, spans: Sequence[Term]
) -> Iterator[Term]:
    if zero := words.zero.search(text):
        yield Term("coupon", Decimal(0), base + zero.start(), base + zero.end())
    nouns = [c for c in line.cues if c.kind in {"bond", "bond_type"}]
    ends = [t.end - base for t in spans]
    last = 0  # where the coupon before ended: "1.1 %, 1.4 % and 2.0 %" is a list of coupons
    printed = list(_PERCENT.finditer(text))
    ranges = list(_RANGE.finditer(text)) if printed else []
    for match in printed:
        end = base + match.end()
        before = text[max(0, match.start() - _BEFORE) : match.start()]
        at = _AT.search(before) is not None
        near = any(0 <= c.start - end <= 14 for c in nouns) or _YEAR.match(text, match.end())
        follows = _follows(text, match, ends, at) or (
            at and _follows(text, match, [c.end - base for c in nouns], at)
        )
        cue = None
        for found in words.coupon.finditer(before):
            cue = found
        goes_on = last and _LIST.fullmatch(text, last, match.start())
        cell = _CELL.search(before) and _CELL_END.match(text, match.end())
        if not (
            near
            or follows
            or goes_on
            or (cell and spans)
            or (cue and "%" not in before[cue.end() :])
        ):
            continue
        if _in_range(match, ranges) or _is_vetoed(text, match, before, cue, words):
            continue
        for value, left, right in _with_earlier(text, match):
            figure = Decimal(value.replace(",", "."))
            if figure <= _HIGHEST:
                yield Term("coupon", figure, base + left, base + right)
        last = match.end()


_CLAUSE_END = re.compile(r"[,，;；(（。]")


_SHARE = re.compile(r" (?:of|del|des|der|du|do|da) (?:the|its|\w)")  # "60 % of the notes"


_CELL, _CELL_END = re.compile(r"\|\s?$"), re.compile(r"\s?(?:\||$)")  # of a table


def _is_vetoed(
    text: str, match: re.Match[str], before: str, cue: re.Match[str] | None, words: Terms
) -> bool:
    """Tell whether a word beside a percentage says that it is something else."""
    tail = _CLAUSE_END.split(text[match.end() : match.end() + 9])[0]
    said = before[cue.end() :] if cue else before[-_NEAR:]
    return bool(
        words.not_coupon.search(said) or words.not_coupon.search(tail) or _SHARE.match(tail)
    )


def _with_earlier(text: str, match: re.Match[str]) -> Iterator[tuple[str, int, int]]:
    """Yield the figure of a percentage, after those of a list that share its sign."""
    earlier = _EARLIER.search(text, max(0, match.start() - 40), match.start())
    if earlier:
        for one in _FIGURE.finditer(text, earlier.start(), earlier.end()):
            yield one[0], one.start(), one.end()
    yield match[1], match.start(), match.end()


# "Its 4.125 % November 2030", "6,75 % 2025-2032", "500 million, 2033, 3.95 %": a year that touches
# a coupon is the maturity.
_NAMED = re.compile(
    r"(?:%|per cent)\s(?:[^\W\d_]{3,9}\.? )?(?:20\d\d-)?(20[2-9]\d)\b"
    r"|(?<=, )(20[2-9]\d)(?=[,;] ?\d[\d.,]*\s?%)|\bFRN (20[2-9]\d)\b"
)


def _named(text: str, base: int) -> Iterator[Term]:
    for match in _NAMED.finditer(text):
        year = next(g for g in match.groups() if g)
        yield Term("maturity", year, base + match.start(), base + match.end())


def facts(line: Line, lang: str) -> list[Term]:
    """Return the terms a line prints, from left to right; a line is searched once."""
    found: tuple[Term, ...] | None = line.notes.get("terms")
    if found is None:
        found = line.notes["terms"] = tuple(_facts(line, lang))
    return list(found)


# Without one of these a line has no term; most lines of an article have none.
_MAY_TELL = re.compile(
    r"\d|years?\b|months?\b|\bann[io]|nnal[ei]|jähr|Jahre|\bans\b|años|anos\b|m[oeê]s(?:es|i)\b"
    r"|\bmois\b|年|년|日|天|coupon|intere?ss|intér|zins|cup[oóã]|cupon|kupon|cedol|juros|息|利率",
    re.IGNORECASE,
)


def _facts(line: Line, lang: str) -> list[Term]:
    if not _MAY_TELL.search(line.sentence.text):
        return []
    words, base = terms(lang), line.sentence.start
    text = fold(line.sentence.text)
    spans = [
        *_tenors(text, base, words),
        *_shorter(text, base, words),
        *(_maturities(text, base, words)),
    ]
    spans += [
        t for t in _named(text, base) if not any(t.start < o.end and o.start < t.end for o in spans)
    ]
    return sorted([*spans, *_coupons(text, base, words, line, spans)], key=lambda t: t.start)
