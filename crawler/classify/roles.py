"""Who led, who joined, who ran the books: names beside the words that give them a part."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from crawler.classify.cues import Cue
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading

ROLES = frozenset({"lead", "investor", "bookrunner"})
_NEAR = 70  # characters between a role word and the first name, or between two names
_SOFT = frozenset(
    {"with", "as well as", "plus", "from", "and", "as", "e", "y", "et", "und", "than", "which"}
)
_TITLES = re.compile(r"[,(]? ?(?:the |its |la |il |le |el )?$")


@dataclass(frozen=True, slots=True)
class Part:
    """A name in a role. `sure` is False for weak words ("from", "with")."""

    role: str
    mention: Mention
    cue: Cue
    sure: bool = True
    angel: bool = False  # told as a person who invests: "angels including Ada Roth"


def _hard_walls(line: Line) -> list[int]:
    """Return where another clause opens, for the purpose of lists of names."""
    return [
        c.start for c in line.cues if c.kind in {"barrier", "use"} and c.text.lower() not in _SOFT
    ]


def _after(
    cue: Cue, line: Line, names: Sequence[Mention], stops: Sequence[int], text: str
) -> Iterator[Mention]:
    border = min((s for s in stops if s >= cue.end), default=line.sentence.end)
    place = cue.end
    for name in names:
        if name.start < cue.end:
            continue
        if name.start >= border or not _linked(text[place : name.start], place == cue.end):
            return
        yield name
        place = name.end


def _before(
    cue: Cue, line: Line, names: Sequence[Mention], stops: Sequence[int], text: str
) -> Iterator[Mention]:
    border = max((s for s in stops if s < cue.start), default=line.sentence.start)
    place = cue.start
    for name in reversed(names):
        if name.end > cue.start:
            continue
        if name.start < border or not _linked(text[name.end : place], place == cue.start):
            return
        yield name
        place = name.start


_JOINT = re.compile(
    r"[,;/&]| and | e | ed | y | et | und | sowie | ou | o | com | con | mit | plus |、|・"
)


# Figures and full stops part what a comma joins: "Acme took €14m (Series A, Foo leading)".
_PARTED = re.compile(
    r"\d|(?<!incl)[.!?] |\((?![^()\d]{1,30}\)|incl|tra cui|darunter|dont|entre|among|ins)|[:：]"
)
_HAN_JOINT = re.compile(r"[様氏社]?[」』”）]?(?:[、/,・]|以及|和|与|與|及|や|と|및|와|과)")


def _linked(between: str, first: bool) -> bool:
    """Tell whether a name goes on with a list."""
    if _is_han(between):
        return len(between) <= 14 and (first or _HAN_JOINT.match(between) is not None)
    if len(between) > _NEAR or "\n" in between:
        return False
    return first or (_JOINT.search(between) is not None and _PARTED.search(between) is None)


def _is_han(text: str) -> bool:
    return any("\u3001" <= c <= "\ud7a3" for c in text)


# "Wise alumni", "Ledgerly CFO", "Hugging Bear's founders": the people are meant, not the firm.
_THEIR_PEOPLE = re.compile(
    r"(?:['’]s?)? (?:alumni|angels?|executives?|(?:co-)?founders?|employees|veterans?|staff"
    r"|boss|chief|"
    r"CEO|CFO|CTO|COO|partner|managing|general|director|president|chair\w*|co-founders?)\b"
)


# "The chief executive told the Ledger", "le quotidien La Cote": the paper invests nothing; nor
# does a vehicle beside its owner: "Bpifrance, via its fund French Tech Mer".
_NO_PART = re.compile(
    r"(?:\b(?:told|tells|according to|selon|según|secondo|segundo|laut|sagte|quotidiano|quotidien"
    r"|newspaper|the daily|diario|jornal|Zeitung|Zeitschrift|site d'information)"
    r"(?: the| le| la| el| o| il)?"
    r"|\b(?:via|through|tramite|attraverso|a través de|através d[eo]) (?:its|son|sa|il suo|la sua"
    r"|su|o seu|seu|seinen?|ihren?)(?: [\w-]+){1,3}?) $",
    re.IGNORECASE,
)


def _bracketed(cue: Cue, text: str) -> bool:
    """Tell whether a cue for a lead is all a bracket holds: "Elaia (lead investor), Kima"."""
    left, right = text[max(0, cue.start - 2) : cue.start], text[cue.end : cue.end + 1]
    return cue.kind == "lead" and left.strip()[-1:] in {"(", "（"} and right in {")", "）"}


def _sided(cue: Cue, text: str) -> Cue:
    """Read a bare "lead" by its bracket: "Elaia (lead)", but "lead Elaia, with Kima"."""
    if _bracketed(cue, text):
        return replace(cue, means="before")
    return replace(cue, means="after") if cue.text.lower() == "lead" == cue.kind else cue


_WHO = re.compile(
    r"(?:new |existing |earlier |previous |returning |long-?time |current |early |angel |old )?"
    r"(?:investor|backer|shareholder|owner|actionnaire|investisseur|soci[oa]?|accionista|inversor"
    r"|acionista|investidor|azionist[ai]|Bestandsinvestor|Altinvestor|Investor)\w*[,:]?",
    re.IGNORECASE,
)
_JOINS = re.compile(r"(?: and|,| e| y| et| und)? (?:the |dem |der |den |il |la |el |le )?$")
_TOGETHER = re.compile(r"\bco-|jointly|gemeinsam|conjoint|conjunt|congiunt", re.IGNORECASE)


def _speaks(cue: Cue, cues: Sequence[Cue], text: str) -> bool:
    """
    Tell whether a cue gives a part of its own.

    "Co-led by new investors A and existing backer B": the nouns only describe the leaders. A
    bare "lead" or "leading" speaks in brackets or before a colon: "a leading supplier" does not.
    """
    if cue.text.lower() in {"lead", "leading", "co-lead"}:
        return text[cue.end : cue.end + 1] in {":", ")"} or not _is_plain(cue, text)
    if cue.kind != "investor" or not _WHO.fullmatch(cue.text):
        return True
    for other in cues:
        if other.kind != "lead" or other.means != "after" or other.end > cue.start:
            continue
        between = text[other.end : cue.start]
        joint = _TOGETHER.search(other.text) is not None and len(between) <= _NEAR
        if not between.strip() or (joint and _JOINS.search(between)):
            return False
    return True


def _is_plain(cue: Cue, text: str) -> bool:
    """Tell whether "leading" is an adjective: "a leading supplier"."""
    if cue.text.lower() != "leading":
        return True
    return not re.match(r" (?:the|this|its|it)\b|[,.;]", text[cue.end : cue.end + 8])


# "Led by A, with B and C": who comes with the leader does not lead.
_BESIDE = re.compile(
    r"\b(?:with|alongside|along with|together with|including|and including|joined by"
    r"|followed by|plus|mit|zusammen mit|neben|sowie von|avec|aux côtés|ainsi que|con|insieme a"
    r"|assieme a|oltre a|cui|junto|además|com|ao lado|além|joining)\b",
    re.IGNORECASE,
)
_ANGELS = re.compile(
    r"\bangels?\b|business angels?|angel investor|\bindividuals?\b|entrepreneurs?\b|\bangeli\b"
    r"|\banges?\b|ángel|anjos?\b|Privatinvestor|Engel|Unternehmer|imprenditor|entrepreneur|empresári"
    r"|empresari|investisseur privé|天使|个人投资|個人投資|エンジェル|개인투자|엔젤",
    re.IGNORECASE,
)


def _told(cue: Cue, found: Sequence[Mention], text: str) -> Iterator[Part]:
    """Yield the parts of names listed after a cue."""
    role, place = cue.kind, cue.end
    for name in found:
        between = text[place : name.start]
        if role == "lead" and place > cue.end and _BESIDE.search(between):
            role = "investor"
        angel = _ANGELS.search(text, max(0, cue.start - 20), name.start) is not None
        yield Part(role, name, cue, cue.means != "weak", angel)
        place = name.end


def parts_of(line: Line, names: Sequence[Mention], reading: Reading) -> list[Part]:
    """Return the names of a line with the parts they play."""
    names = [
        n
        for n in names
        if not _THEIR_PEOPLE.match(reading.text, n.end)
        and not _NO_PART.search(reading.text, max(0, n.start - 50), n.start)
        and not (reading.text[n.start - 1 :][:1] == "(" and len(n.text) < 5)  # a role: "(B&D)"
    ]
    cues = [
        c for c in line.of(*ROLES) if not any(n.start <= c.start and c.end <= n.end for n in names)
    ]
    walls = _hard_walls(line)
    found: list[Part] = []
    named = [c for c in cues if _bracketed(c, reading.text)]
    cues = [c for c in cues if c not in named and _speaks(c, cues, reading.text)]
    for cue in (_sided(c, reading.text) for c in cues):
        others = [
            c.start for c in cues if c is not cue and c.means not in {"before", "weak", "near"}
        ]
        behind = [
            c.end
            for c in cues
            if c is not cue
            and c.end <= cue.start
            and not c.text.lower().startswith("includ")
            and not _WHO.fullmatch(c.text)
        ]
        if cue.means in {"after", "weak", "near", "either"}:
            stops = [*walls, *others]
            found += _told(cue, list(_after(cue, line, names, stops, reading.text)), reading.text)
        if cue.means in {"before", "either"}:
            stops = [*walls, *behind]
            found += [
                Part(cue.kind, n, cue) for n in _before(cue, line, names, stops, reading.text)
            ]
    found += _givers(line, names, reading, {id(part.mention) for part in found})
    found = _nearest(found) if reading.spaced else found
    return _with_named_leads(found, named, names, reading.text)


def _with_named_leads(
    found: Sequence[Part], named: Sequence[Cue], names: Sequence[Mention], text: str
) -> list[Part]:
    """Make a leader of the name right before each bracket that says so."""
    leads = {}
    for cue in set(named):
        before = [n for n in names if 0 <= cue.start - n.end <= 4]
        if before:
            leads[id(before[-1])] = Part("lead", before[-1], cue)
    told = {id(p.mention) for p in found} | leads.keys()
    rest = [
        Part("investor", name, lead.cue)
        for lead in leads.values()
        for name in _behind(lead.cue.end + 1, names, text)
        if id(name) not in told
    ]
    return [*(p for p in found if id(p.mention) not in leads), *leads.values(), *rest]


def _behind(place: int, names: Sequence[Mention], text: str) -> Iterator[Mention]:
    """Yield the names that go on with a list: "Elaia (lead), Kima and Otium"."""
    for name in names:
        if name.start < place:
            continue
        if name.start - place > 30 or not _linked(text[place : name.start], False):
            return
        yield name
        place = name.end


_FROM = re.compile(
    r" (?:(?!to |um |per |para |pour |for )(?:[^\W\d]+[-/]?[\w+]* ){1,3})?"
    r"(?:from|from the|by|da|dal|dalla|dai|do|das|dos|de|del|de la|de los|du|d['’]|von|vom"
    r"|von der|von dem|bei"
    r"|auprès de|auprès du|auprès d['’]|de la part de|de la part d['’]|com a|com o|con)(?: "
    r"|(?<=['’]))(?:(?:the|le|la|el|o|a|il|dem|der|den) )?(?:[a-zà-ÿ-]+ ){0,3}"
)


def _givers(
    line: Line, names: Sequence[Mention], reading: Reading, taken: set[int]
) -> Iterator[Part]:
    """Yield who the money comes from: "R$ 22 milhões da Maya Capital e do BID Lab"."""
    if not reading.spaced or not line.has("raise"):
        return
    for one in line.sums:
        place = one.end
        for name in names:
            if name.start < one.end or id(name) in taken:
                continue
            between = reading.text[place : name.start]
            first = place == one.end
            if len(between) > _NEAR or not (_FROM if first else _LIST).fullmatch(between):
                break
            if not (first or _JOINT.search(between)):
                break
            place = name.end
            angel = _ANGELS.search(between) is not None
            yield Part(
                "investor", name, Cue("investor", "after", one.end, one.end, ""), angel=angel
            )


_LIST = re.compile(
    r"(?: \([^()\d]{1,30}\))?,? ?(?:(?:and|e|y|et|und|ed|sowie) )?"
    r"(?:(?:da|do|de|del|du|d['’]|the|la|il|le|el|o|a|von|vom|dem|der|den) ?)?(?:[a-zà-ÿ-]+ ){0,3}"
)


def _nearest(parts: Sequence[Part]) -> list[Part]:
    """Give a name that two cues claim to the nearer: "von A, B zog mit" makes B no leader."""
    best: dict[int, Part] = {}
    for part in parts:
        other = best.get(id(part.mention))
        if other is None or _distance(part) < _distance(other):
            best[id(part.mention)] = part
    return [part for part in parts if best[id(part.mention)].role == part.role]


def _distance(part: Part) -> tuple[bool, int]:
    gap = max(part.cue.start - part.mention.end, part.mention.start - part.cue.end)
    return part.cue.means in {"weak", "near"}, gap
