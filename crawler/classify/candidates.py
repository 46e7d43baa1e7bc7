"""What an article may be reporting: funding and bond candidates, each with its features."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from crawler.classify import choice, cues, standing, terms, tranches
from crawler.classify.binding import Fate
from crawler.classify.company import Cast
from crawler.classify.cues import Cue
from crawler.classify.names import Name
from crawler.classify.reading import Line, Reading, commas
from crawler.types import DealType, Round

_MOST = 60  # candidates of one article; a list of deals has fewer
_STOPS = re.compile(r"[;；:：—–]| - ")
_NOUN_WEIGHT = {
    "round": 1.2,
    "bond": 1.25,
    "funding": 0.85,
    "loan": 1.05,
    "ipo": 0.75,
    "acquisition": 0.8,
    "fund_close": 1.0,
}
_NOUNS = {
    "bond": DealType.BOND,
    "round": DealType.FUNDING,
    "funding": DealType.FUNDING,
    "loan": DealType.LOAN,
    "ipo": DealType.IPO,
    "acquisition": DealType.ACQUISITION,
    "fund_close": DealType.FUND_CLOSE,
}


@dataclass
class Candidate:
    """One possible event: a head, usually a sum, a company."""

    type: DealType
    line: Line
    head: Cue
    fate: Fate | None
    name: Name | None = None
    name_score: float = 0.0
    name_margin: float = 0.0
    instrument: str = ""  # convertible_note, venture_debt, secondary, grant; "" is equity
    score: float = 0.0  # the rules' own, of its features
    features: dict[str, float] = field(default_factory=dict)

    @property
    def start(self) -> int:
        """Where it stands."""
        return self.fate.sum.start if self.fate else self.head.start


def _noun_pull(cue: Cue, place: tuple[int, int], line: Line, reading: Reading) -> float:
    left, right = (cue.end, place[0]) if cue.end <= place[0] else (place[1], cue.start)
    if right < left:
        return 1.0
    between = reading.text[left:right]
    unit = 60 if reading.spaced else 20
    weight = _NOUN_WEIGHT.get(cue.kind, 1.0)
    return (
        weight - len(between) / unit - 0.5 * len(line.walls(left, right)) - 0.15 * commas(between)
    )


def type_of(head: Cue, fate: Fate | None, line: Line, reading: Reading) -> tuple[DealType, float]:
    """Return what kind of deal a head announces, and the pull of the noun that says so."""
    if not reading.spaced and head.kind in {"issue", "bond"} and line.has("bond"):
        return DealType.BOND, 0.5
    place = (fate.sum.start, fate.sum.end) if fate else (head.start, head.end)
    nouns = [(_noun_pull(c, place, line, reading), c.kind) for c in line.cues if c.kind in _NOUNS]
    if head.kind == "issue":
        nouns = [(p, k) for p, k in nouns if k != "funding"]
    pull, kind = max(nouns, default=(-9.0, ""))
    if kind in {"", "funding"} and not reading.spaced and line.has("ipo") and _floats(reading):
        return DealType.IPO, 0.0
    if kind == "bond" and any(_is_note(c, line) for c in line.of("bond")):
        kind = "bond" if _like_a_bond(reading) else "round"
    if pull > -1.2:
        return _NOUNS[kind], pull
    raises = any(c.kind == "raise" and c.start <= head.start < c.end for c in line.cues)
    if head.kind == "issue" and not raises and _about_bonds(reading):
        return DealType.BOND, -1.0
    if raises and not reading.spaced and _only_bonds(reading):
        return DealType.BOND, -1.0
    return DealType.FUNDING, -1.0


def _floats(reading: Reading) -> bool:
    """Tell whether the title tells of a flotation and of no round."""
    title = [line for line in reading.lines if line.sentence.title]
    return any(ln.has("ipo") for ln in title) and not any(ln.has("round") for ln in title)


def _only_bonds(reading: Reading) -> bool:
    """Tell whether the title names a bond and no round: "raised" then means the bond."""
    title = [line for line in reading.lines if line.sentence.title]
    return any(ln.has("bond") for ln in title) and not any(
        ln.has("round", "funding") for ln in title
    )


def _about_bonds(reading: Reading) -> bool:
    """Tell whether bonds are what the article talks of, more than rounds."""
    top = reading.lines[:12]
    return sum(len(ln.of("bond")) for ln in top) > sum(len(ln.of("round", "funding")) for ln in top)


def _is_note(cue: Cue, line: Line) -> bool:
    """Tell whether a cue is also a start-up's convertible note."""
    return any(
        c.means == Round.CONVERTIBLE_NOTE and c.start < cue.end and cue.start < c.end
        for c in line.of("round")
    )


_SELLS = re.compile(
    r"runner|manag|coordin|underwr|arrang|承|牵|簿|主幹|引受|주관|인수", re.IGNORECASE
)


def _like_a_bond(reading: Reading) -> bool:
    """Tell whether convertible paper is sold as bonds are: banks, seniority, fixed terms."""
    kinds = {"senior", "private_placement", "perpetual", "green", "subordinated"}
    top = reading.lines[:15]
    signs = sum(c.means in kinds for line in top for c in line.of("bond_type"))
    signs += sum(_SELLS.search(c.text) is not None for ln in top for c in ln.of("bookrunner"))
    printed = sum(len(terms.facts(line, reading.lang)) for line in reading.lines[:8])
    return signs >= 1 or printed >= 2


_LEAST = 10_000  # of any currency: smaller sums are prices


def _is_sizeable(fate: Fate) -> bool:
    return fate.sum.value is None or fate.sum.value >= _LEAST


def _with_sums(reading: Reading, fates: Sequence[Fate]) -> Iterator[Candidate]:
    deals = [f for f in fates if f.head is not None and not f.reason and _is_sizeable(f)]
    for fate in deals[:_MOST]:
        if fate.head is None or fate.kind in {"refuse", "valuation", "total"}:
            continue
        kind, pull = type_of(fate.head, fate, fate.line, reading)
        yield Candidate(kind, fate.line, fate.head, fate, features={"noun": max(pull, -1.5)})


def _without_sums(reading: Reading, taken: set[int]) -> Iterator[Candidate]:
    """Yield heads of lines without a deal sum: rounds of undisclosed size, sums elsewhere."""
    for line in reading.lines:
        if line.sentence.index in taken:
            continue
        nouns = line.of("round", "funding", "bond")
        verbs = line.of("raise", "invest", "issue")
        head = next(iter([*line.of("round"), *nouns]), None)
        if head is None or not (verbs or line.has("lead", "investor", "status")):
            continue
        kind, pull = type_of(head, None, line, reading)
        if (
            kind is DealType.BOND
            and not verbs
            and not line.sentence.title
            and not line.has("status")
        ):
            continue
        yield Candidate(kind, line, head, None, features={"noun": max(pull, -1.5)})


def spot(reading: Reading, fates: Sequence[Fate]) -> list[Candidate]:
    """Return the candidates of an article by their words and sums alone."""
    found = list(_with_sums(reading, fates))
    found += _without_sums(reading, {c.line.sentence.index for c in found})
    for one in found:
        one.instrument = _instrument(one, reading)
    found = found[:_MOST]
    pieces = tranches.parted(found, fates, reading.lang)  # a tranche is no bond of its own
    found = [c for i, c in enumerate(found) if i not in pieces]
    return sorted(_without_totals(found), key=lambda c: c.start)


def complete(found: Sequence[Candidate], reading: Reading, cast: Cast) -> None:
    """Give every candidate its company and its features."""
    article = about(reading, cast) | standing.of_article(reading)
    chooser = choice.Chooser(cast, reading)
    seen = [(c.fate.sum.value, c.fate.sum.currency) for c in found if c.fate]
    for one in found:
        place = choice.Place(one.line, one.fate, min(one.head.start, one.start))
        ranked = chooser.choices(place)
        scores = [*(c.score for c in ranked), 0.0, 0.0]
        one.name = ranked[0].name if ranked else None
        one.name_score, one.name_margin = scores[0], scores[0] - scores[1]
        one.features |= article | describe(one, reading, cast)
        one.features |= standing.of_headline(one.fate, reading)
        one.features["item"] = float(chooser.lists(one.line))
        if one.name is not None:
            one.features |= standing.of_company(one.name, cast, reading)
            one.features |= standing.of_giver(one.name, one.fate, one.line)
        if one.fate and seen.count((one.fate.sum.value, one.fate.sum.currency)) > 1:
            one.features["repeated"] = 1.0
        one.score = rule_score(one.features)


def has_subject(one: Candidate, cast: Cast) -> bool:
    """Tell whether a candidate's company plainly stands in its own line."""
    if one.name is None:
        return False
    return any(
        m.line == one.line.sentence.index
        and m.end <= one.start + 1
        and (m.first or m.described or m.quoted or m.subject)
        and not cast.parts_at(m)
        for m in one.name.mentions
    )


def _without_totals(found: list[Candidate]) -> list[Candidate]:
    """Drop a headline sum that adds up unlike things: equity and debt told apart further on."""
    parts = [(c.fate.sum, c.type, c.instrument) for c in found if c.fate and c.fate.sum.value]
    mixed = {
        (a.value or 0) + (b.value or 0)
        for a, kind, instrument in parts
        for b, other, another in parts
        if a.currency == b.currency
        and a.start != b.start
        and (kind, instrument) != (other, another)
    }
    return [c for c in found if not (c.fate and c.fate.sum.value in mixed)]


_INSTRUMENTS = frozenset({Round.CONVERTIBLE_NOTE, Round.VENTURE_DEBT, Round.SECONDARY, Round.GRANT})


def _instrument(one: Candidate, reading: Reading) -> str:
    """Return what else than equity a sum buys, by the nearest name of a round."""
    place = (one.fate.sum.start, one.fate.sum.end) if one.fate else (one.head.start, one.head.end)
    near = [
        (_noun_pull(c, place, one.line, reading), c.means) for c in one.line.of("round", "funding")
    ]
    pull, means = max(near, default=(-9.0, ""))
    return means if pull > 0 and means in _INSTRUMENTS else ""


_NO_NEWS = ("job ad", "glossary", "satire")


def _genre(reading: Reading) -> dict[str, float]:
    """Return what else than a report of a deal the article looks like, and its title."""
    counted = Counter(c.means for line in reading.lines for c in line.of("genre"))
    found = {f"genre {means}": min(n, 4) / 4 for means, n in counted.items()}
    if reading.lines:
        found |= {f"title {means}": 1.0 for means in reading.lines[0].means("genre")}
    found["genre"] = min(sum(counted[m] for m in _NO_NEWS), 4) / 2
    return found


def about(reading: Reading, cast: Cast) -> dict[str, float]:
    """Return the features that all candidates of an article share."""
    kinds = [{c.kind for c in line.cues} for line in reading.lines]
    title, anywhere = (kinds[0] if kinds else set()), set().union(*kinds)
    other = {"ipo", "acquisition", "loan"}
    return {
        "any_lead": float("lead" in anywhere),
        "any_use": float("use" in anywhere),
        "any_undisclosed": float("undisclosed" in anywhere),
        "any_investor": float(any(p.role != "bookrunner" and p.sure for p in cast.parts)),
        "any_bookrunner": float(any(p.role == "bookrunner" and p.sure for p in cast.parts)),
        "title_round": float(bool(title & {"round", "funding"})),
        "title_raise": float("raise" in title),
        "title_bond": float("bond" in title),
        "title_fund_close": float("fund_close" in title),
        "title_other": float(bool(title & other)),
        "title_refuse": float("refuse" in title),
        "correction": float("correction" in anywhere),
        **_genre(reading),
    }


_LINE_KINDS = (*sorted(cues.HEADS - {"refuse", "valuation"}), "round", "undisclosed", "teaser")


def _says_money(one: Candidate) -> bool:
    """Tell whether the head itself says that new money comes in: raised, not got."""
    head = one.head
    return any(c.start < head.end and head.start < c.end for c in one.line.of("strong"))


def _nearest(kind: str, one: Candidate, reading: Reading) -> float:
    """Return how near the nearest cue of a kind stands to the sum or head: 1 at it, 0 far off."""
    place = (one.fate.sum.start, one.fate.sum.end) if one.fate else (one.head.start, one.head.end)
    pulls = [_noun_pull(c, place, one.line, reading) for c in one.line.of(kind)]
    return max(0.0, min(1.0, max(pulls, default=0.0)))


def describe(one: Candidate, reading: Reading, cast: Cast) -> dict[str, float]:
    """Return the features of a candidate, each about -1 to 1."""
    line, fate = one.line, one.fate
    index = line.sentence.index
    kinds = {c.kind for c in line.cues}
    name = one.name.text if one.name else ""
    found = {kind: float(kind in kinds) for kind in _LINE_KINDS}
    found |= {
        "title": float(line.sentence.title),
        "lead": float(index in {1, 2}),
        "place": index / max(len(reading.lines) - 1, 1),
        "sum": float(fate is not None),
        "pull": fate.pull / 1.5 if fate else 0.0,
        "margin": min(fate.pull - fate.runner_up, 3) / 3 if fate else 0.0,
        "prior": float(bool(fate and fate.prior)),
        "total": float(bool(fate and fate.total)),
        "prior_line": float("prior" in kinds),
        "total_line": float("total" in kinds),
        "lead_cue": float("lead" in kinds),
        "investor_cue": float("investor" in kinds),
        "refuse_line": min(len(line.of("refuse")), 3) / 3,
        "company": min(one.name_score, 6) / 6,
        "company_margin": min(one.name_margin, 3) / 3,
        "company_fund": float(name in cast.funds),
        "company_place": float(name in cast.places | cast.people),
        "no_company": float(not name),
        "strong": min(len(line.of("strong")), 2) / 2,
        "strong_head": float(_says_money(one)),
        "here": float(one.name is not None and any(m.line == index for m in one.name.mentions)),
        "subject": float(has_subject(one, cast)),
        "round_near": _nearest("round", one, reading),
        "bond_near": _nearest("bond", one, reading),
        "other_near": max(_nearest(kind, one, reading) for kind in ("ipo", "loan", "acquisition")),
        f"head_{one.head.kind}": 1.0,
    }
    return found | {f"status_{means}": 1.0 for means in line.means("status") if means}


_RULES = {
    "title": 0.8,
    "lead": 0.8,
    "place": -0.8,
    "sum": 0.5,
    "pull": 0.8,
    "prior": -2.4,
    "total": -1.5,
    "round": 0.6,
    "lead_cue": 0.5,
    "any_lead": 0.5,
    "any_investor": 0.4,
    "genre": -0.8,
    "correction": -1.2,
    "teaser": -2.5,
    "company": 1.0,
    "company_fund": -0.8,
    "company_place": -1.5,
    "no_company": -2.0,
    "title_fund_close": -1.5,
    "title_other": -0.9,
    "noun": 0.5,
    "refuse_line": -0.4,
    "status_denied": -1.5,
    "fund_close": -0.9,
    "acquisition": -0.5,
    "title_round": 0.5,
    "title_raise": 0.6,
    "title_bond": 0.5,
    "head_invest": -0.6,
    "repeated": 0.7,
}


def rule_score(features: dict[str, float]) -> float:
    """Return the rules' own log-odds that a candidate is news; used until weights exist."""
    return -0.9 + sum([w * features.get(name, 0.0) for name, w in _RULES.items()])
