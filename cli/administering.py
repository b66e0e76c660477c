"""What the commands that administer domains, sites and users share: the services, and how results are printed."""

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, redirect_stdout
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from accounts.api_keys.service import ApiKeyService
    from accounts.domains.service import DomainService
    from accounts.profiles.service import ProfileService
    from accounts.sites.service import SiteService
    from accounts.users.service import UserService
    from settings import Settings
    from storage.postgres.pool import Pool
    from wire.identity import Caller, DomainId

T = TypeVar("T")

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


@dataclass(frozen=True, slots=True)
class Administration:
    """The services that HTTP has, too, and who asks them."""

    domains: "DomainService"
    users: "UserService"
    profiles: "ProfileService"
    sites: "SiteService"
    api_keys: "ApiKeyService"
    caller: "Caller"


def administer(domain: str, work: "Callable[[Administration], Awaitable[T]]") -> T:
    """What `work` makes of the services in a domain, which need not exist; "" for none. Refusals are told in a line."""
    from cli.database import run_with_stores
    from wire.identity import DomainId

    async def run(pool: "Pool", complete: "Settings") -> T:
        async with _administration(pool, complete, DomainId(domain.lower())) as administration:
            return await work(administration)

    return run_with_stores(run)


def administer_there(domain: str, work: "Callable[[Administration], Awaitable[T]]") -> T:
    """The same in a domain that has to exist."""

    async def checked(administration: Administration) -> T:
        await administration.domains.settings(administration.caller)
        return await work(administration)

    return administer(domain, checked)


@asynccontextmanager
async def _administration(pool: "Pool", complete: "Settings", domain: "DomainId") -> "AsyncIterator[Administration]":
    from accounts.api_keys.service import ApiKeyService
    from accounts.domains.service import DomainService
    from accounts.passwords import Passwords
    from accounts.profiles.service import ProfileService
    from accounts.sites.service import SiteService
    from accounts.users.service import UserService
    from presence.service import PresenceService
    from storage.postgres.api_keys import PostgresKeyStore
    from storage.postgres.domains import PostgresDomainStore
    from storage.postgres.presence_settings import PostgresPresenceSettingsStore
    from storage.postgres.profiles import PostgresProfileStore
    from storage.postgres.sites import PostgresSiteStore
    from storage.postgres.users import PostgresUserStore
    from storage.redis.bus import RedisBus
    from storage.redis.client import make_client, make_subscriber_client
    from storage.redis.forgetting import RedisLiveState
    from storage.redis.kept_mail import RedisMailKeeper
    from storage.redis.presence import RedisPresenceStore
    from wire.identity import GatewayId

    client, subscriber = make_client(complete.redis_url), make_subscriber_client(complete.redis_url)
    bus, profiles = RedisBus(client, subscriber, GatewayId("cli")), PostgresProfileStore(pool)
    presence = PresenceService(
        RedisPresenceStore(client),
        PostgresPresenceSettingsStore(pool),
        lambda _caller, _target: False,
        lambda _caller, _target: False,
    )
    try:
        with redirect_stdout(sys.stderr):  # where logs belong: what is printed is for the script
            yield Administration(
                domains=DomainService(PostgresDomainStore(pool), RedisLiveState(client), bus, presence),
                users=UserService(PostgresUserStore(pool), profiles, bus, presence, RedisMailKeeper(client).forget),
                profiles=ProfileService(profiles, Passwords(), bus, presence),
                sites=SiteService(PostgresSiteStore(pool), profiles, bus, presence),
                api_keys=ApiKeyService(PostgresKeyStore(pool), bus),
                caller=administrator_in(domain),
            )
    finally:
        await subscriber.aclose()
        await client.aclose()


def administrator_in(domain: "DomainId") -> "Caller":
    """The command line as services see it: nobody of the domain, who may do everything in it."""
    from wire.identity import NOBODY, Caller, Extension, Scope, SessionId

    return Caller(domain, NOBODY, Extension(""), Scope.SUPER_USER, SessionId("command line"))


def given(**values: Any) -> dict[str, Any]:
    """Those options that were given."""
    return {name: value for name, value in values.items() if value is not None}


def converted(wanted: Mapping[str, Any], kind: "type[T]", hints: Mapping[str, str] | None = None) -> T:
    """What was typed, as the service takes it. What cannot be is refused with its option, or `hints` for it."""
    import msgspec

    from wire.codec import invalid_of

    try:
        return msgspec.convert(dict(wanted), kind)
    except msgspec.ValidationError as error:
        wrong = invalid_of(error)
        hint = (hints or {}).get(wrong.field or "", wrong.message)
        raise click.ClickException(f"{wrong.field}: {hint}" if wrong.field else hint) from error


def tell(result: Mapping[str, Any], sentence: str, *, json_wanted: bool) -> None:
    click.echo(json.dumps(result, ensure_ascii=False) if json_wanted else sentence)


def tell_list(rows: Iterable[Mapping[str, Any]], columns: Sequence[str], *, json_wanted: bool) -> None:
    """A line each, with tabs between the columns."""
    if json_wanted:
        click.echo(json.dumps(list(rows), ensure_ascii=False))
        return
    for row in rows:
        click.echo("\t".join(_cell(row[name]) for name in columns).rstrip())


def _cell(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return " ".join(str(value).split())
