CREATE TABLE push_key (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    private_key  bytea   NOT NULL
);
COMMENT ON TABLE push_key IS 'Signs what we push; browsers have subscribed to it, so a new one would end all subscriptions';

CREATE TABLE push_subscriptions (
    domain_id   text        NOT NULL,
    user_id     integer     NOT NULL,
    endpoint    text        NOT NULL CHECK (length(endpoint) <= 1024),
    public_key  bytea       NOT NULL CHECK (length(public_key) = 65),
    secret      bytea       NOT NULL CHECK (length(secret) = 16),
    session_id  text        NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, user_id, endpoint),
    UNIQUE (domain_id, endpoint),
    FOREIGN KEY (domain_id, session_id) REFERENCES sessions (domain_id, session_id) ON DELETE CASCADE
);
CREATE INDEX push_subscriptions_by_session ON push_subscriptions (domain_id, session_id);
COMMENT ON COLUMN push_subscriptions.session_id IS 'the login it was made in: who logs out is told nothing any more';
