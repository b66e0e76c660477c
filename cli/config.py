"""`presence config`: the effective settings, fit to be pasted into a report."""

import click


@click.command()
def config() -> None:
    """Show the effective settings; secrets are masked."""
    import settings
    from cli.failures import told_in_one_line
    from cli.stores import data_folder

    with told_in_one_line():
        effective = settings.load()
    for variable, value in settings.describe(effective):
        click.echo(f"{variable}={value}")
    if effective.needs_embedded_servers:
        click.echo(
            f"# Without DATABASE_URL and REDIS_URL, embedded servers keep their data in {data_folder(effective)}"
        )
    for variable in settings.unknown_variables():
        click.echo(f"# {variable} is set, but is no setting", err=True)
