-- An import lives here from the upload of its file until some weeks after it was applied, so that any gateway can show
-- it, apply it and take it back.

CREATE TABLE contact_imports (
    domain_id         text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    import_id         text        NOT NULL CHECK (import_id <> ''),
    book_id           integer     NOT NULL,
    user_id           integer     NOT NULL,
    operator_id       integer,
    name              text        NOT NULL DEFAULT '',
    status            text        NOT NULL,
    progress          real        NOT NULL DEFAULT 0,
    counts            jsonb       NOT NULL DEFAULT '{}',
    format            text        NOT NULL DEFAULT '',
    encoding          text        NOT NULL DEFAULT '',
    encoding_is_sure  boolean     NOT NULL DEFAULT true,
    delimiter         text        NOT NULL DEFAULT '',
    size              bigint      NOT NULL DEFAULT 0,
    problem           text        NOT NULL DEFAULT '',
    reading           integer     NOT NULL DEFAULT 0,
    created_at        timestamptz NOT NULL,
    changed_at        timestamptz NOT NULL,
    read_at           timestamptz,
    applied_at        timestamptz,
    PRIMARY KEY (domain_id, import_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX contact_imports_by_user ON contact_imports (domain_id, user_id, created_at);
COMMENT ON COLUMN contact_imports.status IS 'wire.imports.ImportStatus';
COMMENT ON COLUMN contact_imports.reading IS 'counts how often the file was read: a reading that was overtaken by another ends';
COMMENT ON COLUMN contact_imports.read_at IS 'when the last reading began: what others add after it was not compared with';
COMMENT ON COLUMN contact_imports.changed_at IS 'moves on while work is under way: who stopped long ago has died';

CREATE TABLE contact_import_parts (
    domain_id  text    NOT NULL,
    import_id  text    NOT NULL,
    part       integer NOT NULL,
    bytes      bytea   NOT NULL,
    PRIMARY KEY (domain_id, import_id, part),
    FOREIGN KEY (domain_id, import_id) REFERENCES contact_imports ON DELETE CASCADE
);
COMMENT ON TABLE contact_import_parts IS 'The file, until the import is applied: it may have to be read again in another encoding';

CREATE TABLE contact_import_rows (
    domain_id    text    NOT NULL,
    import_id    text    NOT NULL,
    row          integer NOT NULL,
    line         integer NOT NULL,
    outcome      text    NOT NULL,
    target_id    bigint  NOT NULL DEFAULT 0,
    target_rev   bigint  NOT NULL DEFAULT 0,
    same_as_row  integer NOT NULL DEFAULT 0,
    contact      jsonb,
    changes      jsonb   NOT NULL DEFAULT '[]',
    problems     jsonb   NOT NULL DEFAULT '[]',
    before       jsonb,
    done_rev     bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (domain_id, import_id, row),
    FOREIGN KEY (domain_id, import_id) REFERENCES contact_imports ON DELETE CASCADE
);
CREATE INDEX contact_import_rows_by_outcome ON contact_import_rows (domain_id, import_id, outcome, row);
COMMENT ON COLUMN contact_import_rows.target_id IS 'the contact that is updated or was made; of a duplicate the one that it repeats';
COMMENT ON COLUMN contact_import_rows.before IS 'of an update that was applied: the contact as it was, to take it back';
COMMENT ON COLUMN contact_import_rows.done_rev IS 'the revision that the contact got by being imported; 0: not imported';
