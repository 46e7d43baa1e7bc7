"""Who gives money to whom in Chinese, Japanese and Korean: particles and word order tell."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crawler.classify import roles
from crawler.classify.cues import Cue
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading
from crawler.classify.roles import Part

_GIVES = {
    "ja": (
        re.compile(r"(?:[（(][^）)]{1,24}[）)])?(?:は|が|も|、)"),
        re.compile(r"社?(?:[（(][^）)]{1,24}[）)])?[にへ]"),
    ),
    "ko": (re.compile(r"(?:\([^)]{1,24}\))?(?:은|는|이|가|,)"), re.compile(r"['’]?에(?: |게)")),
    "zh": (re.compile(r""), re.compile(r"(?!)")),
}


_ZH_GETS = re.compile(
    "[^，。；：]{0,10}?(?:投资|加持|入股|注资|领投|押注|战略投资|增资|认购|了|给|于)"
)


def parts_of(line: Line, names: Sequence[Mention], reading: Reading) -> list[Part]:
    """Return the parts names play, also that of the subject of "invested in"."""
    found = [p for p in roles.parts_of(line, names, reading) if not _takes(p, line, reading)]
    for cue in line.of("invest"):
        giver = _giver(cue, names, reading)
        part = Part("investor", giver, cue) if giver is not None else None
        if part is None or _takes(part, line, reading) or any(p.mention is giver for p in found):
            continue
        found = [p for p in found if p.cue.end <= cue.start or p.role != "investor"]
        found.append(part)
    return found


_BULLET = re.compile(r"\s*[・●•◦*※\-－]")


def bulleted(reading: Reading, names: Mapping[int, Sequence[Mention]]) -> list[Part]:
    """Return the investors listed one a line under a heading such as "■引受先"."""
    found: list[Part] = []
    heading: Cue | None = None
    for line in reading.lines:
        text = line.sentence.text
        if _BULLET.match(text) and heading is not None and len(text) < 60:
            first = next(iter(names.get(line.sentence.index, ())), None)
            if first is not None:
                role = "lead" if line.has("lead") else heading.kind
                found.append(Part(role, first, heading))
            continue
        after = [c for c in line.of("lead", "investor") if line.sentence.end - c.end <= 2]
        heading = after[-1] if after and len(text) < 30 else None
    return found


_TOPIC = re.compile("['’」』”]?[은는は]")


def _takes(part: Part, line: Line, reading: Reading) -> bool:
    """Tell whether a name before "投资" gets the money: "X获数千万元战略投资"."""
    left, right = part.mention.end, part.cue.start
    if right < left or part.role == "bookrunner":
        return False
    topical = _TOPIC.match(reading.text, left) is not None and right - left > 2
    if topical and part.cue.kind == "investor":
        return True  # "'달빛'은 선배들에게 받았다": who is spoken of gets, the others give
    raised = any(c.kind == "raise" and left <= c.start and c.end <= right for c in line.cues)
    paid = reading.lang == "zh" and any(left <= m.start and m.end <= right for m in line.sums)
    return raised or paid


def _giver(cue: Cue, names: Sequence[Mention], reading: Reading) -> Mention | None:
    """Return who gives the money, if the sentence also says who gets it."""
    text = reading.text
    gives, gets = _GIVES[reading.lang]
    before = [name for name in names if name.end <= cue.start]
    if reading.lang == "zh":
        gets_it = _ZH_GETS.match(text, cue.end)
        taker = any(name.start == (gets_it.end() if gets_it else cue.end) for name in names) or any(
            text[name.start - 1] in "向给对" for name in before
        )
    else:
        taker = any(gets.match(text, name.end) for name in before)
    givers = [name for name in before if gives.match(text, name.end)]
    return givers[0] if taker and givers else None
