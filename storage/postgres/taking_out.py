"""All that is kept of one user, read: what erasing.py takes away, and what the user wrote to others.

Rows as they are, without what lets somebody in (hashes, secrets, keys) and what only serves searching and sorting.
"""

from collections.abc import AsyncIterator

from storage.postgres.pool import Connection
from wire.identity import DomainId, UserId

_LEFT_OUT = (
    *("password_hash", "pin_hash", "token_hash", "code_hash", "secret", "new_secret", "public_key", "credential_id"),
    *("session_id", "search", "words", "sort_name"),
)
_BATCH = 500
_ROWS = "SELECT (to_jsonb(r) - $3::text[])::text AS row FROM {} r WHERE r.domain_id = $1 AND {}"
_OF_USER = "r.user_id = $2"
KEPT = {
    "profile": ("users", _OF_USER),
    "e-mail address": ("user_emails", _OF_USER),
    "photo": ("user_photos", _OF_USER),
    "presence settings": ("presence_settings", _OF_USER),
    "notification settings": ("notification_settings", _OF_USER),
    "login": ("sessions", "$2 IN (r.user_id, r.operator_id)"),
    "API key": ("api_keys", _OF_USER),
    "authenticator app": ("totp_authenticators", _OF_USER),
    "passkey": ("passkeys", _OF_USER),
    "push subscription": ("push_subscriptions", _OF_USER),
    "contact": ("contacts", "r.owner_id = $2"),
    "note about a coworker": ("contact_overlays", _OF_USER),
    "favourite": ("favourites", _OF_USER),
    "import of contacts": ("contact_imports", "r.book_id = $2"),
    "row of an import": (
        "contact_import_rows",
        "r.import_id IN (SELECT import_id FROM contact_imports WHERE domain_id = $1 AND book_id = $2)",
    ),
    "conversation": ("conversation_members", _OF_USER),
    "message": ("messages", "r.sender = $2 AND r.deleted_at IS NULL"),
    "file": ("files", "r.uploader = $2"),
    "audit": ("audit", "(r.user_id = $2::int OR r.target = 'user:' || $2::int)"),
}
"""What a row is, in words; the table; whose rows."""


async def rows_of(conn: Connection, domain: DomainId, user: UserId) -> AsyncIterator[tuple[str, str]]:
    """What a row is, and the row as JSON. Within a transaction; some hundred rows are in memory at a time."""
    for what, (table, whose) in KEPT.items():
        statement = _ROWS.format(table, whose)
        async for row in conn.cursor(statement, domain, user, _LEFT_OUT, prefetch=_BATCH):
            yield what, row["row"]
