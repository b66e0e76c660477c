ALTER TABLE users ADD COLUMN photo_rev bigint NOT NULL DEFAULT 0;
COMMENT ON COLUMN users.photo_rev IS 'names the photo in its address: profile_rev as of its change. 0: there is none';

CREATE TABLE user_photos (
    domain_id  text    NOT NULL,
    user_id    integer NOT NULL,
    picture    bytea   NOT NULL CHECK (length(picture) <= 262144),
    PRIMARY KEY (domain_id, user_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON COLUMN user_photos.picture IS 'a small WebP of our own making, never the bytes that somebody sent';
