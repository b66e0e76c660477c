"""The data of one user, deleted.

What is somebody's own goes: name, addresses, settings, contacts, logins, files that were not sent. What they wrote to
others stays with those others, as a letter does, from a former user without a name; or, if that is wanted, loses its
words and its files and keeps its place, as a deleted message does.
"""

from collections.abc import Callable

from accounts.model import AuditLine
from accounts.users.model import Erased
from storage.postgres.accounts import add_audit_in_tx
from storage.postgres.chat_changes import WHO_SEES
from storage.postgres.message_rows import COLUMNS, message_of
from storage.postgres.pool import Connection
from wire.identity import DomainId, UserId
from wire.records import Message

_USER = """
SELECT user_id FROM users WHERE domain_id = $1 AND user_id = $2 AND deleted_at IS NULL AND NOT is_system FOR UPDATE
"""
_NEXT_REV = "UPDATE domains SET directory_rev = directory_rev + 1 WHERE domain_id = $1 RETURNING directory_rev"

_FORGET_PERSON = """
UPDATE users SET deleted_at = now(), disabled = true, login_name = 'deleted-' || user_id, first_name = '',
    last_name = '', department = '', job_title = '', site = NULL, time_zone = '', language = '', caller_id = '',
    emergency_caller_id = '', area_code = '', password_hash = NULL, pin_hash = NULL, sso_account = '', photo_rev = 0,
    list_in_directory = false, announce_in_directory = false, directory_rev = $3, profile_rev = profile_rev + 1
WHERE domain_id = $1 AND user_id = $2
"""
_OWN_THINGS = (
    "DELETE FROM user_emails WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM user_photos WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM password_links WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM email_links WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM contact_imports WHERE domain_id = $1 AND book_id = $2",
    "DELETE FROM totp_authenticators WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM passkeys WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM sign_on_bindings WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM api_keys WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM recovery_codes WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM notification_settings WHERE domain_id = $1 AND user_id = $2",
    "DELETE FROM sms_number_users WHERE domain_id = $1 AND user_id = $2",
    # Its revision has to go on growing, or presence would not believe what comes next: that nobody sees the user.
    """
    UPDATE presence_settings SET dnd = false, dnd_since = NULL, appear_offline = false, message = '',
        message_until = NULL, rev = rev + 1
    WHERE domain_id = $1 AND user_id = $2
    """,
    "DELETE FROM contacts WHERE domain_id = $1 AND owner_id = $2",
    "DELETE FROM contact_overlays WHERE domain_id = $1 AND $2 IN (user_id, coworker_id)",
    "DELETE FROM contact_books WHERE domain_id = $1 AND book_id = $2",
    "DELETE FROM favourites WHERE domain_id = $1 AND (user_id = $2 OR (kind = 'user' AND target_id = $2))",
    "DELETE FROM files WHERE domain_id = $1 AND uploader = $2 AND seq IS NULL",
)
_SESSIONS = "DELETE FROM sessions WHERE domain_id = $1 AND $2 IN (user_id, operator_id) RETURNING user_id, session_id"

# A change of a message takes the conversation's next number, while the conversation's row is held (chat_changes.py).
_WROTE_IN = """
SELECT c.conversation_id FROM conversations c
WHERE c.domain_id = $1 AND EXISTS (
    SELECT FROM messages o WHERE o.domain_id = $1 AND o.conversation_id = c.conversation_id AND o.sender = $2
        AND o.deleted_at IS NULL AND (o.details IS NULL OR NOT o.details ? 'line')
)
ORDER BY c.conversation_id
"""
_HOLD = "SELECT last_rev FROM conversations WHERE domain_id = $1 AND conversation_id = $2 FOR NO KEY UPDATE"
_TAKE_WORDS = """
WITH own AS (
    SELECT seq, row_number() OVER (ORDER BY seq) AS nth FROM messages
    WHERE domain_id = $1 AND conversation_id = $2 AND sender = $3 AND deleted_at IS NULL
        AND (details IS NULL OR NOT details ? 'line')
), emptied AS (
    UPDATE messages o SET body = '', files = NULL, details = NULL, deleted_at = now(), rev = $4 + own.nth
    FROM own WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.seq = own.seq
    RETURNING o.seq
), unfound AS (
    DELETE FROM message_words w USING own WHERE w.domain_id = $1 AND w.conversation_id = $2 AND w.seq = own.seq
)
SELECT count(*) FROM emptied
"""
_RAISE_REV = "UPDATE conversations SET last_rev = last_rev + $3 WHERE domain_id = $1 AND conversation_id = $2"
_LAST_CHANGED = f"""
SELECT {COLUMNS.format("o")} FROM messages o
WHERE o.domain_id = $1 AND o.conversation_id = $2 AND o.rev > 0 ORDER BY o.rev DESC LIMIT 1
"""  # noqa: S608 - put together from constants
# What was done to the user, and what the user did to nobody else. The database allows exactly this change and no other.
_FORGET_IN_AUDIT = """
UPDATE audit SET before = without_values(before), after = without_values(after), address = ''
WHERE domain_id = $1 AND (target = 'user:' || $2::int OR (user_id = $2::int AND target NOT LIKE 'user:%'))
"""


async def erase_in_tx(
    conn: Connection,
    domain: DomainId,
    user: UserId,
    audit: Callable[[int], AuditLine],
    *,
    with_messages: bool,
) -> Erased | None:
    """None: there is no such user."""
    if await conn.fetchval(_USER, domain, user) is None:
        return None
    messages, last_changed = await _take_words(conn, domain, user) if with_messages else (0, [])
    rev = int(await conn.fetchval(_NEXT_REV, domain))
    sessions = await conn.fetch(_SESSIONS, domain, user)
    for statement in _OWN_THINGS:
        await conn.execute(statement, domain, user)
    await conn.execute(_FORGET_PERSON, domain, user, rev)
    await conn.execute(_FORGET_IN_AUDIT, domain, user)
    await add_audit_in_tx(conn, domain, audit(messages))
    ended = [(row["user_id"], row["session_id"]) for row in sessions]
    return Erased(user, rev, messages, ended, last_changed)


async def _take_words(
    conn: Connection, domain: DomainId, user: UserId
) -> tuple[int, list[tuple[Message, list[UserId]]]]:
    """In the order of the conversations, as everybody locks them."""
    taken, last_changed = 0, []
    for row in await conn.fetch(_WROTE_IN, domain, user):
        where = domain, row["conversation_id"]
        rev = await conn.fetchval(_HOLD, *where)
        count = int(await conn.fetchval(_TAKE_WORDS, *where, user, rev))
        await conn.execute(_RAISE_REV, *where, count)
        taken += count
        last = await conn.fetchrow(_LAST_CHANGED, *where)
        assert last is not None
        members = await conn.fetchval(WHO_SEES, *where, last["seq"])
        last_changed.append((message_of(row["conversation_id"], last), members))
    return taken, last_changed
