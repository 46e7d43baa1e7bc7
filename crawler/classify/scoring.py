"""
One reading against gold: which events were found, which slots are right.

An event is found when its type is right and its company is one of the gold event's names.
Slots are judged on the events found; a *card* (company, amount, currency, status) on all
events wanted. `tests/corpus/README.md` gives the conventions that are folded here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from crawler.types import Analysis, DealType, Event, Qualifier, Round, Status, Tranche

FLAGGED = (DealType.FUNDING, DealType.BOND)

# (measure, type, outcome): outcome is "tp", "fp" or "fn"; a plain accuracy has no "fp".
Key = tuple[str, str, str]

_LEGAL = re.compile(
    r"[\s,]+(?:inc|incorporated|corp|corporation|co|company|ltd|limited|llc|plc|lp|llp|gmbh|ag|se|kg|"
    r"kgaa|sa|sas|sarl|spa|srl|nv|bv|ab|as|asa|oy|oyj|sau|sl|slu|ltda|pte|pty|holdings?|group)$"
)
_HAN_LEGAL = re.compile(
    r"^株式会社|^주식회사|^\(주\)|(?:股份有限公司|有限责任公司|有限公司|股份公司|株式会社|주식회사|\(주\))$"
)
_PUNCTUATION = re.compile(r"[^\w&+.]+", re.UNICODE)
_ARTICLE = re.compile(r"^(?:the|il|lo|la|le|les|l|el|los|las|o|a|os|as|der|die|das) ")
_ABOUT_A_CENT = Decimal("0.002")


def same_name(name: str) -> str:
    """Return the form under which two spellings of one name are equal."""
    flat = unicodedata.normalize("NFKC", name).casefold().strip()
    flat = _HAN_LEGAL.sub("", flat).replace(".", "")
    flat = _ARTICLE.sub("", " ".join(_PUNCTUATION.sub(" ", flat).split()))
    while (shorter := _LEGAL.sub("", flat)) != flat:
        flat = shorter
    return flat


def names(event: Event) -> set[str]:
    """Return every name of the event's company, comparable."""
    return {same_name(name) for name in (event.company, *event.aliases) if name} - {""}


def same_company(said: Event, gold: Event) -> bool:
    """Tell whether the company named is the gold one, by any of its names."""
    return same_name(said.company) in names(gold) or same_name(gold.company) in names(said)


def same_number(said: Decimal | None, gold: Decimal | None) -> bool:
    """Tell whether two amounts are the same but for rounding (0.2 %)."""
    if said is None or gold is None:
        return said is gold
    return abs(said - gold) <= abs(gold) * _ABOUT_A_CENT


def same_amount(said: Event, gold: Event) -> bool:
    """Tell whether the amount is right; a range needs both ends."""
    if not same_number(said.amount, gold.amount):
        return False
    return gold.amount_max is None or same_number(said.amount_max, gold.amount_max)


def same_currency(said: Event, gold: Event) -> bool:
    """Tell whether the currency is right; without an amount there is none to be wrong."""
    return gold.amount is None or said.currency == gold.currency


def folded_status(event: Event) -> Status:
    """Return the status with the pairs folded that differ by wording only."""
    if event.type is DealType.FUNDING and event.status is Status.COMPLETED:
        return Status.ANNOUNCED
    if event.type is DealType.BOND and event.status is Status.COMPLETED:
        return Status.PRICED
    return event.status


def _folded_round(event: Event) -> Round:
    found = event.round or Round.UNSPECIFIED
    return Round.UNSPECIFIED if found is Round.STRATEGIC else found


def _folded_qualifier(event: Event) -> Qualifier:
    return Qualifier.OVER if event.qualifier is Qualifier.AT_LEAST else event.qualifier


def _same_valuation(said: Event, gold: Event) -> bool:
    if not same_number(said.valuation, gold.valuation):
        return False
    return gold.valuation is None or said.valuation_currency == gold.valuation_currency


def _same_tranche(said: Tranche, gold: Tranche) -> bool:
    if not (same_number(said.amount, gold.amount) and said.tenor_years == gold.tenor_years):
        return False
    if said.coupon_pct != gold.coupon_pct:
        return False
    if said.amount is not None and said.currency != gold.currency:
        return False
    dates = sorted((said.maturity or "", gold.maturity or ""), key=len)
    return dates[1].startswith(dates[0])


def _same_tranches(said: Event, gold: Event) -> bool:
    left = list(gold.tranches)
    for tranche in said.tranches:
        fit = next((other for other in left if _same_tranche(tranche, other)), None)
        if fit is None:
            return False
        left.remove(fit)
    return not left


# Slots judged right or wrong, and the types that have them.
ACCURACY: dict[str, tuple[Callable[[Event, Event], bool], tuple[DealType, ...]]] = {
    "amount": (same_amount, FLAGGED),
    "currency": (same_currency, FLAGGED),
    "amount+currency": (lambda s, g: same_amount(s, g) and same_currency(s, g), FLAGGED),
    "qualifier": (lambda s, g: _folded_qualifier(s) is _folded_qualifier(g), FLAGGED),
    "amount_usd": (lambda s, g: same_number(s.amount_usd, g.amount_usd), FLAGGED),
    "status": (lambda s, g: folded_status(s) is folded_status(g), FLAGGED),
    "round": (lambda s, g: _folded_round(s) is _folded_round(g), (DealType.FUNDING,)),
    "valuation": (_same_valuation, (DealType.FUNDING,)),
    "tranches": (_same_tranches, (DealType.BOND,)),
}

# Slots that are sets, scored by F1 over their members.
SETS: dict[str, tuple[Callable[[Event], Iterable[str]], tuple[DealType, ...]]] = {
    "lead investors": (lambda e: e.lead_investors, (DealType.FUNDING,)),
    "all investors": (lambda e: (*e.lead_investors, *e.investors), (DealType.FUNDING,)),
    "bond types": (lambda e: (kind.value for kind in e.bond_types), (DealType.BOND,)),
    "bookrunners": (lambda e: e.bookrunners, (DealType.BOND,)),
}


def card_right(said: Event, gold: Event) -> bool:
    """Tell whether company, amount, currency and status are all right."""
    return (
        same_company(said, gold)
        and same_amount(said, gold)
        and same_currency(said, gold)
        and folded_status(said) is folded_status(gold)
    )


@dataclass(frozen=True, slots=True)
class Pair:
    """A gold event and what was said of it; either may be missing."""

    said: Event | None
    gold: Event | None


@dataclass(frozen=True, slots=True)
class Mistake:
    """One thing read wrongly, in one line."""

    article: str
    lang: str
    type: str
    what: str  # missed | false alarm | a slot's name
    reason: str


def pair_up(said: Sequence[Event], gold: Sequence[Event]) -> list[Pair]:
    """Pair events of equal type: by name and amount, then by name, then by what is left over."""
    left, pairs, open_gold = list(said), [], list(gold)
    tests: tuple[Callable[[Event, Event], bool], ...] = (
        lambda s, g: same_company(s, g) and same_amount(s, g) and same_currency(s, g),
        same_company,
        same_amount,
        lambda _s, _g: True,
    )
    for test in tests:
        for wanted in list(open_gold):
            fit = next((s for s in left if s.type is wanted.type and test(s, wanted)), None)
            if fit is not None:
                pairs.append(Pair(fit, wanted))
                left.remove(fit)
                open_gold.remove(wanted)
    return [*pairs, *(Pair(None, g) for g in open_gold), *(Pair(s, None) for s in left)]


def _flagged(events: Iterable[Event]) -> list[Event]:
    return [event for event in events if event.type in FLAGGED]


def _count_documents(said: list[Event], gold: list[Event]) -> Counter[Key]:
    counts: Counter[Key] = Counter()
    for kind in FLAGGED:
        told, wanted = any(e.type is kind for e in said), any(e.type is kind for e in gold)
        if told or wanted:
            counts["documents", kind, "tp" if told and wanted else "fp" if told else "fn"] += 1
    return counts


def _count_set(name: str, pair: tuple[Event, Event], kind: str) -> Counter[Key]:
    members = SETS[name][0]
    said, gold = ({same_name(x) for x in members(event)} for event in pair)
    return Counter(
        {
            (name, kind, "tp"): len(said & gold),
            (name, kind, "fp"): len(said - gold),
            (name, kind, "fn"): len(gold - said),
        }
    )


def _count_found(said: Event, gold: Event) -> Counter[Key]:
    counts: Counter[Key] = Counter({("events", gold.type, "tp"): 1})
    for name, (right, kinds) in ACCURACY.items():
        if gold.type in kinds:
            counts[name, gold.type, "tp" if right(said, gold) else "fn"] += 1
    for name, (_, kinds) in SETS.items():
        if gold.type in kinds:
            counts.update(_count_set(name, (said, gold), gold.type))
    return counts


def _count_pair(pair: Pair) -> Counter[Key]:
    said, gold = pair.said, pair.gold
    if said is None:
        assert gold is not None
        return Counter({("events", gold.type, "fn"): 1, ("cards", gold.type, "fn"): 1})
    if gold is None:
        return Counter({("events", said.type, "fp"): 1})
    found = same_company(said, gold)
    counts: Counter[Key] = Counter({("company", gold.type, "tp" if found else "fn"): 1})
    counts["cards", gold.type, "tp" if card_right(said, gold) else "fn"] += 1
    if found:
        return counts + _count_found(said, gold)
    return counts + Counter({("events", gold.type, "fn"): 1, ("events", gold.type, "fp"): 1})


def count(analysis: Analysis, gold: Sequence[Event]) -> Counter[Key]:
    """Return what one article adds to every measure."""
    said, wanted = _flagged(analysis.events), _flagged(gold)
    counts = _count_documents(said, wanted)
    for pair in pair_up(said, wanted):
        counts.update(_count_pair(pair))
    return counts


def _shown(event: Event) -> str:
    amount = "undisclosed" if event.amount is None else f"{event.amount:f} {event.currency}"
    return f"{event.company} · {amount} · {event.status.value}"


def _slot_values(name: str, said: Event, gold: Event) -> str:
    if name in SETS:
        mine, theirs = (sorted(SETS[name][0](event)) for event in (said, gold))
        return f"said {mine}, gold {theirs}"
    field = {"amount+currency": "amount"}.get(name, name)
    mine, theirs = (getattr(event, field) for event in (said, gold))
    return f"said {mine}, gold {theirs}"


def _wrong_slots(said: Event, gold: Event) -> Iterable[tuple[str, str]]:
    if not same_company(said, gold):
        yield "company", f"said {said.company!r}, gold {gold.company!r}"
        return
    for name, (right, kinds) in ACCURACY.items():
        if gold.type in kinds and name != "amount+currency" and not right(said, gold):
            yield name, _slot_values(name, said, gold)
    for name, (members, kinds) in SETS.items():
        mine, theirs = ({same_name(x) for x in members(event)} for event in (said, gold))
        if gold.type in kinds and mine != theirs:
            yield name, _slot_values(name, said, gold)


def mistakes(article: str, lang: str, analysis: Analysis, gold: Sequence[Event]) -> list[Mistake]:
    """Return every error of one article: events first, then slots."""
    found: list[Mistake] = []
    for pair in pair_up(_flagged(analysis.events), _flagged(gold)):
        if pair.said is None and pair.gold is not None:
            found.append(Mistake(article, lang, pair.gold.type, "missed", _shown(pair.gold)))
        elif pair.gold is None and pair.said is not None:
            found.append(Mistake(article, lang, pair.said.type, "false alarm", _shown(pair.said)))
        elif pair.said is not None and pair.gold is not None:
            found += (
                Mistake(article, lang, pair.gold.type, what, why)
                for what, why in _wrong_slots(pair.said, pair.gold)
            )
    return found
