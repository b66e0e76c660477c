"""`presence demo`: a company to try everything with, its conversations, and what to tell about it."""

from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from settings import Settings


@click.command()
def demo() -> None:
    """Make the demo company, unless it is there, and show its logins."""
    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores
    from storage.postgres.migrate import migrate

    with told_in_one_line(), stores(settings.load()) as (complete, _):
        migrate(complete.database_url)
        told = make_demo_company(complete)
    click.echo("\n".join(told))


def make_demo_company(settings: "Settings") -> list[str]:
    """Makes the company unless it is there; returns aligned lines about its logins, and a new switch's token."""
    import asyncio

    from cli import demo_conversations
    from cli.demo_company import PASSWORD, create, shown_logins

    company = asyncio.run(create(settings.database_url))
    asyncio.run(demo_conversations.create(settings.database_url))
    logins = shown_logins()
    width = max(len(each.login) for each in logins)
    lines = [f"{each.login:{width}}  {PASSWORD}  {each.name}, {each.role}" for each in logins]
    if company:
        # Told once: only its hash is kept.
        lines += ["", f"A telephone switch reports as '{company.switch}' with the token {company.switch_token}"]
    return lines
