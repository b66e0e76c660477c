ALTER TABLE domains ADD COLUMN language text NOT NULL DEFAULT '';
COMMENT ON COLUMN domains.language IS 'in which users are written to of whom no language is known. Empty: English';
