CREATE TABLE sign_on_providers (
    domain_id      text        PRIMARY KEY REFERENCES domains ON DELETE CASCADE,
    issuer         text        NOT NULL CHECK (issuer <> ''),
    client_id      text        NOT NULL CHECK (client_id <> ''),
    secret         bytea,
    email_domains  text[]      NOT NULL DEFAULT '{}',
    trusts_emails  boolean     NOT NULL DEFAULT false,
    created_at     timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE sign_on_providers IS 'OpenID Connect, one a domain';
COMMENT ON COLUMN sign_on_providers.secret IS 'sealed (accounts/factors/sealing.py); null: a public client';
COMMENT ON COLUMN sign_on_providers.email_domains IS 'only addresses of these count; empty: all';
COMMENT ON COLUMN sign_on_providers.trusts_emails IS 'addresses count that the provider does not say to be verified';

CREATE TABLE sign_on_bindings (
    domain_id  text        NOT NULL,
    issuer     text        NOT NULL,
    subject    text        NOT NULL,
    user_id    integer     NOT NULL,
    email      text        NOT NULL,
    bound_at   timestamptz NOT NULL,
    PRIMARY KEY (domain_id, issuer, subject),
    UNIQUE (domain_id, user_id, issuer),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE sign_on_bindings IS 'whose account at a provider is which user; made by the address once, and then without it';

CREATE TABLE hand_over_issuers (
    domain_id   text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    issuer      text        NOT NULL CHECK (issuer <> ''),
    keys        bytea       NOT NULL,
    names       text        NOT NULL CHECK (names IN ('login', 'extension', 'email')),
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, issuer)
);
COMMENT ON TABLE hand_over_issuers IS 'portals with their own login, whose signed tokens let their users in';
COMMENT ON COLUMN hand_over_issuers.keys IS 'a JWK set as JSON, public keys only';
COMMENT ON COLUMN hand_over_issuers.names IS 'what the subject of a token is';

CREATE TABLE hand_over_tokens (
    domain_id   text        NOT NULL,
    issuer      text        NOT NULL,
    token_hash  bytea       NOT NULL CHECK (length(token_hash) = 32),
    expires_at  timestamptz NOT NULL,
    PRIMARY KEY (domain_id, issuer, token_hash),
    FOREIGN KEY (domain_id, issuer) REFERENCES hand_over_issuers ON DELETE CASCADE
);
CREATE INDEX hand_over_tokens_by_end ON hand_over_tokens (domain_id, expires_at);
COMMENT ON TABLE hand_over_tokens IS 'used ones, until they are too old anyway; here and not in Redis, which may be emptied';
COMMENT ON COLUMN hand_over_tokens.token_hash IS 'SHA-256 of the jti';
