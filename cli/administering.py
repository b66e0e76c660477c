"""What the commands that administer domains, sites and users share: telling gateways, and how results are printed."""

import json
import sys
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, redirect_stdout
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from presence.service import PresenceService
    from settings import Settings
    from storage.postgres.pool import Pool
    from storage.redis.bus import RedisBus
    from wire.identity import Caller, DomainId

as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


@asynccontextmanager
async def telling(pool: "Pool", complete: "Settings") -> "AsyncIterator[tuple[RedisBus, PresenceService]]":
    """The bus between gateways, and presence: both hear of what is changed here."""
    from presence.service import PresenceService
    from storage.postgres.presence_settings import PostgresPresenceSettingsStore
    from storage.redis.bus import RedisBus
    from storage.redis.client import make_client, make_subscriber_client
    from storage.redis.presence import RedisPresenceStore
    from wire.identity import GatewayId

    client, subscriber = make_client(complete.redis_url), make_subscriber_client(complete.redis_url)
    presence = PresenceService(
        RedisPresenceStore(client),
        PostgresPresenceSettingsStore(pool),
        lambda _caller, _target: False,
        lambda _caller, _target: False,
    )
    try:
        with redirect_stdout(sys.stderr):  # where logs belong: what is printed is for the script
            yield RedisBus(client, subscriber, GatewayId("cli")), presence
    finally:
        await subscriber.aclose()
        await client.aclose()


async def tell_users_changed(bus: "RedisBus", pool: "Pool", domain: "DomainId", users: "Sequence[int]") -> None:
    """Those who manage somebody look again."""
    from storage.postgres.profiles import PostgresProfileStore
    from wire.events import UsersChanged
    from wire.identity import UserId

    managers = [each.user for each in await PostgresProfileStore(pool).managers(domain)]
    await bus.announce(domain, UsersChanged(users=[UserId(user) for user in users]), managers)


def operator_of(domain: "DomainId") -> "Caller":
    """The command line as services see it: nobody of the domain, who may do everything in it."""
    from storage.postgres.administering import NOBODY
    from wire.identity import Caller, Extension, Scope, SessionId

    return Caller(domain, NOBODY, Extension(""), Scope.SUPER_USER, SessionId("command line"))


def given(**values: Any) -> dict[str, Any]:
    """Those options that were given."""
    return {name: value for name, value in values.items() if value is not None}


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
