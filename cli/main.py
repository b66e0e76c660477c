"""The command `presence`. Each subcommand lives in a file of its own and imports what it needs when it runs."""

import click

from cli.config import config
from cli.demo import demo
from cli.generate import generate
from cli.migrate import migrate
from cli.serve import serve


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="presence-gateway", message="%(version)s")
def main() -> None:
    """Real-time presence and chat for hosted telephone systems.

    Configured by environment variables; `presence config` shows them.
    """


for _command in (serve, migrate, demo, config, generate):
    main.add_command(_command)


if __name__ == "__main__":
    main(prog_name="presence")
