-- What the files of a domain take, counted as they come and go, whatever takes them away.

ALTER TABLE domains ADD COLUMN file_quota bigint CHECK (file_quota >= 0);
COMMENT ON COLUMN domains.file_quota IS
    'bytes that files of conversations may take; 0: as many as there is room for; null: the default of the service';

-- Without a key to domains: rows of a domain that is deleted are still counted down while it goes.
CREATE TABLE file_usage (
    domain_id  text    NOT NULL PRIMARY KEY,
    bytes      bigint  NOT NULL
);
COMMENT ON COLUMN file_usage.bytes IS
    'of all rows of files, those included that are still arriving and say how large they will be. Previews do not count';

CREATE FUNCTION count_file_bytes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In the order of the domains, so that no two wait for each other in a circle.
    IF TG_OP = 'INSERT' THEN
        INSERT INTO file_usage AS u (domain_id, bytes)
        SELECT a.domain_id, sum(a.size) FROM added a GROUP BY 1 HAVING sum(a.size) <> 0 ORDER BY 1
        ON CONFLICT (domain_id) DO UPDATE SET bytes = u.bytes + EXCLUDED.bytes;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO file_usage AS u (domain_id, bytes)
        SELECT r.domain_id, -sum(r.size) FROM removed r GROUP BY 1 HAVING sum(r.size) <> 0 ORDER BY 1
        ON CONFLICT (domain_id) DO UPDATE SET bytes = u.bytes + EXCLUDED.bytes;
    ELSE
        INSERT INTO file_usage AS u (domain_id, bytes)
        SELECT b.domain_id, sum(b.size) FROM (
            SELECT domain_id, size FROM added UNION ALL SELECT domain_id, -size FROM removed
        ) b GROUP BY 1 HAVING sum(b.size) <> 0 ORDER BY 1
        ON CONFLICT (domain_id) DO UPDATE SET bytes = u.bytes + EXCLUDED.bytes;
    END IF;
    RETURN NULL;
END
$$;
CREATE TRIGGER files_count_when_added AFTER INSERT ON files
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_file_bytes();
CREATE TRIGGER files_count_when_changed AFTER UPDATE ON files
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION count_file_bytes();
CREATE TRIGGER files_count_when_removed AFTER DELETE ON files
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION count_file_bytes();

INSERT INTO file_usage (domain_id, bytes) SELECT domain_id, sum(size) FROM files GROUP BY 1;
