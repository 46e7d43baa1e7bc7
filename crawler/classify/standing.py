"""How a candidate stands in its article: what its company is, and what the headline says of it."""

from __future__ import annotations

import re

from crawler.classify.binding import Fate
from crawler.classify.company import Cast
from crawler.classify.names import Name
from crawler.classify.reading import Line, Reading

_FUND = re.compile(
    r"\b(?:fund|fondo|fundo|fonds|fondos|capital|ventures|partners|angels|equity|invest)\b"
    r"|ファンド|キャピタル|基金|资本|創投|创投|펀드|벤처스|캐피탈",
    re.IGNORECASE,
)
_STATE = re.compile(
    r"\b(?:treasury|ministry|ministerio|ministero|ministère|ministério|ministerium|hacienda|tesoro"
    r"|county|city|republic|república|repubblica|land|kingdom|government|cabinet|university|council"
    r"|school|district|province|voters|comune|ayuntamiento|prefeitura|regione|agency|agence)\b"
    r"|财政|政府|人民|[省市]$|国債|財務省|재무부|정부",
    re.IGNORECASE,
)


def of_company(name: Name, cast: Cast, reading: Reading) -> dict[str, float]:
    """Return what the name of a company gives away, and where it stands."""
    mentions, border = name.mentions, len(reading.title)
    single = " " not in name.text and name.text.isalpha()
    flat = name.text.casefold()
    return {
        "name_fund": float(_FUND.search(name.text) is not None),
        "name_state": float(_STATE.search(name.text) is not None),
        "name_once": float(len(mentions) == 1),
        "name_opens": float(single and all(m.first for m in mentions)),
        "name_word": float(single and reading.spaced and f" {flat}" in reading.text),
        "name_title": float(mentions[0].start < border),
        "name_acts": float(any(m.acts for m in mentions)),
        "name_described": float(any(m.described for m in mentions)),
        "name_head": float(any(m.head for m in mentions)),
        "name_often": min(len(mentions), 6) / 6,
        "name_invests": float("investor" in cast.roles.get(name.text, ())),
        "name_leads": float("lead" in cast.roles.get(name.text, ())),
        "name_sells": float("bookrunner" in cast.roles.get(name.text, ())),
        "name_bank": float(name.text in cast.banks),
        "name_person": float(name.text in cast.people),
    }


def of_giver(name: Name, fate: Fate | None, line: Line) -> dict[str, float]:
    """Tell whether the company is who invests: "Acme plans to invest $9bn in a plant"."""
    if fate is None or fate.kind != "invest" or fate.head is None:
        return {}
    here = [m for m in name.mentions if m.line == line.sentence.index]
    gives = bool(here) and all(m.end <= fate.head.start for m in here)
    return {"name_gives": float(gives)}


def of_headline(fate: Fate | None, reading: Reading) -> dict[str, float]:
    """Return how the sum agrees with the headline's, if that prints any."""
    if not reading.lines:
        return {}
    printed = {(m.value, m.currency) for m in reading.lines[0].sums if m.value is not None}
    if not printed or fate is None or fate.sum.value is None:
        return {"headline_sums": float(bool(printed))}
    own = (fate.sum.value, fate.sum.currency) in printed
    return {"headline_own": float(own), "headline_else": float(not own), "headline_sums": 1.0}


def of_article(reading: Reading) -> dict[str, float]:
    """Return how long an article is and how many sums of money it prints."""
    lines = len(reading.lines)
    sums = sum(len(line.sums) for line in reading.lines)
    return {
        "long": min(lines, 40) / 40,
        "brief": float(lines <= 4),
        "sums": min(sums, 20) / 20,
        "dense": min(sums / max(lines, 1), 2.0) / 2,
    }
