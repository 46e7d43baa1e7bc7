"""
Sums of money in a text, in ten languages.

    >>> [m.value for m in find("raised between 5 and 7 million euros", "en")]
    [Decimal('5000000')]

`find` never raises and takes time in proportion to the text. A sum printed in two
currencies ("10bn yuan ($1.4bn)") is one `Money` whose `other` is the one in brackets.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from crawler.classify import currencies, numerals
from crawler.classify.moneywords import View, any_of, book, load, view
from crawler.classify.pieces import Piece, pieces
from crawler.types import Qualifier

_LIMIT = 60_000  # characters read; a longer text is cut
_MILLION = Decimal(10) ** 6


@dataclass(frozen=True, slots=True)
class Money:
    """
    One sum as printed. `value` is in full units of `currency` (ISO 4217).

    `value_max` is the upper end of a range. `vague` sums name a magnitude only ("nine
    figures"): `value` is its lower bound. `bare` sums print no currency ("融资3亿").
    `other` is the same sum in another currency, as the text converts it.
    """

    value: Decimal | None
    currency: str | None
    start: int
    end: int
    text: str
    value_max: Decimal | None = None
    qualifier: Qualifier = Qualifier.EXACT
    vague: bool = False
    bare: bool = False
    other: Money | None = None


def find(text: str, lang: str, country: str | None = None) -> list[Money]:
    """
    Return the sums of money in `text`, from left to right, none inside another.

    `lang` is ISO 639-1 (an unknown one reads as English); `country` is the outlet's, ISO
    3166: it decides what "$", "kr" or "pesos" mean.
    """
    seen = view(text[:_LIMIT], lang or "und", country)
    sums = [m for m in _joined(seen, list(pieces(seen))) if m is not None]
    return _paired(seen, sorted([*sums, *_vague(seen, sums)], key=lambda m: m.start))


def implied(sums: Sequence[Money], lang: str, country: str | None = None) -> list[Money]:
    """
    Return `sums` with a currency for the bare ones ("un bond da 500 milioni").

    It is the currency of the nearest sum before it, else of the first one after it, else
    that of the country or language. Vague sums stay without: they need a printed one.
    """
    home = _HOME.get((country or "").lower()) or _HOME.get(lang[:2].lower(), "USD")
    printed = [m for m in sums if m.currency is not None]
    last = printed[0].currency if printed else home
    out: list[Money] = []
    for money in sums:
        last = money.currency or last
        out.append(money if money.currency or money.vague else replace(money, currency=last))
    return out


_HOME = (
    dict.fromkeys(("it", "de", "fr", "es", "pt", "nl", "at", "ie", "fi", "be"), "EUR")
    | {"ja": "JPY", "jp": "JPY", "ko": "KRW", "kr": "KRW", "zh": "CNY", "cn": "CNY", "tw": "TWD"}
    | {"hk": "HKD", "br": "BRL", "ch": "CHF", "gb": "GBP", "uk": "GBP", "tr": "TRY", "in": "INR"}
)


# --- ranges ----------------------------------------------------------------------------------

_DASH = re.compile(r"\s?(?:[-–—~]|\.\.\.?|…|至|到|から|乃至|에서|内至)\s?")
_WORD_LINK = re.compile(
    r"\s(?:to|bis|auf|a|à|ad|hasta|até|a los|ai|ile)\s(?:i\s|los\s|les\s|os\s)?"
)
_AND_LINK = re.compile(r"\s(?:and|e|ed|y|et|und|and the)\s(?:i\s|gli\s|los\s|les\s|os\s)?")
_FROM = re.compile(r"(?:from|da|dai|de|von|desde|du|entre|des|dos)\s(?:los\s|\$)?$")
_BETWEEN = re.compile(
    r"(?:between|tra|fra|zwischen|entre)\s(?:i\s|gli\s|los\s|les\s|os\s|the\s|el\s)?(?:about\s)?$"
)


def _joined(seen: View, parts: Sequence[Piece]) -> Iterator[Money | None]:
    at = 0
    while at < len(parts):
        pair = _range(seen, parts[at], parts[at + 1]) if at + 1 < len(parts) else None
        if pair is not None:
            yield pair
            at += 2
        else:
            yield _single(seen, parts[at])
            at += 1


def _range(seen: View, low: Piece, high: Piece) -> Money | None:
    if high.mark is None and low.mark is None:
        return _bare_range(seen, low, high)
    if not _linked(seen, low, high):
        return None
    shared = _share(low, high)
    if shared is None or not _one_currency(seen, low, high):
        return None
    mark = high.mark or low.mark
    assert mark is not None
    currency = currencies.code(seen, mark)
    if (
        low.mark is not None
        and low.mark.nation is None
        and high.mark is not None
        and low.mark.name != high.mark.name
    ):
        currency = currencies.code(
            seen, high.mark if high.mark.name not in {"DOLLAR", "YUAN"} else low.mark
        )
    return _spanned(seen, low, high, shared, currency)


def _bare_range(seen: View, low: Piece, high: Piece) -> Money | None:
    if high.number.unit < _MILLION and not (
        seen.lang in {"zh", "ja", "ko"} and high.number.unit >= 10**4
    ):
        return None
    shared = _share(low, high) if _linked(seen, low, high) else None
    if shared is None or _counted(seen, high.number.end):
        return None
    return replace(_spanned(seen, low, high, shared, None), bare=True)


def _spanned(
    seen: View, low: Piece, high: Piece, shared: tuple[Decimal, Decimal], currency: str | None
) -> Money:
    text = seen.text[low.start : high.end]
    return Money(shared[0], currency, low.start, high.end, text, shared[1], Qualifier.RANGE)


def _linked(seen: View, low: Piece, high: Piece) -> bool:
    link = seen.low[low.end : high.start]
    if len(link) > 14:
        return False
    head = seen.low[max(0, low.start - 14) : low.start]
    if _DASH.fullmatch(link):
        return True
    if _BETWEEN.search(head):
        return bool(_AND_LINK.fullmatch(link) or _WORD_LINK.fullmatch(link))
    if _WORD_LINK.fullmatch(link) is None:
        return False
    return not (low.complete and high.complete and _FROM.search(head))


def _share(low: Piece, high: Piece) -> tuple[Decimal, Decimal] | None:
    """Give the first figure the second one's scale, if it has none of its own."""
    first, second = low.number, high.number
    value = first.value
    if (
        first.unit == 1
        and second.unit > 1
        and first.value < 1000 * (1 if second.unit > 10**6 else 10)
    ):
        value = numerals.whole(first.value * second.unit)
    if low.mark is None and high.prefixed:
        return None
    if first.words and first.unit > 1 and first.value < 1000:
        return None
    return (value, second.value) if 0 < value < second.value <= value * 1000 else None


def _one_currency(seen: View, low: Piece, high: Piece) -> bool:
    if low.mark is None or high.mark is None:
        return True
    one, two = currencies.code(seen, low.mark), currencies.code(seen, high.mark)
    return one == two or high.mark.name in {"DOLLAR", "YUAN"} or low.mark.name in {"DOLLAR", "YUAN"}


# --- single sums -------------------------------------------------------------------------------


def _single(seen: View, piece: Piece) -> Money | None:
    number = piece.number
    if number.value <= 0:
        return None
    if piece.mark is None:
        return _bare(seen, piece)
    currency = currencies.code(seen, piece.mark)
    if currency is None:
        return _bare(seen, piece)
    return Money(
        number.value,
        currency,
        piece.start,
        piece.end,
        seen.text[piece.start : piece.end],
        qualifier=piece.qualifier or Qualifier.EXACT,
        vague=number.vague,
    )


def _bare(seen: View, piece: Piece) -> Money | None:
    """Keep a sum without a currency if it is big and nothing is counted ("25m users")."""
    number = piece.number
    hard = seen.lang in {"zh", "ja", "ko"}
    least = Decimal(10**4) if hard else _MILLION
    if not hard and seen.low[number.end - 2 : number.end - 1].isdecimal():
        return None  # "5m tall", "the B2b 3m tape"
    if hard and _CROWD.search(seen.low[max(0, number.start - 16) : number.start]):
        return None  # "月活跃用户超过4000万"
    if number.unit < least or (hard and number.value < 10**5) or _counted(seen, number.end):
        return None
    return Money(
        number.value,
        None,
        number.start,
        number.end,
        seen.text[number.start : number.end],
        qualifier=piece.qualifier or Qualifier.EXACT,
        vague=number.vague,
        bare=True,
    )


@lru_cache(maxsize=1)
def _count_pattern() -> re.Pattern[str]:
    latin = any_of([str(w) for w in book()["counts"]])
    cjk = any_of([str(w) for w in book()["counts_cjk"]])
    return re.compile(
        rf"\s?[余多여+]?\s?(?:{cjk})|\s(?:[^\W\d_]+\s)?(?:{latin})(?![^\W\d_])"
        r"|\s(?:di|de|d['’]|of|von)\s?(?!(?:the|i)\s)[^\W\d_]|\s?%|\s?(?:billion|million)"
    )


def _counted(seen: View, end: int) -> bool:
    return _count_pattern().match(seen.low, end) is not None


_CROWD = re.compile(
    r"(?:用户|粉丝|下载|销量|出货|播放|人次|月活|日活|参数|学生|观众|订单量|会员|注册|访问|浏览|产量|产能|里程|面积"
    r"|ユーザー|利用者|会員|ダウンロード|来場者|이용자|가입자|다운로드|회원|방문자|조회수)[^，。、,.]{0,9}$"
)


# --- magnitudes without a figure -----------------------------------------------------------------


def _vague(seen: View, sums: Sequence[Money]) -> Iterator[Money]:
    for pattern, least in load(seen.lang).vague:
        for match in pattern.finditer(seen.low):
            inside_word = match.start() > 0 and seen.low[match.start() - 1].isalpha()
            if inside_word or any(m.start < match.end() and match.start() < m.end for m in sums):
                continue
            mark = currencies.after(seen, match.end(), scaled=True) or _near_mark(seen, match)
            end = max(match.end(), mark.end if mark is not None else 0)
            currency = currencies.code(seen, mark) if mark is not None else None
            yield Money(
                least,
                currency,
                match.start(),
                end,
                seen.text[match.start() : end],
                qualifier=Qualifier.AT_LEAST,
                vague=True,
                bare=currency is None,
            )


_NEAR = re.compile(
    r"[\w\s]{0,12}?\s(?:in |di |de |en |em )?"
    r"(?=(?:us |u\.s\. )?(?:dollar|euro|pound|sterling|dólar|yuan|franken))"
)


def _near_mark(seen: View, match: re.Match[str]) -> currencies.Mark | None:
    """Find the currency of "a nine-figure dollar sum", "achtstelliger Betrag in Euro"."""
    near = _NEAR.match(seen.low, match.end())
    return currencies.after(seen, near.end() - 1, scaled=True) if near is not None else None


# --- the same sum in two currencies ----------------------------------------------------------


# Too common to mean "that is" by themselves outside brackets.
_SHORT = frozenset(
    [
        "o",
        "ou",
        "or",
        "oder",
        "即",
        "合",
        "折",
        "=",
        "some",
        "about",
        "around",
        "unos",
        "circa",
        "rund",
        "etwa",
        "environ",
        "约",
        "약",
    ]
)


@lru_cache(maxsize=1)
def _equivalence() -> re.Pattern[str]:
    """Match what may stand between a sum and the same sum in another currency."""
    every = [str(word) for word in book()["equivalents"]]
    words, strong = any_of(every), any_of([word for word in every if word not in _SHORT])
    guess = "some|about|around|roughly|approximately|nearly|just over|"
    guess += "circa|environ|rund|etwa|unos|cerca de"
    whole = r"(?:\s(?:complessiv[oi]|in total|in totale|insgesamt|au total|en total|no total))?"
    bracket = rf"{whole}\s{{0,2}}[(\[（［【〈]\s?(?:(?:{words})\s?){{0,2}}"
    plain = (
        rf"\s?[,，、;/—–-]?\s?(?:(?:or|ou|oder|o|ovvero|il che)\s(?:{guess})|{strong}"
        rf"|(?:or|ou|oder|o)(?=\s))(?:\s?(?:the|about|circa|a|an|约|약))?\s?"
    )
    return re.compile(rf"{bracket}|{plain}|\s?[/=;]\s?")


def _paired(seen: View, sums: list[Money]) -> list[Money]:
    """Hang each converted sum on the one it repeats."""
    out: list[Money] = []
    for money in sums:
        last = out[-1] if out else None
        if last is not None and _repeats(seen, last, money):
            out[-1] = _with_other(last, money)
        else:
            out.append(money)
    return out


def _with_other(last: Money, money: Money) -> Money:
    """Prefer the printed dollars when a sum is converted more than once."""
    if last.other is not None and (last.other.currency == "USD" or money.currency != "USD"):
        return last
    return replace(last, other=money)


def _repeats(seen: View, last: Money, money: Money) -> bool:
    if last.currency is None or money.currency in {None, last.currency}:
        return False
    end = last.other.end if last.other is not None else last.end
    if not 0 <= money.start - end <= 40:
        return False
    link = seen.low[end : money.start]
    return _equivalence().fullmatch(link) is not None
