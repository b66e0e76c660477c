CREATE TABLE notification_settings (
    domain_id      text        NOT NULL,
    user_id        integer     NOT NULL,
    email_minutes  smallint    NOT NULL DEFAULT 10 CHECK (email_minutes BETWEEN 0 AND 1440),
    mailed_at      timestamptz,
    claimed_until  timestamptz,
    PRIMARY KEY (domain_id, user_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE notification_settings IS 'No row: as by default, and nothing was mailed yet';
COMMENT ON COLUMN notification_settings.email_minutes IS 'a digest of what was unread for so long; 0: none';
COMMENT ON COLUMN notification_settings.mailed_at IS 'when the last digest went out';
COMMENT ON COLUMN notification_settings.claimed_until IS
    'a gateway is sending a digest: if it has not said by then that it is out, another one sends it again';

ALTER TABLE conversation_members ADD COLUMN mailed_seq bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN conversation_members.mailed_seq IS 'up to which number the member was told by e-mail';
