-- Where other programs hear of changes. What they have yet to hear is not kept: it is what is newer than where they stand.

CREATE TABLE webhooks (
    domain_id        text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    name             text        NOT NULL CHECK (name <> ''),
    url              text        NOT NULL CHECK (url <> ''),
    secret           text        NOT NULL CHECK (secret <> ''),
    previous_secret  text        NOT NULL DEFAULT '',
    topics           text[]      NOT NULL,
    enabled          boolean     NOT NULL DEFAULT true,
    created_at       timestamptz NOT NULL DEFAULT now(),
    epoch            text        NOT NULL DEFAULT '',
    version          bigint      NOT NULL DEFAULT -1,
    directory_rev    bigint      NOT NULL DEFAULT -1,
    held_by          text        NOT NULL DEFAULT '',
    held_until       timestamptz,
    failures         integer     NOT NULL DEFAULT 0,
    failing_since    timestamptz,
    due_at           timestamptz NOT NULL DEFAULT now(),
    problem          text        NOT NULL DEFAULT '',
    PRIMARY KEY (domain_id, name)
);
COMMENT ON COLUMN webhooks.secret IS 'what messages are signed with, and so cannot be kept as a hash';
COMMENT ON COLUMN webhooks.previous_secret IS 'signs as well while receivers change over; empty: none';
COMMENT ON COLUMN webhooks.epoch IS 'with version: up to where in the presence stream the other end has heard; empty: nothing';
COMMENT ON COLUMN webhooks.directory_rev IS 'up to which revision of the directory the other end has heard; -1: nothing';
COMMENT ON COLUMN webhooks.held_by IS 'the gateway that alone delivers it, until held_until';
