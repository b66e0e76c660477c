"""How domains, sites, users, contacts and switches come into being: for the command line, the demo company and tests.

Plain functions on a connection inside a transaction, so that whoever sets up a domain sets it up whole or not at all.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from accounts.users.errors import ExtensionTaken, LoginNameTaken
from accounts.users.model import AddedUsers, NewUser
from contacts.editing import cleaned
from contacts.model import SHARED_BOOK, BookId, Doing
from storage.postgres.contact_book import open_book_in_tx
from storage.postgres.contact_changes import add_in_tx
from storage.postgres.pool import Connection
from wire.contacts import ContactFields
from wire.errors import NotFound
from wire.identity import DomainId, Extension, SourceId, UserId
from wire.limits import LIMITS

_ADD_DOMAIN = """
INSERT INTO domains (domain_id, name, country, time_zone, ringing_is_busy) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT (domain_id) DO NOTHING RETURNING domain_id
"""

_ADD_SITE = "INSERT INTO sites (domain_id, site, time_zone, area_code) VALUES ($1, $2, $3, $4)"

# A domain that is on its way out gets nobody new.
_NEXT_USERS = """
UPDATE domains SET last_user_id = last_user_id + $2, directory_rev = directory_rev + $2
WHERE domain_id = $1 AND closed_at IS NULL
RETURNING last_user_id, directory_rev
"""

_TAKEN = """
SELECT extension, login_name, extension = ANY($2::text[]) AS extension_taken FROM users
WHERE domain_id = $1 AND deleted_at IS NULL AND (extension = ANY($2::text[]) OR login_name = ANY($3::text[]))
ORDER BY extension_taken DESC, user_id LIMIT 1
"""

_ROWS_AT_ONCE = 1_000

_ADD_USER = """
INSERT INTO users (
    domain_id, user_id, directory_rev, extension, login_name, first_name, last_name, department, site, job_title,
    scope, time_zone, caller_id, emergency_caller_id, area_code, record_calls, list_in_directory,
    announce_in_directory, overwrite_with_site_defaults, password_hash, pin_hash, is_system, disabled, language
) VALUES (
    $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24
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
    """Raises `ExtensionTaken`, `LoginNameTaken`, and `NotFound` for an unknown domain."""
    return (await add_users_in_tx(conn, domain, [new])).users[0]


async def add_users_in_tx(conn: Connection, domain: DomainId, new: Sequence[NewUser]) -> AddedUsers:
    """As `add_user_in_tx`. Whoever adds holds the domain's row, so that no two find the same extension free."""
    row = await conn.fetchrow(_NEXT_USERS, domain, len(new))
    if row is None:
        raise NotFound(f"There is no domain {domain}", field="domain")
    await _check_free(conn, domain, new)
    first, rev = row["last_user_id"] - len(new) + 1, row["directory_rev"] - len(new) + 1
    users = [UserId(first + nth) for nth in range(len(new))]
    rows = [_row_of(domain, user, rev + nth, each) for nth, (user, each) in enumerate(zip(users, new, strict=True))]
    for begin in range(0, len(rows), _ROWS_AT_ONCE):
        await conn.executemany(_ADD_USER, rows[begin : begin + _ROWS_AT_ONCE])
    emails = [(domain, user, list(each.emails)) for user, each in zip(users, new, strict=True) if each.emails]
    for begin in range(0, len(emails), _ROWS_AT_ONCE):
        await conn.executemany(_ADD_EMAILS, emails[begin : begin + _ROWS_AT_ONCE])
    return AddedUsers(users, row["directory_rev"])


async def _check_free(conn: Connection, domain: DomainId, new: Sequence[NewUser]) -> None:
    row = await conn.fetchrow(_TAKEN, domain, [each.extension for each in new], [_login_of(each) for each in new])
    if row is not None and row["extension_taken"]:
        raise ExtensionTaken(row["extension"])
    if row is not None:
        raise LoginNameTaken(row["login_name"])


def _login_of(new: NewUser) -> str:
    return (new.login_name or new.extension).lower()


def _row_of(domain: DomainId, user: UserId, directory_rev: int, new: NewUser) -> tuple[object, ...]:
    return (
        domain,
        user,
        directory_rev,
        Extension(new.extension),
        _login_of(new),
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
        new.language,
    )


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
