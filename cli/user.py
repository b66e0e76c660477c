"""`presence user`: users of a domain."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from cli.administering import Administration, administer_there, as_json, converted, given, tell, tell_list

if TYPE_CHECKING:
    from wire.administration import AccountState, UserAdded, UserErased


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
    """Add the user EXTENSION to DOMAIN, without password and PIN. Many at once: `presence users import`.

    One who is there just like that is left; one who is not like that is refused.
    """
    from wire.administration import NewUserAccount

    hints = {"extension": "an extension is made of digits, at most 16"}
    new = converted({"extension": extension, **given(**options)}, NewUserAccount, hints)

    async def work(administration: Administration) -> "UserAdded":
        return await administration.users.add(administration.caller, new)

    added = administer_there(domain, work)
    sentence = f"added {added.login}" if added.created else f"{added.login} is there already"
    tell({"extension": extension, "user": added.user, "changed": added.created}, sentence, json_wanted=as_json)


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
        _check_scope(wanted["scope"])
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
    rows = administer_there(domain, _all_users)
    columns = ("extension", "login", "scope", "status", "disabled", "first_name", "last_name")
    tell_list(rows, columns, json_wanted=as_json)


async def _all_users(administration: Administration) -> list[dict[str, Any]]:
    import msgspec

    from wire.accounts import UsersQuery

    rows: list[dict[str, Any]] = []
    after: str | None = None
    while True:
        query = UsersQuery(sort="extension", limit=100, after=after)
        page = await administration.profiles.users(administration.caller, query)
        rows += [msgspec.structs.asdict(each) for each in page.items]
        after = page.next
        if after is None:
            return rows


def _change(domain: str, extension: str, wanted: dict[str, Any], *, json_wanted: bool) -> None:
    from wire.administration import AccountChange
    from wire.identity import Extension

    change = converted(wanted, AccountChange, {"login_name": "no spaces and no @"})

    async def work(administration: Administration) -> "AccountState":
        return await administration.users.change_by_extension(administration.caller, Extension(extension), change)

    state = administer_there(domain, work)
    sentence = f"changed {', '.join(state.changed)}" if state.changed else "nothing to change"
    tell({"extension": extension, "changed": state.changed}, sentence, json_wanted=json_wanted)


def _check_scope(text: str) -> None:
    from accounts.importing import scope_named

    try:
        scope_named(text)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--scope") from error


@user.command()
@click.argument("domain")
@click.argument("extension")
@click.option("--messages", is_flag=True, help="Take the words and files out of everything the user wrote, too.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@as_json
def erase(domain: str, extension: str, messages: bool, yes: bool, as_json: bool) -> None:
    """Delete the user EXTENSION of DOMAIN with the user's data. It cannot be undone.

    Name, addresses, settings, contacts, favourites and logins go. What the user wrote to others stays with them, from a
    former user without a name; with --messages it keeps its place there and loses its words and files.
    """
    from wire.identity import Extension

    if not yes:
        click.confirm(f"Delete {extension}@{domain} for good?", abort=True, err=True)

    async def work(administration: Administration) -> "UserErased":
        return await administration.users.erase_by_extension(
            administration.caller, Extension(extension), with_messages=messages
        )

    erased = administer_there(domain, work)
    taken = f", {erased.messages} messages emptied" if messages else ""
    result = {"extension": extension, "user": erased.user, "messages": erased.messages, "changed": True}
    tell(result, f"deleted {extension}@{domain.lower()}{taken}", json_wanted=as_json)


@user.command("take-out")
@click.argument("domain")
@click.argument("extension")
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Standard output if not given.")
def take_out(domain: str, extension: str, output: Path | None) -> None:
    """Write down all that is kept of the user EXTENSION of DOMAIN, for the user to have: a line of JSON for each thing.

    Hashes, secrets and keys are left out. Files are named, not contained; a conversation with what others wrote in it
    is written by `presence chat export`.
    """
    from wire.identity import Extension

    async def work(administration: Administration) -> int:
        count = 0
        async for what, row in administration.users.take_out(administration.caller, Extension(extension)):
            out.write(f'{{"what": {json.dumps(what)}, "kept": {row}}}\n')
            count += 1
        return count

    with _written_whole(output) as out:
        count = administer_there(domain, work)
    click.echo(f"{count} things", err=True)


@contextmanager
def _written_whole(file: Path | None) -> Iterator[IO[str]]:
    """Standard output, or a file that only its owner reads, and that is there once everything is in it."""
    if file is None:
        with click.open_file("-", "w", encoding="utf-8") as out:
            yield out
        return
    part = file.with_name(f".{file.name}.part")
    try:
        with open(part, "w", encoding="utf-8", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            yield out
        part.replace(file)
    finally:
        part.unlink(missing_ok=True)
