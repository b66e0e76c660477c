"""The command `presence`. Each subcommand lives in a file of its own and imports what it needs when it runs."""

import click

from cli.adapter import adapter
from cli.admin_key import admin_key
from cli.api_key import api_key
from cli.chat import chat
from cli.config import config
from cli.contacts import contacts
from cli.demo import demo
from cli.doctor import doctor
from cli.domain import domain
from cli.files import files
from cli.generate import generate
from cli.migrate import migrate
from cli.retention import retention
from cli.security import security
from cli.serve import serve
from cli.sign_on import hand_over, sign_on
from cli.simulate import simulate
from cli.site import site
from cli.sms import sms
from cli.source import source
from cli.user import user
from cli.users import users
from cli.webhook import webhook


def _show_version(context: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if wanted and not context.resilient_parsing:
        from connections.starting import server_version

        click.echo(server_version())
        context.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Show the version."
)
def main() -> None:
    """Real-time presence and chat for hosted telephone systems.

    Configured by environment variables; `presence config` shows them.
    """


for _command in (
    serve,
    migrate,
    demo,
    simulate,
    domain,
    site,
    source,
    contacts,
    users,
    adapter,
    webhook,
    user,
    retention,
    files,
    chat,
    config,
    doctor,
    generate,
    sms,
    security,
    api_key,
    admin_key,
    sign_on,
    hand_over,
):
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="presence")
