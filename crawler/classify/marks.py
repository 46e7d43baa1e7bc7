"""What stands where names stand and is none: ratings, tickers, datelines, hung-on words."""

from __future__ import annotations

import re

from crawler.classify.reading import Line

AFTER_SUBJECT = re.compile(
    r"[’']s\b|\*{0,2},? [(\[]|, | (?:is|has|had|was|have|said|says|will|è|ha|hanno|sarà|ist|hat"
    r"|wird|sammelt|est|a|va|es|ha|será|é|foi|vai)\b"
)


def attached(before: str) -> bool:
    """Tell whether a hyphen hangs a name on a word: "Ex-", but not "BRIEF-"."""
    word = before.rstrip("-").rpartition(" ")[2]
    return before.endswith("-") and bool(word) and not (word.isupper() and len(word) > 3)


_ADJECTIVE = re.compile(r"(?:[A-Z]\w+ )?[A-Z]\w+(?:ian|ish|ese|can|ean)")
_RATING = re.compile(r"[IVX]{1,4}|(?:A{1,3}|Aa|Aaa|B{1,3}|Ba|Baa|Caa?|CCC)[1-3+-]?|[A-Z]\d|[A-Z]")


def is_sign(name: str, start: int, end: int, text: str) -> bool:
    """Tell whether a name is a rating (A3, BBB-) or an exchange before a ticker: "(ASX: IBN)"."""
    if _RATING.fullmatch(name):
        return True
    if (
        _ADJECTIVE.fullmatch(name)
        and text[end : end + 1] == " "
        and text[end + 1 : end + 2].islower()
    ):
        return not AFTER_SUBJECT.match(text, end)
    return text[start - 1 : start] in {"(", "["} and text[end : end + 1] == ":"


_DASH = re.compile(r"(?:[,;] [^\n]{0,40}?)? ?(?:\([^)\n]{1,30}\) ?)?[-–—]+ |[,.:] ")


def is_dateline(start: int, end: int, line: Line, text: str) -> bool:
    """Tell whether a name in capitals is where the report was written: "SAN JOSE, Calif. —"."""
    opens = not any(c.isalnum() for c in text[line.sentence.start : start])
    if line.sentence.title or not opens or not text[start:end].isupper():
        return False
    if any((c.start, c.end) == (start, end) for c in line.of("bank", "investor_name")):
        return False  # "HSBC, UBS and Citi ran the books"
    return len(text[start:end]) > 3 and _DASH.match(text, end) is not None


_TRADE = frozenset({"bond", "bond_type", "round", "funding", "loan", "refuse", "not_name", "genre"})


def is_worded(start: int, end: int, line: Line) -> bool:
    """Tell whether words of the trade are all that a name is: "Convertible Senior"."""
    place = start
    for cue in line.of(*_TRADE):
        if cue.start <= place < cue.end and (place > start or cue.start == start):
            place = cue.end + 1
    return place >= end
