"""`presence api-key`: keys with which programs ask and act."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from settings import Settings
    from storage.postgres.pool import Pool
    from wire.identity import DomainId, UserId

_SCOPES = (
    "chat",
    "contacts.manage",
    "contacts.read",
    "directory.read",
    "live",
    "presence.read",
    "presence.set",
    "users.manage",
    "users.read",
)


@click.group("api-key")
def api_key() -> None:
    """Keys of programs: make them, list them, revoke them (docs/login.md)."""


def _domain_of(_context: click.Context, _parameter: click.Parameter, value: str) -> str:
    return value.lower()


_domain = click.option("--domain", required=True, callback=_domain_of, help="Whose key it is.")


@api_key.command()
@click.argument("name")
@_domain
@click.option("--user", "extension", required=True, help="The extension as whose user it acts.")
@click.option("--scope", "scopes", type=click.Choice(_SCOPES), multiple=True, required=True, help="Repeat.")
@click.option("--days", type=click.IntRange(1, 3_650), help="Until it ends by itself; without: never.")
def add(name: str, domain: str, extension: str, scopes: tuple[str, ...], days: int | None) -> None:
    """Make a key; prints its token, which is shown this once."""
    from datetime import UTC, datetime, timedelta

    from accounts.api_keys.model import KeyId, NewKey
    from accounts.api_keys.scopes import KeyScope
    from accounts.api_keys.service import MOST_KEYS
    from accounts.model import AuditLine
    from accounts.tokens import hash_token, make_key, make_session_id
    from cli.database import run_with_pool
    from storage.postgres.api_keys import PostgresKeyStore
    from wire.identity import DomainId

    where, key, now = DomainId(domain), KeyId(make_session_id()), datetime.now(UTC)
    token = make_key(where)

    async def work(pool: "Pool") -> None:
        new = NewKey(
            key=key,
            domain=where,
            token_hash=hash_token(token),
            user=await _user_of(pool, where, extension),
            name=name,
            scopes=tuple(sorted(KeyScope(scope) for scope in scopes)),
            created_by=None,
            created_at=now,
            expires_at=now + timedelta(days=days) if days else None,
        )
        after: dict[str, object] = {"name": name, "scopes": sorted(scopes), "days": days}
        audit = AuditLine(at=now, user=None, operator=None, action="api_key.made", target=f"api_key:{key}", after=after)
        await PostgresKeyStore(pool).add(new, MOST_KEYS, audit)

    run_with_pool(work)
    click.echo(token)


@api_key.command("list")
@_domain
def list_keys(domain: str) -> None:
    """Show all: name, extension, scopes, until when, last used."""
    from cli.database import run_with_pool
    from storage.postgres.api_keys import PostgresKeyStore
    from wire.identity import DomainId

    for each in run_with_pool(lambda pool: PostgresKeyStore(pool).list_all(DomainId(domain))):
        until = f"until {each.expires_at:%Y-%m-%d}" if each.expires_at else "for ever"
        used = f"used {each.last_used_at:%Y-%m-%d %H:%M}" if each.last_used_at else "never used"
        click.echo("\t".join((each.name, each.extension, ",".join(each.scopes), until, used)))


@api_key.command()
@click.argument("name")
@_domain
def revoke(name: str, domain: str) -> None:
    """End a key, and close its connections."""
    from cli.database import run_with_stores
    from wire.identity import DomainId

    async def work(pool: "Pool", complete: "Settings") -> None:
        await _revoke(pool, complete, DomainId(domain), name)

    run_with_stores(work)
    click.echo(f"revoked {name}")


async def _revoke(pool: "Pool", complete: "Settings", domain: "DomainId", name: str) -> None:
    from datetime import UTC, datetime

    from accounts.api_keys.errors import KeyGone
    from accounts.api_keys.model import session_of
    from accounts.model import AuditLine
    from storage.postgres.api_keys import PostgresKeyStore
    from storage.redis.bus import RedisBus
    from storage.redis.client import make_client, make_subscriber_client
    from wire.events import EndReason
    from wire.identity import GatewayId

    store = PostgresKeyStore(pool)
    found = next((each for each in await store.list_all(domain) if each.name == name), None)
    if found is None:
        raise KeyGone
    target = f"api_key:{found.key}"
    audit = AuditLine(at=datetime.now(UTC), user=None, operator=None, action="api_key.revoked", target=target)
    await store.revoke(domain, found.key, audit)
    client, subscriber = make_client(complete.redis_url), make_subscriber_client(complete.redis_url)
    try:
        bus = RedisBus(client, subscriber, GatewayId("cli"))
        await bus.end_sessions(domain, found.user, EndReason.ENDED, [session_of(found.key)])
    finally:
        await subscriber.aclose()
        await client.aclose()


async def _user_of(pool: "Pool", domain: "DomainId", extension: str) -> "UserId":
    from storage.postgres.pool import connection
    from wire.errors import NotFound
    from wire.identity import UserId

    async with connection(pool) as conn:
        user = await conn.fetchval(_USER, domain, extension)
    if user is None:
        raise NotFound(f"There is no user {extension} in {domain}")
    return UserId(user)


_USER = "SELECT user_id FROM users WHERE domain_id = $1 AND extension = $2 AND deleted_at IS NULL"
