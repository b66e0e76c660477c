CREATE TABLE api_keys (
    domain_id     text        NOT NULL,
    key_id        text        NOT NULL,
    token_hash    bytea       NOT NULL CHECK (length(token_hash) = 32),
    user_id       integer     NOT NULL,
    name          text        NOT NULL CHECK (name <> ''),
    scopes        text[]      NOT NULL,
    created_by    integer,
    created_at    timestamptz NOT NULL,
    expires_at    timestamptz,
    last_used_at  timestamptz,
    PRIMARY KEY (domain_id, key_id),
    UNIQUE (domain_id, token_hash),
    UNIQUE (domain_id, name),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX api_keys_by_user ON api_keys (domain_id, user_id);
COMMENT ON TABLE api_keys IS 'Keys of programs; a revoked one is deleted';
COMMENT ON COLUMN api_keys.token_hash IS 'SHA-256 of the token; the token itself is nowhere on the server';
COMMENT ON COLUMN api_keys.user_id IS 'as whom it acts';
COMMENT ON COLUMN api_keys.scopes IS 'accounts/api_keys/scopes.py: KeyScope';
COMMENT ON COLUMN api_keys.created_by IS 'null: at the command line';
COMMENT ON COLUMN api_keys.expires_at IS 'null: never';
