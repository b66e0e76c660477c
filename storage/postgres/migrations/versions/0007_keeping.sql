ALTER TABLE domains ADD COLUMN retention_days integer CHECK (retention_days BETWEEN 1 AND 36500);
COMMENT ON COLUMN domains.retention_days IS 'messages are deleted when they are older; null: kept for ever';
