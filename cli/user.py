"""`presence user`: users of a domain."""

from typing import TYPE_CHECKING, Any

import click

from cli.administering import as_json, given, tell, tell_list, tell_users_changed, telling

if TYPE_CHECKING:
    from settings import Settings
    from storage.postgres.administering import AddedUser, ChangedUser
    from storage.postgres.erasing import Erased
    from storage.postgres.pool import Pool
    from wire.identity import DomainId, Extension


@click.group()
def user() -> None:
    """Users of a domain. What is so already is left as it is, so that commands can be repeated."""


@user.command("add")
@click.argument("domain")
@click.argument("extension")
@click.option("--first-name", required=True)
@click.option("--last-name")
@click.option("--login-name", help="What stands before the @; the extension if absent.")
@click.option("--department")
@click.option("--site")
@click.option("--job-title")
@click.option("--email", help="Taken as confirmed.")
@click.option("--scope", help="Such as office_manager; basic_user if absent.")
@click.option("--time-zone")
@click.option("--caller-id")
@click.option("--emergency-caller-id")
@click.option("--area-code")
@as_json
def add(domain: str, extension: str, as_json: bool, **options: Any) -> None:
    """Add the user EXTENSION to DOMAIN, without password and PIN. Many at once: `presence users import`."""
    from cli.database import run_with_stores
    from wire.identity import DomainId

    where = DomainId(domain.lower())

    async def work(pool: "Pool", complete: "Settings") -> "AddedUser":
        from wire.events import DirectoryChanged

        added = await _added(pool, where, {"extension": extension, **given(**options)})
        if added.user is not None:
            async with telling(pool, complete) as (bus, _):
                gap = DirectoryChanged(since=added.directory_rev, rev=added.directory_rev, coworkers=[])
                await bus.announce(where, gap)
                await tell_users_changed(bus, pool, where, [added.user])
        return added

    added = run_with_stores(work)
    is_new = added.user is not None
    sentence = f"added {extension}@{where}" if is_new else f"{extension}@{where} is there already"
    tell({"extension": extension, "user": added.user, "changed": is_new}, sentence, json_wanted=as_json)


async def _added(pool: "Pool", domain: "DomainId", row: dict[str, str]) -> "AddedUser":
    import msgspec

    from accounts.importing import UserOutcome, plan_row
    from storage.postgres.administering import add_user
    from storage.postgres.profiles import PostgresProfileStore
    from storage.postgres.provisioning import NewUser
    from wire.errors import Invalid

    sites = [site.name for site in await PostgresProfileStore(pool).sites(domain)]
    planned = plan_row(1, row, (), (), sites)
    if planned.outcome is UserOutcome.REFUSED:
        raise Invalid(planned.reason)
    return await add_user(pool, domain, msgspec.convert(planned.fields, NewUser))


@user.command("set")
@click.argument("domain")
@click.argument("extension")
@click.option("--scope", help="Such as office_manager. Logs the user out everywhere.")
@click.option("--login-name")
@click.option("--caller-id")
@click.option("--emergency-caller-id")
@click.option("--sso-account", help="As the identity provider names the user.")
@as_json
def set_user(domain: str, extension: str, as_json: bool, **options: Any) -> None:
    """Change what nobody edits in the portal of the user EXTENSION of DOMAIN."""
    wanted = given(**options)
    if "scope" in wanted:
        wanted["scope"] = _scope_of(wanted["scope"])
    if "login_name" in wanted:
        wanted["login_name"] = _login_of(wanted["login_name"])
    _change(domain, extension, wanted, json_wanted=as_json)


@user.command()
@click.argument("domain")
@click.argument("extension")
@as_json
def disable(domain: str, extension: str, as_json: bool) -> None:
    """Let the user EXTENSION of DOMAIN log in no more, and end every login at once. Calls are not concerned."""
    _change(domain, extension, {"disabled": True}, json_wanted=as_json)


@user.command()
@click.argument("domain")
@click.argument("extension")
@as_json
def enable(domain: str, extension: str, as_json: bool) -> None:
    """Let the user EXTENSION of DOMAIN log in again."""
    _change(domain, extension, {"disabled": False}, json_wanted=as_json)


@user.command("list")
@click.argument("domain")
@as_json
def list_all(domain: str, as_json: bool) -> None:
    """Show the users of DOMAIN: extension, login, scope, account status, disabled, names."""
    from cli.database import run_with_pool
    from storage.postgres.administering import list_users
    from wire.identity import DomainId

    rows = run_with_pool(lambda pool: list_users(pool, DomainId(domain.lower())))
    columns = ("extension", "login", "scope", "status", "disabled", "first_name", "last_name")
    tell_list(rows, columns, json_wanted=as_json)


def _change(domain: str, extension: str, wanted: dict[str, Any], *, json_wanted: bool) -> None:
    from cli.database import run_with_stores
    from wire.identity import DomainId, Extension

    where = DomainId(domain.lower()), Extension(extension)

    async def work(pool: "Pool", complete: "Settings") -> "ChangedUser":
        from datetime import UTC, datetime

        from storage.postgres.administering import change_user
        from wire.events import EndReason, ProfileChanged

        changed = await change_user(pool, *where, wanted)
        if changed.changed:
            async with telling(pool, complete) as (bus, presence):
                for each in changed.ended:
                    await bus.end_sessions(where[0], each.user, EndReason.ENDED, [each.session])
                if "scope" in changed.changed:
                    await presence.listing_changed(where[0], changed.user, changed.listed)
                await bus.announce(where[0], ProfileChanged(at=datetime.now(UTC)), [changed.user])
                await tell_users_changed(bus, pool, where[0], [changed.user])
        return changed

    changed = run_with_stores(work)
    sentence = f"changed {', '.join(changed.changed)}" if changed.changed else "nothing to change"
    tell({"extension": extension, "changed": changed.changed}, sentence, json_wanted=json_wanted)


def _scope_of(text: str) -> int:
    from wire.identity import Scope

    name = text.strip().upper().replace("-", "_").replace(" ", "_")
    if name not in Scope.__members__:
        names = ", ".join(each.name.lower() for each in Scope)
        raise click.BadParameter(f"one of {names}", param_hint="--scope")
    return int(Scope[name])


def _login_of(text: str) -> str:
    import re

    if not re.fullmatch(r"[^\s@:/]{1,64}", text):
        raise click.BadParameter("no spaces and no @", param_hint="--login-name")
    return text.lower()


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
