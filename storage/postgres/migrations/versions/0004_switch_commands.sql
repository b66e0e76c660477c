-- What switches are to be told: an outbox, so that nothing is forgotten whichever gateway dies. A row says that a switch
-- has to hear something of a user, not what: that is read when it is told, and so is always the newest.

ALTER TABLE pbx_sources
    ADD COLUMN command_url text NOT NULL DEFAULT '',
    ADD COLUMN command_token text NOT NULL DEFAULT '';
COMMENT ON COLUMN pbx_sources.command_url IS 'where the switch takes commands; empty: it takes none';
COMMENT ON COLUMN pbx_sources.command_token IS 'the bearer token that we show to the switch, and so cannot be kept as a hash';

CREATE TABLE switch_commands (
    domain_id     text        NOT NULL,
    user_id       integer     NOT NULL,
    source_id     text        NOT NULL,
    kind          text        NOT NULL CHECK (kind IN ('dnd', 'profile')),
    rev           bigint      NOT NULL,
    wished_at     timestamptz NOT NULL DEFAULT now(),
    due_at        timestamptz NOT NULL DEFAULT now(),
    attempts      integer     NOT NULL DEFAULT 0,
    claimed_until timestamptz,
    problem       text        NOT NULL DEFAULT '',
    PRIMARY KEY (domain_id, user_id, source_id, kind),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (domain_id, source_id) REFERENCES pbx_source_domains ON DELETE CASCADE
);
COMMENT ON COLUMN switch_commands.rev IS 'of the settings or the profile that the wish came from; grows per user, so that a switch can tell old from new';
COMMENT ON COLUMN switch_commands.claimed_until IS 'so long one gateway has it alone; null: nobody';
COMMENT ON COLUMN switch_commands.problem IS 'why the last attempt failed; empty: there was none, or the switch took it and has yet to confirm';
