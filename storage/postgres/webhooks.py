"""Webhooks in PostgreSQL: where they go, what they have heard, and which gateway delivers each."""

from collections.abc import Collection, Iterable, Mapping, Sequence

import asyncpg

from accounts.factors.sealing import Seal
from storage.postgres.pool import Pool, connection
from storage.postgres.sealed_text import SealedText
from webhooks.model import KnownWebhook, NamedUser, Standing, Topic, Webhook
from webhooks.signing import key_of
from wire.errors import Conflict, NotFound
from wire.identity import DomainId, Extension, GatewayId, UserId

# Nothing is put off by 1,000 seconds. What lies further ahead was written before the clock of the database went back.
_HOLD = """
UPDATE webhooks SET held_by = $1, held_until = now() + make_interval(secs => $2)
WHERE enabled AND (
    held_by = $1 OR held_until IS NULL OR held_until <= now() OR held_until > now() + interval '1000 seconds'
)
RETURNING domain_id, name, url, secret, previous_secret, topics, epoch, version, directory_rev, timeline,
    failures,
    CASE WHEN due_at > now() + interval '1000 seconds' THEN 0 ELSE greatest(0, extract(epoch FROM due_at - now())) END
        ::float8 AS wait
"""

_LET_GO = "UPDATE webhooks SET held_by = '', held_until = NULL WHERE held_by = $1"

_DELIVERED = """
UPDATE webhooks SET epoch = $4, version = $5, directory_rev = $6, timeline = $7, failures = 0,
    failing_since = NULL, problem = ''
WHERE domain_id = $1 AND name = $2 AND held_by = $3 AND enabled
RETURNING name
"""

_FAILED = """
UPDATE webhooks SET failures = failures + 1, failing_since = coalesce(failing_since, now()), problem = $4,
    due_at = now() + make_interval(secs => $5)
WHERE domain_id = $1 AND name = $2 AND held_by = $3
"""

_EXTENSIONS = "SELECT user_id, extension FROM users WHERE domain_id = $1 AND user_id = ANY($2::int[])"

# All that share a revision come together: those who were never changed share one.
_NAMES = """
SELECT user_id, directory_rev, extension, first_name, last_name, NOT listed AS gone FROM (
    SELECT *, list_in_directory AND NOT is_system AND deleted_at IS NULL AS listed FROM users
    WHERE domain_id = $1 AND directory_rev > $2
) newer
WHERE listed OR $2 >= 0
ORDER BY directory_rev FETCH FIRST $3 ROWS WITH TIES
"""

_ADD = """
INSERT INTO webhooks (domain_id, name, url, secret, topics) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT DO NOTHING RETURNING name
"""

_LIST = """
SELECT domain_id AS domain, name, url, enabled, topics, previous_secret <> '' AS has_two_secrets, problem,
    extract(epoch FROM now() - failing_since)::float8 AS failing_seconds
FROM webhooks ORDER BY domain_id, name
"""

_REMOVE = "DELETE FROM webhooks WHERE domain_id = $1 AND name = $2 RETURNING name"

_ROTATE = """
UPDATE webhooks SET previous_secret = secret, secret = $3 WHERE domain_id = $1 AND name = $2 RETURNING name
"""

_SETTLE = "UPDATE webhooks SET previous_secret = '' WHERE domain_id = $1 AND name = $2 RETURNING name"

# Enabled again, it is told everything anew: what it has missed may be long.
_SET_ENABLED = """
UPDATE webhooks SET enabled = $3, epoch = '', version = -1, directory_rev = -1, failures = 0, failing_since = NULL,
    due_at = now(), problem = $4
WHERE domain_id = $1 AND name = $2 RETURNING name
"""


class PostgresWebhookStore:
    """See `webhooks.store.WebhookStore`."""

    def __init__(self, pool: Pool, seal: Seal | None = None) -> None:
        self._pool = pool
        self._sealed = SealedText(seal)

    async def hold(self, gateway: GatewayId, seconds: float) -> Sequence[Webhook]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_HOLD, gateway, seconds)
        return [webhook for row in rows if (webhook := self._webhook(row)) is not None]

    async def let_go(self, gateway: GatewayId) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_LET_GO, gateway)

    async def delivered(self, webhook: Webhook, gateway: GatewayId, standing: Standing) -> bool:
        async with connection(self._pool) as conn:
            kept = await conn.fetchval(
                _DELIVERED,
                webhook.domain,
                webhook.name,
                gateway,
                standing.epoch,
                standing.version,
                standing.directory_rev,
                standing.timeline,
            )
        return kept is not None

    async def failed(self, webhook: Webhook, gateway: GatewayId, problem: str, seconds: float) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_FAILED, webhook.domain, webhook.name, gateway, problem, seconds)

    async def disable(self, webhook: Webhook, problem: str) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_SET_ENABLED, webhook.domain, webhook.name, False, problem)

    async def extensions(self, domain: DomainId, users: Collection[UserId]) -> Mapping[UserId, Extension]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_EXTENSIONS, domain, list(users))
        return {UserId(row["user_id"]): Extension(row["extension"]) for row in rows}

    async def names_since(self, domain: DomainId, rev: int, most: int) -> Sequence[NamedUser]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_NAMES, domain, rev, most)
        return [_named(row) for row in rows]

    # ------------------------------------------------------------ for the command line

    async def add(self, domain: DomainId, name: str, url: str, secret: str, topics: Iterable[Topic]) -> None:
        """Raises `Conflict` if there is one of that name, `NotFound` for an unknown domain."""
        sealed = self._sealed.close(secret, _about(domain, name))
        try:
            async with connection(self._pool) as conn:
                added = await conn.fetchval(_ADD, domain, name, url, sealed, sorted(set(topics)))
        except asyncpg.ForeignKeyViolationError as error:
            raise NotFound(f"There is no domain {domain}") from error
        if added is None:
            raise Conflict(f"There is a webhook {name} in {domain} already")

    async def list_all(self) -> Sequence[KnownWebhook]:
        async with connection(self._pool) as conn:
            return [KnownWebhook(**row) for row in await conn.fetch(_LIST)]

    async def remove(self, domain: DomainId, name: str) -> None:
        await self._change(domain, name, _REMOVE)

    async def rotate(self, domain: DomainId, name: str, secret: str) -> None:
        """The secret before signs as well until `settle`, the one before that does not."""
        await self._change(domain, name, _ROTATE, self._sealed.close(secret, _about(domain, name)))

    async def settle(self, domain: DomainId, name: str) -> None:
        await self._change(domain, name, _SETTLE)

    async def set_enabled(self, domain: DomainId, name: str, enabled: bool) -> None:
        await self._change(domain, name, _SET_ENABLED, enabled, "")

    def _webhook(self, row: asyncpg.Record) -> Webhook | None:
        about = _about(row["domain_id"], row["name"])
        kept = filter(None, (row["secret"], row["previous_secret"]))
        secrets = [self._sealed.open_or_tell(each, about) for each in kept]
        if None in secrets:
            return None
        return Webhook(
            domain=row["domain_id"],
            name=row["name"],
            url=row["url"],
            secrets=tuple(key_of(secret) for secret in secrets if secret),
            topics=frozenset(Topic(topic) for topic in row["topics"]),
            standing=Standing(row["epoch"], row["version"], row["directory_rev"], row["timeline"]),
            failures=row["failures"],
            wait=row["wait"],
        )

    async def _change(self, domain: DomainId, name: str, statement: str, *values: object) -> None:
        """Raises `NotFound`."""
        async with connection(self._pool) as conn:
            if await conn.fetchval(statement, domain, name, *values) is None:
                raise NotFound(f"There is no webhook {name} in {domain}")


def _about(domain: str, name: str) -> str:
    return f"the webhook {name} of {domain}"


def _named(row: asyncpg.Record) -> NamedUser:
    if row["gone"]:
        return NamedUser(user=row["user_id"], rev=row["directory_rev"], extension=row["extension"], gone=True)
    return NamedUser(
        user=row["user_id"],
        rev=row["directory_rev"],
        extension=row["extension"],
        first_name=row["first_name"],
        last_name=row["last_name"],
    )
