ALTER TABLE domains ADD COLUMN second_factor_required boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN domains.second_factor_required IS 'whoever has none has to set one up to log in';

CREATE TABLE totp_authenticators (
    domain_id     text        NOT NULL,
    user_id       integer     NOT NULL,
    secret        bytea,
    confirmed_at  timestamptz,
    last_step     bigint      NOT NULL DEFAULT 0,
    new_secret    bytea,
    new_until     timestamptz,
    PRIMARY KEY (domain_id, user_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE,
    CHECK ((secret IS NULL) = (confirmed_at IS NULL)),
    CHECK ((new_secret IS NULL) = (new_until IS NULL))
);
COMMENT ON TABLE totp_authenticators IS 'Authenticator apps (RFC 6238), one a user';
COMMENT ON COLUMN totp_authenticators.secret IS 'sealed (accounts/factors/sealing.py); null: none is turned on';
COMMENT ON COLUMN totp_authenticators.last_step IS 'no code of this step or an earlier one is good: each is used once';
COMMENT ON COLUMN totp_authenticators.new_secret IS 'being set up, good for a code until new_until; sealed, too';

CREATE TABLE recovery_codes (
    domain_id  text    NOT NULL,
    user_id    integer NOT NULL,
    code_hash  bytea   NOT NULL CHECK (length(code_hash) = 32),
    PRIMARY KEY (domain_id, user_id, code_hash),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE recovery_codes IS 'each lets its user in once without the app, and is deleted by that';
COMMENT ON COLUMN recovery_codes.code_hash IS 'SHA-256 of eighty random bits';
