CREATE TABLE sms_numbers (
    domain_id   text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    number      text        NOT NULL CHECK (number ~ '^\+[1-9][0-9]{6,14}$'),
    label       text        NOT NULL DEFAULT '',
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, number)
);
-- A number is of one domain: by it alone is known for whom a text message is.
CREATE UNIQUE INDEX sms_numbers_by_number ON sms_numbers (number);

CREATE TABLE sms_number_users (
    domain_id  text    NOT NULL,
    number     text    NOT NULL,
    user_id    integer NOT NULL,
    PRIMARY KEY (domain_id, number, user_id),
    FOREIGN KEY (domain_id, number) REFERENCES sms_numbers ON DELETE CASCADE,
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX sms_number_users_by_user ON sms_number_users (domain_id, user_id);
COMMENT ON TABLE sms_number_users IS 'Whose a number is: one user''s, or shared by a department';

CREATE TABLE sms_conversations (
    domain_id        text        NOT NULL,
    conversation_id  bigint      NOT NULL,
    number           text        NOT NULL,
    outside          text        NOT NULL,
    stopped          boolean     NOT NULL DEFAULT false,
    sent_upto        bigint      NOT NULL DEFAULT 0,
    claimed_until    timestamptz,
    PRIMARY KEY (domain_id, conversation_id),
    UNIQUE (domain_id, number, outside),
    FOREIGN KEY (domain_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
COMMENT ON COLUMN sms_conversations.stopped IS 'whoever is outside has said STOP, and gets nothing until START';
COMMENT ON COLUMN sms_conversations.sent_upto IS 'up to which number the messages were handed to the provider';
COMMENT ON COLUMN sms_conversations.claimed_until IS 'a gateway is at it, or it is to be tried again only then';

COMMENT ON COLUMN conversations.kind IS 'direct, group, or sms: with a number outside, which is its name';
