"""The lines that changes of contacts leave in the audit: of shared contacts, and whatever was done behind a mask."""

from collections.abc import Sequence

from contacts.model import SHARED_BOOK, Doing
from storage.postgres.pool import Connection
from wire.identity import DomainId

_NOTE = """
INSERT INTO audit (domain_id, at, user_id, operator_id, action, target, address, after)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_MOST_NAMED = 1_000


async def note_in_tx(conn: Connection, domain: DomainId, doing: Doing, action: str, contacts: Sequence[int]) -> None:
    """One line however many contacts it were; nobody audits what people do to their own."""
    if not contacts or (doing.book != SHARED_BOOK and doing.operator is None):
        return
    target = f"contact:{contacts[0]}" if len(contacts) == 1 else f"book:{doing.book}"
    after = {"contacts": list(contacts[:_MOST_NAMED]), "count": len(contacts)} if len(contacts) > 1 else None
    who = doing.user or None, doing.operator
    await conn.execute(_NOTE, domain, doing.at, *who, action, target, doing.address, after)
