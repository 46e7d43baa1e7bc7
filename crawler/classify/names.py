"""Names in an article: where they stand, and which of them are the same."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache

import yaml

from crawler.classify import marks
from crawler.classify.cues import FOLDER, Cue
from crawler.classify.reading import Line, Reading

_BOOK: dict[str, str] = yaml.safe_load((FOLDER / "latin-names.yaml").read_text("utf-8"))
_WORDS = {kind: frozenset(words.split()) for kind, words in _BOOK.items()}
INNER, DETERMINERS = _WORDS["inner"], _WORDS["determiners"]
_TOKEN = re.compile(r"[^\W_](?:[\w+]|[.](?=\w)|[-’'&@](?=\w))*(?:\.(?=,? [A-Za-zÀ-ÿ]))?")
_LEGAL = re.compile(
    r",? (?:Inc|Corp|Corporation|Co|Company|Ltd|Limited|LLC|LLP|LP|plc|PLC|Plc|GmbH|AG|SE|KG"
    r"|KGaA|SAS|SA|SARL|SpA|"
    r"Spa|SRL|Srl|srl|spa|sgr|Sim|SL|SAU|SLU|NV|BV|AB|ASA|AS|ApS|Oy|Oyj|Ltda|S\.A\.S\.|S\.A\."
    r"|S\.A|S\.p\.A\.|S\.r\.l\.|S\.L\.|"
    r"N\.V\.|B\.V\.|S/A|Pte|Pty|Pvt|Private|Bhd|Berhad|A/S|& Co\.? KG(?:aA)?)\b\.?"
)
_NOUNS_DE = re.compile(
    r"(?:ung|ungen|heit|keit|schaft|schaften|tion|tionen|tät|ismus|anleihe|anleihen|runde"
    r"|geber|geberin|mittel|gelder|kapital|markt|jahr|jahre|monate|tag|woche|bewertung)$"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name at one place. `described` follows a word like "start-up"; `after_the` an article."""

    text: str
    start: int
    end: int
    line: int
    described: bool = False
    after_the: bool = False
    first: bool = False  # opens its sentence
    quoted: bool = False
    subject: bool = False  # a verb of the trade follows at once
    acts: bool = False  # what follows is what follows a subject: a verb we know, a bracket
    label: bool = False  # a colon follows: "Flash:", "Acme:"
    head: bool = False  # heads an item of a list


@dataclass(slots=True)
class Name:
    """All mentions of one name, under all its spellings."""

    text: str
    spellings: set[str] = field(default_factory=set)
    mentions: list[Mention] = field(default_factory=list)


_NUMBERED = frozenset({"company", "startup", "start-up"})  # Company 17
_NUMBER = re.compile(r"(?!(?:19|20)\d\d$)\d{1,4}")  # not a year


def _is_number(word: str, start: int, line: Line) -> bool:
    """Tell whether a number may belong to the name before it: no year, day or part of a sum."""
    if not _NUMBER.fullmatch(word) or any(m.start <= start < m.end for m in line.sums):
        return False
    before = [cue.text for cue in line.of("not_name") if cue.end == start - 1]
    return all(text.casefold() in _NUMBERED for text in before)


_AMOUNT = re.compile(r"\d+[A-Za-z]{1,3}")
_DOMAIN = re.compile(r"\.(?:ai|io|com|co|app|eu|tech)$")


def _is_capital(word: str) -> bool:
    """Tell whether a word is written as names are: Acme, eToro, 3DLabs, kopi.ai."""
    if word[0].isupper():
        return True
    plain = word == word.lower()
    if word[0].isdecimal():
        return not plain and not _AMOUNT.fullmatch(word)
    return not plain or ("." in word and _DOMAIN.search(word) is not None)


def _broken(word: str) -> bool:
    """Tell whether a hyphen makes the word a description: Boston-based, KI-Startup."""
    tail = word.rpartition("-")[2]
    return "-" in word and bool(tail) and tail[0].islower()


_CLITIC = re.compile(r"['’](?:s|ve|re|ll|m|d)$")  # Acme's; we've


def _tokens(line: Line) -> tuple[tuple[str, int, int], ...]:
    """Return the words of a line with passage offsets; a genitive 's stands apart."""
    return _words(line.sentence.start, line.sentence.text)


@lru_cache(maxsize=512)  # an article's lines are asked for several times in a row
def _words(base: int, text: str) -> tuple[tuple[str, int, int], ...]:
    found = []
    for match in _TOKEN.finditer(text):
        word = match[0]
        start, end = match.span()
        if clitic := _CLITIC.search(word):
            word, end = word[: clitic.start()], end - len(clitic[0])
        found.append((word, base + start, base + end))
    return tuple(found)


_RANKS = _WORDS["ranks"]


def _runs(line: Line, text: str) -> Iterator[tuple[int, int, int]]:
    """Yield capitalised runs as (index of the first token, start, end)."""
    tokens = _tokens(line)
    first: int | None = None
    end = 0
    for place, (word, start, stop) in enumerate(tokens):
        gap = text[end:start] if first is not None else ""
        joins = gap in {" ", "\u00a0", " & ", "&", " + "} or (gap == "" and first is not None)
        if first is not None and not joins:
            yield first, tokens[first][1], end
            first = None
        if first is not None and gap == " " and _is_number(word, start, line):
            end = stop  # Acme 17, Company 042: a number belongs to the name before it
        elif _is_capital(word) and not _broken(word) and word not in _RANKS:
            if first is None:
                first = place
            end = stop
        elif first is not None and not (word in INNER and _continues(tokens, place, text)):
            yield first, tokens[first][1], end
            first = None
        elif first is not None:
            end = stop
    if first is not None:
        yield first, tokens[first][1], end


_INSTITUTIONS = _WORDS["institutions"]


def _continues(tokens: Sequence[tuple[str, int, int]], place: int, text: str) -> bool:
    """Tell whether a small word is followed at once by a capitalised one."""
    if place + 1 >= len(tokens):
        return False
    if tokens[place][0] in {"of", "for"} and tokens[place - 1][0] not in _INSTITUTIONS:
        return False
    word, start, _ = tokens[place + 1]
    return (
        _is_capital(word)
        and not _broken(word)
        and text[tokens[place][2] : start] in {" ", "", "’", "'"}
    )


_GLUED = re.compile(r"(?:[dl]|all|dell|nell|sull|dall|un|quell)['’](?=\w)", re.IGNORECASE)


def _numbered(word: str, rest: str) -> bool:
    """Tell whether a word like "Company" has a number of its own: Company 17, Startup-42."""
    return word.casefold() in _NUMBERED and re.match(r"[ \u00a0-]\d", rest) is not None


_OF_A_ROUND = re.compile(
    r"[ -](?:round|funding|financing|raise|stage|investment|extension|di|de|da)\b"
)


def _is_seed_fund(cue: Cue, text: str, stop: int) -> bool:
    """Tell whether "Seed" ends a fund's name ("Isar Seed") and names no round."""
    return cue.text == "Seed" and cue.end == stop and _OF_A_ROUND.match(text, stop) is None


_NUMERALS = frozenset(["One", "Two", "Three", "Four", "Five", "Ten", "First", "Second", "Third"])


def _belongs(word: str, start: int, end: int, text: str) -> bool:
    """Tell whether a word that is no name opens one: Company 17, Two Moons said twice."""
    again = word in _NUMERALS and text.count(text[start:end]) > 1
    return again or _numbered(word, text[start + len(word) : end])


def _trimmed(text: str, start: int, end: int, noise: Sequence[Cue]) -> tuple[int, int]:
    """Take words that are no names off both ends ("The", "Monday", "Series")."""
    if glued := _GLUED.match(text, start, end):
        start = glued.end()
    changed, stop = True, end
    while changed and start < end:
        changed = False
        for cue in noise:
            whole = cue.text in {"AI", "Group", "Lab", "Labs", "Studio"} or _is_seed_fund(
                cue, text, stop
            )
            if cue.start == start and _belongs(cue.text, start, end, text):
                continue
            if (
                cue.start == start
                and cue.end <= end
                and (cue.end == end or text[cue.end] in " \u00a0-")
            ):
                if (
                    (cue.end < end and cue.text == "AI" and cue.kind == "not_name")
                    or cue.text != "AI"
                    or cue.end == end
                ):
                    start, changed = cue.end, True
            elif cue.end == end and cue.start > start and not whole and cue.kind == "not_name":
                end, changed = cue.start, True
        while start < end and not text[start].isalnum():
            start += 1
        while end > start and not (text[end - 1].isalnum() or text[end - 1] in ".)+!"):
            end -= 1
    return start, end


def _line_mentions(line: Line, reading: Reading) -> Iterator[Mention]:
    text = reading.text
    noise = line.of("not_name")
    descriptors = {c.end for c in line.of("descriptor")}
    done = 0
    for _, raw, stop in _runs(line, text):
        start, end = _trimmed(text, raw, stop, noise)
        name = text[start:end]
        if len(name) < 2 or name.isdecimal():
            continue
        if start < done or any(m.start < end and start < m.end for m in line.sums):
            continue
        legal = _LEGAL.match(text, end)
        if legal:
            end = legal.end()
            name = text[start:end].rstrip(",")
        done = end
        before = text[max(0, start - 14) : start]
        if marks.is_dateline(start, end, line, text) or marks.is_sign(
            text[start:end], start, end, text
        ):
            continue
        if marks.attached(before) or any(0 <= start - m.end <= 1 for m in line.sums):
            continue  # "Ex-DeepMind"; "$95M PIPE"
        word = re.findall(r"[^\W\d_]+['’]?", before)
        yield Mention(
            name,
            start,
            end,
            line.sentence.index,
            described=any(start - 3 <= d <= start for d in descriptors) and before.endswith(" "),
            after_the=bool(word)
            and before.endswith((" ", "'", "’"))
            and word[-1].lower().rstrip("'’") in DETERMINERS,
            first=not any(c.isalnum() for c in text[line.sentence.start : start]),
            label=text[end : end + 1] == ":",
            acts=_acts(end, line, text),
            quoted=before[-1:] in '“"«„「' and before != "",
        )


_VERBS = frozenset({"raise", "invest", "issue", "status", "lead", "investor", "bookrunner"})
_PLAYED = frozenset({"lead", "investor", "bookrunner"})
_LISTED = re.compile(r"(?:,| and| e| y| et| und)(?: the| la| le| el| die| der)? [A-ZÀ-Þ]")


def _acts(end: int, line: Line, text: str) -> bool:
    """Tell whether a name is followed by what follows a subject."""
    if marks.AFTER_SUBJECT.match(text, end):
        return True
    if _LISTED.match(text, end) and any(
        c.kind in _PLAYED and c.means == "before" and 0 < c.start - end < 90 for c in line.cues
    ):
        return True
    return any(c.kind in _VERBS and 0 <= c.start - end <= 1 for c in line.cues)


def _is_shouting(line: Line) -> bool:
    """Tell whether nearly every word of a line is capitalised: its capitals tell nothing."""
    if not line.sentence.title and line.has("lead", "investor", "bookrunner"):
        return False  # a list of names, not a headline
    words = [w for w, _, _ in _tokens(line) if w[0].isalpha() and len(w) > 3]
    share = sum(w[0].isupper() for w in words) / max(len(words), 1)
    return len(words) >= 4 and share > (0.75 if line.sentence.title else 0.9)


_HAN_LEGAL = re.compile(
    r"株式会社|合同会社|有限会社|㈱|[(（]株[)）]|주식회사|㈜|\(주\)|(?:股份|集团|有限责任|股份有限|有限)公司$"
)


@lru_cache(maxsize=4096)
def key(name: str) -> str:
    """Return the form under which two spellings of a name are the same."""
    flat = _LEGAL.sub("", _HAN_LEGAL.sub("", name.replace("’", "'"))).casefold()
    flat = flat.replace("ホールディングス", "hd")
    return re.sub(r"[^\w&+]+", " ", flat).strip()


# "Contamos com", "Abbiamo raccolto": a verb in the first person opens the sentence.
_FIRST_PERSON = re.compile(r"[a-zà-ÿ]+(?:iamo|[aei]mos)|oui|nous|noi|nós|nosotros|wir")


def _keep(mention: Mention, known: set[str], lowered: set[str], lang: str) -> bool:
    """Tell whether a capitalised run is a name and not a word that opens a sentence."""
    flat = key(mention.text)
    if not flat or (mention.first and _FIRST_PERSON.fullmatch(flat)):
        return False
    if " " in flat or any(c.isupper() for c in mention.text[1:]) or "." in mention.text:
        return True
    if flat in lowered:
        return False
    if lang == "de" and _NOUNS_DE.search(flat):
        return False
    return not mention.first or mention.described or mention.acts or flat in known


def _is_house(mention: Mention, reading: Reading) -> bool:
    """Tell whether the lexicon knows a mention for a bank or an investor."""
    span = (mention.start, mention.end)
    cues = reading.lines[mention.line].of("bank", "investor_name")
    line = reading.lines[mention.line]
    enough = len(mention.text) > 7 or line.has("bookrunner")  # "Lloyds and MUFG ran the books"
    return enough and any((c.start, c.end) == span for c in cues)


def latin(reading: Reading) -> list[Mention]:
    """Return the names of an article in a script that has capitals."""
    lowered = {w for line in reading.lines for w, _, _ in _tokens(line) if w and w[0].islower()}
    shouting = {line.sentence.index for line in reading.lines if _is_shouting(line)}
    raw = [m for line in reading.lines for m in _line_mentions(line, reading)]
    raw = [m for m in raw if not marks.is_worded(m.start, m.end, reading.lines[m.line])]
    calm = [m for m in raw if m.line not in shouting]
    known = {key(m.text) for m in calm if not m.first}
    kept = [m for m in calm if _is_house(m, reading) or _keep(m, known, lowered, reading.lang)]
    kept = list(_without_openers(kept, lowered))
    return sorted([*kept, *_in_shouting(reading, shouting, kept)], key=lambda m: m.start)


def _without_openers(mentions: Sequence[Mention], lowered: set[str]) -> Iterator[Mention]:
    """Take off a common word that opens a sentence: "Fintech Kudi Rails raises", "Kudi Rails"."""
    calm = {key(m.text) for m in mentions if not m.first}
    for mention in mentions:
        word, _, rest = mention.text.partition(" ")
        if mention.first and word.lower() in lowered and key(rest) in calm:
            yield replace(mention, text=rest, start=mention.end - len(rest), described=True)
        else:
            yield mention


def _in_shouting(reading: Reading, shouting: set[int], kept: list[Mention]) -> Iterator[Mention]:
    """In lines that capitalise everything find only names met elsewhere, longest first."""
    longest = {m.text for m in kept if len(m.text) > 2}
    spellings = sorted(longest, key=_spelt, reverse=True)
    spellings += [
        s
        for m in kept
        if " " in m.text and len(s := m.text.split()[0]) > 3 and s.lower() not in _COMMON
    ]
    for line in reading.lines:
        if line.sentence.index not in shouting:
            continue
        taken: list[tuple[int, int]] = []
        for name in spellings:
            place = _find_word(line.sentence.text, name)
            if place < 0 or any(a < place + len(name) and place < b for a, b in taken):
                continue
            taken.append((place, place + len(name)))
            start = line.sentence.start + place
            yield Mention(
                reading.text[start : start + len(name)],
                start,
                start + len(name),
                line.sentence.index,
                first=place == 0,
            )
        if not taken and (subject := _subject(line, reading.text)):
            yield subject


def _subject(line: Line, text: str) -> Mention | None:
    """Return what stands before the first verb of the trade: "Trading Platform Acme Raises"."""
    verbs = [c.start for c in line.cues if c.kind in {"raise", "issue", "invest", "status"}]
    start, stop = line.sentence.start, min(verbs, default=-1)
    if stop <= start:
        return None
    told = [c.end for c in line.of("descriptor") if c.end < stop]
    comma = text.find(",", start, stop)
    if comma > start:
        stop = comma
        told = [place for place in told if place < comma]
    start, stop = _trimmed(text, max([start, *told]), stop, line.of("not_name"))
    name = text[start:stop]
    if not name or name.count(" ") > 3 or not _is_capital(name):
        return None
    return Mention(
        name, start, stop, line.sentence.index, described=bool(told), first=True, acts=True
    )


_COMMON = _WORDS["common"]


def _find_word(text: str, word: str) -> int:
    """Return where a word stands in a text as a whole word, -1 if nowhere; han needs no space."""
    place = text.casefold().find(word.casefold())
    if place < 0:
        return -1
    after, before = text[place + len(word) :][:1], text[:place][-1:]
    loose = word[0] >= "\u2e80" and word[-1] >= "\u2e80"
    return -1 if not loose and (_is_letter(after) or _is_letter(before)) else place


def _is_letter(char: str) -> bool:
    return char.isalnum() and char < "\u2e80"


def _opens(short: str, long: str) -> bool:
    """Tell whether a shorter name opens a longer one; han and kana need no space."""
    if not short or not long.startswith(short):
        return False
    return long[len(short)] == " " or (short[-1] >= "\u2e80" and len(short) >= 2)


def watched(reading: Reading, spellings: Sequence[str]) -> list[Mention]:
    """Return where names that a user watches stand, whatever surrounds them."""
    found: list[Mention] = []
    for name in sorted(spellings, key=len, reverse=True):
        for line in reading.lines:
            place = _find_word(line.sentence.text, name) if len(name) > 1 else -1
            start = line.sentence.start + place
            if place >= 0 and not any(m.start < start + len(name) and start < m.end for m in found):
                text = reading.text[start : start + len(name)]
                first = place <= 2
                found.append(
                    Mention(text, start, start + len(name), line.sentence.index, first=first)
                )
    return found


def _spelt(name: str) -> tuple[int, bool, str]:
    """Rank spellings, the best last: long, not all in capitals; never by the order of a set."""
    return len(name), not name.isupper(), name


def grouped(mentions: Sequence[Mention]) -> list[Name]:
    """
    Return the names with all their mentions.

    "Zhipu" is "Zhipu AI" said again: a shorter name that opens exactly one longer one is
    the same. The longest spelling names the group.
    """
    by_key: dict[str, list[Mention]] = {}
    for mention in mentions:
        by_key.setdefault(key(mention.text) or mention.text.casefold(), []).append(mention)
    keys = sorted(by_key, key=len, reverse=True)
    owner: dict[str, str] = {}
    for short in keys:
        longer = [k for k in keys if k in owner and k != short and _opens(short, k)]
        first = min(longer, key=lambda k: by_key[k][0].start, default=short)
        owner[short] = owner.get(first, short)
    groups: dict[str, Name] = {}
    for short, found in by_key.items():
        name = groups.setdefault(owner[short], Name(owner[short]))
        name.mentions += found
        name.spellings |= {m.text for m in found}
    for name in groups.values():
        name.mentions.sort(key=lambda m: m.start)
        name.text = max(name.spellings, key=_spelt)
    return list(groups.values())
