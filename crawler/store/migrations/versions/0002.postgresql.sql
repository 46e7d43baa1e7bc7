ALTER TABLE host DROP COLUMN last_request_at
;
ALTER TABLE page ADD COLUMN revisits INTEGER DEFAULT 0 NOT NULL
;
ALTER TABLE page ADD COLUMN etag TEXT
;
ALTER TABLE page ADD COLUMN last_modified TEXT
;
ALTER TABLE host ADD COLUMN delay FLOAT
;
ALTER TABLE host ADD COLUMN asked_by TEXT
;
ALTER TABLE host ADD COLUMN free_at TIMESTAMP WITH TIME ZONE
;
INSERT INTO host (name) SELECT DISTINCT host FROM source WHERE host NOT IN (SELECT name FROM host)
;
ALTER TABLE report ADD COLUMN seat JSON
;
ALTER TABLE deal ADD COLUMN doubt TEXT DEFAULT '' NOT NULL
;
UPDATE deal SET doubt = CASE WHEN document -> 'conflicts' IS NOT NULL THEN 'conflict'
 WHEN document -> 'flags' IS NOT NULL THEN 'flag' WHEN confidence < 0.8 THEN 'unsure' ELSE '' END
;
CREATE INDEX ix_deal_doubt ON deal (amount_usd, n, doubt, review, merged_into) WHERE doubt <> ''
;
CREATE INDEX ix_deal_list ON deal (company_fold, updated, id, type, status, amount_usd, review, merged_into, currency, country, langs, round)
;
CREATE INDEX ix_deal_first_at ON deal (first_at, type, amount_usd, company_fold, round, country, review, merged_into, id)
;
CREATE TABLE deal_tranche (
  deal_id TEXT NOT NULL,
  n INTEGER NOT NULL,
  due TEXT DEFAULT '' NOT NULL,
  printed BOOLEAN DEFAULT false NOT NULL,
  amount FLOAT,
  currency TEXT,
  coupon FLOAT,
  CONSTRAINT pk_deal_tranche PRIMARY KEY (deal_id, n),
  CONSTRAINT fk_deal_tranche_deal_id_deal FOREIGN KEY(deal_id) REFERENCES deal (id) ON DELETE CASCADE
)
;
CREATE INDEX ix_deal_tranche_due ON deal_tranche (due)
;
INSERT INTO deal_tranche (deal_id, n, due, printed, amount, currency, coupon)
 SELECT deal.id, part.key - 1,
  coalesce(part.value ->> 'maturity', (extract(year FROM coalesce(deal.first_at, deal.first_seen) AT TIME ZONE 'UTC')::integer + round((part.value ->> 'tenor_years')::numeric)::integer)::text, ''),
  (part.value ->> 'maturity') IS NOT NULL, (part.value ->> 'amount')::float, part.value ->> 'currency', (part.value ->> 'coupon_pct')::float
 FROM deal, json_array_elements(deal.document -> 'event' -> 'tranches') WITH ORDINALITY AS part (value, key)
;
DROP INDEX ix_deal_party_name_fold
;
CREATE INDEX ix_deal_party_name_fold ON deal_party (name_fold, deal_id, role, name)
;
ALTER TABLE page ADD COLUMN poll TEXT DEFAULT '' NOT NULL
;
