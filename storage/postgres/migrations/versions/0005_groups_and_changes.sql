-- Groups, changes of messages, mute, and words to search for. A message still costs one new row and one changed one: the
-- new columns of messages are empty when it is sent, and its words are indexed later, in a table of their own.

ALTER TABLE conversations
    ADD COLUMN history      text   NOT NULL DEFAULT 'all',
    ADD COLUMN group_seq    bigint NOT NULL DEFAULT 0,
    ADD COLUMN last_rev     bigint NOT NULL DEFAULT 0,
    ADD COLUMN indexed_seq  bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN conversations.history IS 'groups: what those see who join; all, or joined: what comes from then on';
COMMENT ON COLUMN conversations.group_seq IS 'groups: number of the last line; name, members and roles are as of it';
COMMENT ON COLUMN conversations.last_rev IS 'how many changes of messages there were';
COMMENT ON COLUMN conversations.indexed_seq IS 'up to which number message_words has the messages';

ALTER TABLE conversation_members
    ADD COLUMN role      text    NOT NULL DEFAULT 'member',
    ADD COLUMN muted     boolean NOT NULL DEFAULT false,
    ADD COLUMN mute_rev  integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN conversation_members.role IS 'groups: creator, manager or member';
COMMENT ON COLUMN conversation_members.mute_rev IS 'how often muted was changed';

ALTER TABLE messages
    ADD COLUMN rev         bigint NOT NULL DEFAULT 0,
    ADD COLUMN edited_at   timestamptz,
    ADD COLUMN deleted_at  timestamptz,
    ADD COLUMN details     jsonb;
COMMENT ON COLUMN messages.rev IS
    'which change of the conversation''s messages was the last one of this; 0: it is as it was sent';
COMMENT ON COLUMN messages.deleted_at IS 'the body is empty then';
COMMENT ON COLUMN messages.details IS 'what few messages have (chat/model.py: Details); null: nothing';
-- Messages that never change, which are nearly all, are not in it.
CREATE UNIQUE INDEX messages_by_rev ON messages (domain_id, conversation_id, rev) WHERE rev > 0;

CREATE TABLE message_words (
    domain_id        text        NOT NULL,
    conversation_id  bigint      NOT NULL,
    seq              bigint      NOT NULL,
    sender           integer     NOT NULL,
    sent_at          timestamptz NOT NULL,
    words            tsvector    NOT NULL,
    PRIMARY KEY (domain_id, conversation_id, seq)
);
CREATE INDEX message_words_by_word ON message_words USING gin (words);
COMMENT ON COLUMN message_words.words IS
    'folded words with a prefix that names the conversation, so that a search only ever touches entries of the '
    'conversations that it may see, however common a word is elsewhere';

CREATE OR REPLACE FUNCTION delete_messages_of_conversations() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM messages m USING deleted d
    WHERE m.domain_id = d.domain_id AND m.conversation_id = d.conversation_id;
    DELETE FROM message_words w USING deleted d
    WHERE w.domain_id = d.domain_id AND w.conversation_id = d.conversation_id;
    RETURN NULL;
END
$$;
