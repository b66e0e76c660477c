-- A book is what has one owner: 0 is the domain's shared contacts, any other number a user's own contacts, favourites
-- and overlays. Each change in a book takes its next revision while the book's row is locked, so revisions become
-- visible in their order: whoever has seen one has seen all before it.

CREATE TABLE contact_books (
    domain_id      text    NOT NULL REFERENCES domains ON DELETE CASCADE,
    book_id        integer NOT NULL CHECK (book_id >= 0),
    rev            bigint  NOT NULL DEFAULT 0,
    contacts       integer NOT NULL DEFAULT 0,
    forgotten_rev  bigint  NOT NULL DEFAULT 0,
    PRIMARY KEY (domain_id, book_id)
);
COMMENT ON COLUMN contact_books.book_id IS '0: shared by the domain; else users.user_id of the owner';
COMMENT ON COLUMN contact_books.rev IS 'grows by one with every change in the book';
COMMENT ON COLUMN contact_books.contacts IS 'how many there are that are not deleted';
COMMENT ON COLUMN contact_books.forgotten_rev IS 'deletions up to this revision were emptied from the trash: no longer told';

-- Folding and splitting are functions, so that users, whose names other parts write, and contacts are searched alike.
-- contacts/searching.py folds what is searched for; a test holds the two together.

CREATE FUNCTION fold_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    normalize(
        translate(
            replace(replace(replace(replace(
                regexp_replace(
                    lower(normalize(translate(given, U&'\0130', 'i'), NFKD)),
                    U&'[\0300-\036F\0483-\0487\0591-\05BD\05BF\05C1\05C2\05C4\05C5\05C7\0610-\061A\064B-\065F\0670'
                    '\06D6-\06DC\06DF-\06E4\06E7\06E8\06EA-\06ED\0711\093C\094D\09BC\09CD\0A3C\0A4D\0ABC\0ACD\0B4D'
                    '\0BCD\0C4D\0CCD\0D4D\0DCA\0E38-\0E3A\0E48-\0E4B\0EB8-\0EBA\0EC8-\0ECB\1DC0-\1DFF\20D0-\20DC'
                    '\3099\309A\FE20-\FE2F]', '', 'g'),
                U&'\00DF', 'ss'), U&'\00FE', 'th'), U&'\00E6', 'ae'), U&'\0153', 'oe'),
            U&'\00F8\0142\0111\00F0\0131\0127\03C2', U&'olddih\03C3'),
        NFC);
COMMENT ON FUNCTION fold_text IS 'without case and accents';

CREATE FUNCTION sort_text(given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    regexp_replace(
        regexp_replace(btrim(fold_text(given)), '([0-9]+)', '00000000000000\1', 'g'), '[0-9]*([0-9]{15})', '\1', 'g');
COMMENT ON FUNCTION sort_text IS 'sorts as people expect: folded, and 9 before 10';

CREATE FUNCTION search_words(prefix text, folded text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN (
    SELECT array_to_tsvector(coalesce(array_agg(DISTINCT prefix || word), '{}'))
    FROM (
        SELECT left(part, 64) AS word FROM regexp_split_to_table(folded, '[[:space:]!-/:-@[-`{-~]+') part
        UNION ALL
        SELECT substr(part, start, 64) FROM regexp_split_to_table(folded, '[[:space:]!-/:-@[-`{-~]+') part,
            generate_series(2, least(length(part), 20) - 1) start
        WHERE part ~ '^[0-9]{3,}$'
    ) words
    WHERE word <> ''
);
COMMENT ON FUNCTION search_words IS
    'each word behind the prefix, so that the index keeps domains and owners apart; of numbers also every end, since '
    'people remember the last digits';

-- ------------------------------------------------------------ contacts

ALTER TABLE contacts
    ADD COLUMN book_id    integer NOT NULL GENERATED ALWAYS AS (coalesce(owner_id, 0)) STORED,
    ADD COLUMN changed_by integer NOT NULL DEFAULT 0;
COMMENT ON COLUMN contacts.changed_by IS 'users.user_id of the person at the keyboard; 0: not known';
COMMENT ON COLUMN contacts.rev IS 'contact_books.rev as of the last change';
COMMENT ON COLUMN contacts.numbers IS '[{"label", "number", "e164"}] in the order to show';

UPDATE contacts SET rev = numbered.rev
FROM (
    SELECT domain_id, contact_id, row_number() OVER (PARTITION BY domain_id, book_id ORDER BY contact_id) AS rev
    FROM contacts
) numbered
WHERE contacts.domain_id = numbered.domain_id AND contacts.contact_id = numbered.contact_id;

INSERT INTO contact_books (domain_id, book_id, rev, contacts)
SELECT domain_id, book_id, max(rev), count(*) FILTER (WHERE deleted_at IS NULL) FROM contacts GROUP BY domain_id, book_id;

ALTER TABLE contacts
    ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (
        sort_text(CASE WHEN first_name || middle_name || last_name = '' THEN company
            ELSE first_name || ' ' || middle_name || ' ' || last_name END)
    ) STORED,
    ADD COLUMN sort_department text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(department)) STORED,
    ADD COLUMN sort_email text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(coalesce(emails -> 0 ->> 'email', ''))) STORED,
    ADD COLUMN match_name text NOT NULL GENERATED ALWAYS AS (
        btrim(fold_text(first_name || ' ' || last_name || CASE WHEN first_name || last_name = '' THEN company ELSE '' END))
    ) STORED,
    ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS (
        search_words(domain_id || '/' || coalesce(owner_id, 0) || '/', search)
    ) STORED;

DROP INDEX contacts_by_owner;
CREATE INDEX contacts_by_book ON contacts (domain_id, book_id, contact_id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_name ON contacts (domain_id, book_id, sort_name, contact_id) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_match_name ON contacts (domain_id, book_id, match_name) WHERE deleted_at IS NULL;
CREATE INDEX contacts_by_rev ON contacts (domain_id, book_id, rev);
CREATE INDEX contacts_in_trash ON contacts (domain_id, book_id, deleted_at, contact_id) WHERE deleted_at IS NOT NULL;
-- The domain is in each word (see search_words).
CREATE INDEX contacts_by_word ON contacts USING gin (words) WITH (fastupdate = off) WHERE deleted_at IS NULL;

-- ------------------------------------------------------------ favourites and overlays

ALTER TABLE favourites
    ADD COLUMN rev   bigint  NOT NULL DEFAULT 0,
    ADD COLUMN gone  boolean NOT NULL DEFAULT false;
CREATE INDEX favourites_by_rev ON favourites (domain_id, user_id, rev);
COMMENT ON COLUMN favourites.gone IS 'taken off; kept for a while, so that clients that were away hear of it';

CREATE TABLE contact_overlays (
    domain_id    text    NOT NULL,
    user_id      integer NOT NULL,
    coworker_id  integer NOT NULL,
    first_name   text    NOT NULL DEFAULT '',
    last_name    text    NOT NULL DEFAULT '',
    numbers      jsonb   NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(numbers) = 'array'),
    emails       jsonb   NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(emails) = 'array'),
    notes        text    NOT NULL DEFAULT '',
    search       text    NOT NULL DEFAULT '',
    rev          bigint  NOT NULL,
    gone         boolean NOT NULL DEFAULT false,
    changed_at   timestamptz NOT NULL DEFAULT now(),
    words        tsvector NOT NULL GENERATED ALWAYS AS (search_words(domain_id || '/o' || user_id || '/', search)) STORED,
    PRIMARY KEY (domain_id, user_id, coworker_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (domain_id, coworker_id) REFERENCES users (domain_id, user_id) ON DELETE CASCADE
);
CREATE INDEX contact_overlays_by_rev ON contact_overlays (domain_id, user_id, rev);
CREATE INDEX contact_overlays_by_word ON contact_overlays USING gin (words) WITH (fastupdate = off) WHERE NOT gone;
COMMENT ON TABLE contact_overlays IS 'What a user wrote down about a coworker, seen by nobody else';

-- ------------------------------------------------------------ users

ALTER TABLE users ADD COLUMN main_email text NOT NULL DEFAULT '';
COMMENT ON COLUMN users.main_email IS 'the first of user_emails, kept here by a trigger for sorting and searching';

UPDATE users SET main_email = e.email FROM user_emails e
WHERE e.domain_id = users.domain_id AND e.user_id = users.user_id AND e.position = 1;

CREATE FUNCTION keep_main_email() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        UPDATE users SET main_email = '' WHERE domain_id = OLD.domain_id AND user_id = OLD.user_id AND main_email <> '';
        RETURN OLD;
    END IF;
    UPDATE users SET main_email = NEW.email
    WHERE domain_id = NEW.domain_id AND user_id = NEW.user_id AND main_email <> NEW.email;
    RETURN NEW;
END $$;
CREATE TRIGGER main_email_changed AFTER INSERT OR UPDATE ON user_emails
    FOR EACH ROW WHEN (NEW.position = 1) EXECUTE FUNCTION keep_main_email();
CREATE TRIGGER main_email_removed AFTER DELETE ON user_emails
    FOR EACH ROW WHEN (OLD.position = 1) EXECUTE FUNCTION keep_main_email();

ALTER TABLE users
    ADD COLUMN sort_name text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(first_name || ' ' || last_name)) STORED,
    ADD COLUMN sort_department text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(department)) STORED,
    ADD COLUMN sort_extension text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(extension)) STORED,
    ADD COLUMN sort_email text COLLATE "C" NOT NULL GENERATED ALWAYS AS (sort_text(main_email)) STORED,
    ADD COLUMN words tsvector NOT NULL GENERATED ALWAYS AS (
        search_words(
            domain_id || '/u/',
            fold_text(first_name || ' ' || last_name || ' ' || extension || ' ' || department || ' '
                || coalesce(site, '') || ' ' || job_title || ' ' || main_email)
        )
    ) STORED;
CREATE INDEX users_by_name ON users (domain_id, sort_name, user_id) WHERE deleted_at IS NULL AND NOT is_system;
CREATE INDEX users_by_word ON users USING gin (words) WITH (fastupdate = off) WHERE deleted_at IS NULL AND NOT is_system;
