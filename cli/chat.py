"""`presence chat`: conversations, for an operator who has been asked for one."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from storage.postgres.pool import Pool


@click.group()
def chat() -> None:
    """Conversations of a domain."""


@chat.command()
@click.argument("domain")
@click.argument("conversation", type=click.IntRange(1))
@click.option("--format", "form", type=click.Choice(["json", "text"]), default="json", show_default=True)
@click.option(
    "--output", type=click.Path(dir_okay=False, writable=True, path_type=Path), help="A file; else the screen."
)
def export(domain: str, conversation: int, form: str, output: Path | None) -> None:
    """Write all that is kept of a CONVERSATION of DOMAIN, and a line about it into the audit."""
    from cli.database import run_with_pool

    async def work(pool: "Pool") -> None:
        from chat.keeping.model import Format
        from chat.keeping.service import ExportService
        from storage.postgres.keeping import PostgresKeepingStore
        from wire.identity import ConversationId, DomainId

        store = PostgresKeepingStore(pool)
        where = DomainId(domain.lower()), ConversationId(conversation)
        about = await store.about(*where, None)
        await store.note_export(*where)
        with click.open_file(str(output or "-"), "wb") as file:
            async for part in ExportService(store).parts(where[0], about, None, Format(form)):
                file.write(part)

    run_with_pool(work)
