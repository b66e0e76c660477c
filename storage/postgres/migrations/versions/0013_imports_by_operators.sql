ALTER TABLE contact_imports ALTER COLUMN user_id DROP NOT NULL;
COMMENT ON COLUMN contact_imports.user_id IS 'whose import it is; null: an operator''s, from the command line';
