ALTER TABLE audit ADD COLUMN key text NOT NULL DEFAULT '';
COMMENT ON COLUMN audit.key IS 'by which program''s or administrator''s key, as it was called then; empty: by hand';

CREATE TABLE administration_keys (
    key_id        text        PRIMARY KEY CHECK (key_id <> ''),
    token_hash    bytea       NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    name          text        NOT NULL UNIQUE CHECK (name <> ''),
    scopes        text[]      NOT NULL CHECK (scopes <> '{}'),
    domains       text[]      CHECK (domains <> '{}'),
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz
);
COMMENT ON TABLE administration_keys IS 'With which whoever runs the service administers it over HTTP';
COMMENT ON COLUMN administration_keys.token_hash IS 'SHA-256 of the token';
COMMENT ON COLUMN administration_keys.domains IS 'only these; null: all';
COMMENT ON COLUMN administration_keys.expires_at IS 'null: it does not end by itself';

ALTER TABLE domains ADD COLUMN closed_at timestamptz;
COMMENT ON COLUMN domains.closed_at IS 'it is being deleted: nobody is let in any more. Null: it is not';

CREATE INDEX domains_closed ON domains (domain_id) WHERE closed_at IS NOT NULL;
