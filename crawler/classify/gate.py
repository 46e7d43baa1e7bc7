"""
The gate: may these words hold a deal at all?

Asked of pages by the million (the history of the web), where reading each would cost more than
all the deals are worth. It knows the words of every lexicon and forgives much: a line that
raises, invests or issues needs a sum in it or beside it; a round or a bond needs one more word
that fits. What it lets through is read by the same rules as always.
"""

from __future__ import annotations

from collections.abc import Sequence

from crawler.classify import cues, money
from crawler.classify.language import detect
from crawler.types import Document

_TRIGGERS = frozenset({"funding", "raise", "invest", "bond", "round", "issue"})
_DEALS = frozenset({"funding", "round", "bond"})
_WITNESSES = frozenset({"status", "lead", "investor"})
_LINES = 400  # of one page
_LONGEST = 3_000  # characters of one line


def may_hold_a_deal(title: str, lines: Sequence[str], lang: str | None = None) -> bool:
    """Tell whether a text, given by its lines, is worth reading; time is linear in it."""
    texts = [line[:_LONGEST] for line in (title, *lines[:_LINES]) if line]
    lang = lang or detect(Document(title=title, text="\n".join(texts[1:20])))
    words = cues.lexicon(lang)
    kinds = [{cue.kind for cue in words.find(text)} for text in texts]
    return any(
        _speaks(kinds[i]) or (_near(kinds, i) and bool(money.find(text, lang, None)))
        for i, text in enumerate(texts)
    )


def _speaks(kinds: set[str]) -> bool:
    """Tell of a line that names a round or a bond, and what happens to it."""
    return bool(kinds & _DEALS) and (len(kinds & _TRIGGERS) > 1 or bool(kinds & _WITNESSES))


def _near(kinds: Sequence[set[str]], at: int) -> bool:
    return any(not _TRIGGERS.isdisjoint(one) for one in kinds[max(at - 1, 0) : at + 2])
