"""The words of money, read once from `lexicon/money.yaml` and made into patterns."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from crawler.classify.han import FOLD

_HERE = Path(__file__).parent / "lexicon"
_HARD = frozenset({"zh", "ja", "ko"})


@dataclass(frozen=True, slots=True)
class View:
    """A text and its folded twin of the same length, in which words are looked up."""

    text: str
    low: str
    lang: str
    country: str | None


def _fold_table() -> dict[int, int]:
    table = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)}
    for space in "\u00a0\u1680\u202f\u205f\u3000" + "".join(map(chr, range(0x2000, 0x200B))):
        table[ord(space)] = ord(" ")
    for dash in "\u2010\u2011\u2012\u2212":
        table[ord(dash)] = ord("-")
    table |= {old: ord(new) for old, new in FOLD.items()}
    pairs = "￥¥￡£￦₩～~〜~"
    for old, new in zip(pairs[::2], pairs[1::2], strict=True):
        table[ord(old)] = ord(new)
    del table[ord("，")]  # a clause comma, not a thousands mark
    return table


_FOLD = _fold_table()
_WIDE_MARK = re.compile("(?<=[０-９])，(?=[０-９]{3})")


def view(text: str, lang: str, country: str | None = None) -> View:
    """Fold `text` for look-up without moving a single offset."""
    low = _WIDE_MARK.sub(",", text).translate(_FOLD)
    lowered = low.lower()  # one letter may become two ("İ"): then letter by letter
    if len(lowered) != len(low):
        lowered = "".join(c if len(c.lower()) > 1 else c.lower() for c in low)
    return View(
        text, lowered, lang.split("-", maxsplit=1)[0].lower(), country.lower() if country else None
    )


@dataclass(frozen=True, eq=False)
class Words:
    """What one language needs to read numbers."""

    scales: dict[str, Decimal]
    scale: re.Pattern[str]  # behind digits
    scale_word: re.Pattern[str]  # inside a number in words
    spelled: dict[str, tuple[str, Decimal]]
    spelled_start: str
    articles: frozenset[str]
    gap: re.Pattern[str]
    and_half: re.Pattern[str]
    second: re.Pattern[str]
    vague: tuple[tuple[re.Pattern[str], Decimal], ...]
    pieces: re.Pattern[str] | None = field(default=None)


@lru_cache(maxsize=1)
def book() -> dict[str, Any]:
    """Return `money.yaml` as it is."""
    return _load("money.yaml")


def _load(name: str) -> dict[str, Any]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    data = yaml.load((_HERE / name).read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 - safe, in C
    assert isinstance(data, dict)
    return {key: _folded(value) for key, value in data.items()}


def _folded(words: Any) -> Any:  # noqa: ANN401 - YAML holds anything
    """Fold every word as the text will be, keys included."""
    if isinstance(words, str):
        return words.translate(FOLD)
    if isinstance(words, list):
        return [_folded(word) for word in words]
    if isinstance(words, dict):
        return {_folded(key): _folded(value) for key, value in words.items()}
    return words


@lru_cache(maxsize=1)
def money_names() -> dict[str, Any]:
    """Return `currencies.yaml` as it is."""
    return _load("currencies.yaml")


def any_of(words: list[str] | tuple[str, ...]) -> str:
    """Make an alternation that tries the longest word first."""
    return "|".join(re.escape(word) for word in sorted(set(words), key=lambda w: (-len(w), w)))


def spoken(lang: str) -> str:
    """Return the language whose words are read for `lang`: its own, or English."""
    return lang if lang in book()["words"] or lang in _HARD else "en"


@lru_cache(maxsize=32)
def load(lang: str) -> Words:
    """Return the number words of `lang` (English for one we do not know)."""
    key = spoken(lang)
    names = {str(w): Decimal(10) ** p for w, p in book()["scales"]["any"].items()}
    own = book()["scales"].get(key, {})
    names |= {str(w): Decimal(10) ** p for w, p in own.items()}
    spelled = {str(w): _reading(v) for w, v in book()["words"].get(key, {}).items()}
    return Words(
        scales=names,
        scale=_scale_pattern(names, key),
        scale_word=re.compile(
            rf"(?:{any_of([w for w in names if len(w) > 3 or w in own])})(?![^\W\d_])"
        ),
        spelled=spelled,
        spelled_start=_spelled_start(key, spelled, names),
        articles=frozenset(book()["articles"].get(key, [])),
        gap=_gap(key),
        and_half=_and_half(key),
        second=_second(key, names),
        vague=tuple(
            (re.compile(rf"(?:{p})(?![^\W\d_])"), Decimal(v))
            for v, p in book()["vague"].get(key, {}).items()
        ),
        pieces=re.compile(any_of([*spelled, "und"])) if key in book()["solid"] else None,
    )


def _reading(raw: object) -> tuple[str, Decimal]:
    text = str(raw)
    return (text[0], Decimal(text[1:])) if text[0] in "x~^" else ("", Decimal(text))


def _scale_pattern(names: dict[str, Decimal], key: str) -> re.Pattern[str]:
    letters = [w for w in names if w in book()["letters"]]
    longer = [w for w in names if w not in letters]
    if key in _HARD:
        longer = [w for w in longer if w.isascii()]
    hyphened, short, end = any_of(longer).replace(r"\ ", "[ -]"), any_of(letters), r"(?![^\W\d_])"
    code = "(?=(?:eur|usd|gbp|chf|sek)" + end + ")"  # "5mEUR"
    return re.compile(rf"[ \n-]{{0,2}}(?P<scale>(?:{hyphened}|{short})(?:{end}|{code}))")


def _spelled_start(
    key: str, spelled: dict[str, tuple[str, Decimal]], names: dict[str, Decimal]
) -> str:
    if not spelled:
        return ""
    articles = set(book()["articles"].get(key, []))
    after = any_of(
        [w for w, (kind, worth) in spelled.items() if kind or worth < 1]
        + [w for w in names if len(w) > 4]
    )
    first = any_of([w for w in spelled if w not in articles])
    tail = r"\w*" if key in book()["solid"] else ""
    end = r"(?![^\W\d_])"
    article = rf"(?:{any_of(tuple(articles))}) (?=(?:{after}){end})"
    return rf"(?<![^\W_])(?:(?:{first}){tail}{end}|{article})"


def _gap(key: str) -> re.Pattern[str]:
    joiners = any_of(list(book()["joiners"].get(key, [])))
    return re.compile(rf"[ -](?:(?:{joiners})(?:(?<=')|[ -])(?:a )?)?" if joiners else r"[ -]")


def _and_half(key: str) -> re.Pattern[str]:
    forms = {
        "en": r" and a half",
        "it": r" e mezzo",
        "de": r"(?!)",
        "fr": r" et demie?",
        "es": r" y medi[oa]",
        "pt": r" e mei[oa]",
        "tr": r" buçuk",
    }
    return re.compile(forms.get(key, r"(?!)") + r"(?![^\W\d_])")


def _second(key: str, names: dict[str, Decimal]) -> re.Pattern[str]:
    link = {
        "it": "(?:e )?",
        "es": "(?:y |con )?",
        "pt": "(?:e )?",
        "de": "(?:und )?",
        "fr": "(?:et )?",
    }.get(key, "")
    longer = any_of([w for w in names if w not in book()["letters"] and " " not in w])
    return re.compile(rf" {link}(?P<more>\d{{1,3}})\s(?P<scale>{longer})(?![^\W\d_])")
