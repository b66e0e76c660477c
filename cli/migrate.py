"""`presence migrate`: brings the schema up to date, before new gateways start."""

import click


@click.command()
def migrate() -> None:
    """Bring the database up to this version.

    Safe while older gateways serve, and when several start it at once. Uses DATABASE_URL, or the embedded server.
    """
    import settings
    from cli.failures import told_in_one_line
    from cli.stores import stores
    from storage.postgres.migrate import migrate as migrate_database

    with told_in_one_line():
        given = settings.load()
        if given.database_url:
            applied = migrate_database(given.database_url)
        else:
            with stores(given) as (complete, _):
                applied = migrate_database(complete.database_url)
    click.echo("\n".join(f"applied {revision}" for revision in applied) or "nothing to apply")
