-- What lies in the object store (storage/objects.py) under a file's id is listed here, from before its first byte comes
-- until after its last one is gone: nothing can be left there that no row knows of.

CREATE TABLE files (
    domain_id        text        NOT NULL,
    file_id          text        NOT NULL,
    conversation_id  bigint      NOT NULL,
    uploader         integer     NOT NULL,
    seq              bigint,
    name             text        NOT NULL,
    media_type       text        NOT NULL DEFAULT '',
    size             bigint      NOT NULL DEFAULT 0,
    width            integer     NOT NULL DEFAULT 0,
    height           integer     NOT NULL DEFAULT 0,
    ready            boolean     NOT NULL DEFAULT false,
    created_at       timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, file_id),
    FOREIGN KEY (domain_id, conversation_id) REFERENCES conversations ON DELETE CASCADE
);
CREATE INDEX files_by_message ON files (domain_id, conversation_id, seq);
CREATE INDEX files_by_uploader ON files (domain_id, uploader, created_at);
CREATE INDEX files_unsent ON files (domain_id, created_at) WHERE seq IS NULL;
COMMENT ON COLUMN files.seq IS 'the message that it was sent with; null: not sent yet';
COMMENT ON COLUMN files.width IS 'of a picture with previews, as it is to be shown; 0: it has none';
COMMENT ON COLUMN files.ready IS 'false: its bytes are still arriving, or never did';

CREATE TABLE gone_files (
    domain_id  text        NOT NULL,
    file_id    text        NOT NULL,
    gone_at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, file_id)
);
COMMENT ON TABLE gone_files IS 'Files without a row any more, whose bytes are still to be deleted';

CREATE FUNCTION remember_gone_files() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO gone_files (domain_id, file_id) SELECT d.domain_id, d.file_id FROM deleted d ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;
CREATE TRIGGER files_leave_their_names AFTER DELETE ON files
    REFERENCING OLD TABLE AS deleted
    FOR EACH STATEMENT EXECUTE FUNCTION remember_gone_files();

ALTER TABLE messages ADD COLUMN files jsonb;
COMMENT ON COLUMN messages.files IS
    'wire.records.File of each, as told with the message; null: none. Set to null, or deleted, takes the files with it';

CREATE FUNCTION delete_files_of_message() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM files f
    WHERE f.domain_id = OLD.domain_id AND f.conversation_id = OLD.conversation_id AND f.seq = OLD.seq;
    RETURN NULL;
END
$$;
CREATE TRIGGER files_go_with_their_message AFTER DELETE ON messages
    FOR EACH ROW WHEN (OLD.files IS NOT NULL) EXECUTE FUNCTION delete_files_of_message();
CREATE TRIGGER files_go_when_taken_away AFTER UPDATE OF files ON messages
    FOR EACH ROW WHEN (OLD.files IS NOT NULL AND NEW.files IS NULL) EXECUTE FUNCTION delete_files_of_message();
