ALTER TABLE password_links ADD COLUMN sets_pin boolean NOT NULL DEFAULT false;
COMMENT ON COLUMN password_links.sets_pin IS 'of a welcome mail: sets the voicemail PIN along with the password';
