"""What switches are to be told: an outbox in PostgreSQL, filled in the transaction of the change itself.

One row for each user, switch and kind of news: a newer wish takes the place of an older one that was not told yet, so
that the queue cannot grow beyond the users, and order per user needs no numbers.
"""

from collections.abc import Sequence

from accounts.factors.sealing import Seal
from pbx.model import Command, CommandKind, Waiting
from storage.postgres.pool import Connection, Pool, connection, transaction
from storage.postgres.sealed_text import SealedText
from wire.identity import DomainId, SourceId, UserId

CLAIM_SECONDS = 30.0
"""So long one gateway has the commands that it took. If it dies, another one takes them after that."""

# Whoever is telling right now keeps it until that is over: two gateways must not overtake each other at the switch.
_WISH = """
INSERT INTO switch_commands (domain_id, user_id, source_id, kind, rev)
SELECT d.domain_id, $2, s.source_id, $3, $4
FROM pbx_source_domains d JOIN pbx_sources s USING (source_id)
WHERE d.domain_id = $1 AND s.enabled AND s.command_url <> '' AND s.source_id <> $5
ON CONFLICT (domain_id, user_id, source_id, kind) DO UPDATE SET rev = excluded.rev, attempts = 0, problem = '',
    due_at = greatest(now(), switch_commands.claimed_until)
"""

# Nothing is put off by 1,000 seconds. What lies further ahead was written before the clock of the database went back,
# and would wait for as long again.
_CLAIM = """
WITH taken AS (
    SELECT domain_id, user_id, source_id, kind FROM switch_commands
    WHERE source_id = $1 AND (due_at <= now() OR due_at > now() + interval '1000 seconds')
        AND (claimed_until IS NULL OR claimed_until <= now() OR claimed_until > now() + interval '1000 seconds')
    ORDER BY due_at LIMIT $2 FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE switch_commands c SET claimed_until = now() + make_interval(secs => $3), attempts = attempts + 1
    FROM taken t
    WHERE (c.domain_id, c.user_id, c.source_id, c.kind) = (t.domain_id, t.user_id, t.source_id, t.kind)
    RETURNING c.domain_id, c.user_id, c.source_id, c.kind, c.rev, c.attempts
)
SELECT c.*, s.command_url, s.command_token, u.extension, u.first_name, u.last_name, coalesce(p.dnd, false) AS dnd
FROM claimed c JOIN pbx_sources s USING (source_id) JOIN users u USING (domain_id, user_id)
LEFT JOIN presence_settings p USING (domain_id, user_id)
"""

_DONE = """
DELETE FROM switch_commands WHERE domain_id = $1 AND user_id = $2 AND source_id = $3 AND kind = $4 AND rev = $5
RETURNING user_id
"""

# What is shown as pending depends on these rows: whoever shows it must see that the settings are newer.
_RAISE_REVISION = "UPDATE presence_settings SET rev = rev + 1 WHERE domain_id = $1 AND user_id = $2"

_FORGET = """
WITH forgotten AS (DELETE FROM switch_commands WHERE source_id = $1 RETURNING domain_id, user_id)
UPDATE presence_settings p SET rev = rev + 1
FROM (SELECT DISTINCT domain_id, user_id FROM forgotten) f
WHERE p.domain_id = f.domain_id AND p.user_id = f.user_id
"""

_RELEASE = """
UPDATE switch_commands SET claimed_until = NULL, problem = CASE WHEN rev = $5 THEN $6 ELSE '' END,
    due_at = CASE WHEN rev = $5 THEN now() + make_interval(secs => $7) ELSE now() END
WHERE domain_id = $1 AND user_id = $2 AND source_id = $3 AND kind = $4
"""

_WAITING = """
SELECT source_id, count(*) AS count, extract(epoch FROM now() - min(wished_at))::float8 AS oldest_seconds,
    bool_or(
        (due_at <= now() OR due_at > now() + interval '1000 seconds')
        AND (claimed_until IS NULL OR claimed_until <= now() OR claimed_until > now() + interval '1000 seconds')
    ) AS is_due
FROM switch_commands GROUP BY source_id
"""


async def wish_in_tx(
    conn: Connection, domain: DomainId, user: UserId, kind: CommandKind, rev: int, *, but: str = ""
) -> None:
    """Tells every switch of the domain that takes commands, `but` the one from which it is known."""
    await conn.execute(_WISH, domain, user, kind.value, rev, but)


async def forget_in_tx(conn: Connection, source: SourceId) -> None:
    """What the switch had yet to be told is not told any more; users see so within minutes."""
    await conn.execute(_FORGET, source)


class PostgresCommandStore:
    """See `pbx.store.CommandStore`."""

    def __init__(self, pool: Pool, seal: Seal | None = None) -> None:
        self._pool = pool
        self._sealed = SealedText(seal)

    async def waiting(self) -> Sequence[Waiting]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_WAITING)
        return [Waiting(row["source_id"], row["count"], row["oldest_seconds"], row["is_due"]) for row in rows]

    async def claim(self, source: SourceId, most: int) -> Sequence[Command]:
        async with connection(self._pool) as conn:
            rows = await conn.fetch(_CLAIM, source, most, CLAIM_SECONDS)
        return [
            Command(
                domain=row["domain_id"],
                user=row["user_id"],
                source=row["source_id"],
                kind=CommandKind(row["kind"]),
                rev=row["rev"],
                attempts=row["attempts"],
                url=row["command_url"],
                token=token,
                extension=row["extension"],
                name=f"{row['first_name']} {row['last_name']}".strip(),
                dnd=row["dnd"],
            )
            for row in rows
            if (token := self._sealed.open_or_tell(row["command_token"], about_commands(row["source_id"]))) is not None
        ]

    async def done(self, command: Command) -> bool:
        async with transaction(self._pool) as conn:
            deleted = await conn.fetchval(_DONE, *_key(command), command.rev)
            if deleted is not None and command.kind is CommandKind.DND:
                await conn.execute(_RAISE_REVISION, command.domain, command.user)
        if deleted is None:
            await self.release(command, "", 0.0)  # there is a newer wish, which is due at once
        return deleted is not None

    async def release(self, command: Command, problem: str, seconds: float) -> None:
        async with connection(self._pool) as conn:
            await conn.execute(_RELEASE, *_key(command), command.rev, problem, seconds)


def about_commands(source: SourceId) -> str:
    """What the token is sealed for, with which we speak to a switch."""
    return f"commands to the switch {source}"


def _key(command: Command) -> tuple[object, ...]:
    return command.domain, command.user, command.source, command.kind.value
