-- Some languages have letters of their own in their alphabet, where others have letters with accents: Åberg stands under A
-- in a German list, and at its end in a Swedish one. Names are kept in the order that has no such letters (sort_name). For
-- each order that has some, only the names that it moves are in an index of their own: a list is both, merged.
--
-- Core PostgreSQL need not know ICU. What is moved is written as the letter before it and one that stands behind all
-- letters; U+E001 to U+E003 mean nothing else.

CREATE FUNCTION is_moved(ordering text, given text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    given ~ CASE ordering
        WHEN 'sv' THEN '[åäöæøÅÄÖÆØ]'
        WHEN 'da' THEN '[æäøöåÆÄØÖÅ]|[Aa][Aa]'
        WHEN 'es' THEN '[ñÑ]'
        WHEN 'pl' THEN '[ąćęłńóśźżĄĆĘŁŃÓŚŹŻ]'
        WHEN 'cs' THEN '[čřšžČŘŠŽ]|[Cc][Hh]'
        WHEN 'hr' THEN '[čćđšžČĆĐŠŽ]'
        WHEN 'hu' THEN '[öőüűÖŐÜŰ]|[Cc][Ss]|[GgLlNnTt][Yy]|[Ss][Zz]|[Zz][Ss]'
        WHEN 'tr' THEN '[çğıöşüÇĞİÖŞÜI]'
        ELSE '^$'
    END;
COMMENT ON FUNCTION is_moved IS 'whether a name stands elsewhere in an order (contacts/ordering.py) than in sort_name';

CREATE FUNCTION sort_text_in(ordering text, given text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    sort_text(CASE ordering
        WHEN 'sv' THEN translate(lower(given), 'åäæöø', U&'\E001\E002\E002\E003\E003')
        WHEN 'da' THEN translate(replace(lower(given), 'aa', 'å'), 'æäøöå', U&'\E001\E001\E002\E002\E003')
        WHEN 'es' THEN replace(lower(given), 'ñ', U&'n\E001')
        WHEN 'pl' THEN
            replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(given),
                'ą', U&'a\E001'), 'ć', U&'c\E001'), 'ę', U&'e\E001'), 'ł', U&'l\E001'), 'ń', U&'n\E001'),
                'ó', U&'o\E001'), 'ś', U&'s\E001'), 'ź', U&'z\E001'), 'ż', U&'z\E002')
        WHEN 'cs' THEN
            replace(replace(replace(replace(replace(lower(given),
                'č', U&'c\E001'), 'ř', U&'r\E001'), 'š', U&'s\E001'), 'ž', U&'z\E001'), 'ch', U&'h\E001')
        WHEN 'hr' THEN
            replace(replace(replace(replace(replace(lower(given),
                'č', U&'c\E001'), 'ć', U&'c\E002'), 'đ', U&'d\E001'), 'š', U&'s\E001'), 'ž', U&'z\E001')
        WHEN 'hu' THEN
            replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(replace(lower(given),
                'cs', U&'c\E001'), 'gy', U&'g\E001'), 'ly', U&'l\E001'), 'ny', U&'n\E001'), 'sz', U&'s\E001'),
                'ty', U&'t\E001'), 'zs', U&'z\E001'), 'ö', U&'o\E001'), 'ő', U&'o\E001'), 'ü', U&'u\E001'), 'ű', U&'u\E001')
        WHEN 'tr' THEN
            replace(replace(replace(replace(replace(replace(lower(translate(given, U&'I\0130', 'ıi')),
                'ç', U&'c\E001'), 'ğ', U&'g\E001'), 'ı', U&'h\E001'), 'ö', U&'o\E001'), 'ş', U&'s\E001'), 'ü', U&'u\E001')
        ELSE given
    END);
COMMENT ON FUNCTION sort_text_in IS 'as sort_text, with the letters that an order has of its own in their places';

CREATE FUNCTION contact_name(first_name text, middle_name text, last_name text, company text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN
    CASE WHEN first_name || middle_name || last_name = '' THEN company
        ELSE first_name || ' ' || middle_name || ' ' || last_name END;

CREATE INDEX contacts_by_name_sv ON contacts (
    domain_id, book_id, (sort_text_in('sv', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('sv', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_sv ON users (domain_id, (sort_text_in('sv', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('sv', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_da ON contacts (
    domain_id, book_id, (sort_text_in('da', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('da', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_da ON users (domain_id, (sort_text_in('da', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('da', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_es ON contacts (
    domain_id, book_id, (sort_text_in('es', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('es', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_es ON users (domain_id, (sort_text_in('es', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('es', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_pl ON contacts (
    domain_id, book_id, (sort_text_in('pl', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('pl', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_pl ON users (domain_id, (sort_text_in('pl', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('pl', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_cs ON contacts (
    domain_id, book_id, (sort_text_in('cs', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('cs', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_cs ON users (domain_id, (sort_text_in('cs', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('cs', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_hr ON contacts (
    domain_id, book_id, (sort_text_in('hr', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('hr', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_hr ON users (domain_id, (sort_text_in('hr', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('hr', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_hu ON contacts (
    domain_id, book_id, (sort_text_in('hu', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('hu', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_hu ON users (domain_id, (sort_text_in('hu', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('hu', first_name || ' ' || last_name);
CREATE INDEX contacts_by_name_tr ON contacts (
    domain_id, book_id, (sort_text_in('tr', contact_name(first_name, middle_name, last_name, company)) COLLATE "C"), contact_id
) WHERE deleted_at IS NULL AND is_moved('tr', contact_name(first_name, middle_name, last_name, company));
CREATE INDEX users_by_name_tr ON users (domain_id, (sort_text_in('tr', first_name || ' ' || last_name) COLLATE "C"), user_id)
WHERE deleted_at IS NULL AND NOT is_system AND is_moved('tr', first_name || ' ' || last_name);
