"""
German names, where every noun has a capital.

"Das Münchner Start-up Kernblick" is a run of capitals of which one word is a name. What stands
before it (articles, adjectives of a town, what the firm does) is taken off; what is left is
kept unless it looks like a common noun: its ending, an inflected adjective before it, or
that it never stands without an article.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import yaml

from crawler.classify.cues import FOLDER, Cue, expand
from crawler.classify.names import _LEGAL, Mention, _acts, key
from crawler.classify.reading import Line, Reading

_TOKEN = re.compile(r"[^\W_](?:[\w+]|[.](?=\w)|[-’'&@](?=\w))*")
_WORDS: dict[str, str] = yaml.safe_load((FOLDER / "german-names.yaml").read_text("utf-8"))
_OPENERS = frozenset(_WORDS["openers"].split())
_ARTICLES = frozenset(_WORDS["articles"].split())
_FREE_BEFORE = frozenset(_WORDS["free"].split())
_TRADES = tuple(end for words in _WORDS["trades"].split() for end in expand(words))
_NOUNS = tuple(end for words in _WORDS["nouns"].split() for end in expand(words))
_PARTICIPLE = re.compile(
    r"(?:ge|ange|aufge|ausge|einge|abge|vorge|zuge|be|ver|er|ent|zer)[a-zäöüß]{3,}(?:t|en)",
    re.IGNORECASE,
)
_ADJECTIVE = re.compile(r"[a-zäöüß]{3,}(?:e|en|er|es|em)$")
_TOWN = re.compile(r"[A-ZÄÖÜ][\w-]{2,}er$")
_PHRASE = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+en [A-ZÄÖÜ][a-zäöüß]+")  # der Technischen Universität
_SINGULAR = re.compile(
    r" (?:hat|ist|will|plant|aus|begibt|sammelt|holt|erhält|bekommt|sichert|schließt|nimmt|baut|"
    r"platziert|emittiert|entwickelt|sagt|startet|wird|wurde|verhandelt|spricht|legt|setzt|kauft|"
    r"übernimmt|steht|kommt|meldet|prüft|erwägt|verschiebt|refinanziert|stockt|beschafft|zieht|"
    r"gewinnt|bietet|betreibt) "
)
_NUMBERED = re.compile(r"[A-ZÄÖÜ][a-zäöüß]+ \d+")  # Ausgabe 212
_INSTITUTIONS = ("bank", "sparkasse", "versicherung", "stiftung", "kasse")
_TAILS = frozenset({"Bank", "Capital", "Seed", "Holding"})  # end names, and stand alone as nouns
_COMPOUND = re.compile(r"-(?:[A-ZÄÖÜ][a-zäöüß]+)$")
_HARD = (
    "raise",
    "invest",
    "issue",
    "bond",
    "round",
    "funding",
    "refuse",
    "loan",
    "ipo",
    "valuation",
    "bond_type",
    "total",
    "prior",
    "teaser",
    "genre",
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its place in the passage."""

    text: str
    start: int
    end: int


def _words(line: Line) -> list[Word]:
    base = line.sentence.start
    return [
        Word(m[0], base + m.start(), base + m.end()) for m in _TOKEN.finditer(line.sentence.text)
    ]


def _capital(word: str) -> bool:
    return word[0].isupper() or any(c.isupper() for c in word[1:])


def _runs(line: Line, text: str) -> Iterator[list[Word]]:
    """Yield capitalised words that only a space or an ampersand parts."""
    run: list[Word] = []
    for word in _words(line):
        gap = text[run[-1].end : word.start] if run else ""
        if run and gap not in {" ", "\u00a0", " & ", "&", " + "}:
            yield run
            run = []
        if _capital(word.text) or (
            word.text[0].isdecimal() and run and word.text.isalnum() and len(word.text) < 4
        ):
            run.append(word)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _is_trade(word: str) -> bool:
    """Tell whether a word says what a firm or person is, and is not its name."""
    return word.lower().endswith(_TRADES) or word.startswith(("Ex-", "Mit"))


def _before(start: int, text: str) -> str:
    found = re.search(r"([^\W\d_]+)[ \u00a0„“\"»«]+$", text[max(0, start - 24) : start])
    return found[1] if found else ""


def _stripped(
    run: Sequence[Word], noise: Sequence[Cue], first: bool, text: str, sums: set[tuple[int, int]]
) -> tuple[list[Word], bool]:
    """Take off what stands before a name; tell whether it was described by it."""
    words, described = list(run), False
    spans = {(c.start, c.end) for c in noise}
    while words:
        word = words[0]
        opener = word.text.lower() in _OPENERS and (first or len(words) > 1)
        town = (
            len(words) > 1
            and _TOWN.match(word.text) is not None
            and _after_article(word, words, text)
        )
        trade = len(words) > 1 and _is_trade(word.text)
        noisy = any(
            s == word.start and e <= words[-1].end and (e == words[-1].end or len(words) > 1)
            for s, e in spans
        )
        if not (opener or town or trade or noisy) or _is_institution(words):
            break
        described = described or trade
        first = first and opener
        ends = [e for s, e in spans if s == word.start and e <= words[-1].end] if noisy else []
        end = max([word.end, *ends])
        words = [w for w in words if w.start >= end]
    while (
        len(words) > 1
        and (words[-1].start, words[-1].end) in spans | sums
        and words[-1].text not in _TAILS
    ):
        words.pop()
    return words, described


def _is_institution(words: Sequence[Word]) -> bool:
    """Tell whether a town is part of the name: Zürcher Kantonalbank."""
    return len(words) == 2 and words[1].text.lower().endswith(_INSTITUTIONS)


def _after_article(word: Word, words: Sequence[Word], text: str) -> bool:
    """Tell whether "-er" makes an adjective of a town here: "das Berliner Start-up"."""
    return (
        _before(word.start, text).lower() in _ARTICLES or _is_trade(words[1].text) or len(words) > 2
    )


def _mentions(line: Line, reading: Reading) -> Iterator[Mention]:
    text = reading.text
    noise = line.of("not_name")
    houses = {(c.start, c.end) for c in line.of("investor_name")}
    taken = [(c.start, c.end) for c in line.of(*_HARD) if (c.start, c.end) not in houses]
    banks = [(c.start, c.end) for c in line.of("bank")]
    for start, end in banks:
        yield Mention(text[start:end], start, end, line.sentence.index, described=True)
    done = 0
    for run in _runs(line, text):
        first = run[0].start <= line.sentence.start + 2
        words, described = _stripped(run, noise, first, text, set(taken))
        if not words or words[0].start < done:
            continue
        start, end = words[0].start, words[-1].end
        if any(m.start < end and start < m.end for m in line.sums):
            continue
        if any(s <= start and end <= e for s, e in taken):
            continue
        if any(s < end and start < e for s, e in banks):
            continue
        legal = _LEGAL.match(text, end)
        end = legal.end() if legal else end
        done = end
        word = _before(start, text)
        beside = any(start - 2 <= c.end <= start for c in line.of("descriptor"))
        yield Mention(
            text[start:end],
            start,
            end,
            line.sentence.index,
            described=described or beside,
            after_the=word.lower() in _ARTICLES and not described and not beside,
            first=start <= line.sentence.start + 2,
            label=text[end : end + 1] == ":",
            acts=_acts(end, line, text),
            quoted=start > 0 and text[start - 1] in '„»“"',
        )


def _is_subject(mention: Mention, text: str) -> bool:
    """
    Tell whether a word without an article opens a sentence and a singular verb follows.

    "Zellwerk aus Leipzig hat …", "Nordkette begibt …": a common noun would need its article.
    """
    if mention.text.lower() in _OPENERS or _PARTICIPLE.fullmatch(mention.text):
        return False
    opens = mention.first or text[max(0, mention.start - 2) : mention.start] == ": "
    return opens and _SINGULAR.match(text, mention.end) is not None


def _is_noun(mention: Mention, text: str) -> bool:
    """Tell whether a single word is a common noun, by its ending or by what stands before it."""
    word = mention.text
    if mention.described or _is_subject(mention, text):
        return False
    phrase = _PHRASE.fullmatch(word) and _before(mention.start, text).lower() in _ARTICLES
    if phrase or _NUMBERED.fullmatch(word):
        return True
    if " " in word or any(c.isupper() or c.isdecimal() for c in word[1:]) or "." in word:
        return " " not in word and (_COMPOUND.search(word) is not None or word.endswith("-KI"))
    if word.lower().endswith((*_NOUNS, *_TRADES)) or word.lower() in _OPENERS:
        return True
    if mention.first and _PARTICIPLE.fullmatch(word):
        return True
    before = _before(mention.start, text)
    free = not before or not before[0].islower() or before in _FREE_BEFORE | _OPENERS
    return not free and _ADJECTIVE.search(before) is not None


def _free(mentions: Iterable[Mention]) -> bool:
    """Tell whether a word ever stands without an article, or is described as a firm is."""
    return any(m.described or not m.after_the or " " in m.text for m in mentions)


def _only_headline(group: Sequence[Mention], reading: Reading, keys: Iterable[str]) -> bool:
    """Tell whether a word of the title never comes again: firms in the news do."""
    flat = key(group[0].text)
    last = reading.lines[-1].sentence.index
    if last < 3 or " " in flat or any(m.line or m.described for m in group):
        return False
    return not any(other.startswith(flat + " ") for other in keys)


def _genitives(mentions: Sequence[Mention], known: set[str]) -> Iterator[Mention]:
    """Yield the mentions with the genitive's s taken off where the name is known without it."""
    for mention in mentions:
        if mention.text.endswith("s") and key(mention.text[:-1]) in known:
            yield replace(mention, text=mention.text[:-1], end=mention.end - 1)
        else:
            yield mention


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of a German article."""
    raw = [m for line in reading.lines for m in _mentions(line, reading)]
    known = {key(m.text) for m in raw}
    raw = list(_genitives(raw, known))
    groups: dict[str, list[Mention]] = defaultdict(list)
    for mention in raw:
        groups[key(mention.text)].append(mention)
    kept = [
        mention
        for flat, group in groups.items()
        if len(flat) > 1
        and _free(group)
        and any(not _is_noun(m, reading.text) for m in group)
        and not _only_headline(group, reading, groups)
        for mention in group
    ]
    return sorted(kept, key=lambda m: m.start)
