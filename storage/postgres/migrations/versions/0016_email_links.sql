ALTER TABLE password_links ADD COLUMN email text NOT NULL DEFAULT '';
COMMENT ON COLUMN password_links.email IS 'where it was sent: using it confirms the address. Empty: not known';

CREATE TABLE email_links (
    domain_id   text        NOT NULL,
    token_hash  bytea       NOT NULL CHECK (length(token_hash) = 32),
    user_id     integer     NOT NULL,
    email       text        NOT NULL CHECK (email <> ''),
    created_at  timestamptz NOT NULL,
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (domain_id, token_hash),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX email_links_by_user ON email_links (domain_id, user_id);
COMMENT ON TABLE email_links IS 'each confirms an address once, while it is the user''s';
COMMENT ON COLUMN email_links.token_hash IS 'SHA-256 of the token; the token itself is in a mail and nowhere else';
