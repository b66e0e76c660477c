"""`presence contacts`: files of contacts in and out, as in the portal: previewed row by row, imported as a whole."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from contacts.imports.service import ImportService
    from contacts.listing import PeopleLists
    from contacts.people import Statuses
    from settings import Settings
    from storage.postgres.contacts import PostgresContactStore
    from wire.identity import Caller, DomainId
    from wire.imports import Import, ImportCorrection, ImportRow, NewImport

T = TypeVar("T")

FORMATS = ("vcard", "google", "outlook", "table")
_PIECE = 262_144
_LOOK_EVERY = 0.1


@click.group()
def contacts() -> None:
    """Import and export contacts.

    Works on DATABASE_URL and REDIS_URL, or on the embedded servers; portals that are open see the changes at once.
    """


@contacts.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--domain", required=True, help="Whose contacts.")
@click.option("--user", default="", help="Into the own contacts of the user with this extension, not the shared ones.")
@click.option("--format", "kind", type=click.Choice(FORMATS), help="What the file is; recognised if not given.")
@click.option("--encoding", help="How its letters are written, such as cp1252; recognised if not given.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--all", "show_all", is_flag=True, help="Report every row, not only those with something to say.")
def import_contacts(
    file: Path, domain: str, user: str, kind: str | None, encoding: str | None, dry_run: bool, show_all: bool
) -> None:
    """Import a vCard file, or a CSV file of Google, Outlook or a spreadsheet."""
    from wire.imports import ImportCorrection, NewImport

    async def work(imports: "ImportService", _: "PeopleLists", caller: "Caller") -> "Import":
        new = NewImport(name=file.name, shared=not user)
        correction = ImportCorrection(format=kind, encoding=encoding)
        return await _import(imports, caller, file, new, correction, dry_run, show_all)

    done = _run(domain, user, work)
    if done.status == "failed":
        raise click.ClickException(done.problem)


@contacts.command("export")
@click.option("--domain", required=True, help="Whose contacts.")
@click.option("--user", default="", help="As the user with this extension sees them.")
@click.option("--group", default="shared", show_default=True, help="Such as shared, mine, coworkers, department:Sales.")
@click.option("--format", "kind", type=click.Choice(FORMATS[:3]), default="vcard", show_default=True)
@click.option("--output", "-o", type=click.Path(dir_okay=False, path_type=Path), help="Standard output if not given.")
def export_contacts(domain: str, user: str, group: str, kind: str, output: Path | None) -> None:
    """Export the people of a group as vCard, Google CSV or Outlook CSV."""
    from contacts.codecs.model import Format
    from contacts.imports.exporting import export

    async def work(_: "ImportService", lists: "PeopleLists", caller: "Caller") -> None:
        stream = await export(lists, caller, group, Format(kind))
        with click.open_file(str(output or "-"), "wb") as out:
            async for piece in stream:
                out.write(piece)

    _run(domain, user, work)


async def _import(
    imports: "ImportService",
    caller: "Caller",
    file: Path,
    new: "NewImport",
    correction: "ImportCorrection",
    dry_run: bool,
    show_all: bool,
) -> "Import":
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from wire.imports import ImportCorrection

    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:>3.0f}%"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console) as progress:
        bar = progress.add_task("Reading", total=1.0)
        shown = await imports.upload(caller, new, _pieces(file))
        if correction != ImportCorrection():
            shown = await imports.correct(caller, shown.id, correction)
        shown = await _follow(imports, caller, shown.id, lambda found: progress.update(bar, completed=found.progress))
        if shown.status == "ready":
            await _report(imports, caller, shown, show_all=show_all)
            if not dry_run and shown.counts.create + shown.counts.update:
                bar = progress.add_task("Importing", total=None)
                await imports.apply(caller, shown.id)
                shown = await _follow(imports, caller, shown.id, lambda _: None)
                progress.update(bar, total=1.0, completed=1.0)
    if shown.status != "applied":
        await imports.discard(caller, shown.id)
    _sum_up(shown)
    return shown


async def _follow(
    imports: "ImportService", caller: "Caller", import_id: str, look: "Callable[[Import], None]"
) -> "Import":
    """Until nothing goes on any more."""
    import asyncio

    while True:
        found = await imports.find(caller, import_id)
        look(found)
        if found.status not in ("reading", "applying"):
            return found
        await asyncio.sleep(_LOOK_EVERY)


async def _report(imports: "ImportService", caller: "Caller", shown: "Import", *, show_all: bool) -> None:
    from wire.imports import ImportRowsQuery

    sure = "" if shown.encoding_is_sure else " (a guess: --encoding corrects it)"
    click.echo(f"{shown.name}: {shown.format}, {shown.encoding}{sure}")
    after: str | None = None
    while True:
        page = await imports.rows_page(caller, shown.id, ImportRowsQuery(after=after, limit=100))
        for row in page.items:
            if show_all or row.problems or row.outcome in ("refused", "duplicate"):
                click.echo(_line(row))
        after = page.next
        if after is None:
            return


def _line(row: "ImportRow") -> str:
    contact = row.contact
    name = " ".join(filter(None, (contact.first_name, contact.last_name))) or contact.company if contact else ""
    said = [f"the same as row {row.same_as_row}"] if row.same_as_row else []
    said += [
        f"{each.field}: {'stays ' + each.before if each.kept else 'becomes ' + each.after}" for each in row.changes
    ]
    said += [" ".join(filter(None, (each.kind, each.field, each.detail))) for each in row.problems]
    return f"  row {row.row} (line {row.line})\t{row.outcome}\t{name}\t{'; '.join(said)}".rstrip()


def _sum_up(shown: "Import") -> None:
    counts = shown.counts
    verb = "were" if shown.status == "applied" else "would be"
    left = f", {counts.left} left as somebody changed them meanwhile" if counts.left else ""
    click.echo(
        f"{counts.create} {verb} created, {counts.update} {verb} added to, {counts.duplicate} are there already, "
        f"{counts.refused} refused{left}"
    )


async def _pieces(file: Path) -> AsyncIterator[bytes]:
    with file.open("rb") as opened:
        while piece := opened.read(_PIECE):
            yield piece


def _run(domain: str, user: str, work: "Callable[[ImportService, PeopleLists, Caller], Awaitable[T]]") -> T:
    import asyncio

    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores
    from wire.errors import Refused, Unavailable

    with told_in_one_line(), stores(settings.load()) as (complete, _):
        try:
            return asyncio.run(_with_services(complete, domain.lower(), user, work))
        except Unavailable:
            raise
        except Refused as refused:
            raise click.ClickException(refused.message) from refused


async def _with_services(
    complete: "Settings", domain: str, user: str, work: "Callable[[ImportService, PeopleLists, Caller], Awaitable[T]]"
) -> T:
    from contextlib import AsyncExitStack

    from assembly.contacts import CONTACT_RIGHTS
    from contacts.imports.service import ImportService
    from contacts.listing import PeopleLists
    from contacts.service import ContactService
    from storage.postgres.contact_imports import PostgresImportStore
    from storage.postgres.contacts import PostgresContactStore
    from storage.postgres.people import PostgresPeopleStore
    from storage.postgres.pool import open_pool
    from storage.redis.bus import RedisBus
    from storage.redis.client import make_client, make_subscriber_client
    from wire.identity import DomainId, GatewayId

    async with AsyncExitStack() as stack:
        pool = await open_pool(complete.database_url)
        stack.push_async_callback(pool.close)
        client, subscriber = make_client(complete.redis_url), make_subscriber_client(complete.redis_url)
        stack.push_async_callback(client.aclose)
        stack.push_async_callback(subscriber.aclose)
        # Only tells: nobody is connected to a command.
        bus = RedisBus(client, subscriber, GatewayId("command-line"))
        store = PostgresContactStore(pool)
        teller = ContactService(store, bus, CONTACT_RIGHTS)
        imports = ImportService(PostgresImportStore(pool), store, bus, CONTACT_RIGHTS, teller)
        stack.push_async_callback(imports.close)
        lists = PeopleLists(store, PostgresPeopleStore(pool), CONTACT_RIGHTS, _NobodySeen())
        return await work(imports, lists, await _caller(store, DomainId(domain), user))


async def _caller(store: "PostgresContactStore", domain: "DomainId", user: str) -> "Caller":
    """Who acts: an operator, in whose hands is everything, or in the name of a user. Raises `NotFound`."""
    from wire.errors import NotFound
    from wire.identity import Caller, Extension, Scope, SessionId, UserId

    await store.country(domain)  # there is such a domain
    found = UserId(0)
    if user:
        entry = await store.coworker_at(domain, Extension(user))
        if entry is None:
            raise NotFound(f"There is no user {user} in {domain}")
        found = entry.coworker.user
    return Caller(domain, found, Extension(user), Scope.SUPER_USER, SessionId("command-line"))


class _NobodySeen:
    """Presence is the gateways' matter. Implements `contacts.listing.StatusReader`."""

    async def statuses(self, caller: "Caller") -> "Statuses":  # noqa: ARG002 - as the Protocol has it
        return {}
