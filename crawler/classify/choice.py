"""
Whose deal is it? Every name of an article has signs for and against; the highest sum wins.

The weights are written down, not learnt: a conditional logit over the gold articles, held out
by company, chose no better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

from crawler.classify import items, subjects
from crawler.classify.binding import Fate
from crawler.classify.company import Cast
from crawler.classify.names import Mention, Name
from crawler.classify.reading import Line, Reading

Signs = dict[str, float]

WEIGHTS: Mapping[str, float] = {
    # all through the article
    "often": 1.44,
    "title only": 0.4,
    "title": 1.6,
    "title late": -0.64,
    "top": 0.48,
    "opens body": 0.4,
    "label": -2.0,
    "described": 0.48,
    "quoted": 0.24,
    "after article": -0.4,
    "person": -2.4,
    "bank": -1.6,
    "fund": -0.8,
    "leads": -1.2,
    "invests": -1.0,
    "runs books": -1.2,
    "legal form": 0.3,
    # in the line of the deal
    "here": 1.28,
    "before": 2.24,
    "gap": -1.6,
    "walls": -0.8,
    "after": -0.3,
    "after far": -0.8,
    "for": 1.28,
    "here described": 0.96,
    "here opens": 1.44,
    "opens title": 0.64,
    "here after article": -0.64,
    "here quoted": 0.3,
    "oblique": -0.8,
    "plays part": -3.5,
    "may play part": -1.9,
    "nearest": 0.3,
    "investor before": -2.0,
    "invested after": 2.24,
    "invested gap": -1.6,
    "verb follows": 0.3,
    # from the lines before
    "topic": 1.8,
    "unit": 1.8,
    "subject": 1.2,
    "unsupported": -2.0,
    "head": 2.6,
    "in brackets": -1.2,
    "aside": -2.0,
    "qualifies": -2.4,
    "speaker": 1.6,
    "introduced": 0.6,
}
# An item of a list speaks of its own company, whatever the article is about.
_BULLET = re.compile(r"\s*(?:[•·|*▪◦‣–—-]|\d{1,2}[.)] |[→►✅🔹📌🚀])")
_HAN_BULLET = re.compile(
    r"\s*(?:[・■●▽▷◇◆○◎△▲【〔★☆※]|[一二三四五六七八九十]{1,2}、|\d{1,2}[.、)）] ?)"
)
_UNIT = re.compile(
    r"(?:子公司|附属公司|子会社|자회사|subsidiary|controllata|Tochter) ?[“「『'\"]?$"
)
_FOR = re.compile(r"(?:\b(?:per|for|pour|para|für|an) (?:[\w’']+ ){0,2}|\b(?:all'|nell'))$")
# Words that make the name after them a means, a place or a partner, hardly ever the subject.
_OBLIQUE = re.compile(
    r"\b(?:por|con|avec|chez|sur|mit|bei|auf|via|su|with|on|through|com|using|than|contra|against"
    r"|gegen|at|auprès|hacia|durante|aus|em|en|(?:anciens?|ex-\w+|alumni|veterans|spin-off|filiale)"
    r" (?:de|da|do|di|of|von|der)|, of|by|por|par|von|da(?:l|lla)?)\s+$",
    re.IGNORECASE,
)
_FORM = re.compile(
    r"(?:Inc|Corp|Ltd|Limited|PLC|plc|GmbH|AG|S\.p\.A|SpA|Srl|S\.A|SAS|AB|ASA|公司|株式会社)\.?$"
)


@dataclass(frozen=True, slots=True)
class Choice:
    """A name with its signs and what they add up to."""

    name: Name
    signs: Signs
    score: float


@dataclass(frozen=True, slots=True)
class Place:
    """Where a deal is told."""

    line: Line
    fate: Fate | None
    start: int  # of its head or sum, whichever comes first
    unnamed: bool = False  # the subject is "the company", without its name

    @property
    def bonds(self) -> bool:
        """Tell whether bonds are spoken of: their issuer is named by its parent."""
        return self.line.has("bond")

    @property
    def invested(self) -> bool:
        """Tell whether the verb has the investor for its subject."""
        return self.fate is not None and self.fate.kind == "invest"


def _is_rubric(mention: Mention) -> bool:
    """Tell whether a name before a colon may be a column or the outlet: "Scoop:"."""
    return " " not in mention.text or mention.line == 0


def _article_signs(name: Name, cast: Cast, reading: Reading) -> Signs:
    """Return the signs of a name that do not depend on the deal."""
    mentions, end = name.mentions, len(reading.title)
    first = min(m.start for m in mentions)
    roles = cast.roles.get(name.text, set())
    found = {
        "often": min(len(mentions), 6) / 6,
        "top": any(m.line in {0, 1} for m in mentions),
        "opens body": any(m.line in {1, 2} and m.first for m in mentions),
        "label": len(mentions) == 1 and mentions[0].label and _is_rubric(mentions[0]),
        "described": any(m.described for m in mentions),
        "quoted": any(m.quoted for m in mentions),
        "after article": sum(m.after_the for m in mentions) / len(mentions),
        "person": name.text in cast.people,
        "bank": name.text in cast.banks,
        "fund": name.text in cast.funds,
        "leads": "lead" in roles,
        "invests": "investor" in roles,
        "runs books": "bookrunner" in roles,
        "legal form": _FORM.search(name.text) is not None,
        "introduced": any(subjects.introduced(m, reading) for m in mentions),
    }
    brief = len(reading.lines) < 3  # a headline, perhaps with its teaser
    if first < end and mentions[-1].start < end and not brief:
        found["title only"] = 1.0  # a column's name, a word in a headline
    elif first < end:
        found |= {"title": 1.0, "title late": first / max(end, 1)}
    return {key: float(value) for key, value in found.items() if value}


def _where_signs(mention: Mention, place: Place, reading: Reading) -> Signs:
    """Return the signs of where a mention stands about the deal."""
    fate, start = place.fate, place.start
    if place.invested and fate is not None and reading.spaced:
        told = max(fate.sum.end, fate.head.end if fate.head else 0)
        if mention.start < start:
            return {"investor before": 1.0}
        return {"invested after": 1.0, "invested gap": min(abs(mention.start - told), 160) / 160}
    if mention.end <= start:
        far = (start - mention.end) / (160 if reading.spaced else 60)
        walls = len(place.line.walls(mention.end, start))
        return {"before": 1.0, "gap": min(far, 1.0), "walls": float(min(walls, 4))}
    if fate is not None and mention.start >= fate.sum.end:
        return {"after": 1.0, "after far": min((mention.start - fate.sum.end) / 200, 1.0)}
    return {}


# "A University of Leeds spinout", "the Sequoia-backed start-up": it says what another is.
_QUALIFIES = re.compile(
    r"[ -](?:spin-?(?:out|off)s?|alum(?:ni?|nus)|veterans?|backed|owned|linked|led|rivals?|rivale?"
    r"|founders?|Konkurrent(?:in)?|Ausgründung|Tochter|engineers?|researchers?)\b"
)


def _is_oblique(mention: Mention, reading: Reading) -> bool:
    before = reading.text[max(0, mention.start - 12) : mention.start]
    return _OBLIQUE.search(before) is not None


def _is_bracketed(mention: Mention, place: Place, reading: Reading) -> bool:
    """Tell whether a name stands in brackets that the deal does not: "(Dresden, for Acme)"."""
    base = place.line.sentence.start
    before, between = reading.text[base : mention.start], reading.text[mention.end : place.start]
    return before.count("(") > before.count(")") and ")" in between


def _mention_signs(mention: Mention, place: Place, cast: Cast, reading: Reading) -> Signs:
    """Return the signs of one mention in the line of the deal."""
    before = reading.text[max(0, mention.start - 40) : mention.start]
    parts = cast.parts_at(mention)
    title = place.line.sentence.title
    found: dict[str, float | bool] = {
        "here": True,
        "here described": mention.described,
        "here opens": mention.first and not title,
        "opens title": mention.first and title,
        "here after article": mention.after_the,
        "here quoted": mention.quoted,
        "verb follows": mention.acts or mention.subject,
        "unit": _UNIT.search(before) is not None and not place.bonds,
        "oblique": _is_oblique(mention, reading) and not place.invested,
        "for": mention.start > place.start and _FOR.search(before) is not None,
        "plays part": any(p.sure for p in parts),
        "may play part": bool(parts) and not any(p.sure for p in parts),
        "in brackets": reading.spaced and _is_bracketed(mention, place, reading),
        "qualifies": _QUALIFIES.match(reading.text, mention.end) is not None,
        "aside": place.unnamed and mention.end <= place.start,
    }
    signs = {key: float(value) for key, value in found.items() if value}
    return signs | _where_signs(mention, place, reading)


def total(signs: Mapping[str, float]) -> float:
    """Return what the signs of a name add up to."""
    return sum(WEIGHTS[key] * value for key, value in signs.items())


def _supported(name: Name) -> bool:
    """Tell whether anything but its place in one sentence speaks for a name."""
    seen = name.mentions
    return len(seen) > 1 or any(m.described or m.first or m.quoted or m.line == 0 for m in seen)


def _subjects(place: Place, cast: Cast) -> set[int]:
    """Return the names a sentence opens with, quotes or describes before a place in it."""
    busy = {id(part.mention) for part in cast.parts}
    title = place.line.sentence.title
    return {
        id(n)
        for n in cast.names
        for m in n.mentions
        if m.line == place.line.sentence.index
        and m.end <= place.start
        and (m.described or m.quoted or (m.first and not title))
        and not m.after_the
        and id(m) not in busy
        and n.text not in cast.banks
    }


def _topic(place: Place, cast: Cast) -> Name | None:
    """Return the name the sentences just before speak of, for a sentence without a subject."""
    index = place.line.sentence.index
    named = any(
        m.line == index and m.end <= place.start and (m.described or m.first or m.quoted)
        for n in cast.names
        for m in n.mentions
    )
    if place.line.sentence.title or (named and not place.unnamed):
        return None
    heard = [
        (m.line, -m.start, n)
        for n in cast.names
        for m in n.mentions
        if index - 3 <= m.line < index
        and (m.described or m.first or m.quoted)
        and not (m.after_the and not m.described)
        and not cast.roles.get(n.text)
        and n.text not in cast.banks | cast.people | cast.places
    ]
    return max(heard, key=lambda h: h[:2])[2] if heard else None


def _continues(place: Place, reading: Reading) -> bool:
    """Tell whether a sentence opens with its deal, so that its subject stands before it."""
    near = place.start - place.line.sentence.start < 12
    return not reading.spaced or place.unnamed or near


class Chooser:
    """Chooses the companies of one article; what all its deals share is worked out once."""

    def __init__(self, cast: Cast, reading: Reading) -> None:
        self._cast, self._reading = cast, reading
        self._names = [n for n in cast.names if n.text not in cast.places]
        bullets = [ln for ln in reading.lines if _HAN_BULLET.match(ln.sentence.text)]
        self._list = not reading.spaced and len(bullets) >= 3
        self._owners = items.owners(reading, [m for n in self._names for m in n.mentions])
        self._article = {id(n): _article_signs(n, cast, reading) for n in self._names}

    def lists(self, line: Line) -> bool:
        """Tell whether a line belongs to an item of a list."""
        return line.sentence.index in self._owners

    def choices(self, place: Place) -> list[Choice]:
        """Return the names by how well they fit, the best first."""
        spaced = self._reading.spaced
        place = self._seen(place)
        speaks = subjects.speaks(place.line)
        topic = _topic(place, self._cast) if _continues(place, self._reading) else None
        openers = set() if spaced else _subjects(place, self._cast)
        item = _HAN_BULLET if self._list else _BULLET
        owner = self._owners.get(place.line.sentence.index)
        listed = owner or item.match(place.line.sentence.text)
        scale = 0.3 if listed else 1.0
        found = []
        for name in self._names:
            signs = {key: scale * v for key, v in self._article[id(name)].items()}
            signs |= self._here(name, place)
            signs["speaker"] = float(speaks and "introduced" in signs)
            signs["head"] = float(owner in name.mentions)
            signs["topic"] = float(name is topic)
            signs["subject"] = float(id(name) in openers)
            signs["unsupported"] = float(not spaced and not _supported(name))
            found.append(Choice(name, signs, total(signs)))
        return sorted(found, key=lambda c: -c.score)

    def _seen(self, place: Place) -> Place:
        """Return the place with whether its sentence leaves the company unnamed."""
        index = place.line.sentence.index
        here = [m for n in self._cast.names for m in n.mentions if m.line == index]
        return replace(place, unnamed=subjects.unnamed(place.line, here, self._reading))

    def _here(self, name: Name, place: Place) -> Signs:
        """Return the signs of the mention that fits the deal best."""
        index = place.line.sentence.index
        options = [
            _mention_signs(m, place, self._cast, self._reading)
            for m in name.mentions
            if m.line == index
        ]
        if not options:
            return {}
        best = max(options, key=total)
        return best if total(best) > 0 or place.invested else {}
