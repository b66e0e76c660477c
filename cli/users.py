"""`presence users`: people of a domain from a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from accounts.importing import PlannedUser
    from storage.postgres.pool import Connection
    from wire.identity import DomainId


@click.group()
def users() -> None:
    """Add people to a domain.

    Works on DATABASE_URL, or on the embedded servers.
    """


@users.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--domain", required=True, help="To which domain they belong; it has to exist.")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="How the letters of the file are written.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
def import_users(file: Path, domain: str, encoding: str, dry_run: bool) -> None:
    """Add the users of a CSV file, all of them or, if the file has a fault, none.

    Columns: extension and first_name, and if you like login_name, last_name, department, site, job_title, email, scope,
    time_zone, caller_id, emergency_caller_id, area_code, list_in_directory, announce_in_directory. Users have neither
    password nor PIN at first.
    """
    import asyncio

    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores
    from wire.errors import Conflict, NotFound
    from wire.identity import DomainId

    try:
        text = file.read_text(encoding=encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise click.ClickException(f"{file.name} is not {encoding}: {error}") from error
    with told_in_one_line(), stores(settings.load()) as (complete, _):
        try:
            refused = asyncio.run(_import(complete.database_url, DomainId(domain.lower()), text, dry_run))
        except (NotFound, Conflict) as error:
            raise click.ClickException(error.message) from error
        except ValueError as error:
            raise click.ClickException(f"{file.name}: {error}") from error
    if refused:
        raise click.ClickException(f"{refused} rows are refused; nothing was added")


async def _import(database_url: str, domain: "DomainId", text: str, dry_run: bool) -> int:
    """How many rows are refused; then nothing is added."""
    from accounts.importing import UserOutcome, plan_users
    from storage.postgres.pool import open_pool, transaction

    pool = await open_pool(database_url, max_size=1)
    try:
        async with transaction(pool) as conn:
            taken = await conn.fetch(
                "SELECT extension, login_name FROM users WHERE domain_id = $1 AND deleted_at IS NULL", domain
            )
            sites = [row["site"] for row in await conn.fetch("SELECT site FROM sites WHERE domain_id = $1", domain)]
            planned = plan_users(text, [row["extension"] for row in taken], [row["login_name"] for row in taken], sites)
            refused = _report(planned)
            wanted = [each for each in planned if each.outcome is UserOutcome.CREATE]
            if not dry_run and not refused:
                await _add(conn, domain, wanted)
            verb = "would be added" if dry_run or refused else "were added"
            exist = sum(1 for each in planned if each.outcome is UserOutcome.EXISTS)
            click.echo(f"{len(wanted)} {verb}, {exist} exist already, {refused} refused")
            return refused
    finally:
        await pool.close()


async def _add(conn: "Connection", domain: "DomainId", wanted: "list[PlannedUser]") -> None:
    from msgspec import convert
    from rich.console import Console
    from rich.progress import track

    from storage.postgres.provisioning import NewUser, add_user_in_tx

    for each in track(wanted, "Adding users", console=Console(stderr=True)):
        await add_user_in_tx(conn, domain, convert(each.fields, NewUser))


def _report(planned: "list[PlannedUser]") -> int:
    from accounts.importing import UserOutcome

    for each in planned:
        if each.outcome is not UserOutcome.CREATE:
            click.echo(f"  line {each.line}\t{each.outcome}\t{each.reason}")
    return sum(1 for each in planned if each.outcome is UserOutcome.REFUSED)
