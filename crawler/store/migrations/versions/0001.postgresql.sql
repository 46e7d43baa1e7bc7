CREATE TABLE article (
  id BIGSERIAL NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  canonical_url TEXT DEFAULT '' NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  lang TEXT DEFAULT '' NOT NULL,
  seen_at TIMESTAMP WITH TIME ZONE NOT NULL,
  published TIMESTAMP WITH TIME ZONE,
  published_from TEXT DEFAULT '' NOT NULL,
  author TEXT DEFAULT '' NOT NULL,
  source TEXT DEFAULT '' NOT NULL,
  source_class TEXT DEFAULT '' NOT NULL,
  country TEXT,
  quality TEXT DEFAULT '' NOT NULL,
  body_from TEXT DEFAULT '' NOT NULL,
  content_hash TEXT DEFAULT '' NOT NULL,
  restrictions JSON NOT NULL,
  events JSON,
  revision INTEGER DEFAULT 0 NOT NULL,
  updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
  purged_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_article PRIMARY KEY (id)
)
;
CREATE INDEX ix_article_content_hash ON article (content_hash)
;
CREATE INDEX ix_article_seen_at ON article (seen_at)
;
CREATE INDEX ix_article_source ON article (source, seen_at)
;
CREATE TABLE channel (
  name TEXT NOT NULL,
  held BOOLEAN DEFAULT false NOT NULL,
  held_until TIMESTAMP WITH TIME ZONE,
  reason TEXT DEFAULT '' NOT NULL,
  last_ok_at TIMESTAMP WITH TIME ZONE,
  last_failed_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_channel PRIMARY KEY (name)
)
;
CREATE TABLE deal (
  n BIGSERIAL NOT NULL,
  id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  type TEXT DEFAULT '' NOT NULL,
  status TEXT DEFAULT '' NOT NULL,
  company TEXT DEFAULT '' NOT NULL,
  company_fold TEXT DEFAULT '' NOT NULL,
  amount FLOAT,
  currency TEXT,
  amount_usd FLOAT,
  round TEXT,
  country TEXT,
  confidence FLOAT DEFAULT 0 NOT NULL,
  review TEXT DEFAULT '' NOT NULL,
  merged_into TEXT,
  first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
  updated TIMESTAMP WITH TIME ZONE NOT NULL,
  first_at TIMESTAMP WITH TIME ZONE,
  last_at TIMESTAMP WITH TIME ZONE,
  langs TEXT DEFAULT '' NOT NULL,
  reports INTEGER DEFAULT 0 NOT NULL,
  words TEXT DEFAULT '' NOT NULL,
  document JSON NOT NULL,
  CONSTRAINT pk_deal PRIMARY KEY (n),
  CONSTRAINT uq_deal_id UNIQUE (id)
)
;
CREATE INDEX ix_deal_amount_usd ON deal (amount_usd)
;
CREATE INDEX ix_deal_company_fold ON deal (company_fold, updated)
;
CREATE INDEX ix_deal_first_seen ON deal (first_seen)
;
CREATE INDEX ix_deal_merged_into ON deal (merged_into) WHERE merged_into IS NOT NULL
;
CREATE INDEX ix_deal_type ON deal (type, updated, id)
;
CREATE INDEX ix_deal_updated ON deal (updated, id)
;
CREATE TABLE decision (
  id BIGSERIAL NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  who TEXT DEFAULT '' NOT NULL,
  action TEXT DEFAULT '' NOT NULL,
  deal_id TEXT DEFAULT '' NOT NULL,
  other_id TEXT,
  reason TEXT DEFAULT '' NOT NULL,
  document JSON,
  undone_at TIMESTAMP WITH TIME ZONE,
  undone_by TEXT,
  CONSTRAINT pk_decision PRIMARY KEY (id)
)
;
CREATE INDEX ix_decision_deal_id ON decision (deal_id)
;
CREATE INDEX ix_decision_other_id ON decision (other_id)
;
CREATE TABLE fact (
  key TEXT NOT NULL,
  value JSON,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_fact PRIMARY KEY (key)
)
;
CREATE TABLE happening (
  id BIGSERIAL NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  source_id TEXT,
  subject TEXT DEFAULT '' NOT NULL,
  document JSON,
  settled_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_happening PRIMARY KEY (id)
)
;
CREATE INDEX ix_happening_kind ON happening (kind, at)
;
CREATE INDEX ix_happening_source_id ON happening (source_id, at)
;
CREATE TABLE host (
  name TEXT NOT NULL,
  not_before TIMESTAMP WITH TIME ZONE,
  reason TEXT DEFAULT '' NOT NULL,
  last_request_at TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_host PRIMARY KEY (name)
)
;
CREATE TABLE outbox (
  id BIGSERIAL NOT NULL,
  key TEXT NOT NULL,
  channel TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  rule TEXT DEFAULT '' NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  bundle TEXT,
  deal_id TEXT,
  revision INTEGER,
  state TEXT DEFAULT '' NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  created TIMESTAMP WITH TIME ZONE NOT NULL,
  ended TIMESTAMP WITH TIME ZONE,
  reason TEXT DEFAULT '' NOT NULL,
  code INTEGER,
  receipt JSON,
  document JSON NOT NULL,
  due_at TIMESTAMP WITH TIME ZONE,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_outbox PRIMARY KEY (id),
  CONSTRAINT uq_outbox_key UNIQUE (key)
)
;
CREATE INDEX ix_outbox_bundle ON outbox (bundle) WHERE bundle IS NOT NULL
;
CREATE INDEX ix_outbox_deal_id ON outbox (deal_id, channel)
;
CREATE INDEX ix_outbox_due ON outbox (channel, id) WHERE due_at IS NOT NULL
;
CREATE INDEX ix_outbox_ended ON outbox (ended)
;
CREATE INDEX ix_outbox_state ON outbox (state, channel, id)
;
CREATE TABLE robots (
  origin TEXT NOT NULL,
  body BYTEA NOT NULL,
  status INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_robots PRIMARY KEY (origin)
)
;
CREATE TABLE silence (
  id BIGSERIAL NOT NULL,
  matcher JSON NOT NULL,
  starts TIMESTAMP WITH TIME ZONE NOT NULL,
  ends TIMESTAMP WITH TIME ZONE,
  author TEXT DEFAULT '' NOT NULL,
  comment TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_silence PRIMARY KEY (id)
)
;
CREATE INDEX ix_silence_ends ON silence (ends)
;
CREATE TABLE singleton (
  name TEXT NOT NULL,
  owner TEXT DEFAULT '' NOT NULL,
  token BIGINT NOT NULL,
  until TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_singleton PRIMARY KEY (name)
)
;
CREATE TABLE source (
  id TEXT NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  host TEXT DEFAULT '' NOT NULL,
  every FLOAT NOT NULL,
  name TEXT DEFAULT '' NOT NULL,
  language TEXT DEFAULT '' NOT NULL,
  group_name TEXT DEFAULT '' NOT NULL,
  country TEXT,
  source_class TEXT DEFAULT '' NOT NULL,
  enabled BOOLEAN NOT NULL,
  origin TEXT DEFAULT '' NOT NULL,
  allow_private JSON NOT NULL,
  options JSON NOT NULL,
  priority SMALLINT DEFAULT 0 NOT NULL,
  paused_until TIMESTAMP WITH TIME ZONE,
  added_at TIMESTAMP WITH TIME ZONE,
  etag TEXT,
  last_modified TEXT,
  body_hash TEXT,
  next_poll_at TIMESTAMP WITH TIME ZONE,
  polls INTEGER DEFAULT 0 NOT NULL,
  failures FLOAT DEFAULT 0 NOT NULL,
  last_outcome TEXT,
  last_message TEXT DEFAULT '' NOT NULL,
  last_polled TIMESTAMP WITH TIME ZONE,
  last_success TIMESTAMP WITH TIME ZONE,
  last_new_entry TIMESTAMP WITH TIME ZONE,
  unconditional_at TIMESTAMP WITH TIME ZONE,
  hash_mode BOOLEAN DEFAULT false NOT NULL,
  patience FLOAT,
  interval FLOAT,
  overlap FLOAT,
  gaps INTEGER DEFAULT 0 NOT NULL,
  moved_to TEXT,
  moved_count INTEGER DEFAULT 0 NOT NULL,
  polled_by TEXT,
  due_at TIMESTAMP WITH TIME ZONE,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_source PRIMARY KEY (id)
)
;
CREATE INDEX ix_source_due ON source (due_at) WHERE due_at IS NOT NULL
;
CREATE INDEX ix_source_leased ON source (lease_owner) WHERE lease_owner IS NOT NULL
;
CREATE TABLE suggestion (
  id BIGSERIAL NOT NULL,
  alias TEXT DEFAULT '' NOT NULL,
  company TEXT DEFAULT '' NOT NULL,
  seen INTEGER DEFAULT 0 NOT NULL,
  first_at TIMESTAMP WITH TIME ZONE NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  quote TEXT DEFAULT '' NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  who TEXT,
  CONSTRAINT pk_suggestion PRIMARY KEY (id)
)
;
CREATE UNIQUE INDEX uq_suggestion ON suggestion (alias, company)
;
CREATE TABLE article_link (
  key TEXT NOT NULL,
  article_id BIGINT NOT NULL,
  CONSTRAINT pk_article_link PRIMARY KEY (key),
  CONSTRAINT fk_article_link_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_article_link_article_id ON article_link (article_id)
;
CREATE TABLE article_revision (
  article_id BIGINT NOT NULL,
  number INTEGER NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  content_hash TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_article_revision PRIMARY KEY (article_id, number),
  CONSTRAINT fk_article_revision_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE TABLE deal_key (
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  last_at TIMESTAMP WITH TIME ZONE NOT NULL,
  first_at TIMESTAMP WITH TIME ZONE NOT NULL,
  deal_id TEXT NOT NULL,
  CONSTRAINT pk_deal_key PRIMARY KEY (deal_id, key),
  CONSTRAINT fk_deal_key_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_key_block ON deal_key (key, type, last_at)
;
CREATE TABLE deal_party (
  deal_id TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  name_fold TEXT NOT NULL,
  CONSTRAINT pk_deal_party PRIMARY KEY (deal_id, role, name),
  CONSTRAINT fk_deal_party_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_party_name_fold ON deal_party (name_fold, role)
;
CREATE TABLE deal_revision (
  id BIGSERIAL NOT NULL,
  deal_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  known_at TIMESTAMP WITH TIME ZONE NOT NULL,
  document JSON NOT NULL,
  report_ids JSON NOT NULL,
  CONSTRAINT pk_deal_revision PRIMARY KEY (id),
  CONSTRAINT fk_deal_revision_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_revision_known ON deal_revision (deal_id, known_at, id)
;
CREATE TABLE delivery_attempt (
  outbox_id BIGINT NOT NULL,
  n INTEGER NOT NULL,
  started TIMESTAMP WITH TIME ZONE NOT NULL,
  ended TIMESTAMP WITH TIME ZONE,
  outcome TEXT,
  code INTEGER,
  message TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_delivery_attempt PRIMARY KEY (outbox_id, n),
  CONSTRAINT fk_delivery_attempt_outbox_id FOREIGN KEY(outbox_id) REFERENCES outbox (id) ON DELETE CASCADE
)
;
CREATE TABLE page (
  id BIGSERIAL NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  url_key TEXT NOT NULL,
  host TEXT DEFAULT '' NOT NULL,
  source_id TEXT NOT NULL,
  entry JSON NOT NULL,
  state TEXT DEFAULT '' NOT NULL,
  outcome TEXT,
  message TEXT DEFAULT '' NOT NULL,
  status INTEGER,
  attempts INTEGER DEFAULT 0 NOT NULL,
  quiet BOOLEAN DEFAULT false NOT NULL,
  priority SMALLINT DEFAULT 0 NOT NULL,
  queued_at TIMESTAMP WITH TIME ZONE NOT NULL,
  done_at TIMESTAMP WITH TIME ZONE,
  article_id BIGINT,
  due_at TIMESTAMP WITH TIME ZONE,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until TIMESTAMP WITH TIME ZONE,
  CONSTRAINT pk_page PRIMARY KEY (id),
  CONSTRAINT uq_page_url_key UNIQUE (url_key),
  CONSTRAINT fk_page_source_id FOREIGN KEY(source_id) REFERENCES source (id)
)
;
CREATE INDEX ix_page_due ON page (host, due_at) WHERE due_at IS NOT NULL
;
CREATE INDEX ix_page_due_source ON page (source_id, due_at) WHERE due_at IS NOT NULL
;
CREATE INDEX ix_page_leased ON page (host) WHERE lease_until IS NOT NULL
;
CREATE INDEX ix_page_outcome ON page (outcome, id)
;
CREATE INDEX ix_page_owner ON page (lease_owner) WHERE lease_owner IS NOT NULL
;
CREATE INDEX ix_page_source_id ON page (source_id, id)
;
CREATE TABLE report (
  id BIGSERIAL NOT NULL,
  article_id BIGINT,
  deal_id TEXT,
  role TEXT DEFAULT '' NOT NULL,
  type TEXT DEFAULT '' NOT NULL,
  company TEXT DEFAULT '' NOT NULL,
  published TIMESTAMP WITH TIME ZONE NOT NULL,
  document JSON NOT NULL,
  sketch BYTEA,
  CONSTRAINT pk_report PRIMARY KEY (id),
  CONSTRAINT fk_report_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_report_article_id ON report (article_id)
;
CREATE INDEX ix_report_deal_id ON report (deal_id)
;
CREATE TABLE orphan_key (
  key TEXT NOT NULL,
  type TEXT NOT NULL,
  published TIMESTAMP WITH TIME ZONE NOT NULL,
  report_id BIGINT NOT NULL,
  CONSTRAINT pk_orphan_key PRIMARY KEY (report_id, key),
  CONSTRAINT fk_orphan_key_report_id FOREIGN KEY(report_id) REFERENCES report (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_orphan_key_block ON orphan_key (key, type, published)
;
CREATE TABLE archive (
  id BIGSERIAL NOT NULL,
  page_id BIGINT NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  status INTEGER NOT NULL,
  headers JSON NOT NULL,
  body BYTEA NOT NULL,
  CONSTRAINT pk_archive PRIMARY KEY (id),
  CONSTRAINT fk_archive_page_id FOREIGN KEY(page_id) REFERENCES page (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_archive_at ON archive (at)
;
CREATE INDEX ix_archive_page_id ON archive (page_id)
;
CREATE TABLE page_source (
  page_id BIGINT NOT NULL,
  source_id TEXT NOT NULL,
  at TIMESTAMP WITH TIME ZONE NOT NULL,
  CONSTRAINT pk_page_source PRIMARY KEY (page_id, source_id),
  CONSTRAINT fk_page_source_page_id FOREIGN KEY(page_id) REFERENCES page (id) ON DELETE CASCADE
)
;
CREATE EXTENSION IF NOT EXISTS pg_trgm
;
CREATE INDEX ix_article_search ON article USING gin ((title || ' ' || text) gin_trgm_ops)
;
CREATE INDEX ix_deal_search ON deal USING gin (words gin_trgm_ops)
;
