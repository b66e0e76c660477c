"""Users as they are made, changed by administration, and deleted."""

from collections.abc import AsyncIterator, Callable, Sequence

from accounts.model import Account, AuditLine
from accounts.users.errors import LoginNameTaken
from accounts.users.model import AddedUsers, Erased, NewUser
from storage.postgres.accounts import account_in_tx, add_audit_in_tx, add_audits_in_tx, end_sessions_in_tx
from storage.postgres.erasing import erase_in_tx
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.provisioning import add_users_in_tx
from storage.postgres.taking_out import rows_of
from wire.errors import Conflict
from wire.identity import DomainId, Extension, UserId

_BY_EXTENSION = "SELECT user_id FROM users WHERE domain_id = $1 AND extension = $2 AND deleted_at IS NULL"
_TAKEN = "SELECT extension, login_name FROM users WHERE domain_id = $1 AND deleted_at IS NULL"
_CHANGE = """
UPDATE users SET scope = $4, login_name = $5, caller_id = $6, emergency_caller_id = $7, sso_account = $8, disabled = $9,
    profile_rev = profile_rev + 1
WHERE domain_id = $1 AND user_id = $2 AND profile_rev = $3 AND deleted_at IS NULL
"""


class PostgresUserStore:
    """See `accounts.users.store.UserStore`."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def account(self, domain: DomainId, user: UserId) -> Account | None:
        async with connection(self._pool) as conn:
            return await account_in_tx(conn, domain, user)

    async def by_extension(self, domain: DomainId, extension: Extension) -> Account | None:
        async with connection(self._pool) as conn:
            user = await conn.fetchval(_BY_EXTENSION, domain, extension)
            return None if user is None else await account_in_tx(conn, domain, user)

    async def taken(self, domain: DomainId) -> tuple[list[str], list[str]]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_TAKEN, domain)
        return [row["extension"] for row in rows], [row["login_name"] for row in rows]

    async def add(
        self, domain: DomainId, users: Sequence[NewUser], audit: Callable[[UserId, NewUser], AuditLine]
    ) -> AddedUsers:
        async with transaction(self._pool) as conn:
            added = await add_users_in_tx(conn, domain, users)
            lines = [audit(user, new) for user, new in zip(added.users, users, strict=True)]
            await add_audits_in_tx(conn, domain, lines)
            return added

    async def change(self, before: Account, after: Account, audit: AuditLine, *, ends_logins: bool) -> Account | None:
        try:
            async with transaction(self._pool) as conn:
                if not await _change_in_tx(conn, before, after):
                    return None
                if ends_logins:
                    await end_sessions_in_tx(conn, before.domain, before.user)
                await add_audit_in_tx(conn, before.domain, audit)
                return await account_in_tx(conn, before.domain, before.user)
        except Conflict:
            raise LoginNameTaken(after.login_name) from None

    async def erase(
        self, domain: DomainId, user: UserId, audit: Callable[[int], AuditLine], *, with_messages: bool
    ) -> Erased | None:
        async with transaction(self._pool) as conn:
            return await erase_in_tx(conn, domain, user, audit, with_messages=with_messages)

    async def take_out(self, domain: DomainId, user: UserId, audit: AuditLine) -> AsyncIterator[tuple[str, str]]:
        async with transaction(self._pool) as conn:
            await add_audit_in_tx(conn, domain, audit)
        async with transaction(self._pool, snapshot=True) as conn:
            async for what, row in rows_of(conn, domain, user):
                yield what, row


async def _change_in_tx(conn: Connection, before: Account, after: Account) -> bool:
    changed = await conn.execute(
        _CHANGE,
        before.domain,
        before.user,
        before.rev,
        after.scope,
        after.login_name,
        after.caller_id,
        after.emergency_caller_id,
        after.sso_account,
        after.disabled,
    )
    return changed == "UPDATE 1"
