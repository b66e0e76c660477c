-- Every table but one has domain_id first in its primary key, its other keys and its indexes: domains are walls, and the
-- schema could be distributed by domain as it is. The exception, pbx_sources, is about machines that serve many domains.
-- Texts are never null, empty means not given; null means something of its own, said in a comment.

CREATE TABLE domains (
    domain_id        text        PRIMARY KEY CHECK (domain_id <> '' AND domain_id = lower(domain_id)),
    name             text        NOT NULL DEFAULT '',
    country          text        NOT NULL DEFAULT 'US' CHECK (country ~ '^[A-Z]{2}$'),
    time_zone        text        NOT NULL DEFAULT 'UTC' CHECK (time_zone <> ''),
    ringing_is_busy  boolean     NOT NULL DEFAULT false,
    settings         jsonb       NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(settings) = 'object'),
    last_user_id     integer     NOT NULL DEFAULT 0,
    last_contact_id  bigint      NOT NULL DEFAULT 0,
    directory_rev    bigint      NOT NULL DEFAULT 0,
    created_at       timestamptz NOT NULL DEFAULT now()
);
COMMENT ON COLUMN domains.domain_id IS 'SIP domain name in lower case';
COMMENT ON COLUMN domains.country IS 'ISO 3166-1 alpha-2: how telephone numbers without a country code are read';
COMMENT ON COLUMN domains.ringing_is_busy IS 'a ringing call alone makes its user red';
COMMENT ON COLUMN domains.last_user_id IS 'ids are given out by adding one here, so that none is ever used twice';
COMMENT ON COLUMN domains.directory_rev IS 'grows by one with every change of the directory that coworkers can see';

CREATE TABLE sites (
    domain_id               text    NOT NULL REFERENCES domains ON DELETE CASCADE,
    site                    text    NOT NULL CHECK (site <> ''),
    time_zone               text    NOT NULL DEFAULT '',
    area_code               text    NOT NULL DEFAULT '',
    record_calls            boolean NOT NULL DEFAULT false,
    list_in_directory       boolean NOT NULL DEFAULT true,
    announce_in_directory   boolean NOT NULL DEFAULT true,
    PRIMARY KEY (domain_id, site)
);
COMMENT ON TABLE sites IS 'Places within a domain, with the settings that users with overwrite_with_site_defaults take over';

CREATE TABLE users (
    domain_id                     text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    user_id                       integer     NOT NULL CHECK (user_id > 0),
    extension                     text        NOT NULL CHECK (extension <> ''),
    login_name                    text        NOT NULL CHECK (login_name <> '' AND login_name = lower(login_name)),
    first_name                    text        NOT NULL DEFAULT '',
    last_name                     text        NOT NULL DEFAULT '',
    department                    text        NOT NULL DEFAULT '',
    site                          text,
    job_title                     text        NOT NULL DEFAULT '',
    scope                         smallint    NOT NULL DEFAULT 2 CHECK (scope BETWEEN 0 AND 9),
    time_zone                     text        NOT NULL DEFAULT '',
    caller_id                     text        NOT NULL DEFAULT '',
    emergency_caller_id           text        NOT NULL DEFAULT '',
    area_code                     text        NOT NULL DEFAULT '',
    record_calls                  boolean     NOT NULL DEFAULT false,
    list_in_directory             boolean     NOT NULL DEFAULT true,
    announce_in_directory         boolean     NOT NULL DEFAULT true,
    overwrite_with_site_defaults  boolean     NOT NULL DEFAULT false,
    password_hash                 text,
    pin_hash                      text,
    sso_account                   text        NOT NULL DEFAULT '',
    is_system                     boolean     NOT NULL DEFAULT false,
    disabled                      boolean     NOT NULL DEFAULT false,
    profile_rev                   bigint      NOT NULL DEFAULT 1,
    directory_rev                 bigint      NOT NULL DEFAULT 0,
    created_at                    timestamptz NOT NULL DEFAULT now(),
    deleted_at                    timestamptz,
    PRIMARY KEY (domain_id, user_id),
    FOREIGN KEY (domain_id, site) REFERENCES sites (domain_id, site) ON UPDATE CASCADE
);
CREATE UNIQUE INDEX users_by_extension ON users (domain_id, extension) WHERE deleted_at IS NULL;
CREATE UNIQUE INDEX users_by_login_name ON users (domain_id, login_name) WHERE deleted_at IS NULL;
CREATE INDEX users_by_site ON users (domain_id, site) WHERE site IS NOT NULL;
COMMENT ON COLUMN users.user_id IS 'counted within the domain and never used twice, unlike the extension';
COMMENT ON COLUMN users.login_name IS 'what stands before the @ at login, in lower case';
COMMENT ON COLUMN users.scope IS 'wire.identity.Scope; its order is the rank';
COMMENT ON COLUMN users.time_zone IS 'empty: the domain''s';
COMMENT ON COLUMN users.overwrite_with_site_defaults IS 'time zone, area code, recording and directory options follow the site';
COMMENT ON COLUMN users.password_hash IS 'argon2id; null: none was set, or a reset was forced';
COMMENT ON COLUMN users.pin_hash IS 'argon2id of the voicemail PIN; null: none was set';
COMMENT ON COLUMN users.is_system IS 'a queue, a conference room or the like: an extension without a person behind it';
COMMENT ON COLUMN users.disabled IS 'may not log in; calls and the directory are not concerned';
COMMENT ON COLUMN users.profile_rev IS 'grows by one with every change of the profile; an edit names the one it was made from';
COMMENT ON COLUMN users.directory_rev IS 'domains.directory_rev as of the last change that coworkers can see';

CREATE TABLE user_emails (
    domain_id  text     NOT NULL,
    user_id    integer  NOT NULL,
    position   smallint NOT NULL CHECK (position BETWEEN 1 AND 5),
    email      text     NOT NULL CHECK (email <> ''),
    verified   boolean  NOT NULL DEFAULT false,
    PRIMARY KEY (domain_id, user_id, position),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON COLUMN user_emails.position IS 'the first one is shown to coworkers';

CREATE TABLE sessions (
    domain_id            text        NOT NULL,
    token_hash           bytea       NOT NULL CHECK (length(token_hash) = 32),
    session_id           text        NOT NULL,
    user_id              integer     NOT NULL,
    operator_id          integer,
    kind                 text        NOT NULL CHECK (kind IN ('cookie', 'bearer')),
    user_agent           text        NOT NULL DEFAULT '',
    address              text        NOT NULL DEFAULT '',
    created_at           timestamptz NOT NULL,
    last_used_at         timestamptz NOT NULL,
    expires_at           timestamptz NOT NULL,
    absolute_expires_at  timestamptz NOT NULL,
    PRIMARY KEY (domain_id, token_hash),
    UNIQUE (domain_id, session_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE,
    FOREIGN KEY (domain_id, operator_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX sessions_by_user ON sessions (domain_id, user_id);
CREATE INDEX sessions_by_operator ON sessions (domain_id, operator_id) WHERE operator_id IS NOT NULL;
COMMENT ON COLUMN sessions.token_hash IS 'SHA-256 of the token; the token itself is nowhere on the server';
COMMENT ON COLUMN sessions.session_id IS 'safe to show: knowing it does not log anybody in';
COMMENT ON COLUMN sessions.operator_id IS 'of a mask: the manager at the keyboard; user_id is the person acted for';
COMMENT ON COLUMN sessions.expires_at IS 'moves on while the session is used, up to absolute_expires_at';

CREATE TABLE presence_settings (
    domain_id       text        NOT NULL,
    user_id         integer     NOT NULL,
    dnd             boolean     NOT NULL DEFAULT false,
    dnd_since       timestamptz,
    appear_offline  boolean     NOT NULL DEFAULT false,
    message         text        NOT NULL DEFAULT '' CHECK (length(message) <= 140),
    message_until   timestamptz,
    rev             bigint      NOT NULL DEFAULT 1,
    PRIMARY KEY (domain_id, user_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON TABLE presence_settings IS 'What a user set by hand and what therefore must survive a lost Redis. No row: nothing set';
COMMENT ON COLUMN presence_settings.dnd_since IS 'null: DND is off, or the time is not known';
COMMENT ON COLUMN presence_settings.message_until IS 'null: for ever';

CREATE TABLE contacts (
    domain_id    text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    contact_id   bigint      NOT NULL CHECK (contact_id > 0),
    owner_id     integer,
    first_name   text        NOT NULL DEFAULT '',
    middle_name  text        NOT NULL DEFAULT '',
    last_name    text        NOT NULL DEFAULT '',
    company      text        NOT NULL DEFAULT '',
    department   text        NOT NULL DEFAULT '',
    job_title    text        NOT NULL DEFAULT '',
    numbers      jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(numbers) = 'array'),
    emails       jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(emails) = 'array'),
    addresses    jsonb       NOT NULL DEFAULT '[]' CHECK (jsonb_typeof(addresses) = 'array'),
    tags         text[]      NOT NULL DEFAULT '{}',
    notes        text        NOT NULL DEFAULT '',
    search       text        NOT NULL DEFAULT '',
    rev          bigint      NOT NULL DEFAULT 1,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    deleted_at   timestamptz,
    PRIMARY KEY (domain_id, contact_id),
    FOREIGN KEY (domain_id, owner_id) REFERENCES users ON DELETE CASCADE
);
CREATE INDEX contacts_by_owner ON contacts (domain_id, owner_id, contact_id) WHERE deleted_at IS NULL;
COMMENT ON COLUMN contacts.owner_id IS 'whose personal contact this is; null: shared by the whole domain';
COMMENT ON COLUMN contacts.numbers IS '[{"label", "number"}] in the order to show';
COMMENT ON COLUMN contacts.emails IS '[{"label", "email"}] in the order to show';
COMMENT ON COLUMN contacts.addresses IS '[{"label", "street", "city", "region", "postal_code", "country"}]';
COMMENT ON COLUMN contacts.search IS 'everything that a search looks at, without accents and case (contacts/searching.py)';
COMMENT ON COLUMN contacts.deleted_at IS 'deleted, and may still be brought back';

CREATE TABLE favourites (
    domain_id   text        NOT NULL,
    user_id     integer     NOT NULL,
    kind        text        NOT NULL CHECK (kind IN ('user', 'contact')),
    target_id   bigint      NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (domain_id, user_id, kind, target_id),
    FOREIGN KEY (domain_id, user_id) REFERENCES users ON DELETE CASCADE
);
COMMENT ON COLUMN favourites.target_id IS 'users.user_id or contacts.contact_id, as kind says';

CREATE TABLE audit (
    domain_id    text        NOT NULL REFERENCES domains ON DELETE CASCADE,
    audit_id     bigint      NOT NULL GENERATED ALWAYS AS IDENTITY,
    at           timestamptz NOT NULL DEFAULT now(),
    user_id      integer,
    operator_id  integer,
    action       text        NOT NULL CHECK (action <> ''),
    target       text        NOT NULL DEFAULT '',
    address      text        NOT NULL DEFAULT '',
    before       jsonb,
    after        jsonb,
    PRIMARY KEY (domain_id, audit_id)
);
CREATE INDEX audit_by_user ON audit (domain_id, user_id, audit_id);
COMMENT ON TABLE audit IS 'Who did what to whom, for ever: rows are added, never changed. Never holds a secret or its hash';
COMMENT ON COLUMN audit.user_id IS 'in whose name; null: the system itself';
COMMENT ON COLUMN audit.operator_id IS 'the manager at the keyboard, if the user was masked';
COMMENT ON COLUMN audit.target IS 'kind:id, for example user:12 or contact:7';
COMMENT ON COLUMN audit.before IS 'only the fields that changed';

CREATE TABLE pbx_sources (
    source_id            text        PRIMARY KEY CHECK (source_id <> ''),
    name                 text        NOT NULL DEFAULT '',
    token_hash           bytea       NOT NULL CHECK (length(token_hash) = 32),
    previous_token_hash  bytea       CHECK (length(previous_token_hash) = 32),
    enabled              boolean     NOT NULL DEFAULT true,
    created_at           timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE pbx_sources IS 'Telephone switches that may tell us about devices and calls';
COMMENT ON COLUMN pbx_sources.token_hash IS 'SHA-256 of the bearer token';
COMMENT ON COLUMN pbx_sources.previous_token_hash IS 'still taken while a token is being exchanged; null: none';

CREATE TABLE pbx_source_domains (
    domain_id  text NOT NULL REFERENCES domains ON DELETE CASCADE,
    source_id  text NOT NULL REFERENCES pbx_sources ON DELETE CASCADE,
    PRIMARY KEY (domain_id, source_id)
);
CREATE INDEX pbx_source_domains_by_source ON pbx_source_domains (source_id, domain_id);
COMMENT ON TABLE pbx_source_domains IS 'Which switch may speak for which domain; nothing else of what it says is believed';
