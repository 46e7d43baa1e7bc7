"""
Ingest: from a page to a deal and its pending alerts, in one transaction.

    page ─ read and classify, in another process ─▶ article, events
         ─ BEGIN ─ article, reports, deals, revisions, alerts, "page done" ─ COMMIT

Nothing is sent here: `crawler.delivery` claims what is pending. A crash at any point leaves
either all of a page's work or none of it, and the page comes back by its lease.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from crawler import alert, fetch, metrics, resolve, wire
from crawler.config.models import AlertRule, Operators, Watch
from crawler.reading import Reading
from crawler.store import Connection, articles, deals, learned, orphans, outbox, reviews, routing
from crawler.types import (
    AlertKind,
    Article,
    Deal,
    DealType,
    Event,
    Report,
    Role,
)

DEALS = frozenset({DealType.FUNDING, DealType.BOND})
WINDOW = timedelta(days=150)  # how far apart a rumour and its closing may be
EARLIER = 5  # previous deals of the company that an alert may name
HOPS, LARGE = 4, 100  # how far neighbours of neighbours are looked for


@dataclass(frozen=True, slots=True)
class Policy:
    """What decides who is told: the part of the config that may change while we run."""

    rules: Sequence[AlertRule] = ()
    channels: Sequence[str] = ()
    watch: Sequence[Watch] = ()
    muted: Sequence[str] = ()
    sure: Mapping[DealType, float] = field(default_factory=dict)  # below this nobody is told
    operators: Operators = field(default_factory=Operators)  # who hears of the house itself


@dataclass(slots=True)
class Ingested:
    """What one article brought."""

    article_id: int = 0
    novelty: str = "same"
    deals: dict[str, Deal] = field(default_factory=dict)
    new_deals: list[str] = field(default_factory=list)
    alerts: int = 0


@dataclass(slots=True)
class Ingest:
    """The half of the street that ends at the database."""

    names: resolve.Names
    fx: resolve.Fx
    policy: Policy

    def store(self, conn: Connection, reading: Reading, *, quiet: bool, now: datetime) -> Ingested:
        """Save an article with all that follows from it. Runs inside the caller's transaction."""
        events = wire.plain(reading.analysis.events)
        keys = (fetch.url_key(reading.article.url),)
        saved = articles.save(conn, reading.article, events, now, keys=keys)
        done = Ingested(saved.id, saved.novelty)
        if saved.novelty is articles.Novelty.SAME:
            return done
        told_before = saved.novelty is articles.Novelty.REVISED and saved.before == events
        for report in () if told_before else reports(reading, now):
            self._learn(conn, report, now)
            self.tell(conn, report, done, quiet=quiet, now=now)
        if reading.article.restrictions:
            articles.drop_body(conn, saved.id, now)  # the facts and their proof stay
        return done

    def _learn(self, conn: Connection, report: Report, now: datetime) -> None:
        """Suggest other names that an article gives a company; a person confirms them."""
        event = report.event
        for alias in event.aliases:
            short = alias.casefold() in event.company.casefold()
            if not short and self.names.key(alias) != self.names.key(event.company):
                company, quote = event.company, event.evidence
                learned.suggest(conn, alias, company, url=report.url, quote=quote, now=now)

    def tell(
        self, conn: Connection, report: Report, done: Ingested, *, quiet: bool, now: datetime
    ) -> None:
        """Add what the article `done.article_id` reports to the deals we know."""
        report = deals.add_report(conn, done.article_id, report)
        keys = resolve.block_keys(report, self.names, self.fx)
        block = self._block(conn, report, keys)
        constraints = reviews.constraints(conn, block, resolve.Constraint)
        lost = orphans.find(conn, report.event.type, keys, *window(report))
        metrics.REPORTS.labels(report.event.type.value).inc()
        with metrics.RESOLVE_SECONDS.time():
            found = resolve.resolve(
                report,
                block,
                names=self.names,
                fx=self.fx,
                constraints=constraints,
                orphans=lost,
            )
        for orphan in found.orphans:
            orphan_keys = resolve.block_keys(orphan, self.names, self.fx)
            orphans.keep(conn, orphan, orphan_keys)
        deals.save(conn, found.deals, self.keys(found.deals), now=now)
        for deal in found.deals:
            done.deals[deal.id] = deal
        if found.new and found.touched:
            done.new_deals.append(found.touched)
        for gone, heir in found.merged.items():
            waiting = outbox.listing(conn, deal_id=gone, states=(outbox.State.PENDING,))
            outbox.drop(conn, [one.id for one in waiting], f"merged into {heir}", now)
        for deal in found.deals:
            if deal.merged_into is None and deal.id in {found.touched, *found.merged.values()}:
                changed = found.material if deal.id == found.touched else {}
                self._route(conn, deal, changed, done, quiet=quiet, now=now)

    def _block(self, conn: Connection, report: Report, keys: Collection[str]) -> list[Deal]:
        """
        Return every deal that may be the report's, and those that share a key with these.

        Were the neighbours' neighbours left out, the same reports could part differently
        in another order of arrival. A neighbour by its money brings in its company's other
        deals, not those of others that cost as much: a busy week would hang together.
        """
        found: dict[str, Deal] = {}
        asked, wanted = set[str](), set(keys)
        for _ in range(HOPS):
            fresh = {
                deal.id: deal
                for deal in deals.block(conn, report.event.type, wanted, *window(report))
                if deal.id not in found
            }
            found |= fresh
            asked |= wanted
            found_keys = set().union(*self.keys(list(fresh.values())).values())
            wanted = {key for key in found_keys if key[0] not in resolve.BY_THE_WEEK} - asked
            if not wanted or len(found) > LARGE:
                break
        return list(found.values())

    def keys(self, found: Sequence[Deal]) -> dict[str, set[str]]:
        """Return under which keys each deal is filed: those of all its reports."""
        return {
            deal.id: {
                key
                for report in deal.reports
                for key in resolve.block_keys(report, self.names, self.fx)
            }
            for deal in found
        }

    def _route(  # noqa: PLR0913 - one deal, and who may hear of it
        self,
        conn: Connection,
        deal: Deal,
        changed: Mapping[str, tuple[str, str]],
        done: Ingested,
        *,
        quiet: bool,
        now: datetime,
    ) -> None:
        answers = ask(
            deal,
            self.policy,
            changed=changed,
            told=outbox.told(conn, deal.id),
            now=now,
            quiet=quiet,
            hushed=silences(conn, now),
        )
        routing.keep_decisions(conn, deal.id, [_decision(deal, one, now) for one in answers])
        wanted = [answer.alert for answer in answers if answer.alert is not None]
        earlier = _earlier(conn, deal) if wanted else ()
        alerts = [replace(one, earlier=earlier) for one in wanted]
        done.alerts += outbox.enqueue(conn, alerts)


def ask(  # noqa: PLR0913 - all that a rule may look at
    deal: Deal,
    policy: Policy,
    *,
    changed: Mapping[str, tuple[str, str]],
    told: Mapping[str, object],
    now: datetime,
    quiet: bool = False,
    hushed: Sequence[alert.Silence] = (),
) -> list[alert.Routed]:
    """Return every rule's answer for each of its channels; an unsure deal waits for a witness."""
    least = policy.sure.get(deal.event.type, 0.0)
    if deal.event.confidence < least:
        return alert.unsure(deal, policy.rules, least)
    return alert.route(
        deal,
        kind=AlertKind.UPDATE if told else AlertKind.NEW,
        changed=changed,
        rules=policy.rules,
        channels=policy.channels,
        watch=policy.watch,
        told=told,
        now=now,
        quiet=quiet,
        muted=policy.muted,
        silences=hushed,
    )


def _decision(deal: Deal, answer: alert.Routed, now: datetime) -> routing.Decision:
    return routing.Decision(
        at=now,
        revision=deal.revision,
        rule=answer.rule,
        channel=answer.channel,
        verdict=answer.verdict.value,
        reason=answer.reason,
    )


def window(report: Report) -> tuple[datetime, datetime]:
    """Return the span in which a report's deal may have been told before or after."""
    return report.published - WINDOW, report.published + WINDOW


def told_by(reading: Reading) -> Iterator[tuple[Role, Event]]:
    """Yield what an article says of deals: its news, what it recalls, what it denies."""
    analysis = reading.analysis
    for role, events in (
        (Role.REPORT, analysis.events),
        (Role.RESTATEMENT, analysis.restatements),
        (Role.DENIAL, analysis.denials),
    ):
        for event in events:
            if event.type in DEALS and event.company and not _told_as_bond(event, events):
                yield role, resolve.paired(event, reading.article.title, reading.article.text)


def _told_as_bond(event: Event, beside: Sequence[Event]) -> bool:
    """Notes sold are one deal, though an article's words speak of a bond and of raising money."""
    if event.type is DealType.BOND or event.investors or event.lead_investors:
        return False
    name, money = event.company.casefold(), (event.amount, event.currency)
    return event.amount is not None and any(
        other.type is DealType.BOND
        and (other.amount, other.currency) == money
        and (name in other.company.casefold() or other.company.casefold() in name)
        for other in beside
    )


def reports(reading: Reading, now: datetime) -> Iterator[Report]:
    """Yield what a reading says of deals, as reports not stored yet."""
    told = list(told_by(reading))
    news = [event for role, event in told if role is Role.REPORT]
    for role, event in told:
        amid = any(one is not event and one.company == event.company for one in news)
        yield _report(reading, role, event, now, amid=amid)


def _report(reading: Reading, role: Role, event: Event, now: datetime, *, amid: bool) -> Report:
    article: Article = reading.article
    return Report(
        id=0,
        event=event,
        role=role,
        url=article.url,
        title=article.title,
        source=article.source,
        source_class=article.source_class,
        lang=article.lang,
        country=article.country,
        published=article.published or article.seen_at,
        seen_at=now,
        sketch=reading.sketch,
        amid=amid,
    )


def _earlier(conn: Connection, deal: Deal) -> tuple[Deal, ...]:
    """Return the company's previous deals, newest first: an alert names some of them."""
    wanted = deals.Filter(company=deal.event.company, limit=EARLIER + 1)
    found = (one for one in deals.listing(conn, wanted) if one.id != deal.id)
    return tuple(found)[:EARLIER]


def silences(conn: Connection, now: datetime) -> list[alert.Silence]:
    """Return the silences in force, as the rules read them; what names something else is none."""
    return [
        alert.Silence.of(silence.matcher, silence.starts, silence.ends, silence.comment)
        for silence in outbox.silences(conn, now)
        if set(silence.matcher) <= {"company", "channel", "rule"}
    ]
