ALTER TABLE users ADD COLUMN language text NOT NULL DEFAULT '';
COMMENT ON COLUMN users.language IS 'in which mails and push messages are written. Empty: not known yet';
