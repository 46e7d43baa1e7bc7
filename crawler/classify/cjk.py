"""
Names in Chinese, Japanese and Korean text: scripts in which no capital marks them.

Each script has its own way to propose stretches of text (`hannames`, `kana`, `hangul`); here
they are agreed upon: a stretch is cut down to a name met by itself, and kept if something
speaks for it. Words of the lexicon are no names.
"""

from __future__ import annotations

import re

from crawler.classify import hangul, hannames, kana
from crawler.classify.givers import bulleted, parts_of
from crawler.classify.names import Mention
from crawler.classify.reading import Line, Reading
from crawler.classify.runs import Run, joined

__all__ = ["bulleted", "names_of", "parts_of"]


def names_of(reading: Reading) -> list[Mention]:
    """Return the names of an article in an unspaced script, from left to right."""
    if reading.lang == "zh":
        return [m for m in hannames.names_of(reading) if m.text not in _NO_NAMES]
    script = kana if reading.lang == "ja" else hangul
    found = [(line, run) for line in reading.lines for run in script.runs_of(line, reading)]
    return [m for m in _agreed(found, reading) if m.text not in _NO_NAMES]


# Pronouns and words of the trade that stand where a subject stands.
_NO_NAMES = frozenset(
    """我们 我們 咱们 大家 本次 本轮 公司 规模 規模 一部 同社 当社 弊社
    우리 저희 회사 규모 融資中 以上 今回""".split()  # noqa: SIM905 - a word list
)


def _agreed(found: list[tuple[Line, Run]], reading: Reading) -> list[Mention]:
    """Cut a run down to a name met elsewhere by itself; drop what nothing speaks for."""
    text = reading.text
    names = {text[run.start : run.end] for _, run in found}
    known = {name: text.count(name) for name in names if len(name) > 2}
    sure = {text[r.start : r.end] for _, r in found if r.quoted or (r.described and not r.weak)}
    sure |= {name for name, times in known.items() if times > 1}
    kept = []
    for line, run in found:
        cut = _within(run, text, sure)
        name = text[cut.start : cut.end]
        if cut.sure or name in sure or _speaks_for(cut, line, reading):
            kept.append(_mention(line, cut, reading))
    return sorted(kept, key=lambda mention: mention.start)


_ROLES = frozenset({"lead", "investor", "bookrunner"})
_SUBJECT = re.compile(r"(?:[（(][^）)]{1,24}[）)])?(?:は|が|も|、|社[はが、]|은|는|이 |가 |,)")


_KANJI_ONLY = re.compile(r"[一-龯]+")


def _speaks_for(run: Run, line: Line, reading: Reading) -> bool:
    """Tell whether a run stands where names stand: as a subject, in a list, by a role word."""
    if run.weak:
        return False
    behind = reading.text[run.end : run.end + 28]
    plain = _KANJI_ONLY.fullmatch(reading.text[run.start : run.end]) is not None
    near = run.start <= line.sentence.start + 24 and not plain
    if _SUBJECT.match(behind) and (line.sentence.title or near):
        return True
    if (
        re.match(r"[、,・/]\s?[^\s、,]", behind)
        or reading.text[run.start - 1 : run.start] in "、,・/=："
    ):
        return True
    return any(
        abs(cue.end - run.start) <= 3 or abs(run.end - cue.start) <= 3
        for cue in line.cues
        if cue.kind in _ROLES
    )


def _within(run: Run, text: str, sure: set[str]) -> Run:
    name = text[run.start : run.end]
    if name in sure:
        return run
    for size in range(len(name) - 1, 2, -1):
        if name[-size:] in sure and not joined(name, len(name) - size):
            return Run(run.end - size, run.end, True, run.quoted, run.weak, run.sure)
    return run


def _mention(line: Line, run: Run, reading: Reading) -> Mention:
    return Mention(
        reading.text[run.start : run.end],
        run.start,
        run.end,
        line.sentence.index,
        described=run.described,
        after_the=run.weak,
        first=hannames.opens(line, run.start, reading.text),
        quoted=run.quoted,
    )
