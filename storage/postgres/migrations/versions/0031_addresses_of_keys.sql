ALTER TABLE hand_over_issuers
    ADD COLUMN keys_url text NOT NULL DEFAULT '',
    ADD COLUMN keys_read_at timestamptz;
COMMENT ON COLUMN hand_over_issuers.keys_url IS 'where its keys are read, again and again; empty: they were given once';
COMMENT ON COLUMN hand_over_issuers.keys_read_at IS 'when keys came from the address last; they stay while it does not answer';
