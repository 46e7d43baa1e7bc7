"""From a document to an analysis: propose, choose, fill, merge, decide."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from crawler.classify import (
    bonds,
    candidates,
    cjk,
    company,
    crowd,
    cues,
    german,
    items,
    names,
    reading,
    roles,
    romance,
    setting,
    slots,
    stages,
    status,
    tranches,
)
from crawler.classify.binding import OTHER, Fate, bind
from crawler.classify.candidates import Candidate
from crawler.classify.company import Cast
from crawler.classify.features import masked
from crawler.classify.model import Model, Verdict
from crawler.classify.money import Money
from crawler.classify.names import Name
from crawler.classify.reading import Line, Reading
from crawler.types import Analysis, DealType, Document, Event, Figure, Qualifier, Status

_MOST_NAMES = 400  # mentions looked at; the longest articles have half
FLAGGED = (DealType.FUNDING, DealType.BOND)


@dataclass(frozen=True)
class Proposal:
    """A candidate with its event filled in, ready to be judged."""

    event: Event
    candidate: Candidate
    features: dict[str, float]
    text: str
    denied: bool = False
    signs: Mapping[str, float] = field(default_factory=dict)  # of its status
    verdict: Verdict | None = None


@dataclass(frozen=True)
class Proposals:
    """Everything one reading proposes before the model decides."""

    reading: Reading
    fates: tuple[Fate, ...]
    proposals: tuple[Proposal, ...]
    dropped: tuple[tuple[Candidate, str], ...]
    earlier: tuple[Event, ...] = ()  # deals recalled beside the one of the same company


def _mentions_of(seen: Reading, watched: Sequence[str] = ()) -> list[names.Mention]:
    """Return the names of an article; those watched are known wherever they stand."""
    found = list(items.with_heads(seen, _unwatched(seen)))
    known = names.watched(seen, watched)
    spans = [(m.start, m.end) for m in known]
    free = [m for m in found if not any(a < m.end and m.start < b for a, b in spans)]
    return sorted([*known, *free], key=lambda m: m.start)


def _unwatched(seen: Reading) -> list[names.Mention]:
    if seen.lang == "de":
        return german.names_of(seen)
    if not seen.spaced:
        return cjk.names_of(seen)
    found = names.latin(seen)
    return romance.refine(seen, found) if seen.lang in romance.LANGUAGES else found


def _cast(seen: Reading, watched: Sequence[str] = ()) -> Cast:
    mentions = _mentions_of(seen, watched)[:_MOST_NAMES]
    by_line: dict[int, list[names.Mention]] = {}
    for mention in mentions:
        by_line.setdefault(mention.line, []).append(mention)
    parts = [
        part
        for line in seen.lines
        for part in (roles if seen.spaced else cjk).parts_of(
            line, by_line.get(line.sentence.index, []), seen
        )
    ]
    if not seen.spaced:
        parts += cjk.bulleted(seen, by_line)
    return company.cast(seen, names.grouped(mentions), parts)


def _value(one: Candidate) -> float:
    """Rank a candidate among those of the same company and type."""
    return one.score + 0.3 * (one.fate is not None and not one.fate.sum.vague)


def _same(one: Candidate, other: Candidate) -> bool:
    """Tell whether two candidates tell of one deal: type and company, and for bonds currency."""
    if one.type is not other.type:
        return False
    a, b = (c.fate.sum if c.fate else None for c in (one, other))
    if a and b and a.value is not None and (a.value, a.currency) == (b.value, b.currency):
        return True
    if one.name is not other.name or (a and b and one.instrument != other.instrument):
        return False
    return one.type is not DealType.BOND or not (a and b) or a.currency == b.currency


def _grouped(found: Sequence[Candidate], cast: Cast) -> list[list[Candidate]]:
    """Put candidates of one deal together, the best first; those with a sum found the groups."""
    groups: list[list[Candidate]] = []
    ranked = sorted(found, key=_value, reverse=True)
    for one in (*(c for c in ranked if c.fate), *(c for c in ranked if not c.fate)):
        home = next((g for g in groups if _same(g[0], one)), None)
        if home is None and one.fate is None and not candidates.has_subject(one, cast):
            home = next((g for g in groups if g[0].type is one.type), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    for group in groups:
        group.sort(key=_value, reverse=True)
    return groups


def _scope(
    one: Candidate,
    group: Sequence[Candidate],
    groups: Sequence[Sequence[Candidate]],
    seen: Reading,
) -> list[Line]:
    """Return the lines that speak of a deal: all of them unless other deals have theirs."""
    own = {c.line.sentence.index for c in group}
    rivals = {
        g[0].line.sentence.index
        for g in groups
        if g[0].type in FLAGGED and g[0].name is not one.name and _value(g[0]) > -0.5
    } - own
    if not rivals:
        return list(seen.lines)
    last = len(seen.lines)
    picked = {i for at in own for i in range(at, min((r for r in rivals if r > at), default=last))}
    return [
        ln for ln in seen.lines if ln.sentence.index in picked or _leads_up(one, ln, own, rivals)
    ]


def _leads_up(one: Candidate, line: Line, own: Collection[int], rivals: Collection[int]) -> bool:
    """Tell whether a line names the company between a rival's line and one of its own."""
    at = line.sentence.index
    following = min((i for i in own if i > at), default=None)
    if following is None or any(at <= r < following for r in rivals):
        return False
    return _mentions(one.name, line)


def _mentions(name: Name | None, line: Line) -> bool:
    return name is not None and any(m.line == line.sentence.index for m in name.mentions)


def _best_sum(group: Sequence[Candidate]) -> Candidate:
    """Return the candidate whose sum is the size of the deal: no earlier one, no total."""
    told = [c for c in group if c.fate is not None and c.fate.sum.value is not None]
    own = [c for c in told if c.fate and not c.fate.prior and not c.fate.total]
    if own:
        return next((c for c in own if _says_more(c, own[0])), own[0])
    silent = [c for c in group if c.fate is None and not c.line.has("prior")]
    return silent[0] if silent else group[0]


def _says_more(one: Candidate, best: Candidate) -> bool:
    """Tell whether a candidate has the best one's sum and its printed conversion too."""
    assert one.fate is not None
    assert best.fate is not None
    a, b = one.fate.sum, best.fate.sum
    return a.other is not None and (a.value, a.currency) == (b.value, b.currency)


def _company(group: Sequence[Candidate]) -> Name | None:
    """Return the company that the candidates of one deal agree on best; those with sums vote."""
    votes: dict[int, float] = {}
    voters = [c for c in group if c.fate is not None] or list(group)
    for one in voters:
        if one.name is not None:
            weight = one.name_score + 0.5 * _value(one)
            votes[id(one.name)] = max(votes.get(id(one.name), 0.0), weight) + 0.2
    best = max(voters, key=lambda c: votes.get(id(c.name), -9.0))
    return best.name


def _status(one: Candidate, group: Sequence[Candidate], seen: Reading) -> str:
    found = status.scores(one.line, one.head, seen)
    for other in group[1:]:
        if other.line is one.line or other.features.get("prior"):
            continue
        weight = 0.9 if other.line.sentence.title or other.features.get("lead") else 0.5
        for means, value in status.scores(other.line, other.head, seen).items():
            called_off = means == Status.WITHDRAWN and other.line.sentence.title and value > 0.7
            found[means] = max(found.get(means, 0.0), value * (1.6 if called_off else weight))
    return status.decide(found, one.type)


@dataclass(frozen=True)
class Scene:
    """What the filling of slots looks at: the article, its sums, its names, its deals."""

    reading: Reading
    fates: Sequence[Fate]
    cast: Cast
    groups: Sequence[Sequence[Candidate]]


def _fill(group: Sequence[Candidate], scene: Scene) -> Proposal:
    """Return the proposal of one deal with its slots, features and words."""
    one = _best_sum(group)
    one.name = _company(group)
    seen = scene.reading
    said = _status(one, group, seen)
    event, one = _event(one, group, said, scene)
    signs = status.signs(one.line, one.head, one.type, seen)
    signs[f"rule {said}"] = 1.0
    if not seen.spaced:  # their verb endings say it: how far to trust the rules differs
        signs[f"{seen.lang} rule {said}"] = 1.0
    spelled = [s for n in scene.cast.names for s in n.spellings]
    text = masked(seen.title, one.line.sentence.text, spelled, [f.sum.text for f in scene.fates])
    return Proposal(event, one, _features(one, group), text, said == status.DENIED, signs)


def _event(
    one: Candidate, group: Sequence[Candidate], said: str, scene: Scene
) -> tuple[Event, Candidate]:
    """Return the event of a deal, and its candidate with the sum that sizes it."""
    scope = _scope(one, group, scene.groups, scene.reading)
    if one.type is DealType.BOND:
        one = tranches.whole(one, scene.fates, scope, scene.reading.lang)
    one = slots.qualified(one, scene.fates, scope)
    event = Event(
        type=one.type,
        status=Status.WITHDRAWN if said == status.DENIED else Status(said),
        company=one.name.text if one.name else "",
        aliases=slots.aliases(one.name) if one.name else (),
        evidence=one.line.sentence.text,
        use_of_proceeds=slots.purpose(scope, scene.reading),
    )
    with_terms = _with_funding if one.type is DealType.FUNDING else _with_bond
    return with_terms(_with_amount(event, one), one, scope, scene), one


def _features(one: Candidate, group: Sequence[Candidate]) -> dict[str, float]:
    """Return the features of the best candidate, those of the sum from the one that has it."""
    own = {k: v for k, v in one.features.items() if k in {"sum", "pull", "margin"}}
    features = {**group[0].features, **own}
    features["rule_score"] = candidates.rule_score(features)
    features["group"] = min(len(group), 4) / 4
    return features


def _with_amount(event: Event, one: Candidate) -> Event:
    if one.fate is None:
        return event
    found = one.fate.sum
    dollars, basis = slots.usd(found)
    return replace(
        event,
        amount=found.value,
        amount_max=found.value_max,
        qualifier=found.qualifier if found.value is not None else Qualifier.UNDISCLOSED,
        currency=found.currency,
        amount_usd=dollars,
        amount_usd_basis=basis,
    )


def _with_funding(event: Event, one: Candidate, scope: Sequence[Line], scene: Scene) -> Event:
    worth, basis, _ = slots.valuation_of(scene.fates, scope)
    now = slots.of_now(scope, one.line, scene.fates)
    leads, rest = slots.investors(one.name, now, one.line, scene.cast, scene.reading)
    return replace(
        event,
        round=slots.round_of(one, scope, scene.reading),
        lead_investors=tuple(leads),
        investors=tuple(rest),
        valuation=worth.value if worth else None,
        valuation_currency=worth.currency if worth else None,
        valuation_basis=basis if worth else None,
    )


def _with_bond(event: Event, one: Candidate, scope: Sequence[Line], scene: Scene) -> Event:
    lang, fates = scene.reading.lang, scene.fates
    parts = tranches.tranches_of(one, fates, scope, lang)
    own = {event.amount, *(p.amount for p in parts if p.amount is not None)}
    return replace(
        event,
        bond_types=bonds.types_of(scope, one.line, fates, own),
        tranches=parts,
        bookrunners=bonds.bookrunners(scope, scene.cast, one.name),
    )


def _recalled(told: Proposal, group: Sequence[Candidate]) -> Iterator[Event]:
    """Yield the earlier deals that an article recalls of a company beside its news."""
    for one in group:
        if one.fate is None or not one.fate.prior or one.fate.sum.value == told.event.amount:
            continue
        event = Event(
            type=one.type,
            status=Status.ANNOUNCED,
            company=told.event.company,
            aliases=told.event.aliases,
            evidence=one.line.sentence.text,
        )
        yield _with_amount(event, one)


def propose(document: Document, lang: str, watched: Sequence[str] = ()) -> Proposals:
    """Return every proposal of a document in a language, unjudged."""
    seen = reading.read(document, lang)
    fates = tuple(fate for line in seen.lines for fate in bind(line, seen))
    found = candidates.spot(seen, fates) if seen.triggered() else []
    if not any(c.type in FLAGGED for c in found):
        return Proposals(seen, fates, (), tuple((c, c.type.value) for c in found))
    cast = _cast(seen, watched)
    candidates.complete(found, seen, cast)
    groups = _grouped([c for c in found if c.type in FLAGGED], cast)
    dropped = tuple((c, c.type.value) for c in found if c.type not in FLAGGED)
    scene = Scene(seen, fates, cast, groups)
    filled = [_fill(group, scene) for group in groups]
    elsewhere = {
        (c.fate.sum.value, c.fate.sum.currency): c.type for c, _ in dropped if c.fate is not None
    }
    among = crowd.describe([crowd.Member(p.event, p.features) for p in filled], elsewhere)
    told = tuple(
        replace(p, features={**p.features, **more, **setting.describe(p.candidate.line, seen)})
        for p, more in zip(filled, among, strict=True)
    )
    recalled = tuple(e for p, group in zip(told, groups, strict=True) for e in _recalled(p, group))
    return Proposals(seen, fates, told, dropped, recalled)


def judge(found: Proposals, model: Model) -> list[Proposal]:
    """Return the proposals with the model's verdict on each."""
    return [
        replace(p, verdict=model.judge(p.event.type, found.reading.lang, p.features, p.text))
        for p in found.proposals
    ]


def _figure(one: Money, fate: Fate, what: str, reason: str) -> Figure:
    sentence = fate.line.sentence.text
    return Figure(
        text=one.text,
        sentence=sentence,
        amount=one.value,
        currency=one.currency,
        fate=what,
        reason=reason,
    )


def _refusal(fate: Fate, proposed: bool) -> str:
    """Return why a sum is no news, the most telling reason first."""
    if fate.reason:
        return fate.reason
    if fate.kind in OTHER:
        return fate.kind.replace("_", " ")
    if fate.prior:
        return "prior round"
    if fate.total:
        return "cumulative total"
    return "judged no news" if proposed else "another sum"


def _figures(found: Proposals, events: Iterable[Event]) -> tuple[Figure, ...]:
    taken = {(e.amount, e.currency) for e in events}
    proposed = {(p.event.amount, p.event.currency) for p in found.proposals}
    figures = []
    for fate in found.fates:
        one = fate.sum
        is_taken = (one.value, one.currency) in taken and not fate.reason
        reason = _refusal(fate, (one.value, one.currency) in proposed)
        figures.append(
            _figure(one, fate, "taken" if is_taken else "refused", "amount" if is_taken else reason)
        )
        if one.other is not None:
            figures.append(_figure(one.other, fate, "converted", "amount" if is_taken else reason))
    return tuple(figures)


def _staged(one: Proposal, model: Model) -> Event:
    """Return the event with the status the weights see, if there are weights."""
    seen = stages.decide(model.stages, one.signs)
    if seen is None or one.denied:
        return one.event
    return replace(one.event, status=Status(seen))


_UNSIZED = 0.55  # a deal without a sum must be surer: little else speaks for it
_BRIEF = 0.5  # so must one known from a headline and a sentence


def _bar(event: Event, found: Proposals, model: Model) -> float:
    """Return the probability from which a proposal is an event."""
    bar = model.thresholds(event.type).decide
    if event.amount is None:
        bar = max(bar, _UNSIZED)
    return max(bar, _BRIEF) if len(found.reading.lines) <= _FEW else bar


_FEW = 4  # lines


_TELLING = cues.HEADS | {"round", "status", "lead", "prior", "total"}
_MOST_WORDS = 6


def _words(one: Candidate) -> list[str]:
    """Return the words of the line that told, as the lexicon knows them: raise "secured"."""
    told = [c for c in one.line.cues if c.kind in _TELLING and c is not one.head]
    return [f"{c.kind} “{c.text}”" for c in (one.head, *told)][:_MOST_WORDS]


def conclude(found: Proposals, model: Model) -> Analysis:
    """Return the analysis: what is news, what is history, what is denied, what is refused."""
    events, old, denied, refused, doubtful = [], [], [], [], []
    for one in judge(found, model):
        assert one.verdict is not None
        event = replace(
            _staged(one, model),
            confidence=round(one.verdict.probability, 4),
            why=(*_words(one.candidate), *one.verdict.why),
        )
        line = f"{event.type.value} · {event.company or '?'} · {event.evidence[:80]}"
        if not event.company:
            refused.append(f"{line}: no company")
        elif one.denied:
            denied.append(event)
        elif found.reading.lang not in cues.languages():
            refused.append(f"{line}: a language we have no words of")
        elif one.verdict.probability >= _bar(event, found, model):
            events.append(event)
        elif one.features.get("prior"):
            old.append(event)
        else:
            refused.append(f"{line}: p={one.verdict.probability:.2f}")
            if event.confidence >= model.thresholds(event.type).store:
                doubtful.append(event)
    refused += [f"{reason} · {c.line.sentence.text[:80]}" for c, reason in found.dropped]
    return Analysis(
        lang=found.reading.lang,
        events=tuple(events),
        restatements=(*old, *(e for e in found.earlier if e.company)),
        denials=tuple(denied),
        figures=_figures(found, events),
        refused=tuple(refused),
        doubtful=tuple(doubtful),
    )
