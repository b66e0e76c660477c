"""`presence user`: users of a domain."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from settings import Settings
    from storage.postgres.erasing import Erased
    from storage.postgres.pool import Pool
    from wire.identity import DomainId, Extension


@click.group()
def user() -> None:
    """Users of a domain."""


@user.command()
@click.argument("domain")
@click.argument("extension")
@click.option("--messages", is_flag=True, help="Take the words and files out of everything the user wrote, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def erase(domain: str, extension: str, messages: bool, yes: bool) -> None:
    """Delete the user EXTENSION of DOMAIN with the user's data. It cannot be undone.

    Name, addresses, settings, contacts, favourites and logins go. What the user wrote to others stays with them, from a
    former user without a name; with --messages it keeps its place there and loses its words and files.
    """
    from cli.database import run_with_stores
    from wire.identity import DomainId, Extension

    if not yes:
        click.confirm(f"Delete {extension}@{domain} for good?", abort=True)
    where = DomainId(domain.lower()), Extension(extension)

    async def work(pool: "Pool", complete: "Settings") -> "Erased":
        from storage.postgres.erasing import erase_user

        erased = await erase_user(pool, *where, with_messages=messages)
        await _tell(complete, *where, erased)
        return erased

    erased = run_with_stores(work)
    taken = f", {erased.messages} messages emptied" if messages else ""
    click.echo(f"deleted {extension}@{where[0]}{taken}")


async def _tell(complete: "Settings", domain: "DomainId", extension: "Extension", erased: "Erased") -> None:
    """Those who are connected; whoever is not, or where Redis is away, finds it by the revisions of the directory and
    of the conversations.
    """
    from storage.redis.bus import RedisBus
    from storage.redis.client import make_client, make_subscriber_client
    from wire.events import DirectoryChanged, EndReason, MessageChanged
    from wire.identity import GatewayId
    from wire.records import Coworker

    client, subscriber = make_client(complete.redis_url), make_subscriber_client(complete.redis_url)
    bus = RedisBus(client, subscriber, GatewayId("cli"))
    gone = Coworker(user=erased.user, rev=erased.directory_rev, extension=extension, gone=True)
    try:
        event = DirectoryChanged(since=erased.directory_rev - 1, rev=erased.directory_rev, coworkers=[gone])
        await bus.announce(domain, event)
        for message, members in erased.last_changed:
            await bus.announce(domain, MessageChanged(message=message), members)
        for whose, session in erased.sessions:
            await bus.end_sessions(domain, whose, EndReason.ENDED, [session])
    finally:
        await subscriber.aclose()
        await client.aclose()
