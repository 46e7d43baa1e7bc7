"""
The tables. `docs/schema.md` tells what each is for.

Work that can be handed out (`source`, `page`, `outbox`) has one column `due_at`: the instant
from which it may be given to somebody. It is NULL when there is nothing to do, the next
attempt when it waits, and the end of the lease while somebody has it, so an expired lease
comes back by itself and one partial index answers "what is due?".
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    false,
    text,
)

from crawler.store.columns import Instant, Plain, Span, Words

VERSIONS = ("0001", "0002")  # oldest first; the last is the one this code wants

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
_Id = BigInteger().with_variant(Integer, "sqlite")  # SQLite's rowid must be INTEGER
_NONE = text("''")
_ZERO = text("0")


def _id() -> Column[int]:
    return Column("id", _Id, primary_key=True, autoincrement=True)


def _at(name: str, **options: Any) -> Column[Any]:  # noqa: ANN401 - Column's own options
    return Column(name, Instant, **{"nullable": False, **options})


def _maybe_at(name: str) -> Column[Any]:
    return Column(name, Instant)


def _words(name: str, **options: Any) -> Column[str]:  # noqa: ANN401 - as above
    return Column(name, Words, **{"nullable": False, "server_default": _NONE, **options})


def _count(name: str) -> Column[int]:
    return Column(name, Integer, nullable=False, server_default=_ZERO)


def _flag(name: str) -> Column[bool]:
    return Column(name, Boolean, nullable=False, server_default=false())


def _lease() -> tuple[Column[Any], ...]:
    return (
        _maybe_at("due_at"),
        Column("lease_token", Words),
        Column("lease_owner", Words),
        _maybe_at("lease_until"),
    )


def _where(table: Table, condition: str, *columns: str, name: str) -> Index:
    """Index only the rows where `condition` holds."""
    return Index(
        f"ix_{table.name}_{name}",
        *(table.c[column] for column in columns),
        sqlite_where=text(condition),
        postgresql_where=text(condition),
    )


# --- where news comes from ----------------------------------------------------------

source = Table(
    "source",
    metadata,
    Column("id", Words, primary_key=True),
    _words("kind"),
    _words("url"),
    _words("host"),
    Column("every", Span, nullable=False),
    _words("name"),
    _words("language"),
    _words("group_name"),
    Column("country", Words),
    _words("source_class"),
    Column("enabled", Boolean, nullable=False),
    _words("origin"),
    Column("allow_private", Plain, nullable=False),
    Column("options", Plain, nullable=False),
    Column("priority", SmallInteger, nullable=False, server_default=_ZERO),
    _maybe_at("paused_until"),
    _maybe_at("added_at"),
    # what is remembered between two polls
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", Words),
    _maybe_at("next_poll_at"),
    _count("polls"),
    Column("failures", Float, nullable=False, server_default=_ZERO),
    Column("last_outcome", Words),
    _words("last_message"),
    _maybe_at("last_polled"),
    _maybe_at("last_success"),
    _maybe_at("last_new_entry"),
    _maybe_at("unconditional_at"),
    _flag("hash_mode"),
    Column("patience", Span),
    Column("interval", Span),
    Column("overlap", Float),
    _count("gaps"),
    Column("moved_to", Words),
    _count("moved_count"),
    Column("polled_by", Words),
    *_lease(),
)
_where(source, "due_at IS NOT NULL", "due_at", name="due")
_where(source, "lease_owner IS NOT NULL", "lease_owner", name="leased")

host = Table(
    "host",
    metadata,
    Column("name", Words, primary_key=True),
    _maybe_at("not_before"),
    _words("reason"),
    Column("delay", Span),  # what its robots.txt asks for between two requests
    Column("asked_by", Words),
    _maybe_at("free_at"),  # from when another than `asked_by` may ask, by the database's clock
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Words, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    _at("at"),
)

page = Table(
    "page",
    metadata,
    _id(),
    _words("url"),
    _words("url_key", unique=True, server_default=None),
    _words("host"),
    Column("source_id", Words, ForeignKey("source.id"), nullable=False),
    Column("entry", Plain, nullable=False),
    _words("state"),
    Column("outcome", Words),
    _words("message"),
    Column("status", Integer),
    _count("attempts"),
    _count("revisits"),
    *(Column("etag", Words), Column("last_modified", Words)),
    _flag("quiet"),
    Column("priority", SmallInteger, nullable=False, server_default=_ZERO),
    _words("poll"),  # what logs call the poll that found it
    _at("queued_at"),
    _maybe_at("done_at"),
    Column("article_id", _Id),
    *_lease(),
)
_where(page, "due_at IS NOT NULL", "host", "due_at", name="due")
_where(page, "due_at IS NOT NULL", "source_id", "due_at", name="due_source")
_where(page, "lease_until IS NOT NULL", "host", name="leased")
_where(page, "lease_owner IS NOT NULL", "lease_owner", name="owner")
Index("ix_page_outcome", page.c.outcome, page.c.id)
Index("ix_page_source_id", page.c.source_id, page.c.id)

page_source = Table(
    "page_source",
    metadata,
    Column("page_id", _Id, ForeignKey("page.id", ondelete="CASCADE"), nullable=False),
    Column("source_id", Words, nullable=False),
    _at("at"),
    PrimaryKeyConstraint("page_id", "source_id"),
)

happening = Table(
    "happening",
    metadata,
    _id(),
    _at("at"),
    _words("kind"),  # gap, moved, lied, blocked, quarantined …
    Column("source_id", Words),
    _words("subject"),
    Column("document", Plain),
    _maybe_at("settled_at"),
)
Index("ix_happening_kind", happening.c.kind, happening.c.at)
Index("ix_happening_source_id", happening.c.source_id, happening.c.at)

archive = Table(
    "archive",
    metadata,
    _id(),
    Column("page_id", _Id, ForeignKey("page.id", ondelete="CASCADE"), nullable=False),
    _words("url"),
    _at("at"),
    Column("status", Integer, nullable=False),
    Column("headers", Plain, nullable=False),
    Column("body", LargeBinary, nullable=False),  # zlib
)
Index("ix_archive_page_id", archive.c.page_id)
Index("ix_archive_at", archive.c.at)

# --- what articles say --------------------------------------------------------------

article = Table(
    "article",
    metadata,
    _id(),
    _words("url"),
    _words("canonical_url"),
    _words("title"),
    _words("text"),
    _words("lang"),
    _at("seen_at"),
    _maybe_at("published"),
    _words("published_from"),
    _words("author"),
    _words("source"),
    _words("source_class"),
    Column("country", Words),
    _words("quality"),
    _words("body_from"),
    _words("content_hash"),
    Column("restrictions", Plain, nullable=False),
    Column("events", Plain),
    _count("revision"),
    _at("updated_at"),
    _maybe_at("purged_at"),
)
Index("ix_article_content_hash", article.c.content_hash)
Index("ix_article_seen_at", article.c.seen_at)
Index("ix_article_source", article.c.source, article.c.seen_at)

article_link = Table(
    "article_link",
    metadata,
    Column("key", Words, primary_key=True),
    Column("article_id", _Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
)
Index("ix_article_link_article_id", article_link.c.article_id)

article_revision = Table(
    "article_revision",
    metadata,
    Column("article_id", _Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    _at("at"),
    _words("title"),
    _words("text"),
    _words("content_hash"),
    PrimaryKeyConstraint("article_id", "number"),
)

# --- what happened in the world -----------------------------------------------------

deal = Table(
    "deal",
    metadata,
    Column("n", _Id, primary_key=True, autoincrement=True),
    _words("id", unique=True, server_default=None),
    Column("revision", Integer, nullable=False),
    _words("type"),
    _words("status"),
    _words("company"),
    _words("company_fold"),
    Column("amount", Float),
    Column("currency", Words),
    Column("amount_usd", Float),
    Column("round", Words),
    Column("country", Words),
    Column("confidence", Float, nullable=False, server_default=_ZERO),
    _words("review"),
    Column("merged_into", Words),
    _at("first_seen"),
    _at("updated"),
    _maybe_at("first_at"),  # publication of its earliest and latest report
    _maybe_at("last_at"),
    _words("langs"),  # " en it zh "
    _count("reports"),
    _words("doubt"),  # why it wants a look: conflict, flag, unsure; "" if it wants none
    _words("words"),  # what search looks at
    Column("document", Plain, nullable=False),  # the deal without its reports
)
Index("ix_deal_updated", deal.c.updated, deal.c.id)
Index("ix_deal_type", deal.c.type, deal.c.updated, deal.c.id)
Index("ix_deal_company_fold", deal.c.company_fold, deal.c.updated)
Index("ix_deal_amount_usd", deal.c.amount_usd)
Index("ix_deal_first_seen", deal.c.first_seen)
_where(deal, "merged_into IS NOT NULL", "merged_into", name="merged_into")
_where(deal, "doubt <> ''", "amount_usd", "n", "doubt", "review", "merged_into", name="doubt")
# What lists filter, sort and sum by, without the rows: those are ten times as wide.
Index(
    "ix_deal_list",
    deal.c.company_fold, deal.c.updated, deal.c.id, deal.c.type, deal.c.status, deal.c.amount_usd,
    deal.c.review, deal.c.merged_into, deal.c.currency, deal.c.country, deal.c.langs, deal.c.round,
)  # fmt: skip
Index(
    "ix_deal_first_at",
    deal.c.first_at, deal.c.type, deal.c.amount_usd, deal.c.company_fold, deal.c.round,
    deal.c.country, deal.c.review, deal.c.merged_into, deal.c.id,
)  # fmt: skip

deal_key = Table(
    "deal_key",
    metadata,
    Column("key", Words, nullable=False),
    Column("type", Words, nullable=False),
    Column("last_at", Instant, nullable=False),
    Column("first_at", Instant, nullable=False),
    Column("deal_id", Words, ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("deal_id", "key"),
)
Index("ix_deal_key_block", deal_key.c.key, deal_key.c.type, deal_key.c.last_at)

deal_party = Table(
    "deal_party",
    metadata,
    Column("deal_id", Words, ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    Column("role", Words, nullable=False),  # lead, investor, bookrunner
    Column("name", Words, nullable=False),
    Column("name_fold", Words, nullable=False),
    PrimaryKeyConstraint("deal_id", "role", "name"),
)
Index(
    "ix_deal_party_name_fold",
    deal_party.c.name_fold, deal_party.c.deal_id, deal_party.c.role, deal_party.c.name,
)  # fmt: skip

deal_tranche = Table(
    "deal_tranche",
    metadata,
    Column("deal_id", Words, ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    _words("due"),  # YYYY, YYYY-MM or YYYY-MM-DD, as printed; or the year that a tenor leads to
    _flag("printed"),
    Column("amount", Float),
    Column("currency", Words),
    Column("coupon", Float),
    PrimaryKeyConstraint("deal_id", "n"),
)
Index("ix_deal_tranche_due", deal_tranche.c.due)

deal_revision = Table(
    "deal_revision",
    metadata,
    _id(),
    Column("deal_id", Words, ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    _at("known_at"),
    Column("document", Plain, nullable=False),
    Column("report_ids", Plain, nullable=False),
)
Index(
    "ix_deal_revision_known", deal_revision.c.deal_id, deal_revision.c.known_at, deal_revision.c.id
)

report = Table(
    "report",
    metadata,
    _id(),
    Column("article_id", _Id, ForeignKey("article.id", ondelete="CASCADE")),
    Column("deal_id", Words),
    _words("role"),
    _words("type"),
    _words("company"),
    _at("published"),
    Column("document", Plain, nullable=False),  # the report without its sketch and seat
    Column("sketch", LargeBinary),
    Column("seat", Plain),  # why it belongs to its deal
)
Index("ix_report_article_id", report.c.article_id)
Index("ix_report_deal_id", report.c.deal_id)

# Restatements and denials of deals not known yet, by the keys of the deal they mean.
orphan_key = Table(
    "orphan_key",
    metadata,
    Column("key", Words, nullable=False),
    Column("type", Words, nullable=False),
    _at("published"),
    Column("report_id", _Id, ForeignKey("report.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("report_id", "key"),
)
Index("ix_orphan_key_block", orphan_key.c.key, orphan_key.c.type, orphan_key.c.published)

decision = Table(
    "decision",
    metadata,
    _id(),
    _at("at"),
    _words("who"),
    _words("action"),  # merge, split, confirm, correct, reject
    _words("deal_id"),
    Column("other_id", Words),
    _words("reason"),
    Column("document", Plain),  # what is needed to apply it again, and to undo it
    _maybe_at("undone_at"),
    Column("undone_by", Words),
)
Index("ix_decision_deal_id", decision.c.deal_id)
Index("ix_decision_other_id", decision.c.other_id)

suggestion = Table(
    "suggestion",
    metadata,
    _id(),
    _words("alias"),
    _words("company"),
    _count("seen"),
    _at("first_at"),
    _at("last_at"),
    _words("url"),
    _words("quote"),
    _words("state"),  # open, confirmed, refused
    Column("who", Words),
)
Index("uq_suggestion", suggestion.c.alias, suggestion.c.company, unique=True)

# --- who is told --------------------------------------------------------------------

channel = Table(
    "channel",
    metadata,
    Column("name", Words, primary_key=True),
    _flag("held"),
    _maybe_at("held_until"),  # NULL while held: until somebody releases it
    _words("reason"),
    _maybe_at("last_ok_at"),
    _maybe_at("last_failed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    _id(),
    _words("key", unique=True, server_default=None),
    _words("channel"),
    _words("kind"),
    _words("rule"),
    _words("digest"),
    Column("bundle", Words),  # what went out as one message stays one message
    Column("deal_id", Words),
    Column("revision", Integer),
    _words("state"),
    _count("attempts"),
    _at("created"),
    _maybe_at("ended"),
    _words("reason"),  # why it is in this state
    Column("code", Integer),
    Column("receipt", Plain),  # what the channel gave back: Slack's ts, a Message-ID
    Column("document", Plain, nullable=False),
    *_lease(),
)
_where(outbox, "due_at IS NOT NULL", "channel", "id", name="due")
Index("ix_outbox_state", outbox.c.state, outbox.c.channel, outbox.c.id)
Index("ix_outbox_deal_id", outbox.c.deal_id, outbox.c.channel)
_where(outbox, "bundle IS NOT NULL", "bundle", name="bundle")
Index("ix_outbox_ended", outbox.c.ended)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("outbox_id", _Id, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    _at("started"),
    _maybe_at("ended"),
    Column("outcome", Words),
    Column("code", Integer),
    _words("message"),
    PrimaryKeyConstraint("outbox_id", "n"),
)

silence = Table(
    "silence",
    metadata,
    _id(),
    Column("matcher", Plain, nullable=False),
    _at("starts"),
    _maybe_at("ends"),
    _words("author"),
    _words("comment"),
)
Index("ix_silence_ends", silence.c.ends)

# --- the house itself ---------------------------------------------------------------

singleton = Table(
    "singleton",
    metadata,
    Column("name", Words, primary_key=True),
    _words("owner"),
    Column("token", BigInteger, nullable=False),
    _at("until"),
)

fact = Table(
    "fact",
    metadata,
    *(Column("key", Words, primary_key=True), Column("value", Plain), _at("at")),
)
