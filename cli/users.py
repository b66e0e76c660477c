"""`presence users`: people of a domain from a file."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cli.administering import Administration, administer_there, as_json, tell

if TYPE_CHECKING:
    from wire.administration import UsersImported


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
@as_json
def import_users(file: Path, domain: str, encoding: str, dry_run: bool, as_json: bool) -> None:
    """Add the users of a CSV file, all of them or, if the file has a fault, none.

    Columns: extension and first_name, and if you like login_name, last_name, department, site, job_title, email, scope,
    time_zone, language, caller_id, emergency_caller_id, area_code, list_in_directory, announce_in_directory. Users have
    neither password nor PIN at first.
    """
    import msgspec

    try:
        text = file.read_text(encoding=encoding)
    except (UnicodeDecodeError, LookupError) as error:
        raise click.ClickException(f"{file.name} is not {encoding}: {error}") from error

    async def work(administration: Administration) -> "UsersImported":
        return await administration.users.import_file(administration.caller, text, dry_run=dry_run)

    imported = administer_there(domain, work)
    if not as_json:
        for row in imported.rows:
            click.echo(f"  line {row.line}\t{row.outcome}\t{row.reason}")
    verb = "were added" if imported.applied else "would be added"
    sentence = f"{imported.create} {verb}, {imported.exist} exist already, {imported.refused} refused"
    tell(msgspec.to_builtins(imported), sentence, json_wanted=as_json)
    if imported.refused:
        raise click.ClickException(f"{imported.refused} rows are refused; nothing was added")
