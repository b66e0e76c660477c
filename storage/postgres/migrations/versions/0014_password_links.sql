CREATE TABLE password_links (
    domain_id   text        NOT NULL,
    token_hash  bytea       NOT NULL CHECK (length(token_hash) = 32),
    user_id     integer     NOT NULL,
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (domain_id, token_hash),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX password_links_by_user ON password_links (domain_id, user_id);
COMMENT ON TABLE password_links IS 'each good once: using one deletes all of its user';
COMMENT ON COLUMN password_links.token_hash IS 'SHA-256 of the token; the token itself is in a mail and nowhere else';
