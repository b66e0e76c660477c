ALTER TABLE webhooks ADD COLUMN timeline text NOT NULL DEFAULT '';
COMMENT ON COLUMN webhooks.timeline IS 'of the database in which directory_rev counts. Empty: not known';
