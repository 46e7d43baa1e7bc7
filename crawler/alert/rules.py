"""
Who is told what, and why not: the whole decision, as a value.

`route` answers for every rule and every channel of it, so the same list that fills the
outbox also answers "why was I not told?".
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from crawler.alert.hours import closes, next_digest, opens
from crawler.alert.match import Facts, companies, misses, same
from crawler.config.models import AlertRule, Watch
from crawler.types import Alert, AlertKind, Deal, Review

MAX_AGE = timedelta(hours=24)
Changed = Mapping[str, tuple[str, str]]


class Verdict(StrEnum):
    """What became of one rule and channel."""

    SEND = "send"
    UPDATE = "update"
    FILTERED = "filtered"
    UNSURE = "unsure"  # the reader is not sure enough of the deal
    QUIET = "quiet"  # a first poll, an import, a backfill
    OLD = "old"
    MUTED = "muted"
    SILENCED = "silenced"
    REPEAT = "repeat"  # this channel knows it, and nothing material changed
    COVERED = "covered"  # another rule tells the same channel
    CLOSED = "closed"  # the deal was rejected, or merged into another
    NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silence:
    """Say nothing for a while: of a company, on a channel, by a rule; of all if none is named."""

    until: datetime | None  # None: until somebody ends it
    since: datetime | None = None
    company: str | None = None
    channel: str | None = None
    rule: str | None = None
    comment: str = ""

    @classmethod
    def of(
        cls,
        matcher: Mapping[str, str],
        since: datetime | None,
        until: datetime | None,
        comment: str = "",
    ) -> Silence:
        """
        Return the silence that `matcher` (company, channel, rule) describes.

        Raises:
            ValueError: it names something else.
        """
        if unknown := set(matcher) - {"company", "channel", "rule"}:
            raise ValueError(f"a silence names company, channel or rule, not {min(unknown)!r}")
        return cls(until=until, since=since, comment=comment, **matcher)

    def runs(self, now: datetime) -> bool:
        """Tell whether it is in force."""
        begun = self.since is None or self.since <= now
        return begun and (self.until is None or now < self.until)

    @property
    def reason(self) -> str:
        """Why something was not told: until when, and the comment of whoever made it."""
        why = f" ({self.comment})" if self.comment else ""
        end = f" until {self.until:%Y-%m-%d %H:%M} UTC" if self.until else ""
        return f"silenced{end}{why}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Routed:
    """One rule's answer for one channel: an alert to send, or the reason there is none."""

    rule: str
    channel: str
    verdict: Verdict
    reason: str
    alert: Alert | None = None


def key(channel: str, deal: Deal) -> str:
    """Return what makes a message one message: equal on every repeat of channel and revision."""
    return hashlib.sha256(f"{channel}|{deal.id}|{deal.revision}".encode()).hexdigest()


def route(  # noqa: PLR0913 - everything a decision needs comes in by the door
    deal: Deal,
    *,
    kind: AlertKind,
    changed: Changed,
    rules: Sequence[AlertRule],
    channels: Sequence[str] | Mapping[str, object],
    watch: Sequence[Watch] = (),
    told: Mapping[str, object],
    now: datetime,
    quiet: bool = False,
    muted: Sequence[str] = (),
    silences: Sequence[Silence] = (),
) -> list[Routed]:
    """
    Decide for each rule and channel whether `deal` is told there.

    `changed` are the material changes of this revision (amount, status, lead); `told` has
    an entry for each channel that was told of the deal before (its value is not looked at).
    At most one answer per channel carries an alert: the one that goes out first.
    """
    case = _Case(Facts(deal, watch), kind, changed, told, now, quiet, muted, silences)
    answers = [
        _answer(case, rule, name, known=name in channels) for rule in rules for name in rule.to
    ]
    return _once_per_channel(answers)


def unsure(deal: Deal, rules: Sequence[AlertRule], least: float) -> list[Routed]:
    """Answer for every rule that nobody is told of a deal less sure than `least`."""
    reason = f"confidence {deal.event.confidence:.2f} is below {least:.2f}"
    return [
        Routed(rule=rule.name, channel=name, verdict=Verdict.UNSURE, reason=reason)
        for rule in rules
        for name in rule.to
    ]


@dataclass(frozen=True, slots=True)
class _Case:
    """All that is the same for every rule."""

    facts: Facts
    kind: AlertKind
    changed: Changed
    told: Mapping[str, object]
    now: datetime
    quiet: bool
    muted: Sequence[str]
    silences: Sequence[Silence]

    @property
    def deal(self) -> Deal:
        return self.facts.deal


def _answer(case: _Case, rule: AlertRule, channel: str, *, known: bool) -> Routed:
    verdict, reason = _verdict(case, rule, channel, known=known)
    sends = verdict in {Verdict.SEND, Verdict.UPDATE}
    alert = _alert(case, rule, channel, verdict) if sends else None
    if alert and alert.not_before:
        reason += f"; held until {alert.not_before:%Y-%m-%d %H:%M} UTC ({alert.digest})"
    return Routed(rule=rule.name, channel=channel, verdict=verdict, reason=reason, alert=alert)


def _verdict(case: _Case, rule: AlertRule, channel: str, *, known: bool) -> tuple[Verdict, str]:
    if not known:
        return Verdict.NO_CHANNEL, f"the config has no channel {channel!r}"
    refused = _closed(case.deal) or _hushed(case, rule, channel)
    if refused:
        return refused
    if channel in case.told:
        return _again(case)
    if reason := misses(rule.when, case.facts):
        return Verdict.FILTERED, reason
    if reason := _stale(case):
        return Verdict.OLD, reason
    return Verdict.SEND, "every condition holds"


def _closed(deal: Deal) -> tuple[Verdict, str] | None:
    if deal.merged_into:
        return Verdict.CLOSED, f"the deal was merged into {deal.merged_into}"
    if deal.review is Review.REJECTED:
        return Verdict.CLOSED, "a person marked the deal as wrong"
    return None


def _hushed(case: _Case, rule: AlertRule, channel: str) -> tuple[Verdict, str] | None:
    names = companies(case.deal.event)
    if case.quiet:
        return Verdict.QUIET, "it came with a first poll, an import or a backfill"
    if same((*case.muted, *rule.mute), names):
        return Verdict.MUTED, f"{case.deal.event.company} is muted"
    silence = silenced(case.deal, rule.name, channel, case.silences, case.now)
    return (Verdict.SILENCED, silence.reason) if silence else None


def silenced(
    deal: Deal, rule: str, channel: str, silences: Sequence[Silence], now: datetime
) -> Silence | None:
    """Return the silence that covers this deal, rule and channel at `now`, if any."""
    for silence in silences:
        here = silence.channel in {None, channel} and silence.rule in {None, rule}
        about = silence.company is None or same((silence.company,), companies(deal.event))
        if silence.runs(now) and here and about:
            return silence
    return None


def _again(case: _Case) -> tuple[Verdict, str]:
    """Follow up what a channel was told, whether or not the rule would still match."""
    if case.changed:
        return Verdict.UPDATE, "told before; changed since: " + ", ".join(sorted(case.changed))
    return Verdict.REPEAT, "told before, and nothing material changed"


def _stale(case: _Case) -> str | None:
    """Return why the news is too old to tell as new; a change is as fresh as its article."""
    deal = case.deal
    history = [r.at for r in deal.history if r.material] if case.changed else []
    first = min((r.published for r in deal.reports), default=deal.first_seen)
    age = case.now - (history[-1] if history else first)
    return f"the news is {age.total_seconds() / 3600:.0f} h old" if age > MAX_AGE else None


def _alert(case: _Case, rule: AlertRule, channel: str, verdict: Verdict) -> Alert:
    update = verdict is Verdict.UPDATE
    not_before, window = _held(rule, case.now)
    return Alert(
        key=key(channel, case.deal),
        kind=AlertKind.UPDATE if update else AlertKind.NEW,
        channel=channel,
        rule=rule.name,
        deal=case.deal,
        created=case.now,
        changed=dict(case.changed) if update else {},
        not_before=not_before,
        digest=window,
    )


def _held(rule: AlertRule, now: datetime) -> tuple[datetime | None, str]:
    """Return until when the rule keeps still, and the name of the digest that gathers it."""
    if rule.digest != "none":
        return next_digest(rule.digest, rule.digest_at, now), rule.digest
    at: datetime = now
    for _ in range(8):  # market hours may open inside quiet hours
        later = closes(rule.quiet_hours, at) or opens(rule.market_hours, at)
        if later is None:
            break
        at = later
    return (at, "quiet") if at > now else (None, "")


def _once_per_channel(answers: Sequence[Routed]) -> list[Routed]:
    """Keep one alert per channel: the one that goes out first, then the first rule's."""
    first: dict[str, Routed] = {}
    for answer in answers:
        best = first.get(answer.channel)
        if answer.alert and (best is None or _goes(answer.alert) < _goes(best.alert)):
            first[answer.channel] = answer
    return [_covered(answer, first.get(answer.channel)) for answer in answers]


def _goes(alert: Alert | None) -> datetime:
    assert alert
    return alert.not_before or alert.created


def _covered(answer: Routed, best: Routed | None) -> Routed:
    if answer.alert is None or best is None or answer is best:
        return answer
    reason = f"rule {best.rule!r} tells this channel"
    return replace(answer, verdict=Verdict.COVERED, reason=reason, alert=None)
