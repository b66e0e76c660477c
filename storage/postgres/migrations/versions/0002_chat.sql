-- A message costs one new row and one changed one: the conversation's, which has its last number and its members, and
-- which no index has to follow (nothing that a message changes is indexed, and the fill factor leaves room beside it).
-- That row has no CHECKs: they are read anew for every statement, 15 us each, which is a tenth of a message.

ALTER TABLE domains ADD COLUMN last_conversation_id bigint NOT NULL DEFAULT 0;

CREATE TABLE conversations (
    domain_id        text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    conversation_id  bigint      NOT NULL,
    kind             text        NOT NULL,
    direct_key       text,
    name             text        NOT NULL DEFAULT '',
    member_ids       integer[]   NOT NULL,
    last_seq         bigint      NOT NULL DEFAULT 0,
    first_sent       bigint      NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now(),
    updated_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, conversation_id),
    UNIQUE (domain_id, direct_key)
) WITH (fillfactor = 70);
COMMENT ON COLUMN conversations.kind IS 'direct or group';
COMMENT ON COLUMN conversations.direct_key IS 'the two users, lower id first, as 3:17; null: a group';
COMMENT ON COLUMN conversations.member_ids IS
    'who is in it now, ascending: the same as the rows of conversation_members without left_at. Changed only together '
    'with them and while this row is locked, so that a message is refused and told by the state at its number';
COMMENT ON COLUMN conversations.last_seq IS 'number of the last message; 0: none yet';
COMMENT ON COLUMN conversations.first_sent IS
    'direct ones: how many of the messages are by member_ids[1]; in groups conversation_members.sent counts';
COMMENT ON COLUMN conversations.updated_at IS 'time of the last message, or of its making; never goes back';

CREATE TABLE conversation_members (
    domain_id        text        NOT NULL,
    conversation_id  bigint      NOT NULL,
    user_id          integer     NOT NULL,
    joined_seq       bigint      NOT NULL DEFAULT 0,
    read_seq         bigint      NOT NULL DEFAULT 0,
    delivered_seq    bigint      NOT NULL DEFAULT 0,
    sent             bigint      NOT NULL DEFAULT 0,
    sent_until_read  bigint      NOT NULL DEFAULT 0,
    joined_at        timestamptz NOT NULL DEFAULT now(),
    left_at          timestamptz,
    PRIMARY KEY (domain_id, conversation_id, user_id),
    FOREIGN KEY (domain_id, conversation_id) REFERENCES conversations ON DELETE CASCADE,
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
) WITH (fillfactor = 70);
CREATE INDEX conversation_members_by_user ON conversation_members (domain_id, user_id, conversation_id);
COMMENT ON COLUMN conversation_members.joined_seq IS 'the member sees what comes after this number';
COMMENT ON COLUMN conversation_members.read_seq IS 'only grows';
COMMENT ON COLUMN conversation_members.delivered_seq IS 'only grows';
COMMENT ON COLUMN conversation_members.sent IS 'groups: how many messages are by this member';
COMMENT ON COLUMN conversation_members.sent_until_read IS
    'how many of the member''s own messages are numbered up to read_seq: unread ones are others'' messages, so '
    '(last_seq - read_seq) - (own messages - sent_until_read) counts them without reading any';
COMMENT ON COLUMN conversation_members.left_at IS 'null: still in it';

CREATE TABLE messages (
    domain_id        text        NOT NULL,
    conversation_id  bigint      NOT NULL,
    seq              bigint      NOT NULL,
    sender           integer     NOT NULL,
    sent_at          timestamptz NOT NULL,
    client_id        text        NOT NULL,
    body             text        NOT NULL,
    PRIMARY KEY (domain_id, conversation_id, seq),
    CONSTRAINT messages_by_client_id UNIQUE (domain_id, sender, client_id)
);
COMMENT ON COLUMN messages.seq IS 'from 1 without gaps; the order for everybody';
COMMENT ON COLUMN messages.sent_at IS 'never goes back within a conversation';
COMMENT ON COLUMN messages.client_id IS 'made by the sender''s client: the same one again is the same message, for ever';

-- Instead of a foreign key: messages are only added by a statement that has just changed their conversation, so the key
-- would prove what is known, at half the price of the message itself (12 us of 24). What it would delete has to go, or a
-- domain that comes back under the same name would find the old one's messages.
CREATE FUNCTION delete_messages_of_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM messages m USING deleted d
    WHERE m.domain_id = d.domain_id AND m.conversation_id = d.conversation_id;
    RETURN NULL;
END
$$;
CREATE TRIGGER messages_go_with_their_conversation AFTER DELETE ON conversations
    REFERENCING OLD TABLE AS deleted
    FOR EACH STATEMENT EXECUTE FUNCTION delete_messages_of_conversations();
