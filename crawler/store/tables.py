"""
The tables. `docs/schema.md` tells what each is for.

Work that can be handed out (`source`, `page`, `outbox`) has one column `due_at`: the instant
from which it may be given to somebody. It is NULL when there is nothing to do, the next
attempt when it waits, and the end of the lease while somebody has it, so an expired lease
comes back by itself and one partial index answers "what is due?".
"""

from __future__ import annotations

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
)

from crawler.store.columns import Instant, Plain, Span, Words
from crawler.store.parts import (
    ZERO,
    Id,
    at,
    count,
    flag,
    ident,
    index_where,
    lease,
    maybe_at,
    words,
)

VERSIONS = ("0001", "0002")  # oldest first; the last is the one this code wants

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


# --- where news comes from ----------------------------------------------------------

source = Table(
    "source",
    metadata,
    Column("id", Words, primary_key=True),
    words("kind"),
    words("url"),
    words("host"),
    Column("every", Span, nullable=False),
    words("name"),
    words("language"),
    words("group_name"),
    Column("country", Words),
    words("source_class"),
    Column("enabled", Boolean, nullable=False),
    words("origin"),
    Column("allow_private", Plain, nullable=False),
    Column("options", Plain, nullable=False),
    Column("priority", SmallInteger, nullable=False, server_default=ZERO),
    maybe_at("paused_until"),
    maybe_at("added_at"),
    # what is remembered between two polls
    Column("etag", Words),
    Column("last_modified", Words),
    Column("body_hash", Words),
    maybe_at("next_poll_at"),
    count("polls"),
    Column("failures", Float, nullable=False, server_default=ZERO),
    Column("last_outcome", Words),
    words("last_message"),
    maybe_at("last_polled"),
    maybe_at("last_success"),
    maybe_at("last_new_entry"),
    maybe_at("unconditional_at"),
    flag("hash_mode"),
    Column("patience", Span),
    Column("interval", Span),
    Column("overlap", Float),
    count("gaps"),
    Column("moved_to", Words),
    count("moved_count"),
    Column("polled_by", Words),
    *lease(),
)
index_where(source, "due_at IS NOT NULL", "due_at", name="due")
index_where(source, "lease_owner IS NOT NULL", "lease_owner", name="leased")

host = Table(
    "host",
    metadata,
    Column("name", Words, primary_key=True),
    maybe_at("not_before"),
    words("reason"),
    Column("delay", Span),  # what its robots.txt asks for between two requests
    Column("asked_by", Words),
    maybe_at("free_at"),  # from when another than `asked_by` may ask, by the database's clock
)

robots = Table(
    "robots",
    metadata,
    Column("origin", Words, primary_key=True),
    Column("body", LargeBinary, nullable=False),
    Column("status", Integer, nullable=False),
    at("at"),
)

page = Table(
    "page",
    metadata,
    ident(),
    words("url"),
    words("url_key", unique=True, server_default=None),
    words("host"),
    Column("source_id", Words, ForeignKey("source.id"), nullable=False),
    Column("entry", Plain, nullable=False),
    words("state"),
    Column("outcome", Words),
    words("message"),
    Column("status", Integer),
    count("attempts"),
    count("revisits"),
    *(Column("etag", Words), Column("last_modified", Words)),
    flag("quiet"),
    Column("priority", SmallInteger, nullable=False, server_default=ZERO),
    words("poll"),  # what logs call the poll that found it
    at("queued_at"),
    maybe_at("done_at"),
    Column("article_id", Id),
    *lease(),
)
index_where(page, "due_at IS NOT NULL", "host", "due_at", name="due")
index_where(page, "due_at IS NOT NULL", "source_id", "due_at", name="due_source")
index_where(page, "lease_until IS NOT NULL", "host", name="leased")
index_where(page, "lease_owner IS NOT NULL", "lease_owner", name="owner")
Index("ix_page_outcome", page.c.outcome, page.c.id)
Index("ix_page_source_id", page.c.source_id, page.c.id)

page_source = Table(
    "page_source",
    metadata,
    Column("page_id", Id, ForeignKey("page.id", ondelete="CASCADE"), nullable=False),
    Column("source_id", Words, nullable=False),
    at("at"),
    PrimaryKeyConstraint("page_id", "source_id"),
)

happening = Table(
    "happening",
    metadata,
    ident(),
    at("at"),
    words("kind"),  # gap, moved, lied, blocked, quarantined …
    Column("source_id", Words),
    words("subject"),
    Column("document", Plain),
    maybe_at("settled_at"),
)
Index("ix_happening_kind", happening.c.kind, happening.c.at)
Index("ix_happening_source_id", happening.c.source_id, happening.c.at)

archive = Table(
    "archive",
    metadata,
    ident(),
    Column("page_id", Id, ForeignKey("page.id", ondelete="CASCADE"), nullable=False),
    words("url"),
    at("at"),
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
    ident(),
    words("url"),
    words("canonical_url"),
    words("title"),
    words("text"),
    words("lang"),
    at("seen_at"),
    maybe_at("published"),
    words("published_from"),
    words("author"),
    words("source"),
    words("source_class"),
    Column("country", Words),
    words("quality"),
    words("body_from"),
    words("content_hash"),
    Column("restrictions", Plain, nullable=False),
    Column("events", Plain),
    count("revision"),
    at("updated_at"),
    maybe_at("purged_at"),
)
Index("ix_article_content_hash", article.c.content_hash)
Index("ix_article_seen_at", article.c.seen_at)
Index("ix_article_source", article.c.source, article.c.seen_at)

article_link = Table(
    "article_link",
    metadata,
    Column("key", Words, primary_key=True),
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
)
Index("ix_article_link_article_id", article_link.c.article_id)

article_revision = Table(
    "article_revision",
    metadata,
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE"), nullable=False),
    Column("number", Integer, nullable=False),
    at("at"),
    words("title"),
    words("text"),
    words("content_hash"),
    PrimaryKeyConstraint("article_id", "number"),
)

# --- what happened in the world -----------------------------------------------------

deal = Table(
    "deal",
    metadata,
    Column("n", Id, primary_key=True, autoincrement=True),
    words("id", unique=True, server_default=None),
    Column("revision", Integer, nullable=False),
    words("type"),
    words("status"),
    words("company"),
    words("company_fold"),
    Column("amount", Float),
    Column("currency", Words),
    Column("amount_usd", Float),
    Column("round", Words),
    Column("country", Words),
    Column("confidence", Float, nullable=False, server_default=ZERO),
    words("review"),
    Column("merged_into", Words),
    at("first_seen"),
    at("updated"),
    maybe_at("first_at"),  # publication of its earliest and latest report
    maybe_at("last_at"),
    words("langs"),  # " en it zh "
    count("reports"),
    words("doubt"),  # why it wants a look: conflict, flag, unsure; "" if it wants none
    words("words"),  # what search looks at
    Column("document", Plain, nullable=False),  # the deal without its reports
)
Index("ix_deal_updated", deal.c.updated, deal.c.id)
Index("ix_deal_type", deal.c.type, deal.c.updated, deal.c.id)
Index("ix_deal_company_fold", deal.c.company_fold, deal.c.updated)
Index("ix_deal_amount_usd", deal.c.amount_usd)
Index("ix_deal_first_seen", deal.c.first_seen)
index_where(deal, "merged_into IS NOT NULL", "merged_into", name="merged_into")
index_where(deal, "doubt <> ''", "amount_usd", "n", "doubt", "review", "merged_into", name="doubt")
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
    words("due"),  # YYYY, YYYY-MM or YYYY-MM-DD, as printed; or the year that a tenor leads to
    flag("printed"),
    Column("amount", Float),
    Column("currency", Words),
    Column("coupon", Float),
    PrimaryKeyConstraint("deal_id", "n"),
)
Index("ix_deal_tranche_due", deal_tranche.c.due)

deal_revision = Table(
    "deal_revision",
    metadata,
    ident(),
    Column("deal_id", Words, ForeignKey("deal.id", ondelete="CASCADE"), nullable=False),
    Column("revision", Integer, nullable=False),
    at("known_at"),
    Column("document", Plain, nullable=False),
    Column("report_ids", Plain, nullable=False),
)
Index(
    "ix_deal_revision_known", deal_revision.c.deal_id, deal_revision.c.known_at, deal_revision.c.id
)

report = Table(
    "report",
    metadata,
    ident(),
    Column("article_id", Id, ForeignKey("article.id", ondelete="CASCADE")),
    Column("deal_id", Words),
    words("role"),
    words("type"),
    words("company"),
    at("published"),
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
    at("published"),
    Column("report_id", Id, ForeignKey("report.id", ondelete="CASCADE"), nullable=False),
    PrimaryKeyConstraint("report_id", "key"),
)
Index("ix_orphan_key_block", orphan_key.c.key, orphan_key.c.type, orphan_key.c.published)

decision = Table(
    "decision",
    metadata,
    ident(),
    at("at"),
    words("who"),
    words("action"),  # merge, split, confirm, correct, reject
    words("deal_id"),
    Column("other_id", Words),
    words("reason"),
    Column("document", Plain),  # what is needed to apply it again, and to undo it
    maybe_at("undone_at"),
    Column("undone_by", Words),
)
Index("ix_decision_deal_id", decision.c.deal_id)
Index("ix_decision_other_id", decision.c.other_id)

suggestion = Table(
    "suggestion",
    metadata,
    ident(),
    words("alias"),
    words("company"),
    count("seen"),
    at("first_at"),
    at("last_at"),
    words("url"),
    words("quote"),
    words("state"),  # open, confirmed, refused
    Column("who", Words),
)
Index("uq_suggestion", suggestion.c.alias, suggestion.c.company, unique=True)

# --- who is told --------------------------------------------------------------------

channel = Table(
    "channel",
    metadata,
    Column("name", Words, primary_key=True),
    flag("held"),
    maybe_at("held_until"),  # NULL while held: until somebody releases it
    words("reason"),
    maybe_at("last_ok_at"),
    maybe_at("last_failed_at"),
)

outbox = Table(
    "outbox",
    metadata,
    ident(),
    words("key", unique=True, server_default=None),
    words("channel"),
    words("kind"),
    words("rule"),
    words("digest"),
    Column("bundle", Words),  # what went out as one message stays one message
    Column("deal_id", Words),
    Column("revision", Integer),
    words("state"),
    count("attempts"),
    at("created"),
    maybe_at("ended"),
    words("reason"),  # why it is in this state
    Column("code", Integer),
    Column("receipt", Plain),  # what the channel gave back: Slack's ts, a Message-ID
    Column("document", Plain, nullable=False),
    *lease(),
)
index_where(outbox, "due_at IS NOT NULL", "channel", "id", name="due")
Index("ix_outbox_state", outbox.c.state, outbox.c.channel, outbox.c.id)
Index("ix_outbox_deal_id", outbox.c.deal_id, outbox.c.channel)
index_where(outbox, "bundle IS NOT NULL", "bundle", name="bundle")
Index("ix_outbox_ended", outbox.c.ended)

delivery_attempt = Table(
    "delivery_attempt",
    metadata,
    Column("outbox_id", Id, ForeignKey("outbox.id", ondelete="CASCADE"), nullable=False),
    Column("n", Integer, nullable=False),
    at("started"),
    maybe_at("ended"),
    Column("outcome", Words),
    Column("code", Integer),
    words("message"),
    PrimaryKeyConstraint("outbox_id", "n"),
)

silence = Table(
    "silence",
    metadata,
    ident(),
    Column("matcher", Plain, nullable=False),
    at("starts"),
    maybe_at("ends"),
    words("author"),
    words("comment"),
)
Index("ix_silence_ends", silence.c.ends)

# --- the house itself ---------------------------------------------------------------

singleton = Table(
    "singleton",
    metadata,
    Column("name", Words, primary_key=True),
    words("owner"),
    Column("token", BigInteger, nullable=False),
    at("until"),
)

fact = Table(
    "fact",
    metadata,
    *(Column("key", Words, primary_key=True), Column("value", Plain), at("at")),
)
