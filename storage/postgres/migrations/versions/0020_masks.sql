ALTER TABLE sessions
    ADD COLUMN operator_session text,
    ADD FOREIGN KEY (domain_id, operator_session) REFERENCES sessions (domain_id, session_id) ON DELETE CASCADE;
CREATE INDEX sessions_by_operator_session ON sessions (domain_id, operator_session) WHERE operator_session IS NOT NULL;
COMMENT ON COLUMN sessions.operator_session IS 'of a mask: the login of the manager, with which it ends';
