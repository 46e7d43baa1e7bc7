"""
Names that an article itself pairs: "Zhipu AI (智谱AI)", "Corvidane (formerly Brisk Robotics)".

Such a pair links the two names for as long as its article is among a deal's reports. It is
taken only if it can hardly be anything else: another script, a word for "formerly", or the
initials of the name. A place, a ticker or a parent in brackets is no other name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from crawler.resolve.names import forms, mixed, normalise, script
from crawler.types import Event

_REACH = 200_000  # characters of a text that are looked at
_OPEN, _CLOSE = "(（[「『“", r")）\]」』”"
_INSIDE = rf"\s?[{re.escape(_OPEN)}]\s?([^{_CLOSE}\n]{{2,60}})[{_CLOSE}]"
_NATIVE_BEFORE = (
    r"([\u3400-\u9fff]{2,8}(?:AI)?|[\u30a0-\u30ffー]{3,20}|[\uac00-\ud7a3]{2,12})"
    rf"\s?[{re.escape(_OPEN)}]\s?"
)
_NEW_NAME = re.compile(  # ends where the bracket begins
    r"(?:(?<![\u3400-\u9fff])[\u3400-\u9fff]{2,8}(?:AI)?"
    r"|(?:[A-Z][\w.&'-]{0,30} ){0,3}[A-Z][\w.&'-]{0,30})\Z"
)
_NAME = re.compile(r"[^\W\d_][\w.&' -]{1,40}[\w.]")
_PLACES = "市省区區県都府州町시도구"
_MOST = 4  # other names worth keeping


def paired(event: Event, title: str, text: str) -> Event:
    """Return `event` with the other names that the article gives its company."""
    known = {normalise(name) for name in (event.company, *event.aliases)}
    found = dict.fromkeys(name for name in alias_pairs(event.company, f"{title}\n{text}"))
    new = [name for name in found if normalise(name) not in known][:_MOST]
    return replace(event, aliases=(*event.aliases, *new)) if new else event


def alias_pairs(company: str, text: str) -> Iterator[str]:
    """Yield the other names that `text` gives `company`, as printed."""
    if len(company) < 2 or mixed(company):
        return
    text, name = text[:_REACH], re.escape(company)
    for match in re.finditer(rf"{name}{_INSIDE}", text):
        yield from _other_name(company, match.group(1).strip())
    for match in re.finditer(rf"{name}\s?[,，、]\s?({_former()}[^,，。.;\n]{{2,50}})", text):
        yield from _other_name(company, match.group(1).strip())
    yield from _new_names(name, text)
    if script(company) == "Latn":
        for match in re.finditer(rf"{_NATIVE_BEFORE}{name}\s?[{_CLOSE}]", text):
            if not _nowhere(match.group(1)):
                yield match.group(1)


def _new_names(name: str, text: str) -> Iterator[str]:
    """Yield what stands before "(formerly NAME)"."""
    inside = rf"\s?[{re.escape(_OPEN)}]\s?(?:{_former()}|{_was()}){name}[{_CLOSE}]"
    for match in re.finditer(inside, text):
        found = _NEW_NAME.search(text, max(0, match.start() - 60), match.start())
        if found and not _nowhere(found.group()):
            yield found.group()


@lru_cache(maxsize=1)
def _former() -> str:
    words = sorted((word.replace("_", " ") for word in forms("former")), key=len, reverse=True)
    return "(?:" + "|".join(re.escape(word) for word in words) + r")[\s:：]?"


@lru_cache(maxsize=1)
def _was() -> str:
    return "|".join(map(re.escape, forms("was")))


def _other_name(company: str, printed: str) -> Iterator[str]:
    """Yield what stands in brackets if it is a name of the same company."""
    old = re.match(f"{_former()}|{_was()}", printed, re.IGNORECASE)
    name = printed[old.end() :].strip(" “”\"'「」") if old else printed
    if mixed(name) or any(letter.isdecimal() for letter in name) or not _is_name(name):
        return
    paired_by = old or script(name) != script(company)
    if name == _initials(company) or (paired_by and not _nowhere(name)):
        yield name


def _nowhere(name: str) -> bool:
    """A place, an exchange or an office in brackets: the same for many companies."""
    folded, words = normalise(name), forms("nowhere")
    if script(name) == "Latn":
        return name.isupper() or folded in words
    return name[-1] in _PLACES or any(word in folded for word in words)


def _is_name(name: str) -> bool:
    if script(name) != "Latn":
        return 1 < len(name) <= 20 and not re.search(r"[\s,，。:：]", name)
    return name[:1].isupper() and len(name.split()) <= 5 and _NAME.fullmatch(name) is not None


def _initials(company: str) -> str:
    return "".join(word[0] for word in company.split() if word[:1].isupper())
