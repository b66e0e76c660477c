"""How domains, sites, users, contacts and switches come into being: for the command line, the demo company and tests.

Plain functions on a connection inside a transaction, so that whoever sets up a domain sets it up whole or not at all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from msgspec import Struct

from contacts.editing import cleaned
from contacts.model import SHARED_BOOK, BookId, Doing
from storage.postgres.contact_book import open_book_in_tx
from storage.postgres.contact_changes import add_in_tx
from storage.postgres.pool import Connection
from wire.contacts import ContactFields
from wire.errors import NotFound
from wire.identity import DomainId, Extension, Scope, SourceId, UserId
from wire.limits import LIMITS

_ADD_DOMAIN = """
INSERT INTO domains (domain_id, name, country, time_zone, ringing_is_busy) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (domain_id) DO NOTHING RETURNING domain_id
"""

_ADD_SITE = "INSERT INTO sites (domain_id, site, time_zone, area_code) VALUES ($1, $2, $3, $4)"

_NEXT_USER = """
UPDATE domains SET last_user_id = last_user_id + 1, directory_rev = directory_rev + 1 WHERE domain_id = $1
RETURNING last_user_id, directory_rev
"""

_ADD_USER = """
INSERT INTO users (
    domain_id, user_id, directory_rev, extension, login_name, first_name, last_name, department, site, job_title,
    scope, time_zone, caller_id, emergency_caller_id, area_code, record_calls, list_in_directory,
    announce_in_directory, overwrite_with_site_defaults, password_hash, pin_hash, is_system, disabled
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23
)
"""

_ADD_EMAILS = """
INSERT INTO user_emails (domain_id, user_id, position, email, verified)
SELECT $1, $2, given.position, given.email, true FROM unnest($3::text[]) WITH ORDINALITY AS given (email, position)
"""

_NEXT_CONTACT = """
UPDATE domains SET last_contact_id = last_contact_id + 1 WHERE domain_id = $1 RETURNING last_contact_id
"""

_COUNTRY = "SELECT country FROM domains WHERE domain_id = $1"

_ADD_FAVOURITE = """
INSERT INTO favourites (domain_id, user_id, kind, target_id, rev) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING
"""

_SET_PRESENCE = """
INSERT INTO presence_settings (domain_id, user_id, dnd, dnd_since, message)
VALUES ($1, $2, $3, CASE WHEN $3 THEN now() END, $4)
"""

_ADD_SOURCE = """
INSERT INTO pbx_sources (source_id, name, token_hash) VALUES ($1, $2, $3)
ON CONFLICT (source_id) DO UPDATE SET name = $2, token_hash = $3, previous_token_hash = NULL, enabled = true
"""

_LET_SPEAK_FOR = "INSERT INTO pbx_source_domains (domain_id, source_id) VALUES ($1, $2) ON CONFLICT DO NOTHING"


class NewUser(Struct, frozen=True, kw_only=True):
    """Hashes are argon2id (`accounts.passwords.Passwords.hash`). `login_name` empty: the extension."""

    extension: str
    login_name: str = ""
    first_name: str = ""
    last_name: str = ""
    department: str = ""
    site: str | None = None
    job_title: str = ""
    scope: Scope = Scope.BASIC_USER
    time_zone: str = ""
    caller_id: str = ""
    emergency_caller_id: str = ""
    area_code: str = ""
    emails: tuple[str, ...] = ()
    record_calls: bool = False
    list_in_directory: bool = True
    announce_in_directory: bool = True
    overwrite_with_site_defaults: bool = False
    password_hash: str | None = None
    pin_hash: str | None = None
    is_system: bool = False
    disabled: bool = False


async def add_domain_in_tx(
    conn: Connection,
    domain: DomainId,
    *,
    name: str = "",
    country: str = "US",
    time_zone: str = "UTC",
    ringing_is_busy: bool = False,
) -> bool:
    """False, and nothing is changed, if it exists. Of several processes that add it at once, one gets True."""
    return await conn.fetchval(_ADD_DOMAIN, domain, name, country, time_zone, ringing_is_busy) is not None


async def add_site_in_tx(
    conn: Connection, domain: DomainId, site: str, *, time_zone: str = "", area_code: str = ""
) -> None:
    await conn.execute(_ADD_SITE, domain, site, time_zone, area_code)


async def add_user_in_tx(conn: Connection, domain: DomainId, new: NewUser) -> UserId:
    """Raises `Conflict` if the extension or the login name is taken, `NotFound` for an unknown domain."""
    row = await conn.fetchrow(_NEXT_USER, domain)
    if row is None:
        raise NotFound(f"There is no domain {domain}")
    user = UserId(row["last_user_id"])
    await conn.execute(
        _ADD_USER,
        domain,
        user,
        row["directory_rev"],
        Extension(new.extension),
        (new.login_name or new.extension).lower(),
        new.first_name,
        new.last_name,
        new.department,
        new.site,
        new.job_title,
        new.scope,
        new.time_zone,
        new.caller_id,
        new.emergency_caller_id,
        new.area_code,
        new.record_calls,
        new.list_in_directory,
        new.announce_in_directory,
        new.overwrite_with_site_defaults,
        new.password_hash,
        new.pin_hash,
        new.is_system,
        new.disabled,
    )
    await conn.execute(_ADD_EMAILS, domain, user, list(new.emails))
    return user


async def add_contact_in_tx(
    conn: Connection, domain: DomainId, contact: ContactFields, owner: UserId | None = None
) -> int:
    """A shared contact, or a personal one of `owner`; only what somebody enters of it matters."""
    number = await conn.fetchval(_NEXT_CONTACT, domain)
    if number is None:
        raise NotFound(f"There is no domain {domain}")
    doing = Doing(BookId(owner or SHARED_BOOK), datetime.now(UTC), UserId(0))
    book = await open_book_in_tx(conn, domain, doing.book)
    country = await conn.fetchval(_COUNTRY, domain)
    await add_in_tx(conn, domain, doing, book, {number: cleaned(contact, country)}, LIMITS.shared_contacts)
    await book.close_in_tx(conn)
    return int(number)


async def add_favourite_in_tx(
    conn: Connection, domain: DomainId, user: UserId, *, coworker: UserId | None = None, contact: int | None = None
) -> None:
    """Stars a coworker or a contact."""
    book = await open_book_in_tx(conn, domain, BookId(user))
    for kind, target in (("user", coworker), ("contact", contact)):
        if target is not None:
            [rev] = book.take(1)
            await conn.execute(_ADD_FAVOURITE, domain, user, kind, target, rev)
    await book.close_in_tx(conn)


async def set_presence_in_tx(
    conn: Connection, domain: DomainId, user: UserId, *, dnd: bool = False, message: str = ""
) -> None:
    """For a new user, before anybody watches: nobody is told."""
    await conn.execute(_SET_PRESENCE, domain, user, dnd, message)


async def add_source_in_tx(
    conn: Connection, source: SourceId, token_hash: bytes, domains: Sequence[DomainId], *, name: str = ""
) -> None:
    """A telephone switch that may speak for `domains`. One that exists gets the new token, and the old one ends."""
    await conn.execute(_ADD_SOURCE, source, name, token_hash)
    for domain in domains:
        await conn.execute(_LET_SPEAK_FOR, domain, source)
