CREATE TABLE passkeys (
    domain_id      text        NOT NULL,
    credential_id  bytea       NOT NULL CHECK (length(credential_id) BETWEEN 1 AND 1023),
    passkey_id     text        NOT NULL,
    user_id        integer     NOT NULL,
    public_key     bytea       NOT NULL,
    uses           bigint      NOT NULL,
    name           text        NOT NULL CHECK (name <> ''),
    created_at     timestamptz NOT NULL,
    last_used_at   timestamptz,
    PRIMARY KEY (domain_id, credential_id),
    UNIQUE (domain_id, passkey_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX passkeys_by_user ON passkeys (domain_id, user_id);
COMMENT ON TABLE passkeys IS 'WebAuthn credentials: nothing of it is secret';
COMMENT ON COLUMN passkeys.public_key IS 'COSE, as the authenticator made it';
COMMENT ON COLUMN passkeys.uses IS 'the authenticator''s own count; one that goes back is of a copy. 0: it does not count';
