"""
Names of companies, investors and banks: when are two printed names one entity?

`normalise` is identity (script, case, accents and legal form do not matter); `core` is
looser and only good for looking candidates up. A name that mixes alphabets inside one
word ("Аcme" with a Cyrillic А) is never folded into the name it imitates.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from importlib.resources import files

from crawler.resolve import data

_DOTTED = re.compile(r"\b(?:\w\.){2,}\w?(?!\w)|\b\w(?:\.\w)+\b|(?<=\w)\.(?=\s|$)")
_SLASHED = re.compile(r"\b([a-z])/([a-z])\b")
_SPACED_FORM = re.compile(r"\bs\s*p\s*a\b\s*$")
_NOT_WORD = re.compile(r"[^\w&+()]+|_")
_MARKS = re.compile("[\u0300-\u036f]")
_OF = re.compile(r"^(?:\w )?(?:of|di|de|del|della|du|des|da|do|von|der|la|le|il) (?=\w)")
_BRACKETS = re.compile(r"\([^()]*\)")
_FOREIGN = (("Cyrl", re.compile(r"[\u0400-\u052f]")), ("Grek", re.compile(r"[\u0370-\u03ff]")))
_LATIN = re.compile(r"[A-Za-z\u00c0-\u024f]")
_HAN = re.compile(r"[\u3400-\u9fff]")
_KANA = re.compile(r"[\u3040-\u30ff]")
_HANGUL = re.compile(r"[\uac00-\ud7a3]")
_ASIAN = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]")
_OTHER_SCRIPT = re.compile(r"[\u0370-\u052f\u0590-\u06ff\u0900-\u0e7f]")


@lru_cache(maxsize=16)
def forms(kind: str) -> tuple[str, ...]:
    """Return the words of one kind, as `forms.tsv` lists them."""
    lines = (files(data) / "forms.tsv").read_text(encoding="utf-8").splitlines()
    rows = (line.split("\t") for line in lines if not line.startswith("#"))
    return tuple(word for name, words in rows if name == kind for word in words.split())


@lru_cache(maxsize=1)
def _legal() -> frozenset[str]:
    return frozenset(forms("legal"))


@lru_cache(maxsize=1)
def _nations() -> frozenset[str]:
    return frozenset(map(_flat, forms("nation")))


@lru_cache(maxsize=1)
def _loose() -> frozenset[str]:
    return frozenset(forms("soft")) | _legal()


@lru_cache(maxsize=1)
def _folding() -> dict[int, str]:
    """Traditional Chinese and Japanese forms -> simplified, from our own table."""
    lines = (files(data) / "folding.tsv").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("\t") for line in lines if not line.startswith("#"))
    return {ord(form): simple for simple, forms in pairs for form in forms}


@lru_cache(maxsize=65536)
def mixed(name: str) -> bool:
    """Tell whether one word of `name` mixes Latin with Cyrillic or Greek letters."""
    return any(
        _LATIN.search(word) and any(script.search(word) for _, script in _FOREIGN)
        for word in name.split()
    )


@lru_cache(maxsize=65536)
def script(name: str) -> str:
    """Return the script that says most of a name: Hani, Kana, Hang, Latn or Zyyy."""
    for code, letters in (
        ("Kana", _KANA),
        ("Hang", _HANGUL),
        ("Hani", _HAN),
        ("Zyyy", _OTHER_SCRIPT),
    ):
        if letters.search(name):
            return code
    return "Latn"


def _flat(name: str) -> str:
    """Fold width, case, accents (of Latin letters only) and Chinese variants."""
    text = unicodedata.normalize("NFKC", name).casefold()
    if not text.isascii():
        text = _MARKS.sub("", unicodedata.normalize("NFD", text))
        text = unicodedata.normalize("NFC", text).translate(_folding())
    text = _SLASHED.sub(r"\1\2", text)
    return _DOTTED.sub(lambda match: match.group().replace(".", ""), text)


def _without_asian(text: str, forms: tuple[str, ...]) -> str:
    """Cut forms off the end (often glued on) and off the front (株式会社ソフトバンク)."""
    for form in forms:
        if len(text) <= len(form) + 1:
            continue
        if text.endswith(form):
            return _without_asian(text.removesuffix(form).rstrip(), forms)
        if text.startswith(form) and form != "公司":
            return _without_asian(text.removeprefix(form).lstrip(), forms)
    return text


def _words(text: str, drop: frozenset[str]) -> list[str]:
    words = text.split()
    while len(words) > 1 and words[-1] in drop:
        words.pop()
    if len(words) > 1 and words[0] in {"pt", "ooo", "pao", "ao", "zao", "the"}:
        words.pop(0)
    if words and words[-1] in {"&", "de", "and"} and len(words) > 1:
        return _words(" ".join(words[:-1]), drop)
    return words


@lru_cache(maxsize=65536)
def normalise(name: str) -> str:
    """
    Return the form that decides identity: equal forms are one name.

    >>> normalise("Zhipu AI Co., Ltd.") == normalise("ZHIPU AI")
    True
    """
    text = _flat(name)
    if _ASIAN.search(text):
        text = _without_asian(text.strip(), forms("asian-legal"))
    text = _NOT_WORD.sub(" ", text).replace("(", " ").replace(")", " ")
    plain = " ".join(_words(text, _legal()))
    return plain.replace(" ", "") if _ASIAN.search(plain) else plain


@lru_cache(maxsize=65536)
def core(name: str) -> str:
    """Return the name without words that many companies share: for looking up, not identity."""
    text = normalise(_BRACKETS.sub(" ", unicodedata.normalize("NFKC", name)))
    if _ASIAN.search(text):
        return _without_asian(text, forms("asian-soft"))
    first, _, rest = text.partition(" ")
    if rest and name[:1].islower() and first in _nations():  # "l'allemand Brennwald Robotik"
        text = rest
    kept = "".join(_words(_OF.sub("", text), _loose()))
    return kept if len(kept) > 2 else text.replace(" ", "")  # "Z.ai", "AI Labs"


@lru_cache(maxsize=65536)
def skeleton(name: str) -> str:
    """
    Return a blocking key that near spellings share: first letter and consonants of the core.

    >>> skeleton("Stabilty AI") == skeleton("Stability AI")
    True
    """
    text = core(name)
    if _ASIAN.search(text):
        return text[:3]
    letters = re.sub(r"[aeiouyhw\d]|(.)(?=\1)", "", text[1:])
    return text[:1] + letters[:8]


@lru_cache(maxsize=65536)
def within(one: str, other: str) -> bool:
    """
    Tell whether one name holds the other whole: "D of Acme Vision" and "Acme Vision".

    Asian names may only be longer by a particle ("青森サーバーは").
    """
    short, long = sorted((normalise(one), normalise(other)), key=len)
    if _ASIAN.search(long):
        return len(short) > 3 and long.startswith(short) and len(long) - len(short) <= 2
    return len(short) > 5 and f" {short} " in f" {long} "


@lru_cache(maxsize=65536)
def vehicles(one: str, other: str) -> bool:
    """Tell whether two names share their first word and one has a financing arm's name."""
    a, b = normalise(one).split(), normalise(other).split()
    arms = frozenset(forms("vehicle"))
    return bool(a and b) and a[0] == b[0] and len(a[0]) > 3 and bool(arms & {*a[1:], *b[1:]})
