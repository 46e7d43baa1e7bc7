CREATE TABLE article (
  id INTEGER NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  canonical_url TEXT DEFAULT '' NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  lang TEXT DEFAULT '' NOT NULL,
  seen_at DATETIME NOT NULL,
  published DATETIME,
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
  updated_at DATETIME NOT NULL,
  purged_at DATETIME,
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
  held BOOLEAN DEFAULT 0 NOT NULL,
  held_until DATETIME,
  reason TEXT DEFAULT '' NOT NULL,
  last_ok_at DATETIME,
  last_failed_at DATETIME,
  CONSTRAINT pk_channel PRIMARY KEY (name)
)
;
CREATE TABLE deal (
  n INTEGER NOT NULL,
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
  first_seen DATETIME NOT NULL,
  updated DATETIME NOT NULL,
  first_at DATETIME,
  last_at DATETIME,
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
  id INTEGER NOT NULL,
  at DATETIME NOT NULL,
  who TEXT DEFAULT '' NOT NULL,
  action TEXT DEFAULT '' NOT NULL,
  deal_id TEXT DEFAULT '' NOT NULL,
  other_id TEXT,
  reason TEXT DEFAULT '' NOT NULL,
  document JSON,
  undone_at DATETIME,
  undone_by TEXT,
  CONSTRAINT pk_decision PRIMARY KEY (id)
)
;
CREATE INDEX ix_decision_deal_id ON decision (deal_id)
;
CREATE INDEX ix_decision_other_id ON decision (other_id)
;
CREATE TABLE fact (
  "key" TEXT NOT NULL,
  value JSON,
  at DATETIME NOT NULL,
  CONSTRAINT pk_fact PRIMARY KEY ("key")
)
;
CREATE TABLE happening (
  id INTEGER NOT NULL,
  at DATETIME NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  source_id TEXT,
  subject TEXT DEFAULT '' NOT NULL,
  document JSON,
  settled_at DATETIME,
  CONSTRAINT pk_happening PRIMARY KEY (id)
)
;
CREATE INDEX ix_happening_kind ON happening (kind, at)
;
CREATE INDEX ix_happening_source_id ON happening (source_id, at)
;
CREATE TABLE host (
  name TEXT NOT NULL,
  not_before DATETIME,
  reason TEXT DEFAULT '' NOT NULL,
  last_request_at DATETIME,
  CONSTRAINT pk_host PRIMARY KEY (name)
)
;
CREATE TABLE outbox (
  id INTEGER NOT NULL,
  "key" TEXT NOT NULL,
  channel TEXT DEFAULT '' NOT NULL,
  kind TEXT DEFAULT '' NOT NULL,
  rule TEXT DEFAULT '' NOT NULL,
  digest TEXT DEFAULT '' NOT NULL,
  bundle TEXT,
  deal_id TEXT,
  revision INTEGER,
  state TEXT DEFAULT '' NOT NULL,
  attempts INTEGER DEFAULT 0 NOT NULL,
  created DATETIME NOT NULL,
  ended DATETIME,
  reason TEXT DEFAULT '' NOT NULL,
  code INTEGER,
  receipt JSON,
  document JSON NOT NULL,
  due_at DATETIME,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until DATETIME,
  CONSTRAINT pk_outbox PRIMARY KEY (id),
  CONSTRAINT uq_outbox_key UNIQUE ("key")
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
  body BLOB NOT NULL,
  status INTEGER NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_robots PRIMARY KEY (origin)
)
;
CREATE TABLE silence (
  id INTEGER NOT NULL,
  matcher JSON NOT NULL,
  starts DATETIME NOT NULL,
  ends DATETIME,
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
  until DATETIME NOT NULL,
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
  paused_until DATETIME,
  added_at DATETIME,
  etag TEXT,
  last_modified TEXT,
  body_hash TEXT,
  next_poll_at DATETIME,
  polls INTEGER DEFAULT 0 NOT NULL,
  failures FLOAT DEFAULT 0 NOT NULL,
  last_outcome TEXT,
  last_message TEXT DEFAULT '' NOT NULL,
  last_polled DATETIME,
  last_success DATETIME,
  last_new_entry DATETIME,
  unconditional_at DATETIME,
  hash_mode BOOLEAN DEFAULT 0 NOT NULL,
  patience FLOAT,
  interval FLOAT,
  overlap FLOAT,
  gaps INTEGER DEFAULT 0 NOT NULL,
  moved_to TEXT,
  moved_count INTEGER DEFAULT 0 NOT NULL,
  polled_by TEXT,
  due_at DATETIME,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until DATETIME,
  CONSTRAINT pk_source PRIMARY KEY (id)
)
;
CREATE INDEX ix_source_due ON source (due_at) WHERE due_at IS NOT NULL
;
CREATE INDEX ix_source_leased ON source (lease_owner) WHERE lease_owner IS NOT NULL
;
CREATE TABLE suggestion (
  id INTEGER NOT NULL,
  alias TEXT DEFAULT '' NOT NULL,
  company TEXT DEFAULT '' NOT NULL,
  seen INTEGER DEFAULT 0 NOT NULL,
  first_at DATETIME NOT NULL,
  last_at DATETIME NOT NULL,
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
  "key" TEXT NOT NULL,
  article_id INTEGER NOT NULL,
  CONSTRAINT pk_article_link PRIMARY KEY ("key"),
  CONSTRAINT fk_article_link_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_article_link_article_id ON article_link (article_id)
;
CREATE TABLE article_revision (
  article_id INTEGER NOT NULL,
  number INTEGER NOT NULL,
  at DATETIME NOT NULL,
  title TEXT DEFAULT '' NOT NULL,
  text TEXT DEFAULT '' NOT NULL,
  content_hash TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_article_revision PRIMARY KEY (article_id, number),
  CONSTRAINT fk_article_revision_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE TABLE deal_key (
  "key" TEXT NOT NULL,
  type TEXT NOT NULL,
  last_at DATETIME NOT NULL,
  first_at DATETIME NOT NULL,
  deal_id TEXT NOT NULL,
  CONSTRAINT pk_deal_key PRIMARY KEY (deal_id, "key"),
  CONSTRAINT fk_deal_key_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_key_block ON deal_key ("key", type, last_at)
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
  id INTEGER NOT NULL,
  deal_id TEXT NOT NULL,
  revision INTEGER NOT NULL,
  known_at DATETIME NOT NULL,
  document JSON NOT NULL,
  report_ids JSON NOT NULL,
  CONSTRAINT pk_deal_revision PRIMARY KEY (id),
  CONSTRAINT fk_deal_revision_deal_id FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_revision_known ON deal_revision (deal_id, known_at, id)
;
CREATE TABLE delivery_attempt (
  outbox_id INTEGER NOT NULL,
  n INTEGER NOT NULL,
  started DATETIME NOT NULL,
  ended DATETIME,
  outcome TEXT,
  code INTEGER,
  message TEXT DEFAULT '' NOT NULL,
  CONSTRAINT pk_delivery_attempt PRIMARY KEY (outbox_id, n),
  CONSTRAINT fk_delivery_attempt_outbox_id FOREIGN KEY(outbox_id) REFERENCES outbox (id) ON DELETE CASCADE
)
;
CREATE TABLE page (
  id INTEGER NOT NULL,
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
  quiet BOOLEAN DEFAULT 0 NOT NULL,
  priority SMALLINT DEFAULT 0 NOT NULL,
  queued_at DATETIME NOT NULL,
  done_at DATETIME,
  article_id INTEGER,
  due_at DATETIME,
  lease_token TEXT,
  lease_owner TEXT,
  lease_until DATETIME,
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
  id INTEGER NOT NULL,
  article_id INTEGER,
  deal_id TEXT,
  role TEXT DEFAULT '' NOT NULL,
  type TEXT DEFAULT '' NOT NULL,
  company TEXT DEFAULT '' NOT NULL,
  published DATETIME NOT NULL,
  document JSON NOT NULL,
  sketch BLOB,
  CONSTRAINT pk_report PRIMARY KEY (id),
  CONSTRAINT fk_report_article_id FOREIGN KEY(article_id) REFERENCES article (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_report_article_id ON report (article_id)
;
CREATE INDEX ix_report_deal_id ON report (deal_id)
;
CREATE TABLE orphan_key (
  "key" TEXT NOT NULL,
  type TEXT NOT NULL,
  published DATETIME NOT NULL,
  report_id INTEGER NOT NULL,
  CONSTRAINT pk_orphan_key PRIMARY KEY (report_id, "key"),
  CONSTRAINT fk_orphan_key_report_id FOREIGN KEY(report_id) REFERENCES report (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_orphan_key_block ON orphan_key ("key", type, published)
;
CREATE TABLE archive (
  id INTEGER NOT NULL,
  page_id INTEGER NOT NULL,
  url TEXT DEFAULT '' NOT NULL,
  at DATETIME NOT NULL,
  status INTEGER NOT NULL,
  headers JSON NOT NULL,
  body BLOB NOT NULL,
  CONSTRAINT pk_archive PRIMARY KEY (id),
  CONSTRAINT fk_archive_page_id FOREIGN KEY(page_id) REFERENCES page (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_archive_at ON archive (at)
;
CREATE INDEX ix_archive_page_id ON archive (page_id)
;
CREATE TABLE page_source (
  page_id INTEGER NOT NULL,
  source_id TEXT NOT NULL,
  at DATETIME NOT NULL,
  CONSTRAINT pk_page_source PRIMARY KEY (page_id, source_id),
  CONSTRAINT fk_page_source_page_id FOREIGN KEY(page_id) REFERENCES page (id) ON DELETE CASCADE
)
;
CREATE VIRTUAL TABLE article_fts USING fts5(title, text, content='article', content_rowid='id', tokenize='trigram')
;
CREATE VIRTUAL TABLE article_terms USING fts5vocab('article_fts', 'row')
;
CREATE TRIGGER article_fts_added AFTER INSERT ON article BEGIN
  INSERT INTO article_fts(rowid, title, text) VALUES (new.id, new.title || '  ', new.text || '  ');
END
;
CREATE TRIGGER article_fts_gone AFTER DELETE ON article BEGIN
  INSERT INTO article_fts(article_fts, rowid, title, text) VALUES ('delete', old.id, old.title || '  ', old.text || '  ');
END
;
CREATE TRIGGER article_fts_changed AFTER UPDATE OF title, text ON article BEGIN
  INSERT INTO article_fts(article_fts, rowid, title, text) VALUES ('delete', old.id, old.title || '  ', old.text || '  ');
  INSERT INTO article_fts(rowid, title, text) VALUES (new.id, new.title || '  ', new.text || '  ');
END
;
CREATE VIRTUAL TABLE deal_fts USING fts5(words, content='deal', content_rowid='n', tokenize='trigram')
;
CREATE VIRTUAL TABLE deal_terms USING fts5vocab('deal_fts', 'row')
;
CREATE TRIGGER deal_fts_added AFTER INSERT ON deal BEGIN
  INSERT INTO deal_fts(rowid, words) VALUES (new.n, new.words || '  ');
END
;
CREATE TRIGGER deal_fts_gone AFTER DELETE ON deal BEGIN
  INSERT INTO deal_fts(deal_fts, rowid, words) VALUES ('delete', old.n, old.words || '  ');
END
;
CREATE TRIGGER deal_fts_changed AFTER UPDATE OF words ON deal WHEN old.words <> new.words BEGIN
  INSERT INTO deal_fts(deal_fts, rowid, words) VALUES ('delete', old.n, old.words || '  ');
  INSERT INTO deal_fts(rowid, words) VALUES (new.n, new.words || '  ');
END
;
